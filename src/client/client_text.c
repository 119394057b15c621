#include "client/client.h"

#include <string.h>

#include "base/prng.h"
#include "client/client_slot.h"

/* Adds as much of `piece` as there is room for; returns the new size. */
static size_t client_text_append(uint8_t *bytes, size_t size, const void *piece, size_t piece_size)
{
    size_t room = WIRE_TEXT_MAX - size;
    size_t taken = piece_size < room ? piece_size : room;

    if (taken > 0) {
        memcpy(bytes + size, piece, taken);
    }
    return size + taken;
}

static size_t client_text_append_number(uint8_t *bytes, size_t size, uint32_t number)
{
    char digits[10];
    size_t first = sizeof(digits);

    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return client_text_append(bytes, size, digits + first, sizeof(digits) - first);
}

/* Draw 0 is the size, each later one eight bytes, the lowest first. */
static size_t client_text_write_random(const struct client_identity *identity,
                                       const struct client_text *text, uint32_t n, uint8_t *bytes)
{
    uint64_t key = prng_draw(identity->key ^ CLIENT_DRAW_TEXT, n);
    uint64_t choices = (uint64_t)text->random_size_max - text->random_size_min + 1;
    uint64_t size = text->random_size_min + prng_below(prng_draw(key, 0), choices);
    uint64_t word = 0;

    if (size > WIRE_TEXT_MAX) {
        size = WIRE_TEXT_MAX;
    }
    for (size_t i = 0; i < size; i++) {
        word = i % 8 == 0 ? prng_draw(key, 1 + i / 8) : word >> 8;
        bytes[i] = (uint8_t)(word & 0xff);
    }
    return (size_t)size;
}

size_t client_text_write(const struct client_identity *identity, const struct client_text *text,
                         uint32_t n, uint8_t *bytes)
{
    size_t size = 0;

    if (text->random) {
        return client_text_write_random(identity, text, n, bytes);
    }
    for (uint32_t i = 0; i < text->part_count; i++) {
        const struct client_text_part *part = &text->parts[i];

        switch (part->kind) {
        case CLIENT_TEXT_LITERAL:
            size = client_text_append(bytes, size, part->bytes, part->size);
            break;
        case CLIENT_TEXT_CLIENT:
            size = client_text_append(bytes, size, identity->name, strlen(identity->name));
            break;
        case CLIENT_TEXT_N:
            size = client_text_append_number(bytes, size, n);
            break;
        }
    }
    return size;
}
