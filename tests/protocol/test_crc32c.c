#include "protocol/crc32c.h"

#include <string.h>

#include "base/prng.h"
#include "harness.h"

static void the_check_value_is_the_published_one(void)
{
    const uint8_t *digits = (const uint8_t *)"123456789";
    CU_ASSERT_EQUAL(crc32c(0, digits, 9), 0xe3069283);
    CU_ASSERT_EQUAL(crc32c_by_table(0, digits, 9), 0xe3069283);
}

static void the_examples_of_rfc_3720_hold(void)
{
    uint8_t zeros[32];
    uint8_t ones[32];
    uint8_t rising[32];
    uint8_t falling[32];
    uint8_t i;

    memset(zeros, 0x00, sizeof zeros);
    memset(ones, 0xff, sizeof ones);
    for (i = 0; i < 32; i++) {
        rising[i] = i;
        falling[i] = (uint8_t)(31 - i);
    }
    CU_ASSERT_EQUAL(crc32c(0, zeros, 32), 0x8a9136aa);
    CU_ASSERT_EQUAL(crc32c(0, ones, 32), 0x62a8ab43);
    CU_ASSERT_EQUAL(crc32c(0, rising, 32), 0x46dd794e);
    CU_ASSERT_EQUAL(crc32c(0, falling, 32), 0x113fdb5c);
    CU_ASSERT_EQUAL(crc32c_by_table(0, rising, 32), 0x46dd794e);
}

static void the_sum_of_nothing_is_what_it_was(void)
{
    CU_ASSERT_EQUAL(crc32c(0, (const uint8_t *)"", 0), 0);
    CU_ASSERT_EQUAL(crc32c(0xe3069283, (const uint8_t *)"", 0), 0xe3069283);
    CU_ASSERT_EQUAL(crc32c_by_table(0xe3069283, (const uint8_t *)"", 0), 0xe3069283);
}

/* The sum bit by bit, as the definition has it. */
static uint32_t sum_by_bits(const uint8_t *bytes, size_t size)
{
    uint32_t crc = UINT32_MAX;
    size_t i;
    int bit;

    for (i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0x82f63b78 & (0 - (crc & 1)));
        }
    }
    return ~crc;
}

static void instruction_table_and_definition_agree_for_every_size_and_alignment(void)
{
    uint8_t bytes[300 + 16];
    unsigned wrong = 0;
    size_t size;
    size_t start;
    size_t i;

    for (i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)prng_draw(1, i);
    }
    for (size = 0; size <= 300; size++) {
        for (start = 0; start < 16; start++) {
            uint32_t sum = sum_by_bits(bytes + start, size);
            wrong += crc32c(0, bytes + start, size) != sum;
            wrong += crc32c_by_table(0, bytes + start, size) != sum;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void a_sum_taken_in_pieces_is_the_sum_of_the_whole(void)
{
    const uint8_t *text = (const uint8_t *)"the quick brown fox jumps over the lazy dog";
    uint32_t whole = crc32c(0, text, 43);
    size_t first;

    for (first = 0; first <= 43; first++) {
        CU_ASSERT_EQUAL(crc32c(crc32c(0, text, first), text + first, 43 - first), whole);
        CU_ASSERT_EQUAL(crc32c_by_table(crc32c_by_table(0, text, first), text + first, 43 - first),
                        whole);
    }
}

static void a_datagram_is_summed_as_if_its_own_sum_were_zeros(void)
{
    uint8_t bytes[80];
    uint8_t blanked[sizeof bytes];
    unsigned wrong = 0;

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)prng_draw(2, i);
    }
    for (size_t size = CRC32C_HEAD + 8; size <= sizeof bytes; size++) {
        for (size_t field = CRC32C_HEAD; field + 8 <= size && field < CRC32C_HEAD + 16; field++) {
            memcpy(blanked, bytes, size);
            memset(blanked + field, '0', 8);
            wrong += crc32c_blanked(bytes, size, field) != crc32c_by_table(0, blanked, size);
            wrong += crc32c_blanked_by_table(bytes, size, field) != crc32c(0, blanked, size);
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(the_check_value_is_the_published_one),
    HARNESS_TEST(the_examples_of_rfc_3720_hold),
    HARNESS_TEST(the_sum_of_nothing_is_what_it_was),
    HARNESS_TEST(instruction_table_and_definition_agree_for_every_size_and_alignment),
    HARNESS_TEST(a_sum_taken_in_pieces_is_the_sum_of_the_whole),
    HARNESS_TEST(a_datagram_is_summed_as_if_its_own_sum_were_zeros),
};

int main(void)
{
    return harness_run("protocol/crc32c", tests, HARNESS_COUNT(tests));
}
