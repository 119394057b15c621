/* Sums over a whole run, for the reports. */
#ifndef REPORT_TOTALS_H
#define REPORT_TOTALS_H

#include <stdint.h>

#include "verdict/facts.h"
#include "verdict/verdict.h"

struct totals {
    uint64_t requests; /* in all scripts */
    uint64_t answered;
    uint64_t failed; /* error + timed_out + cancelled */
    uint64_t error;
    uint64_t timed_out;
    uint64_t cancelled;
    uint64_t tries;        /* clients' sends of requests */
    uint64_t retries;      /* of those, all but the first */
    uint64_t executions;   /* by servers */
    uint64_t broker_tries; /* the broker's own sends to servers */
    uint64_t broker_retries;
    uint64_t replies[TALLY_CODES];          /* taken by clients, by code */
    uint64_t errors[TALLY_CODES];           /* final, by code */
    uint64_t rejected[REJECT_REASON_COUNT]; /* by all nodes */
    uint64_t rejected_total;
    struct tally_link links; /* all links together */
    uint64_t lost;           /* by the shim, of all reasons */
    uint64_t kernel_drops;
    uint64_t in_flight; /* left in links and sockets at the end */
};

void totals_of_run(struct totals *totals, const struct verdict *verdict,
                   const struct run_facts *facts);

/* Adds the counts of one link to a sum. */
void totals_add_link(struct tally_link *sum, const struct tally_link *link);

/* P(a request takes exactly k tries, from 1). */
double totals_chance_of_tries(const struct theory *theory, unsigned k);

/* What went by order rather than by name in this scenario, or raced with the clock, so that a
 * repetition can differ in it, or, in the virtual world, a run with a change elsewhere: the i-th
 * sentence, from 0; false: there are no more. */
bool totals_exception(const struct scenario *scenario, const struct run_facts *facts, uint32_t i,
                      char text[200]);

#endif
