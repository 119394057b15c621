#include "world/virtual.h"

#include "virtual_story.h"

/* ---- stories with exact numbers -----------------------------------------------------------------
 */

static void a_request_takes_its_four_delays_and_nothing_more(void)
{
    struct story story;

    story_run(&story, "link c1 <-> broker delay 2ms\n"
                      "link broker -> toupper delay 300us\n"
                      "link toupper -> broker delay 40ns\n"
                      "client c1\n  send 3 toupper \"hello\"\n"
                      "expect reply of c1/3 = \"HELLO\"\n");
    for (uint32_t n = 1; n <= 3; n++) {
        struct request_result request = story_request(&story, "c1", n);
        CU_ASSERT_EQUAL(request.outcome, OUTCOME_ANSWERED);
        CU_ASSERT_EQUAL(request.tries, 1);
        CU_ASSERT_EQUAL(request.executions, 1);
        CU_ASSERT_EQUAL(request.begin_ns, (n - 1) * UINT64_C(4300040));
        CU_ASSERT_EQUAL(request.latency_ns, 4300040);
    }
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_SENT), 12);
    CU_ASSERT_EQUAL(story.facts.duration_ns, 3 * UINT64_C(4300040));
    CU_ASSERT_EQUAL(story.facts.end, RUN_DONE);
    CU_ASSERT_EQUAL(story.facts.world, WORLD_VIRTUAL);
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    story_expect_promises_kept(&story);
    story_free(&story);
}

static void a_lost_request_costs_one_timer_and_one_try(void)
{
    struct story story;
    struct request_result request;

    story_run(&story, "network delay 1ms\n"
                      "link student -> broker drop 1\n"
                      "client student timeout 100ms tries 3\n  send count \"once\"\n"
                      "expect reply of student/1 = \"1\"\n");
    request = story_request(&story, "student", 1);
    CU_ASSERT_EQUAL(request.tries, 2);
    CU_ASSERT_EQUAL(request.executions, 1);
    CU_ASSERT_EQUAL(request.latency_ns, MS(104));
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_SENT), 5);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_LOST), 1);
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    story_expect_promises_kept(&story);
    story_free(&story);
}

static void a_lost_reply_costs_a_second_execution(void)
{
    struct story story;
    struct request_result request;

    story_run(&story, "network delay 1ms\n"
                      "link count -> broker drop 1\n"
                      "client student timeout 100ms tries 3\n  send count \"once\"\n"
                      "expect reply of student/1 = \"2\"\n");
    request = story_request(&story, "student", 1);
    CU_ASSERT_EQUAL(request.tries, 2);
    CU_ASSERT_EQUAL(request.executions, 2);
    CU_ASSERT_EQUAL(request.latency_ns, MS(104));
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_SENT), 7);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_DUPLICATE_EXECUTIONS), 1);
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    story_expect_promises_kept(&story);
    story_free(&story);
}

static void a_slow_server_is_asked_again_and_finishes_after_the_clients_have_gone(void)
{
    struct story story;

    story_run(&story, "server toupper service 160ms\n"
                      "client hasty timeout 100ms tries 10 backoff constant\n"
                      "  send 2 toupper \"is anybody there?\"\n");
    /* Server: 1/1 to 160, 1/2 to 320, 2/1 to 480 (answered), 2/2, 2/3 and 2/4 to 960. */
    CU_ASSERT_EQUAL(story_request(&story, "hasty", 1).latency_ns, MS(160));
    CU_ASSERT_EQUAL(story_request(&story, "hasty", 1).tries, 2);
    CU_ASSERT_EQUAL(story_request(&story, "hasty", 2).latency_ns, MS(320));
    CU_ASSERT_EQUAL(story_request(&story, "hasty", 2).tries, 4);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_EXECUTIONS), 6);
    CU_ASSERT_EQUAL(story.facts.duration_ns, MS(960));
    CU_ASSERT_EQUAL(story.facts.end, RUN_DONE);
    story_expect_promises_kept(&story);
    story_free(&story);
}

static void nobody_there_means_every_try_and_then_timed_out(void)
{
    struct story story;
    struct request_result request;

    story_run(&story, "link broker -> toupper down\n"
                      "client c1 timeout 100ms tries 4 backoff exponential 2\n"
                      "  send 1 toupper \"hello?\"\n");
    request = story_request(&story, "c1", 1);
    CU_ASSERT_EQUAL(request.outcome, OUTCOME_TIMED_OUT);
    CU_ASSERT_EQUAL(request.tries, 4);
    CU_ASSERT_EQUAL(request.executions, 0);
    CU_ASSERT_EQUAL(story.facts.duration_ns, MS(100 + 200 + 400 + 800));
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_LOST), 4);
    story_expect_promises_kept(&story);
    story_free(&story);
}

/* ---- what happens at one instant ----------------------------------------------------------------
 */

static void a_reply_at_the_very_instant_of_the_timer_is_in_time(void)
{
    struct story story;

    story_run(&story, "network delay 25ms\n"
                      "client c1 timeout 100ms\n  send 1 toupper \"x\"\n");
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).tries, 1);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).latency_ns, MS(100));
    story_expect_promises_kept(&story);
    story_free(&story);
    story_run(&story, "network delay 25ms\nlink toupper -> broker delay 25000001ns\n"
                      "client c1 timeout 100ms\n  send 1 toupper \"x\"\n");
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).tries, 2);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).latency_ns, MS(100) + 1);
    story_expect_promises_kept(&story);
    story_free(&story);
}

static void a_timed_fault_takes_what_is_sent_from_its_first_instant_up_to_its_last(void)
{
    struct story story;

    story_run(&story, "at 50ms for 100ms network down\n"
                      "client c1 timeout 500ms window unlimited\n"
                      "  send 30 toupper \"{n}\" every 10ms\n");
    /* Request n begins at 10 (n - 1) ms: 6 to 15 meet the fault. */
    for (uint32_t n = 1; n <= 30; n++) {
        struct request_result request = story_request(&story, "c1", n);
        bool met = n >= 6 && n <= 15;
        CU_ASSERT_EQUAL(request.begin_ns, MS(10 * (n - 1)));
        CU_ASSERT_EQUAL(request.tries, met ? 2 : 1);
        CU_ASSERT_EQUAL(request.latency_ns, met ? MS(500) : 0);
    }
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_LOST), 10);
    story_expect_promises_kept(&story);
    story_free(&story);
}

/* ---- the broker's own timer ---------------------------------------------------------------------
 */

/* The carriages with which a link carried one try, in order. */
struct carriages {
    uint32_t from;
    uint32_t to;
    uint32_t count;
    uint32_t of[8];
};

static void carriages_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct carriages *carriages = context;

    (void)bytes;
    if (record->event == TRACE_SEND && record->from == carriages->from &&
        record->to == carriages->to && record->try == 1 && carriages->count < 8) {
        carriages->of[carriages->count++] = record->carriage;
    }
}

static void a_late_reply_behind_a_504_is_the_second_carriage_of_its_try(void)
{
    /* toupper is node 1, tolower 2, c1 3. */
    struct carriages carriages = {.from = NODE_BROKER, .to = 3};
    struct trace_sink sink = {.take = carriages_take, .context = &carriages};
    struct story story;

    story_run_to(&story,
                 "server toupper service 300ms\n"
                 "broker timeout 200ms tries 1\n"
                 "client c1 timeout 250ms backoff constant\n  send 1 toupper \"x\"\n",
                 sink);
    CU_ASSERT_EQUAL(story_node(&story, "c1"), 3);
    CU_ASSERT_EQUAL_FATAL(carriages.count, 2); /* the 504 at 200 ms, the reply at 300 ms */
    CU_ASSERT_EQUAL(carriages.of[0], 0);
    CU_ASSERT_EQUAL(carriages.of[1], 1);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).latency_ns, MS(300));
    story_expect_promises_kept(&story);
    story_free(&story);
}

static void what_the_broker_sends_again_is_carried_again(void)
{
    struct carriages carriages = {.from = NODE_BROKER, .to = 1};
    struct trace_sink sink = {.take = carriages_take, .context = &carriages};
    struct story story;

    story_run_to(&story,
                 "link broker -> toupper drop 1,2\n"
                 "broker timeout 50ms tries 3 backoff constant\n"
                 "client c1 timeout 1s\n  send 1 toupper \"x\"\n",
                 sink);
    CU_ASSERT_EQUAL_FATAL(carriages.count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(carriages.of[i], i);
    }
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).tries, 1);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).latency_ns, MS(100));
    story_expect_promises_kept(&story);
    story_free(&story);
}

/* ---- the end ------------------------------------------------------------------------------------
 */

static void the_time_limit_cancels_what_is_open_and_what_has_not_begun(void)
{
    struct story story;

    story_run(&story, "time-limit 1s\n"
                      "link c1 -> broker down\n"
                      "client c1 timeout 300ms tries 90 backoff constant window 2\n"
                      "  send 4 toupper \"x\"\n"
                      "client c2\n  send 5 toupper \"x\"\n");
    for (uint32_t n = 1; n <= 4; n++) {
        struct request_result request = story_request(&story, "c1", n);
        CU_ASSERT_EQUAL(request.outcome, OUTCOME_CANCELLED);
        CU_ASSERT_EQUAL(request.tries, n <= 2 ? 4 : 0); /* at 0, 300, 600 and 900 ms */
        CU_ASSERT_EQUAL(story_request(&story, "c2", n).outcome, OUTCOME_ANSWERED);
    }
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_CANCELLED), 4);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_REQUESTS), 9);
    CU_ASSERT_EQUAL(story.facts.end, RUN_TIME_LIMIT);
    CU_ASSERT_EQUAL(story.facts.duration_ns, NS_PER_S);
    CU_ASSERT_EQUAL(story.verdict.status, 1);
    story_expect_promises_kept(&story);
    story_free(&story);
}

static void what_is_due_at_the_limit_itself_comes_too_late(void)
{
    struct story story;

    story_run(&story, "time-limit 8ms\nnetwork delay 2ms\n"
                      "client c1\n  send 1 toupper \"x\"\n");
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).outcome, OUTCOME_CANCELLED);
    CU_ASSERT_EQUAL(story.facts.nodes[NODE_BROKER].in_flight, 1);
    story_expect_promises_kept(&story);
    story_free(&story);
    story_run(&story, "time-limit 8000001ns\nnetwork delay 2ms\n"
                      "client c1\n  send 1 toupper \"x\"\n");
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).outcome, OUTCOME_ANSWERED);
    CU_ASSERT_EQUAL(story.facts.end, RUN_DONE);
    story_free(&story);
}

static void what_is_on_its_way_still_arrives_when_the_clients_are_done(void)
{
    struct story story;

    story_run(&story, "link c1 -> broker duplicate 1 delay 70ms 1\n"
                      "client c1 timeout 500ms\n  send 1 toupper \"x\"\n");
    /* The copy is answered at once; the original is executed 70 ms later. */
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).latency_ns, 0);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_EXECUTIONS), 2);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_SENT), 7);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_DUPLICATED), 1);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_DELIVERED), 8);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_REJECTED), 1); /* the late second answer */
    CU_ASSERT_EQUAL(story.facts.duration_ns, MS(70));
    story_expect_promises_kept(&story);
    story_free(&story);
}

static void what_the_limit_keeps_from_arriving_is_in_flight(void)
{
    struct story story;

    story_run(&story, "time-limit 1s\n"
                      "link c1 -> broker delay 5s 1\n"
                      "client c1 timeout 100ms tries 1\n  send 1 toupper \"x\"\n");
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).outcome, OUTCOME_TIMED_OUT);
    CU_ASSERT_EQUAL(story.facts.end, RUN_DONE); /* the clients were done */
    CU_ASSERT_EQUAL(story.facts.nodes[story_node(&story, "c1")].in_flight, 1);
    CU_ASSERT_EQUAL(story.facts.duration_ns, MS(100));
    story_expect_promises_kept(&story);
    story_free(&story);
}

static void a_scenario_without_clients_ends_at_once(void)
{
    struct story story;

    story_run(&story, "at 5s note \"nobody sees it\"\n");
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_REQUESTS), 0);
    CU_ASSERT_EQUAL(story.facts.duration_ns, 0);
    CU_ASSERT_EQUAL(story.facts.end, RUN_DONE);
    story_free(&story);
}

static void without_a_trace_it_counts_and_judges_no_more_than_counts_tell(void)
{
    struct run_options options = {.trace_off = true};
    struct story story;

    story_run_as(&story, "network delay 1ms\nclient c1\n  send 5 toupper \"x\"\n", &options);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_ANSWERED), 5);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_DELIVERED), 20);
    CU_ASSERT_TRUE(story.facts.trace_off);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_ONE_OUTCOME].verdict, PROMISE_KEPT);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_CAUSE].verdict, PROMISE_NOT_JUDGED);
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    story_free(&story);
}

/* ---- many ---------------------------------------------------------------------------------------
 */

static void ten_thousand_clients_are_served_at_the_same_time(void)
{
    struct story story;

    story_run(&story, "network delay 1ms\n"
                      "clients 10000\n  send 2 toupper \"x\"\n  send 1 tolower \"X\"\n"
                      "expect answered = 100%\n");
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_ANSWERED), 30000);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_TRIES), 30000);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_SENT), 120000);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_DELIVERED), 120000);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_LATENCY_MIN), 4e6);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_LATENCY_MAX), 4e6);
    CU_ASSERT_EQUAL(story.facts.duration_ns, MS(12));
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    story_expect_promises_kept(&story);
    story_free(&story);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_request_takes_its_four_delays_and_nothing_more),
        HARNESS_TEST(a_lost_request_costs_one_timer_and_one_try),
        HARNESS_TEST(a_lost_reply_costs_a_second_execution),
        HARNESS_TEST(a_slow_server_is_asked_again_and_finishes_after_the_clients_have_gone),
        HARNESS_TEST(nobody_there_means_every_try_and_then_timed_out),
        HARNESS_TEST(a_reply_at_the_very_instant_of_the_timer_is_in_time),
        HARNESS_TEST(a_timed_fault_takes_what_is_sent_from_its_first_instant_up_to_its_last),
        HARNESS_TEST(a_late_reply_behind_a_504_is_the_second_carriage_of_its_try),
        HARNESS_TEST(what_the_broker_sends_again_is_carried_again),
        HARNESS_TEST(the_time_limit_cancels_what_is_open_and_what_has_not_begun),
        HARNESS_TEST(what_is_due_at_the_limit_itself_comes_too_late),
        HARNESS_TEST(what_is_on_its_way_still_arrives_when_the_clients_are_done),
        HARNESS_TEST(what_the_limit_keeps_from_arriving_is_in_flight),
        HARNESS_TEST(a_scenario_without_clients_ends_at_once),
        HARNESS_TEST(without_a_trace_it_counts_and_judges_no_more_than_counts_tell),
        HARNESS_TEST(ten_thousand_clients_are_served_at_the_same_time),
    };
    return harness_run("world/virtual", tests, HARNESS_COUNT(tests));
}
