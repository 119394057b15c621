#include "shim/flight.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/prefetch.h"
#include "protocol/wire.h"

/* The first growth of an empty flight. */
#define FLIGHT_FIRST 4

/* Datagrams in a heap of three full levels. */
#define FLIGHT_MANY (1 + HEAP_CHILDREN + HEAP_CHILDREN * HEAP_CHILDREN)

/* No cell; in an item: it is a small datagram. */
#define FLIGHT_NONE UINT32_MAX

/* Two lines of the processor's cache. */
#define FLIGHT_CELL 128
struct flight_cell {
    struct flight_item item;
    uint8_t bytes[FLIGHT_SMALL];
};
_Static_assert(sizeof(struct flight_cell) == FLIGHT_CELL, "a cell fills its lines");

/* Cells of WIRE_DATAGRAM_MAX bytes for the few datagrams that are not small. */
struct flight_pool {
    uint8_t (*cells)[WIRE_DATAGRAM_MAX];
    uint32_t *free_cells; /* a stack */
    uint32_t free_count;
    uint32_t capacity;
};

int flight_init(struct flight *flight, uint32_t max)
{
    assert(max >= FLIGHT_FIRST);
    *flight = (struct flight){.free_head = FLIGHT_NONE, .max = max};
    return heap_init(&flight->heap, 0, false);
}

void flight_free(struct flight *flight)
{
    heap_free(&flight->heap);
    free(flight->cells);
    if (flight->large != NULL) {
        free(flight->large->cells);
        free(flight->large->free_cells);
        free(flight->large);
    }
    *flight = (struct flight){0};
}

/* Makes room for more; false: it may not, or there is no memory, and nothing is lost. */
static bool flight_grow(struct flight *flight)
{
    assert(flight->order >> FLIGHT_ORDER_BITS == 0); /* now and then: it would take months */
    uint32_t capacity = flight->capacity == 0                ? FLIGHT_FIRST
                        : flight->capacity < flight->max / 2 ? 2 * flight->capacity
                                                             : flight->max;
    if (capacity <= flight->capacity || heap_reserve(&flight->heap, capacity) != 0) {
        return false;
    }
    struct flight_cell *cells = aligned_alloc(FLIGHT_CELL, (size_t)capacity * sizeof *cells);
    if (cells == NULL) {
        return false;
    }
    if (flight->touched > 0) { /* memcpy takes no NULL, not even for nothing */
        memcpy(cells, flight->cells, flight->touched * sizeof *cells);
    }
    free(flight->cells);
    flight->cells = cells;
    flight->capacity = capacity;
    return true;
}

/* Takes a large cell; false: no memory. */
static bool flight_take_large(struct flight *flight, uint32_t *cell)
{
    struct flight_pool *pool = flight->large;

    if (pool == NULL) {
        pool = flight->large = calloc(1, sizeof *pool);
        if (pool == NULL) {
            return false;
        }
    }
    if (pool->free_count == 0) {
        uint32_t capacity = pool->capacity == 0 ? FLIGHT_FIRST : 2 * pool->capacity;
        void *cells = realloc(pool->cells, (size_t)capacity * WIRE_DATAGRAM_MAX);
        pool->cells = cells != NULL ? cells : pool->cells;
        uint32_t *free_cells = realloc(pool->free_cells, capacity * sizeof *free_cells);
        pool->free_cells = free_cells != NULL ? free_cells : pool->free_cells;
        if (cells == NULL || free_cells == NULL) {
            return false;
        }
        while (pool->capacity < capacity) {
            pool->free_cells[pool->free_count++] = pool->capacity++;
        }
    }
    *cell = pool->free_cells[--pool->free_count];
    return true;
}

struct flight_item *flight_push(struct flight *flight, uint64_t due_ns, uint32_t from,
                                uint32_t size, const uint8_t bytes[static FLIGHT_SMALL])
{
    uint32_t index = flight->free_head;
    uint32_t large = FLIGHT_NONE;

    assert(size <= WIRE_DATAGRAM_MAX && from < 1u << (64 - FLIGHT_ORDER_BITS));
    if (index == FLIGHT_NONE && flight->touched == flight->capacity && !flight_grow(flight)) {
        return NULL;
    }
    if (size > FLIGHT_SMALL && !flight_take_large(flight, &large)) {
        return NULL;
    }
    if (index != FLIGHT_NONE) {
        flight->free_head = flight->cells[index].item.cell;
    } else {
        index = flight->touched++;
    }
    struct flight_cell *cell = &flight->cells[index];
    cell->item.from = from;
    cell->item.size = (uint16_t)size;
    cell->item.cell = large;
    if (large == FLIGHT_NONE) {
        memcpy(cell->bytes, bytes, FLIGHT_SMALL);
    } else {
        memcpy(flight->large->cells[large], bytes, size);
    }
    uint64_t order = (uint64_t)from << FLIGHT_ORDER_BITS | flight->order++;
    if (flight->gap) {
        flight->gap = false;
        heap_replace(&flight->heap, due_ns, order, index);
    } else {
        heap_push(&flight->heap, due_ns, order, index);
    }
    return &cell->item;
}

bool flight_look_ahead(const struct flight *flight, const struct flight_item *soon[2])
{
    const struct heap_item *items = flight->heap.items;
    uint32_t first = heap_first_child(0); /* of those right below the least */
    uint32_t second = first + 1;

    if (flight->heap.count < FLIGHT_MANY) {
        return false;
    }
    for (uint32_t i = second; i <= HEAP_CHILDREN; i++) {
        if (items[i].due_ns < items[first].due_ns) {
            second = first;
            first = i;
        } else if (items[i].due_ns < items[second].due_ns) {
            second = i;
        }
    }
    soon[0] = &flight->cells[items[first].value].item;
    soon[1] = &flight->cells[items[second].value].item;
    prefetch(soon[1], FLIGHT_CELL);
    for (uint32_t i = 0; i < HEAP_CHILDREN; i++) { /* one will take the first one's place */
        uint32_t index = items[heap_first_child(first) + i].value;
        prefetch(&flight->cells[index].item, sizeof(struct flight_item));
    }
    return true;
}

void flight_lift(struct flight *flight, struct flight_item *item, uint8_t *bytes)
{
    uint32_t index = heap_least(&flight->heap)->value;
    struct flight_cell *cell = &flight->cells[index];
    struct flight_pool *pool = flight->large;

    assert(!flight->gap);
    flight->gap = true;
    *item = cell->item;
    cell->item.cell = flight->free_head;
    flight->free_head = index;
    if (item->cell == FLIGHT_NONE) {
        memcpy(bytes, cell->bytes, FLIGHT_SMALL);
    } else {
        memcpy(bytes, pool->cells[item->cell], item->size);
        pool->free_cells[pool->free_count++] = item->cell;
    }
}

void flight_settle(struct flight *flight)
{
    if (flight->gap) {
        flight->gap = false;
        (void)heap_pop(&flight->heap);
    }
}

void flight_pop(struct flight *flight, struct flight_item *item, uint8_t *bytes)
{
    flight_lift(flight, item, bytes);
    flight_settle(flight);
}
