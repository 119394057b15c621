/* What the judge remembers of requests and for how long, and how close their races were. */
#include "verdict/judge.h"

#include "verdict/story.h"

/* ---- margins --------------------------------------------------------------------------------- */

static void an_answer_just_before_its_timer_is_undecided(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_be_real(&story);
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_begin(&story, 20, C2, 1, "toupper:b");
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_return(&story, 110, TOUPPER, C2, 1, 1);
    story_answer(&story, 112, C2, 1, 1, 92, "B"); /* its timer is at 120 */
    story_hand_over(&story);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.undecided, 1);
    CU_ASSERT_EQUAL(story.verdict.margin_min_ns, 8 * NS_PER_MS);
    CU_ASSERT_EQUAL(story.verdict.requests[0].margin_ns, 96 * NS_PER_MS);
    CU_ASSERT_EQUAL(story.verdict.requests[1].margin_ns, 8 * NS_PER_MS);
    CU_ASSERT(story.verdict.requests[1].undecided);
    story_free(&story);
}

static void an_answer_to_an_earlier_try_raced_the_timer_that_began_the_latest(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_be_real(&story);
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_begin(&story, 20, C2, 1, "toupper:b");
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_timeout(&story, 120, C2, 1, 1);
    story_lose(&story, 120, C2, BROKER, C2, 1, 2);
    story_return(&story, 121, TOUPPER, C2, 1, 1);
    story_answer(&story, 123, C2, 1, 1, 103, "B");
    story_hand_over(&story);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.requests[1].margin_ns, 3 * NS_PER_MS);
    CU_ASSERT_EQUAL(story.verdict.undecided, 1);
    story_free(&story);
}

static void a_reply_just_after_the_end_is_undecided(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_be_real(&story);
    story.group.policy.tries = 1;
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_begin(&story, 20, C2, 1, "toupper:b");
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_timeout(&story, 120, C2, 1, 1);
    story_fail(&story, 120, C2, 1, 1, OUTCOME_TIMED_OUT, 0);
    story_return(&story, 122, TOUPPER, C2, 1, 1);
    story_hand_over(&story);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.requests[1].margin_ns, 4 * NS_PER_MS);
    CU_ASSERT_EQUAL(story.verdict.undecided, 1);
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    story_free(&story);
}

static void virtual_time_decides_every_race(void)
{
    struct story story;

    story_open_second(&story);
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_return(&story, 110, TOUPPER, C2, 1, 1);
    story_answer(&story, 112, C2, 1, 1, 92, "B");
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.undecided, 0);
    CU_ASSERT_EQUAL(story.verdict.margin_min_ns, 8 * NS_PER_MS);
    story_free(&story);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void what_is_over_is_forgotten(void)
{
    struct story story;
    uint32_t count = 5000;

    story_init(&story, "toupper", count);
    story_start_as(&story, false, false);
    for (uint32_t n = 1; n <= count; n++) {
        story_serve(&story, 10 * (uint64_t)n, C1, n, TOUPPER, "toupper:a", "A");
        story_serve(&story, 10 * (uint64_t)n + 5, C2, n, TOUPPER, "toupper:b", "B");
    }
    /* Of each client one, which its latest datagram may still concern. */
    CU_ASSERT(story.verdict.judge->ledger.count <= 2);
    CU_ASSERT(story.verdict.judge->ledger.count_max <= 2);
    CU_ASSERT_EQUAL(story.verdict.judge->ledger.copy_count, 0);
    CU_ASSERT_PTR_NULL(story.verdict.requests);
    story_end_with(&story, PROMISE_COUNT);
}

static void what_may_still_happen_is_remembered(void)
{
    struct story story;
    uint32_t count = 1000;

    story_init(&story, "toupper", count);
    story_start(&story);
    for (uint32_t n = 1; n <= count; n++) { /* each leaves a job at the server */
        uint64_t ms = 200 * (uint64_t)n;
        story_begin(&story, ms, C1, n, "toupper:a");
        story_reach_server(&story, ms, TOUPPER, C1, n, 1);
        story_fail(&story, ms + 100, C1, n, 1, OUTCOME_TIMED_OUT, 0);
        story_serve(&story, ms, C2, n, TOUPPER, "toupper:b", "B");
    }
    CU_ASSERT(story.verdict.judge->ledger.count >= count);
    for (uint32_t n = 1; n <= count; n++) { /* and here they end */
        story_return(&story, 300000, TOUPPER, C1, n, 1);
    }
    CU_ASSERT(story.verdict.judge->ledger.count <= 2);
    story_end_with(&story, PROMISE_COUNT);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(an_answer_just_before_its_timer_is_undecided),
        HARNESS_TEST(an_answer_to_an_earlier_try_raced_the_timer_that_began_the_latest),
        HARNESS_TEST(a_reply_just_after_the_end_is_undecided),
        HARNESS_TEST(virtual_time_decides_every_race),
        HARNESS_TEST(what_is_over_is_forgotten),
        HARNESS_TEST(what_may_still_happen_is_remembered),
    };
    return harness_run("verdict/judge_memory", tests, HARNESS_COUNT(tests));
}
