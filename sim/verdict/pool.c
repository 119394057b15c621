#include "verdict/pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "verdict/theory.h"

const char *pool_value_name(enum pool_value value)
{
    switch (value) {
    case POOL_ANSWERED:
        return "answered";
    case POOL_TRIES:
        return "tries_per_request";
    case POOL_LATENCY_P50:
        return "latency.p50_ns";
    case POOL_LATENCY_P99:
        return "latency.p99_ns";
    case POOL_VALUE_COUNT:
        break;
    }
    return "";
}

int pool_worse_status(int a, int b)
{
    static const int ORDER[] = {2, 3, 4, 1};

    if (a >= 128 || b >= 128) {
        return a >= 128 ? a : b;
    }
    for (unsigned i = 0; i < sizeof ORDER / sizeof ORDER[0]; i++) {
        if (a == ORDER[i] || b == ORDER[i]) {
            return ORDER[i];
        }
    }
    return 0;
}

/* ---- what is expected ------------------------------------------------------------------------ */

static void pool_init_law(struct pool_expectation *pooled, const struct scenario *scenario,
                          const struct expectation *expectation)
{
    if (expectation->kind != EXPECT_METRIC) {
        return;
    }
    if (expectation->cmp == CMP_ABOUT) {
        bool applies = theory_share_applies(scenario, expectation, pooled->why);
        pooled->law = applies ? POOL_BINOMIAL : POOL_REFUSED;
        pooled->p = (double)expectation->probability_q63 / (double)PROBABILITY_ONE;
    } else if (expectation->cmp == CMP_THEORY) {
        bool holds = theory_parts_of(scenario, expectation, &pooled->theory, pooled->why);
        pooled->law = holds ? POOL_SUM : POOL_REFUSED;
    }
}

static int pool_init_expectation(struct pool_expectation *pooled, const struct scenario *scenario,
                                 const struct expectation *expectation)
{
    *pooled = (struct pool_expectation){.line = expectation->line, .law = POOL_EACH_SEED};
    pooled->text = strdup(expectation->text);
    pooled->label = expectation->label != NULL ? strdup(expectation->label) : NULL;
    pool_init_law(pooled, scenario, expectation);
    bool bad = pooled->text == NULL || (expectation->label != NULL && pooled->label == NULL);
    return bad ? -ENOMEM : 0;
}

static int pool_init_scenario(struct pool *pool, const struct scenario *scenario)
{
    struct theory_total total = {0};
    char why[160];
    int status = 0;

    pool->theory.holds = theory_of_scenario(scenario, &total, why);
    pool->theory.requests = total.requests;
    pool->theory.answered = total.answered_mean;
    pool->theory.tries = total.tries_mean;
    pool->theory.executions = total.executions_mean;
    pool->expectations = calloc(scenario->expectation_count + 1, sizeof *pool->expectations);
    if (pool->expectations == NULL) {
        return -ENOMEM;
    }
    pool->expectation_count = scenario->expectation_count;
    for (uint32_t i = 0; status == 0 && i < scenario->expectation_count; i++) {
        status =
            pool_init_expectation(&pool->expectations[i], scenario, &scenario->expectations[i]);
    }
    return status;
}

int pool_init(struct pool *pool, const struct scenario *scenario)
{
    int status = 0;

    *pool = (struct pool){0};
    for (unsigned i = 0; status == 0 && i < POOL_VALUE_COUNT; i++) {
        status = spread_init(&pool->spreads[i]);
    }
    if (status == 0 && scenario != NULL) {
        status = pool_init_scenario(pool, scenario);
    }
    if (status != 0) {
        pool_free(pool);
    }
    return status;
}

void pool_free(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->expectation_count; i++) {
        free(pool->expectations[i].label);
        free(pool->expectations[i].text);
        theory_parts_free(&pool->expectations[i].theory);
    }
    for (uint64_t i = 0; i < pool->failure_count; i++) {
        free(pool->failures[i].why);
        free(pool->failures[i].command);
    }
    for (unsigned i = 0; i < POOL_VALUE_COUNT; i++) {
        spread_free(&pool->spreads[i]);
    }
    free(pool->expectations);
    free(pool->failures);
    free(pool->ranges);
    *pool = (struct pool){0};
}

/* ---- adding ---------------------------------------------------------------------------------- */

int pool_add_range(struct pool *pool, const struct pool_range *range)
{
    struct pool_range *ranges =
        realloc(pool->ranges, (pool->range_count + 1) * sizeof *pool->ranges);

    if (ranges == NULL) {
        return -ENOMEM;
    }
    pool->ranges = ranges;
    pool->ranges[pool->range_count++] = *range;
    return 0;
}

/* A seed continues the latest range, or begins one. */
static int pool_add_seed(struct pool *pool, uint64_t seed, uint64_t step)
{
    struct pool_range *last = pool->range_count > 0 ? &pool->ranges[pool->range_count - 1] : NULL;

    if (last != NULL && last->step == step && seed == last->first + last->count * step) {
        last->count++;
        return 0;
    }
    return pool_add_range(pool, &(struct pool_range){.first = seed, .step = step, .count = 1});
}

int pool_add_failure(struct pool *pool, const struct pool_failure *failure)
{
    struct pool_failure copy = {.seed = failure->seed, .status = failure->status};

    if (pool->failure_count == pool->failure_capacity) {
        void *grown =
            array_grow(pool->failures, &pool->failure_capacity, sizeof *pool->failures, 16);
        if (grown == NULL) {
            return -ENOMEM;
        }
        pool->failures = grown;
    }
    copy.why = strdup(failure->why);
    copy.command = failure->command != NULL ? strdup(failure->command) : NULL;
    if (copy.why == NULL || (failure->command != NULL && copy.command == NULL)) {
        free(copy.why);
        free(copy.command);
        return -ENOMEM;
    }
    pool->failures[pool->failure_count++] = copy;
    return 0;
}

static void pool_add_array(uint64_t *sums, const uint64_t *counts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sums[i] += counts[i];
    }
}

void pool_add_counts(struct pool_counts *sums, const struct pool_counts *counts)
{
    pool_add_array(sums->metrics, counts->metrics, POOL_METRIC_COUNT);
    pool_add_array(sums->replies, counts->replies, TALLY_CODES);
    pool_add_array(sums->errors, counts->errors, TALLY_CODES);
    pool_add_array(sums->rejected, counts->rejected, REJECT_REASON_COUNT);
    pool_add_array(sums->lost, counts->lost, LOSS_REASON_COUNT);
    sums->duration_ns += counts->duration_ns;
}

int pool_add(struct pool *pool, const struct pool_sample *sample, uint64_t step)
{
    struct pool_failure failure = {
        .seed = sample->seed, .status = sample->status, .why = (char *)(uintptr_t)sample->why};
    int status = sample->status != 0 ? pool_add_failure(pool, &failure) : 0;

    if (status != 0) {
        return status;
    }
    status = pool_add_seed(pool, sample->seed, step);
    if (status != 0) {
        return status;
    }
    pool->done++;
    if (!sample->ran) {
        return 0;
    }
    pool->ran++;
    pool_add_counts(&pool->counts, &sample->counts);
    for (unsigned i = 0; i < POOL_VALUE_COUNT; i++) {
        spread_add(&pool->spreads[i], sample->values[i], sample->values[i] != UINT64_MAX);
    }
    for (uint32_t i = 0; i < pool->expectation_count; i++) {
        struct pool_expectation *pooled = &pool->expectations[i];
        pooled->failed += pooled->law == POOL_EACH_SEED && !sample->parts[i].held;
        pooled->part += sample->parts[i].part;
        pooled->whole += sample->parts[i].whole;
    }
    return 0;
}

/* ---- judging --------------------------------------------------------------------------------- */

/* The sum over all seeds that were run. */
static void pool_judge_sum(struct pool_expectation *pooled, uint64_t ran)
{
    struct theory_parts *theory = &pooled->theory;

    for (uint32_t i = 0; i < theory->count; i++) {
        theory->parts[i].count *= ran;
    }
    sum_bounds(theory->parts, theory->count, THEORY_ALPHA, &pooled->low, &pooled->high);
    for (uint32_t i = 0; i < theory->count; i++) {
        theory->parts[i].count /= ran;
    }
    uint64_t shift = theory->shift * ran;
    pooled->low -= shift < pooled->low ? shift : pooled->low;
    pooled->high -= shift < pooled->high ? shift : pooled->high;
}

static void pool_judge_expectation(const struct pool *pool, struct pool_expectation *pooled)
{
    if (pool->ran == 0) {
        pooled->held = true;
        return;
    }
    switch (pooled->law) {
    case POOL_EACH_SEED:
        pooled->held = pooled->failed == 0;
        return;
    case POOL_BINOMIAL:
        theory_binomial_bounds(pooled->whole, pooled->p, THEORY_ALPHA, &pooled->low, &pooled->high);
        break;
    case POOL_SUM:
        if (pool_is_cut_short(pool)) { /* the law is that of whole runs */
            snprintf(pooled->why, sizeof pooled->why, "%s", POOL_CUT_SHORT);
            pooled->held = false;
            return;
        }
        pool_judge_sum(pooled, pool->ran);
        break;
    case POOL_REFUSED:
        pooled->held = false;
        return;
    }
    pooled->held = pooled->whole > 0 && pooled->part >= pooled->low && pooled->part <= pooled->high;
}

void pool_judge(struct pool *pool)
{
    pool->status = 0;
    for (uint64_t i = 0; i < pool->failure_count; i++) {
        pool->status = pool_worse_status(pool->status, pool->failures[i].status);
    }
    for (uint32_t i = 0; i < pool->expectation_count; i++) {
        struct pool_expectation *pooled = &pool->expectations[i];
        pool_judge_expectation(pool, pooled);
        if (!pooled->held) {
            pool->status = pool_worse_status(pool->status, 1);
        }
    }
    pool->passed = pool->status == 0;
    if (pool->signal != 0) {
        pool->passed = false;
        pool->status = 128 + pool->signal;
    }
}
