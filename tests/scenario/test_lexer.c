/* Lines and words: what a file is made of before anyone asks what it means. */
#include "parse_story.h"

static void refuses(const char *line, const char *expected)
{
    story_refuses(STORY_CLIENTS, line, expected);
}

/* Reads a whole file of `size` bytes; its first message begins with `expected`, "" = it is right.
 */
static void file_says(const char *file, size_t size, const char *expected)
{
    static const struct scenario_overrides NONE;
    struct story story = {.good = false};

    story.good = scenario_parse(&story.scenario, "f", file, size, &NONE, &story.messages);
    const char *said = story.messages.count > 0 ? story.messages.items[0].text : "";
    CU_ASSERT_EQUAL(story.good, expected[0] == '\0');
    CU_ASSERT_EQUAL(strncmp(said, expected, strlen(expected)), 0);
    story_end(&story);
}

static void a_comment_begins_outside_quotes(void)
{
    struct story story;

    story_read(&story, STORY_CLIENTS, "title \"a # b\"# c \"d");
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_STRING_EQUAL(story.scenario.title, "a # b");
    story_end(&story);
    story_accepts(STORY_CLIENTS, "network loss 1%# no blank needed");
}

static void blanks_and_empty_lines_mean_nothing(void)
{
    struct story story;

    story_read(&story, "\n \t\n\tclients\t 2 \n\n   send  2\ttoupper \"x\"  \n", "  ");
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_EQUAL(story.scenario.client_count, 2);
    CU_ASSERT_EQUAL(story.scenario.groups[0].line, 3);
    story_end(&story);
}

static void a_byte_order_mark_and_carriage_returns_are_accepted(void)
{
    static const char FILE_BYTES[] = "\xef\xbb\xbf# hi\r\nclient a\r\nsend toupper \"x\"\r\n";
    static const struct scenario_overrides NONE;
    struct story story = {.good = false};

    story.good = scenario_parse(&story.scenario, "f", FILE_BYTES, sizeof FILE_BYTES - 1, &NONE,
                                &story.messages);
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_STRING_EQUAL(story.scenario.description, "hi");
    CU_ASSERT_EQUAL(story.scenario.groups[0].steps[0].text.parts[0].size, 1);
    story_end(&story);
}

static void the_first_comment_block_describes_the_file(void)
{
    struct story story;

    story_read_sets(&story, "\n# One in ten is lost.\n#\n#   Who wins?\n\n# not this\nclient a\n",
                    NULL, 0);
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_STRING_EQUAL(story.scenario.description, "One in ten is lost.\n\n  Who wins?");
    story_end(&story);
    story_read_sets(&story, "client a\n# too late\n", NULL, 0);
    CU_ASSERT_STRING_EQUAL(story.scenario.description, "");
    story_end(&story);
}

static void other_characters_are_errors_at_their_place(void)
{
    file_says("client a\nti\0tle", 15,
              "f:2:3: error: control character 0x00; in a text write it as \\x00\n  ti\\x00tle\n");
    refuses("title \"a\x07\"", "f:3:9: error: control character 0x07; in a text write it as \\x07");
    refuses("title \"a\xc2\x9b\"",
            "f:3:9: error: control character U+009B; in a text write it as \\xc2\\x9b");
    refuses("title \"a\rb\"", "f:3:9: error: control character 0x0d; in a text write it as \\x0d");
    refuses("title \"\xc3\xa9\xff\"",
            "f:3:9: error: byte 0xff is not UTF-8; save the file as UTF-8");
    refuses("# \xed\xa0\x80", "f:3:3: error: byte 0xed is not UTF-8; save the file as UTF-8");
}

static void a_text_stands_between_blanks_and_is_closed(void)
{
    refuses("title \"a", "f:3:7: error: this text has no closing quote; a quote inside a text is "
                         "written \\\"");
    refuses("title \"a\\\"", "f:3:7: error: this text has no closing quote; a quote inside a text "
                             "is written \\\"");
    refuses("title \"a\"b", "f:3:10: error: a blank is missing behind the text");
    refuses("title\"a\"", "f:3:6: error: a blank is missing before the text");
}

static void a_line_has_4096_bytes_at_most(void)
{
    char line[SCENARIO_LINE_MAX + 2];

    memset(line, '#', sizeof line);
    line[SCENARIO_LINE_MAX] = '\0';
    story_accepts(STORY_CLIENTS, line);
    line[SCENARIO_LINE_MAX] = '#';
    line[SCENARIO_LINE_MAX + 1] = '\0';
    refuses(line, "f:3:1: error: this line has 4097 bytes; 4096 are the most");
}

static void a_file_has_a_mebibyte_at_most(void)
{
    static char file[SCENARIO_FILE_MAX + 1];

    memset(file, '\n', sizeof file);
    file_says(file, SCENARIO_FILE_MAX, "");
    file_says(file, SCENARIO_FILE_MAX + 1, "f:1:1: error: the file has more than 1048576 bytes");
}

static void a_file_has_10000_directives_at_most(void)
{
    static char file[SCENARIO_FILE_MAX];
    size_t size = 0;

    for (uint32_t i = 0; i < SCENARIO_DIRECTIVES_MAX; i++) {
        size += (size_t)sprintf(file + size, "at %us note \"x\" # %u\n\n", i % 100, i);
    }
    file_says(file, size, "");
    size += (size_t)sprintf(file + size, "title \"one more\"\n");
    file_says(file, size, "f:20001:1: error: more than 10000 directives");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_comment_begins_outside_quotes),
        HARNESS_TEST(blanks_and_empty_lines_mean_nothing),
        HARNESS_TEST(a_byte_order_mark_and_carriage_returns_are_accepted),
        HARNESS_TEST(the_first_comment_block_describes_the_file),
        HARNESS_TEST(other_characters_are_errors_at_their_place),
        HARNESS_TEST(a_text_stands_between_blanks_and_is_closed),
        HARNESS_TEST(a_line_has_4096_bytes_at_most),
        HARNESS_TEST(a_file_has_a_mebibyte_at_most),
        HARNESS_TEST(a_file_has_10000_directives_at_most),
    };

    return harness_run("scenario/lexer", tests, HARNESS_COUNT(tests));
}
