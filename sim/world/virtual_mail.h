/* What has come to nodes of the virtual world that stand still, where a real one has its socket's
 * buffer. */
#ifndef WORLD_VIRTUAL_MAIL_H
#define WORLD_VIRTUAL_MAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "verdict/facts.h"
#include "world/host.h"

struct virtual_mailbox; /* of one node */

struct virtual_mail {
    struct virtual_mailbox **boxes; /* owned, and what it points to; by node: NULL = none has ever
                                       come */
    uint32_t node_count;
    uint32_t waiting_count; /* datagrams that wait in all */
};

/* Returns 0 or -ENOMEM. */
int virtual_mail_init(struct virtual_mail *mail, uint32_t node_count);
void virtual_mail_free(struct virtual_mail *mail);

/* The datagram, with its bytes, waits until its receiver goes on; where there is no room it is
 * dropped. */
void virtual_mail_put(struct virtual_mail *mail, const struct flight_item *item,
                      const uint8_t bytes[static FLIGHT_SMALL]);

/* The node's host, which may go on, gets all that has come, one by one in `bytes`
 * (WIRE_DATAGRAM_MAX), until it stands still again. */
void virtual_mail_read(struct virtual_mail *mail, uint32_t node, struct host *host, uint64_t now_ns,
                       uint8_t *bytes);

/* Whether anything waits for a node that will yet go on. `hosts`: of each node. */
bool virtual_mail_is_awaited(const struct virtual_mail *mail, const struct host *hosts);

/* How many datagrams the node has not read, and for how many there was no room: written only where
 * any has come. */
void virtual_mail_fill_facts(const struct virtual_mail *mail, uint32_t node,
                             struct node_facts *facts);

#endif
