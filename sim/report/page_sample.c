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

/* Chooses from what comes one after another so that the choice is spread over all of it. */
struct sample_quota {
    uint64_t room; /* datagrams that may be chosen */
    uint64_t all;  /* that will come */
    uint64_t seen;
    uint64_t taken;
};

/* Whether to take `count` datagrams that belong together. What was taken stays close to its share
 * of what was seen; `random` keeps it from falling into step with what repeats. */
static bool sample_take(struct sample_quota *quota, uint64_t count, uint64_t random)
{
    quota->seen += count;
    if (quota->room < quota->all) {
        uint64_t due = quota->room * quota->seen / quota->all;
        uint64_t least = quota->taken + count + prng_below(random, count + 1);
        if (quota->taken + count > quota->room || due < least) {
            return false;
        }
    }
    quota->taken += count;
    return true;
}

/* What a request takes of a quota: one without a datagram takes room too. */
static uint64_t sample_weight(const struct page_request *request)
{
    return request->datagrams > 0 ? request->datagrams : 1;
}

/* Chooses among the failed requests, or among the others and what belongs to no request, in order
 * of time. Returns how many datagrams it took. */
static uint64_t sample_choose(struct page_sample *sample, bool failed, struct sample_quota quota)
{
    const struct trace_log *log = sample->look->log;

    for (uint64_t i = 0; i < log->record_count; i++) {
        const struct trace_record *record = &log->records[i];
        bool begins = record->event == TRACE_BEGIN;
        if (!begins && record->event != TRACE_SEND && record->event != TRACE_DUPLICATED) {
            continue;
        }
        struct page_request *request = sample_request(sample, record->client, record->n);
        if (begins && request != NULL && request->failed == failed) {
            uint64_t random = prng_draw(record->client, record->n);
            request->shown = sample_take(&quota, sample_weight(request), random);
        } else if (!begins && !failed && request == NULL && sample_wants(sample, record)) {
            uint32_t flight = sample->flights->by_record[i];
            sample->shown[flight] = sample_take(&quota, 1, prng_draw(0, i));
        }
    }
    return quota.taken;
}

static void sample_choose_all(struct page_sample *sample)
{
    uint64_t request_count = sample->firsts[sample->look->run->scenario->node_count];
    struct sample_quota failed = {.room = REPORT_PAGE_DATAGRAMS_MAX};
    struct sample_quota others = {.all = sample->share_datagrams.all};

    for (uint64_t i = 0; i < request_count; i++) {
        const struct page_request *request = &sample->requests[i];
        failed.all += request->failed ? sample_weight(request) : 0;
        others.all -= request->failed ? request->datagrams : 0;
        others.all += !request->failed && request->datagrams == 0 ? 1 : 0;
    }
    sample->sampled = sample->share_datagrams.all > REPORT_PAGE_DATAGRAMS_MAX;
    if (!sample->sampled) {
        failed.room = UINT64_MAX;
    }
    uint64_t taken = sample_choose(sample, true, failed);
    others.room = sample->sampled ? REPORT_PAGE_DATAGRAMS_MAX - taken : UINT64_MAX;
    sample_choose(sample, false, others);
}

/* Each shown request's datagrams are shown; counts them. */
static void sample_show(struct page_sample *sample)
{
    uint64_t request_count = sample->firsts[sample->look->run->scenario->node_count];

    for (uint64_t i = 0; i < request_count; i++) {
        const struct page_request *request = &sample->requests[i];
        sample->share_requests.shown += request->shown;
        sample->share_failed.shown += request->shown && request->failed;
    }
    for (uint64_t i = 0; i < sample->flights->count; i++) {
        const struct trace_record *sent = sample_sent(sample, i);
        const struct page_request *request = sample_request(sample, sent->client, sent->n);
        if (request != NULL) {
            sample->shown[i] = request->shown && sample_wants(sample, sent);
        }
        sample->share_datagrams.shown += sample->shown[i];
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
    sample_choose_all(sample);
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
        return page_sample_has_request(sample, record->client, record->n);
    }
    if (record->event == TRACE_REJECTED) {
        return flight == UINT32_MAX ? !sample->sampled : sample->shown[flight];
    }
    return true;
}
