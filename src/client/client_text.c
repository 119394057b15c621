#include "client/client.h"

#include "base/bytes.h"
#include "base/decimal.h"
#include "base/prng.h"
#include "client/client_slot.h"

/* Adds as much of `piece` as there is room for; returns the new size. */
static size_t client_text_append(uint8_t *bytes, size_t size, const uint8_t *piece,
                                 size_t piece_size)
{
    size_t room = WIRE_TEXT_MAX - size;
    size_t taken = piece_size < room ? piece_size : room;

    bytes_copy(bytes + size, piece, taken);
    return size + taken;
}

/* A name is short: to go through it once costs less than to ask for its length. */
static size_t client_text_append_name(uint8_t *bytes, size_t size, const char *name)
{
    for (; *name != '\0' && size < WIRE_TEXT_MAX; name++) {
        bytes[size++] = (uint8_t)*name;
    }
    return size;
}

static size_t client_text_append_number(uint8_t *bytes, size_t size, uint32_t number)
{
    uint8_t digits[DECIMAL_ROOM];

    if (WIRE_TEXT_MAX - size >= DECIMAL_ROOM) {
        return size + decimal_write(bytes + size, number);
    }
    return client_text_append(bytes, size, digits, decimal_write(digits, number));
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
            size = client_text_append_name(bytes, size, identity->name);
            break;
        case CLIENT_TEXT_N:
            size = client_text_append_number(bytes, size, n);
            break;
        }
    }
    return size;
}
