/* The judge: reads the records of a run once, in order of time, and finds what breaks a promise.
 * It knows the protocol's rules, not the code that is to follow them.
 *
 * judge.c takes each record to the rules it concerns; the rules are in judge_client.c (what clients
 * say of their requests), judge_network.c (datagrams), judge_hub.c (servers and the broker),
 * judge_nodes.c (what a crash takes with it) and judge_calm.c (what must succeed where no fault is
 * in the way); what only the end shows is in judge_end.c. */
#ifndef VERDICT_JUDGE_H
#define VERDICT_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "scenario/scenario.h"
#include "trace/record.h"
#include "verdict/calm.h"
#include "verdict/ledger.h"
#include "verdict/verdict.h"
#include "verdict/watch.h"

/* Ways to fail: from OUTCOME_ERROR on. */
#define JUDGE_WAYS (OUTCOME_CANCELLED + 1 - OUTCOME_ERROR)

/* The first of a client's requests that ended in one way. */
struct judge_failure {
    uint64_t ended_ns;
    uint32_t n; /* 0 = none did */
    uint16_t code;
};

struct judge_client {
    uint64_t delivered_ns; /* when the latest datagram reached it; TIME_NEVER = none */
    uint32_t group;        /* its index in the scenario's groups */
    uint32_t begun;        /* requests begun: the highest number */
    uint32_t never_begun;  /* requests that were cancelled before they began */
    uint32_t open;         /* requests begun and not ended */
    uint32_t held;         /* the request that the latest datagram to reach it is about (an index in
                              the ledger), LEDGER_NONE = none: what it does about it comes after;
                              the broker's too */
    bool calm;             /* once all timed faults are over, its two links lose nothing */
    bool damaged;          /* that datagram was damaged on the way */
    bool plain_unsettled;  /* plain: an answer may belong to an earlier request than the oldest */
};

struct judge_link {
    uint64_t nameless; /* datagrams on their way that no request's id tells apart */
    uint64_t damaged;  /* datagrams on their way that the link has changed */
};

/* What a server or the broker is about to do with a damaged datagram that has reached it. */
enum judge_damage {
    DAMAGE_NONE,    /* the latest datagram to reach it was sound */
    DAMAGE_ARRIVED, /* it has come; any but a refusal is a breach */
    DAMAGE_REFUSED  /* it was refused, and the refusal may be answered */
};

/* What a server has to do, as far as liveness goes by it. */
struct judge_server {
    uint64_t jobs;            /* datagrams that it has got and not answered */
    uint64_t jobs_peak;       /* the most at once since the last fault */
    bool calm;                /* once all timed faults are over, its two links lose nothing */
    enum judge_damage damage; /* for dropped-is-gone */
};

/* A promise so far. */
struct judge_breach {
    bool broken;
    char detail[200];               /* the first breach */
    struct verdict_culprit culprit; /* and whose request it is about */
};

/* What is the same for all clients of a group: with the longest waits that its policy allows after
 * its first tries, which are most of its tries. */
#define JUDGE_WAITS 7
struct judge_group {
    const struct scenario_clients *clients;
    uint64_t timeout_ns;               /* of its policy: the shortest wait */
    uint32_t tries_max;                /* of its policy, and no more than have a wait here */
    uint64_t wait_max_ns[JUDGE_WAITS]; /* by try; [0] of all that are not here: 0, the least */
};

struct judge {
    const struct scenario *scenario;
    struct verdict *verdict; /* not owned: tally, list of requests, counts */
    uint64_t attend_ns;      /* records before this instant concern the rules alone */
    const uint8_t *bytes;    /* of the record that is being judged: not owned */
    uint64_t last_ns;        /* of the latest record */
    uint32_t first_client;   /* the node: those from here on are clients */
    uint32_t client_count;
    uint32_t linked_count;   /* nodes beside the broker: 1 .. linked_count */
    uint32_t leg_tries;      /* how often the broker may send what it has got once */
    uint32_t plain_size_max; /* of datagrams that are like most; 0: a script of choices may have
                                done anything to any */
    struct ledger ledger;
    struct watches watches;
    struct watch_finding finding;                 /* about the latest EXECUTE or ANSWERED */
    struct judge_client *clients;                 /* owned; by node */
    struct judge_group *groups;                   /* owned; by the scenario's index */
    struct judge_failure (*failures)[JUDGE_WAYS]; /* owned; by node; [0] of OUTCOME_ERROR */
    struct judge_link *links;                     /* owned; by link */
    struct judge_server *servers; /* owned; by node; of the broker, `damage` alone */
    struct judge_breach breaches[PROMISE_COUNT];
    struct calm calm;             /* when faults end, and what the network then does */
    bool calm_now;                /* the last timed fault is over */
    bool quiet;                   /* the scenario has no faults, and time and room for all */
    char quiet_why[160];          /* else why `quiet` is not judged */
    uint64_t calm_judged;         /* requests by which liveness was judged */
    uint64_t entries;             /* of the broker, now */
    uint64_t entries_peak;        /* the most at once since the last fault */
    uint64_t nameless_entries;    /* those among them that belong to nobody's request */
    uint64_t nameless_executions; /* executions of nobody's request so far */
    bool nameless_sent;           /* a client has sent a plain or raw datagram */
    bool raw;                     /* a script sends raw datagrams: they may claim to be anything */
    bool outsiders;               /* a port is fixed: datagrams may come from outside the run */
    bool duplicates;              /* a link may duplicate */
    bool state_lost;              /* a node that holds state has crashed or begun anew */
    bool damages;                 /* a link may change bytes */
    bool repeats;                 /* a link may carry the same try twice */
    bool out_of_memory;           /* something could not be remembered: nothing can be judged */
};

/* Judges records as part of `verdict`, whose scenario and tally it uses. Returns 0 or -ENOMEM. */
int judge_init(struct judge **judge, struct verdict *verdict);
void judge_free(struct judge *judge);

/* A trace_sink's take (context = the judge): counts the record in the verdict's tally, and judges
 * it. */
void judge_take(void *judge, const struct trace_record *record, const uint8_t *bytes);

/* The run is over: settles what is left. */
void judge_finish(struct judge *judge, const struct run_facts *facts);

/* ---- between the parts of the judge ---------------------------------------------------------- */

/* The promise is broken by what `record` says (NULL: by the run as a whole). The first breach is
 * kept: "at 12.345ms: c1/3: " and the sentence. */
void judge_break(struct judge *judge, enum promise promise, const struct trace_record *record,
                 const char *format, ...) __attribute__((format(printf, 4, 5), cold));

/* A client's group of the scenario. */
static inline const struct scenario_clients *judge_group(const struct judge *judge, uint32_t client)
{
    return judge->groups[judge->clients[client].group].clients;
}

static inline bool judge_is_client(const struct judge *judge, uint32_t node)
{
    return node - judge->first_client < judge->client_count;
}
static inline bool judge_is_server(const struct judge *judge, uint32_t node)
{
    return node != NODE_BROKER && node < judge->first_client;
}
/* Any but the broker, to whom it has a link. */
static inline bool judge_has_link(const struct judge *judge, uint32_t node)
{
    return node - 1 < judge->linked_count;
}

/* Settles a request to which nothing can happen any more, and forgets it. */
void judge_forget(struct judge *judge, struct request *request) __attribute__((noinline));
/* Does so, unless something can: after each step that may have been the last about it. */
static inline void judge_let_go(struct judge *judge, struct request *request)
{
    if (ledger_is_over(request)) {
        judge_forget(judge, request);
    }
}

/* The client or the broker begins on a datagram about `request`, or (NULL) on something else: it is
 * through with the datagram before. */
static inline void judge_hold(struct judge *judge, struct judge_client *node,
                              struct request *request)
{
    struct request *requests = judge->ledger.requests;
    uint32_t before = node->held;
    uint32_t now = request != NULL ? (uint32_t)(request - requests) : LEDGER_NONE;

    if (now == before) {
        return;
    }
    node->held = now;
    if (request != NULL) {
        request->held++;
    }
    if (before != LEDGER_NONE) {
        requests[before].held--;
        judge_let_go(judge, &requests[before]);
    }
}

/* Whether the answers of a group's clients can be told apart, so that right-text is judged by them:
 * with ids, always; in the plain form, where nothing can bring two answers at once. */
bool judge_can_tell_texts(const struct judge *judge, const struct scenario_clients *group);

/* The rules, one function for each kind of record. `request` is the record's, NULL where nothing is
 * remembered of it. A rule lets go of the request if that was the last that could happen to it.
 * Those that are met most are not made one with judge_take, since then none would be quick. */

/* judge_client.c: what clients say of their requests. */
void judge_begin(struct judge *judge, const struct trace_record *record, struct request *request)
    __attribute__((noinline));
void judge_client_send(struct judge *judge, const struct trace_record *record,
                       struct request *request);
void judge_client_timer(struct judge *judge, const struct trace_record *record,
                        struct request *request);
void judge_answered(struct judge *judge, const struct trace_record *record, struct request *request)
    __attribute__((noinline));
void judge_reply_error(struct judge *judge, const struct trace_record *record,
                       struct request *request) __attribute__((noinline));
void judge_failed(struct judge *judge, const struct trace_record *record, struct request *request)
    __attribute__((noinline));

/* judge_network.c: datagrams on links. */
void judge_sent(struct judge *judge, const struct trace_record *record, struct request *request)
    __attribute__((noinline));
void judge_duplicated(struct judge *judge, const struct trace_record *record,
                      struct request *request) __attribute__((noinline));
void judge_delivered(struct judge *judge, const struct trace_record *record,
                     struct request *request) __attribute__((noinline));

/* judge_hub.c: servers and the broker. */
void judge_execute(struct judge *judge, const struct trace_record *record, struct request *request)
    __attribute__((noinline));
void judge_entry_opened(struct judge *judge, const struct trace_record *record,
                        struct request *request) __attribute__((noinline));
void judge_entry_closed(struct judge *judge, const struct trace_record *record,
                        struct request *request) __attribute__((noinline));

/* judge_calm.c: promises 13 and 14. What has to be known before the run: returns 0 or -ENOMEM. */
int judge_calm_init(struct judge *judge);
/* The last fault is over: from now on table and queues are watched. */
void judge_calm_begin(struct judge *judge);
/* A copy was handed to a link (SEND, DUPLICATED), which may have lost it. */
void judge_calm_copy(struct judge *judge, const struct trace_record *record,
                     struct request *request, uint32_t link);
/* A client sent a try. */
void judge_calm_first_try(struct judge *judge, const struct trace_record *record,
                          struct request *request) __attribute__((noinline));
static inline void judge_calm_try(struct judge *judge, const struct trace_record *record,
                                  struct request *request)
{
    if (judge->calm_now && judge->clients[record->node].calm && request->calm_ns == TIME_NEVER) {
        judge_calm_first_try(judge, record, request);
    }
}

/* Whether a try of an open request is as judge_client_send wants it, which then comes to
 * judge_note_try. False may be said for nothing, as of the later ones of many. */
static inline bool judge_is_right_try(const struct judge *judge, const struct trace_record *record,
                                      const struct request *request)
{
    const struct judge_group *group = &judge->groups[judge->clients[record->node].group];
    uint64_t wait_ns = record->value_ns - record->t_ns;

    return request->outcome == OUTCOME_OPEN && record->try == request->tries + 1 &&
           record->try <= group->tries_max && record->t_ns >= request->timer_ns &&
           record->t_ns < request->deadline_ns && record->value_ns >= record->t_ns &&
           (wait_ns >= group->timeout_ns || record->value_ns >= request->deadline_ns) &&
           wait_ns <= group->wait_max_ns[record->try];
}
static inline void judge_note_try(struct judge *judge, const struct trace_record *record,
                                  struct request *request)
{
    request->tries = record->try;
    request->timer_ns = record->value_ns;
    judge_calm_try(judge, record, request);
}

/* A client or the broker asks again. */
void judge_calm_retry(struct judge *judge, const struct trace_record *record);
/* A server got a datagram, or is through with one. */
void judge_calm_job(struct judge *judge, uint32_t server, bool got);
/* The broker's entry of the request was closed with this code. */
void judge_calm_closed(const struct judge *judge, struct request *request, unsigned code);
/* The request, which is still open, ends without an answer. */
void judge_calm_failed(struct judge *judge, const struct trace_record *record,
                       const struct request *request);
/* Why `quiet` or `liveness` is not judged; NULL: it is. `why` is room for the reason. */
const char *judge_calm_why_not(const struct judge *judge, enum promise promise, char why[160]);

/* judge_nodes.c: the broker or a server has crashed or begun anew. */
void judge_state_lost(struct judge *judge, uint32_t node) __attribute__((noinline));

/* judge_end.c: the request will not change any more: brings the verdict's list and counts up to
 * date. */
void judge_settle_request(struct judge *judge, const struct request *request, bool kernel_drop);

#endif
