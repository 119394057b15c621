/* What a stand-alone program puts around a core: a UDP socket (toward plain servers one more for
 * each open question), the monotonic clock, the signals that end it, and lines that say what
 * happens. One thread, one loop. Sockets are never connected and never share a port. */
#ifndef TOOLS_NODE_H
#define TOOLS_NODE_H

#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "broker/broker_channels.h"
#include "protocol/outbox.h"

/* Codes of error replies, 0 to 999. */
#define NODE_CODES 1000

/* Entries of node.polls. */
enum {
    NODE_POLL_SIGNALS,
    NODE_POLL_MAIN,
    NODE_POLL_COUNT = NODE_POLL_MAIN + BROKER_CHANNELS_MAX + 1
};

/* The core that a node serves: what every core can do, and what its owner wants to know. */
struct node_core {
    void *core;
    void (*on_datagram)(void *core, uint64_t now_ns, struct endpoint from, const uint8_t *bytes,
                        size_t size, struct outbox *outbox);
    void (*on_deadline)(void *core, uint64_t now_ns, struct outbox *outbox);
    uint64_t (*deadline_ns)(const void *core);
    bool (*is_done)(const void *core);                            /* NULL: never */
    void (*on_note)(void *owner, const struct outbox_note *note); /* NULL: nobody wants notes */
    void *owner;                                                  /* on_note's */
};

/* What has passed through a node. */
struct node_counts {
    uint64_t received;
    uint64_t sent;
    uint64_t unsent;                        /* that the kernel would not take */
    uint64_t rejected[REJECT_REASON_COUNT]; /* datagrams not taken, by reason */
    uint64_t errors[NODE_CODES];            /* enveloped error replies sent, by code */
    uint64_t plain_errors;                  /* `Error: reason` sent */
    uint32_t kernel_drops;                  /* that found the main socket's buffer full */
};

struct node {
    const char *program;      /* the name its lines begin with; not owned */
    bool verbose;             /* a line for every datagram, and the counts at the end */
    uint64_t start_ns;        /* of the monotonic clock: lines count from here */
    uint64_t secret;          /* of endpoint keys: nobody outside can choose two that collide */
    struct sockaddr_in bound; /* the main socket's address */
    struct in_addr own[16];   /* bound to every address: those of this machine's interfaces */
    unsigned own_count;       /* entries of `own` in use */
    struct pollfd polls[NODE_POLL_COUNT]; /* the signals, the main socket (channel 0), channels */
    unsigned poll_count;                  /* entries up to the last one in use */
    uint8_t retired[8192];                /* a bit for each port that a closed channel had */
    unsigned retired_count;               /* bits set */
    struct node_counts counts;
    struct outbox outbox;
};

/* A new node with the socket bound to `address` (port 0: the kernel chooses), as `program`. Says on
 * standard error what is wrong, if anything. Returns 0 or ARGS_MACHINE; on success node_close must
 * follow. */
int node_open(struct node *node, const char *program, bool verbose, struct sockaddr_in address);
void node_close(struct node *node);

/* The larger receive buffer of a node that many write to: asked for, and taken as given. */
void node_ask_buffer(struct node *node);

/* From now on SIGINT and SIGTERM end node_run. Returns 0 or ARGS_MACHINE, and says why. */
int node_catch_signals(struct node *node);

/* What a core calls the peer at `address`. Every name of the node's own socket is the same one, and
 * two addresses never have the same key. */
struct endpoint node_endpoint(const struct node *node, struct sockaddr_in address);

/* Prints "PROGRAM: listening on ADDRESS:PORT" on standard error, after a warning if others than
 * this machine can reach it. */
void node_announce(const struct node *node);

/* Serves the core until it is done or a signal has come. Returns 0 or ARGS_MACHINE, and says why.
 */
int node_run(struct node *node, const struct node_core *core);

/* Prints the counts as one line on standard error. */
void node_print_counts(const struct node *node);

/* The monotonic clock. */
uint64_t node_now_ns(void);

/* 64 random bits from the kernel. */
uint64_t node_random(void);

/* A closed standard stream would lend its number to a socket; a reader that has gone is an error,
 * not a signal. To be called first in main. */
void node_hold_standard_streams(void);

#endif
