/* What probability says of a run before it is run (protocol.md, Theory), and the exact bounds that
 * a measured proportion must keep. The only floating point in the project that anything is judged
 * by. */
#ifndef VERDICT_THEORY_H
#define VERDICT_THEORY_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"

#define THEORY_ALPHA 1e-6

/* Oracles for one group of like clients, per request. */
struct theory {
    double hop_loss[4]; /* client -> broker -> server -> broker -> client */
    unsigned tries;
    unsigned broker_asks; /* sends of the broker for each try, 0: it has no timer of its own */
    double try_answered;  /* P(a try is answered) */
    double answered;      /* P(answered) */
    double tries_mean;    /* E[sends of the client] */
    double tries_variance;
    double datagrams; /* E[datagrams on all four hops] */
    double datagrams_variance;
    double executions; /* E[executions], no dedup */
    double executions_variance;
    double executed_twice; /* P(executed >= 2) */
};

/* The oracles for requests of operation `op` by the clients of `group`. False, with the reason in
 * `why` (a sentence without a full stop, at most 159 bytes), where their conditions do not hold:
 * timed faults, duplicates, exact faults, `down`, clients' links that differ within the group, a
 * deadline before the last wait, delays and service (and the broker's own tries) that can exceed
 * the timeout, plain clients, queues that can fill. */
bool theory_of_group(const struct scenario *scenario, uint32_t group, enum op op,
                     struct theory *theory, char why[160]);

/* The oracles over all requests of all scripts, each weighted by how many there are: sums, not
 * means. Trials = requests. False with why, as above. */
struct theory_total {
    double requests;
    double answered_mean, answered_variance;
    double tries_mean, tries_variance;
    double datagrams_mean, datagrams_variance;
    double executions_mean, executions_variance;
    double executed_twice_mean;
    bool uniform; /* one and the same `theory` for all requests: then `each` is it */
    struct theory each;
};
bool theory_of_scenario(const struct scenario *scenario, struct theory_total *total, char why[160]);

/* The exact two-sided bound for the number of successes in `trials` trials of probability p: the
 * smallest interval [*low, *high] with P(below low) <= alpha/2 and P(above high) <= alpha/2. */
void theory_binomial_bounds(uint64_t trials, double p, double alpha, uint64_t *low, uint64_t *high);

/* P(X <= k) for X binomial(trials, p). */
double theory_binomial_cdf(uint64_t trials, double p, uint64_t k);

/* Bounds at THEORY_ALPHA for the sum of client tries over `requests` requests with n tries each
 * that each end with probability s: exact (convolution by dynamic programming or a rigorous tail
 * bound). */
void theory_tries_bounds(uint64_t requests, unsigned tries, double s, uint64_t *low,
                         uint64_t *high);

/* Whether the share that `~ P` is about is one of independent trials. False, with why: a fault with
 * memory decides about them. */
bool theory_share_applies(const struct scenario *scenario, const struct expectation *expectation,
                          char why[160]);

/* What an expectation with `~` accepts, for --check: [*low, *high] as a count (of the trials that
 * are known in advance, or of those that theory expects), divided like the value if it is a ratio.
 * False, with the reason in `why`, where theory cannot say. */
bool theory_accepts(const struct scenario *scenario, const struct expectation *expectation,
                    double *low, double *high, char why[160]);

/* The probability that an expectation fails by chance, where theory can say it: false where it
 * cannot. `answered = 100%` over N requests fails with probability 1 - P(answered)^N. */
bool theory_chance_of_failure(const struct scenario *scenario,
                              const struct expectation *expectation, double *probability);

#endif
