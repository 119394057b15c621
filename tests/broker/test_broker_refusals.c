#include "broker_story.h"

#include <stdio.h>

#include "base/prng.h"
#include "protocol/crc32c.h"

static struct story story;

static void start(void)
{
    story_init(&story);
    story_start(&story);
}

static void receive_request(uint64_t id, unsigned try, uint32_t ttl_ms, const char *op,
                            const char *text)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    size_t size = core_story_request(bytes, id, try, ttl_ms, op, text);

    story_receive(&story, 0, STORY_C1, bytes, size);
}

/* Writes 8 digits of CRC into the request `text`, whose field is 00000000, and sends it. */
static void receive_with_crc(const char *text)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX + 1];
    char digits[9];
    size_t size = strlen(text);
    char *field;

    memcpy(bytes, text, size + 1);
    field = strstr((char *)bytes, " 00000000 ");
    CU_ASSERT_PTR_NOT_NULL_FATAL(field);
    snprintf(digits, sizeof digits, "%08x", crc32c(0, bytes, size));
    memcpy(field + 1, digits, 8);
    story_receive(&story, 0, STORY_C1, bytes, size);
}

/* Whether the only thing that came out is this reply to the first client. */
static bool refused(uint64_t id, unsigned try, unsigned code, const char *text)
{
    return story.outbox.note_count == 0 && story_relayed(&story, STORY_C1, id, try, code, text);
}

/* ---- codes --------------------------------------------------------------------------------- */

static void an_operation_without_a_server_is_404(void)
{
    start();
    receive_request(1, 1, 5000, "reverse", "hello");
    CU_ASSERT(refused(1, 1, CODE_UNKNOWN_OP, "unknown op"));
    receive_request(1, 1, 5000, "touppe", "hello");
    CU_ASSERT(refused(1, 1, CODE_UNKNOWN_OP, "unknown op"));
    receive_request(1, 1, 5000, "touppers", "hello");
    CU_ASSERT(refused(1, 1, CODE_UNKNOWN_OP, "unknown op"));
    receive_request(1, 1, 5000, "a2345678901234567890123456789012", "hello"); /* 32 letters */
    CU_ASSERT(refused(1, 1, CODE_UNKNOWN_OP, "unknown op"));
    CU_ASSERT_EQUAL(broker_entry_count(&story.broker), 0);
    story_end(&story);
}

static void a_ttl_of_0_is_408_but_504_for_what_was_forwarded_before(void)
{
    uint64_t upstream;

    start();
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 0);
    CU_ASSERT(refused(STORY_ID, 1, CODE_EXPIRED, "expired"));
    story_ask(&story, 0, STORY_C1, STORY_ID, 2, 1000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 2, 1000, "hello");
    story_ask(&story, 999 * MS, STORY_C1, STORY_ID, 3, 0);
    CU_ASSERT(refused(STORY_ID, 3, CODE_NO_ANSWER, "no answer"));
    story_reply(&story, 999 * MS, STORY_TOUPPER, upstream, 2, CODE_OK, "HELLO");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 2, CODE_OK, "HELLO"));
    story_end(&story);
}

static void what_is_no_proper_operation_is_400(void)
{
    start();
    receive_with_crc("SIM1 Q 9f3a61c07be2d415 1 5000 00000000 hello without a colon");
    CU_ASSERT(refused(STORY_ID, 1, CODE_MALFORMED, "malformed"));
    receive_with_crc("SIM1 Q 9f3a61c07be2d415 1 5000 00000000 TOUPPER:hello");
    CU_ASSERT(refused(STORY_ID, 1, CODE_MALFORMED, "malformed"));
    receive_with_crc("SIM1 Q 9f3a61c07be2d415 1 5 00000000 h"); /* no reply is that short */
    CU_ASSERT(story_rejected(&story, REJECT_MALFORMED));
    story_end(&story);
}

static void a_text_over_1024_is_413(void)
{
    char text[WIRE_DATAGRAM_MAX + 1];
    int head = snprintf(text, sizeof text, "SIM1 Q 9f3a61c07be2d415 1 5000 00000000 toupper:");

    memset(text + head, 'x', WIRE_TEXT_MAX + 1);
    text[head + WIRE_TEXT_MAX + 1] = '\0';
    start();
    receive_with_crc(text);
    CU_ASSERT(refused(STORY_ID, 1, CODE_TOO_LARGE, "too large"));
    text[head + WIRE_TEXT_MAX] = '\0';
    receive_with_crc(text);
    CU_ASSERT_NOT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 1, 5000, text + head), 0);
    story_end(&story);
}

static void another_version_is_505_and_counted(void)
{
    start();
    story_receive_text(&story, 0, STORY_C1, "SIM2 Q 9f3a61c07be2d415 3 what the future will say");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 3, CODE_VERSION, "version"));
    CU_ASSERT_EQUAL(story.outbox.note_count, 1);
    CU_ASSERT_EQUAL(story.outbox.notes[0].kind, NOTE_REJECTED);
    CU_ASSERT_EQUAL(story.outbox.notes[0].reason, REJECT_VERSION);
    CU_ASSERT_EQUAL(story.outbox.notes[0].id, STORY_ID);
    story_end(&story);
}

static void a_full_table_is_429_until_an_entry_goes(void)
{
    uint64_t upstream = 0;

    start();
    for (uint64_t id = 1; id <= 8; id++) {
        story_ask(&story, 0, STORY_C1, id, 1, (uint32_t)(1000 + id));
        upstream = story_forwarded(&story, STORY_TOUPPER, 1, (uint32_t)(1000 + id), "hello");
        CU_ASSERT_NOT_EQUAL(upstream, 0);
    }
    story_ask(&story, 0, STORY_C1, 9, 1, 1000);
    CU_ASSERT(refused(9, 1, CODE_BUSY, "100"));
    story_ask(&story, 0, STORY_C1, 8, 2, 1000); /* a copy needs no room */
    CU_ASSERT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 2, 1000, "hello"), upstream);

    story_reply(&story, 1 * MS, STORY_TOUPPER, upstream, 1, CODE_OK, "HELLO");
    story_ask(&story, 2 * MS, STORY_C1, 9, 2, 5000);
    CU_ASSERT_NOT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 2, 5000, "hello"), 0);
    story_ask(&story, 2 * MS, STORY_C1, 10, 1, 5000);
    CU_ASSERT(refused(10, 1, CODE_BUSY, "100"));
    story_wake(&story, 1001 * MS);
    CU_ASSERT(story_closed(&story, CODE_NONE));
    story_ask(&story, 1001 * MS, STORY_C1, 10, 2, 4000);
    CU_ASSERT_NOT_EQUAL(story_forwarded(&story, STORY_TOUPPER, 2, 4000, "hello"), 0);
    CU_ASSERT_EQUAL(story.broker.entries_touched, 8);
    story_end(&story);
}

static void an_open_id_that_comes_back_with_another_operation_is_409(void)
{
    start();
    receive_request(1, 1, 5000, "toupper", "hello");
    receive_request(1, 2, 5000, "tolower", "hello there");
    CU_ASSERT(refused(1, 2, CODE_CONFLICT, "id reused"));
    CU_ASSERT_EQUAL(broker_entry_count(&story.broker), 1);
    story_end(&story);
}

/* ---- never answered ------------------------------------------------------------------------ */

static void replies_errors_and_its_own_address_are_never_answered(void)
{
    start();
    story_reply(&story, 0, STORY_C1, STORY_ID, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_rejected(&story, REJECT_WRONG_KIND));
    CU_ASSERT_EQUAL(story.outbox.notes[0].id, STORY_ID);
    story_receive_text(&story, 0, STORY_C1, "Error: no answer");
    CU_ASSERT(story_rejected(&story, REJECT_WRONG_KIND));
    story_receive_text(&story, 0, STORY_C1, "Error:");
    CU_ASSERT(story_rejected(&story, REJECT_WRONG_KIND));
    story_receive_text(&story, 0, STORY_C1, "");
    CU_ASSERT(story_rejected(&story, REJECT_MALFORMED));
    story_receive_text(&story, 0, STORY_SELF, "toupper:hello");
    CU_ASSERT(story_rejected(&story, REJECT_SPOOFED));
    story_ask(&story, 0, STORY_SELF, STORY_ID, 1, 5000);
    CU_ASSERT(story_rejected(&story, REJECT_SPOOFED));
    story_end(&story);
}

static void requests_from_a_servers_address_are_never_answered(void)
{
    char nested[WIRE_DATAGRAM_MAX] = "";
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    start();
    for (unsigned depth = 0; depth < 150; depth++) {
        size_t size = strlen(nested);
        memmove(nested + 8, nested, size + 1);
        memcpy(nested, "tolower:", 8);
        nested[WIRE_DATAGRAM_MAX - 9] = '\0'; /* the innermost are cut off */
        story_receive_text(&story, 0, STORY_TOLOWER, nested);
        CU_ASSERT(story_rejected(&story, REJECT_MALFORMED));
    }
    story_ask(&story, 0, STORY_TOUPPER, STORY_ID, 1, 5000);
    CU_ASSERT(story_rejected(&story, REJECT_WRONG_KIND));
    story_receive_text(&story, 0, STORY_TOUPPER, "SIM2 Q 9f3a61c07be2d415 3 a request of tomorrow");
    CU_ASSERT(story_rejected(&story, REJECT_VERSION));
    story_receive_text(&story, 0, STORY_TOUPPER, "");
    CU_ASSERT(story_rejected(&story, REJECT_MALFORMED));
    story_receive(&story, 0, STORY_TOUPPER, bytes,
                  core_story_request(bytes, 1, 1, 1, "toupper", "x") - 2); /* without its `:x` */
    CU_ASSERT(story_rejected(&story, REJECT_CORRUPT));
    CU_ASSERT_EQUAL(broker_entry_count(&story.broker), 0);
    story_end(&story);
}

static void what_is_too_long_for_a_datagram_is_dropped(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX + 1];

    memset(bytes, 'x', sizeof bytes);
    memcpy(bytes, "toupper:", 8);
    start();
    story_receive(&story, 0, STORY_C1, bytes, sizeof bytes);
    CU_ASSERT(story_rejected(&story, REJECT_TRUNCATED));
    story_receive(&story, 0, STORY_TOUPPER, bytes, sizeof bytes);
    CU_ASSERT(story_rejected(&story, REJECT_TRUNCATED));
    story_end(&story);
}

/* Whether, with any bit of the datagram flipped, it is rejected, and nothing else happens (another
 * version is told so, which the rejection's reason says). */
static bool every_flipped_bit_is_rejected(struct endpoint from, uint8_t *bytes, size_t size)
{
    uint32_t entry_count = broker_entry_count(&story.broker);
    bool good = true;

    for (size_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        story_receive(&story, 0, from, bytes, size);
        bool version = story.outbox.notes[0].reason == REJECT_VERSION;
        if (bit / 8 < 3) {
            /* No longer "SIM": from a client it is plain, and no operation. */
            good = good && (story_rejected(&story, REJECT_MALFORMED) ||
                            story_said(&story, from, "Error: malformed"));
        } else {
            good = good && story.outbox.note_count == 1 &&
                   story.outbox.notes[0].kind == NOTE_REJECTED &&
                   (story.outbox.datagram_count == 0 || version);
        }
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    return good && broker_entry_count(&story.broker) == entry_count;
}

static void a_good_request_with_any_bit_flipped_is_rejected(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    size_t size = core_story_request(bytes, STORY_ID, 1, 5000, "toupper", "hello");

    start();
    CU_ASSERT(every_flipped_bit_is_rejected(STORY_C1, bytes, size));
    CU_ASSERT_EQUAL(broker_entry_count(&story.broker), 0);
    story_end(&story);
}

static void a_good_reply_with_any_bit_flipped_is_rejected(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    uint64_t upstream;
    size_t size;

    start();
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    size = core_story_reply(bytes, upstream, 1, CODE_OK, "HELLO");
    CU_ASSERT(every_flipped_bit_is_rejected(STORY_TOUPPER, bytes, size));
    story_receive(&story, 0, STORY_TOUPPER, bytes, size);
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_OK, "HELLO"));
    story_end(&story);
}

static void a_thousand_datagrams_of_garbage_do_no_harm(void)
{
    const struct endpoint senders[] = {STORY_C1, STORY_TOUPPER, STORY_SELF, STORY_TOLOWER};
    uint8_t bytes[WIRE_DATAGRAM_MAX + 50];

    story_init(&story);
    story.servers[1].plain = true;
    story_start(&story);
    for (uint64_t i = 0; i < 1000; i++) {
        struct endpoint from = senders[i % 4];
        size_t size = (size_t)prng_below(prng_draw(i, 1), sizeof bytes);
        for (size_t at = 0; at < size; at++) {
            bytes[at] = (uint8_t)prng_draw(prng_draw(i, 2), at);
        }
        if (i % 3 == 0 && size >= 31) {
            memcpy(bytes,
                   i % 2 == 0 ? "SIM1 Q 9f3a61c07be2d415 1 5000 " : "tolower:12345678901234567",
                   i % 2 == 0 ? 31 : 25);
        }
        from.channel = (uint16_t)prng_below(prng_draw(i, 3), 3) == 0 ? 40000 : 0;
        story_receive(&story, i, from, bytes, size);
        CU_ASSERT(story.outbox.datagram_count <= 1);
        CU_ASSERT(outbox_count(&story.outbox) >= 1);
    }
    while (broker_deadline_ns(&story.broker) != TIME_NEVER) {
        story_wake(&story, broker_deadline_ns(&story.broker));
    }
    CU_ASSERT_EQUAL(broker_entry_count(&story.broker), 0);
    story_end(&story);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(an_operation_without_a_server_is_404),
    HARNESS_TEST(a_ttl_of_0_is_408_but_504_for_what_was_forwarded_before),
    HARNESS_TEST(what_is_no_proper_operation_is_400),
    HARNESS_TEST(a_text_over_1024_is_413),
    HARNESS_TEST(another_version_is_505_and_counted),
    HARNESS_TEST(a_full_table_is_429_until_an_entry_goes),
    HARNESS_TEST(an_open_id_that_comes_back_with_another_operation_is_409),
    HARNESS_TEST(replies_errors_and_its_own_address_are_never_answered),
    HARNESS_TEST(requests_from_a_servers_address_are_never_answered),
    HARNESS_TEST(what_is_too_long_for_a_datagram_is_dropped),
    HARNESS_TEST(a_good_request_with_any_bit_flipped_is_rejected),
    HARNESS_TEST(a_good_reply_with_any_bit_flipped_is_rejected),
    HARNESS_TEST(a_thousand_datagrams_of_garbage_do_no_harm),
};

int main(void)
{
    return harness_run("broker/refusals", tests, HARNESS_COUNT(tests));
}
