/* Memory that is freed all at once: what a scenario owns. */
#ifndef SCENARIO_ARENA_H
#define SCENARIO_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct scenario_arena;

/* An empty arena. Running out of memory while a file of at most 1 MiB is read is not survived: the
 * process aborts. */
struct scenario_arena *arena_make(void);
void arena_free(struct scenario_arena *arena);

/* `count` zeroed objects of `size` bytes, aligned for any type. */
void *arena_alloc(struct scenario_arena *arena, size_t count, size_t size);

/* A copy of `size` bytes with a NUL behind. */
char *arena_text(struct scenario_arena *arena, const char *bytes, size_t size);

/* Room for one more in an array of `count` objects of `size` bytes that was grown by this function
 * alone (or is NULL): the array, moved if need be. */
void *arena_grow(struct scenario_arena *arena, void *array, uint32_t count, size_t size);

#endif
