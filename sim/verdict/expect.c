#include "verdict/expect.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "verdict/expect_words.h"
#include "verdict/judge.h"
#include "verdict/metric.h"
#include "verdict/theory_parts.h"

/* Two fractions or ratios that differ by less are the same number, written differently. */
#define EXPECT_SAME 1e-9

/* ---- comparisons ----------------------------------------------------------------------------- */

static bool expect_compare(const struct expectation *expectation, double value, double same)
{
    double above_low = value - expectation->low;

    switch (expectation->cmp) {
    case CMP_EQ:
        return fabs(above_low) <= same;
    case CMP_NE:
        return fabs(above_low) > same;
    case CMP_LT:
        return above_low < -same;
    case CMP_LE:
        return above_low <= same;
    case CMP_GT:
        return above_low > same;
    case CMP_GE:
        return above_low >= -same;
    case CMP_IN:
        return above_low >= -same && value - expectation->high <= same;
    case CMP_ABOUT:
    case CMP_THEORY:
        break;
    }
    return false;
}

/* What a ratio divides by, 0 if there is nothing to divide by. */
static double expect_divisor(const struct metric_view *view)
{
    const struct expectation *expectation = view->expectation;

    switch (expectation->ratio) {
    case RATIO_NONE:
        return 1;
    case RATIO_PER_REQUEST:
        return (double)metric_requests(view);
    case RATIO_PER_S:
        break;
    }
    uint64_t span_ns = expectation->during
                           ? time_since(expectation->during_from_ns, expectation->during_to_ns)
                           : view->facts->duration_ns;
    return (double)span_ns / 1e9;
}

/* ---- counts ---------------------------------------------------------------------------------- */

/* The trials among which a count `~ P` is judged: every copy on a link has a fate of its own. */
static uint64_t expect_trials(const struct metric_view *view)
{
    struct expectation copies = *view->expectation;
    struct metric_view of_copies = {
        .tally = view->tally, .facts = view->facts, .expectation = &copies};
    bool damage = copies.metric == METRIC_CORRUPTED; /* of what is not lost */
    uint64_t duplicated = 0;
    uint64_t lost = 0;

    if (copies.metric == METRIC_LOST || copies.metric == METRIC_DELIVERED || damage) {
        copies.metric = METRIC_DUPLICATED;
        (void)metric_count(&of_copies, &duplicated);
    }
    if (damage) {
        copies.metric = METRIC_LOST;
        (void)metric_count(&of_copies, &lost);
    }
    return metric_whole(view) + duplicated - lost;
}

/* `~ P` and `~ theory`: the accepted range of the count, in whole counts. */
static bool expect_find_range(const struct verdict *verdict, const struct metric_view *view,
                              uint64_t trials, uint64_t *low, uint64_t *high, char why[200])
{
    const struct expectation *expectation = view->expectation;
    struct theory_parts parts;
    char reason[160];
    bool good;

    if (expectation->cmp == CMP_ABOUT) {
        theory_binomial_bounds(trials, ldexp((double)expectation->probability_q63, -63),
                               THEORY_ALPHA, low, high);
        return true;
    }
    if (verdict->cut_short && expectation->metric != METRIC_LOST) { /* those are of what was sent */
        expect_say(why, "theory does not apply: %s", VERDICT_CUT_SHORT);
        return false;
    }
    if (expectation->metric == METRIC_LOST) {
        good = theory_parts_of_lost(verdict->scenario, expectation, view->tally, &parts, reason);
    } else {
        good = theory_parts_of(verdict->scenario, expectation, &parts, reason);
    }
    if (!good) {
        expect_say(why, "theory does not apply: %s", reason);
        return false;
    }
    sum_bounds(parts.parts, parts.count, THEORY_ALPHA, low, high);
    *low -= parts.shift < *low ? parts.shift : *low;
    *high -= parts.shift < *high ? parts.shift : *high;
    theory_parts_free(&parts);
    return true;
}

static void expect_judge_about(const struct verdict *verdict, const struct metric_view *view,
                               uint64_t count, double divisor, struct expectation_result *result)
{
    uint64_t low = 0;
    uint64_t high = 0;
    char reason[160];

    if (view->expectation->cmp == CMP_ABOUT &&
        !theory_share_applies(verdict->scenario, view->expectation, reason)) {
        expect_say(result->why, "no bound applies: %s", reason);
        return;
    }
    if (verdict->options.pooled) {
        result->held = true;
        return;
    }
    if (!expect_find_range(verdict, view, result->whole, &low, &high, result->why)) {
        return;
    }
    result->low = (double)low;
    result->high = (double)high;
    result->held = count >= low && count <= high;
    if (view->expectation->ratio == RATIO_NONE) {
        expect_say(result->why, "accepts %llu to %llu", (unsigned long long)low,
                   (unsigned long long)high);
    } else {
        expect_say(result->why, "accepts %.4g to %.4g", result->low / divisor,
                   result->high / divisor);
    }
}

/* Whether the count is compared as a share of requests or datagrams. Theory speaks of shares where
 * each request or datagram either counts or does not. */
static bool expect_is_share(const struct expectation *expectation)
{
    if (expectation->cmp == CMP_THEORY) {
        return expectation->metric == METRIC_ANSWERED || expectation->metric == METRIC_FAILED ||
               expectation->metric == METRIC_TIMED_OUT || expectation->metric == METRIC_LOST;
    }
    return expectation->unit == UNIT_PERCENT || expectation->cmp == CMP_ABOUT;
}

/* Fills value, part and whole, and how they are shown. False: the value does not exist. */
static bool expect_measure_count(const struct metric_view *view, uint64_t count, double divisor,
                                 struct expectation_result *result)
{
    const struct expectation *expectation = view->expectation;

    result->part = count;
    result->whole = expectation->cmp == CMP_ABOUT ? expect_trials(view) : metric_whole(view);
    if (divisor <= 0) {
        expect_say(result->why, expectation->ratio == RATIO_PER_REQUEST ? "there were no requests"
                                                                        : "the run took no time");
        return false;
    }
    if (expectation->ratio != RATIO_NONE) {
        result->value = (double)count / divisor;
        snprintf(result->shown, sizeof result->shown, "%.4g %s", result->value,
                 expectation->ratio == RATIO_PER_REQUEST ? "per request" : "per s");
        return true;
    }
    if (!expect_is_share(expectation)) {
        result->value = (double)count;
        snprintf(result->shown, sizeof result->shown, "%llu", (unsigned long long)count);
        return true;
    }
    if (result->whole == 0) {
        expect_say(result->why, !metric_is_datagrams(expectation->metric) ? "there were no requests"
                                : metric_whole(view) == 0                 ? "nothing was sent"
                                                          : "all that was sent was lost");
        return false;
    }
    result->value = (double)count / (double)result->whole;
    expect_show_part(result->shown, count, result->whole);
    return true;
}

static void expect_judge_count(const struct verdict *verdict, const struct metric_view *view,
                               struct expectation_result *result)
{
    const struct expectation *expectation = view->expectation;
    uint64_t count = 0;
    double divisor = expect_divisor(view);

    if (!metric_count(view, &count)) {
        expect_say(result->why, "what the kernel drops is not known by request");
        return;
    }
    result->exists = expect_measure_count(view, count, divisor, result);
    if (!result->exists) {
        return;
    }
    if (expectation->cmp == CMP_ABOUT || expectation->cmp == CMP_THEORY) {
        expect_judge_about(verdict, view, count, divisor, result);
        return;
    }
    bool whole_number = expectation->ratio == RATIO_NONE && !expect_is_share(expectation);
    result->held = expect_compare(expectation, result->value, whole_number ? 0 : EXPECT_SAME);
    if (!result->held &&
        (expectation->metric == METRIC_ANSWERED ? result->value < expectation->low
                                                : result->value > expectation->low)) {
        expect_name_failure(verdict, expectation, result);
    }
}

static void expect_judge_time(const struct metric_view *view, struct expectation_result *result)
{
    uint64_t time_ns = 0;

    result->exists = metric_time(view, &time_ns);
    if (!result->exists) {
        expect_say(result->why, view->expectation->metric == METRIC_TIMING_MARGIN
                                    ? "no reply raced a timer"
                                    : "no request was answered");
        return;
    }
    result->value = (double)time_ns;
    expect_show_ns(result->shown, result->value);
    result->held = expect_compare(view->expectation, result->value, 0);
}

/* ---- one request, one promise ---------------------------------------------------------------- */

static void expect_judge_reply(const struct verdict *verdict, const struct expectation *expectation,
                               const struct watch *watch, struct expectation_result *result)
{
    if (watch->outcome != OUTCOME_ANSWERED) {
        snprintf(result->shown, sizeof result->shown, "%s", outcome_name(watch->outcome));
        expect_say_failure(result, verdict->scenario, expectation->client, expectation->n,
                           watch->outcome, watch->code);
        return;
    }
    result->exists = true;
    result->held = watch->text_size == expectation->reply_size &&
                   memcmp(watch->text, expectation->reply, watch->text_size) == 0;
    result->shown[0] = '"';
    size_t size =
        bytes_escape(result->shown + 1, sizeof result->shown - 2, watch->text, watch->text_size);
    memcpy(result->shown + 1 + size, "\"", 2);
}

static void expect_judge_outcome(const struct expectation *expectation, const struct watch *watch,
                                 struct expectation_result *result)
{
    result->exists = watch->outcome != OUTCOME_OPEN;
    result->held = watch->outcome == expectation->outcome;
    snprintf(result->shown, sizeof result->shown, "%s", outcome_name(watch->outcome));
    if (watch->outcome == OUTCOME_ERROR) {
        snprintf(result->shown, sizeof result->shown, "error %u", watch->code);
    }
}

static void expect_judge_promise(const struct verdict *verdict,
                                 const struct expectation *expectation,
                                 struct expectation_result *result)
{
    for (int promise = 0; promise < PROMISE_COUNT; promise++) {
        const struct promise_result *found = &verdict->promises[promise];
        if (strcmp(promise_name((enum promise)promise), expectation->promise) != 0) {
            continue;
        }
        result->exists = found->verdict != PROMISE_NOT_JUDGED;
        result->held = found->verdict == PROMISE_BROKEN;
        snprintf(result->shown, sizeof result->shown, "%s",
                 found->verdict == PROMISE_BROKEN ? "broken"
                 : found->verdict == PROMISE_KEPT ? "kept"
                                                  : "not judged");
        expect_say(result->why, "%.199s", found->detail);
        result->culprit = found->culprit;
        return;
    }
    /* The language has names for promises that nothing here can break yet. */
    snprintf(result->shown, sizeof result->shown, "not judged");
    expect_say(result->why, "this version does not judge it");
}

/* ---- all kinds ------------------------------------------------------------------------------- */

void expect_judge(struct verdict *verdict, const struct run_facts *facts, uint32_t index)
{
    const struct expectation *expectation = &verdict->scenario->expectations[index];
    struct expectation_result *result = &verdict->expectations[index];
    const struct watch *watch =
        verdict->judge != NULL ? watches_of(&verdict->judge->watches, index) : NULL;
    struct metric_view view = {.tally = watch != NULL ? &watch->tally : &verdict->tally,
                               .facts = facts,
                               .expectation = expectation,
                               .margin_ns = verdict->margin_min_ns};

    *result =
        (struct expectation_result){.value = NAN, .low = NAN, .high = NAN, .shown = "no value"};
    if (verdict->judge == NULL && verdict_needs_trace(expectation)) {
        expect_say(result->why, "it needs the trace, which is off");
        return;
    }
    switch (expectation->kind) {
    case EXPECT_METRIC:
        if (metric_is_time(expectation->metric)) {
            expect_judge_time(&view, result);
        } else {
            expect_judge_count(verdict, &view, result);
        }
        break;
    case EXPECT_REPLY:
        expect_judge_reply(verdict, expectation, watch, result);
        break;
    case EXPECT_OUTCOME:
        expect_judge_outcome(expectation, watch, result);
        break;
    case EXPECT_BROKEN:
        expect_judge_promise(verdict, expectation, result);
        break;
    }
}
