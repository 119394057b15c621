#include "verdict/expect_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "verdict/judge.h"
#include "verdict/metric.h"

void expect_say(char why[200], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, 200, format, arguments);
    va_end(arguments);
}

void expect_show_ns(char shown[120], double time_ns)
{
    static const struct {
        double scale_ns;
        const char *unit;
    } units[] = {{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}};
    size_t unit = 0;

    while (unit + 1 < sizeof units / sizeof units[0] && time_ns >= units[unit + 1].scale_ns) {
        unit++;
    }
    double value = time_ns / units[unit].scale_ns;
    int digits = unit == 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
    snprintf(shown, 120, "%.*f%s", digits, value, units[unit].unit);
}

void expect_show_part(char shown[120], uint64_t part, uint64_t whole)
{
    double percent = 100.0 * (double)part / (double)whole;
    const char *unlike = ""; /* what is not all of it is not shown as all */

    if (part < whole && percent > 99.99) {
        percent = 99.99;
        unlike = ">";
    } else if (part > whole && percent < 100.05) {
        percent = 100;
        unlike = ">";
    }
    snprintf(shown, 120, "%llu of %llu (%s%.4g%%)", (unsigned long long)part,
             (unsigned long long)whole, unlike, percent);
}

void expect_say_failure(struct expectation_result *result, const struct scenario *scenario,
                        uint32_t client, uint32_t n, enum outcome outcome, unsigned code)
{
    char *why = result->why;
    const char *name = scenario->nodes[client].name;

    result->culprit = (struct verdict_culprit){.client = client, .n = n};
    switch (outcome) {
    case OUTCOME_OPEN:
        expect_say(why, "%s/%u did not end", name, n);
        break;
    case OUTCOME_ANSWERED:
        expect_say(why, "%s/%u was answered", name, n);
        break;
    case OUTCOME_ERROR:
        expect_say(why, "%s/%u ended with error %u", name, n, code);
        break;
    case OUTCOME_TIMED_OUT:
        expect_say(why, "%s/%u timed out", name, n);
        break;
    case OUTCOME_CANCELLED:
        expect_say(why, "%s/%u was cancelled", name, n);
        break;
    }
}

/* Whether a request that ended so is one of those that the metric counts, or misses. */
static bool expect_is_about(enum metric metric, enum outcome outcome)
{
    return metric == METRIC_ANSWERED || metric == METRIC_FAILED ||
           (metric == METRIC_ERROR && outcome == OUTCOME_ERROR) ||
           (metric == METRIC_TIMED_OUT && outcome == OUTCOME_TIMED_OUT) ||
           (metric == METRIC_CANCELLED && outcome == OUTCOME_CANCELLED);
}

/* The first of a client's requests to fail in a way that the metric is about, NULL if none did. */
static const struct judge_failure *expect_find_failure(
    const struct judge_failure failures[JUDGE_WAYS], enum metric metric, enum outcome *outcome)
{
    const struct judge_failure *first = NULL;

    for (int way = OUTCOME_ERROR; way <= OUTCOME_CANCELLED; way++) {
        const struct judge_failure *failure = &failures[way - OUTCOME_ERROR];
        if (failure->n != 0 && expect_is_about(metric, (enum outcome)way) &&
            (first == NULL || failure->ended_ns < first->ended_ns)) {
            first = failure;
            *outcome = (enum outcome)way;
        }
    }
    return first;
}

void expect_name_failure(const struct verdict *verdict, const struct expectation *expectation,
                         struct expectation_result *result)
{
    const struct scenario *scenario = verdict->scenario;
    const struct judge_failure *first = NULL;
    enum outcome outcome = OUTCOME_OPEN;
    uint32_t of = NODE_NONE;

    if (verdict->judge == NULL || expectation->during || expectation->of == OF_REQUEST) {
        return;
    }
    for (uint32_t i = scenario->server_count + 1; i < scenario->node_count; i++) {
        enum outcome way = OUTCOME_OPEN;
        const struct judge_failure *failure =
            expect_find_failure(verdict->judge->failures[i], expectation->metric, &way);
        if (failure != NULL && metric_selects_node(expectation, i) &&
            (first == NULL || failure->ended_ns < first->ended_ns)) {
            first = failure;
            outcome = way;
            of = i;
        }
    }
    if (first != NULL) {
        expect_say_failure(result, scenario, of, first->n, outcome, first->code);
    }
}

/* How much of what was measured stands in parentheses: a share without its percentage, which has
 * parentheses of its own. */
static size_t expect_shown_size(const struct expectation *expectation,
                                const struct expectation_result *result)
{
    const char *percentage = expectation->unit == UNIT_PERCENT ? strstr(result->shown, " (") : NULL;

    return percentage != NULL ? (size_t)(percentage - result->shown) : strlen(result->shown);
}

void expect_say_failed(char text[EXPECT_FAILED_MAX], const struct expectation *expectation,
                       const struct expectation_result *result)
{
    snprintf(text, EXPECT_FAILED_MAX, "%.*s (%.*s%s%s)",
             (int)bytes_utf8_cut(expectation->text, EXPECT_TEXT_MAX), expectation->text,
             (int)expect_shown_size(expectation, result), result->shown,
             result->why[0] != '\0' ? "; " : "", result->why);
}
