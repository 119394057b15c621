/* What a link must remember of the datagrams before: states of loss models, the draws that
 * correlated faults may repeat, the line at a limited rate, and how many datagrams are on it.
 *
 * All of it goes by the order of the originals on the link. Each original moves it on, whatever
 * else becomes of it, and a copy finds it as its original left it and moves nothing: so switching
 * on drops or duplicates changes no other original's fate. */
#ifndef SHIM_MEMORY_H
#define SHIM_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"
#include "scenario/scenario.h"

/* Draws that can be correlated. */
enum memory_draw { MEMORY_LOSS, MEMORY_DUPLICATE, MEMORY_DELAY, MEMORY_REORDER, MEMORY_DRAWS };

struct link_memory {
    uint64_t last[MEMORY_DRAWS]; /* the latest original's draws */
    bool known[MEMORY_DRAWS];    /* there is a latest one */
    uint8_t state;               /* of the loss chain: 0 good, 1 bad; or 1 to 4 */
    uint32_t since;              /* datagrams delayed since one was sent at once, up to the gap */
    uint64_t ordered_ns;         /* the latest instant at which a delay ends, where ordered */
    uint64_t departed_ns;        /* when the line at a limited rate is free again */
    bool queues;                 /* some rule limits the link: what is on it is counted */
    struct heap queue;           /* instants at which what is on the link leaves it */
};

/* Whether any rule of the scenario gives the link something to remember. */
bool memory_is_needed(const struct scenario *scenario, uint32_t link);

/* The memory of a link on which nothing was sent yet. NULL: no memory. */
struct link_memory *memory_make(const struct scenario *scenario, uint32_t link);
void memory_free(struct link_memory *memory);

/* Other faults are in force than before: what was remembered for those that have gone or changed is
 * forgotten. */
void memory_update(struct link_memory *memory, const struct fault_set *before,
                   const struct fault_set *set);

/* The draw of a copy: `fresh`, or the latest original's with probability same_q63, for which
 * `again` is 64 more uniform bits. The original's becomes the latest one. */
uint64_t memory_correlate(struct link_memory *memory, enum memory_draw draw, uint64_t fresh,
                          uint64_t again, uint64_t same_q63, bool original);

/* Moves the loss chain on by an original (`moves`: 64 uniform bits), or looks at it for a copy.
 * Returns the probability with which that one is lost. */
uint64_t memory_step_chain(struct link_memory *memory, const struct loss_chain *chain,
                           uint64_t moves, bool original);

/* Whether a copy is sent at once by `reorder`, if its draw says so (`hit`). */
bool memory_step_reorder(struct link_memory *memory, uint32_t gap, bool hit, bool original);

/* When the link lets go what would leave it at due_ns: not before what went before (`ordered`),
 * and not before the line is free and all its bits are on it (`rate`). */
uint64_t memory_order_ns(struct link_memory *memory, uint64_t due_ns);
uint64_t memory_line_ns(struct link_memory *memory, uint64_t due_ns, uint64_t rate_bps,
                        uint32_t size);

/* Whether the link holds `limit` datagrams at now_ns. */
bool memory_is_full(struct link_memory *memory, uint64_t now_ns, uint32_t limit);

/* One more is on the link from now_ns until due_ns. False: no memory. */
bool memory_hold(struct link_memory *memory, uint64_t now_ns, uint64_t due_ns);

#endif
