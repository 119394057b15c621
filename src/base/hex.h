/* Lower-case hexadecimal digits, eight at a time as a word of eight bytes: every datagram has 24 of
 * them, and is written and read four times on its way through the system. The most significant
 * digit comes first. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/word.h"

/* From '9' to 'a' there are so many more than one. */
#define HEX_GAP ((uint64_t)('a' - '9' - 1))

/* The value of a word of digits; sets bits of *faults, which are left as they are if all is well.
 * Without a branch on a digit: most are random, a guess would be wrong half the time. */
static inline uint32_t hex_from_digits(uint64_t digits, uint64_t *faults)
{
    uint64_t above = digits - WORD_EACH('0');
    uint64_t letters = above & WORD_EACH(0x20);
    uint64_t value = above - (letters >> 5) * HEX_GAP;

    /* Each byte must be below 16, and a letter just if it is 10 or more. Of several faults the
     * lowest byte's is found, before its borrow or carry can reach into others. */
    *faults |= (value | ((value + WORD_EACH(6)) ^ letters >> 1)) & WORD_EACH(0xf0);
    /* Bytes join to pairs, pairs to fours, fours to the value. */
    value = (value | value >> 4) & UINT64_C(0x00ff00ff00ff00ff);
    value = (value | value >> 8) & UINT64_C(0x0000ffff0000ffff);
    return (uint32_t)(value | value >> 16);
}

static inline uint64_t hex_to_digits(uint32_t value)
{
    uint64_t word = value;

    word = (word | word << 16) & UINT64_C(0x0000ffff0000ffff);
    word = (word | word << 8) & UINT64_C(0x00ff00ff00ff00ff);
    word = (word | word << 4) & WORD_EACH(0x0f);
    uint64_t letters = (word + WORD_EACH(6)) >> 4 & WORD_EACH(0x01);
    return word + WORD_EACH('0') + letters * HEX_GAP;
}

/* Reads eight digits; false, and nothing set, if one of them is none. */
static inline bool hex_read_8(const uint8_t digits[8], uint32_t *value)
{
    uint64_t faults = 0;
    uint32_t read = hex_from_digits(word_load(digits), &faults);

    if (faults != 0) {
        return false;
    }
    *value = read;
    return true;
}

/* The same of sixteen. */
static inline bool hex_read_16(const uint8_t digits[16], uint64_t *value)
{
    uint64_t faults = 0;
    uint32_t high = hex_from_digits(word_load(digits), &faults);
    uint32_t low = hex_from_digits(word_load(digits + 8), &faults);

    if (faults != 0) {
        return false;
    }
    *value = (uint64_t)high << 32 | low;
    return true;
}

/* Writes the value as eight digits, or as sixteen. */
static inline void hex_write_8(uint8_t digits[8], uint32_t value)
{
    word_store(digits, hex_to_digits(value));
}

static inline void hex_write_16(uint8_t digits[16], uint64_t value)
{
    word_store(digits, hex_to_digits((uint32_t)(value >> 32)));
    word_store(digits + 8, hex_to_digits((uint32_t)value));
}

#endif
