/* --why: the story of one request, in sentences with times. */
#ifndef REPORT_WHY_H
#define REPORT_WHY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "report/look.h"

#define REPORT_WHY_ERROR_MAX 512

/* Reads "C/N" for a scenario: a client's name and the number of one of its requests. Returns true;
 * or false with what is wrong and what would be right in `error`. */
bool report_why_parse(const struct scenario *scenario, const char *text, uint32_t *client,
                      uint32_t *n, char error[REPORT_WHY_ERROR_MAX]);

/* Tells the story of the n-th request of a client (a node). False if writing failed or memory ran
 * out. */
bool report_why(FILE *out, const struct report_look *look, const struct report_style *style,
                uint32_t client, uint32_t n);

#endif
