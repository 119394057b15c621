/* Datagrams and the broker's table: promises 9 to 12, each broken on purpose. */
#include "verdict/judge.h"

#include "verdict/story.h"

/* ---- 12: dropped is gone --------------------------------------------------------------------- */

static void a_lost_datagram_that_comes_breaks_dropped_is_gone(void)
{
    struct story story;

    story_open_second(&story);
    story_lose(&story, 20, C2, BROKER, C2, 1, 1);
    story_deliver(&story, 21, C2, BROKER, C2, 1, 1);
    story_fail(&story, 120, C2, 1, 1, OUTCOME_TIMED_OUT, 0);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_DROPPED_IS_GONE].verdict, PROMISE_BROKEN);
    CU_ASSERT_STRING_EQUAL(story.verdict.promises[PROMISE_DROPPED_IS_GONE].detail,
                           "at 21.000ms: c2/1: try 1 reached broker, though no copy was on its "
                           "way");
    /* The sums show it, too. */
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_CONSERVATION].verdict, PROMISE_BROKEN);
    story_free(&story);
}

static void a_datagram_that_comes_twice_breaks_dropped_is_gone(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    story_deliver(&story, 30, BROKER, C2, C2, 1, 1);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_DROPPED_IS_GONE].verdict, PROMISE_BROKEN);
    story_free(&story);
}

static void a_copy_may_come_beside_the_original(void)
{
    struct story story;
    struct trace_record copy = story_datagram(30, TRACE_DUPLICATED, BROKER, C2, C2, 1, 1);
    struct trace_record late = story_note(34, TRACE_REJECTED, C2, C2, 1, 1);

    story_init(&story, "toupper", 1);
    story.rules[0].faults.duplicate_q63 = PROBABILITY_ONE / 10;
    story_start(&story);
    story_serve_both(&story);
    copy.copy = 1;
    copy.due_ns = 33 * NS_PER_MS;
    story_take(&story, copy, NULL);
    story_deliver(&story, 34, BROKER, C2, C2, 1, 1);
    late.reason = REJECT_LATE;
    story_take(&story, late, NULL);
    CU_ASSERT_EQUAL(TALLY_NODE(&story.verdict.tally, C2, rejected[REJECT_LATE]), 1);
    story_end_with(&story, PROMISE_COUNT);
}

/* What one link may do, and at one time, no other may. */
static void a_link_that_does_what_no_fault_of_it_is_for_breaks_quiet_in_any_run(void)
{
    static const uint64_t links[][1] = {{UINT64_C(1) << (2 * (C1 - 1))},
                                        {UINT64_C(1) << (2 * (C2 - 1))}};

    for (unsigned i = 0; i < 4; i++) {
        struct story story;
        bool copies = i >= 2;
        bool allowed = i % 2 == 1;
        story_init(&story, "toupper", 1);
        story.rules[0].links = links[allowed];
        story.rules[0].faults = copies
                                    ? (struct fault_set){.set = FAULT_DUPLICATE, .duplicate_q63 = 1}
                                    : (struct fault_set){.set = FAULT_LOSS, .loss_q63 = 1};
        story_be_real(&story);
        story_start(&story);
        story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
        story_begin(&story, 20, C2, 1, "toupper:b");
        if (copies) {
            struct trace_record copy = story_datagram(20, TRACE_DUPLICATED, C2, BROKER, C2, 1, 1);
            copy.copy = 1;
            story_send(&story, 20, C2, BROKER, C2, 1, 1);
            story_take(&story, copy, NULL);
            story_deliver(&story, 20, C2, BROKER, C2, 1, 1);
            story_deliver(&story, 20, C2, BROKER, C2, 1, 1);
        } else {
            story_lose(&story, 20, C2, BROKER, C2, 1, 1);
        }
        story_reach_server(&story, 120, TOUPPER, C2, 1, 2);
        story_return(&story, 122, TOUPPER, C2, 1, 2);
        story_answer(&story, 124, C2, 1, 2, 104, "B");
        story_hand_over(&story);
        story_end_with(&story, allowed ? PROMISE_COUNT : PROMISE_QUIET);
    }
}

/* The story of a datagram of c2's whose link flips a bit; it comes to the broker, or to toupper. */
static void damage(struct story *story, uint64_t ms, uint32_t from, uint32_t to, uint32_t reject_at)
{
    struct trace_record send = story_datagram(ms, TRACE_SEND, from, to, C2, 1, 1);
    struct trace_record came = story_datagram(ms + 1, TRACE_DELIVER, from, to, C2, 1, 1);
    struct trace_record refused = story_note(ms + 1, TRACE_REJECTED, to, C2, 1, 1);

    send.flip = 7;
    send.value_ns = from == C2 ? send.t_ns + 100 * NS_PER_MS : TIME_NEVER;
    story_take(story, send, NULL);
    came.form = TRACE_DAMAGED;
    story_take(story, came, NULL);
    refused.reason = REJECT_CORRUPT;
    if (reject_at == to) {
        story_take(story, refused, NULL);
    }
}

static void what_was_damaged_and_refused_breaks_nothing(void)
{
    struct story story;

    story_open_second(&story);
    damage(&story, 20, C2, BROKER, BROKER);
    story_fail(&story, 120, C2, 1, 1, OUTCOME_TIMED_OUT, 0);
    CU_ASSERT_EQUAL(TALLY_LINK(&story.verdict.tally, scenario_link_to_broker(C2), corrupted), 1);
    story_end_with(&story, PROMISE_COUNT);
}

static void what_was_damaged_and_executed_breaks_dropped_is_gone(void)
{
    struct story story;

    story_open_second(&story);
    story_send(&story, 20, C2, BROKER, C2, 1, 1);
    story_deliver(&story, 21, C2, BROKER, C2, 1, 1);
    story_open(&story, 21, C2, 1);
    damage(&story, 21, BROKER, TOUPPER, BROKER);
    story_execute(&story, 22, TOUPPER, C2, 1, 1);
    story_return(&story, 22, TOUPPER, C2, 1, 1);
    story_answer(&story, 24, C2, 1, 1, 4, "B");
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_DROPPED_IS_GONE].verdict, PROMISE_BROKEN);
    CU_ASSERT_STRING_EQUAL(story.verdict.promises[PROMISE_DROPPED_IS_GONE].detail,
                           "at 22.000ms: c2/1: toupper executed what a link had damaged on the "
                           "way");
    story_free(&story);
}

static void a_damaged_reply_that_is_taken_breaks_dropped_is_gone(void)
{
    struct story story;

    story_open_second(&story);
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_send(&story, 22, TOUPPER, BROKER, C2, 1, 1);
    story_deliver(&story, 23, TOUPPER, BROKER, C2, 1, 1);
    story_close(&story, 23, C2, 1);
    damage(&story, 23, BROKER, C2, BROKER);
    story_answer(&story, 24, C2, 1, 1, 4, "B");
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_DROPPED_IS_GONE].verdict, PROMISE_BROKEN);
    story_free(&story);
}

static void raw_bytes_may_look_like_a_request(void)
{
    struct story story;
    struct trace_record raw = story_datagram(30, TRACE_SEND, C1, BROKER, TRACE_NOBODY, 0, 0);

    story_init(&story, "toupper", 1);
    struct client_step steps[2] = {story.step, {.kind = CLIENT_RAW}};
    story.group.steps = steps;
    story.group.step_count = 2;
    story_start(&story);
    story_serve_both(&story);
    raw.form = TRACE_RAW;
    story_take(&story, raw, NULL);
    /* The bytes are c2's envelope, so that is what the broker, the server and the trace take it
     * for. */
    story_deliver(&story, 31, C1, BROKER, C2, 1, 1);
    story_open(&story, 31, C2, 1);
    story_send(&story, 31, BROKER, TOUPPER, C2, 1, 1);
    story_deliver(&story, 32, BROKER, TOUPPER, C2, 1, 1);
    story_execute(&story, 32, TOUPPER, C2, 1, 1);
    story_return(&story, 32, TOUPPER, C2, 1, 1);
    story_end_with(&story, PROMISE_COUNT);
}

/* ---- 10: delays ------------------------------------------------------------------------------ */

/* c2's datagram takes a delay of 5 ms, and comes at `ms`. */
static void delay_until(struct story *story, uint64_t ms)
{
    struct trace_record send = story_datagram(20, TRACE_SEND, C2, BROKER, C2, 1, 1);

    story_serve(story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_begin(story, 20, C2, 1, "toupper:b");
    send.value_ns = send.t_ns + 100 * NS_PER_MS;
    send.due_ns = 25 * NS_PER_MS;
    story_take(story, send, NULL);
    story_deliver(story, ms, C2, BROKER, C2, 1, 1);
    story_fail(story, 120, C2, 1, 1, OUTCOME_TIMED_OUT, 0);
}

static void a_datagram_may_come_when_its_delay_is_over(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    delay_until(&story, 25);
    story_end_with(&story, PROMISE_COUNT);
}

static void a_datagram_before_its_delay_breaks_timers(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    delay_until(&story, 24);
    story_end_with(&story, PROMISE_TIMERS);
}

/* ---- 9: the broker's table ------------------------------------------------------------------- */

static void an_entry_that_is_removed_twice_breaks_empty_tables(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    story_close(&story, 30, C2, 1);
    story_end_with(&story, PROMISE_EMPTY_TABLES);
}

static void a_second_entry_for_a_request_breaks_empty_tables(void)
{
    struct story story;

    story_open_second(&story);
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_open(&story, 22, C2, 1);
    story_return(&story, 22, TOUPPER, C2, 1, 1);
    story_answer(&story, 24, C2, 1, 1, 4, "B");
    story_end_with(&story, PROMISE_EMPTY_TABLES);
}

static void entries_left_at_the_end_are_abandoned(void)
{
    struct story story;

    story_open_second(&story);
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_lose(&story, 22, TOUPPER, BROKER, C2, 1, 1);
    story_fail(&story, 120, C2, 1, 1, OUTCOME_TIMED_OUT, 0);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.abandoned, 1);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_EMPTY_TABLES].verdict, PROMISE_KEPT);
    CU_ASSERT_EQUAL(story.verdict.requests[1].executions, 1);
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    story_free(&story);
}

/* ---- 11: budgets ----------------------------------------------------------------------------- */

static void more_entries_than_pending_break_budgets(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story.scenario.broker.pending = 1;
    story_start(&story);
    story_begin(&story, 10, C1, 1, "toupper:a");
    story_begin(&story, 10, C2, 1, "toupper:b");
    story_reach_server(&story, 10, TOUPPER, C1, 1, 1);
    story_reach_server(&story, 12, TOUPPER, C2, 1, 1);
    story_return(&story, 14, TOUPPER, C1, 1, 1);
    story_answer(&story, 16, C1, 1, 1, 6, "A");
    story_return(&story, 16, TOUPPER, C2, 1, 1);
    story_answer(&story, 18, C2, 1, 1, 8, "B");
    story_end_with(&story, PROMISE_BUDGETS);
}

static void a_datagram_over_1200_octets_breaks_budgets(void)
{
    struct story story;
    struct trace_record send = story_datagram(30, TRACE_SEND, BROKER, TOUPPER, TRACE_NOBODY, 0, 1);

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    send.size = 1201;
    send.reason = LOSS_LOSS;
    story_take(&story, send, NULL);
    story_end_with(&story, PROMISE_BUDGETS);
}

/* The broker sends the one datagram it got from c2 a second time. */
static void forward_twice(struct story *story)
{
    story_serve(story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_begin(story, 20, C2, 1, "toupper:b");
    story_reach_server(story, 20, TOUPPER, C2, 1, 1);
    story_lose(story, 22, BROKER, TOUPPER, C2, 1, 1);
    story_return(story, 22, TOUPPER, C2, 1, 1);
    story_answer(story, 24, C2, 1, 1, 4, "B");
}

static void a_broker_that_sends_more_than_it_got_breaks_budgets(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    forward_twice(&story);
    story_end_with(&story, PROMISE_BUDGETS);
}

static void a_broker_with_a_policy_may_send_again(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story.scenario.broker.policy = (struct retry_policy){.timeout_ns = NS_PER_MS, .tries = 2};
    story_start(&story);
    forward_twice(&story);
    story_end_with(&story, PROMISE_COUNT);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_lost_datagram_that_comes_breaks_dropped_is_gone),
        HARNESS_TEST(a_datagram_that_comes_twice_breaks_dropped_is_gone),
        HARNESS_TEST(a_copy_may_come_beside_the_original),
        HARNESS_TEST(a_link_that_does_what_no_fault_of_it_is_for_breaks_quiet_in_any_run),
        HARNESS_TEST(what_was_damaged_and_refused_breaks_nothing),
        HARNESS_TEST(what_was_damaged_and_executed_breaks_dropped_is_gone),
        HARNESS_TEST(a_damaged_reply_that_is_taken_breaks_dropped_is_gone),
        HARNESS_TEST(raw_bytes_may_look_like_a_request),
        HARNESS_TEST(a_datagram_may_come_when_its_delay_is_over),
        HARNESS_TEST(a_datagram_before_its_delay_breaks_timers),
        HARNESS_TEST(an_entry_that_is_removed_twice_breaks_empty_tables),
        HARNESS_TEST(a_second_entry_for_a_request_breaks_empty_tables),
        HARNESS_TEST(entries_left_at_the_end_are_abandoned),
        HARNESS_TEST(more_entries_than_pending_break_budgets),
        HARNESS_TEST(a_datagram_over_1200_octets_breaks_budgets),
        HARNESS_TEST(a_broker_that_sends_more_than_it_got_breaks_budgets),
        HARNESS_TEST(a_broker_with_a_policy_may_send_again),
    };
    return harness_run("verdict/judge_network", tests, HARNESS_COUNT(tests));
}
