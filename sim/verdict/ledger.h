/* The requests that are open, or that something may still happen to: what the judge remembers of
 * each, and the copies of their datagrams that are on their way. Memory grows with how many there
 * are at once, never with how many there have been. */
#ifndef VERDICT_LEDGER_H
#define VERDICT_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "verdict/reference.h"

#define LEDGER_NONE UINT32_MAX

#define LEDGER_NO_LINK 0xffffffu /* of 24 bits */

/* A copy of a datagram that a link took and did not lose. */
struct ledger_copy {
    uint64_t due_ns; /* when the link lets it go */
    uint32_t next;   /* index of the request's next copy (or of the next free one) */
    uint32_t link : 24;
    uint32_t
    try:
        8;
};

/* What every datagram asks for comes first: it is a look into memory for each. */
struct request {
    uint32_t client;          /* node */
    uint32_t n;               /* from 1; 0: the slot is free */
    struct ledger_copy first; /* a copy on its way, if first.link is not LEDGER_NO_LINK; first.next:
                                 the index of another, and of those behind it, LEDGER_NONE = none */
    uint32_t result;          /* index in the verdict's list, LEDGER_NONE = not in it */
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

    uint64_t calm_ns;     /* when the first try was sent that no fault can have touched;
                             TIME_NEVER = none yet */
    uint64_t began_ns;    /* when it began */
    uint64_t due_ns;      /* when it should have begun */
    uint64_t deadline_ns; /* instant: no send at or after it */
    uint64_t timer_ns;    /* instant: of the latest try's timer */
    uint64_t fired_ns;    /* when the timer before the latest try fired; TIME_NEVER = none */
    uint64_t reply_ns;    /* when the latest reply reached its client; TIME_NEVER = none */
    uint64_t ended_ns;    /* when it ended */
    uint64_t margin_ns;   /* the smallest gap between a timer and a reply so far */
    union {
        struct reference expected; /* the right answer; of `count` instead: */
        struct {
            uint32_t counted;     /* executions since its server lost its state for the last time */
            uint32_t counted_max; /* the most between two such losses: what it may answer */
        };
    };
};

struct ledger {
    struct request *requests; /* owned; capacity of them */
    uint32_t capacity;
    uint32_t touched;     /* requests ever used: those from here on are free */
    uint32_t free_head;   /* list of used and freed requests, linked by first.next */
    uint32_t count;       /* in use */
    uint32_t count_max;   /* most ever in use at once */
    uint32_t found;       /* the latest found: often the next one asked for, too */
    struct map by_number; /* client << 32 | n -> request */

    struct ledger_copy *copies; /* owned; those of requests that have more than one */
    uint32_t copy_capacity;
    uint32_t copies_touched;
    uint32_t free_copies; /* list of freed copies */
    uint32_t copy_count;  /* on their way */
};

/* An empty ledger. Returns 0 or -ENOMEM. */
int ledger_init(struct ledger *ledger);
void ledger_free(struct ledger *ledger);

/* The request client/n, NULL if nothing is remembered of it. Valid until the next ledger_open. */
struct request *ledger_find(struct ledger *ledger, uint32_t client, uint32_t n);

/* A new request, zeroed but for client, n, TIME_NEVER and LEDGER_NONE where they mean none. It must
 * not be in (asserted). NULL: no memory. */
struct request *ledger_open(struct ledger *ledger, uint32_t client, uint32_t n);

/* Whether nothing can happen to it any more: it has ended, no copy is on its way, no server and no
 * broker knows it. Then ledger_release may forget it. */
static inline bool ledger_is_over(const struct request *request)
{
    return request->outcome != 0 && request->first.link == LEDGER_NO_LINK && request->jobs == 0 &&
           request->held == 0 && !request->entry;
}
void ledger_release(struct ledger *ledger, struct request *request);

/* A copy is on its way. False: no memory. */
bool ledger_add_copy(struct ledger *ledger, struct request *request, uint32_t link, uint8_t try,
                     uint64_t due_ns);

/* When the copy on its way on this link of this try that is due first is due; TIME_NEVER: none is
 * on its way. */
uint64_t ledger_next_due_ns(const struct ledger *ledger, const struct request *request,
                            uint32_t link, uint8_t try);

/* A copy on this link of this try has come: takes out the one that is due first, and says when that
 * was. False: none is on its way. */
bool ledger_take_copy(struct ledger *ledger, struct request *request, uint32_t link, uint8_t try,
                      uint64_t *due_ns);

#endif
