#include "cli/prove.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/output.h"
#include "world/explore.h"
#include "world/run.h"
#include "world/shrink.h"
#include "world/signals.h"
#include "world/verify.h"
#include "world/wall.h"

/* Wall time between two drawings of the progress line. */
#define PROVE_DRAW_NS (100 * NS_PER_MS)

/* A search under way: its progress line, and the signals that end it early. */
struct prove {
    struct session *session;
    const struct scenario *scenario;
    uint64_t begin_ns; /* of the wall clock */
    uint64_t draw_ns;  /* when the line is drawn next */
    bool drawn;
    int signal; /* that came; 0 = none */
    sigset_t before;
    struct output
        output; /* of --shrink: open from before the search, so that a bad path costs none */
    bool wrote; /* it has its scenario */
};

/* ---- while it searches ------------------------------------------------------------------------
 */

static void prove_begin(struct prove *prove)
{
    signals_hold(&prove->before);
    prove->begin_ns = wall_clock_ns();
    prove->draw_ns = prove->begin_ns + 2 * PROVE_DRAW_NS;
}

static void prove_end(struct prove *prove)
{
    if (prove->drawn) {
        fputs("\r\033[K", stderr);
    }
    signals_restore(&prove->before);
    if (prove->signal != 0) {
        signals_let_kill();
    }
}

/* Draws what is done now and then: `what` is of the search. True: a signal came. */
static bool prove_look(struct prove *prove, const char *what, uint64_t runs)
{
    uint64_t now_ns = wall_clock_ns();
    int signal = signals_take();

    if (signal != 0) {
        prove->signal = signal;
        return true;
    }
    if (session_shows_progress(prove->session) && now_ns >= prove->draw_ns) {
        double seconds = (double)(now_ns - prove->begin_ns) / (double)NS_PER_S;
        fprintf(stderr, "\r\033[K%s, %llu runs, %.0f a second", what, (unsigned long long)runs,
                (double)runs / seconds);
        fflush(stderr);
        prove->draw_ns = now_ns + PROVE_DRAW_NS;
        prove->drawn = true;
    }
    return false;
}

static bool prove_on_explore(void *context, uint64_t runs, uint32_t losses, uint64_t expected)
{
    char what[80];

    snprintf(what, sizeof what, "explore: %u losses, about %llu runs to make", losses,
             (unsigned long long)expected);
    return prove_look(context, what, runs);
}

static bool prove_on_shrink(void *context, uint64_t runs, uint32_t faults)
{
    char what[80];

    snprintf(what, sizeof what, "shrink: %u faults left", faults);
    return prove_look(context, what, runs);
}

/* ---- shrink ------------------------------------------------------------------------------------
 */

static int prove_open_output(struct prove *prove)
{
    const char *path = prove->session->options.shrink;
    int status = output_open(&prove->output, path);

    return status == 0 ? SESSION_HELD : session_write_failed("the scenario", path, -status);
}

/* Puts the scenario in place, or leaves all as it was if there is none. */
static int prove_close_output(struct prove *prove)
{
    const char *path = prove->session->options.shrink;
    int status = output_close(&prove->output, prove->wrote);

    return status == 0 ? SESSION_HELD : session_write_failed("the scenario", path, -status);
}

/* Says what is left and where; writes it. Returns the status of the failing run. */
static int prove_report_shrunk(struct prove *prove, const struct shrink_result *result)
{
    const char *path = prove->session->options.shrink;
    FILE *out = strcmp(path, "-") == 0 ? stderr : prove->session->report;

    (void)fputs(result->text, prove->output.file); /* closing tells whether that was good */
    prove->wrote = true;
    fprintf(out, "fails: %s\n", result->failure.text);
    fprintf(out, "shrunk from %u to %u fault%s, to %u client%s and %llu request%s, in %llu runs\n",
            result->faults_before, result->faults_after, result->faults_after == 1 ? "" : "s",
            result->clients_after, result->clients_after == 1 ? "" : "s",
            (unsigned long long)result->requests_after, result->requests_after == 1 ? "" : "s",
            (unsigned long long)result->runs);
    if (prove->signal != 0) {
        fputs("stopped early: more could go\n", out);
    }
    if (!result->by_itself) {
        fputs("the scenario written does not fail by itself: what it needs cannot be said by exact "
              "faults\n",
              out);
    }
    if (strcmp(path, "-") != 0) {
        char command[SESSION_COMMAND_MAX];
        options_show_command(path, command, sizeof command);
        fprintf(out, "next: %s\n", command);
    }
    return result->failure.status;
}

static int prove_shrink(struct prove *prove)
{
    struct shrink_options options = {.progress = prove_on_shrink, .progress_context = prove};
    char command[SESSION_COMMAND_MAX];
    struct shrink_result result;
    int status = SESSION_MACHINE;

    options_command(&prove->session->options, prove->scenario->path, prove->scenario->seed, command,
                    sizeof command);
    options.command = command;
    prove_begin(prove);
    shrink_run(prove->scenario, &options, &result);
    prove_end(prove);
    switch (result.end) {
    case SHRINK_DONE:
        status = prove_report_shrunk(prove, &result);
        break;
    case SHRINK_PASSES:
        fprintf(prove->session->report,
                "%s holds in the virtual world with seed %llu: there is nothing to shrink\n",
                prove->scenario->path, (unsigned long long)prove->scenario->seed);
        status = SESSION_HELD;
        break;
    case SHRINK_STOPPED:
        fputs("stopped in the first run: whether it fails is not known\n", prove->session->report);
        status = SESSION_HELD; /* the signal's instead */
        break;
    case SHRINK_NO_MEMORY:
        fprintf(stderr, "simrun: no memory to shrink %s\n", prove->scenario->path);
        break;
    }
    free(result.text);
    return status == SESSION_MACHINE || prove->signal == 0 ? status : 128 + prove->signal;
}

/* ---- explore -----------------------------------------------------------------------------------
 */

static void prove_print_losses(struct prove *prove, const struct explore_result *result)
{
    const struct scenario_node *nodes = prove->scenario->nodes;

    for (uint32_t i = 0; i < result->found_count; i++) {
        const struct fault_choice *choice = &result->found[i];
        fprintf(prove->session->report, "  lose %s -> %s",
                nodes[scenario_link_from(choice->link)].name,
                nodes[scenario_link_to(choice->link)].name);
        if (choice->client == UINT32_MAX) {
            fprintf(prove->session->report, ", its datagram number %u", choice->n);
        } else {
            fprintf(prove->session->report, " of %s/%u try %u", nodes[choice->client].name,
                    choice->n, choice->try);
            if (choice->carriage > 0) {
                fprintf(prove->session->report, ", carried before %u time%s", choice->carriage,
                        choice->carriage == 1 ? "" : "s");
            }
        }
        fputs(choice->copy > 0 ? ", the copy\n" : "\n", prove->session->report);
    }
}

/* Writes the counterexample as a scenario to --shrink's file, if there is one. */
static int prove_write_counterexample(struct prove *prove, const struct explore_result *result)
{
    struct shrink_options options = {.progress = NULL};
    char command[SESSION_COMMAND_MAX];
    struct shrink_result shrunk;
    int status = result->failure.status;

    if (prove->session->options.shrink == NULL) {
        fputs("next: add --shrink FILE to have it as a scenario\n", prove->session->report);
        return status;
    }
    options_command(&prove->session->options, prove->scenario->path, prove->scenario->seed, command,
                    sizeof command);
    options.command = command;
    shrink_choices(prove->scenario, result->found, result->found_count, &options, &shrunk);
    if (shrunk.end == SHRINK_DONE) {
        status = prove_report_shrunk(prove, &shrunk);
    }
    free(shrunk.text);
    return status;
}

/* What is known of a search that did not come to its end. */
static void prove_print_partial(struct prove *prove, const struct explore_result *result)
{
    if (result->runs == 0) {
        fputs("stopped in the first run: nothing is known\n", prove->session->report);
        return;
    }
    fprintf(prove->session->report,
            "stopped after %llu run%s: no way to lose up to %u datagram%s breaks this; beyond that "
            "nothing is known\n",
            (unsigned long long)result->runs, result->runs == 1 ? "" : "s", result->losses_done,
            result->losses_done == 1 ? "" : "s");
}

/* Whether the scenario leaves something to chance, which a search of losses switches off. */
static bool prove_has_chance(const struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct fault_set *faults = &scenario->rules[i].faults;
        if (faults->loss_q63 > 0 || faults->chain != NULL || faults->duplicate_q63 > 0 ||
            faults->corrupt_q63 > 0 || faults->truncate_q63 > 0 || faults->reorder_q63 > 0 ||
            faults->jitter_ns > 0) {
            return true;
        }
    }
    return false;
}

static int prove_report_explored(struct prove *prove, const struct explore_result *result)
{
    uint32_t losses = prove->session->options.explore_losses;
    FILE *out = prove->session->report;

    if (prove_has_chance(prove->scenario) && !prove->session->options.quiet) {
        fputs("chance is switched off: only the losses that are tried happen\n", out);
    }
    switch (result->end) {
    case EXPLORE_SAFE:
        if (!prove->session->options.quiet) {
            fprintf(out,
                    "no way to lose up to %u datagram%s breaks this (%llu runs, %llu losses that "
                    "could not matter left out)\n",
                    losses, losses == 1 ? "" : "s", (unsigned long long)result->runs,
                    (unsigned long long)result->pruned);
        }
        return SESSION_HELD;
    case EXPLORE_REFUTED:
        if (result->found_count == 0) {
            fputs("this fails even if nothing is lost\n", out);
        } else {
            fprintf(out, "%u lost datagram%s break%s this, and no fewer (%llu runs)\n",
                    result->found_count, result->found_count == 1 ? "" : "s",
                    result->found_count == 1 ? "s" : "", (unsigned long long)result->runs);
        }
        prove_print_losses(prove, result);
        fprintf(out, "fails: %s\n", result->failure.text);
        return prove_write_counterexample(prove, result);
    case EXPLORE_TOO_MANY:
        fprintf(stderr,
                "simrun: losing up to %u of %u datagrams would take about %llu runs; lose fewer, "
                "take a smaller scenario, or allow it: --max-runs %llu\n",
                losses, result->datagrams, (unsigned long long)result->expected,
                (unsigned long long)result->expected);
        if (result->losses_done > 0) {
            prove_print_partial(prove, result);
        }
        return SESSION_USAGE;
    case EXPLORE_STOPPED:
        prove_print_partial(prove, result);
        return 128 + prove->signal;
    case EXPLORE_NO_MEMORY:
        break;
    }
    fprintf(stderr, "simrun: no memory to explore %s\n", prove->scenario->path);
    return SESSION_MACHINE;
}

static int prove_explore(struct prove *prove)
{
    const struct options *wanted = &prove->session->options;
    struct explore_options options = {
        .losses = wanted->explore_losses,
        .runs_max = wanted->runs_max > 0 ? wanted->runs_max : EXPLORE_RUNS_MAX_DEFAULT,
        .progress = prove_on_explore,
        .progress_context = prove,
    };
    struct explore_result result;

    prove_begin(prove);
    explore_run(prove->scenario, &options, &result);
    prove_end(prove);
    return prove_report_explored(prove, &result);
}

/* ---- verify ------------------------------------------------------------------------------------
 */

static void prove_print_verified(struct prove *prove, const struct verify_result *result)
{
    bool real = prove->scenario->world == WORLD_REAL;
    FILE *out = prove->session->report;

    if (result->same && prove->session->options.quiet) {
        return;
    }
    fprintf(out, "%s: %s\n", prove->scenario->path,
            result->same ? real ? "the real and the virtual world agree"
                                : "two virtual runs are the same, record by record"
                         : "DIFFERENT");
    if (real) {
        fprintf(out,
                "  %llu requests compared (outcome, code, tries), %llu left out\n"
                "  %llu datagrams compared (fate by identity), %llu left out\n",
                (unsigned long long)result->requests_compared,
                (unsigned long long)result->requests_left_out,
                (unsigned long long)result->datagrams_compared,
                (unsigned long long)result->datagrams_left_out);
    } else {
        fprintf(out, "  %llu records\n", (unsigned long long)result->datagrams_compared);
    }
    if (result->requests_close > 0) {
        fprintf(out,
                "  too close to compare: %llu request%s, in which a reply came within 10 ms of a "
                "timer\n"
                "    or of another copy of the request\n",
                (unsigned long long)result->requests_close, result->requests_close == 1 ? "" : "s");
    }
    if (result->exempt[0] != '\0') {
        fprintf(out, "  may rightly differ here: %s\n", result->exempt);
    }
    if (result->same && result->passing > 0) {
        fprintf(out, "  a busy machine made %llu difference%s in one of %u real runs, not in all\n",
                (unsigned long long)result->passing, result->passing == 1 ? "" : "s", result->runs);
    }
    if (!result->same) {
        fprintf(out, "  %s\n", result->difference);
    }
}

static int prove_verify(struct prove *prove)
{
    const struct options *wanted = &prove->session->options;
    struct run_options options = {
        .spin = wanted->spin, .cpus_given = wanted->cpus_given, .cpus = wanted->cpus};
    struct verify_result result;
    char error[RUN_ERROR_MAX];
    int signal;

    if (verify_run(prove->scenario, &options, &result, &signal, error) != 0) {
        fprintf(stderr, "simrun: %s: %s\n", prove->scenario->path, error);
        return SESSION_MACHINE;
    }
    if (signal != 0) {
        return 128 + signal;
    }
    prove_print_verified(prove, &result);
    return result.same ? SESSION_HELD : SESSION_BROKEN;
}

int prove_run(struct session *session, const struct scenario *scenario)
{
    struct prove prove = {.session = session, .scenario = scenario};
    int status = prove_open_output(&prove);

    if (status != SESSION_HELD) {
        return status;
    }
    if (session->options.verify) {
        status = prove_verify(&prove);
    } else if (session->options.explore) {
        status = prove_explore(&prove);
    } else {
        status = prove_shrink(&prove);
    }
    int closed = prove_close_output(&prove);
    if (fflush(session->report) != 0) {
        return session_write_failed("the report", NULL, errno);
    }
    return closed == SESSION_HELD ? status : closed;
}
