/* Crashes, restarts, pauses and partitions in the virtual world. */
#include "virtual_story.h"

/* Records of one kind at one node, in the order in which they came. */
struct seen {
    const char *words[64];
    uint64_t t_ns[64];
    uint32_t count;
};

static void seen_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct seen *seen = context;
    bool wanted = record->event >= TRACE_FAULT || record->event == TRACE_EXECUTE;

    (void)bytes;
    if (wanted && seen->count < 64) {
        seen->words[seen->count] = trace_event_name((enum trace_event)record->event);
        seen->t_ns[seen->count++] = record->t_ns;
    }
}

static void story_see(struct story *story, const char *text, struct seen *seen)
{
    *seen = (struct seen){.count = 0};
    story_run_to(story, text, (struct trace_sink){.take = seen_take, .context = seen});
    story_expect_promises_kept(story);
}

static void seen_expect(const struct seen *seen, uint32_t at, const char *word, uint64_t t_ns)
{
    CU_ASSERT_FATAL(at < seen->count);
    CU_ASSERT_STRING_EQUAL(seen->words[at], word);
    CU_ASSERT_EQUAL(seen->t_ns[at], t_ns);
}

/* How many datagrams came to the node after it had crashed. */
static uint64_t story_deaf(const struct story *story, const char *node)
{
    return tally_node(&story->verdict.tally, story_node(story, node)).rejected[REJECT_DEAF];
}

/* ---- crash, restart ---------------------------------------------------------------------------
 */

static void a_crashed_server_is_deaf_and_then_begins_anew(void)
{
    struct story story;
    struct seen seen;

    story_see(&story,
              "network delay 5ms\nclient c1 timeout 50ms tries 3 backoff constant\n"
              "send 1 toupper \"x\"\nat 8ms for 30ms crash toupper\n",
              &seen);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).outcome, OUTCOME_ANSWERED);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).tries, 2);
    CU_ASSERT_EQUAL(story_deaf(&story, "toupper"), 1);
    seen_expect(&seen, 0, "crash", MS(8));
    seen_expect(&seen, 1, "restart", MS(38));
    seen_expect(&seen, 2, "execute", MS(60));
    story_free(&story);
}

static void a_crash_takes_the_jobs_with_it(void)
{
    struct story story;
    struct seen seen;

    story_see(&story,
              "server toupper service 20ms\nclient c1 timeout 50ms tries 3 backoff constant\n"
              "send 1 toupper \"x\"\nat 10ms for 1ms crash toupper\n",
              &seen);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).outcome, OUTCOME_ANSWERED);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).latency_ns, MS(70));
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).executions, 2);
    story_free(&story);
}

static void what_was_sent_before_a_crash_is_in_the_network(void)
{
    struct story story;
    struct seen seen;

    story_see(&story,
              "network delay 5ms\nclient c1 timeout 50ms\nsend 1 toupper \"x\"\n"
              "at 12ms crash toupper\nat 17ms crash broker\n",
              &seen);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).outcome, OUTCOME_ANSWERED);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).latency_ns, MS(20));
    story_free(&story);
}

static void a_server_that_began_anew_counts_from_one(void)
{
    struct story story;
    struct seen seen;

    /* Its answers are lost, so that it counts the same request again and again. */
    story_see(&story,
              "link broker -> c1 drop 1-3\nclient c1 timeout 10ms tries 9 backoff constant\n"
              "send 1 count \"x\"\nat 15ms restart count\n"
              "expect reply of c1/1 = \"2\"\n",
              &seen);
    CU_ASSERT_TRUE(story.verdict.passed);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).executions, 4);
    story_free(&story);
}

static void a_broker_that_began_anew_takes_late_replies_for_late(void)
{
    struct story story;
    struct seen seen;

    story_see(&story,
              "server toupper service 20ms\nclient c1 timeout 50ms tries 3 backoff constant\n"
              "send 1 toupper \"x\"\nat 10ms restart broker\n",
              &seen);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).tries, 2);
    CU_ASSERT_EQUAL(tally_node(&story.verdict.tally, NODE_BROKER).rejected[REJECT_LATE], 1);
    CU_ASSERT_EQUAL(story.verdict.abandoned, 0);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_DEFINITE].verdict, PROMISE_NOT_JUDGED);
    story_free(&story);
}

/* ---- pause, resume ----------------------------------------------------------------------------
 */

static void a_paused_client_reads_before_its_timers_fire(void)
{
    struct story story;
    struct seen seen;

    /* The answer comes at 20 ms, the timer at 50 ms: at 90 ms the answer goes first. */
    story_see(&story,
              "network delay 5ms\nclient c1 timeout 50ms\nsend 1 toupper \"x\"\n"
              "at 10ms for 80ms pause c1\n",
              &seen);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).outcome, OUTCOME_ANSWERED);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).tries, 1);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).latency_ns, MS(90));
    story_free(&story);
}

static void a_paused_node_catches_up(void)
{
    struct story story;
    struct seen seen;

    story_see(&story,
              "server toupper service 1ms\nclient c1 timeout 500ms window 9\n"
              "send 5 toupper \"x\" every 10ms\nat 5ms pause toupper\nat 75ms resume toupper\n",
              &seen);
    seen_expect(&seen, 0, "execute", MS(0));
    seen_expect(&seen, 1, "pause", MS(5));
    seen_expect(&seen, 2, "resume", MS(75));
    seen_expect(&seen, 3, "execute", MS(75));
    seen_expect(&seen, 6, "execute", MS(78));
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_ANSWERED), 5);
    story_free(&story);
}

static void what_waits_is_read_in_the_order_in_which_it_came(void)
{
    struct story story;
    struct seen seen;

    /* c1's datagram comes to the broker at 20 ms, c2's at 10 ms: it is answered first. */
    story_see(&story,
              "server toupper service 1ms\n"
              "client c1 start 20ms timeout 500ms\nsend 1 toupper \"x\"\n"
              "client c2 start 10ms timeout 500ms\nsend 1 toupper \"x\"\n"
              "at 5ms for 45ms pause broker\n",
              &seen);
    CU_ASSERT_EQUAL(story_request(&story, "c2", 1).latency_ns, MS(41));
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).latency_ns, MS(32));
    story_free(&story);
}

static void the_links_of_a_paused_node_go_on(void)
{
    struct story story;
    struct seen seen;

    story_see(&story,
              "network delay 5ms\nclient c1 timeout 500ms\nsend 1 toupper \"x\"\n"
              "at 11ms for 100ms pause toupper\nat 16ms for 100ms pause broker\n",
              &seen);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).latency_ns, MS(20));
    story_free(&story);
}

static void the_buffer_of_a_paused_node_fills(void)
{
    struct story story;
    struct seen seen;

    story_see(&story,
              "clients 300 timeout 500ms tries 1\nsend 1 toupper \"x\"\n"
              "at 0ms for 100ms pause broker\n",
              &seen);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_KERNEL_DROPS), 44);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_ANSWERED), 256);
    story_free(&story);
}

static void nobody_waits_for_who_never_goes_on(void)
{
    struct story story;
    struct seen seen;

    story_see(&story,
              "server toupper service 10ms\nclient c1 timeout 50ms tries 2\n"
              "send 1 toupper \"x\"\nat 5ms pause toupper\n",
              &seen);
    CU_ASSERT_EQUAL(story.facts.end, RUN_DONE);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).outcome, OUTCOME_TIMED_OUT);
    CU_ASSERT_EQUAL(story.facts.nodes[story_node(&story, "toupper")].unread, 1);
    CU_ASSERT_EQUAL(story.facts.duration_ns, MS(150));
    story_free(&story);
}

static void who_goes_on_after_the_last_client_still_reads(void)
{
    struct story story;
    struct seen seen;

    story_see(&story,
              "client c1 timeout 50ms tries 1\nsend 1 toupper \"x\"\n"
              "at 0ms for 1s pause toupper\n",
              &seen);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_EXECUTIONS), 1);
    CU_ASSERT_EQUAL(story.facts.nodes[story_node(&story, "toupper")].unread, 0);
    story_free(&story);
}

/* ---- partitions -------------------------------------------------------------------------------
 */

static void what_meets_a_partition_is_lost(void)
{
    struct story story;
    struct seen seen;

    story_see(&story,
              "client c1 timeout 10ms tries 9 backoff constant\nsend 1 toupper \"x\"\n"
              "at 0ms partition clients | broker\nat 35ms heal\n",
              &seen);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_LOST), 4);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).tries, 5);
    seen_expect(&seen, 0, "partition", MS(0));
    seen_expect(&seen, 1, "heal", MS(35));
    story_free(&story);
}

/* ---- when -------------------------------------------------------------------------------------
 */

static void a_crash_can_be_placed_between_execution_and_answer(void)
{
    struct story story;
    struct seen seen;

    story_see(&story,
              "client c1 timeout 50ms tries 3 backoff constant\nsend 2 count \"x\"\n"
              "when count execute c1/2 for 10ms crash count\n"
              "expect reply of c1/2 = \"1\"\n",
              &seen);
    seen_expect(&seen, 0, "execute", MS(0));
    seen_expect(&seen, 1, "execute", MS(0));
    seen_expect(&seen, 2, "crash", MS(0));
    seen_expect(&seen, 3, "restart", MS(10));
    seen_expect(&seen, 4, "execute", MS(50));
    CU_ASSERT_EQUAL(seen.count, 5);
    CU_ASSERT_TRUE(story.verdict.passed);
    story_free(&story);
}

static void who_crashes_at_a_datagram_does_not_act_on_it(void)
{
    struct story story;
    struct seen seen;

    story_see(&story,
              "client c1 timeout 50ms tries 3 backoff constant\nsend 1 toupper \"x\"\n"
              "when broker deliver restart broker\n",
              &seen);
    CU_ASSERT_EQUAL(story_deaf(&story, "broker"), 1);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).tries, 2);
    story_free(&story);
}

static void a_link_can_be_cut_at_the_moment_that_its_sender_has_got_something(void)
{
    struct story story;
    struct seen seen;

    story_see(&story,
              "client c1 timeout 50ms tries 3 backoff constant\nsend 1 toupper \"x\"\n"
              "when broker send for 60ms partition broker -> c1\n",
              &seen);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_LOST), 2);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_EXECUTIONS), 3);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).latency_ns, MS(100));
    story_free(&story);
}

/* ---- each moment of a request's life ----------------------------------------------------------
 */

/* Two requests under way for 50 ms each, the first from 5 ms on: sent, in flight to the broker, in
 * flight to the server, in service, and the same back. */
#define MOMENTS_MS 70
static const char LIFE[] = "network delay 9ms\nserver toupper service 14ms\n"
                           "server count service 14ms\n%s"
                           "clients 2 timeout 60ms tries 9 cap 120ms start 5ms\n"
                           "send 1 toupper \"x\"\nsend 1 count \"y\"\n%s\n";

static const char *const EVENTS[] = {
    "crash broker",
    "crash toupper",
    "crash servers",
    "crash broker,servers",
    "pause broker",
    "pause servers",
    "pause c1",
    "pause *",
    "partition clients | broker",
    "partition broker | servers",
    "partition clients -> broker",
    "partition broker -> clients",
    "partition broker -> servers",
    "partition servers -> broker",
};

static const char *const BROKERS[] = {"", "broker timeout 40ms tries 2\n"};

/* Runs the life of two requests with that event; all must be answered if it ends. */
static void expect_survives(const char *broker, const char *event, bool ends)
{
    struct story story;
    char text[1024];
    bool kept = true;

    snprintf(text, sizeof text, LIFE, broker, event);
    story_run(&story, text);
    for (int promise = 0; promise < PROMISE_COUNT; promise++) {
        kept = kept && story.verdict.promises[promise].verdict != PROMISE_BROKEN;
    }
    if (ends) {
        kept = kept && story_metric(&story, METRIC_ANSWERED) == 4;
    }
    CU_ASSERT_TRUE(kept);
    if (!kept) {
        printf("%s%s\n", broker, event);
        story_expect_promises_kept(&story);
    }
    story_free(&story);
}

static void every_event_at_every_moment_keeps_every_promise(void)
{
    static const char *const LENGTHS[] = {" for 1ms", " for 8ms", " for 45ms", " for 200ms"};
    char event[128];

    for (unsigned b = 0; b < 2; b++) {
        for (unsigned e = 0; e < sizeof EVENTS / sizeof EVENTS[0]; e++) {
            for (unsigned ms = 0; ms < MOMENTS_MS; ms++) {
                for (unsigned l = 0; l < 4; l++) {
                    snprintf(event, sizeof event, "at %ums%s %s", ms, LENGTHS[l], EVENTS[e]);
                    expect_survives(BROKERS[b], event, true);
                }
            }
        }
    }
}

static void a_restart_at_every_moment_keeps_every_promise(void)
{
    char event[128];

    for (unsigned ms = 0; ms < MOMENTS_MS; ms++) {
        snprintf(event, sizeof event, "at %ums restart broker", ms);
        expect_survives(BROKERS[0], event, true);
        snprintf(event, sizeof event, "at %ums restart servers", ms);
        expect_survives(BROKERS[1], event, true);
    }
}

static void what_never_ends_keeps_every_promise_too(void)
{
    char event[128];

    for (unsigned e = 0; e < sizeof EVENTS / sizeof EVENTS[0]; e++) {
        for (unsigned ms = 0; ms < MOMENTS_MS; ms++) {
            snprintf(event, sizeof event, "time-limit 3s\nat %ums %s", ms, EVENTS[e]);
            expect_survives(BROKERS[ms % 2], event, false);
        }
    }
}

static void every_event_at_every_progress_keeps_every_promise(void)
{
    static const char *const WAITS[] = {"broker send",     "broker deliver", "toupper deliver",
                                        "toupper execute", "toupper send",   "count deliver",
                                        "count execute",   "count send"};
    static const char *const REQUESTS[] = {"", " c1/1", " c1/2", " c2/1", " c2/2"};
    static const char *const LENGTHS[] = {"for 1ms ", "for 45ms ", "for 130ms "};
    static const char *const KINDS[] = {"crash", "pause", "partition", "restart"};
    char event[128];

    for (unsigned w = 0; w < sizeof WAITS / sizeof WAITS[0]; w++) {
        for (unsigned r = 0; r < 5; r++) {
            for (unsigned k = 0; k < 4; k++) {
                for (unsigned l = 0; l < 3; l++) {
                    int node = (int)strcspn(WAITS[w], " ");
                    snprintf(event, sizeof event, "when %s%s %s%s %.*s%s", WAITS[w], REQUESTS[r],
                             k == 3 ? "" : LENGTHS[l], KINDS[k], node, WAITS[w],
                             k != 2  ? ""
                             : w < 2 ? " -> clients,servers"
                                     : " -> broker");
                    expect_survives(BROKERS[l % 2], event, true);
                }
            }
        }
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_crashed_server_is_deaf_and_then_begins_anew),
        HARNESS_TEST(a_crash_takes_the_jobs_with_it),
        HARNESS_TEST(what_was_sent_before_a_crash_is_in_the_network),
        HARNESS_TEST(a_server_that_began_anew_counts_from_one),
        HARNESS_TEST(a_broker_that_began_anew_takes_late_replies_for_late),
        HARNESS_TEST(a_paused_client_reads_before_its_timers_fire),
        HARNESS_TEST(a_paused_node_catches_up),
        HARNESS_TEST(what_waits_is_read_in_the_order_in_which_it_came),
        HARNESS_TEST(the_links_of_a_paused_node_go_on),
        HARNESS_TEST(the_buffer_of_a_paused_node_fills),
        HARNESS_TEST(nobody_waits_for_who_never_goes_on),
        HARNESS_TEST(who_goes_on_after_the_last_client_still_reads),
        HARNESS_TEST(what_meets_a_partition_is_lost),
        HARNESS_TEST(a_crash_can_be_placed_between_execution_and_answer),
        HARNESS_TEST(who_crashes_at_a_datagram_does_not_act_on_it),
        HARNESS_TEST(a_link_can_be_cut_at_the_moment_that_its_sender_has_got_something),
        HARNESS_TEST(every_event_at_every_moment_keeps_every_promise),
        HARNESS_TEST(a_restart_at_every_moment_keeps_every_promise),
        HARNESS_TEST(what_never_ends_keeps_every_promise_too),
        HARNESS_TEST(every_event_at_every_progress_keeps_every_promise),
    };

    return harness_run("world/virtual_events", tests, HARNESS_COUNT(tests));
}
