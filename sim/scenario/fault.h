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
#define FAULT_CORRUPT   0x10u
#define FAULT_TRUNCATE  0x20u
#define FAULT_REORDER   0x40u
#define FAULT_RATE      0x80u
#define FAULT_LIMIT     0x100u
#define FAULT_MTU       0x200u

/* Octets of the IPv4 and UDP headers, which `rate` and `mtu` count beside the datagram. */
#define FAULT_HEADERS_BYTES 28

/* Limits of the language. */
#define FAULT_LIMIT_MAX 1000000
#define FAULT_GAP_MAX   1000000
#define FAULT_MTU_MIN   68
#define FAULT_MTU_MAX   65535

enum exact_kind { EXACT_DROP, EXACT_DUPLICATE, EXACT_DELAY, EXACT_CORRUPT };

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

/* Losses that depend on those before them, in the words of netem. */
enum loss_model {
    LOSS_GEMODEL, /* Gilbert and Elliott: a good and a bad state; starts good */
    LOSS_BURST,   /* the same, described by what is to come out */
    LOSS_STATE    /* four states (Salsano and others 2012); starts in 1, loses in 3 and 4 */
};

/* A loss with memory. All are probabilities; those of other models are 0. */
struct loss_chain {
    enum loss_model model;
    uint64_t p_q63;         /* LOSS_GEMODEL, LOSS_BURST: from good to bad, at each datagram */
    uint64_t r_q63;         /* and back */
    uint64_t bad_loss_q63;  /* 1-h: a datagram that finds the state bad is lost */
    uint64_t good_loss_q63; /* 1-k: and one that finds it good */
    uint64_t p13_q63;       /* LOSS_STATE: from state 1 to state 3, and so on */
    uint64_t p31_q63;
    uint64_t p32_q63;
    uint64_t p23_q63;
    uint64_t p14_q63;
    uint64_t rate_q63;     /* LOSS_BURST: as given, the share lost */
    uint32_t length_milli; /* LOSS_BURST: as given, the mean length of a burst, in thousandths */
};

/* How a delay is spread around its mean, in units of its jitter (models.md). */
enum delay_spread {
    DELAY_UNIFORM, /* from -1 to 1 */
    DELAY_NORMAL,
    DELAY_PARETO,
    DELAY_PARETONORMAL,
    DELAY_EXPONENTIAL /* 0 and more, 1 in the mean */
};

/* Its word: "normal". */
const char *delay_spread_name(enum delay_spread spread);

/* The faults of one directive, or of a link at an instant. A fault that is not in `set` is what
 * lies beneath. A correlation is the probability that a draw is the same as the one before it on
 * the link. */
struct fault_set {
    uint32_t set; /* FAULT_ bits */
    bool clear;   /* `clear`: nothing beneath shows, exact faults neither */
    bool down;
    bool ordered; /* delays: no datagram overtakes another */
    enum delay_spread spread;
    uint64_t loss_q63;              /* probability; 0 where there is a chain */
    uint64_t loss_same_q63;         /* its correlation */
    const struct loss_chain *chain; /* NULL: none; the scenario's */
    uint64_t duplicate_q63;         /* probability */
    uint64_t duplicate_same_q63;    /* its correlation */
    uint64_t delay_ns;              /* mean */
    uint64_t jitter_ns;             /* uniform: over [delay - jitter, delay + jitter) */
    uint64_t delay_same_q63;        /* correlation of the delays */
    uint64_t corrupt_q63;           /* probability that one bit is flipped */
    uint64_t truncate_q63;          /* probability that the end is cut off */
    uint64_t reorder_q63;           /* probability of being sent at once, where its turn has come */
    uint64_t reorder_same_q63;      /* its correlation */
    uint64_t rate_bps;              /* bits a second; 0 = no limit */
    uint32_t reorder_gap;           /* every gap-th datagram's turn; 1 = each */
    uint32_t limit;                 /* datagrams that the link holds at most; 0 = no limit */
    uint32_t mtu; /* octets of the largest datagram with its headers; 0 = no limit */
    const struct exact_fault *exact;
    uint32_t exact_count;
};

/* Puts a layer on top of what is there, fault by fault. Exact faults are left to the caller: those
 * add up, but for `clear`. */
void fault_set_lay(struct fault_set *set, const struct fault_set *layer);

/* Whether a datagram may be lost by `loss`. */
static inline bool fault_set_loses(const struct fault_set *set)
{
    return set->loss_q63 > 0 || set->chain != NULL;
}

/* The word of a fault by which a datagram's fate depends on those before it on the link: "loss
 * gemodel", "rate". NULL: there is none. */
const char *fault_set_memory(const struct fault_set *set);

/* The longest delay that the set's `delay` can draw. */
uint64_t fault_set_delay_max_ns(const struct fault_set *set);

/* ---- faults chosen one by one -------------------------------------------------------------------
 */

enum fault_choice_kind {
    CHOICE_LOSE,
    CHOICE_DUPLICATE,
    CHOICE_DELAY,
    CHOICE_CORRUPT, /* the bit follows from the datagram, as it does by chance */
    CHOICE_TRUNCATE /* and so does the place of the cut */
};

/* One thing that a link does to one datagram. */
struct fault_choice {
    enum fault_choice_kind kind;
    uint32_t link;
    uint32_t client; /* whose request: a client's node; UINT32_MAX: by order, `n` is the position */
    uint32_t n;      /* the request's number */
    uint32_t carriage; /* how often the link has carried this try before */
    uint8_t try;
    uint8_t copy;      /* 0 the original */
    uint64_t delay_ns; /* CHOICE_DELAY: in place of all that the link would hold it back for */
};

/* What happens in place of chance (--shrink, --explore): the links' probabilities and jitters do
 * nothing, these choices happen and no others. Delays' means, `down`, `rate`, `limit`, `mtu` and
 * exact faults stay. */
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
