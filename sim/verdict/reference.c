#include "verdict/reference.h"

#include <assert.h>
#include <string.h>

__extension__ typedef unsigned __int128 reference_wide;

/* Sixteen bytes of a text, which are worked on together, and the same as two words. */
typedef uint8_t reference_bytes __attribute__((vector_size(16)));
typedef uint64_t reference_words __attribute__((vector_size(16)));

#define REFERENCE_LETTERS    26
#define REFERENCE_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define REFERENCE_ODD        UINT64_C(0x9e3779b97f4a7c15) /* 2^64 divided by the golden ratio */

/* Which letters an operation changes, and by which bits: ASCII's cases differ in bit 5. */
struct reference_change {
    reference_words first; /* in each byte, the first of them */
    reference_words bits;
};
static const struct reference_change reference_changes[OP_KNOWN_COUNT] = {
    [OP_TOUPPER] = {.first = {REFERENCE_EACH('a'), REFERENCE_EACH('a')},
                    .bits = {REFERENCE_EACH(0x20), REFERENCE_EACH(0x20)}},
    [OP_TOLOWER] = {.first = {REFERENCE_EACH('A'), REFERENCE_EACH('A')},
                    .bits = {REFERENCE_EACH(0x20), REFERENCE_EACH(0x20)}},
    [OP_ECHO] = {.bits = {0, 0}},
};

/* The hash with the answer to the next sixteen bytes of a text: so many at a time, since every
 * request passes here twice. The halves of a product of two words depend on all bits of both. */
static inline uint64_t reference_mix(uint64_t hash, const struct reference_change *change,
                                     reference_words text)
{
    reference_bytes from_first = (reference_bytes)text - (reference_bytes)change->first;
    reference_words words =
        text ^ ((reference_words)(from_first < REFERENCE_LETTERS) & change->bits);
    reference_wide product = (reference_wide)(hash ^ words[0]) * (words[1] ^ REFERENCE_ODD);

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t reference_word(const uint8_t *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

/* The hash of no text yet: it depends on the size. */
static inline uint64_t reference_begin(size_t size)
{
    return size * REFERENCE_ODD;
}

/* Of one that fills no word. By itself: only here is there room needed for it. */
static __attribute__((noinline)) uint64_t reference_make_short(
    const struct reference_change *change, const uint8_t *text, size_t size)
{
    uint64_t word = 0;

    if (size > 0) {
        memcpy(&word, text, size);
    }
    return reference_mix(reference_begin(size), change, (reference_words){word, 0});
}

static inline uint64_t reference_make(const struct reference_change *change, const uint8_t *text,
                                      size_t size)
{
    const uint8_t *end = text + size;
    uint64_t hash = reference_begin(size);

    if (size < 8) {
        return reference_make_short(change, text, size);
    }
    for (; end - text > 16; text += 16) {
        hash = reference_mix(hash, change,
                             (reference_words){reference_word(text), reference_word(text + 8)});
    }
    /* Some bytes may count twice. */
    text = size < 16 ? text : end - 16;
    return reference_mix(hash, change,
                         (reference_words){reference_word(text), reference_word(end - 8)});
}

uint64_t reference_of_answer(enum op op, const uint8_t *text, size_t size)
{
    assert(op == OP_TOUPPER || op == OP_TOLOWER || op == OP_ECHO);
    return reference_make(&reference_changes[op], text, size);
}

uint64_t reference_of_text(const uint8_t *text, size_t size)
{
    return reference_make(&reference_changes[OP_ECHO], text, size);
}

bool reference_count_is_right(const uint8_t *text, size_t size, uint32_t executions)
{
    uint64_t number = 0;

    if (size == 0 || size > 10 || text[0] == '0') {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    return number >= 1 && number <= executions;
}
