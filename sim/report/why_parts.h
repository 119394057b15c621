/* What the parts of --why share: the request's datagrams and what brought each about
 * (why_gather.c), the scenario's word for what happened to one (why_cause.c), and the sentences
 * (why_try.c, why_node.c, why_end.c, why_fate.c, why_again.c). */
#ifndef REPORT_WHY_PARTS_H
#define REPORT_WHY_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "report/flights.h"
#include "report/look.h"
#include "report/out.h"
#include "report/sentence.h"
#include "report/tell.h"
#include "report/words.h"

#define WHY_NONE      UINT32_MAX
#define WHY_TEXT_MAX  160 /* bytes of a payload's escaped form, with the NUL */
#define WHY_CAUSE_MAX 300 /* bytes of a cause, with the NUL */

/* One datagram of the request's, on one link. Records are the log's. */
struct why_leg {
    const struct report_flight *flight;
    const struct trace_record *sent;     /* SEND or DUPLICATED */
    const struct trace_record *arrived;  /* DELIVER; NULL: it never did */
    const struct trace_record *rejected; /* REJECTED; NULL: it was taken */
    const struct trace_record *executed; /* at a server: EXECUTE; NULL: not, or not yet */
    const struct trace_record *gone;     /* at a server: the CRASH or RESTART that it was lost in */
    const struct trace_record *outcome;  /* at its client: ANSWERED, FAILED or REPLY_ERROR; NULL */
    uint32_t cause;                      /* the leg whose arrival brought it about; WHY_NONE */
    uint32_t next;                       /* the first that its arrival brought about; WHY_NONE */
    uint32_t execution;                  /* how many executions there had been with this one */
    uint16_t code;                       /* of a reply; 0 = none, or not known */
    uint8_t try;                         /* of the client's */
};

/* A list of records. */
struct why_records {
    const struct trace_record **items; /* owned */
    uint32_t count;
    uint32_t capacity;
};

struct why_story {
    const struct report_look *look;
    const struct scenario *scenario;
    const struct trace_log *log;
    struct report_flights flights;
    const struct request_result *result; /* NULL: the verdict has none */
    uint32_t client;
    uint32_t n;
    uint32_t server; /* where its operation is; WHY_NONE: nowhere that is known */

    const struct trace_record *began; /* BEGIN; NULL: it never began */
    const struct trace_record *ended; /* ANSWERED or FAILED; NULL: neither */
    struct why_leg *legs;             /* owned; as they were sent */
    uint32_t leg_count;
    uint32_t leg_capacity;
    struct why_records notes;  /* timers, retries and error replies: the client's, the broker's */
    struct why_records events; /* faults, partitions, crashes, pauses: of the whole run */
    struct why_records closed; /* the broker's entries of the request: ENTRY_CLOSED */
    uint32_t executions;
    uint8_t tries; /* the client's sends */

    struct out out;
};

/* ---- why_gather.c ---------------------------------------------------------------------------- */

/* Reads the log. False: no memory. */
bool why_gather(struct why_story *story);
void why_forget(struct why_story *story);

/* The client's note of this kind (a timer, a retry, an error) about a try; NULL: none. */
const struct trace_record *why_client_note(const struct why_story *story, enum trace_event event,
                                           unsigned try);

/* ---- why_cause.c ----------------------------------------------------------------------------- */

/* What the scenario says of the loss of a leg, of its copy, of its damage: " (loss 10%, line 4)",
 * or only the reason's word where no rule is found. */
void why_loss_cause(char text[WHY_CAUSE_MAX], const struct why_story *story,
                    const struct why_leg *leg);
void why_copy_cause(char text[WHY_CAUSE_MAX], const struct why_story *story,
                    const struct why_leg *leg);
void why_damage_cause(char text[WHY_CAUSE_MAX], const struct why_story *story,
                      const struct why_leg *leg);

/* The same of an event of a node: " (crash count, line 7)"; "" where no rule is found. */
void why_event_cause(char text[WHY_CAUSE_MAX], const struct why_story *story,
                     const struct trace_record *event);

/* The latest event of one of these kinds at the node, at until_ns or before; NULL: none. */
const struct trace_record *why_latest_event(const struct why_story *story, uint32_t node,
                                            enum trace_event kind, uint64_t until_ns);

/* ---- why_words.c ----------------------------------------------------------------------------- */

/* How long something took: "after 1.9 ms", or "at once". */
void why_after(char text[WORDS_MAX], uint64_t span_ns);

/* A span that somebody chose: "60 ms", and not "60.0 ms". */
void why_span(char text[WORDS_MAX], uint64_t span_ns);

/* "first", "second", ... "13th". */
void why_ordinal(char text[WORDS_MAX], uint32_t number);

/* A payload as it may be shown, in quotes: cut, escaped. */
void why_quote(char text[WHY_TEXT_MAX], const struct why_story *story,
               const struct trace_record *record);

/* The node's name as a sentence has it: "c1", "the broker". */
const char *why_name(const struct why_story *story, uint32_t node);

/* The same at the beginning of a sentence. */
const char *why_name_first(const struct why_story *story, uint32_t node);

/* What a code means, for people: "the server's queue was full". */
const char *why_code_meaning(unsigned code);

/* Why a node did not take something: "its checksum did not hold". */
const char *why_reject_meaning(enum reject_reason reason);

/* ---- telling --------------------------------------------------------------------------------- */

/* Writes a paragraph, with an indent. */
void why_say(struct why_story *story, unsigned indent, const char *text);

/* Appends to a sentence what became of the last datagram of a way, there or back, where it arrived:
 * as far as no further datagram says it (why_node.c). */
void why_add_arrived(struct sentence *sentence, const struct why_story *story,
                     const struct why_leg *leg);

/* The crash or restart in which the broker forgot who waits for a reply, which it then did not take
 * (why_node.c); NULL: there was none since it had passed the request on. */
const struct trace_record *why_broker_forgot(const struct why_story *story,
                                             const struct why_leg *reply);

/* Appends where the tries of a request that timed out were stopped (why_fate.c). */
void why_add_fates(struct sentence *sentence, const struct why_story *story);

/* What became of each try (why_try.c), how it ended (why_end.c), and how often it was executed,
 * and why (why_again.c). */
void why_tell_try(struct why_story *story, unsigned try);
void why_tell_executions(struct why_story *story);
void why_tell_end(struct why_story *story);

#endif
