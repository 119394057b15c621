/* A link: one direction between two nodes, and what it does to each datagram.
 *
 * A fate is a function of (seed, the link's names, kind of fault, the datagram's identity), never
 * of what else was sent: the identity is client (by name), request, try, carriage and copy. Plain
 * and raw datagrams have no identity and go by their order on the link, and so do faults with
 * memory (memory.h). Order (models.md): up? -> duplicate -> then each copy for itself: exact faults
 * -> loss -> truncate, corrupt -> mtu -> limit -> reorder, delay -> rate. */
#ifndef SHIM_LINK_H
#define SHIM_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "scenario/scenario.h"
#include "shim/link_faults.h"
#include "shim/memory.h"

/* The original and one copy. */
#define LINK_COPIES_MAX 2

/* What a link remembers of the datagrams that have passed, in keys (one for each try and, where
 * asked for, each request). Where an exact fault counts by them nothing is forgotten, up to
 * LINK_HISTORY_MAX. Carriage alone needs less: LINK_HISTORY_FIXED, and LINK_HISTORY_OPEN more for
 * each request that the link's clients may have open at once; then the oldest key is forgotten, and
 * a try that outlives so many others counts from 0 again. */
#define LINK_HISTORY_FIXED 4096
#define LINK_HISTORY_OPEN  64
#define LINK_HISTORY_MAX   (UINT64_C(1) << 24)

/* Who a datagram is. */
struct link_identity {
    uint32_t client; /* a client's node; TRACE_NOBODY: plain, raw or nobody's: goes by order */
    uint32_t n;
    unsigned try;
};

/* What draws are for: each kind of fault has its own, so that none shifts another's. */
enum link_kind {
    LINK_KIND_LOSS = 1,
    LINK_KIND_DUPLICATE,
    LINK_KIND_DELAY,
    LINK_KIND_CORRUPT,
    LINK_KIND_TRUNCATE,
    LINK_KIND_REORDER,
    LINK_KIND_CHAIN, /* the moves of a loss chain */
    LINK_KIND_COUNT
};

/* What the link does with one copy. */
struct link_fate {
    enum loss_reason lost; /* LOSS_NONE: it passes */
    uint64_t due_ns;       /* instant at which it leaves; now_ns without delay */
    uint16_t cut;          /* octets that are cut off its end */
    uint16_t flip;         /* the bit that is flipped, from 1 (the lowest of the first octet) */
};

/* Does to a datagram of `size` octets what the fate says; returns the size that is left. */
size_t link_alter(const struct link_fate *fate, uint8_t *bytes, size_t size);

struct link_fates {
    struct link_fate copies[LINK_COPIES_MAX]; /* [0] the original */
    uint32_t count;
    uint32_t carriage; /* how often this link has carried this try before */
};

/* What a link must keep of what has passed. */
struct link_past {
    struct link_history *history; /* owned; NULL: there is nothing to count */
    struct link_memory *memory;   /* owned; NULL: there is nothing to remember */
};

/* 56 bytes: there may be very many, and each datagram finds its link as it left it long ago. */
struct link {
    const struct scenario *scenario;
    struct link_faults *faults; /* in force now; held */
    struct link_past *past;     /* owned; NULL: nothing of it need be kept */
    uint64_t position;          /* originals submitted so far */
    uint64_t loss_ready;  /* prng_ready: of the seed, the names of both ends and LINK_KIND_LOSS */
    uint64_t delay_ready; /* and LINK_KIND_DELAY; those of others are made when needed */
    uint32_t index;
    bool quiet;            /* no fault is in force, and nothing need be remembered */
    bool simple;           /* the same but for loss and delay, by chance for each datagram alone */
    bool repeats : 1;      /* it can carry the same try twice */
    bool counts_tries : 1; /* an exact fault counts the datagrams of a try */
    bool counts_requests : 1; /* an exact fault counts the datagrams of a request */
};

/* Whether anything in the scenario can make a link carry the same try twice (a `duplicate`
 * anywhere, a broker with a timer of its own, a `raw` line, a script of choices): if not, carriage
 * is 0 without looking. */
bool link_can_repeat(const struct scenario *scenario);

/* The link as it is at instant 0. Its faults are shared by the links of `pool`, which must outlive
 * it (NULL: by none). Returns 0 or -ENOMEM. */
int link_init(struct link *link, const struct scenario *scenario, uint32_t index,
              struct link_pool *pool);
void link_free(struct link *link);

/* The timeline has reached an instant of timeline_next_ns: takes over the faults in force. Without
 * memory for them it aborts: nothing true could be said of the run. */
void link_update(struct link *link, uint64_t now_ns);

/* Decides what becomes of a datagram of `size` octets handed to the link at now_ns. */
void link_submit(struct link *link, uint64_t now_ns, const struct link_identity *identity,
                 uint32_t size, struct link_fates *fates);

#endif
