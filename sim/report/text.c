#include "report/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/text_parts.h"
#include "report/words.h"

#define TEXT_NAME_COLUMNS 13 /* of the names at the left */
#define TEXT_NUMBER_END   22 /* column at which counts end */

/* ---- who, what, where ------------------------------------------------------------------------ */

/* A name at the left; its value follows. */
static void text_name(struct text_page *page, const char *name)
{
    out_paint(&page->out, OUT_DIM);
    out_format(&page->out, "  %s", name);
    out_paint(&page->out, OUT_PLAIN);
    out_pad_to(&page->out, TEXT_NAME_COLUMNS);
}

static void text_rule(struct out *out)
{
    for (unsigned i = 0; i < OUT_WIDTH; i++) {
        out_text(out, out->style.unicode ? "─" : "-");
    }
    out_line(out);
}

static void text_header(struct text_page *page)
{
    const struct scenario *scenario = page->run->scenario;
    const struct run_facts *facts = page->run->facts;
    bool real = facts->world == WORLD_REAL;
    char text[WORDS_MAX];

    out_paint(&page->out, OUT_BOLD);
    out_wrap(&page->out, 0, scenario->title != NULL ? scenario->title : scenario->path);
    out_paint(&page->out, OUT_PLAIN);
    out_line(&page->out);
    text_rule(&page->out);
    text_name(page, "scenario");
    out_cut(&page->out, OUT_WIDTH - TEXT_NAME_COLUMNS, scenario->path, true);
    out_line(&page->out);
    text_name(page, "seed");
    out_format(&page->out, "%" PRIu64, scenario->seed);
    out_line(&page->out);
    text_name(page, "world");
    out_text(&page->out,
             real ? "real: loopback sockets, wall clock" : "virtual: no sockets, simulated time");
    out_line(&page->out);
    if (facts->placement[0] != '\0') {
        text_name(page, "placement");
        out_wrap(&page->out, TEXT_NAME_COLUMNS, facts->placement);
        out_line(&page->out);
    }
    text_name(page, "duration");
    words_span(text, facts->duration_ns);
    out_text(&page->out, text);
    out_line(&page->out);
}

/* ---- the requests ---------------------------------------------------------------------------- */

/* A count and what there is to say of it. */
static void text_count(struct text_page *page, const char *name, uint64_t count, const char *remark)
{
    char text[WORDS_MAX];

    text_name(page, name);
    words_count(text, count);
    out_right_to(&page->out, TEXT_NUMBER_END, text);
    if (remark != NULL && remark[0] != '\0') {
        out_wrap_format(&page->out, TEXT_NUMBER_END + 3, "   %s", remark);
    }
    out_line(&page->out);
}

/* Appends "N NAME", with a comma if it is not the first. Returns the new length. */
static size_t text_add_item(char *text, size_t capacity, size_t used, uint64_t count,
                            const char *name)
{
    int wrote = snprintf(text + used, capacity - used, "%s%" PRIu64 " %s", used > 0 ? ", " : "",
                         count, name);
    return wrote > 0 && (size_t)wrote < capacity - used ? used + (size_t)wrote : used;
}

static void text_failed(struct text_page *page)
{
    const struct totals *totals = &page->totals;
    char remark[512] = "";
    char code[16];
    size_t used = 0;

    if (totals->timed_out > 0) {
        used = text_add_item(remark, sizeof remark, used, totals->timed_out, "timed-out");
    }
    if (totals->cancelled > 0) {
        used = text_add_item(remark, sizeof remark, used, totals->cancelled, "cancelled");
    }
    for (uint32_t i = 0; i < TALLY_CODES; i++) {
        if (totals->errors[i] > 0) {
            snprintf(code, sizeof code, tally_code(i) == 0 ? "error" : "error %u", tally_code(i));
            used = text_add_item(remark, sizeof remark, used, totals->errors[i], code);
        }
    }
    text_count(page, "failed", totals->failed, remark);
}

static void text_executions(struct text_page *page)
{
    uint64_t duplicates = page->run->verdict->duplicate_executions;
    char remark[128] = "";

    if (duplicates > 0) {
        snprintf(remark, sizeof remark, "%" PRIu64 " of them of a request executed before",
                 duplicates);
    }
    text_count(page, "executions", page->totals.executions, remark);
}

static void text_rejected(struct text_page *page)
{
    char remark[512] = "";
    size_t used = 0;

    for (uint32_t reason = 1; reason < REJECT_REASON_COUNT; reason++) {
        if (page->totals.rejected[reason] > 0) {
            used = text_add_item(remark, sizeof remark, used, page->totals.rejected[reason],
                                 reject_reason_name((enum reject_reason)reason));
        }
    }
    if (page->totals.rejected_total > 0) {
        text_count(page, "rejected", page->totals.rejected_total, remark);
    }
}

/* How close timers and replies came to each other, in the real world: what a slower machine may
 * decide otherwise. */
static void text_margin(struct text_page *page)
{
    const struct verdict *verdict = page->run->verdict;
    char span[WORDS_MAX];

    if (page->run->scenario->world == WORLD_REAL && verdict->margin_min_ns != UINT64_MAX) {
        words_span(span, verdict->margin_min_ns);
        text_name(page, "margin");
        out_right_to(&page->out, TEXT_NUMBER_END, span);
        out_text(&page->out, "   from a timer to the reply that raced it, at the least");
        out_line(&page->out);
    }
    if (verdict->undecided > 0) {
        text_count(page, "undecided", verdict->undecided,
                   "warning: a slower machine could change how they end, since a timer and a reply "
                   "raced within 10 ms or the kernel dropped something; leave them out when you "
                   "compare runs");
    }
}

static void text_requests(struct text_page *page)
{
    const struct totals *totals = &page->totals;
    const struct verdict *verdict = page->run->verdict;
    char remark[160];
    char number[WORDS_MAX];

    out_heading(&page->out, "Requests");
    out_line(&page->out);
    text_count(page, "requests", totals->requests,
               totals->requests == 0 ? "nobody asks anything: is there a client, and a `send`?"
                                     : NULL);
    words_percent(number, totals->answered, totals->requests);
    text_count(page, "answered", totals->answered, number);
    text_failed(page);
    if (verdict->wrong > 0) {
        text_count(page, "wrong", verdict->wrong, "answered, but not with the right text");
    }
    words_ratio(number,
                totals->requests == 0 ? 0 : (double)totals->tries / (double)totals->requests);
    snprintf(remark, sizeof remark, "%s per request, %" PRIu64 " of them %s", number,
             totals->retries, totals->retries == 1 ? "a retry" : "retries");
    text_count(page, "tries", totals->tries, remark);
    text_executions(page);
    if (totals->broker_retries > 0) {
        snprintf(remark, sizeof remark, "of the broker's %" PRIu64 " sends to servers %s",
                 totals->broker_tries, totals->broker_retries == 1 ? "is a retry" : "are retries");
        text_count(page, "broker", totals->broker_retries, remark);
    }
    text_rejected(page);
    text_margin(page);
}

/* ---- the network beside the links ------------------------------------------------------------ */

static void text_kernel_drops(struct text_page *page)
{
    const struct scenario *scenario = page->run->scenario;
    const struct run_facts *facts = page->run->facts;
    char remark[400] = "sockets whose buffers were full, apart from the shim's: ";
    size_t used = strlen(remark);
    size_t first = used;

    if (page->totals.kernel_drops == 0) {
        return;
    }
    for (uint32_t i = 0; i < scenario->node_count && used < sizeof remark - 60; i++) {
        if (facts->nodes[i].kernel_drops > 0) {
            int wrote = snprintf(remark + used, sizeof remark - used, "%s%s %" PRIu64,
                                 used > first ? ", " : "", scenario->nodes[i].name,
                                 facts->nodes[i].kernel_drops);
            used += wrote > 0 ? (size_t)wrote : 0;
        }
    }
    text_count(page, "kernel drops", page->totals.kernel_drops, remark);
}

static void text_network(struct text_page *page)
{
    const struct run_facts *facts = page->run->facts;
    char text[3][WORDS_MAX];
    char sentence[200];

    text_kernel_drops(page);
    if (page->totals.in_flight > 0) {
        text_count(page, "in flight", page->totals.in_flight, "still on the way at the end");
    }
    if (facts->missing_records > 0) {
        text_count(page, "not traced", facts->missing_records,
                   "events lost for want of memory: counts are too low");
    }
    if (facts->lateness_count > 0) {
        words_span(text[0], facts->lateness_p50_ns);
        words_span(text[1], facts->lateness_p99_ns);
        words_span(text[2], facts->lateness_max_ns);
        out_wrap_format(&page->out, 4, "  Delayed datagrams left late by p50 %s, p99 %s, max %s",
                        text[0], text[1], text[2]);
        out_line(&page->out);
    }
    for (uint32_t i = 0; totals_exception(page->run->scenario, facts, i, sentence); i++) {
        if (i == 5) {
            out_text(&page->out, "  ... and more of the kind");
            out_line(&page->out);
            break;
        }
        out_wrap_format(&page->out, 4, "  %s: %s",
                        facts->world == WORLD_REAL ? "A repetition can differ"
                                                   : "A change elsewhere can show here",
                        sentence);
        out_line(&page->out);
    }
}

/* ---- the end --------------------------------------------------------------------------------- */

static void text_verdict(struct text_page *page)
{
    const struct report_run *run = page->run;
    const struct verdict *verdict = run->verdict;
    struct out *out = &page->out;
    uint32_t held = 0;
    uint32_t count = run->scenario->expectation_count;
    unsigned kept = 0;
    unsigned judged = 0;

    for (uint32_t i = 0; i < count; i++) {
        held += verdict->expectations[i].held;
    }
    for (unsigned i = 0; i < PROMISE_COUNT; i++) {
        kept += verdict->promises[i].verdict == PROMISE_KEPT;
        judged += verdict->promises[i].verdict != PROMISE_NOT_JUDGED;
    }
    out_painted(out, run->status == 0 ? OUT_GOOD : OUT_BAD, run->status == 0 ? "PASS" : "FAIL");
    if (count == 0) {
        out_text(out, "  no expectations");
    } else {
        out_format(out, "  %u of %u expectation%s held", held, count, count == 1 ? "" : "s");
    }
    out_format(out, ", %u of %u promises kept", kept, judged);
    out_line(out);
}

bool report_text(FILE *file, const struct report_run *run, const struct report_style *style,
                 bool quiet)
{
    struct text_page page = {.run = run};

    out_init(&page.out, file, style);
    totals_of_run(&page.totals, run->verdict, run->facts);
    if (quiet) {
        text_failures(&page);
        return out_finish(&page.out);
    }
    text_header(&page);
    text_requests(&page);
    text_links(&page);
    text_network(&page);
    text_latency(&page);
    text_tries(&page);
    text_promises(&page);
    text_expectations(&page);
    out_line(&page.out);
    text_failures(&page);
    out_text(&page.out, "repeat: ");
    out_command(&page.out, 8, run->command);
    out_line(&page.out);
    text_verdict(&page);
    return out_finish(&page.out);
}
