#include "world/host.h"

#include <assert.h>
#include <string.h>

#include "base/prefetch.h"
#include "base/time.h"
#include "world/host_parts.h"

/* ---- sending --------------------------------------------------------------------------------- */

static enum trace_form host_form(const struct outbox_datagram *datagram)
{
    if (datagram->plain) {
        return datagram->try == 0 ? TRACE_RAW : TRACE_PLAIN;
    }
    return datagram->reply ? TRACE_ENVELOPE_REPLY : TRACE_ENVELOPE_REQUEST;
}

/* Puts a copy on its way, as its SEND or DUPLICATED says. False: there is no room. */
static bool host_hold_copy(struct host *host, const struct trace_record *record, uint64_t due_ns,
                           uint32_t size, const uint8_t *bytes)
{
    struct flight_item *item;

    if (host->in_flight >= FLIGHT_MAX) {
        return false;
    }
    item = flight_push(host->world->flight, due_ns, record->from, size, bytes);
    if (item == NULL) {
        return false;
    }
    host->in_flight++;
    item->id = record->id;
    item->to = record->to;
    item->client = record->client;
    item->n = record->n;
    item->try = record->try;
    item->form = trace_is_damaged(record) ? TRACE_DAMAGED : record->form;
    return true;
}

/* Starts one copy, whose bytes are `bytes`, on its way (or not) and traces it. */
static void host_send_copy(struct host *host, uint64_t now_ns,
                           const struct outbox_datagram *datagram, struct trace_record *record,
                           const struct link_fate *fate, const uint8_t *bytes)
{
    const struct host_world *world = host->world;
    bool at_once = fate->due_ns <= now_ns && world->carry_at_once;
    uint32_t size = (uint32_t)record->size - fate->cut;

    record->reason = (uint8_t)fate->lost;
    record->due_ns = fate->due_ns;
    record->cut = fate->cut;
    record->flip = fate->flip;
    if (fate->lost == LOSS_NONE && !at_once &&
        !host_hold_copy(host, record, fate->due_ns, size, bytes)) {
        record->reason = LOSS_QUEUE;
    }
    if (record->reason != LOSS_NONE) {
        record->cut = 0;
        record->flip = 0;
    }
    host_trace(host, record, datagram->bytes);
    if (record->reason == LOSS_NONE && at_once) {
        struct host_departure departure = {.to = datagram->to,
                                           .from = host->node,
                                           .due_ns = fate->due_ns,
                                           .bytes = bytes,
                                           .size = size};
        world->carry(world->context, &departure);
    }
}

/* The same for a copy that its link changes. By itself: only here is there room needed for it. */
static __attribute__((noinline)) void host_send_damaged(struct host *host, uint64_t now_ns,
                                                        const struct outbox_datagram *datagram,
                                                        struct trace_record *record,
                                                        const struct link_fate *fate)
{
    uint8_t changed[WIRE_DATAGRAM_MAX];

    memcpy(changed, datagram->bytes, datagram->size);
    (void)link_alter(fate, changed, datagram->size);
    host_send_copy(host, now_ns, datagram, record, fate, changed);
}

static void host_send_outside(const struct host *host, uint64_t now_ns,
                              const struct outbox_datagram *datagram)
{
    struct host_departure departure = {.to = datagram->to,
                                       .from = host->node,
                                       .due_ns = now_ns,
                                       .bytes = datagram->bytes,
                                       .size = datagram->size};

    host->world->carry(host->world->context, &departure);
}

static void host_send(struct host *host, uint64_t now_ns, const struct outbox_datagram *datagram)
{
    uint32_t to = datagram->to.node;
    struct link_fates fates;

    if ((to & HOST_OUTSIDE) != 0) {
        host_send_outside(host, now_ns, datagram);
        return;
    }
    struct link *link = host_links(host) + (host->kind == NODE_KIND_BROKER ? to - 1 : 0);
    struct trace_record record = {
        .t_ns = now_ns,
        .id = datagram->id,
        .value_ns = datagram->due_ns,
        .node = host->node,
        .from = host->node,
        .to = to,
        .client = datagram->n != 0 ? host->node : TRACE_NOBODY,
        .n = datagram->n,
        .size = (uint16_t)datagram->size,
        .bytes_size = (uint16_t)datagram->size,
        .event = TRACE_SEND,
        .try = (uint8_t)datagram->try,
        .form = (uint8_t)host_form(datagram),
    };
    if (datagram->n == 0) {
        host_name_request(host, &record, link->index, datagram->id);
    }
    struct link_identity identity = {.client = datagram->plain ? TRACE_NOBODY : record.client,
                                     .n = record.n,
                                     .try = datagram->try};
    link_submit(link, now_ns, &identity, (uint32_t)datagram->size, &fates);
    record.carriage = fates.carriage;
    for (uint32_t i = 0; i < fates.count; i++) {
        const struct link_fate *fate = &fates.copies[i];
        if ((fate->cut | fate->flip) == 0) {
            host_send_copy(host, now_ns, datagram, &record, fate, datagram->bytes);
        } else {
            host_send_damaged(host, now_ns, datagram, &record, fate);
        }
        record.event = TRACE_DUPLICATED;
        record.copy = (uint8_t)(i + 1);
    }
    if (host->plan != NULL) {
        host_on_progress(host, now_ns, PROGRESS_SEND, &record);
    }
}

/* Hands on what a core has put into the outbox: as far as the node gets with it. */
static void host_empty_outbox(struct host *host, uint64_t now_ns)
{
    const struct outbox *outbox = host->world->outbox;
    const struct outbox_note *note = outbox->notes;
    const struct outbox_datagram *datagram = outbox->datagrams;

    for (unsigned i = 0; i < outbox_count(outbox); i++) {
        if (outbox->is_note[i]) {
            host_trace_note(host, now_ns, note++);
        } else {
            host_send(host, now_ns, datagram++);
        }
    }
}

/* ---- receiving ------------------------------------------------------------------------------- */

static void host_core_on_datagram(struct host *host, uint64_t now_ns, struct endpoint from,
                                  const uint8_t *bytes, size_t size)
{
    struct outbox *outbox = host->world->outbox;

    outbox_clear(outbox);
    switch (host->kind) {
    case NODE_KIND_BROKER:
        broker_on_datagram(&host->hub->core.broker, now_ns, from, bytes, size, outbox);
        break;
    case NODE_KIND_SERVER:
        server_on_datagram(&host->hub->core.server, now_ns, from, bytes, size, outbox);
        break;
    case NODE_KIND_CLIENT:
        client_on_datagram(&host->client, now_ns, from, bytes, size, outbox);
        break;
    }
    host_empty_outbox(host, now_ns);
}

/* A datagram has come to a node that has crashed. */
static void host_reject_deaf(const struct host *host, const struct trace_record *came)
{
    struct trace_record record = *came;

    record.event = TRACE_REJECTED;
    record.reason = REJECT_DEAF;
    host_trace(host, &record, NULL);
}

/* Traces a datagram of the run that has come, and hands it to the core. */
static void host_receive(struct host *host, uint64_t now_ns, struct trace_record *record,
                         const uint8_t *bytes, size_t size)
{
    uint32_t lives = host->lives;

    record->to = host->node;
    record->size = (uint16_t)(size < UINT16_MAX ? size : UINT16_MAX);
    host_trace(host, record, NULL);
    if (host->plan != NULL) {
        host_on_progress(host, now_ns, PROGRESS_DELIVER, record);
    }
    /* Who has read it is no more, even if another is there in its place. */
    if (host->state == TIMELINE_CRASHED || host->lives != lives) {
        host_reject_deaf(host, record);
        return;
    }
    host_core_on_datagram(host, now_ns, host_endpoint(host->scenario, record->from), bytes, size);
}

/* A datagram of which only the bytes tell what it is. */
static void host_read(struct host *host, uint64_t now_ns, uint32_t from, const uint8_t *bytes,
                      size_t size, bool damaged)
{
    struct trace_record record = host_record(host, now_ns, TRACE_DELIVER);
    enum wire_kind kind;
    unsigned try;

    record.from = from;
    record.form = TRACE_PLAIN;
    if (wire_peek(bytes, size, &kind, &record.id, &try)) {
        record.form = kind == WIRE_REQUEST ? TRACE_ENVELOPE_REQUEST : TRACE_ENVELOPE_REPLY;
        record.try = (uint8_t)try;
        if ((from == NODE_BROKER) != (host->node == NODE_BROKER)) {
            host_name_request(host, &record, scenario_link(from, host->node), record.id);
        }
    }
    record.form = damaged ? TRACE_DAMAGED : record.form;
    host_receive(host, now_ns, &record, bytes, size);
}

void host_on_datagram(struct host *host, uint64_t now_ns, uint32_t from, const uint8_t *bytes,
                      size_t size)
{
    host_read(host, now_ns, from, bytes, size, false);
}

void host_on_arrival(struct host *host, uint64_t now_ns, const struct flight_item *item,
                     const uint8_t *bytes)
{
    /* Plain, raw and damaged bytes may look like an envelope that their sender has not made. */
    if (item->form != TRACE_ENVELOPE_REQUEST && item->form != TRACE_ENVELOPE_REPLY) {
        host_read(host, now_ns, item->from, bytes, item->size, item->form == TRACE_DAMAGED);
        return;
    }
    struct trace_record record = {
        .t_ns = now_ns,
        .id = item->id,
        .node = host->node,
        .from = item->from,
        .client = item->client,
        .n = item->n,
        .event = TRACE_DELIVER,
        .try = item->try,
        .form = item->form,
    };
    host_know_name(host, &record);
    host_receive(host, now_ns, &record, bytes, item->size);
}

void host_prefetch(const struct host *host, const struct flight_item *item,
                   enum prefetch_stage stage)
{
    if (host->kind == NODE_KIND_BROKER && item->from == item->client) {
        if (stage == PREFETCH_BEHIND) { /* behind what the id is made with */
            uint64_t id = scenario_upstream_id(host->scenario, item->client, item->id);
            broker_prefetch(&host->hub->core.broker, id, PREFETCH_KNOWN);
        }
    } else if (host->kind == NODE_KIND_BROKER) {
        broker_prefetch(&host->hub->core.broker, item->id, stage);
        if (stage == PREFETCH_KNOWN) {
            prefetch(&host->hub->links[item->client - 1], sizeof *host->hub->links);
        }
    } else if (host->kind == NODE_KIND_CLIENT && stage == PREFETCH_BEHIND) {
        client_prefetch(&host->client);
    }
}

void host_on_stranger(struct host *host, uint64_t now_ns, struct endpoint from,
                      const uint8_t *bytes, size_t size)
{
    struct trace_record record = host_record(host, now_ns, TRACE_REJECTED);
    /* When all clients are done no more than what is on its way: else whoever goes on talking could
     * keep the run from ending. */
    bool served = host->open && from.port != 0 && !host->draining;

    if (served && host->state != TIMELINE_CRASHED) {
        host_core_on_datagram(host, now_ns, from, bytes, size);
        return;
    }
    record.to = host->node;
    record.size = (uint16_t)(size < UINT16_MAX ? size : UINT16_MAX);
    record.reason = served ? REJECT_DEAF : REJECT_FOREIGN;
    host_trace(host, &record, NULL);
}

/* ---- time ------------------------------------------------------------------------------------ */

static uint64_t host_core_deadline_ns(const struct host *host)
{
    if (host->state != TIMELINE_UP) {
        return TIME_NEVER;
    }
    switch (host->kind) {
    case NODE_KIND_BROKER:
        return host->draining ? TIME_NEVER : broker_deadline_ns(&host->hub->core.broker);
    case NODE_KIND_SERVER:
        return server_deadline_ns(&host->hub->core.server);
    case NODE_KIND_CLIENT:
        return client_deadline_ns(&host->client);
    }
    return TIME_NEVER;
}

uint64_t host_wake_ns(const struct host *host, enum host_class *class)
{
    uint64_t wake_ns = host_core_deadline_ns(host);

    *class = HOST_TIMER;
    if (host->timeline_ns <= wake_ns) {
        wake_ns = host->timeline_ns;
        *class = HOST_TIMELINE;
    }
    return wake_ns;
}

uint64_t host_next(const struct host *host, enum host_class *class)
{
    uint64_t wake_ns = host_wake_ns(host, class);
    uint64_t due_ns = flight_due_ns(host->world->flight);

    if (due_ns < wake_ns || (due_ns == wake_ns && *class == HOST_TIMER)) {
        *class = HOST_DATAGRAM;
        return due_ns;
    }
    return wake_ns;
}

static void host_step_core(struct host *host, uint64_t now_ns)
{
    struct outbox *outbox = host->world->outbox;

    outbox_clear(outbox);
    switch (host->kind) {
    case NODE_KIND_BROKER:
        broker_on_deadline(&host->hub->core.broker, now_ns, outbox);
        break;
    case NODE_KIND_SERVER:
        server_on_deadline(&host->hub->core.server, now_ns, outbox);
        break;
    case NODE_KIND_CLIENT:
        client_on_deadline(&host->client, now_ns, outbox);
        break;
    }
    host_empty_outbox(host, now_ns);
}

void host_wake(struct host *host, uint64_t now_ns)
{
    enum host_class class;

    (void)host_wake_ns(host, &class);
    if (class == HOST_TIMELINE) {
        host_step_timeline(host, now_ns);
    } else {
        host_step_core(host, now_ns);
    }
}

/* The earliest in the flight leaves its link. */
static void host_depart(struct host *host)
{
    const struct host_world *world = host->world;
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    struct flight_item item;
    struct host_departure departure = {
        .due_ns = flight_due_ns(world->flight), .delayed = true, .bytes = bytes};

    flight_pop(world->flight, &item, bytes);
    assert(item.from == host->node);
    host->in_flight--;
    departure.to = (struct endpoint){.node = item.to};
    departure.from = item.from;
    departure.size = item.size;
    world->carry(world->context, &departure);
}

bool host_step(struct host *host, uint64_t now_ns)
{
    enum host_class class;

    if (host_next(host, &class) > now_ns) {
        return false;
    }
    if (class == HOST_DATAGRAM) {
        host_depart(host);
    } else {
        host_wake(host, now_ns);
    }
    return true;
}

/* ---- the end --------------------------------------------------------------------------------- */

void host_cancel(struct host *host, uint64_t now_ns)
{
    while (host_is_busy_client(host)) {
        outbox_clear(host->world->outbox);
        client_stop(&host->client, now_ns, host->world->outbox);
        host_empty_outbox(host, now_ns);
    }
}

bool host_is_busy_client(const struct host *host)
{
    return host->kind == NODE_KIND_CLIENT && !client_is_done(&host->client);
}

bool host_is_paused_for_good(const struct host *host)
{
    return host_is_paused(host) &&
           (host->timeline_ns == TIME_NEVER ||
            !timeline_comes_up(host->scenario, host->node, host->timeline_ns - 1));
}

uint32_t host_job_count(const struct host *host)
{
    if (host->state != TIMELINE_UP && host_is_paused_for_good(host)) {
        return 0;
    }
    return host->kind == NODE_KIND_SERVER ? server_job_count(&host->hub->core.server) : 0;
}

uint64_t host_pending(const struct host *host)
{
    return host->in_flight + host_job_count(host);
}
