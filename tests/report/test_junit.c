#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "report/junit.h"
#include "report/report_story.h"

/* ---- runs ------------------------------------------------------------------------------------ */

/* What a function writes of a run; to be freed. */
static char *text_of_run(bool (*write)(FILE *out, const struct report_run *run),
                         const struct story *story)
{
    struct story_page page;

    story_page_open(&page);
    CU_ASSERT(write(page.file, &story->run));
    story_page_close(&page);
    return page.text;
}

/* That a run's suite has this text in it. */
static void assert_has(const struct story *story, const char *wanted)
{
    char *text = text_of_run(report_junit_run, story);

    CU_ASSERT_PTR_NOT_NULL(strstr(text, wanted));
    free(text);
}

static void a_run_is_a_suite_with_a_case_for_each_expectation_and_promise(void)
{
    struct story story;

    story_init(&story);
    char *text = text_of_run(report_junit_run, &story);
    CU_ASSERT_STRING_EQUAL(
        text,
        "  <testsuite name=\"small.txt\" tests=\"18\" failures=\"1\" errors=\"0\" skipped=\"1\" "
        "time=\"2.314000\">\n"
        "    <properties>\n"
        "      <property name=\"title\" value=\"A small run\"/>\n"
        "      <property name=\"seed\" value=\"10\"/>\n"
        "      <property name=\"world\" value=\"real\"/>\n"
        "      <property name=\"version\" value=\"" SIMRUN_VERSION "\"/>\n"
        "      <property name=\"command\" value=\"simrun small.txt --seed 10\"/>\n"
        "    </properties>\n"
        "    <testcase classname=\"small.run\" name=\"it ends by itself\" time=\"2.314000\"/>\n"
        "    <testcase classname=\"small.expectations\" name=\"everyone is served\" "
        "time=\"0.000000\">\n"
        "      <failure message=\"answered = 100% (19 of 20; c2/10 timed out)\" "
        "type=\"expectation\">answered = 100% (19 of 20; c2/10 timed out)\n"
        "repeat: simrun small.txt --seed 10</failure>\n"
        "    </testcase>\n"
        "    <testcase classname=\"small.expectations\" "
        "name=\"lost of clients -&gt; broker ~ 10%\" time=\"0.000000\">\n"
        "      <system-out>lost of clients -&gt; broker ~ 10% (4 of 32)</system-out>\n"
        "    </testcase>\n"
        "    <testcase classname=\"small.expectations\" name=\"soon\" time=\"0.000000\">\n"
        "      <system-out>latency.p50 &lt; 20ms (8 ms)</system-out>\n"
        "    </testcase>\n"
        "    <testcase classname=\"small.promises\" name=\"one-outcome\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"small.promises\" name=\"right-text\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"small.promises\" name=\"own-reply\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"small.promises\" name=\"cause\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"small.promises\" name=\"definite\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"small.promises\" name=\"conservation\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"small.promises\" name=\"kernel-drops\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"small.promises\" name=\"empty-tables\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"small.promises\" name=\"timers\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"small.promises\" name=\"budgets\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"small.promises\" name=\"dropped-is-gone\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"small.promises\" name=\"quiet\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"small.promises\" name=\"liveness\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"small.promises\" name=\"no-leak\" time=\"0.000000\">\n"
        "      <skipped message=\"the run was cut short\"/>\n"
        "    </testcase>\n"
        "    <system-out>repeat: simrun small.txt --seed 10</system-out>\n"
        "  </testsuite>\n");
    free(text);
    story_free(&story);
}

static void a_broken_promise_is_a_failure_unless_it_is_the_lesson(void)
{
    struct story story;

    story_init(&story);
    story.verdict.promises[PROMISE_CAUSE] = (struct promise_result){
        .verdict = PROMISE_BROKEN, .detail = "c1/3 was executed before it was sent"};
    assert_has(&story, " tests=\"18\" failures=\"2\" errors=\"0\" skipped=\"1\" ");
    assert_has(&story, "name=\"cause\" time=\"0.000000\">\n"
                       "      <failure message=\"promise cause: c1/3 was executed before it was "
                       "sent\" type=\"promise\">promise cause: c1/3 was executed before it was "
                       "sent\nrepeat: simrun small.txt --seed 10</failure>\n");

    story.expectations[2] = (struct expectation){
        .kind = EXPECT_BROKEN, .promise = "cause", .text = "promise cause broken"};
    assert_has(&story, " tests=\"18\" failures=\"1\" errors=\"0\" skipped=\"1\" ");
    assert_has(&story, "name=\"cause\" time=\"0.000000\">\n"
                       "      <system-out>promise cause: c1/3 was executed before it was sent; "
                       "broken, as expected here</system-out>\n");
    story_free(&story);
}

static void a_run_that_was_cut_short_has_an_error(void)
{
    struct story story;

    story_init(&story);
    story.facts.end = RUN_TIME_LIMIT;
    assert_has(&story, " tests=\"18\" failures=\"1\" errors=\"1\" skipped=\"1\" ");
    assert_has(&story, "name=\"it ends by itself\" time=\"2.314000\">\n"
                       "      <error message=\"the time limit of 5m was reached\" type=\"end\">the "
                       "time limit of 5m was reached\nrepeat: simrun small.txt --seed 10</error>");
    story.facts.end = RUN_SIGNAL;
    story.facts.signal = 15;
    assert_has(&story, "<error message=\"ended by SIGTERM after 2.31 s: this report is partial\" ");
    story_free(&story);
}

static void two_expectations_of_the_same_name_are_told_apart(void)
{
    struct story story;

    story_init(&story);
    story.expectations[2].label = story.expectations[0].label;
    assert_has(&story, "name=\"everyone is served\" time");
    assert_has(&story, "name=\"everyone is served (2)\" time");
    story_free(&story);
}

static void what_xml_cannot_hold_is_shown_by_its_bytes(void)
{
    struct story story;

    story_init(&story);
    story.scenario.path = "a.b]]>&\xff.txt";
    story.scenario.title =
        "<script>\x01\x1b[31m \"quoted\" '\t\r\n \xe2\x80\xae\xef\xbf\xbe\xef\xbf\xbf "
        "\xc3\xa4\xef\xbf\xbd\xed\xa0\x80\xf0\x9f\x99\x82";
    story.expectations[0].label = "</failure>&amp;";
    assert_has(&story, "<testsuite name=\"a.b]]&gt;&amp;\\xff.txt\" ");
    assert_has(&story, "classname=\"a.b]]&gt;&amp;\\xff.run\"");
    assert_has(&story, "value=\"&lt;script&gt;\\x01\\x1b[31m &quot;quoted&quot; '\\x09\\x0d\\x0a "
                       "\\xe2\\x80\\xae\\xef\\xbf\\xbe\\xef\\xbf\\xbf "
                       "\xc3\xa4\xef\xbf\xbd\\xed\\xa0\\x80\xf0\x9f\x99\x82\"/>");
    assert_has(&story, "name=\"&lt;/failure&gt;&amp;amp;\"");
    story_free(&story);
}

static void a_run_without_title_or_expectations_is_a_suite_too(void)
{
    struct story story;

    story_init(&story);
    story.scenario.path = "-";
    story.scenario.title = NULL;
    story.scenario.expectation_count = 0;
    assert_has(&story, "  <testsuite name=\"-\" tests=\"15\" failures=\"0\" ");
    assert_has(&story, "    <properties>\n      <property name=\"seed\" value=\"10\"/>\n");
    assert_has(&story, "classname=\"-.promises\"");
    story_free(&story);
}

static void rows_of_vary_are_told_apart(void)
{
    struct story story;

    story_init(&story);
    story.run.row = "10%, <4>";
    assert_has(&story, "<testsuite name=\"small.txt [10%, &lt;4&gt;]\" tests=\"18\" ");
    assert_has(&story, "classname=\"small [10%, &lt;4&gt;].promises\"");
    story_free(&story);
}

/* ---- sweeps ---------------------------------------------------------------------------------- */

/* A pool of the seeds first ... first + count - 1, of which those that can be divided by 10 failed,
 * those by 100 broke a promise, and those by 1000 could not be run; with an expectation for each
 * seed, and one over all. */
static struct pool pool_of(uint64_t first, uint64_t count)
{
    static struct pool_part parts[2] = {{.held = true}, {.held = true, .part = 12, .whole = 120}};
    struct pool pool;

    CU_ASSERT_EQUAL_FATAL(pool_init(&pool, NULL), 0);
    pool.expectations = calloc(2, sizeof *pool.expectations);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pool.expectations);
    pool.expectation_count = 2;
    pool.expectations[0] = (struct pool_expectation){.line = 9, .text = strdup("answered = 100%")};
    pool.expectations[1] = (struct pool_expectation){.line = 10,
                                                     .label = strdup("as told"),
                                                     .text = strdup("lost ~ 10%"),
                                                     .law = POOL_BINOMIAL,
                                                     .p = 0.1};
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct pool_sample sample = {.seed = seed, .ran = seed % 1000 != 0, .parts = parts};
        sample.status = seed % 1000 == 0 ? 2 : seed % 100 == 0 ? 4 : seed % 10 == 0 ? 1 : 0;
        snprintf(sample.why, sizeof sample.why, "%s", sample.status == 0 ? "" : "as it is");
        CU_ASSERT_EQUAL_FATAL(pool_add(&pool, &sample, 1), 0);
    }
    for (uint64_t i = 0; i < pool.failure_count; i++) {
        pool.failures[i].command = strdup("simrun a.txt --seed N");
    }
    pool_judge(&pool);
    return pool;
}

static struct report_sweep sweep_of(const struct pool *pool)
{
    return (struct report_sweep){.path = "a.txt",
                                 .title = "A title",
                                 .version = "1.2.3",
                                 .command = "simrun a.txt --seed 9..12",
                                 .first = 9,
                                 .last = 12,
                                 .shard = 1,
                                 .shard_count = 1,
                                 .wanted = pool->done,
                                 .elapsed_ns = 123456789,
                                 .pool = pool};
}

/* What a function writes of a sweep; to be freed. */
static char *text_of_sweep(bool (*write)(FILE *out, const struct report_sweep *sweep),
                           const struct report_sweep *sweep)
{
    struct story_page page;

    story_page_open(&page);
    CU_ASSERT(write(page.file, sweep));
    story_page_close(&page);
    return page.text;
}

static unsigned count_of(const char *text, const char *word)
{
    unsigned count = 0;

    for (text = strstr(text, word); text != NULL; text = strstr(text + 1, word)) {
        count++;
    }
    return count;
}

static void a_sweep_is_a_suite_with_a_case_for_each_seed_and_what_is_judged_over_all(void)
{
    struct pool pool = pool_of(9, 4);
    struct report_sweep sweep = sweep_of(&pool);
    char *text = text_of_sweep(report_junit_sweep, &sweep);

    CU_ASSERT_STRING_EQUAL(
        text,
        "  <testsuite name=\"a.txt\" tests=\"6\" failures=\"1\" errors=\"0\" skipped=\"0\" "
        "time=\"0.000000\">\n"
        "    <properties>\n"
        "      <property name=\"title\" value=\"A title\"/>\n"
        "      <property name=\"seeds\" value=\"9..12\"/>\n"
        "      <property name=\"world\" value=\"virtual\"/>\n"
        "      <property name=\"version\" value=\"1.2.3\"/>\n"
        "      <property name=\"command\" value=\"simrun a.txt --seed 9..12\"/>\n"
        "    </properties>\n"
        "    <testcase classname=\"a.sweep\" name=\"it ends by itself\" time=\"0.000000\">\n"
        "      <system-out>4 of 4 seeds</system-out>\n"
        "    </testcase>\n"
        "    <testcase classname=\"a.seeds\" name=\"seed 9\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"a.seeds\" name=\"seed 10\" time=\"0.000000\">\n"
        "      <failure message=\"as it is\" type=\"seed\">as it is\n"
        "repeat: simrun a.txt --seed N</failure>\n"
        "    </testcase>\n"
        "    <testcase classname=\"a.seeds\" name=\"seed 11\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"a.seeds\" name=\"seed 12\" time=\"0.000000\"/>\n"
        "    <testcase classname=\"a.expectations\" name=\"as told\" time=\"0.000000\">\n"
        "      <system-out>lost ~ 10% (measured 48 of 480 (10.0%) over all seeds, accepts 19 to "
        "83)</system-out>\n"
        "    </testcase>\n"
        "    <system-out>repeat: simrun a.txt --seed 9..12</system-out>\n"
        "  </testsuite>\n");
    free(text);
    pool_free(&pool);
}

static void a_shard_that_a_signal_ended_says_so(void)
{
    struct pool pool = pool_of(9, 1);
    struct report_sweep sweep = sweep_of(&pool);

    pool.signal = 2;
    sweep.shard = 2;
    sweep.shard_count = 3;
    sweep.wanted = 40;
    sweep.command = NULL;
    char *text = text_of_sweep(report_junit_sweep, &sweep);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "<property name=\"shard\" value=\"2/3\"/>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " tests=\"3\" failures=\"0\" errors=\"1\" skipped=\"0\" "));
    CU_ASSERT_PTR_NOT_NULL(strstr(
        text, "<error message=\"1 of 40 seeds; ended by SIGINT: this report is partial\" "
              "type=\"end\">1 of 40 seeds; ended by SIGINT: this report is partial</error>"));
    CU_ASSERT_PTR_NULL(strstr(text, "repeat"));
    free(text);
    pool_free(&pool);
}

static void a_seed_that_could_not_be_run_is_an_error_and_a_broken_promise_a_failure(void)
{
    struct pool pool = pool_of(995, 110);
    struct report_sweep sweep = sweep_of(&pool);
    char *text = text_of_sweep(report_junit_sweep, &sweep);

    CU_ASSERT_EQUAL(count_of(text, "<testcase "), 112);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, " tests=\"112\" failures=\"10\" errors=\"1\" skipped=\"0\" "));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "name=\"seed 1000\" time=\"0.000000\">\n"
                                        "      <error message=\"as it is\" type=\"seed\">"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "name=\"seed 1100\" time=\"0.000000\">\n"
                                        "      <failure message=\"as it is\" type=\"promise\">"));
    free(text);
    pool_free(&pool);
}

static void of_too_many_seeds_only_the_failed_ones_have_cases(void)
{
    struct pool whole = pool_of(1, REPORT_JUNIT_SEEDS_MAX);
    struct pool more = pool_of(1, REPORT_JUNIT_SEEDS_MAX + 9);
    struct report_sweep sweep = sweep_of(&whole);
    char *text = text_of_sweep(report_junit_sweep, &sweep);

    CU_ASSERT_EQUAL(count_of(text, "<testcase "), 10002);
    CU_ASSERT_EQUAL(count_of(text, "<failure "), 990);
    CU_ASSERT_EQUAL(count_of(text, "<error "), 10);
    free(text);
    sweep.pool = &more;
    text = text_of_sweep(report_junit_sweep, &sweep);
    CU_ASSERT_EQUAL(count_of(text, "<testcase "), 1003);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, " tests=\"1003\" failures=\"990\" errors=\"10\" skipped=\"0\" "));
    CU_ASSERT_PTR_NOT_NULL(strstr(
        text, "name=\"9009 other seeds\" time=\"0.000000\">\n"
              "      <system-out>passed; of so many seeds only those that failed have a case of "
              "their own</system-out>"));
    free(text);
    pool_free(&whole);
    pool_free(&more);
}

static void a_document_has_a_head_and_an_end(void)
{
    struct story_page page;

    story_page_open(&page);
    CU_ASSERT(report_junit_begin(page.file));
    CU_ASSERT(report_junit_end(page.file));
    story_page_close(&page);
    CU_ASSERT_STRING_EQUAL(page.text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                      "<testsuites name=\"simrun\">\n"
                                      "</testsuites>\n");
    free(page.text);
}

static void what_could_not_be_written_is_told(void)
{
    struct pool pool = pool_of(9, 4);
    struct report_sweep sweep = sweep_of(&pool);
    struct story story;
    FILE *full = fopen("/dev/full", "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(full);
    story_init(&story);
    setvbuf(full, NULL, _IONBF, 0);
    CU_ASSERT(!report_junit_begin(full));
    CU_ASSERT(!report_junit_run(full, &story.run));
    CU_ASSERT(!report_junit_sweep(full, &sweep));
    CU_ASSERT(!report_annotate_run(full, &story.run));
    CU_ASSERT(!report_annotate_sweep(full, &sweep));
    CU_ASSERT(!report_junit_end(full));
    fclose(full);
    story_free(&story);
    pool_free(&pool);
}

/* ---- annotations ----------------------------------------------------------------------------- */

static void each_failure_of_a_run_is_an_annotation_at_its_line(void)
{
    struct story story;

    story_init(&story);
    story.results[2].held = false;
    story.expectations[2].line = 0; /* of a --set */
    story.verdict.promises[PROMISE_CAUSE] =
        (struct promise_result){.verdict = PROMISE_BROKEN, .detail = "c1/3 came too soon"};
    story.facts.end = RUN_TIME_LIMIT;
    char *text = text_of_run(report_annotate_run, &story);
    CU_ASSERT_STRING_EQUAL(
        text,
        "::error file=small.txt,line=9,title=everyone is served::answered = 100%25 (19 of 20; "
        "c2/10 timed out)%0Arepeat: simrun small.txt --seed 10\n"
        "::error file=small.txt,title=soon::latency.p50 < 20ms (8 ms)%0Arepeat: simrun small.txt "
        "--seed 10\n"
        "::error file=small.txt,title=a promise was broken::promise cause: c1/3 came too "
        "soon%0Arepeat: simrun small.txt --seed 10\n"
        "::error file=small.txt,title=the run was cut short::the time limit of 5m was "
        "reached%0Arepeat: simrun small.txt --seed 10\n");
    free(text);
    story_free(&story);
}

static void an_annotation_cannot_be_left_by_what_it_says(void)
{
    struct story story;

    story_init(&story);
    story.scenario.path = "a,line=1::b%.txt";
    story.expectations[0].label = "50%, or: so\r\n::error::x";
    char *text = text_of_run(report_annotate_run, &story);
    CU_ASSERT_STRING_EQUAL(
        text, "::error file=a%2Cline=1%3A%3Ab%25.txt,line=9,title=50%25%2C or%3A "
              "so\\x0d\\x0a%3A%3Aerror%3A%3Ax::answered = 100%25 (19 of 20; c2/10 timed "
              "out)%0Arepeat: simrun small.txt --seed 10\n");
    free(text);

    story.scenario.path = "-";
    text = text_of_run(report_annotate_run, &story);
    CU_ASSERT_EQUAL(strncmp(text, "::error title=50%25", 19), 0);
    free(text);
    story_free(&story);
}

static void a_run_that_passed_has_no_annotation(void)
{
    struct story story;

    story_init(&story);
    story.results[0].held = true;
    char *text = text_of_run(report_annotate_run, &story);
    CU_ASSERT_STRING_EQUAL(text, "");
    free(text);
    story_free(&story);
}

static void each_failure_of_a_sweep_is_an_annotation_up_to_twenty(void)
{
    struct pool pool = pool_of(1, 211);
    struct report_sweep sweep = sweep_of(&pool);

    pool.expectations[1].held = false;
    char *text = text_of_sweep(report_annotate_sweep, &sweep);
    CU_ASSERT_EQUAL(count_of(text, "::error "), 22);
    CU_ASSERT_EQUAL(strncmp(text,
                            "::error file=a.txt,title=seed 10::as it is%0Arepeat: simrun a.txt "
                            "--seed N\n",
                            74),
                    0);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        text, "::error file=a.txt,title=1 more seeds failed::--json and --junit list them all"));
    CU_ASSERT_PTR_NOT_NULL(strstr(
        text, "::error file=a.txt,line=10,title=as told::measured 2532 of 25320 (10.0%25) "));
    free(text);
    pool_free(&pool);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_run_is_a_suite_with_a_case_for_each_expectation_and_promise),
        HARNESS_TEST(a_broken_promise_is_a_failure_unless_it_is_the_lesson),
        HARNESS_TEST(a_run_that_was_cut_short_has_an_error),
        HARNESS_TEST(two_expectations_of_the_same_name_are_told_apart),
        HARNESS_TEST(what_xml_cannot_hold_is_shown_by_its_bytes),
        HARNESS_TEST(a_run_without_title_or_expectations_is_a_suite_too),
        HARNESS_TEST(rows_of_vary_are_told_apart),
        HARNESS_TEST(a_sweep_is_a_suite_with_a_case_for_each_seed_and_what_is_judged_over_all),
        HARNESS_TEST(a_shard_that_a_signal_ended_says_so),
        HARNESS_TEST(a_seed_that_could_not_be_run_is_an_error_and_a_broken_promise_a_failure),
        HARNESS_TEST(of_too_many_seeds_only_the_failed_ones_have_cases),
        HARNESS_TEST(a_document_has_a_head_and_an_end),
        HARNESS_TEST(what_could_not_be_written_is_told),
        HARNESS_TEST(each_failure_of_a_run_is_an_annotation_at_its_line),
        HARNESS_TEST(an_annotation_cannot_be_left_by_what_it_says),
        HARNESS_TEST(a_run_that_passed_has_no_annotation),
        HARNESS_TEST(each_failure_of_a_sweep_is_an_annotation_up_to_twenty),
    };

    return harness_run("report/junit", tests, HARNESS_COUNT(tests));
}
