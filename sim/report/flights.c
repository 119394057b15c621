#include "report/flights.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/prng.h"
#include "scenario/expectation.h"

#define FLIGHTS_NONE UINT32_MAX          /* = MAP_NONE */
#define FLIGHTS_MAX  (UINT32_C(1) << 30) /* as many keys as a map can hold */

/* By what a datagram is told from the others on its link. */
enum flights_kind {
    FLIGHTS_NAMED = 1, /* an envelope: id, try, and whether it is a request */
    FLIGHTS_NAMELESS,  /* plain or raw: its size */
    FLIGHTS_DAMAGED    /* changed by its link: its size then */
};

/* One that may still arrive. */
struct flights_waiting {
    uint64_t due_ns;
    uint32_t flight;
    uint32_t next; /* the next one of the same key, by due time; FLIGHTS_NONE */
};

struct flights_pairing {
    const struct trace_log *log;
    struct report_flights *flights;  /* being filled */
    struct flights_waiting *waiting; /* owned; by due time, equal times as they were sent */
    uint32_t waiting_count;
    struct map heads;  /* of each key: the first that is still waiting */
    struct map latest; /* of each node: the flight it was the last to send, then to receive */
};

/* ---- keys ------------------------------------------------------------------------------------ */

static bool flights_is_envelope(const struct trace_record *record)
{
    return record->form == TRACE_ENVELOPE_REQUEST || record->form == TRACE_ENVELOPE_REPLY;
}

/* 64 bits of a good hash: two of a million keys are the same once in 30 million logs. */
static uint64_t flights_key(const struct trace_record *record, enum flights_kind kind, uint64_t id,
                            unsigned detail)
{
    uint64_t link = (uint64_t)record->from << 32 | record->to;

    return prng_draw(prng_draw(prng_draw(link, (uint64_t)kind), id), detail);
}

static uint64_t flights_named_key(const struct trace_record *record)
{
    return flights_key(record, FLIGHTS_NAMED, record->id,
                       (unsigned)record->try << 8 | record->form);
}

/* The key of what was sent. */
static uint64_t flights_sent_key(const struct trace_record *record)
{
    if (trace_is_damaged(record)) {
        return flights_key(record, FLIGHTS_DAMAGED, 0, (unsigned)record->size - record->cut);
    }
    return flights_is_envelope(record) ? flights_named_key(record)
                                       : flights_key(record, FLIGHTS_NAMELESS, 0, record->size);
}

/* ---- what was sent --------------------------------------------------------------------------- */

static bool flights_is_sent(const struct trace_record *record)
{
    return record->event == TRACE_SEND || record->event == TRACE_DUPLICATED;
}

/* One flight for each datagram and copy. A copy's record stands right behind its original's in the
 * order of its sender, but in a merged log others may stand between. */
static void flights_fill(struct flights_pairing *pairing)
{
    const struct trace_log *log = pairing->log;
    struct report_flights *flights = pairing->flights;

    for (uint64_t i = 0; i < log->record_count; i++) {
        const struct trace_record *record = &log->records[i];
        uint32_t number = (uint32_t)flights->count;
        if (!flights_is_sent(record)) {
            continue;
        }
        flights->by_record[i] = number;
        struct report_flight *flight = &flights->items[flights->count++];
        *flight = (struct report_flight){i, i, REPORT_FLIGHT_NONE, REPORT_FLIGHT_NONE};
        if (record->event == TRACE_SEND) {
            (void)map_put(&pairing->latest, record->node, number);
        } else {
            uint32_t original = map_get(&pairing->latest, record->node);
            flight->original = original == MAP_NONE ? i : flights->items[original].sent;
        }
        if (record->reason == LOSS_NONE) {
            pairing->waiting[pairing->waiting_count++] =
                (struct flights_waiting){record->due_ns, number, FLIGHTS_NONE};
        }
    }
    map_clear(&pairing->latest);
}

static int flights_by_due(const void *left, const void *right)
{
    const struct flights_waiting *a = left;
    const struct flights_waiting *b = right;

    if (a->due_ns != b->due_ns) {
        return a->due_ns < b->due_ns ? -1 : 1;
    }
    return a->flight < b->flight ? -1 : a->flight > b->flight;
}

/* Strings those of each key together, from the last to the first. */
static bool flights_string(struct flights_pairing *pairing)
{
    qsort(pairing->waiting, pairing->waiting_count, sizeof *pairing->waiting, flights_by_due);
    for (uint32_t i = pairing->waiting_count; i-- > 0;) {
        struct flights_waiting *waiting = &pairing->waiting[i];
        uint64_t sent = pairing->flights->items[waiting->flight].sent;
        uint64_t key = flights_sent_key(&pairing->log->records[sent]);
        waiting->next = map_get(&pairing->heads, key);
        if (!map_put(&pairing->heads, key, i)) {
            return false;
        }
    }
    return true;
}

/* ---- what arrived ---------------------------------------------------------------------------- */

/* The first of a key that can have arrived with record `i`: taken out. FLIGHTS_NONE: none. */
static uint32_t flights_take(struct flights_pairing *pairing, uint64_t key, uint64_t i)
{
    uint32_t head = map_get(&pairing->heads, key);

    if (head == MAP_NONE) {
        return FLIGHTS_NONE;
    }
    const struct flights_waiting *waiting = &pairing->waiting[head];
    if (waiting->due_ns > pairing->log->records[i].t_ns ||
        pairing->flights->items[waiting->flight].sent > i) {
        return FLIGHTS_NONE;
    }
    if (waiting->next == FLIGHTS_NONE) {
        (void)map_remove(&pairing->heads, key);
    } else {
        (void)map_put(&pairing->heads, key, waiting->next);
    }
    return waiting->flight;
}

/* The flight that arrives with the DELIVER record `i`. */
static uint32_t flights_arriving(struct flights_pairing *pairing, uint64_t i)
{
    const struct trace_record *record = &pairing->log->records[i];
    uint64_t damaged = flights_key(record, FLIGHTS_DAMAGED, 0, record->size);
    uint64_t nameless = flights_key(record, FLIGHTS_NAMELESS, 0, record->size);
    uint32_t flight = FLIGHTS_NONE;

    if (record->form == TRACE_DAMAGED) {
        return flights_take(pairing, damaged, i);
    }
    if (flights_is_envelope(record)) {
        flight = flights_take(pairing, flights_named_key(record), i);
        if (flight == FLIGHTS_NONE) {
            flight = flights_take(pairing, damaged, i);
        }
        return flight != FLIGHTS_NONE ? flight : flights_take(pairing, nameless, i);
    }
    flight = flights_take(pairing, nameless, i);
    return flight != FLIGHTS_NONE ? flight : flights_take(pairing, damaged, i);
}

/* Whether a REJECTED is about the flight that its node got last. A client that knows whose request
 * it is does not say whom it came from: that was the broker. */
static bool flights_is_of(const struct flights_pairing *pairing, uint32_t flight,
                          const struct trace_record *rejected)
{
    const struct trace_record *sent = &pairing->log->records[pairing->flights->items[flight].sent];

    return sent->from == rejected->from || (rejected->from == TRACE_NOBODY && rejected->n != 0);
}

/* A REJECTED stands right behind its DELIVER in the order of its node. */
static void flights_pair(struct flights_pairing *pairing)
{
    const struct trace_log *log = pairing->log;
    struct report_flights *flights = pairing->flights;

    for (uint64_t i = 0; i < log->record_count; i++) {
        const struct trace_record *record = &log->records[i];
        uint32_t flight = FLIGHTS_NONE;
        if (record->event == TRACE_DELIVER) {
            flight = flights_arriving(pairing, i);
            (void)map_remove(&pairing->latest, record->node);
            if (flight != FLIGHTS_NONE) {
                flights->items[flight].arrived = i;
                (void)map_put(&pairing->latest, record->node, flight);
            }
        } else if (record->event == TRACE_REJECTED) {
            flight = map_get(&pairing->latest, record->node);
            if (flight != FLIGHTS_NONE && !flights_is_of(pairing, flight, record)) {
                flight = FLIGHTS_NONE;
            } else if (flight != FLIGHTS_NONE) {
                flights->items[flight].taken = i;
                (void)map_remove(&pairing->latest, record->node);
            }
        }
        if (flight != FLIGHTS_NONE) {
            flights->by_record[i] = flight;
        }
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* Room for everything; false: some of it is missing. */
static bool flights_reserve(struct flights_pairing *pairing)
{
    const struct trace_log *log = pairing->log;
    struct report_flights *flights = pairing->flights;
    uint64_t sent = 0;

    for (uint64_t i = 0; i < log->record_count; i++) {
        sent += flights_is_sent(&log->records[i]);
    }
    if (sent > FLIGHTS_MAX || map_init(&pairing->heads, FLIGHTS_MAX) != 0 ||
        map_init(&pairing->latest, FLIGHTS_MAX) != 0) {
        return false;
    }
    flights->record_count = log->record_count;
    flights->items = calloc(sent + 1, sizeof *flights->items);
    flights->by_record = malloc((log->record_count + 1) * sizeof *flights->by_record);
    pairing->waiting = calloc(sent + 1, sizeof *pairing->waiting);
    if (flights->items == NULL || flights->by_record == NULL || pairing->waiting == NULL) {
        return false;
    }
    memset(flights->by_record, 0xff, (log->record_count + 1) * sizeof *flights->by_record);
    return true;
}

bool report_flights_init(struct report_flights *flights, const struct trace_log *log)
{
    struct flights_pairing pairing = {.log = log, .flights = flights};
    bool done = false;

    *flights = (struct report_flights){0};
    if (flights_reserve(&pairing)) {
        flights_fill(&pairing);
        done = flights_string(&pairing);
        if (done) {
            flights_pair(&pairing);
        }
    }
    map_free(&pairing.heads);
    map_free(&pairing.latest);
    free(pairing.waiting);
    if (!done) {
        report_flights_free(flights);
    }
    return done;
}

void report_flights_free(struct report_flights *flights)
{
    free(flights->items);
    free(flights->by_record);
    *flights = (struct report_flights){0};
}
