#include "protocol/wire.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "harness.h"
#include "protocol/crc32c.h"

#define ID UINT64_C(0x9f3a61c07be2d415)

/* The vectors of protocol.md. */
static const char request_vector[] = "SIM1 Q 9f3a61c07be2d415 1 5000 8b4e036f toupper:hello";
static const char reply_vector[] = "SIM1 R 9f3a61c07be2d415 1 200 1cc0671a HELLO";
static const char error_vector[] = "SIM1 R 9f3a61c07be2d415 1 404 ec5ca393 unknown op";

/* A datagram in the making, with room for more than is allowed. */
struct datagram {
    uint8_t bytes[2 * WIRE_DATAGRAM_MAX];
    size_t size;
};

static struct datagram datagram_of(const char *text)
{
    struct datagram datagram = {.size = strlen(text)};
    memcpy(datagram.bytes, text, datagram.size);
    return datagram;
}

/* `head`, a crc that holds, a space, and `body_size` octets of body. */
static struct datagram datagram_summed(const char *head, const void *body, size_t body_size)
{
    struct datagram datagram = {.size = strlen(head) + 9 + body_size};
    char digits[9];

    memcpy(datagram.bytes, head, strlen(head));
    memcpy(datagram.bytes + strlen(head), "00000000 ", 9);
    memcpy(datagram.bytes + strlen(head) + 9, body, body_size);
    uint32_t crc = crc32c_by_table(0, datagram.bytes, datagram.size);
    snprintf(digits, sizeof digits, "%08x", (unsigned)crc);
    memcpy(datagram.bytes + strlen(head), digits, 8);
    return datagram;
}

static enum wire_status decode(struct wire_message *message, const struct datagram *datagram)
{
    return wire_decode(message, datagram->bytes, datagram->size);
}

static enum wire_status status_of(const char *text)
{
    struct datagram datagram = datagram_of(text);
    struct wire_message message;
    return decode(&message, &datagram);
}

/* The status of a head with a crc that holds and a good body. */
static enum wire_status status_of_head(const char *head)
{
    struct datagram datagram = datagram_summed(head, "toupper:hello", 13);
    struct wire_message message;
    return decode(&message, &datagram);
}

static bool text_is(const uint8_t *bytes, size_t size, const char *text)
{
    return size == strlen(text) && memcmp(bytes, text, size) == 0;
}

/* ---- the vectors ---- */

static void the_request_of_the_page_is_read_and_written_byte_for_byte(void)
{
    struct datagram datagram = datagram_of(request_vector);
    struct wire_message message;
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    CU_ASSERT_EQUAL(datagram.size, 53);
    CU_ASSERT_EQUAL_FATAL(decode(&message, &datagram), WIRE_OK);
    CU_ASSERT_EQUAL(message.kind, WIRE_REQUEST);
    CU_ASSERT_EQUAL(message.id, ID);
    CU_ASSERT_EQUAL(message.try, 1);
    CU_ASSERT_EQUAL(message.ttl_ms, 5000);
    CU_ASSERT_EQUAL(message.code, 0);
    CU_ASSERT_TRUE(text_is(message.op, message.op_size, "toupper"));
    CU_ASSERT_TRUE(text_is(message.text, message.text_size, "hello"));
    CU_ASSERT_EQUAL(wire_encode(&message, bytes), 53);
    CU_ASSERT_EQUAL(memcmp(bytes, request_vector, 53), 0);
}

static void the_replies_of_the_page_are_read_and_written_byte_for_byte(void)
{
    struct datagram reply = datagram_of(reply_vector);
    struct datagram error = datagram_of(error_vector);
    struct wire_message message;
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    CU_ASSERT_EQUAL_FATAL(decode(&message, &reply), WIRE_OK);
    CU_ASSERT_EQUAL(message.kind, WIRE_REPLY);
    CU_ASSERT_EQUAL(message.id, ID);
    CU_ASSERT_EQUAL(message.try, 1);
    CU_ASSERT_EQUAL(message.code, 200);
    CU_ASSERT_TRUE(text_is(message.text, message.text_size, "HELLO"));
    CU_ASSERT_EQUAL(wire_encode(&message, bytes), 44);
    CU_ASSERT_EQUAL(memcmp(bytes, reply_vector, 44), 0);

    CU_ASSERT_EQUAL_FATAL(decode(&message, &error), WIRE_OK);
    CU_ASSERT_EQUAL(message.code, 404);
    CU_ASSERT_TRUE(text_is(message.text, message.text_size, "unknown op"));
    CU_ASSERT_EQUAL(wire_encode(&message, bytes), 49);
    CU_ASSERT_EQUAL(memcmp(bytes, error_vector, 49), 0);

    memset(bytes, 0, sizeof bytes);
    CU_ASSERT_EQUAL(wire_encode_reply(bytes, ID, 1, 200, (const uint8_t *)"HELLO", 5), 44);
    CU_ASSERT_EQUAL(memcmp(bytes, reply_vector, 44), 0);
}

/* ---- one spelling ---- */

/* A message within the limits, from `random`; its op and text lie in the two buffers. */
static struct wire_message message_from(uint64_t random, uint8_t op[WIRE_OP_MAX],
                                        uint8_t text[WIRE_TEXT_MAX])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    struct wire_message message = {.kind = random & 1 ? WIRE_REPLY : WIRE_REQUEST,
                                   .id = prng_draw(random, 1) | 1,
                                   .try = 1 + (unsigned)prng_below(prng_draw(random, 2), 99),
                                   .text = text};
    uint64_t i;

    message.text_size = (size_t)prng_below(prng_draw(random, 3), random & 2 ? 1025 : 20);
    for (i = 0; i < message.text_size; i++) {
        text[i] = (uint8_t)prng_draw(random, 100 + i);
    }
    if (message.kind == WIRE_REPLY) {
        message.code = 100 + (unsigned)prng_below(prng_draw(random, 4), 900);
        return message;
    }
    message.ttl_ms = (uint32_t)prng_below(prng_draw(random, 4), random & 4 ? 600001 : 100);
    message.op = op;
    message.op_size = 1 + (size_t)prng_below(prng_draw(random, 5), WIRE_OP_MAX);
    for (i = 0; i < message.op_size; i++) {
        op[i] = (uint8_t)letters[prng_below(prng_draw(random, 50 + i), i == 0 ? 26 : 38)];
    }
    return message;
}

static void what_is_written_is_read_as_it_was_and_written_the_same_again(void)
{
    uint8_t op[WIRE_OP_MAX];
    uint8_t text[WIRE_TEXT_MAX];
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    uint8_t again[WIRE_DATAGRAM_MAX];
    unsigned wrong = 0;
    unsigned i;

    for (i = 0; i < 20000; i++) {
        struct wire_message message = message_from(prng_draw(6, i), op, text);
        struct wire_message read;
        size_t size = wire_encode(&message, bytes);
        if (wire_decode(&read, bytes, size) != WIRE_OK) {
            wrong++;
            continue;
        }
        wrong += read.kind != message.kind || read.id != message.id || read.try != message.try ||
                 read.ttl_ms != message.ttl_ms || read.code != message.code;
        wrong += read.op_size != message.op_size ||
                 (read.op_size > 0 && memcmp(read.op, op, read.op_size) != 0);
        wrong +=
            read.text_size != message.text_size || memcmp(read.text, text, read.text_size) != 0;
        wrong += wire_encode(&read, again) != size || memcmp(again, bytes, size) != 0;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void what_is_accepted_after_a_change_is_still_the_only_spelling(void)
{
    /* One to three octets of the head replaced by likely ones, and the crc made to hold again, so
     * that nothing but the grammar stands in the way. */
    static const char likely[] = "0123456789abcfABF QR:+-";
    static const char head[] = "SIM1 Q 0000000000000007 10 100 ";
    unsigned accepted = 0;
    unsigned wrong = 0;
    unsigned i;

    for (i = 0; i < 50000; i++) {
        uint8_t again[WIRE_DATAGRAM_MAX];
        struct wire_message message;
        char changed[sizeof head];
        uint64_t changes = 1 + i % 3;
        memcpy(changed, head, sizeof head);
        while (changes-- > 0) {
            uint64_t random = prng_draw(prng_draw(7, i), changes);
            changed[5 + prng_below(random, sizeof head - 6)] =
                likely[prng_below(prng_mix(random), sizeof likely - 1)];
        }
        struct datagram datagram = datagram_summed(changed, "toupper:hello", 13);
        if (decode(&message, &datagram) == WIRE_OK) {
            accepted++;
            wrong += wire_encode(&message, again) != datagram.size ||
                     memcmp(again, datagram.bytes, datagram.size) != 0;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(accepted > 1000);
}

/* ---- damage ---- */

static void no_single_flipped_bit_gets_through(void)
{
    static const char *const vectors[] = {request_vector, reply_vector, error_vector};
    unsigned accepted = 0;
    size_t v;
    size_t bit;

    for (v = 0; v < HARNESS_COUNT(vectors); v++) {
        struct datagram datagram = datagram_of(vectors[v]);
        for (bit = 0; bit < 8 * datagram.size; bit++) {
            struct wire_message message;
            datagram.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            enum wire_status status = decode(&message, &datagram);
            accepted += status == WIRE_OK || status == WIRE_BAD_BODY || status == WIRE_TOO_LARGE;
            datagram.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
    CU_ASSERT_EQUAL(accepted, 0);
}

static void a_flipped_bit_of_the_text_or_the_sum_is_corrupt(void)
{
    struct datagram datagram = datagram_of(request_vector);
    struct wire_message message;
    size_t i;

    for (i = 40; i < 53; i++) { /* "toupper:hello" */
        datagram.bytes[i] ^= 4;
        CU_ASSERT_EQUAL(decode(&message, &datagram), WIRE_CORRUPT);
        datagram.bytes[i] ^= 4;
    }
    datagram.bytes[31] = '9'; /* the first digit of the crc */
    CU_ASSERT_EQUAL(decode(&message, &datagram), WIRE_CORRUPT);
    CU_ASSERT_EQUAL(status_of("SIM1 Q 9f3a61c07be2d415 1 5000 00000000 toupper:hello"),
                    WIRE_CORRUPT);
    CU_ASSERT_EQUAL(status_of("SIM1 Q 9f3a61c07be2d415 2 5000 8b4e036f toupper:hello"),
                    WIRE_CORRUPT);
}

static void no_beginning_of_a_datagram_is_taken_for_the_whole(void)
{
    struct datagram datagram = datagram_of(request_vector);
    struct wire_message message;
    size_t size;

    for (size = 0; size < datagram.size; size++) {
        enum wire_status status = wire_decode(&message, datagram.bytes, size);
        CU_ASSERT_EQUAL(status, size < 3 ? WIRE_PLAIN : size < 40 ? WIRE_MALFORMED : WIRE_CORRUPT);
    }
}

static void nothing_is_read_behind_the_end(void)
{
    /* Each beginning in memory of exactly its size: the sanitizer watches. */
    struct wire_message message;
    enum wire_kind kind;
    uint64_t id;
    unsigned try;
    size_t size;

    for (size = 1; size < sizeof request_vector; size++) {
        uint8_t exact[sizeof request_vector];
        uint8_t *bytes = exact + sizeof exact - size;
        memcpy(bytes, request_vector, size);
        CU_ASSERT_EQUAL(wire_decode(&message, bytes, size) == WIRE_OK, size == 53);
        CU_ASSERT_EQUAL(wire_decode_plain(&message, bytes, size), WIRE_BAD_BODY);
        CU_ASSERT_EQUAL(wire_peek(bytes, size, &kind, &id, &try), size > 25);
    }
}

static void what_is_refused_leaves_the_message_alone(void)
{
    struct datagram datagram = datagram_of(request_vector);
    struct wire_message message = {.id = 5, .try = 6, .ttl_ms = 7};

    datagram.bytes[52] ^= 1;
    CU_ASSERT_EQUAL(decode(&message, &datagram), WIRE_CORRUPT);
    CU_ASSERT_EQUAL(wire_decode(&message, datagram.bytes, 30), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(message.id, 5);
    CU_ASSERT_EQUAL(message.try, 6);
    CU_ASSERT_EQUAL(message.ttl_ms, 7);
}

/* ---- the grammar, with a crc that holds ---- */

static void each_field_has_its_limits(void)
{
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 0000000000000001 1 0 "), WIRE_OK);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q ffffffffffffffff 99 600000 "), WIRE_OK);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 0000000000000000 1 0 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d415 0 5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d415 100 5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d415 1 600001 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d415 1 1000000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d415 1 4294967297 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 R 9f3a61c07be2d415 1 100 "), WIRE_OK);
    CU_ASSERT_EQUAL(status_of_head("SIM1 R 9f3a61c07be2d415 99 999 "), WIRE_OK);
    CU_ASSERT_EQUAL(status_of_head("SIM1 R 9f3a61c07be2d415 1 099 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 R 9f3a61c07be2d415 1 000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 R 9f3a61c07be2d415 1 20 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 R 9f3a61c07be2d415 1 2000 "), WIRE_MALFORMED);
}

static void each_number_has_one_spelling(void)
{
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d415 01 5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d415 1 05000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d415 1 00 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d415 1  "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d415  5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d415 +1 5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9F3A61C07BE2D415 1 5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d41 1 5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d4155 1 5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d41g 1 5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of("SIM1 Q 9f3a61c07be2d415 1 5000 8B4E036F toupper:hello"),
                    WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of("SIM1 Q 9f3a61c07be2d415 1 5000 8b4e036ftoupper:hello"),
                    WIRE_MALFORMED);
}

static void each_separator_is_one_space(void)
{
    CU_ASSERT_EQUAL(status_of_head("SIM1  Q 9f3a61c07be2d415 1 5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q  9f3a61c07be2d415 1 5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d415  1 5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d415 1 5000  "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1\tQ 9f3a61c07be2d415 1 5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 Q 9f3a61c07be2d415 1\n5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 q 9f3a61c07be2d415 1 5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM1 X 9f3a61c07be2d415 1 5000 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of_head("SIM  Q 9f3a61c07be2d415 1 5000 "), WIRE_MALFORMED);
}

static void what_does_not_begin_with_the_mark_is_plain(void)
{
    CU_ASSERT_EQUAL(status_of(""), WIRE_PLAIN);
    CU_ASSERT_EQUAL(status_of("SI"), WIRE_PLAIN);
    CU_ASSERT_EQUAL(status_of("SIM"), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of("SIMULATION:x"), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of("toupper:hello"), WIRE_PLAIN);
    CU_ASSERT_EQUAL(status_of(" SIM1 Q"), WIRE_PLAIN);
    CU_ASSERT_EQUAL(status_of("sim1 Q"), WIRE_PLAIN);
}

static void another_version_of_a_request_is_told_by_its_head_alone(void)
{
    struct datagram datagram = datagram_of("SIM2 Q 9f3a61c07be2d415 7 whatever follows");
    struct wire_message message;

    CU_ASSERT_EQUAL_FATAL(decode(&message, &datagram), WIRE_VERSION);
    CU_ASSERT_EQUAL(message.kind, WIRE_REQUEST);
    CU_ASSERT_EQUAL(message.id, ID);
    CU_ASSERT_EQUAL(message.try, 7);
    CU_ASSERT_EQUAL(message.ttl_ms, 0);
    CU_ASSERT_EQUAL(message.text_size, 0);
    CU_ASSERT_EQUAL(status_of("SIM0 Q 9f3a61c07be2d415 1"), WIRE_VERSION);
    CU_ASSERT_EQUAL(status_of("SIM9 Q 9f3a61c07be2d415 99 "), WIRE_VERSION);
    CU_ASSERT_EQUAL(status_of("SIM2 Q 9f3a61c07be2d415 100"), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of("SIM2 Q 9f3a61c07be2d415 1x"), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of("SIM2 Q 9f3a61c07be2d415 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of("SIM2 Q 0000000000000000 1 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of("SIM2 R 9f3a61c07be2d415 1 "), WIRE_MALFORMED); /* a reply */
    CU_ASSERT_EQUAL(status_of("SIM12 Q 9f3a61c07be2d415 1 "), WIRE_MALFORMED);
    CU_ASSERT_EQUAL(status_of("SIMx Q 9f3a61c07be2d415 1 "), WIRE_MALFORMED);
}

/* ---- the body ---- */

static void a_request_without_a_proper_operation_can_still_be_answered(void)
{
    static const char *const bodies[] = {"",
                                         "hello",
                                         ":hello",
                                         "Toupper:x",
                                         "1up:x",
                                         "-up:x",
                                         "to up:x",
                                         "to\xc3\xbc:x",
                                         " toupper:",
                                         "toupper",
                                         "to.up:x",
                                         "toupper :x",
                                         "abcdefghijklmnopqrstuvwxyz0123456:x"};
    size_t i;

    for (i = 0; i < HARNESS_COUNT(bodies); i++) {
        struct datagram datagram =
            datagram_summed("SIM1 Q 9f3a61c07be2d415 3 40 ", bodies[i], strlen(bodies[i]));
        struct wire_message message;
        CU_ASSERT_EQUAL_FATAL(decode(&message, &datagram), WIRE_BAD_BODY);
        CU_ASSERT_EQUAL(message.kind, WIRE_REQUEST);
        CU_ASSERT_EQUAL(message.id, ID);
        CU_ASSERT_EQUAL(message.try, 3);
        CU_ASSERT_EQUAL(message.ttl_ms, 40);
        CU_ASSERT_EQUAL(message.op_size, 0);
        CU_ASSERT_EQUAL(message.text_size, 0);
    }
}

static void the_first_colon_ends_the_operation_and_all_else_is_text(void)
{
    static const char body[] = "a:\0:\n\r \xff";
    struct datagram datagram =
        datagram_summed("SIM1 Q 9f3a61c07be2d415 1 5000 ", body, sizeof body - 1);
    struct wire_message message;

    CU_ASSERT_EQUAL_FATAL(decode(&message, &datagram), WIRE_OK);
    CU_ASSERT_TRUE(text_is(message.op, message.op_size, "a"));
    CU_ASSERT_EQUAL_FATAL(message.text_size, 6);
    CU_ASSERT_EQUAL(memcmp(message.text, body + 2, 6), 0);
}

static void a_text_may_be_empty(void)
{
    struct datagram request = datagram_summed("SIM1 Q 9f3a61c07be2d415 1 5000 ", "echo:", 5);
    struct datagram reply = datagram_summed("SIM1 R 9f3a61c07be2d415 1 200 ", "", 0);
    struct wire_message message;

    CU_ASSERT_EQUAL(decode(&message, &request), WIRE_OK);
    CU_ASSERT_EQUAL(message.text_size, 0);
    CU_ASSERT_EQUAL(decode(&message, &reply), WIRE_OK);
    CU_ASSERT_EQUAL(message.text_size, 0);
}

static void a_text_has_at_most_1024_octets(void)
{
    char body[WIRE_OP_MAX + 1 + WIRE_TEXT_MAX + 1];
    struct wire_message message;

    memset(body, 'o', sizeof body);
    body[WIRE_OP_MAX] = ':'; /* the longest operation, too */
    struct datagram datagram =
        datagram_summed("SIM1 Q 9f3a61c07be2d415 99 600000 ", body, sizeof body - 1);
    CU_ASSERT_EQUAL(decode(&message, &datagram), WIRE_OK);
    CU_ASSERT_EQUAL(message.op_size, 32);
    CU_ASSERT_EQUAL(message.text_size, 1024);

    datagram = datagram_summed("SIM1 Q 9f3a61c07be2d415 99 600000 ", body, sizeof body);
    CU_ASSERT_EQUAL(decode(&message, &datagram), WIRE_TOO_LARGE);
    CU_ASSERT_EQUAL(message.id, ID);
    CU_ASSERT_EQUAL(message.try, 99);
    CU_ASSERT_EQUAL(message.ttl_ms, 600000);
    CU_ASSERT_EQUAL(message.op_size, 32);
    datagram.bytes[datagram.size - 1] ^= 1; /* too large, but who knows */
    CU_ASSERT_EQUAL(decode(&message, &datagram), WIRE_CORRUPT);

    datagram = datagram_summed("SIM1 R 9f3a61c07be2d415 1 200 ", body, 1024);
    CU_ASSERT_EQUAL(decode(&message, &datagram), WIRE_OK);
    datagram = datagram_summed("SIM1 R 9f3a61c07be2d415 1 200 ", body, 1025);
    CU_ASSERT_EQUAL(decode(&message, &datagram), WIRE_MALFORMED);
}

static void a_datagram_has_at_most_1200_octets(void)
{
    static const char head[] = "SIM1 Q 9f3a61c07be2d415 1 5000 ";
    const size_t body_size = WIRE_DATAGRAM_MAX - (sizeof head - 1) - 9;
    char body[WIRE_DATAGRAM_MAX];
    struct wire_message message;

    memset(body, 'x', sizeof body);
    memcpy(body, "echo:", 5);
    struct datagram datagram = datagram_summed(head, body, body_size);
    CU_ASSERT_EQUAL(datagram.size, 1200);
    CU_ASSERT_EQUAL(decode(&message, &datagram), WIRE_TOO_LARGE);
    datagram = datagram_summed(head, body, body_size + 1);
    CU_ASSERT_EQUAL(decode(&message, &datagram), WIRE_TRUNCATED);
    memset(datagram.bytes, 'x', sizeof datagram.bytes); /* whatever it is */
    CU_ASSERT_EQUAL(wire_decode(&message, datagram.bytes, 1201), WIRE_TRUNCATED);
    CU_ASSERT_EQUAL(wire_decode(&message, datagram.bytes, 1200), WIRE_PLAIN);
}

/* ---- a quick look ---- */

static void a_quick_look_finds_kind_id_and_try(void)
{
    enum wire_kind kind = WIRE_REPLY;
    uint64_t id = 0;
    unsigned try = 0;
    const uint8_t *bytes = (const uint8_t *)"SIM1 Q 9f3a61c07be2d415 12 nonsense";

    CU_ASSERT_TRUE(wire_peek(bytes, 27, &kind, &id, &try));
    CU_ASSERT_EQUAL(kind, WIRE_REQUEST);
    CU_ASSERT_EQUAL(id, ID);
    CU_ASSERT_EQUAL(try, 12);
    CU_ASSERT_TRUE(wire_peek((const uint8_t *)reply_vector, 44, &kind, &id, &try));
    CU_ASSERT_EQUAL(kind, WIRE_REPLY);
    CU_ASSERT_EQUAL(try, 1);
}

static void a_quick_look_at_anything_else_finds_and_fills_nothing(void)
{
    static const char *const cases[] = {"",
                                        "toupper:hello",
                                        "SIM1 Q 9f3a61c07be2d415 12",
                                        "SIM1 Q 9f3a61c07be2d415 120 ",
                                        "SIM1 Q 9f3a61c07be2d415 12x",
                                        "SIM1 Q 0000000000000000 12 ",
                                        "SIM2 Q 9f3a61c07be2d415 12 ",
                                        "SIM1 X 9f3a61c07be2d415 12 "};
    enum wire_kind kind = WIRE_REPLY;
    uint64_t id = 5;
    unsigned try = 6;
    size_t i;

    for (i = 0; i < HARNESS_COUNT(cases); i++) {
        CU_ASSERT_FALSE(wire_peek((const uint8_t *)cases[i], strlen(cases[i]), &kind, &id, &try));
    }
    CU_ASSERT_EQUAL(kind, WIRE_REPLY);
    CU_ASSERT_EQUAL(id, 5);
    CU_ASSERT_EQUAL(try, 6);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(the_request_of_the_page_is_read_and_written_byte_for_byte),
    HARNESS_TEST(the_replies_of_the_page_are_read_and_written_byte_for_byte),
    HARNESS_TEST(what_is_written_is_read_as_it_was_and_written_the_same_again),
    HARNESS_TEST(what_is_accepted_after_a_change_is_still_the_only_spelling),
    HARNESS_TEST(no_single_flipped_bit_gets_through),
    HARNESS_TEST(a_flipped_bit_of_the_text_or_the_sum_is_corrupt),
    HARNESS_TEST(no_beginning_of_a_datagram_is_taken_for_the_whole),
    HARNESS_TEST(nothing_is_read_behind_the_end),
    HARNESS_TEST(what_is_refused_leaves_the_message_alone),
    HARNESS_TEST(each_field_has_its_limits),
    HARNESS_TEST(each_number_has_one_spelling),
    HARNESS_TEST(each_separator_is_one_space),
    HARNESS_TEST(what_does_not_begin_with_the_mark_is_plain),
    HARNESS_TEST(another_version_of_a_request_is_told_by_its_head_alone),
    HARNESS_TEST(a_request_without_a_proper_operation_can_still_be_answered),
    HARNESS_TEST(the_first_colon_ends_the_operation_and_all_else_is_text),
    HARNESS_TEST(a_text_may_be_empty),
    HARNESS_TEST(a_text_has_at_most_1024_octets),
    HARNESS_TEST(a_datagram_has_at_most_1200_octets),
    HARNESS_TEST(a_quick_look_finds_kind_id_and_try),
    HARNESS_TEST(a_quick_look_at_anything_else_finds_and_fills_nothing),
};

int main(void)
{
    return harness_run("protocol/wire", tests, HARNESS_COUNT(tests));
}
