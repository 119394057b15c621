/* Bytes: copied, compared, and, where they come from outside, made safe to show. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* memcpy for what is mostly short: up to 32 bytes by two copies of a fixed size that may overlap
 * each other. `to` and `from` must not overlap; of nothing, both may be NULL. */
static inline void bytes_copy(uint8_t *to, const uint8_t *from, size_t size)
{
    if (size > 32) {
        memcpy(to, from, size);
    } else if (size >= 16) {
        memcpy(to, from, 16);
        memcpy(to + size - 16, from + size - 16, 16);
    } else if (size >= 8) {
        memcpy(to, from, 8);
        memcpy(to + size - 8, from + size - 8, 8);
    } else if (size >= 4) {
        memcpy(to, from, 4);
        memcpy(to + size - 4, from + size - 4, 4);
    } else if (size > 0) {
        to[0] = from[0];
        to[size / 2] = from[size / 2];
        to[size - 1] = from[size - 1];
    }
}

/* Whether two of the same size are equal, for what is mostly short: up to 16 bytes by two words
 * that may overlap each other. Of nothing, both may be NULL. */
static inline bool bytes_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    if (size > 16) {
        return memcmp(a, b, size) == 0;
    }
    if (size >= 8) {
        uint64_t words[4];
        memcpy(&words[0], a, 8);
        memcpy(&words[1], b, 8);
        memcpy(&words[2], a + size - 8, 8);
        memcpy(&words[3], b + size - 8, 8);
        return ((words[0] ^ words[1]) | (words[2] ^ words[3])) == 0;
    }
    if (size >= 4) {
        uint32_t words[4];
        memcpy(&words[0], a, 4);
        memcpy(&words[1], b, 4);
        memcpy(&words[2], a + size - 4, 4);
        memcpy(&words[3], b + size - 4, 4);
        return ((words[0] ^ words[1]) | (words[2] ^ words[3])) == 0;
    }
    return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

/* An ASCII letter's other case; every other byte unchanged. Never by locale. */
static inline uint8_t bytes_upper(uint8_t byte)
{
    return byte >= 'a' && byte <= 'z' ? (uint8_t)(byte - 'a' + 'A') : byte;
}
static inline uint8_t bytes_lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

/* Printable ASCII: 0x20 to 0x7e. */
static inline bool bytes_is_printable(uint8_t byte)
{
    return byte >= 0x20 && byte <= 0x7e;
}

/* The text form of `size` bytes for a terminal: printable ASCII as it is, but `\\`, `\"`, `\n`,
 * `\r`, `\t`, and `\xHH` for all else: what the scenario language reads back, but for `{`, which is
 * left as it is. Writes at most `capacity` bytes, the closing NUL among them (capacity > 0); what
 * does not fit is cut before an escape and ends in "..." (in as many dots as there is room for).
 * Returns the length written, without the NUL. */
size_t bytes_escape(char *text, size_t capacity, const uint8_t *bytes, size_t size);

/* The largest escaped size of `size` bytes, with the NUL. */
#define BYTES_ESCAPED_MAX(size) (4 * (size) + 4)

/* The size of the UTF-8 character at `bytes` (1 to 4), or 0 if there is no well-formed one
 * (overlong forms, surrogates and what is above U+10FFFF are not). RFC 3629. size > 0. */
size_t bytes_utf8_size(const uint8_t *bytes, size_t size);

/* How many bytes of a UTF-8 text to show: all, or at most `max` of them, with no character cut in
 * two. */
size_t bytes_utf8_cut(const char *text, size_t max);

#endif
