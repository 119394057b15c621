#include "base/hex.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "harness.h"

static void digits_are_read_with_the_most_significant_first(void)
{
    uint32_t value = 0;
    uint64_t id = 0;

    CU_ASSERT_TRUE(hex_read_8((const uint8_t *)"e3069283", &value));
    CU_ASSERT_EQUAL(value, 0xe3069283);
    CU_ASSERT_TRUE(hex_read_8((const uint8_t *)"0123abcd", &value));
    CU_ASSERT_EQUAL(value, 0x0123abcd);
    CU_ASSERT_TRUE(hex_read_16((const uint8_t *)"9f3a61c07be2d415", &id));
    CU_ASSERT_EQUAL(id, UINT64_C(0x9f3a61c07be2d415));
}

static void any_byte_that_is_no_lower_case_digit_is_refused_in_any_place(void)
{
    unsigned wrong = 0;

    for (unsigned at = 0; at < 16; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t digits[16] = {'0', '9', 'a', 'f', '1', 'b', '8', 'e',
                                  '0', '9', 'a', 'f', '1', 'b', '8', 'e'};
            uint32_t value = 7;
            uint64_t id = 7;
            bool digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
            digits[at] = (uint8_t)byte;
            wrong += hex_read_16(digits, &id) != digit || (id == 7) == digit;
            wrong += hex_read_8(digits + at / 8 * 8, &value) != digit || (value == 7) == digit;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void two_bytes_that_are_no_digits_do_not_make_up_for_each_other(void)
{
    unsigned wrong = 0;

    for (unsigned pair = 0; pair < 65536; pair++) {
        for (unsigned at = 0; at < 7; at++) {
            uint8_t digits[8] = {'0', '9', 'a', 'f', '1', 'b', '8', 'e'};
            uint32_t value;
            digits[at] = (uint8_t)(pair >> 8);
            digits[at + 1] = (uint8_t)pair;
            bool good = strspn((const char[]){(char)digits[at], (char)digits[at + 1], '\0'},
                               "0123456789abcdef") == 2;
            wrong += hex_read_8(digits, &value) != good;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void what_is_written_is_what_printf_writes_and_reads_back(void)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < 10000; i++) {
        uint64_t value = i < 16 ? UINT64_MAX >> 4 * i : prng_mix(i - 16);
        uint32_t low = (uint32_t)value;
        uint32_t read_8 = ~low;
        uint64_t read_16 = ~value;
        char expected[17];
        uint8_t digits[16];
        snprintf(expected, sizeof expected, "%016" PRIx64, value);
        hex_write_16(digits, value);
        wrong += memcmp(digits, expected, 16) != 0;
        wrong += !hex_read_16(digits, &read_16) || read_16 != value;
        hex_write_8(digits, low);
        wrong += memcmp(digits, expected + 8, 8) != 0;
        wrong += !hex_read_8(digits, &read_8) || read_8 != low;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(digits_are_read_with_the_most_significant_first),
    HARNESS_TEST(any_byte_that_is_no_lower_case_digit_is_refused_in_any_place),
    HARNESS_TEST(two_bytes_that_are_no_digits_do_not_make_up_for_each_other),
    HARNESS_TEST(what_is_written_is_what_printf_writes_and_reads_back),
};

int main(void)
{
    return harness_run("base/hex", tests, HARNESS_COUNT(tests));
}
