#include "world/host.h"

#include <string.h>

#include "base/time.h"
#include "world/host_parts.h"

/* ---- sending --------------------------------------------------------------------------------- */

static void host_carry(const struct host *host, struct endpoint to, uint64_t due_ns, bool delayed,
                       const uint8_t *bytes, size_t size)
{
    struct host_departure departure = {.to = to,
                                       .from = host->node,
                                       .due_ns = due_ns,
                                       .delayed = delayed,
                                       .bytes = bytes,
                                       .size = size};
    host->world.carry(host->world.context, &departure);
}

static enum trace_form host_form(const struct outbox_datagram *datagram)
{
    if (datagram->plain) {
        return datagram->try == 0 ? TRACE_RAW : TRACE_PLAIN;
    }
    return datagram->reply ? TRACE_ENVELOPE_REPLY : TRACE_ENVELOPE_REQUEST;
}

/* Starts one copy on its way (or not) and traces it. */
static void host_send_copy(struct host *host, uint64_t now_ns,
                           const struct outbox_datagram *datagram, struct trace_record *record,
                           struct link_fate fate, uint32_t link)
{
    bool at_once = fate.due_ns <= now_ns && host->world.carry_at_once;

    if (fate.lost == LOSS_NONE && !at_once) {
        struct flight_item item = {.id = datagram->id,
                                   .link = link,
                                   .to = datagram->to.node,
                                   .size = (uint16_t)datagram->size,
                                   .copy = record->copy};
        if (!flight_push(&host->flight, fate.due_ns, &item, datagram->bytes)) {
            fate.lost = LOSS_QUEUE;
        }
    }
    record->reason = (uint8_t)fate.lost;
    record->due_ns = fate.due_ns;
    host_trace(host, record, datagram->bytes);
    if (fate.lost == LOSS_NONE && at_once) {
        host_carry(host, datagram->to, fate.due_ns, false, datagram->bytes, datagram->size);
    }
}

static void host_send(struct host *host, uint64_t now_ns, const struct outbox_datagram *datagram)
{
    uint32_t to = datagram->to.node;
    struct trace_record record = host_record(host, now_ns, TRACE_SEND);
    struct link_identity identity = {.client = TRACE_NOBODY};
    struct link_fates fates;

    if ((to & HOST_OUTSIDE) != 0) {
        host_carry(host, datagram->to, now_ns, false, datagram->bytes, datagram->size);
        return;
    }
    struct link *link = &host->links[host->kind == NODE_KIND_BROKER ? to - 1 : 0];
    record.id = datagram->id;
    record.from = host->node;
    record.to = to;
    record.try = (uint8_t)datagram->try;
    record.size = (uint16_t)datagram->size;
    record.bytes_size = record.size;
    record.form = (uint8_t)host_form(datagram);
    record.value_ns = datagram->due_ns;
    if (datagram->n != 0) {
        record.client = host->node;
        record.n = datagram->n;
    } else {
        host_name_request(host, &record, link->index, datagram->id);
    }
    if (!datagram->plain && record.n != 0) {
        identity =
            (struct link_identity){.client = record.client, .n = record.n, .try = datagram->try};
    }
    link_submit(link, now_ns, &identity, &fates);
    record.carriage = fates.carriage;
    for (uint32_t i = 0; i < fates.count; i++) {
        record.event = (uint8_t)(i == 0 ? TRACE_SEND : TRACE_DUPLICATED);
        record.copy = (uint8_t)i;
        host_send_copy(host, now_ns, datagram, &record, fates.copies[i], link->index);
    }
}

/* Hands on what a core has put into the outbox. */
static void host_empty_outbox(struct host *host, uint64_t now_ns)
{
    const struct outbox *outbox = host->outbox;

    for (unsigned i = 0; i < outbox->count; i++) {
        struct outbox_item item = outbox->items[i];
        if (item.is_note) {
            host_trace_note(host, now_ns, &outbox->notes[item.index]);
        } else {
            host_send(host, now_ns, &outbox->datagrams[item.index]);
        }
    }
}

/* ---- receiving ------------------------------------------------------------------------------- */

static void host_core_on_datagram(struct host *host, uint64_t now_ns, struct endpoint from,
                                  const uint8_t *bytes, size_t size)
{
    outbox_clear(host->outbox);
    switch (host->kind) {
    case NODE_KIND_BROKER:
        broker_on_datagram(&host->core.broker, now_ns, from, bytes, size, host->outbox);
        break;
    case NODE_KIND_SERVER:
        server_on_datagram(&host->core.server, now_ns, from, bytes, size, host->outbox);
        break;
    case NODE_KIND_CLIENT:
        client_on_datagram(&host->core.client, now_ns, from, bytes, size, host->outbox);
        break;
    }
    host_empty_outbox(host, now_ns);
}

void host_on_datagram(struct host *host, uint64_t now_ns, uint32_t from, const uint8_t *bytes,
                      size_t size)
{
    struct trace_record record = host_record(host, now_ns, TRACE_DELIVER);
    enum wire_kind kind;
    unsigned try;

    record.from = from;
    record.to = host->node;
    record.size = (uint16_t)(size < UINT16_MAX ? size : UINT16_MAX);
    record.form = TRACE_PLAIN;
    if (wire_peek(bytes, size, &kind, &record.id, &try)) {
        record.form = kind == WIRE_REQUEST ? TRACE_ENVELOPE_REQUEST : TRACE_ENVELOPE_REPLY;
        record.try = (uint8_t)try;
        if ((from == NODE_BROKER) != (host->node == NODE_BROKER)) {
            host_name_request(host, &record, scenario_link(from, host->node), record.id);
        }
    }
    host_trace(host, &record, NULL);
    host_core_on_datagram(host, now_ns, host_endpoint(host->scenario, from), bytes, size);
}

void host_on_stranger(struct host *host, uint64_t now_ns, struct endpoint from,
                      const uint8_t *bytes, size_t size)
{
    struct trace_record record = host_record(host, now_ns, TRACE_REJECTED);

    if (host->open) {
        host_core_on_datagram(host, now_ns, from, bytes, size);
        return;
    }
    record.to = host->node;
    record.size = (uint16_t)(size < UINT16_MAX ? size : UINT16_MAX);
    record.reason = REJECT_FOREIGN;
    host_trace(host, &record, NULL);
}

/* ---- time ------------------------------------------------------------------------------------ */

static uint64_t host_core_deadline_ns(const struct host *host)
{
    switch (host->kind) {
    case NODE_KIND_BROKER:
        return host->draining ? TIME_NEVER : broker_deadline_ns(&host->core.broker);
    case NODE_KIND_SERVER:
        return server_deadline_ns(&host->core.server);
    case NODE_KIND_CLIENT:
        return client_deadline_ns(&host->core.client);
    }
    return TIME_NEVER;
}

uint64_t host_next(const struct host *host, enum host_class *class)
{
    uint64_t next_ns = host_core_deadline_ns(host);
    uint64_t due_ns = flight_due_ns(&host->flight);

    *class = HOST_TIMER;
    if (due_ns <= next_ns) {
        next_ns = due_ns;
        *class = HOST_DATAGRAM;
    }
    if (host->timeline_ns <= next_ns) {
        next_ns = host->timeline_ns;
        *class = HOST_TIMELINE;
    }
    return next_ns;
}

struct host_now {
    const struct host *host;
    uint64_t now_ns;
};

/* The broker's host traces the time line, for all: a `fault` when a rule begins or ends, a `note`.
 */
static void host_trace_rule(void *context, const struct scenario_rule *rule, bool begins)
{
    const struct host_now *at = context;
    const struct host *host = at->host;
    bool note = rule->note != NULL;
    struct trace_record record = host_record(host, at->now_ns, note ? TRACE_NOTE : TRACE_FAULT);
    const char *text = note ? rule->note : rule->text;

    record.copy = begins ? 0 : 1;
    record.bytes_size = (uint16_t)(note ? rule->note_size : strlen(text));
    host_trace(host, &record, (const uint8_t *)text);
}

/* The rules of the time line's next instant, at that instant even if it is taken late: what the
 * links do is a function of it. */
static void host_step_timeline(struct host *host, uint64_t now_ns)
{
    struct host_now at = {.host = host, .now_ns = now_ns};
    uint64_t at_ns = host->timeline_ns;

    if (host->node == NODE_BROKER) {
        timeline_visit(host->scenario, at_ns, host_trace_rule, &at);
    }

    for (uint32_t i = 0; i < host->link_count; i++) {
        link_update(&host->links[i], at_ns);
    }
    host->timeline_ns = timeline_next_ns(host->scenario, at_ns);
}

static void host_step_flight(struct host *host)
{
    uint64_t due_ns = flight_due_ns(&host->flight);
    struct flight_item item;
    const uint8_t *bytes = flight_pop(&host->flight, &item);
    struct endpoint to = {.node = item.to, .key = 0};

    host_carry(host, to, due_ns, true, bytes, item.size);
}

static void host_step_core(struct host *host, uint64_t now_ns)
{
    outbox_clear(host->outbox);
    switch (host->kind) {
    case NODE_KIND_BROKER:
        broker_on_deadline(&host->core.broker, now_ns, host->outbox);
        break;
    case NODE_KIND_SERVER:
        server_on_deadline(&host->core.server, now_ns, host->outbox);
        break;
    case NODE_KIND_CLIENT:
        client_on_deadline(&host->core.client, now_ns, host->outbox);
        break;
    }
    host_empty_outbox(host, now_ns);
}

bool host_step(struct host *host, uint64_t now_ns)
{
    enum host_class class;

    if (host_next(host, &class) > now_ns) {
        return false;
    }
    switch (class) {
    case HOST_TIMELINE:
        host_step_timeline(host, now_ns);
        break;
    case HOST_DATAGRAM:
        host_step_flight(host);
        break;
    case HOST_TIMER:
        host_step_core(host, now_ns);
        break;
    }
    return true;
}

/* ---- the end --------------------------------------------------------------------------------- */

void host_cancel(struct host *host, uint64_t now_ns)
{
    while (host_is_busy_client(host)) {
        outbox_clear(host->outbox);
        client_stop(&host->core.client, now_ns, host->outbox);
        host_empty_outbox(host, now_ns);
    }
}

bool host_is_busy_client(const struct host *host)
{
    return host->kind == NODE_KIND_CLIENT && !client_is_done(&host->core.client);
}

uint64_t host_pending(const struct host *host)
{
    uint64_t jobs = host->kind == NODE_KIND_SERVER ? server_job_count(&host->core.server) : 0;
    return flight_count(&host->flight) + jobs;
}
