/* One run, shown: as it happens, and afterwards. */
#ifndef CLI_PLAY_H
#define CLI_PLAY_H

#include "cli/session.h"
#include "scenario/scenario.h"

/* Whether the scenario can be shown as the options ask (--only, --why, --pace), before anything
 * runs. Returns 0, or the exit status after saying why not. */
int play_check(const struct session *session, const struct scenario *scenario);

/* Runs the scenario and writes all that is wanted of it. Returns the exit status. */
int play_run(struct session *session, const struct scenario *scenario);

#endif
