/* What the tests of the parser's parts share: a line is put behind a small scenario, and either
 * what became of it or its first message is looked at. */
#ifndef TESTS_PARSE_STORY_H
#define TESTS_PARSE_STORY_H

#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "scenario/scenario.h"

/* Two clients of two requests each; the line under test is line 3. */
#define STORY_CLIENTS "clients 2\nsend 2 toupper \"x\"\n"

/* A scenario that was read, and what was said about it. */
struct story {
    struct scenario scenario; /* owned while `good` */
    struct scenario_messages messages;
    bool good;
};

static inline void story_read(struct story *story, const char *before, const char *line)
{
    static const struct scenario_overrides NONE;
    char file[3 * SCENARIO_LINE_MAX];
    int size = snprintf(file, sizeof file, "%s%s\n", before, line);

    *story = (struct story){.good = false};
    CU_ASSERT_FATAL(size > 0 && (size_t)size < sizeof file);
    story->good =
        scenario_parse(&story->scenario, "f", file, (size_t)size, &NONE, &story->messages);
}

/* The same of a whole file, with --set texts. */
static inline void story_read_sets(struct story *story, const char *file, const char *const *sets,
                                   uint32_t set_count)
{
    struct scenario_overrides overrides = {.sets = sets, .set_count = set_count};

    *story = (struct story){.good = false};
    story->good =
        scenario_parse(&story->scenario, "f", file, strlen(file), &overrides, &story->messages);
}

static inline void story_end(struct story *story)
{
    if (story->good) {
        scenario_free(&story->scenario);
    }
    scenario_messages_free(&story->messages);
}

/* The line is right. */
static inline void story_accepts(const char *before, const char *line)
{
    struct story story;

    story_read(&story, before, line);
    if (!story.good && story.messages.count > 0) {
        printf("%s", story.messages.items[0].text);
    }
    CU_ASSERT_TRUE(story.good);
    story_end(&story);
}

/* The line is wrong: its first message begins with `expected` ("f:3:9: error: ..."). */
static inline void story_refuses(const char *before, const char *line, const char *expected)
{
    struct story story;

    story_read(&story, before, line);
    CU_ASSERT_FALSE(story.good);
    CU_ASSERT_NOT_EQUAL(story.messages.count, 0);
    if (story.messages.count > 0) {
        const char *text = story.messages.items[0].text;
        size_t size = strlen(expected);
        bool same = strncmp(text, expected, size) == 0 && text[size] == '\n';
        if (!same) {
            printf("wanted: %s\n   got: %s", expected, text);
        }
        CU_ASSERT_TRUE(same);
    }
    story_end(&story);
}

/* The file is read, and what is said about it is exactly `expected`, all of it. */
static inline void story_says(const char *file, const char *const *sets, uint32_t set_count,
                              const char *expected)
{
    struct story story;
    char said[SCENARIO_LINE_MAX] = "";

    story_read_sets(&story, file, sets, set_count);
    for (uint32_t i = 0; i < story.messages.count; i++) {
        size_t used = strlen(said);
        snprintf(said + used, sizeof said - used, "%s", story.messages.items[i].text);
    }
    if (strcmp(said, expected) != 0) {
        printf("wanted:\n%s   got:\n%s", expected, said);
    }
    CU_ASSERT_STRING_EQUAL(said, expected);
    story_end(&story);
}

#endif
