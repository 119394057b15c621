#include "report/sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "report/out.h"
#include "report/sweep_parts.h"
#include "report/words.h"
#include "verdict/expect_words.h"

#define SWEEP_NAME_COLUMNS   13 /* of the names at the left */
#define SWEEP_NUMBER_END     25 /* column at which counts end */
#define SWEEP_INDENT         8  /* of what belongs to a PASS or FAIL line */
#define SWEEP_FAILURES_MAX   20 /* seeds that are told in words; --json has them all */
#define SWEEP_SPREAD_FIRST   30 /* column at which the first of the spread's numbers ends ... */
#define SWEEP_SPREAD_COLUMNS 12 /* ... and from there to the next */

struct sweep_page {
    struct out out;
    const struct report_sweep *sweep;
    const struct pool *pool;
};

/* A name at the left; its value follows. */
static void sweep_name(struct sweep_page *page, const char *name)
{
    out_paint(&page->out, OUT_DIM);
    out_format(&page->out, "  %s", name);
    out_paint(&page->out, OUT_PLAIN);
    out_pad_to(&page->out, SWEEP_NAME_COLUMNS);
}

/* ---- what was done --------------------------------------------------------------------------- */

static void sweep_header(struct sweep_page *page)
{
    const struct report_sweep *sweep = page->sweep;
    struct out *out = &page->out;

    out_paint(out, OUT_BOLD);
    out_wrap(out, 0, sweep->title != NULL ? sweep->title : sweep->path);
    out_paint(out, OUT_PLAIN);
    out_line(out);
    for (unsigned i = 0; i < OUT_WIDTH; i++) {
        out_text(out, out->style.unicode ? "─" : "-");
    }
    out_line(out);
    sweep_name(page, "scenario");
    out_cut(out, OUT_WIDTH - SWEEP_NAME_COLUMNS, sweep->path, true);
    out_line(out);
    sweep_name(page, "seeds");
    out_format(out, "%" PRIu64 "..%" PRIu64, sweep->first, sweep->last);
    if (sweep->command == NULL) {
        out_text(out, ", merged from shards");
    } else if (sweep->shard_count > 1) {
        out_format(out, ", shard %u of %u", sweep->shard, sweep->shard_count);
    }
    out_line(out);
    sweep_name(page, "world");
    out_text(out, "virtual: no sockets, simulated time");
    out_line(out);
}

static void sweep_done(struct sweep_page *page)
{
    const struct report_sweep *sweep = page->sweep;
    struct out *out = &page->out;
    double elapsed_s = (double)sweep->elapsed_ns / (double)NS_PER_S;
    char text[WORDS_MAX];

    sweep_name(page, "done");
    out_format(out, "%" PRIu64 " of %" PRIu64 " seeds", page->pool->done, sweep->wanted);
    if (sweep->elapsed_ns > 0) {
        words_span(text, sweep->elapsed_ns);
        out_format(out, " in %s: %.*f a second, %u job%s", text,
                   (double)page->pool->done < 10 * elapsed_s ? 1 : 0,
                   (double)page->pool->done / elapsed_s, sweep->jobs, sweep->jobs == 1 ? "" : "s");
    }
    out_line(out);
    words_span(text, page->pool->counts.duration_ns);
    sweep_name(page, "simulated");
    out_format(out, "%s together", text);
    out_line(out);
}

/* ---- sums ------------------------------------------------------------------------------------ */

/* A sum and what there is to say of it. */
static void sweep_sum(struct sweep_page *page, const char *name, uint64_t count, const char *remark)
{
    char text[WORDS_MAX];

    sweep_name(page, name);
    words_count(text, count);
    out_right_to(&page->out, SWEEP_NUMBER_END, text);
    if (remark[0] != '\0') {
        out_wrap_format(&page->out, SWEEP_NUMBER_END + 3, "   %s", remark);
    }
    out_line(&page->out);
}

/* "1.506 per request"; "" where there were none. */
static void sweep_per_request(char text[WORDS_MAX + 16], const struct pool *pool, uint64_t count)
{
    uint64_t requests = pool->counts.metrics[METRIC_REQUESTS];
    char ratio[WORDS_MAX];

    text[0] = '\0';
    if (requests > 0) {
        words_ratio(ratio, (double)count / (double)requests);
        snprintf(text, WORDS_MAX + 16, "%s per request", ratio);
    }
}

/* A link loses of the datagrams and of the copies that it made. */
static void sweep_datagrams(struct sweep_page *page, const uint64_t *metrics)
{
    uint64_t copies = metrics[METRIC_DUPLICATED];
    char percent[WORDS_MAX];
    char count[WORDS_MAX];
    char remark[2 * WORDS_MAX + 32];

    words_percent(percent, metrics[METRIC_LOST], metrics[METRIC_SENT] + copies);
    words_count(count, copies);
    if (copies == 0) {
        snprintf(remark, sizeof remark, "%s of them lost", percent);
    } else {
        snprintf(remark, sizeof remark, "and %s cop%s, %s of both lost", count,
                 copies == 1 ? "y" : "ies", percent);
    }
    sweep_sum(page, "datagrams", metrics[METRIC_SENT], remark);
}

static void sweep_sums(struct sweep_page *page)
{
    const uint64_t *metrics = page->pool->counts.metrics;
    char percent[WORDS_MAX];
    char remark[WORDS_MAX + 16];

    out_heading(&page->out, "Requests");
    out_painted(&page->out, OUT_DIM, " over all seeds");
    out_line(&page->out);
    sweep_sum(page, "requests", metrics[METRIC_REQUESTS], "");
    words_percent(percent, metrics[METRIC_ANSWERED], metrics[METRIC_REQUESTS]);
    sweep_sum(page, "answered", metrics[METRIC_ANSWERED], percent);
    sweep_sum(page, "failed", metrics[METRIC_FAILED], "");
    if (metrics[METRIC_WRONG] > 0) {
        sweep_sum(page, "wrong", metrics[METRIC_WRONG], "answered, but not with the right text");
    }
    sweep_per_request(remark, page->pool, metrics[METRIC_TRIES]);
    sweep_sum(page, "tries", metrics[METRIC_TRIES], remark);
    sweep_per_request(remark, page->pool, metrics[METRIC_EXECUTIONS]);
    sweep_sum(page, "executions", metrics[METRIC_EXECUTIONS], remark);
    sweep_datagrams(page, metrics);
}

/* ---- spreads --------------------------------------------------------------------------------- */

static void sweep_show_value(char text[WORDS_MAX], enum pool_value value, uint64_t number)
{
    switch (value) {
    case POOL_ANSWERED:
        words_percent(text, number, POOL_RATIO_ONE);
        break;
    case POOL_TRIES:
        words_ratio(text, (double)number / (double)POOL_RATIO_ONE);
        break;
    case POOL_LATENCY_P50:
    case POOL_LATENCY_P99:
        words_span(text, number);
        break;
    case POOL_VALUE_COUNT:
        break;
    }
}

static void sweep_spreads(struct sweep_page *page)
{
    static const struct {
        const char *name;
        unsigned percent;
    } columns[] = {{"least", 0}, {"p10", 10}, {"median", 50}, {"p90", 90}, {"most", 100}};
    static const char *const names[POOL_VALUE_COUNT] = {
        [POOL_ANSWERED] = "answered",
        [POOL_TRIES] = "tries / request",
        [POOL_LATENCY_P50] = "latency p50",
        [POOL_LATENCY_P99] = "latency p99",
    };
    struct out *out = &page->out;
    size_t count = sizeof columns / sizeof columns[0];
    char text[WORDS_MAX];

    out_heading(out, "Seed by seed");
    for (unsigned i = 0; i < count; i++) {
        out_right_to(out, SWEEP_SPREAD_FIRST + i * SWEEP_SPREAD_COLUMNS, columns[i].name);
    }
    out_line(out);
    for (unsigned value = 0; value < POOL_VALUE_COUNT; value++) {
        const struct spread *spread = &page->pool->spreads[value];
        sweep_name(page, names[value]);
        for (unsigned i = 0; i < count && spread->count > 0; i++) {
            sweep_show_value(text, (enum pool_value)value,
                             spread_quantile(spread, columns[i].percent));
            out_right_to(out, SWEEP_SPREAD_FIRST + i * SWEEP_SPREAD_COLUMNS, text);
        }
        if (spread->count == 0) {
            out_right_to(out, SWEEP_SPREAD_FIRST, "none");
        }
        out_line(out);
    }
}

/* ---- expectations ---------------------------------------------------------------------------- */

void sweep_finding(const struct pool *pool, const struct pool_expectation *pooled,
                   char text[SWEEP_FINDING_MAX])
{
    char ratio[WORDS_MAX];

    if (pool_is_refused(pooled)) {
        snprintf(text, SWEEP_FINDING_MAX, "theory does not apply: %s", pooled->why);
        return;
    }
    switch (pooled->law) {
    case POOL_EACH_SEED:
        snprintf(text, SWEEP_FINDING_MAX, "held in %" PRIu64 " of %" PRIu64 " seeds",
                 pool->ran - pooled->failed, pool->ran);
        return;
    case POOL_REFUSED:
    case POOL_BINOMIAL:
        words_percent(ratio, pooled->part, pooled->whole);
        break;
    case POOL_SUM:
        words_ratio(ratio, pooled->whole == 0 ? 0 : (double)pooled->part / (double)pooled->whole);
        break;
    }
    snprintf(text, SWEEP_FINDING_MAX,
             "measured %" PRIu64 " of %" PRIu64 " (%s%s) over all seeds, accepts %" PRIu64
             " to %" PRIu64,
             pooled->part, pooled->whole, ratio, pooled->law == POOL_SUM ? " each" : "",
             pooled->low, pooled->high);
}

static void sweep_expectations(struct sweep_page *page)
{
    const struct pool *pool = page->pool;
    struct out *out = &page->out;
    char finding[SWEEP_FINDING_MAX];

    if (pool->expectation_count == 0 || pool->ran == 0) {
        return;
    }
    out_heading(out, "Expectations");
    out_line(out);
    for (uint32_t i = 0; i < pool->expectation_count; i++) {
        const struct pool_expectation *pooled = &pool->expectations[i];
        out_text(out, "  ");
        out_painted(out, pooled->held ? OUT_GOOD : OUT_BAD, pooled->held ? "PASS" : "FAIL");
        out_text(out, "  ");
        if (pooled->label != NULL) {
            out_wrap(out, SWEEP_INDENT, pooled->label);
            out_line(out);
            out_pad_to(out, SWEEP_INDENT);
        }
        sweep_finding(pool, pooled, finding);
        out_wrap_format(out, SWEEP_INDENT, "%.*s, %s",
                        (int)bytes_utf8_cut(pooled->text, EXPECT_TEXT_MAX), pooled->text, finding);
        out_line(out);
    }
}

/* ---- what failed ----------------------------------------------------------------------------- */

static void sweep_seed_failures(struct sweep_page *page)
{
    const struct pool *pool = page->pool;
    struct out *out = &page->out;

    for (uint64_t i = 0; i < pool->failure_count && i < SWEEP_FAILURES_MAX; i++) {
        const struct pool_failure *failure = &pool->failures[i];
        out_format(out, "seed %" PRIu64 ": ", failure->seed);
        out_painted(out, OUT_BAD, failure->status == 4 ? "BROKEN" : "FAIL");
        out_wrap_format(out, 2, " %s", failure->why);
        out_line(out);
        if (failure->command != NULL) {
            out_text(out, "  next: ");
            out_command(out, 8, failure->command);
            out_line(out);
        }
    }
    if (pool->failure_count > SWEEP_FAILURES_MAX) {
        out_format(out, "... and %" PRIu64 " more seeds failed: --json lists them all",
                   pool->failure_count - SWEEP_FAILURES_MAX);
        out_line(out);
    }
}

/* What the sweep as a whole failed at: `~`, and being whole. */
static void sweep_pooled_failures(struct sweep_page *page)
{
    const struct pool *pool = page->pool;
    struct out *out = &page->out;
    char finding[SWEEP_FINDING_MAX];

    for (uint32_t i = 0; i < pool->expectation_count; i++) {
        const struct pool_expectation *pooled = &pool->expectations[i];
        if (pooled->held || pooled->law == POOL_EACH_SEED) {
            continue;
        }
        sweep_finding(pool, pooled, finding);
        out_text(out, page->sweep->path);
        if (pooled->line > 0) {
            out_format(out, ":%u", pooled->line);
        }
        out_text(out, ": ");
        out_painted(out, OUT_BAD, "FAIL");
        out_wrap_format(out, 2, " %.*s (%s)", (int)bytes_utf8_cut(pooled->text, EXPECT_TEXT_MAX),
                        pooled->text, finding);
        out_line(out);
    }
    if (pool->stopped) {
        out_format(out,
                   "stopped after %" PRIu64 " failure%s, at seed %" PRIu64 "; "
                   "--max-failures N goes on",
                   pool->failure_count, pool->failure_count == 1 ? "" : "s",
                   pool->failures[pool->failure_count - 1].seed);
        out_line(out);
    }
    if (pool->signal != 0) {
        out_format(out, "ended by %s: this report is partial", words_signal(pool->signal));
        out_line(out);
    }
}

static void sweep_verdict(struct sweep_page *page)
{
    const struct pool *pool = page->pool;
    struct out *out = &page->out;
    uint32_t held = 0;

    for (uint32_t i = 0; i < pool->expectation_count; i++) {
        held += pool->expectations[i].held;
    }
    out_painted(out, pool->passed ? OUT_GOOD : OUT_BAD, pool->passed ? "PASS" : "FAIL");
    out_format(out, "  %" PRIu64 " of %" PRIu64 " seeds failed", pool->failure_count, pool->done);
    if (pool->expectation_count > 0) {
        out_format(out, ", %u of %u expectation%s held", held, pool->expectation_count,
                   pool->expectation_count == 1 ? "" : "s");
    } else {
        out_text(out, ", no expectations: promises alone were judged");
    }
    out_line(out);
}

bool report_sweep_text(FILE *file, const struct report_sweep *sweep,
                       const struct report_style *style, bool quiet)
{
    struct sweep_page page = {.sweep = sweep, .pool = sweep->pool};

    out_init(&page.out, file, style);
    if (!quiet) {
        sweep_header(&page);
        sweep_done(&page);
        sweep_sums(&page);
        sweep_spreads(&page);
        sweep_expectations(&page);
        out_line(&page.out);
    }
    sweep_seed_failures(&page);
    sweep_pooled_failures(&page);
    if (!quiet) {
        if (sweep->command != NULL) {
            out_text(&page.out, "repeat: ");
            out_command(&page.out, 8, sweep->command);
            out_line(&page.out);
        }
        sweep_verdict(&page);
    }
    return out_finish(&page.out);
}
