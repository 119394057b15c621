/* What the small programs of this folder share. They are what somebody else might write to the
 * plain form, and use nothing of src/. */
#ifndef PEERS_PEER_H
#define PEERS_PEER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#define PEER_DATAGRAM_MAX 2048

/* 127.0.0.1:port. */
static inline struct sockaddr_in peer_address(unsigned port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A socket bound to `address`; ends the program if there is none. */
static inline int peer_socket(struct sockaddr_in address)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("peer: socket");
        exit(3);
    }
    return fd;
}

/* Says where the socket listens, as the stand-alone programs do. */
static inline void peer_announce(const char *name, int fd)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        perror("peer: getsockname");
        exit(3);
    }
    fprintf(stderr, "%s: listening on 127.0.0.1:%u\n", name, ntohs(address.sin_port));
}

static inline void peer_send(int fd, const void *bytes, size_t size, struct sockaddr_in to)
{
    if (sendto(fd, bytes, size, 0, (struct sockaddr *)&to, sizeof to) < 0) {
        perror("peer: sendto");
    }
}

/* Waits for a datagram, if need be for ever. Returns its size, or -1. */
static inline ssize_t peer_receive(int fd, void *bytes, size_t capacity, struct sockaddr_in *from)
{
    socklen_t size = sizeof *from;

    return recvfrom(fd, bytes, capacity, 0, (struct sockaddr *)from, &size);
}

/* No receive on the socket waits longer. */
static inline void peer_set_timeout(int fd, time_t seconds)
{
    struct timeval span = {.tv_sec = seconds};

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &span, sizeof span);
}

#endif
