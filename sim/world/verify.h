/* Whether a run is what it is said to be (--verify): in the virtual world the same records twice;
 * in the real one what the virtual one says, request by request (outcome, code, tries) and datagram
 * by datagram (its fate, by identity). What may rightly differ is left out, and named. */
#ifndef WORLD_VERIFY_H
#define WORLD_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "world/run.h"

/* A machine that is busy elsewhere can hold a thread up for longer than any margin: a difference
 * counts only if each of so many real runs shows it. */
#define VERIFY_RUNS_MAX 3

struct verify_result {
    bool same;
    uint32_t runs;              /* real (or second virtual) runs that were made */
    uint64_t requests_compared; /* in the latest */
    uint64_t requests_left_out; /* too close, or of kinds that may differ */
    uint64_t requests_close; /* of them: two things raced, and the machine could decide otherwise */
    uint64_t datagrams_compared;
    uint64_t datagrams_left_out;
    uint64_t passing;     /* differences that one run showed and another did not */
    char exempt[400];     /* what may rightly differ here, in words; "" = nothing */
    char difference[400]; /* the first that stays; "" = none */
};

/* Runs and compares. Returns 0, or -1 with `error` filled (the machine said no). A signal ends it
 * early: `signal` is then set. */
int verify_run(const struct scenario *scenario, const struct run_options *options,
               struct verify_result *result, int *signal, char error[RUN_ERROR_MAX]);

#endif
