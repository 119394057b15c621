#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "protocol/wire.h"
#include "report/ladder_parts.h"

#define ROW_NAME_MAX    16 /* columns of a client's name in front of a request's number */
#define ROW_PAYLOAD_MIN 7  /* columns of a cut payload, and one: with less it is left out */

/* ---- texts ----------------------------------------------------------------------------------- */

/* Appends to the text, by printf's rules; what does not fit is cut. */
__attribute__((format(printf, 2, 3))) static void row_add(struct ladder_row *row,
                                                          const char *format, ...)
{
    size_t used = strlen(row->text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(row->text + used, sizeof row->text - used, format, arguments);
    va_end(arguments);
}

/* Appends to what stands behind the payload. */
__attribute__((format(printf, 2, 3))) static void row_add_after(struct ladder_row *row,
                                                                const char *format, ...)
{
    size_t used = strlen(row->after);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(row->after + used, sizeof row->after - used, format, arguments);
    va_end(arguments);
}

/* Sets the bytes that stand in quotes behind the text. */
static void row_set_payload(struct ladder_row *row, const uint8_t *bytes, size_t size)
{
    row->payload = bytes;
    row->payload_size = size;
}

void ladder_row_words(char text[LADDER_LINE_MAX], const struct ladder_row *row, unsigned columns)
{
    char payload[LADDER_PAYLOAD_MAX];
    const char *blank = row->text[0] != '\0' ? " " : "";
    size_t others = strlen(row->text) + strlen(blank) + 2 + strlen(row->after);
    size_t room = columns > others ? columns - others : 0;
    size_t size = 0;

    if (row->payload != NULL) {
        room = room + 1 < sizeof payload ? room + 1 : sizeof payload; /* with the NUL */
        size = bytes_escape(payload, sizeof payload, row->payload, row->payload_size);
    }
    if (row->payload == NULL || (size >= room && room < ROW_PAYLOAD_MIN)) {
        snprintf(text, LADDER_LINE_MAX, "%s%s", row->text, row->after);
        return;
    }
    bytes_escape(payload, room, row->payload, row->payload_size);
    snprintf(text, LADDER_LINE_MAX, "%s%s\"%s\"%s", row->text, blank, payload, row->after);
}

void ladder_row_name(char text[CLIENT_NAME_MAX + 1], const char *name, size_t columns)
{
    size_t size = strlen(name);
    size_t end = (columns - 2) / 2;

    if (size <= columns) {
        snprintf(text, CLIENT_NAME_MAX + 1, "%s", name);
    } else {
        snprintf(text, CLIENT_NAME_MAX + 1, "%.*s..%s", (int)(columns - 2 - end), name,
                 name + size - end);
    }
}

/* "c1/3", and where it says something " try 2"; false: it is of no request that is known. */
static bool row_add_request(struct ladder_row *row, const struct ladder_story *story,
                            const struct trace_record *record, bool with_try)
{
    char name[CLIENT_NAME_MAX + 1];

    if (record->client == TRACE_NOBODY || record->n == 0) {
        return false;
    }
    ladder_row_name(name, story->scenario->nodes[record->client].name, ROW_NAME_MAX);
    row_add(row, "%s/%u", name, record->n);
    if (with_try && record->try > 1) {
        row_add(row, " try %u", record->try);
    }
    return true;
}

/* ---- arrows ---------------------------------------------------------------------------------- */

static bool row_is_reply(const struct ladder_story *story, const struct trace_record *sent)
{
    const struct scenario_node *nodes = story->scenario->nodes;

    return nodes[sent->from].kind == NODE_KIND_SERVER || nodes[sent->to].kind == NODE_KIND_CLIENT;
}

/* What the link changed of it, and what a reply says but 200. */
static void row_add_state(struct ladder_row *row, const struct ladder_story *story,
                          const struct report_flight *flight, const struct trace_record *sent,
                          uint64_t original)
{
    const struct trace_record *first = &story->log->records[original];
    struct wire_message message;

    if (first->form == TRACE_ENVELOPE_REPLY &&
        wire_decode(&message, trace_log_bytes(story->log, original), first->bytes_size) ==
            WIRE_OK &&
        message.code != 200) {
        row_add_after(row, " code %u", message.code);
        row->paint = OUT_WARN;
    }
    if (sent->carriage > 0) {
        row_add_after(row, " again");
    }
    if (sent->event == TRACE_DUPLICATED) {
        row_add_after(row, " copy");
        row->line = LADDER_LINE_COPY;
    }
    if (flight != NULL && ladder_story_is_folded(story, flight)) {
        return; /* why it was not taken says more */
    }
    if (sent->cut > 0) {
        row_add_after(row, " cut short");
        row->paint = OUT_WARN;
    } else if (sent->flip > 0) {
        row_add_after(row, " bit flipped");
        row->paint = OUT_WARN;
    }
}

/* How the flight of record i ends. */
static void row_end_arrow(struct ladder_row *row, const struct ladder_story *story,
                          const struct report_flight *flight, const struct trace_record *sent)
{
    const struct trace_record *records = story->log->records;

    if (flight == NULL || flight->arrived == REPORT_FLIGHT_NONE) {
        row->sign = sent->reason != LOSS_NONE ? LADDER_LOST : LADDER_UNDER_WAY;
        row->paint = sent->reason != LOSS_NONE ? OUT_BAD : OUT_WARN;
        row->reason =
            sent->reason != LOSS_NONE ? loss_reason_name((enum loss_reason)sent->reason) : "";
        return;
    }
    const struct trace_record *arrived = &records[flight->arrived];
    row->sign = LADDER_ARRIVED;
    if (ladder_story_is_folded(story, flight)) {
        row->sign = LADDER_REJECTED;
        row->paint = OUT_WARN;
        row_add_after(row, ", %s",
                      reject_reason_name((enum reject_reason)records[flight->taken].reason));
    }
    if (arrived->t_ns > sent->t_ns) {
        words_span(row->span, arrived->t_ns - sent->t_ns);
    }
}

static void row_make_arrow(struct ladder_row *row, const struct ladder_story *story, uint64_t i)
{
    const struct trace_record *records = story->log->records;
    const struct report_flight *flight = report_flights_of(&story->flights, i);
    uint64_t original = flight != NULL ? flight->original : i;
    const struct trace_record *sent = &records[flight != NULL ? flight->sent : i];

    row->kind = LADDER_ROW_ARROW;
    row->from = sent->from;
    row->to = sent->to;
    row->reply = row_is_reply(story, sent);
    row->line = row->reply ? LADDER_LINE_REPLY : LADDER_LINE;
    if (!row_add_request(row, story, ladder_story_owner(story, i), true)) {
        row_set_payload(row, trace_log_bytes(story->log, original), records[original].bytes_size);
    }
    if (flight == NULL && records[i].event == TRACE_DELIVER) {
        row->sign = LADDER_ARRIVED; /* of unknown origin */
        return;
    }
    row_add_state(row, story, flight, sent, original);
    row_end_arrow(row, story, flight, sent);
}

/* ---- events ---------------------------------------------------------------------------------- */

/* A client's request, as its script has it: "op:text". */
static void row_add_begin(struct ladder_row *row, const uint8_t *bytes, size_t size)
{
    const uint8_t *colon = memchr(bytes, ':', size);
    size_t op_size = colon != NULL ? (size_t)(colon - bytes) : 0;

    if (colon == NULL || !wire_is_op(bytes, op_size)) {
        row_set_payload(row, bytes, size);
        return;
    }
    row_add(row, " %.*s", (int)op_size, (const char *)bytes);
    row_set_payload(row, colon + 1, size - op_size - 1);
}

/* The retry that comes with a timeout; NULL: none. */
static const struct trace_record *row_find_retry(const struct ladder_story *story, uint64_t i)
{
    const struct trace_record *record = &story->log->records[i];
    const struct trace_record *next = record + 1;

    return record->event == TRACE_TIMEOUT && i + 1 < story->log->record_count &&
                   next->event == TRACE_RETRY && next->node == record->node &&
                   next->client == record->client && next->n == record->n &&
                   next->t_ns == record->t_ns
               ? next
               : NULL;
}

/* A timeout, and what is done about it. */
static void row_add_timeout(struct ladder_row *row, const struct trace_record *record,
                            const struct trace_record *retry)
{
    row_add(row, " timeout");
    if (retry != NULL && retry->try > record->try) {
        row_add(row, ", now try %u", retry->try);
    } else if (retry != NULL) {
        row_add(row, ", asks again");
    }
}

static void row_add_end(struct ladder_row *row, const struct trace_record *record,
                        const uint8_t *bytes)
{
    char span[WORDS_MAX];

    words_span(span, record->value_ns);
    if (record->event == TRACE_ANSWERED) {
        row_add(row, " answered");
        row_set_payload(row, bytes, record->bytes_size);
        row_add_after(row, ", %s", span);
        return;
    }
    row_add(row, " failed, %s", outcome_name((enum outcome)record->reason));
    if (record->code != 0) {
        row_add(row, " %u", record->code);
    }
    if (record->try == 0) {
        row_add(row, " before it began");
    } else {
        row_add(row, " after %s", span);
    }
}

/* What happened to a request at a node. */
static void row_make_event(struct ladder_row *row, const struct ladder_story *story, uint64_t i)
{
    const struct trace_record *record = &story->log->records[i];
    const uint8_t *bytes = trace_log_bytes(story->log, i);
    enum trace_event event = (enum trace_event)record->event;
    const struct trace_record *retry = row_find_retry(story, i);
    /* The arrows beside it have the try. */
    bool with_try = event != TRACE_ANSWERED && event != TRACE_FAILED && event != TRACE_RETRY &&
                    (retry == NULL || retry->try == record->try);

    row->kind = LADDER_ROW_EVENT;
    if (!row_add_request(row, story, record, with_try)) {
        row_add(row, "%s", story->scenario->nodes[record->node].name);
    }
    if (event == TRACE_BEGIN) {
        row->sign = LADDER_BEGIN;
        row_add_begin(row, bytes, record->bytes_size);
    } else if (event == TRACE_EXECUTE) {
        row->sign = LADDER_EXECUTE;
        row_add(row, " executed");
        row_set_payload(row, bytes, record->bytes_size);
    } else if (event == TRACE_TIMEOUT) {
        row->sign = LADDER_TIMEOUT;
        row_add_timeout(row, record, retry);
    } else if (event == TRACE_RETRY) {
        row->sign = LADDER_RETRY;
        row_add(row, " retry, now try %u", record->try);
    } else if (event == TRACE_ANSWERED || event == TRACE_FAILED) {
        row->sign = event == TRACE_ANSWERED ? LADDER_ANSWERED : LADDER_FAILED;
        row_add_end(row, record, bytes);
    } else if (event == TRACE_REPLY_ERROR) {
        row->sign = LADDER_ERROR;
        row_add(row, " error reply %u", record->code);
    } else {
        row->sign = LADDER_REJECTED;
        row_add(row, " not taken: %s", reject_reason_name((enum reject_reason)record->reason));
    }
    row->paint =
        event == TRACE_BEGIN || event == TRACE_EXECUTE ? OUT_PLAIN : ladder_sign_paint(row->sign);
}

/* A node's state changes. */
static void row_make_state(struct ladder_row *row, const struct ladder_story *story)
{
    static const struct {
        enum ladder_sign sign;
        const char *words;
    } STATES[TRACE_EVENT_COUNT] = {
        [TRACE_CRASH] = {LADDER_CRASH, "crashes"},
        [TRACE_RESTART] = {LADDER_RESTART, "restarts"},
        [TRACE_PAUSE] = {LADDER_PAUSE, "is paused"},
        [TRACE_RESUME] = {LADDER_RESUME, "goes on"},
    };

    row->kind = LADDER_ROW_EVENT;
    row->sign = STATES[row->event].sign;
    row->paint = ladder_sign_paint(row->sign);
    row_add(row, "%s %s", story->scenario->nodes[row->node].name, STATES[row->event].words);
}

/* ---- bands ----------------------------------------------------------------------------------- */

static void row_make_band(struct ladder_row *row, const struct trace_record *record,
                          const uint8_t *bytes)
{
    size_t room;

    row->kind = LADDER_ROW_BAND;
    row->paint = OUT_BOLD;
    if (record->event == TRACE_FAULT) {
        row_add(row, record->copy == 0 ? "begins: " : "ends: ");
    } else if (record->event == TRACE_NOTE) {
        row_add(row, "note: ");
    } else if (record->event == TRACE_HEAL &&
               (record->bytes_size < 4 || memcmp(bytes, "heal", 4) != 0)) {
        row_add(row, "healed: ");
    }
    room = sizeof row->text - strlen(row->text) - 1;
    row_add(row, "%.*s", (int)(record->bytes_size < room ? record->bytes_size : room),
            (const char *)bytes);
}

void ladder_row_make(struct ladder_row *row, const struct ladder_story *story, uint64_t i)
{
    const struct trace_record *record = &story->log->records[i];

    row->event = (enum trace_event)record->event;
    row->t_ns = record->t_ns;
    row->node = record->node;
    row->from = row->to = TRACE_NOBODY;
    row->paint = OUT_PLAIN;
    row->text[0] = row->span[0] = row->after[0] = '\0';
    row->payload = NULL;
    row->reason = "";
    switch (trace_event_scope(row->event)) {
    case TRACE_OF_DATAGRAM:
        row_make_arrow(row, story, i);
        break;
    case TRACE_OF_NETWORK:
        row_make_band(row, record, trace_log_bytes(story->log, i));
        break;
    case TRACE_OF_NODE:
        row_make_state(row, story);
        break;
    case TRACE_OF_REQUEST:
    case TRACE_OF_TABLE:
        row_make_event(row, story, i);
        break;
    }
}
