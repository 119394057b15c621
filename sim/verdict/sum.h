/* Sums of many independent small whole numbers, such as the tries of 20,000 requests: within which
 * bounds they lie, but for a given improbability. */
#ifndef VERDICT_SUM_H
#define VERDICT_SUM_H

#include <stdint.h>

/* Five for each try: four hops and the answer. */
#define SUM_VALUE_MAX (5 * 99)

/* The distribution of one number. */
struct sum_spread {
    uint32_t max;                /* the largest value with a probability above 0 */
    double p[SUM_VALUE_MAX + 1]; /* of each value */
};

/* `count` independent numbers, all of one distribution. */
struct sum_part {
    uint64_t count;
    struct sum_spread spread;
};

double sum_spread_mean(const struct sum_spread *spread);
double sum_spread_variance(const struct sum_spread *spread);

/* Bounds of the sum of all parts: P(below *low) <= alpha/2 and P(above *high) <= alpha/2. The
 * tightest such bounds where the sum is binomial, or its distribution can be worked out by
 * convolution; beyond that (a standard deviation above 450) Chernoff's bound, which is a little
 * wider and as certain: P(sum >= x) <= E[exp(t sum)] exp(-t x) for every t > 0 (Chernoff 1952). */
void sum_bounds(const struct sum_part *parts, uint32_t part_count, double alpha, uint64_t *low,
                uint64_t *high);

/* P(low <= sum <= high); NaN where the distribution is too wide to be worked out, or memory is out.
 */
double sum_probability(const struct sum_part *parts, uint32_t part_count, uint64_t low,
                       uint64_t high);

#endif
