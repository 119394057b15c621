#include "verdict/tally.h"

#include <errno.h>
#include <stdlib.h>

static const unsigned tally_codes[TALLY_CODES] = {200, 400, 404, 408, 409, 413,
                                                  429, 500, 503, 504, 505, 0};

uint32_t tally_code_index(unsigned code)
{
    uint32_t index = 0;

    while (index < TALLY_CODES - 1 && tally_codes[index] != code) {
        index++;
    }
    return index;
}

unsigned tally_code(uint32_t index)
{
    return index < TALLY_CODES ? tally_codes[index] : 0;
}

int tally_init(struct tally *tally, const struct scenario *scenario)
{
    *tally = (struct tally){.scenario = scenario};
    tally->nodes = calloc(scenario->node_count, sizeof *tally->nodes);
    tally->links =
        calloc(scenario->link_count > 0 ? scenario->link_count : 1, sizeof *tally->links);
    if (tally->nodes == NULL || tally->links == NULL || latency_init(&tally->latency) != 0) {
        tally_free(tally);
        return -ENOMEM;
    }
    return 0;
}

void tally_free(struct tally *tally)
{
    free(tally->nodes);
    free(tally->links);
    latency_free(tally->latency);
    *tally = (struct tally){0};
}

/* ---- counting -------------------------------------------------------------------------------- */

/* What the link did with one copy. */
static void tally_take_copy(struct tally_link *link, const struct trace_record *record)
{
    if (record->reason != LOSS_NONE) {
        link->lost[record->reason]++;
    } else if (record->due_ns < link->last_due_ns) {
        link->reordered++;
    } else {
        link->last_due_ns = record->due_ns;
    }
}

/* The link that a datagram travels, NULL if there is none such. */
static struct tally_link *tally_link_of(const struct tally *tally,
                                        const struct trace_record *record)
{
    uint32_t nodes = tally->scenario->node_count;

    if (record->from >= nodes || record->to >= nodes ||
        (record->from == NODE_BROKER) == (record->to == NODE_BROKER)) {
        return NULL;
    }
    return &tally->links[scenario_link(record->from, record->to)];
}

/* Whether a SEND is a try: of a client, a request; of the broker, toward a server. */
static bool tally_is_try(const struct tally *tally, const struct trace_record *record)
{
    uint32_t last_server = tally->scenario->server_count;

    if (record->node == NODE_BROKER) {
        return record->to <= last_server;
    }
    return record->node > last_server && record->n != 0 && record->form != TRACE_RAW;
}

static void tally_take_datagram(struct tally *tally, const struct trace_record *record)
{
    struct tally_link *link = tally_link_of(tally, record);

    if (link == NULL) {
        return;
    }
    if (record->event == TRACE_DELIVER) {
        link->delivered++;
    } else if (record->event == TRACE_DUPLICATED) {
        link->duplicated++;
        tally_take_copy(link, record);
    } else {
        link->sent++;
        link->bytes += record->size;
        tally_take_copy(link, record);
        tally->nodes[record->node].tries += tally_is_try(tally, record);
    }
}

static void tally_take_failure(struct tally_node *node, const struct trace_record *record)
{
    switch ((enum outcome)record->reason) {
    case OUTCOME_OPEN:
    case OUTCOME_ANSWERED:
        break;
    case OUTCOME_ERROR:
        node->error++;
        node->errors[tally_code_index(record->code)]++;
        break;
    case OUTCOME_TIMED_OUT:
        node->timed_out++;
        break;
    case OUTCOME_CANCELLED:
        node->cancelled++;
        break;
    }
}

void tally_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct tally *tally = context;
    struct tally_node *node = &tally->nodes[record->node];

    (void)bytes;
    tally->record_count++;
    switch ((enum trace_event)record->event) {
    case TRACE_BEGIN:
        node->begun++;
        break;
    case TRACE_SEND:
    case TRACE_DUPLICATED:
    case TRACE_DELIVER:
        tally_take_datagram(tally, record);
        break;
    case TRACE_EXECUTE:
        node->executions++;
        break;
    case TRACE_RETRY:
        node->retries++;
        break;
    case TRACE_ANSWERED:
        node->answered++;
        node->replies[tally_code_index(record->code)]++;
        latency_add(tally->latency, record->value_ns);
        break;
    case TRACE_FAILED:
        tally_take_failure(node, record);
        break;
    case TRACE_REPLY_ERROR:
        node->replies[tally_code_index(record->code)]++;
        break;
    case TRACE_REJECTED:
        node->rejected[record->reason]++;
        break;
    case TRACE_TIMEOUT:
    case TRACE_ENTRY_OPENED:
    case TRACE_ENTRY_CLOSED:
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

/* ---- sums ------------------------------------------------------------------------------------ */

static void tally_add_node(struct tally_node *node, const struct tally_node *other)
{
    node->begun += other->begun;
    node->answered += other->answered;
    node->error += other->error;
    node->timed_out += other->timed_out;
    node->cancelled += other->cancelled;
    node->tries += other->tries;
    node->retries += other->retries;
    node->executions += other->executions;
    node->wrong += other->wrong;
    node->duplicate_executions += other->duplicate_executions;
    for (uint32_t i = 0; i < TALLY_CODES; i++) {
        node->replies[i] += other->replies[i];
        node->errors[i] += other->errors[i];
    }
    for (uint32_t i = 0; i < REJECT_REASON_COUNT; i++) {
        node->rejected[i] += other->rejected[i];
    }
}

static void tally_add_link(struct tally_link *link, const struct tally_link *other)
{
    link->sent += other->sent;
    link->duplicated += other->duplicated;
    link->delivered += other->delivered;
    link->corrupted += other->corrupted;
    link->reordered += other->reordered;
    link->bytes += other->bytes;
    for (uint32_t i = 0; i < LOSS_REASON_COUNT; i++) {
        link->lost[i] += other->lost[i];
    }
}

void tally_add(struct tally *tally, const struct tally *other)
{
    for (uint32_t i = 0; i < tally->scenario->node_count; i++) {
        tally_add_node(&tally->nodes[i], &other->nodes[i]);
    }
    for (uint32_t i = 0; i < tally->scenario->link_count; i++) {
        tally_add_link(&tally->links[i], &other->links[i]);
    }
    latency_merge(tally->latency, other->latency);
    tally->record_count += other->record_count;
}

uint64_t tally_link_lost(const struct tally_link *link)
{
    uint64_t lost = 0;

    for (uint32_t i = 0; i < LOSS_REASON_COUNT; i++) {
        lost += link->lost[i];
    }
    return lost;
}

uint64_t tally_link_rest(const struct tally_link *link)
{
    uint64_t gone = tally_link_lost(link) + link->delivered;
    uint64_t taken = link->sent + link->duplicated;

    return taken > gone ? taken - gone : 0;
}
