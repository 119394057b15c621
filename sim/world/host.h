/* A host: one core, its outgoing links, its trace. It has no I/O: a world moves time and bytes.
 *
 * Nothing that changes is shared between hosts, so a world may run each in a thread of its own. */
#ifndef WORLD_HOST_H
#define WORLD_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/prefetch.h"
#include "broker/broker.h"
#include "client/client.h"
#include "scenario/scenario.h"
#include "server/server.h"
#include "shim/flight.h"
#include "shim/link.h"
#include "trace/record.h"

/* A datagram that leaves its link: the world's to carry. `bytes` are valid during the call only. */
struct host_departure {
    struct endpoint to;
    uint32_t from;   /* node */
    uint64_t due_ns; /* when it was to leave */
    bool delayed;    /* the link held it back: due_ns says how late it is */
    const uint8_t *bytes;
    size_t size;
};

/* What a host asks of its world, and what the world lends it: hosts of one thread share it all,
 * since one acts at a time. */
struct host_world {
    void (*carry)(void *context, const struct host_departure *departure);
    void *context;
    bool carry_at_once; /* what no link delays may be carried from inside a call of a core; false:
                           all that stays in the run goes through the flight */
    struct trace_sink trace;
    struct outbox *outbox;   /* not owned */
    struct flight *flight;   /* not owned; what the hosts' links hold back */
    struct link_pool *links; /* not owned; NULL: the hosts' links share nothing */
};

/* What can be due at a host, in the order in which equal instants are taken: as a thread drains its
 * socket before it fires timers. */
enum host_class { HOST_TIMELINE, HOST_DATAGRAM, HOST_TIMER };

/* The bit of endpoint.node that marks an address outside the run (its low 24 bits: the last three
 * octets of 127.x.y.z). */
#define HOST_OUTSIDE UINT32_C(0x80000000)

/* Whose ids are. */
struct host_name {
    uint64_t ids[2]; /* on links to servers [0] and to clients [1]; 0 = none known */
    uint32_t client;
    uint32_t n; /* 0 = nobody's */
};

/* What the broker and servers have and clients, of whom there may be very many, have not. */
struct host_hub {
    union {
        struct broker broker;
        struct server server;
    } core;
    struct broker_server *broker_servers; /* owned; of a broker */
    struct link *links;                   /* owned; of a broker: to node x at x - 1 */
    struct endpoint *never_answered;      /* owned; of a server */
    struct host_name name; /* of the request that it acts on, or that was asked for last */
};

struct host_plan; /* what `when` rules need: host_events.c */

struct host {
    const struct scenario *scenario; /* or the plan's copy */
    const struct host_world *world;  /* not owned */
    uint32_t node;
    enum node_kind kind : 8;
    bool draining;          /* all clients are done: only what is on its way still moves */
    bool open;              /* its port is fixed for outside use: strangers are served */
    uint8_t state;          /* enum timeline_node: as of the time line so far */
    uint32_t in_flight;     /* datagrams of its links in the flight */
    uint32_t lives;         /* times that it has lost its state */
    uint64_t agenda_ns;     /* the virtual world's: when it looks whether the host wakes */
    uint64_t timeline_ns;   /* next instant at which a timed rule begins or ends */
    struct host_hub *hub;   /* owned; NULL: a client */
    struct link link;       /* to the broker, if it is not that */
    struct client client;   /* its core, if it is one */
    struct host_plan *plan; /* owned; NULL: no `when` rule waits for this node */
};

/* Its outgoing links. */
static inline struct link *host_links(struct host *host)
{
    return host->kind == NODE_KIND_BROKER ? host->hub->links : &host->link;
}
static inline uint32_t host_link_count(const struct host *host)
{
    return host->kind == NODE_KIND_BROKER ? host->scenario->node_count - 1 : 1;
}

/* A host at instant 0; nothing has happened yet. `world` must outlive it. Returns 0 or -ENOMEM. */
int host_init(struct host *host, const struct scenario *scenario, uint32_t node,
              const struct host_world *world);
void host_free(struct host *host);

/* A datagram from `from`, a node of the run, has come. `size` above WIRE_DATAGRAM_MAX: it was cut.
 */
void host_on_datagram(struct host *host, uint64_t now_ns, uint32_t from, const uint8_t *bytes,
                      size_t size);

/* The same for one that comes straight from a link's flight: what its sender knew of it is not read
 * from the bytes (item->size of them) again. */
void host_on_arrival(struct host *host, uint64_t now_ns, const struct flight_item *item,
                     const uint8_t *bytes);

/* The datagram, a client's request or the reply to it, will come to the host soon: asks for the
 * memory that its core will need. */
void host_prefetch(const struct host *host, const struct flight_item *item,
                   enum prefetch_stage stage);

/* One from outside the run: served if the host's port is open and it can be answered, else counted
 * as foreign. from.port 0: it can't be. */
void host_on_stranger(struct host *host, uint64_t now_ns, struct endpoint from,
                      const uint8_t *bytes, size_t size);

/* When the time line or a timer of its core is due, and of which class; TIME_NEVER: only a datagram
 * can wake it. */
uint64_t host_wake_ns(const struct host *host, enum host_class *class);

/* Does the thing that host_wake_ns is about, which is due at now_ns. */
void host_wake(struct host *host, uint64_t now_ns);

/* For a host that has a flight of its own: when something is due, a datagram in the flight too. */
uint64_t host_next(const struct host *host, enum host_class *class);

/* The same: does one thing that is due at now_ns, the first by (instant, class): a datagram that
 * leaves its link is carried. False: nothing was. */
bool host_step(struct host *host, uint64_t now_ns);

/* A client's host: the run ends early, open and unbegun requests are cancelled. */
void host_cancel(struct host *host, uint64_t now_ns);

/* Whether it stands still: nothing may be handed to it until the time line has let it go on. */
static inline bool host_is_paused(const struct host *host)
{
    return host->state == TIMELINE_PAUSED;
}

/* Whether it stands still for good: what has come to it will never be read. */
bool host_is_paused_for_good(const struct host *host);

/* Whether it is a client that has more to do. */
bool host_is_busy_client(const struct host *host);

/* Requests that wait at a server or are served there. */
uint32_t host_job_count(const struct host *host);

/* Datagrams held by its links, and requests that wait or are served: what a run must wait for
 * before it ends. */
uint64_t host_pending(const struct host *host);

#endif
