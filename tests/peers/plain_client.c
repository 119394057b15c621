/* A client that somebody else wrote: sends each request from a socket of its own, all at once, and
 * prints the answers in the order of the requests, each on a line.
 *
 *   plain_client PORT REQUEST... */
#include "peer.h"

#define ANSWER_SECONDS 10
#define REQUESTS_MAX   256

int main(int argc, char **argv)
{
    int sockets[REQUESTS_MAX];
    char answer[PEER_DATAGRAM_MAX];
    struct sockaddr_in from;
    int count = argc - 2;
    int status = 0;

    if (count < 1 || count > REQUESTS_MAX) {
        fputs("usage: plain_client PORT REQUEST...\n", stderr);
        return 2;
    }
    for (int i = 0; i < count; i++) {
        sockets[i] = peer_socket(peer_address(0));
        peer_set_timeout(sockets[i], ANSWER_SECONDS);
        peer_send(sockets[i], argv[2 + i], strlen(argv[2 + i]),
                  peer_address((unsigned)atoi(argv[1])));
    }
    for (int i = 0; i < count; i++) {
        ssize_t size = peer_receive(sockets[i], answer, sizeof answer, &from);
        if (size < 0) {
            puts("(no answer)");
            status = 1;
        } else {
            printf("%.*s\n", (int)size, answer);
        }
        close(sockets[i]);
    }
    return status;
}
