/* --diff: two runs side by side, from what --json or --events wrote of them. */
#ifndef REPORT_DIFF_H
#define REPORT_DIFF_H

#include <stdbool.h>
#include <stdio.h>

#include "report/report.h"

#define REPORT_DIFF_ERROR_MAX 512

enum report_diff_result {
    REPORT_DIFF_SAME,   /* nothing that counts differs */
    REPORT_DIFF_PARTED, /* and what differs was told */
    REPORT_DIFF_BAD,    /* a file is not what it should be: `error` says which and why */
    REPORT_DIFF_FAILED  /* a file can't be read, writing failed, or memory ran out: so does `error`
                         */
};

/* Compares two files, both JSON or both events: the first request where the runs part and why, and
 * the metrics side by side. */
enum report_diff_result report_diff(FILE *out, const struct report_style *style, const char *path_a,
                                    const char *path_b, char error[REPORT_DIFF_ERROR_MAX]);

#endif
