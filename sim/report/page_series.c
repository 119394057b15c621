#include "report/page_parts.h"

#include <inttypes.h>
#include <stdlib.h>

#define SERIES_POINTS 400 /* at most */

/* A number that goes up and down in the course of a run: the most that it was in each step. */
struct series {
    uint64_t step_ns;
    uint32_t point_count;
    uint32_t at;    /* the point that the latest change lies in */
    uint64_t level; /* now */
    uint64_t most[SERIES_POINTS];
};

static void series_init(struct series *series, uint64_t duration_ns)
{
    *series = (struct series){.step_ns = duration_ns / SERIES_POINTS + 1};
    series->point_count = (uint32_t)(duration_ns / series->step_ns) + 1;
}

/* The number becomes `level` at t_ns: not before the change before it. */
static void series_set(struct series *series, uint64_t t_ns, uint64_t level)
{
    uint64_t point = t_ns / series->step_ns;

    while (series->at < point && series->at + 1 < series->point_count) {
        series->at++;
        series->most[series->at] = series->level;
    }
    series->level = level;
    if (level > series->most[series->at]) {
        series->most[series->at] = level;
    }
}

static void series_add(struct series *series, uint64_t t_ns, bool up)
{
    series_set(series, t_ns, up ? series->level + 1 : series->level > 0 ? series->level - 1 : 0);
}

/* What is left at the end stays until then. */
static void series_put(struct page *page, struct series *series)
{
    series_set(series, UINT64_MAX, series->level);
    fputs("[", page->out);
    for (uint32_t i = 0; i < series->point_count; i++) {
        fprintf(page->out, "%s%" PRIu64, i > 0 ? "," : "", series->most[i]);
    }
    fputs("]", page->out);
}

/* ---- requests, and the broker's table -------------------------------------------------------- */

/* Requests that have begun and not ended. */
static void series_put_requests(struct page *page, struct series *series)
{
    const struct trace_log *log = page->look->log;

    for (uint64_t i = 0; i < log->record_count; i++) {
        const struct trace_record *record = &log->records[i];
        if (record->event == TRACE_BEGIN) {
            series_add(series, record->t_ns, true);
        } else if (record->event == TRACE_ANSWERED || record->event == TRACE_FAILED) {
            series_add(series, record->t_ns, false);
        }
    }
    series_put(page, series);
}

/* Requests that the broker knows of and has no answer to; a crash forgets them. */
static void series_put_broker(struct page *page, struct series *series)
{
    const struct trace_log *log = page->look->log;

    for (uint64_t i = 0; i < log->record_count; i++) {
        const struct trace_record *record = &log->records[i];
        if (record->event == TRACE_ENTRY_OPENED || record->event == TRACE_ENTRY_CLOSED) {
            series_add(series, record->t_ns, record->event == TRACE_ENTRY_OPENED);
        } else if (record->event == TRACE_CRASH && record->node == NODE_BROKER) {
            series_set(series, record->t_ns, 0);
        }
    }
    series_put(page, series);
}

/* ---- servers --------------------------------------------------------------------------------- */

/* The stay of a request in a server's queue. */
struct series_wait {
    uint64_t from_ns;
    uint64_t to_ns;
    uint32_t node;
};

/* All stays that ended with an execution, in order of their ends. NULL: no memory. */
static struct series_wait *series_collect(const struct trace_log *log, uint64_t *count)
{
    uint64_t capacity = 0;

    for (uint64_t i = 0; i < log->record_count; i++) {
        capacity += log->records[i].event == TRACE_EXECUTE && log->records[i].value_ns > 0;
    }
    struct series_wait *waits = malloc((capacity + 1) * sizeof *waits);
    *count = 0;
    for (uint64_t i = 0; waits != NULL && i < log->record_count; i++) {
        const struct trace_record *record = &log->records[i];
        if (record->event == TRACE_EXECUTE && record->value_ns > 0) {
            waits[(*count)++] = (struct series_wait){
                .from_ns = record->t_ns - record->value_ns, .to_ns = record->t_ns, record->node};
        }
    }
    return waits;
}

static int series_compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* Requests that wait for a worker of the server. */
static void series_put_server(struct page *page, struct series *series, uint32_t node,
                              const struct series_wait *waits, uint64_t wait_count)
{
    uint64_t *begins = malloc((wait_count + 1) * sizeof *begins);
    uint64_t count = 0;
    uint64_t begun = 0;

    if (begins == NULL) {
        page->failed = true;
        return;
    }
    for (uint64_t i = 0; i < wait_count; i++) {
        if (waits[i].node == node) {
            begins[count++] = waits[i].from_ns;
        }
    }
    qsort(begins, count, sizeof *begins, series_compare);
    for (uint64_t i = 0; i < wait_count; i++) {
        if (waits[i].node != node) {
            continue;
        }
        while (begun < count && begins[begun] < waits[i].to_ns) {
            series_add(series, begins[begun++], true);
        }
        series_add(series, waits[i].to_ns, false);
    }
    series_put(page, series);
    free(begins);
}

void page_series(struct page *page)
{
    const struct report_run *run = page->look->run;
    uint64_t duration_ns = run->facts->duration_ns;
    uint64_t wait_count = 0;
    struct series_wait *waits = series_collect(page->look->log, &wait_count);
    struct series series;

    series_init(&series, duration_ns);
    fprintf(page->out, ",\"series\":{\"step_ns\":%" PRIu64 ",\"in_flight\":", series.step_ns);
    series_put_requests(page, &series);
    fputs(",\"queue\":{\"broker\":", page->out);
    series_init(&series, duration_ns);
    series_put_broker(page, &series);
    for (uint32_t i = 0; waits != NULL && i < run->scenario->server_count; i++) {
        uint32_t node = run->scenario->servers[i].node;
        fputs(",", page->out);
        page_put_words(page, run->scenario->nodes[node].name);
        fputs(":", page->out);
        series_init(&series, duration_ns);
        series_put_server(page, &series, node, waits, wait_count);
    }
    fputs("}}", page->out);
    page->failed = page->failed || waits == NULL;
    free(waits);
}
