#include "verdict/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Buckets: every value below 2048 ns has its own; above, each doubling has 1024, so that none is
 * wider than a thousandth of what it holds. The last takes all from 2^48 ns (three days) on. */
#define LATENCY_SUB_BITS   10
#define LATENCY_SUB_COUNT  (1u << LATENCY_SUB_BITS)
#define LATENCY_OCTAVE_MAX 47
#define LATENCY_SMALL      (2u * LATENCY_SUB_COUNT)
#define LATENCY_BUCKETS                                                                            \
    (LATENCY_SMALL + (LATENCY_OCTAVE_MAX - LATENCY_SUB_BITS) * LATENCY_SUB_COUNT)
#define LATENCY_FIRST_CAPACITY 64

__extension__ typedef unsigned __int128 latency_sum;

struct latency {
    uint64_t *values;   /* owned; the latencies themselves, NULL once there are too many */
    uint32_t capacity;  /* of values */
    bool exact;         /* values holds all of them */
    uint64_t *buckets;  /* owned; how many in each, when not exact (untouched memory before) */
    uint64_t count;     /* latencies added */
    uint64_t min_ns;    /* UINT64_MAX if none */
    uint64_t max_ns;    /* 0 if none */
    latency_sum sum_ns; /* of all */
};

int latency_init(struct latency **latency)
{
    struct latency *made = calloc(1, sizeof *made);

    if (made == NULL) {
        return -ENOMEM;
    }
    made->buckets = calloc(LATENCY_BUCKETS, sizeof *made->buckets);
    if (made->buckets == NULL) {
        free(made);
        return -ENOMEM;
    }
    made->exact = true;
    made->min_ns = UINT64_MAX;
    *latency = made;
    return 0;
}

void latency_free(struct latency *latency)
{
    if (latency != NULL) {
        free(latency->values);
        free(latency->buckets);
        free(latency);
    }
}

/* ---- buckets --------------------------------------------------------------------------------- */

static uint32_t latency_bucket(uint64_t span_ns)
{
    if (span_ns < LATENCY_SMALL) {
        return (uint32_t)span_ns;
    }
    uint32_t octave = 63u - (uint32_t)__builtin_clzll(span_ns);
    if (octave > LATENCY_OCTAVE_MAX) {
        return LATENCY_BUCKETS - 1;
    }
    uint32_t sub = (uint32_t)(span_ns >> (octave - LATENCY_SUB_BITS)) - LATENCY_SUB_COUNT;
    return LATENCY_SMALL + (octave - LATENCY_SUB_BITS - 1) * LATENCY_SUB_COUNT + sub;
}

/* The middle of a bucket. */
static uint64_t latency_bucket_ns(uint32_t bucket)
{
    if (bucket < LATENCY_SMALL) {
        return bucket;
    }
    uint32_t above = bucket - LATENCY_SMALL;
    uint32_t shift = above / LATENCY_SUB_COUNT + 1;
    uint64_t low_ns = (uint64_t)(LATENCY_SUB_COUNT + above % LATENCY_SUB_COUNT) << shift;
    return low_ns + ((uint64_t)1 << shift) / 2;
}

/* From now on only buckets. */
static void latency_become_bucketed(struct latency *latency)
{
    for (uint64_t i = 0; i < latency->count; i++) {
        latency->buckets[latency_bucket(latency->values[i])]++;
    }
    free(latency->values);
    latency->values = NULL;
    latency->capacity = 0;
    latency->exact = false;
}

/* ---- adding ---------------------------------------------------------------------------------- */

/* Room for one value more; without it (or memory) the values become buckets. */
static void latency_make_room(struct latency *latency)
{
    uint32_t capacity = latency->capacity == 0 ? LATENCY_FIRST_CAPACITY : 2 * latency->capacity;
    if (capacity > LATENCY_EXACT_MAX) {
        capacity = LATENCY_EXACT_MAX;
    }
    uint64_t *values = latency->count < LATENCY_EXACT_MAX
                           ? realloc(latency->values, capacity * sizeof *values)
                           : NULL;
    if (values == NULL) {
        latency_become_bucketed(latency);
        return;
    }
    latency->values = values;
    latency->capacity = capacity;
}

static inline void latency_put(struct latency *latency, uint64_t span_ns)
{
    if (latency->exact) {
        latency->values[latency->count] = span_ns;
    } else {
        latency->buckets[latency_bucket(span_ns)]++;
    }
    latency->count++;
    latency->sum_ns += span_ns;
    latency->min_ns = span_ns < latency->min_ns ? span_ns : latency->min_ns;
    latency->max_ns = span_ns > latency->max_ns ? span_ns : latency->max_ns;
}

static __attribute__((noinline)) void latency_put_more(struct latency *latency, uint64_t span_ns)
{
    latency_make_room(latency);
    latency_put(latency, span_ns);
}

void latency_add(struct latency *latency, uint64_t span_ns)
{
    if (latency->exact && latency->count == latency->capacity) {
        latency_put_more(latency, span_ns);
    } else {
        latency_put(latency, span_ns);
    }
}

void latency_merge(struct latency *latency, const struct latency *other)
{
    if (other->exact) {
        for (uint64_t i = 0; i < other->count; i++) {
            latency_add(latency, other->values[i]);
        }
        return;
    }
    if (latency->exact) {
        latency_become_bucketed(latency);
    }
    for (uint32_t bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
        latency->buckets[bucket] += other->buckets[bucket];
    }
    latency->count += other->count;
    latency->sum_ns += other->sum_ns;
    latency->min_ns = other->min_ns < latency->min_ns ? other->min_ns : latency->min_ns;
    latency->max_ns = other->max_ns > latency->max_ns ? other->max_ns : latency->max_ns;
}

/* ---- reading --------------------------------------------------------------------------------- */

uint64_t latency_count(const struct latency *latency)
{
    return latency->count;
}

static int latency_compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* Puts the values in order, if they are not: which latencies there are does not change. */
static void latency_sort(const struct latency *latency)
{
    for (uint64_t i = 1; i < latency->count; i++) {
        if (latency->values[i - 1] > latency->values[i]) {
            qsort(latency->values, latency->count, sizeof *latency->values, latency_compare);
            return;
        }
    }
}

/* ceil(q * count), at least 1 and at most count. What is a whole number but for rounding (0.9 * 10)
 * counts as that. */
static uint64_t latency_rank(uint64_t count, double q)
{
    double exact = q * (double)count;
    uint64_t rank = (uint64_t)exact;

    if (exact - (double)rank > 1e-9 * exact) {
        rank++;
    }
    return rank < 1 ? 1 : rank > count ? count : rank;
}

/* What stands for the latencies in a bucket: its middle, but nothing that there has not been. */
static uint64_t latency_bucket_value_ns(const struct latency *latency, uint32_t bucket)
{
    uint64_t span_ns = latency_bucket_ns(bucket);

    span_ns = span_ns < latency->min_ns ? latency->min_ns : span_ns;
    return span_ns > latency->max_ns ? latency->max_ns : span_ns;
}

uint64_t latency_quantile_ns(const struct latency *latency, double q)
{
    if (latency->count == 0) {
        return UINT64_MAX;
    }
    uint64_t rank = latency_rank(latency->count, q);
    if (latency->exact) {
        latency_sort(latency);
        return latency->values[rank - 1];
    }

    uint64_t seen = 0;
    uint32_t bucket = 0;
    while (bucket < LATENCY_BUCKETS - 1 && seen + latency->buckets[bucket] < rank) {
        seen += latency->buckets[bucket];
        bucket++;
    }
    return latency_bucket_value_ns(latency, bucket);
}

uint64_t latency_count_between(const struct latency *latency, uint64_t from_ns, uint64_t to_ns)
{
    uint64_t count = 0;

    if (latency->exact) {
        for (uint64_t i = 0; i < latency->count; i++) {
            count += latency->values[i] >= from_ns && latency->values[i] < to_ns;
        }
        return count;
    }
    for (uint32_t bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
        uint64_t span_ns = latency_bucket_value_ns(latency, bucket);
        count += span_ns >= from_ns && span_ns < to_ns ? latency->buckets[bucket] : 0;
    }
    return count;
}

uint64_t latency_mean_ns(const struct latency *latency)
{
    return latency->count == 0 ? UINT64_MAX : (uint64_t)(latency->sum_ns / latency->count);
}

uint64_t latency_min_ns(const struct latency *latency)
{
    return latency->min_ns;
}

uint64_t latency_max_ns(const struct latency *latency)
{
    return latency->count == 0 ? UINT64_MAX : latency->max_ns;
}
