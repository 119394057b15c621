/* Which faults a link has at an instant: the base layer, then each timed rule that is active, the
 * one begun last on top, and above them all whether a partition cuts it off; and whether a node is
 * up then. Pure functions of (scenario, link or node, instant): what was undone leaves no residue,
 * and every host can work it out for itself.
 *
 * Events at one instant have an order: what ends, then what begins, in the order of the file. A
 * `when` rule is a timed rule without a time, until its node has given it one (in a copy of the
 * scenario of its own). */
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

/* What a node is at an instant. */
enum timeline_node {
    TIMELINE_UP,
    TIMELINE_PAUSED, /* it stands still: nothing is read, no timer fires */
    TIMELINE_CRASHED /* it has no state, and is deaf */
};

/* The node has crashed if a crash is active that no restart has undone. Otherwise it is paused if a
 * pause is active that no resume has undone, and no crash or restart either: what begins anew does
 * not stand still. */
enum timeline_node timeline_node_at(const struct scenario *scenario, uint32_t node,
                                    uint64_t now_ns);

/* Whether a `restart` of the node happens exactly at now_ns: what is up then is up anew. */
bool timeline_restarts(const struct scenario *scenario, uint32_t node, uint64_t now_ns);

/* Whether anything after now_ns can bring up a node that is not. */
bool timeline_comes_up(const struct scenario *scenario, uint32_t node, uint64_t now_ns);

/* The first instant at which any timed rule begins (it may be 0), TIME_NEVER if there is none. */
uint64_t timeline_first_ns(const struct scenario *scenario);

/* The first instant after now_ns at which any timed rule begins or ends, TIME_NEVER if there is
 * none. */
uint64_t timeline_next_ns(const struct scenario *scenario, uint64_t now_ns);

/* Calls `visit` for each timed rule (notes and events of nodes too) that begins or ends exactly at
 * now_ns, in the order of the file, ends first. What a heal has ended does not end again. */
void timeline_visit(const struct scenario *scenario, uint64_t now_ns,
                    void (*visit)(void *context, const struct scenario_rule *rule, bool begins),
                    void *context);

#endif
