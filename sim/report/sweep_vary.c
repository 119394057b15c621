#include "report/sweep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "report/out.h"
#include "report/words.h"
#include "verdict/expect_words.h"

#define VARY_WHY_MAX 1024

/* Columns at which the table's values end, and at which the verdict begins. */
enum {
    VARY_LABEL = 14,
    VARY_ANSWERED = 22,
    VARY_ANSWERED_THEORY = 30,
    VARY_TRIES = 36,
    VARY_TRIES_THEORY = 43,
    VARY_EXECUTIONS = 49,
    VARY_EXECUTIONS_THEORY = 56,
    VARY_P50 = 64,
    VARY_P99 = 72,
    VARY_VERDICT = 73
};

/* ---- the head -------------------------------------------------------------------------------- */

static void vary_column_names(struct out *out)
{
    out_paint(out, OUT_DIM);
    out_right_to(out, VARY_ANSWERED, "answered");
    out_right_to(out, VARY_ANSWERED_THEORY, "theory");
    out_right_to(out, VARY_TRIES, "tries");
    out_right_to(out, VARY_TRIES_THEORY, "theory");
    out_right_to(out, VARY_EXECUTIONS, "exec");
    out_right_to(out, VARY_EXECUTIONS_THEORY, "theory");
    out_right_to(out, VARY_P50, "p50");
    out_right_to(out, VARY_P99, "p99");
    out_paint(out, OUT_PLAIN);
    out_line(out);
}

void report_vary_begin(struct report_vary *vary, const char *path, const char *title,
                       const char *const *texts, uint32_t text_count, bool sweep)
{
    struct out out;

    if (vary->quiet) {
        return;
    }
    out_init(&out, vary->out, &vary->style);
    out_paint(&out, OUT_BOLD);
    out_wrap(&out, 0, title != NULL ? title : path);
    out_paint(&out, OUT_PLAIN);
    out_line(&out);
    for (uint32_t i = 0; i < text_count; i++) {
        out_wrap_format(&out, 4, "  %s", texts[i]);
        out_line(&out);
    }
    out_wrap_format(&out, 2, "  tries and executions are per request%s",
                    sweep ? "; p50 and p99 are those of the median seed" : "");
    out_line(&out);
    out_line(&out);
    vary_column_names(&out);
    vary->bad = !out_finish(&out) || vary->bad;
}

/* ---- a row ----------------------------------------------------------------------------------- */

/* A count of each request, or "-". */
static void vary_ratio(struct out *out, unsigned column, double count, double requests)
{
    char text[WORDS_MAX] = "-";

    if (requests > 0) {
        snprintf(text, sizeof text, "%.*f", count / requests < 100 ? 2 : 0, count / requests);
    }
    out_right_to(out, column, text);
}

/* The same as a percentage. */
static void vary_percent(struct out *out, unsigned column, double part, double whole)
{
    char text[WORDS_MAX] = "-";

    if (whole > 0) {
        words_percent(text, (uint64_t)(part / whole * 1e9 + 0.5), 1000000000);
    }
    out_right_to(out, column, text);
}

/* The median over the seeds of one of their latencies. */
static void vary_latency(struct out *out, unsigned column, const struct spread *spread)
{
    char text[WORDS_MAX] = "-";

    if (spread->count > 0) {
        words_span(text, spread_quantile(spread, 50));
    }
    out_right_to(out, column, text);
}

static const char *vary_verdict(const struct pool *pool)
{
    return pool->passed ? "PASS" : pool->status == 4 ? "BROKEN" : "FAIL";
}

static void vary_print_row(struct out *out, const char *label, const struct pool *pool)
{
    const uint64_t *metrics = pool->counts.metrics;
    double requests = (double)metrics[METRIC_REQUESTS];
    const struct pool_theory *theory = &pool->theory;
    double expected = theory->holds && !pool_is_cut_short(pool) ? theory->requests : 0;

    out_text(out, "  ");
    out_wrap(out, 2, label);
    if (out->column > VARY_LABEL) {
        out_line(out);
    }
    vary_percent(out, VARY_ANSWERED, (double)metrics[METRIC_ANSWERED], requests);
    vary_percent(out, VARY_ANSWERED_THEORY, theory->answered, expected);
    vary_ratio(out, VARY_TRIES, (double)metrics[METRIC_TRIES], requests);
    vary_ratio(out, VARY_TRIES_THEORY, theory->tries, expected);
    vary_ratio(out, VARY_EXECUTIONS, (double)metrics[METRIC_EXECUTIONS], requests);
    vary_ratio(out, VARY_EXECUTIONS_THEORY, theory->executions, expected);
    vary_latency(out, VARY_P50, &pool->spreads[POOL_LATENCY_P50]);
    vary_latency(out, VARY_P99, &pool->spreads[POOL_LATENCY_P99]);
    out_pad_to(out, VARY_VERDICT);
    out_painted(out, pool->passed ? OUT_GOOD : OUT_BAD, vary_verdict(pool));
    out_line(out);
}

/* What was found where a `~` did not hold. */
static void vary_explain_about(const struct pool_expectation *pooled, char why[VARY_WHY_MAX])
{
    int size = (int)bytes_utf8_cut(pooled->text, EXPECT_TEXT_MAX);
    char place[SCENARIO_PLACE_MAX];

    (void)scenario_format_place(place, pooled->line);
    if (pool_is_refused(pooled)) {
        snprintf(why, VARY_WHY_MAX, "%s: %.*s (theory does not apply: %s)", place, size,
                 pooled->text, pooled->why);
    } else {
        snprintf(why, VARY_WHY_MAX,
                 "%s: %.*s (%" PRIu64 " of %" PRIu64 ", accepts %" PRIu64 " to %" PRIu64 ")", place,
                 size, pooled->text, pooled->part, pooled->whole, pooled->low, pooled->high);
    }
}

/* The first thing that failed, in words. A run that a signal ended has failed at nothing yet, and
 * what is judged over all seeds is not known of a part. */
static void vary_explain(const struct pool *pool, char why[VARY_WHY_MAX])
{
    why[0] = '\0';
    if (pool->failure_count > 0 && pool->failures[0].why[0] != '\0') {
        snprintf(why, VARY_WHY_MAX, "%s", pool->failures[0].why);
        return;
    }
    if (pool->signal != 0) {
        snprintf(why, VARY_WHY_MAX, "ended by %s", words_signal(pool->signal));
        return;
    }
    for (uint32_t i = 0; i < pool->expectation_count; i++) {
        if (!pool->expectations[i].held) {
            vary_explain_about(&pool->expectations[i], why);
            return;
        }
    }
}

static void vary_remember(struct report_vary *vary, const char *label, const struct pool *pool,
                          const char *command)
{
    struct report_vary_failure *failure = &vary->failures[vary->failure_count];
    bool named = pool->failure_count > 0 && pool->failures[0].command != NULL;
    char why[VARY_WHY_MAX];

    vary->failed++;
    if (vary->failure_count == REPORT_VARY_FAILURES_MAX) {
        return;
    }
    vary_explain(pool, why);
    failure->label = strdup(label);
    failure->why = strdup(why);
    failure->command = strdup(named ? pool->failures[0].command : command);
    vary->failure_count++;
    vary->bad =
        vary->bad || failure->label == NULL || failure->why == NULL || failure->command == NULL;
}

void report_vary_row(struct report_vary *vary, const char *label, const struct pool *pool,
                     const char *command)
{
    struct out out;

    vary->rows++;
    if (!pool->passed) {
        vary_remember(vary, label, pool, command);
    }
    if (!vary->quiet) {
        out_init(&out, vary->out, &vary->style);
        vary_print_row(&out, label, pool);
        vary->bad = !out_finish(&out) || vary->bad;
    }
}

/* ---- the end --------------------------------------------------------------------------------- */

static void vary_print_failures(const struct report_vary *vary, struct out *out)
{
    for (uint32_t i = 0; i < vary->failure_count; i++) {
        const struct report_vary_failure *failure = &vary->failures[i];
        out_text(out, failure->label);
        out_text(out, ": ");
        out_painted(out, OUT_BAD, "FAIL");
        out_wrap_format(out, 2, " %s", failure->why);
        out_line(out);
        out_text(out, "  next: ");
        out_command(out, 8, failure->command);
        out_line(out);
    }
    if (vary->failed > vary->failure_count) {
        out_format(out, "... and %" PRIu64 " more rows failed", vary->failed - vary->failure_count);
        out_line(out);
    }
}

bool report_vary_end(struct report_vary *vary, int status)
{
    struct out out;

    out_init(&out, vary->out, &vary->style);
    if (!vary->quiet) {
        out_line(&out);
    }
    if (!vary->bad) {
        vary_print_failures(vary, &out);
    }
    if (status >= 128) {
        out_format(&out, "ended by %s: this table is partial", words_signal(status - 128));
        out_line(&out);
    }
    if (!vary->quiet) {
        out_painted(&out, status == 0 ? OUT_GOOD : OUT_BAD, status == 0 ? "PASS" : "FAIL");
        out_format(&out, "  %" PRIu64 " of %" PRIu64 " rows passed", vary->rows - vary->failed,
                   vary->rows);
        out_line(&out);
    }
    for (uint32_t i = 0; i < vary->failure_count; i++) {
        free(vary->failures[i].label);
        free(vary->failures[i].why);
        free(vary->failures[i].command);
    }
    vary->failure_count = 0;
    return out_finish(&out) && !vary->bad;
}
