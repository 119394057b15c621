#include "broker/broker_forward.h"

#include <string.h>

#include "base/bytes.h"
#include "base/prng.h"
#include "base/time.h"
#include "broker/broker_table.h"
#include "protocol/code.h"

#define BROKER_NO_SERVER UINT32_MAX

static uint32_t broker_find_server_of_op(const struct broker *broker, const uint8_t *op,
                                         size_t op_size)
{
    for (uint32_t i = 0; i < broker->config.server_count; i++) {
        if (broker->op_sizes[i] == op_size &&
            bytes_equal((const uint8_t *)broker->config.servers[i].op, op, op_size)) {
            return i;
        }
    }
    return BROKER_NO_SERVER;
}

/* Sets the timer of its own leg after a send, if it has one. */
static inline void broker_start_timer(struct broker *broker, uint64_t now_ns, uint32_t index)
{
    const struct retry_policy *policy = &broker->config.policy;

    if (broker->legs != NULL) {
        struct broker_leg *leg = &broker->legs[index];
        uint64_t key = prng_draw(broker->config.key, broker->entries[index].upstream_id);
        leg->wait_ns = retry_wait_ns(policy, leg->tries, leg->wait_ns, prng_draw(key, leg->tries));
        leg->timer_ns = time_add(now_ns, leg->wait_ns);
    }
    broker_table_set_timer(broker, index);
}

/* Readies the entry for a question to its server: toward a plain one on a fresh channel, since a
 * second question on the old one would have a second answer. False if there is none free. */
static inline bool broker_take_channel(struct broker *broker, uint32_t index, struct outbox *outbox)
{
    struct broker_entry *entry = &broker->entries[index];

    if (!broker->config.servers[entry->server].plain) {
        return true;
    }
    uint16_t channel = broker_channels_take(&broker->channels, index);
    if (channel == 0) {
        return false;
    }
    if (entry->channel != 0) {
        broker_table_close_channel(broker, entry, outbox);
    }
    entry->channel = channel;
    return true;
}

/* Puts the datagram to the entry's server. */
static inline void broker_send(struct broker *broker, struct broker_entry *entry, unsigned try,
                               uint32_t ttl_ms, const uint8_t *text, size_t text_size,
                               struct outbox *outbox)
{
    const struct broker_server *server = &broker->config.servers[entry->server];
    struct outbox_datagram *datagram = outbox_add_datagram(outbox, server->endpoint);

    entry->forwards++;
    if (server->plain) {
        datagram->to.channel = entry->channel;
        datagram->plain = true;
        datagram->try = 1;
        datagram->size = text_size;
        if (text_size > 0) {
            memcpy(datagram->bytes, text, text_size);
        }
        return;
    }
    struct wire_message message = {.kind = WIRE_REQUEST,
                                   .id = entry->upstream_id,
                                   .try = try,
                                   .ttl_ms = ttl_ms,
                                   .op = (const uint8_t *)server->op,
                                   .op_size = broker->op_sizes[entry->server],
                                   .text = text,
                                   .text_size = text_size};
    datagram->id = message.id;
    datagram->try = try;
    datagram->size = wire_encode(&message, datagram->bytes);
}

/* Whether the request is a copy of the entry's. A plain one is never a copy. */
static bool broker_is_copy(const struct broker_entry *entry, const struct broker_request *request)
{
    return request->to.id != 0 && request->to.id == entry->to.id &&
           endpoint_equal(request->to.client, entry->to.client);
}

/* Why the request can't be forwarded: the code of the error, CODE_NONE if it can. `entry` is the
 * one of its id, NULL if there is none. What may have been executed already is not called 408. */
static unsigned broker_refusal(const struct broker *broker, const struct broker_request *request,
                               const struct broker_entry *entry, uint32_t server)
{
    if (server == BROKER_NO_SERVER) {
        return CODE_UNKNOWN_OP;
    }
    if (entry == NULL) {
        bool full = broker_table_is_full(broker) || request->upstream_id == 0;
        return request->message->ttl_ms == 0 ? CODE_EXPIRED : full ? CODE_BUSY : CODE_NONE;
    }
    if (!broker_is_copy(entry, request)) {
        return CODE_BUSY; /* two clients' ids that collide: the later waits */
    }
    if (entry->server != server) {
        return CODE_CONFLICT;
    }
    return request->message->ttl_ms == 0 ? CODE_NO_ANSWER : CODE_NONE;
}

static void broker_answer_error(const struct broker_request *request, unsigned code,
                                struct outbox *outbox)
{
    if (code == CODE_BUSY) {
        reply_add_busy(outbox, &request->to, BROKER_BUSY_MS);
    } else {
        (void)reply_add_error(outbox, &request->to, code, NULL, 0);
    }
}

/* Notes in the entry what a further copy changes. */
static void broker_refresh_entry(struct broker_entry *entry, const struct broker_request *request,
                                 uint64_t expires_ns)
{
    if (entry->to.try < request->to.try) {
        entry->to.try = request->to.try;
    }
    if (entry->to.request_size > request->to.request_size) {
        entry->to.request_size = request->to.request_size;
    }
    if (entry->expires_ns < expires_ns) {
        entry->expires_ns = expires_ns;
    }
}

/* Its own schedule begins, anew with each copy. */
static void broker_begin_leg(struct broker_leg *leg, const struct wire_message *message)
{
    leg->tries = 1;
    leg->text_size = (uint16_t)message->text_size;
    if (message->text_size > 0) {
        memcpy(leg->text, message->text, message->text_size);
    }
}

void broker_forward_request(struct broker *broker, uint64_t now_ns,
                            const struct broker_request *request, struct outbox *outbox)
{
    const struct wire_message *message = request->message;
    uint64_t expires_ns = time_add(now_ns, message->ttl_ms * NS_PER_MS);
    uint32_t server = broker_find_server_of_op(broker, message->op, message->op_size);
    uint32_t place = map_find(&broker->by_upstream, request->upstream_id);
    uint32_t index = broker->by_upstream.slots[place].value;
    struct broker_entry *entry = index == MAP_NONE ? NULL : &broker->entries[index];

    unsigned refusal = broker_refusal(broker, request, entry, server);
    if (refusal != CODE_NONE) {
        broker_answer_error(request, refusal, outbox);
        return;
    }
    if (entry == NULL) {
        if (broker->config.servers[server].plain && !broker_channels_are_free(&broker->channels)) {
            broker_answer_error(request, CODE_BUSY, outbox);
            return;
        }
        index = broker_table_open(broker, &request->to, request->upstream_id, place, server,
                                  expires_ns, outbox);
        entry = &broker->entries[index];
    }
    if (!broker_take_channel(broker, index, outbox)) {
        broker_answer_error(request, CODE_NO_ANSWER, outbox); /* its copy was forwarded before */
        return;
    }
    broker_refresh_entry(entry, request, expires_ns);
    broker_send(broker, entry, request->to.try, message->ttl_ms, message->text, message->text_size,
                outbox);

    if (broker->legs != NULL) {
        broker_begin_leg(&broker->legs[index], message);
    }
    broker_start_timer(broker, now_ns, index);
}

void broker_forward_again(struct broker *broker, uint64_t now_ns, uint32_t index,
                          struct outbox *outbox)
{
    struct broker_entry *entry = &broker->entries[index];
    struct broker_leg *leg = &broker->legs[index];

    struct outbox_note *note = outbox_add_note(outbox, NOTE_TIMEOUT);
    note->id = entry->upstream_id;
    note->try = entry->to.try;
    note->due_ns = leg->timer_ns;
    note->peer = entry->to.client;
    if (leg->tries >= broker->config.policy.tries) {
        struct reply_to to = entry->to;
        broker_table_close(broker, index, CODE_NO_ANSWER, to.try, outbox);
        (void)reply_add_error(outbox, &to, CODE_NO_ANSWER, NULL, 0);
        return;
    }

    leg->tries++;
    /* With no channel free this send is left out: the question on the old one is still open. */
    if (broker_take_channel(broker, index, outbox)) {
        note = outbox_add_note(outbox, NOTE_RETRY);
        note->id = entry->upstream_id;
        note->try = entry->to.try;
        note->peer = entry->to.client;
        broker_send(broker, entry, entry->to.try,
                    (uint32_t)time_to_ms_up(time_since(now_ns, entry->expires_ns)), leg->text,
                    leg->text_size, outbox);
    }
    broker_start_timer(broker, now_ns, index);
}
