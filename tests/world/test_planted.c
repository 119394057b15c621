#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/scenario.h"
#include "world/planted.h"
#include "world/run.h"
#include "world/shrink.h"
#include "world/sweep.h"
#include "world/trial.h"

/* The promise of a defect that an expectation finds, or the time limit. */
#define NO_PROMISE PROMISE_COUNT

#define SEEDS_MAX  200
#define FAULTS_MAX 3

/* ---- scenarios --------------------------------------------------------------------------------
 */

static const char LOSSY[] = "world virtual\n"
                            "network loss 10% delay 2ms\n"
                            "clients 3 timeout 20ms tries 3 deadline 400ms\n"
                            "  send 10 toupper \"from {client}, number {n}\"\n";
static const char LOSSY_ECHO[] = "world virtual\n"
                                 "network loss 10% delay 2ms\n"
                                 "clients 3 timeout 20ms tries 3 deadline 400ms\n"
                                 "  send 10 echo \"from {client}, number {n}\"\n"
                                 "expect \"every reply is for its client\" rejected.stale = 0\n";
static const char LOSSY_CAP[] = "world virtual\n"
                                "network loss 10% delay 2ms\n"
                                "clients 3 timeout 20ms tries 3 cap 30ms deadline 400ms\n"
                                "  send 10 toupper \"from {client}, number {n}\"\n";
static const char SHORT_DEADLINE[] = "world virtual\n"
                                     "network loss 10% delay 2ms\n"
                                     "clients 3 timeout 20ms tries 4 deadline 35ms\n"
                                     "  send 10 toupper \"from {client}, number {n}\"\n";
static const char COPIES[] = "world virtual\n"
                             "network duplicate 10% delay 2ms\n"
                             "clients 3 timeout 20ms tries 3 window 2\n"
                             "  send 10 echo \"the same for all\"\n";
static const char NO_FAULTS[] = "world virtual\n"
                                "clients 3 timeout 20ms tries 3\n"
                                "  send 10 toupper \"from {client}, number {n}\"\n";
static const char FAULTS_AT_FIRST[] = "world virtual\n"
                                      "network delay 2ms\n"
                                      "at 0ms for 10ms network clear loss 20% delay 2ms\n"
                                      "clients 3 timeout 20ms tries 3 deadline 400ms\n"
                                      "  send 10 toupper \"from {client}, number {n}\"\n";

/* ---- the search -------------------------------------------------------------------------------
 */

static struct pool planted_sweep(const char *text)
{
    struct sweep_config config = {.path = "planted",
                                  .bytes = text,
                                  .size = strlen(text),
                                  .first = 1,
                                  .last = SEEDS_MAX,
                                  .shard = 1,
                                  .shard_count = 1,
                                  .jobs = 2,
                                  .max_failures = 1};
    struct sweep_effort effort;
    struct pool pool;
    char error[RUN_ERROR_MAX] = "";

    if (sweep_run(&config, &pool, &effort, error) != 0) {
        printf("%s\n", error);
        exit(EXIT_FAILURE);
    }
    return pool;
}

static struct scenario planted_parse(const char *text, uint64_t seed)
{
    struct scenario_overrides overrides = {.seed_given = seed != 0, .seed = seed};
    struct scenario_messages messages = {0};
    struct scenario scenario;

    if (!scenario_parse(&scenario, "planted", text, strlen(text), &overrides, &messages)) {
        printf("%s%s\n", text, messages.items[0].text);
        exit(EXIT_FAILURE);
    }
    scenario_messages_free(&messages);
    return scenario;
}

/* Whether the scenario breaks the promise; without one, whether it fails. */
static bool planted_breaks(const struct scenario *scenario, enum promise promise)
{
    struct run_options options = {.trace_off = false};
    struct verdict verdict;
    struct run_facts facts;
    char error[RUN_ERROR_MAX];

    if (run_scenario(scenario, &options, &verdict, &facts, error) != 0) {
        printf("%s\n", error);
        exit(EXIT_FAILURE);
    }
    bool breaks = promise == NO_PROMISE ? verdict.status == 1
                                        : verdict.promises[promise].verdict == PROMISE_BROKEN;
    verdict_free(&verdict);
    run_facts_free(&facts);
    return breaks;
}

/* The seed that the sweep finds the defect with; 0: it does not. */
static uint64_t planted_find(const char *text, enum planted defect, enum promise promise)
{
    uint64_t seed = 0;

    planted_defect = defect;
    struct pool pool = planted_sweep(text);
    if (pool.failure_count > 0) {
        seed = pool.failures[0].seed;
        CU_ASSERT_EQUAL(pool.failures[0].status, promise == NO_PROMISE ? 1 : 4);
    }
    pool_free(&pool);
    return seed;
}

/* Cuts the failing run down, and tries what is left by itself, with the defect and without. */
static void planted_shrink(const struct scenario *scenario, enum promise promise)
{
    struct shrink_options options = {.progress = NULL};
    struct shrink_result result;

    shrink_run(scenario, &options, &result);
    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT(result.faults_after <= FAULTS_MAX);
    CU_ASSERT(result.by_itself);
    CU_ASSERT(result.requests_after <= scenario->request_count);
    struct scenario shrunk = planted_parse(result.text, 0);
    CU_ASSERT(planted_breaks(&shrunk, promise));
    planted_defect = PLANTED_NOTHING;
    struct trial_failure failure;
    CU_ASSERT_EQUAL(trial_run(&shrunk, NULL, NULL, &failure), 0);
    CU_ASSERT_FALSE(failure.failed);
    if (getenv("PLANTED_SHOW") != NULL) {
        printf("%u of %u faults, %llu runs\n%s\n", result.faults_after, result.faults_before,
               (unsigned long long)result.runs, result.text);
    }
    scenario_free(&shrunk);
    free(result.text);
}

static void planted_check(enum planted defect, const char *text, enum promise promise)
{
    uint64_t seed = planted_find(text, defect, promise);
    CU_ASSERT_NOT_EQUAL_FATAL(seed, 0);
    struct scenario scenario = planted_parse(text, seed);
    CU_ASSERT(planted_breaks(&scenario, promise));
    planted_shrink(&scenario, promise);
    scenario_free(&scenario);
    planted_defect = PLANTED_NOTHING;
}

static void without_a_defect_the_same_seeds_are_clean(void)
{
    static const char *const TEXTS[] = {LOSSY,  LOSSY_ECHO, LOSSY_CAP,      SHORT_DEADLINE,
                                        COPIES, NO_FAULTS,  FAULTS_AT_FIRST};

    planted_defect = PLANTED_NOTHING;
    for (unsigned i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        struct pool pool = planted_sweep(TEXTS[i]);
        CU_ASSERT_EQUAL(pool.done, SEEDS_MAX);
        CU_ASSERT_EQUAL(pool.failure_count, 0);
        if (pool.failure_count > 0) {
            printf("clean, seed %llu: %s\n%s", (unsigned long long)pool.failures[0].seed,
                   pool.failures[0].why, TEXTS[i]);
        }
        pool_free(&pool);
    }
}

/* Scenarios that nobody has written for it find each defect as well. */
static void random_scenarios_find_every_defect_within_two_hundred_seeds(void)
{
    struct sweep_config config = {.path = "random",
                                  .first = 1,
                                  .last = SEEDS_MAX,
                                  .shard = 1,
                                  .shard_count = 1,
                                  .jobs = 2,
                                  .max_failures = 1};

    for (int defect = PLANTED_NOTHING; defect < PLANTED_COUNT; defect++) {
        struct sweep_effort effort;
        struct pool pool;
        char error[RUN_ERROR_MAX];
        planted_defect = (enum planted)defect;
        CU_ASSERT_EQUAL_FATAL(sweep_run(&config, &pool, &effort, error), 0);
        CU_ASSERT_EQUAL(pool.failure_count, defect == PLANTED_NOTHING ? 0 : 1);
        if ((pool.failure_count > 0) != (defect != PLANTED_NOTHING)) {
            printf("defect %d: %s\n", defect,
                   pool.failure_count > 0 ? pool.failures[0].why : "not found");
        }
        pool_free(&pool);
    }
    planted_defect = PLANTED_NOTHING;
}

/* ---- clients ----------------------------------------------------------------------------------
 */

static void a_client_that_takes_a_late_reply_for_the_next_request_is_found(void)
{
    planted_check(PLANTED_LATE_FOR_NEXT, COPIES, PROMISE_OWN_REPLY);
}

static void a_client_that_ends_a_request_twice_is_found(void)
{
    planted_check(PLANTED_ENDS_TWICE, LOSSY, PROMISE_ONE_OUTCOME);
}

static void a_client_that_gives_up_in_silence_is_found(void)
{
    planted_check(PLANTED_NEVER_ENDS, LOSSY, PROMISE_ONE_OUTCOME);
}

static void a_client_that_sends_one_try_too_many_is_found(void)
{
    planted_check(PLANTED_ONE_TRY_TOO_MANY, LOSSY, PROMISE_BUDGETS);
}

static void a_client_whose_timers_fire_early_is_found(void)
{
    planted_check(PLANTED_FIRES_EARLY, LOSSY, PROMISE_TIMERS);
}

static void a_client_that_sends_after_the_deadline_is_found(void)
{
    planted_check(PLANTED_FIRES_AFTER, SHORT_DEADLINE, PROMISE_TIMERS);
}

static void a_retry_that_ignores_its_cap_is_found(void)
{
    planted_check(PLANTED_IGNORES_CAP, LOSSY_CAP, PROMISE_BUDGETS);
}

static void a_retry_that_waits_half_as_long_is_found(void)
{
    planted_check(PLANTED_HALF_THE_WAIT, LOSSY_CAP, PROMISE_TIMERS);
}

static void a_client_that_forgets_its_timer_is_found_by_the_time_limit(void)
{
    planted_check(PLANTED_FORGETS_ITS_TIMER, LOSSY, NO_PROMISE);
}

/* ---- the broker -------------------------------------------------------------------------------
 */

static void a_broker_that_swaps_two_clients_replies_is_found(void)
{
    planted_check(PLANTED_SWAPS_REPLIES, LOSSY, PROMISE_RIGHT_TEXT);
}

static void a_broker_that_forgets_to_remove_an_entry_is_found(void)
{
    planted_check(PLANTED_FORGETS_ENTRY, COPIES, PROMISE_EMPTY_TABLES);
}

static void a_broker_that_relays_to_the_wrong_client_is_found_by_an_expectation(void)
{
    planted_check(PLANTED_WRONG_CLIENT, LOSSY_ECHO, NO_PROMISE);
}

static void a_broker_that_asks_the_wrong_server_is_found(void)
{
    planted_check(PLANTED_WRONG_SERVER, LOSSY, PROMISE_RIGHT_TEXT);
}

static void a_broker_that_makes_up_a_reply_is_found(void)
{
    planted_check(PLANTED_MAKES_UP_REPLY, LOSSY_ECHO, PROMISE_CAUSE);
}

static void a_broker_that_takes_no_second_try_is_found_once_the_faults_are_over(void)
{
    planted_check(PLANTED_IGNORES_RETRIES, FAULTS_AT_FIRST, PROMISE_LIVENESS);
}

/* ---- servers ----------------------------------------------------------------------------------
 */

static void a_server_that_executes_twice_what_it_got_once_is_found(void)
{
    planted_check(PLANTED_EXECUTES_TWICE, LOSSY, PROMISE_CAUSE);
}

static void a_server_that_answers_one_in_twenty_wrongly_is_found(void)
{
    planted_check(PLANTED_WRONG_TEXT, LOSSY, PROMISE_RIGHT_TEXT);
}

static void a_server_that_denies_what_it_has_executed_is_found(void)
{
    planted_check(PLANTED_DENIES, LOSSY, PROMISE_DEFINITE);
}

/* ---- the network ------------------------------------------------------------------------------
 */

static void a_link_that_delivers_what_it_lost_is_found(void)
{
    planted_check(PLANTED_DELIVERS_LOST, LOSSY, PROMISE_DROPPED_IS_GONE);
}

static void a_link_that_delivers_before_its_delay_is_found(void)
{
    planted_check(PLANTED_DELIVERS_EARLY, LOSSY, PROMISE_TIMERS);
}

static void a_link_that_counts_a_copy_it_did_not_make_is_found(void)
{
    planted_check(PLANTED_COPIES_NOTHING, COPIES, PROMISE_CONSERVATION);
}

static void a_link_that_loses_what_no_fault_is_for_is_found(void)
{
    planted_check(PLANTED_LOSES_UNPROVOKED, NO_FAULTS, PROMISE_QUIET);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(without_a_defect_the_same_seeds_are_clean),
        HARNESS_TEST(random_scenarios_find_every_defect_within_two_hundred_seeds),
        HARNESS_TEST(a_client_that_takes_a_late_reply_for_the_next_request_is_found),
        HARNESS_TEST(a_client_that_ends_a_request_twice_is_found),
        HARNESS_TEST(a_client_that_gives_up_in_silence_is_found),
        HARNESS_TEST(a_client_that_sends_one_try_too_many_is_found),
        HARNESS_TEST(a_client_whose_timers_fire_early_is_found),
        HARNESS_TEST(a_client_that_sends_after_the_deadline_is_found),
        HARNESS_TEST(a_retry_that_ignores_its_cap_is_found),
        HARNESS_TEST(a_retry_that_waits_half_as_long_is_found),
        HARNESS_TEST(a_client_that_forgets_its_timer_is_found_by_the_time_limit),
        HARNESS_TEST(a_broker_that_swaps_two_clients_replies_is_found),
        HARNESS_TEST(a_broker_that_forgets_to_remove_an_entry_is_found),
        HARNESS_TEST(a_broker_that_relays_to_the_wrong_client_is_found_by_an_expectation),
        HARNESS_TEST(a_broker_that_asks_the_wrong_server_is_found),
        HARNESS_TEST(a_broker_that_makes_up_a_reply_is_found),
        HARNESS_TEST(a_broker_that_takes_no_second_try_is_found_once_the_faults_are_over),
        HARNESS_TEST(a_server_that_executes_twice_what_it_got_once_is_found),
        HARNESS_TEST(a_server_that_answers_one_in_twenty_wrongly_is_found),
        HARNESS_TEST(a_server_that_denies_what_it_has_executed_is_found),
        HARNESS_TEST(a_link_that_delivers_what_it_lost_is_found),
        HARNESS_TEST(a_link_that_delivers_before_its_delay_is_found),
        HARNESS_TEST(a_link_that_counts_a_copy_it_did_not_make_is_found),
        HARNESS_TEST(a_link_that_loses_what_no_fault_is_for_is_found),
    };

    return harness_run("world/planted", tests, HARNESS_COUNT(tests));
}
