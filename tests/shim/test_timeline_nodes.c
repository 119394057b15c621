/* What nodes are at an instant, and what partitions cut off: crash, restart, pause, resume, heal.
 */
#include "shim/timeline.h"

#include "shim_story.h"

#define ONE_CLIENT "\nclient c1\n  send 1 toupper \"x\"\n"
#define MS(count)  ((count)*NS_PER_MS)

/* What the node is at each millisecond from 0 on: U up, P paused, C crashed. */
static void expect_node(const char *text, const char *node, const char *expected)
{
    struct scenario scenario;
    char seen[64] = "";
    size_t count = strlen(expected);

    story_parse(&scenario, text);
    CU_ASSERT_FATAL(count < sizeof seen);
    for (size_t ms = 0; ms < count; ms++) {
        seen[ms] = "UPC"[timeline_node_at(&scenario, story_node(&scenario, node), MS(ms))];
    }
    CU_ASSERT_STRING_EQUAL(seen, expected);
    if (strcmp(seen, expected) != 0) {
        printf("%s\n  is %s, not %s\n", text, seen, expected);
    }
    scenario_free(&scenario);
}

/* Whether the link is down at each millisecond from 0 on: | down, . up. */
static void expect_link(const char *text, const char *from, const char *to, const char *expected)
{
    struct story story;
    char seen[64] = "";
    size_t count = strlen(expected);

    story_init(&story, text, from, to);
    for (size_t ms = 0; ms < count; ms++) {
        struct timeline_faults faults = {.exact = NULL};
        timeline_faults_at(&story.scenario, story.link.index, MS(ms), &faults);
        seen[ms] = faults.set.down ? '|' : '.';
    }
    CU_ASSERT_STRING_EQUAL(seen, expected);
    if (strcmp(seen, expected) != 0) {
        printf("%s\n  is %s, not %s\n", text, seen, expected);
    }
    story_free(&story);
}

/* ---- crash, restart ---------------------------------------------------------------------------
 */

static void a_crash_lasts_until_the_restart(void)
{
    expect_node("at 2ms crash toupper\nat 5ms restart toupper" ONE_CLIENT, "toupper", "UUCCCUUU");
    expect_node("at 2ms crash toupper\nat 5ms restart toupper" ONE_CLIENT, "tolower", "UUUUUUUU");
    expect_node("at 2ms crash servers" ONE_CLIENT, "tolower", "UUCCCCCC");
}

static void a_crash_may_say_how_long_it_lasts(void)
{
    expect_node("at 2ms for 3ms crash broker" ONE_CLIENT, "broker", "UUCCCUUU");
    expect_node("at 1ms every 4ms times 2 for 2ms crash broker" ONE_CLIENT, "broker", "UCCUUCCUUU");
}

static void the_longest_of_several_crashes_counts(void)
{
    expect_node("at 1ms for 5ms crash broker\nat 2ms for 2ms crash broker" ONE_CLIENT, "broker",
                "UCCCCCUU");
    expect_node("at 1ms for 3ms crash broker\nat 3ms for 3ms crash broker" ONE_CLIENT, "broker",
                "UCCCCCUU");
}

static void a_restart_ends_every_crash_before_it(void)
{
    expect_node(
        "at 1ms for 9ms crash broker\nat 2ms crash broker\nat 4ms restart broker" ONE_CLIENT,
        "broker", "UCCCUUUUUUUU");
}

static void events_of_one_instant_happen_in_the_order_of_the_file(void)
{
    expect_node("at 2ms crash broker\nat 2ms restart broker" ONE_CLIENT, "broker", "UUUU");
    expect_node("at 2ms restart broker\nat 2ms crash broker" ONE_CLIENT, "broker", "UUCC");
    expect_node("at 2ms pause broker\nat 2ms resume broker" ONE_CLIENT, "broker", "UUUU");
    expect_node("at 2ms resume broker\nat 2ms pause broker" ONE_CLIENT, "broker", "UUPP");
    /* What ends goes before what begins, whatever the order. */
    expect_node(
        "at 2ms for 2ms pause broker\nat 1ms for 3ms crash broker\nat 4ms pause broker" ONE_CLIENT,
        "broker", "UCCCPP");
}

/* ---- pause, resume ----------------------------------------------------------------------------
 */

static void a_pause_lasts_until_the_resume(void)
{
    expect_node("at 2ms pause c1\nat 5ms resume c1" ONE_CLIENT, "c1", "UUPPPUUU");
    expect_node("at 2ms for 2ms pause clients" ONE_CLIENT, "c1", "UUPPUUUU");
    expect_node("at 2ms for 6ms pause *\nat 4ms resume toupper" ONE_CLIENT, "toupper", "UUPPUUUU");
    expect_node("at 2ms for 6ms pause *\nat 4ms resume toupper" ONE_CLIENT, "broker", "UUPPPPPPUU");
}

static void who_stands_still_and_crashes_does_not_stand_still_any_more(void)
{
    expect_node("at 1ms for 7ms pause broker\nat 3ms for 2ms crash broker" ONE_CLIENT, "broker",
                "UPPCCUUUU");
    expect_node("at 1ms for 7ms pause broker\nat 3ms restart broker" ONE_CLIENT, "broker",
                "UPPUUUUUU");
}

static void a_pause_of_who_has_crashed_ends_with_the_crash(void)
{
    expect_node("at 1ms for 4ms crash broker\nat 3ms for 5ms pause broker" ONE_CLIENT, "broker",
                "UCCCCUUUU");
    expect_node("at 0ms for 4ms crash broker\nat 3ms for 5ms pause broker" ONE_CLIENT, "broker",
                "CCCCUUUUU");
}

static void the_end_of_a_crash_that_was_over_ends_no_pause(void)
{
    expect_node("at 1ms for 5ms crash broker\nat 3ms restart broker\nat 4ms for 4ms pause "
                "broker" ONE_CLIENT,
                "broker", "UCCUPPPPUU");
}

static void it_is_known_whether_anything_brings_a_node_up_again(void)
{
    struct scenario scenario;

    story_parse(&scenario, "at 1ms pause toupper\nat 2ms for 3ms pause tolower\nat 1ms pause c1\n"
                           "at 9ms resume c1\nat 0ms every 5ms note \"tick\"" ONE_CLIENT);
    CU_ASSERT_FALSE(timeline_comes_up(&scenario, story_node(&scenario, "toupper"), MS(1)));
    CU_ASSERT_TRUE(timeline_comes_up(&scenario, story_node(&scenario, "tolower"), MS(4)));
    CU_ASSERT_FALSE(timeline_comes_up(&scenario, story_node(&scenario, "tolower"), MS(5)));
    CU_ASSERT_TRUE(timeline_comes_up(&scenario, story_node(&scenario, "c1"), MS(8)));
    CU_ASSERT_FALSE(timeline_comes_up(&scenario, story_node(&scenario, "c1"), MS(9)));
    scenario_free(&scenario);
}

static void what_waits_for_progress_has_no_time(void)
{
    expect_node("when broker send crash broker" ONE_CLIENT, "broker", "UUUU");
    expect_link("when broker send partition broker -> c1" ONE_CLIENT, "broker", "c1", "....");
}

/* ---- partition, heal ---------------------------------------------------------------------------
 */

static void a_partition_cuts_both_ways(void)
{
    const char *text = "at 2ms partition clients | broker\nat 5ms heal" ONE_CLIENT;

    expect_link(text, "c1", "broker", "..|||...");
    expect_link(text, "broker", "c1", "..|||...");
    expect_link(text, "broker", "toupper", "........");
}

static void or_one_way(void)
{
    const char *text = "at 2ms for 3ms partition broker -> servers" ONE_CLIENT;

    expect_link(text, "broker", "toupper", "..|||...");
    expect_link(text, "toupper", "broker", "........");
}

static void the_sides_may_name_more_than_has_links(void)
{
    const char *text = "at 1ms partition broker,c1 | servers" ONE_CLIENT;

    expect_link(text, "broker", "tolower", ".|||");
    expect_link(text, "c1", "broker", "....");
}

static void a_link_is_cut_off_while_any_partition_lasts(void)
{
    expect_link("at 1ms for 4ms partition clients | broker\n"
                "at 2ms for 1ms partition c1 -> broker" ONE_CLIENT,
                "c1", "broker", ".||||...");
}

static void a_heal_ends_those_begun_before_and_no_others(void)
{
    expect_link("at 1ms partition clients | broker\nat 3ms heal\n"
                "at 5ms for 2ms partition clients | broker" ONE_CLIENT,
                "c1", "broker", ".||..||..");
    expect_link("at 1ms every 4ms for 3ms partition clients | broker\nat 2ms heal" ONE_CLIENT, "c1",
                "broker", ".|...|||.|||.");
    expect_link("at 2ms partition clients | broker\nat 2ms heal" ONE_CLIENT, "c1", "broker",
                "....");
    expect_link("at 2ms heal\nat 2ms partition clients | broker" ONE_CLIENT, "c1", "broker",
                "..||");
}

static void a_partition_lies_above_all_faults(void)
{
    expect_link("at 1ms for 4ms partition clients | broker\nat 2ms network clear" ONE_CLIENT, "c1",
                "broker", ".||||...");
    expect_link("at 1ms for 6ms network down\nat 2ms partition clients | broker\n"
                "at 4ms heal" ONE_CLIENT,
                "c1", "broker", ".||||||..");
}

/* ---- what begins and ends -----------------------------------------------------------------------
 */

static void count_visit(void *context, const struct scenario_rule *rule, bool begins)
{
    int *counts = context;

    (void)rule;
    counts[begins]++;
}

/* How many begins and ends the whole time line has. */
static void expect_visits(const char *text, int begins, int ends)
{
    struct scenario scenario;
    int counts[2] = {0, 0};

    story_parse(&scenario, text);
    for (uint64_t now_ns = timeline_first_ns(&scenario); now_ns != TIME_NEVER;
         now_ns = timeline_next_ns(&scenario, now_ns)) {
        timeline_visit(&scenario, now_ns, count_visit, counts);
    }
    CU_ASSERT_EQUAL(counts[true], begins);
    CU_ASSERT_EQUAL(counts[false], ends);
    scenario_free(&scenario);
}

static void a_partition_that_was_healed_does_not_end_again(void)
{
    expect_visits("at 1ms for 5ms partition clients | broker\nat 3ms heal" ONE_CLIENT, 2, 0);
    expect_visits("at 1ms for 5ms partition clients | broker\nat 5999999ns heal" ONE_CLIENT, 2, 0);
    expect_visits("at 1ms for 5ms partition clients | broker\nat 6ms heal" ONE_CLIENT, 2, 1);
}

static void a_restart_is_seen_at_its_instant_alone(void)
{
    struct scenario scenario;

    story_parse(&scenario, "at 3ms every 2ms times 2 restart toupper" ONE_CLIENT);
    uint32_t node = story_node(&scenario, "toupper");
    CU_ASSERT_FALSE(timeline_restarts(&scenario, node, MS(3) - 1));
    CU_ASSERT_TRUE(timeline_restarts(&scenario, node, MS(3)));
    CU_ASSERT_FALSE(timeline_restarts(&scenario, node, MS(4)));
    CU_ASSERT_TRUE(timeline_restarts(&scenario, node, MS(5)));
    CU_ASSERT_FALSE(timeline_restarts(&scenario, node, MS(7)));
    CU_ASSERT_FALSE(timeline_restarts(&scenario, story_node(&scenario, "tolower"), MS(3)));
    scenario_free(&scenario);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_crash_lasts_until_the_restart),
        HARNESS_TEST(a_crash_may_say_how_long_it_lasts),
        HARNESS_TEST(the_longest_of_several_crashes_counts),
        HARNESS_TEST(a_restart_ends_every_crash_before_it),
        HARNESS_TEST(events_of_one_instant_happen_in_the_order_of_the_file),
        HARNESS_TEST(a_pause_lasts_until_the_resume),
        HARNESS_TEST(who_stands_still_and_crashes_does_not_stand_still_any_more),
        HARNESS_TEST(a_pause_of_who_has_crashed_ends_with_the_crash),
        HARNESS_TEST(the_end_of_a_crash_that_was_over_ends_no_pause),
        HARNESS_TEST(it_is_known_whether_anything_brings_a_node_up_again),
        HARNESS_TEST(what_waits_for_progress_has_no_time),
        HARNESS_TEST(a_partition_cuts_both_ways),
        HARNESS_TEST(or_one_way),
        HARNESS_TEST(the_sides_may_name_more_than_has_links),
        HARNESS_TEST(a_link_is_cut_off_while_any_partition_lasts),
        HARNESS_TEST(a_heal_ends_those_begun_before_and_no_others),
        HARNESS_TEST(a_partition_lies_above_all_faults),
        HARNESS_TEST(a_partition_that_was_healed_does_not_end_again),
        HARNESS_TEST(a_restart_is_seen_at_its_instant_alone),
    };

    return harness_run("shim/timeline_nodes", tests, HARNESS_COUNT(tests));
}
