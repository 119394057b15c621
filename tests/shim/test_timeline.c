#include "shim/timeline.h"

#include "shim_story.h"

#define ONE_CLIENT "\nclient c1\n  send 1 toupper \"x\"\n"
#define MS(count)  ((count)*NS_PER_MS)

/* Room for the exact faults of any scenario here. */
#define EXACT_MAX 16

/* A link's faults at an instant, as text: "loss 10% delay 5ms 1ms duplicate 1% down, 2 exact". */
static void expect_faults(const struct story *story, uint64_t now_ns, const char *expected)
{
    const struct exact_fault *exact[EXACT_MAX];
    struct timeline_faults faults = {.exact = exact};
    const struct fault_set *set = &faults.set;
    char shown[200];

    CU_ASSERT_FATAL(timeline_exact_max(&story->scenario, story->link.index) <= EXACT_MAX);
    timeline_faults_at(&story->scenario, story->link.index, now_ns, &faults);
    snprintf(shown, sizeof shown, "loss %.0f delay %.0f %.0f duplicate %.0f%s exact %u",
             (double)set->loss_q63 / (double)PROBABILITY_ONE * 100,
             (double)set->delay_ns / (double)NS_PER_MS, (double)set->jitter_ns / (double)NS_PER_MS,
             (double)set->duplicate_q63 / (double)PROBABILITY_ONE * 100, set->down ? " down" : "",
             faults.exact_count);
    CU_ASSERT_STRING_EQUAL(shown, expected);
    if (strcmp(shown, expected) != 0) {
        printf("at %.3f ms: %s, not %s\n", (double)now_ns / (double)NS_PER_MS, shown, expected);
    }
}

/* Asserts that the time line's instants are exactly these, from `instants[0]` on. */
static void expect_instants(const struct scenario *scenario, const uint64_t *instants, size_t count)
{
    uint64_t now_ns = timeline_first_ns(scenario);

    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(now_ns, instants[i]);
        now_ns = now_ns == TIME_NEVER ? TIME_NEVER : timeline_next_ns(scenario, now_ns);
    }
}

#define NOTHING "loss 0 delay 0 0 duplicate 0 exact 0"

/* ---- base layers -------------------------------------------------------------------------------
 */

static void later_lines_win_fault_by_fault(void)
{
    struct story story;

    story_init(&story,
               "network loss 10% delay 5ms 1ms\n"
               "link c1 -> broker loss 20%\n"
               "link * -> broker duplicate 3%\n"
               "link broker -> c1 down" ONE_CLIENT,
               "c1", "broker");
    expect_faults(&story, 0, "loss 20 delay 5 1 duplicate 3 exact 0");
    story_free(&story);
}

static void a_new_delay_brings_no_old_jitter(void)
{
    struct story story;

    story_init(&story, "network delay 5ms 1ms\nnetwork delay 7ms" ONE_CLIENT, "c1", "broker");
    expect_faults(&story, 0, "loss 0 delay 7 0 duplicate 0 exact 0");
    story_free(&story);
    story_init(&story, "network delay 5ms 1ms 50%\nlink c1 -> broker delay 5ms 1ms 25%" ONE_CLIENT,
               "c1", "broker");
    struct timeline_faults faults = {.exact = NULL};
    timeline_faults_at(&story.scenario, story.link.index, 0, &faults);
    CU_ASSERT_EQUAL(faults.set.delay_same_q63, PROBABILITY_ONE / 4);
    story_free(&story);
}

static void clear_removes_all_that_was_said_before(void)
{
    struct story story;

    story_init(&story,
               "network loss 10% delay 5ms duplicate 1% drop 1 down\n"
               "link c1 -> broker clear loss 1%" ONE_CLIENT,
               "c1", "broker");
    expect_faults(&story, 0, "loss 1 delay 0 0 duplicate 0 exact 0");
    story_free(&story);
    story_init(&story, "network loss 10%\nnetwork clear\nnetwork delay 5ms" ONE_CLIENT, "c1",
               "broker");
    expect_faults(&story, 0, "loss 0 delay 5 0 duplicate 0 exact 0");
    story_free(&story);
}

/* ---- timed layers ------------------------------------------------------------------------------
 */

static void a_timed_fault_begins_and_ends_at_its_nanosecond(void)
{
    struct story story;

    story_init(&story, "network loss 10%\nat 100ms for 50ms network loss 50%" ONE_CLIENT, "c1",
               "broker");
    expect_faults(&story, MS(100) - 1, "loss 10 delay 0 0 duplicate 0 exact 0");
    expect_faults(&story, MS(100), "loss 50 delay 0 0 duplicate 0 exact 0");
    expect_faults(&story, MS(150) - 1, "loss 50 delay 0 0 duplicate 0 exact 0");
    expect_faults(&story, MS(150), "loss 10 delay 0 0 duplicate 0 exact 0");
    story_free(&story);
}

static void the_latest_begun_wins_and_what_lay_beneath_shows_again(void)
{
    struct story story;

    story_init(&story,
               "network loss 1%\n"
               "at 20ms for 20ms network loss 2%\n" /* written first, begun last */
               "at 10ms for 20ms network loss 3%" ONE_CLIENT,
               "c1", "broker");
    expect_faults(&story, MS(9), "loss 1 delay 0 0 duplicate 0 exact 0");
    expect_faults(&story, MS(10), "loss 3 delay 0 0 duplicate 0 exact 0");
    expect_faults(&story, MS(20), "loss 2 delay 0 0 duplicate 0 exact 0");
    expect_faults(&story, MS(30), "loss 2 delay 0 0 duplicate 0 exact 0"); /* 3% ended beneath */
    expect_faults(&story, MS(40), "loss 1 delay 0 0 duplicate 0 exact 0");
    story_free(&story);
    story_init(&story,
               "at 10ms for 30ms network loss 3%\n"
               "at 20ms for 10ms network loss 2%" ONE_CLIENT,
               "c1", "broker");
    expect_faults(&story, MS(29), "loss 2 delay 0 0 duplicate 0 exact 0");
    expect_faults(&story, MS(30), "loss 3 delay 0 0 duplicate 0 exact 0"); /* shows again */
    expect_faults(&story, MS(40), NOTHING);
    story_free(&story);
}

static void of_two_that_begin_together_the_later_line_wins(void)
{
    struct story story;

    story_init(&story,
               "at 10ms for 30ms network loss 3% delay 1ms\n"
               "at 10ms for 10ms network loss 2%" ONE_CLIENT,
               "c1", "broker");
    expect_faults(&story, MS(10), "loss 2 delay 1 0 duplicate 0 exact 0");
    expect_faults(&story, MS(20), "loss 3 delay 1 0 duplicate 0 exact 0");
    story_free(&story);
}

static void layers_mix_fault_by_fault(void)
{
    struct story story;

    story_init(&story,
               "network loss 10% drop 1\n"
               "at 10ms for 20ms network delay 5ms 1ms drop 2\n"
               "at 15ms for 10ms link c1 -> broker loss 100% duplicate 7% drop 3,4" ONE_CLIENT,
               "c1", "broker");
    expect_faults(&story, 0, "loss 10 delay 0 0 duplicate 0 exact 1");
    expect_faults(&story, MS(10), "loss 10 delay 5 1 duplicate 0 exact 2");
    expect_faults(&story, MS(15), "loss 100 delay 5 1 duplicate 7 exact 3");
    expect_faults(&story, MS(25), "loss 10 delay 5 1 duplicate 0 exact 2");
    expect_faults(&story, MS(30), "loss 10 delay 0 0 duplicate 0 exact 1");
    story_free(&story);
}

static void a_timed_clear_heals_for_a_while(void)
{
    struct story story;

    story_init(&story,
               "network loss 10% down drop 1\n"
               "at 10ms for 20ms network delay 9ms\n"
               "at 15ms for 5ms network clear" ONE_CLIENT,
               "c1", "broker");
    expect_faults(&story, MS(10), "loss 10 delay 9 0 duplicate 0 down exact 1");
    expect_faults(&story, MS(15), NOTHING);
    expect_faults(&story, MS(20), "loss 10 delay 9 0 duplicate 0 down exact 1");
    story_free(&story);
}

static void without_an_end_it_stays(void)
{
    struct story story;

    story_init(&story, "at 10ms network down\nat 20ms network clear" ONE_CLIENT, "c1", "broker");
    expect_faults(&story, MS(19), "loss 0 delay 0 0 duplicate 0 down exact 0");
    expect_faults(&story, MS(20), NOTHING);
    expect_faults(&story, TIME_NEVER - 1, NOTHING);
    story_free(&story);
}

static void other_links_do_not_notice(void)
{
    struct story story;

    story_init(&story, "at 10ms for 20ms link broker -> c1 down" ONE_CLIENT, "c1", "broker");
    expect_faults(&story, MS(15), NOTHING);
    story_free(&story);
}

/* ---- again and again ----------------------------------------------------------------------------
 */

static void every_comes_again_until_it_has_come_often_enough(void)
{
    static const uint64_t instants[] = {MS(10),  MS(15),  MS(110),   MS(115),
                                        MS(210), MS(215), TIME_NEVER};
    struct story story;

    story_init(&story, "at 10ms every 100ms times 3 for 5ms network down" ONE_CLIENT, "c1",
               "broker");
    expect_instants(&story.scenario, instants, 7);
    for (uint64_t k = 0; k < 5; k++) {
        bool comes = k < 3;
        expect_faults(&story, MS(10 + 100 * k) - 1, NOTHING);
        expect_faults(&story, MS(10 + 100 * k),
                      comes ? "loss 0 delay 0 0 duplicate 0 down exact 0" : NOTHING);
        expect_faults(&story, MS(15 + 100 * k) - 1,
                      comes ? "loss 0 delay 0 0 duplicate 0 down exact 0" : NOTHING);
        expect_faults(&story, MS(15 + 100 * k), NOTHING);
    }
    story_free(&story);
}

static void every_without_times_never_ends(void)
{
    struct story story;
    uint64_t day_ns = 86400 * NS_PER_S;

    story_init(&story, "at 0ms every 2ms for 1ms network loss 100%" ONE_CLIENT, "c1", "broker");
    expect_faults(&story, 0, "loss 100 delay 0 0 duplicate 0 exact 0");
    expect_faults(&story, MS(1), NOTHING);
    expect_faults(&story, day_ns, "loss 100 delay 0 0 duplicate 0 exact 0");
    expect_faults(&story, day_ns + MS(1), NOTHING);
    CU_ASSERT_EQUAL(timeline_next_ns(&story.scenario, day_ns), day_ns + MS(1));
    CU_ASSERT_EQUAL(timeline_next_ns(&story.scenario, day_ns + MS(1)), day_ns + MS(2));
    story_free(&story);
}

static void one_that_lasts_until_its_next_begin_has_no_gap(void)
{
    static const uint64_t instants[] = {MS(10), MS(20), MS(30), MS(40), TIME_NEVER};
    struct story story;

    story_init(&story, "at 10ms every 10ms times 3 for 10ms network loss 5%" ONE_CLIENT, "c1",
               "broker");
    expect_instants(&story.scenario, instants, 5);
    for (uint64_t ms = 10; ms < 40; ms++) {
        expect_faults(&story, MS(ms), "loss 5 delay 0 0 duplicate 0 exact 0");
    }
    expect_faults(&story, MS(40), NOTHING);
    story_free(&story);
}

static void each_new_begin_comes_to_the_top(void)
{
    struct story story;

    story_init(&story,
               "at 10ms every 20ms for 10ms network loss 1%\n"
               "at 15ms for 100ms network loss 2%" ONE_CLIENT,
               "c1", "broker");
    expect_faults(&story, MS(10), "loss 1 delay 0 0 duplicate 0 exact 0");
    expect_faults(&story, MS(15), "loss 2 delay 0 0 duplicate 0 exact 0");
    expect_faults(&story, MS(30), "loss 1 delay 0 0 duplicate 0 exact 0");
    expect_faults(&story, MS(40), "loss 2 delay 0 0 duplicate 0 exact 0");
    story_free(&story);
}

static void a_scenario_without_times_has_no_time_line(void)
{
    struct story story;

    story_init(&story, "network loss 10%" ONE_CLIENT, "c1", "broker");
    CU_ASSERT_EQUAL(timeline_first_ns(&story.scenario), TIME_NEVER);
    CU_ASSERT_EQUAL(timeline_next_ns(&story.scenario, 0), TIME_NEVER);
    story_free(&story);
}

/* ---- what is told ------------------------------------------------------------------------------
 */

struct told {
    char text[300];
};

static void tell(void *context, const struct scenario_rule *rule, bool begins)
{
    struct told *told = context;
    size_t size = strlen(told->text);

    snprintf(told->text + size, sizeof told->text - size, "%s %s; ", begins ? "begin" : "end",
             rule->note != NULL ? rule->note : rule->text);
}

static void expect_told(const struct scenario *scenario, uint64_t now_ns, const char *expected)
{
    struct told told = {.text = ""};

    timeline_visit(scenario, now_ns, tell, &told);
    CU_ASSERT_STRING_EQUAL(told.text, expected);
}

static void ends_are_told_before_begins_and_notes_never_end(void)
{
    struct story story;

    story_init(&story,
               "at 20ms note \"hello\"\n"
               "at 10ms for 10ms network   loss 1%\n"
               "at 20ms network down\n"
               "at 20ms every 5ms times 2 for 5ms network delay 1ms" ONE_CLIENT,
               "c1", "broker");
    expect_told(&story.scenario, 0, "");
    expect_told(&story.scenario, MS(10), "begin network loss 1%; ");
    expect_told(&story.scenario, MS(15), "");
    expect_told(&story.scenario, MS(20),
                "end network loss 1%; begin hello; begin network down; begin network delay 1ms; ");
    expect_told(&story.scenario, MS(25), "end network delay 1ms; begin network delay 1ms; ");
    expect_told(&story.scenario, MS(30), "end network delay 1ms; ");
    expect_told(&story.scenario, MS(35), "");
    story_free(&story);
}

/* ---- links that follow it ----------------------------------------------------------------------
 */

static void a_fault_that_is_over_leaves_no_residue(void)
{
    static const char *const TEXTS[] = {
        "network loss 20% delay 3ms 1ms duplicate 10%" ONE_CLIENT,
        "network loss 20% delay 3ms 1ms duplicate 10%\n"
        "at 10ms for 10ms network loss 90% delay 50ms 50ms duplicate 90% drop 1-1000" ONE_CLIENT,
        "network loss 20% delay 3ms 1ms duplicate 10%\n"
        "at 10ms for 10ms network down" ONE_CLIENT,
        "network loss 20% delay 3ms 1ms duplicate 10%\n"
        "at 10ms for 10ms network clear" ONE_CLIENT,
    };
    static struct link_fates before[500];

    for (size_t t = 0; t < sizeof TEXTS / sizeof TEXTS[0]; t++) {
        struct story story;
        uint32_t changed = 0;
        uint32_t other = 0;
        story_init(&story, TEXTS[t], "c1", "broker");
        for (uint32_t n = 1; n <= 300; n++) {
            uint64_t now_ns = n == 101 ? MS(10) : n == 201 ? MS(20) : 0;
            if (now_ns != 0) {
                link_update(&story.link, now_ns);
            }
            struct link_fates fates = story_submit(&story, n, 1);
            if (t == 0) {
                before[n] = fates;
            }
            bool during = n > 100 && n <= 200;
            changed += !during && !story_same(&fates, &before[n]);
            other += during && !story_same(&fates, &before[n]);
        }
        CU_ASSERT_EQUAL(changed, 0);
        CU_ASSERT_EQUAL(other > 50, t > 0);
        story_free(&story);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(later_lines_win_fault_by_fault),
        HARNESS_TEST(a_new_delay_brings_no_old_jitter),
        HARNESS_TEST(clear_removes_all_that_was_said_before),
        HARNESS_TEST(a_timed_fault_begins_and_ends_at_its_nanosecond),
        HARNESS_TEST(the_latest_begun_wins_and_what_lay_beneath_shows_again),
        HARNESS_TEST(of_two_that_begin_together_the_later_line_wins),
        HARNESS_TEST(layers_mix_fault_by_fault),
        HARNESS_TEST(a_timed_clear_heals_for_a_while),
        HARNESS_TEST(without_an_end_it_stays),
        HARNESS_TEST(other_links_do_not_notice),
        HARNESS_TEST(every_comes_again_until_it_has_come_often_enough),
        HARNESS_TEST(every_without_times_never_ends),
        HARNESS_TEST(one_that_lasts_until_its_next_begin_has_no_gap),
        HARNESS_TEST(each_new_begin_comes_to_the_top),
        HARNESS_TEST(a_scenario_without_times_has_no_time_line),
        HARNESS_TEST(ends_are_told_before_begins_and_notes_never_end),
        HARNESS_TEST(a_fault_that_is_over_leaves_no_residue),
    };
    return harness_run("shim/timeline", tests, HARNESS_COUNT(tests));
}
