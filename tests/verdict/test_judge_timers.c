/* When and how often clients send: promises 10 and 11, each broken on purpose. */
#include "verdict/judge.h"

#include "verdict/story.h"

/* ---- 10: timers ------------------------------------------------------------------------------ */

/* c2's request with its second try at `second_ms`, and given up at `end_ms`. */
static void retry_at(struct story *story, uint64_t second_ms, uint64_t end_ms)
{
    story_serve(story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_begin(story, 20, C2, 1, "toupper:b");
    story_lose(story, 20, C2, BROKER, C2, 1, 1);
    story_lose(story, second_ms, C2, BROKER, C2, 1, 2);
    story_fail(story, end_ms, C2, 1, 2, OUTCOME_TIMED_OUT, 0);
}

static void a_send_at_its_timer_is_in_time(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    retry_at(&story, 120, 220);
    story_end_with(&story, PROMISE_COUNT);
}

static void a_send_before_its_timer_breaks_timers(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    retry_at(&story, 119, 320);
    story_end_with(&story, PROMISE_TIMERS);
}

static void a_send_at_the_deadline_breaks_timers(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    retry_at(&story, 320, 420);
    story_end_with(&story, PROMISE_TIMERS);
}

static void giving_up_before_the_timer_breaks_timers(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    retry_at(&story, 120, 219);
    story_end_with(&story, PROMISE_TIMERS);
}

static void what_breaks_timers_is_said_in_ms(void)
{
    static const struct {
        uint64_t second_ms;
        uint64_t end_ms;
        const char *detail;
    } cases[] = {
        {119, 320, "at 119.000ms: c2/1: try 2 was sent 1.000ms before its timer"},
        {322, 422, "at 322.000ms: c2/1: try 2 was sent 2.000ms after the deadline"},
        {120, 217, "at 217.000ms: c2/1: was given up 3.000ms before its timer"},
    };

    for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
        struct story story;
        story_init(&story, "toupper", 1);
        story_start(&story);
        retry_at(&story, cases[i].second_ms, cases[i].end_ms);
        story_end(&story);
        CU_ASSERT_STRING_EQUAL(story.verdict.promises[PROMISE_TIMERS].detail, cases[i].detail);
        story_free(&story);
    }
}

static void a_timer_that_fires_before_it_is_due_breaks_timers(void)
{
    struct story story;
    struct trace_record timeout = story_note(120, TRACE_TIMEOUT, BROKER, C2, 1, 1);

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    timeout.due_ns = timeout.t_ns + 1;
    story_take(&story, timeout, NULL);
    story_end_with(&story, PROMISE_TIMERS);
}

static void a_timer_shorter_than_the_timeout_breaks_timers(void)
{
    struct story story;
    struct trace_record send = story_datagram(20, TRACE_SEND, C2, BROKER, C2, 1, 1);

    story_open_second(&story);
    send.value_ns = send.t_ns + 100 * NS_PER_MS - 1;
    send.reason = LOSS_LOSS;
    story_take(&story, send, NULL);
    story_fail(&story, 320, C2, 1, 1, OUTCOME_TIMED_OUT, 0);
    story_end_with(&story, PROMISE_TIMERS);
}

static void a_send_after_the_end_breaks_timers(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    retry_at(&story, 120, 220);
    story_lose(&story, 230, C2, BROKER, C2, 1, 3);
    story_end_with(&story, PROMISE_TIMERS);
}

/* ---- 11: budgets ----------------------------------------------------------------------------- */

static void a_try_too_many_breaks_budgets(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story.group.policy.tries = 1;
    story_start(&story);
    retry_at(&story, 120, 220);
    story_end_with(&story, PROMISE_BUDGETS);
}

static void a_try_left_out_breaks_budgets(void)
{
    struct story story;

    story_open_second(&story);
    story_lose(&story, 20, C2, BROKER, C2, 1, 2);
    story_fail(&story, 320, C2, 1, 2, OUTCOME_TIMED_OUT, 0);
    story_end_with(&story, PROMISE_BUDGETS);
}

/* Ten tries with linear backoff, each sent when the timer of the one before is over; the timer of
 * `late` (0 = none) is set 1 ns later than the policy allows. */
static void try_ten_times(unsigned late, enum promise broken)
{
    struct story story;
    uint64_t now_ns = 20 * NS_PER_MS;

    story_init(&story, "toupper", 1);
    story.group.policy.tries = 10;
    story.group.policy.backoff = BACKOFF_LINEAR;
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    struct trace_record begin = story_record(20, TRACE_BEGIN, C2);
    begin.client = C2;
    begin.n = 1;
    begin.due_ns = begin.t_ns;
    begin.value_ns = 10 * NS_PER_S;
    story_take(&story, begin, "toupper:b");
    for (uint8_t try = 1; try <= 10; try++) {
        struct trace_record send = story_datagram(0, TRACE_SEND, C2, BROKER, C2, 1, try);
        send.t_ns = now_ns;
        send.due_ns = now_ns;
        send.reason = LOSS_LOSS;
        now_ns += try * 100 * NS_PER_MS + (try == late);
        send.value_ns = now_ns;
        story_take(&story, send, NULL);
    }
    story_fail(&story, now_ns / NS_PER_MS + 1, C2, 1, 10, OUTCOME_TIMED_OUT, 0);
    story_end_with(&story, broken);
}

static void a_timer_later_than_the_policy_allows_breaks_budgets(void)
{
    try_ten_times(0, PROMISE_COUNT);
    for (unsigned late = 1; late <= 10; late++) {
        try_ten_times(late, PROMISE_BUDGETS);
    }
}

static void more_open_requests_than_the_window_break_budgets(void)
{
    struct story story;

    story_init(&story, "toupper", 2);
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_serve(&story, 20, C1, 2, TOUPPER, "toupper:b", "B");
    story_begin(&story, 30, C2, 1, "toupper:c");
    story_lose(&story, 30, C2, BROKER, C2, 1, 1);
    story_begin(&story, 31, C2, 2, "toupper:d");
    story_lose(&story, 31, C2, BROKER, C2, 2, 1);
    story_fail(&story, 330, C2, 1, 1, OUTCOME_TIMED_OUT, 0);
    story_fail(&story, 331, C2, 2, 1, OUTCOME_TIMED_OUT, 0);
    story_end_with(&story, PROMISE_BUDGETS);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_send_at_its_timer_is_in_time),
        HARNESS_TEST(a_send_before_its_timer_breaks_timers),
        HARNESS_TEST(a_send_at_the_deadline_breaks_timers),
        HARNESS_TEST(giving_up_before_the_timer_breaks_timers),
        HARNESS_TEST(what_breaks_timers_is_said_in_ms),
        HARNESS_TEST(a_timer_that_fires_before_it_is_due_breaks_timers),
        HARNESS_TEST(a_timer_shorter_than_the_timeout_breaks_timers),
        HARNESS_TEST(a_send_after_the_end_breaks_timers),
        HARNESS_TEST(a_try_too_many_breaks_budgets),
        HARNESS_TEST(a_try_left_out_breaks_budgets),
        HARNESS_TEST(a_timer_later_than_the_policy_allows_breaks_budgets),
        HARNESS_TEST(more_open_requests_than_the_window_break_budgets),
    };
    return harness_run("verdict/judge_timers", tests, HARNESS_COUNT(tests));
}
