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

/* What a try adds to a number, hop by hop: for each datagram that is lost there, and for each that
 * passes. */
struct theory_weights {
    uint32_t lost[4];
    uint32_t passed[4];
    uint32_t answered; /* beside all that, if the try is answered */
};

/* How a request is tried. */
struct theory_tries {
    double hop_loss[4];   /* client -> broker -> server -> broker -> client */
    unsigned tries;       /* of the client, at most */
    unsigned broker_asks; /* of the broker for each try; it gives up with a 504 after the last. 0:
                             it asks once and waits in silence */
};

/* P(a try is answered). */
double theory_chance_of_try(const struct theory_tries *tries);

/* The distribution, over the tries of one request, of the sum of what they add. The request ends
 * with the first try that is answered. The sum is at most SUM_VALUE_MAX (theory_check_group). */
void theory_spread_of_tries(const struct theory_tries *tries, const struct theory_weights *weights,
                            struct sum_spread *spread);

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
