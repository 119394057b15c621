#include "harness.h"
#include "report_story.h"

/* One record as -v shows it; the caller frees the text. */
static char *live_of(struct trace_record record, const char *bytes, size_t size,
                     struct report_style style)
{
    struct story story;
    struct story_page page;

    story_init(&story);
    story_page_open(&page);
    struct report_live live = {.out = page.file, .scenario = &story.scenario, .style = style};
    record.bytes_size = (uint16_t)size;
    report_live_take(&live, &record, (const uint8_t *)bytes);
    story_page_close(&page);
    story_free(&story);
    return page.text;
}

static struct trace_record lost_record(void)
{
    return (struct trace_record){.t_ns = 12304567,
                                 .node = STORY_C1,
                                 .from = STORY_C1,
                                 .to = NODE_BROKER,
                                 .client = STORY_C1,
                                 .n = 3,
                                 .try = 1,
                                 .event = TRACE_SEND,
                                 .reason = LOSS_LOSS};
}

static void assert_live(struct trace_record record, const char *bytes, struct report_style style,
                        const char *expected)
{
    char *text = live_of(record, bytes, bytes == NULL ? 0 : strlen(bytes), style);
    CU_ASSERT_STRING_EQUAL(text, expected);
    free(text);
}

static void a_loss_is_one_line_with_its_reason(void)
{
    assert_live(lost_record(), NULL, (struct report_style){.unicode = true},
                "   12.304 ms  c1       ✗ lost       c1/3 try 1            c1 -> broker       "
                "(loss)\n");
}

static void without_unicode_the_signs_are_ascii(void)
{
    assert_live(lost_record(), NULL, (struct report_style){0},
                "   12.304 ms  c1       x lost       c1/3 try 1            c1 -> broker       "
                "(loss)\n");
}

static void colour_surrounds_the_word_and_nothing_else(void)
{
    assert_live(lost_record(), NULL, (struct report_style){.colour = true},
                "   12.304 ms  c1       \x1b[1;31mx lost\x1b[0m       c1/3 try 1            "
                "c1 -> broker       (loss)\n");
}

static void a_send_says_how_long_it_takes(void)
{
    struct trace_record record = lost_record();

    record.reason = LOSS_NONE;
    record.due_ns = record.t_ns + 2310000;
    assert_live(record, NULL, (struct report_style){0},
                "   12.304 ms  c1       > send       c1/3 try 1            c1 -> broker       "
                "takes 2.31 ms\n");
}

static void a_lost_copy_is_told_from_what_it_was_made_of(void)
{
    struct trace_record record = lost_record();

    record.event = TRACE_DUPLICATED;
    record.copy = 1;
    assert_live(record, NULL, (struct report_style){0},
                "   12.304 ms  c1       x lost       c1/3 try 1            c1 -> broker       "
                "(a copy: loss)\n");
}

static void what_a_link_damages_is_said(void)
{
    struct trace_record record = lost_record();

    record.reason = LOSS_NONE;
    record.due_ns = record.t_ns + 2310000;
    record.flip = 1;
    assert_live(record, NULL, (struct report_style){0},
                "   12.304 ms  c1       > send       c1/3 try 1            c1 -> broker       "
                "takes 2.31 ms, bit flipped\n");
    record.due_ns = record.t_ns;
    record.cut = 7;
    assert_live(record, NULL, (struct report_style){0},
                "   12.304 ms  c1       > send       c1/3 try 1            c1 -> broker       "
                "cut short, bit flipped\n");
}

static void a_line_without_detail_has_no_blanks_at_its_end(void)
{
    struct trace_record record = lost_record();

    record.event = TRACE_TIMEOUT;
    record.reason = 0;
    record.from = record.to = TRACE_NOBODY;
    assert_live(record, NULL, (struct report_style){0},
                "   12.304 ms  c1       ! timeout    c1/3 try 1\n");
}

static void a_payload_is_escaped_and_cut(void)
{
    static const char hostile[] = "\x1b]0;owned\x07<script>\0\n\xc3\xa9\xff and a text that is "
                                  "much too long for one line of a terminal";
    struct trace_record record = lost_record();

    record.event = TRACE_ANSWERED;
    record.reason = 0;
    record.value_ns = 70 * NS_PER_MS;
    record.from = record.to = TRACE_NOBODY;
    char *text = live_of(record, hostile, sizeof hostile - 1, (struct report_style){0});
    CU_ASSERT_TRUE(story_is_clean(text, false));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"\\x1b]0;owned\\x07<script>\\x00\\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "...\" after 70.0 ms\n"));
    CU_ASSERT_TRUE(story_width(text) <= 120);
    free(text);
}

static void what_the_broker_notes_for_itself_is_not_shown(void)
{
    struct trace_record record = lost_record();

    record.event = TRACE_ENTRY_OPENED;
    assert_live(record, NULL, (struct report_style){0}, "");
}

static void progress_is_drawn_in_place_and_wiped(void)
{
    struct report_progress progress = {
        .elapsed_ns = 1200 * NS_PER_MS, .settled = 200, .total = 400};
    struct report_style style = {0};
    struct story_page page;

    story_page_open(&page);
    report_progress_draw(page.file, &style, &progress);
    report_progress_wipe(page.file);
    story_page_close(&page);
    CU_ASSERT_EQUAL(page.size, 1 + 79 + 1 + 79 + 1);
    CU_ASSERT_EQUAL(page.text[0], '\r');
    CU_ASSERT_PTR_NOT_NULL(
        strstr(page.text, "[############            ] 200 of 400 requests  1.2 s"));
    CU_ASSERT_EQUAL(page.text[page.size - 1], '\r');
    free(page.text);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(a_loss_is_one_line_with_its_reason),
    HARNESS_TEST(without_unicode_the_signs_are_ascii),
    HARNESS_TEST(colour_surrounds_the_word_and_nothing_else),
    HARNESS_TEST(a_send_says_how_long_it_takes),
    HARNESS_TEST(a_lost_copy_is_told_from_what_it_was_made_of),
    HARNESS_TEST(what_a_link_damages_is_said),
    HARNESS_TEST(a_line_without_detail_has_no_blanks_at_its_end),
    HARNESS_TEST(a_payload_is_escaped_and_cut),
    HARNESS_TEST(what_the_broker_notes_for_itself_is_not_shown),
    HARNESS_TEST(progress_is_drawn_in_place_and_wiped),
};

int main(void)
{
    return harness_run("report/live", tests, HARNESS_COUNT(tests));
}
