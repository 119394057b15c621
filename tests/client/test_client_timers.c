#include "client_story.h"

static struct story story;

/* One request of that operation, sent at 0. */
static void begin_one(const char *op)
{
    story_init(&story);
    story_add_send(&story, 1, op, 0);
}

static void start_at_once(void)
{
    story_start(&story);
    story_advance(&story, 0);
}

/* ---- the schedule -------------------------------------------------------------------------- */

static void a_timer_fires_at_exactly_500_ms(void)
{
    begin_one("toupper");
    start_at_once();
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 500 * MS);
    story_wake(&story, 500 * MS - 1);
    CU_ASSERT_EQUAL(outbox_count(&story.outbox), 0);
    story_wake(&story, 500 * MS);
    CU_ASSERT_EQUAL_FATAL(outbox_count(&story.outbox), 3);
    CU_ASSERT_EQUAL(story.outbox.notes[0].kind, NOTE_TIMEOUT);
    CU_ASSERT_EQUAL(story.outbox.notes[0].try, 1);
    CU_ASSERT_EQUAL(story.outbox.notes[0].due_ns, 500 * MS);
    CU_ASSERT_EQUAL(story.outbox.notes[1].kind, NOTE_RETRY);
    CU_ASSERT_EQUAL(story.outbox.notes[1].try, 2);
    CU_ASSERT_FALSE(story.outbox.is_note[2]);
    CU_ASSERT_EQUAL(story.outbox.datagrams[0].try, 2);
    CU_ASSERT_EQUAL(story.outbox.datagrams[0].due_ns, 1500 * MS);
    story_end(&story);
}

static void the_default_schedule_doubles_and_gives_up_at_its_end(void)
{
    begin_one("toupper");
    start_at_once();
    story_advance(&story, TIME_NEVER - 1);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 500, 1500, 3500, 7500));
    CU_ASSERT(story_failed(&story, 1, 15500 * MS, OUTCOME_TIMED_OUT, CODE_NONE, 5));
    CU_ASSERT_EQUAL(story_count(&story, NOTE_TIMEOUT), 5);
    CU_ASSERT_EQUAL(story_find(&story, NOTE_FAILED, 0)->note.value_ns, 15500 * MS);
    CU_ASSERT(client_is_done(&story.client));
    story_end(&story);
}

static void a_retry_says_the_same_with_another_try_and_less_ttl(void)
{
    begin_one("toupper");
    story.config.deadline_ns = 1200 * MS + 1;
    start_at_once();
    struct wire_message message;
    struct outbox_datagram *datagram = &story.outbox.datagrams[0];
    CU_ASSERT_EQUAL_FATAL(wire_decode(&message, datagram->bytes, datagram->size), WIRE_OK);
    CU_ASSERT_EQUAL(message.ttl_ms, 1201);
    story_wake(&story, 500 * MS);
    CU_ASSERT_EQUAL_FATAL(wire_decode(&message, datagram->bytes, datagram->size), WIRE_OK);
    CU_ASSERT_EQUAL(message.id, STORY_PREFIX | 1);
    CU_ASSERT_EQUAL(message.try, 2);
    CU_ASSERT_EQUAL(message.ttl_ms, 701);
    CU_ASSERT_EQUAL(message.op_size, 7);
    CU_ASSERT(memcmp(message.op, "toupper:hello", 13) == 0);
    story_end(&story);
}

static void the_deadline_wins_over_a_timer_that_would_be_later(void)
{
    begin_one("toupper");
    story.config.deadline_ns = 3000 * MS;
    start_at_once();
    story_advance(&story, TIME_NEVER - 1);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 500, 1500));
    CU_ASSERT(story_failed(&story, 1, 3000 * MS, OUTCOME_TIMED_OUT, CODE_NONE, 3));
    CU_ASSERT_EQUAL(story_find(&story, STORY_DATAGRAM, 2)->at_ns, 1500 * MS);
    story_end(&story);
}

static void nothing_is_sent_at_the_deadline_itself(void)
{
    begin_one("toupper");
    story.config.deadline_ns = 1500 * MS;
    start_at_once();
    story_advance(&story, TIME_NEVER - 1);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 500));
    CU_ASSERT(story_failed(&story, 1, 1500 * MS, OUTCOME_TIMED_OUT, CODE_NONE, 2));
    story_end(&story);
}

static void a_client_woken_late_sends_nothing_after_the_deadline(void)
{
    begin_one("toupper");
    story.config.deadline_ns = 1600 * MS;
    start_at_once();
    story_wake(&story, 500 * MS);
    story_wake(&story, 1700 * MS); /* the timer was due at 1500 */
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 500));
    CU_ASSERT_EQUAL(story_find(&story, NOTE_TIMEOUT, 1)->note.due_ns, 1500 * MS);
    CU_ASSERT(story_failed(&story, 1, 1700 * MS, OUTCOME_TIMED_OUT, CODE_NONE, 2));
    story_end(&story);
}

static void ninety_nine_tries_are_sent(void)
{
    begin_one("toupper");
    story.config.policy.tries = 99;
    story.config.policy.backoff = BACKOFF_CONSTANT;
    story.config.policy.timeout_ns = 10 * MS;
    start_at_once();
    story_advance(&story, TIME_NEVER - 1);
    CU_ASSERT_EQUAL(story_count(&story, STORY_DATAGRAM), 99);
    CU_ASSERT(story_failed(&story, 1, 990 * MS, OUTCOME_TIMED_OUT, CODE_NONE, 99));
    story_end(&story);
}

static void jitter_depends_on_key_number_and_try_alone(void)
{
    uint64_t sent_ns[2][4];

    for (unsigned run = 0; run < 2; run++) {
        begin_one("toupper");
        story.config.policy.jitter = JITTER_FULL;
        story.config.policy.tries = 4;
        story.config.start_ns = run * 33 * MS; /* when it happens does not matter */
        story_start(&story);
        story_advance(&story, TIME_NEVER - 1);
        for (unsigned try = 0; try < 4; try++) {
            sent_ns[run][try] =
                story_find(&story, STORY_DATAGRAM, try)->at_ns - story.config.start_ns;
        }
        story_end(&story);
    }
    CU_ASSERT(memcmp(sent_ns[0], sent_ns[1], sizeof(sent_ns[0])) == 0);
    CU_ASSERT(sent_ns[0][1] > 500 * MS && sent_ns[0][1] < 1000 * MS);
}

static void an_answer_to_any_try_ends_the_request(void)
{
    begin_one("toupper");
    start_at_once();
    story_advance(&story, 1600 * MS); /* three tries, the third one's timer is due at 3500 */
    story_reply(&story, 1700 * MS, 1, 2, CODE_OK, "HELLO");
    CU_ASSERT(story_answered(&story, 1, 2, "HELLO"));
    CU_ASSERT_EQUAL(story.outbox.notes[0].due_ns, 3500 * MS);
    CU_ASSERT_EQUAL(story.outbox.notes[0].value_ns, 1700 * MS);
    CU_ASSERT(client_is_done(&story.client));
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), TIME_NEVER);
    story_end(&story);
}

/* ---- error replies ------------------------------------------------------------------------- */

static void codes_that_cannot_get_better_end_the_request_at_once(void)
{
    static const unsigned codes[] = {400, 404, 408, 409, 413, 505};

    for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        begin_one("toupper");
        start_at_once();
        story_reply(&story, 3 * MS, 1, 1, codes[i], "no");
        CU_ASSERT_EQUAL(story.outbox.notes[0].kind, NOTE_REPLY_ERROR);
        CU_ASSERT_EQUAL(story.outbox.notes[0].code, codes[i]);
        CU_ASSERT(story_failed(&story, 1, 3 * MS, OUTCOME_ERROR, codes[i], 1));
        CU_ASSERT(client_is_done(&story.client));
        story_end(&story);
    }
}

static void after_503_the_next_send_is_when_the_timer_would_have_fired(void)
{
    begin_one("toupper");
    start_at_once();
    story_reply(&story, 3 * MS, 1, 1, CODE_UNAVAILABLE, "");
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 500 * MS);
    story_advance(&story, 500 * MS);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 500));
    CU_ASSERT_EQUAL(story_count(&story, NOTE_TIMEOUT), 0);
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 1500 * MS);
    story_end(&story);
}

static void a_429_is_given_the_time_it_asks_for(void)
{
    begin_one("toupper");
    start_at_once();
    story_reply(&story, 3 * MS, 1, 1, CODE_BUSY, "800");
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 803 * MS);
    story_advance(&story, 803 * MS);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 803));
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 1803 * MS);
    story_end(&story);
}

static void a_429_that_asks_for_less_than_the_timer_waits_for_the_timer(void)
{
    static const char *const texts[] = {"100", "0", "", "busy", "9e9", "-1", " 800", "800 "};

    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        begin_one("toupper");
        start_at_once();
        story_reply(&story, 3 * MS, 1, 1, CODE_BUSY, texts[i]);
        CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 500 * MS);
        story_end(&story);
    }
}

static void a_429_that_asks_for_ages_ends_the_request_at_its_deadline(void)
{
    begin_one("toupper");
    start_at_once();
    story_reply(&story, 3 * MS, 1, 1, CODE_BUSY, "99999999999999999999999999");
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 15500 * MS);
    story_advance(&story, TIME_NEVER - 1);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0));
    CU_ASSERT_EQUAL(story_count(&story, NOTE_TIMEOUT), 0);
    CU_ASSERT(story_failed(&story, 1, 15500 * MS, OUTCOME_ERROR, CODE_BUSY, 1));
    story_end(&story);
}

static void an_answer_still_counts_after_an_error_ended_its_try(void)
{
    begin_one("toupper");
    start_at_once();
    story_reply(&story, 3 * MS, 1, 1, CODE_NO_ANSWER, "");
    story_reply(&story, 4 * MS, 1, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_answered(&story, 1, 1, "HELLO"));
    story_end(&story);
}

static void a_504_is_tried_again_only_where_a_second_execution_does_no_harm(void)
{
    begin_one("echo");
    start_at_once();
    story_reply(&story, 3 * MS, 1, 1, CODE_NO_ANSWER, "");
    CU_ASSERT_EQUAL(story_count(&story, NOTE_FAILED), 0);
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 500 * MS);
    story_end(&story);

    begin_one("count");
    start_at_once();
    story_reply(&story, 3 * MS, 1, 1, CODE_NO_ANSWER, "");
    CU_ASSERT(story_failed(&story, 1, 3 * MS, OUTCOME_ERROR, CODE_NO_ANSWER, 1));
    story_end(&story);

    begin_one("count");
    start_at_once();
    story_reply(&story, 3 * MS, 1, 1, CODE_SERVER_FAILED, "");
    CU_ASSERT(story_failed(&story, 1, 3 * MS, OUTCOME_ERROR, CODE_SERVER_FAILED, 1));
    story_end(&story);

    begin_one("count"); /* busy is definite: nothing was executed */
    start_at_once();
    story_reply(&story, 3 * MS, 1, 1, CODE_BUSY, "1");
    CU_ASSERT_EQUAL(story_count(&story, NOTE_FAILED), 0);
    story_end(&story);
}

static void with_no_try_left_a_code_ends_the_request_at_once(void)
{
    begin_one("toupper");
    story.config.policy.tries = 2;
    start_at_once();
    story_reply(&story, 3 * MS, 1, 1, CODE_BUSY, "1");
    story_advance(&story, 500 * MS);
    story_reply(&story, 502 * MS, 1, 2, CODE_BUSY, "1");
    CU_ASSERT(story_failed(&story, 1, 502 * MS, OUTCOME_ERROR, CODE_BUSY, 2));
    story_end(&story);
}

static void a_definite_code_after_an_unanswered_try_becomes_504(void)
{
    begin_one("toupper");
    start_at_once();
    story_advance(&story, 500 * MS); /* the first try stays unanswered: it may be executed */
    story_reply(&story, 503 * MS, 1, 2, CODE_UNKNOWN_OP, "unknown op");
    CU_ASSERT_EQUAL(story.outbox.notes[0].code, CODE_UNKNOWN_OP);
    CU_ASSERT(story_failed(&story, 1, 503 * MS, OUTCOME_ERROR, CODE_NO_ANSWER, 2));
    story_end(&story);
}

static void a_definite_code_after_an_indefinite_one_becomes_504(void)
{
    begin_one("toupper");
    start_at_once();
    story_reply(&story, 3 * MS, 1, 1, CODE_SERVER_FAILED, "");
    story_advance(&story, 500 * MS);
    story_reply(&story, 503 * MS, 1, 2, CODE_EXPIRED, "");
    CU_ASSERT(story_failed(&story, 1, 503 * MS, OUTCOME_ERROR, CODE_NO_ANSWER, 2));
    story_end(&story);
}

static void a_definite_code_is_final_once_every_try_has_had_one(void)
{
    begin_one("toupper");
    start_at_once();
    story_advance(&story, 500 * MS);
    story_reply(&story, 501 * MS, 1, 1, CODE_UNKNOWN_OP, ""); /* late, for the first try */
    CU_ASSERT_EQUAL(story.outbox.note_count, 1);
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 1500 * MS);
    story_reply(&story, 503 * MS, 1, 2, CODE_UNKNOWN_OP, "");
    CU_ASSERT(story_failed(&story, 1, 503 * MS, OUTCOME_ERROR, CODE_UNKNOWN_OP, 2));
    story_end(&story);
}

static void two_copies_of_one_error_count_for_one_try(void)
{
    begin_one("toupper");
    story.config.policy.tries = 3;
    start_at_once();
    story_advance(&story, 500 * MS); /* the first try stays unanswered */
    story_reply(&story, 501 * MS, 1, 2, CODE_BUSY, "5000");
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 5501 * MS);
    story_reply(&story, 502 * MS, 1, 2, CODE_BUSY, "9000");
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 5501 * MS);
    story_advance(&story, 5501 * MS);
    story_reply(&story, 5502 * MS, 1, 3, CODE_BUSY, "");
    CU_ASSERT(story_failed(&story, 1, 5502 * MS, OUTCOME_ERROR, CODE_NO_ANSWER, 3));
    story_end(&story);
}

static void an_error_to_an_earlier_try_does_not_end_the_current_one(void)
{
    begin_one("toupper");
    story.config.policy.tries = 2;
    start_at_once();
    story_advance(&story, 500 * MS);
    story_reply(&story, 501 * MS, 1, 1, CODE_UNAVAILABLE, "");
    CU_ASSERT_EQUAL(story_count(&story, NOTE_REPLY_ERROR), 1);
    story_advance(&story, TIME_NEVER - 1);
    CU_ASSERT(story_failed(&story, 1, 1500 * MS, OUTCOME_TIMED_OUT, CODE_NONE, 2));
    story_end(&story);
}

static void a_code_that_nobody_knows_ends_the_request(void)
{
    begin_one("toupper");
    start_at_once();
    story_reply(&story, 3 * MS, 1, 1, 299, "");
    CU_ASSERT(story_failed(&story, 1, 3 * MS, OUTCOME_ERROR, 299, 1));
    story_end(&story);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_timer_fires_at_exactly_500_ms),
        HARNESS_TEST(the_default_schedule_doubles_and_gives_up_at_its_end),
        HARNESS_TEST(a_retry_says_the_same_with_another_try_and_less_ttl),
        HARNESS_TEST(the_deadline_wins_over_a_timer_that_would_be_later),
        HARNESS_TEST(nothing_is_sent_at_the_deadline_itself),
        HARNESS_TEST(a_client_woken_late_sends_nothing_after_the_deadline),
        HARNESS_TEST(ninety_nine_tries_are_sent),
        HARNESS_TEST(jitter_depends_on_key_number_and_try_alone),
        HARNESS_TEST(an_answer_to_any_try_ends_the_request),
        HARNESS_TEST(codes_that_cannot_get_better_end_the_request_at_once),
        HARNESS_TEST(after_503_the_next_send_is_when_the_timer_would_have_fired),
        HARNESS_TEST(a_429_is_given_the_time_it_asks_for),
        HARNESS_TEST(a_429_that_asks_for_less_than_the_timer_waits_for_the_timer),
        HARNESS_TEST(a_429_that_asks_for_ages_ends_the_request_at_its_deadline),
        HARNESS_TEST(an_answer_still_counts_after_an_error_ended_its_try),
        HARNESS_TEST(a_504_is_tried_again_only_where_a_second_execution_does_no_harm),
        HARNESS_TEST(with_no_try_left_a_code_ends_the_request_at_once),
        HARNESS_TEST(a_definite_code_after_an_unanswered_try_becomes_504),
        HARNESS_TEST(a_definite_code_after_an_indefinite_one_becomes_504),
        HARNESS_TEST(a_definite_code_is_final_once_every_try_has_had_one),
        HARNESS_TEST(two_copies_of_one_error_count_for_one_try),
        HARNESS_TEST(an_error_to_an_earlier_try_does_not_end_the_current_one),
        HARNESS_TEST(a_code_that_nobody_knows_ends_the_request),
    };
    return harness_run("client/client_timers", tests, HARNESS_COUNT(tests));
}
