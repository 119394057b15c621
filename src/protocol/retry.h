/* When to send again: pure functions of a policy (protocol.md, Timers and retry). */
#ifndef PROTOCOL_RETRY_H
#define PROTOCOL_RETRY_H

#include <stdbool.h>
#include <stdint.h>

enum retry_backoff { BACKOFF_CONSTANT, BACKOFF_LINEAR, BACKOFF_EXPONENTIAL };

enum retry_jitter { JITTER_NONE, JITTER_COAP, JITTER_FULL, JITTER_EQUAL, JITTER_DECORRELATED };

struct retry_policy {
    uint64_t timeout_ns;        /* T: of the first try; 0 = no timer at all (a broker's default) */
    uint64_t cap_ns;            /* no backoff value above it; TIME_NEVER = no cap */
    unsigned tries;             /* sends in all, the first included: 1..99 */
    uint32_t factor_milli;      /* F of the exponential backoff, in thousandths: 2000 = doubling */
    enum retry_backoff backoff; /* how the waits grow */
    enum retry_jitter jitter;   /* how they are spread */
};

/* Backoff value b_k after send number `try` (from 1), in ns: constant T, linear T*k, exponential
 * T*F^(k-1) rounded down, never above cap_ns; saturates at TIME_NEVER - 1. */
uint64_t retry_backoff_ns(const struct retry_policy *policy, unsigned try);

/* Wait w_k after send number `try` (from 1) before the next send or the end, in ns. `previous_ns`
 * is the wait before (any value for the first try); `random` is 64 uniform bits, keyed by (seed,
 * client, n, try). U(a, b) takes in both ends: `random` 0 gives a, all ones give b. JITTER_COAP
 * doubles whatever the backoff says. Never below T, even where the cap is; TIME_NEVER if T is 0;
 * saturates at TIME_NEVER - 1. Sources: RFC 7252 section 4.2 (coap); Brooker 2015, "Exponential
 * backoff and jitter" (full, equal, decorrelated). */
uint64_t retry_wait_ns(const struct retry_policy *policy, unsigned try, uint64_t previous_ns,
                       uint64_t random);

/* Whether that wait depends on `random`: if not, nothing need be drawn for it. */
static inline bool retry_is_random(const struct retry_policy *policy, unsigned try)
{
    return policy->jitter != JITTER_NONE && (policy->jitter != JITTER_COAP || try == 1);
}

/* The longest the whole schedule can take, from the first send to the end of the last wait, in ns:
 * what a deadline is when none is given (before it is limited to 600 s). TIME_NEVER if T is 0;
 * saturates at TIME_NEVER - 1. */
uint64_t retry_span_max_ns(const struct retry_policy *policy);

/* The shortest that it can take. TIME_NEVER if T is 0; saturates at TIME_NEVER - 1. */
uint64_t retry_span_min_ns(const struct retry_policy *policy);

#endif
