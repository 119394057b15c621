/* More than a run: --verify, --explore, --shrink. */
#ifndef CLI_PROVE_H
#define CLI_PROVE_H

#include "cli/session.h"
#include "scenario/scenario.h"

/* Does it and reports. Returns the exit status. */
int prove_run(struct session *session, const struct scenario *scenario);

#endif
