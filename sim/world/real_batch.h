/* The datagrams of one system call, which a node's thread has read (recvmmsg) or is about to write
 * (sendmmsg). */
#ifndef WORLD_REAL_BATCH_H
#define WORLD_REAL_BATCH_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "protocol/wire.h"

#define REAL_DATAGRAM_MAX (WIRE_DATAGRAM_MAX + 1) /* one more octet shows that it was cut */

/* What recvmmsg and sendmmsg work on: `capacity` of each. */
struct real_batch {
    unsigned capacity;
    unsigned send_count;     /* datagrams that wait to be written */
    unsigned received_count; /* datagrams of the latest read */
    unsigned taken_count;    /* those of them that the host has got: more may wait for the end of a
                                pause */
    struct mmsghdr *receive_headers;
    struct mmsghdr *send_headers;
    struct iovec *receive_vectors;
    struct iovec *send_vectors;
    struct sockaddr_in *receive_from;
    struct sockaddr_in *send_to;
    uint64_t *send_due_ns; /* of delayed datagrams; TIME_NEVER = was not delayed */
    uint8_t (*receive_bytes)[REAL_DATAGRAM_MAX];
    uint8_t (*send_bytes)[REAL_DATAGRAM_MAX];
};

/* NULL: no memory. */
struct real_batch *real_batch_make(unsigned capacity);
void real_batch_free(struct real_batch *batch); /* NULL: nothing happens */

/* Copies a datagram to those that wait to be written: there is room for it. */
void real_batch_add(struct real_batch *batch, struct sockaddr_in to, const uint8_t *bytes,
                    size_t size, uint64_t due_ns);

/* Writes all that wait. Returns how many of them the kernel would not have. */
unsigned real_batch_write(struct real_batch *batch, int fd);

/* Reads what is there, without waiting, in place of what was read before. Returns how many there
 * were; the host has got none of them. */
unsigned real_batch_read(struct real_batch *batch, int fd);

#endif
