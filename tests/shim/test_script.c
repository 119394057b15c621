#include "shim/link.h"

#include "shim_story.h"

#define ONE_CLIENT "\nclient c1\n  send 9 toupper \"x\"\n"

/* A link that follows a script. */
struct play {
    struct story story;
    struct fault_script script;
};

/* The link `from` -> `to`, with the choices made for it in place of chance. Their link and, but for
 * those by position, their client are filled here. */
static void play_init(struct play *play, const char *text, const char *from, const char *to,
                      struct fault_choice *choices, uint32_t count)
{
    struct scenario *scenario = &play->story.scenario;

    story_parse(scenario, text);
    uint32_t link = scenario_link(story_node(scenario, from), story_node(scenario, to));
    for (uint32_t i = 0; i < count; i++) {
        choices[i].link = link;
        if (choices[i].client != UINT32_MAX) {
            choices[i].client = story_node(scenario, "c1");
        }
    }
    CU_ASSERT_EQUAL_FATAL(fault_script_init(&play->script, choices, count), 0);
    scenario->script = &play->script;
    CU_ASSERT_EQUAL_FATAL(link_init(&play->story.link, scenario, link, NULL), 0);
}

static void play_free(struct play *play)
{
    story_free(&play->story);
    fault_script_free(&play->script);
}

static void a_script_loses_what_it_names_on_a_network_without_faults(void)
{
    struct fault_choice choices[] = {{.kind = CHOICE_LOSE, .n = 2, .try = 1},
                                     {.kind = CHOICE_LOSE, .n = 3, .try = 2}};
    struct play play;

    play_init(&play, "title \"no fault\"" ONE_CLIENT, "c1", "broker", choices, 2);
    for (uint32_t n = 1; n <= 4; n++) {
        for (unsigned try = 1; try <= 2; try++) {
            struct link_fates fates = story_submit_at(&play.story, 7, "c1", n, try);
            bool named = (n == 2 && try == 1) || (n == 3 && try == 2);
            CU_ASSERT_EQUAL(fates.count, 1);
            CU_ASSERT_EQUAL(fates.copies[0].lost, named ? LOSS_LOSS : LOSS_NONE);
            CU_ASSERT_EQUAL(fates.copies[0].due_ns, 7);
        }
    }
    play_free(&play);
}

static void under_a_script_chance_does_nothing_and_mean_delays_stay(void)
{
    struct play play;

    play_init(&play, "network loss 100% duplicate 100% delay 5ms 2ms" ONE_CLIENT, "c1", "broker",
              NULL, 0);
    for (uint32_t n = 1; n <= 100; n++) {
        struct link_fates fates = story_submit(&play.story, n, 1);
        CU_ASSERT_EQUAL(fates.count, 1);
        CU_ASSERT_EQUAL(fates.copies[0].lost, LOSS_NONE);
        CU_ASSERT_EQUAL(fates.copies[0].due_ns, 5 * NS_PER_MS);
    }
    play_free(&play);
}

static void a_script_duplicates_and_delays_each_copy_for_itself(void)
{
    struct fault_choice choices[] = {
        {.kind = CHOICE_DUPLICATE, .n = 1, .try = 1},
        {.kind = CHOICE_LOSE, .n = 1, .try = 1},
        {.kind = CHOICE_DELAY, .n = 1, .try = 1, .copy = 1, .delay_ns = 9 * NS_PER_MS},
    };
    struct play play;
    struct link_fates fates;

    play_init(&play, "network delay 5ms" ONE_CLIENT, "c1", "broker", choices, 3);
    fates = story_submit(&play.story, 1, 1);
    CU_ASSERT_EQUAL(fates.count, 2);
    CU_ASSERT_EQUAL(fates.copies[0].lost, LOSS_LOSS);
    CU_ASSERT_EQUAL(fates.copies[1].lost, LOSS_NONE);
    CU_ASSERT_EQUAL(fates.copies[1].due_ns, 9 * NS_PER_MS);
    CU_ASSERT_EQUAL(story_submit(&play.story, 2, 1).count, 1);
    play_free(&play);
}

static void a_script_tells_carriages_apart(void)
{
    struct fault_choice choices[] = {{.kind = CHOICE_LOSE, .n = 1, .try = 1, .carriage = 1}};
    struct play play;

    play_init(&play, "title \"no fault\"" ONE_CLIENT, "broker", "toupper", choices, 1);
    for (uint32_t carriage = 0; carriage < 3; carriage++) {
        struct link_fates fates = story_submit(&play.story, 1, 1);
        CU_ASSERT_EQUAL(fates.carriage, carriage);
        CU_ASSERT_EQUAL(fates.copies[0].lost, carriage == 1 ? LOSS_LOSS : LOSS_NONE);
    }
    play_free(&play);
}

static void a_script_names_plain_datagrams_by_their_position(void)
{
    struct fault_choice choices[] = {{.kind = CHOICE_LOSE, .client = UINT32_MAX, .n = 3}};
    struct play play;

    play_init(&play, "title \"no fault\"" ONE_CLIENT, "c1", "broker", choices, 1);
    CU_ASSERT_EQUAL(story_submit(&play.story, 3, 1).copies[0].lost, LOSS_NONE); /* position 1 */
    CU_ASSERT_EQUAL(story_submit_plain(&play.story).copies[0].lost, LOSS_NONE);
    CU_ASSERT_EQUAL(story_submit_plain(&play.story).copies[0].lost, LOSS_LOSS);
    CU_ASSERT_EQUAL(story_submit_plain(&play.story).copies[0].lost, LOSS_NONE);
    play_free(&play);
}

static void exact_faults_and_down_stay_under_a_script(void)
{
    struct fault_choice choices[] = {{.kind = CHOICE_LOSE, .n = 3, .try = 1}};
    struct play play;

    play_init(&play, "network loss 100%\nlink c1 -> broker drop 1 delay 4ms 2-3" ONE_CLIENT, "c1",
              "broker", choices, 1);
    CU_ASSERT_EQUAL(story_submit(&play.story, 1, 1).copies[0].lost, LOSS_DROP);
    struct link_fates fates = story_submit(&play.story, 2, 1);
    CU_ASSERT_EQUAL(fates.copies[0].lost, LOSS_NONE);
    CU_ASSERT_EQUAL(fates.copies[0].due_ns, 4 * NS_PER_MS);
    CU_ASSERT_EQUAL(story_submit(&play.story, 3, 1).copies[0].lost, LOSS_LOSS);
    play_free(&play);

    play_init(&play, "network down" ONE_CLIENT, "c1", "broker", NULL, 0);
    CU_ASSERT_EQUAL(story_submit(&play.story, 1, 1).copies[0].lost, LOSS_DOWN);
    play_free(&play);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_script_loses_what_it_names_on_a_network_without_faults),
        HARNESS_TEST(under_a_script_chance_does_nothing_and_mean_delays_stay),
        HARNESS_TEST(a_script_duplicates_and_delays_each_copy_for_itself),
        HARNESS_TEST(a_script_tells_carriages_apart),
        HARNESS_TEST(a_script_names_plain_datagrams_by_their_position),
        HARNESS_TEST(exact_faults_and_down_stay_under_a_script),
    };
    return harness_run("shim/script", tests, HARNESS_COUNT(tests));
}
