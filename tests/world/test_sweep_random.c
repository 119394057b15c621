#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/scenario.h"
#include "world/run.h"
#include "world/swarm.h"
#include "world/sweep.h"

static struct pool random_sweep(uint64_t first, uint64_t last, uint32_t jobs)
{
    struct sweep_config config = {.path = "random",
                                  .first = first,
                                  .last = last,
                                  .shard = 1,
                                  .shard_count = 1,
                                  .jobs = jobs,
                                  .max_failures = 10};
    struct sweep_effort effort;
    struct pool pool;
    char error[RUN_ERROR_MAX] = "";
    int status = sweep_run(&config, &pool, &effort, error);

    if (status != 0) {
        printf("%s\n", error);
        exit(EXIT_FAILURE);
    }
    return pool;
}

static void random_scenarios_are_right_and_break_no_promise(void)
{
    struct pool pool = random_sweep(1, 500, 2);

    CU_ASSERT_EQUAL(pool.done, 500);
    CU_ASSERT_EQUAL(pool.ran, 500);
    CU_ASSERT_EQUAL(pool.failure_count, 0);
    for (uint64_t i = 0; i < pool.failure_count; i++) {
        printf("random seed %llu: %s\n", (unsigned long long)pool.failures[i].seed,
               pool.failures[i].why);
    }
    CU_ASSERT(pool.passed);
    CU_ASSERT(pool.counts.metrics[METRIC_REQUESTS] > 10000);
    pool_free(&pool);
}

static void random_seeds_give_the_same_whatever_the_jobs(void)
{
    struct pool one = random_sweep(1, 40, 1);
    struct pool four = random_sweep(1, 40, 4);

    CU_ASSERT_EQUAL(memcmp(&one.counts, &four.counts, sizeof one.counts), 0);
    CU_ASSERT_EQUAL(one.spreads[POOL_TRIES].point_count, four.spreads[POOL_TRIES].point_count);
    pool_free(&one);
    pool_free(&four);
}

/* One random scenario, run by itself. */
struct random_run {
    char text[SWARM_TEXT_MAX];
    struct scenario_messages messages;
    struct scenario scenario;
    struct verdict verdict;
    struct run_facts facts;
};

static void random_run_init(struct random_run *run, uint64_t seed)
{
    size_t size = swarm_write(seed, run->text);
    struct scenario_overrides overrides = {.seed_given = true, .seed = seed};
    struct run_options options = {0};
    char error[RUN_ERROR_MAX];

    run->messages = (struct scenario_messages){0};
    CU_ASSERT_TRUE_FATAL(
        scenario_parse(&run->scenario, "random", run->text, size, &overrides, &run->messages));
    CU_ASSERT_EQUAL_FATAL(run_scenario(&run->scenario, &options, &run->verdict, &run->facts, error),
                          0);
}

static void random_run_free(struct random_run *run)
{
    verdict_free(&run->verdict);
    run_facts_free(&run->facts);
    scenario_free(&run->scenario);
    scenario_messages_free(&run->messages);
}

/* The promises of the random scenario that were judged, a bit each. */
static unsigned random_judged(uint64_t seed)
{
    struct random_run run;
    unsigned judged = 0;

    random_run_init(&run, seed);
    for (unsigned promise = 0; promise < PROMISE_COUNT; promise++) {
        bool is_judged = run.verdict.promises[promise].verdict != PROMISE_NOT_JUDGED;
        judged |= is_judged ? 1u << promise : 0;
    }
    random_run_free(&run);
    return judged;
}

/* A promise that the storm always excuses would not be looked at. */
static void random_scenarios_have_every_promise_judged_often(void)
{
    unsigned judged[PROMISE_COUNT] = {0};

    for (uint64_t seed = 1; seed <= 200; seed++) {
        unsigned bits = random_judged(seed);
        for (unsigned promise = 0; promise < PROMISE_COUNT; promise++) {
            judged[promise] += bits >> promise & 1;
        }
    }
    CU_ASSERT(judged[PROMISE_QUIET] >= 10);
    CU_ASSERT(judged[PROMISE_LIVENESS] >= 40);
    CU_ASSERT(judged[PROMISE_DEFINITE] >= 40);
    CU_ASSERT(judged[PROMISE_RIGHT_TEXT] >= 150);
    CU_ASSERT_EQUAL(judged[PROMISE_CAUSE], 200);
}

static void a_random_seed_is_the_run_of_its_text(void)
{
    struct random_run run;
    double tries = 0;

    random_run_init(&run, 7);
    CU_ASSERT(verdict_metric(&run.verdict, &run.facts, METRIC_TRIES, &tries));
    struct pool pool = random_sweep(7, 7, 1);
    CU_ASSERT_EQUAL(pool.counts.metrics[METRIC_TRIES], (uint64_t)tries);
    CU_ASSERT_EQUAL(pool.counts.duration_ns, run.facts.duration_ns);
    pool_free(&pool);
    random_run_free(&run);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(random_scenarios_are_right_and_break_no_promise),
        HARNESS_TEST(random_seeds_give_the_same_whatever_the_jobs),
        HARNESS_TEST(random_scenarios_have_every_promise_judged_often),
        HARNESS_TEST(a_random_seed_is_the_run_of_its_text),
    };

    return harness_run("world/sweep_random", tests, HARNESS_COUNT(tests));
}
