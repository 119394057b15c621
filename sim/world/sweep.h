/* A sweep: many seeds of one scenario in the virtual world, on all processors.
 *
 * Seeds are handed out in order, run by any worker, and added to the result in order again, so that
 * the result depends neither on the number of workers nor on which was faster: it is that of the
 * seeds one after another, up to the last or to the one whose failure was one too many. */
#ifndef WORLD_SWEEP_H
#define WORLD_SWEEP_H

#include <stddef.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "verdict/pool.h"
#include "world/run.h"

#define SWEEP_JOBS_MAX     256
#define SWEEP_FAILURES_MAX 100000 /* that can be asked for */

struct sweep_progress {
    uint64_t elapsed_ns;
    uint64_t done;  /* seeds */
    uint64_t total; /* seeds */
    uint64_t failed;
};

struct sweep_config {
    const char *path;  /* of the scenario, for messages */
    const char *bytes; /* the scenario; NULL: each seed has a random one of its own (swarm.h) */
    size_t size;
    struct scenario_overrides overrides; /* with the seed's in place of its own */
    uint64_t first;                      /* seed */
    uint64_t last;                       /* seed, itself included */
    uint32_t shard;                      /* from 1: those with (seed - first) % shard_count ... */
    uint32_t shard_count;                /* ... == shard - 1 */
    uint32_t jobs;                       /* worker threads; 0 = sweep_jobs_default() */
    uint64_t max_failures;               /* at least 1: the sweep ends when so many have failed */
    /* Called about 20 times a second, by the thread that called sweep_run; NULL = not wanted. */
    void (*progress)(void *context, const struct sweep_progress *progress);
    void *progress_context;
};

/* How a sweep went, beside its result. */
struct sweep_effort {
    uint64_t elapsed_ns;
    uint32_t jobs;
};

/* As many as this process may use processors, at most SWEEP_JOBS_MAX. */
uint32_t sweep_jobs_default(void);

/* How many seeds the shard has. */
uint64_t sweep_seed_count(const struct sweep_config *config);

/* Runs the sweep. On success fills `pool`, judged (free it with pool_free), and returns 0. If the
 * machine said no, or the scenario is not right or not for the virtual world, returns -1 with the
 * reason in `error`, and nothing is to be freed. SIGINT and SIGTERM end it early: the pool then
 * holds every seed before the first that was not finished, and no other; a second one ends the
 * process. */
int sweep_run(const struct sweep_config *config, struct pool *pool, struct sweep_effort *effort,
              char error[RUN_ERROR_MAX]);

#endif
