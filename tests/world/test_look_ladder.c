/* Charts of runs in the virtual world: golden texts of shipped scenarios, and what holds for all of
 * them: no line is wider than asked for, ASCII is ASCII. Whoever changes the chart reviews what
 * becomes of the golden ones:
 *
 *     SIMRUN_RENEW=1 BUILD/tests/world_test_look_ladder && git diff tests/golden/ladder
 */
#include "report/ladder.h"

#include <dirent.h>
#include <stdlib.h>

#include "report/out.h"
#include "virtual_story.h"

#define CHART_FILE_MAX (1u << 20)

/* A run with its log, and what is looked at. */
struct chart {
    struct story story;
    struct trace_log log;
    struct report_run run;
    struct report_only only;
    struct report_look look;
};

struct chart_text {
    char *bytes; /* owned */
    size_t size;
};

static struct chart_text chart_read(const char *path)
{
    struct chart_text read = {.bytes = NULL};
    FILE *file = fopen(path, "rb");

    if (file != NULL) {
        read.bytes = malloc(CHART_FILE_MAX);
        CU_ASSERT_PTR_NOT_NULL_FATAL(read.bytes);
        read.size = fread(read.bytes, 1, CHART_FILE_MAX - 1, file);
        read.bytes[read.size] = '\0';
        CU_ASSERT(feof(file));
        fclose(file);
    }
    return read;
}

/* Runs the scenario; `only`: NULL = all. */
static void chart_init(struct chart *chart, const char *text, const char *only)
{
    char error[REPORT_ONLY_ERROR_MAX];

    trace_log_init(&chart->log);
    story_run_to(&chart->story, text,
                 (struct trace_sink){.take = trace_log_take, .context = &chart->log});
    chart->run = (struct report_run){.scenario = &chart->story.scenario,
                                     .verdict = &chart->story.verdict,
                                     .facts = &chart->story.facts,
                                     .command = "simrun test"};
    chart->look = (struct report_look){.run = &chart->run, .log = &chart->log};
    if (only != NULL) {
        CU_ASSERT_FATAL(report_only_parse(&chart->only, &chart->story.scenario, only, error));
        chart->look.only = &chart->only;
    }
}

static void chart_free(struct chart *chart)
{
    if (chart->look.only != NULL) {
        report_only_free(&chart->only);
    }
    trace_log_free(&chart->log);
    story_free(&chart->story);
}

/* The chart at that width; of width 0 the Mermaid text. */
static struct chart_text chart_draw(const struct chart *chart, unsigned width, bool unicode)
{
    struct chart_text text = {.bytes = NULL};
    FILE *file = open_memstream(&text.bytes, &text.size);
    struct report_style style = {.unicode = unicode};

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT(width == 0 ? report_ladder_mermaid(file, &chart->look)
                         : report_ladder(file, &chart->look, &style, width));
    fclose(file);
    return text;
}

/* ---- golden ---------------------------------------------------------------------------------- */

static void chart_write(const char *path, struct chart_text text)
{
    FILE *file = fopen(path, "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(text.bytes, 1, text.size, file), text.size);
    CU_ASSERT_EQUAL(fclose(file), 0);
    printf("%s: renewed\n", path);
}

/* Shows the first line in which two charts differ. */
static void chart_show_difference(const char *path, const char *was, const char *is)
{
    unsigned line = 1;
    size_t size = strcspn(was, "\n");

    while (size == strcspn(is, "\n") && memcmp(was, is, size) == 0 && was[size] != '\0' &&
           is[size] != '\0') {
        was += size + 1;
        is += size + 1;
        size = strcspn(was, "\n");
        line++;
    }
    printf("%s:%u: was %.*s\n%s:%u:  is %.*s\n", path, line, (int)size, was, path, line,
           (int)strcspn(is, "\n"), is);
    printf("If the change is meant, renew the charts and look at what changed:\n"
           "  SIMRUN_RENEW=1 BUILD/tests/world_test_look_ladder && git diff tests/golden/ladder\n");
}

/* The chart of a shipped scenario is the one in tests/golden/ladder/FILE. */
static void golden(const char *scenario, const char *only, unsigned width, bool unicode,
                   const char *file)
{
    const char *renew = getenv("SIMRUN_RENEW");
    char path[128];
    struct chart chart;

    snprintf(path, sizeof path, "scenarios/%s.txt", scenario);
    struct chart_text text = chart_read(path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text.bytes);
    chart_init(&chart, text.bytes, only);
    struct chart_text is = chart_draw(&chart, width, unicode);
    snprintf(path, sizeof path, "tests/golden/ladder/%s", file);
    struct chart_text was = chart_read(path);
    bool same = was.bytes != NULL && was.size == is.size && !memcmp(was.bytes, is.bytes, is.size);
    if (!same && renew != NULL && strcmp(renew, "1") == 0) {
        chart_write(path, is);
    } else if (!same) {
        chart_show_difference(path, was.bytes != NULL ? was.bytes : "", is.bytes);
        CU_FAIL("the chart is another than the golden one");
    }
    free(was.bytes);
    free(is.bytes);
    free(text.bytes);
    chart_free(&chart);
}

static void a_lost_reply(void)
{
    golden("lost_reply", NULL, 80, true, "lost_reply.txt");
}
static void a_lost_reply_as_a_mermaid_diagram(void)
{
    golden("lost_reply", NULL, 0, true, "lost_reply.mmd");
}
static void a_lost_request_without_unicode(void)
{
    golden("lost_request", NULL, 80, false, "lost_request.txt");
}
static void a_crash_and_a_restart(void)
{
    golden("crash_restart", NULL, 80, true, "crash_restart.txt");
}
static void a_server_that_stands_still(void)
{
    golden("paused_server", NULL, 80, true, "paused_server.txt");
}
static void a_partition_one_way(void)
{
    golden("one_way_partition", "c1,c2", 100, true, "one_way_partition.txt");
}
static void a_partition_of_six_clients(void)
{
    golden("partition_heal", "c1,c2/1..3", 120, true, "partition_heal.txt");
}
static void losses_on_every_link(void)
{
    golden("loss10", "c1/1..6,c7/1..3", 120, true, "loss10.txt");
}
static void datagrams_that_overtake_each_other(void)
{
    golden("reordering", "c1/1..8,anna/1..4", 120, true, "reordering.txt");
}
static void datagrams_that_are_damaged(void)
{
    golden("corruption", "c1/1..4,anna/18..25", 100, true, "corruption.txt");
}
static void retries_on_two_layers(void)
{
    golden("retry_storm", "eager1", 80, true, "retry_storm.txt");
}
static void what_a_rude_client_sends(void)
{
    golden("rude_client", "rude,polite/1", 120, true, "rude_client.txt");
}
static void eight_clients_in_one_column(void)
{
    golden("slow_server", NULL, 60, true, "slow_server.txt");
}

/* ---- what holds for every chart ---------------------------------------------------------------
 */

/* Columns of the line's `size` bytes. */
static unsigned chart_columns(const char *line, size_t size)
{
    unsigned total = 0;
    unsigned columns;
    char form[OUT_FORM_MAX];

    for (size_t i = 0; i < size; total += columns) {
        i += out_next_character((const uint8_t *)line + i, size - i, true, form, &columns);
    }
    return total;
}

/* No line is wider than asked for, none ends in a blank, nothing steers a terminal. */
static void chart_expect_neat(const char *what, struct chart_text text, unsigned width,
                              bool unicode)
{
    unsigned number = 1;

    CU_ASSERT_EQUAL(strlen(text.bytes), text.size);
    for (const char *line = text.bytes; *line != '\0'; number++) {
        size_t size = strcspn(line, "\n");
        bool neat = chart_columns(line, size) <= width && (size == 0 || line[size - 1] != ' ');
        for (size_t i = 0; i < size; i++) {
            unsigned char byte = (unsigned char)line[i];
            neat = neat && byte >= ' ' && byte != 0x7f && (unicode || byte < 0x80);
        }
        CU_ASSERT(neat);
        if (!neat) {
            printf("%s at %u columns, line %u: %.*s\n", what, width, number, (int)size, line);
            return;
        }
        line += size + (line[size] == '\n');
    }
}

static void chart_expect_widths_hold(const char *what, const char *text)
{
    static const unsigned WIDTHS[] = {40, 57, 80, 120, 200};
    struct chart chart;

    chart_init(&chart, text, NULL);
    for (size_t i = 0; i < HARNESS_COUNT(WIDTHS); i++) {
        for (int unicode = 0; unicode < 2; unicode++) {
            struct chart_text drawn = chart_draw(&chart, WIDTHS[i], unicode);
            chart_expect_neat(what, drawn, WIDTHS[i], unicode);
            free(drawn.bytes);
        }
    }
    chart_free(&chart);
}

static void widths_hold_for_every_shipped_scenario(void)
{
    DIR *folder = opendir("scenarios");
    const struct dirent *entry;
    unsigned count = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
    while ((entry = readdir(folder)) != NULL) {
        const char *end = strstr(entry->d_name, ".txt");
        char path[300];
        /* A minute of a thousand clients is not another chart than a second of eight. */
        if (end == NULL || end[4] != '\0' || strstr(entry->d_name, "thousand") != NULL) {
            continue;
        }
        snprintf(path, sizeof path, "scenarios/%s", entry->d_name);
        struct chart_text text = chart_read(path);
        chart_expect_widths_hold(path, text.bytes);
        free(text.bytes);
        count++;
    }
    closedir(folder);
    CU_ASSERT(count >= 20);
}

/* Escapes, an override of direction, half a character, wide ones; names as long as may be. */
static const char HOSTILE[] =
    "title \"\xe2\x80\xae wide \xe6\xbc\xa2\xe5\xad\x97 and e\xcc\x81\"\n"
    "network duplicate 100% delay 1ms\n"
    "client a-very-long-name-of-a-client-31  timeout 5ms tries 2\n"
    "  send toupper \"\\x1b[2J\\x1b]0;owned\\x07 \\xe2\\x80\\xae \\xf0\\x9f\\x98\\x80 "
    "\\xff\\xfe\"\n"
    "  send tolower \"end; #quit %% <script>alert(1)</script>\\n\\r\\t\\x00\"\n"
    "  raw \"\\x1b[31m\\xe6\\xbc\\xa2\\x9b31m\"\n"
    "  raw random 1b..600b\n"
    "  raw \"\"\n"
    "clients 30 as also-a-very-long-name-for-\n"
    "  send 2 echo random 1b..600b\n"
    "at 1ms note \"\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\x98\x80 end; #1 "
    "<b>\"\n"
    "at 2ms for 1ms crash toupper\n"
    "at 2ms for 1ms pause clients\n";

static void widths_hold_whatever_is_sent(void)
{
    chart_expect_widths_hold("hostile", HOSTILE);
}

static void a_hostile_title_and_note_are_shown_as_they_are_but_harmless(void)
{
    struct chart chart;

    chart_init(&chart, HOSTILE, NULL);
    struct chart_text text = chart_draw(&chart, 120, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "\\xe2\\x80\\xae wide \xe6\xbc\xa2"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "note: \xe6\xbc\xa2\xe5\xad\x97"));
    CU_ASSERT_PTR_NULL(strstr(text.bytes, "\xe2\x80\xae"));
    free(text.bytes);
    chart_free(&chart);
}

static void of_a_long_name_both_ends_are_shown(void)
{
    struct chart chart;

    chart_init(&chart, HOSTILE, NULL);
    struct chart_text text = chart_draw(&chart, 120, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, " a-very-..ient-31/1 toupper "));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, " also-a-..-for-30/1 echo "));
    free(text.bytes);
    chart_free(&chart);
}

/* Whether the line of a diagram is one of the few forms that are written. */
static bool mermaid_is_known(const char *line, size_t size)
{
    static const char *const STARTS[] = {"sequenceDiagram", "    title ", "    participant p",
                                         "    Note over p", "    p"};
    bool known = false;

    for (size_t i = 0; i < HARNESS_COUNT(STARTS); i++) {
        known = known || strncmp(line, STARTS[i], strlen(STARTS[i])) == 0;
    }
    for (size_t i = 0; i < size; i++) {
        bool entity = line[i] != '#' || (line[i + 1] >= '0' && line[i + 1] <= '9');
        known = known && entity && (unsigned char)line[i] < 0x80 &&
                strchr("<%\"\\{}[]", line[i]) == NULL;
    }
    return known;
}

static void nothing_hostile_gets_into_a_mermaid_diagram(void)
{
    struct chart chart;

    chart_init(&chart, HOSTILE, NULL);
    struct chart_text text = chart_draw(&chart, 0, true);
    for (const char *line = text.bytes; *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t size = strcspn(line, "\n");
        CU_ASSERT(mermaid_is_known(line, size));
        if (!mermaid_is_known(line, size)) {
            printf("%.*s\n", (int)size, line);
            break;
        }
    }
    free(text.bytes);
    chart_free(&chart);
}

/* ---- parts ------------------------------------------------------------------------------------
 */

static const char LONG_RUN[] = "clients 3\n  send 200 toupper \"x\"\n";

static void a_long_run_is_cut_and_says_how_to_see_the_rest(void)
{
    struct chart chart;

    chart_init(&chart, LONG_RUN, NULL);
    struct chart_text text = chart_draw(&chart, 500, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes,
                                  "These are the first 2000 of 4200 rows, up to 0.000 ms. --only "
                                  "c1 or --only c1/1..3 shows all of a part, --only clients "
                                  "everything.\n"));
    free(text.bytes);
    chart_free(&chart);
}

static void a_part_that_was_asked_for_is_shown_to_its_end(void)
{
    struct chart chart;

    chart_init(&chart, LONG_RUN, "clients");
    struct chart_text text = chart_draw(&chart, 120, true);
    CU_ASSERT_PTR_NULL(strstr(text.bytes, "These are the first"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "c3/200 answered \"X\""));
    free(text.bytes);
    chart_free(&chart);
}

static void who_takes_no_part_has_no_column(void)
{
    struct chart chart;

    chart_init(&chart, LONG_RUN, "c2/1");
    struct chart_text text = chart_draw(&chart, 80, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, " c2 "));
    CU_ASSERT_PTR_NULL(strstr(text.bytes, "c1"));
    CU_ASSERT_PTR_NULL(strstr(text.bytes, "tolower"));
    free(text.bytes);
    chart_free(&chart);
}

static void clients_that_do_not_fit_share_a_column_and_it_says_so(void)
{
    struct chart chart;

    chart_init(&chart, "clients 20\n  send toupper \"x\"\n", NULL);
    struct chart_text text = chart_draw(&chart, 80, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, " c1..c20 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "20 clients share a column: a terminal of 137 "));
    free(text.bytes);
    text = chart_draw(&chart, 136, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "share a column"));
    free(text.bytes);
    text = chart_draw(&chart, 137, true); /* what it says is so */
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, " c1  c2  c3 "));
    CU_ASSERT_PTR_NULL(strstr(text.bytes, "share a column"));
    free(text.bytes);
    chart_free(&chart);
}

static void a_request_that_never_began_did_not_fail_after_a_time(void)
{
    struct chart chart;

    chart_init(&chart, "time-limit 30ms\nnetwork down\nclient c1\n  send 2 toupper \"x\"\n", NULL);
    struct chart_text text = chart_draw(&chart, 120, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "c1/1 failed, cancelled after 30.0 ms"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "c1/2 failed, cancelled before it began"));
    free(text.bytes);
    chart_free(&chart);
}

static void of_clients_that_no_terminal_shows_apart_none_is_promised(void)
{
    struct chart chart;

    chart_init(&chart, "clients 400\n  send toupper \"x\"\n", NULL);
    struct chart_text text = chart_draw(&chart, 80, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "400 clients share a column: --only c1 or"));
    CU_ASSERT_PTR_NULL(strstr(text.bytes, "terminal"));
    free(text.bytes);
    chart_free(&chart);
}

static void where_nothing_happens_the_chart_says_so(void)
{
    struct chart chart;

    chart_init(&chart, "client c1\n  wait 1ms\n", NULL);
    struct chart_text text = chart_draw(&chart, 80, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "nothing happened that could be shown\n"));
    free(text.bytes);
    chart_free(&chart);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_lost_reply),
        HARNESS_TEST(a_lost_reply_as_a_mermaid_diagram),
        HARNESS_TEST(a_lost_request_without_unicode),
        HARNESS_TEST(a_crash_and_a_restart),
        HARNESS_TEST(a_server_that_stands_still),
        HARNESS_TEST(a_partition_one_way),
        HARNESS_TEST(a_partition_of_six_clients),
        HARNESS_TEST(losses_on_every_link),
        HARNESS_TEST(datagrams_that_overtake_each_other),
        HARNESS_TEST(datagrams_that_are_damaged),
        HARNESS_TEST(retries_on_two_layers),
        HARNESS_TEST(what_a_rude_client_sends),
        HARNESS_TEST(eight_clients_in_one_column),
        HARNESS_TEST(widths_hold_for_every_shipped_scenario),
        HARNESS_TEST(widths_hold_whatever_is_sent),
        HARNESS_TEST(a_hostile_title_and_note_are_shown_as_they_are_but_harmless),
        HARNESS_TEST(of_a_long_name_both_ends_are_shown),
        HARNESS_TEST(nothing_hostile_gets_into_a_mermaid_diagram),
        HARNESS_TEST(a_long_run_is_cut_and_says_how_to_see_the_rest),
        HARNESS_TEST(a_part_that_was_asked_for_is_shown_to_its_end),
        HARNESS_TEST(who_takes_no_part_has_no_column),
        HARNESS_TEST(clients_that_do_not_fit_share_a_column_and_it_says_so),
        HARNESS_TEST(a_request_that_never_began_did_not_fail_after_a_time),
        HARNESS_TEST(of_clients_that_no_terminal_shows_apart_none_is_promised),
        HARNESS_TEST(where_nothing_happens_the_chart_says_so),
    };
    return harness_run("world/look_ladder", tests, HARNESS_COUNT(tests));
}
