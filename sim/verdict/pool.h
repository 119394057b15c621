/* The verdicts on many seeds of one scenario, added up: sums, spreads over the seeds, what failed,
 * and each `~` judged once over all of them.
 *
 * A seed becomes a sample (small, so that its run can be forgotten), samples are added to a pool,
 * and pools of different seeds can be merged: what results does not depend on how the seeds were
 * shared out. */
#ifndef VERDICT_POOL_H
#define VERDICT_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "verdict/expect_words.h"
#include "verdict/facts.h"
#include "verdict/spread.h"
#include "verdict/theory_parts.h"
#include "verdict/verdict.h"

#define POOL_WHY_MAX (EXPECT_FAILED_MAX + SCENARIO_PLACE_MAX + 64)

/* Counts are summed for each metric that is a count. */
#define POOL_METRIC_COUNT METRIC_LATENCY_MIN

struct pool_counts {
    uint64_t metrics[POOL_METRIC_COUNT]; /* by enum metric, all codes and reasons together */
    uint64_t replies[TALLY_CODES];       /* taken by clients, by code */
    uint64_t errors[TALLY_CODES];        /* final, by code */
    uint64_t rejected[REJECT_REASON_COUNT];
    uint64_t lost[LOSS_REASON_COUNT];
    uint64_t duration_ns; /* of all runs together */
};

/* What is spread over the seeds. Ratios are kept in billionths (POOL_RATIO_ONE is 1). */
enum pool_value {
    POOL_ANSWERED, /* part of the requests that was answered */
    POOL_TRIES,    /* per request */
    POOL_LATENCY_P50,
    POOL_LATENCY_P99,
    POOL_VALUE_COUNT
};
#define POOL_RATIO_ONE UINT64_C(1000000000)
/* The value's name in --json: "answered", "tries_per_request", "latency.p99_ns". */
const char *pool_value_name(enum pool_value value);
static inline bool pool_value_is_ratio(enum pool_value value)
{
    return value == POOL_ANSWERED || value == POOL_TRIES;
}

/* ---- one seed -------------------------------------------------------------------------------- */

/* An expectation in one seed. */
struct pool_part {
    bool held;
    uint64_t part;  /* a count that is compared with a percentage or with theory, ... */
    uint64_t whole; /* ... and of how many */
};

struct pool_sample {
    uint64_t seed;
    bool ran;               /* false: it could not be run, and why says so */
    int status;             /* exit status by promises, expectations without `~`, and facts */
    char why[POOL_WHY_MAX]; /* the first thing that failed; "" = nothing */
    struct pool_counts counts;
    uint64_t values[POOL_VALUE_COUNT]; /* UINT64_MAX = does not exist */
    struct pool_part *parts;           /* owned; one for each expectation */
};

/* Room for the verdict on a seed, to be used again and again. Returns 0 or -ENOMEM. */
int pool_sample_init(struct pool_sample *sample, uint32_t expectation_count);
void pool_sample_free(struct pool_sample *sample);

/* Notes the verdict on a seed. The scenario must have the sample's number of expectations. */
void pool_sample_take(struct pool_sample *sample, const struct verdict *verdict,
                      const struct run_facts *facts);

/* Notes that a seed could not be run, and why. */
void pool_sample_refuse(struct pool_sample *sample, uint64_t seed, int status, const char *why);

/* ---- many ------------------------------------------------------------------------------------ */

/* What an expectation is judged by. */
enum pool_law {
    POOL_EACH_SEED, /* seed by seed */
    POOL_BINOMIAL,  /* `~ P`: `part` of `whole` trials succeed, each with probability p */
    POOL_SUM,       /* `~ theory`: `part` is a sum of independent numbers, for each seed those of
                       `theory` */
    POOL_REFUSED    /* `~`: theory cannot say, or the fault has a memory */
};

struct pool_expectation {
    uint32_t line;
    char *label; /* owned; NULL if none */
    char *text;  /* owned */
    enum pool_law law;
    double p;                   /* POOL_BINOMIAL */
    struct theory_parts theory; /* POOL_SUM: owned; of one seed */
    char why[160];   /* why `~` is refused: by its law, or by pool_judge; "" = it is not */
    uint64_t failed; /* POOL_EACH_SEED: seeds in which it did not hold */
    uint64_t part;   /* summed over the seeds, where there is such a count */
    uint64_t whole;
    bool held;     /* by pool_judge */
    uint64_t low;  /* by pool_judge, for `~`: what is accepted of `part`, ... */
    uint64_t high; /* ... both ends in */
};

struct pool_failure {
    uint64_t seed;
    int status;
    char *why;     /* owned */
    char *command; /* owned, the owner's of the pool to set: the command that repeats it; NULL */
};

/* Seeds first, first + step, ...: `count` of them. */
struct pool_range {
    uint64_t first;
    uint64_t step; /* at least 1 */
    uint64_t count;
};

/* What theory says of one seed; see theory_total. */
struct pool_theory {
    bool holds;
    double requests;
    double answered;
    double tries;
    double executions;
};

struct pool {
    struct pool_range *ranges; /* owned; the seeds that were done, none twice */
    uint32_t range_count;
    uint64_t done; /* seeds */
    uint64_t ran;  /* of those, the ones that could be run */
    struct pool_counts counts;
    struct spread spreads[POOL_VALUE_COUNT];
    struct pool_expectation *expectations; /* owned */
    uint32_t expectation_count;
    struct pool_failure *failures; /* owned; in order of seed */
    uint64_t failure_count;
    uint32_t failure_capacity;
    struct pool_theory theory;
    int signal;   /* that ended it before all was done; 0 = none */
    bool stopped; /* ended at its maximum of failures */
    bool passed;  /* by pool_judge */
    int status;   /* by pool_judge: exit status */
};

/* Why there is no theory of such a pool. */
#define POOL_CUT_SHORT "runs ended before their scripts did"

/* Whether the time limit or a signal left some script unfinished. */
static inline bool pool_is_cut_short(const struct pool *pool)
{
    return pool->counts.metrics[METRIC_CANCELLED] > 0;
}

/* Whether `~` is refused; `why` says why. */
static inline bool pool_is_refused(const struct pool_expectation *pooled)
{
    return pooled->law == POOL_REFUSED || pooled->why[0] != '\0';
}

/* An empty pool, for seeds of `scenario` (whichever seed it was parsed for: its expectations and
 * theory are the same), or of scenarios that have nothing in common (NULL). Returns 0 or -ENOMEM.
 */
int pool_init(struct pool *pool, const struct scenario *scenario);
void pool_free(struct pool *pool);

/* Adds a seed; seeds come in rising order, each `step` above the one before. Returns 0 or -ENOMEM:
 * then the pool is good for nothing but pool_free. */
int pool_add(struct pool *pool, const struct pool_sample *sample, uint64_t step);

/* What pool_add does in parts, for a pool that is read back from a file: a copy is added. The first
 * two return 0 or -ENOMEM. */
int pool_add_range(struct pool *pool, const struct pool_range *range);
int pool_add_failure(struct pool *pool, const struct pool_failure *failure);
void pool_add_counts(struct pool_counts *sums, const struct pool_counts *counts);

/* Whether both have done the same seed. */
bool pool_overlaps(const struct pool *pool, const struct pool *other);

/* Whether both have the same expectations, to be judged alike. */
bool pool_is_alike(const struct pool *pool, const struct pool *other);

/* Adds all of another pool that is alike and does not overlap. Returns 0 or -ENOMEM: as above. */
int pool_merge(struct pool *pool, const struct pool *other);

/* All is added: judges every expectation, and sets passed and status. */
void pool_judge(struct pool *pool);

/* The worse of two exit statuses: a signal (128 + n), then 2, 3, 4, 1, 0. */
int pool_worse_status(int a, int b);

#endif
