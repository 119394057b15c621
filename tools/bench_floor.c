/* The floor of the real-world benchmark: what the same threads and sockets do without a protocol, a
 * shim or a trace. A broker, a toupper server and N clients, each a thread with a UDP socket on
 * 127.0.0.1; a datagram is the client's number and a text. Clients ask one after another.
 *
 *   bench_floor CLIENTS REQUESTS CPUS     CPUS: "all", or one processor's number
 *
 * Prints "REQUESTS NANOSECONDS": of all clients together. */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FLOOR_BATCH 64
#define FLOOR_BYTES 64

/* As many octets as simrun's request and reply for the same text. */
#define FLOOR_REQUEST_BYTES 55

struct floor_node {
    struct floor *floor;
    int fd;
    struct sockaddr_in address;
    pthread_t thread;
    uint32_t number;
};

struct floor {
    struct floor_node broker;
    struct floor_node server;
    struct floor_node *clients;
    uint32_t client_count;
    uint32_t requests; /* of each client */
    pthread_barrier_t start;
};

static void floor_die(const char *what)
{
    perror(what);
    exit(3);
}

static uint64_t floor_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void floor_open(struct floor *floor, struct floor_node *node)
{
    socklen_t size = sizeof node->address;
    struct timeval patience = {.tv_sec = 5};
    int bytes = 8 * 1024 * 1024;

    node->floor = floor;
    node->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    node->address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (node->fd < 0 || bind(node->fd, (struct sockaddr *)&node->address, size) != 0 ||
        getsockname(node->fd, (struct sockaddr *)&node->address, &size) != 0) {
        floor_die("socket");
    }
    (void)setsockopt(node->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    (void)setsockopt(node->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

/* Reads batches and sends each datagram on, to where `next` says, until an empty one comes. */
static void floor_relay(struct floor_node *node,
                        const struct sockaddr_in *(*next)(struct floor_node *, uint8_t *, size_t,
                                                          const struct sockaddr_in *))
{
    uint8_t bytes[FLOOR_BATCH][FLOOR_BYTES];
    struct sockaddr_in from[FLOOR_BATCH];
    struct iovec vectors[FLOOR_BATCH];
    struct mmsghdr headers[FLOOR_BATCH];

    memset(headers, 0, sizeof headers);
    for (;;) {
        for (int i = 0; i < FLOOR_BATCH; i++) {
            vectors[i] = (struct iovec){.iov_base = bytes[i], .iov_len = FLOOR_BYTES};
            headers[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
                                                 .msg_namelen = sizeof from[i],
                                                 .msg_iov = &vectors[i],
                                                 .msg_iovlen = 1};
        }
        int count = recvmmsg(node->fd, headers, FLOOR_BATCH, MSG_WAITFORONE, NULL);
        if (count < 0) {
            floor_die("recvmmsg");
        }
        for (int i = 0; i < count; i++) {
            if (headers[i].msg_len == 0) {
                return;
            }
            vectors[i].iov_len = headers[i].msg_len;
            headers[i].msg_hdr.msg_name =
                (void *)(uintptr_t)next(node, bytes[i], headers[i].msg_len, &from[i]);
        }
        for (int done = 0; done < count;) {
            int sent = sendmmsg(node->fd, headers + done, (unsigned)(count - done), 0);
            if (sent < 0) {
                floor_die("sendmmsg");
            }
            done += sent;
        }
    }
}

static const struct sockaddr_in *floor_broker_next(struct floor_node *node, uint8_t *bytes,
                                                   size_t size, const struct sockaddr_in *from)
{
    uint32_t client;

    (void)size;
    if (from->sin_port != node->floor->server.address.sin_port) {
        return &node->floor->server.address;
    }
    memcpy(&client, bytes, sizeof client);
    return &node->floor->clients[client].address;
}

static const struct sockaddr_in *floor_server_next(struct floor_node *node, uint8_t *bytes,
                                                   size_t size, const struct sockaddr_in *from)
{
    (void)from;
    for (size_t i = sizeof(uint32_t); i < size; i++) {
        bytes[i] = (uint8_t)(bytes[i] >= 'a' && bytes[i] <= 'z' ? bytes[i] - 32 : bytes[i]);
    }
    return &node->floor->broker.address;
}

static void *floor_broker(void *node)
{
    floor_relay(node, floor_broker_next);
    return NULL;
}

static void *floor_server(void *node)
{
    floor_relay(node, floor_server_next);
    return NULL;
}

static void *floor_client(void *argument)
{
    struct floor_node *node = argument;
    const struct sockaddr_in *broker = &node->floor->broker.address;
    uint8_t bytes[FLOOR_BYTES] = "....hello, world: the floor of the benchmark, in lower case";

    memcpy(bytes, &node->number, sizeof node->number);
    pthread_barrier_wait(&node->floor->start);
    for (uint32_t i = 0; i < node->floor->requests; i++) {
        if (sendto(node->fd, bytes, FLOOR_REQUEST_BYTES, 0, (const struct sockaddr *)broker,
                   sizeof *broker) < 0 ||
            recv(node->fd, bytes, sizeof bytes, 0) < 0) {
            floor_die("client");
        }
    }
    return NULL;
}

static void floor_start(struct floor_node *node, void *(*run)(void *))
{
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 * 1024);
    if (pthread_create(&node->thread, &attributes, run, node) != 0) {
        floor_die("pthread_create");
    }
    pthread_attr_destroy(&attributes);
}

static void floor_place(const char *cpus)
{
    cpu_set_t set;

    if (strcmp(cpus, "all") != 0) {
        CPU_ZERO(&set);
        CPU_SET((size_t)strtoul(cpus, NULL, 10), &set);
        if (sched_setaffinity(0, sizeof set, &set) != 0) {
            floor_die("sched_setaffinity");
        }
    }
}

int main(int argc, char **argv)
{
    static struct floor floor;
    uint64_t begin_ns;
    uint64_t end_ns;

    if (argc != 4) {
        fputs("usage: bench_floor CLIENTS REQUESTS CPUS\n", stderr);
        return 2;
    }
    floor.client_count = (uint32_t)strtoul(argv[1], NULL, 10);
    floor.requests = (uint32_t)(strtoul(argv[2], NULL, 10) / floor.client_count);
    floor_place(argv[3]);
    floor.clients = calloc(floor.client_count, sizeof *floor.clients);
    if (floor.clients == NULL) {
        floor_die("calloc");
    }
    pthread_barrier_init(&floor.start, NULL, floor.client_count + 1);
    floor_open(&floor, &floor.broker);
    floor_open(&floor, &floor.server);
    for (uint32_t i = 0; i < floor.client_count; i++) {
        floor.clients[i].number = i;
        floor_open(&floor, &floor.clients[i]);
        floor_start(&floor.clients[i], floor_client);
    }
    floor_start(&floor.broker, floor_broker);
    floor_start(&floor.server, floor_server);
    pthread_barrier_wait(&floor.start);
    begin_ns = floor_clock_ns();
    for (uint32_t i = 0; i < floor.client_count; i++) {
        pthread_join(floor.clients[i].thread, NULL);
    }
    end_ns = floor_clock_ns();
    (void)sendto(floor.broker.fd, "", 0, 0, (struct sockaddr *)&floor.broker.address,
                 sizeof floor.broker.address);
    (void)sendto(floor.broker.fd, "", 0, 0, (struct sockaddr *)&floor.server.address,
                 sizeof floor.server.address);
    pthread_join(floor.broker.thread, NULL);
    pthread_join(floor.server.thread, NULL);
    printf("%llu %llu\n", (unsigned long long)floor.client_count * floor.requests,
           (unsigned long long)(end_ns - begin_ns));
    return 0;
}
