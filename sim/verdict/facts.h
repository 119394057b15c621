/* What a world knows of a run beside its trace: how it ended, where it ran, what the kernel said.
 */
#ifndef VERDICT_FACTS_H
#define VERDICT_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"

enum run_end { RUN_DONE, RUN_TIME_LIMIT, RUN_SIGNAL };

/* Of one node, in the real world; in the virtual one only what its links hold and, where it stood
 * still, what came to it then. */
struct node_facts {
    uint16_t port;
    int cpu;               /* real world; -1: not bound to one */
    uint64_t handed;       /* datagrams the kernel took from this node (sendto succeeded) */
    uint64_t received;     /* datagrams read from its socket */
    uint64_t kernel_drops; /* that its socket's buffer had no room for (SO_MEMINFO) */
    uint64_t in_flight;    /* left in its links at the end */
    uint64_t unread;       /* left in its socket at the end (time limit, signal) */
    uint64_t foreign;      /* from addresses outside the run */
};

struct run_facts {
    enum scenario_world world;
    enum run_end end;
    int signal;           /* RUN_SIGNAL: which */
    uint64_t duration_ns; /* from the start to the last event */
    bool trace_off;
    char placement[160];      /* "1 core (cpu 0) for all 11 threads"; "" in the virtual world */
    struct node_facts *nodes; /* owned; one for each node */
    uint32_t node_count;
    uint32_t descriptors_before; /* open descriptors and threads of the process, for promise 16 */
    uint32_t descriptors_after;
    uint32_t threads_before;
    uint32_t threads_after;
    uint64_t missing_records; /* trace records lost for want of memory */
    uint64_t lateness_p50_ns; /* real: handed to the kernel minus due, of delayed datagrams */
    uint64_t lateness_p99_ns;
    uint64_t lateness_max_ns;
    uint64_t lateness_count;
};

#endif
