/* The words that the reports of a sweep share. */
#ifndef REPORT_SWEEP_PARTS_H
#define REPORT_SWEEP_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "verdict/pool.h"

/* What an expectation is judged by: "each-seed", "binomial", "sum", "refused". */
const char *sweep_law_name(enum pool_law law);

#define SWEEP_FINDING_MAX 320

/* What was found of an expectation over all seeds, in words: "held in 12 of 12 seeds", "measured
 * 801 of 8000 (10.0%) over all seeds, accepts 670 to 936" (sweep_text.c). */
void sweep_finding(const struct pool *pool, const struct pool_expectation *pooled,
                   char text[SWEEP_FINDING_MAX]);

/* One of the counts in "metrics": its key and where it is. */
struct sweep_count {
    char key[64];
    uint64_t *count;
};

/* The i-th of the counts, from 0; false: there are no more. */
bool sweep_count_at(struct pool_counts *counts, unsigned i, struct sweep_count *found);

#endif
