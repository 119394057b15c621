/* --only: the part of a run that someone wants to see. */
#ifndef REPORT_ONLY_H
#define REPORT_ONLY_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "trace/record.h"

#define REPORT_ONLY_ERROR_MAX 512

/* Requests of one client, both ends in. */
struct report_only_range {
    uint32_t client; /* node */
    uint32_t first;
    uint32_t last;
};

/* `SEL` (nodes by the language's selectors: `c1`, `student*`, `clients`, `toupper`, `broker`),
 * `C/K` or `C/A..B` (requests of one client), several of them with commas between. */
struct report_only {
    uint64_t *nodes;                  /* owned: bitmap over nodes that were named by themselves */
    struct report_only_range *ranges; /* owned: by client, then number; none touches another */
    uint32_t range_count;
    bool has_clients;                /* clients were named, or requests of them */
    bool has_places;                 /* the broker or servers were named */
    const struct scenario *scenario; /* not owned */
};

/* Reads the text of --only for a scenario. Returns true (free it with report_only_free); or false
 * with what is wrong and what would be right in `error`, and nothing to free. */
bool report_only_parse(struct report_only *only, const struct scenario *scenario, const char *text,
                       char error[REPORT_ONLY_ERROR_MAX]);
void report_only_free(struct report_only *only);

/* Whether a request of this client (node) is wanted: it was named, or its client was. Where only
 * servers or the broker are named, every request is. */
bool report_only_has_request(const struct report_only *only, uint32_t client, uint32_t n);

/* Whether a record belongs to what is wanted: to a request that is (what is of no request: if it
 * happened at a client that was named, or on its links), and, where a server or the broker is
 * named, happened at a wanted node or on a link that ends there. Events of the whole network and of
 * nodes (faults, notes, partitions, crashes) always do. */
bool report_only_has(const struct report_only *only, const struct trace_record *record);

/* A trace_sink's take that hands on what is wanted. */
struct report_only_sink {
    const struct report_only *only; /* not owned; NULL = all */
    struct trace_sink next;
};
void report_only_take(void *only_sink, const struct trace_record *record, const uint8_t *bytes);

#endif
