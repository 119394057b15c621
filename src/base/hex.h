/* Lower-case hexadecimal digits, sixteen at a time, the most significant first: every datagram has
 * 24 of them, and is written and read four times on its way through the system.
 *
 * In vectors of gcc and clang (gcc 9, clang 3.4), which are plain C to them: on a processor that
 * has no such registers they make loops of it. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/word.h"

typedef uint8_t hex_octets __attribute__((vector_size(8))); /* a value's */
typedef int8_t hex_digits __attribute__((vector_size(16))); /* its digits */
typedef uint8_t hex_values __attribute__((vector_size(16)));
typedef uint16_t hex_pairs __attribute__((vector_size(16))); /* two digits in each place */
typedef uint64_t hex_words __attribute__((vector_size(16)));

/* From '9' to 'a' there are so many more than one. */
#define HEX_GAP ('a' - '9' - 1)

/* By how much the first digit of a pair is shifted in it, and the second. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define HEX_FIRST  8
#define HEX_SECOND 0
#else
#define HEX_FIRST  0
#define HEX_SECOND 8
#endif

/* Each of the first eight octets twice. */
static inline hex_values hex_double(hex_values octets)
{
#if defined(__clang__)
    return __builtin_shufflevector(octets, octets, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
#else
    return __builtin_shuffle(octets, (hex_values){0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7});
#endif
}

static inline hex_digits hex_to_digits(uint64_t value)
{
    hex_words words = {WORD_ORDERED(value), 0};
    hex_pairs pairs = (hex_pairs)hex_double((hex_values)words);

    pairs = (pairs >> 4 & 0x0f << HEX_FIRST) | (pairs & 0x0f << HEX_SECOND);
    hex_digits digits = (hex_digits)pairs;
    return digits + '0' + ((digits > 9) & HEX_GAP);
}

/* Writes a value as sixteen digits. */
static inline void hex_write_16(uint8_t bytes[16], uint64_t value)
{
    hex_digits digits = hex_to_digits(value);

    memcpy(bytes, &digits, 16);
}

/* Writes a value as eight digits. */
static inline void hex_write_8(uint8_t bytes[8], uint32_t value)
{
    hex_digits digits = hex_to_digits((uint64_t)value << 32);

    memcpy(bytes, &digits, 8);
}

/* The value of sixteen digits; false, and nothing set, if one of them is none. Without a branch on
 * a digit: most are random, a guess would be wrong half the time. */
static inline bool hex_from_digits(hex_digits digits, uint64_t *value)
{
    hex_values letters = (hex_values)(digits > '9'); /* all bits of it, where it is no figure */
    hex_values values = (hex_values)digits - '0' - (letters & HEX_GAP);
    /* Each must be below 16, and a letter just if it is 10 or more. */
    hex_words faults = (hex_words)(values | ((values + 6) ^ (letters & 0x10)));
    if (((faults[0] | faults[1]) & WORD_EACH(0xf0)) != 0) {
        return false;
    }
    hex_pairs pairs = (hex_pairs)values;
    pairs = ((pairs >> HEX_FIRST) << 4 | pairs >> HEX_SECOND) & 0xff;
    hex_octets octets = __builtin_convertvector(pairs, hex_octets);
    *value = word_load((const uint8_t *)&octets);
    return true;
}

/* Reads sixteen digits; false, and nothing set, if one of them is none. */
static inline bool hex_read_16(const uint8_t bytes[16], uint64_t *value)
{
    hex_digits digits;

    memcpy(&digits, bytes, 16);
    return hex_from_digits(digits, value);
}

/* The same of eight. */
static inline bool hex_read_8(const uint8_t bytes[8], uint32_t *value)
{
    hex_words words = {WORD_EACH('0'), 0};
    uint64_t read;

    memcpy((uint8_t *)&words + 8, bytes, 8);
    if (!hex_from_digits((hex_digits)words, &read)) {
        return false;
    }
    *value = (uint32_t)read;
    return true;
}

/* Whether the bytes are the value's eight digits. */
static inline bool hex_is_8(const uint8_t bytes[8], uint32_t value)
{
    hex_words digits = (hex_words)hex_to_digits((uint64_t)value << 32);
    uint64_t found;

    memcpy(&found, bytes, 8);
    return found == digits[0];
}

#endif
