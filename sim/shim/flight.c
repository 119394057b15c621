#include "shim/flight.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/wire.h"

/* The first growth of an empty flight. */
#define FLIGHT_FIRST 4

/* Cells of WIRE_DATAGRAM_MAX bytes for the few datagrams that are not small. */
struct flight_pool {
    uint8_t (*cells)[WIRE_DATAGRAM_MAX];
    uint32_t *free_cells; /* a stack */
    uint32_t free_count;
    uint32_t capacity;
};

/* What a full flight grows to; its capacity if it may not. */
static uint32_t flight_next_capacity(const struct flight *flight)
{
    if (flight->capacity == 0) {
        return FLIGHT_FIRST;
    }
    return flight->capacity < FLIGHT_MAX / 2 ? 2 * flight->capacity : FLIGHT_MAX;
}

/* Room for `capacity` datagrams in all; false: no more than there was (no memory, or FLIGHT_MAX),
 * and nothing is lost. */
static bool flight_grow(struct flight *flight, uint32_t capacity)
{
    if (capacity <= flight->capacity) {
        return false;
    }
    struct flight_item *items = realloc(flight->items, capacity * sizeof *items);
    flight->items = items != NULL ? items : flight->items;
    uint32_t *free_items = realloc(flight->free_items, capacity * sizeof *free_items);
    flight->free_items = free_items != NULL ? free_items : flight->free_items;
    uint8_t *small_cells = realloc(flight->small_cells, (size_t)capacity * FLIGHT_SMALL);
    flight->small_cells = small_cells != NULL ? small_cells : flight->small_cells;
    if (items == NULL || free_items == NULL || small_cells == NULL ||
        heap_reserve(&flight->heap, capacity) != 0) {
        return false;
    }
    while (flight->capacity < capacity) {
        flight->free_items[flight->free_count++] = flight->capacity++;
    }
    return true;
}

int flight_init(struct flight *flight, uint32_t capacity)
{
    assert(capacity <= FLIGHT_MAX);
    *flight = (struct flight){0};
    if (heap_init(&flight->heap, 0, false) != 0) {
        return -ENOMEM;
    }
    if (capacity > 0 && !flight_grow(flight, capacity)) {
        flight_free(flight);
        return -ENOMEM;
    }
    return 0;
}

void flight_free(struct flight *flight)
{
    heap_free(&flight->heap);
    free(flight->items);
    free(flight->free_items);
    free(flight->small_cells);
    if (flight->large != NULL) {
        free(flight->large->cells);
        free(flight->large->free_cells);
        free(flight->large);
    }
    *flight = (struct flight){0};
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

bool flight_push(struct flight *flight, uint64_t due_ns, const struct flight_item *item,
                 const uint8_t *bytes)
{
    uint32_t cell;

    assert(item->size <= WIRE_DATAGRAM_MAX);
    if (flight->free_count == 0 && !flight_grow(flight, flight_next_capacity(flight))) {
        return false;
    }
    bool large = item->size > FLIGHT_SMALL;
    if (large && !flight_take_large(flight, &cell)) {
        return false;
    }
    uint32_t index = flight->free_items[--flight->free_count];
    uint8_t *place = flight->small_cells + (size_t)index * FLIGHT_SMALL;
    flight->items[index] = *item;
    flight->items[index].large = large;
    flight->items[index].cell = large ? cell : index;
    if (large) {
        place = flight->large->cells[cell];
    }
    memcpy(place, bytes, item->size);
    heap_push(&flight->heap, due_ns, flight->order++, index);
    return true;
}

const uint8_t *flight_pop(struct flight *flight, struct flight_item *item)
{
    uint32_t index = heap_pop(&flight->heap);

    *item = flight->items[index];
    flight->free_items[flight->free_count++] = index;
    if (item->large) {
        flight->large->free_cells[flight->large->free_count++] = item->cell;
        return flight->large->cells[item->cell];
    }
    return flight->small_cells + (size_t)index * FLIGHT_SMALL;
}
