/* Every way of losing up to K datagrams of a small scenario (--explore K).
 *
 * A run is decided by which datagrams are lost. Losing one leaves all that was sent before it as it
 * was, so each set of losses is reached once by choosing them in the order of sending: a search
 * tree whose nodes are runs, walked by the size of the sets, the smallest first. Chance is switched
 * off.
 *
 * Pruned: a reply that was taken for late changed nothing where it came, so losing it as well is no
 * other run, as long as no expectation counts datagrams or looks at when the run ended, no event
 * waits for a delivery, and no link has room or time for so many only. */
#ifndef WORLD_EXPLORE_H
#define WORLD_EXPLORE_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "world/trial.h"

#define EXPLORE_LOSSES_MAX       12
#define EXPLORE_RUNS_MAX_DEFAULT 1000000

struct explore_options {
    uint32_t losses;   /* K: 0 .. EXPLORE_LOSSES_MAX */
    uint64_t runs_max; /* more are refused: at once if so many are to be expected, else then */
    /* Called now and then; true: stop here (a signal came). NULL = not wanted. */
    bool (*progress)(void *context, uint64_t runs, uint32_t losses, uint64_t expected);
    void *progress_context;
};

enum explore_end {
    EXPLORE_SAFE,     /* no set of up to K losses breaks it */
    EXPLORE_REFUTED,  /* `found` breaks it */
    EXPLORE_TOO_MANY, /* it would take `expected` runs, more than are allowed */
    EXPLORE_STOPPED,  /* progress said so, or a signal ended a run */
    EXPLORE_NO_MEMORY
};

struct explore_result {
    enum explore_end end;
    uint64_t runs;        /* that were made; 0: not even the one without losses */
    uint64_t expected;    /* about as many are needed */
    uint64_t pruned;      /* losses that could not matter and were not tried */
    uint32_t datagrams;   /* of the run without losses */
    uint32_t losses_done; /* however it ended: sets of up to so many losses were all tried */
    struct fault_choice found[EXPLORE_LOSSES_MAX];
    uint32_t found_count;
    struct trial_failure failure; /* what `found` does */
};

void explore_run(const struct scenario *scenario, const struct explore_options *options,
                 struct explore_result *result);

#endif
