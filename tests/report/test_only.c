#include "report/only.h"

#include <stdio.h>
#include <string.h>

#include "harness.h"

/* Twelve clients of three kinds: c1 to c8 with 25 requests each, slow1 to slow3 with one, and rude,
 * which has none. */
static const char STORY[] = "clients 8\n  send 25 toupper \"x\"\n"
                            "clients 3 as slow\n  send tolower \"x\"\n"
                            "client rude\n  raw \"x\"\n";

static struct scenario story_scenario(void)
{
    static const struct scenario_overrides NONE;
    struct scenario scenario;
    struct scenario_messages messages = {.items = NULL};

    CU_ASSERT_FATAL(scenario_parse(&scenario, "f", STORY, strlen(STORY), &NONE, &messages));
    scenario_messages_free(&messages);
    return scenario;
}

static uint32_t story_node(const struct scenario *scenario, const char *name)
{
    uint32_t node = scenario_find_node(scenario, name, strlen(name));

    CU_ASSERT_NOT_EQUAL_FATAL(node, NODE_NONE);
    return node;
}

/* A record of request n of `client` (NULL: of none), on its way between two nodes. */
static struct trace_record story_datagram(const struct scenario *scenario, const char *client,
                                          uint32_t n, const char *from, const char *to)
{
    return (struct trace_record){.event = TRACE_DELIVER,
                                 .node = story_node(scenario, to),
                                 .from = story_node(scenario, from),
                                 .to = story_node(scenario, to),
                                 .client =
                                     client == NULL ? TRACE_NOBODY : story_node(scenario, client),
                                 .n = n};
}

static void assert_request(const char *text, const char *client, uint32_t n, bool wanted)
{
    struct scenario scenario = story_scenario();
    struct report_only only;
    char error[REPORT_ONLY_ERROR_MAX] = "";

    CU_ASSERT_FATAL(report_only_parse(&only, &scenario, text, error));
    CU_ASSERT_EQUAL(report_only_has_request(&only, story_node(&scenario, client), n), wanted);
    report_only_free(&only);
    scenario_free(&scenario);
}

static void assert_datagram(const char *text, const char *client, uint32_t n, const char *from,
                            const char *to, bool wanted)
{
    struct scenario scenario = story_scenario();
    struct report_only only;
    char error[REPORT_ONLY_ERROR_MAX] = "";

    CU_ASSERT_FATAL(report_only_parse(&only, &scenario, text, error));
    struct trace_record record = story_datagram(&scenario, client, n, from, to);
    CU_ASSERT_EQUAL(report_only_has(&only, &record), wanted);
    report_only_free(&only);
    scenario_free(&scenario);
}

static void assert_error(const char *text, const char *expected)
{
    struct scenario scenario = story_scenario();
    struct report_only only;
    char error[REPORT_ONLY_ERROR_MAX] = "";

    CU_ASSERT_FALSE(report_only_parse(&only, &scenario, text, error));
    CU_ASSERT_STRING_EQUAL(error, expected);
    scenario_free(&scenario);
}

static void a_client_that_is_named_has_all_its_requests(void)
{
    assert_request("c1", "c1", 1, true);
    assert_request("c1", "c1", 25, true);
    assert_request("c1", "c2", 1, false);
    assert_request("slow*", "slow3", 1, true);
    assert_request("clients", "slow3", 1, true);
    assert_request("slow*", "c1", 1, false);
}

static void a_range_takes_both_its_ends_in(void)
{
    assert_request("c1/2..4", "c1", 1, false);
    assert_request("c1/2..4", "c1", 2, true);
    assert_request("c1/2..4", "c1", 4, true);
    assert_request("c1/2..4", "c1", 5, false);
    assert_request("c1/2..4", "c2", 3, false);
    assert_request("c1/7", "c1", 7, true);
    assert_request("c1/7", "c1", 8, false);
}

static void several_ranges_of_one_client_leave_out_what_lies_between(void)
{
    assert_request("c1/20..25, c1/1..3,c2/5,c1/2..4", "c1", 4, true);
    assert_request("c1/20..25, c1/1..3,c2/5,c1/2..4", "c1", 5, false);
    assert_request("c1/20..25, c1/1..3,c2/5,c1/2..4", "c1", 21, true);
    assert_request("c1/20..25, c1/1..3,c2/5,c1/2..4", "c2", 5, true);
    assert_request("c1/20..25, c1/1..3,c2/5,c1/2..4", "c2", 4, false);
}

static void where_only_servers_are_named_every_request_is_wanted(void)
{
    assert_request("toupper", "c5", 9, true);
    assert_request("broker,servers", "slow1", 1, true);
    assert_request("toupper,c1", "c5", 9, false);
}

static void a_server_that_is_named_is_seen_with_its_links(void)
{
    assert_datagram("toupper", "c5", 9, "broker", "toupper", true);
    assert_datagram("toupper", "c5", 9, "toupper", "broker", true);
    assert_datagram("toupper", "c5", 9, "c5", "broker", false);
    assert_datagram("toupper,c1/1..3", "c1", 3, "broker", "toupper", true);
    assert_datagram("toupper,c1/1..3", "c1", 3, "c1", "broker", true);
    assert_datagram("toupper,c1/1..3", "c1", 4, "broker", "toupper", false);
    assert_datagram("toupper,c1/1..3", "c2", 3, "broker", "toupper", false);
    assert_datagram("tolower,c1/1..3", "c1", 3, "broker", "toupper", false);
}

static void what_belongs_to_no_request_belongs_to_those_it_meets(void)
{
    assert_datagram("rude", NULL, 0, "rude", "broker", true);
    assert_datagram("c1", NULL, 0, "rude", "broker", false);
    assert_datagram("c1/1..3", NULL, 0, "c1", "broker", false);
    assert_datagram("broker", NULL, 0, "rude", "broker", true);
}

static void what_happens_to_all_is_always_wanted(void)
{
    struct scenario scenario = story_scenario();
    struct report_only only;
    char error[REPORT_ONLY_ERROR_MAX] = "";
    static const enum trace_event EVENTS[] = {TRACE_FAULT, TRACE_NOTE,  TRACE_PARTITION,
                                              TRACE_HEAL,  TRACE_CRASH, TRACE_RESTART,
                                              TRACE_PAUSE, TRACE_RESUME};

    CU_ASSERT_FATAL(report_only_parse(&only, &scenario, "c1/1", error));
    for (size_t i = 0; i < HARNESS_COUNT(EVENTS); i++) {
        struct trace_record record = {.event = (uint8_t)EVENTS[i],
                                      .node = story_node(&scenario, "tolower"),
                                      .from = TRACE_NOBODY,
                                      .to = TRACE_NOBODY,
                                      .client = TRACE_NOBODY};
        CU_ASSERT_TRUE(report_only_has(&only, &record));
    }
    report_only_free(&only);
    scenario_free(&scenario);
}

static void count_record(void *count, const struct trace_record *record, const uint8_t *bytes)
{
    (void)record;
    (void)bytes;
    (*(unsigned *)count)++;
}

static void a_sink_hands_on_what_is_wanted(void)
{
    struct scenario scenario = story_scenario();
    struct report_only only;
    char error[REPORT_ONLY_ERROR_MAX] = "";
    unsigned count = 0;
    struct report_only_sink sink = {.next = {.take = count_record, .context = &count}};
    struct trace_record of_c1 = story_datagram(&scenario, "c1", 1, "c1", "broker");
    struct trace_record of_c2 = story_datagram(&scenario, "c2", 1, "c2", "broker");

    CU_ASSERT_FATAL(report_only_parse(&only, &scenario, "c1", error));
    report_only_take(&sink, &of_c1, NULL);
    report_only_take(&sink, &of_c2, NULL);
    CU_ASSERT_EQUAL(count, 2);
    sink.only = &only;
    report_only_take(&sink, &of_c1, NULL);
    report_only_take(&sink, &of_c2, NULL);
    CU_ASSERT_EQUAL(count, 3);
    report_only_free(&only);
    scenario_free(&scenario);
}

static void a_name_that_nobody_has_gets_the_nearest(void)
{
    assert_error("tuopper", "there is no node 'tuopper'; did you mean 'toupper'?");
    assert_error("toupper,slaw1/1", "there is no node 'slaw1'; did you mean 'slow1'?");
    assert_error("fast*", "no node's name begins like 'fast*'");
    assert_error("echo", "no 'echo' runs here: neither a script nor a `server` line names it");
}

static void a_request_that_nobody_has_gets_those_there_are(void)
{
    assert_error("c1/26", "c1 has requests 1 to 25; there is no 'c1/26'");
    assert_error("c1/0", "c1 has requests 1 to 25; there is no 'c1/0'");
    assert_error("c1/20..26", "c1 has requests 1 to 25; there is no 'c1/20..26'");
    assert_error("c1/99999999999999999999", "c1 has requests 1 to 25; there is no "
                                            "'c1/99999999999999999999'");
    assert_error("slow1/2", "slow1 has one request, slow1/1; there is no 'slow1/2'");
    assert_error("rude/1", "rude has no requests in its script");
}

static void what_is_no_request_is_told_how_to_write_one(void)
{
    assert_error("c1/", "'c1/' is no request and no range of them, as in c1/3 or c1/1..3");
    assert_error("c1/two", "'c1/two' is no request and no range of them, as in c1/3 or c1/1..3");
    assert_error("c1/1-3", "'c1/1-3' is no request and no range of them, as in c1/3 or c1/1..3");
    assert_error("c1/1..", "'c1/1..' is no request and no range of them, as in c1/3 or c1/1..3");
    assert_error("c1/3..1", "'c1/3..1' ends before it begins: c1/1..3 is meant?");
    assert_error("toupper/1", "only clients have requests, and toupper is none");
    assert_error("c*/1", "requests are those of one client, as in c1/3 or c1/1..3");
    assert_error("", "a node or a request is missing: write c1, toupper, c1/3 or c1/1..3, with "
                     "commas between them");
    assert_error("c1,,c2", "a node or a request is missing: write c1, toupper, c1/3 or c1/1..3, "
                           "with commas between them");
}

static void hostile_text_is_made_safe(void)
{
    assert_error("\x1b[2J",
                 "there is no node '\\x1b[2J'; nodes are the broker, the servers (toupper, "
                 "tolower, ...) and the clients of this file");
    assert_error("c1/\x1b\xe2\x80\xae", "'c1/\\x1b\\xe2\\x80\\xae' is no request and no range of "
                                        "them, as in c1/3 or c1/1..3");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_client_that_is_named_has_all_its_requests),
        HARNESS_TEST(a_range_takes_both_its_ends_in),
        HARNESS_TEST(several_ranges_of_one_client_leave_out_what_lies_between),
        HARNESS_TEST(where_only_servers_are_named_every_request_is_wanted),
        HARNESS_TEST(a_server_that_is_named_is_seen_with_its_links),
        HARNESS_TEST(what_belongs_to_no_request_belongs_to_those_it_meets),
        HARNESS_TEST(what_happens_to_all_is_always_wanted),
        HARNESS_TEST(a_sink_hands_on_what_is_wanted),
        HARNESS_TEST(a_name_that_nobody_has_gets_the_nearest),
        HARNESS_TEST(a_request_that_nobody_has_gets_those_there_are),
        HARNESS_TEST(what_is_no_request_is_told_how_to_write_one),
        HARNESS_TEST(hostile_text_is_made_safe),
    };
    return harness_run("report/only", tests, HARNESS_COUNT(tests));
}
