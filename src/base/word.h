/* Eight bytes at a time, as one word: what is read and written of every datagram is counted in
 * instructions, and this takes an eighth of them. */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include <stdint.h>
#include <string.h>

/* The word that has `byte` in all its eight places. */
#define WORD_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* From this processor's order of bytes to the order of what is read, and back. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define WORD_ORDERED(word) (word)
#else
#define WORD_ORDERED(word) __builtin_bswap64(word)
#endif

/* The word whose highest byte is bytes[0]. */
static inline uint64_t word_load(const uint8_t bytes[8])
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return WORD_ORDERED(word);
}

static inline void word_store(uint8_t bytes[8], uint64_t word)
{
    word = WORD_ORDERED(word);
    memcpy(bytes, &word, sizeof word);
}

/* In each byte of the word, bit 7 set where the byte is from `first` to `last` (both below 0x80).
 */
static inline uint64_t word_find_between(uint64_t word, uint8_t first, uint8_t last)
{
    uint64_t low_bits = word & WORD_EACH(0x7f);
    uint64_t from_first = low_bits + WORD_EACH((uint64_t)(0x80 - first));
    uint64_t after_last = low_bits + WORD_EACH((uint64_t)(0x7f - last));

    return (from_first ^ after_last) & ~word & WORD_EACH(0x80);
}

#endif
