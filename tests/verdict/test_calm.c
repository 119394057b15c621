/* When faults are over, by scenarios as users write them. */
#include "verdict/calm.h"

#include "base/time.h"
#include "verdict/parsed.h"

#define MS(count) ((count)*NS_PER_MS)

static const char CLIENTS[] = "\nclient a timeout 100ms\n  send 2 toupper \"x\"\n"
                              "client b timeout 100ms\n  send 2 count \"x\"\n";

struct calm_case {
    struct scenario scenario;
    struct calm calm;
};

/* What is to be known of a network, which is described by `lines`. */
static void read_case(struct calm_case *read, const char *lines)
{
    char text[1024];

    snprintf(text, sizeof text, "%s%s", lines, CLIENTS);
    parsed_init(&read->scenario, text);
    CU_ASSERT_FATAL(calm_init(&read->calm, &read->scenario) == 0);
}
static void free_case(struct calm_case *read)
{
    calm_free(&read->calm);
    scenario_free(&read->scenario);
}

static const struct calm_link *link_from(const struct calm_case *read, const char *name)
{
    uint32_t node = scenario_find_node(&read->scenario, name, strlen(name));
    return calm_link(&read->calm, scenario_link_to_broker(node));
}

static void faults_end_with_the_last_that_is_timed(void)
{
    static const struct {
        const char *lines;
        uint64_t from_ns;
        bool loses; /* a -> broker */
        uint32_t line;
    } cases[] = {
        {"", 0, false, 0},
        {"network delay 5ms", 0, false, 0},
        {"network loss 1%", 0, true, 1},
        {"network loss 0%", 0, false, 0},
        {"link broker -> a loss 1%", 0, false, 1}, /* the other direction */
        {"link a -> broker down", 0, true, 1},
        {"at 2s note \"hello\"", 0, false, 0},
        {"at 2s for 1s network loss 5%", 3000, false, 0},
        {"at 2s every 3s times 4 for 1s network loss 5%", 12000, false, 0},
        {"at 2s every 3s times 4 network loss 5%", 11000, true, 1},
        {"at 2s every 3s for 1s network loss 5%", 0, true, 1},
        {"at 2s every 3s for 1s network delay 5ms", 0, false, 0},
        {"at 2s network loss 5%", 2000, true, 1},
        {"network loss 5%\nat 2s network loss 0%", 2000, false, 0},
        {"network loss 5%\nat 2s network clear", 2000, false, 0},
        {"network loss 5%\nat 2s network delay 1ms", 2000, true, 1},
        {"at 3s network loss 0%\nat 2s network loss 5%", 3000, false, 0},
        {"at 2s network loss 0%\nat 3s network loss 5%", 3000, true, 2},
        {"at 2s network loss 5%\nat 2s network loss 0%", 2000, false, 0},
        {"at 1s for 5s network down\nat 2s for 1s network loss 5%", 6000, false, 0},
        {"at 1s for 2s partition clients | broker", 3000, false, 0},
        {"at 1s partition clients | broker", 1000, true, 1},
        {"at 1s partition clients | broker\nat 4s heal", 4000, false, 0},
        {"at 4s partition a -> broker\nat 1s heal", 4000, true, 1},
        {"at 4s partition a -> broker\nat 4s heal", 4000, false, 0},
        {"at 4s heal\nat 4s partition a -> broker", 4000, true, 2}, /* in the order of the file */
        {"at 1s partition broker -> b", 1000, false, 1},
        {"at 1s every 3s for 1s partition a | broker", 0, true, 1},
        {"at 1s for 1s crash broker", 2000, false, 0},
        {"at 1s crash broker", 1000, true, 1},
        {"at 1s crash servers,broker\nat 5s restart servers", 5000, true, 1},
        {"at 1s crash toupper,broker\nat 5s restart servers,broker", 5000, false, 0},
        {"at 1s pause a\nat 2s resume clients", 2000, false, 0},
        {"at 1s pause a", 1000, true, 1},
        {"at 1s pause b", 1000, false, 1},
        {"at 1s every 2s restart broker", 0, true, 1},
        {"when broker send crash broker", 0, false, 0},
        {"link a -> broker drop 1 of each request", 0, true, 1},
        {"link a -> broker drop of request a/1", 0, false, 0},
        {"link a -> broker duplicate 1 of each request", 0, false, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct calm_case read;
        read_case(&read, cases[i].lines);
        bool right = read.calm.from_ns == MS(cases[i].from_ns) &&
                     link_from(&read, "a")->loses == cases[i].loses &&
                     read.calm.line == cases[i].line;
        if (!right) {
            printf("%s: from %.0f ms, line %u\n", cases[i].lines, (double)read.calm.from_ns / 1e6,
                   read.calm.line);
        }
        CU_ASSERT(right);
        free_case(&read);
    }
}

static void a_link_holds_a_datagram_for_its_delay_and_jitter(void)
{
    static const struct {
        const char *lines;
        uint64_t delay_ms;
    } cases[] = {
        {"", 0},
        {"network delay 5ms", 5},
        {"network delay 5ms 2ms", 7},
        {"network delay 5ms\nnetwork delay 3ms", 3},
        {"network delay 5ms\nlink b -> broker delay 9ms", 5},
        {"network delay 5ms\nlink a -> broker delay 9ms 1", 9},
        {"network delay 5ms\nlink a -> broker delay 9ms of request a/1", 9},
        {"network delay 5ms\nat 1s for 1s network delay 50ms", 5},
        {"network delay 5ms\nat 1s every 2s for 1s network delay 50ms", 50},
        {"network delay 5ms\nat 1s network clear", 0},
        {"network delay 5ms\nat 1s network delay 50ms\nat 2s network delay 6ms", 6},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct calm_case read;
        read_case(&read, cases[i].lines);
        CU_ASSERT_EQUAL(link_from(&read, "a")->delay_ns, MS(cases[i].delay_ms));
        free_case(&read);
    }
}

static void positions_end_with_the_last_of_a_list(void)
{
    struct calm_case read;

    read_case(&read, "link a -> broker drop 2,5-7,4\nlink a -> broker drop 3");
    CU_ASSERT_EQUAL(link_from(&read, "a")->drops_until, 7);
    CU_ASSERT_EQUAL(link_from(&read, "b")->drops_until, 0);
    CU_ASSERT(!link_from(&read, "a")->loses);
    free_case(&read);
    read_case(&read, "link a -> broker delay 1ms 2,5-7\nlink a -> broker duplicate 3");
    CU_ASSERT_EQUAL(link_from(&read, "a")->drops_until, 0);
    free_case(&read);
    read_case(&read, "at 1s for 1s link a -> broker drop 9");
    CU_ASSERT_EQUAL(link_from(&read, "a")->drops_until, 0);
    free_case(&read);
}

static void tries_that_exact_faults_name_are_known(void)
{
    struct calm_case read;
    uint32_t a;
    uint32_t b;

    read_case(&read, "link a -> broker drop of request a/1\nnetwork drop 1 of request 2 try 1");
    a = scenario_find_node(&read.scenario, "a", 1);
    b = scenario_find_node(&read.scenario, "b", 1);
    CU_ASSERT(calm_drops_try(&read.scenario, a, 1, 1));
    CU_ASSERT(!calm_drops_try(&read.scenario, b, 1, 1));
    CU_ASSERT(calm_drops_try(&read.scenario, a, 2, 1));
    CU_ASSERT(calm_drops_try(&read.scenario, b, 2, 1));
    CU_ASSERT(!calm_drops_try(&read.scenario, a, 3, 1));
    CU_ASSERT(calm_drops_try(&read.scenario, a, 1, 2));
    CU_ASSERT(!calm_drops_try(&read.scenario, a, 2, 2));
    free_case(&read);
}

static void only_a_network_without_faults_is_quiet(void)
{
    static const struct {
        const char *lines;
        const char *why; /* NULL: it is quiet */
    } cases[] = {
        {"", NULL},
        {"network clear", NULL},
        {"network loss 0% delay 0ms", NULL},
        {"at 1s note \"hello\"", NULL},
        {"server toupper service 49ms", NULL}, /* two clients, one after the other */
        {"server toupper service 99ms workers 2", NULL},
        {"server toupper service 50ms", "service can take longer than the timeout of a"},
        {"server toupper service 5ms distribution exponential",
         "service can take longer than the timeout of a"},
        {"server toupper service 1ms queue 0", "the queue of toupper can fill"},
        {"broker pending 1", "the broker's table can fill"},
        {"broker pending 2", NULL},
        {"network delay 1ns", "the network has faults (line 1)"},
        {"at 1h for 1s network down", "the network has faults (line 1)"},
        {"link a -> broker drop 1", "the network has faults (line 1)"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct calm_case read;
        char why[160] = "";
        read_case(&read, cases[i].lines);
        bool quiet = calm_is_quiet(&read.scenario, why);
        CU_ASSERT_EQUAL(quiet, cases[i].why == NULL);
        CU_ASSERT_STRING_EQUAL(why, cases[i].why == NULL ? "" : cases[i].why);
        free_case(&read);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(faults_end_with_the_last_that_is_timed),
        HARNESS_TEST(a_link_holds_a_datagram_for_its_delay_and_jitter),
        HARNESS_TEST(positions_end_with_the_last_of_a_list),
        HARNESS_TEST(tries_that_exact_faults_name_are_known),
        HARNESS_TEST(only_a_network_without_faults_is_quiet),
    };
    return harness_run("verdict/calm", tests, HARNESS_COUNT(tests));
}
