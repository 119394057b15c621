/* What expectations need that the run's tally cannot give: counts of the requests begun in a window
 * of time, all about one request, and latencies of chosen clients. Each watch has a tally of its
 * own; two expectations that need the same share one. */
#ifndef VERDICT_WATCH_H
#define VERDICT_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "trace/record.h"
#include "verdict/tally.h"

#define WATCH_NONE UINT32_MAX

enum watch_kind {
    WATCH_WINDOW,  /* requests begun in [from_ns, to_ns) */
    WATCH_REQUEST, /* client/n */
    WATCH_CLIENTS  /* all requests, for the latencies of the clients in `clients` */
};

struct watch {
    enum watch_kind kind;
    uint64_t from_ns;
    uint64_t to_ns;
    uint32_t client;
    uint32_t n;
    const uint64_t *clients; /* latencies of these alone, a bitmap over nodes; NULL = of all */
    struct tally tally;
    enum outcome outcome; /* WATCH_REQUEST: how it ended */
    uint16_t code;        /* WATCH_REQUEST: of its final error */
    uint8_t *text;        /* WATCH_REQUEST: owned; the answer, WIRE_TEXT_MAX bytes of room */
    uint32_t text_size;
};

struct watches {
    const struct scenario *scenario;
    struct watch *items; /* owned */
    uint32_t count;
    uint32_t *of_expectation; /* owned; of each expectation, the index of its watch or WATCH_NONE */
};

/* What the judge found out about a record beyond what the record says. */
struct watch_finding {
    bool wrong;     /* ANSWERED: not the right text */
    bool duplicate; /* EXECUTE: not the request's first */
};

/* Whether the expectation needs a watch. */
bool watch_is_needed(const struct expectation *expectation);

/* The watches that the scenario's expectations need. Returns 0 or -ENOMEM. */
int watches_init(struct watches *watches, const struct scenario *scenario);
void watches_free(struct watches *watches);

/* The watch of an expectation (by its index), NULL if it has none. */
const struct watch *watches_of(const struct watches *watches, uint32_t expectation);

/* A record about a request that began at began_ns; TIME_NEVER: nothing is remembered of it. */
void watches_take(struct watches *watches, const struct trace_record *record, const uint8_t *bytes,
                  uint64_t began_ns, const struct watch_finding *finding);

/* Adds what the judge alone knows of a record to a tally: wrong answers, duplicate executions, and
 * executions by client. */
void watch_add_finding(struct tally *tally, const struct trace_record *record,
                       const struct watch_finding *finding);

#endif
