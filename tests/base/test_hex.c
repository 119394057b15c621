#include "base/hex.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "harness.h"

static void digits_are_read_with_the_most_significant_first(void)
{
    uint32_t value = 0;

    CU_ASSERT_TRUE(hex_read((const uint8_t *)"e3069283", &value));
    CU_ASSERT_EQUAL(value, 0xe3069283);
    CU_ASSERT_TRUE(hex_read((const uint8_t *)"0123abcd", &value));
    CU_ASSERT_EQUAL(value, 0x0123abcd);
}

static void any_byte_that_is_no_lower_case_digit_is_refused_in_any_place(void)
{
    unsigned wrong = 0;

    for (unsigned at = 0; at < 8; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t digits[8] = {'0', '9', 'a', 'f', '1', 'b', '8', 'e'};
            uint32_t value = 7;
            bool digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
            digits[at] = (uint8_t)byte;
            wrong += hex_read(digits, &value) != digit;
            wrong += !digit && value != 7;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void what_is_written_is_what_printf_writes_and_reads_back(void)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < 10000; i++) {
        uint32_t value = i < 17 ? (uint32_t)(UINT64_C(0xffffffff) >> 2 * i) : (uint32_t)prng_mix(i);
        uint32_t read = ~value;
        char expected[9];
        uint8_t digits[8];
        snprintf(expected, sizeof expected, "%08" PRIx32, value);
        hex_write(digits, value);
        wrong += memcmp(digits, expected, sizeof digits) != 0;
        wrong += !hex_read(digits, &read) || read != value;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(digits_are_read_with_the_most_significant_first),
    HARNESS_TEST(any_byte_that_is_no_lower_case_digit_is_refused_in_any_place),
    HARNESS_TEST(what_is_written_is_what_printf_writes_and_reads_back),
};

int main(void)
{
    return harness_run("base/hex", tests, HARNESS_COUNT(tests));
}
