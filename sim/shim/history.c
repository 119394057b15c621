#include "shim/history.h"

#include <stdlib.h>

struct link_history *history_make(uint32_t capacity)
{
    struct link_history *history = calloc(1, sizeof *history);

    if (history == NULL) {
        return NULL;
    }
    history->capacity = capacity;
    history->keys = calloc(capacity, sizeof *history->keys);
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

uint32_t history_count(struct link_history *history, uint64_t key)
{
    uint32_t count = map_get(&history->counts, key);

    if (count != MAP_NONE) {
        (void)map_put(&history->counts, key, count + 1);
        return count;
    }
    if (history->counts.count == history->capacity) {
        (void)map_remove(&history->counts, history->keys[history->oldest]);
        history->keys[history->oldest] = key;
        history->oldest = (history->oldest + 1) % history->capacity;
    } else {
        history->keys[(history->oldest + history->counts.count) % history->capacity] = key;
    }
    (void)map_put(&history->counts, key, 1);
    return 0;
}
