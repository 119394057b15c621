/* What stories (--why) and comparisons (--diff) are told with: instants, numbers as words,
 * paragraphs. */
#ifndef REPORT_TELL_H
#define REPORT_TELL_H

#include <stdint.h>

#include "report/out.h"
#include "report/words.h"

/* An instant of a run: "72.0 ms". */
void tell_instant(char text[WORDS_MAX], uint64_t t_ns);

/* "once", "twice", "3 times". */
void tell_times(char text[WORDS_MAX], uint32_t count);

/* Writes sentences on lines of their own, with an indent. A number and its unit stay together. */
void tell_paragraph(struct out *out, unsigned indent, const char *text);

#endif
