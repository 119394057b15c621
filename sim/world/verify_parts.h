/* What the parts of --verify share: verify.c runs, and compares the requests, verify_fates.c keeps
 * the fates of a run's datagrams and compares them. */
#ifndef WORLD_VERIFY_PARTS_H
#define WORLD_VERIFY_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "scenario/fault.h"
#include "trace/record.h"
#include "world/verify.h"

struct verify {
    const struct scenario *scenario;
    struct verify_result *result;
    bool *link_exempt;    /* owned: of each link, whether fates there may differ */
    bool outcomes_exempt; /* requests' outcomes may differ */
    uint8_t *shown;  /* owned: of each request (by client and n), runs that showed a difference */
    uint64_t *first; /* owned: of each node, where its requests begin in `shown` */
};

/* A datagram's fate: what was lost, and how long what was not lost took. */
struct verify_fate {
    struct fault_choice who; /* its kind says nothing */
    uint64_t delay_ns;
    uint8_t lost;  /* enum loss_reason */
    uint8_t shown; /* runs that showed another fate */
};

struct verify_fates {
    struct verify_fate *items; /* owned */
    uint32_t count;
    uint32_t capacity;
    struct map index; /* key of who -> place in items */
    bool failed;      /* memory ran out */
};

/* What is fed by the records of one run. */
struct verify_sink {
    const bool *link_exempt;
    struct verify_fates *fates;
    uint64_t left_out;
};

/* Returns 0 or -ENOMEM. */
int verify_fates_init(struct verify_fates *fates);
void verify_fates_free(struct verify_fates *fates);

/* Keeps the fate that a record tells, if it tells one, in the context's (a verify_sink) fates. */
void verify_fates_take(void *context, const struct trace_record *record, const uint8_t *bytes);

/* Compares the datagrams that both the virtual run and real run number `run` (from 1) had. Returns
 * how many differences every real run has shown so far. */
uint64_t verify_fates_compare(struct verify *verify, struct verify_fates *expected,
                              const struct verify_fates *seen, uint32_t run);

#endif
