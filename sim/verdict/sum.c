#include "verdict/sum.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/theory.h"

/* A convolution drops at each end what is together no more likely than this: with the doublings of
 * a million parts, still far below every alpha. */
#define SUM_NEGLIGIBLE 1e-18

/* Wider sums are bounded by Chernoff; sum_probability goes further, since it has no other way. */
#define SUM_EXACT_DEVIATION_MAX       450.0
#define SUM_PROBABILITY_DEVIATION_MAX 2000.0

double sum_spread_mean(const struct sum_spread *spread)
{
    double mean = 0;

    for (uint32_t value = 0; value <= spread->max; value++) {
        mean += value * spread->p[value];
    }
    return mean;
}

double sum_spread_variance(const struct sum_spread *spread)
{
    double mean = sum_spread_mean(spread);
    double variance = 0;

    for (uint32_t value = 0; value <= spread->max; value++) {
        variance += (value - mean) * (value - mean) * spread->p[value];
    }
    return variance;
}

static double sum_deviation(const struct sum_part *parts, uint32_t part_count)
{
    double variance = 0;

    for (uint32_t i = 0; i < part_count; i++) {
        variance += (double)parts[i].count * sum_spread_variance(&parts[i].spread);
    }
    return sqrt(variance);
}

/* ---- the distribution itself ----------------------------------------------------------------- */

/* Probabilities of first, first + 1, ... */
struct sum_law {
    uint64_t first;
    uint32_t count;
    double *p; /* owned; NULL: memory ran out */
};

static void sum_law_free(struct sum_law *law)
{
    free(law->p);
    *law = (struct sum_law){0};
}

/* Drops improbable ends. */
static void sum_law_trim(struct sum_law *law)
{
    double dropped = 0;
    uint32_t begin = 0;

    while (begin + 1 < law->count && dropped + law->p[begin] <= SUM_NEGLIGIBLE) {
        dropped += law->p[begin++];
    }
    dropped = 0;
    while (law->count > begin + 1 && dropped + law->p[law->count - 1] <= SUM_NEGLIGIBLE) {
        dropped += law->p[--law->count];
    }
    law->count -= begin;
    law->first += begin;
    memmove(law->p, law->p + begin, law->count * sizeof *law->p);
}

static struct sum_law sum_law_of(const struct sum_spread *spread)
{
    struct sum_law law = {.count = spread->max + 1};

    law.p = malloc(law.count * sizeof *law.p);
    if (law.p != NULL) {
        memcpy(law.p, spread->p, law.count * sizeof *law.p);
        sum_law_trim(&law);
    }
    return law;
}

static struct sum_law sum_law_zero(void)
{
    struct sum_law law = {.count = 1, .p = malloc(sizeof *law.p)};

    if (law.p != NULL) {
        law.p[0] = 1;
    }
    return law;
}

/* The sum of two independent numbers. */
static struct sum_law sum_law_add(const struct sum_law *a, const struct sum_law *b)
{
    struct sum_law sum = {.first = a->first + b->first, .count = a->count + b->count - 1};

    if (a->p == NULL || b->p == NULL) {
        return (struct sum_law){0};
    }
    sum.p = calloc(sum.count, sizeof *sum.p);
    if (sum.p == NULL) {
        return sum;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        double weight = a->p[i];
        double *to = sum.p + i;
        for (uint32_t k = 0; k < b->count; k++) {
            to[k] += weight * b->p[k];
        }
    }
    sum_law_trim(&sum);
    return sum;
}

static void sum_law_replace(struct sum_law *law, struct sum_law with)
{
    free(law->p);
    *law = with;
}

/* The sum of all parts, by doubling. */
static struct sum_law sum_law_of_parts(const struct sum_part *parts, uint32_t part_count)
{
    struct sum_law total = sum_law_zero();

    for (uint32_t i = 0; i < part_count; i++) {
        struct sum_law power = sum_law_of(&parts[i].spread);
        for (uint64_t count = parts[i].count; count > 0; count /= 2) {
            if (count % 2 == 1) {
                sum_law_replace(&total, sum_law_add(&total, &power));
            }
            if (count > 1) {
                sum_law_replace(&power, sum_law_add(&power, &power));
            }
        }
        sum_law_free(&power);
    }
    return total;
}

static void sum_law_bounds(const struct sum_law *law, double alpha, uint64_t *low, uint64_t *high)
{
    uint32_t least = 0;
    uint32_t most = law->count - 1;
    double outside = 0;

    while (least < most && outside + law->p[least] <= alpha / 2) {
        outside += law->p[least++];
    }
    outside = 0;
    while (most > least && outside + law->p[most] <= alpha / 2) {
        outside += law->p[most--];
    }
    *low = law->first + least;
    *high = law->first + most;
}

/* ---- Chernoff -------------------------------------------------------------------------------- */

/* The cumulant generating function of the sum at t, ln E[exp(t sum)], and its first derivative, the
 * mean under the tilt t. */
static void sum_cumulant(const struct sum_part *parts, uint32_t part_count, double tilt,
                         double *value, double *slope)
{
    *value = 0;
    *slope = 0;
    for (uint32_t i = 0; i < part_count; i++) {
        const struct sum_spread *spread = &parts[i].spread;
        double around = tilt > 0 ? spread->max : 0; /* keeps exp within its range */
        double sum = 0;
        double weighted = 0;
        for (uint32_t k = 0; k <= spread->max; k++) {
            double term = spread->p[k] * exp(tilt * (k - around));
            sum += term;
            weighted += k * term;
        }
        *value += (double)parts[i].count * (log(sum) + tilt * around);
        *slope += (double)parts[i].count * weighted / sum;
    }
}

/* The x that lies beyond the mean by so much that Chernoff's bound of P(sum beyond x) is
 * exp(-exponent): with x = K'(t) the bound is exp(K(t) - t K'(t)), whose exponent grows with |t|.
 * Upward or downward. Infinite if no x is so improbable. */
static double sum_chernoff(const struct sum_part *parts, uint32_t part_count, double exponent,
                           bool upward)
{
    double sign = upward ? 1 : -1;
    double below = 0;
    double above = 1e-6;
    double value, slope;

    for (unsigned i = 0;; i++) {
        sum_cumulant(parts, part_count, sign * above, &value, &slope);
        if (sign * above * slope - value >= exponent) {
            break;
        }
        if (i == 30) { /* a tilt of 1000 is the extreme value itself */
            return sign * INFINITY;
        }
        below = above;
        above *= 2;
    }
    for (unsigned i = 0; i < 60; i++) {
        double middle = (below + above) / 2;
        sum_cumulant(parts, part_count, sign * middle, &value, &slope);
        if (sign * middle * slope - value >= exponent) {
            above = middle;
        } else {
            below = middle;
        }
    }
    sum_cumulant(parts, part_count, sign * above, &value, &slope);
    return slope;
}

static void sum_chernoff_bounds(const struct sum_part *parts, uint32_t part_count, double alpha,
                                uint64_t *low, uint64_t *high)
{
    double exponent = -log(alpha / 2);
    double upper = sum_chernoff(parts, part_count, exponent, true);
    double lower = sum_chernoff(parts, part_count, exponent, false);
    uint64_t least = 0;
    uint64_t most = 0;

    for (uint32_t i = 0; i < part_count; i++) {
        const struct sum_spread *spread = &parts[i].spread;
        uint32_t first = 0;
        while (first < spread->max && spread->p[first] <= 0) {
            first++;
        }
        least += parts[i].count * first;
        most += parts[i].count * spread->max;
    }
    /* P(sum >= upper) and P(sum <= lower) are small enough: both are outside. */
    *high = upper < (double)most ? (uint64_t)ceil(upper) - 1 : most;
    *low = lower > (double)least ? (uint64_t)floor(lower) + 1 : least;
}

/* ---- either ------------------------------------------------------------------------------------
 */

/* Whether the sum is binomial, which has a shorter way. */
static bool sum_is_binomial(const struct sum_part *parts, uint32_t part_count)
{
    return part_count == 1 && parts[0].spread.max <= 1;
}

void sum_bounds(const struct sum_part *parts, uint32_t part_count, double alpha, uint64_t *low,
                uint64_t *high)
{
    if (sum_is_binomial(parts, part_count)) {
        double p = parts[0].spread.max == 1 ? parts[0].spread.p[1] : 0;
        theory_binomial_bounds(parts[0].count, p, alpha, low, high);
        return;
    }
    if (sum_deviation(parts, part_count) <= SUM_EXACT_DEVIATION_MAX) {
        struct sum_law law = sum_law_of_parts(parts, part_count);
        if (law.p != NULL) {
            sum_law_bounds(&law, alpha, low, high);
            sum_law_free(&law);
            return;
        }
    }
    sum_chernoff_bounds(parts, part_count, alpha, low, high);
}

double sum_probability(const struct sum_part *parts, uint32_t part_count, uint64_t low,
                       uint64_t high)
{
    double probability = 0;

    if (low > high) {
        return 0;
    }
    if (sum_is_binomial(parts, part_count)) {
        double p = parts[0].spread.max == 1 ? parts[0].spread.p[1] : 0;
        double below = low > 0 ? theory_binomial_cdf(parts[0].count, p, low - 1) : 0;
        return theory_binomial_cdf(parts[0].count, p, high) - below;
    }
    if (sum_deviation(parts, part_count) > SUM_PROBABILITY_DEVIATION_MAX) {
        return NAN;
    }
    struct sum_law law = sum_law_of_parts(parts, part_count);
    if (law.p == NULL) {
        return NAN;
    }
    for (uint32_t i = 0; i < law.count; i++) {
        uint64_t value = law.first + i;
        probability += value >= low && value <= high ? law.p[i] : 0;
    }
    sum_law_free(&law);
    return probability < 1 ? probability : 1;
}
