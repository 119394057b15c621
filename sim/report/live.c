#include "report/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "report/out.h"
#include "report/words.h"

/* Columns of a line: time, node, event, request, link, the rest. */
#define LIVE_TIME_END      12
#define LIVE_NODE          14
#define LIVE_EVENT_WIDTH   13 /* sign and word */
#define LIVE_REQUEST_EXTRA 13 /* "/12345 try 12" beside the client's name */
#define LIVE_TEXT_MAX      40 /* bytes of a payload's escaped form */

/* How an event looks. */
struct live_look {
    const char *sign;  /* with Unicode */
    const char *ascii; /* without */
    const char *word;
    enum out_paint paint;
};

static struct live_look live_look(const struct trace_record *record)
{
    bool lost = record->reason != LOSS_NONE;

    switch ((enum trace_event)record->event) {
    case TRACE_BEGIN:
        return (struct live_look){"●", "*", "begin", OUT_BOLD};
    case TRACE_SEND:
        return lost ? (struct live_look){"✗", "x", "lost", OUT_BAD}
                    : (struct live_look){"→", ">", "send", OUT_PLAIN};
    case TRACE_DUPLICATED:
        return lost ? (struct live_look){"✗", "x", "lost", OUT_BAD}
                    : (struct live_look){"⇉", "+", "duplicated", OUT_WARN};
    case TRACE_DELIVER:
        return (struct live_look){"←", "<", "deliver", OUT_DIM};
    case TRACE_EXECUTE:
        return (struct live_look){"◆", "#", "execute", OUT_PLAIN};
    case TRACE_TIMEOUT:
        return (struct live_look){"!", "!", "timeout", OUT_WARN};
    case TRACE_RETRY:
        return (struct live_look){"↻", "~", "retry", OUT_WARN};
    case TRACE_ANSWERED:
        return (struct live_look){"✓", "=", "answered", OUT_GOOD};
    case TRACE_FAILED:
        return (struct live_look){"✗", "X", "failed", OUT_BAD};
    case TRACE_REPLY_ERROR:
        return (struct live_look){"!", "!", "error", OUT_WARN};
    case TRACE_REJECTED:
        return (struct live_look){"⊘", "-", "rejected", OUT_DIM};
    case TRACE_FAULT:
        return (struct live_look){"▲", "@", "fault", OUT_WARN};
    case TRACE_NOTE:
        return (struct live_look){"▲", "@", "note", OUT_BOLD};
    case TRACE_PARTITION:
        return (struct live_look){"▲", "@", "partition", OUT_WARN};
    case TRACE_HEAL:
        return (struct live_look){"▲", "@", "heal", OUT_GOOD};
    case TRACE_CRASH:
        return (struct live_look){"▲", "@", "crash", OUT_BAD};
    case TRACE_RESTART:
        return (struct live_look){"▲", "@", "restart", OUT_GOOD};
    case TRACE_PAUSE:
        return (struct live_look){"▲", "@", "pause", OUT_WARN};
    case TRACE_RESUME:
        return (struct live_look){"▲", "@", "resume", OUT_GOOD};
    case TRACE_ENTRY_OPENED:
    case TRACE_ENTRY_CLOSED:
    case TRACE_EVENT_COUNT:
        break;
    }
    return (struct live_look){NULL, NULL, NULL, OUT_PLAIN};
}

static void live_measure_names(struct report_live *live)
{
    live->name_width = 1;
    for (uint32_t i = 0; i < live->scenario->node_count; i++) {
        uint32_t width = (uint32_t)strlen(live->scenario->nodes[i].name);
        live->name_width = width > live->name_width ? width : live->name_width;
    }
}

/* A payload, escaped, cut, in quotes. */
static void live_text(struct out *out, const struct trace_record *record, const uint8_t *bytes)
{
    char text[LIVE_TEXT_MAX];

    bytes_escape(text, sizeof text, bytes, record->bytes_size);
    out_format(out, "\"%s\"", text);
}

/* What the link does with a datagram or a copy: "(loss)", "takes 2.31 ms, bit flipped". */
static void live_fate(struct out *out, const struct trace_record *record)
{
    const char *between = "";
    char span[WORDS_MAX];

    if (record->reason != LOSS_NONE) {
        out_format(out, "(%s%s)", record->copy > 0 ? "a copy: " : "",
                   loss_reason_name((enum loss_reason)record->reason));
        return;
    }
    if (record->due_ns > record->t_ns) {
        words_span(span, record->due_ns - record->t_ns);
        out_format(out, "takes %s", span);
        between = ", ";
    }
    if (record->cut > 0) {
        out_format(out, "%scut short", between);
        between = ", ";
    }
    if (record->flip > 0) {
        out_format(out, "%sbit flipped", between);
    }
}

/* What there is to say at the end of the line. */
static void live_detail(struct out *out, const struct trace_record *record, const uint8_t *bytes)
{
    char span[WORDS_MAX];

    switch ((enum trace_event)record->event) {
    case TRACE_SEND:
    case TRACE_DUPLICATED:
        live_fate(out, record);
        break;
    case TRACE_BEGIN:
    case TRACE_EXECUTE:
    case TRACE_NOTE:
    case TRACE_PARTITION:
    case TRACE_HEAL:
        live_text(out, record, bytes);
        break;
    case TRACE_ANSWERED:
        live_text(out, record, bytes);
        words_span(span, record->value_ns);
        out_format(out, " after %s", span);
        break;
    case TRACE_FAILED:
        words_span(span, record->value_ns);
        out_text(out, outcome_name((enum outcome)record->reason));
        if (record->code != 0) {
            out_format(out, " %u", record->code);
        }
        if (record->try == 0) {
            out_text(out, " before it began");
        } else {
            out_format(out, " after %s", span);
        }
        break;
    case TRACE_REPLY_ERROR:
        out_format(out, "(code %u)", record->code);
        break;
    case TRACE_REJECTED:
        out_format(out, "(%s)", reject_reason_name((enum reject_reason)record->reason));
        break;
    case TRACE_FAULT:
        out_text(out, record->copy == 0 ? "begins: " : "ends: ");
        live_text(out, record, bytes);
        break;
    case TRACE_DELIVER:
    case TRACE_TIMEOUT:
    case TRACE_RETRY:
    case TRACE_CRASH:
    case TRACE_RESTART:
    case TRACE_PAUSE:
    case TRACE_RESUME:
    case TRACE_ENTRY_OPENED:
    case TRACE_ENTRY_CLOSED:
    case TRACE_EVENT_COUNT:
        break;
    }
}

/* "c1/3 try 1  c1 -> broker" */
static void live_subject(struct out *out, const struct report_live *live,
                         const struct trace_record *record)
{
    const struct scenario_node *nodes = live->scenario->nodes;
    unsigned column = LIVE_NODE + live->name_width + 2 + LIVE_EVENT_WIDTH;

    out_pad_to(out, column);
    if (record->client != TRACE_NOBODY && record->n != 0) {
        out_format(out, "%s/%u", nodes[record->client].name, record->n);
        if (record->try != 0) {
            out_format(out, " try %u", record->try);
        }
    }
    column += live->name_width + LIVE_REQUEST_EXTRA;
    if (record->from != TRACE_NOBODY && record->to != TRACE_NOBODY) {
        out_pad_to(out, column);
        out_format(out, "  %s -> %s", nodes[record->from].name, nodes[record->to].name);
        out_pad_to(out, column + 2 + live->name_width + 4 + (unsigned)strlen("broker"));
    } else {
        out_pad_to(out, column);
    }
}

void report_live_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct report_live *live = context;
    struct live_look look = live_look(record);
    bool run = trace_event_scope((enum trace_event)record->event) == TRACE_OF_NETWORK;
    struct out out;
    char time[WORDS_MAX];

    if (look.word == NULL) {
        return;
    }
    if (live->name_width == 0) {
        live_measure_names(live);
    }
    out_init(&out, live->out, &live->style);
    snprintf(time, sizeof time, "%" PRIu64 ".%03" PRIu64 " ms", record->t_ns / NS_PER_MS,
             record->t_ns % NS_PER_MS / NS_PER_US);
    out_right_to(&out, LIVE_TIME_END, time);
    out_pad_to(&out, LIVE_NODE);
    out_text(&out, run ? "network" : live->scenario->nodes[record->node].name);
    out_pad_to(&out, LIVE_NODE + live->name_width + 2);
    out_paint(&out, look.paint);
    out_format(&out, "%s %s", live->style.unicode ? look.sign : look.ascii, look.word);
    out_paint(&out, OUT_PLAIN);
    live_subject(&out, live, record);
    out_pad_to(&out, out.column + 2);
    live_detail(&out, record, bytes);
    out_line(&out);
}
