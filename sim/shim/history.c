#include "shim/history.h"

#include <stdlib.h>

/* Keys that there is room for at first. */
#define HISTORY_FIRST 16

struct link_history *history_make(uint32_t capacity)
{
    struct link_history *history = calloc(1, sizeof *history);

    if (history == NULL) {
        return NULL;
    }
    history->capacity = capacity;
    history->room = capacity < HISTORY_FIRST ? capacity : HISTORY_FIRST;
    history->keys = calloc(history->room, sizeof *history->keys);
    if (history->keys == NULL || map_init(&history->counts, capacity) != 0) {
        free(history->keys);
        free(history);
        return NULL;
    }
    return history;
}

void history_free(struct link_history *history)
{
    if (history != NULL) {
        map_free(&history->counts);
        free(history->keys);
        free(history);
    }
}

/* Makes the full ring larger, or the history end where it is. */
static void history_grow(struct link_history *history)
{
    uint32_t room = history->room < history->capacity / 2 ? 2 * history->room : history->capacity;
    uint64_t *keys = realloc(history->keys, room * sizeof *keys);

    if (keys == NULL) {
        history->capacity = history->room;
        return;
    }
    history->keys = keys;
    history->room = room;
}

uint32_t history_count(struct link_history *history, uint64_t key)
{
    uint32_t count = map_get(&history->counts, key);

    if (count != MAP_NONE) {
        (void)map_put(&history->counts, key, count + 1);
        return count;
    }
    if (history->counts.count == history->room && history->room < history->capacity) {
        history_grow(history);
    }
    if (history->counts.count == history->capacity) {
        (void)map_remove(&history->counts, history->keys[history->oldest]);
        history->keys[history->oldest] = key;
        history->oldest = (history->oldest + 1) % history->capacity;
    } else {
        history->keys[history->counts.count] = key;
    }
    (void)map_put(&history->counts, key, 1);
    return 0;
}
