/* A node's sockets and their addresses: only for node.c. */
#ifndef TOOLS_NODE_SOCKETS_H
#define TOOLS_NODE_SOCKETS_H

#include "node.h"

/* Where the endpoint is. */
struct sockaddr_in node_address(struct endpoint endpoint);

/* The socket of a channel, opened if it is not, on a port that no channel had before. Returns it,
 * or -errno. */
int node_channel_fd(struct node *node, uint16_t channel);

/* Closes the channel's socket, if it was ever opened; its port is not used again. */
void node_close_channel(struct node *node, uint16_t channel);

#endif
