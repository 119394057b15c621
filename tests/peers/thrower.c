/* Throws hostile datagrams at a running program, asks it a good request every now and then, which
 * must be answered, and prints what the program should have counted.
 *
 *   thrower broker|server PORT COUNT         COUNT different ones (server: a toupper)
 *   thrower neighbour PORT ADDRESS FROM      from an address that never asks: no answer may come */
#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>

#include "hostile.h"
#include "peer.h"
#include "protocol/wire.h"

/* Thrown between two good requests: so few fit into any socket's buffer. */
#define BETWEEN_PROBES 40

/* Datagrams above this size fill a buffer by themselves. */
#define LARGE_SIZE 4096

#define ANSWER_SECONDS  10
#define NEIGHBOUR_TIMES 100

struct thrower {
    int fd;    /* throws */
    int probe; /* asks good requests */
    struct sockaddr_in target;
    uint64_t probe_count; /* their ids */
    bool broker;          /* the target is one; else a server */
};

static void die(const char *what)
{
    printf("thrower: FAIL %s\n", what);
    exit(1);
}

/* A good request is answered as if nothing had happened. All before it has then been read. */
static void probe_target(struct thrower *thrower)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    struct sockaddr_in from;
    struct wire_message message = {.kind = WIRE_REQUEST,
                                   .id = 0x70726f6265000000u + ++thrower->probe_count,
                                   .try = 1,
                                   .ttl_ms = 10000,
                                   .op = (const uint8_t *)"toupper",
                                   .op_size = 7,
                                   .text = (const uint8_t *)"hello",
                                   .text_size = 5};

    peer_send(thrower->probe, bytes, wire_encode(&message, bytes), thrower->target);
    ssize_t size = peer_receive(thrower->probe, bytes, sizeof bytes, &from);
    if (size < 0) {
        die("a good request was not answered");
    }
    if (wire_decode(&message, bytes, (size_t)size) != WIRE_OK || message.kind != WIRE_REPLY ||
        message.id != 0x70726f6265000000u + thrower->probe_count || message.code != 200 ||
        message.text_size != 5 || memcmp(message.text, "HELLO", 5) != 0) {
        die("a good request got a wrong answer");
    }
}

/* Reads the answers to what was thrown: a broker may only have sent errors. Returns how many. */
static unsigned read_answers(const struct thrower *thrower)
{
    uint8_t bytes[PEER_DATAGRAM_MAX];
    struct wire_message message;
    unsigned count = 0;

    for (;; count++) {
        ssize_t size = recv(thrower->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (size < 0) {
            return count;
        }
        enum wire_status status = wire_decode(&message, bytes, (size_t)size);
        bool error = (status == WIRE_OK && message.kind == WIRE_REPLY && message.code != 200) ||
                     (status == WIRE_PLAIN &&
                      (!thrower->broker || wire_is_plain_error(bytes, (size_t)size)));
        /* Garbage is an answer where bare texts are answered: only an envelope could be wrong. */
        if (!error && (thrower->broker || status == WIRE_OK)) {
            die("a hostile datagram was taken for a request");
        }
    }
}

static void print_counts(const struct hostile_counts *counts)
{
    for (unsigned i = 0; i < REJECT_REASON_COUNT; i++) {
        if (counts->rejected[i] > 0) {
            printf("%" PRIu64 " %s\n", counts->rejected[i],
                   reject_reason_name((enum reject_reason)i));
        }
    }
    for (unsigned i = 0; i < 1000; i++) {
        if (counts->errors[i] > 0) {
            printf("%" PRIu64 " of %u\n", counts->errors[i], i);
        }
    }
    if (counts->plain_errors > 0) {
        printf("%" PRIu64 " plain\n", counts->plain_errors);
    }
}

static void throw_all(struct thrower *thrower, uint32_t count)
{
    static uint8_t bytes[HOSTILE_SIZE_MAX];
    struct hostile_counts counts = {.answered = 0};

    for (uint32_t i = 0; i < count; i++) {
        size_t size = hostile_make(i, bytes);
        if (thrower->broker) {
            hostile_expect_of_broker(&counts, bytes, size);
        } else {
            hostile_expect_of_server(&counts, bytes, size);
        }
        peer_send(thrower->fd, bytes, size, thrower->target);
        if (i % BETWEEN_PROBES == 0 || size > LARGE_SIZE || i + 1 == count) {
            probe_target(thrower);
            read_answers(thrower);
        }
    }
    print_counts(&counts);
}

/* 150 and 128 nested `tolower:` (of these each layer is a request), a bare text, a good request. */
static void throw_as_neighbour(struct thrower *thrower)
{
    static const char GOOD[] = "SIM1 Q 9f3a61c07be2d415 1 5000 8b4e036f toupper:hello";
    uint8_t nested[WIRE_DATAGRAM_MAX];

    for (size_t i = 0; i < sizeof nested; i++) {
        nested[i] = (uint8_t) "tolower:"[i % 8];
    }
    for (int i = 0; i < NEIGHBOUR_TIMES; i++) {
        peer_send(thrower->fd, nested, sizeof nested, thrower->target);
        peer_send(thrower->fd, nested, 1024, thrower->target);
        peer_send(thrower->fd, "hello", 5, thrower->target);
        peer_send(thrower->fd, GOOD, sizeof GOOD - 1, thrower->target);
        probe_target(thrower);
    }
    if (read_answers(thrower) != 0) {
        die("a neighbour that never asks was answered");
    }
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fputs("usage: thrower broker|server PORT COUNT, or neighbour PORT ADDRESS FROM\n", stderr);
        return 2;
    }
    bool neighbour = strcmp(argv[1], "neighbour") == 0;
    struct thrower thrower = {.target = peer_address((unsigned)atoi(argv[2])),
                              .probe = peer_socket(peer_address(0)),
                              .broker = strcmp(argv[1], "broker") == 0};
    struct sockaddr_in own = peer_address(0);

    if (neighbour) {
        own.sin_port = htons((uint16_t)atoi(argc > 4 ? argv[4] : ""));
        if (inet_pton(AF_INET, argv[3], &own.sin_addr) != 1 || own.sin_port == 0) {
            return 2;
        }
    }
    thrower.fd = peer_socket(own);
    peer_set_timeout(thrower.probe, ANSWER_SECONDS);
    if (neighbour) {
        throw_as_neighbour(&thrower);
    } else {
        throw_all(&thrower, (uint32_t)atoi(argv[3]));
    }
    puts("thrower: done");
    return 0;
}
