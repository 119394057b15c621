/* What the broker sends to its servers: only for the broker's own files. */
#ifndef BROKER_BROKER_FORWARD_H
#define BROKER_BROKER_FORWARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/broker.h"

/* A request as it came from a client. */
struct broker_request {
    struct reply_to to;
    uint64_t upstream_id;
    const struct wire_message *message; /* its ttl_ms, op and text */
};

/* Takes a well-formed request: makes an entry for it or finds the one it is a copy of, and forwards
 * it at once; or answers with an error. */
void broker_forward_request(struct broker *broker, uint64_t now_ns,
                            const struct broker_request *request, struct outbox *outbox);

/* The entry's own timer fired (NOTE_TIMEOUT): sends once more (NOTE_RETRY), or, after the last,
 * closes it and answers 504. */
void broker_forward_again(struct broker *broker, uint64_t now_ns, uint32_t index,
                          struct outbox *outbox);

#endif
