/* Whoever lands one of these deletes it here; the last one deletes the file. */
#include "report/diff.h"

enum report_diff_result report_diff(FILE *out, const struct report_style *style,
                                    const char *path_a, const char *path_b,
                                    char error[REPORT_DIFF_ERROR_MAX])
{
    (void)out, (void)style, (void)path_a, (void)path_b;
    snprintf(error, REPORT_DIFF_ERROR_MAX, "not yet");
    return REPORT_DIFF_FAILED;
}
