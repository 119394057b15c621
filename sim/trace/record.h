/* What happened: one record for each event of a run. Hosts write them, the verdict and the reports
 * read them; nobody changes one. */
#ifndef TRACE_RECORD_H
#define TRACE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_NOBODY UINT32_MAX /* no client, no node */

enum trace_event {
    TRACE_BEGIN, /* client: a request begins. bytes "op:text", due_ns when it should have begun,
                    value_ns its deadline (instant) */
    TRACE_SEND,  /* a datagram was handed to a link (the original). reason = why the link lost it
                    or 0; due_ns = when the link will let it go (= t_ns without delay); value_ns =
                    the client's timer that was started with it, or TIME_NEVER; cut and flip =
                    what the link changes; bytes: the datagram as it was handed over */
    TRACE_DUPLICATED, /* the link made a copy: reason, due_ns, cut and flip as above; copy >= 1 */
    TRACE_DELIVER,    /* a datagram reached its node; no bytes: they are its SEND's */
    TRACE_EXECUTE,  /* server: executes; bytes: the request's text; value_ns = wait in the queue */
    TRACE_TIMEOUT,  /* client, broker: the timer of `try` fired; due_ns = when it was due */
    TRACE_RETRY,    /* client, broker: sends again; try = the new one */
    TRACE_ANSWERED, /* client: bytes = the answer's text; value_ns = latency; due_ns = the timer it
                       beat */
    TRACE_FAILED, /* client: reason = enum outcome; code; try = tries sent; value_ns = time taken */
    TRACE_REPLY_ERROR, /* client: took an error reply; code. In --events it shows as `rejected` with
                          reason "code CODE" */
    TRACE_REJECTED, /* any: a datagram was not taken; reason = enum reject_reason; from = its source
                     */
    TRACE_ENTRY_OPENED, /* broker: not in --events; value_ns = when it expires */
    TRACE_ENTRY_CLOSED, /* broker: not in --events; code */
    TRACE_FAULT,        /* a timed rule begins (copy 0) or ends (copy 1); bytes: its text */
    TRACE_NOTE,         /* at ... note; bytes: its text */
    TRACE_PARTITION,    /* links are cut off; bytes: the rule's text */
    TRACE_HEAL,    /* and joined again: a partition's time is over, or a heal; bytes: its text */
    TRACE_CRASH,   /* the node loses its state, and is deaf from now on */
    TRACE_RESTART, /* it is up again, without any state (it may not have crashed before) */
    TRACE_PAUSE,   /* the node stands still */
    TRACE_RESUME,  /* and goes on */
    TRACE_EVENT_COUNT
};
/* The event's word in --events: "begin", "send". */
const char *trace_event_name(enum trace_event event);

/* What an event is about. */
enum trace_scope {
    TRACE_OF_DATAGRAM, /* SEND, DUPLICATED, DELIVER */
    TRACE_OF_REQUEST,  /* a client's or a server's step with it, or a datagram that was not taken */
    TRACE_OF_NODE,     /* the whole node */
    TRACE_OF_NETWORK,  /* no node: links, or the run */
    TRACE_OF_TABLE     /* the broker's own table: for the verdict and for plots, told to nobody */
};
enum trace_scope trace_event_scope(enum trace_event event);

enum trace_form {
    TRACE_ENVELOPE_REQUEST,
    TRACE_ENVELOPE_REPLY,
    TRACE_PLAIN,
    TRACE_RAW,
    TRACE_DAMAGED /* of a DELIVER: the link has changed it, and its bytes may claim anything. Only
                     the virtual world can know; in the real one it is what it looks like */
};

/* 72 bytes. Fields that say nothing of an event are 0 (client, from, to: TRACE_NOBODY). */
struct trace_record {
    uint64_t t_ns;     /* from the start of the run */
    uint64_t id;       /* on this wire; 0 = none */
    uint64_t due_ns;   /* see the events */
    uint64_t value_ns; /* see the events */
    uint32_t node;     /* where it happened: of SEND and DUPLICATED `from`, of DELIVER `to` */
    uint32_t from;     /* of a datagram: nodes */
    uint32_t to;
    uint32_t client;   /* whose request: a client's node */
    uint32_t n;        /* and its number; 0 = not known */
    uint32_t carriage; /* how often this link has carried this try before */
    uint16_t size;     /* of the datagram */
    uint16_t code;
    uint16_t bytes_size; /* of the bytes beside the record */
    uint8_t event;       /* enum trace_event */
    uint8_t reason;      /* see the events */
    uint8_t try;
    uint8_t copy;  /* 0 the original */
    uint8_t form;  /* enum trace_form, of a datagram */
    uint8_t op;    /* enum op: of BEGIN and EXECUTE */
    uint16_t cut;  /* of SEND and DUPLICATED: octets that the link cuts off the end */
    uint16_t flip; /* and the bit that it flips, from 1; 0 = none */
};

/* Whether the link changed the copy of a SEND or DUPLICATED record. */
static inline bool trace_is_damaged(const struct trace_record *record)
{
    return record->cut > 0 || record->flip > 0;
}

/* Takes a record and its bytes (record->bytes_size of them; valid during the call only). */
struct trace_sink {
    void (*take)(void *context, const struct trace_record *record, const uint8_t *bytes);
    void *context;
};

#endif
