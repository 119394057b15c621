#include "protocol/retry.h"

#include "base/prng.h"
#include "base/time.h"
#include "harness.h"

#define S  NS_PER_S
#define MS NS_PER_MS

/* A policy without cap or jitter that doubles. */
static struct retry_policy doubling(uint64_t timeout_ns, unsigned tries)
{
    return (struct retry_policy){.timeout_ns = timeout_ns,
                                 .cap_ns = TIME_NEVER,
                                 .tries = tries,
                                 .factor_milli = 2000,
                                 .backoff = BACKOFF_EXPONENTIAL,
                                 .jitter = JITTER_NONE};
}

/* Checks the instants of each send (in ms, `count` of them) and of the giving-up, with the same
 * `random` for every draw; the deadline always wins. */
static void check_schedule(const struct retry_policy *policy, uint64_t deadline_ns, uint64_t random,
                           const uint64_t *send_ms, unsigned count, uint64_t end_ms)
{
    uint64_t now_ns = 0;
    uint64_t wait_ns = 0;
    unsigned sent = 0;

    while (sent < policy->tries && now_ns < deadline_ns) {
        CU_ASSERT_FATAL(sent < count);
        CU_ASSERT_EQUAL(now_ns, send_ms[sent] * MS);
        sent++;
        wait_ns = retry_wait_ns(policy, sent, wait_ns, random);
        now_ns = time_add(now_ns, wait_ns);
    }
    CU_ASSERT_EQUAL(sent, count);
    CU_ASSERT_EQUAL(time_min(now_ns, deadline_ns), end_ms * MS);
}

/* ---- golden schedules of protocol.md ---- */

static void coap_waits_between_62_and_93_seconds(void)
{
    static const uint64_t smallest[] = {0, 2000, 6000, 14000, 30000};
    static const uint64_t largest[] = {0, 3000, 9000, 21000, 45000};
    struct retry_policy policy = doubling(2 * S, 5);

    policy.jitter = JITTER_COAP;
    check_schedule(&policy, TIME_NEVER, 0, smallest, 5, 62000);
    check_schedule(&policy, TIME_NEVER, UINT64_MAX, largest, 5, 93000);
    CU_ASSERT_EQUAL(retry_span_max_ns(&policy), 93 * S); /* MAX_TRANSMIT_WAIT, RFC 7252 4.8.2 */
    CU_ASSERT_EQUAL(retry_span_min_ns(&policy), 62 * S);
}

static void sip_sends_a_non_invite_eleven_times_in_32_seconds(void)
{
    static const uint64_t sends[] = {0,     500,   1500,  3500,  7500, 11500,
                                     15500, 19500, 23500, 27500, 31500};
    struct retry_policy policy = doubling(500 * MS, 99);

    policy.cap_ns = 4 * S;
    check_schedule(&policy, 32 * S, 0, sends, 11, 32000); /* timer F, 64 * T1 */
}

static void radius_without_randomness_gives_up_after_30_seconds(void)
{
    static const uint64_t sends[] = {0, 2000, 6000, 14000};
    struct retry_policy policy = doubling(2 * S, 5); /* MRC 5, MRT 16, MRD 30: RFC 5080 2.2.1 */

    policy.cap_ns = 16 * S;
    check_schedule(&policy, 30 * S, 0, sends, 4, 30000); /* no send at the deadline */
    policy.tries = 4;
    CU_ASSERT_EQUAL(retry_span_max_ns(&policy), 30 * S);
}

static void the_lazy_pirate_tries_three_times(void)
{
    static const uint64_t sends[] = {0, 2500, 5000};
    struct retry_policy policy = doubling(2500 * MS, 3);

    policy.backoff = BACKOFF_CONSTANT;
    check_schedule(&policy, TIME_NEVER, 0, sends, 3, 7500);
    CU_ASSERT_EQUAL(retry_span_max_ns(&policy), 7500 * MS);
}

static void a_dns_stub_asks_twice(void)
{
    static const uint64_t sends[] = {0, 5000};
    struct retry_policy policy = doubling(5 * S, 2);

    policy.backoff = BACKOFF_CONSTANT;
    check_schedule(&policy, TIME_NEVER, 0, sends, 2, 10000);
}

static void the_default_client_gives_up_after_15_5_seconds(void)
{
    static const uint64_t sends[] = {0, 500, 1500, 3500, 7500};
    struct retry_policy policy = doubling(500 * MS, 5);

    check_schedule(&policy, TIME_NEVER, 0, sends, 5, 15500);
    CU_ASSERT_EQUAL(retry_span_max_ns(&policy), 15500 * MS);
}

/* ---- backoff ---- */

static void each_backoff_grows_in_its_way(void)
{
    struct retry_policy policy = doubling(100 * MS, 99);

    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 1), 100 * MS);
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 2), 200 * MS);
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 11), 102400 * MS);
    policy.backoff = BACKOFF_LINEAR;
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 1), 100 * MS);
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 2), 200 * MS);
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 99), 9900 * MS);
    policy.backoff = BACKOFF_CONSTANT;
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 1), 100 * MS);
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 99), 100 * MS);
}

static void a_factor_may_have_decimals(void)
{
    struct retry_policy policy = doubling(1 * S, 99);

    policy.factor_milli = 1500;
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 2), 1500 * MS);
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 3), 2250 * MS);
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 10), UINT64_C(38443359375)); /* 1.5^9 */
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 11), UINT64_C(57665039062)); /* rounded down */
    policy.factor_milli = 1100;
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 10), UINT64_C(2357947691)); /* 1.1^9 */
    policy.factor_milli = 1000;
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 99), 1 * S);
}

static void the_cap_bounds_every_backoff(void)
{
    struct retry_policy policy = doubling(60 * MS, 12);

    policy.cap_ns = 120 * MS;
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 1), 60 * MS);
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 2), 120 * MS);
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 12), 120 * MS);
    CU_ASSERT_EQUAL(retry_span_max_ns(&policy), (60 + 11 * 120) * MS);
    policy.backoff = BACKOFF_LINEAR;
    policy.cap_ns = 150 * MS;
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 2), 120 * MS);
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 3), 150 * MS);
}

static void enormous_values_stop_just_below_never(void)
{
    static const enum retry_jitter jitters[] = {JITTER_NONE, JITTER_COAP, JITTER_FULL, JITTER_EQUAL,
                                                JITTER_DECORRELATED};
    struct retry_policy policy = doubling(TIME_NEVER - 5, 99);
    size_t i;

    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 1), TIME_NEVER - 5);
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 2), TIME_NEVER - 1);
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 99), TIME_NEVER - 1);
    for (i = 0; i < HARNESS_COUNT(jitters); i++) {
        policy.jitter = jitters[i];
        CU_ASSERT_EQUAL(retry_wait_ns(&policy, 99, TIME_NEVER - 1, UINT64_MAX), TIME_NEVER - 1);
        CU_ASSERT_EQUAL(retry_span_max_ns(&policy), TIME_NEVER - 1);
    }
    policy = doubling(1, 99);
    policy.factor_milli = UINT32_MAX;
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 99), TIME_NEVER - 1);
    policy.backoff = BACKOFF_LINEAR;
    policy.timeout_ns = TIME_NEVER / 2;
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 3), TIME_NEVER - 1);
}

static void without_a_timeout_no_timer_ever_fires(void)
{
    struct retry_policy policy = doubling(0, 1);

    CU_ASSERT_EQUAL(retry_wait_ns(&policy, 1, 0, 0), TIME_NEVER);
    CU_ASSERT_EQUAL(retry_span_max_ns(&policy), TIME_NEVER);
}

static void without_jitter_the_first_wait_is_the_timeout_whatever_the_backoff_and_cap(void)
{
    static const uint64_t caps_ns[] = {0, 1, 199 * MS, 200 * MS, TIME_NEVER};
    struct retry_policy policy = doubling(200 * MS, 3);

    for (unsigned backoff = BACKOFF_CONSTANT; backoff <= BACKOFF_EXPONENTIAL; backoff++) {
        for (unsigned i = 0; i < HARNESS_COUNT(caps_ns); i++) {
            policy.backoff = (enum retry_backoff)backoff;
            policy.cap_ns = caps_ns[i];
            CU_ASSERT_EQUAL(retry_wait_ns(&policy, 1, 7 * S, UINT64_MAX), 200 * MS);
        }
    }
    policy.timeout_ns = TIME_NEVER;
    CU_ASSERT_EQUAL(retry_wait_ns(&policy, 1, 0, 0), TIME_NEVER - 1);
}

static void without_jitter_every_wait_is_the_backoff_but_not_below_the_timeout(void)
{
    static const uint64_t spans_ns[] = {1,     199 * MS,       200 * MS,
                                        3 * S, TIME_NEVER - 2, TIME_NEVER - 1};
    unsigned wrong = 0;

    for (unsigned i = 0; i < HARNESS_COUNT(spans_ns); i++) {
        for (unsigned k = 0; k < HARNESS_COUNT(spans_ns); k++) {
            for (unsigned backoff = BACKOFF_CONSTANT; backoff <= BACKOFF_EXPONENTIAL; backoff++) {
                struct retry_policy policy = doubling(spans_ns[i], 5);
                policy.cap_ns = spans_ns[k];
                policy.backoff = (enum retry_backoff)backoff;
                for (unsigned try = 1; try <= 5; try++) {
                    uint64_t wait_ns = retry_backoff_ns(&policy, try);
                    wait_ns = wait_ns > spans_ns[i] ? wait_ns : spans_ns[i];
                    wrong += retry_wait_ns(&policy, try, 7 * S, UINT64_MAX) != wait_ns;
                }
            }
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void a_whole_factor_multiplies_as_one_with_decimals_does(void)
{
    struct retry_policy policy = doubling(7, 99);

    policy.factor_milli = 3000;
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 4), 189);
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 39), UINT64_C(9455962023710944623));
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 40), TIME_NEVER - 1);
    policy.factor_milli = 3001;
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 4), 189);
    policy.factor_milli = 999;
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 2), 6);
    policy.factor_milli = 0;
    CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 2), 0);
}

/* ---- jitter ---- */

/* One wait: the random bits that are asked, the wait before, and what must come out (in ms). */
struct jitter_case {
    unsigned try;
    uint64_t previous_ms;
    uint64_t random;
    uint64_t wait_ms;
};

#define ALL  UINT64_MAX
#define HALF (UINT64_C(1) << 63)

static void check_waits(const struct retry_policy *policy, const struct jitter_case *cases,
                        size_t count)
{
    size_t i;
    for (i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(
            retry_wait_ns(policy, cases[i].try, cases[i].previous_ms * MS, cases[i].random),
            cases[i].wait_ms * MS);
    }
}

static void without_jitter_the_random_bits_change_nothing(void)
{
    static const struct jitter_case cases[] = {
        {1, 0, 0, 100}, {1, 9, ALL, 100}, {3, 7, HALF, 400}, {4, 7, ALL, 800}};
    struct retry_policy policy = doubling(100 * MS, 5);

    check_waits(&policy, cases, HARNESS_COUNT(cases));
}

static void coap_jitter_spreads_the_first_wait_and_doubles_from_there(void)
{
    static const struct jitter_case cases[] = {
        {1, 0, 0, 100},     {1, 0, HALF, 125},  {1, 999, ALL, 150},
        {2, 120, 0, 240},   {2, 120, ALL, 240}, /* the draw is for the first alone */
        {3, 240, HALF, 480}};
    static const struct jitter_case capped[] = {
        {1, 0, ALL, 140}, {2, 130, 0, 140}, {3, 140, 0, 140}};
    struct retry_policy policy = doubling(100 * MS, 5);

    policy.jitter = JITTER_COAP;
    check_waits(&policy, cases, HARNESS_COUNT(cases));
    policy.backoff = BACKOFF_CONSTANT; /* doubling is of the jitter, not of the backoff */
    check_waits(&policy, cases, HARNESS_COUNT(cases));
    policy.cap_ns = 140 * MS;
    check_waits(&policy, capped, HARNESS_COUNT(capped));
}

static void full_jitter_adds_up_to_a_whole_backoff_to_the_timeout(void)
{
    static const struct jitter_case cases[] = {{1, 0, 0, 100}, {1, 0, HALF, 150}, {1, 0, ALL, 200},
                                               {3, 0, 0, 100}, {3, 0, HALF, 300}, {3, 0, ALL, 500}};
    struct retry_policy policy = doubling(100 * MS, 5);

    policy.jitter = JITTER_FULL;
    check_waits(&policy, cases, HARNESS_COUNT(cases));
    CU_ASSERT_EQUAL(retry_span_max_ns(&policy), (5 * 100 + 3100) * MS);
}

static void equal_jitter_keeps_half_of_the_backoff_but_never_waits_below_the_timeout(void)
{
    static const struct jitter_case cases[] = {
        {1, 0, 0, 100}, {1, 0, HALF, 100}, {1, 0, ALL, 100}, /* 50..100, but not below 100 */
        {2, 0, 0, 100}, {2, 0, HALF, 150}, {2, 0, ALL, 200},
        {4, 0, 0, 400}, {4, 0, HALF, 600}, {4, 0, ALL, 800}};
    struct retry_policy policy = doubling(100 * MS, 5);

    policy.jitter = JITTER_EQUAL;
    check_waits(&policy, cases, HARNESS_COUNT(cases));
    CU_ASSERT_EQUAL(retry_span_max_ns(&policy), 3100 * MS);
}

static void decorrelated_jitter_reaches_to_three_times_the_wait_before(void)
{
    static const struct jitter_case cases[] = {
        {1, 0, 0, 100},   {1, 0, HALF, 200},   {1, 9999, ALL, 300}, /* as if T had been before */
        {2, 300, 0, 100}, {2, 300, HALF, 500}, {2, 300, ALL, 900},  {3, 100, ALL, 300}};
    static const struct jitter_case capped[] = {
        {2, 300, 0, 100}, {2, 300, HALF, 400}, {2, 300, ALL, 400}};
    struct retry_policy policy = doubling(100 * MS, 5);

    policy.jitter = JITTER_DECORRELATED;
    check_waits(&policy, cases, HARNESS_COUNT(cases));
    CU_ASSERT_EQUAL(retry_span_max_ns(&policy), (300 + 900 + 2700 + 8100 + 24300) * MS);
    policy.cap_ns = 400 * MS;
    check_waits(&policy, capped, HARNESS_COUNT(capped));
    CU_ASSERT_EQUAL(retry_span_max_ns(&policy), (300 + 4 * 400) * MS);
}

static void every_whole_nanosecond_is_equally_likely(void)
{
    /* A timeout of 4 ns and full jitter on the third try: 4 + 0..16, seventeen values. */
    struct retry_policy policy = doubling(4, 5);
    unsigned seen[21] = {0};
    uint64_t wait_ns;
    unsigned i;

    policy.jitter = JITTER_FULL;
    for (i = 0; i < 17 * 1024; i++) { /* the middles of equal parts of the random bits */
        wait_ns = retry_wait_ns(&policy, 3, 0, UINT64_MAX / (17 * 1024) * i + UINT64_MAX / 34816);
        CU_ASSERT_FATAL(wait_ns >= 4 && wait_ns <= 20);
        seen[wait_ns]++;
    }
    for (i = 4; i <= 20; i++) {
        CU_ASSERT_EQUAL(seen[i], 1024);
    }
}

static void a_wait_is_random_exactly_where_its_random_bits_count(void)
{
    struct retry_policy policy = doubling(2 * S, 5);

    for (unsigned jitter = JITTER_NONE; jitter <= JITTER_DECORRELATED; jitter++) {
        policy.jitter = (enum retry_jitter)jitter;
        for (unsigned try = 1; try <= policy.tries; try++) {
            uint64_t least_ns = retry_wait_ns(&policy, try, 2 * S, 0);
            uint64_t most_ns = retry_wait_ns(&policy, try, 2 * S, UINT64_MAX);
            /* b_1 / 2 to b_1 is below T, and no wait is. */
            bool hidden = policy.jitter == JITTER_EQUAL && try == 1;
            CU_ASSERT_EQUAL(retry_is_random(&policy, try) && !hidden, least_ns != most_ns);
        }
    }
}

static void no_wait_is_below_the_timeout_or_above_its_bound(void)
{
    static const enum retry_jitter jitters[] = {JITTER_NONE, JITTER_COAP, JITTER_FULL, JITTER_EQUAL,
                                                JITTER_DECORRELATED};
    static const enum retry_backoff backoffs[] = {BACKOFF_CONSTANT, BACKOFF_LINEAR,
                                                  BACKOFF_EXPONENTIAL};
    unsigned wrong = 0;
    uint64_t i;

    for (i = 0; i < 30000; i++) {
        struct retry_policy policy = {.timeout_ns = 1 + prng_below(prng_draw(1, i), S),
                                      .cap_ns = i % 4 == 0 ? TIME_NEVER
                                                           : prng_below(prng_draw(2, i), 2 * S),
                                      .tries = 12,
                                      .factor_milli = 1000 + (uint32_t)(i % 3000),
                                      .backoff = backoffs[i % 3],
                                      .jitter = jitters[i % 5]};
        uint64_t span_ns = 0;
        uint64_t wait_ns = 0;
        unsigned try;
        for (try = 1; try <= 12; try++) {
            wait_ns = retry_wait_ns(&policy, try, wait_ns, prng_draw(prng_draw(3, i), try));
            wrong += wait_ns < policy.timeout_ns;
            wrong += policy.cap_ns >= policy.timeout_ns && policy.jitter != JITTER_FULL &&
                     wait_ns > policy.cap_ns;
            span_ns = time_add(span_ns, wait_ns);
        }
        wrong += span_ns > retry_span_max_ns(&policy);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(coap_waits_between_62_and_93_seconds),
    HARNESS_TEST(sip_sends_a_non_invite_eleven_times_in_32_seconds),
    HARNESS_TEST(radius_without_randomness_gives_up_after_30_seconds),
    HARNESS_TEST(the_lazy_pirate_tries_three_times),
    HARNESS_TEST(a_dns_stub_asks_twice),
    HARNESS_TEST(the_default_client_gives_up_after_15_5_seconds),
    HARNESS_TEST(each_backoff_grows_in_its_way),
    HARNESS_TEST(a_factor_may_have_decimals),
    HARNESS_TEST(the_cap_bounds_every_backoff),
    HARNESS_TEST(enormous_values_stop_just_below_never),
    HARNESS_TEST(without_a_timeout_no_timer_ever_fires),
    HARNESS_TEST(without_jitter_the_first_wait_is_the_timeout_whatever_the_backoff_and_cap),
    HARNESS_TEST(without_jitter_every_wait_is_the_backoff_but_not_below_the_timeout),
    HARNESS_TEST(a_whole_factor_multiplies_as_one_with_decimals_does),
    HARNESS_TEST(without_jitter_the_random_bits_change_nothing),
    HARNESS_TEST(coap_jitter_spreads_the_first_wait_and_doubles_from_there),
    HARNESS_TEST(full_jitter_adds_up_to_a_whole_backoff_to_the_timeout),
    HARNESS_TEST(equal_jitter_keeps_half_of_the_backoff_but_never_waits_below_the_timeout),
    HARNESS_TEST(decorrelated_jitter_reaches_to_three_times_the_wait_before),
    HARNESS_TEST(every_whole_nanosecond_is_equally_likely),
    HARNESS_TEST(a_wait_is_random_exactly_where_its_random_bits_count),
    HARNESS_TEST(no_wait_is_below_the_timeout_or_above_its_bound),
};

int main(void)
{
    return harness_run("protocol/retry", tests, HARNESS_COUNT(tests));
}
