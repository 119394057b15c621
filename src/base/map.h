/* A hash map from 64-bit keys to 32-bit values, of a capacity fixed at the start: open addressing
 * with linear probing, four fifths full at most, no tombstones (Knuth 6.4, algorithm R). Its memory
 * begins small and doubles with its keys, up to what the capacity needs: a large table that holds
 * little stays in the processor's cache. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stdint.h>

/* 12 bytes: the key is in two halves so that there is no gap. */
struct map_slot {
    uint32_t key_low;
    uint32_t key_high;
    uint32_t value; /* MAP_NONE: the slot is empty */
};

struct map {
    struct map_slot *slots; /* owned; mask + 1 of them */
    uint32_t mask;          /* number of slots - 1, a power of two - 1 */
    uint32_t count;         /* keys in the map */
    uint32_t room;          /* keys that these slots may hold, at most `capacity` */
    uint32_t capacity;      /* keys it may hold */
};

#define MAP_NONE UINT32_MAX

/* An empty map for up to `capacity` keys (1 to 2^30). Returns 0 or -ENOMEM. */
int map_init(struct map *map, uint32_t capacity);
void map_free(struct map *map);

/* Removes all keys; safe on a zeroed map. */
void map_clear(struct map *map);

/* The value of `key`, MAP_NONE if it is not in. Any key is allowed, 0 too. */
uint32_t map_get(const struct map *map, uint64_t key);

/* The place of `key` in `slots`, or the empty one where it would go (its value is MAP_NONE); true
 * until the map is next changed. */
uint32_t map_find(const struct map *map, uint64_t key);

/* Asks for the memory that map_get of this key will look at first (prefetch.h). */
void map_prefetch(const struct map *map, uint64_t key);

/* Sets `key` to `value` (not MAP_NONE). False, and nothing changed, if the key is new and the map
 * holds `capacity` keys (or there was no memory to grow: full, all the same). */
bool map_put(struct map *map, uint64_t key, uint32_t value);

/* The same of a key for which map_find gave the place `at`, with no change since. */
bool map_put_at(struct map *map, uint32_t at, uint64_t key, uint32_t value);

/* Removes `key`; false if it was not in. */
bool map_remove(struct map *map, uint64_t key);

#endif
