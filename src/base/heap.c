#include "base/heap.h"

#include <assert.h>
#include <errno.h>
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

static inline uint32_t heap_parent(uint32_t at)
{
    return (at - 1) / HEAP_CHILDREN;
}

/* The least of the items that lie below `at`, of which the first is `first` (there must be one). */
static inline uint32_t heap_least_child(const struct heap *heap, uint32_t first)
{
    const struct heap_item *items = heap->items;

    if (first + HEAP_CHILDREN <= heap->count) {
        uint32_t one = first + (heap_item_key(&items[first + 1]) < heap_item_key(&items[first]));
        uint32_t other =
            first + 2 + (heap_item_key(&items[first + 3]) < heap_item_key(&items[first + 2]));
        return heap_item_key(&items[other]) < heap_item_key(&items[one]) ? other : one;
    }
    uint32_t least = first;
    for (uint32_t at = first + 1; at < heap->count; at++) {
        least = heap_item_key(&items[at]) < heap_item_key(&items[least]) ? at : least;
    }
    return least;
}

/* Fills the hole at `at` with `item` or, while they are later, with the hole's parents; none above
 * `top` is asked. */
static inline void heap_sift_up(struct heap *heap, uint32_t top, uint32_t at, struct heap_item item,
                                bool indexed)
{
    heap_key key = heap_item_key(&item);

    while (at > top) {
        uint32_t parent = heap_parent(at);
        if (heap_item_key(&heap->items[parent]) <= key) {
            break;
        }
        heap_place(heap, at, heap->items[parent], indexed);
        at = parent;
    }
    heap_place(heap, at, item, indexed);
}

/* Fills the hole at `at` with `item`, or something from below it. The hole first goes all the way
 * down the least children, then the item climbs: it most often came from the bottom and stays
 * there, so this saves a comparison on each level (Wegener 1993, bottom-up heapsort). */
static inline void heap_sift_down(struct heap *heap, uint32_t at, struct heap_item item,
                                  bool indexed)
{
    uint32_t top = at;

    for (uint32_t first = heap_first_child(at); first < heap->count; first = heap_first_child(at)) {
        uint32_t least = heap_least_child(heap, first);
        heap_place(heap, at, heap->items[least], indexed);
        at = least;
    }
    heap_sift_up(heap, top, at, item, indexed);
}

/* The same from the top, level by level: for an item that has moved a little, and so stays near. */
static inline void heap_sink(struct heap *heap, uint32_t at, struct heap_item item)
{
    heap_key key = heap_item_key(&item);

    for (uint32_t first = heap_first_child(at); first < heap->count; first = heap_first_child(at)) {
        uint32_t least = heap_least_child(heap, first);
        if (key <= heap_item_key(&heap->items[least])) {
            break;
        }
        heap_place(heap, at, heap->items[least], true);
        at = least;
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
    if (at > 0 && heap_item_key(&last) < heap_item_key(&heap->items[heap_parent(at)])) {
        heap_sift_up(heap, 0, at, last, indexed);
    } else {
        heap_sift_down(heap, at, last, indexed);
    }
}

/* The same of an indexed heap. By itself: a plain one does not need so much room. */
static __attribute__((noinline)) void heap_take_indexed(struct heap *heap, uint32_t at)
{
    heap->position[heap->items[at].value] = HEAP_NONE;
    heap_take(heap, at, true);
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

void heap_push_any(struct heap *heap, struct heap_item item)
{
    assert(heap->count < heap->capacity);
    if (heap->position == NULL) {
        heap_sift_up(heap, 0, heap->count++, item, false);
    } else {
        assert(item.value < heap->capacity && heap->position[item.value] == HEAP_NONE);
        heap_sift_up(heap, 0, heap->count++, item, true);
    }
}

uint32_t heap_pop_any(struct heap *heap)
{
    assert(heap->count > 0);
    uint32_t value = heap->items[0].value;
    if (heap->position == NULL) {
        heap_take(heap, 0, false);
    } else {
        heap_take_indexed(heap, 0);
    }
    return value;
}

void heap_replace(struct heap *heap, uint64_t due_ns, uint64_t order, uint32_t value)
{
    struct heap_item item = {due_ns, order, value};
    assert(heap->count > 0 && heap->position == NULL);
    heap_sift_down(heap, 0, item, false);
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
        heap_sift_up(heap, 0, at, item, true);
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
    heap_take_indexed(heap, at);
    return true;
}
