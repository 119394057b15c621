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

/* What came to the broker of one request in a run so far: verify_races.c tells. */
struct verify_race {
    uint64_t copy_ns;  /* the latest copy of the request; TIME_NEVER = none */
    uint64_t reply_ns; /* the latest reply of a server */
    uint64_t timer_ns; /* the broker's own timer fired last */
    uint8_t copy_try;  /* of the latest copy */
    bool copy_again;   /* it was not the first of its try */
    bool raced;        /* in this run, or in the virtual one */
    bool raced_before; /* in the virtual run */
};

struct verify {
    const struct scenario *scenario;
    struct verify_result *result;
    bool *link_exempt;    /* owned: of each link, whether fates there may differ */
    bool outcomes_exempt; /* requests' outcomes may differ */
    uint8_t *shown;  /* owned: of each request (by client and n), runs that showed a difference */
    uint64_t *first; /* owned: of each node, where its requests begin in `shown` and `races` */
    struct verify_race *races; /* owned: of each request */
    bool limit_reached;        /* by the virtual run: the time limit */
};

/* A datagram's fate: what was lost, and how long what was not lost took. */
struct verify_fate {
    struct fault_choice who; /* its kind says nothing */
    uint64_t delay_ns;
    uint8_t lost;  /* enum loss_reason */
    uint8_t shown; /* runs that showed another fate */
    bool cut;      /* its end was cut off: where, hangs on its size, and that on the clock (ttl) */
    bool flipped;  /* one of its bits, the same */
    bool duplicated; /* of an original */
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
    const struct verify *verify;
    struct verify_fates *fates;
    uint64_t left_out;
};

/* Returns 0 or -ENOMEM. */
int verify_fates_init(struct verify_fates *fates);
void verify_fates_free(struct verify_fates *fates);

/* Keeps the fate that a record tells, if it tells one. */
void verify_fates_take(struct verify_sink *sink, const struct trace_record *record);

/* Compares the datagrams that both the virtual run and real run number `run` (from 1) had. Returns
 * how many differences every real run has shown so far. */
uint64_t verify_fates_compare(struct verify *verify, struct verify_fates *expected,
                              const struct verify_fates *seen, uint32_t run);

/* Begins a run: no copies and replies were seen yet of `count` requests. */
void verify_races_clear(struct verify_race *races, uint64_t count);

/* Ends the virtual run: what raced there counts as a race in each run that is compared with it. */
void verify_races_keep(struct verify_race *races, uint64_t count);

/* Finds whether the record is a race at the broker that the machine decides. */
void verify_races_take(const struct verify *verify, const struct trace_record *record);

#endif
