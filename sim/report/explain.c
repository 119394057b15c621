#include "report/report.h"

#include <inttypes.h>
#include <string.h>

#include "report/explain_parts.h"
#include "report/words.h"

/* The file's first comment: its paragraphs, whose lines are joined. */
static void explain_description(struct explain *explain)
{
    const char *at = explain->scenario->description;
    bool begun = false;

    while (*at != '\0') {
        size_t size = strcspn(at, "\n");
        bool empty = strspn(at, " \t\r") >= size;
        if (empty && begun) {
            out_line(&explain->out);
            begun = false;
        }
        if (empty) {
            out_line(&explain->out);
        } else {
            out_wrap_format(&explain->out, 2, begun ? " %.*s" : "  %.*s", (int)size, at);
            begun = true;
        }
        at += size + (at[size] == '\n');
    }
    if (begun) {
        out_line(&explain->out);
    }
}

static void explain_run(struct explain *explain)
{
    const struct scenario *scenario = explain->scenario;
    struct out *out = &explain->out;
    char limit[WORDS_MAX];

    scenario_format_duration(limit, sizeof limit, scenario->time_limit_ns);
    out_heading(out, "The run");
    out_line(out);
    out_wrap_format(out, 2,
                    "  %" PRIu64 " request%s by %u client%s; seed %" PRIu64 "; world %s; "
                    "time-limit %s.",
                    scenario->request_count, scenario->request_count == 1 ? "" : "s",
                    scenario->client_count, scenario->client_count == 1 ? "" : "s", scenario->seed,
                    scenario->world == WORLD_REAL ? "real (loopback sockets, wall clock)"
                                                  : "virtual (simulated time)",
                    limit);
    out_line(out);
}

uint32_t report_explain(FILE *file, const struct scenario *scenario,
                        const struct report_style *style)
{
    struct explain explain = {.scenario = scenario};
    struct out *out = &explain.out;

    out_init(out, file, style);
    out_paint(out, OUT_BOLD);
    out_wrap(out, 0, scenario->title != NULL ? scenario->title : scenario->path);
    out_paint(out, OUT_PLAIN);
    out_line(out);
    explain_description(&explain);
    explain_run(&explain);
    explain_nodes(&explain);
    explain_network(&explain);
    explain_expectations(&explain);
    (void)out_finish(out);
    return explain.warnings;
}
