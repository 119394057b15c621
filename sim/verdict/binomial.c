#include "verdict/theory.h"

#include <math.h>

/* What is this much less likely than the likeliest number of successes is left out: all of it
 * together is far below any alpha that is asked for. */
#define BINOMIAL_NEGLIGIBLE 1e-30

/* The distribution, walked from its mode without factorials: a weight is a probability times one
 * common factor. */
struct binomial {
    double trials;
    double odds; /* p / (1 - p) */
    uint64_t mode;
};

static struct binomial binomial_of(uint64_t trials, double p)
{
    double mode = floor(((double)trials + 1) * p);

    return (struct binomial){.trials = (double)trials,
                             .odds = p / (1 - p),
                             .mode = mode >= (double)trials ? trials : (uint64_t)mode};
}

/* Weight of k + 1 from that of k, and the reverse. */
static double binomial_up(const struct binomial *binomial, double weight, double k)
{
    return weight * (binomial->trials - k) / (k + 1) * binomial->odds;
}
static double binomial_down(const struct binomial *binomial, double weight, double k)
{
    return weight * (k + 1) / (binomial->trials - k) / binomial->odds;
}

/* Walks from the mode in one direction as far as there is weight; *end and *end_weight are the last
 * that counts. Returns the sum, without the mode's own. */
static double binomial_walk(const struct binomial *binomial, bool upward, uint64_t *end,
                            double *end_weight)
{
    uint64_t last = upward ? (uint64_t)binomial->trials : 0;
    uint64_t k = binomial->mode;
    double weight = 1;
    double sum = 0;

    while (k != last) {
        double next = upward ? binomial_up(binomial, weight, (double)k)
                             : binomial_down(binomial, weight, (double)k - 1);
        if (next < BINOMIAL_NEGLIGIBLE) {
            break;
        }
        k = upward ? k + 1 : k - 1;
        weight = next;
        sum += weight;
    }
    *end = k;
    *end_weight = weight;
    return sum;
}

void theory_binomial_bounds(uint64_t trials, double p, double alpha, uint64_t *low, uint64_t *high)
{
    uint64_t least, most;
    double least_weight, most_weight;

    if (p <= 0 || p >= 1 || trials == 0) {
        *low = *high = p >= 1 ? trials : 0;
        return;
    }
    struct binomial binomial = binomial_of(trials, p);
    double total = 1 + binomial_walk(&binomial, false, &least, &least_weight);
    total += binomial_walk(&binomial, true, &most, &most_weight);
    double allowed = alpha / 2 * total;

    /* From each end inwards, as long as what lies outside is improbable enough. */
    double outside = 0;
    while (least < most && outside + least_weight <= allowed) {
        outside += least_weight;
        least_weight = binomial_up(&binomial, least_weight, (double)least);
        least++;
    }
    outside = 0;
    while (most > least && outside + most_weight <= allowed) {
        outside += most_weight;
        most--;
        most_weight = binomial_down(&binomial, most_weight, (double)most);
    }
    *low = least;
    *high = most;
}

double theory_binomial_cdf(uint64_t trials, double p, uint64_t k)
{
    uint64_t least, most;
    double weight, most_weight;

    if (k >= trials || p <= 0) {
        return 1;
    }
    if (p >= 1) {
        return 0;
    }
    struct binomial binomial = binomial_of(trials, p);
    double total = 1 + binomial_walk(&binomial, false, &least, &weight);
    total += binomial_walk(&binomial, true, &most, &most_weight);

    double sum = 0;
    for (uint64_t at = least; at <= k && at <= most; at++) {
        sum += weight;
        weight = binomial_up(&binomial, weight, (double)at);
    }
    return sum < total ? sum / total : 1;
}
