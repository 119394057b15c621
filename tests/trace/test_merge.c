#include "trace/buffer.h"

#include "harness.h"
#include "trace_story.h"

#include "base/prng.h"
#include "base/time.h"

#define BUFFERS_MAX 200

/* Buffers, and a merge of them. */
struct merged {
    struct trace_buffer buffers[BUFFERS_MAX];
    uint32_t count;
    struct trace_merge merge;
    struct story story;
};

static void merged_init(struct merged *merged, uint32_t count)
{
    const struct trace_buffer *pointers[BUFFERS_MAX] = {NULL};

    merged->count = count;
    merged->story.count = 0;
    for (uint32_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL_FATAL(trace_buffer_init(&merged->buffers[i], 256), 0);
        pointers[i] = &merged->buffers[i];
    }
    CU_ASSERT_EQUAL_FATAL(trace_merge_init(&merged->merge, pointers, count), 0);
}

static void merged_free(struct merged *merged)
{
    trace_merge_free(&merged->merge);
    for (uint32_t i = 0; i < merged->count; i++) {
        trace_buffer_free(&merged->buffers[i]);
    }
}

static void merged_run(struct merged *merged, uint64_t before_ns)
{
    struct trace_sink sink = story_sink(&merged->story);
    trace_merge_run(&merged->merge, before_ns, &sink);
}

/* Asserts that exactly these ids came, in this order. */
static void expect_ids(const struct story *story, const uint64_t *ids, uint32_t count)
{
    CU_ASSERT_EQUAL_FATAL(story->count, count);
    for (uint32_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(story->records[i].id, ids[i]);
    }
}

static void records_come_in_order_of_time(void)
{
    static const uint64_t ids[] = {11, 21, 31, 22, 12, 32};
    struct merged merged;

    merged_init(&merged, 3);
    story_write(&merged.buffers[0], 10, TRACE_BEGIN, 11);
    story_write(&merged.buffers[0], 50, TRACE_BEGIN, 12);
    story_write(&merged.buffers[1], 20, TRACE_BEGIN, 21);
    story_write(&merged.buffers[1], 40, TRACE_BEGIN, 22);
    story_write(&merged.buffers[2], 30, TRACE_BEGIN, 31);
    story_write(&merged.buffers[2], 60, TRACE_BEGIN, 32);
    merged_run(&merged, TIME_NEVER);
    expect_ids(&merged.story, ids, 6);
    merged_free(&merged);
}

static void a_send_comes_before_its_delivery_at_the_same_instant(void)
{
    static const uint64_t ids[] = {1, 2};
    struct merged merged;

    for (uint32_t sender = 0; sender < 2; sender++) {
        merged_init(&merged, 2);
        story_write(&merged.buffers[1 - sender], 7, TRACE_DELIVER, 2);
        story_write(&merged.buffers[sender], 7, TRACE_SEND, 1);
        merged_run(&merged, TIME_NEVER);
        expect_ids(&merged.story, ids, 2);
        merged_free(&merged);
    }
}

static void what_leads_to_a_send_comes_before_the_delivery_too(void)
{
    static const uint64_t ids[] = {1, 2, 3, 4, 5};
    struct merged merged;

    merged_init(&merged, 2);
    story_write(&merged.buffers[0], 7, TRACE_DELIVER, 4);
    story_write(&merged.buffers[0], 7, TRACE_EXECUTE, 5);
    story_write(&merged.buffers[1], 7, TRACE_TIMEOUT, 1);
    story_write(&merged.buffers[1], 7, TRACE_RETRY, 2);
    story_write(&merged.buffers[1], 7, TRACE_SEND, 3);
    merged_run(&merged, TIME_NEVER);
    expect_ids(&merged.story, ids, 5);
    merged_free(&merged);
}

static void equal_instants_come_in_the_order_of_the_buffers(void)
{
    static const uint64_t ids[] = {11, 12, 21, 31, 13, 22, 32};
    struct merged merged;

    merged_init(&merged, 3);
    story_write(&merged.buffers[2], 5, TRACE_SEND, 31);
    story_write(&merged.buffers[2], 5, TRACE_DELIVER, 32);
    story_write(&merged.buffers[1], 5, TRACE_SEND, 21);
    story_write(&merged.buffers[1], 5, TRACE_DELIVER, 22);
    story_write(&merged.buffers[0], 5, TRACE_BEGIN, 11);
    story_write(&merged.buffers[0], 5, TRACE_SEND, 12);
    story_write(&merged.buffers[0], 5, TRACE_DELIVER, 13);
    merged_run(&merged, TIME_NEVER);
    expect_ids(&merged.story, ids, 7);
    merged_free(&merged);
}

static void one_buffer_keeps_its_own_order(void)
{
    static const uint64_t ids[] = {1, 2, 3};
    struct merged merged;

    merged_init(&merged, 1);
    story_write(&merged.buffers[0], 5, TRACE_DELIVER, 1);
    story_write(&merged.buffers[0], 5, TRACE_SEND, 2);
    story_write(&merged.buffers[0], 5, TRACE_DELIVER, 3);
    merged_run(&merged, TIME_NEVER);
    expect_ids(&merged.story, ids, 3);
    merged_free(&merged);
}

static void only_what_lies_before_the_instant_is_handed_on(void)
{
    static const uint64_t ids[] = {1, 2, 3};
    struct merged merged;

    merged_init(&merged, 2);
    story_write(&merged.buffers[0], 10, TRACE_BEGIN, 1);
    story_write(&merged.buffers[1], 20, TRACE_BEGIN, 2);
    story_write(&merged.buffers[0], 30, TRACE_BEGIN, 3);
    merged_run(&merged, 10);
    CU_ASSERT_EQUAL(merged.story.count, 0);
    merged_run(&merged, 21);
    CU_ASSERT_EQUAL(merged.story.count, 2);
    merged_run(&merged, 30);
    CU_ASSERT_EQUAL(merged.story.count, 2);
    merged_run(&merged, TIME_NEVER);
    expect_ids(&merged.story, ids, 3);
    merged_free(&merged);
}

static void a_record_at_the_end_of_time_is_handed_on_with_all(void)
{
    struct merged merged;

    merged_init(&merged, 1);
    story_write(&merged.buffers[0], TIME_NEVER, TRACE_BEGIN, 1);
    merged_run(&merged, TIME_NEVER - 1);
    CU_ASSERT_EQUAL(merged.story.count, 0);
    merged_run(&merged, TIME_NEVER);
    CU_ASSERT_EQUAL(merged.story.count, 1);
    merged_free(&merged);
}

static void what_is_written_late_is_handed_on_when_it_comes(void)
{
    static const uint64_t ids[] = {1, 2, 3};
    struct merged merged;

    merged_init(&merged, 2);
    story_write(&merged.buffers[0], 100, TRACE_BEGIN, 1);
    merged_run(&merged, TIME_NEVER);
    story_write(&merged.buffers[1], 50, TRACE_BEGIN, 2); /* a slow thread: before what was read */
    story_write(&merged.buffers[0], 101, TRACE_BEGIN, 3);
    merged_run(&merged, TIME_NEVER);
    expect_ids(&merged.story, ids, 3);
    merged_free(&merged);
}

static void a_merge_of_nothing_hands_on_nothing(void)
{
    struct merged merged;

    merged_init(&merged, 0);
    merged_run(&merged, TIME_NEVER);
    CU_ASSERT_EQUAL(merged.story.count, 0);
    merged_free(&merged);
    merged_init(&merged, 3);
    merged_run(&merged, TIME_NEVER);
    CU_ASSERT_EQUAL(merged.story.count, 0);
    merged_free(&merged);
}

/* Counts records that come before one that was written with an earlier key. */
struct order_check {
    struct trace_record last;
    uint64_t count;
    uint64_t wrong;
};

static void order_check_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct order_check *check = context;
    const struct trace_record *last = &check->last;

    (void)bytes;
    if (check->count > 0) {
        check->wrong += record->t_ns < last->t_ns;
        check->wrong +=
            record->node == last->node && record->id != last->id + 1 && record->t_ns == last->t_ns;
        check->wrong += record->t_ns == last->t_ns && record->event == TRACE_SEND &&
                        last->event == TRACE_SEND && record->node < last->node;
    }
    check->last = *record;
    check->count++;
}

static void two_hundred_buffers_make_one_stream(void)
{
    static struct merged merged;
    struct order_check check = {.count = 0};
    struct trace_sink sink = {.take = order_check_take, .context = &check};

    merged_init(&merged, BUFFERS_MAX);
    for (uint32_t b = 0; b < BUFFERS_MAX; b++) {
        uint64_t t_ns = 0;
        for (uint32_t i = 0; i < 200; i++) {
            struct trace_record record = {.node = b, .id = i, .event = TRACE_SEND};
            t_ns += prng_below(prng_draw(b, i), 4); /* many equal instants */
            record.t_ns = t_ns;
            trace_buffer_take(&merged.buffers[b], &record, NULL);
        }
    }
    trace_merge_run(&merged.merge, TIME_NEVER, &sink);
    CU_ASSERT_EQUAL(check.count, 200 * BUFFERS_MAX);
    CU_ASSERT_EQUAL(check.wrong, 0);
    merged_free(&merged);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(records_come_in_order_of_time),
        HARNESS_TEST(a_send_comes_before_its_delivery_at_the_same_instant),
        HARNESS_TEST(what_leads_to_a_send_comes_before_the_delivery_too),
        HARNESS_TEST(equal_instants_come_in_the_order_of_the_buffers),
        HARNESS_TEST(one_buffer_keeps_its_own_order),
        HARNESS_TEST(only_what_lies_before_the_instant_is_handed_on),
        HARNESS_TEST(a_record_at_the_end_of_time_is_handed_on_with_all),
        HARNESS_TEST(what_is_written_late_is_handed_on_when_it_comes),
        HARNESS_TEST(a_merge_of_nothing_hands_on_nothing),
        HARNESS_TEST(two_hundred_buffers_make_one_stream),
    };
    return harness_run("trace/merge", tests, HARNESS_COUNT(tests));
}
