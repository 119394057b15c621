#include "report/text_parts.h"

#include <inttypes.h>
#include <stdio.h>

#include "report/words.h"

#define TRIES_ROWS_MAX 10 /* of the histogram; the last one takes the rest */

/* Columns of a row. */
enum { TRIES_NAME = 12, TRIES_COUNT = 22, TRIES_SHARE = 31, TRIES_THEORY = 41, TRIES_BAR = 44 };
#define TRIES_BAR_COLUMNS 34

/* P(a request takes more than k tries). */
static double text_tries_chance_above(const struct theory *theory, unsigned k)
{
    double sum = 0;

    for (unsigned i = 1; i <= k; i++) {
        sum += totals_chance_of_tries(theory, i);
    }
    return sum < 1 ? 1 - sum : 0;
}

static void text_tries_row(struct text_page *page, const char *name, uint64_t count, uint64_t whole,
                           double chance)
{
    struct out *out = &page->out;
    char text[WORDS_MAX];

    out_right_to(out, TRIES_NAME, name);
    words_count(text, count);
    out_right_to(out, TRIES_COUNT, text);
    words_percent(text, count, whole);
    out_right_to(out, TRIES_SHARE, text);
    if (chance >= 0) {
        snprintf(text, sizeof text, chance > 0 && chance < 0.0005 ? "<0.1%%" : "%.1f%%",
                 100 * chance);
        out_right_to(out, TRIES_THEORY, text);
    }
    if (count > 0) {
        unsigned eighths = (unsigned)((double)count / (double)whole * TRIES_BAR_COLUMNS * 8);
        out_pad_to(out, TRIES_BAR);
        out_bar(out, eighths > 0 ? eighths : 1);
    }
    out_line(out);
}

/* One row for each number of tries, beside its chance where theory gives one. */
static void text_tries_histogram(struct text_page *page, const struct theory *theory)
{
    const uint64_t *histogram = page->run->verdict->tries_histogram;
    uint64_t whole = 0;
    uint64_t rest = 0;
    unsigned most = 0;
    char name[WORDS_MAX];

    for (unsigned k = 1; k <= WIRE_TRY_MAX; k++) {
        whole += histogram[k];
        most = histogram[k] > 0 ? k : most;
    }
    for (unsigned k = 1; k <= most && k <= TRIES_ROWS_MAX; k++) {
        snprintf(name, sizeof name, k == 1 ? "%u try" : "%u tries", k);
        text_tries_row(page, name, histogram[k], whole,
                       theory == NULL ? -1 : totals_chance_of_tries(theory, k));
    }
    for (unsigned k = TRIES_ROWS_MAX + 1; k <= WIRE_TRY_MAX; k++) {
        rest += histogram[k];
    }
    if (most > TRIES_ROWS_MAX) {
        text_tries_row(page, "more", rest, whole,
                       theory == NULL ? -1 : text_tries_chance_above(theory, TRIES_ROWS_MAX));
    }
}

/* "  tries per request   1.530   1.524" */
static void text_tries_mean(struct text_page *page, const char *name, double measured,
                            double theory)
{
    char text[WORDS_MAX];

    out_format(&page->out, "  %s", name);
    words_ratio(text, measured);
    out_right_to(&page->out, TRIES_SHARE, text);
    words_ratio(text, theory);
    out_right_to(&page->out, TRIES_THEORY, text);
    out_line(&page->out);
}

static void text_tries_means(struct text_page *page)
{
    const struct totals *totals = &page->totals;
    const struct theory_total *theory = &page->run->verdict->theory;
    double requests = totals->requests > 0 ? (double)totals->requests : 1;
    char text[WORDS_MAX];

    out_text(&page->out, "  answered");
    words_percent(text, totals->answered, totals->requests);
    out_right_to(&page->out, TRIES_SHARE, text);
    double answered = 100 * theory->answered_mean / requests;
    snprintf(text, sizeof text, answered > 99.99 && answered < 100 ? ">99.99%%" : "%.2f%%",
             answered);
    out_right_to(&page->out, TRIES_THEORY, text);
    out_line(&page->out);
    text_tries_mean(page, "tries per request", (double)totals->tries / requests,
                    theory->tries_mean / requests);
    text_tries_mean(page, "datagrams per request", (double)totals->links.sent / requests,
                    theory->datagrams_mean / requests);
    text_tries_mean(page, "executions per request", (double)totals->executions / requests,
                    theory->executions_mean / requests);
}

void text_tries(struct text_page *page)
{
    const struct verdict *verdict = page->run->verdict;
    bool theory = verdict->theory_holds;
    struct out *out = &page->out;

    if (page->totals.requests == 0) {
        return;
    }
    out_heading(out, "Tries");
    if (theory) {
        out_paint(out, OUT_DIM);
        out_right_to(out, TRIES_SHARE, "measured");
        out_right_to(out, TRIES_THEORY, "theory");
        out_paint(out, OUT_PLAIN);
    }
    out_line(out);
    text_tries_histogram(page, theory && verdict->theory.uniform ? &verdict->theory.each : NULL);
    if (theory) {
        text_tries_means(page);
    } else {
        out_text(out, "  no theory here: ");
        out_wrap(out, 4, verdict->theory_why);
        out_line(out);
    }
}
