/* A thread's trace: an append-only list of chunks, written by one thread, read behind it by another
 * without a lock (counts are published with release order), and the merge of several into one
 * stream in order of time. */
#ifndef TRACE_BUFFER_H
#define TRACE_BUFFER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"
#include "trace/record.h"

struct trace_chunk; /* the records with their bytes behind them, 8-byte aligned */

struct trace_buffer {
    struct trace_chunk *first; /* owned: a list */
    struct trace_chunk *last;  /* the writer's */
    uint64_t record_count;     /* the writer's */
    bool full;                 /* memory ran out: records after that are missing, and counted */
    uint64_t missing_count;
};

/* An empty buffer, with its first chunk of `chunk_bytes` (later ones double up to 1 MiB, and are
 * larger where a record needs it). Returns 0 or -ENOMEM. */
int trace_buffer_init(struct trace_buffer *buffer, uint32_t chunk_bytes);
void trace_buffer_free(struct trace_buffer *buffer);

/* Appends; a trace_sink's take (context = the buffer). Time must not go back (asserted). A failed
 * allocation is counted, never fatal. */
void trace_buffer_take(void *buffer, const struct trace_record *record, const uint8_t *bytes);

/* A reader's place in one buffer. Any number of readers, in any thread. */
struct trace_cursor {
    const struct trace_chunk *chunk;
    uint32_t offset; /* bytes */
};
void trace_cursor_init(struct trace_cursor *cursor, const struct trace_buffer *buffer);

/* The record at the cursor, NULL if none has been published yet; *bytes points behind it. Valid as
 * long as the buffer. trace_cursor_next moves on; only after a record was seen. */
const struct trace_record *trace_cursor_peek(struct trace_cursor *cursor, const uint8_t **bytes);
void trace_cursor_next(struct trace_cursor *cursor);

/* Several buffers as one stream: by time; equal times: a send before its delivery, otherwise in the
 * order of the buffers. Each buffer is in order of time, so it is enough to compare their first
 * records that are left. Only this can go wrong: a node that receives and sends in the same
 * nanosecond, and another that receives that, also in the same, could be told the wrong way round.
 * Between them lies a system call, which takes longer. */
struct trace_merge {
    struct trace_cursor *cursors; /* owned */
    struct heap heap;             /* values index cursors: of those that have a record */
    uint32_t count;               /* of cursors */
};
/* Returns 0 or -ENOMEM. `buffers` are `count` pointers, no longer needed after the call. */
int trace_merge_init(struct trace_merge *merge, const struct trace_buffer *const *buffers,
                     uint32_t count);
void trace_merge_free(struct trace_merge *merge);

/* Hands on, in order, every published record before `before_ns` (TIME_NEVER: all). For a live
 * reader, before_ns is a little behind the clock; what a slow thread publishes later still than
 * that is handed on when it comes. */
void trace_merge_run(struct trace_merge *merge, uint64_t before_ns, const struct trace_sink *sink);

#endif
