#include "verdict/reference.h"

#include <assert.h>
#include <string.h>

#define REFERENCE_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define REFERENCE_HIGH       REFERENCE_EACH(0x80)

/* In each byte of the word, bit 7 set where the byte is from `first` to `last` (both below 0x80):
 * eight bytes at a time, since every request passes here twice. */
static uint64_t reference_find_between(uint64_t word, uint8_t first, uint8_t last)
{
    uint64_t low_bits = word & ~REFERENCE_HIGH;
    uint64_t from_first = low_bits + REFERENCE_EACH((uint64_t)(0x80 - first));
    uint64_t after_last = low_bits + REFERENCE_EACH((uint64_t)(0x7f - last));

    return (from_first ^ after_last) & ~word & REFERENCE_HIGH;
}

/* ASCII letters differ from their other case in bit 5. */
static uint64_t reference_answer_word(enum op op, uint64_t word)
{
    switch (op) {
    case OP_TOUPPER:
        return word ^ (reference_find_between(word, 'a', 'z') >> 2);
    case OP_TOLOWER:
        return word ^ (reference_find_between(word, 'A', 'Z') >> 2);
    case OP_ECHO:
    case OP_COUNT:
    case OP_UNKNOWN:
        break;
    }
    return word;
}

static uint64_t reference_mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

struct reference reference_of_answer(enum op op, const uint8_t *text, size_t size)
{
    uint64_t hash = size;
    uint64_t word = 0;

    assert(op == OP_TOUPPER || op == OP_TOLOWER || op == OP_ECHO);
    if (size < sizeof word) {
        if (size > 0) {
            memcpy(&word, text, size);
        }
        hash = reference_mix(hash, reference_answer_word(op, word));
        return (struct reference){.hash = hash, .size = (uint32_t)size};
    }
    for (size_t at = 0; at < size - sizeof word; at += sizeof word) {
        memcpy(&word, text + at, sizeof word);
        hash = reference_mix(hash, reference_answer_word(op, word));
    }
    memcpy(&word, text + size - sizeof word, sizeof word); /* some bytes may count twice */
    hash = reference_mix(hash, reference_answer_word(op, word));
    return (struct reference){.hash = hash, .size = (uint32_t)size};
}

struct reference reference_of_text(const uint8_t *text, size_t size)
{
    return reference_of_answer(OP_ECHO, text, size);
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
