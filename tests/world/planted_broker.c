#include "world/planted.h"

#include <string.h>

#include "broker/broker.h"
#include "broker/broker_table.h"
#include "protocol/code.h"

void __real_broker_on_datagram(struct broker *broker, uint64_t now_ns, struct endpoint from,
                               const uint8_t *bytes, size_t size, struct outbox *outbox);
void __wrap_broker_on_datagram(struct broker *broker, uint64_t now_ns, struct endpoint from,
                               const uint8_t *bytes, size_t size, struct outbox *outbox);
void __real_broker_table_close(struct broker *broker, uint32_t index, unsigned code, unsigned try,
                               struct outbox *outbox);
void __wrap_broker_table_close(struct broker *broker, uint32_t index, unsigned code, unsigned try,
                               struct outbox *outbox);

/* The entry that a reply is for; NULL: it is none, or none is open. */
static struct broker_entry *planted_entry(const struct broker *broker,
                                          const struct wire_message *reply)
{
    uint32_t index = map_get(&broker->by_upstream, reply->id);

    return reply->kind == WIRE_REPLY && index != MAP_NONE ? &broker->entries[index] : NULL;
}

/* An open entry of another client, whose try `try` has come; NULL: there is none. */
static struct broker_entry *planted_other(const struct broker *broker, struct endpoint client,
                                          unsigned try)
{
    for (uint32_t i = 0; i < broker->entries_touched; i++) {
        struct broker_entry *entry = &broker->entries[i];
        if (map_get(&broker->by_upstream, entry->upstream_id) == i && entry->to.try >= try &&
            !endpoint_equal(entry->to.client, client)) {
            return entry;
        }
    }
    return NULL;
}

/* Who waits for this reply waits for another's, and the reverse. */
static void planted_swap(const struct broker *broker, const struct wire_message *reply)
{
    struct broker_entry *entry = planted_entry(broker, reply);

    if (entry == NULL || entry->to.try < 2) {
        return;
    }
    struct broker_entry *other = planted_other(broker, entry->to.client, reply->try);
    if (other != NULL) {
        struct reply_to to = entry->to;
        entry->to = other->to;
        other->to = to;
    }
}

/* A reply to a second try goes to somebody else. */
static void planted_misdirect(const struct broker *broker, struct outbox_datagram *datagram)
{
    if (datagram->reply && datagram->try > 1) {
        const struct broker_entry *other = planted_other(broker, datagram->to, 1);
        datagram->to = other != NULL ? other->to.client : datagram->to;
    }
}

/* The server beside the entry's own in the configuration. */
static const struct broker_server *planted_neighbour(const struct broker *broker,
                                                     const struct broker_entry *entry)
{
    return &broker->config.servers[(entry->server + 1) % broker->config.server_count];
}

/* A second try is put to another server, as what that one does. */
static void planted_misroute(const struct broker *broker, struct outbox_datagram *datagram)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    struct wire_message request;

    if (datagram->reply || datagram->try < 2) {
        return;
    }
    memcpy(bytes, datagram->bytes, datagram->size);
    uint32_t index = map_get(&broker->by_upstream, datagram->id);
    if (index == MAP_NONE || wire_decode(&request, bytes, datagram->size) != WIRE_OK) {
        return;
    }
    const struct broker_server *server = planted_neighbour(broker, &broker->entries[index]);
    request.op = (const uint8_t *)server->op;
    request.op_size = strlen(server->op);
    datagram->to = server->endpoint;
    datagram->size = wire_encode(&request, datagram->bytes);
}

/* Instead of the question to a server a second try has the answer of an echo. */
static void planted_make_up(struct endpoint client, const struct wire_message *request,
                            struct outbox_datagram *datagram)
{
    struct wire_message reply = {.kind = WIRE_REPLY,
                                 .id = request->id,
                                 .try = request->try,
                                 .code = CODE_OK,
                                 .text = request->text,
                                 .text_size = request->text_size};

    if (!datagram->reply && datagram->try > 1) {
        datagram->to = client;
        datagram->id = request->id;
        datagram->reply = true;
        datagram->size = wire_encode(&reply, datagram->bytes);
    }
}

void __wrap_broker_on_datagram(struct broker *broker, uint64_t now_ns, struct endpoint from,
                               const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    struct wire_message message;
    bool sound = wire_decode(&message, bytes, size) == WIRE_OK;
    const struct broker_entry *entry = sound ? planted_entry(broker, &message) : NULL;

    if (planted_defect == PLANTED_IGNORES_RETRIES && sound && message.kind == WIRE_REQUEST &&
        message.try > 1) {
        return;
    }
    if (planted_defect == PLANTED_SWAPS_REPLIES && sound) {
        planted_swap(broker, &message);
    }
    if (planted_defect == PLANTED_WRONG_SERVER && entry != NULL &&
        endpoint_equal(planted_neighbour(broker, entry)->endpoint, from)) {
        from = broker->config.servers[entry->server].endpoint;
    }
    __real_broker_on_datagram(broker, now_ns, from, bytes, size, outbox);
    if (outbox->datagram_count == 0) {
        return;
    }
    if (planted_defect == PLANTED_WRONG_CLIENT) {
        planted_misdirect(broker, &outbox->datagrams[0]);
    } else if (planted_defect == PLANTED_WRONG_SERVER) {
        planted_misroute(broker, &outbox->datagrams[0]);
    } else if (planted_defect == PLANTED_MAKES_UP_REPLY && sound) {
        planted_make_up(from, &message, &outbox->datagrams[0]);
    }
}

void __wrap_broker_table_close(struct broker *broker, uint32_t index, unsigned code, unsigned try,
                               struct outbox *outbox)
{
    const struct broker_entry *entry = &broker->entries[index];

    if (planted_defect != PLANTED_FORGETS_ENTRY || code != CODE_OK || entry->forwards < 2) {
        __real_broker_table_close(broker, index, code, try, outbox);
        return;
    }
    struct outbox_note *note = outbox_add_note(outbox, NOTE_ENTRY_CLOSED);
    note->id = entry->upstream_id;
    note->try = (uint8_t)try;
    note->code = (uint16_t)code;
    note->peer = entry->to.client;
}
