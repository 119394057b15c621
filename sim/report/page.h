/* --html: a run as one page that needs nothing else, for the projector. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "report/look.h"

#define REPORT_PAGE_DATAGRAMS_MAX 10000 /* more are not drawn: requests are sampled */

/* Writes the page. False if writing failed or memory ran out. */
bool report_page(FILE *out, const struct report_look *look);

#endif
