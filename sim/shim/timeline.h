/* Which faults a link has at an instant: the base layer, then each timed rule that is active, the
 * one begun last on top. A pure function of (scenario, link, instant): what was undone leaves no
 * residue, and every host can work it out for itself. */
#ifndef SHIM_TIMELINE_H
#define SHIM_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"

/* The faults in force: as in struct fault_set, but of all layers together. */
struct timeline_faults {
    struct fault_set set;             /* set.exact is not used */
    const struct exact_fault **exact; /* the caller's array, room for timeline_exact_max */
    uint32_t exact_count;
};

/* The most exact faults that can be in force on the link. */
uint32_t timeline_exact_max(const struct scenario *scenario, uint32_t link);

/* Fills `faults` for the instant (faults->exact must have room). */
void timeline_faults_at(const struct scenario *scenario, uint32_t link, uint64_t now_ns,
                        struct timeline_faults *faults);

/* The first instant at which any timed rule begins (it may be 0), TIME_NEVER if there is none. */
uint64_t timeline_first_ns(const struct scenario *scenario);

/* The first instant after now_ns at which any timed rule begins or ends, TIME_NEVER if there is
 * none. */
uint64_t timeline_next_ns(const struct scenario *scenario, uint64_t now_ns);

/* Calls `visit` for each timed rule (notes too) that begins or ends exactly at now_ns, in the order
 * of the file, ends first. */
void timeline_visit(const struct scenario *scenario, uint64_t now_ns,
                    void (*visit)(void *context, const struct scenario_rule *rule, bool begins),
                    void *context);

#endif
