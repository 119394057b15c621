/* Where a datagram comes from or goes to. To a core it is a name that it may compare, hash and hand
 * back, no more: the host (or the stand-alone program) knows what it means. */
#ifndef PROTOCOL_ENDPOINT_H
#define PROTOCOL_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

struct endpoint {
    uint64_t key;  /* tells peers apart: from the node's name in a run, from IPv4 address and port
                      outside; never 0 */
    uint32_t node; /* the host's: the node's index in a run; the IPv4 address outside */
    uint16_t port; /* the host's: 0 in a run; the UDP port outside */
    uint16_t channel; /* which of the node's own sockets: 0 the main one; others only toward plain
                         servers */
};

static inline bool endpoint_equal(struct endpoint a, struct endpoint b)
{
    return a.key == b.key;
}

#endif
