/* The server that answers in capitals. */
#include "udp_server.h"

int main(int argc, char **argv)
{
    return udp_server_main(argc, argv, OP_TOUPPER, "udp_toupper", UDP_TOUPPER_PORT);
}
