#include "trace/buffer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

/* Chunks double up to this many bytes. */
#define TRACE_CHUNK_MAX (1u << 20)

struct trace_chunk {
    struct trace_chunk *_Atomic next; /* NULL: this is the last */
    _Atomic uint32_t used;            /* bytes published */
    uint32_t capacity;                /* bytes */
    uint64_t last_ns;                 /* the writer's: of the latest record */
    _Alignas(8) uint8_t bytes[];      /* records, each with its bytes behind it, 8-byte aligned */
};

static uint32_t trace_entry_size(uint32_t bytes_size)
{
    return (uint32_t)sizeof(struct trace_record) + ((bytes_size + 7) & ~7u);
}

static struct trace_chunk *trace_chunk_make(uint32_t capacity)
{
    struct trace_chunk *chunk = malloc(sizeof *chunk + capacity);

    if (chunk != NULL) {
        atomic_init(&chunk->next, NULL);
        atomic_init(&chunk->used, 0);
        chunk->capacity = capacity;
        chunk->last_ns = 0;
    }
    return chunk;
}

int trace_buffer_init(struct trace_buffer *buffer, uint32_t chunk_bytes)
{
    *buffer = (struct trace_buffer){.first = trace_chunk_make(chunk_bytes)};
    buffer->last = buffer->first;
    return buffer->first == NULL ? -ENOMEM : 0;
}

void trace_buffer_free(struct trace_buffer *buffer)
{
    struct trace_chunk *chunk = buffer->first;

    while (chunk != NULL) {
        struct trace_chunk *next = atomic_load_explicit(&chunk->next, memory_order_relaxed);
        free(chunk);
        chunk = next;
    }
    *buffer = (struct trace_buffer){0};
}

/* Starts a new chunk, with room for an entry of `size` at least; false: no memory. */
static bool trace_buffer_grow(struct trace_buffer *buffer, uint32_t size)
{
    struct trace_chunk *last = buffer->last;
    uint32_t capacity = last->capacity < TRACE_CHUNK_MAX / 2 ? 2 * last->capacity : TRACE_CHUNK_MAX;
    struct trace_chunk *chunk = trace_chunk_make(capacity > size ? capacity : size);

    if (chunk == NULL) {
        return false;
    }
    chunk->last_ns = last->last_ns;
    buffer->last = chunk;
    atomic_store_explicit(&last->next, chunk, memory_order_release);
    return true;
}

void trace_buffer_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct trace_buffer *buffer = context;
    uint32_t size = trace_entry_size(record->bytes_size);
    uint32_t used = atomic_load_explicit(&buffer->last->used, memory_order_relaxed);

    assert(record->t_ns >= buffer->last->last_ns);
    if (buffer->last->capacity - used < size) {
        if (!trace_buffer_grow(buffer, size)) {
            buffer->full = true;
            buffer->missing_count++;
            return;
        }
        used = 0;
    }
    struct trace_chunk *chunk = buffer->last;
    memcpy(chunk->bytes + used, record, sizeof *record);
    if (record->bytes_size > 0) {
        memcpy(chunk->bytes + used + sizeof *record, bytes, record->bytes_size);
    }
    chunk->last_ns = record->t_ns;
    atomic_store_explicit(&chunk->used, used + size, memory_order_release);
    buffer->record_count++;
}

/* ---- reading --------------------------------------------------------------------------------- */

void trace_cursor_init(struct trace_cursor *cursor, const struct trace_buffer *buffer)
{
    *cursor = (struct trace_cursor){.chunk = buffer->first};
}

/* Whether something is published at the cursor, in its chunk. */
static bool trace_cursor_has_record(const struct trace_cursor *cursor)
{
    return cursor->offset < atomic_load_explicit(&cursor->chunk->used, memory_order_acquire);
}

const struct trace_record *trace_cursor_peek(struct trace_cursor *cursor, const uint8_t **bytes)
{
    while (!trace_cursor_has_record(cursor)) {
        const struct trace_chunk *next =
            atomic_load_explicit(&cursor->chunk->next, memory_order_acquire);
        if (next == NULL) {
            return NULL;
        }
        /* A chunk that has a next one is complete, but may have grown since it was asked. */
        if (!trace_cursor_has_record(cursor)) {
            *cursor = (struct trace_cursor){.chunk = next};
        }
    }
    const uint8_t *at = cursor->chunk->bytes + cursor->offset;
    *bytes = at + sizeof(struct trace_record);
    return (const struct trace_record *)(const void *)at;
}

void trace_cursor_next(struct trace_cursor *cursor)
{
    const uint8_t *at = cursor->chunk->bytes + cursor->offset;
    const struct trace_record *record = (const struct trace_record *)(const void *)at;

    cursor->offset += trace_entry_size(record->bytes_size);
}

/* ---- merging --------------------------------------------------------------------------------- */

/* Puts a buffer that has a record to be read into the heap: by time; at equal times what is
 * received comes last; then by buffer. */
static void trace_merge_enter(struct trace_merge *merge, uint32_t index)
{
    const uint8_t *bytes;
    const struct trace_record *record = trace_cursor_peek(&merge->cursors[index], &bytes);

    if (record != NULL) {
        uint64_t received = record->event == TRACE_DELIVER;
        heap_push(&merge->heap, record->t_ns, received << 32 | index, index);
    }
}

int trace_merge_init(struct trace_merge *merge, const struct trace_buffer *const *buffers,
                     uint32_t count)
{
    *merge = (struct trace_merge){.count = count};
    merge->cursors = calloc(count > 0 ? count : 1, sizeof *merge->cursors);
    if (merge->cursors == NULL || heap_init(&merge->heap, count, false) != 0) {
        trace_merge_free(merge);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < count; i++) {
        trace_cursor_init(&merge->cursors[i], buffers[i]);
    }
    return 0;
}

void trace_merge_free(struct trace_merge *merge)
{
    free(merge->cursors);
    heap_free(&merge->heap);
    *merge = (struct trace_merge){0};
}

void trace_merge_run(struct trace_merge *merge, uint64_t before_ns, const struct trace_sink *sink)
{
    /* All buffers are asked again, since a live writer may have added to one that had no more. */
    merge->heap.count = 0;
    for (uint32_t i = 0; i < merge->count; i++) {
        trace_merge_enter(merge, i);
    }
    while (merge->heap.count > 0) {
        if (heap_due_ns(&merge->heap) >= before_ns && before_ns != TIME_NEVER) {
            return;
        }
        uint32_t index = heap_pop(&merge->heap);
        const uint8_t *bytes = NULL;
        const struct trace_record *record = trace_cursor_peek(&merge->cursors[index], &bytes);
        sink->take(sink->context, record, bytes);
        trace_cursor_next(&merge->cursors[index]);
        trace_merge_enter(merge, index);
    }
}
