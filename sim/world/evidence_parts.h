/* What the parts of the evidence share: evidence.c lists it and judges, evidence_draw.c draws and
 * measures, evidence_theory.c knows what must come out. */
#ifndef WORLD_EVIDENCE_PARTS_H
#define WORLD_EVIDENCE_PARTS_H

#include "scenario/scenario.h"
#include "world/evidence.h"

/* Octets of each datagram; with its headers 128. */
#define EVIDENCE_SIZE_OCTETS 100

/* Datagrams that are sent all at once, where that is asked. */
#define EVIDENCE_AT_ONCE_COUNT 1000

/* A normal deviate is further from 0 than this once in a million. */
#define EVIDENCE_DEVIATIONS 4.8916

/* ---- what must come out (evidence_theory.c) ---------------------------------------------------
 */

/* A loss as a chain of states: where it goes, and how likely each state loses. */
struct evidence_chain {
    unsigned states; /* up to 4 */
    double go[4][4]; /* [from][to] */
    double loses[4];
    double share[4]; /* of time, in the long run */
};
void evidence_chain_of(const struct fault_set *set, struct evidence_chain *chain);

/* The share lost in the long run, and of two datagrams `lag` apart both. */
double evidence_chain_rate(const struct evidence_chain *chain);
double evidence_chain_both(const struct evidence_chain *chain, uint32_t lag);

/* The standard deviation of the share lost of EVIDENCE_DRAWS datagrams. */
double evidence_chain_deviation(const struct evidence_chain *chain);

/* P(a delay < delay_ns). */
double evidence_delay_below(const struct fault_set *set, double delay_ns);

/* ---- what comes out (evidence_draw.c) ---------------------------------------------------------
 */

/* The statistic, of the faults that the scenario's network has, against those asked for. Returns 0
 * or -ENOMEM. */
int evidence_draw(const struct evidence *evidence, const struct scenario *scenario,
                  const struct fault_set *asked, double *measured);

#endif
