/* The parts of --check, in the order in which they appear. */
#ifndef REPORT_EXPLAIN_PARTS_H
#define REPORT_EXPLAIN_PARTS_H

#include "report/out.h"
#include "report/report.h"
#include "report/sentence.h"
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

/* A link's faults but for the exact ones, as items of a list (explain_faults.c). */
void explain_fault_set(struct sentence *sentence, size_t start, const struct fault_set *faults);

/* The line that tells `tc` the same, and what there is no word for (explain_tc.c). `chosen`: the
 * links have exact faults too. */
void explain_tc(struct explain *explain, const char *links, const struct fault_set *faults,
                bool chosen);

/* The links' faults from the start, then what changes when (explain_network.c). */
void explain_network(struct explain *explain);

/* What each expectation says, what it accepts, how likely it fails by chance (explain_expect.c). */
void explain_expectations(struct explain *explain);

#endif
