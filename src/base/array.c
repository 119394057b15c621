#include "base/array.h"

#include <assert.h>
#include <stdlib.h>

void *array_grow(void *items, uint32_t *capacity, size_t item_size, uint32_t first)
{
    uint32_t larger = *capacity == 0 ? first : 2 * *capacity;
    void *grown;

    assert(first > 0 && item_size > 0);
    if (*capacity > UINT32_MAX / 2 || larger > SIZE_MAX / item_size) {
        return NULL;
    }
    grown = realloc(items, larger * item_size);
    if (grown != NULL) {
        *capacity = larger;
    }
    return grown;
}
