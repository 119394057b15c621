#include "cli/keep.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli/search.h"
#include "cli/session.h"
#include "trace/log.h"
#include "world/run.h"

/* Runs a scenario once more, with everything that is to be kept. Returns 0, or the status. */
static int keep_run_again(struct keep *keep, const struct options *options,
                          const struct scenario *scenario, const char *row)
{
    char command[SESSION_COMMAND_MAX];
    char error[RUN_ERROR_MAX];
    struct trace_log log;
    struct verdict verdict;
    struct run_facts facts;
    struct run_options run_options = {.keep_requests = true,
                                      .events = {.take = trace_log_take, .context = &log}};

    trace_log_init(&log);
    if (run_scenario(scenario, &run_options, &verdict, &facts, error) != 0) {
        trace_log_free(&log);
        return search_complain(scenario->path, error);
    }
    options_command(options, scenario->path, scenario->seed, command, sizeof command);
    struct report_run run = {.scenario = scenario,
                             .verdict = &verdict,
                             .facts = &facts,
                             .command = command,
                             .row = row,
                             .status = verdict.status};
    struct report_look look = {.run = &run, .log = &log};
    int status;
    if (facts.end == RUN_SIGNAL) {
        status = verdict.status;
    } else if (log.failed) {
        status = search_complain(scenario->path, "no memory");
    } else {
        status = keep_run(keep, &look);
    }
    verdict_free(&verdict);
    run_facts_free(&facts);
    trace_log_free(&log);
    return status;
}

/* One of the sweep's seeds; what was wrong with its scenario the sweep has said. */
static int keep_seed(struct keep *keep, const struct options *options, const struct source *source,
                     uint64_t seed, const char *row)
{
    struct options one = *options;
    struct scenario_messages messages = {0};
    struct source random = {0};
    struct scenario scenario;
    int status = SESSION_HELD;

    one.overrides.seed_given = true;
    one.overrides.seed = seed;
    if (options->random) {
        status = source_read(&random, &one, NULL);
        source = &random;
    }
    if (status == SESSION_HELD && scenario_parse(&scenario, source->path, source->bytes,
                                                 source->size, &one.overrides, &messages)) {
        status = keep_run_again(keep, &one, &scenario, row);
        scenario_free(&scenario);
    }
    scenario_messages_free(&messages);
    source_free(&random);
    return status;
}

static int keep_every_seed(struct keep *keep, const struct options *options,
                           const struct source *source, const struct report_sweep *sweep)
{
    const struct pool *pool = sweep->pool;
    int status = SESSION_HELD;

    for (uint32_t i = 0; i < pool->range_count; i++) {
        const struct pool_range *range = &pool->ranges[i];
        for (uint64_t k = 0; k < range->count && status == SESSION_HELD; k++) {
            uint64_t seed = range->first + k * range->step;
            status = keep_seed(keep, options, source, seed, sweep->row);
        }
    }
    return status;
}

static int keep_failed_seeds(struct keep *keep, const struct options *options,
                             const struct source *source, const struct report_sweep *sweep)
{
    const struct pool *pool = sweep->pool;
    uint64_t seen = keep->seen + pool->done;
    int status = SESSION_HELD;

    for (uint64_t i = 0; i < pool->failure_count && i < KEEP_RUNS_MAX && status == SESSION_HELD;
         i++) {
        status = keep_seed(keep, options, source, pool->failures[i].seed, sweep->row);
    }
    keep->seen = seen;
    if (pool->failure_count > KEEP_RUNS_MAX) {
        fprintf(keep->summary.file, "Of %" PRIu64 " seeds that failed the first %d are here.\n",
                pool->failure_count, KEEP_RUNS_MAX);
    }
    return status;
}

int keep_sweep(struct keep *keep, const struct options *options, const struct source *source,
               const struct report_sweep *sweep)
{
    return keep->all ? keep_every_seed(keep, options, source, sweep)
                     : keep_failed_seeds(keep, options, source, sweep);
}
