/* --vary: directives with lists of values in them, `network loss {0%,5%,10%}`, and all combinations
 * of those values, each as the texts of --set. The first list changes slowest. */
#ifndef WORLD_VARY_H
#define WORLD_VARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenario/scenario.h"

#define VARY_TEXTS_MAX        64
#define VARY_COMBINATIONS_MAX 10000
#define VARY_ERROR_MAX        512

struct vary {
    const char *const *texts; /* not owned; as given, each with at least one list */
    uint32_t text_count;
    uint64_t count; /* combinations */
};

/* Reads the texts, which must outlive `vary`. Returns true, or false with what is wrong and what to
 * write in `error`. */
bool vary_init(struct vary *vary, const char *const *texts, uint32_t text_count,
               char error[VARY_ERROR_MAX]);

/* Writes what text number `text` says in a combination (below vary->count). */
void vary_write(const struct vary *vary, uint64_t combination, uint32_t text,
                char set[SCENARIO_LINE_MAX + 1]);

/* Writes the combination's values alone: "5%, 20ms". At most `capacity` bytes with the NUL. */
void vary_label(const struct vary *vary, uint64_t combination, char *label, size_t capacity);

#endif
