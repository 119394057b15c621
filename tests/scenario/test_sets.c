/* --set, --seed, --world: what they change, and which of them wins. */
#include "base/time.h"
#include "parse_story.h"

#define FILE_TEXT                                                                                  \
    "seed 3\ntitle \"old\"\nbroker pending 10\nserver toupper service 10ms 2ms workers 4\n"        \
    "port broker 8082\nclients 8 timeout 60ms tries 3\nsend 2 toupper \"{client}\"\n"

static void set(struct story *story, const char *first, const char *second)
{
    const char *sets[] = {first, second};

    story_read_sets(story, FILE_TEXT, sets, second != NULL ? 2 : 1);
    for (uint32_t i = 0; i < story->messages.count; i++) {
        printf("%s", story->messages.items[i].text);
    }
    CU_ASSERT_TRUE_FATAL(story->good);
}

static void refuses(const char *text, const char *expected)
{
    story_says(FILE_TEXT, &text, 1, expected);
}

static void a_set_replaces_word_by_word(void)
{
    struct story story;

    set(&story, "broker timeout 50ms", "server toupper queue 7");
    CU_ASSERT_EQUAL(story.scenario.broker.pending, 10);
    CU_ASSERT_EQUAL(story.scenario.broker.policy.timeout_ns, 50 * NS_PER_MS);
    CU_ASSERT_EQUAL(story.scenario.servers[0].queue, 7);
    CU_ASSERT_EQUAL(story.scenario.servers[0].workers, 4);
    CU_ASSERT_EQUAL(story.scenario.servers[0].service_ns, 10 * NS_PER_MS);
    story_end(&story);
    set(&story, "server toupper service 5ms", NULL);
    CU_ASSERT_EQUAL(story.scenario.servers[0].service_ns, 5 * NS_PER_MS);
    CU_ASSERT_EQUAL(story.scenario.servers[0].jitter_ns, 0); /* of the other service time */
    story_end(&story);
    set(&story, "title \"new\"", "port broker 9000");
    CU_ASSERT_STRING_EQUAL(story.scenario.title, "new");
    CU_ASSERT_EQUAL(story.scenario.nodes[NODE_BROKER].port, 9000);
    story_end(&story);
}

static void ports_may_be_swapped(void)
{
    static const char *const SETS[] = {"port c1 2", "port c2 1"};
    struct story story;

    story_read_sets(&story, "clients 2\nport c1 1\nport c2 2\n", SETS, 2);
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_EQUAL(story.scenario.nodes[3].port, 2);
    CU_ASSERT_EQUAL(story.scenario.nodes[4].port, 1);
    story_end(&story);
}

static void rules_and_expectations_come_last(void)
{
    struct story story;

    set(&story, "network loss 5%", "expect answered = 100%");
    CU_ASSERT_EQUAL(story.scenario.rule_count, 1);
    CU_ASSERT_EQUAL(story.scenario.rules[0].line, 0);
    CU_ASSERT_EQUAL(story.scenario.expectation_count, 1);
    story_end(&story);
    set(&story, "at 1s network down", "link c1 -> broker loss 1%");
    CU_ASSERT_EQUAL(story.scenario.rule_count, 2);
    story_end(&story);
}

static void the_last_set_wins_and_options_win_over_it(void)
{
    static const char *const SETS[] = {"seed 5", "seed 6", "world virtual"};
    struct scenario_overrides overrides = {.sets = SETS, .set_count = 3};
    struct story story = {.good = false};

    set(&story, "seed 5", "seed 6");
    CU_ASSERT_EQUAL(story.scenario.seed, 6);
    story_end(&story);
    overrides.seed_given = true;
    overrides.seed = 7;
    overrides.world_given = true;
    overrides.world = WORLD_REAL;
    story.good = scenario_parse(&story.scenario, "f", FILE_TEXT, strlen(FILE_TEXT), &overrides,
                                &story.messages);
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_EQUAL(story.scenario.seed, 7);
    CU_ASSERT_EQUAL(story.scenario.world, WORLD_REAL);
    story_end(&story);
}

static void the_clients_limit_is_that_of_the_world_in_force(void)
{
    static const char *const SETS[] = {"clients 5000"};
    struct scenario_overrides overrides = {
        .sets = SETS, .set_count = 1, .world_given = true, .world = WORLD_VIRTUAL};
    struct story story = {.good = false};

    story.good = scenario_parse(&story.scenario, "f", FILE_TEXT, strlen(FILE_TEXT), &overrides,
                                &story.messages);
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_EQUAL(story.scenario.client_count, 5000);
    story_end(&story);
    refuses("clients 5000",
            "--set 'clients 5000':1:9: error: 5000 clients so far; the real world holds 4096 (and "
            "the virtual one 100000: world virtual)\n"
            "  clients 5000\n"
            "          ^\n");
}

static void clients_are_resized(void)
{
    struct story story;

    set(&story, "clients 100 window 2", NULL);
    CU_ASSERT_EQUAL(story.scenario.client_count, 100);
    CU_ASSERT_EQUAL(story.scenario.groups[0].window, 2);
    CU_ASSERT_EQUAL(story.scenario.groups[0].policy.tries, 3);
    story_end(&story);
    story_says("clients 2\nclients 2 as d\n", (const char *const[]){"clients 3"}, 1,
               "--set 'clients 3':1:9: error: `clients N` resizes the only `clients` line of a "
               "file, and this one has 2\n"
               "  clients 3\n"
               "          ^\n");
}

static void a_text_must_fit_the_longer_names(void)
{
    static const char *const SETS[] = {"clients 100"};
    char file[SCENARIO_LINE_MAX];
    struct story story;

    snprintf(file, sizeof file, "clients 1\nsend toupper \"%01022d{client}\"\n", 0);
    story_read_sets(&story, file, NULL, 0);
    CU_ASSERT_TRUE(story.good);
    story_end(&story);
    story_read_sets(&story, file, SETS, 1);
    CU_ASSERT_FALSE_FATAL(story.good);
    CU_ASSERT_STRING_EQUAL(story.messages.items[0].text,
                           "--set 'clients 100':1:9: error: with so many, {client} makes a text "
                           "longer than 1024 bytes\n"
                           "  clients 100\n"
                           "          ^\n");
    story_end(&story);
}

static void all_clients_are_changed(void)
{
    struct story story;

    set(&story, "client clients tries 9", NULL);
    CU_ASSERT_EQUAL_FATAL(story.scenario.group_count, 1);
    CU_ASSERT_FALSE(story.scenario.groups[0].part);
    CU_ASSERT_EQUAL(story.scenario.groups[0].policy.tries, 9);
    CU_ASSERT_EQUAL(story.scenario.groups[0].policy.timeout_ns, 60 * NS_PER_MS);
    story_end(&story);
}

/* The others keep their names, and so their ids and fates. */
static void some_clients_of_a_line_are_changed(void)
{
    struct story story;
    struct story plain;

    set(&story, "client c3,c7* tries 9", NULL);
    CU_ASSERT_EQUAL_FATAL(story.scenario.group_count, 5);
    CU_ASSERT_EQUAL(story.scenario.client_count, 8);
    for (uint32_t node = 3; node < 11; node++) {
        const struct scenario_clients *group =
            &story.scenario.groups[story.scenario.nodes[node].index];
        CU_ASSERT_EQUAL(group->policy.tries, node == 5 || node == 9 ? 9 : 3);
        CU_ASSERT_EQUAL(group->request_count, 2);
        CU_ASSERT_TRUE(group->part);
    }
    story_read_sets(&plain, FILE_TEXT, NULL, 0);
    for (uint32_t node = 0; node < 11; node++) {
        CU_ASSERT_STRING_EQUAL(story.scenario.nodes[node].name, plain.scenario.nodes[node].name);
        CU_ASSERT_EQUAL(scenario_id_prefix(&story.scenario, node),
                        scenario_id_prefix(&plain.scenario, node));
    }
    story_end(&plain);
    story_end(&story);
}

static void a_selector_means_parts_of_parts(void)
{
    static const char *const FILE_RULE = "clients 12\nlink c1* -> broker loss 1%\n";
    static const char *const SETS[] = {"client c11 tries 9"};
    struct story story;

    story_read_sets(&story, FILE_RULE, SETS, 1);
    CU_ASSERT_TRUE_FATAL(story.good);
    for (uint32_t node = 3; node < 15; node++) {
        CU_ASSERT_EQUAL(
            scenario_in_bitmap(story.scenario.rules[0].links, scenario_link_to_broker(node)),
            node == 3 || node >= 12);
    }
    story_end(&story);
}

static void a_set_that_cannot_be_is_refused(void)
{
    refuses("client c9 tries 2", "--set 'client c9 tries 2':1:8: error: there is no client 'c9'\n"
                                 "  client c9 tries 2\n"
                                 "         ^\n");
    refuses("client c1", "--set 'client c1':1:11: error: expected what to change, like: timeout "
                         "60ms\n"
                         "  client c1\n"
                         "            ^\n");
    refuses("wait 1s", "--set 'wait 1s':1:1: error: --set takes no step of a script; write it into "
                       "the file\n"
                       "  wait 1s\n"
                       "  ^\n");
    refuses(" ", "--set ' ':1:1: error: expected a directive, like: network loss 10%\n"
                 "   \n"
                 "  ^\n");
    refuses("network\nloss 1%",
            "--set 'network\\x0aloss 1%':1:8: error: control character 0x0a; in a text write it as "
            "\\x0a\n"
            "  network\\x0aloss 1%\n"
            "         ^\n");
}

static void messages_of_sets_come_last_and_in_their_order(void)
{
    static const char *const SETS[] = {"network loss 1", "sede 1"};

    story_says("seed x\n", SETS, 2,
               "f:1:6: error: expected seed as a whole number, not 'x'\n"
               "  seed x\n"
               "       ^\n"
               "--set 'network loss 1':1:14: error: loss is a percentage and needs its sign: 1%\n"
               "  network loss 1\n"
               "               ^\n"
               "--set 'sede 1':1:1: error: unknown directive 'sede'; did you mean 'seed'?\n"
               "  sede 1\n"
               "  ^\n");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_set_replaces_word_by_word),
        HARNESS_TEST(ports_may_be_swapped),
        HARNESS_TEST(rules_and_expectations_come_last),
        HARNESS_TEST(the_last_set_wins_and_options_win_over_it),
        HARNESS_TEST(the_clients_limit_is_that_of_the_world_in_force),
        HARNESS_TEST(clients_are_resized),
        HARNESS_TEST(a_text_must_fit_the_longer_names),
        HARNESS_TEST(all_clients_are_changed),
        HARNESS_TEST(some_clients_of_a_line_are_changed),
        HARNESS_TEST(a_selector_means_parts_of_parts),
        HARNESS_TEST(a_set_that_cannot_be_is_refused),
        HARNESS_TEST(messages_of_sets_come_last_and_in_their_order),
    };

    return harness_run("scenario/sets", tests, HARNESS_COUNT(tests));
}
