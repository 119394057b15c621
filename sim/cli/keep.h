/* --out DIR: a folder for each run that is worth keeping, with all there is to see of it, ready to
 * be an artefact of CI; and DIR/summary.txt, which lists them. */
#ifndef CLI_KEEP_H
#define CLI_KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/options.h"
#include "cli/output.h"
#include "cli/source.h"
#include "report/look.h"
#include "report/sweep.h"

#define KEEP_RUNS_MAX 1000 /* that are kept of one sweep */

struct keep {
    const char *folder;    /* DIR, not owned; NULL = nothing is kept */
    bool all;              /* runs that passed are kept, too */
    char *path;            /* owned: of the summary */
    struct output summary; /* DIR/summary.txt */
    char **names;          /* owned: of the folders made, without DIR */
    uint32_t name_count;
    uint64_t seen; /* runs, kept or not */
};

/* Makes the folder (and those it lies in) and begins its summary; `folder` NULL is allowed. Returns
 * 0, or the exit status after saying why not: then there is nothing to close. */
int keep_open(struct keep *keep, const char *folder, bool all);

/* Ends the summary, with `good` false without it. Returns 0 or the status. */
int keep_close(struct keep *keep, bool good);

static inline bool keep_is_wanted(const struct keep *keep)
{
    return keep->folder != NULL;
}

/* A finished run: keeps it if it failed, or if all are kept, in DIR/SCENARIO-seed-N: page.html,
 * capture.pcapng, events.jsonl, run.json and story.txt. Returns 0 or the status. */
int keep_run(struct keep *keep, const struct report_look *look);

/* A finished sweep (keep_sweep.c): runs those of its seeds again that are to be kept, at most
 * KEEP_RUNS_MAX. Returns 0 or the status. */
int keep_sweep(struct keep *keep, const struct options *options, const struct source *source,
               const struct report_sweep *sweep);

#endif
