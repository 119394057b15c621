#include "verdict/reference.h"

#include <assert.h>
#include <string.h>

#define REFERENCE_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define REFERENCE_HIGH       REFERENCE_EACH(0x80)

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

/* The hash with the answer's next eight bytes: eight at a time, since every request passes here
 * twice. ASCII letters differ from their other case in bit 5. */
static inline uint64_t reference_mix(uint64_t hash, struct reference_letters letters, uint64_t word)
{
    uint64_t low_bits = word & ~REFERENCE_HIGH;
    uint64_t changed = (low_bits + letters.from_first) ^ (low_bits + letters.after_last);

    word ^= (changed & ~word & REFERENCE_HIGH) >> 2;
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static inline uint64_t reference_make(struct reference_letters letters, const uint8_t *text,
                                      size_t size)
{
    uint64_t hash = size;
    uint64_t word = 0;

    if (size < sizeof word) {
        if (size > 0) {
            memcpy(&word, text, size);
        }
        return reference_mix(hash, letters, word);
    }
    for (size_t at = 0; at < size - sizeof word; at += sizeof word) {
        memcpy(&word, text + at, sizeof word);
        hash = reference_mix(hash, letters, word);
    }
    memcpy(&word, text + size - sizeof word, sizeof word); /* some bytes may count twice */
    return reference_mix(hash, letters, word);
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
