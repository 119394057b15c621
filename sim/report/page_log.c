#include "report/page_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The fates of a datagram, in the order of words.fates. */
enum log_fate { LOG_DELIVERED, LOG_LOST, LOG_IN_FLIGHT, LOG_REJECTED };

/* What a page calls an event; the place in this table is its number there. */
static const struct {
    enum trace_event event;
    const char *word;
} log_events[] = {
    {TRACE_BEGIN, "begin"},         {TRACE_EXECUTE, "execute"},   {TRACE_TIMEOUT, "timeout"},
    {TRACE_RETRY, "retry"},         {TRACE_ANSWERED, "answered"}, {TRACE_FAILED, "failed"},
    {TRACE_REJECTED, "rejected"},   {TRACE_REPLY_ERROR, "error"}, {TRACE_CRASH, "crash"},
    {TRACE_RESTART, "restart"},     {TRACE_PAUSE, "pause"},       {TRACE_RESUME, "resume"},
    {TRACE_PARTITION, "partition"}, {TRACE_HEAL, "heal"},         {TRACE_FAULT, "fault"},
    {TRACE_NOTE, "note"},
};
#define LOG_EVENT_COUNT (sizeof log_events / sizeof log_events[0])

static void log_words(struct page *page)
{
    fputs(",\"words\":{\"fates\":[\"delivered\",\"lost\",\"in flight\",\"rejected\"],"
          "\"reasons\":[",
          page->out);
    for (uint32_t i = 1; i < LOSS_REASON_COUNT; i++) {
        fprintf(page->out, "%s\"%s\"", i > 1 ? "," : "", loss_reason_name((enum loss_reason)i));
    }
    for (uint32_t i = 1; i < REJECT_REASON_COUNT; i++) {
        fprintf(page->out, ",\"%s\"", reject_reason_name((enum reject_reason)i));
    }
    fputs("],\"events\":[", page->out);
    for (size_t i = 0; i < LOG_EVENT_COUNT; i++) {
        fprintf(page->out, "%s\"%s\"", i > 0 ? "," : "", log_events[i].word);
    }
    fputs("]}", page->out);
}

/* A node's number on the page, -1 = it has none. */
static int64_t log_place(const struct page *page, uint32_t node)
{
    uint32_t place = node == TRACE_NOBODY ? PAGE_SAMPLE_NONE : page->sample.places[node];

    return place == PAGE_SAMPLE_NONE ? -1 : (int64_t)place;
}

/* ---- datagrams ------------------------------------------------------------------------------- */

static enum log_fate log_fate(const struct trace_record *sent, const struct report_flight *flight)
{
    return sent->reason != LOSS_NONE               ? LOG_LOST
           : flight->arrived == REPORT_FLIGHT_NONE ? LOG_IN_FLIGHT
           : flight->taken == REPORT_FLIGHT_NONE   ? LOG_DELIVERED
                                                   : LOG_REJECTED;
}

/* Why it was lost or not taken; "" for the others. */
static const char *log_reason(const struct trace_log *log, const struct report_flight *flight)
{
    const struct trace_record *sent = &log->records[flight->sent];

    switch (log_fate(sent, flight)) {
    case LOG_LOST:
        return loss_reason_name((enum loss_reason)sent->reason);
    case LOG_REJECTED:
        return reject_reason_name((enum reject_reason)log->records[flight->taken].reason);
    case LOG_DELIVERED:
    case LOG_IN_FLIGHT:
        break;
    }
    return "";
}

static const char *log_kind(const struct trace_record *sent)
{
    switch ((enum trace_form)sent->form) {
    case TRACE_ENVELOPE_REQUEST:
        return "request";
    case TRACE_ENVELOPE_REPLY:
        return "reply";
    case TRACE_PLAIN:
        return "plain";
    case TRACE_RAW:
    case TRACE_DAMAGED:
        break;
    }
    return "raw";
}

static void log_datagram(struct page *page, const struct report_flight *flight)
{
    const struct trace_log *log = page->look->log;
    const struct trace_record *sent = &log->records[flight->sent];
    bool arrived = flight->arrived != REPORT_FLIGHT_NONE;
    FILE *out = page->out;

    fprintf(out, "[%" PRIu64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%u,%u,%u,%u,%u,%" PRIu64,
            sent->t_ns, log_place(page, sent->from), log_place(page, sent->to),
            log_place(page, sent->client), sent->n, sent->try, sent->copy, sent->carriage,
            sent->size, sent->due_ns);
    fprintf(out, ",%" PRId64 ",%d,\"%s\",\"%s\",",
            arrived ? (int64_t)log->records[flight->arrived].t_ns : -1, (int)log_fate(sent, flight),
            log_reason(log, flight), log_kind(sent));
    fprintf(out, sent->id == 0 ? "\"\"," : "\"%016" PRIx64 "\",", sent->id);
    page_put_octets(page, trace_log_bytes(log, flight->original),
                    log->records[flight->original].bytes_size);
    if (trace_is_damaged(sent)) {
        fprintf(out, ",{\"bit\":%d,\"cut\":%u}", (int)sent->flip - 1, sent->cut);
    } else {
        fputs(",null", out);
    }
    fprintf(out, ",%" PRIu64 ",%" PRId64 "]", flight->sent,
            arrived ? (int64_t)flight->arrived : -1);
}

static void log_datagrams(struct page *page)
{
    bool first = true;

    fputs(",\"datagrams\":[", page->out);
    for (uint64_t i = 0; i < page->flights.count; i++) {
        if (page->sample.shown[i]) {
            fputs(first ? "\n" : ",\n", page->out);
            log_datagram(page, &page->flights.items[i]);
            first = false;
        }
    }
    fputs("]", page->out);
}

/* ---- events ---------------------------------------------------------------------------------- */

/* Words that came as bytes beside a record, behind a prefix. */
static void log_put_rule(struct page *page, const char *prefix, const uint8_t *bytes, size_t size)
{
    size_t prefix_size = strlen(prefix);
    char *text = malloc(prefix_size + size + 1);

    if (text == NULL) {
        page->failed = true;
        return;
    }
    memcpy(text, prefix, prefix_size);
    memcpy(text + prefix_size, bytes, size);
    text[prefix_size + size] = '\0';
    page_put_words(page, text);
    free(text);
}

static void log_put_outcome(struct page *page, const struct trace_record *record)
{
    fprintf(page->out, "\"%s", outcome_name((enum outcome)record->reason));
    if (record->code != 0) {
        fprintf(page->out, " %u", record->code);
    }
    fputs("\"", page->out);
}

static void log_put_detail(struct page *page, const struct trace_record *record,
                           const uint8_t *bytes)
{
    switch ((enum trace_event)record->event) {
    case TRACE_BEGIN:
    case TRACE_EXECUTE:
    case TRACE_ANSWERED:
        page_put_octets(page, bytes, record->bytes_size);
        break;
    case TRACE_FAILED:
        log_put_outcome(page, record);
        break;
    case TRACE_REPLY_ERROR:
        fprintf(page->out, "\"%u\"", record->code);
        break;
    case TRACE_REJECTED:
        fprintf(page->out, "\"%s\"", reject_reason_name((enum reject_reason)record->reason));
        break;
    case TRACE_FAULT:
        log_put_rule(page, record->copy == 0 ? "begins: " : "ends: ", bytes, record->bytes_size);
        break;
    case TRACE_NOTE:
    case TRACE_PARTITION:
    case TRACE_HEAL:
        log_put_rule(page, "", bytes, record->bytes_size);
        break;
    case TRACE_TIMEOUT:
    case TRACE_RETRY:
    case TRACE_CRASH:
    case TRACE_RESTART:
    case TRACE_PAUSE:
    case TRACE_RESUME:
    case TRACE_SEND:
    case TRACE_DUPLICATED:
    case TRACE_DELIVER:
    case TRACE_ENTRY_OPENED:
    case TRACE_ENTRY_CLOSED:
    case TRACE_EVENT_COUNT:
        fputs("\"\"", page->out);
        break;
    }
}

/* Whether it happened to the network as a whole. */
static bool log_is_of_network(const struct trace_record *record)
{
    return trace_event_scope((enum trace_event)record->event) == TRACE_OF_NETWORK;
}

static void log_event(struct page *page, size_t number, uint64_t i)
{
    const struct trace_record *record = &page->look->log->records[i];
    uint32_t node = log_is_of_network(record) ? TRACE_NOBODY : record->node;

    fprintf(page->out, "[%" PRIu64 ",%zu,%" PRId64 ",%" PRId64 ",%u,%u,", record->t_ns, number,
            log_place(page, node), log_place(page, record->client), record->n, record->try);
    log_put_detail(page, record, trace_log_bytes(page->look->log, i));
    fprintf(page->out, ",%" PRIu64 "]", i);
}

/* Whether the node where it happened is on the page, or there is none. */
static bool log_event_has_place(const struct page *page, const struct trace_record *record)
{
    return log_is_of_network(record) || page->sample.places[record->node] != PAGE_SAMPLE_NONE;
}

static void log_all_events(struct page *page)
{
    const struct trace_log *log = page->look->log;
    size_t numbers[TRACE_EVENT_COUNT];
    bool first = true;

    for (size_t i = 0; i < TRACE_EVENT_COUNT; i++) {
        numbers[i] = LOG_EVENT_COUNT;
    }
    for (size_t i = 0; i < LOG_EVENT_COUNT; i++) {
        numbers[log_events[i].event] = i;
    }
    fputs(",\"events\":[", page->out);
    for (uint64_t i = 0; i < log->record_count; i++) {
        size_t number = numbers[log->records[i].event];
        if (number < LOG_EVENT_COUNT && page_sample_has_event(&page->sample, i) &&
            log_event_has_place(page, &log->records[i])) {
            fputs(first ? "\n" : ",\n", page->out);
            log_event(page, number, i);
            first = false;
        }
    }
    fputs("]", page->out);
}

void page_log(struct page *page)
{
    log_words(page);
    log_datagrams(page);
    log_all_events(page);
}
