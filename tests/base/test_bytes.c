#include "base/bytes.h"

#include <ctype.h>
#include <string.h>

#include "harness.h"

/* Escapes the bytes of a string constant into `text`. */
#define ESCAPE(text, capacity, bytes)                                                              \
    bytes_escape(text, capacity, (const uint8_t *)(bytes), sizeof(bytes) - 1)

static void only_ascii_letters_have_another_case(void)
{
    unsigned byte;
    unsigned wrong = 0;

    for (byte = 0; byte < 256; byte++) { /* the C locale, in force here, knows ASCII alone */
        wrong += bytes_upper((uint8_t)byte) != toupper((int)byte);
        wrong += bytes_lower((uint8_t)byte) != tolower((int)byte);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(bytes_upper('z'), 'Z');
    CU_ASSERT_EQUAL(bytes_upper('{'), '{');
    CU_ASSERT_EQUAL(bytes_upper(0xe4), 0xe4);
    CU_ASSERT_EQUAL(bytes_lower('A'), 'a');
    CU_ASSERT_EQUAL(bytes_lower('@'), '@');
}

static void a_copy_has_every_byte_and_no_other(void)
{
    uint8_t from[100];
    unsigned wrong = 0;

    for (size_t i = 0; i < sizeof from; i++) {
        from[i] = (uint8_t)(i + 1);
    }
    for (size_t size = 0; size < 80; size++) {
        uint8_t to[sizeof from] = {0};
        bytes_copy(to + 1, from, size);
        wrong += to[0] != 0 || to[size + 1] != 0 || memcmp(to + 1, from, size) != 0;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    bytes_copy(NULL, NULL, 0);
}

static void equal_means_every_byte_and_no_other(void)
{
    uint8_t a[42];
    unsigned wrong = 0;

    for (size_t i = 0; i < sizeof a; i++) {
        a[i] = (uint8_t)(i + 1);
    }
    for (size_t size = 0; size < 40; size++) {
        uint8_t b[sizeof a];
        memcpy(b, a, sizeof a);
        wrong += !bytes_equal(a + 1, b + 1, size);
        for (size_t i = 0; i < size + 2; i++) {
            b[i] ^= 0x80;
            wrong += bytes_equal(a + 1, b + 1, size) != (i == 0 || i == size + 1);
            b[i] ^= 0x80;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(bytes_equal(NULL, NULL, 0));
}

static void printable_is_from_blank_to_tilde(void)
{
    CU_ASSERT_FALSE(bytes_is_printable(0x1f));
    CU_ASSERT_TRUE(bytes_is_printable(0x20));
    CU_ASSERT_TRUE(bytes_is_printable(0x7e));
    CU_ASSERT_FALSE(bytes_is_printable(0x7f));
    CU_ASSERT_FALSE(bytes_is_printable(0x80));
}

static void printable_text_is_shown_as_it_is(void)
{
    char text[BYTES_ESCAPED_MAX(7)];

    CU_ASSERT_EQUAL(ESCAPE(text, sizeof text, "Hi {n}!"), 7);
    CU_ASSERT_STRING_EQUAL(text, "Hi {n}!");
    CU_ASSERT_EQUAL(ESCAPE(text, sizeof text, ""), 0);
    CU_ASSERT_STRING_EQUAL(text, "");
}

static void everything_else_is_shown_as_the_language_writes_it(void)
{
    char text[64];

    CU_ASSERT_EQUAL(ESCAPE(text, sizeof text, "a\\b\"c\nd\re\tf"), 16);
    CU_ASSERT_STRING_EQUAL(text, "a\\\\b\\\"c\\nd\\re\\tf");
    CU_ASSERT_EQUAL(ESCAPE(text, sizeof text, "\0\x1b\x7f\x80\xff"), 20);
    CU_ASSERT_STRING_EQUAL(text, "\\x00\\x1b\\x7f\\x80\\xff");
}

static void the_largest_escape_fits_the_room_that_is_named_for_it(void)
{
    uint8_t bytes[100];
    char text[BYTES_ESCAPED_MAX(sizeof bytes)];

    memset(bytes, 0xff, sizeof bytes);
    CU_ASSERT_EQUAL(bytes_escape(text, sizeof text, bytes, sizeof bytes), 400);
    CU_ASSERT_STRING_EQUAL(text + 396, "\\xff");
}

static void what_does_not_fit_is_cut_before_an_escape(void)
{
    char text[16];

    CU_ASSERT_EQUAL(ESCAPE(text, 11, "abcdefghij"), 10);
    CU_ASSERT_STRING_EQUAL(text, "abcdefghij");
    CU_ASSERT_EQUAL(ESCAPE(text, 10, "abcdefghij"), 9);
    CU_ASSERT_STRING_EQUAL(text, "abcdef...");
    CU_ASSERT_EQUAL(ESCAPE(text, 10, "abc\xff\xff"), 6);
    CU_ASSERT_STRING_EQUAL(text, "abc...");
    CU_ASSERT_EQUAL(ESCAPE(text, 11, "abc\xff\xff"), 10);
    CU_ASSERT_STRING_EQUAL(text, "abc\\xff...");
    CU_ASSERT_EQUAL(ESCAPE(text, 7, "abcd\xff"), 6);
    CU_ASSERT_STRING_EQUAL(text, "abc...");
}

static void in_hardly_any_room_there_are_only_dots(void)
{
    char text[8];

    CU_ASSERT_EQUAL(ESCAPE(text, 4, "abcdef"), 3);
    CU_ASSERT_STRING_EQUAL(text, "...");
    CU_ASSERT_EQUAL(ESCAPE(text, 3, "abcdef"), 2);
    CU_ASSERT_STRING_EQUAL(text, "..");
    CU_ASSERT_EQUAL(ESCAPE(text, 1, "abcdef"), 0);
    CU_ASSERT_STRING_EQUAL(text, "");
}

static void nothing_is_written_behind_the_room(void)
{
    char text[20];
    size_t capacity;

    for (capacity = 1; capacity < sizeof text; capacity++) {
        memset(text, '#', sizeof text);
        size_t length = ESCAPE(text, capacity, "a\nbc\x01\\defg\xf0");
        CU_ASSERT(length < capacity);
        CU_ASSERT_EQUAL(strlen(text), length);
        CU_ASSERT_EQUAL(text[capacity], '#');
    }
}

static void well_formed_utf8_is_measured(void)
{
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {
        {"a", 1},
        {"\x7f", 1},
        {"\xc2\x80", 2},         /* U+0080, the least of two */
        {"\xdf\xbf", 2},         /* U+07FF */
        {"\xe0\xa0\x80", 3},     /* U+0800 */
        {"\xe2\x82\xac", 3},     /* the euro sign */
        {"\xed\x9f\xbf", 3},     /* U+D7FF, the last before the surrogates */
        {"\xee\x80\x80", 3},     /* U+E000, the first behind them */
        {"\xef\xbf\xbf", 3},     /* U+FFFF */
        {"\xf0\x90\x80\x80", 4}, /* U+10000 */
        {"\xf4\x8f\xbf\xbf", 4}, /* U+10FFFF, the last */
    };
    size_t i;

    for (i = 0; i < HARNESS_COUNT(cases); i++) {
        const uint8_t *bytes = (const uint8_t *)cases[i].bytes;
        size_t size;
        CU_ASSERT_EQUAL(bytes_utf8_size(bytes, cases[i].size), cases[i].size);
        CU_ASSERT_EQUAL(bytes_utf8_size(bytes, cases[i].size + 1), cases[i].size);
        for (size = 1; size < cases[i].size; size++) { /* cut short */
            CU_ASSERT_EQUAL(bytes_utf8_size(bytes, size), 0);
        }
    }
    CU_ASSERT_EQUAL(bytes_utf8_size((const uint8_t *)"", 1), 1); /* NUL is a character */
}

static void ill_formed_utf8_is_refused(void)
{
    static const char *const cases[] = {
        "\x80",
        "\xbf", /* continuations of nothing */
        "\xc0\xaf",
        "\xc1\xbf", /* overlong twos */
        "\xe0\x80\xaf",
        "\xe0\x9f\xbf", /* overlong threes */
        "\xf0\x80\x80\xaf",
        "\xf0\x8f\xbf\xbf", /* overlong fours */
        "\xed\xa0\x80",
        "\xed\xbf\xbf", /* surrogates */
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", /* above U+10FFFF */
        "\xff",
        "\xfe", /* never in UTF-8 */
        "\xc2\x41",
        "\xc2\xc2", /* no continuation */
        "\xe2\x82\x41",
        "\xe2\x41\x82",
        "\xf0\x90\x80\x41",
        "\xf0\x90\xc0\x80",
    };
    size_t i;

    for (i = 0; i < HARNESS_COUNT(cases); i++) {
        CU_ASSERT_EQUAL(bytes_utf8_size((const uint8_t *)cases[i], strlen(cases[i])), 0);
    }
}

static void a_text_is_cut_between_characters(void)
{
    const char *text = "ab\xc3\xa4\xe2\x82\xac"
                       "c"; /* 1, 1, 2, 3 and 1 octets */
    static const size_t sizes[] = {0, 1, 2, 2, 4, 4, 4, 7, 8, 8};
    size_t max;

    for (max = 0; max < HARNESS_COUNT(sizes); max++) {
        CU_ASSERT_EQUAL(bytes_utf8_cut(text, max), sizes[max]);
    }
    CU_ASSERT_EQUAL(bytes_utf8_cut("", 0), 0);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(only_ascii_letters_have_another_case),
    HARNESS_TEST(a_copy_has_every_byte_and_no_other),
    HARNESS_TEST(equal_means_every_byte_and_no_other),
    HARNESS_TEST(printable_is_from_blank_to_tilde),
    HARNESS_TEST(printable_text_is_shown_as_it_is),
    HARNESS_TEST(everything_else_is_shown_as_the_language_writes_it),
    HARNESS_TEST(the_largest_escape_fits_the_room_that_is_named_for_it),
    HARNESS_TEST(what_does_not_fit_is_cut_before_an_escape),
    HARNESS_TEST(in_hardly_any_room_there_are_only_dots),
    HARNESS_TEST(nothing_is_written_behind_the_room),
    HARNESS_TEST(well_formed_utf8_is_measured),
    HARNESS_TEST(ill_formed_utf8_is_refused),
    HARNESS_TEST(a_text_is_cut_between_characters),
};

int main(void)
{
    return harness_run("base/bytes", tests, HARNESS_COUNT(tests));
}
