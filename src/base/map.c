#include "base/map.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/prng.h"

/* Where the search for a key begins. */
static inline uint32_t map_home(const struct map *map, uint64_t key)
{
    return (uint32_t)prng_mix(key) & map->mask;
}

/* The slot that holds `key`, or the empty one where it would go. There is always an empty one: the
 * map is half full at most. */
static inline uint32_t map_find(const struct map *map, uint64_t key)
{
    uint32_t at = map_home(map, key);
    while (map->slots[at].value != MAP_NONE && map->slots[at].key != key) {
        at = (at + 1) & map->mask;
    }
    return at;
}

int map_init(struct map *map, uint32_t capacity)
{
    assert(capacity >= 1 && capacity <= UINT32_C(1) << 30);
    uint32_t slot_count = 2;
    while (slot_count < 2 * capacity) {
        slot_count *= 2;
    }
    *map = (struct map){0};
    struct map_slot *slots = calloc(slot_count, sizeof *slots);
    if (slots == NULL) {
        return -ENOMEM;
    }
    for (uint32_t at = 0; at < slot_count; at++) {
        slots[at].value = MAP_NONE;
    }
    *map = (struct map){.slots = slots, .mask = slot_count - 1, .capacity = capacity};
    return 0;
}

void map_free(struct map *map)
{
    free(map->slots);
    *map = (struct map){0};
}

uint32_t map_get(const struct map *map, uint64_t key)
{
    return map->slots[map_find(map, key)].value;
}

bool map_put(struct map *map, uint64_t key, uint32_t value)
{
    assert(value != MAP_NONE);
    struct map_slot *slot = &map->slots[map_find(map, key)];
    if (slot->value == MAP_NONE) {
        if (map->count == map->capacity) {
            return false;
        }
        map->count++;
        slot->key = key;
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
        uint32_t from_home = (at - map_home(map, map->slots[at].key)) & map->mask;
        uint32_t from_hole = (at - hole) & map->mask;
        if (from_home >= from_hole) {
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole].value = MAP_NONE;
    return true;
}
