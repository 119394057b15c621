/* The requests that are open, or that something may still happen to: what the judge remembers of
 * each, and the copies of their datagrams that are on their way. Memory grows with how many there
 * are at once, never with how many there have been. */
#ifndef VERDICT_LEDGER_H
#define VERDICT_LEDGER_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/prefetch.h"

#define LEDGER_NONE UINT32_MAX

/* A copy of a datagram that a link took and did not lose. */
struct ledger_copy {
    uint64_t due_ns; /* when the link lets it go */
    uint32_t next;   /* index of the request's next copy (or of the next free one) */
    uint32_t way;    /* its link and try: ledger_way; LEDGER_NONE = there is no copy */
};

/* Where a copy is on its way, and of which try, in one number; link: below LEDGER_LINKS_MAX. */
#define LEDGER_LINKS_MAX 0xffffffu
static inline uint32_t ledger_way(uint32_t link, uint8_t try)
{
    return link << 8 | try;
}
static inline uint32_t ledger_way_link(uint32_t way)
{
    return way >> 8;
}

/* 128 bytes. What every datagram asks for comes first: it is a look into memory for each. */
struct request {
    uint32_t client;          /* node */
    uint32_t n;               /* from 1; 0: the slot is free */
    struct ledger_copy first; /* a copy on its way, unless first.way is LEDGER_NONE; first.next:
                                 the index of another, and of those behind it, LEDGER_NONE = none */
    uint32_t next;            /* index of the next one of its bucket (or of the next free one),
                                 LEDGER_NONE = none */
    uint32_t executions;
    uint32_t jobs;            /* datagrams that servers have got and not answered */
    uint32_t held;            /* nodes that may still be busy with a datagram of it */
    uint32_t broker_received; /* datagrams of its client that reached the broker */
    uint32_t broker_sent;     /* and those that the broker sent to servers for it */
    uint8_t tries;            /* sends of its client so far */
    uint8_t reply_try;        /* of the latest reply that reached its client */
    uint8_t op;               /* enum op */
    uint8_t outcome;          /* enum outcome */
    bool entry;               /* the broker has an entry for it */
    bool reply_sent;          /* the broker has sent its client a reply */
    bool definite;            /* it ended with a code that says: not executed */

    uint64_t calm_ns;  /* when the first try was sent that no fault can have touched;
                          TIME_NEVER = none yet */
    uint64_t began_ns; /* when it began */
    union {
        struct {                  /* while it is open: */
            uint64_t due_ns;      /* when it should have begun */
            uint64_t deadline_ns; /* instant: no send at or after it */
        };
        struct {               /* and from then on: */
            uint64_t ended_ns; /* when it ended */
            uint32_t result;   /* index in the verdict's list, LEDGER_NONE = not in it */
        };
    };
    uint64_t timer_ns;  /* instant: of the latest try's timer */
    uint64_t fired_ns;  /* when the timer before the latest try fired; TIME_NEVER = none */
    uint64_t reply_ns;  /* when the latest reply reached its client; TIME_NEVER = none */
    uint64_t margin_ns; /* the smallest gap between a timer and a reply so far */
    union {
        uint64_t expected; /* reference_of_answer; of `count` instead: */
        struct {
            uint32_t counted;     /* executions since its server lost its state for the last time */
            uint32_t counted_max; /* the most between two such losses: what it may answer */
        };
    };
};

struct ledger {
    struct request *requests; /* owned; capacity of them */
    uint32_t capacity;
    uint32_t touched;   /* requests ever used: those from here on are free */
    uint32_t free_head; /* list of used and freed requests, linked by `next` */
    uint32_t count;     /* in use */
    uint32_t count_max; /* most ever in use at once */

    struct request *latest; /* found or opened last, and often asked for again; or `nobodys` */
    struct request nobodys; /* as each is at first; of a client and number that nobody asks for */

    uint32_t *buckets;    /* owned; of each, the index of its first request, LEDGER_NONE = none */
    uint32_t bucket_mask; /* number of buckets - 1, a power of two - 1: no less than requests */

    struct ledger_copy *copies; /* owned; those of requests that have more than one */
    uint32_t copy_capacity;
    uint32_t copies_touched;
    uint32_t free_copies; /* list of freed copies */
    uint32_t copy_count;  /* on their way */
};

/* An empty ledger. Returns 0 or -ENOMEM. */
int ledger_init(struct ledger *ledger);
void ledger_free(struct ledger *ledger);

/* The bucket of client/n, of a hash table with chains: to what is found there pointers are kept,
 * and what is sought is mostly there, so it needs half the looks of base/map.h. The requests of one
 * client, which have numbers in a row, and the clients that are at the same number, are each in a
 * bucket of their own. */
static inline uint32_t *ledger_bucket(const struct ledger *ledger, uint32_t client, uint32_t n)
{
    return &ledger->buckets[(client * UINT32_C(0x9e3779b1) + n) & ledger->bucket_mask];
}

/* Whether client/n is the request found or opened last, ledger->latest. */
static inline bool ledger_is_latest(const struct ledger *ledger, uint32_t client, uint32_t n)
{
    return ledger->latest->n == n && ledger->latest->client == client;
}

/* What ledger_find gives where it is not. */
static inline struct request *ledger_look_up(struct ledger *ledger, uint32_t client, uint32_t n)
{
    uint32_t at = *ledger_bucket(ledger, client, n);
    while (at != LEDGER_NONE) {
        struct request *request = &ledger->requests[at];
        if (request->n == n && request->client == client) {
            ledger->latest = request;
            return request;
        }
        at = request->next;
    }
    return NULL;
}

/* The request client/n, NULL if nothing is remembered of it. Valid until the next ledger_open. */
static inline struct request *ledger_find(struct ledger *ledger, uint32_t client, uint32_t n)
{
    return ledger_is_latest(ledger, client, n) ? ledger->latest : ledger_look_up(ledger, client, n);
}

/* Asks for the memory of the request client/n (prefetch.h), or of another on its bucket. */
static inline void ledger_prefetch(const struct ledger *ledger, uint32_t client, uint32_t n)
{
    uint32_t at = *ledger_bucket(ledger, client, n);

    if (at != LEDGER_NONE) {
        prefetch(&ledger->requests[at], sizeof *ledger->requests);
    }
}

/* A new request, zeroed but for client, n, TIME_NEVER and LEDGER_NONE where they mean none. It must
 * not be in (asserted). NULL: no memory. */
struct request *ledger_open(struct ledger *ledger, uint32_t client, uint32_t n);

/* Whether no copy of its datagrams is on its way. */
static inline bool ledger_has_no_copy(const struct request *request)
{
    return request->first.way == LEDGER_NONE;
}

/* Whether nothing can happen to it any more: it has ended, no copy is on its way, no server and no
 * broker knows it. Then ledger_release may forget it. */
static inline bool ledger_is_over(const struct request *request)
{
    return request->outcome != 0 && ledger_has_no_copy(request) && request->jobs == 0 &&
           request->held == 0 && !request->entry;
}
void ledger_release(struct ledger *ledger, struct request *request);

/* A copy is on its way. False: no memory. */
bool ledger_add_copy(struct ledger *ledger, struct request *request, uint32_t way, uint64_t due_ns);

/* The same where it has none so far (asserted). */
static inline void ledger_add_only_copy(struct ledger *ledger, struct request *request,
                                        uint32_t way, uint64_t due_ns)
{
    assert(ledger_has_no_copy(request));
    request->first.due_ns = due_ns;
    request->first.way = way;
    ledger->copy_count++;
}

/* When the copy on this way that is due first is due; TIME_NEVER: none is on it. */
uint64_t ledger_next_due_ns(const struct ledger *ledger, const struct request *request,
                            uint32_t way);

/* A copy on this way has come: takes out the one that is due first, and says when that was. False:
 * none is on it. */
bool ledger_take_copy(struct ledger *ledger, struct request *request, uint32_t way,
                      uint64_t *due_ns);

/* Does so if that is the request's only copy, and due at now_ns; false, and nothing changed, if
 * not. */
static inline bool ledger_take_only_copy(struct ledger *ledger, struct request *request,
                                         uint32_t way, uint64_t now_ns)
{
    if (request->first.way != way || request->first.next != LEDGER_NONE ||
        request->first.due_ns > now_ns) {
        return false;
    }
    request->first.way = LEDGER_NONE;
    ledger->copy_count--;
    return true;
}

#endif
