#include "harness.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "report/sweep.h"
#include "world/sweep.h"

/* Twenty requests a seed, at 10 % loss on every hop. */
#define LOSSY                                                                                      \
    "world virtual\n"                                                                              \
    "network loss 10% delay 2ms 1ms\n"                                                             \
    "clients 4 timeout 60ms tries 12 cap 120ms\n"                                                  \
    "  send 5 toupper \"hello\"\n"

/* A sweep of a text over the seeds 1..last, to be changed by the test. */
static struct sweep_config config_of(const char *text, uint64_t last)
{
    return (struct sweep_config){.path = "test.txt",
                                 .bytes = text,
                                 .size = strlen(text),
                                 .first = 1,
                                 .last = last,
                                 .shard = 1,
                                 .shard_count = 1,
                                 .jobs = 2,
                                 .max_failures = 10};
}

static struct pool sweep_of(const struct sweep_config *config)
{
    struct sweep_effort effort;
    struct pool pool;
    char error[RUN_ERROR_MAX] = "";
    int status = sweep_run(config, &pool, &effort, error);

    if (status != 0) {
        printf("%s\n", error);
        exit(EXIT_FAILURE);
    }
    return pool;
}

/* The sweep as --json, without what depends on the clock; to be freed. */
static char *json_of(const struct pool *pool)
{
    struct report_sweep sweep = {
        .path = "test.txt", .version = "1", .fingerprint = "00", .pool = pool};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    CU_ASSERT(report_sweep_json(out, &sweep));
    fclose(out);
    return text;
}

static void assert_same(const struct pool *a, const struct pool *b)
{
    char *left = json_of(a);
    char *right = json_of(b);

    CU_ASSERT_STRING_EQUAL(left, right);
    free(left);
    free(right);
}

static void the_result_does_not_depend_on_the_number_of_jobs(void)
{
    struct sweep_config config = config_of(LOSSY "expect answered = 100%\n"
                                                 "expect tries ~ theory\n"
                                                 "expect tries <= 38\n",
                                           60);
    static const uint32_t jobs[] = {2, 5, 60};

    config.jobs = 1;
    struct pool one = sweep_of(&config);
    CU_ASSERT_EQUAL(one.done, 60);
    CU_ASSERT(one.failure_count > 0 && one.failure_count < 10);
    for (unsigned i = 0; i < 3; i++) {
        config.jobs = jobs[i];
        struct pool many = sweep_of(&config);
        assert_same(&one, &many);
        pool_free(&many);
    }
    pool_free(&one);
}

static void shards_together_are_the_whole(void)
{
    struct sweep_config config = config_of(LOSSY "expect tries ~ theory\n"
                                                 "expect tries <= 38\n",
                                           50);
    struct pool whole = sweep_of(&config);
    struct pool shards[3];

    for (uint32_t i = 0; i < 3; i++) {
        config.shard = i + 1;
        config.shard_count = 3;
        CU_ASSERT_EQUAL(sweep_seed_count(&config), i < 2 ? 17 : 16);
        shards[i] = sweep_of(&config);
        CU_ASSERT(pool_is_alike(&whole, &shards[i]));
        CU_ASSERT(pool_overlaps(&whole, &shards[i]));
    }
    CU_ASSERT(!pool_overlaps(&shards[0], &shards[1]));
    CU_ASSERT_EQUAL(pool_merge(&shards[2], &shards[0]), 0);
    CU_ASSERT_EQUAL(pool_merge(&shards[2], &shards[1]), 0);
    pool_judge(&shards[2]);
    CU_ASSERT(whole.failure_count > 0);
    CU_ASSERT_EQUAL(shards[2].range_count, 3);
    shards[2].range_count = 1; /* the one thing in which they may differ */
    shards[2].ranges[0] = whole.ranges[0];
    assert_same(&shards[2], &whole);
    pool_free(&whole);
    for (uint32_t i = 0; i < 3; i++) {
        pool_free(&shards[i]);
    }
}

static uint64_t sum_of(const uint64_t *counts, size_t count)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        sum += counts[i];
    }
    return sum;
}

/* Here replies are late, and one request of each client asks for what no server does. */
static void what_is_counted_by_code_and_reason_adds_up_to_the_metrics(void)
{
    struct sweep_config config = config_of("world virtual\n"
                                           "network loss 10% delay 2ms 1ms\n"
                                           "clients 4 timeout 8ms tries 4\n"
                                           "  send 5 toupper \"hello\"\n"
                                           "  send 1 weird \"hello\"\n",
                                           20);
    struct pool pool = sweep_of(&config);
    const struct pool_counts *counts = &pool.counts;

    CU_ASSERT_EQUAL(counts->metrics[METRIC_REQUESTS], 20 * 24);
    CU_ASSERT_EQUAL(counts->replies[tally_code_index(200)], counts->metrics[METRIC_ANSWERED]);
    CU_ASSERT(counts->replies[tally_code_index(404)] >= counts->errors[tally_code_index(404)]);
    CU_ASSERT(counts->errors[tally_code_index(404)] > 0);
    CU_ASSERT_EQUAL(sum_of(counts->errors, TALLY_CODES), counts->metrics[METRIC_ERROR]);
    CU_ASSERT(counts->rejected[REJECT_LATE] > 0);
    CU_ASSERT_EQUAL(sum_of(counts->rejected, REJECT_REASON_COUNT),
                    counts->metrics[METRIC_REJECTED]);
    CU_ASSERT(counts->lost[LOSS_LOSS] > 0);
    CU_ASSERT_EQUAL(counts->lost[LOSS_LOSS], counts->metrics[METRIC_LOST]);
    CU_ASSERT_EQUAL(sum_of(counts->lost, LOSS_REASON_COUNT), counts->metrics[METRIC_LOST]);
    pool_free(&pool);
}

static void a_sweep_ends_at_its_last_allowed_failure_whatever_the_jobs(void)
{
    struct sweep_config config = config_of(LOSSY "expect tries <= 33\n", 1000);
    uint64_t third;

    config.max_failures = 3;
    config.jobs = 1;
    struct pool one = sweep_of(&config);
    CU_ASSERT_EQUAL_FATAL(one.failure_count, 3);
    third = one.failures[2].seed;
    CU_ASSERT(one.stopped);
    CU_ASSERT_EQUAL(one.done, third); /* every seed up to it, and no other */
    CU_ASSERT_EQUAL(one.status, 1);
    CU_ASSERT_STRING_EQUAL(one.expectations[0].text, "tries <= 33");
    CU_ASSERT_EQUAL(one.expectations[0].failed, 3);
    config.jobs = 7;
    struct pool many = sweep_of(&config);
    assert_same(&one, &many);
    pool_free(&many);

    config.last = third; /* now it is the end in any case: nothing was left out */
    struct pool exact = sweep_of(&config);
    CU_ASSERT(!exact.stopped);
    CU_ASSERT_EQUAL(exact.done, third);
    pool_free(&exact);
    pool_free(&one);
}

static void a_failure_says_what_failed_first(void)
{
    struct sweep_config config =
        config_of("world virtual\nclient c1\n  send toupper \"a\"\nexpect answered = 1\n"
                  "expect \"no\" tries = 2\nexpect tries = 3\n",
                  1);
    struct pool pool = sweep_of(&config);

    CU_ASSERT_EQUAL_FATAL(pool.failure_count, 1);
    CU_ASSERT_EQUAL(pool.failures[0].seed, 1);
    CU_ASSERT_EQUAL(pool.failures[0].status, 1);
    CU_ASSERT_STRING_EQUAL(pool.failures[0].why, "line 5: tries = 2 (1)");
    pool_free(&pool);
}

static void a_probability_is_judged_over_all_seeds_together(void)
{
    /* 13 % is within what chance makes of one seed, and far from what it makes of 200. */
    struct sweep_config config = config_of(LOSSY "expect lost of clients -> broker ~ 10%\n"
                                                 "expect lost of clients -> broker ~ 13%\n"
                                                 "expect answered = 100%\n",
                                           200);
    struct pool pool = sweep_of(&config);

    CU_ASSERT_EQUAL(pool.failure_count, 0);
    CU_ASSERT_EQUAL(pool.expectations[0].law, POOL_BINOMIAL);
    CU_ASSERT_EQUAL(pool.expectations[0].whole, pool.counts.metrics[METRIC_TRIES]);
    CU_ASSERT(pool.expectations[0].held);
    CU_ASSERT(!pool.expectations[1].held);
    CU_ASSERT(pool.expectations[1].part < pool.expectations[1].low);
    CU_ASSERT(pool.expectations[2].held);
    CU_ASSERT_EQUAL(pool.status, 1);
    pool_free(&pool);

    config.last = 1;
    pool = sweep_of(&config);
    CU_ASSERT_EQUAL(pool.status, 0);
    pool_free(&pool);
}

static void theory_is_judged_over_all_seeds_together(void)
{
    struct sweep_config config = config_of(LOSSY "expect tries ~ theory\n"
                                                 "expect sent of broker -> clients ~ theory\n"
                                                 "expect executions per request ~ theory\n"
                                                 "expect lost ~ theory\n",
                                           500);
    struct pool pool = sweep_of(&config);

    for (unsigned i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(pool.expectations[i].law, POOL_SUM);
        CU_ASSERT(pool.expectations[i].held);
    }
    /* 10,000 requests of 1.5242 tries each: within three in a hundred. */
    CU_ASSERT_EQUAL(pool.expectations[0].whole, 10000);
    CU_ASSERT(pool.expectations[0].low > 14780 && pool.expectations[0].low < 15242);
    CU_ASSERT(pool.expectations[0].high < 15700 && pool.expectations[0].high > 15242);
    CU_ASSERT_EQUAL(pool.status, 0);
    pool_free(&pool);
}

static void no_theory_is_held_against_runs_that_were_cut_short(void)
{
    struct sweep_config config = config_of("time-limit 50ms\n" LOSSY "expect tries ~ theory\n"
                                           "expect lost ~ 10%\n",
                                           20);
    struct pool pool = sweep_of(&config);
    char *text = json_of(&pool);

    CU_ASSERT(pool_is_cut_short(&pool));
    CU_ASSERT_EQUAL(pool.expectations[0].law, POOL_SUM); /* as in a shard that was not cut short */
    CU_ASSERT(!pool.expectations[0].held);
    CU_ASSERT(pool_is_refused(&pool.expectations[0]));
    CU_ASSERT_STRING_EQUAL(pool.expectations[0].why, "runs ended before their scripts did");
    CU_ASSERT(pool.expectations[1].held); /* what was sent was lost or not */
    CU_ASSERT(!pool_is_refused(&pool.expectations[1]));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"low\":null,\"high\":null,\"parts\":"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"why\":\"runs ended before their scripts did\""));
    free(text);
    pool_free(&pool);
}

static void a_failure_names_the_time_limit_that_made_it(void)
{
    struct sweep_config config = config_of("time-limit 50ms\n" LOSSY "expect answered = 100%\n", 1);
    struct pool pool = sweep_of(&config);

    CU_ASSERT_EQUAL_FATAL(pool.failure_count, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(pool.failures[0].why, "; the time limit of 50ms was reached"));
    pool_free(&pool);
}

static void a_share_that_a_memory_decides_is_refused_over_all_seeds_too(void)
{
    struct sweep_config config = config_of(LOSSY "link broker -> clients loss 10% 50%\n"
                                                 "expect lost of broker -> clients ~ 10%\n"
                                                 "expect lost of clients -> broker ~ 10%\n",
                                           20);
    struct pool pool = sweep_of(&config);

    CU_ASSERT_EQUAL(pool.expectations[0].law, POOL_REFUSED);
    CU_ASSERT(!pool.expectations[0].held);
    CU_ASSERT_PTR_NOT_NULL(strstr(pool.expectations[0].why, "has a memory (line 5)"));
    CU_ASSERT_EQUAL(pool.expectations[1].law, POOL_BINOMIAL);
    CU_ASSERT(pool.expectations[1].held);
    CU_ASSERT_EQUAL(pool.status, 1);
    pool_free(&pool);
}

static void the_seeds_of_a_sweep_are_the_runs_of_these_seeds(void)
{
    struct sweep_config config = config_of(LOSSY, 3);
    struct pool pool = sweep_of(&config);
    uint64_t tries = 0;

    for (uint64_t seed = 1; seed <= 3; seed++) {
        config.first = config.last = seed;
        struct pool alone = sweep_of(&config);
        tries += alone.counts.metrics[METRIC_TRIES];
        pool_free(&alone);
    }
    CU_ASSERT_EQUAL(pool.counts.metrics[METRIC_REQUESTS], 60);
    CU_ASSERT_EQUAL(pool.counts.metrics[METRIC_TRIES], tries);
    CU_ASSERT_EQUAL(pool.spreads[POOL_TRIES].count, 3);
    pool_free(&pool);
}

static void a_shard_may_have_no_seeds(void)
{
    struct sweep_config config = config_of(LOSSY "expect tries ~ theory\n", 2);

    config.shard = 3;
    config.shard_count = 4;
    CU_ASSERT_EQUAL(sweep_seed_count(&config), 0);
    struct pool pool = sweep_of(&config);
    CU_ASSERT_EQUAL(pool.done, 0);
    CU_ASSERT(pool.passed);
    pool_free(&pool);
}

static void the_last_of_all_seeds_can_be_swept(void)
{
    struct sweep_config config = config_of(LOSSY, 0);

    config.first = UINT64_MAX - 2;
    config.last = UINT64_MAX;
    struct pool pool = sweep_of(&config);
    CU_ASSERT_EQUAL(pool.done, 3);
    CU_ASSERT_EQUAL(pool.ranges[0].first, UINT64_MAX - 2);
    pool_free(&pool);
}

static void the_real_world_and_wrong_scenarios_are_refused(void)
{
    struct sweep_config real = config_of("client c1\n  send toupper \"a\"\n", 5);
    struct sweep_config wrong = config_of("world virtual\nclinet c1\n", 5);
    struct sweep_effort effort;
    struct pool pool;
    char error[RUN_ERROR_MAX] = "";

    CU_ASSERT_EQUAL(sweep_run(&real, &pool, &effort, error), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "real world"));
    CU_ASSERT_EQUAL(sweep_run(&wrong, &pool, &effort, error), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "test.txt:2:1: error"));
    real.overrides.world_given = true;
    real.overrides.world = WORLD_VIRTUAL;
    pool = sweep_of(&real);
    CU_ASSERT_EQUAL(pool.done, 5);
    pool_free(&pool);
}

static void a_signal_ends_the_sweep_with_all_seeds_up_to_one(void)
{
    struct sweep_config config = config_of(LOSSY, UINT64_C(1000000000));
    sigset_t blocked;
    sigset_t before;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    raise(SIGTERM);
    struct pool pool = sweep_of(&config);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    CU_ASSERT_EQUAL(pool.signal, SIGTERM);
    CU_ASSERT_EQUAL(pool.status, 128 + SIGTERM);
    CU_ASSERT(!pool.passed);
    CU_ASSERT(pool.done < 1000000000);
    CU_ASSERT(pool.done == 0 || (pool.range_count == 1 && pool.ranges[0].count == pool.done));
    pool_free(&pool);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(the_result_does_not_depend_on_the_number_of_jobs),
        HARNESS_TEST(shards_together_are_the_whole),
        HARNESS_TEST(what_is_counted_by_code_and_reason_adds_up_to_the_metrics),
        HARNESS_TEST(a_sweep_ends_at_its_last_allowed_failure_whatever_the_jobs),
        HARNESS_TEST(a_failure_says_what_failed_first),
        HARNESS_TEST(a_probability_is_judged_over_all_seeds_together),
        HARNESS_TEST(theory_is_judged_over_all_seeds_together),
        HARNESS_TEST(no_theory_is_held_against_runs_that_were_cut_short),
        HARNESS_TEST(a_failure_names_the_time_limit_that_made_it),
        HARNESS_TEST(a_share_that_a_memory_decides_is_refused_over_all_seeds_too),
        HARNESS_TEST(the_seeds_of_a_sweep_are_the_runs_of_these_seeds),
        HARNESS_TEST(a_shard_may_have_no_seeds),
        HARNESS_TEST(the_last_of_all_seeds_can_be_swept),
        HARNESS_TEST(the_real_world_and_wrong_scenarios_are_refused),
        HARNESS_TEST(a_signal_ends_the_sweep_with_all_seeds_up_to_one),
    };

    return harness_run("world/sweep", tests, HARNESS_COUNT(tests));
}
