/* What clients say of their requests: promises 1 to 4 and 6, each broken on purpose. */
#include "verdict/judge.h"

#include "verdict/story.h"

/* ---- stories without a flaw ------------------------------------------------------------------ */

static void a_good_story_breaks_nothing(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    CU_ASSERT_EQUAL(story.verdict.request_count, 2);
    CU_ASSERT_EQUAL(story.verdict.requests[0].client, C1);
    CU_ASSERT_EQUAL(story.verdict.requests[0].latency_ns, 4 * NS_PER_MS);
    CU_ASSERT_EQUAL(story.verdict.requests[0].begin_ns, 10 * NS_PER_MS);
    CU_ASSERT_EQUAL(story.verdict.requests[0].code, 200);
    CU_ASSERT_EQUAL(story.verdict.requests[1].executions, 1);
    CU_ASSERT_EQUAL(story.verdict.tries_histogram[1], 2);
    story_end_with(&story, PROMISE_COUNT);
}

/* The second try is answered, the first request's copies are lost on two hops. */
static void a_retry_breaks_nothing(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_begin(&story, 0, C1, 1, "toupper:a");
    story_lose(&story, 0, C1, BROKER, C1, 1, 1);
    story_timeout(&story, 100, C1, 1, 1);
    story_reach_server(&story, 100, TOUPPER, C1, 1, 2);
    story_lose(&story, 102, TOUPPER, BROKER, C1, 1, 2);
    story_timeout(&story, 200, C1, 1, 2);
    story_send(&story, 200, C1, BROKER, C1, 1, 3);
    story_deliver(&story, 201, C1, BROKER, C1, 1, 3);
    story_send(&story, 201, BROKER, TOUPPER, C1, 1, 3);
    story_deliver(&story, 202, BROKER, TOUPPER, C1, 1, 3);
    story_execute(&story, 202, TOUPPER, C1, 1, 3);
    story_return(&story, 202, TOUPPER, C1, 1, 3);
    story_answer(&story, 204, C1, 1, 3, 204, "A");
    story_serve(&story, 300, C2, 1, TOUPPER, "toupper:b", "B");
    CU_ASSERT_EQUAL(story.verdict.requests[0].tries, 3);
    CU_ASSERT_EQUAL(story.verdict.duplicate_executions, 1);
    CU_ASSERT_EQUAL(story.verdict.tries_histogram[3], 1);
    story_end_with(&story, PROMISE_COUNT);
}

static void a_request_that_times_out_and_one_never_begun_have_an_outcome(void)
{
    struct story story;

    story_init(&story, "toupper", 2);
    story_start(&story);
    story_begin(&story, 0, C1, 1, "toupper:a");
    for (uint8_t try = 1; try <= 3; try++) {
        story_lose(&story, 100u * (try - 1u), C1, BROKER, C1, 1, try);
        story_timeout(&story, 100u * try, C1, 1, try);
    }
    story_fail(&story, 300, C1, 1, 3, OUTCOME_TIMED_OUT, 0);
    story_fail(&story, 310, C1, 2, 0, OUTCOME_CANCELLED, 0);
    story_fail(&story, 310, C2, 1, 0, OUTCOME_CANCELLED, 0);
    story_fail(&story, 310, C2, 2, 0, OUTCOME_CANCELLED, 0);
    CU_ASSERT_EQUAL(story.verdict.request_count, 4);
    CU_ASSERT_EQUAL(story.verdict.requests[0].outcome, OUTCOME_TIMED_OUT);
    CU_ASSERT_EQUAL(story.verdict.requests[0].latency_ns, UINT64_MAX);
    CU_ASSERT_EQUAL(story.verdict.requests[1].outcome, OUTCOME_CANCELLED);
    CU_ASSERT_EQUAL(story.verdict.requests[1].tries, 0);
    CU_ASSERT_EQUAL(story.verdict.requests[1].op, OP_TOUPPER);
    CU_ASSERT_EQUAL(story.verdict.tries_histogram[0], 3);
    story_end_with(&story, PROMISE_COUNT);
}

/* ---- 1: one outcome -------------------------------------------------------------------------- */

static void a_request_that_ends_twice_breaks_one_outcome(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    story_fail(&story, 30, C2, 1, 1, OUTCOME_TIMED_OUT, 0);
    story_end_with(&story, PROMISE_ONE_OUTCOME);
}

/* The second answer is nobody's, and the request has ended twice. */
static void a_request_that_is_answered_twice_breaks_one_outcome(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    story_answer(&story, 24, C2, 1, 1, 4, "WORLD");
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_ONE_OUTCOME].verdict, PROMISE_BROKEN);
    CU_ASSERT_STRING_EQUAL(story.verdict.promises[PROMISE_ONE_OUTCOME].detail,
                           "at 24.000ms: c2/1: was answered after its end");
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_OWN_REPLY].verdict, PROMISE_BROKEN);
    CU_ASSERT_EQUAL(story.verdict.status, 4);
    story_free(&story);
}

static void a_request_that_never_ends_breaks_one_outcome(void)
{
    struct story story;

    story_open_second(&story);
    story_lose(&story, 20, C2, BROKER, C2, 1, 1);
    story_end_with(&story, PROMISE_ONE_OUTCOME);
}

static void a_request_that_is_missing_breaks_one_outcome(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_end_with(&story, PROMISE_ONE_OUTCOME);
}

static void a_request_out_of_turn_breaks_one_outcome(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_serve(&story, 20, C2, 2, TOUPPER, "toupper:b", "B");
    story_end_with(&story, PROMISE_ONE_OUTCOME);
}

static void an_end_that_is_none_breaks_one_outcome(void)
{
    struct story story;

    story_open_second(&story);
    story_lose(&story, 20, C2, BROKER, C2, 1, 1);
    story_fail(&story, 320, C2, 1, 1, OUTCOME_ANSWERED, 0);
    story_end_with(&story, PROMISE_ONE_OUTCOME);
}

/* ---- 2: the right text ----------------------------------------------------------------------- */

static void the_wrong_text_breaks_right_text(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:hello", "HELLO");
    story_serve(&story, 20, C2, 1, TOUPPER, "toupper:hello", "HELL0");
    CU_ASSERT_EQUAL(story.verdict.wrong, 1);
    CU_ASSERT_EQUAL(TALLY_NODE(&story.verdict.tally, C2, wrong), 1);
    CU_ASSERT(story.verdict.requests[1].wrong);
    CU_ASSERT(!story.verdict.requests[0].wrong);
    story_end_with(&story, PROMISE_RIGHT_TEXT);
}

static void an_answer_for_an_operation_nobody_has_is_wrong(void)
{
    struct story story;

    story_init(&story, "reverse", 1);
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "reverse:ab", "ba");
    story_serve(&story, 20, C2, 1, TOUPPER, "reverse:ab", "ba");
    story_end_with(&story, PROMISE_RIGHT_TEXT);
}

static void a_count_may_be_any_execution_so_far(void)
{
    struct story story;

    story_init(&story, "count", 1);
    story_start(&story);
    story_serve(&story, 10, C1, 1, COUNT, "count:a", "1");
    story_serve(&story, 20, C2, 1, COUNT, "count:b", "1");
    story_end_with(&story, PROMISE_COUNT);
}

static void a_count_beyond_the_executions_breaks_right_text(void)
{
    struct story story;

    story_init(&story, "count", 1);
    story_start(&story);
    story_serve(&story, 10, C1, 1, COUNT, "count:a", "1");
    story_serve(&story, 20, C2, 1, COUNT, "count:b", "2");
    story_end_with(&story, PROMISE_RIGHT_TEXT);
}

/* A plain request: no name on the wire but where its client sends. */
static void serve_plain(struct story *story, uint64_t ms, uint32_t client, uint32_t n,
                        const char *answer)
{
    struct trace_record send = story_datagram(ms, TRACE_SEND, client, BROKER, client, n, 1);
    struct trace_record hop;

    story_begin(story, ms, client, n, "toupper:a");
    send.form = TRACE_PLAIN;
    send.value_ns = send.t_ns + 100 * NS_PER_MS;
    story_take(story, send, NULL);
    hop = story_datagram(ms + 1, TRACE_DELIVER, client, BROKER, TRACE_NOBODY, 0, 0);
    hop.form = TRACE_PLAIN;
    story_take(story, hop, NULL);
    story_open(story, ms + 1, TRACE_NOBODY, 0);
    story_send(story, ms + 1, BROKER, TOUPPER, TRACE_NOBODY, 0, 1);
    story_deliver(story, ms + 2, BROKER, TOUPPER, TRACE_NOBODY, 0, 1);
    story_execute(story, ms + 2, TOUPPER, TRACE_NOBODY, 0, 1);
    story_send(story, ms + 2, TOUPPER, BROKER, TRACE_NOBODY, 0, 1);
    story_deliver(story, ms + 3, TOUPPER, BROKER, TRACE_NOBODY, 0, 1);
    story_close(story, ms + 3, TRACE_NOBODY, 0);
    hop = story_datagram(ms + 3, TRACE_SEND, BROKER, client, TRACE_NOBODY, 0, 1);
    hop.form = TRACE_PLAIN;
    story_take(story, hop, NULL);
    hop = story_datagram(ms + 4, TRACE_DELIVER, BROKER, client, TRACE_NOBODY, 0, 0);
    hop.form = TRACE_PLAIN;
    story_take(story, hop, NULL);
    story_answer(story, ms + 4, client, n, 1, 4, answer);
}

static void plain_requests_are_judged_too(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story.group.plain = true;
    story.group.policy.tries = 1;
    story_start(&story);
    serve_plain(&story, 10, C1, 1, "A");
    serve_plain(&story, 20, C2, 1, "A");
    CU_ASSERT_EQUAL(story.verdict.requests[0].id, 0);
    story_end_with(&story, PROMISE_COUNT);
}

static void a_wrong_plain_answer_breaks_right_text(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story.group.plain = true;
    story.group.policy.tries = 1;
    story_start(&story);
    serve_plain(&story, 10, C1, 1, "A");
    serve_plain(&story, 20, C2, 1, "a");
    story_end_with(&story, PROMISE_RIGHT_TEXT);
}

static void a_plain_client_that_retries_is_not_judged_by_its_texts(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story.group.plain = true;
    story_start(&story);
    serve_plain(&story, 10, C1, 1, "A");
    serve_plain(&story, 20, C2, 1, "a");
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_RIGHT_TEXT].verdict, PROMISE_NOT_JUDGED);
    CU_ASSERT_EQUAL(story.verdict.wrong, 1);
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    story_free(&story);
}

/* ---- 3 and 4: own replies, with a cause ------------------------------------------------------ */

static void an_answer_that_did_not_come_breaks_own_reply(void)
{
    struct story story;

    story_open_second(&story);
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_return(&story, 22, TOUPPER, C2, 1, 1);
    story_answer(&story, 25, C2, 1, 1, 5, "B"); /* it came at 24 */
    story_end_with(&story, PROMISE_OWN_REPLY);
}

static void an_answer_to_another_try_than_came_breaks_own_reply(void)
{
    struct story story;

    story_open_second(&story);
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_return(&story, 22, TOUPPER, C2, 1, 1);
    story_answer(&story, 24, C2, 1, 2, 4, "B");
    story_end_with(&story, PROMISE_OWN_REPLY);
}

static void an_answer_without_an_execution_breaks_cause(void)
{
    struct story story;

    story_open_second(&story);
    story_send(&story, 20, C2, BROKER, C2, 1, 1);
    story_deliver(&story, 21, C2, BROKER, C2, 1, 1);
    story_send(&story, 21, BROKER, C2, C2, 1, 1);
    story_deliver(&story, 22, BROKER, C2, C2, 1, 1);
    story_answer(&story, 22, C2, 1, 1, 2, "B");
    story_end_with(&story, PROMISE_CAUSE);
}

static void an_execution_before_the_send_breaks_cause(void)
{
    struct story story;

    story_open_second(&story);
    story_execute(&story, 20, TOUPPER, C2, 1, 1);
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_return(&story, 22, TOUPPER, C2, 1, 1);
    story_answer(&story, 24, C2, 1, 1, 4, "B");
    story_end_with(&story, PROMISE_CAUSE);
}

static void an_execution_when_all_is_over_breaks_cause(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    story_execute(&story, 30, TOUPPER, C1, 1, 1);
    CU_ASSERT_EQUAL(story.verdict.duplicate_executions, 1);
    story_end_with(&story, PROMISE_CAUSE);
}

static void an_execution_of_what_nobody_sent_breaks_cause(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    story_execute(&story, 30, TOUPPER, TRACE_NOBODY, 0, 1);
    story_end_with(&story, PROMISE_CAUSE);
}

static void with_a_port_for_the_outside_strangers_are_served(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story.nodes[BROKER].port = 8082;
    story_start(&story);
    story_serve_both(&story);
    story_send(&story, 30, BROKER, TOUPPER, TRACE_NOBODY, 0, 1);
    story_deliver(&story, 31, BROKER, TOUPPER, TRACE_NOBODY, 0, 1);
    story_execute(&story, 31, TOUPPER, TRACE_NOBODY, 0, 1);
    story_end_with(&story, PROMISE_COUNT);
}

/* The broker refuses the client's first try. */
static void refuse(struct story *story, uint64_t ms, uint32_t client, bool broker_says_so)
{
    struct trace_record error = story_note(ms + 2, TRACE_REPLY_ERROR, client, client, 1, 1);

    story_begin(story, ms, client, 1, "toupper:b");
    story_send(story, ms, client, BROKER, client, 1, 1);
    story_deliver(story, ms + 1, client, BROKER, client, 1, 1);
    if (broker_says_so) {
        story_send(story, ms + 1, BROKER, client, client, 1, 1);
        story_deliver(story, ms + 2, BROKER, client, client, 1, 1);
    } else { /* the same bytes, but a forgery: they came by no link of the broker's */
        struct trace_record forged =
            story_datagram(ms + 1, TRACE_SEND, BROKER, client, TRACE_NOBODY, 0, 1);
        forged.form = TRACE_RAW;
        story_take(story, forged, NULL);
        story_deliver(story, ms + 2, BROKER, client, client, 1, 1);
    }
    error.code = 404;
    story_take(story, error, NULL);
    story_fail(story, ms + 2, client, 1, 1, OUTCOME_ERROR, 404);
}

static void an_error_from_the_broker_has_a_cause(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    refuse(&story, 20, C2, true);
    CU_ASSERT_EQUAL(story.verdict.requests[1].code, 404);
    story_end_with(&story, PROMISE_COUNT);
}

static void an_error_that_the_broker_never_sent_breaks_cause(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    refuse(&story, 20, C2, false);
    story_end_with(&story, PROMISE_CAUSE);
}

/* ---- 6: definite codes ----------------------------------------------------------------------- */

/* Executed, and then called 404. */
static void deny(struct story *story)
{
    struct trace_record error = story_note(24, TRACE_REPLY_ERROR, C2, C2, 1, 1);

    story_serve(story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_begin(story, 20, C2, 1, "toupper:b");
    story_reach_server(story, 20, TOUPPER, C2, 1, 1);
    story_return(story, 22, TOUPPER, C2, 1, 1);
    error.code = 404;
    story_take(story, error, NULL);
    story_fail(story, 24, C2, 1, 1, OUTCOME_ERROR, 404);
}

static void a_not_executed_that_was_breaks_definite(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    deny(&story);
    story_end_with(&story, PROMISE_DEFINITE);
}

static void where_a_link_duplicates_definite_is_not_judged(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    struct scenario_rule *rule = story_add_rule(&story);
    rule->faults.set = FAULT_DUPLICATE;
    rule->faults.duplicate_q63 = PROBABILITY_ONE / 10;
    story_start(&story);
    deny(&story);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_DEFINITE].verdict, PROMISE_NOT_JUDGED);
    CU_ASSERT_STRING_EQUAL(story.verdict.promises[PROMISE_DEFINITE].detail,
                           "a link duplicates datagrams");
    story_free(&story);
}

static void an_execution_after_a_definite_end_breaks_definite(void)
{
    struct story story;
    struct trace_record error = story_note(24, TRACE_REPLY_ERROR, C2, C2, 1, 1);

    story_open_second(&story);
    story_send(&story, 20, C2, BROKER, C2, 1, 1);
    story_deliver(&story, 21, C2, BROKER, C2, 1, 1);
    story_open(&story, 21, C2, 1);
    story_send(&story, 21, BROKER, TOUPPER, C2, 1, 1);
    story_send(&story, 23, BROKER, C2, C2, 1, 1);
    story_deliver(&story, 24, BROKER, C2, C2, 1, 1);
    error.code = 429;
    story_take(&story, error, NULL);
    story_fail(&story, 24, C2, 1, 1, OUTCOME_ERROR, 429);
    story_deliver(&story, 30, BROKER, TOUPPER, C2, 1, 1);
    story_execute(&story, 30, TOUPPER, C2, 1, 1);
    story_return(&story, 30, TOUPPER, C2, 1, 1);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.requests[1].executions, 1);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_DEFINITE].verdict, PROMISE_BROKEN);
    CU_ASSERT_STRING_EQUAL(
        story.verdict.promises[PROMISE_DEFINITE].detail,
        "at 30.000ms: c2/1: toupper executed it after it had ended as not executed");
    story_free(&story);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_good_story_breaks_nothing),
        HARNESS_TEST(a_retry_breaks_nothing),
        HARNESS_TEST(a_request_that_times_out_and_one_never_begun_have_an_outcome),
        HARNESS_TEST(a_request_that_ends_twice_breaks_one_outcome),
        HARNESS_TEST(a_request_that_is_answered_twice_breaks_one_outcome),
        HARNESS_TEST(a_request_that_never_ends_breaks_one_outcome),
        HARNESS_TEST(a_request_that_is_missing_breaks_one_outcome),
        HARNESS_TEST(a_request_out_of_turn_breaks_one_outcome),
        HARNESS_TEST(an_end_that_is_none_breaks_one_outcome),
        HARNESS_TEST(the_wrong_text_breaks_right_text),
        HARNESS_TEST(an_answer_for_an_operation_nobody_has_is_wrong),
        HARNESS_TEST(a_count_may_be_any_execution_so_far),
        HARNESS_TEST(a_count_beyond_the_executions_breaks_right_text),
        HARNESS_TEST(plain_requests_are_judged_too),
        HARNESS_TEST(a_wrong_plain_answer_breaks_right_text),
        HARNESS_TEST(a_plain_client_that_retries_is_not_judged_by_its_texts),
        HARNESS_TEST(an_answer_that_did_not_come_breaks_own_reply),
        HARNESS_TEST(an_answer_to_another_try_than_came_breaks_own_reply),
        HARNESS_TEST(an_answer_without_an_execution_breaks_cause),
        HARNESS_TEST(an_execution_before_the_send_breaks_cause),
        HARNESS_TEST(an_execution_when_all_is_over_breaks_cause),
        HARNESS_TEST(an_execution_of_what_nobody_sent_breaks_cause),
        HARNESS_TEST(with_a_port_for_the_outside_strangers_are_served),
        HARNESS_TEST(an_error_from_the_broker_has_a_cause),
        HARNESS_TEST(an_error_that_the_broker_never_sent_breaks_cause),
        HARNESS_TEST(a_not_executed_that_was_breaks_definite),
        HARNESS_TEST(where_a_link_duplicates_definite_is_not_judged),
        HARNESS_TEST(an_execution_after_a_definite_end_breaks_definite),
    };
    return harness_run("verdict/judge_client", tests, HARNESS_COUNT(tests));
}
