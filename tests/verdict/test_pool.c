#include "harness.h"

#include <string.h>

#include "verdict/pool.h"

static struct pool pool_of_range(uint64_t first, uint64_t step, uint64_t count)
{
    struct pool_range range = {.first = first, .step = step, .count = count};
    struct pool pool;

    CU_ASSERT_EQUAL_FATAL(pool_init(&pool, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(pool_add_range(&pool, &range), 0);
    return pool;
}

static bool ranges_overlap(struct pool_range a, struct pool_range b)
{
    struct pool left = pool_of_range(a.first, a.step, a.count);
    struct pool right = pool_of_range(b.first, b.step, b.count);
    bool overlap = pool_overlaps(&left, &right);

    CU_ASSERT_EQUAL(pool_overlaps(&right, &left), overlap);
    pool_free(&left);
    pool_free(&right);
    return overlap;
}

/* A seed of no expectations. */
static struct pool_sample sample_of(uint64_t seed, int status, const char *why)
{
    struct pool_sample sample = {.seed = seed, .ran = true, .status = status};

    strcpy(sample.why, why);
    sample.counts.metrics[METRIC_REQUESTS] = 10;
    sample.counts.metrics[METRIC_ANSWERED] = status == 0 ? 10 : 9;
    sample.values[POOL_ANSWERED] = status == 0 ? POOL_RATIO_ONE : POOL_RATIO_ONE / 10 * 9;
    sample.values[POOL_TRIES] = POOL_RATIO_ONE;
    sample.values[POOL_LATENCY_P50] = UINT64_MAX;
    sample.values[POOL_LATENCY_P99] = 5000000;
    return sample;
}

static void shards_of_one_sweep_have_no_seed_in_common(void)
{
    CU_ASSERT(!ranges_overlap((struct pool_range){1, 3, 100}, (struct pool_range){2, 3, 100}));
    CU_ASSERT(!ranges_overlap((struct pool_range){1, 3, 100}, (struct pool_range){3, 3, 100}));
    CU_ASSERT(ranges_overlap((struct pool_range){1, 3, 100}, (struct pool_range){1, 3, 100}));
}

static void ranges_of_different_steps_overlap_where_they_meet(void)
{
    /* 1, 4, 7, 10, 13, ... and 2, 6, 10, 14, ...: at 10, but not before. */
    CU_ASSERT(ranges_overlap((struct pool_range){1, 3, 4}, (struct pool_range){2, 4, 3}));
    CU_ASSERT(!ranges_overlap((struct pool_range){1, 3, 3}, (struct pool_range){2, 4, 3}));
    CU_ASSERT(!ranges_overlap((struct pool_range){1, 3, 4}, (struct pool_range){2, 4, 2}));
    /* Even and odd. */
    CU_ASSERT(!ranges_overlap((struct pool_range){0, 2, 1000}, (struct pool_range){1, 4, 1000}));
    CU_ASSERT(ranges_overlap((struct pool_range){1, 1, 10}, (struct pool_range){10, 1, 1}));
    CU_ASSERT(!ranges_overlap((struct pool_range){1, 1, 10}, (struct pool_range){11, 1, 10}));
}

static void seeds_at_the_end_of_the_numbers_do_not_wrap(void)
{
    CU_ASSERT(ranges_overlap((struct pool_range){UINT64_MAX - 6, 3, 3},
                             (struct pool_range){UINT64_MAX - 3, 1, 4}));
    CU_ASSERT(!ranges_overlap((struct pool_range){UINT64_MAX - 5, 3, 2},
                              (struct pool_range){0, 1, 1000}));
}

static void seeds_in_a_row_become_one_range(void)
{
    struct pool pool;

    CU_ASSERT_EQUAL_FATAL(pool_init(&pool, NULL), 0);
    for (uint64_t seed = 7; seed <= 19; seed += 4) {
        struct pool_sample sample = sample_of(seed, 0, "");
        CU_ASSERT_EQUAL(pool_add(&pool, &sample, 4), 0);
    }
    CU_ASSERT_EQUAL_FATAL(pool.range_count, 1);
    CU_ASSERT_EQUAL(pool.ranges[0].first, 7);
    CU_ASSERT_EQUAL(pool.ranges[0].step, 4);
    CU_ASSERT_EQUAL(pool.ranges[0].count, 4);
    pool_free(&pool);
}

static void failures_are_kept_with_their_reasons_and_decide_the_status(void)
{
    struct pool_sample good = sample_of(1, 0, "");
    struct pool_sample failed = sample_of(2, 1, "line 9: answered = 100% (9 of 10)");
    struct pool_sample broken = sample_of(3, 4, "promise own-reply: at 1ms: c1/2: a wrong id");
    struct pool pool;

    CU_ASSERT_EQUAL_FATAL(pool_init(&pool, NULL), 0);
    CU_ASSERT_EQUAL(pool_add(&pool, &good, 1), 0);
    pool_judge(&pool);
    CU_ASSERT(pool.passed);
    CU_ASSERT_EQUAL(pool_add(&pool, &failed, 1), 0);
    pool_judge(&pool);
    CU_ASSERT_EQUAL(pool.status, 1);
    CU_ASSERT_EQUAL(pool_add(&pool, &broken, 1), 0);
    pool_judge(&pool);
    CU_ASSERT_EQUAL(pool.status, 4);
    CU_ASSERT(!pool.passed);
    CU_ASSERT_EQUAL_FATAL(pool.failure_count, 2);
    CU_ASSERT_EQUAL(pool.failures[0].seed, 2);
    CU_ASSERT_STRING_EQUAL(pool.failures[1].why, "promise own-reply: at 1ms: c1/2: a wrong id");
    CU_ASSERT_EQUAL(pool.counts.metrics[METRIC_ANSWERED], 28);
    CU_ASSERT_EQUAL(pool.spreads[POOL_ANSWERED].count, 3);
    CU_ASSERT_EQUAL(pool.spreads[POOL_LATENCY_P50].count, 0);
    pool_free(&pool);
}

static void a_seed_that_could_not_be_run_counts_as_done_and_failed_alone(void)
{
    struct pool_sample sample;
    struct pool pool;

    CU_ASSERT_EQUAL_FATAL(pool_sample_init(&sample, 0), 0);
    CU_ASSERT_EQUAL_FATAL(pool_init(&pool, NULL), 0);
    pool_sample_refuse(&sample, 5, 3, "no memory for 12 nodes");
    CU_ASSERT_EQUAL(pool_add(&pool, &sample, 1), 0);
    pool_judge(&pool);
    CU_ASSERT_EQUAL(pool.done, 1);
    CU_ASSERT_EQUAL(pool.ran, 0);
    CU_ASSERT_EQUAL(pool.status, 3);
    CU_ASSERT_EQUAL(pool.spreads[POOL_ANSWERED].count, 0);
    pool_sample_free(&sample);
    pool_free(&pool);
}

static void merged_failures_are_in_order_of_seed(void)
{
    struct pool_sample sixth = sample_of(6, 1, "six");
    struct pool_sample third = sample_of(3, 1, "three");
    struct pool pool;
    struct pool other;

    CU_ASSERT_EQUAL_FATAL(pool_init(&pool, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(pool_init(&other, NULL), 0);
    CU_ASSERT_EQUAL(pool_add(&pool, &sixth, 2), 0);
    CU_ASSERT_EQUAL(pool_add(&other, &third, 2), 0);
    CU_ASSERT(pool_is_alike(&pool, &other));
    CU_ASSERT_EQUAL(pool_merge(&pool, &other), 0);
    CU_ASSERT_EQUAL_FATAL(pool.failure_count, 2);
    CU_ASSERT_STRING_EQUAL(pool.failures[0].why, "three");
    CU_ASSERT_STRING_EQUAL(pool.failures[1].why, "six");
    CU_ASSERT_EQUAL(pool.ranges[0].first, 3);
    CU_ASSERT_EQUAL(pool.done, 2);
    pool_free(&pool);
    pool_free(&other);
}

/* One part that was ended early, in whatever place, makes a whole that was. */
static void merged_with_one_that_was_cut_short_all_is(void)
{
    for (int first = 0; first <= 1; first++) {
        struct pool cut = pool_of_range(1, 2, 10);
        struct pool whole = pool_of_range(2, 2, 10);
        struct pool *pool = first == 1 ? &cut : &whole;
        cut.stopped = true;
        cut.signal = 2;
        CU_ASSERT_EQUAL(pool_merge(pool, first == 1 ? &whole : &cut), 0);
        CU_ASSERT(pool->stopped);
        CU_ASSERT_EQUAL(pool->signal, 2);
        pool_judge(pool);
        CU_ASSERT_EQUAL(pool->status, 130);
        pool_free(&cut);
        pool_free(&whole);
    }
}

static void the_worse_status_is_a_signal_then_2_3_4_1(void)
{
    static const int order[] = {0, 1, 4, 3, 2, 130};

    for (unsigned i = 0; i < 6; i++) {
        for (unsigned k = 0; k < 6; k++) {
            CU_ASSERT_EQUAL(pool_worse_status(order[i], order[k]), order[i > k ? i : k]);
        }
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(shards_of_one_sweep_have_no_seed_in_common),
        HARNESS_TEST(ranges_of_different_steps_overlap_where_they_meet),
        HARNESS_TEST(seeds_at_the_end_of_the_numbers_do_not_wrap),
        HARNESS_TEST(seeds_in_a_row_become_one_range),
        HARNESS_TEST(failures_are_kept_with_their_reasons_and_decide_the_status),
        HARNESS_TEST(a_seed_that_could_not_be_run_counts_as_done_and_failed_alone),
        HARNESS_TEST(merged_failures_are_in_order_of_seed),
        HARNESS_TEST(merged_with_one_that_was_cut_short_all_is),
        HARNESS_TEST(the_worse_status_is_a_signal_then_2_3_4_1),
    };

    return harness_run("verdict/pool", tests, HARNESS_COUNT(tests));
}
