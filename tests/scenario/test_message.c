/* Messages: their form, their caret, their order, and the nearest known word. */
#include "parse_story.h"

static void a_message_is_a_place_a_line_and_a_caret(void)
{
    story_says("client a\n  send toupper \"x\"\nnetwork loss 10\n", NULL, 0,
               "f:3:14: error: loss is a percentage and needs its sign: 10%\n"
               "  network loss 10\n"
               "               ^\n");
}

static void the_caret_stands_behind_a_line_that_ends_too_early(void)
{
    story_says("network loss  # what?\n", NULL, 0,
               "f:1:14: error: expected loss here, like 10%\n"
               "  network loss  # what?\n"
               "               ^\n");
}

static void tabs_and_wide_characters_keep_the_caret_in_place(void)
{
    story_says("\tnetwork\tloss 10\n", NULL, 0,
               "f:1:15: error: loss is a percentage and needs its sign: 10%\n"
               "   network loss 10\n"
               "                ^\n");
    /* Two wide characters, one with an accent of its own. */
    story_says("title \"\xe6\xbc\xa2\xe5\xad\x97"
               "e\xcc\x81\" x\n",
               NULL, 0,
               "f:1:14: error: unexpected 'x' behind the title\n"
               "  title \"\xe6\xbc\xa2\xe5\xad\x97"
               "e\xcc\x81\" x\n"
               "                ^\n");
}

static void what_a_terminal_would_act_on_is_escaped(void)
{
    story_says("title \"\x1b[31m\" x\n", NULL, 0,
               "f:1:8: error: control character 0x1b; in a text write it as \\x1b\n"
               "  title \"\\x1b[31m\" x\n"
               "         ^\n");
    /* A character that turns the line's direction. */
    story_says("title \xe2\x80\xae"
               "abc x\n",
               NULL, 0,
               "f:1:7: error: expected title between quotes here: \"text\"\n"
               "  title \\xe2\\x80\\xae"
               "abc x\n"
               "        ^\n");
}

static void of_a_long_line_the_part_around_the_caret_is_shown(void)
{
    char file[600];
    struct story story;

    snprintf(file, sizeof file, "title \"%0200d\" x %0200d\n", 0, 0);
    story_read_sets(&story, file, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(story.messages.count, 1);
    const char *line = strchr(story.messages.items[0].text, '\n') + 1;
    const char *caret = strchr(line, '\n') + 1;
    CU_ASSERT_EQUAL(strncmp(line, "  ...0000", 9), 0);
    CU_ASSERT_EQUAL(caret - line < 180, true);
    CU_ASSERT_EQUAL(line[strcspn(caret, "^")], 'x');
    story_end(&story);
}

static void messages_come_in_order_of_line(void)
{
    /* Links are read after nodes, and still line 1 comes first. */
    story_says("network loss 1\nclient a tries 0\nsend toupper \"{x}\"\n", NULL, 0,
               "f:1:14: error: loss is a percentage and needs its sign: 1%\n"
               "  network loss 1\n"
               "               ^\n"
               "f:2:16: error: tries is from 1 to 99\n"
               "  client a tries 0\n"
               "                 ^\n"
               "f:3:15: error: the fields are {client} and {n}; any other brace is written \\x7b\n"
               "  send toupper \"{x}\"\n"
               "                ^\n");
}

static void only_the_first_twenty_errors_are_kept(void)
{
    char file[4096] = "network loss 1\n";
    size_t used = strlen(file);
    struct story story;

    for (int i = 0; i < 40; i++) {
        used += (size_t)snprintf(file + used, sizeof file - used, "clients 0\n");
    }
    story_read_sets(&story, file, NULL, 0);
    CU_ASSERT_FALSE(story.good);
    CU_ASSERT_EQUAL(story.messages.error_count, SCENARIO_ERRORS_MAX);
    CU_ASSERT_EQUAL_FATAL(story.messages.count, SCENARIO_ERRORS_MAX);
    CU_ASSERT_EQUAL(story.messages.items[0].line, 1);
    CU_ASSERT_EQUAL(story.messages.items[19].line, 20);
    story_end(&story);
}

static void an_error_does_not_lead_to_others(void)
{
    /* Whether c5 is there nobody can know. */
    story_says("clients x\nsend toupper \"x\"\nlink c5 -> broker loss 1%\n"
               "network drop of request 3\nexpect outcome of c5/9 = answered\n",
               NULL, 0,
               "f:1:9: error: expected how many clients as a whole number, not 'x'\n"
               "  clients x\n"
               "          ^\n");
}

static void an_unknown_word_is_told_the_nearest(void)
{
    story_refuses("", "netwrok loss 1%",
                  "f:1:1: error: unknown directive 'netwrok'; did you mean 'network'?");
    story_refuses("", "Network loss 1%",
                  "f:1:1: error: unknown directive 'Network'; did you mean 'network'?");
    story_refuses("", "network dup 1%",
                  "f:1:9: error: unknown fault 'dup'; did you mean "
                  "'duplicate'?");
    story_refuses("", "network explode 1%",
                  "f:1:9: error: unknown fault 'explode'; known are: loss delay duplicate down "
                  "corrupt truncate reorder rate limit mtu drop clear preset netem");
    story_refuses("", "crash broker",
                  "f:1:1: error: unknown directive 'crash'; known are: title seed world "
                  "time-limit port network link server broker client clients send wait raw at "
                  "when expect");
    story_refuses("", "at 1s explode broker",
                  "f:1:7: error: unknown event 'explode'; known are: link network note crash "
                  "restart pause resume heal partition");
    story_refuses("", "at 1s",
                  "f:1:7: error: expected event here, one of: link network note crash restart "
                  "pause resume heal partition");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_message_is_a_place_a_line_and_a_caret),
        HARNESS_TEST(the_caret_stands_behind_a_line_that_ends_too_early),
        HARNESS_TEST(tabs_and_wide_characters_keep_the_caret_in_place),
        HARNESS_TEST(what_a_terminal_would_act_on_is_escaped),
        HARNESS_TEST(of_a_long_line_the_part_around_the_caret_is_shown),
        HARNESS_TEST(messages_come_in_order_of_line),
        HARNESS_TEST(only_the_first_twenty_errors_are_kept),
        HARNESS_TEST(an_error_does_not_lead_to_others),
        HARNESS_TEST(an_unknown_word_is_told_the_nearest),
    };

    return harness_run("scenario/message", tests, HARNESS_COUNT(tests));
}
