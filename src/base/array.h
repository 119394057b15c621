/* Arrays that grow. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>
#include <stdint.h>

/* Room for more in an owned array that is full: twice as many items as `*capacity`, `first` (at
 * least 1) if there are none yet (items NULL). Returns where the items are now, or NULL without
 * memory; then the items and *capacity are as they were. */
void *array_grow(void *items, uint32_t *capacity, size_t item_size, uint32_t first);

#endif
