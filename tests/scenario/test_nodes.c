/* Title to clients: values, defaults, limits, and what may stand once. */
#include "base/time.h"
#include "parse_story.h"

static void refuses(const char *line, const char *expected)
{
    story_refuses(STORY_CLIENTS, line, expected);
}

static void a_file_without_words_has_the_defaults(void)
{
    struct story story;

    story_read_sets(&story, STORY_CLIENTS, NULL, 0);
    CU_ASSERT_TRUE_FATAL(story.good);
    const struct scenario *it = &story.scenario;
    CU_ASSERT_PTR_NULL(it->title);
    CU_ASSERT_EQUAL(it->seed, 1);
    CU_ASSERT_EQUAL(it->world, WORLD_REAL);
    CU_ASSERT_EQUAL(it->time_limit_ns, 300 * NS_PER_S);
    CU_ASSERT_EQUAL(it->broker.policy.timeout_ns, 0);
    CU_ASSERT_EQUAL(it->broker.policy.tries, 1);
    CU_ASSERT_EQUAL(it->broker.pending, 65536);
    CU_ASSERT_EQUAL(it->server_count, 2);
    CU_ASSERT_EQUAL(it->servers[0].service_ns, 0);
    CU_ASSERT_EQUAL(it->servers[0].workers, 1);
    CU_ASSERT_EQUAL(it->servers[0].queue, 1024);
    story_end(&story);
}

static void a_client_has_its_defaults(void)
{
    struct story story;

    story_read_sets(&story, STORY_CLIENTS, NULL, 0);
    CU_ASSERT_TRUE_FATAL(story.good);
    const struct scenario_clients *group = &story.scenario.groups[0];
    CU_ASSERT_EQUAL(group->policy.timeout_ns, 500 * NS_PER_MS);
    CU_ASSERT_EQUAL(group->policy.tries, 5);
    CU_ASSERT_EQUAL(group->policy.backoff, BACKOFF_EXPONENTIAL);
    CU_ASSERT_EQUAL(group->policy.factor_milli, 2000);
    CU_ASSERT_EQUAL(group->policy.cap_ns, TIME_NEVER);
    CU_ASSERT_EQUAL(group->policy.jitter, JITTER_NONE);
    CU_ASSERT_EQUAL(group->window, 1);
    CU_ASSERT_EQUAL(group->start_ns, 0);
    CU_ASSERT_FALSE(group->plain);
    /* 0.5 + 1 + 2 + 4 + 8 s */
    CU_ASSERT_EQUAL(group->deadline_ns, 15500 * NS_PER_MS);
    story_end(&story);
}

static void nodes_have_a_fixed_order(void)
{
    static const char *const NAMES[] = {"broker", "toupper", "tolower", "echo",
                                        "count",  "x",       "s1",      "s2"};
    struct story story;

    story_read_sets(&story,
                    "client x\nsend count \"1\"\nclients 2 as s\nserver echo\nserver tolower\n",
                    NULL, 0);
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_EQUAL_FATAL(story.scenario.node_count, 8);
    CU_ASSERT_EQUAL(story.scenario.link_count, 14);
    for (uint32_t i = 0; i < 8; i++) {
        CU_ASSERT_STRING_EQUAL(story.scenario.nodes[i].name, NAMES[i]);
        CU_ASSERT_EQUAL(scenario_find_node(&story.scenario, NAMES[i], strlen(NAMES[i])), i);
    }
    CU_ASSERT_EQUAL(scenario_find_node(&story.scenario, "s", 1), NODE_NONE);
    CU_ASSERT_EQUAL(story.scenario.servers[3].line, 0);
    CU_ASSERT_EQUAL(story.scenario.servers[2].line, 4);
    story_end(&story);
}

static void every_word_of_a_client_is_read(void)
{
    struct story story;

    story_read_sets(&story,
                    "client a timeout 60ms retries 3 backoff exponential 1.5 cap 120ms jitter full "
                    "window unlimited deadline 2s start 10ms plain\n"
                    "client b backoff linear jitter decorrelated window 7\n",
                    NULL, 0);
    CU_ASSERT_TRUE_FATAL(story.good);
    const struct scenario_clients *a = &story.scenario.groups[0];
    CU_ASSERT_EQUAL(a->policy.timeout_ns, 60 * NS_PER_MS);
    CU_ASSERT_EQUAL(a->policy.tries, 4);
    CU_ASSERT_EQUAL(a->policy.factor_milli, 1500);
    CU_ASSERT_EQUAL(a->policy.cap_ns, 120 * NS_PER_MS);
    CU_ASSERT_EQUAL(a->policy.jitter, JITTER_FULL);
    CU_ASSERT_EQUAL(a->window, CLIENT_WINDOW_UNLIMITED);
    CU_ASSERT_EQUAL(a->deadline_ns, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(a->start_ns, 10 * NS_PER_MS);
    CU_ASSERT_TRUE(a->plain);
    CU_ASSERT_EQUAL(story.scenario.groups[1].policy.backoff, BACKOFF_LINEAR);
    CU_ASSERT_EQUAL(story.scenario.groups[1].window, 7);
    story_end(&story);
}

static void a_policy_that_cannot_be_is_refused(void)
{
    refuses("client b cap 30ms timeout 60ms",
            "f:3:10: error: a cap of 30ms is below the timeout of 60ms, and no wait is: make it "
            "longer or leave it out");
    refuses("client b timeout 0ms", "f:3:18: error: a timeout is longer than 0 and at most 600s");
    refuses("client b timeout 601s", "f:3:18: error: a timeout is longer than 0 and at most 600s");
    refuses("client b deadline 601s",
            "f:3:19: error: a deadline is longer than 0 and at most 600s");
    refuses("client b backoff exponential 0.5",
            "f:3:30: error: the factor is from 1 to 100, with up to 3 decimals, like 2 or 1.5");
    refuses("client b backoff exponential 1.2345",
            "f:3:30: error: the factor is from 1 to 100, with up to 3 decimals, like 2 or 1.5");
    refuses("client b backoff quadratic", "f:3:18: error: unknown backoff 'quadratic'; known are: "
                                          "constant linear exponential");
    refuses("client b jitter ful", "f:3:17: error: unknown jitter 'ful'; did you mean 'full'?");
    refuses("client b tries 3 retries 2",
            "f:3:18: error: 'retries' repeats what this line says already");
    refuses("client b tires 3", "f:3:10: error: unknown word of a client 'tires'; did you mean "
                                "'tries'?");
    refuses("client b window 0", "f:3:17: error: window (or: unlimited) is from 1 to 16777215");
}

static void a_broker_has_a_timer_when_it_is_given_one(void)
{
    struct story story;

    story_read(&story, STORY_CLIENTS, "broker tries 3 jitter full pending 10");
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_EQUAL(story.scenario.broker.policy.timeout_ns, 200 * NS_PER_MS);
    CU_ASSERT_EQUAL(story.scenario.broker.policy.tries, 3);
    CU_ASSERT_EQUAL(story.scenario.broker.pending, 10);
    story_end(&story);
    story_read(&story, STORY_CLIENTS, "broker timeout 50ms");
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_EQUAL(story.scenario.broker.policy.timeout_ns, 50 * NS_PER_MS);
    CU_ASSERT_EQUAL(story.scenario.broker.policy.tries, 1);
    story_end(&story);
    refuses("broker jitter full",
            "f:3:8: error: 'jitter' does nothing, the broker has no timer: give it `timeout`, or "
            "`tries` above 1");
    refuses("broker backoff linear",
            "f:3:8: error: 'backoff' does nothing, the broker has no timer: give it `timeout`, or "
            "`tries` above 1");
    refuses("broker tries 2 cap 100ms",
            "f:3:16: error: a cap of 100ms is below the timeout of 200ms, and no wait is: make it "
            "longer or leave it out");
}

static void a_server_is_slow_as_its_line_says(void)
{
    struct story story;

    story_read(&story, STORY_CLIENTS, "server echo service 10ms 2ms workers 4 queue 0");
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_EQUAL(story.scenario.servers[2].op, OP_ECHO);
    CU_ASSERT_EQUAL(story.scenario.servers[2].service_ns, 10 * NS_PER_MS);
    CU_ASSERT_EQUAL(story.scenario.servers[2].jitter_ns, 2 * NS_PER_MS);
    CU_ASSERT_EQUAL(story.scenario.servers[2].workers, 4);
    CU_ASSERT_EQUAL(story.scenario.servers[2].queue, 0);
    story_end(&story);
    story_read(&story, STORY_CLIENTS, "server toupper service 10ms distribution exponential");
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_TRUE(story.scenario.servers[0].exponential);
    story_end(&story);
    refuses("server toupper service 10ms 2ms distribution exponential",
            "f:3:29: error: an exponential service time has a mean and no jitter: leave '2ms' out");
    refuses("server toupper service 10ms distribution uniform",
            "f:3:29: error: a uniform service time needs a jitter: service 10ms 2ms distribution "
            "uniform");
    refuses("server toupper service 10ms 2",
            "f:3:29: error: jitter needs its unit (ns us ms s m h): 2ms?");
    refuses("server reverse", "f:3:8: error: unknown operation 'reverse'; known are: toupper "
                              "tolower echo count");
    refuses("server toupper dedup on", "f:3:16: error: unknown word of a server 'dedup'; known "
                                       "are: service workers queue");
}

static void what_may_stand_once_names_the_first(void)
{
    static const char *const LINES[][2] = {
        {"title \"a\"\n", "title"},
        {"seed 1\n", "seed"},
        {"world virtual\n", "world"},
        {"time-limit 1s\n", "time-limit"},
        {"broker pending 1\n", "broker"},
        {"server echo\n", "server echo"},
        {"port broker 8082\n", "port broker"},
    };

    for (size_t i = 0; i < HARNESS_COUNT(LINES); i++) {
        char file[200];
        char expected[200];
        snprintf(file, sizeof file, "client a\n%s", LINES[i][0]);
        snprintf(expected, sizeof expected, "f:3:%d: error: a second `%s`; the first is in line 2",
                 i == 6 ? 6 : 1, LINES[i][1]);
        story_refuses(file, LINES[i][0], expected);
    }
    story_accepts("server toupper\n", "server tolower");
}

static void a_name_is_nobody_elses(void)
{
    refuses("client c2", "f:3:8: error: there is a client 'c2' already, in line 1; choose another "
                         "name");
    refuses("clients 3", "f:3:9: error: there is a client 'c1' already, in line 1; choose another "
                         "prefix: clients 8 as PREFIX");
    story_refuses("clients 12\n", "clients 3 as c1",
                  "f:2:14: error: there is a client 'c11' already, in line 1; choose another "
                  "prefix: clients 8 as PREFIX");
    refuses("client echo", "f:3:8: error: 'echo' is an operation; choose another name");
    refuses("client broker", "f:3:8: error: 'broker' is a directive; choose another name");
    refuses("client servers", "f:3:8: error: 'servers' means all servers; choose another name");
    refuses("client 1a", "f:3:8: error: a client's name is a letter, then letters, digits, _ or -, "
                         "at most 31 characters");
    refuses("client a.1", "f:3:8: error: a client's name is a letter, then letters, digits, _ or "
                          "-, at most 31 characters");
    refuses("clients 10 as a234567890123456789012345678901",
            "f:3:15: error: the last of them would be a23456789012345678901234567890110, and a "
            "name has at most 31 characters; choose a shorter prefix");
    story_accepts(STORY_CLIENTS, "client a234567890123456789012345678901");
    story_accepts(STORY_CLIENTS, "clients 2 as client");
    story_accepts(STORY_CLIENTS, "client A_b-9");
}

static void a_world_holds_so_many_clients(void)
{
    story_refuses("", "clients 4097",
                  "f:1:9: error: 4097 clients so far; the real world holds 4096 (and the virtual "
                  "one 100000: world virtual)");
    story_accepts("", "clients 4096");
    story_refuses("clients 4096\n", "client a",
                  "f:2:8: error: 4097 clients so far; the real world holds 4096 (and the virtual "
                  "one 100000: world virtual)");
    story_accepts("world virtual\n", "clients 100000");
    story_refuses("world virtual\nclients 100000\n", "client a",
                  "f:3:8: error: 100001 clients so far; the virtual world holds 100000");
    story_refuses("", "clients 100001", "f:1:9: error: how many clients is from 1 to 100000");
}

static void other_values_have_their_limits(void)
{
    refuses("time-limit 25h", "f:3:12: error: a run lasts more than 0 and at most 24h");
    refuses("time-limit 0ms", "f:3:12: error: a run lasts more than 0 and at most 24h");
    refuses("world unreal", "f:3:7: error: unknown world 'unreal'; did you mean 'real'?");
    refuses("world", "f:3:7: error: expected world here, one of: real virtual");
    refuses("seed -1", "f:3:6: error: expected seed as a whole number, not '-1'");
    refuses("title x", "f:3:7: error: expected title between quotes here: \"text\"");
    refuses("title \"a\" \"b\"", "f:3:11: error: unexpected \"b\" behind the title");
    refuses("server echo workers 0", "f:3:21: error: workers is from 1 to 1024");
    refuses("broker pending 0", "f:3:16: error: pending is from 1 to 1048576");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_file_without_words_has_the_defaults),
        HARNESS_TEST(a_client_has_its_defaults),
        HARNESS_TEST(nodes_have_a_fixed_order),
        HARNESS_TEST(every_word_of_a_client_is_read),
        HARNESS_TEST(a_policy_that_cannot_be_is_refused),
        HARNESS_TEST(a_broker_has_a_timer_when_it_is_given_one),
        HARNESS_TEST(a_server_is_slow_as_its_line_says),
        HARNESS_TEST(what_may_stand_once_names_the_first),
        HARNESS_TEST(a_name_is_nobody_elses),
        HARNESS_TEST(a_world_holds_so_many_clients),
        HARNESS_TEST(other_values_have_their_limits),
    };

    return harness_run("scenario/nodes", tests, HARNESS_COUNT(tests));
}
