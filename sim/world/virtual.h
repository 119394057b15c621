/* The virtual world: no sockets, no threads, no waiting; time jumps from one thing that is due to
 * the next. The same scenario and seed give the same records, byte for byte, everywhere. */
#ifndef WORLD_VIRTUAL_H
#define WORLD_VIRTUAL_H

#include "world/run.h"

/* Runs `scenario` and feeds the verdict while it runs (initialised by the caller, who also finishes
 * it); fills `facts` (initialised). Returns 0, or -1 with `error` filled. */
int virtual_run(const struct scenario *scenario, const struct run_options *options,
                struct verdict *verdict, struct run_facts *facts, char error[RUN_ERROR_MAX]);

#endif
