#include "verdict/schedule.h"

#include "base/time.h"

__extension__ typedef unsigned __int128 schedule_wide;

/* `span_ns` times milli / 1000, rounded up; TIME_NEVER stays. */
static uint64_t schedule_scale_ns(uint64_t span_ns, uint64_t milli)
{
    schedule_wide scaled = ((schedule_wide)span_ns * milli + 999) / 1000;

    return scaled < TIME_NEVER ? (uint64_t)scaled : TIME_NEVER;
}

/* What `first_ns` has become after try - 1 steps by the factor. */
static uint64_t schedule_grow_ns(uint64_t first_ns, uint64_t milli, unsigned try)
{
    for (unsigned k = 1; k < try && first_ns < TIME_NEVER; k++) {
        first_ns = schedule_scale_ns(first_ns, milli);
    }
    return first_ns;
}

/* The backoff value b_k without its cap. */
static uint64_t schedule_backoff_ns(const struct retry_policy *policy, unsigned try)
{
    switch (policy->backoff) {
    case BACKOFF_CONSTANT:
        return policy->timeout_ns;
    case BACKOFF_LINEAR:
        return schedule_scale_ns(policy->timeout_ns, UINT64_C(1000) * try);
    case BACKOFF_EXPONENTIAL:
        break;
    }
    return schedule_grow_ns(policy->timeout_ns, policy->factor_milli, try);
}

uint64_t schedule_wait_max_ns(const struct retry_policy *policy, unsigned try)
{
    uint64_t timeout_ns = policy->timeout_ns;
    uint64_t longest_ns = time_min(schedule_backoff_ns(policy, try), policy->cap_ns);

    switch (policy->jitter) {
    case JITTER_NONE:
    case JITTER_EQUAL:
        break;
    case JITTER_COAP: /* 1.5 T, doubled for each try */
        longest_ns = schedule_grow_ns(schedule_scale_ns(timeout_ns, 1500), 2000, try);
        longest_ns = time_min(longest_ns, policy->cap_ns);
        break;
    case JITTER_FULL:
        longest_ns = time_add(timeout_ns, longest_ns);
        break;
    case JITTER_DECORRELATED: /* three times the wait before, which is T before the first */
        longest_ns = schedule_grow_ns(schedule_scale_ns(timeout_ns, 3000), 3000, try);
        longest_ns = time_min(longest_ns, policy->cap_ns);
        break;
    }
    return longest_ns > timeout_ns ? longest_ns : timeout_ns; /* never below T */
}
