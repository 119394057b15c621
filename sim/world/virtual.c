#include "world/virtual.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/heap.h"
#include "base/time.h"
#include "world/host.h"

/* Steps between two looks at signals and at the wall clock (for progress). */
#define VIRTUAL_STEPS_PER_LOOK 16384

/* Wall time between two calls of options->progress. */
#define VIRTUAL_PROGRESS_NS (50 * NS_PER_MS)

struct virtual_run {
    const struct scenario *scenario;
    const struct run_options *options;
    struct verdict *verdict;
    struct host *hosts; /* owned; host_count are initialised */
    uint32_t host_count;
    uint64_t *pending; /* owned: host_pending of each host, as last seen */
    uint64_t pending_sum;
    bool *done;            /* owned: clients that were counted off in busy_count */
    struct heap agenda;    /* hosts by (instant, class, index) of what is due next */
    struct outbox *outbox; /* owned; all hosts share it, since one acts at a time */
    uint64_t now_ns;
    uint64_t last_ns;    /* of the latest record */
    uint32_t receiver;   /* the host that the latest step delivered to, NODE_NONE = none */
    uint32_t busy_count; /* clients that are not done */
    uint64_t settled;    /* requests ended, for progress */
    uint64_t progress_at_ns;
};

/* ---- what hosts ask for ---------------------------------------------------------------------- */

static void virtual_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct virtual_run *run = context;
    const struct run_options *options = run->options;

    run->last_ns = record->t_ns;
    run->settled += record->event == TRACE_ANSWERED || record->event == TRACE_FAILED;
    verdict_take(run->verdict, record, bytes);
    if (options->events.take != NULL) {
        options->events.take(options->events.context, record, bytes);
    }
    if (options->live.take != NULL) {
        options->live.take(options->live.context, record, bytes);
    }
}

/* A datagram leaves its link and is there, at the same instant. */
static void virtual_carry(void *context, const struct host_departure *departure)
{
    struct virtual_run *run = context;

    run->receiver = departure->to.node;
    host_on_datagram(&run->hosts[run->receiver], run->now_ns, departure->from, departure->bytes,
                     departure->size);
}

/* ---- the agenda ------------------------------------------------------------------------------ */

/* Looks again at when a host has something to do and at what it holds. */
static void virtual_update(struct virtual_run *run, uint32_t index)
{
    const struct host *host = &run->hosts[index];
    enum host_class class;
    uint64_t next_ns = host_next(host, &class);
    uint64_t pending = host_pending(host);

    run->pending_sum += pending - run->pending[index];
    run->pending[index] = pending;
    if (host->kind == NODE_KIND_CLIENT && !run->done[index] && !host_is_busy_client(host)) {
        run->done[index] = true;
        run->busy_count--;
    }
    if (next_ns == TIME_NEVER) {
        (void)heap_remove(&run->agenda, index);
    } else {
        heap_set(&run->agenda, next_ns, (uint64_t) class << 32 | index, index);
    }
}

/* Takes the first thing that is due, by (instant, class, host), and only that. */
static void virtual_step(struct virtual_run *run)
{
    const struct heap_item *least = heap_least(&run->agenda);
    uint32_t index = least->value;
    struct host *host = &run->hosts[index];

    /* A core may ask for "at once" by an instant in the past. */
    run->now_ns = least->due_ns > run->now_ns ? least->due_ns : run->now_ns;
    run->receiver = NODE_NONE;
    (void)host_step(host, run->now_ns);
    virtual_update(run, index);
    if (run->receiver != NODE_NONE) {
        virtual_update(run, run->receiver); /* the step handed it a datagram */
    }
}

/* ---- start and end --------------------------------------------------------------------------- */

static int virtual_init(struct virtual_run *run)
{
    uint32_t count = run->scenario->node_count;
    struct host_world world = {.carry = virtual_carry, .context = run, .carry_at_once = false};
    struct trace_sink sink = {.take = virtual_take, .context = run};
    int status = heap_init(&run->agenda, count, true);

    run->hosts = calloc(count, sizeof *run->hosts);
    run->pending = calloc(count, sizeof *run->pending);
    run->done = calloc(count, sizeof *run->done);
    run->outbox = calloc(1, sizeof *run->outbox);
    run->busy_count = run->scenario->client_count;
    if (status != 0 || run->hosts == NULL || run->pending == NULL || run->done == NULL ||
        run->outbox == NULL) {
        return -1;
    }
    while (run->host_count < count) {
        uint32_t index = run->host_count;
        if (host_init(&run->hosts[index], run->scenario, index, &world, &sink, run->outbox) != 0) {
            return -1;
        }
        run->host_count++;
        virtual_update(run, index);
    }
    return 0;
}

static void virtual_free(struct virtual_run *run)
{
    for (uint32_t i = 0; i < run->host_count; i++) {
        host_free(&run->hosts[i]);
    }
    free(run->hosts);
    free(run->pending);
    free(run->done);
    free(run->outbox);
    heap_free(&run->agenda);
}

/* The time limit or a signal: every client cancels what is open. */
static void virtual_cancel(struct virtual_run *run)
{
    for (uint32_t i = 0; i < run->host_count; i++) {
        host_cancel(&run->hosts[i], run->now_ns);
    }
}

/* ---- the loop -------------------------------------------------------------------------------- */

static uint64_t virtual_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* Shows progress. Returns a signal that has come (SIGINT or SIGTERM, which are blocked), else 0. */
static int virtual_look(struct virtual_run *run)
{
    struct timespec none = {0};
    uint64_t clock_ns = virtual_clock_ns();
    sigset_t set;
    int signal;

    if (run->options->progress != NULL && clock_ns >= run->progress_at_ns) {
        run->options->progress(run->options->progress_context, run->now_ns, run->settled,
                               run->scenario->request_count);
        run->progress_at_ns = clock_ns + VIRTUAL_PROGRESS_NS;
    }
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    signal = sigtimedwait(&set, NULL, &none);
    return signal > 0 ? signal : 0;
}

/* All clients are done: the broker's timers no longer matter, what is on its way still arrives,
 * what a server holds is still executed. */
static void virtual_drain(struct virtual_run *run)
{
    run->hosts[NODE_BROKER].draining = true;
    virtual_update(run, NODE_BROKER);
}

static void virtual_loop(struct virtual_run *run, struct run_facts *facts)
{
    uint64_t limit_ns = run->scenario->time_limit_ns;
    bool draining = false;

    facts->end = RUN_DONE;
    for (uint64_t steps = 1;; steps++) {
        if (run->busy_count == 0) {
            if (!draining) {
                draining = true;
                virtual_drain(run);
            }
            if (run->pending_sum == 0) {
                break;
            }
        }
        if (heap_due_ns(&run->agenda) >= limit_ns) {
            /* What is left is in flight, if the clients are done; else they are cancelled. */
            run->now_ns = limit_ns;
            facts->end = run->busy_count > 0 ? RUN_TIME_LIMIT : RUN_DONE;
            break;
        }
        if (steps % VIRTUAL_STEPS_PER_LOOK == 0) {
            facts->signal = virtual_look(run);
            if (facts->signal != 0) {
                facts->end = RUN_SIGNAL;
                break;
            }
        }
        virtual_step(run);
    }
    virtual_cancel(run);
}

int virtual_run(const struct scenario *scenario, const struct run_options *options,
                struct verdict *verdict, struct run_facts *facts, char error[RUN_ERROR_MAX])
{
    struct virtual_run run = {.scenario = scenario, .options = options, .verdict = verdict};
    sigset_t set;
    sigset_t before;

    if (virtual_init(&run) != 0) {
        virtual_free(&run);
        snprintf(error, RUN_ERROR_MAX, "no memory for %u nodes: take fewer clients",
                 scenario->node_count);
        return -1;
    }
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    virtual_loop(&run, facts);
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    facts->world = WORLD_VIRTUAL;
    facts->duration_ns = run.last_ns;
    for (uint32_t i = 0; i < run.host_count; i++) {
        facts->nodes[i].cpu = -1;
        facts->nodes[i].in_flight = flight_count(&run.hosts[i].flight);
    }
    virtual_free(&run);
    return 0;
}
