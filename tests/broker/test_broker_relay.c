#include "broker_story.h"

#include "base/prng.h"

static struct story story;

static void start(void)
{
    story_init(&story);
    story_start(&story);
}

/* ---- ids ----------------------------------------------------------------------------------- */

static void an_upstream_id_can_be_inverted_by_who_has_the_key(void)
{
    for (uint64_t i = 0; i < 1000; i++) {
        struct broker_id_key key = broker_make_id_key(prng_draw(1, i));
        uint64_t client = prng_draw(2, i);
        uint64_t id = prng_draw(3, i);
        uint64_t upstream = broker_upstream_id(key, client, id);
        CU_ASSERT_EQUAL(broker_upstream_id_invert(key, upstream), id ^ client);
        CU_ASSERT_NOT_EQUAL(upstream, 0);
    }
}

static void neighbouring_ids_are_strangers_upstream(void)
{
    struct broker_id_key key = broker_make_id_key(STORY_KEY);
    struct broker_id_key other = broker_make_id_key(STORY_KEY + 1);
    unsigned bit_count = 0;

    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t changed =
            broker_upstream_id(key, 5, i) ^ broker_upstream_id(key, 5, i ^ (UINT64_C(1) << i % 64));
        for (; changed != 0; changed &= changed - 1) {
            bit_count++;
        }
    }
    CU_ASSERT(bit_count > 31000 && bit_count < 33000); /* half of 64 bits */
    CU_ASSERT_NOT_EQUAL(broker_upstream_id(key, 5, 9), broker_upstream_id(other, 5, 9));
}

static void copies_have_one_id_upstream_and_two_clients_with_one_id_have_two(void)
{
    uint64_t first;
    uint64_t other;

    start();
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    first = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    CU_ASSERT_NOT_EQUAL(first, 0);
    CU_ASSERT_NOT_EQUAL(first, STORY_ID);
    CU_ASSERT_EQUAL(first,
                    broker_upstream_id(broker_make_id_key(STORY_KEY), STORY_C1.key, STORY_ID));
    story_ask(&story, 500 * MS, STORY_C1, STORY_ID, 2, 4500);
    CU_ASSERT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 2, 4500, "hello"), first);
    story_ask(&story, 500 * MS, STORY_C1, STORY_ID, 2, 4500); /* the network's copy */
    CU_ASSERT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 2, 4500, "hello"), first);

    story_ask(&story, 500 * MS, STORY_C2, STORY_ID, 1, 5000);
    other = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    CU_ASSERT(other != 0 && other != first);
    CU_ASSERT_EQUAL(broker_entry_count(&story.broker), 2);

    story_reply(&story, 501 * MS, STORY_TOUPPER, other, 1, CODE_OK, "HELLO 2");
    CU_ASSERT(story_relayed(&story, STORY_C2, STORY_ID, 1, CODE_OK, "HELLO 2"));
    story_reply(&story, 502 * MS, STORY_TOUPPER, first, 1, CODE_OK, "HELLO 1");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_OK, "HELLO 1"));
    story_end(&story);
}

static void an_id_stays_the_same_over_a_restart(void)
{
    uint64_t before;

    start();
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    before = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    story_end(&story);
    start();
    story_ask(&story, 0, STORY_C1, STORY_ID, 2, 4000);
    CU_ASSERT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 2, 4000, "hello"), before);
    story_end(&story);
}

static void two_clients_whose_ids_collide_upstream_are_kept_apart(void)
{
    uint64_t id = STORY_ID ^ STORY_C1.key ^ STORY_C2.key; /* the same exclusive-or */
    uint64_t upstream;

    start();
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    story_ask(&story, 0, STORY_C2, id, 1, 5000);
    CU_ASSERT(story_relayed(&story, STORY_C2, id, 1, CODE_BUSY, "100"));
    story_reply(&story, 1 * MS, STORY_TOUPPER, upstream, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_OK, "HELLO"));
    story_ask(&story, 2 * MS, STORY_C2, id, 2, 5000);
    CU_ASSERT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 2, 5000, "hello"), upstream);
    story_end(&story);
}

/* ---- there and back ------------------------------------------------------------------------ */

static void each_operation_goes_to_its_server_and_its_answer_back_to_its_client(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    size_t size = core_story_request(bytes, 9, 1, 700, "tolower", "HI");
    const struct outbox_note *note;
    uint64_t upstream;

    start();
    story_receive(&story, 5 * MS, STORY_C2, bytes, size);
    upstream = story_forwarded(&story, STORY_TOLOWER, 1, 700, "HI");
    CU_ASSERT_NOT_EQUAL(upstream, 0);
    CU_ASSERT_EQUAL(story.outbox.note_count, 1);
    note = story_note(&story, NOTE_ENTRY_OPENED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(note);
    CU_ASSERT_EQUAL(note->id, upstream);
    CU_ASSERT_EQUAL(note->value_ns, 705 * MS);
    CU_ASSERT(endpoint_equal(note->peer, STORY_C2));

    story_reply(&story, 6 * MS, STORY_TOLOWER, upstream, 1, CODE_OK, "hi");
    CU_ASSERT(story_relayed(&story, STORY_C2, 9, 1, CODE_OK, "hi"));
    CU_ASSERT_EQUAL(story.outbox.note_count, 1);
    CU_ASSERT(story_closed(&story, CODE_OK));
    CU_ASSERT_EQUAL(story.outbox.notes[0].id, upstream);
    CU_ASSERT(endpoint_equal(story.outbox.notes[0].peer, STORY_C2));
    CU_ASSERT_EQUAL(broker_entry_count(&story.broker), 0);
    CU_ASSERT_EQUAL(story_due_ns(&story), TIME_NEVER);
    story_end(&story);
}

static void the_first_reply_ends_the_entry_and_the_second_is_late(void)
{
    uint64_t upstream;

    start();
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    story_ask(&story, 500 * MS, STORY_C1, STORY_ID, 2, 4500);
    CU_ASSERT_EQUAL(story.outbox.note_count, 0); /* the entry was there */
    story_reply(&story, 501 * MS, STORY_TOUPPER, upstream, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_OK, "HELLO")); /* its try */
    story_reply(&story, 502 * MS, STORY_TOUPPER, upstream, 2, CODE_OK, "HELLO");
    CU_ASSERT(story_rejected(&story, REJECT_LATE));
    CU_ASSERT_EQUAL(story.outbox.notes[0].id, upstream);
    CU_ASSERT_EQUAL(story.outbox.notes[0].try, 2);
    story_end(&story);
}

static void a_reply_is_taken_from_the_very_server_that_was_asked(void)
{
    uint64_t upstream;

    start();
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    story_reply(&story, 1 * MS, STORY_TOLOWER, upstream, 1, CODE_OK, "forged");
    CU_ASSERT(story_rejected(&story, REJECT_SPOOFED));
    CU_ASSERT(endpoint_equal(story.outbox.notes[0].peer, STORY_TOLOWER));
    story_reply(&story, 1 * MS, STORY_C2, upstream, 1, CODE_OK, "forged");
    CU_ASSERT(story_rejected(&story, REJECT_WRONG_KIND));
    story_reply(&story, 1 * MS, STORY_TOUPPER, upstream ^ 1, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_rejected(&story, REJECT_LATE));
    story_reply(&story, 1 * MS, STORY_TOUPPER, upstream, 2, CODE_OK, "HELLO");
    CU_ASSERT(story_rejected(&story, REJECT_STALE)); /* that try was never forwarded */
    story_reply(&story, 2 * MS, STORY_TOUPPER, upstream, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_OK, "HELLO"));
    story_end(&story);
}

static void copies_that_overtake_each_other_leave_the_highest_try_in_force(void)
{
    uint64_t upstream;

    start();
    story_ask(&story, 0, STORY_C1, STORY_ID, 7, 5000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 7, 5000, "hello");
    story_ask(&story, 0, STORY_C1, STORY_ID, 6, 5000);
    CU_ASSERT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 6, 5000, "hello"), upstream);
    story_reply(&story, 1 * MS, STORY_TOUPPER, upstream, 8, CODE_OK, "HELLO");
    CU_ASSERT(story_rejected(&story, REJECT_STALE));
    story_reply(&story, 1 * MS, STORY_TOUPPER, upstream, 7, CODE_OK, "HELLO");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 7, CODE_OK, "HELLO"));
    story_end(&story);
}

static void an_entry_expires_in_silence_when_the_latest_copys_ttl_is_over(void)
{
    uint64_t upstream;

    start();
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 1000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 1, 1000, "hello");
    CU_ASSERT_EQUAL(story_due_ns(&story), 1000 * MS);
    story_ask(&story, 600 * MS, STORY_C1, STORY_ID, 2, 401);
    CU_ASSERT_EQUAL(story_due_ns(&story), 1001 * MS);
    story_ask(&story, 601 * MS, STORY_C1, STORY_ID, 1, 100); /* a straggler shortens nothing */
    CU_ASSERT_EQUAL(story_due_ns(&story), 1001 * MS);
    story_wake(&story, 1000 * MS);
    CU_ASSERT_EQUAL(outbox_count(&story.outbox), 0);
    story_wake(&story, 1001 * MS);
    CU_ASSERT_EQUAL(outbox_count(&story.outbox), 1);
    CU_ASSERT(story_closed(&story, CODE_NONE));
    CU_ASSERT_EQUAL(story_due_ns(&story), TIME_NEVER);
    story_reply(&story, 1002 * MS, STORY_TOUPPER, upstream, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_rejected(&story, REJECT_LATE));
    story_end(&story);
}

/* ---- errors of servers --------------------------------------------------------------------- */

static void a_definite_code_is_relayed_after_a_single_forward_only(void)
{
    static const unsigned codes[] = {400, 404, 408, 413, 429, 503, 505};
    uint64_t upstream;

    start();
    for (unsigned i = 0; i < 7; i++) {
        story_ask(&story, 0, STORY_C1, i + 1, 1, 5000);
        upstream = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
        story_reply(&story, 1 * MS, STORY_TOUPPER, upstream, 1, codes[i], "why not");
        CU_ASSERT(story_relayed(&story, STORY_C1, i + 1, 1, codes[i], "why not"));
        CU_ASSERT(story_closed(&story, codes[i]));

        story_ask(&story, 2 * MS, STORY_C1, i + 1, 2, 4000);
        story_ask(&story, 3 * MS, STORY_C1, i + 1, 3, 3000);
        story_reply(&story, 4 * MS, STORY_TOUPPER, upstream, 3, codes[i], "why not");
        CU_ASSERT(story_relayed(&story, STORY_C1, i + 1, 3, CODE_NO_ANSWER, "no answer"));
        CU_ASSERT(story_closed(&story, CODE_NO_ANSWER));
    }
    story_ask(&story, 2 * MS, STORY_C1, 99, 2, 4000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 2, 4000, "hello");
    story_ask(&story, 3 * MS, STORY_C1, 99, 3, 3000);
    story_reply(&story, 4 * MS, STORY_TOUPPER, upstream, 2, CODE_SERVER_FAILED, "it fell");
    CU_ASSERT(story_relayed(&story, STORY_C1, 99, 2, CODE_SERVER_FAILED, "it fell"));
    story_end(&story);
}

static void an_error_is_cut_to_the_size_of_its_request_and_an_answer_is_not(void)
{
    static const char chatter[] = "it would take much too long to explain all this here and now";
    uint64_t upstream;
    size_t size = 53; /* SIM1 Q 9f3a61c07be2d415 1 5000 8b4e036f toupper:hello */

    start();
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    story_reply(&story, 1 * MS, STORY_TOUPPER, upstream, 1, CODE_SERVER_FAILED, chatter);
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_SERVER_FAILED, "it would take "));
    CU_ASSERT_EQUAL(story.outbox.datagrams[0].size, size);

    story_ask(&story, 2 * MS, STORY_C1, STORY_ID, 1, 5000);
    story_ask(&story, 3 * MS, STORY_C1, STORY_ID, 2, 50); /* two octets shorter */
    story_reply(&story, 4 * MS, STORY_TOUPPER, upstream, 1, CODE_SERVER_FAILED, chatter);
    CU_ASSERT_EQUAL(story.outbox.datagrams[0].size, size - 2);

    story_ask(&story, 5 * MS, STORY_C1, STORY_ID, 1, 5000);
    story_reply(&story, 6 * MS, STORY_TOUPPER, upstream, 1, CODE_OK, chatter);
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_OK, chatter));
    story_end(&story);
}

static void a_restart_forgets_every_entry_and_keeps_the_key(void)
{
    uint64_t upstream;

    start();
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    story_ask(&story, 0, STORY_C2, STORY_ID, 1, 5000);
    broker_restart(&story.broker);
    CU_ASSERT_EQUAL(broker_entry_count(&story.broker), 0);
    CU_ASSERT_EQUAL(story_due_ns(&story), TIME_NEVER);
    story_reply(&story, 1 * MS, STORY_TOUPPER, upstream, 1, CODE_OK, "HELLO");
    CU_ASSERT_EQUAL(story.outbox.datagram_count, 0);
    CU_ASSERT_EQUAL(story.outbox.notes[0].reason, REJECT_LATE);

    story_ask(&story, 2 * MS, STORY_C1, STORY_ID, 2, 4998);
    CU_ASSERT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 2, 4998, "hello"), upstream);
    story_reply(&story, 3 * MS, STORY_TOUPPER, upstream, 2, CODE_OK, "HELLO");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 2, CODE_OK, "HELLO"));
    story_end(&story);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(an_upstream_id_can_be_inverted_by_who_has_the_key),
    HARNESS_TEST(neighbouring_ids_are_strangers_upstream),
    HARNESS_TEST(copies_have_one_id_upstream_and_two_clients_with_one_id_have_two),
    HARNESS_TEST(an_id_stays_the_same_over_a_restart),
    HARNESS_TEST(a_restart_forgets_every_entry_and_keeps_the_key),
    HARNESS_TEST(two_clients_whose_ids_collide_upstream_are_kept_apart),
    HARNESS_TEST(each_operation_goes_to_its_server_and_its_answer_back_to_its_client),
    HARNESS_TEST(the_first_reply_ends_the_entry_and_the_second_is_late),
    HARNESS_TEST(a_reply_is_taken_from_the_very_server_that_was_asked),
    HARNESS_TEST(copies_that_overtake_each_other_leave_the_highest_try_in_force),
    HARNESS_TEST(an_entry_expires_in_silence_when_the_latest_copys_ttl_is_over),
    HARNESS_TEST(a_definite_code_is_relayed_after_a_single_forward_only),
    HARNESS_TEST(an_error_is_cut_to_the_size_of_its_request_and_an_answer_is_not),
};

int main(void)
{
    return harness_run("broker/relay", tests, HARNESS_COUNT(tests));
}
