/* One judged run in the virtual world for a search: which choices of the network, and what failed.
 */
#ifndef WORLD_TRIAL_H
#define WORLD_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "trace/record.h"
#include "verdict/expect_words.h"

/* What failed first, so that two failures can be told to be the same one. */
struct trial_failure {
    bool failed;
    bool stopped;   /* a signal ended the run early: whether it fails is not known */
    bool promise;   /* a promise broke; else an expectation failed, or time ran out */
    uint32_t which; /* the promise's number, or the expectation's; UINT32_MAX: the time limit */
    bool exists;    /* the value that the expectation compares existed */
    int side;       /* of what is accepted: -1 the value was below, 1 above; 0 has no sides */
    int status;     /* exit status */
    char text[EXPECT_FAILED_MAX]; /* for people: "answered = 100% (1 of 2; c1/2 timed out)" */
};

/* Runs `scenario` in the virtual world, whatever it says, with `choices` in place of chance (NULL:
 * chance decides). Records go to `sink` too, if its take is not NULL. A signal that ends the run
 * early is raised again, for the search to take, which holds it back. Returns 0, or -1: no memory.
 */
int trial_run(const struct scenario *scenario, const struct fault_script *choices,
              const struct trace_sink *sink, struct trial_failure *failure);

/* Whether both failed in the same way. */
bool trial_is_same(const struct trial_failure *a, const struct trial_failure *b);

#endif
