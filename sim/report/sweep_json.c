#include "report/sweep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "report/json_parts.h"
#include "report/sweep_parts.h"

/* Reals are written with as many digits as it takes to read the same back. */
#define SWEEP_JSON_STYLE (JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(17))

/* ---- words that are shared with reading ------------------------------------------------------ */

const char *sweep_law_name(enum pool_law law)
{
    switch (law) {
    case POOL_EACH_SEED:
        return "each-seed";
    case POOL_BINOMIAL:
        return "binomial";
    case POOL_SUM:
        return "sum";
    case POOL_REFUSED:
        return "refused";
    }
    return "";
}

/* The i-th of an array's counts, "METRIC.PART"; moves i on to the next array if it is not in this.
 */
static bool sweep_count_in(struct sweep_count *found, unsigned *i, unsigned size, uint64_t *counts,
                           enum metric metric)
{
    char part[24];

    if (*i >= size) {
        *i -= size;
        return false;
    }
    if (metric == METRIC_REJECTED) {
        snprintf(part, sizeof part, "%s", reject_reason_name((enum reject_reason)(*i + 1)));
    } else if (metric == METRIC_LOST) {
        snprintf(part, sizeof part, "%s", loss_reason_name((enum loss_reason)(*i + 1)));
    } else if (tally_code(*i) == 0) {
        snprintf(part, sizeof part, "other");
    } else {
        snprintf(part, sizeof part, "%u", tally_code(*i));
    }
    snprintf(found->key, sizeof found->key, "%s.%s", metric_name(metric), part);
    found->count = &counts[*i];
    return true;
}

bool sweep_count_at(struct pool_counts *counts, unsigned i, struct sweep_count *found)
{
    if (i < POOL_METRIC_COUNT) {
        snprintf(found->key, sizeof found->key, "%s", metric_name((enum metric)i));
        found->count = &counts->metrics[i];
        return true;
    }
    i -= POOL_METRIC_COUNT;
    if (sweep_count_in(found, &i, TALLY_CODES, counts->replies, METRIC_REPLIES) ||
        sweep_count_in(found, &i, TALLY_CODES, counts->errors, METRIC_ERRORS) ||
        sweep_count_in(found, &i, REJECT_REASON_COUNT - 1, counts->rejected + 1, METRIC_REJECTED) ||
        sweep_count_in(found, &i, LOSS_REASON_COUNT - 1, counts->lost + 1, METRIC_LOST)) {
        return true;
    }
    snprintf(found->key, sizeof found->key, "duration_ns");
    found->count = &counts->duration_ns;
    return i == 0;
}

/* ---- seeds and failures ---------------------------------------------------------------------- */

/* A seed: a decimal string, since it may not fit a JSON number. */
static json_t *sweep_json_seed(uint64_t seed)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, seed);
    return json_string(text);
}

/* Adds to an array (taken over; NULL = memory ran out); `good` turns false if that fails. */
static void sweep_json_append(json_t *array, json_t *value, bool *good)
{
    if (json_array_append_new(array, value) != 0) {
        *good = false;
    }
}

static json_t *sweep_json_seeds(const struct report_sweep *sweep, bool *good)
{
    const struct pool *pool = sweep->pool;
    json_t *ranges = json_array();
    json_t *seeds = json_object();
    char shard[32];

    for (uint32_t i = 0; i < pool->range_count; i++) {
        const struct pool_range *range = &pool->ranges[i];
        json_t *value = json_object();
        json_parts_set(value, "first", sweep_json_seed(range->first), good);
        json_parts_set(value, "step", json_parts_count(range->step), good);
        json_parts_set(value, "count", json_parts_count(range->count), good);
        sweep_json_append(ranges, value, good);
    }
    snprintf(shard, sizeof shard, "%u/%u", sweep->shard, sweep->shard_count);
    json_parts_set(seeds, "first", sweep_json_seed(sweep->first), good);
    json_parts_set(seeds, "last", sweep_json_seed(sweep->last), good);
    json_parts_set(seeds, "shard", sweep->command == NULL ? json_null() : json_string(shard), good);
    json_parts_set(seeds, "wanted", json_parts_count(sweep->wanted), good);
    json_parts_set(seeds, "done", json_parts_count(pool->done), good);
    json_parts_set(seeds, "ran", json_parts_count(pool->ran), good);
    json_parts_set(seeds, "failed", json_parts_count(pool->failure_count), good);
    json_parts_set(seeds, "ranges", ranges, good);
    return seeds;
}

static json_t *sweep_json_failures(const struct pool *pool, bool *good)
{
    json_t *failures = json_array();

    for (uint64_t i = 0; i < pool->failure_count; i++) {
        const struct pool_failure *failure = &pool->failures[i];
        json_t *value = json_object();
        json_parts_set(value, "seed", sweep_json_seed(failure->seed), good);
        json_parts_set(value, "status", json_integer(failure->status), good);
        json_parts_set(value, "why", json_parts_string(failure->why), good);
        json_parts_set(value, "command", json_parts_string(failure->command), good);
        sweep_json_append(failures, value, good);
    }
    return failures;
}

/* ---- sums and spreads ------------------------------------------------------------------------ */

static json_t *sweep_json_metrics(const struct pool *pool, bool *good)
{
    struct pool_counts counts = pool->counts;
    json_t *metrics = json_object();
    struct sweep_count count;

    for (unsigned i = 0; sweep_count_at(&counts, i, &count); i++) {
        json_parts_set(metrics, count.key, json_parts_count(*count.count), good);
    }
    return metrics;
}

static json_t *sweep_json_value(enum pool_value value, uint64_t number)
{
    return pool_value_is_ratio(value) ? json_real((double)number / (double)POOL_RATIO_ONE)
                                      : json_parts_count(number);
}

/* The quantiles for people, and what it takes to merge exactly. */
static json_t *sweep_json_spread(const struct spread *spread, enum pool_value value, bool *good)
{
    static const struct {
        const char *key;
        unsigned percent;
    } quantiles[] = {{"min", 0}, {"p10", 10}, {"p50", 50}, {"p90", 90}, {"max", 100}};
    json_t *object = json_object();
    json_t *points = json_array();

    json_parts_set(object, "seeds", json_parts_count(spread->count), good);
    for (unsigned i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++) {
        json_t *quantile =
            spread->count == 0
                ? json_null()
                : sweep_json_value(value, spread_quantile(spread, quantiles[i].percent));
        json_parts_set(object, quantiles[i].key, quantile, good);
    }
    json_parts_set(object, "one", json_parts_count(pool_value_is_ratio(value) ? POOL_RATIO_ONE : 1),
                   good);
    json_parts_set(object, "bits", json_integer(spread->bits), good);
    json_parts_set(object, "least", json_parts_count(spread->min), good);
    json_parts_set(object, "most", json_parts_count(spread->max), good);
    for (uint32_t i = 0; i < spread->point_count; i++) {
        json_t *point = json_pack("[I,I]", (json_int_t)spread->points[i].value,
                                  (json_int_t)spread->points[i].count);
        sweep_json_append(points, point, good);
    }
    json_parts_set(object, "points", points, good);
    return object;
}

static json_t *sweep_json_spreads(const struct pool *pool, bool *good)
{
    json_t *spreads = json_object();

    for (unsigned i = 0; i < POOL_VALUE_COUNT; i++) {
        enum pool_value value = (enum pool_value)i;
        json_parts_set(spreads, pool_value_name(value),
                       sweep_json_spread(&pool->spreads[i], value, good), good);
    }
    return spreads;
}

/* ---- theory and expectations ----------------------------------------------------------------- */

static json_t *sweep_json_theory(const struct pool_theory *theory)
{
    return theory->holds ? json_pack("{s:f,s:f,s:f,s:f}", "requests", theory->requests, "answered",
                                     theory->answered, "tries", theory->tries, "executions",
                                     theory->executions)
                         : json_null();
}

/* The numbers that one seed adds, and how each is distributed. */
static json_t *sweep_json_parts(const struct theory_parts *theory, bool *good)
{
    json_t *parts = json_array();

    for (uint32_t i = 0; i < theory->count; i++) {
        const struct sum_part *part = &theory->parts[i];
        json_t *value = json_object();
        json_t *probabilities = json_array();
        for (uint32_t k = 0; k <= part->spread.max; k++) {
            sweep_json_append(probabilities, json_real(part->spread.p[k]), good);
        }
        json_parts_set(value, "count", json_parts_count(part->count), good);
        json_parts_set(value, "p", probabilities, good);
        sweep_json_append(parts, value, good);
    }
    return parts;
}

static json_t *sweep_json_expectation(const struct pool_expectation *pooled, bool *good)
{
    json_t *value = json_object();
    bool about =
        !pool_is_refused(pooled) && (pooled->law == POOL_BINOMIAL || pooled->law == POOL_SUM);

    json_parts_set(value, "line", json_integer(pooled->line), good);
    json_parts_set(value, "label", json_parts_string(pooled->label), good);
    json_parts_set(value, "text", json_parts_string(pooled->text), good);
    json_parts_set(value, "held", json_boolean(pooled->held), good);
    json_parts_set(value, "judged", json_string(sweep_law_name(pooled->law)), good);
    json_parts_set(value, "failed", json_parts_count(pooled->failed), good);
    json_parts_set(value, "part", json_parts_count(pooled->part), good);
    json_parts_set(value, "whole", json_parts_count(pooled->whole), good);
    json_parts_set(value, "low", about ? json_parts_count(pooled->low) : json_null(), good);
    json_parts_set(value, "high", about ? json_parts_count(pooled->high) : json_null(), good);
    if (pooled->law == POOL_BINOMIAL) {
        json_parts_set(value, "p", json_real(pooled->p), good);
    } else if (pooled->law == POOL_SUM) {
        json_parts_set(value, "parts", sweep_json_parts(&pooled->theory, good), good);
        json_parts_set(value, "shift", json_parts_count(pooled->theory.shift), good);
    }
    if (pool_is_refused(pooled)) {
        json_parts_set(value, "why", json_parts_string(pooled->why), good);
    }
    return value;
}

static json_t *sweep_json_expectations(const struct pool *pool, bool *good)
{
    json_t *expectations = json_array();

    for (uint32_t i = 0; i < pool->expectation_count; i++) {
        sweep_json_append(expectations, sweep_json_expectation(&pool->expectations[i], good), good);
    }
    return expectations;
}

/* ---- the object ------------------------------------------------------------------------------ */

static json_t *sweep_json_speed(const struct report_sweep *sweep)
{
    double elapsed_s = (double)sweep->elapsed_ns / (double)NS_PER_S;

    return sweep->elapsed_ns == 0
               ? json_null()
               : json_pack("{s:I,s:f,s:i}", "elapsed_ns", (json_int_t)sweep->elapsed_ns,
                           "seeds_per_s", (double)sweep->pool->done / elapsed_s, "jobs",
                           (int)sweep->jobs);
}

bool report_sweep_json(FILE *out, const struct report_sweep *sweep)
{
    const struct pool *pool = sweep->pool;
    json_t *object = json_object();
    bool good = object != NULL;

    json_parts_set(object, "scenario", json_parts_string(sweep->path), &good);
    json_parts_set(object, "title", json_parts_string(sweep->title), &good);
    json_parts_set(object, "version", json_parts_string(sweep->version), &good);
    json_parts_set(object, "fingerprint", json_parts_string(sweep->fingerprint), &good);
    json_parts_set(object, "world", json_string("virtual"), &good);
    json_parts_set(object, "command", json_parts_string(sweep->command), &good);
    json_parts_set(object, "passed", json_boolean(pool->passed), &good);
    json_parts_set(object, "status", json_integer(pool->status), &good);
    json_parts_set(object, "signal", json_integer(pool->signal), &good);
    json_parts_set(object, "stopped", json_boolean(pool->stopped), &good);
    json_parts_set(object, "seeds", sweep_json_seeds(sweep, &good), &good);
    json_parts_set(object, "failures", sweep_json_failures(pool, &good), &good);
    json_parts_set(object, "metrics", sweep_json_metrics(pool, &good), &good);
    json_parts_set(object, "distributions", sweep_json_spreads(pool, &good), &good);
    json_parts_set(object, "theory", sweep_json_theory(&pool->theory), &good);
    json_parts_set(object, "expectations", sweep_json_expectations(pool, &good), &good);
    json_parts_set(object, "speed", sweep_json_speed(sweep), &good);
    good = good && json_dumpf(object, out, SWEEP_JSON_STYLE) == 0;
    json_decref(object);
    return good && fputs("\n", out) != EOF && fflush(out) == 0 && !ferror(out);
}
