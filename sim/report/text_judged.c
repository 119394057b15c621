#include "report/text_parts.h"

#include <stdio.h>

#include "base/bytes.h"
#include "report/failure.h"
#include "verdict/expect_words.h"

#define JUDGED_INDENT 8 /* of what belongs to a PASS or FAIL line */

/* ---- promises -------------------------------------------------------------------------------- */

static void text_promise_broken(struct text_page *page, enum promise promise)
{
    struct out *out = &page->out;
    const char *name = promise_name(promise);

    out_text(out, "  ");
    out_painted(out, OUT_BAD, "BROKEN");
    out_format(out, " %s", name);
    if (promise_is_lesson(page->run->scenario, promise)) {
        out_text(out, " (as expected here)");
    }
    out_line(out);
    out_pad_to(out, JUDGED_INDENT);
    out_wrap(out, JUDGED_INDENT, page->run->verdict->promises[promise].detail);
    out_line(out);
    out_pad_to(out, JUDGED_INDENT);
    out_paint(out, OUT_DIM);
    out_wrap_format(out, JUDGED_INDENT, "promised: %s", promise_meaning(promise));
    out_paint(out, OUT_PLAIN);
    out_line(out);
}

void text_promises(struct text_page *page)
{
    const struct promise_result *promises = page->run->verdict->promises;
    struct out *out = &page->out;
    unsigned counts[3] = {0};
    char text[64];

    for (unsigned i = 0; i < PROMISE_COUNT; i++) {
        counts[promises[i].verdict]++;
    }
    out_heading(out, "Promises");
    snprintf(text, sizeof text, "  %u kept", counts[PROMISE_KEPT]);
    out_text(out, text);
    if (counts[PROMISE_BROKEN] > 0) {
        out_format(out, ", %u broken", counts[PROMISE_BROKEN]);
    }
    if (counts[PROMISE_NOT_JUDGED] > 0) {
        out_format(out, ", %u not judged", counts[PROMISE_NOT_JUDGED]);
    }
    out_line(out);
    for (unsigned i = 0; i < PROMISE_COUNT; i++) {
        if (promises[i].verdict == PROMISE_BROKEN) {
            text_promise_broken(page, (enum promise)i);
        } else if (promises[i].verdict == PROMISE_NOT_JUDGED) {
            out_format(out, "  not judged: %s: ", promise_name((enum promise)i));
            out_wrap(out, JUDGED_INDENT, promises[i].detail);
            out_line(out);
        }
    }
}

/* ---- expectations ---------------------------------------------------------------------------- */

static void text_expectation(struct text_page *page, const struct expectation *expectation,
                             const struct expectation_result *result)
{
    struct out *out = &page->out;

    out_text(out, "  ");
    out_painted(out, result->held ? OUT_GOOD : OUT_BAD, result->held ? "PASS" : "FAIL");
    out_text(out, "  ");
    if (expectation->label != NULL) {
        out_wrap(out, JUDGED_INDENT, expectation->label);
        out_line(out);
        out_pad_to(out, JUDGED_INDENT);
    }
    out_wrap_format(out, JUDGED_INDENT, "%.*s, measured %s",
                    (int)bytes_utf8_cut(expectation->text, EXPECT_TEXT_MAX), expectation->text,
                    result->shown);
    out_line(out);
    if (result->why[0] != '\0') {
        out_pad_to(out, JUDGED_INDENT);
        out_paint(out, OUT_DIM);
        out_wrap(out, JUDGED_INDENT, result->why);
        out_paint(out, OUT_PLAIN);
        out_line(out);
    }
}

void text_expectations(struct text_page *page)
{
    const struct scenario *scenario = page->run->scenario;

    if (scenario->expectation_count == 0) {
        return;
    }
    out_heading(&page->out, "Expectations");
    out_line(&page->out);
    for (uint32_t i = 0; i < scenario->expectation_count; i++) {
        text_expectation(page, &scenario->expectations[i], &page->run->verdict->expectations[i]);
    }
}

/* ---- failures, in the form of compilers ------------------------------------------------------ */

/* "loss10.txt:9: FAIL", the place whole even where it is longer than a line. */
static void text_failure_begin(struct text_page *page, uint32_t line, const char *word)
{
    struct out *out = &page->out;

    out_text(out, page->run->scenario->path);
    if (line > 0) {
        out_format(out, ":%u", line);
    }
    out_text(out, ": ");
    out_painted(out, OUT_BAD, word);
}

/* The line's end: what failed. */
static void text_failure_finish(struct text_page *page, const struct sentence *sentence)
{
    out_wrap_format(&page->out, 2, " %s", sentence->text);
    out_line(&page->out);
}

/* The command that shows what failed: the story of a request, or all that happened. */
static void text_next(struct text_page *page)
{
    const struct report_run *run = page->run;
    struct verdict_culprit culprit = failure_culprit(run);
    char command[4096 + CLIENT_NAME_MAX + 24];

    if (culprit.n > 0) {
        snprintf(command, sizeof command, "%s --why %s/%u", run->command,
                 run->scenario->nodes[culprit.client].name, culprit.n);
    } else {
        snprintf(command, sizeof command, "%s -v", run->command);
    }
    out_text(&page->out, "next: ");
    out_command(&page->out, 6, command);
    out_line(&page->out);
}

void text_failures(struct text_page *page)
{
    const struct report_run *run = page->run;
    const struct verdict *verdict = run->verdict;
    struct sentence sentence;

    for (uint32_t i = 0; i < run->scenario->expectation_count; i++) {
        const struct expectation *expectation = &run->scenario->expectations[i];
        if (!verdict->expectations[i].held) {
            failure_of_expectation(&sentence, expectation, &verdict->expectations[i]);
            text_failure_begin(page, expectation->line, "FAIL");
            text_failure_finish(page, &sentence);
        }
    }
    for (unsigned i = 0; i < PROMISE_COUNT; i++) {
        if (verdict->promises[i].verdict == PROMISE_BROKEN &&
            !promise_is_lesson(run->scenario, (enum promise)i)) {
            failure_of_promise(&sentence, verdict, (enum promise)i);
            text_failure_begin(page, 0, "BROKEN");
            text_failure_finish(page, &sentence);
        }
    }
    if (failure_of_end(&sentence, run)) {
        text_failure_begin(page, 0, "FAIL");
        text_failure_finish(page, &sentence);
    }
    if (run->status != 0 && !run->facts->trace_off) {
        text_next(page);
    }
}
