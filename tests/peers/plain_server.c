/* A server that somebody else wrote: gets a bare text, answers it in capitals or small letters.
 *
 *   plain_server toupper|tolower [N]
 *
 * With N it collects so many texts before it answers them, the last one first. */
#include <ctype.h>

#include "peer.h"

#define COLLECTED_MAX 64

struct text {
    struct sockaddr_in from;
    ssize_t size;
    char bytes[PEER_DATAGRAM_MAX];
};

int main(int argc, char **argv)
{
    static struct text texts[COLLECTED_MAX];
    int wanted = argc > 2 ? atoi(argv[2]) : 1;
    int fd = peer_socket(peer_address(0));

    if (argc < 2 || wanted < 1 || wanted > COLLECTED_MAX) {
        fputs("usage: plain_server toupper|tolower [N]\n", stderr);
        return 2;
    }
    int (*convert)(int) = strcmp(argv[1], "toupper") == 0 ? toupper : tolower;
    peer_announce("plain_server", fd);
    for (int count = 0;;) {
        struct text *text = &texts[count];
        text->size = peer_receive(fd, text->bytes, sizeof text->bytes, &text->from);
        if (text->size < 0) {
            perror("plain_server: recvfrom");
            return 3;
        }
        for (ssize_t i = 0; i < text->size; i++) {
            text->bytes[i] = (char)convert((unsigned char)text->bytes[i]);
        }
        if (++count == wanted) {
            while (count > 0) {
                text = &texts[--count];
                peer_send(fd, text->bytes, (size_t)text->size, text->from);
            }
        }
    }
}
