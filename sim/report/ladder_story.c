#include <stdlib.h>

#include "report/ladder_parts.h"

/* So many records after its arrival a datagram is said not to be taken, at most, for one row. */
#define STORY_FOLD_MAX 16

const struct trace_record *ladder_story_owner(const struct ladder_story *story, uint64_t i)
{
    const struct trace_record *record = &story->log->records[i];
    const struct report_flight *flight = report_flights_of(&story->flights, i);
    const struct trace_record *next;

    if (flight != NULL) {
        record = &story->log->records[flight->original];
    }
    if (record->n == 0 && flight != NULL && flight->arrived != REPORT_FLIGHT_NONE &&
        flight->arrived + 1 < story->log->record_count) {
        /* The plain form names no request, but the client knows which one it takes it for. */
        next = &story->log->records[flight->arrived + 1];
        if ((next->event == TRACE_ANSWERED || next->event == TRACE_REPLY_ERROR) &&
            next->node == record->to && next->t_ns == next[-1].t_ns) {
            return next;
        }
    }
    return record;
}

/* Whether --only takes in what record i is about: of a datagram, its sending decides where it went,
 * and its owner whose it was. */
static bool story_is_wanted(const struct ladder_story *story, uint64_t i)
{
    const struct report_only *only = story->look->only;
    const struct report_flight *flight = report_flights_of(&story->flights, i);
    struct trace_record record;

    if (only == NULL) {
        return true;
    }
    record = story->log->records[flight != NULL ? flight->original : i];
    record.client = ladder_story_owner(story, i)->client;
    record.n = ladder_story_owner(story, i)->n;
    return report_only_has(only, &record);
}

/* Whether a and b are of the same request at the same node. */
static bool story_is_same(const struct trace_record *a, const struct trace_record *b)
{
    return a->node == b->node && a->client == b->client && a->n == b->n && a->t_ns == b->t_ns;
}

bool ladder_story_is_folded(const struct ladder_story *story, const struct report_flight *flight)
{
    const struct trace_record *records = story->log->records;

    if (flight->arrived == REPORT_FLIGHT_NONE || flight->taken == REPORT_FLIGHT_NONE ||
        flight->taken < flight->arrived || flight->taken - flight->arrived > STORY_FOLD_MAX) {
        return false;
    }
    for (uint64_t i = flight->arrived + 1; i < flight->taken; i++) {
        if (records[i].node == records[flight->taken].node) {
            return false; /* what happened meanwhile may be why */
        }
    }
    return true;
}

/* Whether record i comes right behind another one of the same request and node, an `event`. */
static bool story_follows(const struct ladder_story *story, uint64_t i, enum trace_event event)
{
    const struct trace_record *records = story->log->records;

    return i > 0 && records[i - 1].event == event && story_is_same(&records[i - 1], &records[i]);
}

/* Whether a row before it says what record i says, or, of a datagram that arrives, a later one. */
static bool story_is_told(const struct ladder_story *story, uint64_t i)
{
    const struct report_flight *flight = report_flights_of(&story->flights, i);
    enum trace_event event = (enum trace_event)story->log->records[i].event;

    if (event == TRACE_SEND || event == TRACE_DUPLICATED) { /* where it arrives */
        return flight != NULL && flight->arrived != REPORT_FLIGHT_NONE;
    }
    if (event == TRACE_REJECTED) { /* by its arrow */
        return flight != NULL && ladder_story_is_folded(story, flight);
    }
    /* By the timeout; by the reply's arrow, which has the code. */
    return (event == TRACE_RETRY && story_follows(story, i, TRACE_TIMEOUT)) ||
           (event == TRACE_REPLY_ERROR && story_follows(story, i, TRACE_DELIVER));
}

bool ladder_story_has_row(const struct ladder_story *story, uint64_t i)
{
    enum trace_event event = (enum trace_event)story->log->records[i].event;

    return trace_event_scope(event) != TRACE_OF_TABLE && !story_is_told(story, i) &&
           story_is_wanted(story, i);
}

/* Notes who takes part: whom a datagram leaves or meets, and to whom something happens that has to
 * do with requests. */
static void story_note_nodes(struct ladder_story *story, const struct trace_record *record)
{
    const uint32_t nodes[] = {record->from, record->to, record->node};
    bool of_request = record->client != TRACE_NOBODY || record->from != TRACE_NOBODY;

    for (size_t i = 0; of_request && i < sizeof nodes / sizeof nodes[0]; i++) {
        if (nodes[i] < story->scenario->node_count) {
            story->used[nodes[i] / 64] |= UINT64_C(1) << nodes[i] % 64;
        }
    }
}

bool ladder_story_init(struct ladder_story *story, const struct report_look *look)
{
    *story = (struct ladder_story){.look = look, .scenario = look->run->scenario, .log = look->log};
    story->used = calloc(story->scenario->node_count / 64 + 1, sizeof *story->used);
    if (story->used == NULL || !report_flights_init(&story->flights, look->log)) {
        free(story->used);
        return false;
    }
    for (uint64_t i = 0; i < story->log->record_count; i++) {
        if (ladder_story_has_row(story, i)) {
            const struct trace_record *record = &story->log->records[i];
            story->first_ns = story->row_count == 0 ? record->t_ns : story->first_ns;
            story->last_ns = record->t_ns;
            story->row_count++;
            story_note_nodes(story, record);
        }
    }
    return true;
}

void ladder_story_free(struct ladder_story *story)
{
    report_flights_free(&story->flights);
    free(story->used);
}
