#include "verdict/verdict.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/expect.h"
#include "verdict/judge.h"
#include "verdict/judge_counts.h"
#include "verdict/metric.h"
#include "verdict/watch.h"

/* What a shell sees of a process that a signal ended. */
#define VERDICT_STATUS_SIGNAL 128

int verdict_init(struct verdict *verdict, const struct scenario *scenario,
                 const struct verdict_options *options)
{
    uint32_t expectations = scenario->expectation_count;

    *verdict =
        (struct verdict){.scenario = scenario, .options = *options, .margin_min_ns = UINT64_MAX};
    if (tally_init(&verdict->tally, scenario) != 0) {
        return -ENOMEM;
    }
    verdict->expectations =
        calloc(expectations > 0 ? expectations : 1, sizeof *verdict->expectations);
    if (verdict->expectations == NULL ||
        (!options->trace_off && judge_init(&verdict->judge, verdict) != 0)) {
        verdict_free(verdict);
        return -ENOMEM;
    }
    return 0;
}

void verdict_free(struct verdict *verdict)
{
    judge_free(verdict->judge);
    tally_free(&verdict->tally);
    free(verdict->requests);
    free(verdict->expectations);
    *verdict = (struct verdict){0};
}

struct trace_sink verdict_sink(struct verdict *verdict)
{
    return verdict->judge == NULL
               ? (struct trace_sink){.take = tally_take, .context = &verdict->tally}
               : (struct trace_sink){.take = judge_take, .context = verdict->judge};
}

void verdict_take(void *verdict, const struct trace_record *record, const uint8_t *bytes)
{
    struct trace_sink sink = verdict_sink(verdict);

    sink.take(sink.context, record, bytes);
}

uint64_t verdict_last_ns(const struct verdict *verdict)
{
    return verdict->judge == NULL ? verdict->tally.last_ns : verdict->judge->last_ns;
}

void verdict_prefetch(const struct verdict *verdict, uint32_t client, uint32_t n,
                      enum prefetch_stage stage)
{
    const struct judge *judge = verdict->judge;

    if (stage == PREFETCH_KNOWN) {
        tally_prefetch(&verdict->tally, client);
    }
    if (judge != NULL && stage == PREFETCH_BEHIND) {
        ledger_prefetch(&judge->ledger, client, n);
    } else if (judge != NULL) {
        prefetch(&judge->clients[client], sizeof *judge->clients);
        prefetch(ledger_bucket(&judge->ledger, client, n), sizeof(uint32_t));
    }
}

/* ---- the end --------------------------------------------------------------------------------- */

static void verdict_judge_promises(struct verdict *verdict, const struct run_facts *facts)
{
    if (verdict->judge != NULL) {
        judge_finish(verdict->judge, facts);
    } else {
        for (int promise = 0; promise < PROMISE_COUNT; promise++) {
            struct promise_result *result = &verdict->promises[promise];
            result->verdict = PROMISE_NOT_JUDGED;
            snprintf(result->detail, sizeof result->detail, "it needs the trace, which is off");
        }
        judge_count_outcomes(&verdict->tally, &verdict->promises[PROMISE_ONE_OUTCOME]);
    }
    judge_count_conservation(&verdict->tally, facts, &verdict->promises[PROMISE_CONSERVATION]);
    judge_count_kernel_drops(&verdict->tally, facts, &verdict->promises[PROMISE_KERNEL_DROPS]);
    judge_count_leaks(facts, &verdict->promises[PROMISE_NO_LEAK]);
}

static int verdict_choose_status(const struct verdict *verdict, const struct run_facts *facts)
{
    bool held = true;

    if (facts->end == RUN_SIGNAL) {
        return VERDICT_STATUS_SIGNAL + facts->signal;
    }
    if (facts->missing_records > 0) {
        return 3; /* what was measured is not what happened: no verdict can be had from it */
    }
    for (int promise = 0; promise < PROMISE_COUNT; promise++) {
        if (verdict->promises[promise].verdict == PROMISE_BROKEN &&
            !promise_is_lesson(verdict->scenario, (enum promise)promise)) {
            return 4;
        }
    }
    for (uint32_t i = 0; i < verdict->scenario->expectation_count; i++) {
        held = held && verdict->expectations[i].held;
    }
    return held && facts->end != RUN_TIME_LIMIT ? 0 : 1;
}

void verdict_finish(struct verdict *verdict, const struct run_facts *facts)
{
    double cancelled = 0;

    verdict_judge_promises(verdict, facts);
    verdict->cut_short =
        verdict_metric(verdict, facts, METRIC_CANCELLED, &cancelled) && cancelled > 0;
    verdict->theory_holds =
        theory_of_scenario(verdict->scenario, &verdict->theory, verdict->theory_why);
    if (verdict->theory_holds && verdict->cut_short) {
        verdict->theory_holds = false;
        snprintf(verdict->theory_why, sizeof verdict->theory_why, "%s", VERDICT_CUT_SHORT);
    }
    for (uint32_t i = 0; i < verdict->scenario->expectation_count; i++) {
        expect_judge(verdict, facts, i);
    }
    verdict->status = verdict_choose_status(verdict, facts);
    verdict->passed = verdict->status == 0;
}

/* ---- questions ------------------------------------------------------------------------------- */

bool verdict_needs_trace(const struct expectation *expectation)
{
    if (watch_is_needed(expectation)) {
        return true;
    }
    if (expectation->kind == EXPECT_BROKEN) {
        static const enum promise counted[] = {PROMISE_ONE_OUTCOME, PROMISE_CONSERVATION,
                                               PROMISE_KERNEL_DROPS, PROMISE_NO_LEAK};
        for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
            if (strcmp(expectation->promise, promise_name(counted[i])) == 0) {
                return false;
            }
        }
        return true;
    }
    return expectation->metric == METRIC_WRONG || expectation->metric == METRIC_TIMING_MARGIN ||
           expectation->metric == METRIC_DUPLICATE_EXECUTIONS ||
           (expectation->metric == METRIC_EXECUTIONS && expectation->of == OF_NODES);
}

void verdict_link_rest(const struct verdict *verdict, const struct run_facts *facts, uint32_t link,
                       uint64_t *in_flight, uint64_t *kernel_drops)
{
    judge_count_link_rest(&verdict->tally, facts, link, in_flight, kernel_drops);
}

bool verdict_metric(const struct verdict *verdict, const struct run_facts *facts,
                    enum metric metric, double *value)
{
    const struct expectation all = {.kind = EXPECT_METRIC, .metric = metric, .of = OF_ALL};
    const struct metric_view view = {.tally = &verdict->tally,
                                     .facts = facts,
                                     .expectation = &all,
                                     .margin_ns = verdict->margin_min_ns};
    uint64_t measured = 0;

    if (verdict->judge == NULL && verdict_needs_trace(&all)) {
        return false;
    }
    if (metric_is_time(metric) ? !metric_time(&view, &measured) : !metric_count(&view, &measured)) {
        return false;
    }
    *value = (double)measured;
    return true;
}
