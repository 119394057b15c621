/* simrun: a distributed system and a network that misbehaves on command, in one program. */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/output.h"
#include "cli/shipped.h"
#include "report/report.h"
#include "world/run.h"

/* Exit status (scenario-language.md); 128 + signal beside these. */
enum simrun_status {
    SIMRUN_HELD = 0,
    SIMRUN_FAILED = 1,
    SIMRUN_USAGE = 2,
    SIMRUN_MACHINE = 3,
    SIMRUN_BROKEN = 4
};

#define SIMRUN_COMMAND_MAX 2048

/* The outputs of a process, and how they look. */
struct simrun {
    struct options options;
    struct output json;
    struct output events;
    FILE *report; /* standard output, or standard error if that is taken by a `-` */
    struct report_style style;
    struct report_style error_style; /* of standard error: progress */
    int status;
};

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

static struct report_style simrun_style(const struct options *options, FILE *out)
{
    const char *no_color = getenv("NO_COLOR");
    bool unwanted = no_color != NULL && no_color[0] != '\0';
    bool automatic = isatty(fileno(out)) && !unwanted;

    return (struct report_style){
        .colour = options->color == COLOR_ALWAYS || (options->color == COLOR_AUTO && automatic),
        .unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
    };
}

/* The worst of two statuses: a signal, then 2, 3, 4, 1, 0. */
static int simrun_worse(int a, int b)
{
    static const int ORDER[] = {SIMRUN_USAGE, SIMRUN_MACHINE, SIMRUN_BROKEN, SIMRUN_FAILED};

    if (a >= 128 || b >= 128) {
        return a >= 128 ? a : b;
    }
    for (unsigned i = 0; i < sizeof ORDER / sizeof ORDER[0]; i++) {
        if (a == ORDER[i] || b == ORDER[i]) {
            return ORDER[i];
        }
    }
    return SIMRUN_HELD;
}

/* ---- reading scenarios ----------------------------------------------------------------------- */

static int simrun_complain_of_file(const char *path, int error)
{
    char found[4096];

    if (error == ENOENT && shipped_suggest(path, found, sizeof found)) {
        fprintf(stderr, "simrun: no file '%s'; did you mean %s?\n", path, found);
    } else if (error == ENOENT) {
        fprintf(stderr,
                "simrun: no file '%s'; simrun --list shows the scenarios that came with it\n",
                path);
    } else {
        fprintf(stderr, "simrun: cannot read '%s': %s\n", path, strerror(error));
    }
    return SIMRUN_USAGE;
}

static void simrun_print_messages(const struct scenario_messages *messages)
{
    for (uint32_t i = 0; i < messages->count; i++) {
        fputs(messages->items[i].text, stderr);
    }
}

/* An expectation that a run without trace could not judge. */
static bool simrun_check_trace(const struct simrun *simrun, const struct scenario *scenario)
{
    for (uint32_t i = 0; simrun->options.trace_off && i < scenario->expectation_count; i++) {
        const struct expectation *expectation = &scenario->expectations[i];
        if (verdict_needs_trace(expectation)) {
            fprintf(stderr, "%s:%u: error: `expect %s` needs the trace: leave out --trace off\n",
                    scenario->path, expectation->line, expectation->text);
            return false;
        }
    }
    return true;
}

/* Reads and checks one scenario; messages go to standard error. Returns 0 or the status. */
static int simrun_read(const struct simrun *simrun, const char *path, struct scenario *scenario)
{
    struct scenario_messages messages = {0};
    size_t size;
    char *bytes = shipped_read(path, &size);
    int status = SIMRUN_USAGE;

    if (bytes == NULL) {
        return simrun_complain_of_file(path, errno);
    }
    if (scenario_parse(scenario, path, bytes, size, &simrun->options.overrides, &messages)) {
        bool strict = simrun->options.strict && messages.count > 0;
        bool good = !strict && simrun_check_trace(simrun, scenario);
        if (strict) {
            fprintf(stderr, "simrun: --strict: warnings are errors\n");
        }
        if (!good) {
            scenario_free(scenario);
        }
        status = good ? SIMRUN_HELD : SIMRUN_USAGE;
    }
    simrun_print_messages(&messages);
    scenario_messages_free(&messages);
    free(bytes);
    return status;
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

static int simrun_write_failed(const char *what, const char *path, int error)
{
    fprintf(stderr, "simrun: cannot write %s%s%s: %s\n", what, path != NULL ? " to " : "",
            path != NULL ? path : "", strerror(error));
    return SIMRUN_MACHINE;
}

/* Prints and writes what a finished run has to say. Returns 0 or the status. */
static int simrun_report(struct simrun *simrun, const struct report_run *run,
                         const struct report_events *events)
{
    int status = SIMRUN_HELD;

    errno = 0;
    if (events->failed) {
        status = simrun_write_failed("events", simrun->options.events, errno != 0 ? errno : EIO);
    }
    errno = 0;
    if (simrun->json.file != NULL && !report_json(simrun->json.file, run)) {
        status = simrun_write_failed("JSON", simrun->options.json, errno != 0 ? errno : EIO);
    }
    errno = 0;
    if (!report_text(simrun->report, run, &simrun->style, simrun->options.quiet) ||
        fflush(simrun->report) != 0) {
        status = simrun_write_failed("the report", NULL, errno != 0 ? errno : EIO);
    }
    return status;
}

static int simrun_run(struct simrun *simrun, const struct scenario *scenario)
{
    const struct options *options = &simrun->options;
    struct report_events events = {.out = simrun->events.file, .scenario = scenario};
    struct report_live live = {.out = simrun->report, .scenario = scenario, .style = simrun->style};
    struct simrun_progress progress = {.out = stderr, .style = &simrun->error_style};
    bool shows_progress = isatty(STDERR_FILENO) && !options->quiet && !options->verbose;
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
    char command[SIMRUN_COMMAND_MAX];
    struct verdict verdict;
    struct run_facts facts;
    int status;

    if (options->verbose) {
        run_options.live = (struct trace_sink){.take = report_live_take, .context = &live};
    }
    if (simrun->events.file != NULL) {
        run_options.events = (struct trace_sink){.take = report_events_take, .context = &events};
    }
    status = run_scenario(scenario, &run_options, &verdict, &facts, error);
    if (shows_progress) {
        report_progress_wipe(stderr);
    }
    if (status != 0) {
        fprintf(stderr, "simrun: %s: %s\n", scenario->path, error);
        return SIMRUN_MACHINE;
    }
    options_command(options, scenario->path, scenario->seed, command, sizeof command);
    struct report_run run = {.scenario = scenario,
                             .verdict = &verdict,
                             .facts = &facts,
                             .command = command,
                             .status = verdict.status};
    status = simrun_report(simrun, &run, &events);
    status = simrun_worse(status, verdict.status);
    verdict_free(&verdict);
    run_facts_free(&facts);
    return status;
}

/* Opens the outputs before anything runs, so that a bad path costs no run. */
static int simrun_open_outputs(struct simrun *simrun)
{
    const struct options *options = &simrun->options;
    bool taken = (options->json != NULL && strcmp(options->json, "-") == 0) ||
                 (options->events != NULL && strcmp(options->events, "-") == 0);
    int status = output_open(&simrun->json, options->json);

    if (status != 0) {
        return simrun_write_failed("JSON", options->json, -status);
    }
    status = output_open(&simrun->events, options->events);
    if (status != 0) {
        (void)output_close(&simrun->json, false);
        return simrun_write_failed("events", options->events, -status);
    }
    simrun->report = taken ? stderr : stdout;
    simrun->style = simrun_style(options, simrun->report);
    simrun->error_style = simrun_style(options, stderr);
    return SIMRUN_HELD;
}

static int simrun_close_outputs(struct simrun *simrun, bool good)
{
    int json = output_close(&simrun->json, good);
    int events = output_close(&simrun->events, good);

    if (good && json != 0) {
        return simrun_write_failed("JSON", simrun->options.json, -json);
    }
    if (good && events != 0) {
        return simrun_write_failed("events", simrun->options.events, -events);
    }
    return SIMRUN_HELD;
}

static int simrun_run_all(struct simrun *simrun, const struct scenario *scenarios, uint32_t count)
{
    int status = simrun_open_outputs(simrun);

    if (status != SIMRUN_HELD) {
        return status;
    }
    for (uint32_t i = 0; i < count && status < 128 && status != SIMRUN_MACHINE; i++) {
        status = simrun_worse(status, simrun_run(simrun, &scenarios[i]));
    }
    return simrun_worse(status, simrun_close_outputs(simrun, status != SIMRUN_MACHINE));
}

static int simrun_explain_all(struct simrun *simrun, const struct scenario *scenarios,
                              uint32_t count)
{
    struct report_style style = simrun_style(&simrun->options, stdout);
    uint32_t warnings = 0;

    for (uint32_t i = 0; i < count; i++) {
        warnings += report_explain(stdout, &scenarios[i], &style);
    }
    if (fflush(stdout) != 0) {
        return simrun_write_failed("the explanation", NULL, errno);
    }
    if (warnings > 0 && simrun->options.strict) {
        fprintf(stderr, "simrun: --strict: warnings are errors\n");
        return SIMRUN_USAGE;
    }
    return SIMRUN_HELD;
}

/* Reads all scenarios first: nothing starts until every file is right. */
static int simrun_do_scenarios(struct simrun *simrun)
{
    uint32_t count = simrun->options.scenario_count;
    struct scenario *scenarios = calloc(count, sizeof *scenarios);
    uint32_t read = 0;
    int status = SIMRUN_HELD;

    if (scenarios == NULL) {
        return SIMRUN_MACHINE;
    }
    for (uint32_t i = 0; i < count; i++) {
        int one = simrun_read(simrun, simrun->options.scenarios[i], &scenarios[read]);
        read += one == SIMRUN_HELD;
        status = simrun_worse(status, one);
    }
    if (status == SIMRUN_HELD) {
        status = simrun->options.action == OPTIONS_CHECK
                     ? simrun_explain_all(simrun, scenarios, count)
                     : simrun_run_all(simrun, scenarios, count);
    }
    while (read > 0) {
        scenario_free(&scenarios[--read]);
    }
    free(scenarios);
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
    return SIMRUN_USAGE;
}

static int simrun_help(const char *topic)
{
    if (report_help(stdout, topic)) {
        return SIMRUN_HELD;
    }
    return SIMRUN_USAGE;
}

static int simrun_list(void)
{
    if (shipped_list(stdout)) {
        return SIMRUN_HELD;
    }
    fputs("simrun: the scenarios that came with it are not where they were installed\n", stderr);
    return SIMRUN_MACHINE;
}

static int simrun_act(struct simrun *simrun)
{
    switch (simrun->options.action) {
    case OPTIONS_RUN:
    case OPTIONS_CHECK:
        return simrun_do_scenarios(simrun);
    case OPTIONS_LIST:
        return simrun_list();
    case OPTIONS_HELP:
        return simrun_help(simrun->options.topic);
    case OPTIONS_VERSION:
        puts("simrun " SIMRUN_VERSION);
        return SIMRUN_HELD;
    case OPTIONS_BARE:
        return simrun_bare();
    }
    return SIMRUN_USAGE;
}

int main(int argc, char **argv)
{
    struct simrun simrun = {0};
    char error[OPTIONS_ERROR_MAX];
    int status = SIMRUN_USAGE;

    simrun_hold_standard_streams();
    setlocale(LC_CTYPE, "");
    if (options_parse(&simrun.options, argc, argv, error)) {
        status = simrun_act(&simrun);
    } else {
        fprintf(stderr, "simrun: %s\n", error);
    }
    options_free(&simrun.options);
    if (fflush(stdout) != 0 && status == SIMRUN_HELD) {
        status = simrun_write_failed("to standard output", NULL, errno);
    }
    return status;
}
