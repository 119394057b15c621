/* When the faults of the network are over, and what it does to a datagram from then on: what the
 * promises `quiet` and `liveness` go by. Worked out from the scenario alone, once, before the run.
 */
#ifndef VERDICT_CALM_H
#define VERDICT_CALM_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"

/* A link, when every timed fault has come or gone for the last time. Faults that come again and
 * again without end are taken as if they were always there. */
struct calm_link {
    uint64_t delay_ns;    /* the longest that it holds a datagram */
    uint64_t drops_until; /* position of the last datagram that an exact fault drops, 0 = none */
    bool loses;           /* it can lose any datagram, to the end of the run */
    bool copies;          /* some fault of it, ever, makes copies */
    uint8_t reasons;      /* for which faults of it, ever, lose: 1 << enum loss_reason */
};

struct calm {
    uint64_t from_ns; /* the last instant at which a timed fault begins or ends; 0: none does */
    struct calm_link *kinds; /* owned; most links are alike */
    uint32_t kind_count;
    uint32_t *kind_of_link; /* owned; by link, an index in `kinds` */
    bool lasts;             /* a fault loses to the end of the run */
    uint32_t line;          /* of that one; 0: of --set */
};

static inline const struct calm_link *calm_link(const struct calm *calm, uint32_t link)
{
    return &calm->kinds[calm->kind_of_link[link]];
}

/* Returns 0 or -ENOMEM. */
int calm_init(struct calm *calm, const struct scenario *scenario);
void calm_free(struct calm *calm);

/* Whether an exact fault drops datagrams of this very try of a request. */
bool calm_drops_try(const struct scenario *scenario, uint32_t client, uint32_t n, unsigned try);

/* Whether no fault is ever on, and time and room suffice for every request at its first try: then
 * nothing may be lost and nobody may ask twice. False, with the reason in `why`, if not
 * (calm_quiet.c). */
bool calm_is_quiet(const struct scenario *scenario, char why[160]);

#endif
