/* A log keeps what it was given, and gives it back in order. */
#include "trace/log.h"

#include <string.h>

#include "harness.h"

static void log_take_text(struct trace_log *log, uint64_t t_ns, const char *text)
{
    struct trace_record record = {
        .t_ns = t_ns, .event = TRACE_NOTE, .bytes_size = (uint16_t)strlen(text)};
    trace_log_take(log, &record, (const uint8_t *)text);
}

static void an_empty_log_replays_nothing(void)
{
    struct trace_log log;
    struct trace_log copy;
    struct trace_sink sink = {.take = trace_log_take, .context = &copy};

    trace_log_init(&log);
    trace_log_init(&copy);
    trace_log_replay(&log, &sink);
    CU_ASSERT_EQUAL(copy.record_count, 0);
    trace_log_free(&log);
    trace_log_free(&copy);
}

static void records_keep_their_bytes(void)
{
    struct trace_log log;

    trace_log_init(&log);
    log_take_text(&log, 1, "one");
    log_take_text(&log, 2, "");
    log_take_text(&log, 3, "three");
    CU_ASSERT_EQUAL_FATAL(log.record_count, 3);
    CU_ASSERT_EQUAL(log.records[0].t_ns, 1);
    CU_ASSERT_EQUAL(memcmp(trace_log_bytes(&log, 0), "one", 3), 0);
    CU_ASSERT_EQUAL(log.records[1].bytes_size, 0);
    CU_ASSERT_EQUAL(memcmp(trace_log_bytes(&log, 2), "three", 5), 0);
    trace_log_free(&log);
}

static void a_hundred_thousand_records_grow_it_and_are_replayed_in_order(void)
{
    struct trace_log log;
    struct trace_log copy;
    struct trace_sink sink = {.take = trace_log_take, .context = &copy};
    char text[16];

    trace_log_init(&log);
    trace_log_init(&copy);
    for (uint64_t i = 0; i < 100000; i++) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)i);
        log_take_text(&log, i, text);
    }
    trace_log_replay(&log, &sink);
    CU_ASSERT_FALSE(copy.failed);
    CU_ASSERT_EQUAL_FATAL(copy.record_count, 100000);
    CU_ASSERT_EQUAL(copy.records[77777].t_ns, 77777);
    CU_ASSERT_EQUAL(copy.records[77777].bytes_size, 5);
    CU_ASSERT_EQUAL(memcmp(trace_log_bytes(&copy, 77777), "77777", 5), 0);
    trace_log_free(&log);
    trace_log_free(&copy);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(an_empty_log_replays_nothing),
    HARNESS_TEST(records_keep_their_bytes),
    HARNESS_TEST(a_hundred_thousand_records_grow_it_and_are_replayed_in_order),
};

int main(void)
{
    return harness_run("trace/log", tests, HARNESS_COUNT(tests));
}
