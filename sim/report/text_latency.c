#include "report/text_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "report/words.h"

#define LATENCY_ROWS_MAX 16 /* of the histogram */

/* Columns of a row: the span, the bar, the count, the tries that are sent in it. */
enum {
    LATENCY_FROM = 10,
    LATENCY_TO = 22,
    LATENCY_BAR = 24,
    LATENCY_COUNT = 66,
    LATENCY_MARK = 68
};
#define LATENCY_BAR_COLUMNS 32
#define LATENCY_VALUE       11 /* columns of a percentile */

struct text_latency_row {
    uint64_t from_ns;
    uint64_t to_ns;
    uint64_t count;
};

/* ---- which rows ------------------------------------------------------------------------------ */

/* Edges that grow: `tenths` times every power of ten, from 10 ns on. */
struct text_latency_scale {
    uint32_t per_decade;
    uint64_t tenths[6];
};

static uint64_t text_latency_edge_ns(const struct text_latency_scale *scale, uint32_t i)
{
    uint64_t edge_ns = scale->tenths[i % scale->per_decade];

    for (uint32_t decade = 0; decade < i / scale->per_decade; decade++) {
        edge_ns = edge_ns < TIME_NEVER / 10 ? edge_ns * 10 : TIME_NEVER;
    }
    return edge_ns;
}

/* The least 1, 2 or 5 times a power of ten that is not below `span_ns`. */
static uint64_t text_latency_nice_ns(uint64_t span_ns)
{
    static const struct text_latency_scale nice = {3, {1, 2, 5}};
    uint32_t i = 0;

    while (text_latency_edge_ns(&nice, i) < span_ns) {
        i++;
    }
    return text_latency_edge_ns(&nice, i);
}

/* The shortest timeout of any client that tries more than once; TIME_NEVER = none does. */
static uint64_t text_latency_timeout_ns(const struct scenario *scenario)
{
    uint64_t timeout_ns = TIME_NEVER;

    for (uint32_t i = 0; i < scenario->group_count; i++) {
        const struct retry_policy *policy = &scenario->groups[i].policy;
        if (policy->tries > 1) {
            timeout_ns = time_min(timeout_ns, policy->timeout_ns);
        }
    }
    return timeout_ns;
}

static uint32_t text_latency_growing_rows(uint64_t min_ns, uint64_t max_ns,
                                          struct text_latency_row rows[LATENCY_ROWS_MAX])
{
    static const struct text_latency_scale scales[] = {
        {6, {10, 15, 20, 30, 50, 70}}, {3, {10, 20, 50}}, {1, {10}}};
    uint32_t first = 0;
    uint32_t last = 0;
    size_t s;

    for (s = 0; s < sizeof scales / sizeof scales[0]; s++) {
        for (first = 0; text_latency_edge_ns(&scales[s], first + 1) <= min_ns; first++) {
        }
        for (last = first + 1; text_latency_edge_ns(&scales[s], last) <= max_ns; last++) {
        }
        if (last - first <= LATENCY_ROWS_MAX) {
            break;
        }
    }
    for (uint32_t i = first; i < last; i++) {
        rows[i - first] =
            (struct text_latency_row){.from_ns = i == 0 ? 0 : text_latency_edge_ns(&scales[s], i),
                                      .to_ns = text_latency_edge_ns(&scales[s], i + 1)};
    }
    return last - first;
}

/* Rows of equal width where that keeps the tries apart (a row no wider than the shortest timeout),
 * else rows that grow. */
static uint32_t text_latency_rows(const struct text_page *page,
                                  struct text_latency_row rows[LATENCY_ROWS_MAX])
{
    const struct latency *latency = page->run->verdict->tally.latency;
    uint64_t min_ns = latency_min_ns(latency);
    uint64_t max_ns = latency_max_ns(latency);
    uint64_t width_ns = (max_ns - min_ns) / (LATENCY_ROWS_MAX - 2) + 1;
    uint32_t count = 0;

    /* Three digits of a label must tell rows apart. */
    width_ns = text_latency_nice_ns(width_ns > max_ns / 100 ? width_ns : max_ns / 100);
    if (width_ns > text_latency_timeout_ns(page->run->scenario)) {
        count = text_latency_growing_rows(min_ns, max_ns, rows);
    } else {
        uint64_t from_ns = min_ns / width_ns * width_ns;
        for (; from_ns <= max_ns && count < LATENCY_ROWS_MAX; from_ns += width_ns) {
            rows[count++] =
                (struct text_latency_row){.from_ns = from_ns, .to_ns = from_ns + width_ns};
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        rows[i].count = latency_count_between(latency, rows[i].from_ns, rows[i].to_ns);
    }
    return count;
}

/* ---- what is printed ------------------------------------------------------------------------- */

/* The one policy of all clients, if its waits are the same each time; NULL otherwise. */
static const struct retry_policy *text_latency_policy(const struct scenario *scenario)
{
    const struct retry_policy *policy =
        scenario->group_count > 0 ? &scenario->groups[0].policy : NULL;

    for (uint32_t i = 0; i < scenario->group_count; i++) {
        const struct retry_policy *other = &scenario->groups[i].policy;
        if (other->jitter != JITTER_NONE || other->timeout_ns != policy->timeout_ns ||
            other->tries != policy->tries || other->cap_ns != policy->cap_ns ||
            other->backoff != policy->backoff || other->factor_milli != policy->factor_milli) {
            return NULL;
        }
    }
    return policy;
}

/* "try 2": which later tries are sent in the row's span of time. */
static void text_latency_mark(struct text_page *page, const struct text_latency_row *row)
{
    const struct retry_policy *policy = text_latency_policy(page->run->scenario);
    uint64_t sent_ns = 0;
    unsigned first = 0;
    unsigned last = 0;

    for (unsigned try = 2; policy != NULL && try <= policy->tries; try++) {
        sent_ns = time_add(sent_ns, retry_wait_ns(policy, try - 1, 0, 0));
        if (sent_ns >= row->from_ns && sent_ns < row->to_ns) {
            first = first == 0 ?
            try : first
                ;
            last = try;
        }
    }
    if (first == 0) {
        return;
    }
    out_pad_to(&page->out, LATENCY_MARK);
    out_paint(&page->out, OUT_DIM);
    if (first == last) {
        out_format(&page->out, "try %u", first);
    } else {
        out_format(&page->out, "tries %u-%u", first, last);
    }
    out_paint(&page->out, OUT_PLAIN);
}

static void text_latency_histogram(struct text_page *page)
{
    struct text_latency_row rows[LATENCY_ROWS_MAX];
    struct out *out = &page->out;
    uint32_t count = text_latency_rows(page, rows);
    uint64_t most = 1;
    char text[WORDS_MAX];

    for (uint32_t i = 0; i < count; i++) {
        most = rows[i].count > most ? rows[i].count : most;
    }
    for (uint32_t i = 0; i < count; i++) {
        double share = (double)rows[i].count / (double)most;
        unsigned eighths = (unsigned)(share * LATENCY_BAR_COLUMNS * 8);
        scenario_format_duration(text, sizeof text, rows[i].from_ns);
        out_right_to(out, LATENCY_FROM, text);
        out_text(out, " .. ");
        scenario_format_duration(text, sizeof text, rows[i].to_ns);
        out_pad_to(out, LATENCY_TO - out_columns(out, text));
        out_text(out, text);
        if (rows[i].count > 0) {
            out_pad_to(out, LATENCY_BAR);
            out_bar(out, eighths > 0 ? eighths : 1);
            words_count(text, rows[i].count);
            out_right_to(out, LATENCY_COUNT, text);
        }
        text_latency_mark(page, &rows[i]);
        out_line(out);
    }
}

/* Two lines: names, and the values under them. */
static void text_latency_values(struct text_page *page)
{
    static const char *const names[] = {"min", "mean", "p50", "p90", "p99", "max"};
    const struct latency *latency = page->run->verdict->tally.latency;
    const uint64_t values_ns[] = {latency_min_ns(latency),
                                  latency_mean_ns(latency),
                                  latency_quantile_ns(latency, 0.5),
                                  latency_quantile_ns(latency, 0.9),
                                  latency_quantile_ns(latency, 0.99),
                                  latency_max_ns(latency)};
    struct out *out = &page->out;
    char text[WORDS_MAX];

    out_paint(out, OUT_DIM);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        out_right_to(out, LATENCY_VALUE * (i + 1), names[i]);
    }
    out_paint(out, OUT_PLAIN);
    out_line(out);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        words_span(text, values_ns[i]);
        out_right_to(out, LATENCY_VALUE * (i + 1), text);
    }
    out_line(out);
}

void text_latency(struct text_page *page)
{
    struct out *out = &page->out;

    out_heading(out, "Latency");
    if (latency_count(page->run->verdict->tally.latency) == 0) {
        out_text(out, "  nothing was answered");
        out_line(out);
        return;
    }
    out_paint(out, OUT_DIM);
    out_text(out, " of answered requests");
    out_paint(out, OUT_PLAIN);
    out_line(out);
    text_latency_values(page);
    text_latency_histogram(page);
}
