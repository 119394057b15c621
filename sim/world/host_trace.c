#include "world/host_parts.h"

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

/* A hub keeps whose an id is, and the broker under which id the same request goes on its other
 * side: all that it does next is most often about that request. */
static void host_keep_name(struct host *host, bool of_client, uint64_t id, uint32_t client,
                           uint32_t n)
{
    struct host_name *name = &host->hub->name;

    name->client = client;
    name->n = n;
    name->ids[of_client] = id;
    name->ids[!of_client] = 0;
    if (n != 0 && host->kind == NODE_KIND_BROKER) {
        name->ids[!of_client] = of_client ? scenario_upstream_id(host->scenario, client, id)
                                          : scenario_downstream_id(host->scenario, client, id);
    }
}

void host_look_up_name(struct host *host, struct trace_record *record, uint32_t link, uint64_t id)
{
    (void)scenario_request_of_id(host->scenario, link, id, &record->client, &record->n);
    if (host->hub != NULL) {
        host_keep_name(host, scenario_is_client_link(host->scenario, link), id, record->client,
                       record->n);
    }
}

void host_know_name(struct host *host, const struct trace_record *record)
{
    if (host->hub != NULL) {
        uint32_t other = host->kind == NODE_KIND_BROKER ? record->from : host->node;
        bool of_client = scenario_is_client(host->scenario, other);
        host_keep_name(host, of_client, record->id, record->client, record->n);
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
        return op_from_name(note->bytes, note->op_size);
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
    record.code = note->code;
    record.try = note->try;
    record.bytes_size = note->size;
    record.reason = note->reason; /* or the outcome, of NOTE_FAILED */
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
