/* A heap of instants, the earliest first; equal instants come out in the order of their
 * `order` (a counter, or whatever the owner ranks by). An item's `value` is the owner's: an index
 * of a slot, say. An indexed heap also finds an item by its value (below `capacity`, each at most
 * once), to move or remove it. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

/* Items right below each item. Half as many levels as with two: where the heap is large each level
 * is a cache line that is not there (LaMarca and Ladner 1996). */
#define HEAP_CHILDREN 4

/* The first of those right below items[at]. */
static inline uint32_t heap_first_child(uint32_t at)
{
    return HEAP_CHILDREN * at + 1;
}

struct heap_item {
    uint64_t due_ns; /* first key */
    uint64_t order;  /* second key, among equal instants */
    uint32_t value;  /* the owner's */
};

struct heap {
    struct heap_item *items; /* owned; items[0] is the least */
    uint32_t *position; /* owned; of each value in items, HEAP_NONE = not in; NULL: not indexed */
    uint32_t count;     /* items in use */
    uint32_t capacity;  /* items there is room for */
};

#define HEAP_NONE UINT32_MAX

/* An empty heap with room for `capacity` items (0 is allowed). Returns 0 or -ENOMEM. */
int heap_init(struct heap *heap, uint32_t capacity, bool indexed);
void heap_free(struct heap *heap);

/* Room for at least `capacity` items. Returns 0, or -ENOMEM and the heap as it was. */
int heap_reserve(struct heap *heap, uint32_t capacity);

/* Adds an item; there must be room, and in an indexed heap the value must not be in (asserted). */
static inline void heap_push(struct heap *heap, uint64_t due_ns, uint64_t order, uint32_t value);

/* The least item; valid until the next change. The heap must not be empty (asserted). */
static inline const struct heap_item *heap_least(const struct heap *heap)
{
    assert(heap->count > 0);
    return &heap->items[0];
}

/* The least instant, TIME_NEVER if the heap is empty. */
static inline uint64_t heap_due_ns(const struct heap *heap)
{
    return heap->count > 0 ? heap->items[0].due_ns : TIME_NEVER;
}

/* Removes the least item and returns its value. The heap must not be empty (asserted). */
static inline uint32_t heap_pop(struct heap *heap);

/* heap_pop and heap_push in one, for the work of one; not of an indexed heap (asserted). */
void heap_replace(struct heap *heap, uint64_t due_ns, uint64_t order, uint32_t value);

/* Indexed heaps only. Gives `value` new keys; adds it if it was not in. */
void heap_set(struct heap *heap, uint64_t due_ns, uint64_t order, uint32_t value);

/* Indexed heaps only. Removes `value`; false if it was not in. */
bool heap_remove(struct heap *heap, uint32_t value);

/* heap_push and heap_pop of any heap. */
void heap_push_any(struct heap *heap, struct heap_item item);
uint32_t heap_pop_any(struct heap *heap);

/* Some heaps most often hold one item or none: where nothing need be moved no call is needed. */
static inline void heap_push(struct heap *heap, uint64_t due_ns, uint64_t order, uint32_t value)
{
    struct heap_item item = {due_ns, order, value};

    if (heap->count == 0 && heap->position == NULL) {
        assert(heap->capacity > 0);
        heap->items[heap->count++] = item;
    } else {
        heap_push_any(heap, item);
    }
}

static inline uint32_t heap_pop(struct heap *heap)
{
    if (heap->count == 1 && heap->position == NULL) {
        return heap->items[--heap->count].value;
    }
    return heap_pop_any(heap);
}

#endif
