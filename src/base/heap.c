#include "base/heap.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* Both keys as one number: one comparison without a branch, which the processor could not guess. */
__extension__ typedef unsigned __int128 heap_key;

static inline heap_key heap_item_key(const struct heap_item *item)
{
    return (heap_key)item->due_ns << 64 | item->order;
}

/* Puts an item at a place, and notes where it is. `indexed` is a constant where it is called, so
 * that a plain heap pays nothing for it. */
static inline void heap_place(struct heap *heap, uint32_t at, struct heap_item item, bool indexed)
{
    heap->items[at] = item;
    if (indexed) {
        heap->position[item.value] = at;
    }
}

/* Fills the hole at `at` with `item` or, while they are later, with the hole's parents. */
static inline void heap_sift_up(struct heap *heap, uint32_t at, struct heap_item item, bool indexed)
{
    heap_key key = heap_item_key(&item);
    while (at > 0) {
        uint32_t parent = (at - 1) / 2;
        if (heap_item_key(&heap->items[parent]) <= key) {
            break;
        }
        heap_place(heap, at, heap->items[parent], indexed);
        at = parent;
    }
    heap_place(heap, at, item, indexed);
}

/* Fills the hole at `at` with `item`, or something from below it. The hole first goes all the way
 * down the lesser children, then the item climbs: it most often came from the bottom and stays
 * there, so this saves a comparison on each level (Wegener 1993, bottom-up heapsort). */
static inline void heap_sift_down(struct heap *heap, uint32_t at, struct heap_item item,
                                  bool indexed)
{
    uint32_t top = at;
    heap_key key = heap_item_key(&item);

    for (;;) {
        uint32_t left = 2 * at + 1;
        if (left + 1 >= heap->count) {
            if (left < heap->count) { /* a last child without a sibling */
                heap_place(heap, at, heap->items[left], indexed);
                at = left;
            }
            break;
        }
        const struct heap_item *pair = &heap->items[left];
        uint32_t lesser = left + (heap_item_key(&pair[1]) < heap_item_key(&pair[0]));
        heap_place(heap, at, heap->items[lesser], indexed);
        at = lesser;
    }
    while (at > top) {
        uint32_t parent = (at - 1) / 2;
        if (heap_item_key(&heap->items[parent]) <= key) {
            break;
        }
        heap_place(heap, at, heap->items[parent], indexed);
        at = parent;
    }
    heap_place(heap, at, item, indexed);
}

/* The same from the top, level by level: for an item that has moved a little, and so stays near. */
static inline void heap_sink(struct heap *heap, uint32_t at, struct heap_item item)
{
    heap_key key = heap_item_key(&item);

    for (uint32_t left = 2 * at + 1; left < heap->count; left = 2 * at + 1) {
        const struct heap_item *pair = &heap->items[left];
        bool both = left + 1 < heap->count;
        uint32_t lesser = left + (both && heap_item_key(&pair[1]) < heap_item_key(&pair[0]));
        if (key <= heap_item_key(&heap->items[lesser])) {
            break;
        }
        heap_place(heap, at, heap->items[lesser], true);
        at = lesser;
    }
    heap_place(heap, at, item, true);
}

/* Takes out the item at `at`. */
static inline void heap_take(struct heap *heap, uint32_t at, bool indexed)
{
    struct heap_item last = heap->items[--heap->count];
    if (at == heap->count) {
        return;
    }
    if (at > 0 && heap_item_key(&last) < heap_item_key(&heap->items[(at - 1) / 2])) {
        heap_sift_up(heap, at, last, indexed);
    } else {
        heap_sift_down(heap, at, last, indexed);
    }
}

int heap_init(struct heap *heap, uint32_t capacity, bool indexed)
{
    *heap = (struct heap){0};
    if (indexed) {
        heap->position = calloc(1, sizeof *heap->position);
        if (heap->position == NULL) {
            return -ENOMEM;
        }
    }
    int status = heap_reserve(heap, capacity);
    if (status != 0) {
        heap_free(heap);
    }
    return status;
}

void heap_free(struct heap *heap)
{
    free(heap->items);
    free(heap->position);
    *heap = (struct heap){0};
}

int heap_reserve(struct heap *heap, uint32_t capacity)
{
    if (capacity <= heap->capacity) {
        return 0;
    }
    struct heap_item *items = reallocarray(heap->items, capacity, sizeof *items);
    if (items == NULL) {
        return -ENOMEM;
    }
    heap->items = items;
    if (heap->position != NULL) {
        uint32_t *position = reallocarray(heap->position, capacity, sizeof *position);
        if (position == NULL) {
            return -ENOMEM;
        }
        heap->position = position;
        for (uint32_t value = heap->capacity; value < capacity; value++) {
            position[value] = HEAP_NONE;
        }
    }
    heap->capacity = capacity;
    return 0;
}

void heap_push(struct heap *heap, uint64_t due_ns, uint64_t order, uint32_t value)
{
    struct heap_item item = {due_ns, order, value};
    assert(heap->count < heap->capacity);
    if (heap->position == NULL) {
        heap_sift_up(heap, heap->count++, item, false);
    } else {
        assert(value < heap->capacity && heap->position[value] == HEAP_NONE);
        heap_sift_up(heap, heap->count++, item, true);
    }
}

uint32_t heap_pop(struct heap *heap)
{
    assert(heap->count > 0);
    uint32_t value = heap->items[0].value;
    if (heap->position == NULL) {
        heap_take(heap, 0, false);
    } else {
        heap->position[value] = HEAP_NONE;
        heap_take(heap, 0, true);
    }
    return value;
}

void heap_set(struct heap *heap, uint64_t due_ns, uint64_t order, uint32_t value)
{
    assert(heap->position != NULL && value < heap->capacity);
    uint32_t at = heap->position[value];
    if (at == HEAP_NONE) {
        heap_push(heap, due_ns, order, value);
        return;
    }
    struct heap_item item = {due_ns, order, value};
    heap_key key = heap_item_key(&item);
    heap_key before = heap_item_key(&heap->items[at]);
    if (key < before) {
        heap_sift_up(heap, at, item, true);
    } else if (key > before) {
        heap_sink(heap, at, item);
    }
}

bool heap_remove(struct heap *heap, uint32_t value)
{
    assert(heap->position != NULL && value < heap->capacity);
    uint32_t at = heap->position[value];
    if (at == HEAP_NONE) {
        return false;
    }
    heap->position[value] = HEAP_NONE;
    heap_take(heap, at, true);
    return true;
}
