/* What a stand-alone program says on standard error: only for node.c, and for those who name an
 * address. */
#ifndef TOOLS_NODE_LINES_H
#define TOOLS_NODE_LINES_H

#include "node.h"

/* Room for "255.255.255.255:65535". */
#define NODE_ADDRESS_MAX 22

/* Writes "ADDRESS:PORT", both in the host's order. */
void node_write_address(char text[NODE_ADDRESS_MAX], uint32_t host, uint16_t port);

/* With -v: a line for a datagram that came, left, was refused by the kernel, or was not taken. */
void node_say_received(const struct node *node, struct endpoint from, const uint8_t *bytes,
                       size_t size);
void node_say_sent(const struct node *node, const struct outbox_datagram *datagram);
void node_say_rejected(const struct node *node, const struct outbox_note *note);

/* Without -v too, but then only for the first. To be called before it is counted. */
void node_say_unsent(const struct node *node, const struct outbox_datagram *datagram, int error);

/* Counts a datagram that was sent, an error reply by its code. */
void node_count_sent(struct node *node, const struct outbox_datagram *datagram);

#endif
