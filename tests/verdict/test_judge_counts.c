/* What sums alone show: promises 7, 8 and 16, each broken on purpose. */
#include "verdict/judge_counts.h"

#include "verdict/story.h"

/* ---- 7 and 8: conservation, the kernel ------------------------------------------------------- */

static enum promise_verdict verdict_of(const struct story *story, enum promise promise)
{
    return story->verdict.promises[promise].verdict;
}

static void a_datagram_that_vanishes_in_virtual_time_breaks_conservation(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    story_send(&story, 30, BROKER, TOUPPER, TRACE_NOBODY, 0, 1);
    story_end_with(&story, PROMISE_CONSERVATION);
}

static void at_the_time_limit_it_is_in_flight(void)
{
    struct story story;
    uint64_t in_flight, kernel_drops;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    story_send(&story, 30, BROKER, TOUPPER, TRACE_NOBODY, 0, 1);
    story.facts.end = RUN_TIME_LIMIT;
    story_end(&story);
    CU_ASSERT_EQUAL(verdict_of(&story, PROMISE_CONSERVATION), PROMISE_KEPT);
    CU_ASSERT_EQUAL(verdict_of(&story, PROMISE_KERNEL_DROPS), PROMISE_NOT_JUDGED);
    CU_ASSERT_EQUAL(story.verdict.status, 1);
    verdict_link_rest(&story.verdict, &story.facts, scenario_link(BROKER, TOUPPER), &in_flight,
                      &kernel_drops);
    CU_ASSERT(in_flight == 1 && kernel_drops == 0);
    story_free(&story);
}

static void a_good_story_in_the_real_world_breaks_nothing(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_be_real(&story);
    story_start(&story);
    story_serve_both(&story);
    story_hand_over(&story);
    story_end(&story);
    CU_ASSERT_EQUAL(verdict_of(&story, PROMISE_KERNEL_DROPS), PROMISE_KEPT);
    CU_ASSERT_EQUAL(verdict_of(&story, PROMISE_CONSERVATION), PROMISE_KEPT);
    CU_ASSERT_EQUAL(verdict_of(&story, PROMISE_NO_LEAK), PROMISE_KEPT);
    CU_ASSERT_EQUAL(story.verdict.undecided, 0);
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    story_free(&story);
}

/* One datagram to toupper is missing; the kernel says that it dropped `drops`. */
static void miss_one(struct story *story, uint64_t drops)
{
    story_init(story, "toupper", 1);
    story_be_real(story);
    story_start(story);
    story_serve(story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_begin(story, 20, C2, 1, "toupper:b");
    story_send(story, 20, C2, BROKER, C2, 1, 1);
    story_deliver(story, 21, C2, BROKER, C2, 1, 1);
    story_open(story, 21, C2, 1);
    story_send(story, 21, BROKER, TOUPPER, C2, 1, 1);
    story_fail(story, 120, C2, 1, 1, OUTCOME_TIMED_OUT, 0);
    story_hand_over(story);
    story->node_facts[TOUPPER].kernel_drops = drops;
    story_end(story);
}

static void what_the_kernel_dropped_is_accounted_for(void)
{
    struct story story;
    uint64_t in_flight, kernel_drops;

    miss_one(&story, 1);
    CU_ASSERT_EQUAL(verdict_of(&story, PROMISE_KERNEL_DROPS), PROMISE_KEPT);
    CU_ASSERT_EQUAL(verdict_of(&story, PROMISE_CONSERVATION), PROMISE_KEPT);
    verdict_link_rest(&story.verdict, &story.facts, scenario_link(BROKER, TOUPPER), &in_flight,
                      &kernel_drops);
    CU_ASSERT(in_flight == 0 && kernel_drops == 1);
    /* The request met it: the scenario did not decide how it ended. */
    CU_ASSERT_EQUAL(story.verdict.undecided, 1);
    CU_ASSERT(story.verdict.requests[1].undecided);
    CU_ASSERT(!story.verdict.requests[0].undecided);
    story_free(&story);
}

static void what_nobody_dropped_breaks_both(void)
{
    struct story story;

    miss_one(&story, 0);
    CU_ASSERT_EQUAL(verdict_of(&story, PROMISE_KERNEL_DROPS), PROMISE_BROKEN);
    CU_ASSERT_EQUAL(verdict_of(&story, PROMISE_CONSERVATION), PROMISE_BROKEN);
    CU_ASSERT_EQUAL(story.verdict.status, 4);
    story_free(&story);
}

static void more_kernel_drops_than_datagrams_break_kernel_drops(void)
{
    struct story story;

    miss_one(&story, 2);
    CU_ASSERT_EQUAL(verdict_of(&story, PROMISE_KERNEL_DROPS), PROMISE_BROKEN);
    CU_ASSERT_STRING_EQUAL(story.verdict.promises[PROMISE_KERNEL_DROPS].detail,
                           "toupper: 1 datagrams were handed to its socket and not received, the "
                           "kernel dropped 2 and 0 are unread");
    story_free(&story);
}

static void a_stranger_may_fill_a_socket(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_be_real(&story);
    story_start(&story);
    story_serve_both(&story);
    story_hand_over(&story);
    story.node_facts[TOUPPER].kernel_drops = 7;
    story.node_facts[TOUPPER].foreign = 300;
    story_end(&story);
    CU_ASSERT_EQUAL(verdict_of(&story, PROMISE_KERNEL_DROPS), PROMISE_KEPT);
    story_free(&story);
}

static void what_links_and_sockets_still_hold_is_accounted_for(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_be_real(&story);
    story_start(&story);
    story_serve_both(&story);
    story_send(&story, 30, BROKER, TOUPPER, TRACE_NOBODY, 0, 1); /* held by the link */
    story_send(&story, 30, BROKER, C1, TRACE_NOBODY, 0, 1);      /* unread in c1's socket */
    story_hand_over(&story);
    story.node_facts[BROKER].handed--;
    story.node_facts[BROKER].in_flight = 1;
    story.node_facts[C1].unread = 1;
    story.facts.end = RUN_SIGNAL;
    story.facts.signal = 2;
    story_end(&story);
    CU_ASSERT_EQUAL(verdict_of(&story, PROMISE_KERNEL_DROPS), PROMISE_KEPT);
    CU_ASSERT_EQUAL(verdict_of(&story, PROMISE_CONSERVATION), PROMISE_KEPT);
    CU_ASSERT_EQUAL(story.verdict.status, 130);
    CU_ASSERT(!story.verdict.passed);
    story_free(&story);
}

/* Of two that toupper did not get the kernel dropped one, and the broker's link may hold the other:
 * that is all that it must hold. */
static void what_the_kernel_dropped_no_link_must_hold(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_be_real(&story);
    story_start(&story);
    story_serve_both(&story);
    story_send(&story, 30, BROKER, TOUPPER, TRACE_NOBODY, 0, 1);
    story_send(&story, 30, BROKER, TOUPPER, TRACE_NOBODY, 0, 1);
    story_hand_over(&story);
    story.node_facts[BROKER].handed--;
    story.node_facts[BROKER].in_flight = 1;
    story.node_facts[TOUPPER].kernel_drops = 1;
    story_end(&story);
    CU_ASSERT_EQUAL(verdict_of(&story, PROMISE_KERNEL_DROPS), PROMISE_KEPT);
    story_free(&story);
}

static void what_a_link_let_go_and_nobody_handed_over_breaks_conservation(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_be_real(&story);
    story_start(&story);
    story_serve_both(&story);
    story_hand_over(&story);
    story.node_facts[C1].handed--;
    story_end_with(&story, PROMISE_CONSERVATION);
}

/* ---- 16: leaks ------------------------------------------------------------------------------- */

static void descriptors_and_threads_left_behind_break_no_leak(void)
{
    for (int which = 0; which < 2; which++) {
        struct story story;
        story_init(&story, "toupper", 1);
        story_be_real(&story);
        story_start(&story);
        story_serve_both(&story);
        story_hand_over(&story);
        story.facts.descriptors_after += which == 0;
        story.facts.threads_after += which == 1;
        story_end_with(&story, PROMISE_NO_LEAK);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_datagram_that_vanishes_in_virtual_time_breaks_conservation),
        HARNESS_TEST(at_the_time_limit_it_is_in_flight),
        HARNESS_TEST(a_good_story_in_the_real_world_breaks_nothing),
        HARNESS_TEST(what_the_kernel_dropped_is_accounted_for),
        HARNESS_TEST(what_nobody_dropped_breaks_both),
        HARNESS_TEST(more_kernel_drops_than_datagrams_break_kernel_drops),
        HARNESS_TEST(a_stranger_may_fill_a_socket),
        HARNESS_TEST(what_links_and_sockets_still_hold_is_accounted_for),
        HARNESS_TEST(what_the_kernel_dropped_no_link_must_hold),
        HARNESS_TEST(what_a_link_let_go_and_nobody_handed_over_breaks_conservation),
        HARNESS_TEST(descriptors_and_threads_left_behind_break_no_leak),
    };
    return harness_run("verdict/judge_counts", tests, HARNESS_COUNT(tests));
}
