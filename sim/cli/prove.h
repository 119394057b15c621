/* More than a run: --verify, --explore, --shrink. */
#ifndef CLI_PROVE_H
#define CLI_PROVE_H

#include <stdbool.h>

#include "cli/session.h"
#include "scenario/scenario.h"

/* Whether the options ask for one of them. */
bool prove_is_wanted(const struct options *options);

/* Does it and reports. Returns the exit status. */
int prove_run(struct session *session, const struct scenario *scenario);

#endif
