#include "report/why_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "protocol/code.h"
#include "protocol/wire.h"

/* What came to a node last: whatever it sends in the same step comes of that. */
struct why_arrival {
    uint64_t t_ns;
    uint32_t leg; /* WHY_NONE: of another request, or a timer has fired since */
};

/* A plain request is a new one for the broker each time: the ids it has given to its tries. */
struct why_alias {
    uint64_t id;
    uint8_t try;
};

struct why_gathering {
    struct why_story *story;
    struct why_arrival *arrivals; /* owned; of each node */
    struct why_alias aliases[WIRE_TRY_MAX];
    uint32_t alias_count;
    bool failed; /* no memory */
};

/* ---- lists ----------------------------------------------------------------------------------- */

static void gather_add_record(struct why_gathering *gathering, struct why_records *records,
                              const struct trace_record *record)
{
    if (records->count == records->capacity) {
        void *grown = array_grow(records->items, &records->capacity, sizeof *records->items, 32);
        if (grown == NULL) {
            gathering->failed = true;
            return;
        }
        records->items = grown;
    }
    records->items[records->count++] = record;
}

static void gather_add_leg(struct why_gathering *gathering, const struct why_leg *leg)
{
    struct why_story *story = gathering->story;

    if (story->leg_count == story->leg_capacity) {
        void *grown = array_grow(story->legs, &story->leg_capacity, sizeof *story->legs, 32);
        if (grown == NULL) {
            gathering->failed = true;
            return;
        }
        story->legs = grown;
    }
    if (leg->cause != WHY_NONE && story->legs[leg->cause].next == WHY_NONE) {
        story->legs[leg->cause].next = story->leg_count;
    }
    story->legs[story->leg_count++] = *leg;
}

/* The leg of a flight: flights, and so legs, are in the order in which they were sent. */
static uint32_t gather_find_leg(const struct why_story *story, const struct report_flight *flight)
{
    uint32_t low = 0;
    uint32_t high = story->leg_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (story->legs[middle].flight < flight) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < story->leg_count && story->legs[low].flight == flight ? low : WHY_NONE;
}

/* ---- whose it is ----------------------------------------------------------------------------- */

static const struct why_alias *gather_alias(const struct why_gathering *gathering, uint64_t id)
{
    for (uint32_t i = 0; id != 0 && i < gathering->alias_count; i++) {
        if (gathering->aliases[i].id == id) {
            return &gathering->aliases[i];
        }
    }
    return NULL;
}

/* Whether a record names the request, or an id that stands for it. */
static bool gather_names_it(const struct why_gathering *gathering,
                            const struct trace_record *record)
{
    const struct why_story *story = gathering->story;

    return (record->client == story->client && record->n == story->n) ||
           (record->n == 0 && gather_alias(gathering, record->id) != NULL);
}

/* The client's try that a record is about. */
static uint8_t gather_try(const struct why_gathering *gathering, const struct trace_record *record)
{
    const struct why_alias *alias = record->n == 0 ? gather_alias(gathering, record->id) : NULL;

    if (alias != NULL) {
        return alias->try;
    }
    return record->try;
}

/* The code of a reply, from its bytes. */
static uint16_t gather_code(const struct why_gathering *gathering, uint64_t i)
{
    const struct trace_log *log = gathering->story->log;
    const struct trace_record *record = &log->records[i];
    const uint8_t *bytes = trace_log_bytes(log, i);
    struct wire_message message;

    if (record->form == TRACE_PLAIN) {
        return wire_is_plain_error(bytes, record->bytes_size) ? CODE_SERVER_FAILED : CODE_OK;
    }
    if (record->form != TRACE_ENVELOPE_REPLY ||
        wire_decode(&message, bytes, record->bytes_size) != WIRE_OK) {
        return CODE_NONE;
    }
    return (uint16_t)message.code;
}

/* ---- at the server --------------------------------------------------------------------------- */

/* What waits at the server of this try: of those that it has executed (or has not), and not yet
 * answered, the one that came first (or last). */
static uint32_t gather_waiting(const struct why_story *story, uint32_t server, unsigned try,
                               bool executed, bool last)
{
    uint32_t found = WHY_NONE;

    for (uint32_t i = 0; i < story->leg_count; i++) {
        const struct why_leg *leg = &story->legs[i];
        if (leg->arrived == NULL || leg->sent->to != server || leg->try != try ||
            leg->rejected != NULL || leg->gone != NULL || leg->next != WHY_NONE ||
            (leg->executed != NULL) != executed) {
            continue;
        }
        if (found == WHY_NONE || (leg->arrived > story->legs[found].arrived) == last) {
            found = i;
        }
    }
    return found;
}

static void gather_execute(struct why_gathering *gathering, const struct trace_record *record)
{
    struct why_story *story = gathering->story;
    uint32_t leg = gather_waiting(story, record->node, gather_try(gathering, record), false, false);

    story->executions++;
    if (leg != WHY_NONE) {
        story->legs[leg].executed = record;
        story->legs[leg].execution = story->executions;
    }
}

/* A server's reply: an answer is to what it has executed, "busy" to what came last, another refusal
 * to what waits longest. */
static uint32_t gather_answered_by(const struct why_gathering *gathering,
                                   const struct trace_record *record, unsigned code)
{
    bool executed = code == CODE_OK || code == CODE_SERVER_FAILED;

    return gather_waiting(gathering->story, record->node, gather_try(gathering, record), executed,
                          code == CODE_BUSY);
}

/* A node loses what it knew. */
static void gather_crash(struct why_story *story, const struct trace_record *record)
{
    for (uint32_t i = 0; i < story->leg_count; i++) {
        struct why_leg *leg = &story->legs[i];
        if (leg->arrived != NULL && leg->sent->to == record->node && leg->next == WHY_NONE &&
            leg->gone == NULL && leg->rejected == NULL) {
            leg->gone = record;
        }
    }
}

/* ---- records --------------------------------------------------------------------------------- */

/* The leg whose arrival at the sender brought this SEND about; WHY_NONE: nothing of the request
 * has. */
static uint32_t gather_cause(const struct why_gathering *gathering, uint64_t i, unsigned code)
{
    const struct why_story *story = gathering->story;
    const struct trace_record *record = &story->log->records[i];
    const struct why_arrival *arrival = &gathering->arrivals[record->node];

    if (record->node == story->client) {
        return WHY_NONE;
    }
    if (record->node != NODE_BROKER) {
        return gather_answered_by(gathering, record, code);
    }
    return arrival->t_ns == record->t_ns ? arrival->leg : WHY_NONE;
}

/* Whether the broker makes a plain request of this client its own with this SEND, or answers one.
 */
static bool gather_is_alias(const struct why_gathering *gathering,
                            const struct trace_record *record, uint32_t cause)
{
    const struct why_story *story = gathering->story;

    if (record->n != 0 || cause == WHY_NONE || record->node != NODE_BROKER) {
        return false;
    }
    return record->to == story->client || story->legs[cause].sent->node == story->client;
}

static void gather_send(struct why_gathering *gathering, uint64_t i)
{
    struct why_story *story = gathering->story;
    const struct trace_record *record = &story->log->records[i];
    bool named = gather_names_it(gathering, record) && record->form != TRACE_RAW;

    if (!named && record->node != NODE_BROKER) {
        return;
    }
    uint16_t code = record->node == story->client ? CODE_NONE : gather_code(gathering, i);
    uint32_t cause = gather_cause(gathering, i, code);
    if (!named && !gather_is_alias(gathering, record, cause)) {
        return;
    }
    struct why_leg leg = {.flight = report_flights_of(&story->flights, i),
                          .sent = record,
                          .cause = cause,
                          .next = WHY_NONE,
                          .code = code,
                          .try = gather_try(gathering, record)};
    if (!named) {
        leg.try = story->legs[cause].try;
        if (record->id != 0 && gathering->alias_count < WIRE_TRY_MAX) {
            gathering->aliases[gathering->alias_count++] = (struct why_alias){record->id, leg.try};
        }
    }
    if (record->node == story->client && leg.try > story->tries) {
        story->tries = leg.try;
    }
    gather_add_leg(gathering, &leg);
}

static void gather_copy(struct why_gathering *gathering, uint64_t i)
{
    struct why_story *story = gathering->story;
    const struct report_flight *flight = report_flights_of(&story->flights, i);
    const struct report_flight *original = report_flights_of(&story->flights, flight->original);
    uint32_t leg = gather_find_leg(story, original);

    if (leg != WHY_NONE) {
        struct why_leg copy = {.flight = flight,
                               .sent = &story->log->records[i],
                               .cause = WHY_NONE,
                               .next = WHY_NONE,
                               .code = story->legs[leg].code,
                               .try = story->legs[leg].try};
        gather_add_leg(gathering, &copy);
    }
}

static void gather_deliver(struct why_gathering *gathering, uint64_t i)
{
    struct why_story *story = gathering->story;
    const struct trace_record *record = &story->log->records[i];
    const struct report_flight *flight = report_flights_of(&story->flights, i);
    uint32_t leg = flight == NULL ? WHY_NONE : gather_find_leg(story, flight);

    gathering->arrivals[record->node] = (struct why_arrival){record->t_ns, leg};
    if (leg != WHY_NONE) {
        story->legs[leg].arrived = record;
    }
}

static void gather_reject(struct why_story *story, uint64_t i)
{
    const struct report_flight *flight = report_flights_of(&story->flights, i);
    uint32_t leg = flight == NULL ? WHY_NONE : gather_find_leg(story, flight);

    if (leg != WHY_NONE) {
        story->legs[leg].rejected = &story->log->records[i];
    }
}

/* What the client made of what came to it last. In the plain form it may have made something of it
 * for another request. */
static void gather_outcome(struct why_gathering *gathering, const struct trace_record *record)
{
    struct why_story *story = gathering->story;
    const struct why_arrival *arrival = &gathering->arrivals[record->node];

    bool settles = record->event == TRACE_ANSWERED || record->event == TRACE_FAILED ||
                   record->event == TRACE_REPLY_ERROR;

    if (settles && arrival->leg != WHY_NONE && arrival->t_ns == record->t_ns &&
        story->legs[arrival->leg].outcome == NULL) {
        story->legs[arrival->leg].outcome = record;
    }
}

/* A record of the request that is no datagram's. */
static void gather_note(struct why_gathering *gathering, const struct trace_record *record)
{
    struct why_story *story = gathering->story;
    bool ours = record->node == story->client;

    switch ((enum trace_event)record->event) {
    case TRACE_BEGIN:
        story->began = ours ? record : story->began;
        break;
    case TRACE_EXECUTE:
        gather_execute(gathering, record);
        break;
    case TRACE_ANSWERED:
    case TRACE_FAILED:
        gather_outcome(gathering, record);
        story->ended = ours ? record : story->ended;
        break;
    case TRACE_REPLY_ERROR:
        gather_outcome(gathering, record);
        gather_add_record(gathering, &story->notes, record);
        break;
    case TRACE_TIMEOUT:
    case TRACE_RETRY:
        gather_add_record(gathering, &story->notes, record);
        break;
    case TRACE_ENTRY_CLOSED:
        gather_add_record(gathering, &story->closed, record);
        break;
    case TRACE_SEND:
    case TRACE_DUPLICATED:
    case TRACE_DELIVER:
    case TRACE_REJECTED:
    case TRACE_ENTRY_OPENED:
    case TRACE_FAULT:
    case TRACE_NOTE:
    case TRACE_PARTITION:
    case TRACE_HEAL:
    case TRACE_CRASH:
    case TRACE_RESTART:
    case TRACE_PAUSE:
    case TRACE_RESUME:
    case TRACE_EVENT_COUNT:
        break;
    }
}

static void gather_record(struct why_gathering *gathering, uint64_t i)
{
    struct why_story *story = gathering->story;
    const struct trace_record *record = &story->log->records[i];

    switch ((enum trace_event)record->event) {
    case TRACE_SEND:
        gather_send(gathering, i);
        return;
    case TRACE_DUPLICATED:
        gather_copy(gathering, i);
        return;
    case TRACE_DELIVER:
        gather_deliver(gathering, i);
        return;
    case TRACE_REJECTED:
        gather_reject(story, i);
        return;
    case TRACE_CRASH:
    case TRACE_RESTART:
        gather_crash(story, record);
        gather_add_record(gathering, &story->events, record);
        return;
    case TRACE_FAULT:
    case TRACE_PARTITION:
    case TRACE_HEAL:
    case TRACE_PAUSE:
    case TRACE_RESUME:
        gather_add_record(gathering, &story->events, record);
        return;
    case TRACE_TIMEOUT: /* what is sent now comes of the timer */
        gathering->arrivals[record->node].leg = WHY_NONE;
        break;
    case TRACE_BEGIN:
    case TRACE_EXECUTE:
    case TRACE_RETRY:
    case TRACE_ANSWERED:
    case TRACE_FAILED:
    case TRACE_REPLY_ERROR:
    case TRACE_ENTRY_OPENED:
    case TRACE_ENTRY_CLOSED:
    case TRACE_NOTE:
    case TRACE_EVENT_COUNT:
        break;
    }
    if (gather_names_it(gathering, record)) {
        gather_note(gathering, record);
    } else if (record->node == story->client) {
        gather_outcome(gathering, record); /* taken for the reply to another request */
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* The server of the request's operation. */
static uint32_t gather_server(const struct why_story *story)
{
    const char *name = words_request_op(story->scenario, story->client, story->n);

    for (uint32_t i = 0; name != NULL && i < story->scenario->server_count; i++) {
        const struct scenario_server *server = &story->scenario->servers[i];
        if (op_from_name((const uint8_t *)name, strlen(name)) == server->op) {
            return server->node;
        }
    }
    return WHY_NONE;
}

static void gather_result(struct why_story *story)
{
    const struct verdict *verdict = story->look->run->verdict;

    for (uint64_t i = 0; verdict != NULL && i < verdict->request_count; i++) {
        const struct request_result *result = &verdict->requests[i];
        if (result->client == story->client && result->n == story->n) {
            story->result = result;
            return;
        }
    }
}

bool why_gather(struct why_story *story)
{
    struct why_gathering gathering = {.story = story};

    if (!report_flights_init(&story->flights, story->log)) {
        return false;
    }
    gathering.arrivals = calloc(story->scenario->node_count, sizeof *gathering.arrivals);
    if (gathering.arrivals == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < story->scenario->node_count; i++) {
        gathering.arrivals[i].leg = WHY_NONE;
    }
    story->server = gather_server(story);
    gather_result(story);
    for (uint64_t i = 0; i < story->log->record_count && !gathering.failed; i++) {
        if (story->log->records[i].node < story->scenario->node_count) {
            gather_record(&gathering, i);
        }
    }
    free(gathering.arrivals);
    return !gathering.failed;
}

void why_forget(struct why_story *story)
{
    report_flights_free(&story->flights);
    free(story->legs);
    free(story->notes.items);
    free(story->events.items);
    free(story->closed.items);
}

const struct trace_record *why_client_note(const struct why_story *story, enum trace_event event,
                                           unsigned try)
{
    for (uint32_t i = 0; i < story->notes.count; i++) {
        const struct trace_record *note = story->notes.items[i];
        if (note->node == story->client && note->event == event && note->try == try) {
            return note;
        }
    }
    return NULL;
}
