/* udp_toupper and udp_tolower are one program with two names. */
#ifndef TOOLS_UDP_SERVER_H
#define TOOLS_UDP_SERVER_H

#include "protocol/op.h"

#define UDP_TOUPPER_PORT 8080
#define UDP_TOLOWER_PORT 8081

/* Main of the server of `op`, which listens on `port` unless it is told otherwise. Returns the exit
 * status. */
int udp_server_main(int argc, char **argv, enum op op, const char *program, unsigned port);

#endif
