/* The server that answers in small letters. */
#include "udp_server.h"

int main(int argc, char **argv)
{
    return udp_server_main(argc, argv, OP_TOLOWER, "udp_tolower", UDP_TOLOWER_PORT);
}
