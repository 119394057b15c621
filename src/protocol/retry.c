#include "protocol/retry.h"

#include <assert.h>

#include "base/prng.h"
#include "base/time.h"

__extension__ typedef unsigned __int128 retry_wide;

/* The longest wait: one ns less than never. */
#define RETRY_WAIT_MAX_NS (TIME_NEVER - 1)

/* `span_ns`, but not more than the longest wait. */
static uint64_t retry_saturate_ns(retry_wide span_ns)
{
    return span_ns < RETRY_WAIT_MAX_NS ? (uint64_t)span_ns : RETRY_WAIT_MAX_NS;
}

/* The sum of two spans, saturated. */
static uint64_t retry_add_ns(uint64_t a_ns, uint64_t b_ns)
{
    return retry_saturate_ns((retry_wide)a_ns + b_ns);
}

/* A whole number of ns from min_ns to max_ns, both ends in (min_ns <= max_ns < TIME_NEVER). */
static uint64_t retry_between_ns(uint64_t random, uint64_t min_ns, uint64_t max_ns)
{
    return min_ns + prng_below(random, max_ns - min_ns + 1);
}

/* T * F^(try-1), saturated. In units of 2^-32 ns, so that a factor like 1.5 loses nothing. A whole
 * factor needs no division, which is slow of numbers so wide. */
static uint64_t retry_exponential_ns(const struct retry_policy *policy, unsigned try)
{
    retry_wide limit_q32 = (retry_wide)RETRY_WAIT_MAX_NS << 32;
    retry_wide value_q32 = (retry_wide)policy->timeout_ns << 32;
    uint32_t whole = policy->factor_milli / 1000;
    bool fraction = whole * 1000 != policy->factor_milli;
    unsigned k;

    for (k = 1; k < try && value_q32 < limit_q32; k++) {
        value_q32 = fraction ? value_q32 * policy->factor_milli / 1000 : value_q32 * whole;
    }
    return retry_saturate_ns(value_q32 >> 32);
}

uint64_t retry_backoff_ns(const struct retry_policy *policy, unsigned try)
{
    uint64_t backoff_ns = 0;

    assert(try >= 1);
    switch (policy->backoff) {
    case BACKOFF_CONSTANT:
        backoff_ns = retry_saturate_ns(policy->timeout_ns);
        break;
    case BACKOFF_LINEAR:
        backoff_ns = retry_saturate_ns((retry_wide)policy->timeout_ns * try);
        break;
    case BACKOFF_EXPONENTIAL:
        backoff_ns = retry_exponential_ns(policy, try);
        break;
    }
    return time_min(backoff_ns, policy->cap_ns);
}

/* retry_wait_ns of any send under any policy. By itself: only here is there room needed for it. */
static __attribute__((noinline)) uint64_t retry_wait_any_ns(const struct retry_policy *policy,
                                                            unsigned try, uint64_t previous_ns,
                                                            uint64_t random)
{
    uint64_t timeout_ns = retry_saturate_ns(policy->timeout_ns);

    if (timeout_ns == 0) {
        return TIME_NEVER;
    }
    uint64_t backoff_ns = retry_backoff_ns(policy, try);
    uint64_t wait_ns = 0;
    if (try == 1 || previous_ns < timeout_ns) {
        previous_ns = timeout_ns;
    }
    switch (policy->jitter) {
    case JITTER_NONE:
        wait_ns = backoff_ns;
        break;
    case JITTER_COAP:
        wait_ns = try == 1 ? retry_between_ns(random, timeout_ns,
                                              retry_add_ns(timeout_ns, timeout_ns / 2))
                           : retry_add_ns(previous_ns, previous_ns);
        wait_ns = time_min(wait_ns, policy->cap_ns);
        break;
    case JITTER_FULL:
        wait_ns = retry_add_ns(timeout_ns, retry_between_ns(random, 0, backoff_ns));
        break;
    case JITTER_EQUAL:
        wait_ns = retry_between_ns(random, backoff_ns / 2, backoff_ns);
        break;
    case JITTER_DECORRELATED:
        wait_ns =
            retry_between_ns(random, timeout_ns, retry_saturate_ns((retry_wide)previous_ns * 3));
        wait_ns = time_min(wait_ns, policy->cap_ns);
        break;
    }
    return wait_ns > timeout_ns ? wait_ns : timeout_ns;
}

uint64_t retry_wait_ns(const struct retry_policy *policy, unsigned try, uint64_t previous_ns,
                       uint64_t random)
{
    bool constant = try == 1 || policy->backoff == BACKOFF_CONSTANT;

    /* Whatever the cap is, for no wait is below T: most waits are such. */
    if (constant && policy->jitter == JITTER_NONE && policy->timeout_ns > 0 &&
        policy->timeout_ns < RETRY_WAIT_MAX_NS) {
        return policy->timeout_ns;
    }
    return retry_wait_any_ns(policy, try, previous_ns, random);
}

/* The whole schedule if every draw is the same: each wait is the longer, the larger its draw and
 * the wait before it. */
static uint64_t retry_span_ns(const struct retry_policy *policy, uint64_t random)
{
    uint64_t span_ns = 0;
    uint64_t wait_ns = 0;
    unsigned try;

    if (policy->timeout_ns == 0) {
        return TIME_NEVER;
    }
    for (try = 1; try <= policy->tries; try++) {
        wait_ns = retry_wait_ns(policy, try, wait_ns, random);
        span_ns = retry_add_ns(span_ns, wait_ns);
    }
    return span_ns;
}

uint64_t retry_span_max_ns(const struct retry_policy *policy)
{
    return retry_span_ns(policy, UINT64_MAX);
}

uint64_t retry_span_min_ns(const struct retry_policy *policy)
{
    return retry_span_ns(policy, 0);
}
