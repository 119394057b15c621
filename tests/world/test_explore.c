#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/scenario.h"
#include "world/choices.h"
#include "world/explore.h"
#include "world/signals.h"

static const char TWO_REQUESTS[] = "world virtual\n"
                                   "network delay 1ms\n"
                                   "client c timeout 20ms tries 3\n"
                                   "  send 2 toupper \"number {n}\"\n"
                                   "expect answered = 100%\n";

static struct scenario explore_parse(const char *text)
{
    struct scenario_overrides overrides = {.seed_given = false};
    struct scenario_messages messages = {0};
    struct scenario scenario;

    if (!scenario_parse(&scenario, "explore", text, strlen(text), &overrides, &messages)) {
        printf("%s%s\n", text, messages.items[0].text);
        exit(EXIT_FAILURE);
    }
    scenario_messages_free(&messages);
    return scenario;
}

static struct explore_result explore_text(const char *text, uint32_t losses, uint64_t runs_max)
{
    struct explore_options options = {.losses = losses, .runs_max = runs_max};
    struct explore_result result;
    struct scenario scenario = explore_parse(text);

    explore_run(&scenario, &options, &result);
    scenario_free(&scenario);
    return result;
}

/* ---- every set of losses, one by one, without a tree and without pruning ----------------------
 */

#define BRUTE_SETS_MAX   20000
#define BRUTE_LOSSES_MAX 3

/* A set of losses, in an order that makes two equal sets look alike. */
struct brute_set {
    struct fault_choice losses[BRUTE_LOSSES_MAX];
    uint32_t count;
    bool real; /* all of them happened: none undid another */
};

struct brute {
    const struct scenario *scenario;
    struct brute_set *sets; /* the smallest first */
    uint32_t count;
    uint32_t failing_size; /* losses of the smallest set that fails; UINT32_MAX: none does */
    uint32_t positions[64];
    struct fault_choice sent[1000]; /* of the latest run: what was not lost */
    uint32_t sent_count;
    uint32_t lost_count; /* of the latest run */
};

static void brute_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct brute *brute = context;
    uint32_t link;

    (void)bytes;
    if (record->event != TRACE_SEND && record->event != TRACE_DUPLICATED) {
        return;
    }
    link = scenario_link(record->from, record->to);
    brute->positions[link] += record->event == TRACE_SEND;
    brute->lost_count += record->reason == LOSS_LOSS;
    if (record->reason == LOSS_NONE) {
        CU_ASSERT_FATAL(brute->sent_count < 1000);
        brute->sent[brute->sent_count++] =
            choices_of_record(record, brute->positions[link], CHOICE_LOSE);
    }
}

static int brute_compare(const void *left, const void *right)
{
    const struct fault_choice *a = left;
    const struct fault_choice *b = right;
    const uint32_t as[] = {a->link, a->client, a->n, a->carriage, a->try, a->copy};
    const uint32_t bs[] = {b->link, b->client, b->n, b->carriage, b->try, b->copy};

    for (unsigned i = 0; i < 6; i++) {
        if (as[i] != bs[i]) {
            return as[i] < bs[i] ? -1 : 1;
        }
    }
    return 0;
}

static bool brute_same(const struct brute_set *a, const struct brute_set *b)
{
    for (uint32_t i = 0; i < a->count; i++) {
        if (!fault_choice_equal(&a->losses[i], &b->losses[i])) {
            return false;
        }
    }
    return a->count == b->count;
}

/* Adds the set, if it is not there. */
static void brute_add(struct brute *brute, const struct brute_set *set)
{
    for (uint32_t i = brute->count; i-- > 0 && brute->sets[i].count == set->count;) {
        if (brute_same(&brute->sets[i], set)) {
            return;
        }
    }
    CU_ASSERT_FATAL(brute->count < BRUTE_SETS_MAX);
    brute->sets[brute->count++] = *set;
}

/* Runs with the set; each datagram that this run sends makes a set that is one larger. */
static void brute_try(struct brute *brute, uint32_t index, uint32_t losses)
{
    struct brute_set set = brute->sets[index];
    struct trace_sink sink = {.take = brute_take, .context = brute};
    struct trial_failure failure;
    struct fault_script script;

    brute->sent_count = 0;
    brute->lost_count = 0;
    memset(brute->positions, 0, sizeof brute->positions);
    CU_ASSERT_EQUAL_FATAL(fault_script_init(&script, set.losses, set.count), 0);
    CU_ASSERT_EQUAL_FATAL(trial_run(brute->scenario, &script, &sink, &failure), 0);
    fault_script_free(&script);
    brute->sets[index].real = brute->lost_count == set.count;
    if (failure.failed && set.count < brute->failing_size) {
        brute->failing_size = set.count;
    }
    for (uint32_t i = 0; i < brute->sent_count && set.count < losses; i++) {
        struct brute_set larger = set;
        larger.losses[larger.count++] = brute->sent[i];
        qsort(larger.losses, larger.count, sizeof larger.losses[0], brute_compare);
        brute_add(brute, &larger);
    }
}

static struct brute *brute_force(const struct scenario *scenario, uint32_t losses)
{
    struct brute *brute = calloc(1, sizeof *brute);
    struct brute_set *sets = calloc(BRUTE_SETS_MAX, sizeof *sets);

    CU_ASSERT_FATAL(brute != NULL && sets != NULL && scenario->link_count <= 64);
    *brute = (struct brute){.scenario = scenario, .sets = sets, .failing_size = UINT32_MAX};
    brute->count = 1; /* nothing is lost */
    for (uint32_t i = 0; i < brute->count; i++) {
        brute_try(brute, i, losses);
    }
    return brute;
}

static void brute_free(struct brute *brute)
{
    free(brute->sets);
    free(brute);
}

/* Runs that the search makes for sets of up to `losses`, if none fails and nothing is pruned: one
 * for each set that can happen, and again for every larger size. */
static uint64_t brute_runs(const struct brute *brute, uint32_t losses)
{
    uint64_t runs = 0;

    for (uint32_t i = 0; i < brute->count; i++) {
        runs += brute->sets[i].real ? 1 + losses - brute->sets[i].count : 0;
    }
    return runs;
}

/* The search and brute force come to the same. Returns what was pruned. */
static uint64_t explore_agrees(const char *text, uint32_t losses)
{
    struct explore_options options = {.losses = losses, .runs_max = BRUTE_SETS_MAX};
    struct scenario scenario = explore_parse(text);
    struct brute *brute = brute_force(&scenario, losses);
    struct explore_result result;

    explore_run(&scenario, &options, &result);
    if (brute->failing_size == UINT32_MAX) {
        CU_ASSERT_EQUAL(result.end, EXPLORE_SAFE);
        CU_ASSERT_EQUAL(result.losses_done, losses);
        if (result.pruned == 0) {
            CU_ASSERT_EQUAL(result.runs, brute_runs(brute, losses));
        } else {
            CU_ASSERT(result.runs < brute_runs(brute, losses));
        }
    } else {
        CU_ASSERT_EQUAL(result.end, EXPLORE_REFUTED);
        CU_ASSERT_EQUAL(result.found_count, brute->failing_size);
        CU_ASSERT(result.failure.failed);
    }
    brute_free(brute);
    scenario_free(&scenario);
    return result.pruned;
}

/* ---- what is proved ---------------------------------------------------------------------------
 */

static void three_tries_survive_any_two_losses(void)
{
    struct explore_result result = explore_text(TWO_REQUESTS, 2, 1000);

    CU_ASSERT_EQUAL(result.end, EXPLORE_SAFE);
    CU_ASSERT_EQUAL(result.losses_done, 2);
    CU_ASSERT_EQUAL(result.datagrams, 8);
    CU_ASSERT_EQUAL(result.runs, 67);
    CU_ASSERT_EQUAL(result.pruned, 0);
}

static void the_counterexample_of_three_losses_is_found(void)
{
    struct explore_result result = explore_text(TWO_REQUESTS, 3, 1000);

    CU_ASSERT_EQUAL(result.end, EXPLORE_REFUTED);
    CU_ASSERT_EQUAL(result.runs, 71);
    CU_ASSERT_EQUAL(result.losses_done, 2);
    CU_ASSERT_EQUAL_FATAL(result.found_count, 3);
    for (uint8_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(result.found[i].kind, CHOICE_LOSE);
        CU_ASSERT_EQUAL(result.found[i].n, 1);
        CU_ASSERT_EQUAL(result.found[i].try, i + 1);
    }
    CU_ASSERT_FALSE(result.failure.promise);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.failure.text, "c/1 timed out"));
}

static void without_losses_only_the_run_itself_is_judged(void)
{
    struct explore_result result = explore_text(TWO_REQUESTS, 0, 1000);

    CU_ASSERT_EQUAL(result.end, EXPLORE_SAFE);
    CU_ASSERT_EQUAL(result.runs, 1);
}

static void what_fails_without_a_loss_is_refuted_by_none(void)
{
    struct explore_result result = explore_text("client c timeout 20ms tries 1\n"
                                                "  send toupper \"a\"\n"
                                                "expect tries = 2\n",
                                                2, 1000);

    CU_ASSERT_EQUAL(result.end, EXPLORE_REFUTED);
    CU_ASSERT_EQUAL(result.found_count, 0);
    CU_ASSERT_EQUAL(result.runs, 1);
}

static void chance_is_switched_off(void)
{
    struct explore_result result = explore_text("network loss 90% delay 1ms 1ms\n"
                                                "client c timeout 20ms tries 2\n"
                                                "  send toupper \"a\"\n"
                                                "expect answered = 100%\n",
                                                1, 1000);

    CU_ASSERT_EQUAL(result.end, EXPLORE_SAFE);
    CU_ASSERT_EQUAL(result.datagrams, 4);
    CU_ASSERT_EQUAL(result.runs, 1 + 1 + 4);
}

/* ---- against brute force ----------------------------------------------------------------------
 */

static void each_set_of_losses_is_tried_once(void)
{
    CU_ASSERT_EQUAL(explore_agrees(TWO_REQUESTS, 2), 0);
    CU_ASSERT_EQUAL(explore_agrees(TWO_REQUESTS, 3), 0);
    CU_ASSERT_EQUAL(explore_agrees("client c timeout 20ms tries 4\n"
                                   "  send toupper \"a\"\n"
                                   "expect answered = 100%\n",
                                   3),
                    0);
    CU_ASSERT_EQUAL(explore_agrees("clients 2 timeout 20ms tries 3\n"
                                   "  send echo \"a\"\n"
                                   "expect executions < 6\n",
                                   2),
                    0);
}

static void a_broker_that_asks_again_is_explored(void)
{
    (void)explore_agrees("network delay 1ms\n"
                         "broker timeout 5ms tries 2\n"
                         "client c timeout 40ms tries 2\n"
                         "  send echo \"a\"\n"
                         "expect answered = 100%\n",
                         2);
}

static void plain_requests_are_lost_by_their_position(void)
{
    (void)explore_agrees("network delay 1ms\n"
                         "client c timeout 20ms tries 3 plain\n"
                         "  send 2 toupper \"a\"\n"
                         "expect answered = 100%\n",
                         2);
}

/* The reply takes longer than the timer, so that each second try is answered in vain. */
static const char LATE_REPLIES[] = "link broker -> c delay 30ms\n"
                                   "client c timeout 20ms tries 3 backoff constant deadline 200ms\n"
                                   "  send 2 toupper \"a\"\n";

static void replies_that_come_too_late_need_not_be_lost(void)
{
    char text[400];

    snprintf(text, sizeof text, "%sexpect answered = 100%%\n", LATE_REPLIES);
    CU_ASSERT(explore_agrees(text, 2) > 0);
    CU_ASSERT(explore_agrees(text, 3) > 0);
}

static void where_an_expectation_counts_datagrams_nothing_is_pruned(void)
{
    static const char *const EXPECTATIONS[] = {"lost < 3", "rejected.late >= 1", "duration >= 75ms",
                                               "delivered > 10", "answered per s < 40"};
    char text[400];

    for (unsigned i = 0; i < sizeof EXPECTATIONS / sizeof EXPECTATIONS[0]; i++) {
        snprintf(text, sizeof text, "%sexpect %s\n", LATE_REPLIES, EXPECTATIONS[i]);
        CU_ASSERT_EQUAL(explore_agrees(text, 2), 0);
    }
}

static void where_an_event_waits_for_a_delivery_nothing_is_pruned(void)
{
    char text[400];

    snprintf(text, sizeof text, "%swhen c deliver c/1 for 60ms pause c\n%s", LATE_REPLIES,
             "expect answered = 100%\n");
    CU_ASSERT_EQUAL(explore_agrees(text, 2), 0);
    CU_ASSERT_EQUAL(explore_agrees(text, 3), 0);
}

/* A reply that comes too late has had its time on the line, for which the one behind it waits: lost
 * alone, it saves a try. */
static void where_datagrams_wait_for_each_other_nothing_is_pruned(void)
{
    static const char TEXT[] = "world virtual\n"
                               "network delay 1ms\n"
                               "link clients -> broker delay 0ms\n"
                               "link broker -> clients delay 0ms rate 15kbit limit 2\n"
                               "link broker -> clients delay 60ms of request 1 try 1\n"
                               "link broker -> servers delay 30ms limit 2\n"
                               "link servers -> broker rate 60kbit\n"
                               "link servers -> broker delay 120ms of request 1 try 1\n"
                               "clients 2 timeout 40ms tries 4 backoff constant\n"
                               "  send 2 toupper \"x{n}\"\n"
                               "expect tries >= 15\n";

    CU_ASSERT_EQUAL(explore_agrees(TEXT, 1), 0);
}

static void copies_are_datagrams_of_their_own(void)
{
    (void)explore_agrees("network delay 1ms\n"
                         "link broker -> toupper duplicate 1 of each request\n"
                         "client c timeout 20ms tries 2\n"
                         "  send 2 toupper \"a\"\n"
                         "expect answered = 100%\n",
                         2);
    (void)explore_agrees("network delay 1ms\n"
                         "network duplicate 1 of request 1\n"
                         "client c timeout 20ms tries 2\n"
                         "  send count \"a\"\n"
                         "expect executions = 1..4\n",
                         2);
}

/* ---- ends -------------------------------------------------------------------------------------
 */

static void more_runs_than_allowed_are_refused_with_their_number(void)
{
    struct explore_result result = explore_text(TWO_REQUESTS, 12, 1000000);

    CU_ASSERT_EQUAL(result.end, EXPLORE_TOO_MANY);
    CU_ASSERT(result.expected > 1000000);
    CU_ASSERT_EQUAL(result.runs, 1);
    CU_ASSERT_EQUAL(result.losses_done, 0);
}

/* A second try comes in many copies: each loss brings more datagrams than were to be expected. */
static void more_runs_than_were_to_be_expected_end_at_the_limit(void)
{
    static const char text[] = "network delay 1ms duplicate of request 1 try 2\n"
                               "client c timeout 20ms tries 2\n"
                               "  send toupper \"a\"\n"
                               "expect answered = 100%\n";
    struct explore_result result = explore_text(text, 2, 40);

    CU_ASSERT_EQUAL(result.end, EXPLORE_TOO_MANY);
    CU_ASSERT_EQUAL(result.runs, 40);
    CU_ASSERT_EQUAL(result.losses_done, 1);
    CU_ASSERT(result.expected > 40);
    CU_ASSERT_EQUAL(explore_text(text, 2, 1000).end, EXPLORE_SAFE);
}

static void a_limit_that_is_just_met_is_enough(void)
{
    struct explore_result result = explore_text(TWO_REQUESTS, 2, 71);
    uint64_t expected = result.expected;

    CU_ASSERT_EQUAL(result.end, EXPLORE_SAFE);
    CU_ASSERT(expected <= 71);
    result = explore_text(TWO_REQUESTS, 2, expected - 1);
    CU_ASSERT_EQUAL(result.end, EXPLORE_TOO_MANY);
    CU_ASSERT_EQUAL(result.expected, expected);
}

/* Stops at its second call. */
static bool stop_at_second(void *context, uint64_t runs, uint32_t losses, uint64_t expected)
{
    uint64_t *seen = context;

    (void)losses;
    CU_ASSERT(expected > runs);
    seen[0]++;
    seen[1] = runs;
    return seen[0] == 2;
}

static void stopped_early_it_says_what_is_known(void)
{
    uint64_t seen[2] = {0, 0};
    struct explore_options options = {.losses = 4,
                                      .runs_max = EXPLORE_RUNS_MAX_DEFAULT,
                                      .progress = stop_at_second,
                                      .progress_context = seen};
    struct explore_result result;
    struct scenario scenario = explore_parse("clients 2 timeout 20ms tries 5\n"
                                             "  send 3 toupper \"a\"\n"
                                             "expect answered = 100%\n");

    explore_run(&scenario, &options, &result);
    CU_ASSERT_EQUAL(result.end, EXPLORE_STOPPED);
    CU_ASSERT_EQUAL(seen[0], 2);
    CU_ASSERT_EQUAL(result.runs, seen[1]);
    CU_ASSERT_EQUAL(result.losses_done, 1);
    scenario_free(&scenario);
}

static bool take_signal(void *context, uint64_t runs, uint32_t losses, uint64_t expected)
{
    int *taken = context;

    (void)runs;
    (void)losses;
    (void)expected;
    *taken = signals_take();
    return *taken > 0;
}

/* The signal is there when a long run looks for one: that run is no evidence. */
static void a_signal_within_a_run_stops_the_search_at_that_run(void)
{
    int taken = 0;
    struct explore_options options = {.losses = 1,
                                      .runs_max = EXPLORE_RUNS_MAX_DEFAULT,
                                      .progress = take_signal,
                                      .progress_context = &taken};
    struct explore_result result;
    struct scenario scenario = explore_parse("clients 20 timeout 20ms tries 2\n"
                                             "  send 300 toupper \"a\"\n");
    sigset_t before;

    signals_hold(&before);
    CU_ASSERT_EQUAL_FATAL(raise(SIGTERM), 0);
    explore_run(&scenario, &options, &result);
    signals_restore(&before);
    CU_ASSERT_EQUAL(result.end, EXPLORE_STOPPED);
    CU_ASSERT_EQUAL(result.runs, 0);
    CU_ASSERT_EQUAL(taken, SIGTERM);
    scenario_free(&scenario);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(three_tries_survive_any_two_losses),
        HARNESS_TEST(the_counterexample_of_three_losses_is_found),
        HARNESS_TEST(without_losses_only_the_run_itself_is_judged),
        HARNESS_TEST(what_fails_without_a_loss_is_refuted_by_none),
        HARNESS_TEST(chance_is_switched_off),
        HARNESS_TEST(each_set_of_losses_is_tried_once),
        HARNESS_TEST(a_broker_that_asks_again_is_explored),
        HARNESS_TEST(plain_requests_are_lost_by_their_position),
        HARNESS_TEST(replies_that_come_too_late_need_not_be_lost),
        HARNESS_TEST(where_an_expectation_counts_datagrams_nothing_is_pruned),
        HARNESS_TEST(where_an_event_waits_for_a_delivery_nothing_is_pruned),
        HARNESS_TEST(where_datagrams_wait_for_each_other_nothing_is_pruned),
        HARNESS_TEST(copies_are_datagrams_of_their_own),
        HARNESS_TEST(more_runs_than_allowed_are_refused_with_their_number),
        HARNESS_TEST(more_runs_than_were_to_be_expected_end_at_the_limit),
        HARNESS_TEST(a_limit_that_is_just_met_is_enough),
        HARNESS_TEST(stopped_early_it_says_what_is_known),
        HARNESS_TEST(a_signal_within_a_run_stops_the_search_at_that_run),
    };

    return harness_run("world/explore", tests, HARNESS_COUNT(tests));
}
