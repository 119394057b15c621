/* What people and programs read of a sweep, of shards of one that are merged again, and of the rows
 * of --vary. */
#ifndef REPORT_SWEEP_H
#define REPORT_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "report/report.h"
#include "verdict/pool.h"

/* A sweep, as the reports see it. Nothing is owned, but of one that was read back from a file. */
struct report_sweep {
    const char *path;        /* of the scenario */
    const char *title;       /* NULL = none */
    const char *version;     /* of simrun */
    const char *fingerprint; /* of the scenario's bytes and all that changes it, but the seed */
    const char *command;     /* that repeats the sweep; NULL = it was merged from several */
    const char *row;         /* a row of --vary: its values; NULL = it is none */
    uint64_t first;          /* seeds that were asked for: of all shards ... */
    uint64_t last;
    uint32_t shard; /* ... and which shard of how many this is; of 1: the whole */
    uint32_t shard_count;
    uint64_t wanted;     /* seeds of this shard */
    uint64_t elapsed_ns; /* wall clock; 0 = not known */
    uint32_t jobs;
    const struct pool *pool; /* judged */
};

/* The whole report, verdict last, at most 80 columns wide (sweep_text.c). `quiet`: failures only.
 * Returns false if writing failed. */
bool report_sweep_text(FILE *out, const struct report_sweep *sweep,
                       const struct report_style *style, bool quiet);

/* One JSON object in one line, from which the sweep can be read back (sweep_json.c). It depends on
 * nothing but the seeds that were done, except for its `speed`. False if writing failed or memory
 * ran out. */
bool report_sweep_json(FILE *out, const struct report_sweep *sweep);

/* ---- reading one back (sweep_read.c) -----------------------------------------------------------
 */

#define REPORT_SWEEP_ERROR_MAX 512

struct report_sweep_file {
    struct report_sweep sweep;
    struct pool pool;
    void *document; /* owned: what the texts are part of */
};

/* Reads what report_sweep_json wrote, from a whole file. On success fills `file` (free it with
 * report_sweep_close) and returns true; else false, with what is wrong in `error`. */
bool report_sweep_open(struct report_sweep_file *file, FILE *in,
                       char error[REPORT_SWEEP_ERROR_MAX]);
void report_sweep_close(struct report_sweep_file *file);

/* Adds another sweep's seeds to a sweep that was read. False, with why in `error`, if they are of
 * different scenarios or versions, have a seed in common, or memory ran out. */
bool report_sweep_merge(struct report_sweep_file *file, const struct report_sweep_file *other,
                        char error[REPORT_SWEEP_ERROR_MAX]);

/* ---- progress on a terminal (sweep_progress.c) ------------------------------------------------
 */

/* Draws (or redraws in place) one line; report_progress_wipe wipes it. */
void report_sweep_progress_draw(FILE *out, const struct report_style *style, uint64_t elapsed_ns,
                                uint64_t done, uint64_t total, uint64_t failed);

/* ---- --vary (sweep_vary.c) --------------------------------------------------------------------
 */

#define REPORT_VARY_FAILURES_MAX 20 /* that are told in words */

/* A row that did not pass. */
struct report_vary_failure {
    char *label;   /* owned: the row's values */
    char *why;     /* owned: the first thing that failed */
    char *command; /* owned: repeats it */
};

/* A table with a row for each combination, printed as they come. */
struct report_vary {
    FILE *out;
    struct report_style style;
    bool quiet; /* failures only */
    uint64_t rows;
    uint64_t failed;                                               /* rows that did not pass ... */
    struct report_vary_failure failures[REPORT_VARY_FAILURES_MAX]; /* ... the first of them */
    uint32_t failure_count;
    bool bad; /* writing failed, or memory ran out */
};

/* The head: what is varied, in which scenario; each row is a run, or a sweep. */
void report_vary_begin(struct report_vary *vary, const char *path, const char *title,
                       const char *const *texts, uint32_t text_count, bool sweep);

/* The values of one combination, its runs (judged), and the command that repeats them. */
void report_vary_row(struct report_vary *vary, const char *label, const struct pool *pool,
                     const char *command);

/* What failed, and the verdict; frees what rows have left. `status`: of all rows. False if writing
 * failed. */
bool report_vary_end(struct report_vary *vary, int status);

#endif
