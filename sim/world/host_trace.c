#include "world/host_parts.h"

#include <string.h>

struct trace_record host_record(const struct host *host, uint64_t now_ns, enum trace_event event)
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

void host_trace(const struct host *host, const struct trace_record *record, const uint8_t *bytes)
{
    host->world->trace.take(host->world->trace.context, record, bytes);
}

/* Where a hub keeps the latest name on links to or from `node`; NULL: clients keep none. */
static struct host_name *host_name_at(struct host *host, uint32_t node)
{
    return host->hub == NULL
               ? NULL
               : &host->hub->names[host->scenario->nodes[node].kind == NODE_KIND_CLIENT];
}

/* The end of a link that is not the broker. */
static uint32_t host_link_node(uint32_t link)
{
    uint32_t from = scenario_link_from(link);
    return from == NODE_BROKER ? scenario_link_to(link) : from;
}

void host_name_request(struct host *host, struct trace_record *record, uint32_t link, uint64_t id)
{
    struct host_name *latest = host_name_at(host, host_link_node(link));
    struct host_name name = {.id = id, .client = TRACE_NOBODY};

    if (id == 0) {
        return;
    }
    if (latest != NULL && latest->id == id) {
        name = *latest;
    } else if (!scenario_request_of_id(host->scenario, link, id, &name.client, &name.n)) {
        name = (struct host_name){.id = id, .client = TRACE_NOBODY};
    }
    record->client = name.client;
    record->n = name.n;
    if (latest != NULL) {
        *latest = name;
    }
}

void host_know_name(struct host *host, const struct trace_record *record)
{
    uint32_t other = host->node == NODE_BROKER ? record->from : host->node;
    struct host_name *latest = host_name_at(host, other);

    if (latest != NULL) {
        *latest = (struct host_name){.id = record->id, .client = record->client, .n = record->n};
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
        return host->hub->core.server.config.op;
    }
    if (note->kind == NOTE_BEGIN) {
        const uint8_t *colon = memchr(note->bytes, ':', note->size);
        return colon == NULL ? OP_UNKNOWN
                             : op_from_name(note->bytes, (size_t)(colon - note->bytes));
    }
    return OP_TOUPPER; /* 0: says nothing */
}

void host_trace_note(struct host *host, uint64_t now_ns, const struct outbox_note *note)
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
    if (host->plan != NULL && event == TRACE_EXECUTE) {
        host_on_progress(host, now_ns, PROGRESS_EXECUTE, &record);
    }
}
