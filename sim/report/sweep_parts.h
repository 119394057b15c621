/* The words that writing a sweep's --json and reading it back share. */
#ifndef REPORT_SWEEP_PARTS_H
#define REPORT_SWEEP_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "verdict/pool.h"

/* What an expectation is judged by: "each-seed", "binomial", "sum", "refused". */
const char *sweep_law_name(enum pool_law law);

/* One of the counts in "metrics": its key and where it is. */
struct sweep_count {
    char key[64];
    uint64_t *count;
};

/* The i-th of the counts, from 0; false: there are no more. */
bool sweep_count_at(struct pool_counts *counts, unsigned i, struct sweep_count *found);

#endif
