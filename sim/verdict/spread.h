/* How a value is spread over the seeds of a sweep: how often each was seen, in bounded memory.
 *
 * Up to SPREAD_POINTS_MAX different values are kept as they are; when there are more, all are
 * rounded down to fewer and fewer significant bits until they fit. What results depends on the
 * values alone, neither on their order nor on how they were split up before they were merged. */
#ifndef VERDICT_SPREAD_H
#define VERDICT_SPREAD_H

#include <stdint.h>

#define SPREAD_POINTS_MAX 4096
#define SPREAD_BITS_EXACT 64 /* nothing is rounded */

struct spread_point {
    uint64_t value; /* rounded down to the spread's bits */
    uint64_t count; /* how often it was seen, at least once */
};

struct spread {
    struct spread_point *points; /* owned; SPREAD_POINTS_MAX + 1 of room, in order of value */
    uint32_t point_count;
    unsigned bits;  /* significant bits that are kept of each value */
    uint64_t count; /* values added */
    uint64_t min;   /* exactly; UINT64_MAX if none */
    uint64_t max;   /* exactly; 0 if none */
};

/* An empty spread. Returns 0 or -ENOMEM; nothing can fail after that. */
int spread_init(struct spread *spread);
void spread_free(struct spread *spread);

/* Adds a value that was seen `count` times (0: does nothing). */
void spread_add(struct spread *spread, uint64_t value, uint64_t count);

/* Adds all that another holds. */
void spread_merge(struct spread *spread, const struct spread *other);

/* Keeps at most `bits` significant bits (1..64) from now on: what was rounded before it is added
 * says how far. */
void spread_round(struct spread *spread, unsigned bits);

/* The value of rank ceil(percent / 100 * count) (nearest rank), for 0 <= percent <= 100: 0 is the
 * least, 100 the greatest. There must be a value (asserted). */
uint64_t spread_quantile(const struct spread *spread, unsigned percent);

#endif
