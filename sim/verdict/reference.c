#include "verdict/reference.h"

#include <assert.h>
#include <string.h>

__extension__ typedef unsigned __int128 reference_wide;

#define REFERENCE_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define REFERENCE_HIGH       REFERENCE_EACH(0x80)
#define REFERENCE_ODD        UINT64_C(0x9e3779b97f4a7c15) /* 2^64 divided by the golden ratio */

/* Which letters change their case: what added to each byte of a word, its bit 7 left out, sets that
 * bit from the first of them on, and behind the last. The same twice: none. */
struct reference_letters {
    uint64_t from_first;
    uint64_t after_last;
};

static struct reference_letters reference_letters_of(enum op op)
{
    switch (op) {
    case OP_TOUPPER:
        return (struct reference_letters){.from_first = REFERENCE_EACH(0x80 - (uint64_t)'a'),
                                          .after_last = REFERENCE_EACH(0x7f - (uint64_t)'z')};
    case OP_TOLOWER:
        return (struct reference_letters){.from_first = REFERENCE_EACH(0x80 - (uint64_t)'A'),
                                          .after_last = REFERENCE_EACH(0x7f - (uint64_t)'Z')};
    case OP_ECHO:
    case OP_COUNT:
    case OP_UNKNOWN:
        break;
    }
    return (struct reference_letters){.from_first = 0};
}

/* A word of the answer. ASCII letters differ from their other case in bit 5. */
static inline uint64_t reference_word(struct reference_letters letters, uint64_t word)
{
    uint64_t low_bits = word & ~REFERENCE_HIGH;
    uint64_t changed = (low_bits + letters.from_first) ^ (low_bits + letters.after_last);

    return word ^ (changed & ~word & REFERENCE_HIGH) >> 2;
}

/* The hash with the answer's next sixteen bytes, in two words: so many at a time, since every
 * request passes here twice. The halves of a product of two words depend on all bits of both. */
static inline uint64_t reference_mix(uint64_t hash, uint64_t one, uint64_t other)
{
    reference_wide product = (reference_wide)(hash ^ one) * (other ^ REFERENCE_ODD);

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The hash of no word yet: it depends on the size. */
static inline uint64_t reference_begin(size_t size)
{
    return size * REFERENCE_ODD;
}

static inline uint64_t reference_load(struct reference_letters letters, const uint8_t *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return reference_word(letters, word);
}

/* The hash of an answer that fills no word. By itself: only here is there room needed for it. */
static __attribute__((noinline)) uint64_t reference_make_short(struct reference_letters letters,
                                                               const uint8_t *text, size_t size)
{
    uint64_t word = 0;

    if (size > 0) {
        memcpy(&word, text, size);
    }
    return reference_mix(reference_begin(size), reference_word(letters, word), 0);
}

static inline uint64_t reference_make(struct reference_letters letters, const uint8_t *text,
                                      size_t size)
{
    const uint8_t *end = text + size;
    uint64_t hash = reference_begin(size);

    if (size < 8) {
        return reference_make_short(letters, text, size);
    }
    for (; end - text > 16; text += 16) {
        hash =
            reference_mix(hash, reference_load(letters, text), reference_load(letters, text + 8));
    }
    /* Some bytes may count twice. */
    text = size < 16 ? text : end - 16;
    return reference_mix(hash, reference_load(letters, text), reference_load(letters, end - 8));
}

uint64_t reference_of_answer(enum op op, const uint8_t *text, size_t size)
{
    assert(op == OP_TOUPPER || op == OP_TOLOWER || op == OP_ECHO);
    return reference_make(reference_letters_of(op), text, size);
}

uint64_t reference_of_text(const uint8_t *text, size_t size)
{
    return reference_make((struct reference_letters){.from_first = 0}, text, size);
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
