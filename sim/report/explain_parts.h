/* The parts of --check, in the order in which they appear. */
#ifndef REPORT_EXPLAIN_PARTS_H
#define REPORT_EXPLAIN_PARTS_H

#include "report/out.h"
#include "report/report.h"
#include "verdict/theory.h"

#define EXPLAIN_INDENT 6 /* of what belongs to a line */

struct explain {
    struct out out;
    const struct scenario *scenario;
    uint32_t warnings; /* so far */
};

/* Who runs: broker, servers, clients with their scripts (explain_nodes.c). */
void explain_nodes(struct explain *explain);

/* A retry schedule in instants: "sends at 0, 60, 180 ms, gives up at 300 ms"; two lines where it is
 * drawn. `deadline_ns`: TIME_NEVER = none (explain_schedule.c). */
void explain_schedule(struct explain *explain, const struct retry_policy *policy,
                      uint64_t deadline_ns);

/* The links' faults from the start, then what changes when (explain_network.c). */
void explain_network(struct explain *explain);

/* What each expectation says, what it accepts, how likely it fails by chance (explain_expect.c). */
void explain_expectations(struct explain *explain);

#endif
