#include "world/host.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "base/time.h"

/* ---- set-up ---------------------------------------------------------------------------------- */

static struct endpoint host_endpoint(const struct scenario *scenario, uint32_t node)
{
    return (struct endpoint){.key = scenario_endpoint_key(scenario, node), .node = node};
}

/* Draws of a node: of the seed and its name alone. */
static uint64_t host_draw_key(const struct scenario *scenario, uint32_t node)
{
    return prng_draw(prng_draw(scenario->seed, scenario->nodes[node].name_key),
                     UINT64_C(0x686f7374));
}

static int host_init_broker(struct host *host)
{
    const struct scenario *scenario = host->scenario;
    struct broker_config config = {
        .key = scenario_broker_key(scenario),
        .server_count = scenario->server_count,
        .self = host_endpoint(scenario, NODE_BROKER),
        .pending = scenario->broker.pending,
        .policy = scenario->broker.policy,
    };

    host->broker_servers = calloc(scenario->server_count, sizeof *host->broker_servers);
    if (host->broker_servers == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < scenario->server_count; i++) {
        const char *name = op_name(scenario->servers[i].op);
        memcpy(host->broker_servers[i].op, name, strlen(name) + 1);
        host->broker_servers[i].endpoint = host_endpoint(scenario, scenario->servers[i].node);
    }
    config.servers = host->broker_servers;
    return broker_init(&host->core.broker, &config);
}

/* How many different requests can ask this server to count. */
static uint32_t host_count_capacity(const struct scenario *scenario)
{
    uint64_t total = 1;
    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct scenario_clients *group = &scenario->groups[g];
        for (uint32_t s = 0; s < group->step_count; s++) {
            const struct client_step *step = &group->steps[s];
            if (step->kind == CLIENT_SEND && strcmp(step->op, op_name(OP_COUNT)) == 0) {
                total += (uint64_t)step->count * group->count;
            }
        }
    }
    return (uint32_t)(total < (1u << 24) ? total : (1u << 24));
}

static int host_init_server(struct host *host)
{
    const struct scenario *scenario = host->scenario;
    const struct scenario_server *server = &scenario->servers[scenario->nodes[host->node].index];
    struct server_config config = {
        .op = server->op,
        .key = host_draw_key(scenario, host->node),
        .service_ns = server->service_ns,
        .jitter_ns = server->jitter_ns,
        .exponential = server->exponential,
        .workers = server->workers,
        .queue = server->queue,
        .count_capacity = server->op == OP_COUNT ? host_count_capacity(scenario) : 0,
        .never_answered_count = scenario->server_count,
    };

    host->never_answered = calloc(scenario->server_count, sizeof *host->never_answered);
    if (host->never_answered == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < scenario->server_count; i++) {
        host->never_answered[i] = host_endpoint(scenario, scenario->servers[i].node);
    }
    config.never_answered = host->never_answered;
    return server_init(&host->core.server, &config);
}

static int host_init_core(struct host *host)
{
    struct client_config config;

    switch (host->kind) {
    case NODE_KIND_BROKER:
        return host_init_broker(host);
    case NODE_KIND_SERVER:
        return host_init_server(host);
    case NODE_KIND_CLIENT:
        config = scenario_client_config(host->scenario, host->node);
        return client_init(&host->core.client, &config);
    }
    return -EINVAL;
}

static void host_free_core(struct host *host)
{
    switch (host->kind) {
    case NODE_KIND_BROKER:
        broker_free(&host->core.broker);
        break;
    case NODE_KIND_SERVER:
        server_free(&host->core.server);
        break;
    case NODE_KIND_CLIENT:
        client_free(&host->core.client);
        break;
    }
    free(host->broker_servers);
    free(host->never_answered);
}

int host_init(struct host *host, const struct scenario *scenario, uint32_t node,
              const struct host_world *world, const struct trace_sink *trace, struct outbox *outbox)
{
    uint32_t made = 0;
    int status;

    memset(host, 0, sizeof *host);
    host->scenario = scenario;
    host->world = *world;
    host->trace = *trace;
    host->outbox = outbox;
    host->node = node;
    host->kind = scenario->nodes[node].kind;
    host->open = scenario->nodes[node].port != 0;
    host->timeline_ns = timeline_next_ns(scenario, 0);
    host->link_count = host->kind == NODE_KIND_BROKER ? scenario->node_count - 1 : 1;

    status = host_init_core(host);
    if (status != 0) {
        free(host->broker_servers);
        free(host->never_answered);
        return status;
    }
    status = flight_init(&host->flight, 0);
    if (status != 0) {
        goto fail_core;
    }
    host->links = calloc(host->link_count, sizeof *host->links);
    status = host->links == NULL ? -ENOMEM : 0;
    while (status == 0 && made < host->link_count) {
        uint32_t index = host->kind == NODE_KIND_BROKER ? scenario_link_from_broker(made + 1)
                                                        : scenario_link_to_broker(node);
        status = link_init(&host->links[made], scenario, index);
        made += status == 0;
    }
    if (status == 0) {
        return 0;
    }

    while (made > 0) {
        link_free(&host->links[--made]);
    }
    free(host->links);
    flight_free(&host->flight);
fail_core:
    host_free_core(host);
    return status;
}

void host_free(struct host *host)
{
    for (uint32_t i = 0; i < host->link_count; i++) {
        link_free(&host->links[i]);
    }
    free(host->links);
    flight_free(&host->flight);
    host_free_core(host);
}

/* ---- trace ----------------------------------------------------------------------------------- */

static struct trace_record host_record(const struct host *host, uint64_t now_ns,
                                       enum trace_event event)
{
    return (struct trace_record){
        .t_ns = now_ns,
        .node = host->node,
        .from = TRACE_NOBODY,
        .to = TRACE_NOBODY,
        .client = TRACE_NOBODY,
        .event = (uint8_t)event,
    };
}

static void host_trace(const struct host *host, const struct trace_record *record,
                       const uint8_t *bytes)
{
    host->trace.take(host->trace.context, record, bytes);
}

/* Fills whose request `id` on `link` is. */
static void host_name_request(const struct host *host, struct trace_record *record, uint32_t link,
                              uint64_t id)
{
    uint32_t client;
    uint32_t n;

    if (id != 0 && scenario_request_of_id(host->scenario, link, id, &client, &n)) {
        record->client = client;
        record->n = n;
    }
}

/* A link on which the ids of this node's notes stand: clients name theirs, servers and the broker's
 * entries the upstream id. */
static uint32_t host_note_link(const struct host *host)
{
    uint32_t node = host->kind == NODE_KIND_BROKER ? host->scenario->servers[0].node : host->node;
    return scenario_link_to_broker(node);
}

static enum trace_event host_note_event(enum note_kind kind)
{
    switch (kind) {
    case NOTE_BEGIN:
        return TRACE_BEGIN;
    case NOTE_TIMEOUT:
        return TRACE_TIMEOUT;
    case NOTE_RETRY:
        return TRACE_RETRY;
    case NOTE_ANSWERED:
        return TRACE_ANSWERED;
    case NOTE_FAILED:
        return TRACE_FAILED;
    case NOTE_REPLY_ERROR:
        return TRACE_REPLY_ERROR;
    case NOTE_EXECUTE:
        return TRACE_EXECUTE;
    case NOTE_REJECTED:
        return TRACE_REJECTED;
    case NOTE_ENTRY_OPENED:
        return TRACE_ENTRY_OPENED;
    case NOTE_ENTRY_CLOSED:
        return TRACE_ENTRY_CLOSED;
    case NOTE_CHANNEL_CLOSE:
        break; /* only toward plain servers, which no scenario has */
    }
    return TRACE_EVENT_COUNT;
}

/* The operation that a note of the kinds that have one is about. */
static enum op host_note_op(const struct host *host, const struct outbox_note *note)
{
    if (note->kind == NOTE_EXECUTE) {
        return host->core.server.config.op;
    }
    if (note->kind == NOTE_BEGIN) {
        const uint8_t *colon = memchr(note->bytes, ':', note->size);
        return colon == NULL ? OP_UNKNOWN
                             : op_from_name(note->bytes, (size_t)(colon - note->bytes));
    }
    return OP_TOUPPER; /* 0: says nothing */
}

static void host_trace_note(const struct host *host, uint64_t now_ns,
                            const struct outbox_note *note)
{
    enum trace_event event = host_note_event(note->kind);
    struct trace_record record = host_record(host, now_ns, event);

    if (event == TRACE_EVENT_COUNT) {
        return;
    }
    record.id = note->id;
    record.due_ns = note->due_ns;
    record.value_ns = note->value_ns;
    record.code = (uint16_t)note->code;
    record.try = (uint8_t)note->try;
    record.bytes_size = (uint16_t)note->size;
    record.reason =
        (uint8_t)(note->kind == NOTE_FAILED ? (unsigned)note->outcome : (unsigned)note->reason);
    record.op = (uint8_t)host_note_op(host, note);
    if (note->n != 0) {
        record.client = host->node;
        record.n = note->n;
    } else if (note->kind == NOTE_REJECTED) {
        bool known = (note->peer.node & HOST_OUTSIDE) == 0;
        record.from = known ? note->peer.node : TRACE_NOBODY;
        record.to = host->node;
        if (known && (record.from == NODE_BROKER) != (record.to == NODE_BROKER)) {
            host_name_request(host, &record, scenario_link(record.from, record.to), note->id);
        }
    } else {
        host_name_request(host, &record, host_note_link(host), note->id);
    }
    host_trace(host, &record, note->bytes);
}

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
