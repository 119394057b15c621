/* The server: executes one operation on the text of a request and answers.
 *
 * A core without I/O, see client.h. Requests wait in a bounded queue (first come, first served) for
 * one of its workers, each busy for the service time. The operation takes effect, and NOTE_EXECUTE
 * is put, when a worker begins; the reply leaves when the service time is over. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/map.h"
#include "protocol/op.h"
#include "protocol/outbox.h"
#include "protocol/reply.h"

#define SERVER_WORKERS_MAX 1024
#define SERVER_QUEUE_MAX   65536

struct server_config {
    enum op op;          /* what it executes; all else is 404 */
    uint64_t key;        /* for draws: of the seed and the server's name */
    uint64_t service_ns; /* mean service time; 0 with jitter 0: answers at once */
    uint64_t jitter_ns;  /* service time is uniform over [service - jitter, service + jitter), not
                            below 0 */
    bool exponential;    /* service time is exponential with mean service_ns; jitter_ns is 0 */
    uint32_t workers;    /* 1..SERVER_WORKERS_MAX */
    uint32_t queue;      /* requests waiting beside the workers, 0..SERVER_QUEUE_MAX; full: 429 */
    uint32_t count_capacity; /* OP_COUNT: different ids it can count; one more is 429 */
    bool accept_plain;       /* a stand-alone server: bare text is a request, its answer is bare */
    const struct endpoint *never_answered; /* addresses of the broker-side nodes that never ask:
                                              itself and other servers; not owned, may be NULL */
    uint32_t never_answered_count;
};

/* A request that waits or is served. */
struct server_job {
    struct reply_to to;
    uint64_t arrived_ns;
    uint64_t expires_ns; /* instant: arrival + ttl; not executed at or after it */
    uint32_t next;       /* queue: the next job, MAP_NONE = none */
    uint32_t count;      /* the how-manieth execution it is, set when it is executed */
    uint16_t text_size;
    uint8_t text[WIRE_TEXT_MAX]; /* the request's */
};

struct server {
    struct server_config config;
    struct server_job *jobs; /* owned; workers + queue of them */
    uint32_t *free_jobs;     /* owned; a stack of jobs that were used and are free again */
    uint32_t free_count;     /* jobs on that stack */
    uint32_t jobs_touched;   /* jobs ever used: those from here on are free too, untouched memory */
    uint32_t queue_head;     /* MAP_NONE = nothing waits */
    uint32_t queue_tail;
    uint32_t queue_count;
    struct heap busy;  /* jobs being served, by when they are done: one for each busy worker */
    struct map counts; /* OP_COUNT: id -> executions */
    uint64_t executed_count;
    uint64_t order; /* breaks ties among equal instants */
};

/* Starts with nothing to do; `config` is copied. Returns 0 or -ENOMEM. */
int server_init(struct server *server, const struct server_config *config);
void server_free(struct server *server);

/* A datagram has come: answers at once, or queues it, or rejects it (NOTE_REJECTED). One reply at
 * most for one datagram. Errors of a request that needs an answer: 400, 404, 408, 413, 429, 505.
 * The text of a 429 is the estimated wait for a worker. */
void server_on_datagram(struct server *server, uint64_t now_ns, struct endpoint from,
                        const uint8_t *bytes, size_t size, struct outbox *outbox);

/* Forgets all jobs, and what it has counted, as one that crashed and was started again. */
void server_restart(struct server *server);

/* Ends one job whose service time is over (its reply leaves) and lets the worker begin the next
 * that waits; what expired while waiting is answered 408, one a call. Two datagrams at most. */
void server_on_deadline(struct server *server, uint64_t now_ns, struct outbox *outbox);

/* When the earliest job ends; 0, which is at once, with a free worker and a job waiting;
 * TIME_NEVER: no job. */
uint64_t server_deadline_ns(const struct server *server);

/* Jobs waiting or being served. */
static inline uint32_t server_job_count(const struct server *server)
{
    return server->queue_count + server->busy.count;
}

/* Executes `op` on `size` bytes of text: writes the answer to `answer` (room for WIRE_TEXT_MAX; may
 * be the text itself) and returns its size. OP_COUNT answers `count` in decimal. */
size_t server_execute(enum op op, uint32_t count, const uint8_t *text, size_t size,
                      uint8_t *answer);

#endif
