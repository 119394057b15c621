#include "verdict/reference.h"

#include <string.h>

#include "harness.h"

/* Whether the right answer of `op` to `text` is known by what `answer` is known by. */
static bool is_answer(enum op op, const char *text, const char *answer)
{
    return reference_of_answer(op, (const uint8_t *)text, strlen(text)) ==
           reference_of_text((const uint8_t *)answer, strlen(answer));
}

static void letters_change_their_case_and_nothing_else_does(void)
{
    CU_ASSERT(is_answer(OP_TOUPPER, "hello", "HELLO"));
    CU_ASSERT(is_answer(OP_TOUPPER, "Hello, World! 0123 {}~", "HELLO, WORLD! 0123 {}~"));
    CU_ASSERT(is_answer(OP_TOLOWER, "Hello, World! 0123 []@`", "hello, world! 0123 []@`"));
    CU_ASSERT(is_answer(OP_ECHO, "Hello", "Hello"));
    CU_ASSERT(is_answer(OP_TOUPPER, "", ""));
}

static void another_text_is_wrong(void)
{
    CU_ASSERT(!is_answer(OP_TOUPPER, "hello", "hello"));
    CU_ASSERT(!is_answer(OP_TOUPPER, "hello", "HELLO "));
    CU_ASSERT(!is_answer(OP_TOUPPER, "hello", "HELL"));
    CU_ASSERT(!is_answer(OP_TOUPPER, "hello", ""));
    CU_ASSERT(!is_answer(OP_ECHO, "ab", "ba"));
    CU_ASSERT(!is_answer(OP_ECHO, "12345678abcdefgh", "abcdefgh12345678"));
}

static void trailing_zeros_are_not_lost(void)
{
    CU_ASSERT_NOT_EQUAL(reference_of_text((const uint8_t *)"ab\0", 3),
                        reference_of_text((const uint8_t *)"ab", 2));
    CU_ASSERT_NOT_EQUAL(reference_of_text((const uint8_t *)"b\0", 2), /* 1 ^ 'a' is 2 ^ 'b' */
                        reference_of_text((const uint8_t *)"a", 1));
}

/* Every byte at every place of a word, against the plain definition. */
static void all_bytes_map_as_ascii_says_at_every_place(void)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        for (size_t place = 0; place < 19; place++) {
            uint8_t text[19];
            uint8_t upper[19];
            uint8_t lower[19];
            memset(text, 0xff, sizeof text);
            text[place] = (uint8_t)byte;
            memcpy(upper, text, sizeof text);
            memcpy(lower, text, sizeof text);
            upper[place] = (uint8_t)(byte >= 'a' && byte <= 'z' ? byte - 32 : byte);
            lower[place] = (uint8_t)(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
            CU_ASSERT_EQUAL(reference_of_answer(OP_TOUPPER, text, sizeof text),
                            reference_of_text(upper, sizeof upper));
            CU_ASSERT_EQUAL(reference_of_answer(OP_TOLOWER, text, sizeof text),
                            reference_of_text(lower, sizeof lower));
        }
    }
}

static bool is_count(const char *text, uint32_t executions)
{
    return reference_count_is_right((const uint8_t *)text, strlen(text), executions);
}

static void a_count_is_from_one_to_the_executions(void)
{
    CU_ASSERT(is_count("1", 1));
    CU_ASSERT(is_count("1", 12));
    CU_ASSERT(is_count("12", 12));
    CU_ASSERT(!is_count("13", 12));
    CU_ASSERT(!is_count("0", 12));
    CU_ASSERT(!is_count("", 12));
    CU_ASSERT(!is_count("01", 12));
    CU_ASSERT(!is_count("1 ", 12));
    CU_ASSERT(!is_count("-1", 12));
    CU_ASSERT(!is_count("99999999999999999999", UINT32_MAX));
    CU_ASSERT(is_count("4294967295", UINT32_MAX));
    CU_ASSERT(!is_count("4294967296", UINT32_MAX));
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(letters_change_their_case_and_nothing_else_does),
        HARNESS_TEST(another_text_is_wrong),
        HARNESS_TEST(trailing_zeros_are_not_lost),
        HARNESS_TEST(all_bytes_map_as_ascii_says_at_every_place),
        HARNESS_TEST(a_count_is_from_one_to_the_executions),
    };
    return harness_run("verdict/reference", tests, HARNESS_COUNT(tests));
}
