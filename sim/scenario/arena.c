#include "scenario/arena.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK 16384 /* bytes */

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t capacity;
    _Alignas(16) unsigned char bytes[];
};

struct scenario_arena {
    struct arena_block *blocks; /* the one in use first */
};

static struct arena_block *arena_add_block(struct scenario_arena *arena, size_t size)
{
    size_t capacity = size > ARENA_BLOCK ? size : ARENA_BLOCK;
    struct arena_block *block = calloc(1, sizeof *block + capacity);

    if (block == NULL) {
        abort();
    }
    block->capacity = capacity;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

struct scenario_arena *arena_make(void)
{
    struct scenario_arena *arena = calloc(1, sizeof *arena);

    if (arena == NULL) {
        abort();
    }
    return arena;
}

void arena_free(struct scenario_arena *arena)
{
    if (arena == NULL) {
        return;
    }
    while (arena->blocks != NULL) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    free(arena);
}

/* `size` zeroed bytes at a multiple of `alignment`, a power of two up to 16. */
static void *arena_take(struct scenario_arena *arena, size_t size, size_t alignment)
{
    struct arena_block *block = arena->blocks;
    size_t start = block == NULL ? 0 : (block->used + alignment - 1) & ~(alignment - 1);

    if (block == NULL || start > block->capacity || block->capacity - start < size) {
        block = arena_add_block(arena, size);
        start = 0;
    }
    block->used = start + size;
    return block->bytes + start;
}

void *arena_alloc(struct scenario_arena *arena, size_t count, size_t size)
{
    return arena_take(arena, count * size, 16);
}

char *arena_text(struct scenario_arena *arena, const char *bytes, size_t size)
{
    char *text = arena_take(arena, size + 1, 1);

    memcpy(text, bytes, size);
    return text;
}

void *arena_grow(struct scenario_arena *arena, void *array, uint32_t count, size_t size)
{
    if (array != NULL && (count & (count - 1)) != 0) {
        return array; /* it has room up to the next power of two */
    }
    void *bigger = arena_alloc(arena, count == 0 ? 1 : 2 * (size_t)count, size);
    if (count > 0) {
        memcpy(bigger, array, count * size);
    }
    return bigger;
}
