#include "report/report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"

/* The longest line: a datagram's bytes, each as \u00XX, and everything else. */
#define EVENTS_LINE_MAX (6 * (WIRE_DATAGRAM_MAX + 1) + 1024)

struct events_line {
    char bytes[EVENTS_LINE_MAX];
    size_t size;
};

/* ---- values: at run speed, hence by hand ----------------------------------------------------- */

static void events_put(struct events_line *line, const char *text)
{
    size_t size = strlen(text);
    memcpy(line->bytes + line->size, text, size);
    line->size += size;
}

static void events_put_number(struct events_line *line, uint64_t number)
{
    char digits[20];
    size_t first = sizeof digits;

    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    memcpy(line->bytes + line->size, digits + first, sizeof digits - first);
    line->size += sizeof digits - first;
}

/* Printable ASCII as it is, but for what JSON reserves; all else as \u00XX. */
static void events_put_octets(struct events_line *line, const uint8_t *octets, size_t size)
{
    static const char hex[] = "0123456789ABCDEF";
    char *at = line->bytes + line->size;

    for (size_t i = 0; i < size; i++) {
        if (octets[i] == '"' || octets[i] == '\\') {
            *at++ = '\\';
            *at++ = (char)octets[i];
        } else if (bytes_is_printable(octets[i])) {
            *at++ = (char)octets[i];
        } else {
            memcpy(at, "\\u00", 4);
            at[4] = hex[octets[i] >> 4];
            at[5] = hex[octets[i] & 15];
            at += 6;
        }
    }
    line->size = (size_t)(at - line->bytes);
}

/* ,"KEY": */
static void events_key(struct events_line *line, const char *key)
{
    events_put(line, ",\"");
    events_put(line, key);
    events_put(line, "\":");
}

static void events_number(struct events_line *line, const char *key, uint64_t number)
{
    events_key(line, key);
    events_put_number(line, number);
}

static void events_word(struct events_line *line, const char *key, const char *word)
{
    events_key(line, key);
    events_put(line, "\"");
    events_put_octets(line, (const uint8_t *)word, strlen(word));
    events_put(line, "\"");
}

static void events_id(struct events_line *line, uint64_t id)
{
    static const char hex[] = "0123456789abcdef";

    if (id == 0) {
        return;
    }
    events_key(line, "id");
    events_put(line, "\"");
    for (int shift = 60; shift >= 0; shift -= 4) {
        line->bytes[line->size++] = hex[id >> shift & 15];
    }
    events_put(line, "\"");
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Time, node, event, the datagram's way and whose request it is. */
static void events_begin(struct events_line *line, const struct scenario *scenario,
                         const struct trace_record *record, const char *event)
{
    bool run = record->event == TRACE_FAULT || record->event == TRACE_NOTE;

    line->size = 0;
    events_put(line, "{\"t_ns\":");
    events_put_number(line, record->t_ns);
    events_word(line, "node", run ? "network" : scenario->nodes[record->node].name);
    events_word(line, "event", event);
    if (record->from != TRACE_NOBODY) {
        events_word(line, "from", scenario->nodes[record->from].name);
    }
    if (record->to != TRACE_NOBODY) {
        events_word(line, "to", scenario->nodes[record->to].name);
    }
    if (record->client != TRACE_NOBODY) {
        events_word(line, "client", scenario->nodes[record->client].name);
    }
    if (record->n != 0) {
        events_number(line, "n", record->n);
    }
    if (record->try != 0) {
        events_number(line, "try", record->try);
    }
    events_id(line, record->id);
}

static void events_text(struct events_line *line, const struct trace_record *record,
                        const uint8_t *bytes)
{
    size_t size = record->bytes_size <= WIRE_DATAGRAM_MAX ? record->bytes_size : WIRE_DATAGRAM_MAX;

    events_key(line, "text");
    events_put(line, "\"");
    events_put_octets(line, bytes, size);
    events_put(line, "\"");
}

static void events_end(struct report_events *events, struct events_line *line)
{
    events_put(line, "}\n");
    if (!events->failed && fwrite(line->bytes, 1, line->size, events->out) != line->size) {
        events->failed = true;
        events->error = errno;
    }
}

/* What the link changed of a copy. `size`: what is left; `bit`: the flipped one, from 0. */
static void events_damage(struct report_events *events, struct events_line *line,
                          const struct trace_record *record)
{
    events_begin(line, events->scenario, record, "corrupted");
    events_number(line, "copy", record->copy);
    events_number(line, "carriage", record->carriage);
    events_number(line, "size", (uint64_t)record->size - record->cut);
    events_word(line, "reason", record->cut > 0 ? "truncate" : "corrupt");
    if (record->flip > 0) {
        events_number(line, "bit", record->flip - 1u);
    }
    events_end(events, line);
}

/* A datagram, or one more copy of it, and what its link did to it. */
static void events_sent(struct report_events *events, struct events_line *line,
                        const struct trace_record *record, const uint8_t *bytes)
{
    const struct scenario *scenario = events->scenario;
    bool original = record->event == TRACE_SEND;

    events_begin(line, scenario, record, original ? "send" : "duplicated");
    events_number(line, "copy", record->copy);
    events_number(line, "carriage", record->carriage);
    events_number(line, "size", record->size);
    if (original) {
        events_text(line, record, bytes);
    }
    events_end(events, line);
    if (trace_is_damaged(record)) {
        events_damage(events, line, record);
    }
    if (record->reason != LOSS_NONE) {
        events_begin(line, scenario, record, "lost");
    } else if (record->due_ns > record->t_ns) {
        events_begin(line, scenario, record, "delayed");
    } else {
        return;
    }
    events_number(line, "copy", record->copy);
    events_number(line, "carriage", record->carriage);
    events_number(line, "size", record->size);
    if (record->reason != LOSS_NONE) {
        events_word(line, "reason", loss_reason_name((enum loss_reason)record->reason));
    } else {
        events_number(line, "due_ns", record->due_ns);
    }
    events_end(events, line);
}

/* An event that is one line. */
static void events_plain(struct report_events *events, struct events_line *line,
                         const struct trace_record *record, const uint8_t *bytes)
{
    enum trace_event event = (enum trace_event)record->event;
    char reason[16];

    events_begin(line, events->scenario, record, trace_event_name(event));
    switch (event) {
    case TRACE_BEGIN:
        events_number(line, "due_ns", record->due_ns);
        events_text(line, record, bytes);
        break;
    case TRACE_DELIVER:
        events_number(line, "size", record->size);
        break;
    case TRACE_EXECUTE:
    case TRACE_NOTE:
    case TRACE_PARTITION:
    case TRACE_HEAL:
        events_text(line, record, bytes);
        break;
    case TRACE_TIMEOUT:
        events_number(line, "due_ns", record->due_ns);
        break;
    case TRACE_ANSWERED:
        events_number(line, "latency_ns", record->value_ns);
        events_text(line, record, bytes);
        break;
    case TRACE_FAILED:
        events_word(line, "reason", outcome_name((enum outcome)record->reason));
        if (record->code != 0) {
            events_number(line, "code", record->code);
        }
        break;
    case TRACE_REPLY_ERROR:
        snprintf(reason, sizeof reason, "code %u", record->code);
        events_word(line, "reason", reason);
        events_number(line, "code", record->code);
        break;
    case TRACE_REJECTED:
        events_word(line, "reason", reject_reason_name((enum reject_reason)record->reason));
        break;
    case TRACE_FAULT:
        events_word(line, "reason", record->copy == 0 ? "begins" : "ends");
        events_text(line, record, bytes);
        break;
    case TRACE_RETRY:
    case TRACE_CRASH:
    case TRACE_RESTART:
    case TRACE_PAUSE:
    case TRACE_RESUME:
    case TRACE_SEND:
    case TRACE_DUPLICATED:
    case TRACE_ENTRY_OPENED:
    case TRACE_ENTRY_CLOSED:
    case TRACE_EVENT_COUNT:
        break;
    }
    events_end(events, line);
}

void report_events_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct report_events *events = context;
    struct events_line line;

    if (record->event == TRACE_SEND || record->event == TRACE_DUPLICATED) {
        events_sent(events, &line, record, bytes);
    } else if (trace_event_scope((enum trace_event)record->event) != TRACE_OF_TABLE) {
        events_plain(events, &line, record, bytes);
    }
}
