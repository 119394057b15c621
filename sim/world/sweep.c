#include "world/sweep.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "world/signals.h"
#include "world/swarm.h"
#include "world/wall.h"

/* Finished seeds that may wait for an earlier one, for each worker. */
#define SWEEP_SLOTS_PER_JOB 16

/* Between two looks at signals, and two calls of config->progress. */
#define SWEEP_LOOK_NS (50 * NS_PER_MS)

/* A seed that was handed out, until it is added to the result. */
struct sweep_slot {
    struct pool_sample sample;
    bool ready; /* the sample is complete */
};

struct sweep {
    const struct sweep_config *config;
    struct pool *pool;
    uint64_t wanted;          /* seeds in all */
    struct sweep_slot *slots; /* owned; of seed number i (from 0): i % slot_count */
    uint32_t slot_count;

    pthread_mutex_t lock;   /* of all that follows, and of the pool */
    pthread_cond_t room;    /* workers wait for a free slot */
    pthread_cond_t changed; /* the caller's thread waits for the last worker */
    uint64_t handed;        /* seeds handed out */
    uint64_t added;         /* seeds added to the pool: all before this number */
    uint32_t working;       /* workers that have not ended */
    bool stop;              /* no more seeds are handed out ... */
    bool closed;            /* ... or added */
    int signal;             /* that stopped it; 0 = none */
    bool out_of_memory;
};

uint32_t sweep_jobs_default(void)
{
    cpu_set_t allowed;
    int count = 0;

    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        count = CPU_COUNT(&allowed);
    }
    return count < 1 ? 1 : count > SWEEP_JOBS_MAX ? SWEEP_JOBS_MAX : (uint32_t)count;
}

uint64_t sweep_seed_count(const struct sweep_config *config)
{
    uint64_t span = config->last - config->first;
    uint64_t skipped = config->shard - 1;

    return span < skipped ? 0 : (span - skipped) / config->shard_count + 1;
}

static uint64_t sweep_seed(const struct sweep_config *config, uint64_t number)
{
    return config->first + config->shard - 1 + number * config->shard_count;
}

/* ---- one seed -------------------------------------------------------------------------------- */

/* The scenario of a seed. False: it is not right; `why` says so in a line. */
static bool sweep_parse(const struct sweep_config *config, uint64_t seed, struct scenario *scenario,
                        char why[POOL_WHY_MAX])
{
    struct scenario_overrides overrides = config->overrides;
    struct scenario_messages messages = {0};
    char text[SWARM_TEXT_MAX];
    const char *bytes = config->bytes;
    size_t size = config->size;
    bool good;

    overrides.seed_given = true;
    overrides.seed = seed;
    if (bytes == NULL) {
        size = swarm_write(seed, text);
        bytes = text;
    }
    good = scenario_parse(scenario, config->path, bytes, size, &overrides, &messages);
    for (uint32_t i = 0; !good && i < messages.count; i++) {
        if (!messages.items[i].warning) {
            const char *message = messages.items[i].text;
            snprintf(why, POOL_WHY_MAX, "%.*s", (int)strcspn(message, "\n"), message);
            break;
        }
    }
    scenario_messages_free(&messages);
    return good;
}

/* Parses, runs and judges. Returns the signal that ended the run, 0 = it was not ended by one. */
static int sweep_try(const struct sweep_config *config, uint64_t seed, struct pool_sample *sample)
{
    struct run_options options = {.pooled = true};
    struct scenario scenario;
    struct verdict verdict;
    struct run_facts facts;
    char why[POOL_WHY_MAX] = "";
    char error[RUN_ERROR_MAX];
    int signal;

    if (!sweep_parse(config, seed, &scenario, why)) {
        pool_sample_refuse(sample, seed, 2, why);
        return 0;
    }
    if (run_scenario(&scenario, &options, &verdict, &facts, error) != 0) {
        pool_sample_refuse(sample, seed, 3, error);
        scenario_free(&scenario);
        return 0;
    }
    signal = facts.end == RUN_SIGNAL ? facts.signal : 0;
    pool_sample_take(sample, &verdict, &facts);
    verdict_free(&verdict);
    run_facts_free(&facts);
    scenario_free(&scenario);
    return signal;
}

/* ---- the workers ----------------------------------------------------------------------------- */

/* The number of the next seed; false: there is no more to do. */
static bool sweep_take(struct sweep *sweep, uint64_t *number)
{
    bool more;

    pthread_mutex_lock(&sweep->lock);
    while (!sweep->stop && sweep->handed < sweep->wanted &&
           sweep->handed - sweep->added >= sweep->slot_count) {
        pthread_cond_wait(&sweep->room, &sweep->lock);
    }
    more = !sweep->stop && sweep->handed < sweep->wanted;
    if (more) {
        *number = sweep->handed++;
    }
    pthread_mutex_unlock(&sweep->lock);
    return more;
}

/* Adds the seed whose turn it is. */
static void sweep_add(struct sweep *sweep, struct sweep_slot *slot)
{
    slot->ready = false;
    if (pool_add(sweep->pool, &slot->sample, sweep->config->shard_count) != 0) {
        sweep->out_of_memory = true;
        sweep->stop = sweep->closed = true;
        return;
    }
    sweep->added++;
    if (sweep->pool->failure_count >= sweep->config->max_failures) {
        sweep->pool->stopped = sweep->added < sweep->wanted;
        sweep->stop = sweep->closed = true;
    }
}

/* A seed is finished: adds it, if all before it have been, and those that waited for it. */
static void sweep_give(struct sweep *sweep, uint64_t number)
{
    pthread_mutex_lock(&sweep->lock);
    sweep->slots[number % sweep->slot_count].ready = true;
    while (!sweep->closed && sweep->slots[sweep->added % sweep->slot_count].ready) {
        sweep_add(sweep, &sweep->slots[sweep->added % sweep->slot_count]);
    }
    pthread_cond_broadcast(&sweep->room);
    pthread_mutex_unlock(&sweep->lock);
}

static void sweep_stop(struct sweep *sweep, int signal)
{
    pthread_mutex_lock(&sweep->lock);
    sweep->stop = true;
    sweep->signal = sweep->signal == 0 ? signal : sweep->signal;
    pthread_cond_broadcast(&sweep->room);
    pthread_mutex_unlock(&sweep->lock);
}

static void *sweep_work(void *context)
{
    struct sweep *sweep = context;
    uint64_t number;

    while (sweep_take(sweep, &number)) {
        struct pool_sample *sample = &sweep->slots[number % sweep->slot_count].sample;
        int signal = sweep_try(sweep->config, sweep_seed(sweep->config, number), sample);
        if (signal != 0) {
            sweep_stop(sweep, signal); /* it was not finished, and does not count */
            break;
        }
        sweep_give(sweep, number);
    }
    pthread_mutex_lock(&sweep->lock);
    sweep->working--;
    pthread_cond_signal(&sweep->changed);
    pthread_mutex_unlock(&sweep->lock);
    return NULL;
}

/* ---- the caller's thread --------------------------------------------------------------------- */

/* Waits for a while, or until the last worker has ended. Returns whether it has. */
static bool sweep_wait(struct sweep *sweep, uint64_t until_ns, struct sweep_progress *progress)
{
    struct timespec until = {.tv_sec = (time_t)(until_ns / NS_PER_S),
                             .tv_nsec = (long)(until_ns % NS_PER_S)};
    bool ended;
    int status = 0;

    pthread_mutex_lock(&sweep->lock);
    while (sweep->working > 0 && status != ETIMEDOUT) {
        status = pthread_cond_timedwait(&sweep->changed, &sweep->lock, &until);
    }
    ended = sweep->working == 0;
    progress->done = sweep->added;
    progress->failed = sweep->pool->failure_count;
    pthread_mutex_unlock(&sweep->lock);
    return ended;
}

/* The first signal ends the sweep: no seed begins any more, and each worker gets the signal, which
 * ends its run; after that, another one ends the process. */
static void sweep_on_signal(struct sweep *sweep, int signal, const pthread_t *threads,
                            uint32_t count)
{
    sweep_stop(sweep, signal);
    for (uint32_t i = 0; i < count; i++) {
        (void)pthread_kill(threads[i], signal);
    }
    signals_let_kill();
}

/* Until the last worker has ended: looks for signals (which are blocked) and shows progress. */
static void sweep_watch(struct sweep *sweep, const pthread_t *threads, uint32_t count)
{
    const struct sweep_config *config = sweep->config;
    struct sweep_progress progress = {.total = sweep->wanted};
    uint64_t start_ns = wall_clock_ns();
    bool signalled = false;

    for (;;) {
        bool ended = sweep_wait(sweep, wall_clock_ns() + SWEEP_LOOK_NS, &progress);
        int signal = signalled ? 0 : signals_take();
        if (signal != 0) {
            signalled = true;
            sweep_on_signal(sweep, signal, threads, count);
        }
        if (ended) {
            return;
        }
        if (config->progress != NULL) {
            progress.elapsed_ns = wall_clock_ns() - start_ns;
            config->progress(config->progress_context, &progress);
        }
    }
}

/* Runs the workers to their end. Returns how many there were; 0: none could be started. */
static uint32_t sweep_run_workers(struct sweep *sweep, uint32_t jobs)
{
    pthread_t threads[SWEEP_JOBS_MAX];
    uint32_t count = 0;
    sigset_t before;

    signals_hold(&before);
    pthread_mutex_lock(&sweep->lock);
    while (count < jobs && pthread_create(&threads[count], NULL, sweep_work, sweep) == 0) {
        count++;
    }
    sweep->working = count;
    pthread_mutex_unlock(&sweep->lock);
    if (count > 0) {
        sweep_watch(sweep, threads, count);
    }
    for (uint32_t i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    signals_restore(&before);
    if (sweep->signal != 0) {
        signals_let_kill(); /* whatever was held back before: nobody waits for the report then */
    }
    return count;
}

/* ---- start and end --------------------------------------------------------------------------- */

static int sweep_init(struct sweep *sweep, uint32_t jobs)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&sweep->lock, NULL);
    pthread_cond_init(&sweep->room, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&sweep->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    sweep->slot_count = jobs * SWEEP_SLOTS_PER_JOB;
    sweep->slots = calloc(sweep->slot_count, sizeof *sweep->slots);
    for (uint32_t i = 0; sweep->slots != NULL && i < sweep->slot_count; i++) {
        if (pool_sample_init(&sweep->slots[i].sample, sweep->pool->expectation_count) != 0) {
            return -ENOMEM;
        }
    }
    return sweep->slots == NULL ? -ENOMEM : 0;
}

static void sweep_free(struct sweep *sweep)
{
    for (uint32_t i = 0; sweep->slots != NULL && i < sweep->slot_count; i++) {
        pool_sample_free(&sweep->slots[i].sample);
    }
    free(sweep->slots);
    pthread_cond_destroy(&sweep->changed);
    pthread_cond_destroy(&sweep->room);
    pthread_mutex_destroy(&sweep->lock);
}

/* An empty pool for the sweep: of what all seeds have in common. */
static int sweep_init_pool(const struct sweep_config *config, struct pool *pool,
                           char error[RUN_ERROR_MAX])
{
    struct scenario scenario;
    char why[POOL_WHY_MAX] = "";
    int status;

    if (config->bytes == NULL) {
        status = pool_init(pool, NULL);
    } else if (!sweep_parse(config, config->first, &scenario, why)) {
        snprintf(error, RUN_ERROR_MAX, "%.*s", RUN_ERROR_MAX - 1, why);
        return -1;
    } else if (scenario.world != WORLD_VIRTUAL) {
        snprintf(error, RUN_ERROR_MAX, "the real world runs one seed at a time");
        scenario_free(&scenario);
        return -1;
    } else {
        status = pool_init(pool, &scenario);
        scenario_free(&scenario);
    }
    if (status != 0) {
        snprintf(error, RUN_ERROR_MAX, "no memory");
    }
    return status;
}

int sweep_run(const struct sweep_config *config, struct pool *pool, struct sweep_effort *effort,
              char error[RUN_ERROR_MAX])
{
    struct sweep sweep = {.config = config, .pool = pool, .wanted = sweep_seed_count(config)};
    uint32_t jobs = config->jobs > 0 ? config->jobs : sweep_jobs_default();
    uint64_t start_ns = wall_clock_ns();
    int status = sweep_init_pool(config, pool, error);

    *effort = (struct sweep_effort){0};
    if (status != 0) {
        return -1;
    }
    jobs = jobs > SWEEP_JOBS_MAX ? SWEEP_JOBS_MAX : jobs;
    jobs = jobs > sweep.wanted ? (uint32_t)sweep.wanted : jobs;
    status = sweep_init(&sweep, jobs > 0 ? jobs : 1);
    if (status == 0 && jobs > 0) {
        effort->jobs = sweep_run_workers(&sweep, jobs);
        status = effort->jobs == 0 || sweep.out_of_memory ? -1 : 0;
    }
    if (status == 0) {
        pool->signal = sweep.added < sweep.wanted && !pool->stopped ? sweep.signal : 0;
        pool_judge(pool);
    } else {
        snprintf(error, RUN_ERROR_MAX, "no memory, or no thread, for a sweep: try -j 1");
        pool_free(pool);
    }
    sweep_free(&sweep);
    effort->elapsed_ns = wall_clock_ns() - start_ns;
    return status == 0 ? 0 : -1;
}
