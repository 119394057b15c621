/* A node of the real world: a host, a thread, and a UDP socket on 127.0.0.1. */
#ifndef WORLD_REAL_NODE_H
#define WORLD_REAL_NODE_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "trace/buffer.h"
#include "verdict/tally.h"
#include "world/host.h"

/* Datagrams read or written in one system call: by the broker and the servers, by a client. */
#define REAL_BATCH_HUB    64
#define REAL_BATCH_CLIENT 8

/* Lateness of delayed datagrams in buckets of powers of two, 1/8 steps between, from 1 ns. */
#define REAL_LATENESS_BUCKETS 320

/* What all nodes share. Constant while threads run, but for the phase and the count of clients. */
struct real_shared {
    const struct scenario *scenario;
    const uint32_t *node_of_port; /* of each port of 127.0.0.1, NODE_NONE = outside the run */
    const struct sockaddr_in *addresses; /* of each node */
    uint64_t start_ns; /* of the monotonic clock: the run's instant 0; set before GO */
    bool spin;
    pthread_t main_thread;  /* told (REAL_SIGNAL_WAKE) when the last client is done */
    _Atomic uint32_t phase; /* enum real_phase */
    _Atomic uint32_t clients_busy;
    pthread_mutex_t gate_mutex; /* the start: nobody sends before all are there */
    pthread_cond_t gate_cond;
    uint32_t gate_ready; /* threads at the gate; under gate_mutex */
    bool gate_open;
};

enum real_phase {
    REAL_RUNNING,
    REAL_CANCELLING, /* time limit or signal: clients cancel what is open, then all end */
    REAL_DRAINING,   /* all clients are done */
    REAL_ENDED
};

/* Wakes a thread out of ppoll, to look at the phase. */
#define REAL_SIGNAL_WAKE SIGUSR1

/* What a node's thread publishes at the end of each turn, for the main thread to see when all is
 * quiet. */
struct real_published {
    _Atomic uint64_t handed;   /* datagrams the kernel took, to nodes of the run */
    _Atomic uint64_t received; /* read, from nodes of the run */
    _Atomic uint64_t pending;  /* host_pending, and what is not yet written */
    _Atomic uint64_t settled;  /* a client's requests that have ended */
};

struct real_batch; /* what is read and written in one system call */

struct real_node {
    struct host host;
    struct real_shared *shared; /* not owned */
    uint32_t index;             /* of the node */
    int fd;                     /* -1 = closed */
    pthread_t thread;
    bool thread_started;
    struct host_world world;   /* the host's */
    struct flight flight;      /* what its links hold back */
    struct link_pool links;    /* what its links share */
    struct outbox *outbox;     /* owned */
    struct real_batch *batch;  /* owned */
    struct trace_buffer trace; /* with a full trace */
    struct tally
        tally; /* with --trace off: counts shared with the run's tally, latencies its own */
    bool trace_off;
    uint64_t now_ns;  /* the turn's clock reading */
    uint64_t last_ns; /* instant of the latest thing that happened here */
    uint64_t handed;  /* by this thread; published each turn */
    uint64_t handed_outside;
    uint64_t received;
    uint64_t foreign;
    uint64_t unread;    /* datagrams of the run that it will never read: it stands still for good */
    bool catches_up;    /* it goes on after a pause: first it reads all that has come */
    uint32_t *lateness; /* owned: REAL_LATENESS_BUCKETS counts */
    uint64_t lateness_max_ns;
    bool client_done; /* it was counted off in clients_busy */
    struct real_published published;
};

/* Opens the node's socket on 127.0.0.1 (its fixed port, or one the kernel chooses) and fills
 * *address. Returns 0 or -errno. */
int real_node_open(struct real_node *node, const struct scenario *scenario, uint32_t index,
                   struct sockaddr_in *address);

/* Allocates all else; `tally`: the run's, for --trace off, else NULL. Returns 0 or -errno. */
int real_node_init(struct real_node *node, struct real_shared *shared, struct tally *tally);

/* Closes and frees what was opened and initialised; safe on a zeroed node with fd -1. */
void real_node_free(struct real_node *node);

/* The thread (argument: the node): waits at the gate, then runs until the phase is REAL_ENDED. */
void *real_node_thread(void *node);

/* Lateness bucket of a span, and the span at a bucket's upper end. */
uint32_t real_lateness_bucket(uint64_t span_ns);
uint64_t real_lateness_ns(uint32_t bucket);

#endif
