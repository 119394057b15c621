#include "server_story.h"

#include "base/prng.h"

static struct story story;

/* A server whose every job takes 10 ms. */
static void start_slow(uint32_t workers, uint32_t queue)
{
    story_init(&story);
    story.config.service_ns = 10 * MS;
    story.config.workers = workers;
    story.config.queue = queue;
    story_start(&story);
}

static void without_a_service_time_the_answer_leaves_in_the_same_call(void)
{
    story_init(&story);
    story_start(&story);
    story_ask(&story, 5 * MS, 1, 1, 5000, "hello");
    CU_ASSERT(story_executed(&story, 1, "hello", 0));
    CU_ASSERT(story_replied(&story, 1, 1, CODE_OK, "HELLO"));
    CU_ASSERT(story.outbox.is_note[0]); /* first it executes, then it answers */
    CU_ASSERT_EQUAL(story.server.executed_count, 1);
    CU_ASSERT_EQUAL(server_job_count(&story.server), 0);
    CU_ASSERT_EQUAL(server_deadline_ns(&story.server), TIME_NEVER);
    story_end(&story);
}

static void the_operation_takes_effect_at_once_and_the_reply_leaves_after_the_service_time(void)
{
    start_slow(1, 8);
    story_ask(&story, 5 * MS, 1, 3, 5000, "hello");
    CU_ASSERT(story_executed(&story, 1, "hello", 0));
    CU_ASSERT_EQUAL(story.outbox.datagram_count, 0);
    CU_ASSERT_EQUAL(server_deadline_ns(&story.server), 15 * MS);
    story_wake(&story, 15 * MS - 1);
    CU_ASSERT(story_is_silent(&story));
    story_wake(&story, 15 * MS);
    CU_ASSERT(story_replied(&story, 1, 3, CODE_OK, "HELLO"));
    CU_ASSERT_EQUAL(server_deadline_ns(&story.server), TIME_NEVER);
    story_end(&story);
}

static void one_worker_serves_first_come_first_served(void)
{
    start_slow(1, 8);
    story_ask(&story, 0, 1, 1, 5000, "one");
    story_ask(&story, 1 * MS, 2, 1, 5000, "two");
    CU_ASSERT(story_is_silent(&story));
    story_ask(&story, 2 * MS, 3, 1, 5000, "three");
    CU_ASSERT(story_is_silent(&story));
    CU_ASSERT_EQUAL(server_job_count(&story.server), 3);

    story_wake(&story, 10 * MS);
    CU_ASSERT(story_replied(&story, 1, 1, CODE_OK, "ONE"));
    CU_ASSERT(story_executed(&story, 2, "two", 9 * MS));
    CU_ASSERT_EQUAL(server_deadline_ns(&story.server), 20 * MS);
    story_wake(&story, 20 * MS);
    CU_ASSERT(story_replied(&story, 2, 1, CODE_OK, "TWO"));
    CU_ASSERT(story_executed(&story, 3, "three", 18 * MS));
    story_wake(&story, 30 * MS);
    CU_ASSERT(story_replied(&story, 3, 1, CODE_OK, "THREE"));
    CU_ASSERT_EQUAL(story.outbox.note_count, 0);
    CU_ASSERT_EQUAL(server_job_count(&story.server), 0);
    story_end(&story);
}

static void three_workers_serve_three_at_a_time(void)
{
    start_slow(3, 8);
    for (uint64_t id = 1; id <= 5; id++) {
        story_ask(&story, id * MS, id, 1, 5000, "x");
        CU_ASSERT_EQUAL(story.outbox.note_count, id <= 3);
    }
    for (uint64_t id = 1; id <= 2; id++) {
        CU_ASSERT_EQUAL(server_deadline_ns(&story.server), (10 + id) * MS);
        story_wake(&story, (10 + id) * MS);
        CU_ASSERT(story_replied(&story, id, 1, CODE_OK, "X"));
        CU_ASSERT(story_executed(&story, id + 3, "x", 7 * MS));
    }
    for (uint64_t id = 3; id <= 5; id++) {
        uint64_t due_ns = (id == 3 ? 13 : 17 + id) * MS;
        CU_ASSERT_EQUAL(server_deadline_ns(&story.server), due_ns);
        story_wake(&story, due_ns);
        CU_ASSERT(story_replied(&story, id, 1, CODE_OK, "X"));
    }
    story_end(&story);
}

static void jobs_that_end_at_the_same_instant_end_in_the_order_they_began(void)
{
    start_slow(4, 0);
    for (uint64_t id = 1; id <= 4; id++) {
        story_ask(&story, 0, 50 - id, 1, 5000, "x");
    }
    for (uint64_t id = 1; id <= 4; id++) {
        story_wake(&story, 10 * MS);
        CU_ASSERT(story_replied(&story, 50 - id, 1, CODE_OK, "X"));
    }
    story_end(&story);
}

static void a_full_queue_answers_429_with_the_estimated_wait(void)
{
    start_slow(1, 2);
    story_ask(&story, 0, 1, 1, 5000, "a");
    story_ask(&story, 0, 2, 1, 5000, "b");
    story_ask(&story, 0, 3, 1, 5000, "c");
    story_ask(&story, 4 * MS, 4, 1, 5000, "d"); /* 6 ms for the first, 10 for each that waits */
    CU_ASSERT(story_replied(&story, 4, 1, CODE_BUSY, "26"));
    CU_ASSERT_EQUAL(story.outbox.note_count, 0);
    story_wake(&story, 10 * MS); /* a place is free */
    story_ask(&story, 10 * MS, 5, 1, 5000, "e");
    CU_ASSERT(story_is_silent(&story));
    story_ask(&story, 20 * MS, 6, 1, 5000, "f"); /* the job that is over has not been ended yet */
    CU_ASSERT(story_replied(&story, 6, 1, CODE_BUSY, "20"));
    CU_ASSERT_EQUAL(story.server.executed_count, 2);
    story_end(&story);
}

static void several_workers_share_what_waits(void)
{
    start_slow(2, 2);
    story_ask(&story, 0, 1, 1, 5000, "a");
    story_ask(&story, 0, 2, 1, 5000, "b");
    story_ask(&story, 0, 3, 1, 5000, "c");
    story_ask(&story, 0, 4, 1, 5000, "d");
    story_ask(&story, 4 * MS, 5, 1, 5000, "e"); /* 6 ms for the first, 5 for each that waits */
    CU_ASSERT(story_replied(&story, 5, 1, CODE_BUSY, "16"));
    story_end(&story);
}

static void a_wait_is_at_least_1_ms_and_no_longer_than_a_ttl(void)
{
    story_init(&story);
    story.config.service_ns = 1;
    story.config.queue = 0;
    story_start(&story);
    story_ask(&story, 0, 1, 1, 5000, "a");
    story_ask(&story, 1, 2, 1, 5000, "b");
    CU_ASSERT(story_replied(&story, 2, 1, CODE_BUSY, "1"));
    story_end(&story);

    story_init(&story);
    story.config.service_ns = TIME_NEVER - 1;
    story.config.queue = 0;
    story_start(&story);
    story_ask(&story, 0, 1, 1, 5000, "a");
    story_ask(&story, 0, 2, 1, 5000, "b");
    CU_ASSERT(story_replied(&story, 2, 1, CODE_BUSY, "600000"));
    story_end(&story);
}

static void what_expires_while_it_waits_is_answered_408_one_a_call(void)
{
    start_slow(1, 8);
    story_ask(&story, 0, 1, 1, 5000, "a");
    story_ask(&story, 0, 2, 1, 10, "b"); /* expires at 10 ms, just as its turn comes */
    story_ask(&story, 0, 3, 2, 5, "c");
    story_ask(&story, 0, 4, 1, 11, "d");

    story_wake(&story, 10 * MS);
    CU_ASSERT_EQUAL(story.outbox.datagram_count, 2);
    CU_ASSERT(story_reply_is(&story, 0, 1, 1, CODE_OK, "A"));
    CU_ASSERT(story_reply_is(&story, 1, 2, 1, CODE_EXPIRED, "expired"));
    CU_ASSERT_EQUAL(server_deadline_ns(&story.server), 0); /* a worker is free, two wait */
    story_wake(&story, 10 * MS);
    CU_ASSERT(story_replied(&story, 3, 2, CODE_EXPIRED, "expired"));
    story_wake(&story, 10 * MS);
    CU_ASSERT(story_executed(&story, 4, "d", 10 * MS));
    CU_ASSERT_EQUAL(story.outbox.datagram_count, 0);
    CU_ASSERT_EQUAL(server_deadline_ns(&story.server), 20 * MS);
    story_wake(&story, 20 * MS); /* begun in time: it is answered, late or not */
    CU_ASSERT(story_replied(&story, 4, 1, CODE_OK, "D"));
    CU_ASSERT_EQUAL(story.server.executed_count, 2);
    story_end(&story);
}

static void a_newcomer_does_not_overtake_those_who_wait_for_a_free_worker(void)
{
    start_slow(1, 8);
    story_ask(&story, 0, 1, 1, 5000, "a");
    story_ask(&story, 0, 2, 1, 5, "b");
    story_ask(&story, 0, 3, 1, 5000, "c");
    story_wake(&story, 10 * MS); /* 1 ends, 2 has expired, 3 is next */
    story_ask(&story, 10 * MS, 4, 1, 5000, "d");
    CU_ASSERT(story_is_silent(&story));
    story_wake(&story, 10 * MS);
    CU_ASSERT(story_executed(&story, 3, "c", 10 * MS));
    story_end(&story);
}

static void places_of_a_queue_are_used_again(void)
{
    start_slow(1, 1);
    for (uint64_t id = 1; id <= 1000; id++) {
        uint64_t now_ns = id * 100 * MS;
        story_ask(&story, now_ns, id, 1, 5000, "x");
        story_ask(&story, now_ns, id + 5000, 1, 5000, "y");
        story_wake(&story, now_ns + 10 * MS);
        CU_ASSERT(story_replied(&story, id, 1, CODE_OK, "X"));
        story_wake(&story, now_ns + 20 * MS);
        CU_ASSERT(story_replied(&story, id + 5000, 1, CODE_OK, "Y"));
    }
    CU_ASSERT_EQUAL(story.server.jobs_touched, 2);
    CU_ASSERT_EQUAL(story.server.executed_count, 2000);
    story_end(&story);
}

/* ---- service times ------------------------------------------------------------------------- */

/* The service time of request `id` at its try, by one that comes to an idle server at 1 s. */
static uint64_t service_time_ns(uint64_t id, unsigned try)
{
    story_ask(&story, NS_PER_S, id, try, 5000, "x");
    uint64_t due_ns = server_deadline_ns(&story.server);
    story_wake(&story, due_ns);
    return due_ns - NS_PER_S;
}

static void a_jittered_service_time_fills_its_bounds_and_keeps_its_mean(void)
{
    uint64_t least_ns = TIME_NEVER;
    uint64_t most_ns = 0;
    uint64_t sum_ns = 0;

    story_init(&story);
    story.config.service_ns = 10 * MS;
    story.config.jitter_ns = 4 * MS;
    story_start(&story);
    for (uint64_t id = 1; id <= 10000; id++) {
        uint64_t time_ns = service_time_ns(id, 1);
        least_ns = time_min(least_ns, time_ns);
        most_ns = time_ns > most_ns ? time_ns : most_ns;
        sum_ns += time_ns;
    }
    CU_ASSERT(least_ns >= 6 * MS && least_ns < 6 * MS + 10 * NS_PER_US);
    CU_ASSERT(most_ns < 14 * MS && most_ns >= 14 * MS - 10 * NS_PER_US);
    CU_ASSERT(sum_ns / 10000 > 9900 * NS_PER_US && sum_ns / 10000 < 10100 * NS_PER_US);
    story_end(&story);
}

static void a_jitter_above_the_service_time_ends_at_nothing(void)
{
    unsigned none_count = 0;

    story_init(&story);
    story.config.service_ns = 1 * MS;
    story.config.jitter_ns = 3 * MS;
    story_start(&story);
    for (uint64_t id = 1; id <= 3000; id++) {
        uint64_t time_ns = service_time_ns(id, 1);
        CU_ASSERT(time_ns < 4 * MS);
        none_count += time_ns == 0;
    }
    CU_ASSERT(none_count > 900 && none_count < 1100); /* a third of [-2 ms, 4 ms) is below 0 */
    story_end(&story);
}

static void an_exponential_service_time_has_the_mean_it_was_given(void)
{
    uint64_t sum_ns = 0;
    unsigned above_count = 0;

    story_init(&story);
    story.config.service_ns = 10 * MS;
    story.config.exponential = true;
    story_start(&story);
    for (uint64_t id = 1; id <= 20000; id++) {
        uint64_t time_ns = service_time_ns(id, 1);
        sum_ns += time_ns;
        above_count += time_ns > 10 * MS;
    }
    CU_ASSERT(sum_ns / 20000 > 9700 * NS_PER_US && sum_ns / 20000 < 10300 * NS_PER_US);
    CU_ASSERT(above_count > 7000 && above_count < 7700); /* exp(-1) = 36.8 % */
    story_end(&story);
}

static void a_service_time_depends_on_key_id_and_try_alone(void)
{
    uint64_t first_ns;

    story_init(&story);
    story.config.service_ns = 10 * MS;
    story.config.jitter_ns = 5 * MS;
    story_start(&story);
    first_ns = service_time_ns(1, 1);
    CU_ASSERT_NOT_EQUAL(service_time_ns(1, 2), first_ns);
    CU_ASSERT_NOT_EQUAL(service_time_ns(2, 1), first_ns);
    CU_ASSERT_EQUAL(service_time_ns(1, 1), first_ns);
    story_end(&story);

    story.config.key = 8;
    memset(&story.server, 0, sizeof(story.server));
    story_start(&story);
    CU_ASSERT_NOT_EQUAL(service_time_ns(1, 1), first_ns);
    story_end(&story);
}

static void a_restart_forgets_every_job(void)
{
    start_slow(2, 8);
    for (uint64_t id = 1; id <= 5; id++) {
        story_ask(&story, 0, id, 1, 5000, "old");
    }
    server_restart(&story.server);
    CU_ASSERT_EQUAL(server_job_count(&story.server), 0);
    CU_ASSERT_EQUAL(server_deadline_ns(&story.server), TIME_NEVER);

    story_ask(&story, 5 * MS, 6, 1, 5000, "new");
    CU_ASSERT(story_executed(&story, 6, "new", 0));
    story_wake(&story, 15 * MS);
    CU_ASSERT(story_replied(&story, 6, 1, CODE_OK, "NEW"));
    CU_ASSERT_EQUAL(server_deadline_ns(&story.server), TIME_NEVER);
    story_end(&story);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(without_a_service_time_the_answer_leaves_in_the_same_call),
    HARNESS_TEST(the_operation_takes_effect_at_once_and_the_reply_leaves_after_the_service_time),
    HARNESS_TEST(one_worker_serves_first_come_first_served),
    HARNESS_TEST(three_workers_serve_three_at_a_time),
    HARNESS_TEST(jobs_that_end_at_the_same_instant_end_in_the_order_they_began),
    HARNESS_TEST(a_full_queue_answers_429_with_the_estimated_wait),
    HARNESS_TEST(several_workers_share_what_waits),
    HARNESS_TEST(a_wait_is_at_least_1_ms_and_no_longer_than_a_ttl),
    HARNESS_TEST(what_expires_while_it_waits_is_answered_408_one_a_call),
    HARNESS_TEST(a_newcomer_does_not_overtake_those_who_wait_for_a_free_worker),
    HARNESS_TEST(places_of_a_queue_are_used_again),
    HARNESS_TEST(a_restart_forgets_every_job),
    HARNESS_TEST(a_jittered_service_time_fills_its_bounds_and_keeps_its_mean),
    HARNESS_TEST(a_jitter_above_the_service_time_ends_at_nothing),
    HARNESS_TEST(an_exponential_service_time_has_the_mean_it_was_given),
    HARNESS_TEST(a_service_time_depends_on_key_id_and_try_alone),
};

int main(void)
{
    return harness_run("server/queue", tests, HARNESS_COUNT(tests));
}
