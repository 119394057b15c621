/* Many runs of one scenario: sweeps over seeds, and --vary. */
#ifndef CLI_SEARCH_H
#define CLI_SEARCH_H

#include <stdbool.h>

#include "cli/session.h"
#include "cli/source.h"
#include "report/sweep.h"
#include "scenario/scenario.h"
#include "verdict/pool.h"

/* Whether all runs of the source would be right, before any begins. `scenario` is what the source
 * says without --vary, for the first seed. Returns 0, or the exit status after saying why not. */
int search_check(const struct session *session, const struct source *source,
                 const struct scenario *scenario);

/* Runs them all and reports. Returns the exit status. */
int search_run(struct session *session, const struct source *source,
               const struct scenario *scenario);

/* ---- between the parts of the search --------------------------------------------------------- */

/* A sweep that is done: what its reports need. */
struct search_sweep {
    struct pool pool; /* owned */
    struct report_sweep report;
    char fingerprint[17];
    char command[SESSION_COMMAND_MAX];
};

/* Runs the sweep that `options` ask for (the session's, or those of a row of --vary). Returns 0 and
 * what is to be freed with search_free_sweep, or the exit status after saying why. */
int search_sweep(const struct session *session, const struct options *options,
                 const struct source *source, const char *title, struct search_sweep *sweep);
void search_free_sweep(struct search_sweep *sweep);

/* Writes what is wanted of a sweep that `options` asked for, and keeps those of its runs that are
 * worth it. Returns 0 or the exit status. */
int search_write_sweep(struct session *session, const struct options *options,
                       const struct source *source, const struct report_sweep *sweep);

/* Whether the scenario may be run as the options ask for: only the virtual world is swept. Says why
 * not. */
bool search_check_world(const struct options *options, const struct scenario *scenario);

/* Says what the machine said no to; returns the exit status. */
int search_complain(const char *path, const char *error);

#endif
