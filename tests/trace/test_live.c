#include "trace/buffer.h"

#include <pthread.h>
#include <sched.h>

#include "harness.h"
#include "trace_story.h"

#include "base/time.h"

#define WRITERS        2u
#define WRITER_RECORDS 200000u

/* A thread that writes, and says how far its clock has come: all that lies before is written. */
struct writer {
    struct trace_buffer buffer;
    _Atomic uint64_t clock_ns;
    uint32_t first; /* its records are first, first + WRITERS, ...: so are their instants */
};

static void *writer_run(void *context)
{
    struct writer *writer = context;

    for (uint32_t i = 0; i < WRITER_RECORDS; i++) {
        uint64_t number = (uint64_t)i * WRITERS + writer->first;
        story_write_bytes(&writer->buffer, number, number, (uint16_t)(number % 50));
        atomic_store_explicit(&writer->clock_ns, number + 1, memory_order_release);
    }
    atomic_store_explicit(&writer->clock_ns, TIME_NEVER, memory_order_release);
    return NULL;
}

/* What the reader was handed: every number once, in order, if all is well. */
struct reader {
    uint64_t next;
    uint64_t wrong;
    uint64_t bad_bytes;
};

static void reader_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct reader *reader = context;

    reader->wrong += record->id != reader->next || record->t_ns != reader->next;
    reader->bad_bytes += !story_bytes_hold(record, bytes);
    reader->next++;
}

static void a_reader_behind_two_writers_sees_every_record_in_order(void)
{
    static struct writer writers[WRITERS];
    const struct trace_buffer *buffers[WRITERS];
    pthread_t threads[WRITERS];
    struct trace_merge merge;
    struct reader reader = {0};
    struct trace_sink sink = {.take = reader_take, .context = &reader};
    uint64_t before_ns;

    for (uint32_t i = 0; i < WRITERS; i++) {
        writers[i].first = i;
        atomic_init(&writers[i].clock_ns, 0);
        CU_ASSERT_EQUAL_FATAL(trace_buffer_init(&writers[i].buffer, 256), 0);
        buffers[i] = &writers[i].buffer;
    }
    CU_ASSERT_EQUAL_FATAL(trace_merge_init(&merge, buffers, WRITERS), 0);
    for (uint32_t i = 0; i < WRITERS; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, writer_run, &writers[i]), 0);
    }
    do {
        before_ns = TIME_NEVER;
        for (uint32_t i = 0; i < WRITERS; i++) {
            before_ns = time_min(before_ns,
                                 atomic_load_explicit(&writers[i].clock_ns, memory_order_acquire));
        }
        trace_merge_run(&merge, before_ns, &sink);
        sched_yield();
    } while (before_ns != TIME_NEVER);
    for (uint32_t i = 0; i < WRITERS; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], NULL), 0);
    }

    CU_ASSERT_EQUAL(reader.next, WRITERS * WRITER_RECORDS);
    CU_ASSERT_EQUAL(reader.wrong, 0);
    CU_ASSERT_EQUAL(reader.bad_bytes, 0);
    trace_merge_free(&merge);
    for (uint32_t i = 0; i < WRITERS; i++) {
        CU_ASSERT_EQUAL(writers[i].buffer.record_count, WRITER_RECORDS);
        trace_buffer_free(&writers[i].buffer);
    }
}

static void a_cursor_may_chase_a_writer_without_any_other_sign(void)
{
    static struct writer writer;
    struct trace_cursor cursor;
    pthread_t thread;
    uint64_t seen = 0;
    uint64_t wrong = 0;

    atomic_init(&writer.clock_ns, 0);
    CU_ASSERT_EQUAL_FATAL(trace_buffer_init(&writer.buffer, 128), 0);
    trace_cursor_init(&cursor, &writer.buffer);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, writer_run, &writer), 0);
    while (seen < WRITER_RECORDS) {
        const uint8_t *bytes;
        const struct trace_record *record = trace_cursor_peek(&cursor, &bytes);
        if (record == NULL) {
            sched_yield();
            continue;
        }
        wrong += record->id != seen * WRITERS || !story_bytes_hold(record, bytes);
        trace_cursor_next(&cursor);
        seen++;
    }
    CU_ASSERT_EQUAL(pthread_join(thread, NULL), 0);
    CU_ASSERT_EQUAL(wrong, 0);
    trace_buffer_free(&writer.buffer);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_reader_behind_two_writers_sees_every_record_in_order),
        HARNESS_TEST(a_cursor_may_chase_a_writer_without_any_other_sign),
    };
    return harness_run("trace/live", tests, HARNESS_COUNT(tests));
}
