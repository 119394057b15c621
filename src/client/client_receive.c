#include "client/client.h"

#include "client/client_parts.h"
#include "client/client_slot.h"
#include "protocol/code.h"

/* Decodes what should be a reply. `message` is filled only as far as it could be read. */
static enum reject_reason client_read_reply(struct wire_message *message, const uint8_t *bytes,
                                            size_t size)
{
    switch (wire_decode(message, bytes, size)) {
    case WIRE_OK:
        return message->kind == WIRE_REPLY ? REJECT_NONE : REJECT_WRONG_KIND;
    case WIRE_BAD_BODY:
    case WIRE_TOO_LARGE:
        return REJECT_WRONG_KIND;
    case WIRE_PLAIN:
    case WIRE_MALFORMED:
        return REJECT_MALFORMED;
    case WIRE_TRUNCATED:
        return REJECT_TRUNCATED;
    case WIRE_VERSION:
        return REJECT_VERSION;
    case WIRE_CORRUPT:
        return REJECT_CORRUPT;
    }
    return REJECT_MALFORMED;
}

/* Finds the open request that a sound reply belongs to: the number is in the id. */
static enum reject_reason client_match_reply(const struct client *client,
                                             const struct wire_message *reply, uint32_t *index)
{
    /* Another prefix leaves a high bit, and so a number that has not begun. */
    uint64_t n = reply->id ^ client->identity.id_prefix;

    if (n == 0 || n > client->begun) {
        return REJECT_STALE;
    }
    *index = client_slot_find(client, (uint32_t)n);
    if (*index == MAP_NONE) {
        return REJECT_LATE;
    }
    return reply->try <= client_slots(client)[*index].tries ? REJECT_NONE : REJECT_STALE;
}

/* Puts NOTE_REJECTED. `id` and `try`: 0 where they could not be read. The number of the request is
 * given where the id is one of the client's own. */
static void client_reject(const struct client *client, struct endpoint from,
                          enum reject_reason reason, uint64_t id, unsigned try,
                          struct outbox *outbox)
{
    struct outbox_note *note = outbox_add_note(outbox, NOTE_REJECTED);
    uint64_t n = id ^ client->identity.id_prefix;

    note->reason = (uint8_t)reason;
    note->peer = from;
    note->id = id;
    note->try = (uint8_t)try;
    note->n = !client->config->plain && n <= client->begun ? (uint32_t)n : 0;
}

/* The same for bytes that are not to be decoded: a quick look tells what they claim to be. */
static void client_reject_bytes(const struct client *client, struct endpoint from,
                                enum reject_reason reason, const uint8_t *bytes, size_t size,
                                struct outbox *outbox)
{
    enum wire_kind kind = WIRE_REPLY;
    uint64_t id = 0;
    unsigned try = 0;

    if (client->config->plain || !wire_peek(bytes, size, &kind, &id, &try)) {
        id = 0;
        try = 0;
    }
    client_reject(client, from, reason, id, try, outbox);
}

static void client_receive_envelope(struct client *client, uint64_t now_ns, struct endpoint from,
                                    const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    struct wire_message reply = {.id = 0};
    uint32_t index = MAP_NONE;
    enum reject_reason reason = client_read_reply(&reply, bytes, size);

    if (reason == REJECT_NONE) {
        reason = client_match_reply(client, &reply, &index);
    }
    if (reason == REJECT_VERSION) { /* not a version that the quick look knows */
        client_reject(client, from, reason, reply.id, reply.try, outbox);
    } else if (reason != REJECT_NONE) {
        client_reject_bytes(client, from, reason, bytes, size, outbox);
    } else if (reply.code == CODE_OK) {
        client_slot_answer(client, now_ns, index, reply.try, reply.text, reply.text_size, outbox);
    } else {
        client_slot_refuse(client, now_ns, index, reply.try, reply.code, reply.text,
                           reply.text_size, outbox);
    }
}

/* Without ids the order is all there is to go by: the oldest open request. */
static void client_receive_plain(struct client *client, uint64_t now_ns, struct endpoint from,
                                 const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    uint32_t index = client_slot_find_oldest(client);

    if (size > WIRE_TEXT_MAX) {
        client_reject_bytes(client, from, REJECT_MALFORMED, bytes, size, outbox);
    } else if (index == MAP_NONE) {
        client_reject_bytes(client, from, REJECT_LATE, bytes, size, outbox);
    } else if (wire_is_plain_error(bytes, size)) {
        client_slot_refuse(client, now_ns, index, client_slots(client)[index].tries,
                           CODE_SERVER_FAILED, bytes, size, outbox);
    } else {
        client_slot_answer(client, now_ns, index, client_slots(client)[index].tries, bytes, size,
                           outbox);
    }
}

void client_on_datagram(struct client *client, uint64_t now_ns, struct endpoint from,
                        const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    if (size > WIRE_DATAGRAM_MAX) {
        client_reject_bytes(client, from, REJECT_TRUNCATED, bytes, size, outbox);
    } else if (!endpoint_equal(from, client->config->broker)) {
        client_reject_bytes(client, from, REJECT_SPOOFED, bytes, size, outbox);
    } else if (client->config->plain) {
        client_receive_plain(client, now_ns, from, bytes, size, outbox);
    } else {
        client_receive_envelope(client, now_ns, from, bytes, size, outbox);
    }
    client_set_wake(client);
}
