#include "verdict/spread.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The first step of rounding: no value moves by more than 1 / 2^15 of itself. */
#define SPREAD_BITS_FIRST 16

int spread_init(struct spread *spread)
{
    *spread = (struct spread){.bits = SPREAD_BITS_EXACT, .min = UINT64_MAX};
    spread->points = malloc((SPREAD_POINTS_MAX + 1) * sizeof *spread->points);
    return spread->points == NULL ? -ENOMEM : 0;
}

void spread_free(struct spread *spread)
{
    free(spread->points);
    *spread = (struct spread){0};
}

/* Rounds down to `bits` significant bits. */
static uint64_t spread_rounded(uint64_t value, unsigned bits)
{
    unsigned width = value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);

    return width <= bits ? value : value >> (width - bits) << (width - bits);
}

/* The index of the first point that is not below `value`. */
static uint32_t spread_find(const struct spread *spread, uint64_t value)
{
    uint32_t low = 0;
    uint32_t high = spread->point_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (spread->points[middle].value < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void spread_round(struct spread *spread, unsigned bits)
{
    uint32_t kept = 0;

    if (bits >= spread->bits) {
        return;
    }
    spread->bits = bits;
    for (uint32_t i = 0; i < spread->point_count; i++) {
        struct spread_point point = spread->points[i];
        point.value = spread_rounded(point.value, bits);
        if (kept > 0 && spread->points[kept - 1].value == point.value) {
            spread->points[kept - 1].count += point.count;
        } else {
            spread->points[kept++] = point;
        }
    }
    spread->point_count = kept;
}

/* Adds to a point, and rounds further if there are too many. */
static void spread_add_point(struct spread *spread, uint64_t value, uint64_t count)
{
    uint64_t rounded = spread_rounded(value, spread->bits);
    uint32_t at = spread_find(spread, rounded);

    if (at < spread->point_count && spread->points[at].value == rounded) {
        spread->points[at].count += count;
        return;
    }
    memmove(&spread->points[at + 1], &spread->points[at],
            (spread->point_count - at) * sizeof *spread->points);
    spread->points[at] = (struct spread_point){.value = rounded, .count = count};
    spread->point_count++;
    while (spread->point_count > SPREAD_POINTS_MAX) {
        spread_round(spread,
                     spread->bits > SPREAD_BITS_FIRST ? SPREAD_BITS_FIRST : spread->bits - 1);
    }
}

void spread_add(struct spread *spread, uint64_t value, uint64_t count)
{
    if (count == 0) {
        return;
    }
    spread_add_point(spread, value, count);
    spread->count += count;
    spread->min = value < spread->min ? value : spread->min;
    spread->max = value > spread->max ? value : spread->max;
}

void spread_merge(struct spread *spread, const struct spread *other)
{
    if (other->count == 0) {
        return;
    }
    spread_round(spread, other->bits);
    for (uint32_t i = 0; i < other->point_count; i++) {
        spread_add_point(spread, other->points[i].value, other->points[i].count);
    }
    spread->count += other->count;
    spread->min = other->min < spread->min ? other->min : spread->min;
    spread->max = other->max > spread->max ? other->max : spread->max;
}

uint64_t spread_quantile(const struct spread *spread, unsigned percent)
{
    /* ceil(count * percent / 100), without overflow. */
    uint64_t whole = spread->count / 100 * percent;
    uint64_t rank = whole + (spread->count % 100 * percent + 99) / 100;
    uint64_t seen = 0;
    uint32_t i = 0;

    assert(spread->count > 0 && percent <= 100);
    if (rank <= 1) {
        return spread->min;
    }
    if (rank >= spread->count) {
        return spread->max;
    }
    while (seen + spread->points[i].count < rank) {
        seen += spread->points[i++].count;
    }
    uint64_t value = spread->points[i].value;
    return value < spread->min ? spread->min : value;
}
