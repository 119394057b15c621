#include "verdict/tally.h"

#include "verdict/story.h"

static void a_served_request_is_counted_at_every_node_and_link(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    const struct tally *tally = &story.verdict.tally;
    story_serve_both(&story);
    CU_ASSERT_EQUAL(TALLY_NODE(tally, C1, begun), 1);
    CU_ASSERT_EQUAL(TALLY_NODE(tally, C1, answered), 1);
    CU_ASSERT_EQUAL(TALLY_NODE(tally, C1, tries), 1);
    CU_ASSERT_EQUAL(TALLY_NODE(tally, C1, retries), 0);
    CU_ASSERT_EQUAL(TALLY_NODE(tally, C1, replies[tally_code_index(200)]), 1);
    CU_ASSERT_EQUAL(TALLY_NODE(tally, C1, executions), 1); /* of its requests */
    CU_ASSERT_EQUAL(TALLY_NODE(tally, BROKER, tries), 2);
    CU_ASSERT_EQUAL(TALLY_NODE(tally, TOUPPER, executions), 2);
    CU_ASSERT_EQUAL(TALLY_NODE(tally, TOUPPER, tries), 0);
    CU_ASSERT_EQUAL(TALLY_LINK(tally, scenario_link(C1, BROKER), sent), 1);
    CU_ASSERT_EQUAL(TALLY_LINK(tally, scenario_link(C1, BROKER), bytes), 50);
    CU_ASSERT_EQUAL(TALLY_LINK(tally, scenario_link(BROKER, TOUPPER), sent), 2);
    CU_ASSERT_EQUAL(TALLY_LINK(tally, scenario_link(BROKER, TOUPPER), delivered), 2);
    CU_ASSERT_EQUAL(TALLY_LINK(tally, scenario_link(BROKER, TOLOWER), sent), 0);
    CU_ASSERT_EQUAL(latency_count(tally->latency), 2);
    CU_ASSERT_EQUAL(latency_max_ns(tally->latency), 4 * NS_PER_MS);
    CU_ASSERT_EQUAL(tally->ended, 2);
    story_free(&story);
}

static void a_copy_that_overtakes_is_reordered(void)
{
    static const uint64_t due_ms[] = {20, 15, 18, 20, 25, 24};
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    for (size_t i = 0; i < 6; i++) {
        struct trace_record send = story_datagram(i, TRACE_SEND, BROKER, C1, TRACE_NOBODY, 0, 1);
        send.due_ns = due_ms[i] * NS_PER_MS;
        story_take(&story, send, NULL);
    }
    struct tally_link link = tally_link(&story.verdict.tally, scenario_link(BROKER, C1));
    CU_ASSERT_EQUAL(link.sent, 6);
    CU_ASSERT_EQUAL(link.reordered, 3);
    CU_ASSERT_EQUAL(tally_link_rest(&link), 6);
    story_free(&story);
}

static void losses_are_counted_by_reason_and_copies_apart(void)
{
    struct story story;
    struct trace_record record = story_datagram(1, TRACE_SEND, BROKER, C1, TRACE_NOBODY, 0, 1);

    story_init(&story, "toupper", 1);
    story_start(&story);
    record.reason = LOSS_DROP;
    story_take(&story, record, NULL);
    record.event = TRACE_DUPLICATED;
    record.reason = LOSS_LOSS;
    story_take(&story, record, NULL);
    record.reason = LOSS_NONE;
    story_take(&story, record, NULL);
    struct tally_link link = tally_link(&story.verdict.tally, scenario_link(BROKER, C1));
    CU_ASSERT_EQUAL(link.sent, 1);
    CU_ASSERT_EQUAL(link.duplicated, 2);
    CU_ASSERT_EQUAL(link.lost[LOSS_DROP], 1);
    CU_ASSERT_EQUAL(link.lost[LOSS_LOSS], 1);
    CU_ASSERT_EQUAL(tally_link_lost(&link), 2);
    CU_ASSERT_EQUAL(tally_link_rest(&link), 1);
    story_free(&story);
}

static void ends_errors_and_rejections_are_counted_by_kind(void)
{
    struct story story;
    struct trace_record record = story_note(9, TRACE_REJECTED, C1, TRACE_NOBODY, 0, 0);

    story_init(&story, "toupper", 4);
    story_start_as(&story, true, false);
    for (uint32_t n = 1; n <= 4; n++) {
        static const enum outcome outcomes[] = {OUTCOME_ERROR, OUTCOME_ERROR, OUTCOME_TIMED_OUT,
                                                OUTCOME_CANCELLED};
        struct trace_record failed = story_note(n, TRACE_FAILED, C1, C1, n, 1);
        failed.reason = (uint8_t)outcomes[n - 1];
        failed.code = n == 1 ? 404 : n == 2 ? 418 : 0;
        tally_take(&story.verdict.tally, &failed, NULL);
    }
    record.reason = REJECT_STALE;
    tally_take(&story.verdict.tally, &record, NULL);
    struct trace_record retry = story_note(9, TRACE_RETRY, C1, C1, 4, 2);
    tally_take(&story.verdict.tally, &retry, NULL);
    struct tally_node node = tally_node(&story.verdict.tally, C1);
    CU_ASSERT(node.error == 2 && node.timed_out == 1 && node.cancelled == 1);
    CU_ASSERT_EQUAL(node.errors[tally_code_index(404)], 1);
    CU_ASSERT_EQUAL(node.errors[tally_code_index(418)], 1);
    CU_ASSERT_EQUAL(tally_code(tally_code_index(418)), 0);
    CU_ASSERT_EQUAL(tally_code(tally_code_index(505)), 505);
    CU_ASSERT_EQUAL(node.rejected[REJECT_STALE], 1);
    CU_ASSERT_EQUAL(node.retries, 1);
    story_free(&story);
}

static void raw_datagrams_are_sent_but_are_no_tries(void)
{
    struct story story;
    struct trace_record raw = story_datagram(1, TRACE_SEND, C1, BROKER, TRACE_NOBODY, 0, 0);

    story_init(&story, "toupper", 1);
    story_start(&story);
    raw.form = TRACE_RAW;
    story_take(&story, raw, NULL);
    CU_ASSERT_EQUAL(TALLY_NODE(&story.verdict.tally, C1, tries), 0);
    CU_ASSERT_EQUAL(TALLY_LINK(&story.verdict.tally, scenario_link(C1, BROKER), sent), 1);
    story_free(&story);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_served_request_is_counted_at_every_node_and_link),
        HARNESS_TEST(a_copy_that_overtakes_is_reordered),
        HARNESS_TEST(losses_are_counted_by_reason_and_copies_apart),
        HARNESS_TEST(ends_errors_and_rejections_are_counted_by_kind),
        HARNESS_TEST(raw_datagrams_are_sent_but_are_no_tries),
    };
    return harness_run("verdict/tally", tests, HARNESS_COUNT(tests));
}
