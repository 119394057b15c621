/* Datagrams that nobody should send, and what a careful receiver makes of each. */
#ifndef PEERS_HOSTILE_H
#define PEERS_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/outbox.h"

/* Room for the largest datagram there is. */
#define HOSTILE_SIZE_MAX 65507

/* What the receiver should have counted. */
struct hostile_counts {
    uint64_t rejected[REJECT_REASON_COUNT];
    uint64_t errors[1000]; /* enveloped error replies, by code */
    uint64_t plain_errors; /* `Error: reason` */
    uint64_t answered;     /* by a server: bare texts */
};

/* Writes datagram number `i` (any number; from some number on they are random, yet the same each
 * time) to `bytes`, room for HOSTILE_SIZE_MAX. Returns its size. None is a request that a broker
 * with toupper and tolower would forward. */
size_t hostile_make(uint32_t i, uint8_t *bytes);

/* Writes the checksum of an envelope, whatever else is wrong with it. */
void hostile_sign(uint8_t *bytes, size_t size);

/* Counts what a broker, or a stand-alone toupper server, should do with it. */
void hostile_expect_of_broker(struct hostile_counts *counts, const uint8_t *bytes, size_t size);
void hostile_expect_of_server(struct hostile_counts *counts, const uint8_t *bytes, size_t size);

#endif
