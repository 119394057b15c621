#include "base/word.h"

#include <stdbool.h>

#include "harness.h"

static void the_first_byte_is_the_highest(void)
{
    uint8_t bytes[10] = {9, 1, 2, 3, 4, 5, 6, 7, 8, 9};

    CU_ASSERT_EQUAL(word_load(bytes + 1), UINT64_C(0x0102030405060708));
    word_store(bytes + 1, UINT64_C(0xf1f2f3f4f5f6f7f8));
    CU_ASSERT_EQUAL(bytes[0], 9);
    CU_ASSERT_EQUAL(bytes[1], 0xf1);
    CU_ASSERT_EQUAL(bytes[8], 0xf8);
    CU_ASSERT_EQUAL(bytes[9], 9);
}

static void each_byte_of_a_range_is_found_whatever_stands_beside_it(void)
{
    static const uint8_t beside[] = {0, 'a', 'z', 'z' + 1, 0x80, 0xff};
    unsigned wrong = 0;

    for (unsigned byte = 0; byte < 256; byte++) {
        for (unsigned i = 0; i < HARNESS_COUNT(beside); i++) {
            for (unsigned shift = 0; shift < 64; shift += 8) {
                uint64_t here = UINT64_C(0xff) << shift;
                uint64_t word = (WORD_EACH(beside[i]) & ~here) | (uint64_t)byte << shift;
                bool found = (word_find_between(word, 'a', 'z') & here) != 0;
                wrong += found != (byte >= 'a' && byte <= 'z');
            }
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(word_find_between(UINT64_C(0x6040617a7b41e1fa), 'a', 'z'),
                    UINT64_C(0x0000808000000000));
}

static const struct harness_test tests[] = {
    HARNESS_TEST(the_first_byte_is_the_highest),
    HARNESS_TEST(each_byte_of_a_range_is_found_whatever_stands_beside_it),
};

int main(void)
{
    return harness_run("base/word", tests, HARNESS_COUNT(tests));
}
