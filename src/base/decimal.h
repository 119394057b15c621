/* Decimal digits, eight at a time (as hex.h has the hexadecimal ones). */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/word.h"

/* Digits of the largest value. */
#define DECIMAL_ROOM 10

/* The four digits of each half of a word, which must be below 10000, each 0 to 9 in a byte, the
 * first in the lowest. The divisions by 100 and 10 are multiplications of all its parts at once. */
static inline uint64_t decimal_halves(uint64_t word)
{
    uint64_t above = (word * 10486 >> 20) & UINT64_C(0x0000007f0000007f);

    word = above | (word - above * 100) << 16;
    above = (word * 103 >> 10) & UINT64_C(0x000f000f000f000f);
    return above | (word - above * 10) << 8;
}

/* The eight digits of a value below 100000000, in the same way. */
static inline uint64_t decimal_word(uint32_t value)
{
    return decimal_halves(value / 10000 | (uint64_t)(value % 10000) << 32);
}

/* Puts decimal digits that stand in a word as above, letters or values, to bytes. */
static inline void decimal_store(uint8_t bytes[8], uint64_t word)
{
    word_store(bytes, __builtin_bswap64(word)); /* which takes the first from the highest */
}

/* Writes the value without leading zeros and returns how many digits it has, from 1; what is behind
 * them may be written to, too. */
static inline size_t decimal_write(uint8_t digits[DECIMAL_ROOM], uint32_t value)
{
    if (value < 10000) { /* most numbers */
        uint64_t word = decimal_halves(value);
        /* The last digit is not a leading zero. */
        unsigned zeros = (unsigned)__builtin_ctzll(word | UINT64_C(1) << 24) / 8;
        decimal_store(digits, (word + WORD_EACH('0')) >> 8 * zeros);
        return 4 - zeros;
    }
    uint32_t first = value < 100000000 ? value : value / 100000000;
    uint64_t word = decimal_word(first);
    unsigned zeros = (unsigned)__builtin_ctzll(word | UINT64_C(1) << 56) / 8;

    decimal_store(digits, (word + WORD_EACH('0')) >> 8 * zeros);
    if (value >= 100000000) {
        decimal_store(digits + 8 - zeros, decimal_word(value % 100000000) + WORD_EACH('0'));
        return 16 - zeros;
    }
    return 8 - zeros;
}

#endif
