/* What a core hands out of one call: datagrams to send and notes of what happened, in their order.
 * The owner (a host, a stand-alone program, a test) empties it after each call. */
#ifndef PROTOCOL_OUTBOX_H
#define PROTOCOL_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/endpoint.h"
#include "protocol/wire.h"

/* No call of a core needs more; a core that has more to do leaves its deadline in the past and is
 * called again. */
#define OUTBOX_MAX 8

/* Why a received datagram was not taken. */
enum reject_reason {
    REJECT_NONE,
    REJECT_LATE,       /* a reply to a request that has ended */
    REJECT_STALE,      /* a reply to nothing that was asked: an id never used, a try never sent */
    REJECT_SPOOFED,    /* a reply from an address it was not asked of */
    REJECT_CORRUPT,    /* the CRC does not hold */
    REJECT_MALFORMED,  /* not the form that is spoken here */
    REJECT_TRUNCATED,  /* over 1200 octets */
    REJECT_VERSION,    /* an envelope of another version */
    REJECT_WRONG_KIND, /* a reply where requests are taken, or the reverse */
    REJECT_FOREIGN,    /* from an address outside the run (found by the host) */
    REJECT_DEAF,       /* it came to a node that has crashed (found by the host) */
    REJECT_REASON_COUNT
};
/* The reason's word, as in `rejected.late`. */
const char *reject_reason_name(enum reject_reason reason);

/* How a request ended. */
enum outcome {
    OUTCOME_OPEN,
    OUTCOME_ANSWERED,
    OUTCOME_ERROR,
    OUTCOME_TIMED_OUT,
    OUTCOME_CANCELLED
};
/* "answered", "error", "timed-out", "cancelled"; "open". */
const char *outcome_name(enum outcome outcome);

enum note_kind {
    NOTE_BEGIN,    /* client: request n begins; bytes = "op:text", op_size; due_ns = when it should
                      have    begun (latency counts from it); value_ns = its deadline (an instant) */
    NOTE_TIMEOUT,  /* client or broker: the timer of `try` fired; due_ns = when it was due */
    NOTE_RETRY,    /* client or broker: sends again; try = the new one */
    NOTE_ANSWERED, /* client: took a 200; bytes = its text; try = the reply's; due_ns = the running
                      timer it beat; value_ns = the latency */
    NOTE_FAILED,   /* client: ended otherwise; outcome, code, try = tries sent; value_ns = time from
                      when it should have begun */
    NOTE_REPLY_ERROR, /* client: took an error reply; code, try */
    NOTE_EXECUTE,  /* server: executes id; try; bytes = the request's text; value_ns = how long it
                      waited in the queue */
    NOTE_REJECTED, /* any: a datagram was not taken; reason; id and try where they could be read */
    NOTE_ENTRY_OPENED, /* broker: a pending entry for (client, id) was made; value_ns = when it
                          expires */
    NOTE_ENTRY_CLOSED, /* broker: and removed; code = the reply's code, 0 = expired */
    NOTE_CHANNEL_CLOSE /* broker: peer.channel must be closed and never used again (plain servers)
                        */
};

struct outbox_note {
    uint64_t id;          /* the id on the wire at this node (a broker's entry: the upstream id);
                             0 = none or unreadable */
    uint64_t due_ns;      /* see the kinds */
    uint64_t value_ns;    /* see the kinds */
    struct endpoint peer; /* who it was about: the source of what was rejected, an entry's client */
    const uint8_t
        *bytes; /* see the kinds; valid until the core is called again or its input goes */
    enum note_kind kind;
    uint32_t n;    /* clients: the request's number, from 1; 0 elsewhere */
    uint16_t size; /* of the bytes */
    uint16_t code; /* of the reply, CODE_NONE where there is none */
    uint8_t try;
    uint8_t op_size; /* NOTE_BEGIN: of the op that the bytes begin with */
    union {
        uint8_t reason;  /* NOTE_REJECTED: enum reject_reason */
        uint8_t outcome; /* NOTE_FAILED: enum outcome */
    };
};

struct outbox_datagram {
    struct endpoint to;
    uint64_t id;     /* what is on this wire; 0 for plain and raw */
    uint64_t due_ns; /* clients: the timer that was started with it; else TIME_NEVER */
    size_t size;
    unsigned try; /* 0 for raw; 1 for plain */
    uint32_t n;   /* the request's number where the sender knows it (clients), else 0 */
    bool reply;   /* false: a request */
    bool plain;   /* not an envelope: plain or raw */
    uint8_t bytes[WIRE_DATAGRAM_MAX + 1];
};

struct outbox {
    bool is_note[2 * OUTBOX_MAX]; /* of each item in the order they were put: the next of the notes,
                                     or else of the datagrams */
    unsigned note_count;
    unsigned datagram_count;
    struct outbox_note notes[OUTBOX_MAX];
    struct outbox_datagram datagrams[OUTBOX_MAX];
};

/* The items in it: notes and datagrams. */
static inline unsigned outbox_count(const struct outbox *outbox)
{
    return outbox->note_count + outbox->datagram_count;
}

/* Empties it. */
void outbox_clear(struct outbox *outbox);

/* A zeroed note of the kind, or datagram, put at the end, for the core to fill; of a datagram, `to`
 * is set, due_ns is TIME_NEVER and the bytes are not touched. There must be room (asserted): a core
 * puts at most OUTBOX_MAX of each in one call. */
struct outbox_note *outbox_add_note(struct outbox *outbox, enum note_kind kind);
struct outbox_datagram *outbox_add_datagram(struct outbox *outbox, struct endpoint to);

#endif
