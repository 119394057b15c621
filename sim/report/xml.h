/* Text from outside, made safe for XML 1.0. */
#ifndef REPORT_XML_H
#define REPORT_XML_H

#include <stddef.h>
#include <stdio.h>

/* Writes the text between two tags, or between the quotes of an attribute: `& < > "` as entities;
 * `\xHH` for each byte of what XML can't hold at all (control characters, what is no UTF-8, U+FFFE
 * and U+FFFF: XML 1.0, 2.2 Characters), of line ends and tabs, which a reader may change, and of
 * what turns the direction of the text around it. ferror(out) tells if it failed. */
void xml_text(FILE *out, const char *text);

/* The same for `size` bytes. */
void xml_bytes(FILE *out, const char *text, size_t size);

/* Writes ` name="value"`; `name` is taken as it is. */
void xml_attribute(FILE *out, const char *name, const char *value);

#endif
