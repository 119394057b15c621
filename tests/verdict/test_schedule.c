#include "harness.h"

#include "base/time.h"
#include "verdict/schedule.h"

static struct retry_policy schedule_policy(enum retry_backoff backoff, enum retry_jitter jitter)
{
    return (struct retry_policy){.timeout_ns = 100 * NS_PER_MS,
                                 .cap_ns = TIME_NEVER,
                                 .tries = 8,
                                 .factor_milli = 2000,
                                 .backoff = backoff,
                                 .jitter = jitter};
}

static void without_jitter_the_longest_wait_is_the_backoff(void)
{
    struct retry_policy constant = schedule_policy(BACKOFF_CONSTANT, JITTER_NONE);
    struct retry_policy linear = schedule_policy(BACKOFF_LINEAR, JITTER_NONE);
    struct retry_policy doubling = schedule_policy(BACKOFF_EXPONENTIAL, JITTER_NONE);

    CU_ASSERT_EQUAL(schedule_wait_max_ns(&constant, 5), 100 * NS_PER_MS);
    CU_ASSERT_EQUAL(schedule_wait_max_ns(&linear, 5), 500 * NS_PER_MS);
    CU_ASSERT_EQUAL(schedule_wait_max_ns(&doubling, 5), 1600 * NS_PER_MS);
    doubling.cap_ns = 700 * NS_PER_MS;
    CU_ASSERT_EQUAL(schedule_wait_max_ns(&doubling, 3), 400 * NS_PER_MS);
    CU_ASSERT_EQUAL(schedule_wait_max_ns(&doubling, 5), 700 * NS_PER_MS);
}

static void jitter_may_wait_longer_each_in_its_own_way(void)
{
    struct retry_policy coap = schedule_policy(BACKOFF_CONSTANT, JITTER_COAP);
    struct retry_policy full = schedule_policy(BACKOFF_EXPONENTIAL, JITTER_FULL);
    struct retry_policy decorrelated = schedule_policy(BACKOFF_CONSTANT, JITTER_DECORRELATED);

    CU_ASSERT_EQUAL(schedule_wait_max_ns(&coap, 1), 150 * NS_PER_MS);
    CU_ASSERT_EQUAL(schedule_wait_max_ns(&coap, 4), 1200 * NS_PER_MS);
    CU_ASSERT_EQUAL(schedule_wait_max_ns(&full, 3), 500 * NS_PER_MS);
    CU_ASSERT_EQUAL(schedule_wait_max_ns(&decorrelated, 1), 300 * NS_PER_MS);
    CU_ASSERT_EQUAL(schedule_wait_max_ns(&decorrelated, 3), 2700 * NS_PER_MS);
}

static void a_cap_below_the_timeout_leaves_the_timeout(void)
{
    struct retry_policy policy = schedule_policy(BACKOFF_EXPONENTIAL, JITTER_NONE);

    policy.cap_ns = 30 * NS_PER_MS;
    CU_ASSERT_EQUAL(schedule_wait_max_ns(&policy, 1), 100 * NS_PER_MS);
    CU_ASSERT_EQUAL(schedule_wait_max_ns(&policy, 7), 100 * NS_PER_MS);
}

/* The largest draw at each try gives the longest wait: the bound is above it, and close. */
static void the_largest_draws_of_every_policy_come_within_a_microsecond_of_it(void)
{
    for (unsigned backoff = BACKOFF_CONSTANT; backoff <= BACKOFF_EXPONENTIAL; backoff++) {
        for (unsigned jitter = JITTER_NONE; jitter <= JITTER_DECORRELATED; jitter++) {
            struct retry_policy policy =
                schedule_policy((enum retry_backoff)backoff, (enum retry_jitter)jitter);
            uint64_t wait_ns = 0;
            policy.factor_milli = 1501;
            policy.timeout_ns = 33333333;
            for (unsigned try = 1; try <= 8; try++) {
                wait_ns = retry_wait_ns(&policy, try, wait_ns, UINT64_MAX);
                uint64_t most_ns = schedule_wait_max_ns(&policy, try);
                CU_ASSERT(wait_ns <= most_ns);
                CU_ASSERT(most_ns - wait_ns < NS_PER_US);
            }
        }
    }
}

static void what_is_too_long_to_be_told_is_never(void)
{
    struct retry_policy policy = schedule_policy(BACKOFF_EXPONENTIAL, JITTER_DECORRELATED);

    policy.timeout_ns = 600 * NS_PER_S;
    CU_ASSERT_EQUAL(schedule_wait_max_ns(&policy, 99), TIME_NEVER);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(without_jitter_the_longest_wait_is_the_backoff),
        HARNESS_TEST(jitter_may_wait_longer_each_in_its_own_way),
        HARNESS_TEST(a_cap_below_the_timeout_leaves_the_timeout),
        HARNESS_TEST(the_largest_draws_of_every_policy_come_within_a_microsecond_of_it),
        HARNESS_TEST(what_is_too_long_to_be_told_is_never),
    };

    return harness_run("verdict/schedule", tests, HARNESS_COUNT(tests));
}
