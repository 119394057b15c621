/* What a link must remember of datagrams that have passed: how often it has carried something, by a
 * 64-bit key of what. Bounded: the oldest is forgotten first, and then counts from 0 again. */
#ifndef SHIM_HISTORY_H
#define SHIM_HISTORY_H

#include <stdint.h>

#include "base/map.h"

struct link_history {
    struct map counts; /* key -> how often */
    uint64_t *keys;    /* owned: a ring of the keys in `counts`, the oldest at `oldest` */
    uint32_t room;     /* keys the ring has room for; doubles up to `capacity` */
    uint32_t capacity; /* keys at most */
    uint32_t oldest;   /* 0 until a key has been forgotten */
};

/* An empty history of at most `capacity` keys (> 0). It begins small: where memory for more runs
 * out later, it stays as large as it is. Returns NULL if there is no memory. */
struct link_history *history_make(uint32_t capacity);
void history_free(struct link_history *history);

/* Counts one more of `key`, and returns how many there were before. */
uint32_t history_count(struct link_history *history, uint64_t key);

#endif
