#include "base/map.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/prefetch.h"
#include "base/prng.h"

/* A map begins with room for as many keys. */
#define MAP_FIRST 32

static inline uint64_t map_key(const struct map_slot *slot)
{
    return (uint64_t)slot->key_high << 32 | slot->key_low;
}

/* Where the search for a key begins. Both halves of the product with 2^64 by the golden ratio: the
 * low one scatters the low bits of the key (Knuth 6.4), the high one brings down all others. */
static inline uint32_t map_home(const struct map *map, uint64_t key)
{
    uint64_t ratio = UINT64_C(0x9e3779b97f4a7c15);

    return (uint32_t)(key * ratio ^ prng_mul_high(key, ratio)) & map->mask;
}

/* There is always an empty one: the map is never full. */
uint32_t map_find(const struct map *map, uint64_t key)
{
    uint32_t at = map_home(map, key);
    while (map->slots[at].value != MAP_NONE && map_key(&map->slots[at]) != key) {
        at = (at + 1) & map->mask;
    }
    return at;
}

/* Empty slots, `count` of them; NULL: no memory. */
static struct map_slot *map_make_slots(uint32_t count)
{
    struct map_slot *slots = malloc(count * sizeof *slots);

    for (uint32_t at = 0; slots != NULL && at < count; at++) {
        slots[at] = (struct map_slot){.value = MAP_NONE};
    }
    return slots;
}

/* How many keys so many slots may hold, if not more than the capacity: with more, searches become
 * long. */
static uint32_t map_room(uint32_t slot_count, uint32_t capacity)
{
    uint32_t room = slot_count / 2 + slot_count / 10 * 3;

    return room < capacity ? room : capacity;
}

/* The slots that `capacity` keys need, a power of two. */
static uint32_t map_slot_count(uint32_t capacity)
{
    uint32_t count = 2;

    while (map_room(count, capacity) < capacity) {
        count *= 2;
    }
    return count;
}

int map_init(struct map *map, uint32_t capacity)
{
    assert(capacity >= 1 && capacity <= UINT32_C(1) << 30);
    uint32_t slot_count = map_slot_count(capacity < MAP_FIRST ? capacity : MAP_FIRST);

    *map = (struct map){0};
    struct map_slot *slots = map_make_slots(slot_count);
    if (slots == NULL) {
        return -ENOMEM;
    }
    *map = (struct map){.slots = slots,
                        .mask = slot_count - 1,
                        .room = map_room(slot_count, capacity),
                        .capacity = capacity};
    return 0;
}

/* Twice the slots, the same keys. False, and nothing changed, if it may not hold more, or there is
 * no memory. By itself: only here is there room needed for another map. */
static __attribute__((noinline)) bool map_grow(struct map *map)
{
    struct map bigger = *map;

    if (map->room == map->capacity) {
        return false;
    }
    bigger.mask = 2 * map->mask + 1;
    bigger.room = map_room(bigger.mask + 1, map->capacity);
    bigger.slots = map_make_slots(bigger.mask + 1);
    if (bigger.slots == NULL) {
        return false;
    }
    for (uint32_t at = 0; at <= map->mask; at++) {
        if (map->slots[at].value != MAP_NONE) {
            bigger.slots[map_find(&bigger, map_key(&map->slots[at]))] = map->slots[at];
        }
    }
    free(map->slots);
    *map = bigger;
    return true;
}

void map_free(struct map *map)
{
    free(map->slots);
    *map = (struct map){0};
}

void map_clear(struct map *map)
{
    for (uint32_t at = 0; map->slots != NULL && at <= map->mask; at++) {
        map->slots[at].value = MAP_NONE;
    }
    map->count = 0;
}

uint32_t map_get(const struct map *map, uint64_t key)
{
    return map->slots[map_find(map, key)].value;
}

void map_prefetch(const struct map *map, uint64_t key)
{
    prefetch(&map->slots[map_home(map, key)], sizeof *map->slots);
}

bool map_put(struct map *map, uint64_t key, uint32_t value)
{
    return map_put_at(map, map_find(map, key), key, value);
}

bool map_put_at(struct map *map, uint32_t at, uint64_t key, uint32_t value)
{
    assert(value != MAP_NONE && at <= map->mask);
    struct map_slot *slot = &map->slots[at];
    if (slot->value == MAP_NONE) {
        if (map->count == map->room) {
            if (!map_grow(map)) {
                return false;
            }
            slot = &map->slots[map_find(map, key)];
        }
        map->count++;
        slot->key_low = (uint32_t)key;
        slot->key_high = (uint32_t)(key >> 32);
    }
    slot->value = value;
    return true;
}

bool map_remove(struct map *map, uint64_t key)
{
    uint32_t hole = map_find(map, key);
    if (map->slots[hole].value == MAP_NONE) {
        return false;
    }
    map->count--;

    /* Move back what a search would no longer reach over the hole: every entry of the run behind it
     * whose home is not between the hole and the entry. */
    uint32_t at = hole;
    for (;;) {
        at = (at + 1) & map->mask;
        if (map->slots[at].value == MAP_NONE) {
            break;
        }
        uint32_t from_home = (at - map_home(map, map_key(&map->slots[at]))) & map->mask;
        uint32_t from_hole = (at - hole) & map->mask;
        if (from_home >= from_hole) {
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole].value = MAP_NONE;
    return true;
}
