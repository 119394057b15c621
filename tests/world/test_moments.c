/* Every event at every moment of a request's life, whoever it happens to and whatever the broker's
 * own leg does: each promise is kept, the request is answered once the event is over, and nothing
 * is left of it: the next request takes exactly its time. */
#include "virtual_story.h"

#include <stdlib.h>

/* c1 asks at 10 ms. Each hop takes 10 ms, and service 20 ms. */
static const struct moment {
    const char *name;
    unsigned ms;
} MOMENTS[] = {
    {"before it is sent", 5},
    {"as it is sent", 10},
    {"in flight to the broker", 15},
    {"as it reaches the broker", 20},
    {"in flight to the server", 25},
    {"as it reaches the server", 30},
    {"in service", 40},
    {"as it is answered", 50},
    {"its reply in flight to the broker", 55},
    {"as its reply reaches the broker", 60},
    {"its reply in flight to the client", 65},
    {"as its reply reaches the client", 70},
    {"after it", 75},
};
#define MOMENT_COUNT (sizeof MOMENTS / sizeof MOMENTS[0])

/* What takes a while; restart does not. */
static const char *const LASTING[] = {
    "crash broker",
    "crash toupper",
    "crash tolower",
    "crash broker,servers",
    "pause broker",
    "pause toupper",
    "pause tolower",
    "pause c1",
    "pause *",
    "partition clients | broker",
    "partition broker | servers",
    "partition broker | clients,servers",
    "partition clients -> broker",
    "partition broker -> clients",
    "partition broker -> toupper",
    "partition toupper -> broker",
    "partition tolower -> broker",
};
#define LASTING_COUNT (sizeof LASTING / sizeof LASTING[0])

/* The same of links. */
static const char *const FAULTS[] = {
    "network down",
    "network loss 100%",
    "network loss gemodel 100% 0% 100% 100%",
    "network delay 200ms ordered",
    "network rate 100kbit limit 1",
    "network corrupt 100%",
    "network truncate 100%",
    "network mtu 68",
    "network duplicate 100% reorder 100%",
};

static const char *const RESTARTS[] = {"restart broker", "restart toupper", "restart tolower",
                                       "restart servers,broker"};

static const unsigned LENGTHS_MS[] = {1, 12, 150};
#define LENGTH_COUNT (sizeof LENGTHS_MS / sizeof LENGTHS_MS[0])

/* The broker's own leg: none, and each kind of policy. */
static const char *const LEGS[] = {
    "",
    "broker timeout 50ms tries 1\n",
    "broker timeout 50ms tries 2\n",
    "broker timeout 50ms tries 4 backoff constant\n",
    "broker timeout 50ms tries 4 backoff linear\n",
    "broker timeout 50ms tries 4 backoff exponential 1.5 cap 90ms\n",
    "broker timeout 50ms tries 3 jitter coap\n",
    "broker timeout 50ms tries 3 jitter full\n",
    "broker timeout 50ms tries 3 jitter equal\n",
    "broker timeout 50ms tries 3 jitter decorrelated cap 200ms\n",
};
#define LEG_COUNT (sizeof LEGS / sizeof LEGS[0])

/* Two requests under way at once, of which the second may be executed again and count; a third by
 * whom the event has long been over. */
static const char LIFE[] = "network delay 10ms\n%s"
                           "server toupper service 20ms\nserver count service 20ms\n"
                           "client c1 timeout 100ms tries 40 backoff constant start 10ms\n"
                           "  send 1 toupper \"x\"\n"
                           "client c2 timeout 100ms tries 40 backoff constant start 10ms\n"
                           "  send 1 count \"y\"\n"
                           "client late %s start %ums\n"
                           "  send 1 toupper \"z\"\n"
                           "%s\n";

static void life_text(char text[1024], const char *leg, const char *late, unsigned late_ms,
                      const char *event)
{
    int wrote = snprintf(text, 1024, LIFE, leg, late, late_ms, event);

    CU_ASSERT_FATAL(wrote > 0 && wrote < 1024);
}

/* The life of the requests with that event in the virtual world. */
static void expect_survived(const char *leg, const struct moment *moment, const char *event)
{
    struct story story;
    char text[1024];
    bool kept = true;

    life_text(text, leg, "timeout 500ms tries 1", 6000, event);
    story_run(&story, text);
    for (int promise = 0; promise < PROMISE_COUNT; promise++) {
        kept = kept && story.verdict.promises[promise].verdict != PROMISE_BROKEN;
    }
    struct request_result first = story_request(&story, "c1", 1);
    struct request_result late = story_request(&story, "late", 1);
    kept = kept && first.outcome == OUTCOME_ANSWERED && late.outcome == OUTCOME_ANSWERED;
    kept = kept && late.latency_ns == MS(60) && late.tries == 1 && late.executions == 1;
    kept = kept && story.verdict.abandoned == 0 && story.verdict.wrong == 0;
    CU_ASSERT_TRUE(kept);
    if (!kept) {
        printf("%s, %s%s: ended as %d after %u tries, the next one as %d in %.3f ms\n",
               moment->name, leg, event, (int)first.outcome, first.tries, (int)late.outcome,
               (double)late.latency_ns / 1e6);
        story_expect_promises_kept(&story);
    }
    story_free(&story);
}

/* ---- the table -------------------------------------------------------------------------------
 */

/* What happens to datagrams and at the server, by the moment. */
static void moments_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    unsigned *seen = context;
    bool event = record->event == TRACE_SEND || record->event == TRACE_DELIVER ||
                 record->event == TRACE_EXECUTE || record->event == TRACE_ANSWERED;

    (void)bytes;
    for (unsigned m = 0; event && m < MOMENT_COUNT; m++) {
        seen[m] += record->t_ns == MS(MOMENTS[m].ms);
    }
}

static void something_happens_at_each_instant_and_nothing_between(void)
{
    unsigned seen[MOMENT_COUNT] = {0};
    struct story story;
    char text[1024];

    life_text(text, LEGS[0], "timeout 500ms tries 1", 6000, "");
    story_run_to(&story, text, (struct trace_sink){.take = moments_take, .context = seen});
    for (unsigned m = 0; m < MOMENT_COUNT; m++) {
        bool instant = strncmp(MOMENTS[m].name, "as it", 5) == 0;
        CU_ASSERT_EQUAL(seen[m] > 0, instant);
    }
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).latency_ns, MS(60));
    story_free(&story);
}

/* One event at one moment, for each of the broker's legs: of each length without a leg, of one with
 * it. */
static void expect_lasting_survived(unsigned m, unsigned e)
{
    char event[128];

    for (unsigned b = 0; b < LEG_COUNT; b++) {
        for (unsigned l = 0; l < LENGTH_COUNT; l++) {
            if (b == 0 || l == (m + e + b) % LENGTH_COUNT) {
                snprintf(event, sizeof event, "at %ums for %ums %s", MOMENTS[m].ms, LENGTHS_MS[l],
                         LASTING[e]);
                expect_survived(LEGS[b], &MOMENTS[m], event);
            }
        }
    }
}

static void what_lasts_a_while_is_survived_at_every_moment(void)
{
    for (unsigned m = 0; m < MOMENT_COUNT; m++) {
        for (unsigned e = 0; e < LASTING_COUNT; e++) {
            expect_lasting_survived(m, e);
        }
    }
}

static void faults_of_links_are_survived_at_every_moment(void)
{
    char event[128];

    for (unsigned m = 0; m < MOMENT_COUNT; m++) {
        for (unsigned f = 0; f < HARNESS_COUNT(FAULTS); f++) {
            for (unsigned l = 0; l < LENGTH_COUNT; l++) {
                snprintf(event, sizeof event, "at %ums for %ums %s", MOMENTS[m].ms, LENGTHS_MS[l],
                         FAULTS[f]);
                expect_survived(LEGS[(m + f + l) % LEG_COUNT], &MOMENTS[m], event);
            }
        }
    }
}

static void a_restart_is_survived_at_every_moment(void)
{
    char event[128];

    for (unsigned m = 0; m < MOMENT_COUNT; m++) {
        for (unsigned e = 0; e < HARNESS_COUNT(RESTARTS); e++) {
            snprintf(event, sizeof event, "at %ums %s", MOMENTS[m].ms, RESTARTS[e]);
            for (unsigned b = 0; b < LEG_COUNT; b++) {
                expect_survived(LEGS[b], &MOMENTS[m], event);
            }
        }
    }
}

/* Each of two events, the second at any later moment, within the first or after it. */
static void two_events_are_survived_at_any_two_moments(void)
{
    static const char *const FIRST[] = {"crash broker", "pause toupper",
                                        "partition clients | broker"};
    static const char *const SECOND[] = {"crash toupper", "pause broker",
                                         "partition broker -> clients"};
    char event[256];

    for (unsigned m = 0; m < MOMENT_COUNT; m++) {
        for (unsigned n = m; n < MOMENT_COUNT; n++) {
            for (unsigned e = 0; e < 9; e++) {
                snprintf(event, sizeof event, "at %ums for 30ms %s\nat %ums for 50ms %s",
                         MOMENTS[m].ms, FIRST[e / 3], MOMENTS[n].ms, SECOND[e % 3]);
                expect_survived(LEGS[(m + n) % LEG_COUNT], &MOMENTS[m], event);
            }
        }
    }
}

/* ---- in the real world, by sample -------------------------------------------------------------
 */

/* Timers are long for who comes late, so that none fires for want of a processor. */
static void expect_survived_for_real(const char *leg, const struct moment *moment,
                                     const char *event)
{
    struct scenario_overrides overrides = {.world_given = true, .world = WORLD_REAL};
    struct scenario_messages messages = {.items = NULL};
    struct run_options options = {.keep_requests = true};
    char error[RUN_ERROR_MAX] = "";
    char text[1024];
    struct story story;

    life_text(text, leg, "timeout 60s tries 1", 300, event);
    CU_ASSERT_FATAL(
        scenario_parse(&story.scenario, "test", text, strlen(text), &overrides, &messages));
    scenario_messages_free(&messages);
    CU_ASSERT_EQUAL_FATAL(
        run_scenario(&story.scenario, &options, &story.verdict, &story.facts, error), 0);
    story_expect_promises_kept(&story);
    CU_ASSERT_EQUAL(story_request(&story, "c1", 1).outcome, OUTCOME_ANSWERED);
    CU_ASSERT_EQUAL(story_request(&story, "late", 1).outcome, OUTCOME_ANSWERED);
    if (story.verdict.status != 0) {
        printf("%s: %s%s\n", moment->name, leg, event);
    }
    story_free(&story);
}

static void a_sample_of_the_table_holds_in_the_real_world(void)
{
    static const char *const SAMPLE[] = {
        "crash broker",  "pause toupper", "partition clients | broker",
        "crash toupper", "pause c1",      "partition broker -> toupper",
        "pause broker"};
    char event[128];

    for (unsigned m = 0; m < MOMENT_COUNT; m++) {
        unsigned e = 2 * m % HARNESS_COUNT(SAMPLE);
        snprintf(event, sizeof event, "at %ums for %ums %s\nat %ums for 40ms %s", MOMENTS[m].ms,
                 LENGTHS_MS[m % 3], SAMPLE[e], MOMENTS[m].ms + 60,
                 SAMPLE[(e + 3) % HARNESS_COUNT(SAMPLE)]);
        expect_survived_for_real(m % 2 == 0 ? LEGS[0] : LEGS[3], &MOMENTS[m], event);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(something_happens_at_each_instant_and_nothing_between),
        HARNESS_TEST(what_lasts_a_while_is_survived_at_every_moment),
        HARNESS_TEST(faults_of_links_are_survived_at_every_moment),
        HARNESS_TEST(a_restart_is_survived_at_every_moment),
        HARNESS_TEST(two_events_are_survived_at_any_two_moments),
        HARNESS_TEST(a_sample_of_the_table_holds_in_the_real_world),
    };

    return harness_run("world/moments", tests, HARNESS_COUNT(tests));
}
