/* A page for people: columns are counted, words are wrapped, and whatever comes from outside (names
 * of files, titles, payloads) is made safe before a terminal sees it. */
#ifndef REPORT_OUT_H
#define REPORT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "report/report.h"

#define OUT_WIDTH    80 /* columns of a line */
#define OUT_FORM_MAX 17 /* bytes of one character's safe form, with the NUL */

enum out_paint { OUT_PLAIN, OUT_BOLD, OUT_DIM, OUT_GOOD, OUT_BAD, OUT_WARN };

struct out {
    FILE *file;
    struct report_style style;
    unsigned column; /* of the current line, from 0 */
    unsigned blanks; /* of those, blanks that are not written yet: none end a line */
    bool failed;     /* a write failed: nothing more is written */
};

void out_init(struct out *out, FILE *file, const struct report_style *style);

/* Flushes. False if anything failed since out_init. */
bool out_finish(struct out *out);

/* The safe form of the character at `bytes` (size > 0): itself, or `\xHH` for each byte of control
 * characters, direction overrides and what is no UTF-8; `?` for a good one that the output can't
 * take. Sets its width in columns; returns how many bytes were read. */
size_t out_next_character(const uint8_t *bytes, size_t size, bool unicode, char form[OUT_FORM_MAX],
                          unsigned *columns);

/* Columns that out_text would take. */
unsigned out_columns(const struct out *out, const char *text);

/* Writes text made safe, as it is: no wrapping. */
void out_text(struct out *out, const char *text);

/* The same, by printf's rules; at most 1023 bytes. */
__attribute__((format(printf, 2, 3))) void out_format(struct out *out, const char *format, ...);

/* The same as out_text, in a colour. */
void out_painted(struct out *out, enum out_paint paint, const char *text);

/* Colour for what follows, until OUT_PLAIN. */
void out_paint(struct out *out, enum out_paint paint);

/* Blanks up to a column; none if the line is there already. */
void out_pad_to(struct out *out, unsigned column);

/* Text set flush right so that it ends at a column; at least one blank before it, unless the line
 * is empty. */
void out_right_to(struct out *out, unsigned column, const char *text);

/* Text of at most `columns` columns; what is longer is cut and ends in "..". `keep_end`: cut at the
 * front instead. */
void out_cut(struct out *out, unsigned columns, const char *text, bool keep_end);

/* Writes words from where the line stands; a word that would pass the last column goes to a new
 * line that begins at `indent`; one that is longer than a line is broken. */
void out_wrap(struct out *out, unsigned indent, const char *text);

/* The same, by printf's rules; at most 8191 bytes. */
__attribute__((format(printf, 3, 4))) void out_wrap_format(struct out *out, unsigned indent,
                                                           const char *format, ...);

/* The same for a shell's command: broken only at blanks outside quotes, each time with a backslash;
 * a word longer than a line stays whole. */
void out_command(struct out *out, unsigned indent, const char *command);

/* A bar of `length` eighths of a column (of whole columns, rounded up, in ASCII). */
void out_bar(struct out *out, unsigned eighths);

/* Ends the line. */
void out_line(struct out *out);

/* An empty line, then a heading of its own. */
void out_heading(struct out *out, const char *text);

#endif
