/* The records of a log paired into datagrams: each one that was sent (or copied by its link) with
 * its arrival, and with what its receiver said of it. */
#ifndef REPORT_FLIGHTS_H
#define REPORT_FLIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/log.h"

#define REPORT_FLIGHT_NONE UINT64_MAX /* there is no such record */

/* One datagram on one link. All are indices of records in the log. */
struct report_flight {
    uint64_t sent;     /* its SEND; of a copy that the link made: its DUPLICATED */
    uint64_t original; /* the SEND that has its bytes; = sent, but for a copy */
    uint64_t arrived;  /* its DELIVER; NONE: lost, or not there when the run ended (or no longer to
                          be told apart) */
    uint64_t taken;    /* the REJECTED by which its receiver did not take it; NONE */
};

struct report_flights {
    struct report_flight *items; /* owned; in order of `sent` */
    uint64_t count;
    uint32_t *by_record;   /* owned: of each record, its flight; UINT32_MAX = it has none */
    uint64_t record_count; /* of the log */
};

/* Pairs the records of a log. Envelopes are told apart by link, id and try; what has no id (plain,
 * raw) and what its link damaged goes by link and size; several that look alike arrive in the order
 * in which they are due. In the real world, where only the bytes tell what has arrived, a sound
 * datagram is taken to have come before a damaged one that looks like it. Time grows with the
 * number of records, but for a sort. False: no memory (nothing is to be freed). */
bool report_flights_init(struct report_flights *flights, const struct trace_log *log);
void report_flights_free(struct report_flights *flights);

/* The flight that a SEND, DUPLICATED, DELIVER or REJECTED record belongs to; NULL: none. */
static inline const struct report_flight *report_flights_of(const struct report_flights *flights,
                                                            uint64_t record)
{
    uint32_t flight = flights->by_record[record];
    return flight == UINT32_MAX ? NULL : &flights->items[flight];
}

#endif
