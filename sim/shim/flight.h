/* The datagrams that links hold back until they are due, least (due, node they come from, order of
 * submission) first: N submitted at once with delay D all leave at D, in that order. */
#ifndef SHIM_FLIGHT_H
#define SHIM_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"

/* No host has more in flight (a link that has no room loses the datagram: LOSS_QUEUE). */
#define FLIGHT_MAX 1048576

#define FLIGHT_SMALL 96 /* bytes of a small datagram */

/* Of the heap's second key: below the node, the order of submission. */
#define FLIGHT_ORDER_BITS 44

/* A datagram held, with what its sender knows of it: who gets it need not read that from the bytes
 * again. */
struct flight_item {
    uint64_t id;   /* on the wire; 0 = none */
    uint32_t from; /* nodes; from < 2^20 */
    uint32_t to;
    uint32_t client; /* whose request: a client's node, TRACE_NOBODY = nobody's */
    uint32_t n;      /* the request's number, 0 = none */
    uint32_t cell;   /* the flight's: where the bytes of a large one are */
    uint16_t size;
    uint8_t try;
    uint8_t form; /* enum trace_form */
};

struct flight_cell; /* an item and the bytes of a small datagram */
struct flight_pool; /* cells of large ones, handed out again and again */

struct flight {
    struct heap heap;          /* values index cells */
    struct flight_cell *cells; /* owned; grows by doubling up to `max` */
    uint32_t free_head;        /* list of those that were used and are free again */
    uint32_t touched;          /* cells ever used: those from here on are free too */
    uint32_t capacity;         /* cells there is room for */
    uint32_t max;              /* cells at most */
    bool gap;                  /* the heap's least item is no more: see flight_lift */
    uint64_t order;            /* submissions so far */
    struct flight_pool *large; /* owned: cells of WIRE_DATAGRAM_MAX bytes, made when first needed */
};

/* Empty; it will hold `max` datagrams at most. Returns 0 or -ENOMEM. */
int flight_init(struct flight *flight, uint32_t max);
void flight_free(struct flight *flight);

/* Holds a copy of a datagram from node `from` of `size` bytes (at most WIRE_DATAGRAM_MAX: asserted)
 * until due_ns. Returns its item, for the caller to fill in all but from, size and cell. NULL: no
 * room (`max`, or memory), nothing is held. Of `bytes` the first FLIGHT_SMALL may be read even if
 * the datagram is shorter: a copy of fixed size is the cheapest. */
struct flight_item *flight_push(struct flight *flight, uint64_t due_ns, uint32_t from,
                                uint32_t size, const uint8_t bytes[static FLIGHT_SMALL]);

/* When the earliest is due; TIME_NEVER = none is held. */
static inline uint64_t flight_due_ns(const struct flight *flight)
{
    return heap_due_ns(&flight->heap);
}

static inline uint32_t flight_count(const struct flight *flight)
{
    return flight->heap.count;
}

/* Fills the one that leaves after the earliest, and one of those that leave next: most often the
 * very next. Asks for the memory of it and of those behind it (prefetch.h). False, and nothing is
 * filled: there are too few datagrams for that. */
bool flight_look_ahead(const struct flight *flight, const struct flight_item *soon[2]);

/* Takes out the earliest (there must be one): fills *item, and `bytes` (room for WIRE_DATAGRAM_MAX)
 * with its item->size bytes; what is behind them may change too. */
void flight_pop(struct flight *flight, struct flight_item *item, uint8_t *bytes);

/* The same, but its place stays open for the next that is pushed: whoever gets a datagram most
 * often sends one. Until flight_settle nothing may be asked of the flight but to push. */
void flight_lift(struct flight *flight, struct flight_item *item, uint8_t *bytes);
void flight_settle(struct flight *flight);

#endif
