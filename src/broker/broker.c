#include "broker/broker.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/prng.h"
#include "base/time.h"
#include "broker/broker_forward.h"
#include "broker/broker_table.h"
#include "protocol/code.h"

/* Keeps the ids of plain requests apart from those of enveloped ones: "plain". */
#define BROKER_PLAIN_DOMAIN UINT64_C(0x706c61696e)

#define BROKER_ERROR_PREFIX "Error:"

struct broker_id_key broker_make_id_key(uint64_t key)
{
    return (struct broker_id_key){.before = key, .after = prng_mix(~key)};
}

int broker_init(struct broker *broker, const struct broker_config *config)
{
    assert(config->server_count <= BROKER_SERVERS_MAX);
    assert(config->pending >= 1 && config->pending <= BROKER_PENDING_MAX);
    assert(config->policy.timeout_ns == 0 ||
           (config->policy.tries >= 1 && config->policy.tries <= WIRE_TRY_MAX));
    for (uint32_t i = 0; i < config->server_count; i++) {
        const char *op = config->servers[i].op;
        assert(wire_is_op((const uint8_t *)op, strlen(op)));
    }

    *broker = (struct broker){
        .config = *config,
        .id_key = broker_make_id_key(config->key),
        .plain_id_key = broker_make_id_key(config->key ^ BROKER_PLAIN_DOMAIN),
    };
    for (uint32_t i = 0; i < config->server_count; i++) {
        broker->op_sizes[i] = (uint8_t)strlen(config->servers[i].op);
    }
    broker_channels_init(&broker->channels);
    int status = broker_table_init(broker);
    if (status != 0) {
        broker_free(broker);
    }
    return status;
}

void broker_free(struct broker *broker)
{
    broker_table_free(broker);
    *broker = (struct broker){0};
}

void broker_restart(struct broker *broker)
{
    broker_table_clear(broker);
    broker_channels_init(&broker->channels);
}

/* ---- from servers -----------------------------------------------------------------------------
 */

/* Why a datagram from an enveloped server is not the reply to an open entry; REJECT_NONE if it is,
 * then *index is the entry. */
static enum reject_reason broker_check_reply(const struct broker *broker, struct endpoint from,
                                             enum wire_status status,
                                             const struct wire_message *message, uint32_t *index)
{
    switch (status) {
    case WIRE_OK:
        break;
    case WIRE_TRUNCATED:
        return REJECT_TRUNCATED;
    case WIRE_PLAIN:
    case WIRE_MALFORMED:
        return REJECT_MALFORMED;
    case WIRE_CORRUPT:
        return REJECT_CORRUPT;
    case WIRE_VERSION:
        return REJECT_VERSION;
    case WIRE_BAD_BODY:
    case WIRE_TOO_LARGE:
        return REJECT_WRONG_KIND; /* of a request */
    }
    if (message->kind != WIRE_REPLY) {
        return REJECT_WRONG_KIND;
    }
    uint32_t found = map_get(&broker->by_upstream, message->id);
    if (found == MAP_NONE) {
        return REJECT_LATE;
    }
    const struct broker_entry *entry = &broker->entries[found];
    if (!endpoint_equal(broker->config.servers[entry->server].endpoint, from)) {
        return REJECT_SPOOFED;
    }
    if (message->try > entry->to.try) {
        return REJECT_STALE;
    }
    *index = found;
    return REJECT_NONE;
}

/* Relays a server's reply to the client and ends the entry. A definite code is only as good as the
 * one datagram it is about: another copy may have been executed. */
static void broker_relay_reply(struct broker *broker, uint32_t index,
                               const struct wire_message *message, struct outbox *outbox)
{
    const struct broker_entry *entry = &broker->entries[index];
    struct reply_to to = entry->to;
    bool hidden = code_is_definite(message->code) && entry->forwards > 1;
    unsigned code = hidden ? CODE_NO_ANSWER : message->code;

    to.try = (uint8_t)message->try;
    broker_table_close(broker, index, code, to.try, outbox);
    if (code == CODE_OK) {
        reply_add_answer(outbox, &to, message->text, message->text_size);
    } else {
        (void)reply_add_error(outbox, &to, code, hidden ? NULL : message->text, message->text_size);
    }
}

static void broker_on_enveloped_server(struct broker *broker, struct endpoint from,
                                       const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    struct wire_message message;
    uint32_t index = 0;
    enum wire_status status = wire_decode(&message, bytes, size);
    enum reject_reason reason = broker_check_reply(broker, from, status, &message, &index);

    if (reason != REJECT_NONE) {
        reply_add_rejection(outbox, reason, from, bytes, size);
    } else {
        broker_relay_reply(broker, index, &message, outbox);
    }
}

/* Relays "Error: reason" of a plain server to a client that takes envelopes: 500 with the reason.
 */
static void broker_relay_plain_error(const struct reply_to *to, const uint8_t *bytes, size_t size,
                                     struct outbox *outbox)
{
    size_t begin = strlen(BROKER_ERROR_PREFIX);

    while (begin < size && bytes[begin] == ' ') {
        begin++;
    }
    if (size > begin && bytes[size - 1] == '\n') {
        size--;
    }
    (void)reply_add_error(outbox, to, CODE_SERVER_FAILED, bytes + begin, size - begin);
}

static void broker_on_plain_server(struct broker *broker, struct endpoint from,
                                   const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    uint32_t index = broker_channels_entry(&broker->channels, from.channel);
    if (index == MAP_NONE) {
        reply_add_rejection(outbox, REJECT_LATE, from, bytes, size);
        return;
    }
    struct broker_entry *entry = &broker->entries[index];
    if (!endpoint_equal(broker->config.servers[entry->server].endpoint, from)) {
        reply_add_rejection(outbox, REJECT_SPOOFED, from, bytes, size);
        return;
    }
    if (size > WIRE_TEXT_MAX) {
        reply_add_rejection(outbox, REJECT_MALFORMED, from, bytes, size);
        return;
    }

    struct reply_to to = entry->to;
    bool error = wire_is_plain_error(bytes, size);
    broker_channels_release(&broker->channels, entry->channel);
    entry->channel = 0;
    broker_table_close(broker, index, error ? CODE_SERVER_FAILED : CODE_OK, to.try, outbox);
    if (error && to.id != 0) {
        broker_relay_plain_error(&to, bytes, size, outbox);
    } else {
        reply_add_answer(outbox, &to, bytes, size);
    }
}

/* ---- from clients -----------------------------------------------------------------------------
 */

static void broker_on_envelope(struct broker *broker, uint64_t now_ns, struct endpoint from,
                               const struct wire_message *message, size_t size,
                               struct outbox *outbox)
{
    struct broker_request request = {
        .to = reply_to_envelope(from, message, size),
        .upstream_id = broker_upstream_id(broker->id_key, from.key, message->id),
        .message = message,
    };
    broker_forward_request(broker, now_ns, &request, outbox);
}

/* By itself: only here is there room needed for a message of its own. */
static __attribute__((noinline)) void broker_on_plain_request(struct broker *broker,
                                                              uint64_t now_ns, struct endpoint from,
                                                              const uint8_t *bytes, size_t size,
                                                              struct outbox *outbox)
{
    struct reply_to to = reply_to_plain(from, bytes, size);
    struct wire_message message;

    if (size == 0) {
        reply_add_rejection(outbox, REJECT_MALFORMED, from, bytes, size);
        return;
    }
    if (wire_is_plain_error(bytes, size)) {
        reply_add_rejection(outbox, REJECT_WRONG_KIND, from, bytes, size);
        return;
    }
    enum wire_status status = wire_decode_plain(&message, bytes, size);
    if (status != WIRE_OK) {
        unsigned code = status == WIRE_TOO_LARGE ? CODE_TOO_LARGE : CODE_MALFORMED;
        (void)reply_add_error(outbox, &to, code, NULL, 0);
        return;
    }

    /* The counter is scattered first: small differences of two addresses and of two counts must not
     * cancel each other in the exclusive-or. */
    struct broker_request request = {
        .to = to,
        .upstream_id =
            broker_upstream_id(broker->plain_id_key, from.key, prng_mix(broker->plain_counter)),
        .message = &message,
    };
    message.ttl_ms = BROKER_PLAIN_LIFE_NS / NS_PER_MS;
    broker->plain_counter++;
    broker_forward_request(broker, now_ns, &request, outbox);
}

static void broker_on_client(struct broker *broker, uint64_t now_ns, struct endpoint from,
                             const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    struct wire_message message;
    enum wire_status status = wire_decode(&message, bytes, size);

    if (status == WIRE_PLAIN) {
        broker_on_plain_request(broker, now_ns, from, bytes, size, outbox);
    } else if (status != WIRE_OK) {
        reply_refuse(outbox, status, &message, from, bytes, size);
    } else if (message.kind == WIRE_REQUEST) {
        broker_on_envelope(broker, now_ns, from, &message, size, outbox);
    } else {
        reply_add_rejection(outbox, REJECT_WRONG_KIND, from, bytes, size);
    }
}

/* The server that has this address, NULL if none has. */
static const struct broker_server *broker_find_server_at(const struct broker *broker,
                                                         struct endpoint from)
{
    for (uint32_t i = 0; i < broker->config.server_count; i++) {
        if (endpoint_equal(broker->config.servers[i].endpoint, from)) {
            return &broker->config.servers[i];
        }
    }
    return NULL;
}

void broker_on_datagram(struct broker *broker, uint64_t now_ns, struct endpoint from,
                        const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    const struct broker_server *server = broker_find_server_at(broker, from);

    if (size > WIRE_DATAGRAM_MAX) {
        reply_add_rejection(outbox, REJECT_TRUNCATED, from, bytes, size);
    } else if (server != NULL && server->plain) {
        broker_on_plain_server(broker, from, bytes, size, outbox);
    } else if (server != NULL) {
        broker_on_enveloped_server(broker, from, bytes, size, outbox);
    } else if (endpoint_equal(broker->config.self, from) || from.channel != 0) {
        /* Itself; or somebody who writes to a socket on which only a server was asked. */
        reply_add_rejection(outbox, REJECT_SPOOFED, from, bytes, size);
    } else {
        broker_on_client(broker, now_ns, from, bytes, size, outbox);
    }
}

/* ---- time passes ------------------------------------------------------------------------------
 */

/* An entry is due: for its own timer, or since it has expired. */
static void broker_fire(struct broker *broker, uint64_t now_ns, uint32_t index,
                        struct outbox *outbox)
{
    const struct broker_entry *entry = &broker->entries[index];
    if (entry->expires_ns > now_ns) {
        broker_forward_again(broker, now_ns, index, outbox);
        return;
    }

    /* The client's deadline is over as well: it no longer waits for anything. Who asked in the
     * plain form gave none, and is told. */
    struct reply_to to = entry->to;
    unsigned code = to.id == 0 ? CODE_NO_ANSWER : CODE_NONE;
    broker_table_close(broker, index, code, to.try, outbox);
    if (code != CODE_NONE) {
        (void)reply_add_error(outbox, &to, code, NULL, 0);
    }
}

void broker_on_deadline(struct broker *broker, uint64_t now_ns, struct outbox *outbox)
{
    uint32_t index = broker_table_first_due(broker, now_ns);

    if (index != MAP_NONE) {
        broker_fire(broker, now_ns, index, outbox);
        (void)broker_table_first_due(broker, now_ns); /* puts right what has been */
    }
}

uint64_t broker_deadline_ns(const struct broker *broker)
{
    return broker_entry_count(broker) > 0 ? heap_due_ns(&broker->timers) : TIME_NEVER;
}

void broker_prefetch(const struct broker *broker, uint64_t upstream_id, enum prefetch_stage stage)
{
    if (stage == PREFETCH_KNOWN) {
        map_prefetch(&broker->by_upstream, upstream_id);
        return;
    }
    uint32_t index = map_get(&broker->by_upstream, upstream_id);
    if (index != MAP_NONE) {
        prefetch(&broker->entries[index], sizeof *broker->entries);
    }
}
