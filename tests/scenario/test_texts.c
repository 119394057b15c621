/* Texts: escapes, fields, random sizes, and where their mistakes are. */
#include "client/client.h"
#include "parse_story.h"

/* Reads `send toupper TEXT` of client c1 and renders it for request 7. */
static size_t rendered(const char *text, uint8_t bytes[WIRE_TEXT_MAX])
{
    struct story story;
    char line[2 * SCENARIO_LINE_MAX];
    size_t size = SIZE_MAX;

    snprintf(line, sizeof line, "send toupper %s", text);
    story_read(&story, "clients 1\n", line);
    CU_ASSERT_TRUE(story.good);
    if (story.good) {
        struct client_identity identity = {.name = "c1"};
        size = client_text_write(&identity, &story.scenario.groups[0].steps[0].text, 7, bytes);
    }
    story_end(&story);
    return size;
}

static void refuses(const char *line, const char *expected)
{
    story_refuses("client a\n", line, expected);
}

static void every_escape_is_its_byte(void)
{
    uint8_t bytes[WIRE_TEXT_MAX];

    CU_ASSERT_EQUAL_FATAL(rendered("\"a\\n\\t\\r\\\\\\\"\\x00\\xfF\\x7b\"", bytes), 9);
    CU_ASSERT_EQUAL(memcmp(bytes, "a\n\t\r\\\"\0\xff{", 9), 0);
}

static void fields_are_the_client_and_the_number(void)
{
    uint8_t bytes[WIRE_TEXT_MAX];

    CU_ASSERT_EQUAL_FATAL(rendered("\"{client} says {n}}\"", bytes), 10);
    CU_ASSERT_EQUAL(memcmp(bytes, "c1 says 7}", 10), 0);
    CU_ASSERT_EQUAL(rendered("\"\"", bytes), 0);
}

static void a_mistake_is_shown_at_its_character(void)
{
    refuses("send toupper \"a{b}\"",
            "f:2:16: error: the fields are {client} and {n}; any other brace is written \\x7b");
    refuses("send toupper \"\xc3\xa9\\q\"",
            "f:2:16: error: unknown escape; there are \\n \\t \\r \\\\ \\\" and \\xHH");
    refuses("send toupper \"\\x0\"",
            "f:2:15: error: unknown escape; there are \\n \\t \\r \\\\ \\\" and \\xHH");
}

static void curly_quotes_are_told_to_be_straight(void)
{
    refuses("send toupper \xe2\x80\x9cx\xe2\x80\x9d",
            "f:2:14: error: curly quotes; a text stands between straight ones: \"text\"");
    refuses("title \xe2\x80\x9cx\xe2\x80\x9d",
            "f:2:7: error: curly quotes; a text stands between straight ones: \"text\"");
    refuses("expect \xe2\x80\x9e"
            "all\xe2\x80\x9c answered = 100%",
            "f:2:8: error: curly quotes; a text stands between straight ones: \"text\"");
    refuses("send toupper x", "f:2:14: error: expected a text between quotes here: \"text\"");
}

/* A name of one letter and an 8-digit number are the most that `a` can render. */
static void a_text_is_at_most_1024_bytes_when_rendered(void)
{
    char line[SCENARIO_LINE_MAX];

    snprintf(line, sizeof line, "send toupper \"%01024d\"", 0);
    story_accepts("client a\n", line);
    snprintf(line, sizeof line, "send toupper \"%01025d\"", 0);
    refuses(line, "f:2:14: error: this text can have 1025 bytes; 1024 are the most");
    snprintf(line, sizeof line, "send toupper \"%01015d{client}{n}\"", 0);
    story_accepts("client a\n", line);
    snprintf(line, sizeof line, "send toupper \"%01016d{client}{n}\"", 0);
    refuses(line, "f:2:14: error: this text can have 1025 bytes; 1024 are the most");
}

static void a_title_holds_no_null(void)
{
    refuses("title \"a\\x00b\"", "f:2:7: error: title is for people to read, and \\x00 is not");
}

static void a_title_keeps_its_braces(void)
{
    struct story story;

    story_read(&story, STORY_CLIENTS, "title \"a {client} \\\"b\\\"\"");
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_STRING_EQUAL(story.scenario.title, "a {client} \"b\"");
    story_end(&story);
}

static void random_texts_have_sizes_with_units(void)
{
    struct story story;

    story_read(&story, "client a\n", "send toupper random 1b..1kb");
    CU_ASSERT_TRUE_FATAL(story.good);
    const struct client_text *text = &story.scenario.groups[0].steps[0].text;
    CU_ASSERT_TRUE(text->random);
    CU_ASSERT_EQUAL(text->random_size_min, 1);
    CU_ASSERT_EQUAL(text->random_size_max, 1024);
    story_end(&story);
    refuses("send toupper random 1..600b", "f:2:21: error: a text needs its unit (b kb mb): 1b?");
    refuses("send toupper random 1b..2mb", "f:2:25: error: a text is at most 1024b");
    refuses("send toupper random 9b..1b", "f:2:21: error: the first size is the smaller one");
    refuses("send toupper random 9b",
            "f:2:21: error: expected the sizes of random texts, like 1b..600b");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(every_escape_is_its_byte),
        HARNESS_TEST(fields_are_the_client_and_the_number),
        HARNESS_TEST(a_mistake_is_shown_at_its_character),
        HARNESS_TEST(curly_quotes_are_told_to_be_straight),
        HARNESS_TEST(a_text_is_at_most_1024_bytes_when_rendered),
        HARNESS_TEST(a_title_holds_no_null),
        HARNESS_TEST(a_title_keeps_its_braces),
        HARNESS_TEST(random_texts_have_sizes_with_units),
    };

    return harness_run("scenario/texts", tests, HARNESS_COUNT(tests));
}
