/* One run of a scenario, in the world it names, judged. */
#ifndef WORLD_RUN_H
#define WORLD_RUN_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "trace/record.h"
#include "verdict/facts.h"
#include "verdict/verdict.h"

#define RUN_ERROR_MAX 512

struct run_options {
    bool trace_off;  /* count only: no records are kept or judged */
    bool spin;       /* real world: sleep until just before a datagram is due, then spin */
    bool cpus_given; /* --cpus: place the threads on these */
    cpu_set_t cpus;
    bool keep_requests;       /* the verdict lists every request */
    bool pooled;              /* one of many seeds: `~` is counted, not judged */
    struct trace_sink live;   /* -v: records as they happen; take NULL = not wanted */
    struct trace_sink events; /* --events: all records in order; take NULL = not wanted */
    /* Called about 20 times a second with what is done so far; NULL = not wanted. */
    void (*progress)(void *context, uint64_t elapsed_ns, uint64_t settled, uint64_t total);
    void *progress_context;
};

/* Runs the scenario. On success fills `verdict` and `facts` (free them with verdict_free and
 * run_facts_free) and returns 0: how the run ended is in there. If the machine said no, returns -1,
 * with what it said and the remedy in `error`; then nothing was sent and nothing is to be freed.
 * SIGINT and SIGTERM end a run early, with all that was seen so far; a second one ends the process.
 */
int run_scenario(const struct scenario *scenario, const struct run_options *options,
                 struct verdict *verdict, struct run_facts *facts, char error[RUN_ERROR_MAX]);

/* Facts with `node_count` zeroed nodes. Returns 0 or -ENOMEM. */
int run_facts_init(struct run_facts *facts, const struct scenario *scenario);
void run_facts_free(struct run_facts *facts);

#endif
