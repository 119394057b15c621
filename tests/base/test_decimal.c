#include "base/decimal.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "harness.h"

/* Whether the value is written as printf does it. */
static bool is_right(uint32_t value)
{
    uint8_t digits[DECIMAL_ROOM];
    char expected[DECIMAL_ROOM + 1];
    size_t size = decimal_write(digits, value);

    return (size_t)snprintf(expected, sizeof expected, "%u", value) == size &&
           memcmp(digits, expected, size) == 0;
}

static void every_number_of_up_to_six_digits_is_written_as_printf_does(void)
{
    unsigned wrong = 0;

    for (uint32_t value = 0; value < 1000000; value++) {
        wrong += !is_right(value);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void numbers_of_every_length_are_written_without_leading_zeros(void)
{
    unsigned wrong = 0;

    for (uint64_t power = 1; power <= UINT32_MAX; power *= 10) {
        wrong += !is_right((uint32_t)power - 1);
        wrong += !is_right((uint32_t)power);
        wrong += !is_right((uint32_t)power + 1);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_TRUE(is_right(99999999));
    CU_ASSERT_TRUE(is_right(100000000));
    CU_ASSERT_TRUE(is_right(4200000000));
    CU_ASSERT_TRUE(is_right(UINT32_MAX));
}

static void numbers_at_random_are_written_as_printf_does(void)
{
    unsigned wrong = 0;

    for (uint64_t i = 0; i < 1000000; i++) {
        wrong += !is_right((uint32_t)prng_draw(6, i));
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(every_number_of_up_to_six_digits_is_written_as_printf_does),
        HARNESS_TEST(numbers_of_every_length_are_written_without_leading_zeros),
        HARNESS_TEST(numbers_at_random_are_written_as_printf_does),
    };
    return harness_run("base/decimal", tests, HARNESS_COUNT(tests));
}
