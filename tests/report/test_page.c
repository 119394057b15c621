/* The page of --html: what stands in it is data, whatever a payload says, and a long run is shown
 * by a fair sample. */
#include "report/page.h"

#include <jansson.h>

#include "harness.h"
#include "report_story.h"

/* A story with a log, and the page made of it. */
struct page_test {
    struct story story;
    struct trace_log log;
    struct report_look look;
    struct story_page page;
    json_t *run; /* the page's two objects */
    json_t *data;
};

static void page_test_init(struct page_test *test)
{
    memset(test, 0, sizeof *test);
    story_init(&test->story);
    trace_log_init(&test->log);
    test->look = (struct report_look){.run = &test->story.run, .log = &test->log};
}

static void page_test_free(struct page_test *test)
{
    json_decref(test->run);
    json_decref(test->data);
    free(test->page.text);
    trace_log_free(&test->log);
    story_free(&test->story);
}

/* ---- records --------------------------------------------------------------------------------- */

static struct trace_record *add(struct page_test *test, uint64_t t_ns, enum trace_event event,
                                uint32_t node, const char *bytes, size_t size)
{
    const struct trace_record record = {.t_ns = t_ns,
                                        .event = (uint8_t)event,
                                        .node = node,
                                        .from = TRACE_NOBODY,
                                        .to = TRACE_NOBODY,
                                        .client = TRACE_NOBODY,
                                        .bytes_size = (uint16_t)size};

    trace_log_take(&test->log, &record, (const uint8_t *)bytes);
    CU_ASSERT_FALSE_FATAL(test->log.failed);
    return &test->log.records[test->log.record_count - 1];
}

/* An event of a client's n-th request. */
static void add_of(struct page_test *test, uint64_t t_ns, enum trace_event event, uint32_t client,
                   uint32_t n, const char *bytes)
{
    struct trace_record *record = add(test, t_ns, event, client, bytes, strlen(bytes));

    record->client = client;
    record->n = n;
    record->reason = event == TRACE_FAILED ? OUTCOME_TIMED_OUT : 0;
}

/* A datagram of a client's request, on its way to the broker. */
static void add_datagram(struct page_test *test, const struct trace_record *like,
                         enum trace_event event, const char *bytes)
{
    uint32_t node = event == TRACE_SEND ? like->from : like->to;
    struct trace_record *record =
        add(test, like->t_ns, event, node, bytes, bytes != NULL ? like->size : 0);
    uint16_t bytes_size = record->bytes_size;

    *record = *like;
    record->event = (uint8_t)event;
    record->node = node;
    record->bytes_size = bytes_size;
}

/* A client's request to the broker, which is lost or arrives at once. */
static void add_request(struct page_test *test, uint64_t t_ns, uint32_t client, uint32_t n,
                        enum loss_reason lost, const char *bytes, size_t size)
{
    struct trace_record like = {.t_ns = t_ns,
                                .due_ns = t_ns,
                                .from = client,
                                .to = NODE_BROKER,
                                .client = client,
                                .n = n,
                                .id = (uint64_t)client << 32 | n,
                                .try = 1,
                                .size = (uint16_t)size,
                                .reason = (uint8_t)lost};

    add_datagram(test, &like, TRACE_SEND, bytes);
    if (lost == LOSS_NONE) {
        like.due_ns = 0;
        add_datagram(test, &like, TRACE_DELIVER, NULL);
    }
}

/* A request of `datagrams` datagrams, all lost. */
static void add_whole(struct page_test *test, uint64_t t_ns, uint32_t client, uint32_t n,
                      unsigned datagrams, bool answered)
{
    add_of(test, t_ns, TRACE_BEGIN, client, n, "toupper:x");
    for (unsigned i = 0; i < datagrams; i++) {
        add_request(test, t_ns, client, n, LOSS_LOSS, "x", 1);
    }
    add_of(test, t_ns, answered ? TRACE_ANSWERED : TRACE_FAILED, client, n, "");
}

/* ---- the page -------------------------------------------------------------------------------- */

/* What stands between `begin` and the next end of an element, as JSON. */
static json_t *page_test_object(const char *text, const char *begin)
{
    const char *from = strstr(text, begin);
    const char *to = from != NULL ? strstr(from, "</script>") : NULL;

    CU_ASSERT_PTR_NOT_NULL_FATAL(to);
    from += strlen(begin);
    json_t *object = json_loadb(from, (size_t)(to - from), 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(object);
    for (const char *at = from; at < to; at++) {
        CU_ASSERT((*at >= ' ' && *at < 0x7f) || *at == '\n');
        CU_ASSERT(*at != '<' && *at != '>' && *at != '&');
    }
    return object;
}

static void page_test_write(struct page_test *test)
{
    story_page_open(&test->page);
    CU_ASSERT_TRUE(report_page(test->page.file, &test->look));
    story_page_close(&test->page);
    test->run = page_test_object(test->page.text, "<script type=\"application/json\" id=\"run\">");
    test->data = page_test_object(test->page.text, "<script type=\"application/json\" id=\"log\">");
}

/* The element of the list called `list` in the page's data. */
static const json_t *item(const struct page_test *test, const char *list, size_t i)
{
    return json_array_get(json_object_get(test->data, list), i);
}

static size_t count(const struct page_test *test, const char *list)
{
    return json_array_size(json_object_get(test->data, list));
}

static json_int_t number(const json_t *array, size_t i)
{
    return json_integer_value(json_array_get(array, i));
}

static const char *text(const json_t *array, size_t i)
{
    return json_string_value(json_array_get(array, i));
}

static json_int_t sampled(const struct page_test *test, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(test->data, "sampled"), name));
}

/* How many times a text occurs in the page. */
static unsigned occurrences(const struct page_test *test, const char *wanted)
{
    unsigned found = 0;

    for (const char *at = test->page.text; (at = strstr(at, wanted)) != NULL; at++) {
        found++;
    }
    return found;
}

static void a_page_says_of_each_datagram_what_became_of_it(void)
{
    struct page_test test;

    page_test_init(&test);
    add_of(&test, 5, TRACE_BEGIN, STORY_C1, 1, "toupper:a");
    add_request(&test, 5, STORY_C1, 1, LOSS_DROP, "lost", 4);
    add_request(&test, 7, STORY_C1, 1, LOSS_NONE, "come", 4);
    add_of(&test, 9, TRACE_ANSWERED, STORY_C1, 1, "A");
    page_test_write(&test);

    CU_ASSERT_EQUAL(count(&test, "nodes"), STORY_NODES);
    CU_ASSERT_EQUAL_FATAL(count(&test, "datagrams"), 2);
    const json_t *lost = item(&test, "datagrams", 0);
    CU_ASSERT_EQUAL(number(lost, 0), 5);
    CU_ASSERT_EQUAL(number(lost, 1), STORY_C1);
    CU_ASSERT_EQUAL(number(lost, 2), NODE_BROKER);
    CU_ASSERT_EQUAL(number(lost, 10), -1);
    CU_ASSERT_EQUAL(number(lost, 11), 1);
    CU_ASSERT_STRING_EQUAL(text(lost, 12), "drop");
    CU_ASSERT_STRING_EQUAL(text(lost, 13), "request");
    CU_ASSERT_STRING_EQUAL(text(lost, 14), "0000000300000001");
    CU_ASSERT_STRING_EQUAL(text(lost, 15), "lost");
    const json_t *come = item(&test, "datagrams", 1);
    CU_ASSERT_EQUAL(number(come, 10), 7);
    CU_ASSERT_EQUAL(number(come, 11), 0);
    CU_ASSERT_EQUAL(number(come, 17), 2);
    CU_ASSERT_EQUAL(number(come, 18), 3);

    CU_ASSERT_EQUAL_FATAL(count(&test, "events"), 2);
    CU_ASSERT_STRING_EQUAL(text(item(&test, "events", 0), 6), "toupper:a");
    CU_ASSERT_STRING_EQUAL(text(item(&test, "events", 1), 6), "A");
    CU_ASSERT_TRUE(json_is_null(json_object_get(test.data, "sampled")));
    CU_ASSERT_TRUE(json_is_null(json_object_get(test.data, "only")));
    page_test_free(&test);
}

static void a_page_holds_the_object_of_json(void)
{
    struct page_test test;
    struct story_page file;

    page_test_init(&test);
    page_test_write(&test);
    story_page_open(&file);
    CU_ASSERT_TRUE(report_json(file.file, &test.story.run));
    story_page_close(&file);
    json_t *object = json_loads(file.text, 0, NULL);
    CU_ASSERT_TRUE(json_equal(object, test.run));
    json_decref(object);
    free(file.text);
    page_test_free(&test);
}

static void nothing_in_a_payload_or_a_title_gets_out_of_its_quotes(void)
{
    static const char hostile[] = "</script><script>alert(1)</script><!-- & ]]> \" \\ \x01\x7f"
                                  "\xe2\x80\xae\xe2\x80\xa8\xff";
    const size_t size = sizeof hostile - 1;
    struct page_test test;
    char octets[3 * sizeof hostile];
    size_t length = 0;

    page_test_init(&test);
    test.story.scenario.title = hostile;
    test.story.expectations[0].label = hostile;
    test.story.rules[0].text = hostile;
    add(&test, 1, TRACE_NOTE, NODE_BROKER, hostile, size);
    add_of(&test, 5, TRACE_BEGIN, STORY_C1, 1, hostile);
    add_request(&test, 5, STORY_C1, 1, LOSS_NONE, hostile, size);
    add_of(&test, 9, TRACE_ANSWERED, STORY_C1, 1, hostile);
    page_test_write(&test);

    CU_ASSERT_EQUAL(occurrences(&test, "</script"), 3);
    CU_ASSERT_EQUAL(occurrences(&test, "<!--"), 0);
    CU_ASSERT_EQUAL(occurrences(&test, "alert(1)\\u003c"), 7);
    for (size_t i = 0; i < size; i++) { /* an octet is a character: in UTF-8 from 0x80 on two */
        uint8_t octet = (uint8_t)hostile[i];
        if (octet >= 0x80) {
            octets[length++] = (char)(0xc0 | octet >> 6);
            octet = 0x80 | (octet & 0x3f);
        }
        octets[length++] = (char)octet;
    }
    octets[length] = '\0';
    CU_ASSERT_STRING_EQUAL(text(item(&test, "datagrams", 0), 15), octets);
    CU_ASSERT_STRING_EQUAL(text(item(&test, "events", 1), 6), octets);
    CU_ASSERT_EQUAL(number(item(&test, "events", 0), 2), -1);
    page_test_free(&test);
}

static void a_page_may_fetch_nothing_and_run_nothing_but_its_own(void)
{
    struct page_test test;

    page_test_init(&test);
    page_test_write(&test);
    CU_ASSERT_EQUAL(occurrences(&test, "content=\"default-src 'none'; script-src 'sha256-"), 1);
    CU_ASSERT_EQUAL(occurrences(&test, "; style-src 'sha256-"), 1);
    CU_ASSERT_EQUAL(occurrences(&test, "; base-uri 'none'; form-action 'none'\""), 1);
    CU_ASSERT_EQUAL(occurrences(&test, " src="), 0);
    CU_ASSERT_EQUAL(occurrences(&test, " style="), 0);
    page_test_free(&test);
}

static void a_long_run_is_sampled_by_whole_requests_failed_ones_first(void)
{
    struct page_test test;
    unsigned of_client[STORY_NODES] = {0};

    page_test_init(&test);
    for (uint32_t n = 1; n <= 5000; n++) { /* 8 x 5,000 datagrams; every 50th of c1 fails */
        add_whole(&test, n * NS_PER_US, STORY_C1, n, 4, n % 50 != 0);
        add_whole(&test, n * NS_PER_US, STORY_C2, n, 4, true);
    }
    page_test_write(&test);

    CU_ASSERT_EQUAL(sampled(&test, "requests_of"), 10000);
    CU_ASSERT_EQUAL(sampled(&test, "datagrams_of"), 40000);
    CU_ASSERT_EQUAL(sampled(&test, "failed_of"), 100);
    CU_ASSERT_EQUAL(sampled(&test, "failed"), 100);
    CU_ASSERT_EQUAL(sampled(&test, "datagrams"), (json_int_t)count(&test, "datagrams"));
    CU_ASSERT(count(&test, "datagrams") > REPORT_PAGE_DATAGRAMS_MAX - 20);
    CU_ASSERT(count(&test, "datagrams") <= REPORT_PAGE_DATAGRAMS_MAX);
    CU_ASSERT_EQUAL(count(&test, "datagrams") % 4, 0);
    CU_ASSERT_EQUAL(sampled(&test, "requests"), (json_int_t)count(&test, "datagrams") / 4);
    CU_ASSERT_EQUAL(sampled(&test, "requests"), (json_int_t)count(&test, "events") / 2);

    unsigned early = 0;
    for (size_t i = 0; i < count(&test, "datagrams"); i++) {
        const json_t *datagram = item(&test, "datagrams", i);
        early += number(datagram, 0) <= (json_int_t)(2500 * NS_PER_US);
        of_client[number(datagram, 3)]++;
    }
    CU_ASSERT(early > 4900 && early < 5100);
    CU_ASSERT(of_client[STORY_C1] > 4800 && of_client[STORY_C1] < 5600);
    page_test_free(&test);
}

/* Requests that took many datagrams are where something went wrong. */
static void a_sample_has_as_many_long_requests_as_the_run(void)
{
    struct page_test test;
    unsigned of_long = 0;

    page_test_init(&test);
    for (uint32_t n = 1; n <= 5000; n++) { /* every tenth took three times as much */
        add_whole(&test, n * NS_PER_US, STORY_C1, n, n % 10 == 0 ? 12 : 4, true);
    }
    page_test_write(&test);
    CU_ASSERT_EQUAL(sampled(&test, "datagrams_of"), 4500 * 4 + 500 * 12);
    for (size_t i = 0; i < count(&test, "datagrams"); i++) {
        of_long += number(item(&test, "datagrams", i), 4) % 10 == 0;
    }
    CU_ASSERT(count(&test, "datagrams") > 9980 && count(&test, "datagrams") <= 10000);
    CU_ASSERT(of_long > 2100 && of_long < 2900); /* a quarter */
    page_test_free(&test);
}

static void where_all_fail_a_sample_is_drawn_and_yet_each_is_there(void)
{
    static struct request_result results[4000];
    struct page_test test;

    page_test_init(&test);
    for (uint32_t n = 1; n <= 2000; n++) {
        add_whole(&test, n * NS_PER_US, STORY_C1, n, 12, false);
        add_whole(&test, n * NS_PER_US, STORY_C2, n, 12, true);
        results[n - 1] = test.story.requests[0];
        results[n - 1].client = STORY_C1;
        results[n - 1].n = n;
        results[1999 + n] = results[n - 1];
        results[1999 + n].client = STORY_C2;
    }
    test.story.verdict.requests = results;
    test.story.verdict.request_count = 4000;
    page_test_write(&test);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(test.run, "requests")), 2000);
    CU_ASSERT_EQUAL(sampled(&test, "failed_of"), 2000);
    CU_ASSERT(sampled(&test, "failed") > 825 && sampled(&test, "failed") <= 833);
    CU_ASSERT_EQUAL(sampled(&test, "requests"), sampled(&test, "failed"));
    page_test_free(&test);
}

static void what_belongs_to_no_request_is_sampled_too(void)
{
    struct page_test test;

    page_test_init(&test);
    for (uint32_t i = 1; i <= 20000; i++) {
        struct trace_record *record = add(&test, i, TRACE_SEND, STORY_C1, "?", 1);
        record->from = STORY_C1;
        record->form = TRACE_RAW;
        record->size = 1;
    }
    for (uint64_t i = 0; i < test.log.record_count; i++) {
        test.log.records[i].to = NODE_BROKER;
    }
    page_test_write(&test);
    CU_ASSERT(count(&test, "datagrams") > 9990 && count(&test, "datagrams") <= 10000);
    CU_ASSERT_STRING_EQUAL(text(item(&test, "datagrams", 0), 13), "raw");
    CU_ASSERT_EQUAL(number(item(&test, "datagrams", 0), 3), -1);
    page_test_free(&test);
}

static void only_chooses_what_a_page_shows_but_not_what_its_plots_count(void)
{
    uint64_t nobody[1] = {0};
    struct report_only_range range = {.client = STORY_C1, .first = 2, .last = 3};
    struct page_test test;
    const struct report_only only = {.nodes = nobody,
                                     .ranges = &range,
                                     .range_count = 1,
                                     .has_clients = true,
                                     .scenario = &test.story.scenario};

    page_test_init(&test);
    for (uint32_t n = 1; n <= 5; n++) {
        add_whole(&test, n, STORY_C1, n, 2, true);
    }
    test.look.only = &only;
    page_test_write(&test);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(test.data, "only")), "c1/2..3");
    CU_ASSERT_EQUAL(count(&test, "datagrams"), 4);
    CU_ASSERT_EQUAL(number(item(&test, "datagrams", 0), 4), 2);
    CU_ASSERT_EQUAL(number(item(&test, "datagrams", 3), 4), 3);
    CU_ASSERT_EQUAL(count(&test, "events"), 4);
    CU_ASSERT_EQUAL(count(&test, "tries"), 4);
    page_test_free(&test);
}

static void plots_count_every_request_beside_theory(void)
{
    struct page_test test;

    page_test_init(&test);
    page_test_write(&test);
    const json_t *latency = json_object_get(test.data, "latency");
    const json_t *cdf = json_object_get(latency, "cdf");
    CU_ASSERT_EQUAL(json_array_size(cdf), 19);
    CU_ASSERT_EQUAL(number(json_array_get(cdf, 18), 0), (json_int_t)(430 * NS_PER_MS));
    json_int_t sum = 0;
    const json_t *histogram = json_object_get(latency, "histogram");
    CU_ASSERT(json_array_size(histogram) <= 40);
    for (size_t i = 0; i < json_array_size(histogram); i++) {
        sum += number(json_array_get(histogram, i), 2);
    }
    CU_ASSERT_EQUAL(sum, 19);

    CU_ASSERT_EQUAL(number(item(&test, "tries", 0), 1), 13);
    CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_array_get(item(&test, "tries", 0), 2)), 20 * 0.6561,
                           1e-6);
    CU_ASSERT_EQUAL(count(&test, "losses"), STORY_LINKS);
    CU_ASSERT_EQUAL(number(item(&test, "losses", 0), 1), 22);
    CU_ASSERT_EQUAL(number(item(&test, "losses", 0), 2), 2);
    CU_ASSERT_EQUAL(number(item(&test, "losses", 0), 3), 0);
    CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_array_get(item(&test, "losses", 0), 5)), 2.2, 1e-6);
    page_test_free(&test);
}

static void a_link_loses_of_its_copies_too(void)
{
    struct page_test test;

    page_test_init(&test);
    TALLY_LINK(&test.story.verdict.tally, 0, duplicated) = 19;
    TALLY_LINK(&test.story.verdict.tally, 0, lost[LOSS_LOSS]) = 30;
    page_test_write(&test);
    CU_ASSERT_EQUAL(number(item(&test, "losses", 0), 1), 22 + 19);
    CU_ASSERT_EQUAL(number(item(&test, "losses", 0), 2), 30);
    CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_array_get(item(&test, "losses", 0), 5)), 4.1, 1e-6);
    page_test_free(&test);
}

static void a_series_shows_the_most_at_once_in_each_step(void)
{
    struct page_test test;

    page_test_init(&test);
    test.story.facts.duration_ns = 9;
    add_of(&test, 1, TRACE_BEGIN, STORY_C1, 1, "toupper:a");
    add_of(&test, 3, TRACE_BEGIN, STORY_C2, 1, "toupper:a");
    add(&test, 7, TRACE_EXECUTE, STORY_TOUPPER, "a", 1)->value_ns = 4; /* waited from 3 on */
    add_of(&test, 8, TRACE_ANSWERED, STORY_C1, 1, "A");
    page_test_write(&test);

    const json_t *series = json_object_get(test.data, "series");
    char *in_flight = json_dumps(json_object_get(series, "in_flight"), JSON_COMPACT);
    char *queue =
        json_dumps(json_object_get(json_object_get(series, "queue"), "toupper"), JSON_COMPACT);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(series, "step_ns")), 1);
    CU_ASSERT_STRING_EQUAL(in_flight, "[0,1,1,2,2,2,2,2,2,1]");
    CU_ASSERT_STRING_EQUAL(queue, "[0,0,0,1,1,1,1,1,0,0]");
    free(in_flight);
    free(queue);
    page_test_free(&test);
}

static void a_page_that_cannot_be_written_says_so(void)
{
    struct page_test test;
    FILE *full = fopen("/dev/full", "w");

    page_test_init(&test);
    CU_ASSERT_PTR_NOT_NULL_FATAL(full);
    CU_ASSERT_FALSE(report_page(full, &test.look));
    fclose(full);
    page_test_free(&test);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_page_says_of_each_datagram_what_became_of_it),
        HARNESS_TEST(a_page_holds_the_object_of_json),
        HARNESS_TEST(nothing_in_a_payload_or_a_title_gets_out_of_its_quotes),
        HARNESS_TEST(a_page_may_fetch_nothing_and_run_nothing_but_its_own),
        HARNESS_TEST(a_long_run_is_sampled_by_whole_requests_failed_ones_first),
        HARNESS_TEST(a_sample_has_as_many_long_requests_as_the_run),
        HARNESS_TEST(where_all_fail_a_sample_is_drawn_and_yet_each_is_there),
        HARNESS_TEST(what_belongs_to_no_request_is_sampled_too),
        HARNESS_TEST(only_chooses_what_a_page_shows_but_not_what_its_plots_count),
        HARNESS_TEST(plots_count_every_request_beside_theory),
        HARNESS_TEST(a_link_loses_of_its_copies_too),
        HARNESS_TEST(a_series_shows_the_most_at_once_in_each_step),
        HARNESS_TEST(a_page_that_cannot_be_written_says_so),
    };
    return harness_run("report/page", tests, HARNESS_COUNT(tests));
}
