#include "protocol/reply.h"

#include <assert.h>
#include <string.h>

#include "protocol/code.h"

/* Octets of "SIM1 R id try code crc ": all of an enveloped reply but its text. */
static size_t reply_header_size(unsigned try)
{
    return try > 9 ? 40 : 39;
}

struct reply_to reply_to_envelope(struct endpoint client, const struct wire_message *message,
                                  size_t size)
{
    return (struct reply_to){.client = client,
                             .id = message->id,
                             .request_size = (uint16_t)size,
                             .try = (uint8_t)message->try};
}

struct reply_to reply_to_plain(struct endpoint client, const uint8_t *bytes, size_t size)
{
    return (struct reply_to){.client = client,
                             .request_size = (uint16_t)size,
                             .try = 1,
                             .line_feed = size > 0 && bytes[size - 1] == '\n'};
}

static struct outbox_datagram *reply_add_datagram(struct outbox *outbox, const struct reply_to *to)
{
    struct outbox_datagram *datagram = outbox_add_datagram(outbox, to->client);
    datagram->id = to->id;
    datagram->try = to->try;
    datagram->reply = true;
    datagram->plain = to->id == 0;
    return datagram;
}

static void reply_add_envelope(struct outbox *outbox, const struct reply_to *to, unsigned code,
                               const uint8_t *text, size_t text_size)
{
    struct outbox_datagram *datagram = reply_add_datagram(outbox, to);

    datagram->size = wire_encode_reply(datagram->bytes, to->id, to->try, code, text, text_size);
}

void reply_add_answer(struct outbox *outbox, const struct reply_to *to, const uint8_t *text,
                      size_t text_size)
{
    struct outbox_datagram *datagram;

    assert(text_size <= WIRE_TEXT_MAX);
    if (to->id != 0) {
        reply_add_envelope(outbox, to, CODE_OK, text, text_size);
        return;
    }
    datagram = reply_add_datagram(outbox, to);
    datagram->size = text_size;
    if (text_size > 0) {
        memcpy(datagram->bytes, text, text_size);
    }
}

bool reply_add_error(struct outbox *outbox, const struct reply_to *to, unsigned code,
                     const uint8_t *text, size_t text_size)
{
    size_t header_size = reply_header_size(to->try);
    struct outbox_datagram *datagram;

    if (to->id == 0) {
        datagram = reply_add_datagram(outbox, to);
        datagram->size = wire_encode_plain_error(datagram->bytes, code_reason(code), to->line_feed);
        return true;
    }
    if (to->request_size < header_size) {
        return false;
    }
    if (text == NULL) {
        text = (const uint8_t *)code_reason(code);
        text_size = strlen(code_reason(code));
    }
    if (text_size > to->request_size - header_size) {
        text_size = to->request_size - header_size;
    }
    reply_add_envelope(outbox, to, code, text, text_size);
    return true;
}

void reply_add_busy(struct outbox *outbox, const struct reply_to *to, uint64_t wait_ms)
{
    size_t header_size = reply_header_size(to->try);
    uint64_t most_ms = 9; /* of as many digits as there is room for, since a cut number would lie */
    uint8_t digits[8];
    size_t first = sizeof digits;

    for (size_t size = header_size + 1; size < to->request_size && most_ms < WIRE_TTL_MAX_MS;
         size++) {
        most_ms = most_ms * 10 + 9;
    }
    most_ms = most_ms < WIRE_TTL_MAX_MS ? most_ms : WIRE_TTL_MAX_MS;
    wait_ms = wait_ms < 1 ? 1 : wait_ms > most_ms ? most_ms : wait_ms;
    for (; wait_ms > 0; wait_ms /= 10) {
        digits[--first] = (uint8_t)('0' + wait_ms % 10);
    }
    (void)reply_add_error(outbox, to, CODE_BUSY, digits + first, sizeof digits - first);
}

void reply_add_rejection(struct outbox *outbox, enum reject_reason reason, struct endpoint from,
                         const uint8_t *bytes, size_t size)
{
    struct outbox_note *note = outbox_add_note(outbox, NOTE_REJECTED);
    enum wire_kind kind;
    unsigned try = 0;

    (void)wire_peek(bytes, size, &kind, &note->id, &try);
    note->reason = (uint8_t)reason;
    note->try = (uint8_t)try;
    note->peer = from;
}

void reply_refuse(struct outbox *outbox, enum wire_status status,
                  const struct wire_message *message, struct endpoint from, const uint8_t *bytes,
                  size_t size)
{
    struct outbox_note *note;
    struct reply_to to;

    assert(status != WIRE_OK);
    switch (status) {
    case WIRE_OK:
        return; /* not reached */
    case WIRE_TRUNCATED:
        reply_add_rejection(outbox, REJECT_TRUNCATED, from, bytes, size);
        return;
    case WIRE_PLAIN:
    case WIRE_MALFORMED:
        reply_add_rejection(outbox, REJECT_MALFORMED, from, bytes, size);
        return;
    case WIRE_CORRUPT:
        reply_add_rejection(outbox, REJECT_CORRUPT, from, bytes, size);
        return;
    case WIRE_VERSION:
        to = reply_to_envelope(from, message, size);
        note = outbox_add_note(outbox, NOTE_REJECTED);
        note->reason = REJECT_VERSION;
        note->peer = from;
        note->id = message->id;
        note->try = (uint8_t)message->try;
        (void)reply_add_error(outbox, &to, CODE_VERSION, NULL, 0);
        return;
    case WIRE_BAD_BODY:
        to = reply_to_envelope(from, message, size);
        if (!reply_add_error(outbox, &to, CODE_MALFORMED, NULL, 0)) {
            reply_add_rejection(outbox, REJECT_MALFORMED, from, bytes, size);
        }
        return;
    case WIRE_TOO_LARGE:
        to = reply_to_envelope(from, message, size);
        (void)reply_add_error(outbox, &to, CODE_TOO_LARGE, NULL, 0);
        return;
    }
}
