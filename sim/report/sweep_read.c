#include "report/sweep.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/sweep_parts.h"

#define SWEEP_STEP_MAX 1000000 /* of a range of seeds; shards are fewer */

/* ---- values ----------------------------------------------------------------------------------
 *
 * Files come from outside. Each of these turns `good` false if what it is asked for is not there or
 * not of its kind, and then returns something harmless. */

static json_t *sweep_read_member(const json_t *object, const char *key, json_type type, bool *good)
{
    json_t *value = json_object_get(object, key);

    if (value == NULL || json_typeof(value) != type) {
        *good = false;
        return NULL;
    }
    return value;
}

/* A count, from 0 to 2^63 - 1. */
static uint64_t sweep_read_count(const json_t *object, const char *key, bool *good)
{
    json_int_t count = json_integer_value(sweep_read_member(object, key, JSON_INTEGER, good));

    *good = *good && count >= 0;
    return count >= 0 ? (uint64_t)count : 0;
}

/* A seed: a decimal string. */
static uint64_t sweep_read_seed(const json_t *object, const char *key, bool *good)
{
    const char *text = json_string_value(sweep_read_member(object, key, JSON_STRING, good));
    char *end = NULL;

    if (text == NULL || text[0] < '0' || text[0] > '9') {
        *good = false;
        return 0;
    }
    uint64_t seed = strtoull(text, &end, 10);
    *good = *good && *end == '\0';
    return seed;
}

static bool sweep_read_boolean(const json_t *object, const char *key, bool *good)
{
    const json_t *value = json_object_get(object, key);

    *good = *good && json_is_boolean(value);
    return json_is_true(value);
}

/* A text of the document, or NULL where it has null. */
static const char *sweep_read_text(const json_t *object, const char *key, bool *good)
{
    const json_t *value = json_object_get(object, key);

    *good = *good && (json_is_string(value) || json_is_null(value));
    return json_string_value(value);
}

/* A finite number that is not below 0. */
static double sweep_read_real(const json_t *value, bool *good)
{
    double number = json_number_value(value);

    *good = *good && json_is_number(value) && isfinite(number) && number >= 0;
    return number;
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void sweep_read_ranges(const json_t *seeds, struct pool *pool, bool *good)
{
    json_t *ranges = sweep_read_member(seeds, "ranges", JSON_ARRAY, good);
    uint64_t done = 0;
    const json_t *value;
    size_t i;

    json_array_foreach(ranges, i, value)
    {
        struct pool_range range = {.first = sweep_read_seed(value, "first", good),
                                   .step = sweep_read_count(value, "step", good),
                                   .count = sweep_read_count(value, "count", good)};
        *good = *good && range.step >= 1 && range.step <= SWEEP_STEP_MAX && range.count >= 1 &&
                range.count - 1 <= (UINT64_MAX - range.first) / range.step &&
                pool_add_range(pool, &range) == 0;
        done += range.count;
    }
    *good = *good && done == pool->done;
}

static void sweep_read_failures(const json_t *object, struct pool *pool, bool *good)
{
    json_t *failures = sweep_read_member(object, "failures", JSON_ARRAY, good);
    const json_t *value;
    size_t i;

    json_array_foreach(failures, i, value)
    {
        const char *why = sweep_read_text(value, "why", good);
        const char *command = sweep_read_text(value, "command", good);
        struct pool_failure failure = {.seed = sweep_read_seed(value, "seed", good),
                                       .status = (int)sweep_read_count(value, "status", good),
                                       .why = (char *)(uintptr_t)why,
                                       .command = (char *)(uintptr_t)command};
        *good = *good && why != NULL && failure.status >= 1 && failure.status <= 255 &&
                pool_add_failure(pool, &failure) == 0;
    }
}

static void sweep_read_metrics(const json_t *object, struct pool *pool, bool *good)
{
    json_t *metrics = sweep_read_member(object, "metrics", JSON_OBJECT, good);
    struct sweep_count count;

    for (unsigned i = 0; sweep_count_at(&pool->counts, i, &count); i++) {
        *count.count = sweep_read_count(metrics, count.key, good);
    }
}

static void sweep_read_spread(const json_t *object, struct spread *spread, bool *good)
{
    json_t *points = sweep_read_member(object, "points", JSON_ARRAY, good);
    uint64_t bits = sweep_read_count(object, "bits", good);
    const json_t *value;
    size_t i;

    *good = *good && bits >= 1 && bits <= SPREAD_BITS_EXACT &&
            json_array_size(points) <= SPREAD_POINTS_MAX;
    if (!*good) {
        return;
    }
    spread_round(spread, (unsigned)bits);
    json_array_foreach(points, i, value)
    {
        json_int_t number = json_integer_value(json_array_get(value, 0));
        json_int_t count = json_integer_value(json_array_get(value, 1));
        *good = *good && number >= 0 && count >= 1;
        if (*good) {
            spread_add(spread, (uint64_t)number, (uint64_t)count);
        }
    }
    if (spread->count > 0) {
        spread->min = sweep_read_count(object, "least", good);
        spread->max = sweep_read_count(object, "most", good);
    }
}

static void sweep_read_spreads(const json_t *object, struct pool *pool, bool *good)
{
    json_t *spreads = sweep_read_member(object, "distributions", JSON_OBJECT, good);

    for (unsigned i = 0; i < POOL_VALUE_COUNT; i++) {
        sweep_read_spread(json_object_get(spreads, pool_value_name((enum pool_value)i)),
                          &pool->spreads[i], good);
    }
}

static void sweep_read_theory(const json_t *object, struct pool *pool, bool *good)
{
    const json_t *theory = json_object_get(object, "theory");

    if (json_is_null(theory)) {
        return;
    }
    pool->theory.holds = true;
    pool->theory.requests = sweep_read_real(json_object_get(theory, "requests"), good);
    pool->theory.answered = sweep_read_real(json_object_get(theory, "answered"), good);
    pool->theory.tries = sweep_read_real(json_object_get(theory, "tries"), good);
    pool->theory.executions = sweep_read_real(json_object_get(theory, "executions"), good);
}

/* ---- expectations ---------------------------------------------------------------------------- */

static void sweep_read_part(const json_t *value, struct sum_part *part, bool *good)
{
    json_t *probabilities = sweep_read_member(value, "p", JSON_ARRAY, good);
    size_t size = json_array_size(probabilities);

    part->count = sweep_read_count(value, "count", good);
    *good = *good && size >= 1 && size <= SUM_VALUE_MAX + 1 && part->count < (1u << 30);
    for (size_t i = 0; *good && i < size; i++) {
        part->spread.p[i] = sweep_read_real(json_array_get(probabilities, i), good);
        *good = *good && part->spread.p[i] <= 1.000001;
    }
    part->spread.max = *good ? (uint32_t)size - 1 : 0;
}

static void sweep_read_parts(const json_t *object, struct theory_parts *theory, bool *good)
{
    json_t *parts = sweep_read_member(object, "parts", JSON_ARRAY, good);
    size_t size = json_array_size(parts);

    theory->shift = sweep_read_count(object, "shift", good);
    theory->parts = calloc(size + 1, sizeof *theory->parts);
    *good = *good && theory->parts != NULL && size >= 1;
    for (size_t i = 0; *good && i < size; i++) {
        sweep_read_part(json_array_get(parts, i), &theory->parts[i], good);
        theory->count++;
    }
}

static void sweep_read_expectation(const json_t *object, struct pool_expectation *pooled,
                                   bool *good)
{
    const char *judged = json_string_value(sweep_read_member(object, "judged", JSON_STRING, good));
    const char *text = json_string_value(sweep_read_member(object, "text", JSON_STRING, good));
    const char *label = sweep_read_text(object, "label", good);
    const char *why;
    unsigned law = POOL_EACH_SEED;

    if (!*good) {
        return;
    }
    while (law <= POOL_REFUSED && strcmp(judged, sweep_law_name((enum pool_law)law)) != 0) {
        law++;
    }
    *good = law <= POOL_REFUSED;
    pooled->law = (enum pool_law)law;
    pooled->line = (uint32_t)sweep_read_count(object, "line", good);
    pooled->text = strdup(text);
    pooled->label = label != NULL ? strdup(label) : NULL;
    *good = *good && pooled->text != NULL && (label == NULL || pooled->label != NULL);
    pooled->failed = sweep_read_count(object, "failed", good);
    pooled->part = sweep_read_count(object, "part", good);
    pooled->whole = sweep_read_count(object, "whole", good);
    if (pooled->law == POOL_BINOMIAL) {
        pooled->p = sweep_read_real(json_object_get(object, "p"), good);
        *good = *good && pooled->p <= 1;
    } else if (pooled->law == POOL_SUM) {
        sweep_read_parts(object, &pooled->theory, good);
    } else if (pooled->law == POOL_REFUSED) {
        why = sweep_read_text(object, "why", good);
        snprintf(pooled->why, sizeof pooled->why, "%s", why != NULL ? why : "");
    }
}

static void sweep_read_expectations(const json_t *object, struct pool *pool, bool *good)
{
    json_t *expectations = sweep_read_member(object, "expectations", JSON_ARRAY, good);
    size_t size = json_array_size(expectations);

    pool->expectations = calloc(size + 1, sizeof *pool->expectations);
    *good = *good && pool->expectations != NULL;
    for (size_t i = 0; *good && i < size; i++) {
        pool->expectation_count++;
        sweep_read_expectation(json_array_get(expectations, i), &pool->expectations[i], good);
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* "I/N"; null: of several. */
static void sweep_read_shard(const json_t *seeds, struct report_sweep *sweep, bool *good)
{
    const char *shard = sweep_read_text(seeds, "shard", good);

    sweep->shard = sweep->shard_count = 1;
    if (shard != NULL && sscanf(shard, "%u/%u", &sweep->shard, &sweep->shard_count) != 2) {
        *good = false;
    }
}

static void sweep_read_head(const json_t *object, struct report_sweep_file *file, bool *good)
{
    struct report_sweep *sweep = &file->sweep;
    json_t *seeds = sweep_read_member(object, "seeds", JSON_OBJECT, good);

    sweep->path = sweep_read_text(object, "scenario", good);
    sweep->title = sweep_read_text(object, "title", good);
    sweep->version = sweep_read_text(object, "version", good);
    sweep->fingerprint = sweep_read_text(object, "fingerprint", good);
    *good = *good && sweep->path != NULL && sweep->version != NULL && sweep->fingerprint != NULL;
    sweep->first = sweep_read_seed(seeds, "first", good);
    sweep->last = sweep_read_seed(seeds, "last", good);
    sweep->wanted = sweep_read_count(seeds, "wanted", good);
    sweep->command = sweep_read_text(object, "command", good);
    sweep_read_shard(seeds, sweep, good);
    file->pool.done = sweep_read_count(seeds, "done", good);
    file->pool.ran = sweep_read_count(seeds, "ran", good);
    file->pool.signal = (int)sweep_read_count(object, "signal", good);
    file->pool.stopped = sweep_read_boolean(object, "stopped", good);
    *good = *good && file->pool.ran <= file->pool.done && file->pool.signal < 128;
    sweep_read_ranges(seeds, &file->pool, good);
}

bool report_sweep_open(struct report_sweep_file *file, FILE *in, char error[REPORT_SWEEP_ERROR_MAX])
{
    json_error_t wrong;
    json_t *object = json_loadf(in, 0, &wrong);
    bool good = true;

    if (object == NULL && ferror(in)) {
        snprintf(error, REPORT_SWEEP_ERROR_MAX, "cannot be read: %s", strerror(errno));
        return false;
    }
    if (object == NULL) {
        snprintf(error, REPORT_SWEEP_ERROR_MAX, "no JSON object: line %d: %.200s", wrong.line,
                 wrong.text);
        return false;
    }
    *file = (struct report_sweep_file){.document = object};
    file->sweep.pool = &file->pool;
    if (pool_init(&file->pool, NULL) != 0) {
        json_decref(object);
        snprintf(error, REPORT_SWEEP_ERROR_MAX, "no memory");
        return false;
    }
    sweep_read_head(object, file, &good);
    sweep_read_failures(object, &file->pool, &good);
    sweep_read_metrics(object, &file->pool, &good);
    sweep_read_spreads(object, &file->pool, &good);
    sweep_read_theory(object, &file->pool, &good);
    sweep_read_expectations(object, &file->pool, &good);
    if (!good) {
        report_sweep_close(file);
        snprintf(error, REPORT_SWEEP_ERROR_MAX,
                 "not what `simrun SCENARIO --seed A..B --json FILE` writes");
        return false;
    }
    pool_judge(&file->pool);
    return true;
}

void report_sweep_close(struct report_sweep_file *file)
{
    pool_free(&file->pool);
    json_decref(file->document);
    *file = (struct report_sweep_file){0};
}

static bool sweep_merge_refuse(char error[REPORT_SWEEP_ERROR_MAX], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool sweep_merge_refuse(char error[REPORT_SWEEP_ERROR_MAX], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error, REPORT_SWEEP_ERROR_MAX, format, arguments);
    va_end(arguments);
    return false;
}

bool report_sweep_merge(struct report_sweep_file *file, const struct report_sweep_file *other,
                        char error[REPORT_SWEEP_ERROR_MAX])
{
    struct report_sweep *sweep = &file->sweep;

    if (strcmp(sweep->version, other->sweep.version) != 0) {
        return sweep_merge_refuse(error, "by simrun %.40s, the others by %.40s",
                                  other->sweep.version, sweep->version);
    }
    if (strcmp(sweep->fingerprint, other->sweep.fingerprint) != 0 ||
        !pool_is_alike(&file->pool, &other->pool)) {
        return sweep_merge_refuse(error,
                                  "of another scenario, or with other --set, than the first");
    }
    if (pool_overlaps(&file->pool, &other->pool)) {
        return sweep_merge_refuse(error, "has seeds that an earlier file has, too");
    }
    if (pool_merge(&file->pool, &other->pool) != 0) {
        return sweep_merge_refuse(error, "no memory");
    }
    if (sweep->first == other->sweep.first && sweep->last == other->sweep.last) {
        sweep->wanted = sweep->last - sweep->first + 1; /* shards of one: more may be missing */
    } else {
        sweep->wanted += other->sweep.wanted;
    }
    sweep->first = other->sweep.first < sweep->first ? other->sweep.first : sweep->first;
    sweep->last = other->sweep.last > sweep->last ? other->sweep.last : sweep->last;
    sweep->command = NULL;
    pool_judge(&file->pool);
    return true;
}
