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
#include "cli/play.h"
#include "cli/prove.h"
#include "cli/search.h"
#include "cli/session.h"
#include "cli/shipped.h"
#include "cli/source.h"
#include "report/diff.h"
#include "report/report.h"
#include "verdict/pool.h"
#include "world/signals.h"

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

    if (options_is_search(&session->options) || options_is_proof(&session->options)) {
        session_keep_memory();
    }
    if (options_is_search(&session->options)) {
        return search_run(session, source, scenario);
    }
    if (options_is_proof(&session->options)) {
        return prove_run(session, scenario);
    }
    if (session->options.random && session->options.verbose) {
        status = simrun_show_source(session->report, source);
    }
    return status != SESSION_HELD ? status : play_run(session, scenario);
}

/* A signal that finds no run to end, while something is written, ends the process after that. */
static int simrun_run_all(struct session *session, const struct source *sources,
                          const struct scenario *scenarios, uint32_t count)
{
    int status = session_open(session);
    sigset_t before;

    if (status != SESSION_HELD) {
        return status;
    }
    signals_hold(&before);
    for (uint32_t i = 0; i < count && status < 128 && status != SESSION_MACHINE; i++) {
        status = pool_worse_status(status, simrun_run_one(session, &sources[i], &scenarios[i]));
        int signal = signals_take();
        if (signal != 0 && status != SESSION_MACHINE) {
            status = pool_worse_status(status, 128 + signal);
        }
    }
    status = pool_worse_status(status, session_close(session, status != SESSION_MACHINE));
    signals_restore(&before);
    return status;
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
    if (status == SESSION_HELD) {
        status = options_is_search(options) ? search_check(session, source, scenario)
                                            : play_check(session, scenario);
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
    fprintf(stderr, "simrun: --help has no topic '%s'\n", topic);
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

static int simrun_diff(const struct session *session)
{
    const struct options *options = &session->options;
    struct report_style style = session_style(options, stdout);
    char error[REPORT_DIFF_ERROR_MAX];

    switch (report_diff(stdout, &style, options->scenarios[0], options->scenarios[1], error)) {
    case REPORT_DIFF_SAME:
        return SESSION_HELD;
    case REPORT_DIFF_PARTED:
        return SESSION_FAILED;
    case REPORT_DIFF_BAD:
        fprintf(stderr, "simrun: --diff: %s\n", error);
        return SESSION_USAGE;
    case REPORT_DIFF_FAILED:
        fprintf(stderr, "simrun: --diff: %s\n", error);
        return SESSION_MACHINE;
    }
    return SESSION_USAGE;
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
    case OPTIONS_DIFF:
        return simrun_diff(session);
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
