#include "verdict/theory.h"

#include <math.h>
#include <stdio.h>

#include "verdict/metric.h"
#include "verdict/theory_parts.h"

/* The mean of a sum of parts. */
static double theory_parts_mean(const struct theory_parts *parts)
{
    double mean = 0;

    for (uint32_t i = 0; i < parts->count; i++) {
        mean += (double)parts->parts[i].count * sum_spread_mean(&parts->parts[i].spread);
    }
    return mean - (double)parts->shift;
}

/* How many trials `~ P` will be judged by: requests are known, datagrams sent as theory expects. */
static bool theory_expected_trials(const struct scenario *scenario,
                                   const struct expectation *expectation, uint64_t *trials,
                                   char why[160])
{
    struct expectation sent = *expectation;
    struct theory_parts parts;
    char reason[160];

    if (expectation->during || expectation->of == OF_REQUEST) {
        snprintf(why, 160, "how many there will be is not known in advance");
        return false;
    }
    if (!metric_is_datagrams(expectation->metric)) {
        *trials = metric_scripted_requests(scenario, expectation);
        return true;
    }
    sent.metric = METRIC_SENT;
    if (!theory_parts_of(scenario, &sent, &parts, reason)) {
        snprintf(why, 160, "how many will be sent is not known in advance: %.110s", reason);
        return false;
    }
    *trials = (uint64_t)(theory_parts_mean(&parts) + 0.5);
    theory_parts_free(&parts);
    return true;
}

/* What a count is divided by before it is compared; 0: not known in advance. */
static double theory_divisor(const struct scenario *scenario, const struct expectation *expectation)
{
    switch (expectation->ratio) {
    case RATIO_NONE:
        return 1;
    case RATIO_PER_REQUEST:
        return (double)metric_scripted_requests(scenario, expectation);
    case RATIO_PER_S:
        break;
    }
    return 0;
}

bool theory_accepts(const struct scenario *scenario, const struct expectation *expectation,
                    double *low, double *high, char why[160])
{
    double divisor = theory_divisor(scenario, expectation);
    struct theory_parts parts;
    uint64_t trials, least, most;

    if (divisor <= 0) {
        snprintf(why, 160, "what it is divided by is not known in advance");
        return false;
    }
    if (expectation->cmp == CMP_ABOUT) {
        if (!theory_share_applies(scenario, expectation, why)) {
            return false;
        }
        if (!theory_expected_trials(scenario, expectation, &trials, why)) {
            return false;
        }
        theory_binomial_bounds(trials, ldexp((double)expectation->probability_q63, -63),
                               THEORY_ALPHA, &least, &most);
    } else {
        if (!theory_parts_of(scenario, expectation, &parts, why)) {
            return false;
        }
        sum_bounds(parts.parts, parts.count, THEORY_ALPHA, &least, &most);
        least -= parts.shift < least ? parts.shift : least;
        most -= parts.shift < most ? parts.shift : most;
        theory_parts_free(&parts);
    }
    *low = (double)least / divisor;
    *high = (double)most / divisor;
    return true;
}

/* ---- chance ---------------------------------------------------------------------------------- */

/* Whole numbers from `low` to `high`; none if low > high. */
struct theory_range {
    uint64_t low;
    uint64_t high;
};

/* The least whole number that is at least, or greater than, `value`; and the reverse. Values that
 * are whole but for rounding count as whole. */
static uint64_t theory_round_up(double value, bool beyond)
{
    double least = ceil(value - 1e-9 * (1 + fabs(value)));

    least += beyond && least <= value + 1e-9 * (1 + fabs(value));
    return least > 0 ? (uint64_t)least : 0;
}
static struct theory_range theory_up_to(double value, bool below)
{
    double most = floor(value + 1e-9 * (1 + fabs(value)));

    most -= below && most >= value - 1e-9 * (1 + fabs(value));
    return most < 0 ? (struct theory_range){.low = 1, .high = 0}
                    : (struct theory_range){.low = 0, .high = (uint64_t)most};
}

/* The counts with which the comparison holds, if the value compared is count / scale. For `!=`, the
 * counts with which it fails. */
static struct theory_range theory_range_of(const struct expectation *expectation, double scale)
{
    double low = expectation->low * scale;
    struct theory_range range = {.low = 0, .high = UINT64_MAX};

    switch (expectation->cmp) {
    case CMP_EQ:
    case CMP_NE:
        range.low = theory_round_up(low, false);
        range.high = theory_up_to(low, false).high;
        break;
    case CMP_LT:
        return theory_up_to(low, true);
    case CMP_LE:
        return theory_up_to(low, false);
    case CMP_GT:
        range.low = theory_round_up(low, true);
        break;
    case CMP_GE:
        range.low = theory_round_up(low, false);
        break;
    case CMP_IN:
        range.low = theory_round_up(low, false);
        range.high = theory_up_to(expectation->high * scale, false).high;
        break;
    case CMP_ABOUT:
    case CMP_THEORY:
        break;
    }
    return range;
}

/* P(the comparison fails) for a count that is the sum of the parts. */
static bool theory_chance_of_count(const struct theory_parts *parts,
                                   const struct expectation *expectation, struct theory_range range,
                                   double *probability)
{
    double within;

    range.low += range.low <= range.high ? parts->shift : 0;
    range.high = range.high < UINT64_MAX - parts->shift ? range.high + parts->shift : range.high;
    within = sum_probability(parts->parts, parts->count, range.low, range.high);
    if (isnan(within)) {
        return false;
    }
    *probability = expectation->cmp == CMP_NE ? within : 1 - within;
    if (*probability < 0) {
        *probability = 0;
    }
    return true;
}

/* `~ P` of datagrams, whose number is itself a matter of chance: taken at what theory expects. */
static bool theory_chance_of_share(const struct theory_parts *parts, uint64_t trials,
                                   struct theory_range range, double *probability)
{
    double share = trials > 0 ? theory_parts_mean(parts) / (double)trials : 0;
    struct sum_part part = {.count = trials, .spread = {.max = 1, .p = {1 - share, share}}};
    double within = sum_probability(&part, 1, range.low, range.high);

    *probability = within < 1 ? 1 - within : 0;
    return true;
}

bool theory_chance_of_failure(const struct scenario *scenario,
                              const struct expectation *expectation, double *probability)
{
    struct theory_range range;
    struct theory_parts parts;
    char why[160];
    uint64_t trials = 0;
    double scale = theory_divisor(scenario, expectation);
    bool datagrams = metric_is_datagrams(expectation->metric);
    bool share = datagrams && expectation->unit == UNIT_PERCENT;
    bool known;

    if (expectation->kind != EXPECT_METRIC || expectation->cmp == CMP_THEORY || scale <= 0 ||
        (share && expectation->cmp != CMP_ABOUT)) {
        return false;
    }
    if (!theory_parts_of(scenario, expectation, &parts, why)) {
        return false;
    }
    if (expectation->cmp == CMP_ABOUT) {
        known = theory_expected_trials(scenario, expectation, &trials, why);
        if (known) {
            theory_binomial_bounds(trials, ldexp((double)expectation->probability_q63, -63),
                                   THEORY_ALPHA, &range.low, &range.high);
            known = datagrams ? theory_chance_of_share(&parts, trials, range, probability)
                              : theory_chance_of_count(&parts, expectation, range, probability);
        }
    } else {
        if (expectation->unit == UNIT_PERCENT) {
            scale *= (double)metric_scripted_requests(scenario, expectation);
        }
        range = theory_range_of(expectation, scale);
        known = theory_chance_of_count(&parts, expectation, range, probability);
    }
    theory_parts_free(&parts);
    return known;
}
