#include "world/virtual.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/prefetch.h"
#include "base/time.h"
#include "world/host.h"
#include "world/signals.h"
#include "world/virtual_mail.h"
#include "world/wall.h"

/* Steps between two looks at signals and at the wall clock (for progress). */
#define VIRTUAL_STEPS_PER_LOOK 16384

/* Wall time between two calls of options->progress. */
#define VIRTUAL_PROGRESS_NS (50 * NS_PER_MS)

/* Datagrams that all links together hold at most: more than there is memory for. */
#define VIRTUAL_FLIGHT_MAX (UINT32_C(1) << 30)

/* From so many nodes on it pays to look ahead. */
#define VIRTUAL_AHEAD_MIN 2000

/* Clients that have something to do at once, for which there is room by themselves. */
#define VIRTUAL_READY_MAX 1024

struct virtual_run {
    const struct scenario *scenario;
    const struct run_options *options;
    struct verdict *verdict;
    struct host *hosts; /* owned; host_count are initialised */
    uint32_t host_count;
    bool *done;              /* owned: clients that were counted off in busy_count */
    struct host_world world; /* all hosts': one acts at a time */
    struct link_pool links;  /* what all links share */
    struct heap agenda;   /* hosts by (instant, class, index) of what they wake for, or of something
                             before that which has come to nothing */
    struct heap ready;    /* the same of clients that have something to do at once, which they may
                             have done since */
    struct flight flight; /* the datagrams of all links, by (instant, sender, order) */
    struct virtual_mail mail; /* of nodes that stand still */
    uint64_t now_ns;
    uint32_t busy_count; /* clients that are not done */
    uint64_t progress_at_ns;
    uint8_t arriving[WIRE_DATAGRAM_MAX]; /* the datagram that a host is getting: what it sends may
                                            take the place in the flight that this one left */
};

/* ---- what hosts ask for ---------------------------------------------------------------------- */

/* Takes a record where others want to see it beside the verdict. */
static void virtual_show(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    const struct virtual_run *run = context;
    const struct run_options *options = run->options;

    verdict_take(run->verdict, record, bytes);
    if (options->events.take != NULL) {
        options->events.take(options->events.context, record, bytes);
    }
    if (options->live.take != NULL) {
        options->live.take(options->live.context, record, bytes);
    }
}

/* Nothing goes outside. */
static void virtual_carry(void *context, const struct host_departure *departure)
{
    (void)context;
    (void)departure;
    assert(false);
}

/* ---- the agenda ------------------------------------------------------------------------------ */

/* Most timers never fire: the answer comes first, and a later timer is set. So the agenda is not
 * kept up to date with them: a host that wakes later than it says is put right when its turn comes.
 * One that wakes earlier is put right at once, but for clients that take their next step now: those
 * wait in `ready`, a small heap, and keep their place in the agenda. */

static uint64_t virtual_order(enum host_class class, uint32_t index)
{
    return (uint64_t) class << 32 | index;
}

static void virtual_set_agenda(struct virtual_run *run, uint32_t index, uint64_t wake_ns,
                               enum host_class class)
{
    run->hosts[index].agenda_ns = wake_ns;
    if (wake_ns == TIME_NEVER) {
        (void)heap_remove(&run->agenda, index);
    } else {
        heap_set(&run->agenda, wake_ns, virtual_order(class, index), index);
    }
}

/* Looks again at when a host wakes by itself. */
static void virtual_update(struct virtual_run *run, uint32_t index)
{
    const struct host *host = &run->hosts[index];
    enum host_class class;
    uint64_t wake_ns = host_wake_ns(host, &class);

    if (host->kind == NODE_KIND_CLIENT) {
        if (!run->done[index] && !host_is_busy_client(host)) {
            run->done[index] = true;
            run->busy_count--;
        }
        if (wake_ns <= run->now_ns && run->ready.count < run->ready.capacity) {
            heap_push(&run->ready, wake_ns, virtual_order(class, index), index);
            return;
        }
    }
    /* At the same instant only the time line can have come before what is there. */
    if (wake_ns < host->agenda_ns ||
        (wake_ns == host->agenda_ns && class == HOST_TIMELINE && wake_ns != TIME_NEVER)) {
        virtual_set_agenda(run, index, wake_ns, class);
    }
}

/* What is first in the agenda or ready, whether it is still true or not; NULL: nothing is. */
static const struct heap_item *virtual_first(const struct virtual_run *run)
{
    const struct heap_item *ready = run->ready.count > 0 ? heap_least(&run->ready) : NULL;
    const struct heap_item *agenda = run->agenda.count > 0 ? heap_least(&run->agenda) : NULL;

    if (ready == NULL || agenda == NULL) {
        return ready == NULL ? agenda : ready;
    }
    return ready->due_ns < agenda->due_ns ||
                   (ready->due_ns == agenda->due_ns && ready->order <= agenda->order)
               ? ready
               : agenda;
}

/* Whether a datagram is due before `item` of the agenda or ready (NULL: there is none): at the same
 * instant before a timer, behind the time line. */
static bool virtual_is_datagram_first(const struct virtual_run *run, const struct heap_item *item)
{
    uint64_t due_ns = flight_due_ns(&run->flight);

    return item == NULL || due_ns < item->due_ns ||
           (due_ns == item->due_ns && item->order >> 32 == HOST_TIMER);
}

/* What is first in the agenda or ready, and true: what is not is put right until then. NULL: a
 * datagram is before it, or nothing is there. */
static const struct heap_item *virtual_settle_agenda(struct virtual_run *run)
{
    const struct heap_item *item;

    while (!virtual_is_datagram_first(run, item = virtual_first(run))) {
        uint32_t index = item->value;
        enum host_class class;
        uint64_t wake_ns = host_wake_ns(&run->hosts[index], &class);
        if (wake_ns == item->due_ns && virtual_order(class, index) == item->order) {
            return item;
        }
        if (item == run->ready.items) {
            (void)heap_pop(&run->ready);
        } else {
            virtual_set_agenda(run, index, wake_ns, class);
        }
    }
    return NULL;
}

/* ---- looking ahead --------------------------------------------------------------------------- */

/* With very many clients nothing that a step needs is in the processor's cache: each look would
 * wait for memory, one after the other. Which datagram comes next, and which after that, shows
 * before; so what they will need is asked for while the steps before them are taken. */

static void virtual_prefetch(const struct virtual_run *run, const struct flight_item *item,
                             enum prefetch_stage stage)
{
    if (item->client >= run->host_count) {
        return; /* nobody's */
    }
    verdict_prefetch(run->verdict, item->client, item->n, stage);
    if (stage == PREFETCH_KNOWN) {
        prefetch(&run->scenario->nodes[item->client], sizeof *run->scenario->nodes);
        prefetch(&run->agenda.position[item->client], sizeof *run->agenda.position);
        prefetch(&run->hosts[item->client], sizeof *run->hosts);
    }
    if (stage == PREFETCH_BEHIND || item->to != item->client) { /* a client's host is asked for */
        host_prefetch(&run->hosts[item->to], item, stage);
    }
}

static void virtual_look_ahead(const struct virtual_run *run)
{
    const struct flight_item *soon[2];

    if (run->host_count < VIRTUAL_AHEAD_MIN) {
        return;
    }
    if (run->agenda.count > 0) {
        prefetch(&run->hosts[heap_least(&run->agenda)->value], sizeof *run->hosts);
    }
    if (flight_look_ahead(&run->flight, soon)) {
        virtual_prefetch(run, soon[1], PREFETCH_KNOWN);
        virtual_prefetch(run, soon[0], PREFETCH_BEHIND);
    }
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* The first datagram leaves its link and is there, at the same instant. */
static void virtual_step_datagram(struct virtual_run *run)
{
    struct flight_item item;

    virtual_look_ahead(run);
    flight_lift(&run->flight, &item, run->arriving);
    run->hosts[item.from].in_flight--;
    if (host_is_paused(&run->hosts[item.to])) {
        virtual_mail_put(&run->mail, &item, run->arriving);
    } else {
        host_on_arrival(&run->hosts[item.to], run->now_ns, &item, run->arriving);
        virtual_update(run, item.to);
    }
    flight_settle(&run->flight);
}

/* A host wakes, as `item` of the agenda or ready says. */
static void virtual_step_host(struct virtual_run *run, const struct heap_item *item)
{
    uint32_t index = item->value;

    if (item == run->ready.items) {
        (void)heap_pop(&run->ready);
    }
    host_wake(&run->hosts[index], run->now_ns);
    if (run->mail.waiting_count > 0) { /* it may go on: it reads before any timer of its own */
        virtual_mail_read(&run->mail, index, &run->hosts[index], run->now_ns, run->arriving);
    }
    virtual_update(run, index);
}

/* ---- start and end --------------------------------------------------------------------------- */

static int virtual_init(struct virtual_run *run)
{
    uint32_t count = run->scenario->node_count;
    uint64_t flight_max = (uint64_t)count * FLIGHT_MAX;
    bool watched = run->options->events.take != NULL || run->options->live.take != NULL;
    int status = heap_init(&run->agenda, count, true);

    if (status == 0) {
        status = heap_init(&run->ready, VIRTUAL_READY_MAX, false);
    }
    if (status == 0) {
        status = flight_init(&run->flight, flight_max < VIRTUAL_FLIGHT_MAX ? (uint32_t)flight_max
                                                                           : VIRTUAL_FLIGHT_MAX);
    }
    run->hosts = calloc(count, sizeof *run->hosts);
    run->done = calloc(count, sizeof *run->done);
    if (status == 0) {
        status = virtual_mail_init(&run->mail, count);
    }
    run->world = (struct host_world){
        .carry = virtual_carry,
        .context = run,
        .carry_at_once = false,
        .trace = watched ? (struct trace_sink){.take = virtual_show, .context = run}
                         : verdict_sink(run->verdict),
        .outbox = calloc(1, sizeof *run->world.outbox),
        .flight = &run->flight,
        .links = &run->links,
    };
    run->busy_count = run->scenario->client_count;
    if (status != 0 || run->hosts == NULL || run->done == NULL || run->world.outbox == NULL) {
        return -1;
    }
    while (run->host_count < count) {
        uint32_t index = run->host_count;
        if (host_init(&run->hosts[index], run->scenario, index, &run->world) != 0) {
            return -1;
        }
        run->host_count++;
        run->hosts[index].agenda_ns = TIME_NEVER;
        virtual_update(run, index);
    }
    return 0;
}

static void virtual_free(struct virtual_run *run)
{
    for (uint32_t i = 0; i < run->host_count; i++) {
        host_free(&run->hosts[i]);
    }
    virtual_mail_free(&run->mail);
    free(run->hosts);
    free(run->done);
    free(run->world.outbox);
    link_pool_free(&run->links);
    flight_free(&run->flight);
    heap_free(&run->agenda);
    heap_free(&run->ready);
}

/* The time limit or a signal: every client cancels what is open. */
static void virtual_cancel(struct virtual_run *run)
{
    for (uint32_t i = 0; i < run->host_count; i++) {
        host_cancel(&run->hosts[i], run->now_ns);
    }
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* Shows progress. Returns a signal that has come (SIGINT or SIGTERM, which are blocked), else 0. */
static int virtual_look(struct virtual_run *run)
{
    uint64_t clock_ns = wall_clock_ns();

    if (run->options->progress != NULL && clock_ns >= run->progress_at_ns) {
        run->options->progress(run->options->progress_context, run->now_ns,
                               run->verdict->tally.ended, run->scenario->request_count);
        run->progress_at_ns = clock_ns + VIRTUAL_PROGRESS_NS;
    }
    return signals_take();
}

/* All clients are done: the broker's timers no longer matter, what is on its way still arrives,
 * what a server holds is still executed. */
static void virtual_drain(struct virtual_run *run)
{
    run->hosts[NODE_BROKER].draining = true;
    virtual_update(run, NODE_BROKER);
}

/* Whether nothing is on its way, no server holds a request, and nobody will read what waits. */
static bool virtual_is_quiet(const struct virtual_run *run)
{
    uint64_t held = flight_count(&run->flight);

    for (uint32_t i = 0; i < run->scenario->server_count; i++) {
        held += host_job_count(&run->hosts[run->scenario->servers[i].node]);
    }
    return held == 0 && !virtual_mail_is_awaited(&run->mail, run->hosts);
}

static void virtual_loop(struct virtual_run *run, struct run_facts *facts)
{
    uint64_t limit_ns = run->scenario->time_limit_ns;
    /* Whoever watches may see it slowly: each step may take as long as they like. */
    uint64_t steps_per_look = run->options->live.take != NULL ? 1 : VIRTUAL_STEPS_PER_LOOK;
    bool draining = false;

    facts->end = RUN_DONE;
    for (uint64_t steps = 1;; steps++) {
        if (run->busy_count == 0) {
            if (!draining) {
                draining = true;
                virtual_drain(run);
            }
            if (virtual_is_quiet(run)) {
                break;
            }
        }
        const struct heap_item *item = virtual_settle_agenda(run);
        uint64_t next_ns = item == NULL ? flight_due_ns(&run->flight) : item->due_ns;
        if (next_ns >= limit_ns) {
            /* What is left is in flight, if the clients are done; else they are cancelled. */
            run->now_ns = limit_ns;
            facts->end = run->busy_count > 0 ? RUN_TIME_LIMIT : RUN_DONE;
            break;
        }
        if (steps % steps_per_look == 0) {
            facts->signal = virtual_look(run);
            if (facts->signal != 0) {
                facts->end = RUN_SIGNAL;
                break;
            }
        }
        /* A core may ask for "at once" by an instant in the past. */
        run->now_ns = next_ns > run->now_ns ? next_ns : run->now_ns;
        if (item == NULL) {
            virtual_step_datagram(run);
        } else {
            virtual_step_host(run, item);
        }
    }
    virtual_cancel(run);
}

/* What is 0 is not written: of very many nodes that is memory that stays untouched. */
static void virtual_fill_facts(const struct virtual_run *run, struct run_facts *facts)
{
    for (uint32_t i = 0; i < run->host_count; i++) {
        if (run->hosts[i].in_flight > 0) {
            facts->nodes[i].in_flight = run->hosts[i].in_flight;
        }
        virtual_mail_fill_facts(&run->mail, i, &facts->nodes[i]);
    }
}

int virtual_run(const struct scenario *scenario, const struct run_options *options,
                struct verdict *verdict, struct run_facts *facts, char error[RUN_ERROR_MAX])
{
    struct virtual_run run = {.scenario = scenario, .options = options, .verdict = verdict};
    sigset_t before;

    if (virtual_init(&run) != 0) {
        virtual_free(&run);
        snprintf(error, RUN_ERROR_MAX, "no memory for %u nodes: take fewer clients",
                 scenario->node_count);
        return -1;
    }
    signals_hold(&before);
    virtual_loop(&run, facts);
    signals_restore(&before);

    facts->world = WORLD_VIRTUAL;
    facts->trace_off = options->trace_off;
    facts->duration_ns = verdict_last_ns(verdict);
    virtual_fill_facts(&run, facts);
    virtual_free(&run);
    return 0;
}
