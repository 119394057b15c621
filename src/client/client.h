/* The client: sends the requests of a script, waits, tries again, and takes each answer once.
 *
 * A core without I/O: time and bytes go in, datagrams and notes come out (protocol/outbox.h). Each
 * call does one thing, so its outbox is small; a client with more to do says so by a deadline that
 * has passed. Nothing is allocated after client_init. */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/map.h"
#include "protocol/op.h"
#include "protocol/outbox.h"
#include "protocol/retry.h"

#define CLIENT_NAME_MAX         31
#define CLIENT_REQUESTS_MAX     16777215 /* requests of one client: n has 24 bits */
#define CLIENT_WINDOW_UNLIMITED UINT32_MAX

/* A text of a script: parts in a row, or random bytes. */
enum client_text_kind { CLIENT_TEXT_LITERAL, CLIENT_TEXT_CLIENT, CLIENT_TEXT_N };
struct client_text_part {
    enum client_text_kind kind; /* bytes as they are, the client's name, the request's number */
    const uint8_t *bytes;       /* of a literal; not owned */
    size_t size;
};
struct client_text {
    const struct client_text_part *parts; /* not owned */
    uint32_t part_count;
    bool random;              /* `random A..B`: parts are not used */
    uint32_t random_size_min; /* bytes */
    uint32_t random_size_max;
};

enum client_step_kind { CLIENT_SEND, CLIENT_WAIT, CLIENT_RAW };

/* A line of a script. */
struct client_step {
    enum client_step_kind kind;
    uint32_t count;           /* SEND: how many requests, from 1 */
    char op[WIRE_OP_MAX + 1]; /* SEND: any well-formed name, known or not */
    uint8_t op_size;          /* its letters */
    struct client_text text;  /* SEND, RAW */
    uint64_t every_ns;        /* SEND: 0 = when the window has room; else one each every_ns, the
                                 first when the step begins */
    bool poisson;             /* SEND with every_ns: gaps are exponential with that mean, the first
                                 gap before the first request */
    uint64_t wait_ns;         /* WAIT: begins when all earlier requests are settled */
};

/* Who a client is. */
struct client_identity {
    const char *name;   /* "c1"; not owned */
    uint64_t key;       /* for draws: of the seed and the name */
    uint64_t id_prefix; /* enveloped ids are id_prefix | n: the low 24 bits are 0, the rest is not
                           (see client_id_prefix); plain: not used */
};

/* What a client is to do: many may share it. */
struct client_config {
    const struct client_step *steps; /* not owned */
    uint32_t step_count;
    uint32_t request_count;     /* of all steps: 0..CLIENT_REQUESTS_MAX */
    struct retry_policy policy; /* timeout_ns > 0, tries >= 1 */
    uint64_t deadline_ns;       /* of a request, from its first send: > 0, at most 600 s */
    uint32_t window;            /* open requests at most, >= 1 */
    uint64_t start_ns;          /* instant of the first step */
    bool plain;                 /* sends and takes the plain form: no ids, no retry is matched */
    struct endpoint broker;
};

/* An open request. */
struct client_slot {
    uint64_t due_ns;      /* when it should have begun: latency counts from here */
    uint64_t deadline_ns; /* instant: no send at or after it */
    uint64_t timer_ns;    /* instant: of the current try's timer, or of a delayed next send; never
                             after deadline_ns; TIME_NEVER: the slot is free */
    uint64_t wait_ns;     /* the current try's wait, for decorrelated jitter */
    uint64_t definite[2]; /* a bit for each try (the lowest: try 1): its last error reply had a
                             definite code */
    uint32_t n;           /* from 1; 0: the slot is free */
    uint32_t step;        /* index of its step */
    uint16_t code;        /* of the error reply that ended the latest ended try, 0 = none */
    uint8_t tries;        /* sends so far */
    bool try_ended;       /* the current try was ended by an error reply */
};

/* Many slots are not searched one by one. */
struct client_index {
    uint32_t *free_slots; /* owned; a stack of slot_count - open_count indices */
    struct heap timers;   /* of open slots, by timer_ns, then n */
    struct map open;      /* n -> slot */
    uint32_t oldest;      /* no request before this number is open */
};

/* In place of a step: client_stop was called. */
#define CLIENT_STOPPED UINT32_MAX

struct client {
    const struct client_config *config; /* not owned */
    struct client_identity identity;
    union {
        struct client_slot only;  /* there is one ... */
        struct client_slot *many; /* ... or slot_count of them; owned */
    } slots;
    struct client_index *index; /* owned; NULL: slots are few */
    uint64_t wake_ns;           /* what client_deadline_ns says: kept up to date by each call */
    uint32_t slot_count;        /* min(window, request_count), at least 1 */
    uint32_t open_count;        /* slots in use */
    uint32_t step;              /* the current step; step_count = none is left; or
                                   CLIENT_STOPPED */
    uint32_t step_sent;         /* requests of the current step that have begun */
    uint64_t step_due_ns; /* instant: of the current step's beginning; of a SEND, the time of its
                             next request, whether or not the window has room */
    uint64_t settled_ns;  /* instant of the latest end of a request, 0 = none yet */
    uint32_t begun;       /* requests begun: the next is number begun + 1 */
    uint32_t settled;     /* requests ended */
};

/* The first of its slots. Most clients have but one, which then is a part of them: the less of
 * memory a datagram must look at. */
static inline struct client_slot *client_slots(const struct client *client)
{
    return client->slot_count == 1 ? (struct client_slot *)&client->slots.only : client->slots.many;
}

/* The id prefix that belongs to `key` (of the seed and the name): 40 bits of it, not all 0. */
uint64_t client_id_prefix(uint64_t key);

/* The bytes of a script's text for request `n` (raw: the count of requests begun so far): written
 * to `bytes`, which has room for WIRE_TEXT_MAX; the rest is cut. Returns their number. A pure
 * function.
 */
size_t client_text_write(const struct client_identity *identity, const struct client_text *text,
                         uint32_t n, uint8_t *bytes);

/* Starts with an idle client; `config` and what both point to must outlive it. Returns 0 or
 * -ENOMEM.
 */
int client_init(struct client *client, const struct client_config *config,
                const struct client_identity *identity);
void client_free(struct client *client);

/* A datagram has come. Puts NOTE_ANSWERED, NOTE_REPLY_ERROR (then NOTE_FAILED if it ends the
 * request) or NOTE_REJECTED.
 *
 * Enveloped: taken only from config.broker, whole, with its CRC, for an open id and a try that was
 * sent (protocol.md, Matching); what is not taken moves no timer. A 200 to any try ends the
 * request. An error to the current try ends that try; an error to an earlier one (or a second one
 * to the same) is noted, and counts only for whether every try was answered with a definite code.
 *
 * Plain: there is no id, so a bare answer from the broker belongs to the oldest open request and
 * its current try; "Error: ..." counts as code 500, whatever its reason. */
void client_on_datagram(struct client *client, uint64_t now_ns, struct endpoint from,
                        const uint8_t *bytes, size_t size, struct outbox *outbox);

/* Does one thing that is due at now_ns, if any: begins a request (NOTE_BEGIN and a datagram), fires
 * a timer (NOTE_TIMEOUT, then NOTE_RETRY and a datagram, or NOTE_FAILED; no NOTE_TIMEOUT for a try
 * that an error reply has ended), sends raw bytes, or ends a wait (puts nothing). The earliest goes
 * first; at equal instants timers before steps. */
void client_on_deadline(struct client *client, uint64_t now_ns, struct outbox *outbox);

/* It will be called soon: asks for the memory that it will need beside its own (prefetch.h). */
void client_prefetch(const struct client *client);

/* When it next wants to be woken; TIME_NEVER: only a datagram can do something, or it is done. */
uint64_t client_deadline_ns(const struct client *client);

/* Whether every step is through and every request has ended. */
static inline bool client_is_done(const struct client *client)
{
    return client->step >= client->config->step_count && client->open_count == 0 &&
           client->settled == client->config->request_count;
}

/* The run ends early (time limit, signal): nothing more is sent, and each request that is open or
 * has not begun ends as cancelled: call until client_is_done, each call ends one (NOTE_FAILED), the
 * open ones first, each group in order of number. Requests that never began are noted with try 0.
 */
void client_stop(struct client *client, uint64_t now_ns, struct outbox *outbox);

#endif
