/* What must succeed where no fault is in the way: promises 13 and 14, kept, broken on purpose, and
 * left unjudged where time or room may not have sufficed. */
#include "verdict/judge.h"

#include "verdict/story.h"

static void expect_verdict(const struct story *story, enum promise promise,
                           enum promise_verdict verdict, const char *detail)
{
    CU_ASSERT_EQUAL(story->verdict.promises[promise].verdict, verdict);
    CU_ASSERT_STRING_EQUAL(story->verdict.promises[promise].detail, detail);
}

/* The network loses everything until then, and is perfect from then on. */
static void lose_all_until(struct story *story, uint64_t until_ns)
{
    struct scenario_rule *rule;

    story_be_quiet(story);
    rule = story_add_rule(story);
    rule->timed = true;
    rule->for_ns = until_ns;
    rule->faults = (struct fault_set){.set = FAULT_LOSS, .loss_q63 = PROBABILITY_ONE};
}

/* The way of a request that its client sends at `ms` and that is lost on its first hop, to be sent
 * again every 100 ms and given up after the third time. */
static void lose_three(struct story *story, uint64_t ms, uint32_t client, uint32_t n)
{
    story_begin(story, ms, client, n, "toupper:a");
    for (uint8_t try = 1; try <= 3; try++) {
        story_lose(story, ms + 100 * (try - 1u), client, BROKER, client, n, try);
    }
    story_fail(story, ms + 300, client, n, 3, OUTCOME_TIMED_OUT, 0);
}

/* ---- 13: quiet ------------------------------------------------------------------------------- */

static void a_perfect_run_keeps_both(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_be_quiet(&story);
    story_start(&story);
    story_serve_both(&story);
    story_end(&story);
    expect_verdict(&story, PROMISE_QUIET, PROMISE_KEPT, "");
    expect_verdict(&story, PROMISE_LIVENESS, PROMISE_KEPT, "");
    story_free(&story);
}

static void a_loss_without_faults_breaks_quiet(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_be_quiet(&story);
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_begin(&story, 20, C2, 1, "toupper:b");
    story_lose(&story, 20, C2, BROKER, C2, 1, 1);
    story_reach_server(&story, 120, TOUPPER, C2, 1, 2);
    story_return(&story, 122, TOUPPER, C2, 1, 2);
    story_answer(&story, 124, C2, 1, 2, 104, "B");
    story_end_with(&story, PROMISE_QUIET);
}

static void a_copy_without_faults_breaks_quiet(void)
{
    struct story story;
    struct trace_record copy = story_datagram(4, TRACE_DUPLICATED, BROKER, C1, C1, 1, 1);

    story_init(&story, "toupper", 1);
    story_be_quiet(&story);
    story_start(&story);
    story_begin(&story, 1, C1, 1, "toupper:a");
    story_reach_server(&story, 1, TOUPPER, C1, 1, 1);
    story_return(&story, 3, TOUPPER, C1, 1, 1);
    copy.copy = 1;
    story_take(&story, copy, NULL);
    story_deliver(&story, 5, BROKER, C1, C1, 1, 1);
    story_answer(&story, 5, C1, 1, 1, 4, "A");
    story_serve(&story, 10, C2, 1, TOUPPER, "toupper:b", "B");
    story_end(&story);
    expect_verdict(&story, PROMISE_QUIET, PROMISE_BROKEN,
                   "at 4.000ms: c1/1: broker -> c1 made a copy of a datagram");
    story_free(&story);
}

static void a_retry_without_faults_breaks_quiet(void)
{
    static const uint32_t who[] = {C2, BROKER};

    for (size_t i = 0; i < 2; i++) {
        struct story story;
        story_init(&story, "toupper", 1);
        story_be_quiet(&story);
        story_start(&story);
        story_serve_both(&story);
        story_take(&story, story_note(30, TRACE_RETRY, who[i], C2, 1, 2), NULL);
        story_end_with(&story, PROMISE_QUIET);
    }
}

static void an_error_without_faults_breaks_both(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_be_quiet(&story);
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_begin(&story, 20, C2, 1, "toupper:b");
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_return(&story, 22, TOUPPER, C2, 1, 1);
    story_fail(&story, 24, C2, 1, 1, OUTCOME_ERROR, 500);
    story_end(&story);
    expect_verdict(&story, PROMISE_QUIET, PROMISE_BROKEN,
                   "at 24.000ms: c2/1: ended as error, code 500");
    expect_verdict(&story, PROMISE_LIVENESS, PROMISE_BROKEN,
                   "at 24.000ms: c2/1: ended as error, though what was sent at 20.000ms, after all "
                   "faults, takes 0.000ms at most");
    story_free(&story);
}

static void an_operation_that_nobody_offers_need_not_be_answered(void)
{
    struct story story;

    story_init(&story, "reverse", 1);
    story_be_quiet(&story);
    story_start(&story);
    for (uint32_t client = C1; client <= C2; client++) {
        story_begin(&story, 10, client, 1, "reverse:a");
        story_send(&story, 10, client, BROKER, client, 1, 1);
        story_deliver(&story, 11, client, BROKER, client, 1, 1);
        story_send(&story, 11, BROKER, client, client, 1, 1);
        story_deliver(&story, 12, BROKER, client, client, 1, 1);
        story_fail(&story, 12, client, 1, 1, OUTCOME_ERROR, 404);
    }
    story_end_with(&story, PROMISE_COUNT);
}

static void be_slow(struct story *story)
{
    story->servers[0].service_ns = 50 * NS_PER_MS; /* for two at once, one after the other */
}
static void have_no_queue(struct story *story)
{
    story->servers[0].service_ns = NS_PER_MS;
    story->servers[0].queue = 0;
}
static void have_a_small_table(struct story *story)
{
    story->scenario.broker.pending = 1;
}
static void have_a_hasty_broker(struct story *story)
{
    story->servers[0].service_ns = 10 * NS_PER_MS;
    story->scenario.broker.policy = (struct retry_policy){.timeout_ns = 20 * NS_PER_MS, .tries = 2};
}
static void send_raw(struct story *story)
{
    story->step.kind = CLIENT_RAW;
}
static void have_a_delay(struct story *story)
{
    struct scenario_rule *rule = story_add_rule(story);
    rule->line = 7;
    rule->faults = (struct fault_set){.set = FAULT_DELAY, .delay_ns = 1};
}

static void quiet_is_judged_only_without_faults_and_with_time_and_room(void)
{
    static const struct {
        void (*change)(struct story *story);
        const char *why;
    } cases[] = {
        {have_a_delay, "the network has faults (line 7)"},
        {be_slow, "service can take longer than the timeout of c"},
        {have_no_queue, "the queue of toupper can fill"},
        {have_a_small_table, "the broker's table can fill"},
        {have_a_hasty_broker, "service can take longer than the timeout of the broker"},
        {send_raw, "a script sends raw datagrams, which may claim to be anything"},
        {story_be_real, "a real machine may be late whatever the network does"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct story story;
        story_init(&story, "toupper", 1);
        story_be_quiet(&story);
        cases[i].change(&story);
        story_start(&story);
        story_serve_both(&story);
        story_end(&story);
        expect_verdict(&story, PROMISE_QUIET, PROMISE_NOT_JUDGED, cases[i].why);
        story_free(&story);
    }
}

/* ---- 14: liveness ---------------------------------------------------------------------------- */

static void what_fails_while_a_fault_lasts_is_not_judged(void)
{
    struct story story;

    story_init(&story, "toupper", 2);
    lose_all_until(&story, 100 * NS_PER_MS);
    story.group.policy.tries = 1;
    story_start(&story);
    for (uint32_t client = C1; client <= C2; client++) {
        story_begin(&story, 99, client, 1, "toupper:a");
        story_lose(&story, 99, client, BROKER, client, 1, 1);
    }
    story_fail(&story, 199, C1, 1, 1, OUTCOME_TIMED_OUT, 0);
    story_fail(&story, 199, C2, 1, 1, OUTCOME_TIMED_OUT, 0);
    story_end(&story);
    expect_verdict(&story, PROMISE_LIVENESS, PROMISE_NOT_JUDGED,
                   "nothing was sent after the last fault that had to be answered");
    story_free(&story);
}

static void what_is_answered_after_the_last_fault_keeps_liveness(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    lose_all_until(&story, 100 * NS_PER_MS);
    story_start(&story);
    story_begin(&story, 10, C1, 1, "toupper:a");
    story_lose(&story, 10, C1, BROKER, C1, 1, 1);
    story_reach_server(&story, 110, TOUPPER, C1, 1, 2);
    story_return(&story, 112, TOUPPER, C1, 1, 2);
    story_answer(&story, 114, C1, 1, 2, 104, "A");
    story_serve(&story, 200, C2, 1, TOUPPER, "toupper:b", "B");
    story_end(&story);
    expect_verdict(&story, PROMISE_LIVENESS, PROMISE_KEPT, "");
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    story_free(&story);
}

static void what_begins_after_the_last_fault_and_fails_breaks_liveness(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    lose_all_until(&story, 100 * NS_PER_MS);
    story_start(&story);
    story_serve(&story, 100, C1, 1, TOUPPER, "toupper:a", "A");
    lose_three(&story, 100, C2, 1);
    story_end(&story);
    expect_verdict(&story, PROMISE_LIVENESS, PROMISE_BROKEN,
                   "at 400.000ms: c2/1: ended as timed-out, though what was sent at 100.000ms, "
                   "after all faults, takes 0.000ms at most");
    story_free(&story);
}

/* The request has seen the fault, its last try has not. */
static void the_last_try_after_the_last_fault_counts(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    lose_all_until(&story, 100 * NS_PER_MS);
    story_start(&story);
    story_serve(&story, 100, C1, 1, TOUPPER, "toupper:a", "A");
    lose_three(&story, 99, C2, 1);
    story_end_with(&story, PROMISE_LIVENESS);
}

static void what_the_end_of_the_run_cancels_is_not_judged(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_be_quiet(&story);
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_begin(&story, 20, C2, 1, "toupper:b");
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_fail(&story, 300, C2, 1, 1, OUTCOME_CANCELLED, 0);
    story.facts.end = RUN_TIME_LIMIT;
    story_end(&story);
    expect_verdict(&story, PROMISE_QUIET, PROMISE_KEPT, "");
    expect_verdict(&story, PROMISE_LIVENESS, PROMISE_KEPT, "");
    story_free(&story);
}

/* ---- where liveness cannot tell -------------------------------------------------------------- */

/* Runs a story in which c1 is served, and c2's request is lost three times; `change` is made to the
 * perfect network before. Whether liveness breaks. */
static bool breaks_liveness(void (*change)(struct story *story))
{
    struct story story;
    bool broken;

    story_init(&story, "toupper", 1);
    story_be_quiet(&story);
    change(&story);
    story_start(&story);
    story_serve(&story, 100, C1, 1, TOUPPER, "toupper:a", "A");
    lose_three(&story, 110, C2, 1);
    story_end(&story);
    broken = story.verdict.promises[PROMISE_LIVENESS].verdict == PROMISE_BROKEN;
    story_free(&story);
    return broken;
}

static uint64_t link_of_c2[1] = {UINT64_C(1) << (2 * (C2 - 1))};
static uint64_t link_of_c1[1] = {UINT64_C(1) << (2 * (C1 - 1))};

static struct scenario_rule *add_loss(struct story *story, const uint64_t *links)
{
    struct scenario_rule *rule = story_add_rule(story);

    rule->links = links;
    rule->faults = (struct fault_set){.set = FAULT_LOSS, .loss_q63 = 1};
    return rule;
}

static void change_nothing(struct story *story)
{
    (void)story;
}
static void lose_on_the_way(struct story *story)
{
    add_loss(story, link_of_c2);
}
static void lose_elsewhere(struct story *story)
{
    add_loss(story, link_of_c1);
}
static void lose_until_the_first_send(struct story *story)
{
    struct scenario_rule *rule = add_loss(story, link_of_c2);
    rule->timed = true;
    rule->for_ns = 110 * NS_PER_MS;
}
static void lose_until_the_last_send(struct story *story)
{
    struct scenario_rule *rule = add_loss(story, link_of_c2);
    rule->timed = true;
    rule->for_ns = 310 * NS_PER_MS;
}
static void lose_until_after_the_last_send(struct story *story)
{
    struct scenario_rule *rule = add_loss(story, link_of_c2);
    rule->timed = true;
    rule->for_ns = 310 * NS_PER_MS + 1;
}
static void lose_again_and_again(struct story *story)
{
    struct scenario_rule *rule = add_loss(story, link_of_c2);
    rule->timed = true;
    rule->for_ns = NS_PER_MS;
    rule->every_ns = NS_PER_S;
    rule->times = UINT64_MAX;
}
static void take_100ms(struct story *story)
{
    struct scenario_rule *rule = story_add_rule(story);
    rule->faults =
        (struct fault_set){.set = FAULT_DELAY, .delay_ns = 74 * NS_PER_MS, .jitter_ns = NS_PER_MS};
}
static void take_just_less(struct story *story)
{
    take_100ms(story);
    story->rules[0].faults.jitter_ns--;
}
static void serve_for_300ms(struct story *story)
{
    story->servers[0].service_ns = 300 * NS_PER_MS;
}
static void serve_for_just_less(struct story *story)
{
    story->servers[0].service_ns = 300 * NS_PER_MS - 1;
}

static void liveness_breaks_where_time_sufficed_and_no_fault_was_in_the_way(void)
{
    static const struct {
        void (*change)(struct story *story);
        bool breaks;
    } cases[] = {
        {change_nothing, true},
        {lose_on_the_way, false},
        {lose_elsewhere, true},
        {lose_until_the_first_send, true},
        {lose_until_the_last_send, true},
        {lose_until_after_the_last_send, false},
        {lose_again_and_again, false},
        {take_100ms, false}, /* four times 75 ms, given up after 300 */
        {take_just_less, true},
        {serve_for_300ms, false},
        {serve_for_just_less, true},
        {have_a_small_table, false},
        {send_raw, false},
        {story_be_real, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (breaks_liveness(cases[i].change) != cases[i].breaks) {
            printf("case %zu\n", i);
            CU_FAIL("liveness is judged otherwise");
        }
    }
}

static void a_try_waits_for_as_many_jobs_as_the_server_ever_had(void)
{
    for (unsigned together = 1; together <= 2; together++) {
        struct story story;
        story_init(&story, "toupper", 1);
        story_be_quiet(&story);
        story.servers[0].service_ns = 200 * NS_PER_MS;
        story.group.policy.timeout_ns = 300 * NS_PER_MS;
        story_start(&story);
        for (unsigned i = 0; i < together; i++) {
            uint32_t client = C1 + i;
            story_begin(&story, 10, client, 1, "toupper:a");
            struct trace_record send = story_datagram(10, TRACE_SEND, client, BROKER, client, 1, 1);
            send.value_ns = 310 * NS_PER_MS;
            story_take(&story, send, NULL);
            story_deliver(&story, 11, client, BROKER, client, 1, 1);
            story_send(&story, 11, BROKER, TOUPPER, client, 1, 1);
            story_deliver(&story, 12, BROKER, TOUPPER, client, 1, 1);
        }
        for (unsigned i = 0; i < together; i++) {
            story_fail(&story, 310, C1 + i, 1, 1, OUTCOME_TIMED_OUT, 0);
        }
        story_end(&story);
        /* One alone takes 200 ms and was given 300; the second of two takes 400. */
        CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_LIVENESS].verdict,
                        together == 1 ? PROMISE_BROKEN : PROMISE_NOT_JUDGED);
        story_free(&story);
    }
}

static void a_full_queue_leaves_liveness_open(void)
{
    for (uint32_t queue = 0; queue <= 1; queue++) {
        struct story story;
        story_init(&story, "toupper", 1);
        story_be_quiet(&story);
        story.servers[0].service_ns = NS_PER_MS;
        story.servers[0].queue = queue;
        story_start(&story);
        for (uint32_t client = C1; client <= C2; client++) {
            story_begin(&story, 10, client, 1, "toupper:a");
            story_send(&story, 10, client, BROKER, client, 1, 1);
            story_deliver(&story, 10, client, BROKER, client, 1, 1);
            story_send(&story, 10, BROKER, TOUPPER, client, 1, 1);
            story_deliver(&story, 10, BROKER, TOUPPER, client, 1, 1);
        }
        story_fail(&story, 10, C1, 1, 1, OUTCOME_ERROR, 429);
        story_fail(&story, 10, C2, 1, 1, OUTCOME_ERROR, 429);
        story_end(&story);
        CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_LIVENESS].verdict,
                        queue == 0 ? PROMISE_NOT_JUDGED : PROMISE_BROKEN);
        story_free(&story);
    }
}

/* A refusal from before the faults were over ends the broker's entry while the new try is served.
 */
static void an_old_refusal_that_comes_late_excuses_the_broker(void)
{
    for (uint16_t code = 200; code <= 504; code += 304) {
        struct story story;
        struct trace_record closed = story_note(212, TRACE_ENTRY_CLOSED, BROKER, C2, 1, 1);
        story_init(&story, "toupper", 1);
        lose_all_until(&story, 100 * NS_PER_MS);
        story_start(&story);
        story_serve(&story, 100, C1, 1, TOUPPER, "toupper:a", "A");
        story_begin(&story, 99, C2, 1, "toupper:b");
        story_reach_server(&story, 99, TOUPPER, C2, 1, 1);
        story_lose(&story, 199, C2, BROKER, C2, 1, 2);
        closed.code = code;
        story_take(&story, closed, NULL);
        story_fail(&story, 399, C2, 1, 2, OUTCOME_TIMED_OUT, 0);
        story_end_with(&story, code == 200 ? PROMISE_LIVENESS : PROMISE_COUNT);
    }
}

/* ---- exact faults ---------------------------------------------------------------------------- */

static void judge_drops(const struct exact_fault *exact, bool breaks)
{
    struct story story;
    struct scenario_rule *rule;

    story_init(&story, "toupper", 1);
    lose_all_until(&story, 1); /* or else the losses would break `quiet`, too */
    rule = story_add_rule(&story);
    rule->links = link_of_c2;
    rule->faults = (struct fault_set){.exact = exact, .exact_count = 1};
    story_start(&story);
    story_serve(&story, 100, C1, 1, TOUPPER, "toupper:a", "A");
    lose_three(&story, 110, C2, 1);
    story_end_with(&story, breaks ? PROMISE_LIVENESS : PROMISE_COUNT);
}

static void a_drop_by_position_is_over_when_the_position_has_passed(void)
{
    static const struct exact_range ranges[] = {{1, 1}, {2, 2}, {3, 3}};
    struct exact_fault exact = {.kind = EXACT_DROP, .which = EXACT_POSITIONS, .range_count = 1};

    for (uint32_t last = 1; last <= 3; last++) {
        exact.ranges = &ranges[last - 1];
        judge_drops(&exact, last < 3); /* the third datagram is the last that c2 sends */
    }
}

static void a_drop_of_one_request_excuses_that_one(void)
{
    struct exact_fault exact = {
        .kind = EXACT_DROP, .which = EXACT_OF_REQUEST, .client = C2, .n = 1};

    judge_drops(&exact, false);
    exact.client = UINT32_MAX;
    judge_drops(&exact, false);
    exact.client = C1;
    judge_drops(&exact, true);
    exact.client = C2;
    exact.n = 2;
    judge_drops(&exact, true);
}

static void a_drop_of_each_request_never_ends(void)
{
    static const struct exact_range first = {1, 1};
    struct exact_fault exact = {
        .kind = EXACT_DROP, .which = EXACT_EACH_REQUEST, .ranges = &first, .range_count = 1};

    judge_drops(&exact, false);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_perfect_run_keeps_both),
        HARNESS_TEST(a_loss_without_faults_breaks_quiet),
        HARNESS_TEST(a_copy_without_faults_breaks_quiet),
        HARNESS_TEST(a_retry_without_faults_breaks_quiet),
        HARNESS_TEST(an_error_without_faults_breaks_both),
        HARNESS_TEST(an_operation_that_nobody_offers_need_not_be_answered),
        HARNESS_TEST(quiet_is_judged_only_without_faults_and_with_time_and_room),
        HARNESS_TEST(what_fails_while_a_fault_lasts_is_not_judged),
        HARNESS_TEST(what_is_answered_after_the_last_fault_keeps_liveness),
        HARNESS_TEST(what_begins_after_the_last_fault_and_fails_breaks_liveness),
        HARNESS_TEST(the_last_try_after_the_last_fault_counts),
        HARNESS_TEST(what_the_end_of_the_run_cancels_is_not_judged),
        HARNESS_TEST(liveness_breaks_where_time_sufficed_and_no_fault_was_in_the_way),
        HARNESS_TEST(a_try_waits_for_as_many_jobs_as_the_server_ever_had),
        HARNESS_TEST(a_full_queue_leaves_liveness_open),
        HARNESS_TEST(an_old_refusal_that_comes_late_excuses_the_broker),
        HARNESS_TEST(a_drop_by_position_is_over_when_the_position_has_passed),
        HARNESS_TEST(a_drop_of_one_request_excuses_that_one),
        HARNESS_TEST(a_drop_of_each_request_never_ends),
    };
    return harness_run("verdict/judge_calm", tests, HARNESS_COUNT(tests));
}
