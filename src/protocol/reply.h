/* How a node that is asked answers or refuses: the same for the broker and the servers, in the
 * plain form and in the enveloped one. */
#ifndef PROTOCOL_REPLY_H
#define PROTOCOL_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/endpoint.h"
#include "protocol/outbox.h"
#include "protocol/wire.h"

/* Whom a reply answers: all of a request that its reply needs. */
struct reply_to {
    struct endpoint client;
    uint64_t id;           /* as the client knows it; 0: the request was plain, so is the reply */
    uint16_t request_size; /* of the whole datagram: an enveloped error is cut to it */
    uint8_t try;           /* 1..99 */
    bool line_feed;        /* a plain request that ended in one: so does a plain error */
};

/* Whom to answer for the envelope `message` of `size` bytes from `client`. */
struct reply_to reply_to_envelope(struct endpoint client, const struct wire_message *message,
                                  size_t size);

/* Whom to answer for the plain datagram `bytes` from `client`. */
struct reply_to reply_to_plain(struct endpoint client, const uint8_t *bytes, size_t size);

/* Puts the answer (code 200) with the text, bare to a plain request. */
void reply_add_answer(struct outbox *outbox, const struct reply_to *to, const uint8_t *text,
                      size_t text_size);

/* Puts an error: to an envelope with its code and the text, cut so that the reply is no longer than
 * its request; to a plain request as "Error: reason". Text NULL: the code's reason. False, and
 * nothing put, if even without a text the reply would be longer than the request: something so
 * short is no request, and nobody shall be made to send more than was sent to him. */
bool reply_add_error(struct outbox *outbox, const struct reply_to *to, unsigned code,
                     const uint8_t *text, size_t text_size);

/* Puts 429 with the milliseconds to wait, at least 1 and at most WIRE_TTL_MAX_MS. */
void reply_add_busy(struct outbox *outbox, const struct reply_to *to, uint64_t wait_ms);

/* Puts NOTE_REJECTED about a datagram from `from`, with the id and try that can be read in it. */
void reply_add_rejection(struct outbox *outbox, enum reject_reason reason, struct endpoint from,
                         const uint8_t *bytes, size_t size);

/* Refuses what wire_decode did not find to be WIRE_OK (asserted), where a request was to come: 400,
 * 413 and 505 are answered (505 is a rejection as well), all else is rejected only. */
void reply_refuse(struct outbox *outbox, enum wire_status status,
                  const struct wire_message *message, struct endpoint from, const uint8_t *bytes,
                  size_t size);

#endif
