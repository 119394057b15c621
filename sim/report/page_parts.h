/* The parts of the page's data. Each writes JSON to `out`, which makes it fit for a place inside
 * HTML; what failed shows in ferror(out), or in page->failed. */
#ifndef REPORT_PAGE_PARTS_H
#define REPORT_PAGE_PARTS_H

#include <stdbool.h>
#include <stdio.h>

#include "report/flights.h"
#include "report/look.h"
#include "report/page_sample.h"

struct page {
    const struct report_look *look; /* not owned */
    struct report_flights flights;  /* owned */
    struct page_sample sample;      /* owned */
    uint32_t text_max;              /* octets shown of each text */
    FILE *out;                      /* not owned */
    bool failed;                    /* memory ran out */
};

/* Octets of a datagram, in quotes: printable ASCII as it is, all else as \u00XX. */
void page_put_octets(struct page *page, const uint8_t *bytes, size_t size);

/* Words of the scenario or of simrun, UTF-8, in quotes; NULL: null. */
void page_put_words(struct page *page, const char *text);

/* A real number, or null where it is none. */
void page_put_real(struct page *page, double value);

/* "words": what the numbers of fates and events stand for; "datagrams" and "events" (page_log.c).
 */
void page_log(struct page *page);

/* "series": over all requests, whatever is shown (page_series.c). */
void page_series(struct page *page);

/* "latency", "tries" and "losses": over all requests (page_plots.c). */
void page_plots(struct page *page);

#endif
