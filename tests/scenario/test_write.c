#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "scenario/write.h"

static struct scenario write_parse(const char *text)
{
    struct scenario_overrides overrides = {.seed_given = false};
    struct scenario_messages messages = {0};
    struct scenario scenario;

    if (!scenario_parse(&scenario, "write", text, strlen(text), &overrides, &messages)) {
        printf("%s%s\n", text, messages.items[0].text);
        exit(EXIT_FAILURE);
    }
    scenario_messages_free(&messages);
    return scenario;
}

/* What the plan writes (free it). */
static char *write_text(const struct write_plan *plan, const char *story)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    CU_ASSERT(write_scenario(out, plan, story));
    CU_ASSERT_EQUAL(fclose(out), 0);
    return text;
}

/* Whether the plan's text has the line, and is a scenario. */
static bool write_has(const struct write_plan *plan, const char *line)
{
    char *text = write_text(plan, "");
    char *padded = malloc(strlen(line) + 3);
    struct scenario scenario = write_parse(text);
    char *with_start = malloc(strlen(text) + 2);

    CU_ASSERT_FATAL(padded != NULL && with_start != NULL);
    sprintf(padded, "\n%s\n", line);
    sprintf(with_start, "\n%s", text);
    bool has = strstr(with_start, padded) != NULL;
    if (!has) {
        printf("no line '%s' in:\n%s", line, text);
    }
    scenario_free(&scenario);
    free(with_start);
    free(padded);
    free(text);
    return has;
}

/* Keeps the group's clients from number `first` on, `count` of them. */
static void keep_clients(struct write_plan *plan, uint32_t group, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        plan->groups[group].clients[i] = plan->groups[group].clients[first - 1 + i];
    }
    plan->groups[group].client_count = count;
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static void a_whole_scenario_is_written_with_its_defaults(void)
{
    struct scenario scenario = write_parse(
        "title \"A \\\"title\\\"\"\n"
        "seed 18446744073709551615\n"
        "time-limit 90s\n"
        "network loss 10% delay 2ms 1ms\n"
        "at 1s every 2s times 3 for 500ms link toupper -> broker down\n"
        "at 5ms note \"look\"\n"
        "server count service 3ms distribution exponential workers 2\n"
        "broker timeout 30ms tries 2\n"
        "client one timeout 60ms tries 3 backoff exponential 1.5 jitter full cap 80ms\n"
        "  send 2 count \"{client} \\x7bn} {n} \\x00\" every 5ms distribution exponential\n"
        "  wait 20ms\n"
        "  raw random 5b..9b\n"
        "expect \"all\" answered = 100%\n");
    struct write_plan plan;

    CU_ASSERT_EQUAL_FATAL(write_plan_init(&plan, &scenario), 0);
    plan.chance = true;
    plan.expectation = 0;
    char *text = write_text(&plan, "First.\n\nSecond.");
    CU_ASSERT_STRING_EQUAL(
        text, "# First.\n"
              "#\n"
              "# Second.\n"
              "title   \"A \\\"title\\\"\"\n"
              "seed    18446744073709551615\n"
              "world   virtual\n"
              "time-limit 90s\n"
              "\n"
              "network loss 10% delay 2ms 1ms\n"
              "at 1s every 2s times 3 for 500ms link toupper -> broker down\n"
              "at 5ms note \"look\"\n"
              "\n"
              "server  toupper service 0ms workers 1 queue 1024\n"
              "server  tolower service 0ms workers 1 queue 1024\n"
              "server  count service 3ms distribution exponential workers 2 queue 1024\n"
              "broker  pending 65536 timeout 30ms tries 2 backoff exponential 2\n"
              "client  one timeout 60ms tries 3 backoff exponential 1.5 jitter full cap 80ms "
              "deadline 400ms window 1\n"
              "  send 2 count \"{client} \\x7bn} {n} \\x00\" every 5ms distribution exponential\n"
              "  wait 20ms\n"
              "  raw random 5b..9b\n"
              "\n"
              "expect \"all\" answered = 100%\n");
    struct scenario again = write_parse(text);
    scenario_free(&again);
    free(text);
    write_plan_free(&plan);
    scenario_free(&scenario);
}

static void without_chance_only_what_is_certain_is_left(void)
{
    struct scenario scenario =
        write_parse("network loss 10% delay 2ms 1ms duplicate 5%\n"
                    "link c1 -> broker loss 20%\n"
                    "link c1 -> broker loss 20% drop 2,5-7 duplicate 1 of each request\n"
                    "at 1s link broker -> servers clear delay 3ms 1ms\n"
                    "clients 2\n"
                    "  send toupper \"a\"\n");
    struct write_plan plan;

    CU_ASSERT_EQUAL_FATAL(write_plan_init(&plan, &scenario), 0);
    CU_ASSERT(write_has(&plan, "\nnetwork delay 2ms\n"
                               "link c1 -> broker drop 2,5-7 duplicate 1 of each request\n"
                               "at 1s link broker -> servers clear delay 3ms\n"));
    plan.chance = true;
    CU_ASSERT(write_has(&plan, "\nnetwork loss 10% delay 2ms 1ms duplicate 5%\n"
                               "link c1 -> broker loss 20%\n"
                               "link c1 -> broker loss 20% drop 2,5-7 duplicate 1 of each request\n"
                               "at 1s link broker -> servers clear delay 3ms 1ms\n"));
    plan.rules[1] = false;
    plan.rules[2] = false;
    CU_ASSERT(write_has(&plan, "\nnetwork loss 10% delay 2ms 1ms duplicate 5%\n"
                               "at 1s link broker -> servers clear delay 3ms 1ms\n"));
    write_plan_free(&plan);
    scenario_free(&scenario);
}

/* ---- links ------------------------------------------------------------------------------------
 */

static void links_are_named_by_the_shortest_selector_for_what_is_kept(void)
{
    static const struct {
        const char *rule;
        const char *whole; /* nothing has gone */
        const char *kept;  /* b2, b3 and c are left */
    } CASES[] = {
        {"network down", "network down", "network down"},
        {"link * <-> * down", "network down", "network down"},
        {"link clients -> broker down", "link clients -> broker down",
         "link clients -> broker down"},
        {"link broker <-> servers down", "link servers <-> broker down",
         "link servers <-> broker down"},
        {"link broker -> * down", "link broker -> * down", "link broker -> * down"},
        {"link b1,b3 -> broker down", "link b1,b3 -> broker down", "link b2 -> broker down"},
        {"link b*,c -> broker down", "link b1,b2,b3,c -> broker down",
         "link clients -> broker down"},
        {"link broker -> a1,toupper down", "link broker -> toupper,a1 down",
         "link broker -> toupper down"},
        {"link a1,c <-> broker down", "link a1,c <-> broker down", "link c <-> broker down"},
        {"link c,broker -> broker,toupper down",
         "link c -> broker down\nlink broker -> toupper down",
         "link c -> broker down\nlink broker -> toupper down"},
    };

    for (unsigned i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct write_plan plan;
        char text[200];
        snprintf(text, sizeof text,
                 "%s\nclients 2 as a\n send toupper \"\"\nclients 3 as b\n send toupper \"\"\n"
                 "client c\n send toupper \"\"\n",
                 CASES[i].rule);
        struct scenario scenario = write_parse(text);
        CU_ASSERT_EQUAL_FATAL(write_plan_init(&plan, &scenario), 0);
        CU_ASSERT(write_has(&plan, CASES[i].whole));
        keep_clients(&plan, 0, 1, 0);
        keep_clients(&plan, 1, 2, 2);
        CU_ASSERT(write_has(&plan, CASES[i].kept));
        write_plan_free(&plan);
        scenario_free(&scenario);
    }
}

static void a_rule_for_what_has_gone_goes_too(void)
{
    struct scenario scenario = write_parse("link c1 -> broker drop 1\n"
                                           "link c2 -> broker drop 2\n"
                                           "network drop of request c1/1\n"
                                           "clients 2\n"
                                           "  send toupper \"a\"\n");
    struct write_plan plan;

    CU_ASSERT_EQUAL_FATAL(write_plan_init(&plan, &scenario), 0);
    keep_clients(&plan, 0, 2, 1);
    CU_ASSERT(write_has(&plan, "time-limit 5m\n\nlink clients -> broker drop 2\n\nserver  toupper "
                               "service 0ms workers 1 queue 1024"));
    write_plan_free(&plan);
    scenario_free(&scenario);
}

/* A selector of many names is cut into lines that may be read. */
static void many_names_take_several_lines(void)
{
    struct scenario scenario = write_parse("link abcdefghijklmnopqrstuvwxyz1* -> broker down\n"
                                           "clients 1000 as abcdefghijklmnopqrstuvwxyz\n"
                                           "  send toupper \"a\"\n");
    struct write_plan plan;

    CU_ASSERT_EQUAL_FATAL(write_plan_init(&plan, &scenario), 0);
    char *text = write_text(&plan, "");
    struct scenario again = write_parse(text);
    CU_ASSERT_EQUAL(again.rule_count, 2);
    for (uint32_t node = 1; node < scenario.node_count; node++) {
        uint32_t link = scenario_link_to_broker(node);
        CU_ASSERT_EQUAL(scenario_in_bitmap(scenario.rules[0].links, link),
                        scenario_in_bitmap(again.rules[0].links, link) ||
                            scenario_in_bitmap(again.rules[1].links, link));
    }
    scenario_free(&again);
    free(text);
    write_plan_free(&plan);
    scenario_free(&scenario);
}

/* ---- requests ---------------------------------------------------------------------------------
 */

static void requests_are_counted_anew(void)
{
    struct scenario scenario = write_parse("network drop of request c3/4 try 2\n"
                                           "network drop 1 of request 4\n"
                                           "network drop of request c3/2 drop of request c1/4\n"
                                           "clients 3\n"
                                           "  send 2 toupper \"a\"\n"
                                           "  wait 1ms\n"
                                           "  send 3 toupper \"b\"\n"
                                           "expect outcome of c3/4 = answered\n"
                                           "expect reply of c3/5 = \"B\\x7b\"\n");
    uint32_t c3 = scenario.groups[0].first_node + 2;
    uint32_t new_client;
    uint32_t new_n;
    struct write_plan plan;

    CU_ASSERT_EQUAL_FATAL(write_plan_init(&plan, &scenario), 0);
    keep_clients(&plan, 0, 2, 2);
    plan.groups[0].step_count[0] = 1; /* without request 2 */
    plan.groups[0].step_count[2] = 2; /* and without request 3 */
    plan.groups[0].step_skip[2] = 1;
    CU_ASSERT(write_plan_request(&plan, c3, 4, &new_client, &new_n));
    CU_ASSERT_EQUAL(new_client, 2);
    CU_ASSERT_EQUAL(new_n, 2);
    CU_ASSERT(!write_plan_request(&plan, c3, 2, &new_client, &new_n));
    CU_ASSERT(!write_plan_request(&plan, c3, 3, &new_client, &new_n));
    CU_ASSERT(!write_plan_request(&plan, c3 - 2, 1, &new_client, &new_n));
    plan.expectation = 0;
    CU_ASSERT(write_has(&plan, "\nnetwork drop of request c2/2 try 2\n"
                               "network drop 1 of request 2\n"));
    CU_ASSERT(write_has(&plan, "clients 2 as c timeout 500ms tries 5 backoff exponential 2 "
                               "deadline 15.5s window 1\n"
                               "  send 1 toupper \"a\"\n"
                               "  wait 1ms\n"
                               "  send 2 toupper \"b\"\n"
                               "\n"
                               "expect outcome of c2/2 = answered"));
    plan.expectation = 1;
    plan.groups[0].step_count[1] = 0;
    CU_ASSERT(write_has(&plan, "  send 1 toupper \"a\"\n"
                               "  send 2 toupper \"b\"\n"
                               "\n"
                               "expect reply of c2/3 = \"B\\x7b\""));
    write_plan_free(&plan);
    scenario_free(&scenario);
}

/* ---- choices ----------------------------------------------------------------------------------
 */

static void choices_are_exact_faults(void)
{
    struct scenario scenario = write_parse("network loss 10%\n"
                                           "clients 2\n"
                                           "  send 3 toupper \"a\"\n");
    uint32_t c1 = scenario.groups[0].first_node;
    uint32_t toupper = scenario.servers[0].node;
    struct fault_choice choices[] = {
        {.kind = CHOICE_LOSE,
         .link = scenario_link_to_broker(c1 + 1),
         .client = c1 + 1,
         .n = 3,
         .try = 2},
        {.kind = CHOICE_DUPLICATE,
         .link = scenario_link_from_broker(toupper),
         .client = c1 + 1,
         .n = 1,
         .try = 1,
         .carriage = 4},
        {.kind = CHOICE_DELAY,
         .link = scenario_link_to_broker(toupper),
         .client = UINT32_MAX,
         .n = 7,
         .delay_ns = 1500001},
        {.kind = CHOICE_LOSE,
         .link = scenario_link_from_broker(toupper),
         .client = c1,
         .n = 1,
         .try = 1},
        {.kind = CHOICE_LOSE, .link = scenario_link_to_broker(c1), .client = UINT32_MAX, .n = 2},
        {.kind = CHOICE_LOSE,
         .link = scenario_link_to_broker(toupper),
         .client = c1 + 1,
         .n = 1,
         .try = 1,
         .copy = 1},
    };
    struct write_plan plan;

    CU_ASSERT_EQUAL_FATAL(write_plan_init(&plan, &scenario), 0);
    plan.choices = choices;
    plan.choice_count = sizeof choices / sizeof choices[0];
    CU_ASSERT(write_plan_keeps(&plan, &choices[3]));
    CU_ASSERT(write_plan_keeps(&plan, &choices[4]));
    CU_ASSERT(!write_plan_keeps(&plan, &choices[5])); /* a copy's loss cannot be said */
    keep_clients(&plan, 0, 2, 1);
    CU_ASSERT(!write_plan_keeps(&plan, &choices[3]));
    CU_ASSERT(!write_plan_keeps(&plan, &choices[4]));
    CU_ASSERT(write_has(&plan, "time-limit 5m\n"
                               "\n"
                               "link c1 -> broker drop 1 of request c1/3 try 2\n"
                               "link broker -> toupper duplicate 5 of request c1/1 try 1\n"
                               "link toupper -> broker delay 1.500001ms 7\n"
                               "\n"
                               "server  toupper service 0ms workers 1 queue 1024"));
    write_plan_free(&plan);
    scenario_free(&scenario);
}

/* `clear` hides the exact faults beneath it, so that they are said again on top of it. */
static void choices_show_through_a_timed_clear(void)
{
    struct scenario scenario = write_parse("at 1s for 2s network clear loss 10%\n"
                                           "at 4s for 2s link broker -> c1 clear\n"
                                           "clients 1\n"
                                           "  send toupper \"a\"\n");
    uint32_t c1 = scenario.groups[0].first_node;
    struct fault_choice choice = {
        .kind = CHOICE_LOSE, .link = scenario_link_to_broker(c1), .client = c1, .n = 1, .try = 1};
    struct write_plan plan;

    CU_ASSERT_EQUAL_FATAL(write_plan_init(&plan, &scenario), 0);
    plan.choices = &choice;
    plan.choice_count = 1;
    CU_ASSERT(write_has(&plan, "\nat 1s for 2s network clear\n"
                               "at 1s for 2s link c1 -> broker drop 1 of request c1/1 try 1\n"
                               "at 4s for 2s link broker -> clients clear\n"
                               "link c1 -> broker drop 1 of request c1/1 try 1\n"));
    write_plan_free(&plan);
    scenario_free(&scenario);
}

/* A --set that changes some of a group's clients makes groups of them, whose clients are counted
 * from 1 again. */
static void parts_of_a_group_have_names_of_their_own(void)
{
    static const char text[] = "link c3 -> broker drop 1\n"
                               "clients 4\n"
                               "  send toupper \"a\"\n";
    const char *sets[] = {"client c3,c4 tries 9"};
    struct scenario_overrides overrides = {.sets = sets, .set_count = 1};
    struct scenario_messages messages = {0};
    struct scenario scenario;
    struct write_plan plan;

    CU_ASSERT_FATAL(scenario_parse(&scenario, "write", text, strlen(text), &overrides, &messages));
    scenario_messages_free(&messages);
    CU_ASSERT_EQUAL(scenario.group_count, 2);
    CU_ASSERT_EQUAL_FATAL(write_plan_init(&plan, &scenario), 0);
    CU_ASSERT(write_has(&plan, "link c3-1 -> broker drop 1"));
    char *written = write_text(&plan, "");
    struct scenario again = write_parse(written);
    CU_ASSERT_EQUAL(again.client_count, 4);
    CU_ASSERT_EQUAL(again.groups[1].policy.tries, 9);
    scenario_free(&again);
    free(written);
    write_plan_free(&plan);
    scenario_free(&scenario);
}

static void a_copy_of_a_plan_is_its_own(void)
{
    struct scenario scenario = write_parse("network down\n"
                                           "clients 2\n"
                                           "  send 3 toupper \"a\"\n");
    struct write_plan plan;
    struct write_plan copy;

    CU_ASSERT_EQUAL_FATAL(write_plan_init(&plan, &scenario), 0);
    plan.chance = true;
    plan.groups[0].step_skip[0] = 1;
    plan.groups[0].step_count[0] = 2;
    CU_ASSERT_EQUAL_FATAL(write_plan_copy(&copy, &plan), 0);
    CU_ASSERT_EQUAL(copy.groups[0].step_skip[0], 1);
    CU_ASSERT_EQUAL(copy.groups[0].step_count[0], 2);
    CU_ASSERT(copy.chance);
    copy.rules[0] = false;
    keep_clients(&copy, 0, 2, 1);
    write_plan_free(&copy);
    CU_ASSERT(plan.rules[0]);
    CU_ASSERT_EQUAL(plan.groups[0].client_count, 2);
    CU_ASSERT_EQUAL(plan.groups[0].clients[0] + 1, plan.groups[0].clients[1]);
    write_plan_free(&plan);
    scenario_free(&scenario);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_whole_scenario_is_written_with_its_defaults),
        HARNESS_TEST(without_chance_only_what_is_certain_is_left),
        HARNESS_TEST(links_are_named_by_the_shortest_selector_for_what_is_kept),
        HARNESS_TEST(a_rule_for_what_has_gone_goes_too),
        HARNESS_TEST(many_names_take_several_lines),
        HARNESS_TEST(requests_are_counted_anew),
        HARNESS_TEST(choices_are_exact_faults),
        HARNESS_TEST(choices_show_through_a_timed_clear),
        HARNESS_TEST(parts_of_a_group_have_names_of_their_own),
        HARNESS_TEST(a_copy_of_a_plan_is_its_own),
    };

    return harness_run("scenario/write", tests, HARNESS_COUNT(tests));
}
