/* What the parts of the real world's main thread share: real.c sets up and tears down, real_watch.c
 * looks on while the nodes' threads run, real_facts.c sums up what they did. */
#ifndef WORLD_REAL_WATCH_H
#define WORLD_REAL_WATCH_H

#include <signal.h>
#include <stdbool.h>

#include "trace/buffer.h"
#include "world/real_node.h"
#include "world/real_place.h"
#include "world/run.h"

struct real_run {
    const struct scenario *scenario;
    const struct run_options *options;
    struct verdict *verdict;
    struct run_facts *facts;
    char *error; /* RUN_ERROR_MAX bytes */
    struct real_shared shared;
    struct real_node *nodes;       /* owned; node_count of them */
    struct sockaddr_in *addresses; /* owned */
    uint32_t *node_of_port;        /* owned; 65536 */
    struct real_place place;
    struct trace_merge live;
    bool live_wanted;
    uint64_t progress_at_ns; /* options->progress is not called before that */
    sigset_t signals_before;
    struct sigaction wake_before;
};

/* Watches the run from the opened gate until all threads have ended: shows what happens, keeps the
 * time limit, takes SIGINT and SIGTERM, waits until links and kernel buffers are drained. Fills how
 * it ended in run->facts. */
void real_watch(struct real_run *run);

/* Sets the phase and wakes every thread to look at it. */
void real_set_phase(struct real_run *run, enum real_phase phase);

/* Waits for every thread that was started. */
void real_join_all(struct real_run *run);

/* Fills the run's facts from its nodes, all of whose threads have ended. */
void real_fill_facts(struct real_run *run);

/* Datagrams that the node's socket had no room for, by the kernel's own count. */
uint64_t real_kernel_drops(const struct real_node *node);

#endif
