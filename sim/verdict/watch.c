#include "verdict/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Whether the latencies are those of chosen clients. */
static bool watch_of_clients(const struct expectation *expectation)
{
    return expectation->kind == EXPECT_METRIC && expectation->of == OF_NODES &&
           metric_is_time(expectation->metric) && expectation->metric != METRIC_DURATION &&
           expectation->metric != METRIC_TIMING_MARGIN;
}

bool watch_is_needed(const struct expectation *expectation)
{
    switch (expectation->kind) {
    case EXPECT_METRIC:
        return expectation->during || expectation->of == OF_REQUEST ||
               watch_of_clients(expectation);
    case EXPECT_REPLY:
    case EXPECT_OUTCOME:
        return true;
    case EXPECT_BROKEN:
        break;
    }
    return false;
}

/* The watch that the expectation needs, without its tally. */
static struct watch watch_for(const struct expectation *expectation)
{
    struct watch watch = {.kind = WATCH_CLIENTS, .client = NODE_NONE};

    if (expectation->kind != EXPECT_METRIC || expectation->of == OF_REQUEST) {
        watch.kind = WATCH_REQUEST;
        watch.client = expectation->client;
        watch.n = expectation->n;
    } else if (expectation->during) {
        watch.kind = WATCH_WINDOW;
        watch.from_ns = expectation->during_from_ns;
        watch.to_ns = expectation->during_to_ns;
    }
    if (watch_of_clients(expectation)) {
        watch.clients = expectation->bitmap;
    }
    return watch;
}

static bool watch_is_same(const struct watch *a, const struct watch *b)
{
    return a->kind == b->kind && a->from_ns == b->from_ns && a->to_ns == b->to_ns &&
           a->client == b->client && a->n == b->n && a->clients == b->clients;
}

/* The index of a watch like `wanted`, made if there is none yet; WATCH_NONE: no memory. */
static uint32_t watches_add(struct watches *watches, const struct watch *wanted)
{
    for (uint32_t i = 0; i < watches->count; i++) {
        if (watch_is_same(&watches->items[i], wanted)) {
            return i;
        }
    }
    struct watch *watch = &watches->items[watches->count];
    *watch = *wanted;
    if (tally_init(&watch->tally, watches->scenario) != 0) {
        return WATCH_NONE;
    }
    watches->count++;
    if (watch->kind == WATCH_REQUEST) {
        watch->text = malloc(WIRE_TEXT_MAX);
        if (watch->text == NULL) {
            return WATCH_NONE;
        }
    }
    return watches->count - 1;
}

int watches_init(struct watches *watches, const struct scenario *scenario)
{
    uint32_t count = scenario->expectation_count;

    *watches = (struct watches){.scenario = scenario};
    watches->items = calloc(count > 0 ? count : 1, sizeof *watches->items);
    watches->of_expectation = calloc(count > 0 ? count : 1, sizeof *watches->of_expectation);
    if (watches->items == NULL || watches->of_expectation == NULL) {
        watches_free(watches);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct expectation *expectation = &scenario->expectations[i];
        watches->of_expectation[i] = WATCH_NONE;
        if (!watch_is_needed(expectation)) {
            continue;
        }
        struct watch wanted = watch_for(expectation);
        watches->of_expectation[i] = watches_add(watches, &wanted);
        if (watches->of_expectation[i] == WATCH_NONE) {
            watches_free(watches);
            return -ENOMEM;
        }
    }
    return 0;
}

void watches_free(struct watches *watches)
{
    for (uint32_t i = 0; i < watches->count; i++) {
        tally_free(&watches->items[i].tally);
        free(watches->items[i].text);
    }
    free(watches->items);
    free(watches->of_expectation);
    *watches = (struct watches){0};
}

const struct watch *watches_of(const struct watches *watches, uint32_t expectation)
{
    uint32_t index = watches->of_expectation[expectation];
    return index == WATCH_NONE ? NULL : &watches->items[index];
}

/* ---- records --------------------------------------------------------------------------------- */

void watch_add_finding(struct tally *tally, const struct trace_record *record,
                       const struct watch_finding *finding)
{
    if (record->event == TRACE_EXECUTE) {
        TALLY_NODE(tally, record->client, executions)++;
        if (finding->duplicate) {
            TALLY_NODE(tally, record->node, duplicate_executions)++;
            TALLY_NODE(tally, record->client, duplicate_executions)++;
        }
    } else if (record->event == TRACE_ANSWERED && finding->wrong) {
        TALLY_NODE(tally, record->node, wrong)++;
    }
}

/* Remembers how the watched request ended. */
static void watch_take_end(struct watch *watch, const struct trace_record *record,
                           const uint8_t *bytes)
{
    if (record->event == TRACE_ANSWERED) {
        watch->outcome = OUTCOME_ANSWERED;
        watch->code = record->code;
        watch->text_size = record->bytes_size < WIRE_TEXT_MAX ? record->bytes_size : WIRE_TEXT_MAX;
        if (watch->text_size > 0) {
            memcpy(watch->text, bytes, watch->text_size);
        }
    } else if (record->event == TRACE_FAILED) {
        watch->outcome = (enum outcome)record->reason;
        watch->code = record->code;
    }
}

static bool watch_concerns(const struct watch *watch, const struct trace_record *record,
                           uint64_t began_ns)
{
    if (watch->clients != NULL &&
        (record->event != TRACE_ANSWERED || !scenario_in_bitmap(watch->clients, record->node))) {
        return false;
    }
    switch (watch->kind) {
    case WATCH_WINDOW:
        return began_ns >= watch->from_ns && began_ns < watch->to_ns;
    case WATCH_REQUEST:
        return record->client == watch->client && record->n == watch->n;
    case WATCH_CLIENTS:
        return true;
    }
    return false;
}

void watches_take(struct watches *watches, const struct trace_record *record, const uint8_t *bytes,
                  uint64_t began_ns, const struct watch_finding *finding)
{
    for (uint32_t i = 0; i < watches->count; i++) {
        struct watch *watch = &watches->items[i];
        if (!watch_concerns(watch, record, began_ns)) {
            continue;
        }
        tally_take(&watch->tally, record, bytes);
        watch_add_finding(&watch->tally, record, finding);
        if (watch->kind == WATCH_REQUEST) {
            watch_take_end(watch, record, bytes);
        }
    }
}
