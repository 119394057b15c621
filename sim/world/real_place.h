/* Where the real world's threads run.
 *
 * A wake-up across cores costs more than all the work a request needs, so a few clients are fastest
 * on one core; with many, there is always something to read, nobody sleeps, and a second core is
 * worth it. */
#ifndef WORLD_REAL_PLACE_H
#define WORLD_REAL_PLACE_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

#include "scenario/scenario.h"

/* With fewer clients than this and nothing to wait for but each other, all threads share one core
 * unless --cpus says otherwise. */
#define REAL_PLACE_SPREAD_CLIENTS 8

struct real_place {
    cpu_set_t broker; /* the broker's thread may run on these */
    cpu_set_t servers;
    cpu_set_t clients;
    char text[160]; /* for people */
};

/* Chooses among the processors `allowed` (not empty); `given`: they were named by --cpus, and all
 * are used. */
void real_place_choose(struct real_place *place, const struct scenario *scenario,
                       const cpu_set_t *allowed, bool given, bool spin);

/* The set for a node. */
const cpu_set_t *real_place_of(const struct real_place *place, enum node_kind kind);

/* The processor's number, if the set holds just one; else -1. */
int real_place_single(const cpu_set_t *set);

#endif
