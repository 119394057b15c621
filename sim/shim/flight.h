/* The datagrams a host's links hold back until they are due, least (due, order of submission)
 * first: N submitted at once with delay D all leave at D, in that order. */
#ifndef SHIM_FLIGHT_H
#define SHIM_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"

/* No host holds more (a link that has no room loses the datagram: LOSS_QUEUE). */
#define FLIGHT_MAX 1048576

/* A datagram held. Its bytes lie in the pool of its size class. */
struct flight_item {
    uint64_t id; /* on the wire, for tracing */
    uint32_t link;
    uint32_t to;   /* node */
    uint32_t cell; /* where its bytes are */
    uint16_t size;
    uint16_t channel;
    uint8_t copy;
    uint8_t large; /* which pool */
};

struct flight_pool; /* cells of one size, handed out again and again */

struct flight {
    struct heap heap;          /* values index items */
    struct flight_item *items; /* owned; grows by doubling up to FLIGHT_MAX */
    uint32_t *free_items;      /* owned; a stack */
    uint32_t free_count;
    uint32_t capacity;
    uint64_t order;            /* submissions so far */
    uint8_t *small_cells;      /* owned: FLIGHT_SMALL bytes each, one for each item */
    struct flight_pool *large; /* owned: cells of WIRE_DATAGRAM_MAX bytes, made when first needed */
};

#define FLIGHT_SMALL 96 /* bytes of a small datagram */

/* Empty, with room for `capacity` small datagrams before it must grow (0 to FLIGHT_MAX). Returns 0
 * or -ENOMEM. */
int flight_init(struct flight *flight, uint32_t capacity);
void flight_free(struct flight *flight);

/* Holds a copy of the datagram of at most WIRE_DATAGRAM_MAX bytes (asserted; item->cell and ->large
 * are filled here) until due_ns. False: no room (FLIGHT_MAX, or memory), nothing is held. */
bool flight_push(struct flight *flight, uint64_t due_ns, const struct flight_item *item,
                 const uint8_t *bytes);

/* When the earliest is due; TIME_NEVER = none is held. */
static inline uint64_t flight_due_ns(const struct flight *flight)
{
    return heap_due_ns(&flight->heap);
}

static inline uint32_t flight_count(const struct flight *flight)
{
    return flight->heap.count;
}

/* Takes out the earliest (there must be one): fills *item, and returns its bytes, valid until the
 * next flight_push. */
const uint8_t *flight_pop(struct flight *flight, struct flight_item *item);

#endif
