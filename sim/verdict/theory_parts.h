/* What theory makes of an expectation: the number it is about as a sum of independent parts, one
 * for each request. */
#ifndef VERDICT_THEORY_PARTS_H
#define VERDICT_THEORY_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "verdict/sum.h"
#include "verdict/tally.h"
#include "verdict/theory.h"

/* What a try adds to a number, by where it ends: lost on hop 0..3, or answered (4). */
struct theory_weights {
    uint32_t added[5];
};

/* The distribution, over the at most `tries` tries of one request, of the sum of what they add. The
 * request ends with the first try that is answered. */
void theory_spread_of_tries(const double hop_loss[4], unsigned tries,
                            const struct theory_weights *weights, struct sum_spread *spread);

struct theory_parts {
    struct sum_part *parts; /* owned */
    uint32_t count;
    uint64_t shift; /* to be taken from the sum: retries are tries without the first */
};
void theory_parts_free(struct theory_parts *parts);

/* The parts of what the expectation measures, before any run. False, with why, where theory has
 * none. */
bool theory_parts_of(const struct scenario *scenario, const struct expectation *expectation,
                     struct theory_parts *parts, char why[160]);

/* The parts of a number of lost datagrams, given what each link was sent. */
bool theory_parts_of_lost(const struct scenario *scenario, const struct expectation *expectation,
                          const struct tally *tally, struct theory_parts *parts, char why[160]);

#endif
