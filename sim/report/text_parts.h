/* The parts of the terminal report, in the order in which they appear. */
#ifndef REPORT_TEXT_PARTS_H
#define REPORT_TEXT_PARTS_H

#include "report/out.h"
#include "report/report.h"
#include "report/totals.h"

struct text_page {
    struct out out;
    const struct report_run *run;
    struct totals totals;
};

/* Links are shown one by one up to this many; beyond, those of a kind share a row. */
#define TEXT_LINKS_MAX 24

/* The table of links (text_links.c). */
void text_links(struct text_page *page);

/* Latency: percentiles and a histogram (text_latency.c). */
void text_latency(struct text_page *page);

/* How many tries requests took, beside theory where it holds (text_tries.c). */
void text_tries(struct text_page *page);

/* Promises and expectations (text_judged.c). */
void text_promises(struct text_page *page);
void text_expectations(struct text_page *page);

/* A line in the form of compilers for everything that failed, the command that shows more, and
 * nothing if nothing failed. */
void text_failures(struct text_page *page);

#endif
