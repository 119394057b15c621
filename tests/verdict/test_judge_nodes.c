/* What a crash takes with it, and what the judge makes of that: no false alarm, and none missed. */
#include "verdict/judge.h"

#include "verdict/story.h"

static void story_event(struct story *story, uint64_t ms, enum trace_event event, uint32_t node)
{
    story_take(story, story_record(ms, event, node), NULL);
}

/* The datagram that has just been delivered met a node that had crashed. */
static void story_deaf(struct story *story, uint64_t ms, uint32_t from, uint32_t to,
                       uint32_t client, uint8_t try)
{
    struct trace_record record = story_datagram(ms, TRACE_DELIVER, from, to, client, 1, try);

    record.event = TRACE_REJECTED;
    record.reason = REJECT_DEAF;
    story_take(story, record, NULL);
}

/* c1 is served; c2's first try has been executed at 22 ms by `server`, which holds it. */
static void story_begin_well(struct story *story, const char *op, uint32_t server)
{
    char request[32];

    snprintf(request, sizeof request, "%s:b", op);
    story_init(story, op, 1);
    story_start(story);
    story_serve(story, 10, C1, 1, server, request, server == COUNT ? "1" : "B");
    story_begin(story, 20, C2, 1, request);
    story_reach_server(story, 20, server, C2, 1, 1);
}

/* c2's second try, at 120 ms, is served like the first one of a new life. */
static void story_try_again(struct story *story, uint32_t server, const char *answer)
{
    story_timeout(story, 120, C2, 1, 1);
    story_reach_server(story, 120, server, C2, 1, 2);
    story_return(story, 122, server, C2, 1, 2);
    story_answer(story, 124, C2, 1, 2, 104, answer);
}

static void entries_go_with_the_broker(void)
{
    struct story story;

    story_begin_well(&story, "toupper", TOUPPER);
    story_event(&story, 23, TRACE_CRASH, BROKER);
    story_event(&story, 50, TRACE_RESTART, BROKER);
    story_try_again(&story, TOUPPER, "B");
    story_end_with(&story, PROMISE_COUNT);
}

static void what_has_gone_cannot_be_removed(void)
{
    struct story story;

    story_begin_well(&story, "toupper", TOUPPER);
    story_event(&story, 23, TRACE_RESTART, BROKER);
    story_return(&story, 24, TOUPPER, C2, 1, 1);
    story_answer(&story, 26, C2, 1, 1, 6, "B");
    story_end_with(&story, PROMISE_EMPTY_TABLES);
}

static void without_a_crash_a_second_entry_is_one_too_many(void)
{
    struct story story;

    story_begin_well(&story, "toupper", TOUPPER);
    story_event(&story, 23, TRACE_CRASH, TOUPPER);
    story_event(&story, 50, TRACE_RESTART, TOUPPER);
    story_try_again(&story, TOUPPER, "B");
    story_end_with(&story, PROMISE_EMPTY_TABLES);
}

static void jobs_go_with_the_server(void)
{
    struct story story;

    story_begin_well(&story, "toupper", TOUPPER);
    story_event(&story, 23, TRACE_CRASH, TOUPPER);
    story_event(&story, 24, TRACE_RESTART, TOUPPER);
    story_execute(&story, 30, TOUPPER, C2, 1, 1); /* of what it cannot know any more */
    story_return(&story, 31, TOUPPER, C2, 1, 1);
    story_answer(&story, 33, C2, 1, 1, 13, "B");
    story_end_with(&story, PROMISE_CAUSE);
}

static void what_another_server_had_stays(void)
{
    struct story story;

    story_begin_well(&story, "toupper", TOUPPER);
    story_event(&story, 23, TRACE_CRASH, TOLOWER);
    story_execute(&story, 30, TOUPPER, C2, 1, 1);
    story_return(&story, 31, TOUPPER, C2, 1, 1);
    story_answer(&story, 33, C2, 1, 1, 13, "B");
    story_end_with(&story, PROMISE_COUNT);
}

/* c2's request was executed twice before a crash and once after it. */
static void story_count(struct story *story, const char *answer, enum promise broken)
{
    story_begin_well(story, "count", COUNT);
    story_execute(story, 25, COUNT, C2, 1, 1);
    story_event(story, 30, TRACE_CRASH, COUNT);
    story_event(story, 31, TRACE_RESTART, COUNT);
    story_event(story, 31, TRACE_RESTART, BROKER);
    story_try_again(story, COUNT, answer);
    story_end_with(story, broken);
}

static void count_answers_what_one_life_has_counted(void)
{
    struct story story;

    story_count(&story, "1", PROMISE_COUNT);
    story_count(&story, "2", PROMISE_COUNT); /* it may have been sent before the crash */
    story_count(&story, "3", PROMISE_RIGHT_TEXT);
}

static void a_deaf_node_has_got_nothing(void)
{
    struct story story;

    story_begin_well(&story, "toupper", TOUPPER);
    story_event(&story, 23, TRACE_CRASH, BROKER);
    story_timeout(&story, 120, C2, 1, 1);
    story_send(&story, 120, C2, BROKER, C2, 1, 2);
    story_deliver(&story, 121, C2, BROKER, C2, 1, 2);
    story_deaf(&story, 121, C2, BROKER, C2, 2);
    /* It had got try 1 alone, and has sent that on. */
    story_send(&story, 122, BROKER, TOUPPER, C2, 1, 2);
    story_deliver(&story, 123, BROKER, TOUPPER, C2, 1, 2);
    story_timeout(&story, 220, C2, 1, 2);
    story_fail(&story, 220, C2, 1, 2, OUTCOME_TIMED_OUT, 0);
    story_end_with(&story, PROMISE_BUDGETS);
}

static void who_has_forgotten_cannot_be_definite(void)
{
    struct story story;

    story_begin_well(&story, "toupper", TOUPPER);
    story_event(&story, 23, TRACE_RESTART, BROKER);
    story_fail(&story, 30, C2, 1, 1, OUTCOME_ERROR, 429);
    story_end(&story);
    CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_DEFINITE].verdict, PROMISE_NOT_JUDGED);
    story_free(&story);
}

static void a_pause_takes_nothing(void)
{
    struct story story;

    story_begin_well(&story, "toupper", TOUPPER);
    story_event(&story, 23, TRACE_PAUSE, TOUPPER);
    story_event(&story, 50, TRACE_RESUME, TOUPPER);
    story_return(&story, 51, TOUPPER, C2, 1, 1);
    story_answer(&story, 53, C2, 1, 1, 33, "B");
    story_end_with(&story, PROMISE_COUNT);
}

/* A job is all that the server has room for; it is started anew meanwhile, or not. */
static void what_a_crash_took_fills_no_queue(void)
{
    for (int restarts = 0; restarts <= 1; restarts++) {
        struct story story;
        story_init(&story, "toupper", 1);
        story_be_quiet(&story);
        story.some_nodes[0] = 1u << TOUPPER;
        *story_add_rule(&story) = (struct scenario_rule){.kind = RULE_RESTART,
                                                         .nodes = story.some_nodes,
                                                         .links = story.all_links,
                                                         .timed = true,
                                                         .at_ns = 20 * NS_PER_MS,
                                                         .for_ns = TIME_NEVER};
        story.servers[0].service_ns = NS_PER_MS;
        story.servers[0].queue = 0;
        story_start(&story);
        story_begin(&story, 10, C1, 1, "toupper:a");
        story_send(&story, 10, C1, BROKER, C1, 1, 1);
        story_deliver(&story, 10, C1, BROKER, C1, 1, 1);
        story_send(&story, 10, BROKER, TOUPPER, C1, 1, 1);
        story_deliver(&story, 10, BROKER, TOUPPER, C1, 1, 1);
        if (restarts == 1) {
            story_take(&story, story_record(20, TRACE_RESTART, TOUPPER), NULL);
        }
        story_begin(&story, 30, C2, 1, "toupper:a");
        story_send(&story, 30, C2, BROKER, C2, 1, 1);
        story_deliver(&story, 30, C2, BROKER, C2, 1, 1);
        story_send(&story, 30, BROKER, TOUPPER, C2, 1, 1);
        story_deliver(&story, 30, BROKER, TOUPPER, C2, 1, 1);
        story_fail(&story, 30, C2, 1, 1, OUTCOME_ERROR, 429);
        story_end(&story);
        CU_ASSERT_EQUAL(story.verdict.promises[PROMISE_LIVENESS].verdict,
                        restarts == 1 ? PROMISE_BROKEN : PROMISE_NOT_JUDGED);
        story_free(&story);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(entries_go_with_the_broker),
        HARNESS_TEST(what_has_gone_cannot_be_removed),
        HARNESS_TEST(without_a_crash_a_second_entry_is_one_too_many),
        HARNESS_TEST(jobs_go_with_the_server),
        HARNESS_TEST(what_another_server_had_stays),
        HARNESS_TEST(count_answers_what_one_life_has_counted),
        HARNESS_TEST(a_deaf_node_has_got_nothing),
        HARNESS_TEST(who_has_forgotten_cannot_be_definite),
        HARNESS_TEST(a_pause_takes_nothing),
        HARNESS_TEST(what_a_crash_took_fills_no_queue),
    };

    return harness_run("verdict/judge_nodes", tests, HARNESS_COUNT(tests));
}
