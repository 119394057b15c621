/* Records are paired into datagrams: who arrived, and what was said of it. */
#include "report/flights.h"

#include <string.h>
#include <time.h>

#include "base/time.h"
#include "harness.h"
#include "scenario/expectation.h"

enum { BROKER = 0, TOUPPER = 1, C1 = 3 };

struct flights_story {
    struct trace_log log;
    struct report_flights flights;
};

static uint64_t story_put(struct flights_story *story, struct trace_record record)
{
    trace_log_take(&story->log, &record, NULL);
    return story->log.record_count - 1;
}

/* c1 sends a try of its request n to the broker. */
static struct trace_record story_send(uint64_t t_ns, uint64_t due_ns, uint32_t n, uint8_t try)
{
    return (struct trace_record){.t_ns = t_ns,
                                 .due_ns = due_ns,
                                 .id = 0x100 + n,
                                 .node = C1,
                                 .from = C1,
                                 .to = BROKER,
                                 .client = C1,
                                 .n = n,
                                 .size = 50,
                                 .event = TRACE_SEND,
                                 .try = try,
                                 .form = TRACE_ENVELOPE_REQUEST};
}

/* And it comes. */
static struct trace_record story_deliver(uint64_t t_ns, uint32_t n, uint8_t try)
{
    struct trace_record record = story_send(t_ns, 0, n, try);
    record.node = BROKER;
    record.event = TRACE_DELIVER;
    return record;
}

static struct trace_record story_reject(uint64_t t_ns)
{
    return (struct trace_record){.t_ns = t_ns,
                                 .node = BROKER,
                                 .from = C1,
                                 .to = BROKER,
                                 .event = TRACE_REJECTED,
                                 .reason = 4};
}

static void story_pair(struct flights_story *story)
{
    CU_ASSERT_TRUE_FATAL(report_flights_init(&story->flights, &story->log));
}

static void story_end(struct flights_story *story)
{
    report_flights_free(&story->flights);
    trace_log_free(&story->log);
}

static void an_empty_log_has_no_flights(void)
{
    struct flights_story story = {0};

    story_pair(&story);
    CU_ASSERT_EQUAL(story.flights.count, 0);
    story_end(&story);
}

static void a_datagram_is_its_send_and_its_delivery(void)
{
    struct flights_story story = {0};
    uint64_t first = story_put(&story, story_send(1, 5, 1, 1));
    uint64_t second = story_put(&story, story_send(2, 3, 2, 1));
    uint64_t second_came = story_put(&story, story_deliver(3, 2, 1));
    uint64_t first_came = story_put(&story, story_deliver(5, 1, 1));

    story_pair(&story);
    CU_ASSERT_EQUAL_FATAL(story.flights.count, 2);
    CU_ASSERT_EQUAL(story.flights.items[0].sent, first);
    CU_ASSERT_EQUAL(story.flights.items[0].original, first);
    CU_ASSERT_EQUAL(story.flights.items[0].arrived, first_came);
    CU_ASSERT_EQUAL(story.flights.items[0].taken, REPORT_FLIGHT_NONE);
    CU_ASSERT_EQUAL(story.flights.items[1].sent, second);
    CU_ASSERT_EQUAL(story.flights.items[1].arrived, second_came);
    CU_ASSERT_PTR_EQUAL(report_flights_of(&story.flights, first_came), &story.flights.items[0]);
    CU_ASSERT_PTR_EQUAL(report_flights_of(&story.flights, second), &story.flights.items[1]);
    story_end(&story);
}

static void a_lost_one_never_arrives_and_its_next_try_does(void)
{
    struct flights_story story = {0};
    struct trace_record lost = story_send(1, 1, 1, 1);

    lost.reason = LOSS_LOSS;
    story_put(&story, lost);
    story_put(&story, story_send(61, 61, 1, 2));
    uint64_t came = story_put(&story, story_deliver(61, 1, 2));
    story_pair(&story);
    CU_ASSERT_EQUAL(story.flights.items[0].arrived, REPORT_FLIGHT_NONE);
    CU_ASSERT_EQUAL(story.flights.items[1].arrived, came);
    story_end(&story);
}

static void of_a_datagram_and_its_copy_the_one_that_is_due_first_comes_first(void)
{
    struct flights_story story = {0};
    struct trace_record copy = story_send(1, 4, 1, 1);

    copy.event = TRACE_DUPLICATED;
    copy.copy = 1;
    uint64_t original = story_put(&story, story_send(1, 9, 1, 1));
    story_put(&story, copy);
    uint64_t copy_came = story_put(&story, story_deliver(4, 1, 1));
    uint64_t original_came = story_put(&story, story_deliver(9, 1, 1));
    story_pair(&story);
    CU_ASSERT_EQUAL(story.flights.items[0].arrived, original_came);
    CU_ASSERT_EQUAL(story.flights.items[1].original, original);
    CU_ASSERT_EQUAL(story.flights.items[1].arrived, copy_came);
    story_end(&story);
}

static void a_try_that_comes_again_is_not_told_from_a_lost_one_before_it(void)
{
    struct flights_story story = {0};
    struct trace_record lost = story_send(1, 1, 1, 1);
    struct trace_record again = story_send(50, 52, 1, 1);

    lost.reason = LOSS_DROP;
    again.carriage = 1;
    story_put(&story, lost);
    story_put(&story, again);
    uint64_t came = story_put(&story, story_deliver(52, 1, 1));
    story_pair(&story);
    CU_ASSERT_EQUAL(story.flights.items[0].arrived, REPORT_FLIGHT_NONE);
    CU_ASSERT_EQUAL(story.flights.items[1].arrived, came);
    story_end(&story);
}

static void what_was_rejected_says_so(void)
{
    struct flights_story story = {0};

    story_put(&story, story_send(1, 2, 1, 1));
    story_put(&story, story_send(1, 2, 2, 1));
    story_put(&story, story_deliver(2, 1, 1));
    uint64_t rejected = story_put(&story, story_reject(2));
    story_put(&story, story_deliver(2, 2, 1));
    story_pair(&story);
    CU_ASSERT_EQUAL(story.flights.items[0].taken, rejected);
    CU_ASSERT_PTR_EQUAL(report_flights_of(&story.flights, rejected), &story.flights.items[0]);
    CU_ASSERT_EQUAL(story.flights.items[1].taken, REPORT_FLIGHT_NONE);
    story_end(&story);
}

static void what_a_client_rejected_is_known_though_it_does_not_say_from_whom(void)
{
    struct flights_story story = {0};
    struct trace_record reply = story_send(1, 2, 1, 1);
    struct trace_record rejected = story_reject(2);

    reply.from = reply.node = BROKER;
    reply.to = C1;
    reply.form = TRACE_ENVELOPE_REPLY;
    story_put(&story, reply);
    reply.t_ns = 2;
    reply.event = TRACE_DELIVER;
    reply.node = rejected.node = rejected.client = C1;
    rejected.from = rejected.to = TRACE_NOBODY;
    rejected.n = 1;
    story_put(&story, reply);
    uint64_t late = story_put(&story, rejected);
    rejected.n = 0; /* of a stranger's, which was never sent */
    uint64_t foreign = story_put(&story, rejected);
    story_pair(&story);
    CU_ASSERT_EQUAL(story.flights.items[0].taken, late);
    CU_ASSERT_PTR_NULL(report_flights_of(&story.flights, foreign));
    story_end(&story);
}

static void a_damaged_one_is_found_by_its_size_whatever_its_bytes_claim(void)
{
    struct flights_story story = {0};
    struct trace_record cut = story_send(1, 3, 1, 1);
    struct trace_record flipped = story_send(1, 3, 2, 1);
    struct trace_record cut_came = story_deliver(3, 0, 0);
    struct trace_record flipped_came = story_deliver(3, 7, 3);

    cut.cut = 20;
    flipped.flip = 99;
    cut_came.size = 30;
    cut_came.form = flipped_came.form = TRACE_DAMAGED;
    story_put(&story, flipped);
    story_put(&story, cut);
    uint64_t came_1 = story_put(&story, cut_came);
    uint64_t came_2 = story_put(&story, flipped_came);
    story_pair(&story);
    CU_ASSERT_EQUAL(story.flights.items[0].arrived, came_2);
    CU_ASSERT_EQUAL(story.flights.items[1].arrived, came_1);
    story_end(&story);
}

/* Where only the bytes tell: the flipped bit is in the text, id and try are as they were. */
static void in_the_real_world_a_damaged_one_that_looks_sound_is_found_all_the_same(void)
{
    struct flights_story story = {0};
    struct trace_record flipped = story_send(1, 3, 1, 1);

    flipped.flip = 390;
    story_put(&story, flipped);
    uint64_t came = story_put(&story, story_deliver(4, 1, 1));
    story_pair(&story);
    CU_ASSERT_EQUAL(story.flights.items[0].arrived, came);
    story_end(&story);
}

static void raw_bytes_that_look_like_an_envelope_are_found_by_their_size(void)
{
    struct flights_story story = {0};
    struct trace_record raw = story_send(1, 1, 0, 0);

    raw.form = TRACE_RAW;
    raw.id = 0;
    story_put(&story, raw);
    uint64_t came = story_put(&story, story_deliver(1, 9, 1));
    story_pair(&story);
    CU_ASSERT_EQUAL(story.flights.items[0].arrived, came);
    story_end(&story);
}

static void plain_ones_of_one_size_come_in_the_order_in_which_they_are_due(void)
{
    struct flights_story story = {0};
    struct trace_record first = story_send(1, 9, 1, 1);
    struct trace_record second = story_send(2, 5, 2, 1);
    struct trace_record came = story_deliver(5, 0, 0);

    first.form = second.form = came.form = TRACE_PLAIN;
    first.id = second.id = came.id = 0;
    story_put(&story, first);
    story_put(&story, second);
    uint64_t came_5 = story_put(&story, came);
    came.t_ns = 9;
    uint64_t came_9 = story_put(&story, came);
    story_pair(&story);
    CU_ASSERT_EQUAL(story.flights.items[0].arrived, came_9);
    CU_ASSERT_EQUAL(story.flights.items[1].arrived, came_5);
    story_end(&story);
}

static void a_delivery_of_what_was_never_sent_has_no_flight(void)
{
    struct flights_story story = {0};
    uint64_t came = story_put(&story, story_deliver(1, 1, 1));

    story_put(&story, story_send(2, 2, 1, 1));
    story_pair(&story);
    CU_ASSERT_PTR_NULL(report_flights_of(&story.flights, came));
    CU_ASSERT_EQUAL(story.flights.items[0].arrived, REPORT_FLIGHT_NONE);
    story_end(&story);
}

/* The worst order for the plain form, which has nothing but the due time to go by. */
static void half_a_million_that_look_alike_are_paired_in_time(void)
{
    struct flights_story story = {0};
    struct trace_record record = story_send(0, 0, 1, 1);
    uint64_t paired = 0;

    record.form = TRACE_PLAIN;
    for (uint64_t i = 0; i < 500000; i++) {
        record.t_ns = i;
        record.due_ns = 1000000 + i * 7919 % 500000;
        story_put(&story, record);
    }
    record.event = TRACE_DELIVER;
    record.node = BROKER;
    for (uint64_t i = 0; i < 500000; i++) {
        record.t_ns = 1000000 + i;
        story_put(&story, record);
    }
    clock_t before = clock();
    story_pair(&story);
    double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
    for (uint64_t i = 0; i < story.flights.count; i++) {
        const struct report_flight *flight = &story.flights.items[i];
        paired += flight->arrived != REPORT_FLIGHT_NONE &&
                  story.log.records[flight->arrived].t_ns == story.log.records[i].due_ns;
    }
    CU_ASSERT_EQUAL(paired, 500000);
    CU_ASSERT(seconds < 20); /* linear: half a second */
    story_end(&story);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(an_empty_log_has_no_flights),
        HARNESS_TEST(a_datagram_is_its_send_and_its_delivery),
        HARNESS_TEST(a_lost_one_never_arrives_and_its_next_try_does),
        HARNESS_TEST(of_a_datagram_and_its_copy_the_one_that_is_due_first_comes_first),
        HARNESS_TEST(a_try_that_comes_again_is_not_told_from_a_lost_one_before_it),
        HARNESS_TEST(what_was_rejected_says_so),
        HARNESS_TEST(what_a_client_rejected_is_known_though_it_does_not_say_from_whom),
        HARNESS_TEST(a_damaged_one_is_found_by_its_size_whatever_its_bytes_claim),
        HARNESS_TEST(in_the_real_world_a_damaged_one_that_looks_sound_is_found_all_the_same),
        HARNESS_TEST(raw_bytes_that_look_like_an_envelope_are_found_by_their_size),
        HARNESS_TEST(plain_ones_of_one_size_come_in_the_order_in_which_they_are_due),
        HARNESS_TEST(a_delivery_of_what_was_never_sent_has_no_flight),
        HARNESS_TEST(half_a_million_that_look_alike_are_paired_in_time),
    };
    return harness_run("report/flights", tests, HARNESS_COUNT(tests));
}
