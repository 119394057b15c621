/* Where `quiet` and `liveness` are judged, by runs of whole scenarios, and the timing margin of a
 * run, exactly. */
#include "world/virtual.h"

#include <stdlib.h>

#include "report/report.h"
#include "virtual_story.h"

struct promised {
    const char *text;
    enum promise_verdict quiet;
    enum promise_verdict liveness;
    const char *why; /* liveness is not judged; NULL: it is */
};

#define LOSS10_CLIENTS                                                                             \
    "clients 8 timeout 60ms tries 12 cap 120ms\n"                                                  \
    "  send 25 toupper \"hello from {client}, number {n}\"\n"

static const struct promised PROMISED[] = {
    {"client alice\n  send 3 toupper \"hello\"\n", PROMISE_KEPT, PROMISE_KEPT, NULL},
    {"server toupper service 4ms 2ms\nclients 9\n  send 20 toupper \"hello\"\n", PROMISE_KEPT,
     PROMISE_KEPT, NULL},
    {"network loss 10% delay 2ms 1ms\n" LOSS10_CLIENTS, PROMISE_NOT_JUDGED, PROMISE_NOT_JUDGED,
     "datagrams can be lost or held up to the end of the run (line 1)"},
    {"network delay 2ms 1ms\nat 0s for 500ms network loss 10%\n" LOSS10_CLIENTS, PROMISE_NOT_JUDGED,
     PROMISE_KEPT, NULL},
    {"network loss 10% delay 2ms 1ms\nat 500ms network loss 0%\n" LOSS10_CLIENTS,
     PROMISE_NOT_JUDGED, PROMISE_KEPT, NULL},
    {"network delay 2ms 1ms\nat 10s for 500ms network loss 10%\n" LOSS10_CLIENTS,
     PROMISE_NOT_JUDGED, PROMISE_NOT_JUDGED, "nothing happened after the last fault"},
    {"network delay 1ms\nat 0s for 500ms link clients -> broker down\n"
     "clients 5 timeout 50ms tries 8 jitter full\n  send toupper \"knock\"\n",
     PROMISE_NOT_JUDGED, PROMISE_KEPT, NULL},
    {"network delay 1ms\nat 0s for 500ms link clients -> broker down\n"
     "clients 5 timeout 50ms tries 3\n  send toupper \"knock\"\n",
     PROMISE_NOT_JUDGED, PROMISE_NOT_JUDGED, "nothing happened after the last fault"},
    {"link student -> broker drop 1\nclient student timeout 100ms\n  send toupper \"once\"\n",
     PROMISE_NOT_JUDGED, PROMISE_KEPT, NULL},
    {"network delay 1ms\nlink toupper -> broker down\nclient a\n  send toupper \"a\"\n"
     "client b\n  send tolower \"b\"\n",
     PROMISE_NOT_JUDGED, PROMISE_KEPT, NULL}, /* b's way is free */
    {"network duplicate 50%\nclients 3 window 4\n  send 20 count \"x\"\n", PROMISE_NOT_JUDGED,
     PROMISE_KEPT, NULL},
    {"server toupper service 160ms\nclient hasty timeout 100ms tries 10 backoff constant\n"
     "  send 2 toupper \"is anybody there?\"\n",
     PROMISE_NOT_JUDGED, PROMISE_KEPT, NULL},
    {"client rude\n  raw \"hello?\"\n  send toupper \"a\"\n", PROMISE_NOT_JUDGED,
     PROMISE_NOT_JUDGED, "a script sends raw datagrams, which may claim to be anything"},
    {"client old plain\n  send 5 toupper \"a\"\n", PROMISE_KEPT, PROMISE_NOT_JUDGED,
     "nothing was sent after the last fault that had to be answered"},
};

static void both_are_judged_where_faults_end_and_time_suffices(void)
{
    for (size_t i = 0; i < HARNESS_COUNT(PROMISED); i++) {
        const struct promised *promised = &PROMISED[i];
        struct story story;
        story_run(&story, promised->text);
        const struct promise_result *quiet = &story.verdict.promises[PROMISE_QUIET];
        const struct promise_result *liveness = &story.verdict.promises[PROMISE_LIVENESS];
        bool right = quiet->verdict == promised->quiet && liveness->verdict == promised->liveness &&
                     strcmp(liveness->detail, promised->why == NULL ? "" : promised->why) == 0;
        if (!right) {
            printf("scenario %zu: quiet %s, liveness %s\n", i, quiet->detail, liveness->detail);
        }
        CU_ASSERT(right);
        story_free(&story);
    }
}

/* A retry storm that feeds itself: the server is never through, long after the fault has ended. */
static void a_server_that_cannot_keep_up_breaks_no_promise(void)
{
    struct story story;

    story_run(&story, "server toupper service 30ms queue 20\nat 0s for 200ms network loss 90%\n"
                      "clients 40 timeout 50ms tries 6 backoff constant\n  send 5 toupper \"x\"\n");
    story_expect_promises_kept(&story);
    CU_ASSERT(story_metric(&story, METRIC_FAILED) > 0);
    story_free(&story);
}

/* ---- margins --------------------------------------------------------------------------------- */

static double margin_ms(const char *text)
{
    struct story story;
    double margin_ns;

    story_run(&story, text);
    margin_ns = story_metric(&story, METRIC_TIMING_MARGIN);
    story_free(&story);
    return margin_ns / 1e6;
}

static void the_margin_is_what_is_left_of_the_timer(void)
{
    CU_ASSERT_DOUBLE_EQUAL(margin_ms("network delay 7ms\nclient a timeout 100ms\n"
                                     "  send 3 toupper \"x\"\n"),
                           72, 0);
}

/* The answer to the first try comes 20 ms after its timer, 80 before the second's. */
static void the_margin_is_how_long_the_timer_had_fired_before(void)
{
    CU_ASSERT_DOUBLE_EQUAL(margin_ms("network delay 30ms\nclient a timeout 100ms backoff constant\n"
                                     "  send toupper \"x\"\n"),
                           20, 0);
}

static void the_margin_is_how_late_a_reply_was_for_a_request_given_up(void)
{
    CU_ASSERT_DOUBLE_EQUAL(margin_ms("network delay 26ms\nclient a timeout 100ms tries 1\n"
                                     "  send toupper \"x\"\nclient b\n  send toupper \"y\"\n"),
                           4, 0);
}

static void without_a_reply_there_is_no_margin(void)
{
    struct story story;
    double value;

    story_run(&story, "network down\nclient a timeout 100ms\n  send toupper \"x\"\n");
    CU_ASSERT(!verdict_metric(&story.verdict, &story.facts, METRIC_TIMING_MARGIN, &value));
    story_free(&story);
}

/* Whether the report for machines has these words in it. */
static bool json_has(const char *text, const char *words)
{
    struct story story;
    char *json = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&json, &size);
    struct report_run run = {.scenario = &story.scenario,
                             .verdict = &story.verdict,
                             .facts = &story.facts,
                             .command = "simrun"};

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    story_run(&story, text);
    CU_ASSERT(report_json(file, &run));
    fclose(file);
    bool has = strstr(json, words) != NULL;
    free(json);
    story_free(&story);
    return has;
}

static void the_report_for_machines_has_margin_and_promises(void)
{
    static const char served[] =
        "network delay 7ms\nclient a timeout 100ms\n  send toupper \"x\"\n";
    static const char lost[] = "network down\nclient a timeout 100ms\n  send toupper \"x\"\n";

    CU_ASSERT(json_has(served, "\"timing-margin_ns\":72000000"));
    CU_ASSERT(json_has(lost, "\"timing-margin_ns\":null"));
    CU_ASSERT(json_has(served, "{\"name\":\"liveness\",\"verdict\":\"kept\""));
    CU_ASSERT(json_has(served, "{\"name\":\"quiet\",\"verdict\":\"not-judged\",\"detail\":"
                               "\"the network has faults (line 1)\"}"));
}

static void a_lesson_about_quiet_fails_where_it_is_kept(void)
{
    struct story story;

    story_run(&story, "client a\n  send toupper \"x\"\nexpect promise quiet broken\n"
                      "expect promise liveness broken\n");
    CU_ASSERT_EQUAL(story.verdict.status, 1);
    CU_ASSERT_STRING_EQUAL(story.verdict.expectations[0].shown, "kept");
    CU_ASSERT_STRING_EQUAL(story.verdict.expectations[1].shown, "kept");
    story_free(&story);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(both_are_judged_where_faults_end_and_time_suffices),
        HARNESS_TEST(a_server_that_cannot_keep_up_breaks_no_promise),
        HARNESS_TEST(the_margin_is_what_is_left_of_the_timer),
        HARNESS_TEST(the_margin_is_how_long_the_timer_had_fired_before),
        HARNESS_TEST(the_margin_is_how_late_a_reply_was_for_a_request_given_up),
        HARNESS_TEST(without_a_reply_there_is_no_margin),
        HARNESS_TEST(the_report_for_machines_has_margin_and_promises),
        HARNESS_TEST(a_lesson_about_quiet_fails_where_it_is_kept),
    };
    return harness_run("world/promises", tests, HARNESS_COUNT(tests));
}
