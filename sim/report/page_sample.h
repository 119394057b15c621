/* What of a run the page shows: all of it, or of a long one every request that failed, and as much
 * of what was sent as can be drawn: a sample of whole requests, the failed ones first. */
#ifndef REPORT_PAGE_SAMPLE_H
#define REPORT_PAGE_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "report/flights.h"
#include "report/look.h"

#define PAGE_SAMPLE_NONE UINT32_MAX /* the node is not on the page */

/* What there is of something, and what of it is drawn. */
struct page_share {
    uint64_t drawn;
    uint64_t all;
};

/* A request that began. */
struct page_request {
    uint32_t datagrams; /* copies too; only those that --only wants */
    bool failed;        /* ended as failed */
    bool drawn;         /* its datagrams and events are on the page */
    bool shown;         /* it is on the page: drawn, or failed */
};

struct page_sample {
    const struct report_look *look;       /* not owned */
    const struct report_flights *flights; /* not owned */
    struct page_request *requests;        /* owned: of all clients, one after another */
    uint64_t *firsts; /* owned: of each node its first request in there; one more at the end */
    bool *shown;      /* owned: of each flight */
    uint32_t *places; /* owned: of each node its number on the page, PAGE_SAMPLE_NONE */
    bool sampled;     /* something was left out for want of room (not: because of --only) */
    bool names_all;   /* every node is on the page */
    struct page_share share_requests;
    struct page_share share_datagrams;
    struct page_share share_failed; /* requests */
};

/* Chooses. The look, its log and the flights must outlive the sample. False if memory ran out. */
bool page_sample_init(struct page_sample *sample, const struct report_look *look,
                      const struct report_flights *flights);
void page_sample_free(struct page_sample *sample);

/* Whether a request that began is on the page (though perhaps not drawn). */
bool page_sample_has_request(const struct page_sample *sample, uint32_t client, uint32_t n);

/* Whether the event that is record `i` of the log (no datagram) is on the page: it is of a request
 * that is drawn, of nobody's datagram that is, or of a node or the network. */
bool page_sample_has_event(const struct page_sample *sample, uint64_t i);

#endif
