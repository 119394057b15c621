/* What the parts of a real node share: real_node.c makes it, and writes and reads its datagrams,
 * real_node_loop.c is what its thread does. */
#ifndef WORLD_REAL_NODE_PARTS_H
#define WORLD_REAL_NODE_PARTS_H

#include <stdint.h>

#include "world/real_node.h"
#include "world/wall.h"

/* The instant of the run that it is now. */
static inline uint64_t real_node_now_ns(const struct real_node *node)
{
    return wall_clock_ns() - node->shared->start_ns;
}

/* Writes what waits to be written. */
void real_node_flush(struct real_node *node);

/* Reads one batch and hands it to the host. Returns how many datagrams there were. */
unsigned real_node_read(struct real_node *node);

/* Hands what was read to the host, as long as that does not stand still. */
void real_node_take_batch(struct real_node *node);

/* What was read and will never be handed to the host is counted. */
void real_node_give_up_batch(struct real_node *node);

#endif
