/* --vary: a run, or a sweep, for each combination of values, and a table of them. */
#ifndef CLI_SEARCH_VARY_H
#define CLI_SEARCH_VARY_H

#include "cli/session.h"
#include "cli/source.h"

/* Whether every combination is right. Returns 0, or the exit status after saying why not. */
int search_check_vary(const struct session *session, const struct source *source);

/* Runs them all, a row each. Returns the exit status. */
int search_run_vary(struct session *session, const struct source *source, const char *title);

#endif
