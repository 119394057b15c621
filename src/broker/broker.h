/* The broker: takes requests from clients, forwards each to the server of its operation, relays the
 * answer.
 *
 * A core without I/O, see client.h. Its memory is a bounded table of pending entries, one for each
 * (client, id) that was forwarded and not yet answered. The id toward the servers is a keyed
 * function of both, the same for every copy of a request, so that a server can recognise copies. */
#ifndef BROKER_BROKER_H
#define BROKER_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/map.h"
#include "base/prefetch.h"
#include "base/prng.h"
#include "broker/broker_channels.h"
#include "protocol/outbox.h"
#include "protocol/reply.h"
#include "protocol/retry.h"

#define BROKER_SERVERS_MAX   256
#define BROKER_PENDING_MAX   1048576
#define BROKER_PLAIN_LIFE_NS UINT64_C(5000000000) /* of a request that carries no ttl */
#define BROKER_BUSY_MS       100 /* the wait that a 429 asks for: the table is full, or the channels */

struct broker_server {
    char op[WIRE_OP_MAX + 1];
    struct endpoint endpoint;
    bool plain; /* takes bare text, answers bare text */
};

struct broker_config {
    uint64_t key; /* of upstream ids and jitter draws: of the seed in a run (and
                     the same after a restart), random outside */
    const struct broker_server *servers; /* not owned */
    uint32_t server_count;               /* at most BROKER_SERVERS_MAX */
    struct endpoint self;                /* its own address, never answered */
    uint32_t pending;                    /* entries at most, 1..BROKER_PENDING_MAX; full: 429 */
    struct retry_policy policy;          /* of its own leg; timeout_ns 0 = no timer: every copy is
                                            forwarded at once, an entry ends in silence */
};

/* A request that was forwarded and not yet answered. */
struct broker_entry {
    struct reply_to to;   /* the client; try: the highest of all copies; request_size: the least */
    uint64_t upstream_id; /* toward the server; 0: the entry is free */
    uint64_t expires_ns;  /* instant: the latest copy's arrival + ttl */
    uint64_t order;       /* its rank among those due at the same instant */
    uint64_t listed_ns;   /* its instant in `timers`, also of a free entry: never later than it is
                             due; TIME_NEVER = it is not in */
    uint32_t forwards;    /* datagrams sent for it, all copies */
    uint16_t server;      /* index in config.servers */
    uint16_t channel;     /* toward a plain server; 0 = none */
};

/* What an entry needs to be sent again by the broker's own schedule. */
struct broker_leg {
    uint64_t timer_ns; /* instant; TIME_NEVER = none yet */
    uint64_t wait_ns;  /* the current wait, for decorrelated jitter */
    uint16_t text_size;
    uint8_t tries; /* sends since the latest copy */
    uint8_t text[WIRE_TEXT_MAX];
};

/* A key as ids are made with it. */
struct broker_id_key {
    uint64_t before; /* the key */
    uint64_t after;  /* and what follows from it */
};

struct broker {
    struct broker_config config;
    struct broker_entry *entries; /* owned; config.pending of them */
    struct broker_leg *legs;      /* owned; one for each entry; NULL without a policy */
    uint32_t *free_entries;       /* owned; a stack of entries that were used and are free again */
    uint32_t free_count;          /* entries on that stack */
    uint32_t entries_touched;     /* entries ever used: those from here on are free too, untouched
                                     memory */
    struct map by_upstream;       /* upstream id -> entry */
    struct broker_id_key id_key;  /* of enveloped requests' upstream ids */
    struct broker_id_key plain_id_key; /* of plain ones' */
    struct heap timers; /* of entries, by listed_ns: most never come to be due, and so an entry is
                           put right only when its turn comes (broker_table_first_due) */
    uint64_t plain_counter;               /* plain requests so far: their ids */
    uint64_t order;                       /* breaks ties among equal instants */
    uint8_t op_sizes[BROKER_SERVERS_MAX]; /* of config.servers' names */
    struct broker_channels channels;      /* toward plain servers */
};

/* The key that ids are made with, of the one of a configuration. */
struct broker_id_key broker_make_id_key(uint64_t key);

/* The id toward the servers of request `id` of the client `client_key` (endpoint.key). A bijection
 * of (id xor client_key) under the key, never 0 for the ids of a run. */
static inline uint64_t broker_upstream_id(struct broker_id_key key, uint64_t client_key,
                                          uint64_t id)
{
    return prng_mix(prng_mix(id ^ client_key ^ key.before) ^ key.after);
}

/* The inverse: id xor client_key. */
static inline uint64_t broker_upstream_id_invert(struct broker_id_key key, uint64_t upstream_id)
{
    return prng_unmix(prng_unmix(upstream_id) ^ key.after) ^ key.before;
}

/* Starts with an empty table; `config` is copied. Returns 0 or -ENOMEM. */
int broker_init(struct broker *broker, const struct broker_config *config);
void broker_free(struct broker *broker);

/* Forgets all entries, as one that crashed and was started again. The key stays, and so does the
 * count of plain requests: an id of the life before must not mean another request. */
void broker_restart(struct broker *broker);

/* A datagram has come, from a client or a server: forwards it, relays it, answers it with an error
 * (400, 404, 408, 409, 413, 429, 504, 505) or rejects it (NOTE_REJECTED). One datagram at most goes
 * out for one that came in. */
void broker_on_datagram(struct broker *broker, uint64_t now_ns, struct endpoint from,
                        const uint8_t *bytes, size_t size, struct outbox *outbox);

/* Does one thing that is due: an entry's own timer (NOTE_TIMEOUT, then NOTE_RETRY and a datagram,
 * or 504 after the last), or its expiry (in silence; a plain request is told "Error: no answer").
 */
void broker_on_deadline(struct broker *broker, uint64_t now_ns, struct outbox *outbox);

/* No entry wants anything before; TIME_NEVER = the table is empty. What an entry that has ended, or
 * has been given more time, wanted is forgotten by calls of broker_on_deadline that do nothing
 * else, a few in each: call as long as this is not later than now. */
uint64_t broker_deadline_ns(const struct broker *broker);

/* A datagram with this upstream id will come soon: asks for the memory of its entry. */
void broker_prefetch(const struct broker *broker, uint64_t upstream_id, enum prefetch_stage stage);

/* Entries in use. */
static inline uint32_t broker_entry_count(const struct broker *broker)
{
    return broker->entries_touched - broker->free_count;
}

#endif
