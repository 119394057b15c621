/* What the parts of a link share: link.c sets it up and numbers what passes, link_exact.c knows the
 * chosen datagrams, link_fate.c decides. */
#ifndef SHIM_LINK_PARTS_H
#define SHIM_LINK_PARTS_H

#include "base/prng.h"
#include "shim/link.h"
#include "trace/record.h"

/* A datagram, as the exact faults and the draws see it. */
struct link_datagram {
    const struct link_identity *identity;
    uint64_t position;   /* on the link, from 1 */
    uint32_t of_request; /* which of its request's datagrams on the link, from 1; 0 = not counted */
    uint32_t of_try;     /* which of its try's, from 1; 0 = not counted */
    uint32_t carriage;
    uint32_t size;        /* octets */
    uint64_t request_key; /* of (client, n) */
};

static inline bool link_has_identity(const struct link_identity *identity)
{
    return identity->client != TRACE_NOBODY;
}

/* The key of one kind of the link's draws: of the seed and the names of both ends. */
static inline uint64_t link_make_key(const struct link *link, enum link_kind kind)
{
    const struct scenario *scenario = link->scenario;
    const struct scenario_node *from = &scenario->nodes[scenario_link_from(link->index)];
    const struct scenario_node *to = &scenario->nodes[scenario_link_to(link->index)];
    uint64_t key = prng_draw(scenario->seed, kind);

    return prng_draw(prng_draw(key, from->name_key), to->name_key);
}

/* A draw of the copy that has this key. */
static inline uint64_t link_draw_of(const struct link *link, enum link_kind kind, uint64_t key)
{
    uint64_t ready = kind == LINK_KIND_LOSS    ? link->loss_ready
                     : kind == LINK_KIND_DELAY ? link->delay_ready
                                               : prng_ready(link_make_key(link, kind));

    return prng_draw_ready(ready, key);
}

/* The domain of the identities of those that go by order. */
#define LINK_BY_ORDER UINT64_C(0x6f72646572)

/* The key of one copy's draws. */
static inline uint64_t link_copy_key(const struct link_datagram *datagram, unsigned copy)
{
    if (!link_has_identity(datagram->identity)) {
        return prng_draw(prng_draw(LINK_BY_ORDER, datagram->position), copy);
    }
    return prng_draw(datagram->request_key, (uint64_t)datagram->carriage << 16 |
                                                (uint64_t)datagram->identity->try << 8 | copy);
}

/* The exact fault of the kind in force that means the datagram, the one laid last if there are
 * several; NULL if there is none. */
const struct exact_fault *link_exact(const struct link *link, enum exact_kind kind,
                                     const struct link_datagram *datagram);

/* What chance, a script and the exact faults make of the datagram, which is numbered. */
void link_decide(struct link *link, uint64_t now_ns, const struct link_datagram *datagram,
                 struct link_fates *fates);

#endif
