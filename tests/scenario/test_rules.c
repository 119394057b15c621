/* Ports, the time line, scripts: what refers to nodes, and what they do. */
#include "base/time.h"
#include "parse_story.h"

static void refuses(const char *line, const char *expected)
{
    story_refuses(STORY_CLIENTS, line, expected);
}

static const struct scenario_rule *read_rule(struct story *story, const char *line)
{
    story_read(story, STORY_CLIENTS, line);
    CU_ASSERT_TRUE_FATAL(story->good);
    CU_ASSERT_EQUAL_FATAL(story->scenario.rule_count, 1);
    return &story->scenario.rules[0];
}

/* ---- at ----------------------------------------------------------------------------------------
 */

static void an_event_happens_once_and_for_good(void)
{
    struct story story;
    const struct scenario_rule *rule = read_rule(&story, "at 2s  link c1 -> broker   loss 5%");

    CU_ASSERT_TRUE(rule->timed);
    CU_ASSERT_EQUAL(rule->at_ns, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(rule->every_ns, 0);
    CU_ASSERT_EQUAL(rule->times, 1);
    CU_ASSERT_EQUAL(rule->for_ns, TIME_NEVER);
    CU_ASSERT_PTR_NULL(rule->note);
    CU_ASSERT_STRING_EQUAL(rule->text, "link c1 -> broker loss 5%");
    story_end(&story);
}

static void an_event_may_come_again(void)
{
    struct story story;
    const struct scenario_rule *rule =
        read_rule(&story, "at 2s every 10s times 3 for 4s network down");

    CU_ASSERT_EQUAL(rule->every_ns, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(rule->times, 3);
    CU_ASSERT_EQUAL(rule->for_ns, 4 * NS_PER_S);
    CU_ASSERT_TRUE(rule->faults.down);
    story_end(&story);
    CU_ASSERT_EQUAL(read_rule(&story, "at 0s every 10s network down")->times, UINT64_MAX);
    story_end(&story);
}

static void a_note_is_a_text_for_the_reader(void)
{
    struct story story;
    const struct scenario_rule *rule = read_rule(&story, "at 1s note \"half \\\"time\\\"\"");

    CU_ASSERT_EQUAL_FATAL(rule->note_size, 11);
    CU_ASSERT_EQUAL(memcmp(rule->note, "half \"time\"", 11), 0);
    story_end(&story);
}

static void a_time_that_cannot_be_is_refused(void)
{
    refuses("at 1s every 2s for 3s network down",
            "f:3:20: error: each time is over before the next begins: `for` is at most what "
            "`every` says");
    refuses("at 1s every 1us network down", "f:3:13: error: `every` takes at least 1ms");
    refuses("at 1s for 0s network down", "f:3:11: error: `for` takes more than 0 and at most 24h");
    refuses("at 1s every 1s times 0 network down", "f:3:22: error: times is from 1 to 4294967295");
    refuses("at 25h network down", "f:3:4: error: no run lasts longer than 24h");
    refuses("at 1s for 2s note \"x\"", "f:3:7: error: a note has no length: leave `for` out");
    refuses("at 1s network down for 2s",
            "f:3:20: error: 'for' stands before the event: at 2s every 10s for 3s network ...");
    refuses("at 1s note", "f:3:12: error: expected note between quotes here: \"text\"");
    refuses("at network down", "f:3:4: error: expected the time like 60ms, not 'network'");
}

static void an_exact_fault_lies_where_its_request_passes(void)
{
    struct story story;

    refuses("link c1 -> broker drop of request c2/1",
            "f:3:1: error: no datagram of c2/1 passes here: its links are those of c2 and of the "
            "servers");
    (void)read_rule(&story, "link broker -> toupper drop of request c2/1");
    story_end(&story);
    (void)read_rule(&story, "link clients -> broker drop of request c2/1");
    story_end(&story);
}

static void what_never_happens_is_a_warning(void)
{
    story_says("time-limit 2s\nclients 1\nat 2s network down\n", NULL, 0,
               "f:3:4: warning: this never happens: the time-limit is 2s\n"
               "  at 2s network down\n"
               "     ^\n");
}

static void a_file_without_a_client_is_a_warning(void)
{
    static const char SAYS[] = "f:1:1: warning: there is no client, so nobody asks anything: "
                               "clients 1, and a line below it: send toupper \"hello\"\n";

    story_says("", NULL, 0, SAYS);
    story_says("# Nothing yet.\nseed 5\n", NULL, 0, SAYS);
    story_says("clients 1\n", NULL, 0, "");
}

/* ---- port --------------------------------------------------------------------------------------
 */

static void a_port_is_one_nodes(void)
{
    struct story story;

    story_read_sets(&story, "port c1 9000\nclients 2\nport broker 8082\n", NULL, 0);
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_EQUAL(story.scenario.nodes[NODE_BROKER].port, 8082);
    CU_ASSERT_EQUAL(story.scenario.nodes[3].port, 9000);
    CU_ASSERT_EQUAL(story.scenario.nodes[4].port, 0);
    story_end(&story);
    story_refuses("clients 2\nport c1 9000\n", "port broker 9000",
                  "f:3:13: error: port 9000 is c1's already");
    refuses("port clients 9000",
            "f:3:6: error: a port is one node's: write its name, not 'clients'");
    refuses("port c* 9000", "f:3:6: error: a port is one node's: write its name, not 'c*'");
    refuses("port broker 0", "f:3:13: error: port is from 1 to 65535");
    refuses("port broker", "f:3:13: error: expected port here, like 5");
    refuses("port brokr 1", "f:3:6: error: there is no node 'brokr'; did you mean 'broker'?");
}

/* ---- scripts -----------------------------------------------------------------------------------
 */

static void steps_belong_to_the_client_above_them(void)
{
    struct story story;

    story_read_sets(&story,
                    "client a\nsend 5 echo \"x\" every 10ms distribution exponential\nwait 0ms\n"
                    "client b\nraw \"\\x00\"\nsend toupper \"y\" every 2s\nsend tolower \"z\"\n",
                    NULL, 0);
    CU_ASSERT_TRUE_FATAL(story.good);
    const struct scenario_clients *a = &story.scenario.groups[0];
    const struct scenario_clients *b = &story.scenario.groups[1];
    CU_ASSERT_EQUAL_FATAL(a->step_count, 2);
    CU_ASSERT_EQUAL(a->steps[0].kind, CLIENT_SEND);
    CU_ASSERT_EQUAL(a->steps[0].count, 5);
    CU_ASSERT_STRING_EQUAL(a->steps[0].op, "echo");
    CU_ASSERT_EQUAL(a->steps[0].every_ns, 10 * NS_PER_MS);
    CU_ASSERT_TRUE(a->steps[0].poisson);
    CU_ASSERT_EQUAL(a->steps[1].kind, CLIENT_WAIT);
    CU_ASSERT_EQUAL(a->request_count, 5);
    CU_ASSERT_EQUAL_FATAL(b->step_count, 3);
    CU_ASSERT_EQUAL(b->steps[0].kind, CLIENT_RAW);
    CU_ASSERT_FALSE(b->steps[1].poisson);
    CU_ASSERT_EQUAL(b->request_count, 2);
    CU_ASSERT_EQUAL(story.scenario.request_count, 7);
    story_end(&story);
}

static void an_unknown_operation_is_a_warning(void)
{
    story_says("client a\nsend touper \"x\"\nsend reverse \"x\"\n", NULL, 0,
               "f:2:6: warning: nobody executes 'touper': each such request is answered 404; did "
               "you mean 'toupper'?\n"
               "  send touper \"x\"\n"
               "       ^\n"
               "f:3:6: warning: nobody executes 'reverse': each such request is answered 404; "
               "there are toupper, tolower, echo and count\n"
               "  send reverse \"x\"\n"
               "       ^\n");
}

static void a_step_that_cannot_be_is_refused(void)
{
    story_refuses("", "send toupper \"x\"",
                  "f:1:1: error: a step belongs to the `client` or `clients` line above it, and "
                  "there is none");
    refuses("send 0 toupper \"x\"", "f:3:6: error: how many requests is from 1 to 16777215");
    refuses("send 16777214 toupper \"x\"",
            "f:3:6: error: with these, a client has more than 16777215 requests");
    refuses("send Toupper \"x\"",
            "f:3:6: error: an operation is a lower-case letter, then lower-case letters, digits, - "
            "or _, at most 32 characters");
    refuses("send toupper \"x\" every 0ms",
            "f:3:24: error: `every` wants more than 0 and at most 24h; leave it out to send as the "
            "window allows");
    refuses("send toupper \"x\" every 1s distribution normal",
            "f:3:40: error: unknown distribution 'normal'; known are: exponential");
    refuses("send toupper \"x\" twice", "f:3:18: error: unexpected 'twice' behind the step");
    refuses("wait 25h", "f:3:6: error: no run lasts longer than 24h");
    refuses("wait", "f:3:6: error: expected wait here, like 60ms");
    refuses("raw x", "f:3:5: error: expected a text between quotes here: \"text\"");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(an_event_happens_once_and_for_good),
        HARNESS_TEST(an_event_may_come_again),
        HARNESS_TEST(a_note_is_a_text_for_the_reader),
        HARNESS_TEST(a_time_that_cannot_be_is_refused),
        HARNESS_TEST(an_exact_fault_lies_where_its_request_passes),
        HARNESS_TEST(what_never_happens_is_a_warning),
        HARNESS_TEST(a_file_without_a_client_is_a_warning),
        HARNESS_TEST(a_port_is_one_nodes),
        HARNESS_TEST(steps_belong_to_the_client_above_them),
        HARNESS_TEST(an_unknown_operation_is_a_warning),
        HARNESS_TEST(a_step_that_cannot_be_is_refused),
    };

    return harness_run("scenario/rules", tests, HARNESS_COUNT(tests));
}
