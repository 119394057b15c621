#include "harness.h"
#include "report_story.h"

static const char *const TOPICS[] = {"scenario", "nodes", "faults", "retry", "time", "expect",
                                     "search",   "look",  "report", "exit",  "json", "events"};
#define TOPIC_COUNT (sizeof TOPICS / sizeof TOPICS[0])

/* The text of a topic; the caller frees it. */
static char *help_of(const char *topic, bool *known)
{
    struct story_page page;

    story_page_open(&page);
    *known = report_help(page.file, topic);
    story_page_close(&page);
    return page.text;
}

static void every_topic_exists_and_fits(void)
{
    for (size_t i = 0; i < TOPIC_COUNT; i++) {
        bool known;
        char *text = help_of(TOPICS[i], &known);
        CU_ASSERT_TRUE(known);
        CU_ASSERT_TRUE(story_width(text) <= 80);
        CU_ASSERT_TRUE(story_is_clean(text, false));
        CU_ASSERT_EQUAL(text[strlen(text) - 1], '\n');
        free(text);
    }
}

static void the_overview_names_every_topic_and_fits_one_screen(void)
{
    bool known;
    char *text = help_of(NULL, &known);
    unsigned lines = 0;

    CU_ASSERT_TRUE(known);
    CU_ASSERT_TRUE(story_width(text) <= 80);
    for (size_t i = 0; i < TOPIC_COUNT; i++) {
        CU_ASSERT_PTR_NOT_NULL(strstr(text, TOPICS[i]));
    }
    for (const char *at = text; *at != '\0'; at++) {
        lines += *at == '\n';
    }
    CU_ASSERT_TRUE(lines <= 52);
    free(text);
}

static void the_overview_has_every_option_and_no_other(void)
{
    static const char *const options[] = {"--seed",      "--world",    "--set",    "--cpus",
                                          "--spin",      "--trace",    "--json",   "-v",
                                          "--events",    "--strict",   "--check",  "--list",
                                          "--help",      "--version",  "-q",       "--color",
                                          "--seed A..B", "-j N",       "--shard",  "--max-failures",
                                          "--vary",      "--random",   "--verify", "--shrink",
                                          "--explore",   "--max-runs", "--ladder", "--why",
                                          "--only",      "--pace",     "--html",   "--pcap",
                                          "--junit",     "--out",      "--keep",   "--diff"};
    static const char *const later[] = {"dedup", "replicas", "hedge"};
    bool known;
    char *text = help_of(NULL, &known);

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        CU_ASSERT_PTR_NOT_NULL(strstr(text, options[i]));
    }
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        CU_ASSERT_PTR_NULL(strstr(text, later[i]));
    }
    free(text);
}

static void an_unknown_topic_lists_those_there_are(void)
{
    bool known;
    char *text = help_of("ladders", &known);

    CU_ASSERT_FALSE(known);
    for (size_t i = 0; i < TOPIC_COUNT; i++) {
        CU_ASSERT_PTR_NOT_NULL(strstr(text, TOPICS[i]));
    }
    free(text);
}

static void the_help_of_the_report_names_every_promise(void)
{
    bool known;
    char *text = help_of("report", &known);

    for (int promise = 0; promise < PROMISE_COUNT; promise++) {
        CU_ASSERT_PTR_NOT_NULL(strstr(text, promise_name((enum promise)promise)));
    }
    free(text);
}

static void the_help_of_expectations_names_every_metric(void)
{
    bool known;
    char *text = help_of("expect", &known);

    for (int metric = 0; metric < METRIC_COUNT; metric++) {
        const char *dot = strchr(metric_name((enum metric)metric), '.');
        CU_ASSERT_PTR_NOT_NULL(strstr(text, dot != NULL ? dot : metric_name((enum metric)metric)));
    }
    free(text);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(the_help_of_the_report_names_every_promise),
    HARNESS_TEST(the_help_of_expectations_names_every_metric),
    HARNESS_TEST(every_topic_exists_and_fits),
    HARNESS_TEST(the_overview_names_every_topic_and_fits_one_screen),
    HARNESS_TEST(the_overview_has_every_option_and_no_other),
    HARNESS_TEST(an_unknown_topic_lists_those_there_are),
};

int main(void)
{
    return harness_run("report/help", tests, HARNESS_COUNT(tests));
}
