#include "broker_story.h"

static struct story story;

/* A broker with a schedule of its own. */
static void start(uint64_t timeout_ns, unsigned tries)
{
    story_init(&story);
    story.config.policy.timeout_ns = timeout_ns;
    story.config.policy.tries = tries;
    story.config.policy.backoff = BACKOFF_EXPONENTIAL;
    story_start(&story);
}

/* Wakes the broker when it asks to be, which must be then. */
static void wake_at(uint64_t due_ns)
{
    CU_ASSERT_EQUAL(story_due_ns(&story), due_ns);
    story_wake(&story, due_ns);
}

/* Whether the latest call put these two kinds of notes, in this order, and one datagram. */
static bool noted(enum note_kind first, enum note_kind second)
{
    return story.outbox.note_count == 2 && story.outbox.datagram_count == 1 &&
           story.outbox.notes[0].kind == first && story.outbox.notes[1].kind == second &&
           !story.outbox.is_note[2];
}

static void without_a_policy_the_broker_has_no_timer(void)
{
    story_init(&story);
    story_start(&story);
    CU_ASSERT_PTR_NULL(story.broker.legs);
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    wake_at(5000 * MS);
    CU_ASSERT_EQUAL(outbox_count(&story.outbox), 1);
    CU_ASSERT(story_closed(&story, CODE_NONE));
    story_end(&story);
}

static void its_own_leg_sends_again_by_its_schedule_and_gives_up_with_504(void)
{
    uint64_t upstream;

    start(100 * MS, 3);
    story_ask(&story, 0, STORY_C1, STORY_ID, 4, 5000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 4, 5000, "hello");

    wake_at(100 * MS);
    CU_ASSERT(noted(NOTE_TIMEOUT, NOTE_RETRY));
    CU_ASSERT_EQUAL(story.outbox.notes[0].due_ns, 100 * MS);
    CU_ASSERT_EQUAL(story.outbox.notes[0].id, upstream);
    CU_ASSERT_EQUAL(story.outbox.notes[1].try, 4);
    CU_ASSERT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 4, 4900, "hello"), upstream);

    wake_at(300 * MS);
    CU_ASSERT(noted(NOTE_TIMEOUT, NOTE_RETRY));
    CU_ASSERT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 4, 4700, "hello"), upstream);

    wake_at(700 * MS);
    CU_ASSERT(noted(NOTE_TIMEOUT, NOTE_ENTRY_CLOSED));
    CU_ASSERT(story_closed(&story, CODE_NO_ANSWER));
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 4, CODE_NO_ANSWER, "no answer"));
    CU_ASSERT_EQUAL(story_due_ns(&story), TIME_NEVER);
    story_reply(&story, 701 * MS, STORY_TOUPPER, upstream, 4, CODE_OK, "HELLO");
    CU_ASSERT(story_rejected(&story, REJECT_LATE));
    story_end(&story);
}

static void an_answer_to_the_second_send_is_relayed_and_ends_the_schedule(void)
{
    uint64_t upstream;

    start(100 * MS, 3);
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    wake_at(100 * MS);
    story_reply(&story, 150 * MS, STORY_TOUPPER, upstream, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_OK, "HELLO"));
    CU_ASSERT_EQUAL(story_due_ns(&story), TIME_NEVER);
    story_end(&story);
}

static void a_definite_code_after_its_own_second_send_is_504(void)
{
    uint64_t upstream;

    start(100 * MS, 3);
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    wake_at(100 * MS);
    story_reply(&story, 150 * MS, STORY_TOUPPER, upstream, 1, CODE_BUSY, "20");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_NO_ANSWER, "no answer"));
    story_end(&story);
}

static void the_ttl_shrinks_by_the_time_held_rounded_up(void)
{
    start(1500001, 9);
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 6);
    CU_ASSERT_NOT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 1, 6, "hello"), 0);
    wake_at(1500001); /* 4499999 ns left */
    CU_ASSERT_NOT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 1, 5, "hello"), 0);
    wake_at(4500003); /* 1499997 ns left */
    CU_ASSERT_NOT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 1, 2, "hello"), 0);
    wake_at(6 * MS); /* over, before the timer at 10.5 ms: the client no longer waits */
    CU_ASSERT_EQUAL(outbox_count(&story.outbox), 1);
    CU_ASSERT(story_closed(&story, CODE_NONE));
    story_end(&story);
}

static void a_timer_that_is_noticed_after_the_ttl_sends_nothing(void)
{
    start(100 * MS, 3);
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 150);
    story_wake(&story, 150 * MS);
    CU_ASSERT_EQUAL(outbox_count(&story.outbox), 1);
    CU_ASSERT(story_closed(&story, CODE_NONE));
    story_end(&story);
}

static void a_copy_from_the_client_is_forwarded_at_once_and_starts_the_schedule_anew(void)
{
    uint64_t upstream;

    start(100 * MS, 2);
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    wake_at(100 * MS);
    story_ask(&story, 250 * MS, STORY_C1, STORY_ID, 2, 4750);
    CU_ASSERT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 2, 4750, "hello"), upstream);
    CU_ASSERT_EQUAL(story.outbox.note_count, 0);
    wake_at(350 * MS);
    CU_ASSERT(noted(NOTE_TIMEOUT, NOTE_RETRY));
    CU_ASSERT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 2, 4650, "hello"), upstream);
    wake_at(550 * MS);
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 2, CODE_NO_ANSWER, "no answer"));
    story_end(&story);
}

static void each_entry_keeps_its_own_text_and_timer(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    start(100 * MS, 2);
    story_receive(&story, 0, STORY_C1, bytes,
                  core_story_request(bytes, 1, 1, 5000, "toupper", "the first"));
    story_receive(&story, 30 * MS, STORY_C2, bytes,
                  core_story_request(bytes, 2, 1, 5000, "tolower", ""));
    wake_at(100 * MS);
    CU_ASSERT_NOT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 1, 4900, "the first"), 0);
    wake_at(130 * MS);
    CU_ASSERT_NOT_EQUAL(story_forwarded(&story, STORY_TOLOWER, 1, 4900, ""), 0);
    wake_at(300 * MS);
    CU_ASSERT(story_relayed(&story, STORY_C1, 1, 1, CODE_NO_ANSWER, "no answer"));
    wake_at(330 * MS);
    CU_ASSERT(story_relayed(&story, STORY_C2, 2, 1, CODE_NO_ANSWER, "no answer"));
    story_end(&story);
}

static void jitter_depends_on_the_id_and_the_send_alone(void)
{
    uint64_t first_ns;

    start(100 * MS, 3);
    story_end(&story);
    story.config.policy.jitter = JITTER_COAP;
    story_start(&story);
    story_ask(&story, 0, STORY_C1, 1, 1, 5000);
    first_ns = story_due_ns(&story);
    CU_ASSERT(first_ns >= 100 * MS && first_ns <= 150 * MS);
    story_wake(&story, first_ns);
    CU_ASSERT_EQUAL(story_due_ns(&story), first_ns + 2 * first_ns);
    story_end(&story);

    story_start(&story);
    story_ask(&story, 0, STORY_C1, 2, 1, 5000);
    CU_ASSERT_NOT_EQUAL(story_due_ns(&story), first_ns);
    story_end(&story);
    story_start(&story);
    story_ask(&story, 7 * MS, STORY_C1, 1, 1, 5000);
    CU_ASSERT_EQUAL(story_due_ns(&story), first_ns + 7 * MS);
    story_end(&story);
}

static void a_plain_request_is_sent_again_as_well(void)
{
    uint64_t upstream;

    start(100 * MS, 2);
    story_receive_text(&story, 0, STORY_C1, "toupper:hello\n");
    upstream = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello\n");
    CU_ASSERT_NOT_EQUAL(upstream, 0);
    wake_at(100 * MS);
    CU_ASSERT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 1, 4900, "hello\n"), upstream);
    wake_at(300 * MS);
    CU_ASSERT(story_said(&story, STORY_C1, "Error: no answer\n"));
    CU_ASSERT(story_closed(&story, CODE_NO_ANSWER));
    story_end(&story);
}

static void a_second_send_to_a_plain_server_leaves_by_another_channel(void)
{
    uint16_t first;
    uint16_t second;
    const struct outbox_note *note;

    start(100 * MS, 2);
    story.servers[0].plain = true;
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    first = story_asked_plainly(&story, STORY_TOUPPER, "hello");
    wake_at(100 * MS);
    second = story_asked_plainly(&story, STORY_TOUPPER, "hello");
    CU_ASSERT(first != 0 && second != 0 && first != second);
    note = story_note(&story, NOTE_CHANNEL_CLOSE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(note);
    CU_ASSERT_EQUAL(note->peer.channel, first);
    CU_ASSERT(endpoint_equal(note->peer, STORY_TOUPPER));
    wake_at(300 * MS);
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_NO_ANSWER, "no answer"));
    note = story_note(&story, NOTE_CHANNEL_CLOSE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(note);
    CU_ASSERT_EQUAL(note->peer.channel, second);
    story_end(&story);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(without_a_policy_the_broker_has_no_timer),
    HARNESS_TEST(its_own_leg_sends_again_by_its_schedule_and_gives_up_with_504),
    HARNESS_TEST(an_answer_to_the_second_send_is_relayed_and_ends_the_schedule),
    HARNESS_TEST(a_definite_code_after_its_own_second_send_is_504),
    HARNESS_TEST(the_ttl_shrinks_by_the_time_held_rounded_up),
    HARNESS_TEST(a_timer_that_is_noticed_after_the_ttl_sends_nothing),
    HARNESS_TEST(a_copy_from_the_client_is_forwarded_at_once_and_starts_the_schedule_anew),
    HARNESS_TEST(each_entry_keeps_its_own_text_and_timer),
    HARNESS_TEST(jitter_depends_on_the_id_and_the_send_alone),
    HARNESS_TEST(a_plain_request_is_sent_again_as_well),
    HARNESS_TEST(a_second_send_to_a_plain_server_leaves_by_another_channel),
};

int main(void)
{
    return harness_run("broker/leg", tests, HARNESS_COUNT(tests));
}
