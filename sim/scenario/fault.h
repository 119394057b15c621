/* Faults of a link, as the language names them (FAULT). */
#ifndef SCENARIO_FAULT_H
#define SCENARIO_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
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

/* ---- faults chosen one by one -------------------------------------------------------------------
 */

enum fault_choice_kind { CHOICE_LOSE, CHOICE_DUPLICATE, CHOICE_DELAY };

/* One thing that a link does to one datagram. */
struct fault_choice {
    enum fault_choice_kind kind;
    uint32_t link;
    uint32_t client; /* whose request: a client's node; UINT32_MAX: by order, `n` is the position */
    uint32_t n;      /* the request's number */
    uint32_t carriage; /* how often the link has carried this try before */
    uint8_t try;
    uint8_t copy;      /* 0 the original */
    uint64_t delay_ns; /* CHOICE_DELAY: in place of the link's mean */
};

/* What happens in place of chance (--shrink, --explore): the links' probabilities and jitters do
 * nothing, these choices happen and no others. Delays' means, `down` and exact faults stay. */
struct fault_script {
    const struct fault_choice *choices; /* not owned */
    uint32_t count;
    struct map index; /* key of a choice -> its place in `choices` */
};

/* Makes the index; the choices must outlive the script. Returns 0 or -ENOMEM. */
int fault_script_init(struct fault_script *script, const struct fault_choice *choices,
                      uint32_t count);
void fault_script_free(struct fault_script *script);

/* The choice of the same kind for the same datagram as `choice`, NULL if it was not chosen. */
const struct fault_choice *fault_script_find(const struct fault_script *script,
                                             const struct fault_choice *choice);

/* Whether two choices are about the same datagram and of the same kind. */
bool fault_choice_equal(const struct fault_choice *a, const struct fault_choice *b);

#endif
