#include "cli/play.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cli/pace.h"
#include "report/ladder.h"
#include "report/look.h"
#include "report/only.h"
#include "report/page.h"
#include "report/pcap.h"
#include "report/why.h"
#include "trace/log.h"
#include "verdict/pool.h"
#include "world/run.h"
#include "world/signals.h"

/* Columns of a chart that no terminal shows. */
#define PLAY_WIDTH     120
#define PLAY_WIDTH_MIN 40

/* What looks at a run. The records go to the events' file and to the log, and while it runs to -v:
 * through --only, and at the pace that was asked for. */
struct play {
    const struct session *session;
    struct keep *keep; /* the session's: --out */
    const struct scenario *scenario;
    struct report_only only_parts; /* owned, where `only` is set */
    const struct report_only *only;
    struct report_events events;
    struct report_only_sink events_sink;
    struct report_live live;
    struct pace pace;
    struct report_only_sink live_sink;
    struct report_progress progress; /* the latest: drawn below what --pace shows */
    struct trace_log log;            /* owned */
    bool keeps_log;
};

/* ---- before ---------------------------------------------------------------------------------- */

static bool play_has_pace(const struct options *options)
{
    return options->pace_step || options->pace_ppm > 0;
}

int play_check(const struct session *session, const struct scenario *scenario)
{
    const struct options *options = &session->options;
    struct report_only only;
    char error[REPORT_WHY_ERROR_MAX + REPORT_ONLY_ERROR_MAX];
    uint32_t client;
    uint32_t n;

    if (play_has_pace(options) && scenario->world != WORLD_VIRTUAL) {
        fprintf(stderr, "simrun: %s: the real world keeps its own pace: add --world virtual\n",
                scenario->path);
        return SESSION_USAGE;
    }
    if (options->only != NULL && !report_only_parse(&only, scenario, options->only, error)) {
        fprintf(stderr, "simrun: --only: %s\n", error);
        return SESSION_USAGE;
    }
    if (options->only != NULL) {
        report_only_free(&only);
    }
    if (options->why != NULL && !report_why_parse(scenario, options->why, &client, &n, error)) {
        fprintf(stderr, "simrun: --why: %s\n", error);
        return SESSION_USAGE;
    }
    return SESSION_HELD;
}

static void play_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct play *play = context;

    if (play->events.out != NULL) {
        report_only_take(&play->events_sink, record, bytes);
    }
    if (play->keeps_log) {
        trace_log_take(&play->log, record, bytes);
    }
}

/* Shows a record of a paced run, in place of the line of progress, which then stands below it. */
static void play_take_paced(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct play *play = context;

    report_progress_wipe(stderr);
    report_live_take(&play->live, record, bytes);
    play->progress.elapsed_ns = record->t_ns;
    report_progress_draw(stderr, &play->session->error_style, &play->progress);
}

/* Sets what sees the records while the run goes on. Returns 0 or the status. */
static int play_open_live(struct play *play, struct run_options *run_options)
{
    const struct options *options = &play->session->options;
    struct trace_sink sink = {.take = report_live_take, .context = &play->live};

    play->pace.keys = -1;
    play->progress.total = play->scenario->request_count;
    if (!options->verbose && !play_has_pace(options)) {
        return SESSION_HELD;
    }
    play->live = (struct report_live){
        .out = play->session->report, .scenario = play->scenario, .style = play->session->style};
    if (play_has_pace(options)) {
        if (run_options->progress != NULL) {
            sink = (struct trace_sink){.take = play_take_paced, .context = play};
        }
        int status = pace_open(&play->pace, &sink, options->pace_ppm);
        if (status != 0) {
            fprintf(stderr, "simrun: --pace step: no terminal to read keys from: %s\n",
                    strerror(-status));
            return SESSION_MACHINE;
        }
        if (options->pace_step && run_options->progress != NULL) {
            fputs("any key: the next event, c: no more waiting, Ctrl-C: the end\n", stderr);
        }
        sink = (struct trace_sink){.take = pace_take, .context = &play->pace};
        setvbuf(play->session->report, NULL, _IOLBF, 0);
    }
    play->live_sink = (struct report_only_sink){.only = play->only, .next = sink};
    run_options->live = (struct trace_sink){.take = report_only_take, .context = &play->live_sink};
    return SESSION_HELD;
}

/* Sets what the run is to keep and to show. Returns 0 or the status; play_close in any case. */
static int play_open(struct play *play, struct session *session, const struct scenario *scenario,
                     struct run_options *run_options)
{
    const struct options *options = &session->options;
    char error[REPORT_ONLY_ERROR_MAX];

    *play = (struct play){.session = session, .keep = &session->keep, .scenario = scenario};
    trace_log_init(&play->log);
    if (options->only != NULL) {
        if (!report_only_parse(&play->only_parts, scenario, options->only, error)) {
            fprintf(stderr, "simrun: --only: %s\n", error);
            return SESSION_USAGE;
        }
        play->only = &play->only_parts;
    }
    play->events =
        (struct report_events){.out = session_file(session, OPTIONS_EVENTS), .scenario = scenario};
    play->events_sink = (struct report_only_sink){
        .only = play->only, .next = {.take = report_events_take, .context = &play->events}};
    play->keeps_log = options->ladder != LADDER_NONE || options->why != NULL ||
                      options->files[OPTIONS_HTML] != NULL ||
                      options->files[OPTIONS_PCAP] != NULL || keep_is_wanted(play->keep);
    run_options->keep_requests = options->files[OPTIONS_JSON] != NULL || play->keeps_log;
    if (play->events.out != NULL || play->keeps_log) {
        run_options->events = (struct trace_sink){.take = play_take, .context = play};
    }
    return play_open_live(play, run_options);
}

static void play_close(struct play *play)
{
    pace_close(&play->pace);
    trace_log_free(&play->log);
    if (play->only != NULL) {
        report_only_free(&play->only_parts);
    }
}

/* ---- afterwards ------------------------------------------------------------------------------ */

/* Columns of the terminal that the report goes to. */
static unsigned play_width(FILE *out)
{
    struct winsize size;

    if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return PLAY_WIDTH;
    }
    return size.ws_col < PLAY_WIDTH_MIN ? PLAY_WIDTH_MIN : size.ws_col;
}

/* Prints what people asked to see before the report. False if writing failed. */
static bool play_print(const struct play *play, const struct report_look *look)
{
    const struct session *session = play->session;
    const struct options *options = &session->options;
    FILE *out = session->report;
    uint32_t client;
    uint32_t n;
    char error[REPORT_WHY_ERROR_MAX];

    if (options->ladder == LADDER_TEXT &&
        !report_ladder(out, look, &session->style, play_width(out))) {
        return false;
    }
    if (options->ladder == LADDER_MERMAID && !report_ladder_mermaid(out, look)) {
        return false;
    }
    return options->why == NULL ||
           !report_why_parse(play->scenario, options->why, &client, &n, error) ||
           report_why(out, look, &session->style, client, n);
}

/* Writes all files that are wanted of the run. Returns 0 or the status. */
static int play_write(const struct play *play, const struct report_look *look)
{
    const struct session *session = play->session;
    FILE *html = session_file(session, OPTIONS_HTML);
    FILE *pcap = session_file(session, OPTIONS_PCAP);

    if (play->events.failed) {
        return session_file_failed(session, OPTIONS_EVENTS, play->events.error);
    }
    if (play->log.failed) {
        fprintf(stderr, "simrun: %s: no memory for the whole log: try fewer requests\n",
                play->scenario->path);
        return SESSION_MACHINE;
    }
    errno = 0;
    if (html != NULL && !report_page(html, look)) {
        return session_file_failed(session, OPTIONS_HTML, errno != 0 ? errno : EIO);
    }
    if (pcap != NULL && !report_pcap(pcap, look)) {
        return session_file_failed(session, OPTIONS_PCAP, errno != 0 ? errno : EIO);
    }
    return session_write_run(session, look->run);
}

/* Prints and writes what a finished run has to say. Returns 0 or the status. */
static int play_report(const struct play *play, const struct report_run *run)
{
    const struct session *session = play->session;
    struct report_look look = {.run = run, .log = &play->log, .only = play->only};
    int status = play_write(play, &look);

    errno = 0;
    if ((play->keeps_log && !play->log.failed && !play_print(play, &look)) ||
        !report_text(session->report, run, &session->style, session->options.quiet) ||
        fflush(session->report) != 0) {
        status = session_write_failed("the report", NULL, errno != 0 ? errno : EIO);
    }
    look.only = NULL;
    return status == SESSION_HELD && keep_is_wanted(play->keep) ? keep_run(play->keep, &look)
                                                                : status;
}

/* ---- the run --------------------------------------------------------------------------------- */

static void play_on_progress(void *context, uint64_t elapsed_ns, uint64_t settled, uint64_t total)
{
    struct play *play = context;

    play->progress =
        (struct report_progress){.elapsed_ns = elapsed_ns, .settled = settled, .total = total};
    report_progress_draw(stderr, &play->session->error_style, &play->progress);
}

/* Runs it and reports. Returns the exit status. */
static int play_run_open(struct session *session, const struct play *play,
                         const struct run_options *run_options)
{
    const struct scenario *scenario = play->scenario;
    char error[RUN_ERROR_MAX];
    char command[SESSION_COMMAND_MAX];
    struct verdict verdict;
    struct run_facts facts;
    int status = run_scenario(scenario, run_options, &verdict, &facts, error);

    if (run_options->progress != NULL) {
        report_progress_wipe(stderr);
    }
    if (status != 0) {
        fprintf(stderr, "simrun: %s: %s\n", scenario->path, error);
        return SESSION_MACHINE;
    }
    if (facts.end == RUN_SIGNAL) {
        signals_let_kill(); /* a second one does not wait for the report */
    }
    options_command(&session->options, scenario->path, scenario->seed, command, sizeof command);
    struct report_run run = {.scenario = scenario,
                             .verdict = &verdict,
                             .facts = &facts,
                             .command = command,
                             .status = verdict.status};
    status = pool_worse_status(play_report(play, &run), verdict.status);
    verdict_free(&verdict);
    run_facts_free(&facts);
    return status;
}

int play_run(struct session *session, const struct scenario *scenario)
{
    const struct options *options = &session->options;
    struct play play;
    struct run_options run_options = {
        .trace_off = options->trace_off,
        .spin = options->spin,
        .cpus_given = options->cpus_given,
        .cpus = options->cpus,
        .progress = session_shows_progress(session) ? play_on_progress : NULL,
        .progress_context = &play,
    };
    int status = play_open(&play, session, scenario, &run_options);

    if (status == SESSION_HELD) {
        status = play_run_open(session, &play, &run_options);
    }
    play_close(&play);
    return status;
}
