/* Faults of a link, as the language names them (FAULT). */
#ifndef SCENARIO_FAULT_H
#define SCENARIO_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/prng.h"
#include "base/time.h"

/* Bits of fault_set.set: which faults a directive names. */
#define FAULT_LOSS      0x1u
#define FAULT_DELAY     0x2u
#define FAULT_DUPLICATE 0x4u
#define FAULT_DOWN      0x8u
#define FAULT_ALL       0xfu

enum exact_kind { EXACT_DROP, EXACT_DUPLICATE, EXACT_DELAY };

enum exact_which {
    EXACT_POSITIONS,    /* LIST: datagrams of the link, in order, from 1 */
    EXACT_EACH_REQUEST, /* LIST of each request: of each request's datagrams on this link */
    EXACT_OF_REQUEST    /* [LIST] of request [CLIENT/]K [try A] */
};

/* Both ends in; from 1. */
struct exact_range {
    uint32_t first;
    uint32_t last;
};

/* A fault on chosen datagrams. Positions count originals (not copies made by duplication). */
struct exact_fault {
    enum exact_kind kind;
    uint64_t delay_ns; /* EXACT_DELAY: in place of the link's delay */
    enum exact_which which;
    const struct exact_range *ranges; /* LIST; none (EXACT_OF_REQUEST only) = all */
    uint32_t range_count;
    uint32_t client; /* EXACT_OF_REQUEST: a client's node, UINT32_MAX = every client */
    uint32_t n;      /* EXACT_OF_REQUEST: the request's number */
    unsigned try;    /* EXACT_OF_REQUEST: 0 = any; with LIST, counted among this try's */
};

/* The faults of one directive, or of a link at an instant. A fault that is not in `set` is what
 * lies beneath. */
struct fault_set {
    uint32_t set; /* FAULT_ bits */
    bool clear;   /* `clear`: nothing beneath shows, exact faults neither */
    bool down;
    uint64_t loss_q63;      /* probability */
    uint64_t duplicate_q63; /* probability */
    uint64_t delay_ns;      /* mean */
    uint64_t jitter_ns;     /* uniform over [delay - jitter, delay + jitter) */
    const struct exact_fault *exact;
    uint32_t exact_count;
};

#endif
