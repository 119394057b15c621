/* The values of metrics: counts and times from a tally, of the nodes and links that an expectation
 * selects. */
#ifndef VERDICT_METRIC_H
#define VERDICT_METRIC_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "verdict/facts.h"
#include "verdict/tally.h"

/* Where a value is taken from. */
struct metric_view {
    const struct tally *tally; /* the run's, or a watch's */
    const struct run_facts *facts;
    const struct expectation *expectation; /* the metric, and what it is `of` */
    uint64_t margin_ns; /* the run's smallest timing margin, UINT64_MAX = none (no race) */
};

/* Whether the expectation's `of` takes in the node, or the link. Of nodes, a datagram metric counts
 * what they send (`delivered` and `kernel-drops`: what comes to them). */
bool metric_selects_node(const struct expectation *expectation, uint32_t node);
bool metric_selects_link(const struct expectation *expectation, uint32_t link);

/* Requests in the scripts of the clients that are selected; of all, if no client is. */
uint64_t metric_scripted_requests(const struct scenario *scenario,
                                  const struct expectation *expectation);

/* Requests that a count is taken of: those of the selected clients (all, if no client is selected),
 * or begun in the window, or the one. */
uint64_t metric_requests(const struct metric_view *view);

/* The count of a metric that is one (not a time). False: it does not exist, kernel drops by
 * request. */
bool metric_count(const struct metric_view *view, uint64_t *count);

/* What a percentage is taken of: requests, or datagrams sent. */
uint64_t metric_whole(const struct metric_view *view);

/* A time, in ns. False: it does not exist, since nothing was answered, or no reply raced a timer.
 */
bool metric_time(const struct metric_view *view, uint64_t *time_ns);

#endif
