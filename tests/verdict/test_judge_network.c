/* Datagrams and the broker's table: promises 9 to 12, each broken on purpose. */
#include "verdict/judge.h"

#include "base/prng.h"
#include "verdict/story.h"

/* ---- 12: dropped is gone --------------------------------------------------------------------- */

static void a_lost_datagram_that_comes_breaks_dropped_is_gone(void)
{
    struct story story;

    story_open_second(&story);
    story_lose(&story, 20, C2, BROKER, C2, 1, 1);
    story_deliver(&story, 21, C2, BROKER, C2, 1, 1);
    story_fail(&story, 120, C2, 1, 1, OUTCOME_TIMED_OUT, 0);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_DROPPED_IS_GONE].verdict, PROMISE_BROKEN);
    CU_ASSERT_STRING_EQUAL(story.verdict.promises[PROMISE_DROPPED_IS_GONE].detail,
                           "at 21.000ms: c2/1: try 1 reached broker, though no copy was on its "
                           "way");
    /* The sums show it, too. */
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_CONSERVATION].verdict, PROMISE_BROKEN);
    story_free(&story);
}

static void a_datagram_that_comes_twice_breaks_dropped_is_gone(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    story_deliver(&story, 30, BROKER, C2, C2, 1, 1);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_DROPPED_IS_GONE].verdict, PROMISE_BROKEN);
    story_free(&story);
}

static void a_copy_may_come_beside_the_original(void)
{
    struct story story;
    struct trace_record copy = story_datagram(30, TRACE_DUPLICATED, BROKER, C2, C2, 1, 1);
    struct trace_record late = story_note(34, TRACE_REJECTED, C2, C2, 1, 1);

    story_init(&story, "toupper", 1);
    story.rules[0].faults.duplicate_q63 = PROBABILITY_ONE / 10;
    story_start(&story);
    story_serve_both(&story);
    copy.copy = 1;
    copy.due_ns = 33 * NS_PER_MS;
    story_take(&story, copy, NULL);
    story_deliver(&story, 34, BROKER, C2, C2, 1, 1);
    late.reason = REJECT_LATE;
    story_take(&story, late, NULL);
    CU_ASSERT_EQUAL(TALLY_NODE(&story.verdict.tally, C2, rejected[REJECT_LATE]), 1);
    story_end_with(&story, PROMISE_COUNT);
}

/* What one link may do, and at one time, no other may. */
static void a_link_that_does_what_no_fault_of_it_is_for_breaks_quiet_in_any_run(void)
{
    static const uint64_t links[][1] = {{UINT64_C(1) << (2 * (C1 - 1))},
                                        {UINT64_C(1) << (2 * (C2 - 1))}};

    for (unsigned i = 0; i < 4; i++) {
        struct story story;
        bool copies = i >= 2;
        bool allowed = i % 2 == 1;
        story_init(&story, "toupper", 1);
        story.rules[0].links = links[allowed];
        story.rules[0].faults = copies
                                    ? (struct fault_set){.set = FAULT_DUPLICATE, .duplicate_q63 = 1}
                                    : (struct fault_set){.set = FAULT_LOSS, .loss_q63 = 1};
        story_be_real(&story);
        story_start(&story);
        story_serve(&story, 10, C1, 1, TOUPPER, "toupper:a", "A");
        story_begin(&story, 20, C2, 1, "toupper:b");
        if (copies) {
            struct trace_record copy = story_datagram(20, TRACE_DUPLICATED, C2, BROKER, C2, 1, 1);
            copy.copy = 1;
            story_send(&story, 20, C2, BROKER, C2, 1, 1);
            story_take(&story, copy, NULL);
            story_deliver(&story, 20, C2, BROKER, C2, 1, 1);
            story_deliver(&story, 20, C2, BROKER, C2, 1, 1);
        } else {
            story_lose(&story, 20, C2, BROKER, C2, 1, 1);
        }
        story_reach_server(&story, 120, TOUPPER, C2, 1, 2);
        story_return(&story, 122, TOUPPER, C2, 1, 2);
        story_answer(&story, 124, C2, 1, 2, 104, "B");
        story_hand_over(&story);
        story_end_with(&story, allowed ? PROMISE_COUNT : PROMISE_QUIET);
    }
}

/* The story of a datagram of c2's whose link flips a bit; it comes to the broker, or to toupper. */
static void damage(struct story *story, uint64_t ms, uint32_t from, uint32_t to, uint32_t reject_at)
{
    struct trace_record send = story_datagram(ms, TRACE_SEND, from, to, C2, 1, 1);
    struct trace_record came = story_datagram(ms + 1, TRACE_DELIVER, from, to, C2, 1, 1);
    struct trace_record refused = story_note(ms + 1, TRACE_REJECTED, to, C2, 1, 1);

    send.flip = 7;
    send.value_ns = from == C2 ? send.t_ns + 100 * NS_PER_MS : TIME_NEVER;
    story_take(story, send, NULL);
    came.form = TRACE_DAMAGED;
    story_take(story, came, NULL);
    refused.reason = REJECT_CORRUPT;
    if (reject_at == to) {
        story_take(story, refused, NULL);
    }
}

static void what_was_damaged_and_refused_breaks_nothing(void)
{
    struct story story;

    story_open_second(&story);
    damage(&story, 20, C2, BROKER, BROKER);
    story_fail(&story, 120, C2, 1, 1, OUTCOME_TIMED_OUT, 0);
    CU_ASSERT_EQUAL(TALLY_LINK(&story.verdict.tally, scenario_link_to_broker(C2), corrupted), 1);
    story_end_with(&story, PROMISE_COUNT);
}

static void what_was_damaged_and_executed_breaks_dropped_is_gone(void)
{
    struct story story;

    story_open_second(&story);
    story_send(&story, 20, C2, BROKER, C2, 1, 1);
    story_deliver(&story, 21, C2, BROKER, C2, 1, 1);
    story_open(&story, 21, C2, 1);
    damage(&story, 21, BROKER, TOUPPER, BROKER);
    story_execute(&story, 22, TOUPPER, C2, 1, 1);
    story_return(&story, 22, TOUPPER, C2, 1, 1);
    story_answer(&story, 24, C2, 1, 1, 4, "B");
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_DROPPED_IS_GONE].verdict, PROMISE_BROKEN);
    CU_ASSERT_STRING_EQUAL(story.verdict.promises[PROMISE_DROPPED_IS_GONE].detail,
                           "at 22.000ms: c2/1: toupper executed what a link had damaged on the "
                           "way");
    story_free(&story);
}

static void a_damaged_reply_that_is_taken_breaks_dropped_is_gone(void)
{
    struct story story;

    story_open_second(&story);
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_send(&story, 22, TOUPPER, BROKER, C2, 1, 1);
    story_deliver(&story, 23, TOUPPER, BROKER, C2, 1, 1);
    story_close(&story, 23, C2, 1);
    damage(&story, 23, BROKER, C2, BROKER);
    story_answer(&story, 24, C2, 1, 1, 4, "B");
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_DROPPED_IS_GONE].verdict, PROMISE_BROKEN);
    story_free(&story);
}

static void raw_bytes_may_look_like_a_request(void)
{
    struct story story;
    struct trace_record raw = story_datagram(30, TRACE_SEND, C1, BROKER, TRACE_NOBODY, 0, 0);

    story_init(&story, "toupper", 1);
    struct client_step steps[2] = {story.step, {.kind = CLIENT_RAW}};
    story.group.steps = steps;
    story.group.step_count = 2;
    story_start(&story);
    story_serve_both(&story);
    raw.form = TRACE_RAW;
    story_take(&story, raw, NULL);
    /* The bytes are c2's envelope, so that is what the broker, the server and the trace take it
     * for. */
    story_deliver(&story, 31, C1, BROKER, C2, 1, 1);
    story_open(&story, 31, C2, 1);
    story_send(&story, 31, BROKER, TOUPPER, C2, 1, 1);
    story_deliver(&story, 32, BROKER, TOUPPER, C2, 1, 1);
    story_execute(&story, 32, TOUPPER, C2, 1, 1);
    story_return(&story, 32, TOUPPER, C2, 1, 1);
    story_end_with(&story, PROMISE_COUNT);
}

/* ---- 10: delays ------------------------------------------------------------------------------ */

/* c2's datagram takes a delay of 5 ms, and comes at `ms`. */
static void delay_until(struct story *story, uint64_t ms)
{
    struct trace_record send = story_datagram(20, TRACE_SEND, C2, BROKER, C2, 1, 1);

    story_serve(story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_begin(story, 20, C2, 1, "toupper:b");
    send.value_ns = send.t_ns + 100 * NS_PER_MS;
    send.due_ns = 25 * NS_PER_MS;
    story_take(story, send, NULL);
    story_deliver(story, ms, C2, BROKER, C2, 1, 1);
    story_fail(story, 120, C2, 1, 1, OUTCOME_TIMED_OUT, 0);
}

static void a_datagram_may_come_when_its_delay_is_over(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    delay_until(&story, 25);
    story_end_with(&story, PROMISE_COUNT);
}

static void a_datagram_before_its_delay_breaks_timers(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    delay_until(&story, 24);
    story_end_with(&story, PROMISE_TIMERS);
}

/* ---- 9: the broker's table ------------------------------------------------------------------- */

static void an_entry_that_is_removed_twice_breaks_empty_tables(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    story_close(&story, 30, C2, 1);
    story_end_with(&story, PROMISE_EMPTY_TABLES);
}

static void a_second_entry_for_a_request_breaks_empty_tables(void)
{
    struct story story;

    story_open_second(&story);
    story.scenario.broker.pending = 2; /* as many as there are: the budget is kept */
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_open(&story, 22, C2, 1);
    story_return(&story, 22, TOUPPER, C2, 1, 1);
    story_answer(&story, 24, C2, 1, 1, 4, "B");
    story_end_with(&story, PROMISE_EMPTY_TABLES);
}

static void entries_left_at_the_end_are_abandoned(void)
{
    struct story story;

    story_open_second(&story);
    story_reach_server(&story, 20, TOUPPER, C2, 1, 1);
    story_lose(&story, 22, TOUPPER, BROKER, C2, 1, 1);
    story_fail(&story, 120, C2, 1, 1, OUTCOME_TIMED_OUT, 0);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.abandoned, 1);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_EMPTY_TABLES].verdict, PROMISE_KEPT);
    CU_ASSERT_EQUAL(story.verdict.requests[1].executions, 1);
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    story_free(&story);
}

/* ---- 11: budgets ----------------------------------------------------------------------------- */

static void more_entries_than_pending_break_budgets(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story.scenario.broker.pending = 1;
    story_start(&story);
    story_begin(&story, 10, C1, 1, "toupper:a");
    story_begin(&story, 10, C2, 1, "toupper:b");
    story_reach_server(&story, 10, TOUPPER, C1, 1, 1);
    story_reach_server(&story, 12, TOUPPER, C2, 1, 1);
    story_return(&story, 14, TOUPPER, C1, 1, 1);
    story_answer(&story, 16, C1, 1, 1, 6, "A");
    story_return(&story, 16, TOUPPER, C2, 1, 1);
    story_answer(&story, 18, C2, 1, 1, 8, "B");
    story_end_with(&story, PROMISE_BUDGETS);
}

static void a_datagram_over_1200_octets_breaks_budgets(void)
{
    struct story story;
    struct trace_record send = story_datagram(30, TRACE_SEND, BROKER, TOUPPER, TRACE_NOBODY, 0, 1);

    story_init(&story, "toupper", 1);
    story_start(&story);
    story_serve_both(&story);
    send.size = 1201;
    send.reason = LOSS_LOSS;
    story_take(&story, send, NULL);
    story_end_with(&story, PROMISE_BUDGETS);
}

/* The broker sends the one datagram it got from c2 a second time. */
static void forward_twice(struct story *story)
{
    story_serve(story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_begin(story, 20, C2, 1, "toupper:b");
    story_reach_server(story, 20, TOUPPER, C2, 1, 1);
    story_lose(story, 22, BROKER, TOUPPER, C2, 1, 1);
    story_return(story, 22, TOUPPER, C2, 1, 1);
    story_answer(story, 24, C2, 1, 1, 4, "B");
}

static void a_broker_that_sends_more_than_it_got_breaks_budgets(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story_start(&story);
    forward_twice(&story);
    story_end_with(&story, PROMISE_BUDGETS);
}

static void a_broker_with_a_policy_may_send_again(void)
{
    struct story story;

    story_init(&story, "toupper", 1);
    story.scenario.broker.policy = (struct retry_policy){.timeout_ns = NS_PER_MS, .tries = 2};
    story_start(&story);
    forward_twice(&story);
    story_end_with(&story, PROMISE_COUNT);
}

/* ---- short ways ------------------------------------------------------------------------------ */

/* What may be said of a datagram, drawn at random: of two requests of each client, or of none. */
static struct trace_record draw_datagram(uint64_t drawn, uint64_t now_ns)
{
    static const uint32_t others[4] = {TOUPPER, TOLOWER, C1, C2};
    uint32_t other = others[drawn & 3];
    uint32_t client = C1 + (drawn >> 2 & 1);
    uint32_t n = (uint32_t)(1 + (drawn >> 3 & 1) + (drawn >> 4) % 20 / 19 * 2); /* 3, 4: none */
    uint8_t try = (uint8_t)(1 + (drawn >> 9 & 1));
    bool up = (drawn >> 10 & 1) != 0;
    unsigned kind = drawn >> 11 & 31;
    enum trace_event event = kind < 15 ? TRACE_SEND : kind < 17 ? TRACE_DUPLICATED : TRACE_DELIVER;
    struct trace_record record =
        story_datagram(0, event, up ? other : BROKER, up ? BROKER : other, client, n, try);

    record.t_ns = now_ns;
    record.due_ns = event == TRACE_DELIVER ? 0 : now_ns + (drawn >> 16 & 3);
    if (record.node == client) { /* its timer: most often as its policy says */
        record.value_ns = now_ns + 100 * NS_PER_MS + (drawn >> 43 & 7) / 6 - (drawn >> 46 & 7) / 6;
    }
    if ((drawn >> 18 & 15) == 0) {
        record.form = (uint8_t)((drawn >> 22) % (TRACE_DAMAGED + 1u));
    }
    if ((drawn >> 26 & 15) == 0) {
        record.client = TRACE_NOBODY;
        record.n = 0;
    }
    record.reason = (drawn >> 30 & 7) == 0 && event != TRACE_DELIVER ? LOSS_LOSS : LOSS_NONE;
    record.cut = (drawn >> 33 & 15) == 0 && event != TRACE_DELIVER;
    record.size = (drawn >> 37 & 63) == 0 ? 1201 : 50;
    return record;
}

/* Two requests of each client have begun; `beside`: and of each, a copy is on its way to the end,
 * beside which none is the only one. */
static void begin_four(struct story *story, bool real, bool beside)
{
    story_init(story, "toupper", 2);
    story->group.window = 2;
    story->rules[0].faults.corrupt_q63 = PROBABILITY_ONE / 10;
    if (real) {
        story_be_real(story);
    }
    story_start(story);
    for (uint32_t i = 0; i < 4; i++) {
        story_begin(story, 0, C1 + i % 2, 1 + i / 2, "toupper:a");
        if (beside) {
            story_send(story, 0, COUNT, BROKER, C1 + i % 2, 1 + i / 2, 1);
        }
    }
}

static void compare_stories(const struct story *one, const struct story *other)
{
    struct judge *left = one->verdict.judge;
    struct judge *right = other->verdict.judge;

    for (int i = 0; i < PROMISE_COUNT; i++) {
        CU_ASSERT_STRING_EQUAL(left->breaches[i].detail, right->breaches[i].detail);
    }
    for (uint32_t link = 0; link < one->scenario.link_count; link++) {
        struct tally_link counts = tally_link(&one->verdict.tally, link);
        struct tally_link expected = tally_link(&other->verdict.tally, link);
        CU_ASSERT(link / 2 + 1 == COUNT || memcmp(&counts, &expected, sizeof counts) == 0);
        CU_ASSERT_EQUAL(left->links[link].damaged, right->links[link].damaged);
        CU_ASSERT_EQUAL(left->links[link].nameless, right->links[link].nameless);
    }
    for (uint32_t i = 0; i < 4; i++) {
        const struct request *a = ledger_find(&left->ledger, C1 + i % 2, 1 + i / 2);
        const struct request *b = ledger_find(&right->ledger, C1 + i % 2, 1 + i / 2);
        CU_ASSERT_FATAL(a != NULL && b != NULL);
        CU_ASSERT(a->jobs == b->jobs && a->held == b->held && a->tries == b->tries &&
                  a->reply_sent == b->reply_sent && a->reply_ns == b->reply_ns);
        CU_ASSERT(a->timer_ns == b->timer_ns && a->calm_ns == b->calm_ns);
        CU_ASSERT(a->broker_received == b->broker_received && a->broker_sent == b->broker_sent);
    }
    for (uint32_t node = 0; node < NODES; node++) {
        CU_ASSERT_EQUAL(left->clients[node].damaged, right->clients[node].damaged);
        CU_ASSERT_EQUAL(left->clients[node].delivered_ns, right->clients[node].delivered_ns);
        CU_ASSERT(node > COUNT || left->servers[node].damage == right->servers[node].damage);
    }
    CU_ASSERT_EQUAL(left->ledger.copy_count + 4, right->ledger.copy_count);
}

/* A copy that is its request's only one is put down and taken out in short; whatever is said of
 * datagrams, true or not, that comes to what the long way comes to. */
static void short_ways_of_datagrams_lead_where_the_long_ones_do(void)
{
    uint64_t drawn = 7;

    for (unsigned run = 0; run < 400; run++) {
        struct story short_ways, long_ways;
        begin_four(&short_ways, run % 2 != 0, false);
        begin_four(&long_ways, run % 2 != 0, true);
        uint64_t now_ns = NS_PER_MS;
        for (unsigned i = 0; i < 60; i++) {
            drawn = prng_draw(drawn, i);
            now_ns += drawn >> 60 & 3;
            struct trace_record record = draw_datagram(drawn, now_ns);
            story_take(&short_ways, record, NULL);
            story_take(&long_ways, record, NULL);
        }
        compare_stories(&short_ways, &long_ways);
        story_free(&short_ways);
        story_free(&long_ways);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_lost_datagram_that_comes_breaks_dropped_is_gone),
        HARNESS_TEST(a_datagram_that_comes_twice_breaks_dropped_is_gone),
        HARNESS_TEST(a_copy_may_come_beside_the_original),
        HARNESS_TEST(a_link_that_does_what_no_fault_of_it_is_for_breaks_quiet_in_any_run),
        HARNESS_TEST(what_was_damaged_and_refused_breaks_nothing),
        HARNESS_TEST(what_was_damaged_and_executed_breaks_dropped_is_gone),
        HARNESS_TEST(a_damaged_reply_that_is_taken_breaks_dropped_is_gone),
        HARNESS_TEST(raw_bytes_may_look_like_a_request),
        HARNESS_TEST(a_datagram_may_come_when_its_delay_is_over),
        HARNESS_TEST(a_datagram_before_its_delay_breaks_timers),
        HARNESS_TEST(an_entry_that_is_removed_twice_breaks_empty_tables),
        HARNESS_TEST(a_second_entry_for_a_request_breaks_empty_tables),
        HARNESS_TEST(entries_left_at_the_end_are_abandoned),
        HARNESS_TEST(more_entries_than_pending_break_budgets),
        HARNESS_TEST(a_datagram_over_1200_octets_breaks_budgets),
        HARNESS_TEST(a_broker_that_sends_more_than_it_got_breaks_budgets),
        HARNESS_TEST(a_broker_with_a_policy_may_send_again),
        HARNESS_TEST(short_ways_of_datagrams_lead_where_the_long_ones_do),
    };
    return harness_run("verdict/judge_network", tests, HARNESS_COUNT(tests));
}
