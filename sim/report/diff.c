#include "report/diff.h"

#include <errno.h>
#include <string.h>

#include "report/diff_parts.h"

/* Both are read: what do they have in common? */
static bool diff_compare(struct diff *diff)
{
    static const char *const kinds[] = {
        [DIFF_RUNS] = "what --json writes", [DIFF_EVENTS] = "what --events writes"};
    const struct diff_file *files = diff->files;

    if (files[0].kind != files[1].kind) {
        return diff_fail(diff, REPORT_DIFF_BAD,
                         "%.150s is %s, and %.150s %s: compare two of a kind", files[0].path,
                         kinds[files[0].kind], files[1].path, kinds[files[1].kind]);
    }
    return files[0].kind == DIFF_RUNS ? diff_tell_runs(diff) : diff_tell_traces(diff);
}

enum report_diff_result report_diff(FILE *out, const struct report_style *style, const char *path_a,
                                    const char *path_b, char error[REPORT_DIFF_ERROR_MAX])
{
    struct diff diff = {.files = {{.path = path_a, .letter = 'A'}, {.path = path_b, .letter = 'B'}},
                        .result = REPORT_DIFF_SAME,
                        .error = error};

    error[0] = '\0';
    out_init(&diff.out, out, style);
    if (!diff_names_init(&diff.names)) {
        (void)diff_fail(&diff, REPORT_DIFF_FAILED, "no memory is left");
    } else if (strcmp(path_a, "-") == 0 && strcmp(path_b, "-") == 0) {
        (void)diff_fail(&diff, REPORT_DIFF_BAD, "only one of the files can be standard input");
    } else if (diff_read(&diff, &diff.files[0]) && diff_read(&diff, &diff.files[1]) &&
               diff_compare(&diff) && !out_finish(&diff.out)) {
        (void)diff_fail(&diff, REPORT_DIFF_FAILED, "cannot write: %s", strerror(errno));
    }
    diff_free_file(&diff.files[0]);
    diff_free_file(&diff.files[1]);
    diff_names_free(&diff.names);
    return diff.result;
}
