/* What people and programs read of a run. Every payload byte that goes out is escaped. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "scenario/scenario.h"
#include "trace/record.h"
#include "verdict/facts.h"
#include "verdict/verdict.h"

/* A finished run, as the reports see it. Nothing is owned. */
struct report_run {
    const struct scenario *scenario;
    const struct verdict *verdict;
    const struct run_facts *facts;
    const char *command; /* repeats the run, quoted for a shell: "simrun loss10.txt --seed 10" */
    const char *row;     /* a row of --vary: its values; NULL = it is none */
    int status;          /* of this run */
};

/* ---- colours --------------------------------------------------------------------------------- */

/* Escape sequences, or empty strings where colour is off. Words carry the meaning, colour never
 * alone. */
struct report_style {
    bool colour;
    bool unicode; /* the output takes UTF-8: lines, crosses and blocks instead of ASCII */
};

/* ---- the terminal (text.c) ------------------------------------------------------------------- */

/* The whole report, verdict last, at most 80 columns wide. `quiet`: failures only, nothing for a
 * run that passed. Returns false if writing failed. */
bool report_text(FILE *out, const struct report_run *run, const struct report_style *style,
                 bool quiet);

/* ---- machines (json.c, events.c) ------------------------------------------------------------- */

/* One JSON object in one line (scenario-language.md, What machines read). False if writing failed
 * or memory ran out. */
bool report_json(FILE *out, const struct report_run *run);

/* Writes events as JSON Lines, one record after another in order of time (scenario-language.md,
 * What machines read). `take` is a trace_sink's; the caller flushes.
 *
 * A datagram that is sent and lost, or held back, is two lines: `send` (or `duplicated`), then
 * `lost` with its reason or `delayed` with its due_ns. `text` of a `send` is the whole datagram. An
 * error reply that a client takes is `rejected` with the reason "code 429" (and `code` 429): it
 * counts in replies.CODE, not in rejected. A timed rule is `fault` at the node "network", reason
 * "begins" or "ends". What the broker notes of its own table is not written. */
struct report_events {
    FILE *out; /* not owned */
    const struct scenario *scenario;
    bool failed; /* a write failed: nothing more is written */
    int error;   /* its errno */
};
void report_events_take(void *events, const struct trace_record *record, const uint8_t *bytes);

/* ---- -v: events as they happen (live.c) ------------------------------------------------------ */

/* One aligned line for each event worth seeing, for people: time, node, what, datagram, request. */
struct report_live {
    FILE *out; /* not owned */
    const struct scenario *scenario;
    struct report_style style;
    uint32_t name_width; /* of the widest node's name; 0 = work it out at the first record */
};
void report_live_take(void *live, const struct trace_record *record, const uint8_t *bytes);

/* ---- progress on a terminal (progress.c) ----------------------------------------------------- */

struct report_progress {
    uint64_t elapsed_ns;
    uint64_t settled; /* requests ended */
    uint64_t total;   /* requests in the scripts */
};
/* Draws (or redraws in place) one line on `out`, or wipes it. */
void report_progress_draw(FILE *out, const struct report_style *style,
                          const struct report_progress *progress);
void report_progress_wipe(FILE *out);

/* ---- --check (explain.c) --------------------------------------------------------------------- */

/* The scenario and its defaults in plain words: nodes, links and their faults, the clients'
 * schedules, what each expectation means, what each `~` accepts, and a warning where an expectation
 * will fail by chance, with the probability. Returns the number of warnings. */
uint32_t report_explain(FILE *out, const struct scenario *scenario,
                        const struct report_style *style);

/* ---- help (help.c) --------------------------------------------------------------------------- */

/* The text of --help (topic NULL) or --help=TOPIC; false if there is no such topic, then the
 * topics are listed. */
bool report_help(FILE *out, const char *topic);

#endif
