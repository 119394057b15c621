#include "harness.h"
#include "report_story.h"

#include <jansson.h>

/* The run's object, read back; the caller drops the reference. `text`: what was written, NULL if
 * not wanted, else the caller's to free. */
static json_t *json_of(const struct story *story, char **text)
{
    struct story_page page;

    story_page_open(&page);
    CU_ASSERT_TRUE(report_json(page.file, &story->run));
    story_page_close(&page);
    json_t *object = json_loads(page.text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(object);
    if (text != NULL) {
        *text = page.text;
    } else {
        free(page.text);
    }
    return object;
}

static void assert_keys(const json_t *object, const char *const *keys)
{
    CU_ASSERT_TRUE(json_is_object(object));
    for (; *keys != NULL; keys++) {
        CU_ASSERT_PTR_NOT_NULL(json_object_get(object, *keys));
    }
}

static json_int_t integer_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    CU_ASSERT_TRUE(json_is_integer(value));
    return json_integer_value(value);
}

static const char *string_of(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value == NULL ? "" : value;
}

static void every_key_of_the_contract_is_there(void)
{
    static const char *const keys[] = {
        "scenario",     "title",    "version",     "seed",    "world",    "command",
        "passed",       "status",   "duration_ns", "metrics", "theory",   "theory_why",
        "expectations", "promises", "links",       "nodes",   "requests", NULL};
    static const char *const link[] = {"from",      "to",           "sent",      "delivered",
                                       "lost",      "duplicated",   "corrupted", "reordered",
                                       "in_flight", "kernel_drops", "bytes",     NULL};
    static const char *const request[] = {"client",   "n",          "op",        "id",
                                          "outcome",  "code",       "tries",     "executions",
                                          "begin_ns", "latency_ns", "undecided", NULL};
    static const char *const expectation[] = {"line", "label", "text", "held", "value", NULL};
    static const char *const promise[] = {"name", "verdict", "detail", NULL};
    struct story story;

    story_init(&story);
    json_t *run = json_of(&story, NULL);
    assert_keys(run, keys);
    assert_keys(json_array_get(json_object_get(run, "links"), 0), link);
    assert_keys(json_array_get(json_object_get(run, "requests"), 0), request);
    assert_keys(json_array_get(json_object_get(run, "expectations"), 0), expectation);
    assert_keys(json_array_get(json_object_get(run, "promises"), 0), promise);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(run, "links")), STORY_LINKS);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(run, "nodes")), STORY_NODES);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(run, "promises")), PROMISE_COUNT);
    json_decref(run);
    story_free(&story);
}

static void the_run_is_named_and_judged(void)
{
    struct story story;

    story_init(&story);
    story.scenario.seed = UINT64_MAX;
    json_t *run = json_of(&story, NULL);
    CU_ASSERT_STRING_EQUAL(string_of(run, "scenario"), "small.txt");
    CU_ASSERT_STRING_EQUAL(string_of(run, "title"), "A small run");
    CU_ASSERT_STRING_EQUAL(string_of(run, "seed"), "18446744073709551615");
    CU_ASSERT_STRING_EQUAL(string_of(run, "world"), "real");
    CU_ASSERT_STRING_EQUAL(string_of(run, "command"), "simrun small.txt --seed 10");
    CU_ASSERT_TRUE(json_is_false(json_object_get(run, "passed")));
    CU_ASSERT_EQUAL(integer_of(run, "status"), 1);
    CU_ASSERT_EQUAL(integer_of(run, "duration_ns"), 2314000000);
    json_decref(run);
    story_free(&story);
}

static void it_is_one_line_with_its_keys_in_a_fixed_order(void)
{
    struct story story;
    char *text;

    story_init(&story);
    json_decref(json_of(&story, &text));
    CU_ASSERT_PTR_EQUAL(strchr(text, '\n'), text + strlen(text) - 1);
    CU_ASSERT_EQUAL(strncmp(text, "{\"scenario\":\"small.txt\",\"title\":\"A small run\",", 46), 0);
    free(text);
    story_free(&story);
}

static void metrics_are_integers_by_their_names(void)
{
    struct story story;

    story_init(&story);
    TALLY_LINK(&story.verdict.tally, 0, lost[LOSS_DROP]) = 7;
    json_t *run = json_of(&story, NULL);
    const json_t *metrics = json_object_get(run, "metrics");
    CU_ASSERT_EQUAL(integer_of(metrics, "requests"), 20);
    CU_ASSERT_EQUAL(integer_of(metrics, "answered"), 19);
    CU_ASSERT_EQUAL(integer_of(metrics, "failed"), 1);
    CU_ASSERT_EQUAL(integer_of(metrics, "timed-out"), 1);
    CU_ASSERT_EQUAL(integer_of(metrics, "tries"), 32);
    CU_ASSERT_EQUAL(integer_of(metrics, "retries"), 12);
    CU_ASSERT_EQUAL(integer_of(metrics, "executions"), 25);
    CU_ASSERT_EQUAL(integer_of(metrics, "replies.200"), 19);
    CU_ASSERT_EQUAL(integer_of(metrics, "errors.404"), 0);
    CU_ASSERT_EQUAL(integer_of(metrics, "rejected"), 1);
    CU_ASSERT_EQUAL(integer_of(metrics, "rejected.late"), 1);
    CU_ASSERT_EQUAL(integer_of(metrics, "rejected.wrong-kind"), 0);
    CU_ASSERT_EQUAL(integer_of(metrics, "sent"), 104);
    CU_ASSERT_EQUAL(integer_of(metrics, "lost"), 19);
    CU_ASSERT_EQUAL(integer_of(metrics, "lost.loss"), 12);
    CU_ASSERT_EQUAL(integer_of(metrics, "lost.drop"), 7);
    CU_ASSERT_EQUAL(integer_of(metrics, "latency.min_ns"), 7000000);
    CU_ASSERT_EQUAL(integer_of(metrics, "latency.p50_ns"), 7900000);
    CU_ASSERT_EQUAL(integer_of(metrics, "latency.max_ns"), 430000000);
    json_decref(run);
    story_free(&story);
}

static void a_latency_of_nothing_is_null(void)
{
    struct story story;

    story_init(&story);
    latency_free(story.verdict.tally.latency);
    CU_ASSERT_EQUAL_FATAL(latency_init(&story.verdict.tally.latency), 0);
    json_t *run = json_of(&story, NULL);
    const json_t *metrics = json_object_get(run, "metrics");
    CU_ASSERT_TRUE(json_is_null(json_object_get(metrics, "latency.p50_ns")));
    CU_ASSERT_TRUE(json_is_null(json_object_get(metrics, "latency.mean_ns")));
    json_decref(run);
    story_free(&story);
}

static void a_link_adds_up(void)
{
    struct story story;

    story_init(&story);
    TALLY_LINK(&story.verdict.tally, 1, delivered) -= 4; /* broker -> toupper */
    story.node_facts[STORY_TOUPPER].kernel_drops = 3;
    json_t *run = json_of(&story, NULL);
    const json_t *link = json_array_get(json_object_get(run, "links"), 1);
    CU_ASSERT_STRING_EQUAL(string_of(link, "from"), "broker");
    CU_ASSERT_STRING_EQUAL(string_of(link, "to"), "toupper");
    CU_ASSERT_EQUAL(integer_of(link, "sent"), 28);
    CU_ASSERT_EQUAL(integer_of(link, "lost"), 3);
    CU_ASSERT_EQUAL(integer_of(link, "delivered"), 21);
    CU_ASSERT_EQUAL(integer_of(link, "kernel_drops"), 3);
    CU_ASSERT_EQUAL(integer_of(link, "in_flight"), 1);
    CU_ASSERT_EQUAL(integer_of(link, "bytes"), 1400);
    json_decref(run);
    story_free(&story);
}

static void a_request_that_was_not_answered_has_no_latency_and_no_code(void)
{
    struct story story;

    story_init(&story);
    json_t *run = json_of(&story, NULL);
    const json_t *first = json_array_get(json_object_get(run, "requests"), 0);
    const json_t *second = json_array_get(json_object_get(run, "requests"), 1);
    CU_ASSERT_STRING_EQUAL(string_of(first, "client"), "c1");
    CU_ASSERT_STRING_EQUAL(string_of(first, "op"), "toupper");
    CU_ASSERT_STRING_EQUAL(string_of(first, "id"), "9f3a61c07b000001");
    CU_ASSERT_STRING_EQUAL(string_of(first, "outcome"), "answered");
    CU_ASSERT_EQUAL(integer_of(first, "code"), 200);
    CU_ASSERT_EQUAL(integer_of(first, "latency_ns"), 7000000);
    CU_ASSERT_TRUE(json_is_false(json_object_get(first, "undecided")));
    CU_ASSERT_STRING_EQUAL(string_of(second, "outcome"), "timed-out");
    CU_ASSERT_EQUAL(integer_of(second, "tries"), 4);
    CU_ASSERT_TRUE(json_is_null(json_object_get(second, "latency_ns")));
    CU_ASSERT_TRUE(json_is_null(json_object_get(second, "code")));
    CU_ASSERT_TRUE(json_is_true(json_object_get(second, "undecided")));
    json_decref(run);
    story_free(&story);
}

static void an_unknown_operation_has_the_name_that_the_script_gives_it(void)
{
    struct story story;

    story_init(&story);
    snprintf(story.steps[0].op, sizeof story.steps[0].op, "reverse");
    story.requests[0].op = OP_UNKNOWN;
    json_t *run = json_of(&story, NULL);
    const json_t *first = json_array_get(json_object_get(run, "requests"), 0);
    CU_ASSERT_STRING_EQUAL(string_of(first, "op"), "reverse");
    json_decref(run);
    story_free(&story);
}

static void without_a_trace_there_is_no_list_of_requests(void)
{
    struct story story;

    story_init(&story);
    story.facts.trace_off = true;
    json_t *run = json_of(&story, NULL);
    CU_ASSERT_PTR_NULL(json_object_get(run, "requests"));
    json_decref(run);
    story_free(&story);
}

static void theory_is_an_object_or_null_with_the_reason(void)
{
    struct story story;

    story_init(&story);
    json_t *run = json_of(&story, NULL);
    const json_t *theory = json_object_get(run, "theory");
    CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_object_get(theory, "tries")), 30.056, 1e-9);
    CU_ASSERT_TRUE(json_is_null(json_object_get(run, "theory_why")));
    json_decref(run);
    story.verdict.theory_holds = false;
    snprintf(story.verdict.theory_why, sizeof story.verdict.theory_why, "the broker re-sends");
    run = json_of(&story, NULL);
    CU_ASSERT_TRUE(json_is_null(json_object_get(run, "theory")));
    CU_ASSERT_STRING_EQUAL(string_of(run, "theory_why"), "the broker re-sends");
    json_decref(run);
    story_free(&story);
}

static void expectations_and_promises_carry_their_verdicts(void)
{
    struct story story;

    story_init(&story);
    json_t *run = json_of(&story, NULL);
    const json_t *list = json_object_get(run, "expectations");
    const json_t *first = json_array_get(list, 0);
    CU_ASSERT_EQUAL(integer_of(first, "line"), 9);
    CU_ASSERT_STRING_EQUAL(string_of(first, "label"), "everyone is served");
    CU_ASSERT_STRING_EQUAL(string_of(first, "text"), "answered = 100%");
    CU_ASSERT_TRUE(json_is_false(json_object_get(first, "held")));
    CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_object_get(first, "value")), 0.95, 1e-12);
    CU_ASSERT_TRUE(json_is_null(json_object_get(json_array_get(list, 1), "label")));
    CU_ASSERT_EQUAL(integer_of(json_array_get(list, 2), "value"), 8000000);
    list = json_object_get(run, "promises");
    CU_ASSERT_STRING_EQUAL(string_of(json_array_get(list, 0), "name"), "one-outcome");
    CU_ASSERT_STRING_EQUAL(string_of(json_array_get(list, 0), "verdict"), "kept");
    CU_ASSERT_STRING_EQUAL(string_of(json_array_get(list, PROMISE_NO_LEAK), "verdict"),
                           "not-judged");
    CU_ASSERT_STRING_EQUAL(string_of(json_array_get(list, PROMISE_NO_LEAK), "detail"),
                           "the run was cut short");
    json_decref(run);
    story_free(&story);
}

static void hostile_texts_are_escaped_and_come_back(void)
{
    struct story story;
    char *text;

    story_init(&story);
    story.scenario.title = "\x1b[2J<script>\" caf\xc3\xa9 \xff\n";
    json_t *run = json_of(&story, &text);
    CU_ASSERT_STRING_EQUAL(string_of(run, "title"), "\x1b[2J<script>\" caf\xc3\xa9 \xc3\xbf\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\\u001B[2J<script>\\\" caf\\u00E9 \\u00FF\\n"));
    CU_ASSERT_TRUE(story_is_clean(text, false));
    json_decref(run);
    free(text);
    story_free(&story);
}

static void a_full_device_is_noticed(void)
{
    struct story story;
    FILE *full = fopen("/dev/full", "w");

    story_init(&story);
    if (full != NULL) {
        CU_ASSERT_FALSE(report_json(full, &story.run));
        fclose(full);
    }
    story_free(&story);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(every_key_of_the_contract_is_there),
    HARNESS_TEST(the_run_is_named_and_judged),
    HARNESS_TEST(it_is_one_line_with_its_keys_in_a_fixed_order),
    HARNESS_TEST(metrics_are_integers_by_their_names),
    HARNESS_TEST(a_latency_of_nothing_is_null),
    HARNESS_TEST(a_link_adds_up),
    HARNESS_TEST(a_request_that_was_not_answered_has_no_latency_and_no_code),
    HARNESS_TEST(an_unknown_operation_has_the_name_that_the_script_gives_it),
    HARNESS_TEST(without_a_trace_there_is_no_list_of_requests),
    HARNESS_TEST(theory_is_an_object_or_null_with_the_reason),
    HARNESS_TEST(expectations_and_promises_carry_their_verdicts),
    HARNESS_TEST(hostile_texts_are_escaped_and_come_back),
    HARNESS_TEST(a_full_device_is_noticed),
};

int main(void)
{
    return harness_run("report/json", tests, HARNESS_COUNT(tests));
}
