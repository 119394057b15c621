/* What the parts of a random scenario share: swarm.c chooses its features and writes its events and
 * nodes, swarm_network.c writes the faults of its network.
 *
 * One draw to a statement in all of them: C leaves open in which order the arguments of a call are
 * worked out, and a seed must mean the same under every compiler. */
#ifndef WORLD_SWARM_PARTS_H
#define WORLD_SWARM_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "world/swarm.h"

/* The text so far, and the draws so far. */
struct swarm {
    char *text;
    size_t size;
    uint64_t key;
    uint64_t draws;
    unsigned groups; /* of clients: g0, g1, ... */
    bool loss;       /* the features of this seed */
    bool delay;
    bool duplicate;
    bool exact;
    bool timed;
    bool service;
    bool broker_leg;
    bool small_tables;
    bool windows;
    bool plain;
    bool raw;
    bool odd_policies;
    bool partitions;
    bool crashes;
    bool pauses;
    bool progress; /* `when` */
    bool memory;   /* losses with memory, correlations */
    bool spread;   /* distributions of delays, order */
    bool damage;   /* bytes that change */
    bool line;     /* rate, limit, mtu */
    bool calm;     /* no faults at all, and time and room for all: `quiet` is judged */
    bool passing;  /* faults end, and requests come after them: `liveness` is judged */
};

/* Appends to the text. */
void swarm_put(struct swarm *swarm, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A whole number from `low` to `high`. */
unsigned swarm_number(struct swarm *swarm, unsigned low, unsigned high);

/* True in so many of a hundred draws. */
bool swarm_chance(struct swarm *swarm, unsigned percent);

/* Writes the lines about the network: faults that stay, faults one by one, timed faults. */
void swarm_network(struct swarm *swarm);

#endif
