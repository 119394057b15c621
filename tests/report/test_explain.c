#include "harness.h"
#include "report_story.h"

/* What --check says of a story, which must fit and be safe; the caller frees the text. */
static char *explanation_of(const struct story *story, uint32_t *warnings)
{
    struct story_page page;

    story_page_open(&page);
    *warnings = report_explain(page.file, &story->scenario, &story->style);
    story_page_close(&page);
    CU_ASSERT_TRUE(story_width(page.text) <= 80);
    CU_ASSERT_TRUE(story_is_clean(page.text, story->style.unicode));
    return page.text;
}

static void assert_explained(const struct story *story, const char *expected)
{
    uint32_t warnings;
    char *text = explanation_of(story, &warnings);

    CU_ASSERT_PTR_NOT_NULL(strstr(text, expected));
    free(text);
}

static void a_schedule_is_spelled_out_in_times(void)
{
    struct story story;

    story_init(&story);
    assert_explained(&story, "      sends at 0, 60, 180, 420 ms, gives up at 900 ms\n");
    story.groups[0].policy.tries = 12; /* the page's example */
    story.groups[0].policy.cap_ns = 120 * NS_PER_MS;
    story.groups[0].deadline_ns = retry_span_max_ns(&story.groups[0].policy);
    assert_explained(&story, "      sends at 0, 60, 180, 300, 420, 540, 660, 780, 900, 1020, "
                             "1140, 1260 ms,\n"
                             "        gives up at 1380 ms\n");
    story.groups[0].policy.tries = 3;
    story.groups[0].policy.timeout_ns = 300;
    story.groups[0].policy.cap_ns = 400;
    story.groups[0].deadline_ns = retry_span_max_ns(&story.groups[0].policy);
    assert_explained(&story, "      sends at 0, 0.3, 0.7 us, gives up at 1.1 us\n");
    story_free(&story);
}

static void a_broker_with_a_timer_says_what_it_does_then(void)
{
    struct story story;

    story_init(&story);
    story.scenario.broker.policy = (struct retry_policy){.timeout_ns = 50 * NS_PER_MS,
                                                         .tries = 1,
                                                         .cap_ns = TIME_NEVER,
                                                         .backoff = BACKOFF_CONSTANT};
    assert_explained(&story, "      answers 504 where a server is silent, by itself: timeout 50ms, "
                             "tries 1,\n");
    story.scenario.broker.policy.tries = 3;
    assert_explained(&story,
                     "      asks a server again, then answers 504, by itself: timeout 50ms, "
                     "tries 3,\n");
    story_free(&story);
}

static void a_deadline_ends_a_schedule_early(void)
{
    struct story story;

    story_init(&story);
    story.groups[0].deadline_given = true;
    story.groups[0].deadline_ns = 180 * NS_PER_MS;
    assert_explained(&story, "      sends at 0, 60 ms, gives up at 180 ms (its deadline: 2 of its "
                             "4 tries are\n"
                             "        never sent)\n");
    story_free(&story);
}

static void a_drawn_schedule_has_its_shortest_and_its_longest_form(void)
{
    struct story story;

    story_init(&story);
    story.groups[0].policy = (struct retry_policy){.timeout_ns = 2 * NS_PER_S,
                                                   .cap_ns = TIME_NEVER,
                                                   .tries = 5,
                                                   .factor_milli = 2000,
                                                   .backoff = BACKOFF_EXPONENTIAL,
                                                   .jitter = JITTER_COAP};
    story.groups[0].deadline_ns = 93 * NS_PER_S;
    assert_explained(&story,
                     "      with the shortest draws: sends at 0, 2, 6, 14, 30 s, gives up "
                     "at 62 s\n"
                     "      with the longest draws: sends at 0, 3, 9, 21, 45 s, gives up at "
                     "93 s\n");
    story_free(&story);
}

static void the_defaults_in_force_are_told(void)
{
    struct story story;

    story_init(&story);
    assert_explained(&story, "  broker: passes requests on, at most 65536 of them waiting");
    assert_explained(&story, "no timer of its own");
    assert_explained(&story, "  toupper: service 0ms (answers at once), 1 worker, 1024 may wait\n");
    assert_explained(&story, "timeout 60ms, tries 4, backoff exponential 2, no cap, jitter none");
    assert_explained(&story, "      10 x toupper \"hello {n}\"\n");
    story_free(&story);
}

static void links_with_the_same_faults_are_told_together(void)
{
    static const struct exact_range one = {1, 1};
    static const struct exact_fault exact = {
        .kind = EXACT_DROP, .which = EXACT_EACH_REQUEST, .ranges = &one, .range_count = 1};
    struct scenario_rule rules[2];
    struct story story;

    story_init(&story);
    assert_explained(&story, "  every link: loss 10%, delay 1ms to 3ms (uniform)\n");
    rules[0] = story.rules[0];
    rules[1] = (struct scenario_rule){
        .line = 5, .links = story.up_links, .faults = {.exact = &exact, .exact_count = 1}};
    story.scenario.rules = rules;
    story.scenario.rule_count = 2;
    assert_explained(&story, "  servers -> broker; broker -> servers, clients: loss 10%, delay 1ms "
                             "to 3ms\n"
                             "      (uniform)\n"
                             "  clients -> broker: loss 10%, delay 1ms to 3ms (uniform), drop 1 of "
                             "each\n"
                             "      request\n");
    rules[1].faults = (struct fault_set){.clear = true, .set = FAULT_DOWN, .down = true};
    assert_explained(&story, "  clients -> broker: down (nothing passes)\n");
    story_free(&story);
}

static void what_changes_is_told_with_its_times(void)
{
    struct scenario_rule rules[2];
    struct story story;

    story_init(&story);
    rules[0] = story.rules[0];
    rules[1] = (struct scenario_rule){.line = 7,
                                      .timed = true,
                                      .at_ns = 250 * NS_PER_MS,
                                      .every_ns = 500 * NS_PER_MS,
                                      .times = 3,
                                      .for_ns = 60 * NS_PER_MS,
                                      .links = story.every_link,
                                      .faults = {.set = FAULT_DOWN, .down = true},
                                      .text = "network down"};
    story.scenario.rules = rules;
    story.scenario.rule_count = 2;
    assert_explained(&story, "What changes when\n"
                             "  at 250ms and every 500ms from then on (3 times), for 60ms: network "
                             "down (line\n"
                             "      7)\n");
    story_free(&story);
}

static void an_expectation_is_put_into_words(void)
{
    struct story story;

    story_init(&story);
    assert_explained(&story, "  line 9  answered = 100%  (everyone is served)\n"
                             "      requests that are answered: exactly 100% of the requests\n");
    assert_explained(&story, "      datagrams that the network loses, on clients -> broker: about "
                             "10% of those\n"
                             "      sent: accepts ");
    assert_explained(&story, "      the latency that half of the answered requests keep: less "
                             "than 20ms\n");
    story.expectations[0].kind = EXPECT_REPLY;
    story.expectations[0].client = STORY_C1;
    story.expectations[0].n = 2;
    story.expectations[0].reply = (const uint8_t *)"HI\x1b";
    story.expectations[0].reply_size = 3;
    assert_explained(&story, "      request c1/2 is answered with the text \"HI\\x1b\"\n");
    story_free(&story);
}

static void what_fails_by_chance_is_a_warning_with_its_probability(void)
{
    struct story story;
    uint32_t warnings;

    story_init(&story);
    char *text = explanation_of(&story, &warnings);
    /* 1 - .98601^20 */
    CU_ASSERT_EQUAL(warnings, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "      warning: by theory this fails by chance"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "of 4 (probability 0.25)"));
    free(text);
    story.expectations[0].cmp = CMP_GE;
    story.expectations[0].low = 0;
    text = explanation_of(&story, &warnings);
    CU_ASSERT_EQUAL(warnings, 0);
    CU_ASSERT_PTR_NULL(strstr(text, "warning"));
    free(text);
    story_free(&story);
}

static void counts_above_a_million_are_whole_numbers(void)
{
    static const char text[] = "client c1 timeout 5ms tries 2\n"
                               " send 1234567 toupper \"x\"\n"
                               "expect sent ~ theory\n"
                               "expect corrupted ~ 0%\n";
    struct scenario_overrides none = {0};
    struct scenario_messages messages = {0};
    struct story story = {.style = {.unicode = true}};

    CU_ASSERT_TRUE_FATAL(
        scenario_parse(&story.scenario, "many.txt", text, sizeof text - 1, &none, &messages));
    assert_explained(&story, "accepts 4938268 to 4938268, so");
    assert_explained(&story, "about 0% of those not lost:");
    scenario_messages_free(&messages);
    scenario_free(&story.scenario);
}

static void hostile_titles_and_labels_are_made_safe(void)
{
    struct story story;

    story_init(&story);
    story.scenario.title = "\x1b[2J<script>";
    story.expectations[0].label = "\x07";
    assert_explained(&story, "\\x1b[2J<script>\n");
    assert_explained(&story, "(\\x07)\n");
    story_free(&story);
}

/* The example of the language's page. */
static const char EXAMPLE[] = "# One datagram in ten is lost on every hop. Watch the retries win.\n"
                              "title   \"Ten percent of all datagrams are lost\"\n"
                              "seed    10\n"
                              "network loss 10% delay 2ms 1ms\n"
                              "\n"
                              "clients 8  timeout 60ms tries 12 cap 120ms\n"
                              "  send 25 toupper \"hello from {client}, number {n}\"\n"
                              "  send 25 tolower \"HELLO FROM {client}, NUMBER {n}\"\n"
                              "\n"
                              "expect \"everyone is served\"     answered = 100%\n"
                              "expect \"tries as predicted\"     tries ~ theory\n"
                              "expect \"the network is as told\" lost of clients -> broker ~ 10%\n";

static void the_example_of_the_language_is_explained_from_its_text(void)
{
    struct scenario_overrides none = {0};
    struct scenario_messages messages = {0};
    struct story story = {.style = {.unicode = true}};

    CU_ASSERT_TRUE_FATAL(scenario_parse(&story.scenario, "loss10.txt", EXAMPLE, sizeof EXAMPLE - 1,
                                        &none, &messages));
    assert_explained(&story,
                     "  One datagram in ten is lost on every hop. Watch the retries win.\n");
    assert_explained(&story, "  400 requests by 8 clients; seed 10;");
    assert_explained(&story, "  c1 .. c8: 8 clients, 50 requests each\n"
                             "      25 x toupper \"hello from {client}, number {n}\"\n"
                             "      25 x tolower \"HELLO FROM {client}, NUMBER {n}\"\n");
    assert_explained(&story, "sends at 0, 60, 180, 300, 420, 540, 660, 780, 900, 1020, 1140, 1260");
    assert_explained(&story, "  every link: loss 10%, delay 1ms to 3ms (uniform)\n");
    assert_explained(&story, "in one run\n      of 910 (probability 1.1e-03)");
    scenario_messages_free(&messages);
    scenario_free(&story.scenario);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(a_schedule_is_spelled_out_in_times),
    HARNESS_TEST(a_broker_with_a_timer_says_what_it_does_then),
    HARNESS_TEST(a_deadline_ends_a_schedule_early),
    HARNESS_TEST(a_drawn_schedule_has_its_shortest_and_its_longest_form),
    HARNESS_TEST(the_defaults_in_force_are_told),
    HARNESS_TEST(links_with_the_same_faults_are_told_together),
    HARNESS_TEST(what_changes_is_told_with_its_times),
    HARNESS_TEST(an_expectation_is_put_into_words),
    HARNESS_TEST(what_fails_by_chance_is_a_warning_with_its_probability),
    HARNESS_TEST(the_example_of_the_language_is_explained_from_its_text),
    HARNESS_TEST(counts_above_a_million_are_whole_numbers),
    HARNESS_TEST(hostile_titles_and_labels_are_made_safe),
};

int main(void)
{
    return harness_run("report/explain", tests, HARNESS_COUNT(tests));
}
