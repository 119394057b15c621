#include "trace/buffer.h"

#include "harness.h"
#include "trace_story.h"

#include "base/time.h"

/* The longest line of a scenario, which a record of a fault can carry. */
#define LINE_MAX_BYTES 4096

static void a_record_comes_out_as_it_went_in(void)
{
    const struct trace_record record = {
        .t_ns = 1,
        .id = UINT64_C(0x9f3a61c07be2d415),
        .due_ns = 3,
        .value_ns = TIME_NEVER,
        .node = 5,
        .from = 6,
        .to = 7,
        .client = 8,
        .n = 9,
        .carriage = 10,
        .size = 1200,
        .code = 504,
        .bytes_size = 5,
        .event = TRACE_DUPLICATED,
        .reason = 14,
        .try = 99,
        .copy = 1,
        .form = TRACE_RAW,
        .op = 3,
    };
    struct trace_buffer buffer;
    struct trace_cursor cursor;
    const struct trace_record *read;
    const uint8_t *bytes;

    CU_ASSERT_EQUAL_FATAL(trace_buffer_init(&buffer, 4096), 0);
    trace_buffer_take(&buffer, &record, (const uint8_t *)"hello");
    CU_ASSERT_EQUAL(buffer.record_count, 1);
    CU_ASSERT_FALSE(buffer.full);

    trace_cursor_init(&cursor, &buffer);
    read = trace_cursor_peek(&cursor, &bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(read);
    CU_ASSERT_EQUAL(memcmp(read, &record, sizeof record), 0);
    CU_ASSERT_EQUAL(memcmp(bytes, "hello", 5), 0);
    trace_buffer_free(&buffer);
}

static void an_empty_buffer_has_nothing_to_read(void)
{
    struct trace_buffer buffer;
    struct trace_cursor cursor;
    const uint8_t *bytes;

    CU_ASSERT_EQUAL_FATAL(trace_buffer_init(&buffer, 4096), 0);
    trace_cursor_init(&cursor, &buffer);
    CU_ASSERT_PTR_NULL(trace_cursor_peek(&cursor, &bytes));
    CU_ASSERT_PTR_NULL(trace_cursor_peek(&cursor, &bytes));
    story_write(&buffer, 1, TRACE_BEGIN, 1);
    CU_ASSERT_PTR_NOT_NULL(trace_cursor_peek(&cursor, &bytes));
    trace_buffer_free(&buffer);
}

static void a_cursor_stays_until_it_is_moved(void)
{
    struct trace_buffer buffer;
    struct trace_cursor cursor;
    const uint8_t *bytes;

    CU_ASSERT_EQUAL_FATAL(trace_buffer_init(&buffer, 4096), 0);
    story_write(&buffer, 1, TRACE_BEGIN, 1);
    story_write(&buffer, 1, TRACE_SEND, 2);
    trace_cursor_init(&cursor, &buffer);
    CU_ASSERT_EQUAL(trace_cursor_peek(&cursor, &bytes)->id, 1);
    CU_ASSERT_EQUAL(trace_cursor_peek(&cursor, &bytes)->id, 1);
    trace_cursor_next(&cursor);
    CU_ASSERT_EQUAL(trace_cursor_peek(&cursor, &bytes)->id, 2);
    trace_cursor_next(&cursor);
    CU_ASSERT_PTR_NULL(trace_cursor_peek(&cursor, &bytes));
    trace_buffer_free(&buffer);
}

/* Reads the whole buffer; returns how many records are as story_write_bytes wrote them. */
static uint32_t read_all(const struct trace_buffer *buffer)
{
    struct trace_cursor cursor;
    const struct trace_record *record;
    const uint8_t *bytes;
    uint32_t good = 0;

    trace_cursor_init(&cursor, buffer);
    while ((record = trace_cursor_peek(&cursor, &bytes)) != NULL) {
        good += record->id == good && (uintptr_t)record % _Alignof(struct trace_record) == 0 &&
                story_bytes_hold(record, bytes);
        trace_cursor_next(&cursor);
    }
    return good;
}

static void bytes_of_every_size_stay_whole_and_records_aligned(void)
{
    struct trace_buffer buffer;

    CU_ASSERT_EQUAL_FATAL(trace_buffer_init(&buffer, 4096), 0);
    for (uint16_t size = 0; size <= 1201; size++) {
        story_write_bytes(&buffer, size / 10, size, size);
    }
    CU_ASSERT_EQUAL(buffer.record_count, 1202);
    CU_ASSERT_EQUAL(read_all(&buffer), 1202);
    trace_buffer_free(&buffer);
}

static void an_odd_chunk_size_wastes_bytes_but_no_record(void)
{
    struct trace_buffer buffer;

    for (uint32_t chunk_bytes = 0; chunk_bytes < 500; chunk_bytes += 7) {
        CU_ASSERT_EQUAL_FATAL(trace_buffer_init(&buffer, chunk_bytes), 0);
        for (uint16_t i = 0; i < 200; i++) {
            story_write_bytes(&buffer, i, i, i);
        }
        CU_ASSERT_EQUAL(read_all(&buffer), 200);
        trace_buffer_free(&buffer);
    }
}

static void chunks_grow_and_every_record_is_found(void)
{
    struct trace_buffer buffer;
    uint32_t records = 100000; /* of 72 bytes: several chunks of 1 MiB behind the doubling ones */

    CU_ASSERT_EQUAL_FATAL(trace_buffer_init(&buffer, 256), 0);
    for (uint32_t i = 0; i < records; i++) {
        story_write(&buffer, i, TRACE_TIMEOUT, i);
    }
    CU_ASSERT_EQUAL(buffer.record_count, records);
    CU_ASSERT_EQUAL(buffer.missing_count, 0);
    CU_ASSERT_EQUAL(read_all(&buffer), records);
    trace_buffer_free(&buffer);
}

static void bytes_larger_than_a_chunk_get_a_chunk_that_holds_them(void)
{
    struct trace_buffer buffer;

    CU_ASSERT_EQUAL_FATAL(trace_buffer_init(&buffer, 128), 0);
    story_write_bytes(&buffer, 0, 0, LINE_MAX_BYTES);
    story_write_bytes(&buffer, 1, 1, 5);
    story_write_bytes(&buffer, 2, 2, UINT16_MAX);
    story_write_bytes(&buffer, 3, 3, 0);
    CU_ASSERT_EQUAL(buffer.missing_count, 0);
    CU_ASSERT_EQUAL(read_all(&buffer), 4);
    trace_buffer_free(&buffer);
}

static void two_readers_do_not_disturb_each_other(void)
{
    struct trace_buffer buffer;
    struct trace_cursor ahead;
    struct trace_cursor behind;
    const uint8_t *bytes;

    CU_ASSERT_EQUAL_FATAL(trace_buffer_init(&buffer, 256), 0);
    for (uint32_t i = 0; i < 50; i++) {
        story_write(&buffer, i, TRACE_BEGIN, i);
    }
    trace_cursor_init(&ahead, &buffer);
    trace_cursor_init(&behind, &buffer);
    for (uint32_t i = 0; i < 40; i++) {
        CU_ASSERT_EQUAL(trace_cursor_peek(&ahead, &bytes)->id, i);
        trace_cursor_next(&ahead);
    }
    CU_ASSERT_EQUAL(trace_cursor_peek(&behind, &bytes)->id, 0);
    CU_ASSERT_EQUAL(trace_cursor_peek(&ahead, &bytes)->id, 40);
    trace_buffer_free(&buffer);
}

static void every_event_has_a_word(void)
{
    CU_ASSERT_STRING_EQUAL(trace_event_name(TRACE_BEGIN), "begin");
    CU_ASSERT_STRING_EQUAL(trace_event_name(TRACE_DUPLICATED), "duplicated");
    CU_ASSERT_STRING_EQUAL(trace_event_name(TRACE_REPLY_ERROR), "rejected");
    for (int event = 0; event < TRACE_EVENT_COUNT; event++) {
        CU_ASSERT_PTR_NOT_NULL(trace_event_name((enum trace_event)event));
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_record_comes_out_as_it_went_in),
        HARNESS_TEST(an_empty_buffer_has_nothing_to_read),
        HARNESS_TEST(a_cursor_stays_until_it_is_moved),
        HARNESS_TEST(bytes_of_every_size_stay_whole_and_records_aligned),
        HARNESS_TEST(an_odd_chunk_size_wastes_bytes_but_no_record),
        HARNESS_TEST(chunks_grow_and_every_record_is_found),
        HARNESS_TEST(bytes_larger_than_a_chunk_get_a_chunk_that_holds_them),
        HARNESS_TEST(two_readers_do_not_disturb_each_other),
        HARNESS_TEST(every_event_has_a_word),
    };
    return harness_run("trace/buffer", tests, HARNESS_COUNT(tests));
}
