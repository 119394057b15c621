/* What the parts of a client share: client.c runs the script, client_receive.c takes replies,
 * client_slot.c knows the open requests. */
#ifndef CLIENT_CLIENT_PARTS_H
#define CLIENT_CLIENT_PARTS_H

#include "client/client.h"

/* Brings client->wake_ns up to date, at the end of each call that may have changed it. */
void client_set_wake(struct client *client);

#endif
