/* A broker that somebody else wrote, as simple as can be: forwards the bare text to one of two
 * servers, waits for the answer, hands it back, one request after the other.
 *
 *   plain_broker TOUPPER_PORT TOLOWER_PORT */
#include "peer.h"

#define ANSWER_SECONDS 5

int main(int argc, char **argv)
{
    static const char *const OPERATIONS[] = {"toupper:", "tolower:"};
    char request[PEER_DATAGRAM_MAX];
    char answer[PEER_DATAGRAM_MAX];
    struct sockaddr_in client;
    struct sockaddr_in server;
    int clients = peer_socket(peer_address(0));

    if (argc < 3) {
        fputs("usage: plain_broker TOUPPER_PORT TOLOWER_PORT\n", stderr);
        return 2;
    }
    peer_announce("plain_broker", clients);
    for (;;) {
        ssize_t size = peer_receive(clients, request, sizeof request, &client);
        const char *error = "Error: unknown op";
        for (int i = 0; i < 2 && size >= 8; i++) {
            if (memcmp(request, OPERATIONS[i], 8) == 0) {
                int servers = peer_socket(peer_address(0));
                peer_set_timeout(servers, ANSWER_SECONDS);
                peer_send(servers, request + 8, (size_t)size - 8,
                          peer_address((unsigned)atoi(argv[1 + i])));
                ssize_t got = peer_receive(servers, answer, sizeof answer, &server);
                close(servers);
                error = got < 0 ? "Error: no answer" : NULL;
                if (got >= 0) {
                    peer_send(clients, answer, (size_t)got, client);
                }
            }
        }
        if (error != NULL) {
            peer_send(clients, error, strlen(error), client);
        }
    }
}
