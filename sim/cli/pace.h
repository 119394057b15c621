/* --pace: a virtual run at the speed of people. */
#ifndef CLI_PACE_H
#define CLI_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/record.h"

/* A sink before another one: each record waits until its time has come, or for a key. */
struct pace {
    struct trace_sink next; /* what shows the records */
    uint64_t pace_ppm;      /* millionths of the wall's speed; 0 = each record waits for a key */
    uint64_t begin_ns;      /* of the wall clock: when the run began */
    bool began;
    bool over; /* a signal came, or the keys ended: nothing waits any more */
    int keys;  /* the terminal that keys come from; -1 = none */
};

#define PACE_ONE_PPM UINT64_C(1000000) /* as fast as the wall's clock */

/* Opens the terminal for keys, where they are wanted. Returns 0, or -errno if there is none. */
int pace_open(struct pace *pace, const struct trace_sink *next, uint64_t pace_ppm);
void pace_close(struct pace *pace);

/* A trace_sink's take (context = the pace). After `c` no more keys are waited for. SIGINT and
 * SIGTERM, which the run holds back, end the waiting at once and are left to the run. */
void pace_take(void *pace, const struct trace_record *record, const uint8_t *bytes);

#endif
