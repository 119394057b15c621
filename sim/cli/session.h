/* What a process was asked for, where its output goes and how that looks, and its exit status. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/keep.h"
#include "cli/options.h"
#include "cli/output.h"
#include "report/report.h"
#include "report/sweep.h"

/* Exit status (scenario-language.md); 128 + signal beside these. The worse of two:
 * pool_worse_status. */
enum session_status {
    SESSION_HELD = 0,
    SESSION_FAILED = 1,
    SESSION_USAGE = 2,
    SESSION_MACHINE = 3,
    SESSION_BROKEN = 4
};

#define SESSION_COMMAND_MAX 4096

struct session {
    struct options options;
    struct output outputs[OPTIONS_FILE_COUNT];
    struct keep keep; /* --out */
    FILE *report;     /* standard output, or standard error if that is taken by a `-` */
    struct report_style style;
    struct report_style error_style; /* of standard error: progress */
    bool annotates;                  /* GitHub reads along: failures are marked for it */
};

/* How output to this stream looks. */
struct report_style session_style(const struct options *options, FILE *out);

/* Whether progress is drawn: on a terminal, unless something else is wanted there. */
bool session_shows_progress(const struct session *session);

/* Before many runs in a row: memory that one gives back is kept for the next, in place of asking
 * the system for it again. */
void session_keep_memory(void);

/* The file that one of the outputs goes to; NULL = not wanted. */
static inline FILE *session_file(const struct session *session, enum options_file file)
{
    return session->outputs[file].file;
}

/* Opens the outputs, before anything runs: a bad path costs no run. Returns 0 or the status. */
int session_open(struct session *session);

/* Puts the outputs in place, or with `good` false removes them. Returns 0 or the status. */
int session_close(struct session *session, bool good);

/* Writes what machines read of a finished run, or sweep: JSON and JUnit's XML, if wanted, and
 * GitHub's annotations. Returns 0 or the status. */
int session_write_run(const struct session *session, const struct report_run *run);
int session_write_sweep(const struct session *session, const struct report_sweep *sweep);

/* Says that something could not be written (`path` NULL: to standard output) and why; returns the
 * status. */
int session_write_failed(const char *what, const char *path, int error);

/* The same for one of the outputs. */
int session_file_failed(const struct session *session, enum options_file file, int error);

#endif
