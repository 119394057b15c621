/* Events that are written again (--shrink) mean what they meant. */
#include "scenario/write.h"

#include <stdlib.h>

#include "parse_story.h"

static const char FILE_BEFORE[] =
    "clients 3\n  send 2 toupper \"x\"\nclient bob\n  send toupper \"y\"\n";

/* What is written of `line` when everything is kept but `left_out` clients of the first group, from
 * its first on. */
static void expect_written(const char *line, uint32_t left_out, const char *expected)
{
    struct story story;
    struct write_plan plan;
    char *text = NULL;
    size_t size;

    story_read(&story, FILE_BEFORE, line);
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_EQUAL_FATAL(write_plan_init(&plan, &story.scenario), 0);
    plan.groups[0].client_count -= left_out;
    memmove(plan.groups[0].clients, plan.groups[0].clients + left_out,
            plan.groups[0].client_count * sizeof *plan.groups[0].clients);
    FILE *out = open_memstream(&text, &size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    CU_ASSERT_TRUE(write_scenario(out, &plan, ""));
    fclose(out);

    bool good = expected[0] != '\0'
                    ? strstr(text, expected) != NULL
                    : strstr(text, "\nat ") == NULL && strstr(text, "\nwhen ") == NULL;
    CU_ASSERT_TRUE(good);
    if (!good) {
        printf("of %s, with %u left out:\n%s", line, left_out, text);
    }
    write_plan_free(&plan);
    story_end(&story);
    story_read(&story, text, "");
    CU_ASSERT_TRUE(story.good);
    story_end(&story);
    free(text);
}

static void events_are_written_as_they_were(void)
{
    static const char *const lines[] = {
        "at 1s crash broker\n",
        "at 1s every 2s times 3 for 500ms crash toupper,tolower\n",
        "at 1s restart toupper\n",
        "at 1s for 10ms pause c1,bob\n",
        "at 1s resume broker\n",
        "at 1s heal\n",
        "at 1s partition broker | bob\n",
        "at 1s for 2s partition broker -> toupper\n",
        "at 1s partition c1,c2,c3,bob -> broker\n",
        "at 1s note \"here\"\n",
        "when toupper execute c2/2 for 5ms crash toupper\n",
        "when broker deliver restart broker\n",
        "when c1 send c1/1 note \"there\"\n",
        "when broker send link broker -> bob down\n",
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        expect_written(lines[i], 0, lines[i]);
    }
}

static void clients_are_called_as_they_are_then(void)
{
    expect_written("at 1s pause c3,bob", 2, "at 1s pause c1,bob\n");
    expect_written("when broker send c3/2 for 1s crash broker", 2,
                   "when broker send c1/2 for 1s crash broker\n");
    expect_written("at 1s partition c1,c3 | broker", 2, "at 1s partition broker | c1\n");
}

static void what_is_about_nobody_is_left_out(void)
{
    expect_written("at 1s pause c1", 1, "");
    expect_written("when broker send c1/2 crash broker", 1, "");
    expect_written("when c1 send pause c1", 1, "");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(events_are_written_as_they_were),
        HARNESS_TEST(clients_are_called_as_they_are_then),
        HARNESS_TEST(what_is_about_nobody_is_left_out),
    };

    return harness_run("scenario/write_events", tests, HARNESS_COUNT(tests));
}
