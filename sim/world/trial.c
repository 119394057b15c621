#include "world/trial.h"

#include <signal.h>
#include <stdio.h>

#include "world/run.h"

/* On which side of what the expectation accepts the value is: too few answers and too many are two
 * failures. */
static int trial_side(const struct expectation *expectation,
                      const struct expectation_result *result)
{
    if (expectation->kind != EXPECT_METRIC || !result->exists) {
        return 0;
    }
    switch (expectation->cmp) {
    case CMP_NE:
        return 0;
    case CMP_ABOUT:
    case CMP_THEORY:
        return (double)result->part < result->low ? -1 : (double)result->part > result->high;
    case CMP_EQ:
    case CMP_LT:
    case CMP_LE:
    case CMP_GT:
    case CMP_GE:
    case CMP_IN:
        break;
    }
    return result->value < expectation->low || expectation->cmp == CMP_GT ? -1 : 1;
}

/* Promises come before expectations: a broken one is the heavier. */
static void trial_find_failure(const struct scenario *scenario, const struct verdict *verdict,
                               const struct run_facts *facts, struct trial_failure *failure)
{
    *failure =
        (struct trial_failure){.status = verdict->status, .stopped = facts->end == RUN_SIGNAL};
    if (verdict->status == 0 || failure->stopped) {
        return;
    }
    failure->failed = true;
    for (uint32_t i = 0; verdict->status == 4 && i < PROMISE_COUNT; i++) {
        if (verdict->promises[i].verdict == PROMISE_BROKEN &&
            !promise_is_lesson(scenario, (enum promise)i)) {
            failure->promise = true;
            failure->which = i;
            snprintf(failure->text, sizeof failure->text, "promise %s broken: %s",
                     promise_name((enum promise)i), verdict->promises[i].detail);
            return;
        }
    }
    for (uint32_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation_result *result = &verdict->expectations[i];
        if (!result->held) {
            failure->which = i;
            failure->exists = result->exists;
            failure->side = trial_side(&scenario->expectations[i], result);
            expect_say_failed(failure->text, &scenario->expectations[i], result);
            return;
        }
    }
    failure->which = UINT32_MAX;
    snprintf(failure->text, sizeof failure->text, "the time limit was reached");
}

int trial_run(const struct scenario *scenario, const struct fault_script *choices,
              const struct trace_sink *sink, struct trial_failure *failure)
{
    struct scenario virtual = *scenario; /* all it points to stays the scenario's */
    struct run_options options = {.trace_off = false};
    struct verdict verdict;
    struct run_facts facts;
    char error[RUN_ERROR_MAX];

    virtual.world = WORLD_VIRTUAL;
    virtual.script = choices;
    if (sink != NULL) {
        options.events = *sink;
    }
    if (run_scenario(&virtual, &options, &verdict, &facts, error) != 0) {
        return -1;
    }
    trial_find_failure(scenario, &verdict, &facts, failure);
    if (facts.end == RUN_SIGNAL) {
        raise(facts.signal); /* the run took it; it is the search's, which holds signals back */
    }
    verdict_free(&verdict);
    run_facts_free(&facts);
    return 0;
}

bool trial_is_same(const struct trial_failure *a, const struct trial_failure *b)
{
    return a->failed && b->failed && a->promise == b->promise && a->which == b->which &&
           a->exists == b->exists && a->side == b->side;
}
