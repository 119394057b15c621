#include "verdict/tally.h"

#include "base/time.h"
#include "harness.h"

static void nothing_has_no_latency(void)
{
    struct latency *latency;

    CU_ASSERT_EQUAL_FATAL(latency_init(&latency), 0);
    CU_ASSERT_EQUAL(latency_count(latency), 0);
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 0.5), UINT64_MAX);
    CU_ASSERT_EQUAL(latency_mean_ns(latency), UINT64_MAX);
    CU_ASSERT_EQUAL(latency_min_ns(latency), UINT64_MAX);
    CU_ASSERT_EQUAL(latency_max_ns(latency), UINT64_MAX);
    latency_free(latency);
}

static void a_quantile_is_the_nearest_rank(void)
{
    struct latency *latency;

    CU_ASSERT_EQUAL_FATAL(latency_init(&latency), 0);
    for (uint64_t value = 10; value >= 1; value--) {
        latency_add(latency, value * 100);
    }
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 0.5), 500);
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 0.51), 600);
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 0.9), 900);
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 0.99), 1000);
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 1), 1000);
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 1e-9), 100);
    CU_ASSERT_EQUAL(latency_mean_ns(latency), 550);
    CU_ASSERT_EQUAL(latency_min_ns(latency), 100);
    CU_ASSERT_EQUAL(latency_max_ns(latency), 1000);
    latency_free(latency);
}

static void the_p99_of_a_hundred_is_the_ninety_ninth(void)
{
    struct latency *latency;

    CU_ASSERT_EQUAL_FATAL(latency_init(&latency), 0);
    for (uint64_t value = 1; value <= 100; value++) {
        latency_add(latency, value);
    }
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 0.99), 99);
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 0.9), 90);
    latency_add(latency, 101);
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 0.99), 100);
    latency_free(latency);
}

static void a_value_added_after_a_question_counts_in_the_next(void)
{
    struct latency *latency;

    CU_ASSERT_EQUAL_FATAL(latency_init(&latency), 0);
    latency_add(latency, 30);
    latency_add(latency, 20);
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 0.5), 20);
    latency_add(latency, 10);
    latency_add(latency, 5);
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 0.5), 10);
    latency_free(latency);
}

static void a_hundred_thousand_are_exact(void)
{
    struct latency *latency;

    CU_ASSERT_EQUAL_FATAL(latency_init(&latency), 0);
    for (uint64_t i = 0; i < LATENCY_EXACT_MAX; i++) {
        latency_add(latency, NS_PER_MS + i * 7919 % LATENCY_EXACT_MAX);
    }
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 0.5), NS_PER_MS + 49999);
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 0.99), NS_PER_MS + 98999);
    latency_free(latency);
}

static bool is_within_a_thousandth(uint64_t measured, uint64_t exact)
{
    uint64_t gap = measured > exact ? measured - exact : exact - measured;
    return gap * 1000 <= exact;
}

static void more_are_counted_in_buckets_less_than_a_thousandth_wide(void)
{
    struct latency *latency;
    uint64_t count = 3 * LATENCY_EXACT_MAX;

    CU_ASSERT_EQUAL_FATAL(latency_init(&latency), 0);
    for (uint64_t i = 1; i <= count; i++) {
        latency_add(latency, i * NS_PER_US);
    }
    CU_ASSERT_EQUAL(latency_count(latency), count);
    CU_ASSERT(is_within_a_thousandth(latency_quantile_ns(latency, 0.5), count / 2 * NS_PER_US));
    CU_ASSERT(
        is_within_a_thousandth(latency_quantile_ns(latency, 0.9), count / 10 * 9 * NS_PER_US));
    CU_ASSERT(
        is_within_a_thousandth(latency_quantile_ns(latency, 0.99), count / 100 * 99 * NS_PER_US));
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 1), count * NS_PER_US);
    CU_ASSERT_EQUAL(latency_min_ns(latency), NS_PER_US);
    CU_ASSERT_EQUAL(latency_max_ns(latency), count * NS_PER_US);
    CU_ASSERT_EQUAL(latency_mean_ns(latency), (count + 1) * NS_PER_US / 2);
    latency_free(latency);
}

static void small_and_huge_latencies_keep_their_buckets(void)
{
    struct latency *latency;

    CU_ASSERT_EQUAL_FATAL(latency_init(&latency), 0);
    for (uint64_t i = 0; i < LATENCY_EXACT_MAX; i++) {
        latency_add(latency, 3);
    }
    for (uint64_t i = 0; i < LATENCY_EXACT_MAX; i++) {
        latency_add(latency, UINT64_C(1) << 60);
    }
    CU_ASSERT_EQUAL(latency_quantile_ns(latency, 0.5), 3);
    CU_ASSERT(latency_quantile_ns(latency, 0.51) > 86400 * NS_PER_S);
    CU_ASSERT_EQUAL(latency_max_ns(latency), UINT64_C(1) << 60);
    CU_ASSERT_EQUAL(latency_mean_ns(latency), (UINT64_C(1) << 59) + 1);
    latency_free(latency);
}

/* `count` latencies of 1, 2, 3 ... us. */
static struct latency *latency_of_first(uint64_t count)
{
    struct latency *latency;

    CU_ASSERT_EQUAL_FATAL(latency_init(&latency), 0);
    for (uint64_t i = 1; i <= count; i++) {
        latency_add(latency, i * NS_PER_US);
    }
    return latency;
}

static void the_sum_of_two_has_the_latencies_of_both(void)
{
    static const uint64_t sizes[] = {10, LATENCY_EXACT_MAX + 10};

    for (size_t a = 0; a < 2; a++) {
        for (size_t b = 0; b < 2; b++) {
            struct latency *one = latency_of_first(sizes[a]);
            struct latency *other = latency_of_first(sizes[b]);
            uint64_t larger = sizes[a] > sizes[b] ? sizes[a] : sizes[b];
            latency_merge(one, other);
            CU_ASSERT_EQUAL(latency_count(one), sizes[a] + sizes[b]);
            CU_ASSERT_EQUAL(latency_min_ns(one), NS_PER_US);
            CU_ASSERT_EQUAL(latency_max_ns(one), larger * NS_PER_US);
            CU_ASSERT_EQUAL(latency_quantile_ns(one, 1), larger * NS_PER_US);
            latency_free(one);
            latency_free(other);
        }
    }
}

static void a_histogram_counts_from_its_lower_end_to_before_its_upper(void)
{
    struct latency *exact = latency_of_first(10);
    struct latency *bucketed = latency_of_first(2 * LATENCY_EXACT_MAX);
    uint64_t middle = LATENCY_EXACT_MAX * NS_PER_US;

    CU_ASSERT_EQUAL(latency_count_between(exact, 0, 3 * NS_PER_US), 2);
    CU_ASSERT_EQUAL(latency_count_between(exact, 3 * NS_PER_US, TIME_NEVER), 8);
    CU_ASSERT_EQUAL(latency_count_between(bucketed, 0, middle) +
                        latency_count_between(bucketed, middle, TIME_NEVER),
                    2 * LATENCY_EXACT_MAX);
    CU_ASSERT(
        is_within_a_thousandth(latency_count_between(bucketed, 0, middle), LATENCY_EXACT_MAX));
    latency_free(exact);
    latency_free(bucketed);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(nothing_has_no_latency),
        HARNESS_TEST(a_quantile_is_the_nearest_rank),
        HARNESS_TEST(the_p99_of_a_hundred_is_the_ninety_ninth),
        HARNESS_TEST(a_value_added_after_a_question_counts_in_the_next),
        HARNESS_TEST(a_hundred_thousand_are_exact),
        HARNESS_TEST(more_are_counted_in_buckets_less_than_a_thousandth_wide),
        HARNESS_TEST(small_and_huge_latencies_keep_their_buckets),
        HARNESS_TEST(the_sum_of_two_has_the_latencies_of_both),
        HARNESS_TEST(a_histogram_counts_from_its_lower_end_to_before_its_upper),
    };
    return harness_run("verdict/latency", tests, HARNESS_COUNT(tests));
}
