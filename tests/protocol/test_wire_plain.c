#include <string.h>

#include "harness.h"
#include "protocol/wire.h"

static enum wire_status decode(struct wire_message *message, const char *text)
{
    return wire_decode_plain(message, (const uint8_t *)text, strlen(text));
}

static bool text_is(const uint8_t *bytes, size_t size, const char *text)
{
    return size == strlen(text) && memcmp(bytes, text, size) == 0;
}

static void what_a_person_types_is_read(void)
{
    struct wire_message message;

    CU_ASSERT_EQUAL_FATAL(decode(&message, "toupper:hello"), WIRE_OK);
    CU_ASSERT_EQUAL(message.kind, WIRE_REQUEST);
    CU_ASSERT_EQUAL(message.id, 0);
    CU_ASSERT_EQUAL(message.try, 0);
    CU_ASSERT_EQUAL(message.ttl_ms, 0);
    CU_ASSERT_TRUE(text_is(message.op, message.op_size, "toupper"));
    CU_ASSERT_TRUE(text_is(message.text, message.text_size, "hello"));
}

static void the_text_goes_to_the_end_with_colons_and_line_feeds(void)
{
    static const char bytes[] = "echo:a:b\0c\n";
    struct wire_message message;

    CU_ASSERT_EQUAL_FATAL(wire_decode_plain(&message, (const uint8_t *)bytes, sizeof bytes - 1),
                          WIRE_OK);
    CU_ASSERT_EQUAL_FATAL(message.text_size, 6);
    CU_ASSERT_EQUAL(memcmp(message.text, "a:b\0c\n", 6), 0);
    CU_ASSERT_EQUAL(decode(&message, "echo:"), WIRE_OK);
    CU_ASSERT_EQUAL(message.text_size, 0);
}

static void what_names_no_operation_is_no_request(void)
{
    static const char *const cases[] = {
        "",        ":",
        ":hello",  "hello",
        "hello\n", "Hello:x",
        "to up:x", "SIM1 Q 9f3a61c07be2d415 1 5000 8b4e036f toupper:hello",
        "SIM:x",   "Error: no answer",
        "Error:",  "abcdefghijklmnopqrstuvwxyz0123456:x"};
    struct wire_message message = {.id = 5};
    size_t i;

    for (i = 0; i < HARNESS_COUNT(cases); i++) {
        CU_ASSERT_EQUAL(decode(&message, cases[i]), WIRE_BAD_BODY);
    }
    CU_ASSERT_EQUAL(message.id, 5);
}

static void sizes_have_their_limits(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX + 1];
    struct wire_message message;

    memset(bytes, 'x', sizeof bytes);
    memcpy(bytes, "echo:", 5);
    CU_ASSERT_EQUAL(wire_decode_plain(&message, bytes, 5 + 1024), WIRE_OK);
    CU_ASSERT_EQUAL(message.text_size, 1024);
    CU_ASSERT_EQUAL(wire_decode_plain(&message, bytes, 5 + 1025), WIRE_TOO_LARGE);
    CU_ASSERT_TRUE(text_is(message.op, message.op_size, "echo"));
    CU_ASSERT_EQUAL(wire_decode_plain(&message, bytes, 1200), WIRE_TOO_LARGE);
    CU_ASSERT_EQUAL(wire_decode_plain(&message, bytes, 1201), WIRE_TRUNCATED);
}

static void a_plain_request_is_written_as_it_is_read(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    struct wire_message message;

    CU_ASSERT_EQUAL_FATAL(decode(&message, "tolower:HELLO: you\n"), WIRE_OK);
    CU_ASSERT_EQUAL(wire_encode_plain(&message, bytes), 19);
    CU_ASSERT_EQUAL(memcmp(bytes, "tolower:HELLO: you\n", 19), 0);
}

static void a_plain_error_is_written_with_or_without_a_line_feed(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    CU_ASSERT_EQUAL(wire_encode_plain_error(bytes, "no answer", false), 16);
    CU_ASSERT_EQUAL(memcmp(bytes, "Error: no answer", 16), 0);
    CU_ASSERT_EQUAL(wire_encode_plain_error(bytes, "no answer", true), 17);
    CU_ASSERT_EQUAL(memcmp(bytes, "Error: no answer\n", 17), 0);
}

static void a_long_reason_is_cut(void)
{
    static char reason[2000];
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    memset(reason, 'r', sizeof reason - 1);
    CU_ASSERT_EQUAL(wire_encode_plain_error(bytes, reason, true), 7 + 1024 + 1);
    CU_ASSERT_EQUAL(bytes[7 + 1024 - 1], 'r');
    CU_ASSERT_EQUAL(bytes[7 + 1024], '\n');
}

static void an_error_is_known_by_its_beginning(void)
{
    CU_ASSERT_TRUE(wire_is_plain_error((const uint8_t *)"Error: no answer", 16));
    CU_ASSERT_TRUE(wire_is_plain_error((const uint8_t *)"Error:", 6));
    CU_ASSERT_FALSE(wire_is_plain_error((const uint8_t *)"Error", 5));
    CU_ASSERT_FALSE(wire_is_plain_error((const uint8_t *)"ERROR: NO ANSWER", 16));
    CU_ASSERT_FALSE(wire_is_plain_error((const uint8_t *)"error: no answer", 16));
    CU_ASSERT_FALSE(wire_is_plain_error((const uint8_t *)"", 0));
}

static void an_operation_has_1_to_32_letters(void)
{
    static const uint8_t longest[] = "abcdefghijklmnopqrstuvwxyz-_0123";

    CU_ASSERT_TRUE(wire_is_op(longest, 32));
    CU_ASSERT_TRUE(wire_is_op(longest, 1));
    CU_ASSERT_FALSE(wire_is_op(longest, 33)); /* and not for its NUL alone */
    CU_ASSERT_FALSE(wire_is_op((const uint8_t *)"abcdefghijklmnopqrstuvwxyz-_01234", 33));
    CU_ASSERT_FALSE(wire_is_op(longest, 0));
    CU_ASSERT_TRUE(wire_is_op((const uint8_t *)"z9-_", 4));
    CU_ASSERT_FALSE(wire_is_op((const uint8_t *)"9z", 2));
    CU_ASSERT_FALSE(wire_is_op((const uint8_t *)"_z", 2));
    CU_ASSERT_FALSE(wire_is_op((const uint8_t *)"zZ", 2));
    CU_ASSERT_FALSE(wire_is_op((const uint8_t *)"z\0", 2));
}

static const struct harness_test tests[] = {
    HARNESS_TEST(what_a_person_types_is_read),
    HARNESS_TEST(the_text_goes_to_the_end_with_colons_and_line_feeds),
    HARNESS_TEST(what_names_no_operation_is_no_request),
    HARNESS_TEST(sizes_have_their_limits),
    HARNESS_TEST(a_plain_request_is_written_as_it_is_read),
    HARNESS_TEST(a_plain_error_is_written_with_or_without_a_line_feed),
    HARNESS_TEST(a_long_reason_is_cut),
    HARNESS_TEST(an_error_is_known_by_its_beginning),
    HARNESS_TEST(an_operation_has_1_to_32_letters),
};

int main(void)
{
    return harness_run("protocol/wire_plain", tests, HARNESS_COUNT(tests));
}
