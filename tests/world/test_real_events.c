/* Crashes, restarts, pauses and partitions in the real world: by sample, and where a `when` places
 * them, exactly. */
#include "virtual_story.h"

/* Timers are long here: where a processor is taken away for a while, none must fire for it. */
#define PATIENT " timeout 60s tries 2 deadline 120s "

/* Runs the text in the real world; no promise may be broken. */
static void real_story(struct story *story, const char *text)
{
    struct scenario_overrides overrides = {.world_given = true, .world = WORLD_REAL};
    struct scenario_messages messages = {.items = NULL};
    struct run_options options = {.keep_requests = true};
    char error[RUN_ERROR_MAX] = "";
    bool good = scenario_parse(&story->scenario, "test", text, strlen(text), &overrides, &messages);
    int status;

    for (uint32_t i = 0; !good && i < messages.count; i++) {
        printf("%s", messages.items[i].text);
    }
    CU_ASSERT_FATAL(good);
    scenario_messages_free(&messages);
    status = run_scenario(&story->scenario, &options, &story->verdict, &story->facts, error);
    if (status != 0) {
        printf("%s\n", error);
    }
    CU_ASSERT_EQUAL_FATAL(status, 0);
    story_expect_promises_kept(story);
}

static uint64_t story_rejected(const struct story *story, const char *node,
                               enum reject_reason reason)
{
    return tally_node(&story->verdict.tally, story_node(story, node)).rejected[reason];
}

/* ---- placed exactly ---------------------------------------------------------------------------
 */

static void a_server_crashes_between_execution_and_answer(void)
{
    struct story story;

    real_story(&story, "client c1 timeout 80ms tries 9 backoff constant\n  send 2 count \"x\"\n"
                       "when count execute c1/2 for 20ms crash count\n"
                       "expect reply of c1/2 = \"1\"\n");
    CU_ASSERT_TRUE(story.verdict.passed);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 2).executions, 2);
    CU_ASSERT(story_request(&story, "c1", 2).latency_ns >= MS(80));
    story_free(&story);
}

static void a_broker_that_begins_anew_forgets_what_it_has_just_got(void)
{
    struct story story;

    real_story(&story, "client c1 timeout 80ms tries 9 backoff constant\n  send 1 toupper \"x\"\n"
                       "when broker deliver restart broker\n");
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).outcome, OUTCOME_ANSWERED);
    CU_ASSERT_EQUAL(story_rejected(&story, "broker", REJECT_DEAF), 1);
    story_free(&story);
}

static void a_client_that_stood_still_takes_the_answer_that_came_meanwhile(void)
{
    struct story story;

    real_story(&story, "client c1 timeout 100ms tries 2\n  send 1 toupper \"x\"\n"
                       "when c1 send for 300ms pause c1\n");
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).outcome, OUTCOME_ANSWERED);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).tries, 1);
    CU_ASSERT(story_request(&story, "c1", 1).latency_ns >= MS(300));
    story_free(&story);
}

static void the_kernels_buffer_of_a_paused_client_fills(void)
{
    struct story story;

    real_story(&story, "client c1 timeout 60s tries 1 window unlimited deadline 400ms\n"
                       "  send 3000 toupper \"x\"\nwhen c1 send c1/3000 for 200ms pause c1\n");
    CU_ASSERT(story_metric(&story, METRIC_KERNEL_DROPS) > 0);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_KERNEL_DROPS].verdict, PROMISE_KEPT);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_CONSERVATION].verdict, PROMISE_KEPT);
    story_free(&story);
}

static void links_can_be_cut_behind_the_first_datagram(void)
{
    struct story story;

    real_story(&story, "client c1 timeout 50ms tries 9 backoff constant\n  send 1 toupper \"x\"\n"
                       "when broker send for 30ms partition broker -> c1\n");
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).outcome, OUTCOME_ANSWERED);
    CU_ASSERT(story_metric(&story, METRIC_LOST) >= 1);
    story_free(&story);
}

/* ---- by the clock -----------------------------------------------------------------------------
 */

static void a_paused_server_catches_up(void)
{
    struct story story;

    real_story(&story, "client c1" PATIENT "window 99\n  send 20 toupper \"x\" every 5ms\n"
                       "at 20ms for 150ms pause toupper\n");
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_ANSWERED), 20);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_RETRIES), 0);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_KERNEL_DROPS), 0);
    story_free(&story);
}

static void nobody_waits_for_who_never_goes_on(void)
{
    struct story story;

    real_story(&story, "client c1 timeout 40ms tries 3 backoff constant\n  send 3 toupper \"x\"\n"
                       "at 0ms pause toupper\n");
    CU_ASSERT_EQUAL(story.facts.end, RUN_DONE);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_TIMED_OUT), 3);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_EXECUTIONS), 0);
    CU_ASSERT((double)story.facts.nodes[story_node(&story, "toupper")].unread ==
              story_metric(&story, METRIC_TRIES)); /* nine, unless a timer fires too late */
    story_free(&story);
}

static void what_comes_to_a_crashed_server_is_counted(void)
{
    struct story story;

    real_story(&story, "client c1 timeout 40ms tries 3 backoff constant\n  send 3 toupper \"x\"\n"
                       "at 0ms crash toupper\n");
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_TIMED_OUT), 3);
    CU_ASSERT((double)story_rejected(&story, "toupper", REJECT_DEAF) ==
              story_metric(&story, METRIC_TRIES)); /* nine, unless a timer fires too late */
    story_free(&story);
}

static void the_end_of_the_run_finds_a_paused_client(void)
{
    struct story story;

    real_story(&story, "time-limit 300ms\nclients 2 timeout 40ms tries 3\n"
                       "  send 9 toupper \"x\" every 20ms\nat 50ms pause c1\n");
    CU_ASSERT_EQUAL(story.facts.end, RUN_TIME_LIMIT);
    CU_ASSERT(tally_node(&story.verdict.tally, story_node(&story, "c1")).cancelled > 0);
    CU_ASSERT_EQUAL(tally_node(&story.verdict.tally, story_node(&story, "c2")).answered, 9);
    story_free(&story);
}

/* ---- moments by sample ------------------------------------------------------------------------
 */

static void events_at_some_moments_keep_every_promise(void)
{
    static const char *const EVENTS[] = {
        "crash broker",
        "crash servers",
        "pause broker",
        "pause servers",
        "pause c1",
        "pause *",
        "partition clients | broker",
        "partition broker -> servers",
    };
    static const unsigned MOMENTS_MS[] = {8, 19, 31, 52};
    char text[512];

    for (unsigned e = 0; e < sizeof EVENTS / sizeof EVENTS[0]; e++) {
        struct story story;
        snprintf(text, sizeof text,
                 "network delay 9ms 4ms duplicate 10%%\nserver toupper service 14ms\n"
                 "clients 6 timeout 60ms tries 30 cap 60ms\n"
                 "  send 2 toupper \"x\"\n  send 2 count \"y\"\nat %ums for 45ms %s\n",
                 MOMENTS_MS[e % 4], EVENTS[e]);
        real_story(&story, text);
        CU_ASSERT_EQUAL(story_metric(&story, METRIC_ANSWERED), 24);
        story_free(&story);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_server_crashes_between_execution_and_answer),
        HARNESS_TEST(a_broker_that_begins_anew_forgets_what_it_has_just_got),
        HARNESS_TEST(a_client_that_stood_still_takes_the_answer_that_came_meanwhile),
        HARNESS_TEST(the_kernels_buffer_of_a_paused_client_fills),
        HARNESS_TEST(links_can_be_cut_behind_the_first_datagram),
        HARNESS_TEST(a_paused_server_catches_up),
        HARNESS_TEST(nobody_waits_for_who_never_goes_on),
        HARNESS_TEST(what_comes_to_a_crashed_server_is_counted),
        HARNESS_TEST(the_end_of_the_run_finds_a_paused_client),
        HARNESS_TEST(events_at_some_moments_keep_every_promise),
    };

    return harness_run("world/real_events", tests, HARNESS_COUNT(tests));
}
