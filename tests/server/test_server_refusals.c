#include "server_story.h"

#include <stdio.h>

#include "base/prng.h"
#include "protocol/crc32c.h"

static struct story story;

static void start(enum op op)
{
    story_init(&story);
    story.config.op = op;
    story_start(&story);
}

/* A server that a person can type at. */
static void start_stand_alone(enum op op)
{
    story_init(&story);
    story.config.op = op;
    story.config.accept_plain = true;
    story_start(&story);
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
    story_receive(&story, 0, STORY_BROKER, bytes, size);
}

static void what_is_no_proper_operation_is_400(void)
{
    start(OP_TOUPPER);
    receive_with_crc("SIM1 Q 9f3a61c07be2d415 1 5000 00000000 hello without a colon");
    CU_ASSERT(story_replied(&story, STORY_ID, 1, CODE_MALFORMED, "malformed"));
    CU_ASSERT_EQUAL(story.outbox.note_count, 0);
    receive_with_crc("SIM1 Q 9f3a61c07be2d415 12 0 00000000 TOUPPER:hello there");
    CU_ASSERT(story_replied(&story, STORY_ID, 12, CODE_MALFORMED, "malformed"));
    story_end(&story);
}

static void an_unknown_operation_is_404_even_if_it_has_expired(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    start(OP_TOUPPER);
    story_receive(&story, 0, STORY_BROKER, bytes,
                  core_story_request(bytes, 1, 1, 0, "tolower", "HELLO"));
    CU_ASSERT(story_replied(&story, 1, 1, CODE_UNKNOWN_OP, "unknown op"));
    story_receive(&story, 0, STORY_BROKER, bytes,
                  core_story_request(bytes, 1, 1, 5, "to", "the moon!"));
    CU_ASSERT(story_replied(&story, 1, 1, CODE_UNKNOWN_OP, "unknown op"));
    CU_ASSERT_EQUAL(story.server.executed_count, 0);
    story_end(&story);
}

static void a_ttl_of_0_is_408(void)
{
    start(OP_TOUPPER);
    story_ask(&story, 0, 1, 1, 0, "hello");
    CU_ASSERT(story_replied(&story, 1, 1, CODE_EXPIRED, "expired"));
    CU_ASSERT_EQUAL(story.server.executed_count, 0);
    story_end(&story);
}

static void a_text_over_1024_is_413(void)
{
    char text[WIRE_DATAGRAM_MAX + 1];
    int head = snprintf(text, sizeof text, "SIM1 Q 9f3a61c07be2d415 1 5000 00000000 toupper:");

    memset(text + head, 'x', WIRE_TEXT_MAX + 1);
    text[head + WIRE_TEXT_MAX + 1] = '\0';
    start(OP_TOUPPER);
    receive_with_crc(text);
    CU_ASSERT(story_replied(&story, STORY_ID, 1, CODE_TOO_LARGE, "too large"));
    story_end(&story);
}

static void another_version_is_505_and_counted(void)
{
    start(OP_TOUPPER);
    story_receive_text(&story, 0, STORY_BROKER,
                       "SIM2 Q 9f3a61c07be2d415 3 and whatever version two will say");
    CU_ASSERT(story_replied(&story, STORY_ID, 3, CODE_VERSION, "version"));
    CU_ASSERT_EQUAL(story.outbox.note_count, 1);
    CU_ASSERT_EQUAL(story.outbox.notes[0].kind, NOTE_REJECTED);
    CU_ASSERT_EQUAL(story.outbox.notes[0].reason, REJECT_VERSION);
    CU_ASSERT_EQUAL(story.outbox.notes[0].id, STORY_ID);
    CU_ASSERT_EQUAL(story.outbox.notes[0].try, 3);
    story_end(&story);
}

static void a_reply_is_never_longer_than_its_request(void)
{
    static const char *const ops[] = {"a", "ab", "echo", "toupper"};
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    start(OP_TOLOWER);
    for (unsigned op = 0; op < 4; op++) {
        for (unsigned try = 1; try <= 99; try += 49) {
            for (uint32_t ttl = 0; ttl <= 600000; ttl = ttl * 10 + 6) {
                size_t size =
                    core_story_request(bytes, 1, try, ttl > 600000 ? 600000 : ttl, ops[op], "");
                story_receive(&story, 0, STORY_BROKER, bytes, size);
                CU_ASSERT_EQUAL(story.outbox.datagram_count, 1);
                CU_ASSERT(story.outbox.datagrams[0].size <= size);
            }
        }
    }
    receive_with_crc("SIM1 Q 9f3a61c07be2d415 1 50 00000000 hi");
    CU_ASSERT(story_replied(&story, STORY_ID, 1, CODE_MALFORMED, "m")); /* 40 octets for 40 */
    receive_with_crc("SIM1 Q 9f3a61c07be2d415 1 5 00000000 hi");
    CU_ASSERT(story_replied(&story, STORY_ID, 1, CODE_MALFORMED, ""));
    receive_with_crc("SIM1 Q 9f3a61c07be2d415 1 5 00000000 h"); /* no reply is that short */
    CU_ASSERT(story_rejected(&story, REJECT_MALFORMED));
    story_receive_text(&story, 0, STORY_BROKER, "SIM2 Q 9f3a61c07be2d415 3");
    CU_ASSERT(story_rejected(&story, REJECT_VERSION));
    story_end(&story);
}

static void a_429_that_must_be_short_is_still_a_true_number(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    story_init(&story);
    story.config.op = OP_ECHO;
    story.config.service_ns = 500 * NS_PER_S;
    story.config.queue = 0;
    story_start(&story);
    story_ask(&story, 0, 1, 1, 5000, "");
    story_receive(&story, 0, STORY_BROKER, bytes, core_story_request(bytes, 2, 1, 9, "echo", ""));
    CU_ASSERT(story_replied(&story, 2, 1, CODE_BUSY, "999")); /* not 500, for 500000 */
    story_end(&story);
}

static void replies_errors_and_neighbours_are_never_answered(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    size_t size;

    start_stand_alone(OP_TOUPPER);
    story_receive_text(&story, 0, STORY_PERSON, "SIM1 R 9f3a61c07be2d415 1 200 1cc0671a HELLO");
    CU_ASSERT(story_rejected(&story, REJECT_WRONG_KIND));
    CU_ASSERT_EQUAL(story.outbox.notes[0].id, STORY_ID);
    CU_ASSERT(endpoint_equal(story.outbox.notes[0].peer, STORY_PERSON));
    story_receive_text(&story, 0, STORY_PERSON, "Error: no answer");
    CU_ASSERT(story_rejected(&story, REJECT_WRONG_KIND));
    story_receive_text(&story, 0, STORY_PERSON, "SIM2 R 9f3a61c07be2d415 1 200 HELLO");
    CU_ASSERT(story_rejected(&story, REJECT_MALFORMED));
    for (unsigned i = 0; i < 2; i++) {
        story_receive_text(&story, 0, STORY_NEIGHBOURS[i], "hello");
        CU_ASSERT(story_rejected(&story, REJECT_SPOOFED));
        size = core_story_request(bytes, 1, 1, 5000, "toupper", "hello");
        story_receive(&story, 0, STORY_NEIGHBOURS[i], bytes, size);
        CU_ASSERT(story_rejected(&story, REJECT_SPOOFED));
    }
    CU_ASSERT_EQUAL(story.server.executed_count, 0);
    story_end(&story);
}

static void what_is_too_long_for_a_datagram_is_dropped(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX + 1] = {0};

    start_stand_alone(OP_TOUPPER);
    story_receive(&story, 0, STORY_PERSON, bytes, sizeof bytes);
    CU_ASSERT(story_rejected(&story, REJECT_TRUNCATED));
    story_end(&story);
}

static void a_request_with_any_bit_flipped_is_not_executed(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    size_t size = core_story_request(bytes, STORY_ID, 1, 5000, "toupper", "hello");

    start(OP_TOUPPER);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        story_receive(&story, 0, STORY_BROKER, bytes, size);
        CU_ASSERT_EQUAL(story.outbox.note_count, 1);
        CU_ASSERT_EQUAL(story.outbox.notes[0].kind, NOTE_REJECTED);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    CU_ASSERT_EQUAL(story.server.executed_count, 0);
    story_end(&story);
}

static void a_thousand_datagrams_of_garbage_do_no_harm(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX + 50];

    for (unsigned plain = 0; plain < 2; plain++) {
        story_init(&story);
        story.config.accept_plain = plain == 1;
        story_start(&story);
        for (uint64_t i = 0; i < 1000; i++) {
            size_t size = (size_t)prng_below(prng_draw(i, 1), sizeof bytes);
            for (size_t at = 0; at < size; at++) {
                bytes[at] = (uint8_t)prng_draw(prng_draw(i, 2), at);
            }
            if (i % 2 == 0 && size >= 30) {
                memcpy(bytes, "SIM1 Q 9f3a61c07be2d415 1 5000 ", 30);
            }
            story_receive(&story, i, STORY_PERSON, bytes, size);
            CU_ASSERT(story.outbox.datagram_count <= 1);
            CU_ASSERT(plain == 1 || story.outbox.notes[0].kind == NOTE_REJECTED);
        }
        CU_ASSERT_EQUAL(server_job_count(&story.server), 0);
        story_end(&story);
    }
}

static const struct harness_test tests[] = {
    HARNESS_TEST(what_is_no_proper_operation_is_400),
    HARNESS_TEST(an_unknown_operation_is_404_even_if_it_has_expired),
    HARNESS_TEST(a_ttl_of_0_is_408),
    HARNESS_TEST(a_text_over_1024_is_413),
    HARNESS_TEST(another_version_is_505_and_counted),
    HARNESS_TEST(a_reply_is_never_longer_than_its_request),
    HARNESS_TEST(a_429_that_must_be_short_is_still_a_true_number),
    HARNESS_TEST(replies_errors_and_neighbours_are_never_answered),
    HARNESS_TEST(what_is_too_long_for_a_datagram_is_dropped),
    HARNESS_TEST(a_request_with_any_bit_flipped_is_not_executed),
    HARNESS_TEST(a_thousand_datagrams_of_garbage_do_no_harm),
};

int main(void)
{
    return harness_run("server/refusals", tests, HARNESS_COUNT(tests));
}
