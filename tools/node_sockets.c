#include "node_sockets.h"

#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "args.h"
#include "base/prng.h"
#include "node_lines.h"

/* Asked for a broker's or a server's socket; the kernel's default holds 256 small datagrams. */
#define NODE_BUFFER_BYTES (4 << 20)

/* Ports of closed channels that are remembered; then all are forgotten. */
#define NODE_RETIRED_MAX 8192

/* Attempts to get a port that no closed channel had. */
#define NODE_PORT_ATTEMPTS 16

/* ---- set-up ---------------------------------------------------------------------------------- */

/* A socket bound to `address`, which is set to what the kernel gave. Returns it, or -errno. */
static int node_open_socket(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -errno;
    }
    if (bind(fd, (struct sockaddr *)address, sizeof *address) != 0 ||
        getsockname(fd, (struct sockaddr *)address, &size) != 0) {
        int status = -errno;
        close(fd);
        return status;
    }
    return fd;
}

static void node_complain_of_port(const char *program, struct sockaddr_in address, int error)
{
    char name[NODE_ADDRESS_MAX];
    unsigned port = ntohs(address.sin_port);

    node_write_address(name, ntohl(address.sin_addr.s_addr), (uint16_t)port);
    if (error == EADDRINUSE) {
        fprintf(stderr,
                "%s: port %u is in use (%s): `ss -ulpn sport = :%u` shows by whom; --port N takes "
                "another\n",
                program, port, name, port);
    } else if (error == EADDRNOTAVAIL) {
        fprintf(stderr, "%s: %s is not an address of this machine\n", program, name);
    } else {
        fprintf(stderr, "%s: cannot listen on %s: %s\n", program, name, strerror(error));
    }
}

/* Finds the addresses that a socket bound to all of them has, besides 127.0.0.0/8. */
static void node_find_own(struct node *node)
{
    struct ifaddrs *all;

    if (getifaddrs(&all) != 0) {
        return;
    }
    for (const struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
        if (one->ifa_addr != NULL && one->ifa_addr->sa_family == AF_INET &&
            node->own_count < sizeof node->own / sizeof node->own[0]) {
            struct sockaddr_in address;
            memcpy(&address, one->ifa_addr, sizeof address);
            node->own[node->own_count++] = address.sin_addr;
        }
    }
    freeifaddrs(all);
}

int node_open(struct node *node, const char *program, bool verbose, struct sockaddr_in address)
{
    int yes = 1;

    *node = (struct node){.program = program,
                          .verbose = verbose,
                          .start_ns = node_now_ns(),
                          .secret = node_random() | UINT64_C(1) << 63,
                          .bound = address,
                          .poll_count = NODE_POLL_MAIN + 1};
    for (unsigned i = 0; i < NODE_POLL_COUNT; i++) {
        node->polls[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    }
    int fd = node_open_socket(&node->bound);
    if (fd < 0) {
        node_complain_of_port(program, address, -fd);
        return ARGS_MACHINE;
    }
    node->polls[NODE_POLL_MAIN].fd = fd;
    (void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &yes, sizeof yes);
    if (node->bound.sin_addr.s_addr == htonl(INADDR_ANY)) {
        node_find_own(node);
    }
    return 0;
}

void node_close(struct node *node)
{
    for (unsigned i = 0; i < node->poll_count; i++) {
        if (node->polls[i].fd >= 0) {
            close(node->polls[i].fd);
        }
    }
}

void node_ask_buffer(struct node *node)
{
    int bytes = NODE_BUFFER_BYTES;

    (void)setsockopt(node->polls[NODE_POLL_MAIN].fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

/* ---- addresses ------------------------------------------------------------------------------- */

/* Whether a datagram to the address would come to the main socket. */
static bool node_is_own(const struct node *node, struct sockaddr_in address)
{
    if (address.sin_port != node->bound.sin_port) {
        return false;
    }
    if (node->bound.sin_addr.s_addr != htonl(INADDR_ANY)) {
        return address.sin_addr.s_addr == node->bound.sin_addr.s_addr;
    }
    for (unsigned i = 0; i < node->own_count; i++) {
        if (address.sin_addr.s_addr == node->own[i].s_addr) {
            return true;
        }
    }
    return args_is_loopback(address.sin_addr);
}

struct endpoint node_endpoint(const struct node *node, struct sockaddr_in address)
{
    if (node_is_own(node, address)) {
        address = node->bound;
    }
    uint32_t host = ntohl(address.sin_addr.s_addr);
    uint16_t port = ntohs(address.sin_port);
    /* A bijection of 48 bits below the secret's highest, which keeps it from 0. */
    uint64_t key = prng_mix(node->secret ^ ((uint64_t)host << 16 | port));

    return (struct endpoint){.key = key, .node = host, .port = port};
}

struct sockaddr_in node_address(struct endpoint endpoint)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(endpoint.port),
                                .sin_addr.s_addr = htonl(endpoint.node)};
}

/* ---- channels -------------------------------------------------------------------------------- */

static bool node_port_is_retired(const struct node *node, uint16_t port)
{
    return (node->retired[port / 8] >> (port % 8) & 1) != 0;
}

/* Remembers the port of a socket that is closed: an answer to it may still be on its way, and must
 * not find a new channel there. */
static void node_retire_port(struct node *node, int fd)
{
    struct sockaddr_in address = {.sin_port = 0};
    socklen_t size = sizeof address;

    (void)getsockname(fd, (struct sockaddr *)&address, &size);
    uint16_t port = ntohs(address.sin_port);
    if (node->retired_count == NODE_RETIRED_MAX) {
        memset(node->retired, 0, sizeof node->retired);
        node->retired_count = 0;
    }
    if (!node_port_is_retired(node, port)) {
        node->retired[port / 8] = (uint8_t)(node->retired[port / 8] | 1u << (port % 8));
        node->retired_count++;
    }
}

void node_close_channel(struct node *node, uint16_t channel)
{
    struct pollfd *entry = &node->polls[NODE_POLL_MAIN + channel];

    if (channel == 0 || entry->fd < 0) {
        return; /* none was opened: its datagram could not be sent */
    }
    node_retire_port(node, entry->fd);
    close(entry->fd);
    entry->fd = -1;
    entry->revents = 0;
    while (node->polls[node->poll_count - 1].fd < 0) {
        node->poll_count--;
    }
}

int node_channel_fd(struct node *node, uint16_t channel)
{
    struct pollfd *entry = &node->polls[NODE_POLL_MAIN + channel];
    int fd = entry->fd;

    for (int attempt = 0; fd < 0 && attempt < NODE_PORT_ATTEMPTS; attempt++) {
        struct sockaddr_in address = node->bound;
        address.sin_port = 0;
        fd = node_open_socket(&address);
        if (fd < 0) {
            return fd;
        }
        if (node_port_is_retired(node, ntohs(address.sin_port))) {
            close(fd);
            fd = -EADDRINUSE;
        }
    }
    entry->fd = fd >= 0 ? fd : -1;
    if (fd >= 0 && node->poll_count < NODE_POLL_MAIN + channel + 1u) {
        node->poll_count = NODE_POLL_MAIN + channel + 1u;
    }
    return fd;
}
