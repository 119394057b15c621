#include "cli/search.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/prng.h"
#include "cli/search_vary.h"
#include "world/run.h"
#include "world/sweep.h"

#define SEARCH_FAILURES_DEFAULT 10

/* ---- one sweep ------------------------------------------------------------------------------- */

static void search_on_progress(void *context, const struct sweep_progress *progress)
{
    const struct session *session = context;

    report_sweep_progress_draw(stderr, &session->error_style, progress->elapsed_ns, progress->done,
                               progress->total, progress->failed);
}

/* Of all that makes two sweeps' seeds the same runs. */
static void search_fingerprint(const struct source *source, const struct options *options,
                               char fingerprint[17])
{
    const struct scenario_overrides *overrides = &options->overrides;
    uint64_t key = options->random ? 1 : prng_draw_text(0, source->bytes, source->size);

    key = prng_draw(key, overrides->world_given ? (uint64_t)overrides->world + 1 : 0);
    for (uint32_t i = 0; i < overrides->set_count; i++) {
        key = prng_draw_text(key, overrides->sets[i], strlen(overrides->sets[i]));
    }
    snprintf(fingerprint, 17, "%016" PRIx64, key);
}

/* The commands that repeat each failure. */
static int search_name_failures(struct pool *pool, const struct options *options, const char *path)
{
    char command[SESSION_COMMAND_MAX];

    for (uint64_t i = 0; i < pool->failure_count; i++) {
        struct pool_failure *failure = &pool->failures[i];
        options_command(options, path, failure->seed, command, sizeof command);
        failure->command = strdup(command);
        if (failure->command == NULL) {
            return -ENOMEM;
        }
    }
    return 0;
}

int search_complain(const char *path, const char *error)
{
    fprintf(stderr, "simrun: %s: %s\n", path, error);
    return SESSION_MACHINE;
}

int search_sweep(const struct session *session, const struct options *options,
                 const struct source *source, const char *title, struct search_sweep *sweep)
{
    struct sweep_config config = {
        .path = source->path,
        .bytes = options->random ? NULL : source->bytes,
        .size = source->size,
        .overrides = options->overrides,
        .first = options->overrides.seed,
        .last = options->seed_last,
        .shard = options->shard_count > 0 ? options->shard : 1,
        .shard_count = options->shard_count > 0 ? options->shard_count : 1,
        .jobs = options->jobs,
        .max_failures = options->max_failures > 0 ? options->max_failures : SEARCH_FAILURES_DEFAULT,
        .progress = session_shows_progress(session) ? search_on_progress : NULL,
        .progress_context = (void *)(uintptr_t)session,
    };
    struct sweep_effort effort;
    char error[RUN_ERROR_MAX];
    int status = sweep_run(&config, &sweep->pool, &effort, error);

    if (config.progress != NULL) {
        report_progress_wipe(stderr);
    }
    if (status != 0) {
        return search_complain(source->path, error);
    }
    if (search_name_failures(&sweep->pool, options, source->path) != 0) {
        pool_free(&sweep->pool);
        return search_complain(source->path, "no memory");
    }
    options_sweep_command(options, source->path, sweep->command, sizeof sweep->command);
    search_fingerprint(source, options, sweep->fingerprint);
    sweep->report = (struct report_sweep){
        .path = source->path,
        .title = title,
        .version = SIMRUN_VERSION,
        .fingerprint = sweep->fingerprint,
        .command = sweep->command,
        .first = config.first,
        .last = config.last,
        .shard = config.shard,
        .shard_count = config.shard_count,
        .wanted = sweep_seed_count(&config),
        .elapsed_ns = effort.elapsed_ns,
        .jobs = effort.jobs,
        .pool = &sweep->pool,
    };
    return SESSION_HELD;
}

void search_free_sweep(struct search_sweep *sweep)
{
    pool_free(&sweep->pool);
}

int search_write_sweep(struct session *session, const struct options *options,
                       const struct source *source, const struct report_sweep *sweep)
{
    int status = session_write_sweep(session, sweep);

    return status == SESSION_HELD && keep_is_wanted(&session->keep)
               ? keep_sweep(&session->keep, options, source, sweep)
               : status;
}

/* ---- what simrun asks for -------------------------------------------------------------------- */

static int search_run_sweep(struct session *session, const struct source *source, const char *title)
{
    struct search_sweep sweep;
    int status = search_sweep(session, &session->options, source, title, &sweep);

    if (status != SESSION_HELD) {
        return status;
    }
    status = search_write_sweep(session, &session->options, source, &sweep.report);
    errno = 0;
    if (!report_sweep_text(session->report, &sweep.report, &session->style,
                           session->options.quiet)) {
        status = session_write_failed("the report", NULL, errno != 0 ? errno : EIO);
    }
    status = pool_worse_status(status, sweep.pool.status);
    search_free_sweep(&sweep);
    return status;
}

bool search_check_world(const struct options *options, const struct scenario *scenario)
{
    if (!options->sweep || scenario->world == WORLD_VIRTUAL) {
        return true;
    }
    fprintf(stderr,
            "simrun: %s: the real world takes its time, for each seed: add --world virtual\n",
            scenario->path);
    return false;
}

int search_check(const struct session *session, const struct source *source,
                 const struct scenario *scenario)
{
    if (session->options.vary_count > 0) {
        return search_check_vary(session, source);
    }
    return search_check_world(&session->options, scenario) ? SESSION_HELD : SESSION_USAGE;
}

int search_run(struct session *session, const struct source *source,
               const struct scenario *scenario)
{
    return session->options.vary_count > 0 ? search_run_vary(session, source, scenario->title)
                                           : search_run_sweep(session, source, scenario->title);
}
