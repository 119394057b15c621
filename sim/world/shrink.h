/* A failing run, cut to the bone (--shrink): a locally minimal set of the network's choices that
 * still fails in the same way, by delta debugging (Zeller and Hildebrandt 2002, "Simplifying and
 * isolating failure-inducing input", ddmin), then fewer clients and requests, written as a scenario
 * whose faults are exact and which fails by itself. */
#ifndef WORLD_SHRINK_H
#define WORLD_SHRINK_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "world/trial.h"

struct shrink_options {
    /* Called now and then; true: stop here, and take what has been reached. NULL = not wanted. */
    bool (*progress)(void *context, uint64_t runs, uint32_t faults);
    void *progress_context;
    const char *command; /* of the run that failed, for the story; may be NULL */
};

enum shrink_end {
    SHRINK_DONE,
    SHRINK_PASSES,  /* there is nothing to shrink: the run does not fail in the virtual world */
    SHRINK_STOPPED, /* a signal ended that run: whether it fails is not known */
    SHRINK_NO_MEMORY
};

struct shrink_result {
    enum shrink_end end;
    struct trial_failure failure; /* what fails */
    uint64_t runs;
    uint32_t faults_before; /* choices of the network in the failing run */
    uint32_t faults_after;
    uint32_t clients_after;
    uint64_t requests_after;
    bool by_itself; /* the scenario written was read, run, and failed in the same way */
    char *text;     /* owned (free): the scenario */
};

void shrink_run(const struct scenario *scenario, const struct shrink_options *options,
                struct shrink_result *result);

/* The scenario that fails by `choices` alone (of --explore, say): reduced in clients and requests
 * and written in the same way. */
void shrink_choices(const struct scenario *scenario, const struct fault_choice *choices,
                    uint32_t count, const struct shrink_options *options,
                    struct shrink_result *result);

#endif
