#include "cli/session.h"

#include <errno.h>
#include <langinfo.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/junit.h"

/* Up to such pieces memory is given out of what was kept, bytes; and how much is kept, bytes. */
#define SESSION_MEMORY_PIECE (32 << 20)
#define SESSION_MEMORY_KEPT  (256 << 20)

struct report_style session_style(const struct options *options, FILE *out)
{
    const char *no_color = getenv("NO_COLOR");
    bool unwanted = no_color != NULL && no_color[0] != '\0';
    bool automatic = isatty(fileno(out)) && !unwanted;

    return (struct report_style){
        .colour = options->color == COLOR_ALWAYS || (options->color == COLOR_AUTO && automatic),
        .unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
    };
}

bool session_shows_progress(const struct session *session)
{
    return isatty(STDERR_FILENO) && !session->options.quiet && !session->options.verbose;
}

void session_keep_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, SESSION_MEMORY_PIECE);
    mallopt(M_TRIM_THRESHOLD, SESSION_MEMORY_KEPT);
#endif
}

int session_open(struct session *session)
{
    const struct options *options = &session->options;
    const char *github = getenv("GITHUB_ACTIONS");
    bool taken = false;

    for (enum options_file file = 0; file < OPTIONS_FILE_COUNT; file++) {
        const char *path = options->files[file];
        int status = output_open(&session->outputs[file], path);
        if (status != 0) {
            int result = session_file_failed(session, file, -status);
            (void)session_close(session, false);
            return result;
        }
        taken = taken || (path != NULL && strcmp(path, "-") == 0);
    }
    int kept = keep_open(&session->keep, options->folder, options->keep_all);
    if (kept != SESSION_HELD) {
        (void)session_close(session, false);
        return kept;
    }
    session->report = taken ? stderr : stdout;
    session->style = session_style(options, session->report);
    session->error_style = session_style(options, stderr);
    session->annotates = github != NULL && github[0] != '\0';
    errno = 0;
    if (session_file(session, OPTIONS_JUNIT) != NULL &&
        !report_junit_begin(session_file(session, OPTIONS_JUNIT))) {
        int result = session_file_failed(session, OPTIONS_JUNIT, errno != 0 ? errno : EIO);
        (void)session_close(session, false);
        return result;
    }
    return SESSION_HELD;
}

int session_close(struct session *session, bool good)
{
    FILE *junit = session_file(session, OPTIONS_JUNIT);
    int result = keep_close(&session->keep, good);

    if (good && junit != NULL) {
        (void)report_junit_end(junit); /* output_close finds what failed */
    }
    for (enum options_file file = 0; file < OPTIONS_FILE_COUNT; file++) {
        int status = output_close(&session->outputs[file], good);
        if (good && status != 0 && result == SESSION_HELD) {
            result = session_file_failed(session, file, -status);
        }
    }
    return result;
}

/* What a writer of one of the outputs has returned, as a status. */
static int session_wrote(const struct session *session, enum options_file file, bool good)
{
    return good ? SESSION_HELD : session_file_failed(session, file, errno != 0 ? errno : EIO);
}

int session_write_run(const struct session *session, const struct report_run *run)
{
    FILE *json = session_file(session, OPTIONS_JSON);
    FILE *junit = session_file(session, OPTIONS_JUNIT);
    int status = SESSION_HELD;

    errno = 0;
    if (json != NULL) {
        status = session_wrote(session, OPTIONS_JSON, report_json(json, run));
    }
    if (junit != NULL && status == SESSION_HELD) {
        status = session_wrote(session, OPTIONS_JUNIT, report_junit_run(junit, run));
    }
    if (session->annotates) {
        (void)report_annotate_run(session->report, run); /* the report finds what failed */
    }
    return status;
}

int session_write_sweep(const struct session *session, const struct report_sweep *sweep)
{
    FILE *json = session_file(session, OPTIONS_JSON);
    FILE *junit = session_file(session, OPTIONS_JUNIT);
    int status = SESSION_HELD;

    errno = 0;
    if (json != NULL) {
        status = session_wrote(session, OPTIONS_JSON, report_sweep_json(json, sweep));
    }
    if (junit != NULL && status == SESSION_HELD) {
        status = session_wrote(session, OPTIONS_JUNIT, report_junit_sweep(junit, sweep));
    }
    if (session->annotates) {
        (void)report_annotate_sweep(session->report, sweep); /* the same */
    }
    return status;
}

int session_write_failed(const char *what, const char *path, int error)
{
    fprintf(stderr, "simrun: cannot write %s%s%s: %s\n", what, path != NULL ? " to " : "",
            path != NULL ? path : "", strerror(error));
    return SESSION_MACHINE;
}

int session_file_failed(const struct session *session, enum options_file file, int error)
{
    static const char *const WHAT[OPTIONS_FILE_COUNT] = {"JSON", "events", "the page",
                                                         "the capture", "JUnit's XML"};

    return session_write_failed(WHAT[file], session->options.files[file], error);
}
