#include "verdict/pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int pool_sample_init(struct pool_sample *sample, uint32_t expectation_count)
{
    *sample = (struct pool_sample){0};
    sample->parts = calloc(expectation_count > 0 ? expectation_count : 1, sizeof *sample->parts);
    return sample->parts == NULL ? -ENOMEM : 0;
}

void pool_sample_free(struct pool_sample *sample)
{
    free(sample->parts);
    sample->parts = NULL;
}

/* ---- what failed first ----------------------------------------------------------------------- */

static bool pool_sample_breaks(struct pool_sample *sample, const struct verdict *verdict)
{
    for (unsigned i = 0; i < PROMISE_COUNT; i++) {
        const struct promise_result *result = &verdict->promises[i];
        if (result->verdict == PROMISE_BROKEN &&
            !promise_is_lesson(verdict->scenario, (enum promise)i)) {
            snprintf(sample->why, sizeof sample->why, "promise %s: %s",
                     promise_name((enum promise)i), result->detail);
            return true;
        }
    }
    return false;
}

static bool pool_is_about(const struct expectation *expectation)
{
    return expectation->kind == EXPECT_METRIC &&
           (expectation->cmp == CMP_ABOUT || expectation->cmp == CMP_THEORY);
}

/* The first expectation, without those that are judged over all seeds, that did not hold. */
static bool pool_sample_disappoints(struct pool_sample *sample, const struct verdict *verdict)
{
    const struct scenario *scenario = verdict->scenario;

    for (uint32_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *expectation = &scenario->expectations[i];
        const struct expectation_result *result = &verdict->expectations[i];
        if (!result->held && !pool_is_about(expectation)) {
            char place[SCENARIO_PLACE_MAX];
            char failed[EXPECT_FAILED_MAX];
            expect_say_failed(failed, expectation, result);
            snprintf(sample->why, sizeof sample->why, "%s: %s",
                     scenario_format_place(place, expectation->line), failed);
            return true;
        }
    }
    return false;
}

/* Says of a run that the time limit ended, behind what failed in it: often that is the reason. */
static void pool_sample_say_limit(struct pool_sample *sample, const struct verdict *verdict)
{
    size_t length = strlen(sample->why);
    char limit[32];

    scenario_format_duration(limit, sizeof limit, verdict->scenario->time_limit_ns);
    snprintf(sample->why + length, sizeof sample->why - length,
             "%sthe time limit of %s was reached", length > 0 ? "; " : "", limit);
}

/* The exit status of the seed by itself, and why. */
static void pool_sample_judge(struct pool_sample *sample, const struct verdict *verdict,
                              const struct run_facts *facts)
{
    sample->why[0] = '\0';
    if (facts->end == RUN_SIGNAL) {
        sample->status = verdict->status;
    } else if (facts->missing_records > 0) {
        snprintf(sample->why, sizeof sample->why, VERDICT_MISSING,
                 (unsigned long long)facts->missing_records);
        sample->status = verdict->status;
    } else if (pool_sample_breaks(sample, verdict)) {
        sample->status = 4;
    } else if (pool_sample_disappoints(sample, verdict)) {
        sample->status = 1;
    } else {
        sample->status = facts->end == RUN_TIME_LIMIT ? 1 : 0;
    }
    if (facts->end == RUN_TIME_LIMIT) {
        pool_sample_say_limit(sample, verdict);
    }
}

/* ---- what was counted ------------------------------------------------------------------------ */

static void pool_sample_count(struct pool_counts *counts, const struct verdict *verdict,
                              const struct run_facts *facts)
{
    const struct tally *tally = &verdict->tally;

    memset(counts, 0, sizeof *counts);
    for (unsigned i = 0; i < POOL_METRIC_COUNT; i++) {
        double value;
        if (verdict_metric(verdict, facts, (enum metric)i, &value)) {
            counts->metrics[i] = (uint64_t)value;
        }
    }
    for (uint32_t node = 0; node < verdict->scenario->node_count; node++) {
        for (uint32_t i = 0; i < TALLY_CODES; i++) {
            counts->replies[i] += TALLY_NODE(tally, node, replies[i]);
            counts->errors[i] += TALLY_NODE(tally, node, errors[i]);
        }
        for (uint32_t i = 0; i < REJECT_REASON_COUNT; i++) {
            counts->rejected[i] += TALLY_NODE(tally, node, rejected[i]);
        }
    }
    for (uint32_t link = 0; link < verdict->scenario->link_count; link++) {
        for (uint32_t i = 0; i < LOSS_REASON_COUNT; i++) {
            counts->lost[i] += TALLY_LINK(tally, link, lost[i]);
        }
    }
    counts->duration_ns = facts->duration_ns;
}

/* part / whole in billionths, rounded down; UINT64_MAX where whole is 0. */
static uint64_t pool_ratio(uint64_t part, uint64_t whole)
{
    __extension__ typedef unsigned __int128 pool_u128;
    return whole == 0 ? UINT64_MAX : (uint64_t)((pool_u128)part * POOL_RATIO_ONE / whole);
}

static void pool_sample_measure(struct pool_sample *sample, const struct verdict *verdict)
{
    const uint64_t *metrics = sample->counts.metrics;
    const struct latency *latency = verdict->tally.latency;
    uint64_t requests = metrics[METRIC_REQUESTS];

    sample->values[POOL_ANSWERED] = pool_ratio(metrics[METRIC_ANSWERED], requests);
    sample->values[POOL_TRIES] = pool_ratio(metrics[METRIC_TRIES], requests);
    sample->values[POOL_LATENCY_P50] = latency_quantile_ns(latency, 0.5);
    sample->values[POOL_LATENCY_P99] = latency_quantile_ns(latency, 0.99);
}

void pool_sample_take(struct pool_sample *sample, const struct verdict *verdict,
                      const struct run_facts *facts)
{
    sample->seed = verdict->scenario->seed;
    sample->ran = true;
    pool_sample_judge(sample, verdict, facts);
    pool_sample_count(&sample->counts, verdict, facts);
    pool_sample_measure(sample, verdict);
    for (uint32_t i = 0; i < verdict->scenario->expectation_count; i++) {
        const struct expectation_result *result = &verdict->expectations[i];
        sample->parts[i] =
            (struct pool_part){.held = result->held, .part = result->part, .whole = result->whole};
    }
}

void pool_sample_refuse(struct pool_sample *sample, uint64_t seed, int status, const char *why)
{
    sample->seed = seed;
    sample->ran = false;
    sample->status = status;
    snprintf(sample->why, sizeof sample->why, "%s", why);
}
