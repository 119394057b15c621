/* The real world: a pthread for each node, UDP sockets on 127.0.0.1, the wall clock. */
#ifndef WORLD_REAL_H
#define WORLD_REAL_H

#include "world/run.h"

/* Runs `scenario` and feeds the verdict (initialised by the caller, who also finishes it); fills
 * `facts` (initialised). Returns 0, or -1 with `error` filled. */
int real_run(const struct scenario *scenario, const struct run_options *options,
             struct verdict *verdict, struct run_facts *facts, char error[RUN_ERROR_MAX]);

#endif
