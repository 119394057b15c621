/* simrun: a distributed system and a network that misbehaves on command, in one program. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/models.h"
#include "cli/prove.h"
#include "cli/search.h"
#include "cli/session.h"
#include "cli/shipped.h"
#include "cli/source.h"
#include "report/report.h"
#include "verdict/pool.h"
#include "world/run.h"

/* A closed standard stream would let a socket or a file take its number. */
static void simrun_hold_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
            (void)!open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
        }
    }
    signal(SIGPIPE, SIG_IGN);
}

/* Whether all that was written has got out; if not, errno says why. */
static bool simrun_flush(FILE *out)
{
    if (fflush(out) == 0 && !ferror(out)) {
        return true;
    }
    errno = errno != 0 ? errno : EIO; /* an earlier flush has left it */
    return false;
}

/* ---- running --------------------------------------------------------------------------------- */

struct simrun_progress {
    FILE *out;
    const struct report_style *style;
};

static void simrun_on_progress(void *context, uint64_t elapsed_ns, uint64_t settled, uint64_t total)
{
    const struct simrun_progress *progress = context;
    struct report_progress line = {.elapsed_ns = elapsed_ns, .settled = settled, .total = total};

    report_progress_draw(progress->out, progress->style, &line);
}

/* Prints and writes what a finished run has to say. Returns 0 or the status. */
static int simrun_report(struct session *session, const struct report_run *run,
                         const struct report_events *events)
{
    int status = SESSION_HELD;

    if (events->failed) {
        status = session_write_failed("events", session->options.events, events->error);
    }
    errno = 0;
    if (session->json.file != NULL && !report_json(session->json.file, run)) {
        status = session_write_failed("JSON", session->options.json, errno != 0 ? errno : EIO);
    }
    errno = 0;
    if (!report_text(session->report, run, &session->style, session->options.quiet) ||
        fflush(session->report) != 0) {
        status = session_write_failed("the report", NULL, errno != 0 ? errno : EIO);
    }
    return status;
}

static int simrun_run(struct session *session, const struct scenario *scenario)
{
    const struct options *options = &session->options;
    struct report_events events = {.out = session->events.file, .scenario = scenario};
    struct report_live live = {
        .out = session->report, .scenario = scenario, .style = session->style};
    struct simrun_progress progress = {.out = stderr, .style = &session->error_style};
    bool shows_progress = session_shows_progress(session);
    struct run_options run_options = {
        .trace_off = options->trace_off,
        .spin = options->spin,
        .cpus_given = options->cpus_given,
        .cpus = options->cpus,
        .keep_requests = options->json != NULL,
        .progress = shows_progress ? simrun_on_progress : NULL,
        .progress_context = &progress,
    };
    char error[RUN_ERROR_MAX];
    char command[SESSION_COMMAND_MAX];
    struct verdict verdict;
    struct run_facts facts;
    int status;

    if (options->verbose) {
        run_options.live = (struct trace_sink){.take = report_live_take, .context = &live};
    }
    if (session->events.file != NULL) {
        run_options.events = (struct trace_sink){.take = report_events_take, .context = &events};
    }
    status = run_scenario(scenario, &run_options, &verdict, &facts, error);
    if (shows_progress) {
        report_progress_wipe(stderr);
    }
    if (status != 0) {
        fprintf(stderr, "simrun: %s: %s\n", scenario->path, error);
        return SESSION_MACHINE;
    }
    options_command(options, scenario->path, scenario->seed, command, sizeof command);
    struct report_run run = {.scenario = scenario,
                             .verdict = &verdict,
                             .facts = &facts,
                             .command = command,
                             .status = verdict.status};
    status = simrun_report(session, &run, &events);
    status = pool_worse_status(status, verdict.status);
    verdict_free(&verdict);
    run_facts_free(&facts);
    return status;
}

/* The text of a random scenario, for those who want to see what is run. */
static int simrun_show_source(FILE *out, const struct source *source)
{
    fputs(source->bytes, out);
    fputc('\n', out);
    return simrun_flush(out) ? SESSION_HELD : session_write_failed("the scenario", NULL, errno);
}

static int simrun_run_one(struct session *session, const struct source *source,
                          const struct scenario *scenario)
{
    int status = SESSION_HELD;

    if (search_is_wanted(&session->options) || prove_is_wanted(&session->options)) {
        session_keep_memory();
    }
    if (search_is_wanted(&session->options)) {
        return search_run(session, source, scenario);
    }
    if (prove_is_wanted(&session->options)) {
        return prove_run(session, scenario);
    }
    if (session->options.random && session->options.verbose) {
        status = simrun_show_source(session->report, source);
    }
    return status != SESSION_HELD ? status : simrun_run(session, scenario);
}

static int simrun_run_all(struct session *session, const struct source *sources,
                          const struct scenario *scenarios, uint32_t count)
{
    int status = session_open(session);

    if (status != SESSION_HELD) {
        return status;
    }
    for (uint32_t i = 0; i < count && status < 128 && status != SESSION_MACHINE; i++) {
        status = pool_worse_status(status, simrun_run_one(session, &sources[i], &scenarios[i]));
    }
    return pool_worse_status(status, session_close(session, status != SESSION_MACHINE));
}

static int simrun_explain_all(struct session *session, const struct source *sources,
                              const struct scenario *scenarios, uint32_t count)
{
    struct report_style style = session_style(&session->options, stdout);
    uint32_t warnings = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (session->options.random && simrun_show_source(stdout, &sources[i]) != SESSION_HELD) {
            return SESSION_MACHINE;
        }
        warnings += report_explain(stdout, &scenarios[i], &style);
    }
    if (!simrun_flush(stdout)) {
        return session_write_failed("the explanation", NULL, errno);
    }
    if (warnings > 0 && session->options.strict) {
        fprintf(stderr, "simrun: --strict: warnings are errors\n");
        return SESSION_USAGE;
    }
    return SESSION_HELD;
}

/* Reads and checks one scenario. Returns 0 and both filled, or the status and neither. */
static int simrun_read(const struct session *session, const char *path, struct source *source,
                       struct scenario *scenario)
{
    const struct options *options = &session->options;
    int status = source_read(source, options, path);

    if (status != SESSION_HELD) {
        return status;
    }
    status = source_parse(source, options, &options->overrides, scenario);
    if (status == SESSION_HELD && search_is_wanted(options)) {
        status = search_check(session, source, scenario);
        if (status != SESSION_HELD) {
            scenario_free(scenario);
        }
    }
    if (status != SESSION_HELD) {
        source_free(source);
    }
    return status;
}

/* Reads all scenarios first: nothing starts until every file is right. */
static int simrun_do_scenarios(struct session *session)
{
    const struct options *options = &session->options;
    uint32_t count = options->random ? 1 : options->scenario_count;
    struct scenario *scenarios = calloc(count, sizeof *scenarios);
    struct source *sources = calloc(count, sizeof *sources);
    uint32_t read = 0;
    int status = scenarios == NULL || sources == NULL ? SESSION_MACHINE : SESSION_HELD;

    for (uint32_t i = 0; i < count && status != SESSION_MACHINE; i++) {
        const char *path = options->random ? NULL : options->scenarios[i];
        int one = simrun_read(session, path, &sources[read], &scenarios[read]);
        read += one == SESSION_HELD;
        status = pool_worse_status(status, one);
    }
    if (status == SESSION_HELD) {
        status = options->action == OPTIONS_CHECK
                     ? simrun_explain_all(session, sources, scenarios, count)
                     : simrun_run_all(session, sources, scenarios, count);
    }
    while (read > 0) {
        scenario_free(&scenarios[--read]);
        source_free(&sources[read]);
    }
    free(scenarios);
    free(sources);
    return status;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static int simrun_bare(void)
{
    fputs("simrun runs a broker, its servers and scripted clients over a network that misbehaves.\n"
          "  simrun SCENARIO...      run scenarios, e.g. simrun scenarios/loss10.txt\n"
          "  simrun --check FILE     explain a scenario in plain words, run nothing\n"
          "  simrun --list           the scenarios that came with it\n"
          "  simrun --help[=TOPIC]   all options; topics teach the language\n",
          stderr);
    return SESSION_USAGE;
}

static int simrun_help(const char *topic)
{
    if (report_help(stdout, topic)) {
        return SESSION_HELD;
    }
    return SESSION_USAGE;
}

static int simrun_list(void)
{
    if (shipped_list(stdout)) {
        return SESSION_HELD;
    }
    fputs("simrun: the scenarios that came with it are not where they were installed\n", stderr);
    return SESSION_MACHINE;
}

static int simrun_act(struct session *session)
{
    switch (session->options.action) {
    case OPTIONS_RUN:
    case OPTIONS_CHECK:
        return simrun_do_scenarios(session);
    case OPTIONS_LIST:
        return simrun_list();
    case OPTIONS_MODELS:
        return models_print(stdout);
    case OPTIONS_HELP:
        return simrun_help(session->options.topic);
    case OPTIONS_VERSION:
        puts("simrun " SIMRUN_VERSION);
        return SESSION_HELD;
    case OPTIONS_BARE:
        return simrun_bare();
    }
    return SESSION_USAGE;
}

int main(int argc, char **argv)
{
    struct session session = {0};
    char error[OPTIONS_ERROR_MAX];
    int status = SESSION_USAGE;

    simrun_hold_standard_streams();
    setlocale(LC_CTYPE, "");
    if (options_parse(&session.options, argc, argv, error)) {
        status = simrun_act(&session);
    } else {
        fprintf(stderr, "simrun: %s\n", error);
    }
    options_free(&session.options);
    if (!simrun_flush(stdout) && status == SESSION_HELD) {
        status = session_write_failed("to standard output", NULL, errno);
    }
    return status;
}
