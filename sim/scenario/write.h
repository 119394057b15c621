/* A scenario as text again: smaller, and with the network's choices as exact faults (--shrink,
 * --explore). What it writes, scenario_parse reads. */
#ifndef SCENARIO_WRITE_H
#define SCENARIO_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "scenario/scenario.h"

/* What is left of a group's clients and of a step's requests. */
struct write_group {
    uint32_t *clients; /* nodes that are kept, in order; owned */
    uint32_t client_count;
    uint32_t *step_skip;  /* of each step: requests left out at its beginning; owned */
    uint32_t *step_count; /* and how many are kept behind them (0: the step is left out); owned */
};

struct write_plan {
    const struct scenario *scenario;
    struct write_group *groups;         /* owned; one for each group */
    bool *rules;                        /* owned; of each rule of the scenario: it is kept */
    const struct fault_choice *choices; /* not owned */
    uint32_t choice_count;
    uint32_t expectation; /* the one that is written; UINT32_MAX = none */
    bool chance;          /* keep probabilities and jitters: `choices` come on top */
};

/* The faults of a set but for the exact ones, each word with a blank before it. `chance`: with what
 * chance decides. False: there was nothing to write. */
bool scenario_write_faults(FILE *out, const struct fault_set *faults, bool chance);

/* Everything is kept, no choices, no expectation. Returns 0 or -ENOMEM. */
int write_plan_init(struct write_plan *plan, const struct scenario *scenario);
void write_plan_free(struct write_plan *plan);

/* Makes `copy` (uninitialised) a plan of its own that says the same. Returns 0 or -ENOMEM. */
int write_plan_copy(struct write_plan *copy, const struct write_plan *plan);

/* Whether the request of a choice (or an expectation) is still there, and what it is called then:
 * the client's new number in its group (from 1) and the request's new number. */
bool write_plan_request(const struct write_plan *plan, uint32_t client, uint32_t n,
                        uint32_t *new_client, uint32_t *new_n);

/* Whether a choice is written: not of what is not kept, nor what exact faults cannot say (a fate of
 * a copy other than that it exists; that the end was cut off). */
bool write_plan_keeps(const struct write_plan *plan, const struct fault_choice *choice);

/* Writes the scenario; each line of `story` becomes a comment at the top. Links, requests and
 * expectations are named as they are then called; an exact fault of a request that is not kept is
 * left out, and so is a rule of which nothing is left. False: writing failed. */
bool write_scenario(FILE *out, const struct write_plan *plan, const char *story);

#endif
