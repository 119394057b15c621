#include "report/page_sample.h"

#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "report/page.h"

/* With more nodes than this a client without anything on the page has no line there. */
#define SAMPLE_NODES_MAX 200

static const struct trace_record *sample_sent(const struct page_sample *sample, uint64_t flight)
{
    return &sample->look->log->records[sample->flights->items[flight].sent];
}

static bool sample_wants(const struct page_sample *sample, const struct trace_record *record)
{
    return sample->look->only == NULL || report_only_has(sample->look->only, record);
}

/* The request that a record is of; NULL: of none that began and is wanted. */
static struct page_request *sample_request(const struct page_sample *sample, uint32_t client,
                                           uint32_t n)
{
    const struct report_only *only = sample->look->only;

    if (client == TRACE_NOBODY || n == 0 ||
        n > sample->firsts[client + 1] - sample->firsts[client] ||
        (only != NULL && !report_only_has_request(only, client, n))) {
        return NULL;
    }
    return &sample->requests[sample->firsts[client] + n - 1];
}

/* ---- counting -------------------------------------------------------------------------------- */

/* Room for every request that began: a client's begin in the order of their numbers. */
static bool sample_make_requests(struct page_sample *sample)
{
    const struct trace_log *log = sample->look->log;
    uint32_t node_count = sample->look->run->scenario->node_count;

    sample->firsts = calloc((size_t)node_count + 1, sizeof *sample->firsts);
    if (sample->firsts == NULL) {
        return false;
    }
    for (uint64_t i = 0; i < log->record_count; i++) {
        const struct trace_record *record = &log->records[i];
        if (record->event == TRACE_BEGIN && record->n > sample->firsts[record->client + 1]) {
            sample->firsts[record->client + 1] = record->n;
        }
    }
    for (uint32_t node = 0; node < node_count; node++) {
        sample->firsts[node + 1] += sample->firsts[node];
    }
    sample->requests = calloc(sample->firsts[node_count] + 1, sizeof *sample->requests);
    return sample->requests != NULL;
}

/* Counts what is wanted: datagrams, requests, and those that failed. */
static void sample_count(struct page_sample *sample)
{
    const struct trace_log *log = sample->look->log;

    for (uint64_t i = 0; i < log->record_count; i++) {
        const struct trace_record *record = &log->records[i];
        bool begins = record->event == TRACE_BEGIN;
        if (!begins && record->event != TRACE_FAILED) {
            continue;
        }
        struct page_request *request = sample_request(sample, record->client, record->n);
        if (request != NULL && begins) {
            sample->share_requests.all++;
        } else if (request != NULL) {
            request->failed = true;
            sample->share_failed.all++;
        }
    }
    for (uint64_t i = 0; i < sample->flights->count; i++) {
        const struct trace_record *sent = sample_sent(sample, i);
        if (sample_wants(sample, sent)) {
            struct page_request *request = sample_request(sample, sent->client, sent->n);
            sample->share_datagrams.all++;
            if (request != NULL) {
                request->datagrams++;
            }
        }
    }
}

/* ---- choosing -------------------------------------------------------------------------------- */

/* A lot is drawn for whatever may be chosen. The lowest ones are, as many as there is room for, so
 * that neither time nor size favours any: counted by their first bits, which is enough to know
 * where to stop. */
#define SAMPLE_LOTS 65536

struct sample_lots {
    bool failed;         /* of the failed requests; or of the others and what belongs to none */
    uint64_t room;       /* datagrams that may be chosen */
    uint64_t *datagrams; /* owned: of each lot */
    uint32_t end;        /* lots below it are chosen; SAMPLE_LOTS: all */
    uint64_t left;       /* datagrams of lot `end` that may be chosen too */
};

static uint32_t sample_lot(uint64_t random)
{
    return (uint32_t)prng_below(random, SAMPLE_LOTS);
}

static uint32_t sample_request_lot(const struct trace_record *record)
{
    return sample_lot(prng_draw(record->client, record->n));
}

static uint32_t sample_flight_lot(uint64_t i)
{
    return sample_lot(prng_draw(TRACE_NOBODY, i));
}

/* After all were counted: where to stop. */
static void sample_settle(struct sample_lots *lots)
{
    lots->left = lots->room;
    for (lots->end = 0; lots->end < SAMPLE_LOTS; lots->end++) {
        if (lots->datagrams[lots->end] > lots->left) {
            return;
        }
        lots->left -= lots->datagrams[lots->end];
    }
}

/* Whether `count` datagrams that belong together are chosen. */
static bool sample_take(struct sample_lots *lots, uint32_t lot, uint64_t count)
{
    if (lot == lots->end && count <= lots->left) {
        lots->left -= count;
        return true;
    }
    return lot < lots->end;
}

/* What a request takes of the room: one without a datagram takes some too. */
static uint64_t sample_weight(const struct page_request *request)
{
    return request->datagrams > 0 ? request->datagrams : 1;
}

/* Looks at all that may be chosen: counts it, or chooses. Returns how many datagrams. */
static uint64_t sample_look(struct page_sample *sample, struct sample_lots *lots, bool choose)
{
    const struct trace_log *log = sample->look->log;
    uint64_t sum = 0;

    for (uint64_t i = 0; i < log->record_count; i++) {
        const struct trace_record *record = &log->records[i];
        bool begins = record->event == TRACE_BEGIN;
        if (!begins && record->event != TRACE_SEND && record->event != TRACE_DUPLICATED) {
            continue;
        }
        struct page_request *request = sample_request(sample, record->client, record->n);
        bool whole = begins && request != NULL && request->failed == lots->failed;
        bool alone = !begins && !lots->failed && request == NULL && sample_wants(sample, record);
        if (!whole && !alone) {
            continue;
        }
        uint32_t lot = whole ? sample_request_lot(record) : sample_flight_lot(i);
        uint64_t weight = whole ? sample_weight(request) : 1;
        bool *drawn = whole ? &request->drawn : &sample->shown[sample->flights->by_record[i]];
        if (!choose) {
            lots->datagrams[lot] += weight;
        } else {
            *drawn = sample_take(lots, lot, weight);
        }
        sum += !choose || *drawn ? weight : 0;
    }
    return sum;
}

/* Chooses among the failed or the others up to `room` datagrams. Returns how many; UINT64_MAX:
 * memory ran out. */
static uint64_t sample_choose(struct page_sample *sample, bool failed, uint64_t room)
{
    struct sample_lots lots = {
        .failed = failed, .room = room, .datagrams = calloc(SAMPLE_LOTS, sizeof *lots.datagrams)};

    if (lots.datagrams == NULL) {
        return UINT64_MAX;
    }
    sample_look(sample, &lots, false);
    sample_settle(&lots);
    uint64_t chosen = sample_look(sample, &lots, true);
    free(lots.datagrams);
    return chosen;
}

/* The failed first, then the others. False if memory ran out. */
static bool sample_choose_all(struct page_sample *sample)
{
    sample->sampled = sample->share_datagrams.all > REPORT_PAGE_DATAGRAMS_MAX;
    uint64_t room = sample->sampled ? REPORT_PAGE_DATAGRAMS_MAX : UINT64_MAX - 1;
    uint64_t failed = sample_choose(sample, true, room);

    return failed != UINT64_MAX && sample_choose(sample, false, room - failed) != UINT64_MAX;
}

/* Each drawn request's datagrams are shown; counts them. */
static void sample_show(struct page_sample *sample)
{
    uint64_t request_count = sample->firsts[sample->look->run->scenario->node_count];

    for (uint64_t i = 0; i < request_count; i++) {
        struct page_request *request = &sample->requests[i];
        request->shown = request->drawn || request->failed;
        sample->share_requests.drawn += request->drawn;
        sample->share_failed.drawn += request->drawn && request->failed;
    }
    for (uint64_t i = 0; i < sample->flights->count; i++) {
        const struct trace_record *sent = sample_sent(sample, i);
        const struct page_request *request = sample_request(sample, sent->client, sent->n);
        if (request != NULL) {
            sample->shown[i] = request->drawn && sample_wants(sample, sent);
        }
        sample->share_datagrams.drawn += sample->shown[i];
    }
}

/* ---- nodes ----------------------------------------------------------------------------------- */

/* Numbers the nodes that are on the page. */
static void sample_place(struct page_sample *sample)
{
    const struct scenario *scenario = sample->look->run->scenario;
    uint32_t count = 0;

    sample->names_all = scenario->node_count <= SAMPLE_NODES_MAX;
    for (uint32_t i = 0; i < scenario->node_count; i++) {
        bool client = scenario->nodes[i].kind == NODE_KIND_CLIENT;
        sample->places[i] = sample->names_all || !client ? 0 : PAGE_SAMPLE_NONE;
        for (uint64_t r = sample->firsts[i]; r < sample->firsts[i + 1]; r++) {
            sample->places[i] = sample->requests[r].shown ? 0 : sample->places[i];
        }
    }
    for (uint64_t i = 0; i < sample->flights->count; i++) {
        if (sample->shown[i]) {
            const struct trace_record *sent = sample_sent(sample, i);
            sample->places[sent->from] = 0;
            sample->places[sent->to] = 0;
        }
    }
    for (uint32_t i = 0; i < scenario->node_count; i++) {
        sample->places[i] = sample->places[i] == 0 ? count++ : PAGE_SAMPLE_NONE;
    }
    sample->names_all = count == scenario->node_count;
}

/* ---- the sample ------------------------------------------------------------------------------ */

bool page_sample_init(struct page_sample *sample, const struct report_look *look,
                      const struct report_flights *flights)
{
    *sample = (struct page_sample){.look = look, .flights = flights};
    sample->shown = calloc(flights->count + 1, sizeof *sample->shown);
    sample->places = calloc(look->run->scenario->node_count, sizeof *sample->places);
    if (sample->shown == NULL || sample->places == NULL || !sample_make_requests(sample)) {
        page_sample_free(sample);
        return false;
    }
    sample_count(sample);
    if (!sample_choose_all(sample)) {
        page_sample_free(sample);
        return false;
    }
    sample_show(sample);
    sample_place(sample);
    return true;
}

void page_sample_free(struct page_sample *sample)
{
    free(sample->requests);
    free(sample->firsts);
    free(sample->shown);
    free(sample->places);
    *sample = (struct page_sample){.look = NULL};
}

bool page_sample_has_request(const struct page_sample *sample, uint32_t client, uint32_t n)
{
    const struct page_request *request = sample_request(sample, client, n);

    return request != NULL && request->shown;
}

bool page_sample_has_event(const struct page_sample *sample, uint64_t i)
{
    const struct trace_record *record = &sample->look->log->records[i];
    uint32_t flight = sample->flights->by_record[i];

    if (!sample_wants(sample, record)) {
        return false;
    }
    if (record->n != 0 && record->client != TRACE_NOBODY) {
        const struct page_request *request = sample_request(sample, record->client, record->n);
        return request != NULL && request->drawn;
    }
    if (record->event == TRACE_REJECTED) {
        return flight == UINT32_MAX ? !sample->sampled : sample->shown[flight];
    }
    return true;
}
