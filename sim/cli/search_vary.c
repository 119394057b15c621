#include "cli/search_vary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/search.h"
#include "report/sweep.h"
#include "verdict/pool.h"
#include "world/run.h"
#include "world/sweep.h"
#include "world/vary.h"

/* The options of one row: each text of --vary has become a --set. */
struct search_row {
    struct options options;
    const char **sets; /* owned: the given ones, then those of the row */
    char *texts;       /* owned: of the row's sets */
};

static int search_init_row(struct search_row *row, const struct options *options,
                           const struct vary *vary)
{
    uint32_t given = options->overrides.set_count;

    *row = (struct search_row){.options = *options};
    row->sets = calloc(given + vary->text_count, sizeof *row->sets);
    row->texts = malloc((size_t)vary->text_count * (SCENARIO_LINE_MAX + 1));
    if (row->sets == NULL || row->texts == NULL) {
        free(row->sets);
        free(row->texts);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < given; i++) {
        row->sets[i] = options->overrides.sets[i];
    }
    for (uint32_t i = 0; i < vary->text_count; i++) {
        row->sets[given + i] = row->texts + (size_t)i * (SCENARIO_LINE_MAX + 1);
    }
    row->options.overrides.sets = row->sets;
    row->options.overrides.set_count = given + vary->text_count;
    return 0;
}

static void search_free_row(struct search_row *row)
{
    free(row->sets);
    free(row->texts);
}

static void search_choose_row(struct search_row *row, const struct vary *vary, uint64_t combination)
{
    for (uint32_t i = 0; i < vary->text_count; i++) {
        vary_write(vary, combination, i, row->texts + (size_t)i * (SCENARIO_LINE_MAX + 1));
    }
}

/* The row's scenario. False, after saying why, if it is not right; warnings are those of the
 * scenario without --vary, and were seen. */
static bool search_parse_row(const struct search_row *row, const struct source *source,
                             struct scenario *scenario)
{
    struct scenario_messages messages = {0};
    bool good = scenario_parse(scenario, source->path, source->bytes, source->size,
                               &row->options.overrides, &messages);

    for (uint32_t i = 0; !good && i < messages.count; i++) {
        fputs(messages.items[i].text, stderr);
    }
    scenario_messages_free(&messages);
    return good;
}

int search_check_vary(const struct session *session, const struct source *source)
{
    const struct options *options = &session->options;
    struct scenario scenario;
    struct search_row row;
    struct vary vary;
    char error[VARY_ERROR_MAX];
    bool good = true;

    if (!vary_init(&vary, options->varies, options->vary_count, error)) {
        fprintf(stderr, "simrun: %s\n", error);
        return SESSION_USAGE;
    }
    if (search_init_row(&row, options, &vary) != 0) {
        return search_complain(source->path, "no memory");
    }
    for (uint64_t i = 0; good && i < vary.count; i++) {
        search_choose_row(&row, &vary, i);
        good = search_parse_row(&row, source, &scenario);
        if (good) {
            good = search_check_world(&row.options, &scenario);
            scenario_free(&scenario);
        }
    }
    search_free_row(&row);
    return good ? SESSION_HELD : SESSION_USAGE;
}

/* ---- a row of one run ------------------------------------------------------------------------ */

/* One run as a pool of one seed, judged. Returns 0 or -ENOMEM. */
static int search_pool_verdict(struct pool *pool, const struct verdict *verdict,
                               const struct run_facts *facts)
{
    struct pool_sample sample;
    int status = pool_sample_init(&sample, verdict->scenario->expectation_count);

    if (status != 0) {
        return status;
    }
    pool_sample_take(&sample, verdict, facts);
    status = pool_init(pool, verdict->scenario);
    if (status == 0) {
        status = pool_add(pool, &sample, 1);
        if (status == 0) {
            pool->signal = facts->end == RUN_SIGNAL ? facts->signal : 0;
            pool_judge(pool);
        } else {
            pool_free(pool);
        }
    }
    pool_sample_free(&sample);
    return status;
}

/* Runs it and writes what is wanted of it; `label`: the row's values. Returns 0 and a pool to be
 * freed, or the exit status. */
static int search_run_once(struct session *session, const struct options *options,
                           const struct scenario *scenario, const char *command, const char *label,
                           struct pool *pool)
{
    bool kept = keep_is_wanted(&session->keep);
    struct run_options run_options = {.trace_off = options->trace_off,
                                      .spin = options->spin,
                                      .cpus_given = options->cpus_given,
                                      .cpus = options->cpus,
                                      .keep_requests =
                                          kept || options->files[OPTIONS_JSON] != NULL};
    struct trace_log log;
    struct verdict verdict;
    struct run_facts facts;
    char error[RUN_ERROR_MAX];
    int status;

    trace_log_init(&log);
    if (kept) {
        run_options.events = (struct trace_sink){.take = trace_log_take, .context = &log};
    }
    if (run_scenario(scenario, &run_options, &verdict, &facts, error) != 0) {
        trace_log_free(&log);
        return search_complain(scenario->path, error);
    }
    struct report_run run = {.scenario = scenario,
                             .verdict = &verdict,
                             .facts = &facts,
                             .command = command,
                             .row = label,
                             .status = verdict.status};
    struct report_look look = {.run = &run, .log = &log};
    status = session_write_run(session, &run);
    if (status == SESSION_HELD && kept) {
        status = log.failed ? search_complain(scenario->path, "no memory")
                            : keep_run(&session->keep, &look);
    }
    if (status == SESSION_HELD && search_pool_verdict(pool, &verdict, &facts) != 0) {
        status = search_complain(scenario->path, "no memory");
    }
    verdict_free(&verdict);
    run_facts_free(&facts);
    trace_log_free(&log);
    return status;
}

/* ---- the table ------------------------------------------------------------------------------- */

static int search_run_row(struct session *session, const struct search_row *row,
                          const struct source *source, const char *label, struct report_vary *table)
{
    const struct options *options = &row->options;
    struct search_sweep sweep;
    struct scenario scenario;
    int status;

    if (!search_parse_row(row, source, &scenario)) {
        return SESSION_USAGE;
    }
    if (options->sweep) {
        status = search_sweep(session, options, source, scenario.title, &sweep);
    } else {
        options_command(options, source->path, scenario.seed, sweep.command, sizeof sweep.command);
        status = search_run_once(session, options, &scenario, sweep.command, label, &sweep.pool);
    }
    if (status == SESSION_HELD) {
        sweep.report.row = label;
        status = options->sweep ? search_write_sweep(session, options, source, &sweep.report)
                                : SESSION_HELD;
        report_vary_row(table, label, &sweep.pool, sweep.command);
        status = pool_worse_status(status, sweep.pool.status);
        search_free_sweep(&sweep);
    }
    scenario_free(&scenario); /* the sweep's report names its title */
    return status;
}

int search_run_vary(struct session *session, const struct source *source, const char *title)
{
    const struct options *options = &session->options;
    struct report_vary table = {
        .out = session->report, .style = session->style, .quiet = options->quiet};
    struct search_row row;
    struct vary vary;
    char error[VARY_ERROR_MAX];
    char label[256];
    int status = SESSION_HELD;

    if (!vary_init(&vary, options->varies, options->vary_count, error) ||
        search_init_row(&row, options, &vary) != 0) {
        return search_complain(source->path, "no memory");
    }
    report_vary_begin(&table, source->path, title, options->varies, options->vary_count,
                      options->sweep);
    for (uint64_t i = 0; i < vary.count && status < 128 && status != SESSION_MACHINE; i++) {
        search_choose_row(&row, &vary, i);
        vary_label(&vary, i, label, sizeof label);
        status = pool_worse_status(status, search_run_row(session, &row, source, label, &table));
    }
    search_free_row(&row);
    errno = 0;
    if (!report_vary_end(&table, status)) {
        status = pool_worse_status(
            status, session_write_failed("the report", NULL, errno != 0 ? errno : EIO));
    }
    return status;
}
