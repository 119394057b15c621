#include "verdict/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the same seed twice --------------------------------------------------------------------- */

static uint64_t pool_range_last(const struct pool_range *range)
{
    return range->first + (range->count - 1) * range->step;
}

static bool pool_range_has(const struct pool_range *range, uint64_t seed)
{
    return seed >= range->first && seed <= pool_range_last(range) &&
           (seed - range->first) % range->step == 0;
}

/* Whether two ranges share a seed. Where both run, the seeds of one repeat, by the other's step,
 * after as many as that step: more need not be looked at. */
static bool pool_ranges_overlap(const struct pool_range *a, const struct pool_range *b)
{
    uint64_t from = a->first > b->first ? a->first : b->first;
    uint64_t skipped = (from - a->first + a->step - 1) / a->step;

    if (a->count == 0 || b->count == 0) {
        return false;
    }
    for (uint64_t i = 0; i < b->step && skipped + i < a->count; i++) {
        if (pool_range_has(b, a->first + (skipped + i) * a->step)) {
            return true;
        }
    }
    return false;
}

bool pool_overlaps(const struct pool *pool, const struct pool *other)
{
    for (uint32_t i = 0; i < pool->range_count; i++) {
        for (uint32_t k = 0; k < other->range_count; k++) {
            if (pool_ranges_overlap(&pool->ranges[i], &other->ranges[k])) {
                return true;
            }
        }
    }
    return false;
}

/* ---- alike ----------------------------------------------------------------------------------- */

static bool pool_theory_is_alike(const struct theory_parts *a, const struct theory_parts *b)
{
    if (a->count != b->count || a->shift != b->shift) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        const struct sum_spread *left = &a->parts[i].spread;
        const struct sum_spread *right = &b->parts[i].spread;
        if (a->parts[i].count != b->parts[i].count || left->max != right->max ||
            memcmp(left->p, right->p, (left->max + 1) * sizeof left->p[0]) != 0) {
            return false;
        }
    }
    return true;
}

bool pool_is_alike(const struct pool *pool, const struct pool *other)
{
    if (pool->expectation_count != other->expectation_count ||
        pool->theory.holds != other->theory.holds) {
        return false;
    }
    for (uint32_t i = 0; i < pool->expectation_count; i++) {
        const struct pool_expectation *a = &pool->expectations[i];
        const struct pool_expectation *b = &other->expectations[i];
        if (a->line != b->line || a->law != b->law || strcmp(a->text, b->text) != 0 ||
            memcmp(&a->p, &b->p, sizeof a->p) != 0 ||
            !pool_theory_is_alike(&a->theory, &b->theory)) {
            return false;
        }
    }
    return true;
}

/* ---- merging --------------------------------------------------------------------------------- */

static int pool_merge_failures(struct pool *pool, const struct pool *other)
{
    for (uint64_t i = 0; i < other->failure_count; i++) {
        int status = pool_add_failure(pool, &other->failures[i]);
        if (status != 0) {
            return status;
        }
    }
    return 0;
}

static int pool_compare_failures(const void *a, const void *b)
{
    const struct pool_failure *left = a;
    const struct pool_failure *right = b;
    return (left->seed > right->seed) - (left->seed < right->seed);
}

static int pool_compare_ranges(const void *a, const void *b)
{
    const struct pool_range *left = a;
    const struct pool_range *right = b;
    return (left->first > right->first) - (left->first < right->first);
}

int pool_merge(struct pool *pool, const struct pool *other)
{
    for (uint32_t i = 0; i < other->range_count; i++) {
        int status = pool_add_range(pool, &other->ranges[i]);
        if (status != 0) {
            return status;
        }
    }
    int status = pool_merge_failures(pool, other);
    if (status != 0) {
        return status;
    }
    if (pool->range_count > 0) {
        qsort(pool->ranges, pool->range_count, sizeof *pool->ranges, pool_compare_ranges);
    }
    if (pool->failure_count > 0) {
        qsort(pool->failures, pool->failure_count, sizeof *pool->failures, pool_compare_failures);
    }
    pool->done += other->done;
    pool->ran += other->ran;
    pool_add_counts(&pool->counts, &other->counts);
    for (unsigned i = 0; i < POOL_VALUE_COUNT; i++) {
        spread_merge(&pool->spreads[i], &other->spreads[i]);
    }
    for (uint32_t i = 0; i < pool->expectation_count; i++) {
        pool->expectations[i].failed += other->expectations[i].failed;
        pool->expectations[i].part += other->expectations[i].part;
        pool->expectations[i].whole += other->expectations[i].whole;
    }
    pool->signal = pool->signal != 0 ? pool->signal : other->signal;
    pool->stopped = pool->stopped || other->stopped;
    return 0;
}
