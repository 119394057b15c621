#include "cli/session.h"

#include <langinfo.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    bool taken = (options->json != NULL && strcmp(options->json, "-") == 0) ||
                 (options->events != NULL && strcmp(options->events, "-") == 0);
    int status = output_open(&session->json, options->json);

    if (status != 0) {
        return session_write_failed("JSON", options->json, -status);
    }
    status = output_open(&session->events, options->events);
    if (status != 0) {
        (void)output_close(&session->json, false);
        return session_write_failed("events", options->events, -status);
    }
    session->report = taken ? stderr : stdout;
    session->style = session_style(options, session->report);
    session->error_style = session_style(options, stderr);
    return SESSION_HELD;
}

int session_close(struct session *session, bool good)
{
    int json = output_close(&session->json, good);
    int events = output_close(&session->events, good);

    if (good && json != 0) {
        return session_write_failed("JSON", session->options.json, -json);
    }
    if (good && events != 0) {
        return session_write_failed("events", session->options.events, -events);
    }
    return SESSION_HELD;
}

int session_write_failed(const char *what, const char *path, int error)
{
    fprintf(stderr, "simrun: cannot write %s%s%s: %s\n", what, path != NULL ? " to " : "",
            path != NULL ? path : "", strerror(error));
    return SESSION_MACHINE;
}
