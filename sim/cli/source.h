/* Scenarios by name: their bytes, read once, and what they say. */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include <stddef.h>

#include "cli/options.h"
#include "scenario/scenario.h"

struct source {
    const char *path; /* as given, not owned; "-" = standard input; of --random: "random" */
    char *bytes;      /* owned */
    size_t size;
};

/* Reads the scenario called `path`; NULL: writes the random one of the seed that is asked for.
 * Returns 0, or the exit status after saying why. */
int source_read(struct source *source, const struct options *options, const char *path);
void source_free(struct source *source);

/* Parses a source as the command line changes it, with `overrides` in place of its own; messages go
 * to standard error. Returns 0, or the exit status. */
int source_parse(const struct source *source, const struct options *options,
                 const struct scenario_overrides *overrides, struct scenario *scenario);

#endif
