#include "client_story.h"

static struct story story;

/* Two requests of a window of two, sent at 0; their timers are due at 500 ms. */
static void begin_two(void)
{
    story_init(&story);
    story_add_send(&story, 3, "toupper", 0);
    story.config.window = 2;
    story_start(&story);
    story_advance(&story, 0);
}

/* Whether the latest datagram was rejected for this reason and changed nothing. */
static bool rejected_and_forgotten(enum reject_reason reason)
{
    return story_rejected(&story, reason) && story.client.open_count == 2 &&
           client_deadline_ns(&story.client) == 500 * MS;
}

static const struct outbox_note *latest_note(void)
{
    return &story.outbox.notes[0];
}

static void an_answer_is_taken_once_and_its_copy_is_late(void)
{
    begin_two();
    story_reply(&story, 3 * MS, 1, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_answered(&story, 1, 1, "HELLO"));
    CU_ASSERT_EQUAL(latest_note()->code, CODE_OK);
    CU_ASSERT_EQUAL(latest_note()->id, STORY_PREFIX | 1);
    story_reply(&story, 4 * MS, 1, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_rejected(&story, REJECT_LATE));
    CU_ASSERT_EQUAL(latest_note()->n, 1);
    CU_ASSERT_EQUAL(latest_note()->id, STORY_PREFIX | 1);
    CU_ASSERT_EQUAL(latest_note()->try, 1);
    CU_ASSERT(endpoint_equal(latest_note()->peer, STORY_BROKER));
    story_end(&story);
}

static void a_reply_to_what_was_never_asked_is_stale(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    begin_two();
    story_reply(&story, 3 * MS, 3, 1, CODE_OK, "HELLO"); /* has not begun yet */
    CU_ASSERT(rejected_and_forgotten(REJECT_STALE));
    CU_ASSERT_EQUAL(latest_note()->n, 0);
    story_reply(&story, 3 * MS, 0, 1, CODE_OK, "HELLO");
    CU_ASSERT(rejected_and_forgotten(REJECT_STALE));
    story_reply(&story, 3 * MS, 1, 2, CODE_OK, "HELLO"); /* a try that was never sent */
    CU_ASSERT(rejected_and_forgotten(REJECT_STALE));
    CU_ASSERT_EQUAL(latest_note()->n, 1);
    CU_ASSERT_EQUAL(latest_note()->try, 2);

    struct wire_message reply = {
        .kind = WIRE_REPLY, .id = (STORY_PREFIX ^ 0x1000000) | 1, .try = 1, .code = CODE_OK};
    size_t size = wire_encode(&reply, bytes);
    story_receive(&story, 3 * MS, STORY_BROKER, bytes, size);
    CU_ASSERT(rejected_and_forgotten(REJECT_STALE));
    CU_ASSERT_EQUAL(latest_note()->id, reply.id);
    story_end(&story);
}

static void a_reply_from_another_address_is_spoofed(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    begin_two();
    size_t size = story_encode_reply(bytes, 1, 1, CODE_OK, "HELLO");
    story_receive(&story, 3 * MS, STORY_STRANGER, bytes, size);
    CU_ASSERT(rejected_and_forgotten(REJECT_SPOOFED));
    CU_ASSERT(endpoint_equal(latest_note()->peer, STORY_STRANGER));
    CU_ASSERT_EQUAL(latest_note()->id, STORY_PREFIX | 1);
    CU_ASSERT_EQUAL(latest_note()->try, 1);
    story_end(&story);
}

static void a_changed_reply_is_corrupt(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    begin_two();
    size_t size = story_encode_reply(bytes, 1, 1, CODE_OK, "HELLO");
    bytes[size - 1] ^= 1;
    story_receive(&story, 3 * MS, STORY_BROKER, bytes, size);
    CU_ASSERT(rejected_and_forgotten(REJECT_CORRUPT));
    CU_ASSERT_EQUAL(latest_note()->id, STORY_PREFIX | 1);
    story_end(&story);
}

static void what_is_longer_than_a_datagram_may_be_is_truncated(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX + 1];

    begin_two();
    size_t size = story_encode_reply(bytes, 1, 1, CODE_OK, "HELLO");
    memset(bytes + size, 'x', sizeof(bytes) - size);
    story_receive(&story, 3 * MS, STORY_BROKER, bytes, sizeof(bytes));
    CU_ASSERT(rejected_and_forgotten(REJECT_TRUNCATED));
    story_receive(&story, 3 * MS, STORY_STRANGER, bytes, sizeof(bytes));
    CU_ASSERT(rejected_and_forgotten(REJECT_TRUNCATED));
    story_end(&story);
}

static void plain_text_and_nonsense_are_malformed(void)
{
    static const char *const texts[] = {"", "HELLO", "Error: unknown op", "SIM", "SIM1 R nonsense"};

    begin_two();
    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        story_receive_text(&story, 3 * MS, texts[i]);
        CU_ASSERT(rejected_and_forgotten(REJECT_MALFORMED));
        CU_ASSERT_EQUAL(latest_note()->id, 0);
    }
    story_end(&story);
}

static void a_request_is_of_the_wrong_kind(void)
{
    begin_two();
    struct outbox_datagram sent = story.outbox.datagrams[0];
    CU_ASSERT_EQUAL(sent.n, 2);
    story_receive(&story, 3 * MS, STORY_BROKER, sent.bytes, sent.size); /* its own, reflected */
    CU_ASSERT(rejected_and_forgotten(REJECT_WRONG_KIND));
    CU_ASSERT_EQUAL(latest_note()->id, STORY_PREFIX | 2);
    CU_ASSERT_EQUAL(latest_note()->n, 2);
    story_end(&story);
}

static void an_envelope_of_another_version_is_told_apart(void)
{
    begin_two();
    story_receive_text(&story, 3 * MS, "SIM2 Q 9f3a61c07b000001 1 whatever");
    CU_ASSERT(rejected_and_forgotten(REJECT_VERSION));
    CU_ASSERT_EQUAL(latest_note()->id, STORY_PREFIX | 1);
    CU_ASSERT_EQUAL(latest_note()->try, 1);
    story_end(&story);
}

static void no_flip_of_a_single_bit_makes_another_answer(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    begin_two();
    size_t size = story_encode_reply(bytes, 1, 1, CODE_OK, "HELLO");
    for (size_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        story_receive(&story, 3 * MS, STORY_BROKER, bytes, size);
        CU_ASSERT(rejected_and_forgotten(latest_note()->reason));
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    story_receive(&story, 3 * MS, STORY_BROKER, bytes, size);
    CU_ASSERT(story_answered(&story, 1, 1, "HELLO"));
    story_end(&story);
}

static void no_part_of_an_answer_is_taken_for_it(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    begin_two();
    size_t size = story_encode_reply(bytes, 1, 1, CODE_OK, "HELLO");
    for (size_t part = 0; part < size; part++) {
        story_receive(&story, 3 * MS, STORY_BROKER, bytes, part);
        CU_ASSERT(rejected_and_forgotten(latest_note()->reason));
    }
    bytes[size] = 'x';
    story_receive(&story, 3 * MS, STORY_BROKER, bytes, size + 1);
    CU_ASSERT(rejected_and_forgotten(REJECT_CORRUPT));
    story_end(&story);
}

/* ---- the plain form ------------------------------------------------------------------------ */

/* A plain client with `window` of its three requests open. */
static void begin_plain(uint32_t window, unsigned tries)
{
    story_init(&story);
    story_add_send(&story, 3, "toupper", 0);
    story.config.plain = true;
    story.identity.id_prefix = 0;
    story.config.window = window;
    story.config.policy.tries = tries;
    story_start(&story);
    story_advance(&story, 0);
}

static void a_plain_client_sends_what_a_person_would_type(void)
{
    begin_plain(1, 2);
    const struct outbox_datagram *datagram = &story.outbox.datagrams[0];
    CU_ASSERT(datagram->plain);
    CU_ASSERT_EQUAL(datagram->id, 0);
    CU_ASSERT_EQUAL(datagram->n, 1);
    CU_ASSERT_EQUAL(datagram->try, 1);
    CU_ASSERT_EQUAL(datagram->size, 13);
    CU_ASSERT(memcmp(datagram->bytes, "toupper:hello", 13) == 0);
    CU_ASSERT_EQUAL(latest_note()->size, 13);
    CU_ASSERT_EQUAL(latest_note()->id, 0);
    story_wake(&story, 500 * MS);
    CU_ASSERT_EQUAL(datagram->try, 2);
    CU_ASSERT(memcmp(datagram->bytes, "toupper:hello", 13) == 0);
    story_end(&story);
}

static void a_bare_answer_belongs_to_the_oldest_open_request(void)
{
    begin_plain(2, 2);
    story_receive_text(&story, 3 * MS, "FIRST");
    CU_ASSERT(story_answered(&story, 1, 1, "FIRST"));
    story_advance(&story, 3 * MS);
    story_receive_text(&story, 4 * MS, "SECOND");
    CU_ASSERT(story_answered(&story, 2, 1, "SECOND"));
    story_advance(&story, 503 * MS);
    story_receive_text(&story, 504 * MS, "SIM1 is a text too");
    CU_ASSERT(story_answered(&story, 3, 2, "SIM1 is a text too"));
    CU_ASSERT(client_is_done(&story.client));
    story_receive_text(&story, 505 * MS, "FOURTH");
    CU_ASSERT(story_rejected(&story, REJECT_LATE));
    CU_ASSERT_EQUAL(latest_note()->n, 0);
    story_end(&story);
}

static void a_plain_error_counts_as_500(void)
{
    begin_plain(1, 1);
    story_receive_text(&story, 3 * MS, "Error: unknown op");
    CU_ASSERT_EQUAL(latest_note()->kind, NOTE_REPLY_ERROR);
    CU_ASSERT(story_failed(&story, 1, 3 * MS, OUTCOME_ERROR, CODE_SERVER_FAILED, 1));
    story_end(&story);

    begin_plain(1, 2);
    story_receive_text(&story, 3 * MS, "Error: no answer\n");
    story_advance(&story, 500 * MS);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 500));
    story_receive_text(&story, 501 * MS, "HELLO");
    CU_ASSERT(story_answered(&story, 1, 2, "HELLO"));
    story_end(&story);
}

static void a_plain_client_takes_nothing_from_strangers_or_too_long(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX + 1];

    memset(bytes, 'X', sizeof(bytes));
    begin_plain(2, 2);
    story_receive(&story, 3 * MS, STORY_STRANGER, bytes, 5);
    CU_ASSERT(rejected_and_forgotten(REJECT_SPOOFED));
    story_receive(&story, 3 * MS, STORY_BROKER, bytes, WIRE_TEXT_MAX + 1);
    CU_ASSERT(rejected_and_forgotten(REJECT_MALFORMED));
    story_receive(&story, 3 * MS, STORY_BROKER, bytes, WIRE_DATAGRAM_MAX + 1);
    CU_ASSERT(rejected_and_forgotten(REJECT_TRUNCATED));
    story_end(&story);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(an_answer_is_taken_once_and_its_copy_is_late),
        HARNESS_TEST(a_reply_to_what_was_never_asked_is_stale),
        HARNESS_TEST(a_reply_from_another_address_is_spoofed),
        HARNESS_TEST(a_changed_reply_is_corrupt),
        HARNESS_TEST(what_is_longer_than_a_datagram_may_be_is_truncated),
        HARNESS_TEST(plain_text_and_nonsense_are_malformed),
        HARNESS_TEST(a_request_is_of_the_wrong_kind),
        HARNESS_TEST(an_envelope_of_another_version_is_told_apart),
        HARNESS_TEST(no_flip_of_a_single_bit_makes_another_answer),
        HARNESS_TEST(no_part_of_an_answer_is_taken_for_it),
        HARNESS_TEST(a_plain_client_sends_what_a_person_would_type),
        HARNESS_TEST(a_bare_answer_belongs_to_the_oldest_open_request),
        HARNESS_TEST(a_plain_error_counts_as_500),
        HARNESS_TEST(a_plain_client_takes_nothing_from_strangers_or_too_long),
    };
    return harness_run("client/client_receive", tests, HARNESS_COUNT(tests));
}
