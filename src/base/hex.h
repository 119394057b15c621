/* Eight lower-case hexadecimal digits at a time, as a word of eight bytes: every datagram has 24 of
 * them, and is written and read four times on its way through the system. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>
#include <stdint.h>

#define HEX_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The word whose lowest byte is bytes[0]. */
static inline uint64_t hex_load(const uint8_t bytes[8])
{
    return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 |
           (uint64_t)bytes[3] << 24 | (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 |
           (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

static inline void hex_store(uint8_t bytes[8], uint64_t word)
{
    bytes[0] = (uint8_t)word;
    bytes[1] = (uint8_t)(word >> 8);
    bytes[2] = (uint8_t)(word >> 16);
    bytes[3] = (uint8_t)(word >> 24);
    bytes[4] = (uint8_t)(word >> 32);
    bytes[5] = (uint8_t)(word >> 40);
    bytes[6] = (uint8_t)(word >> 48);
    bytes[7] = (uint8_t)(word >> 56);
}

/* In each byte of the word, bit 7 set where the byte is from `first` to `last` (both below 0x80).
 */
static inline uint64_t hex_find_between(uint64_t word, uint8_t first, uint8_t last)
{
    uint64_t low_bits = word & HEX_EACH(0x7f);
    uint64_t from_first = low_bits + HEX_EACH((uint64_t)(0x80 - first));
    uint64_t after_last = low_bits + HEX_EACH((uint64_t)(0x7f - last));

    return (from_first ^ after_last) & ~word & HEX_EACH(0x80);
}

/* Reads eight digits, the most significant first; false, and nothing set, if one of them is none.
 * Without a branch on a digit: most are random, a guess would be wrong half the time. */
static inline bool hex_read(const uint8_t digits[8], uint32_t *value)
{
    uint64_t word = hex_load(digits);
    uint64_t good = hex_find_between(word, '0', '9') | hex_find_between(word, 'a', 'f');

    if (good != HEX_EACH(0x80)) {
        return false;
    }
    /* 'a' is 0x61: its low half and nine make ten. Then halves of bytes join to bytes, bytes to
     * pairs, pairs to the value. */
    word = (word & HEX_EACH(0x0f)) + (word >> 6 & HEX_EACH(0x01)) * 9;
    word = (word << 4 | word >> 8) & UINT64_C(0x00ff00ff00ff00ff);
    word = (word << 8 | word >> 16) & UINT64_C(0x0000ffff0000ffff);
    *value = (uint32_t)(word << 16 | word >> 32);
    return true;
}

/* Writes the value as eight digits, the most significant first. */
static inline void hex_write(uint8_t digits[8], uint32_t value)
{
    uint64_t word = value;

    word = (word << 32 | word >> 16) & UINT64_C(0x0000ffff0000ffff);
    word = (word << 16 | word >> 8) & UINT64_C(0x00ff00ff00ff00ff);
    word = (word << 8 | word >> 4) & HEX_EACH(0x0f);
    uint64_t letters = (word + HEX_EACH(6)) >> 4 & HEX_EACH(0x01);
    hex_store(digits, word + HEX_EACH('0') + letters * ('a' - '0' - 10));
}

#endif
