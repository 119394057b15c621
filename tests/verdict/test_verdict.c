#include "verdict/verdict.h"

#include "verdict/pool.h"
#include "verdict/story.h"

static void a_run_without_a_flaw_has_status_0(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    story_end(&story);
    CU_ASSERT(story.verdict.passed);
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    CU_ASSERT(story.verdict.theory_holds);
    CU_ASSERT_DOUBLE_EQUAL(story.verdict.theory.requests, 2, 0);
    story_free(&story);
}

static void a_broken_promise_is_worse_than_a_failed_expectation(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_expect(&story, METRIC_ANSWERED, CMP_EQ, 7);
    story_start(&story);
    story_serve_both(&story);
    story_close(&story, 30, C2, 1);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.status, 4);
    story_free(&story);
}

static struct expectation *expect_broken(struct story *story, const char *promise)
{
    struct expectation *expectation = story_expect(story, METRIC_REQUESTS, CMP_EQ, 0);

    expectation->kind = EXPECT_BROKEN;
    expectation->promise = promise;
    return expectation;
}

static void a_promise_that_was_expected_to_break_is_a_lesson(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    expect_broken(&story, "right-text");
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_serve(&story, 20, C2, 1, TOUPPER, "toupper:b", "b");
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_RIGHT_TEXT].verdict, PROMISE_BROKEN);
    CU_ASSERT(story.verdict.expectations[0].held);
    CU_ASSERT_STRING_EQUAL(story.verdict.expectations[0].shown, "broken");
    CU_ASSERT_STRING_EQUAL(story.verdict.expectations[0].why,
                           "at 24.000ms: c2/1: toupper was answered with the wrong text (1 bytes, "
                           "after 1 executions)");
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    story_free(&story);
}

static void a_promise_that_was_expected_to_break_and_held_fails(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    expect_broken(&story, "right-text");
    story_start(&story);
    story_serve_both(&story);
    story_end(&story);
    CU_ASSERT(!story.verdict.expectations[0].held);
    CU_ASSERT_STRING_EQUAL(story.verdict.expectations[0].shown, "kept");
    CU_ASSERT_EQUAL(story.verdict.status, 1);
    story_free(&story);
}

static void the_time_limit_has_status_1_and_a_signal_its_own(void)
{
    static const struct {
        enum run_end end;
        int signal;
        int status;
    } cases[] = {{RUN_TIME_LIMIT, 0, 1}, {RUN_SIGNAL, 2, 130}, {RUN_SIGNAL, 15, 143}};

    for (size_t i = 0; i < 3; i++) {
        struct story story;
        story_init(&story, "toupper", 1);
        story_start(&story);
        story_serve_both(&story);
        story.facts.end = cases[i].end;
        story.facts.signal = cases[i].signal;
        story_end(&story);
        CU_ASSERT_EQUAL(story.verdict.status, cases[i].status);
        story_free(&story);
    }
}

static void without_a_trace_only_counts_are_judged(void)
{
    struct story story;
    struct trace_record answered = story_note(4, TRACE_ANSWERED, C1, C1, 1, 1);
    double value;

    story_init(&story, "toupper", 1);
    story_expect(&story, METRIC_ANSWERED, CMP_EQ, 2);
    story_expect(&story, METRIC_DUPLICATE_EXECUTIONS, CMP_EQ, 0);
    expect_broken(&story, "timers");
    story_start_as(&story, true, false);
    answered.code = 200;
    tally_take(&story.verdict.tally, &answered, NULL);
    answered.node = C2;
    tally_take(&story.verdict.tally, &answered, NULL);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_ONE_OUTCOME].verdict, PROMISE_KEPT);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_CONSERVATION].verdict, PROMISE_KEPT);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_TIMERS].verdict, PROMISE_NOT_JUDGED);
    CU_ASSERT_STRING_EQUAL(story.verdict.promises[PROMISE_TIMERS].detail,
                           "it needs the trace, which is off");
    CU_ASSERT(story.verdict.expectations[0].held);
    CU_ASSERT(!story.verdict.expectations[1].held && !story.verdict.expectations[1].exists);
    CU_ASSERT_STRING_EQUAL(story.verdict.expectations[1].why, "it needs the trace, which is off");
    CU_ASSERT(!story.verdict.expectations[2].held);
    CU_ASSERT(verdict_metric(&story.verdict, &story.facts, METRIC_ANSWERED, &value));
    CU_ASSERT(!verdict_metric(&story.verdict, &story.facts, METRIC_WRONG, &value));
    CU_ASSERT_EQUAL(story.verdict.status, 1);
    story_free(&story);
}

static void without_a_trace_a_missing_end_breaks_one_outcome(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start_as(&story, true, false);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_ONE_OUTCOME].verdict, PROMISE_BROKEN);
    CU_ASSERT_STRING_EQUAL(story.verdict.promises[PROMISE_ONE_OUTCOME].detail,
                           "c1: 0 ends of 1 requests");
    story_free(&story);
}

static void missing_records_leave_promises_unjudged_and_no_verdict(void)
{
    struct pool_sample sample;
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_begin(&story, 10, C1, 1, "toupper:a");
    story.facts.missing_records = 99;
    story_end(&story);
    for (int i = 0; i < PROMISE_COUNT; i++) {
        CU_ASSERT_EQUAL(story.verdict.promises[i].verdict, PROMISE_NOT_JUDGED);
    }
    CU_ASSERT_EQUAL(story.verdict.status, 3);
    CU_ASSERT_EQUAL(pool_sample_init(&sample, story.scenario.expectation_count), 0);
    pool_sample_take(&sample, &story.verdict, &story.facts); /* a row of --vary */
    CU_ASSERT_EQUAL(sample.status, 3);
    CU_ASSERT_STRING_EQUAL(sample.why,
                           "99 events were lost for want of memory: counts are too low");
    pool_sample_free(&sample);
    story_free(&story);
}

static void every_promise_has_a_name_and_a_meaning(void)
{
    for (int i = 0; i < PROMISE_COUNT; i++) {
        CU_ASSERT(strlen(promise_name((enum promise)i)) > 0);
        CU_ASSERT(strlen(promise_meaning((enum promise)i)) > 0);
        for (int k = 0; k < i; k++) {
            CU_ASSERT(strcmp(promise_name((enum promise)i), promise_name((enum promise)k)) != 0);
        }
    }
}

static void the_latest_instant_is_known_with_and_without_a_judge(void)
{
    for (unsigned i = 0; i < 2; i++) {
        struct story story;
        story_init(&story, "toupper", 1);
        story_start_as(&story, i == 1, false);
        CU_ASSERT_EQUAL(verdict_last_ns(&story.verdict), 0);
        story_begin(&story, 3, C1, 1, "toupper:a");
        struct trace_sink sink = verdict_sink(&story.verdict);
        struct trace_record note = story_record(5, TRACE_NOTE, BROKER);
        sink.take(sink.context, &note, NULL);
        CU_ASSERT_EQUAL(verdict_last_ns(&story.verdict), 5 * NS_PER_MS);
        CU_ASSERT_EQUAL(TALLY_NODE(&story.verdict.tally, C1, begun), 1);
        story_free(&story);
    }
}

static void of_a_run_whose_measurements_are_pooled_no_bound_is_judged(void)
{
    for (int pooled = 0; pooled <= 1; pooled++) {
        struct story story;
        story_init(&story, "toupper", 2); /* of each of the two clients, which send one */
        story_be_quiet(&story);
        story_expect(&story, METRIC_TRIES, CMP_THEORY, 0);
        story_start(&story);
        story.verdict.options.pooled = pooled == 1;
        story_serve_both(&story);
        story_end(&story);
        const struct expectation_result *result = &story.verdict.expectations[0];
        CU_ASSERT_EQUAL(result->held, pooled == 1);
        CU_ASSERT_STRING_EQUAL(result->why, pooled == 1 ? "" : "accepts 4 to 4");
        story_free(&story);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_run_without_a_flaw_has_status_0),
        HARNESS_TEST(a_broken_promise_is_worse_than_a_failed_expectation),
        HARNESS_TEST(a_promise_that_was_expected_to_break_is_a_lesson),
        HARNESS_TEST(a_promise_that_was_expected_to_break_and_held_fails),
        HARNESS_TEST(the_time_limit_has_status_1_and_a_signal_its_own),
        HARNESS_TEST(without_a_trace_only_counts_are_judged),
        HARNESS_TEST(without_a_trace_a_missing_end_breaks_one_outcome),
        HARNESS_TEST(missing_records_leave_promises_unjudged_and_no_verdict),
        HARNESS_TEST(every_promise_has_a_name_and_a_meaning),
        HARNESS_TEST(the_latest_instant_is_known_with_and_without_a_judge),
        HARNESS_TEST(of_a_run_whose_measurements_are_pooled_no_bound_is_judged),
    };
    return harness_run("verdict/verdict", tests, HARNESS_COUNT(tests));
}
