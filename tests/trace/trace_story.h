/* Records that trace tests write and read: each says in its id who wrote it and as which. */
#ifndef TESTS_TRACE_STORY_H
#define TESTS_TRACE_STORY_H

#include <string.h>

#include "trace/buffer.h"

/* Room for a whole stream of records, without their bytes. */
#define STORY_RECORDS_MAX 64

/* What a reader was handed. */
struct story {
    struct trace_record records[STORY_RECORDS_MAX]; /* the first of them */
    uint32_t count;                                 /* all of them */
};

static void story_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct story *story = context;

    (void)bytes;
    if (story->count < STORY_RECORDS_MAX) {
        story->records[story->count] = *record;
    }
    story->count++;
}

static inline struct trace_sink story_sink(struct story *story)
{
    return (struct trace_sink){.take = story_take, .context = story};
}

/* Writes a record without bytes. */
static inline void story_write(struct trace_buffer *buffer, uint64_t t_ns, enum trace_event event,
                               uint64_t id)
{
    struct trace_record record = {.t_ns = t_ns, .id = id, .event = (uint8_t)event};

    trace_buffer_take(buffer, &record, NULL);
}

/* Writes a record with `size` bytes, each made of the id and its place. */
static inline void story_write_bytes(struct trace_buffer *buffer, uint64_t t_ns, uint64_t id,
                                     uint16_t size)
{
    uint8_t bytes[UINT16_MAX] = {0};
    struct trace_record record = {.t_ns = t_ns, .id = id, .event = TRACE_SEND, .bytes_size = size};

    for (uint32_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(id + i);
    }
    trace_buffer_take(buffer, &record, bytes);
}

/* Whether the bytes are those that story_write_bytes wrote. */
static inline bool story_bytes_hold(const struct trace_record *record, const uint8_t *bytes)
{
    for (uint32_t i = 0; i < record->bytes_size; i++) {
        if (bytes[i] != (uint8_t)(record->id + i)) {
            return false;
        }
    }
    return true;
}

#endif
