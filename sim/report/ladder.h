/* --ladder: a run as a message-sequence chart, one column a node, time downwards. */
#ifndef REPORT_LADDER_H
#define REPORT_LADDER_H

#include <stdbool.h>
#include <stdio.h>

#include "report/look.h"

/* The chart as text, at most `width` columns wide (at least 40). ASCII where style->unicode is
 * false. False if writing failed or memory ran out. */
bool report_ladder(FILE *out, const struct report_look *look, const struct report_style *style,
                   unsigned width);

/* The same as the text of a Mermaid sequence diagram, for slides. */
bool report_ladder_mermaid(FILE *out, const struct report_look *look);

#endif
