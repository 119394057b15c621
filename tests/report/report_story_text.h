/* The terminal's report of a story. */
#ifndef TESTS_REPORT_STORY_TEXT_H
#define TESTS_REPORT_STORY_TEXT_H

#include "harness.h"
#include "report_story.h"

/* The report of a story; the caller frees the text. */
static inline char *text_of(const struct story *story, bool quiet)
{
    struct story_page page;

    story_page_open(&page);
    CU_ASSERT_TRUE(report_text(page.file, &story->run, &story->style, quiet));
    story_page_close(&page);
    return page.text;
}

/* The text contains what is expected, is at most 80 columns wide and safe to show. */
static inline void assert_text(const struct story *story, bool quiet, const char *expected)
{
    char *text = text_of(story, quiet);

    CU_ASSERT_PTR_NOT_NULL(strstr(text, expected));
    CU_ASSERT_TRUE(story_width(text) <= 80);
    CU_ASSERT_TRUE(story_is_clean(text, story->style.unicode));
    free(text);
}

#endif
