/* Puts the shards of a sweep together again: reads what `simrun --seed A..B --shard I/N --json`
 * wrote on each machine, and reports on all seeds as simrun would have, with the same exit status.
 */
#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"
#include "report/sweep.h"

/* Exit statuses of its own; otherwise that of the sweep. */
enum merge_status { MERGE_USAGE = 2, MERGE_MACHINE = 3 };

static const struct option MERGE_OPTIONS[] = {
    {"json", required_argument, NULL, 'j'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static int merge_write_failed(const char *what, int error)
{
    fprintf(stderr, "merge_sweeps: cannot write %s: %s\n", what, strerror(error));
    return MERGE_MACHINE;
}

/* The exit status where something about the program itself was printed. */
static int merge_end_text(void)
{
    return fflush(stdout) != 0 || ferror(stdout) ? merge_write_failed("standard output", errno) : 0;
}

static int merge_help(void)
{
    puts("usage: merge_sweeps [-q] [--json FILE] FILE...\n"
         "\n"
         "Merges the shards of a sweep: each FILE (`-` is standard input) is what\n"
         "  simrun SCENARIO --seed A..B --shard I/N --json FILE\n"
         "wrote. Prints the report on all their seeds; the exit status is that of the sweep.\n"
         "\n"
         "  -q, --quiet    prints failures only\n"
         "  --json FILE    writes the merged sweep, which can be merged again (`-`: to\n"
         "                 standard output; the report then goes to standard error)\n"
         "  --help, --version\n"
         "\n"
         "Exit status: 0 all held, 1 an expectation failed, 4 a promise was broken, 130 or 143\n"
         "a shard was ended by a signal; 2 the files do not belong together (different\n"
         "scenarios or versions, or a seed twice), 3 a file cannot be written.");
    return merge_end_text();
}

/* Reads one file. False after saying why. */
static bool merge_open(struct report_sweep_file *file, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *in = standard ? stdin : fopen(path, "re");
    char error[REPORT_SWEEP_ERROR_MAX];

    if (in == NULL) {
        fprintf(stderr, "merge_sweeps: cannot read '%s': %s\n", path, strerror(errno));
        return false;
    }
    bool good = report_sweep_open(file, in, error);
    if (!good) {
        fprintf(stderr, "merge_sweeps: %s: %s\n", path, error);
    }
    if (!standard) {
        fclose(in);
    }
    return good;
}

/* Reads all files into the first. False after saying why; then `merged` is closed. */
static bool merge_all(struct report_sweep_file *merged, char **paths, int count)
{
    char error[REPORT_SWEEP_ERROR_MAX];

    if (!merge_open(merged, paths[0])) {
        return false;
    }
    for (int i = 1; i < count; i++) {
        struct report_sweep_file other;
        bool good = merge_open(&other, paths[i]);
        if (good) {
            good = report_sweep_merge(merged, &other, error);
            if (!good) {
                fprintf(stderr, "merge_sweeps: %s: %s\n", paths[i], error);
            }
            report_sweep_close(&other);
        }
        if (!good) {
            report_sweep_close(merged);
            return false;
        }
    }
    return true;
}

/* Writes the outputs. Returns the exit status. */
static int merge_report(const struct report_sweep *sweep, const char *json, bool quiet)
{
    FILE *out = json != NULL && strcmp(json, "-") == 0 ? stderr : stdout;
    const char *no_color = getenv("NO_COLOR");
    struct report_style style = {
        .colour = isatty(fileno(out)) && (no_color == NULL || no_color[0] == '\0'),
        .unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
    };
    struct output output;
    int opened = output_open(&output, json);

    if (opened != 0) {
        return merge_write_failed(json, -opened);
    }
    errno = 0;
    bool wrote = output.file == NULL || report_sweep_json(output.file, sweep);
    int error = errno != 0 ? errno : EIO;
    int closed = output_close(&output, wrote);
    if (!wrote || closed != 0) {
        return merge_write_failed(json, wrote ? -closed : error);
    }
    errno = 0;
    if (!report_sweep_text(out, sweep, &style, quiet)) {
        return merge_write_failed("the report", errno != 0 ? errno : EIO);
    }
    return sweep->pool->status;
}

int main(int argc, char **argv)
{
    struct report_sweep_file merged;
    const char *json = NULL;
    bool quiet = false;
    int option;

    setlocale(LC_CTYPE, "");
    while ((option = getopt_long(argc, argv, "q", MERGE_OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'j':
            json = optarg;
            break;
        case 'q':
            quiet = true;
            break;
        case 'h':
            return merge_help();
        case 'V':
            puts("merge_sweeps " SIMRUN_VERSION);
            return merge_end_text();
        default:
            fputs("merge_sweeps --help shows how it is used\n", stderr);
            return MERGE_USAGE;
        }
    }
    if (optind == argc) {
        fputs("merge_sweeps: which files? merge_sweeps --help shows how it is used\n", stderr);
        return MERGE_USAGE;
    }
    if (!merge_all(&merged, argv + optind, argc - optind)) {
        return MERGE_USAGE;
    }
    int status = merge_report(&merged.sweep, json, quiet);
    report_sweep_close(&merged);
    return status;
}
