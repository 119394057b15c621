#include "verdict/tally.h"

#include <errno.h>
#include <stdlib.h>

#include "base/prefetch.h"
#include "protocol/code.h"

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

/* A table of `count` nodes or links with counts of `size` bytes in all, the first `together` of
 * them in one place. Returns 0 or -ENOMEM. */
static int tally_table_init(struct tally_table *table, uint32_t count, size_t size, size_t together)
{
    count = count > 0 ? count : 1;
    *table = (struct tally_table){.count = count, .together = (uint32_t)together};
    table->cells = calloc(count, size);
    return table->cells != NULL ? 0 : -ENOMEM;
}

/* Gathers all counts of one node or link. */
static void tally_table_get(const struct tally_table *table, uint32_t index, uint64_t *counts,
                            size_t size)
{
    for (size_t at = 0; at < size; at += sizeof *counts) {
        counts[at / sizeof *counts] = *tally_cell(table, index, at, 0);
    }
}

void tally_prefetch(const struct tally *tally, uint32_t node)
{
    prefetch(&TALLY_NODE(tally, node, begun), TALLY_NODE_OFTEN * sizeof(uint64_t));
    prefetch(&TALLY_LINK(tally, scenario_link_to_broker(node), sent),
             2 * TALLY_LINK_OFTEN * sizeof(uint64_t)); /* and the one from it */
}

struct tally_node tally_node(const struct tally *tally, uint32_t node)
{
    union {
        struct tally_node counts;
        uint64_t cells[sizeof(struct tally_node) / sizeof(uint64_t)];
    } all;

    tally_table_get(&tally->nodes, node, all.cells, sizeof all.cells);
    return all.counts;
}

struct tally_link tally_link(const struct tally *tally, uint32_t link)
{
    union {
        struct tally_link counts;
        uint64_t cells[sizeof(struct tally_link) / sizeof(uint64_t)];
    } all;

    tally_table_get(&tally->links, link, all.cells, sizeof all.cells);
    return all.counts;
}

int tally_init(struct tally *tally, const struct scenario *scenario)
{
    bool real = scenario->world == WORLD_REAL;
    size_t node_size = sizeof(struct tally_node);
    size_t link_size = sizeof(struct tally_link);

    *tally = (struct tally){.scenario = scenario};
    if (tally_table_init(&tally->nodes, scenario->node_count, node_size,
                         real ? node_size / sizeof(uint64_t) : TALLY_NODE_OFTEN) != 0 ||
        tally_table_init(&tally->links, scenario->link_count, link_size,
                         real ? link_size / sizeof(uint64_t) : TALLY_LINK_OFTEN) != 0 ||
        latency_init(&tally->latency) != 0) {
        tally_free(tally);
        return -ENOMEM;
    }
    return 0;
}

void tally_free(struct tally *tally)
{
    free(tally->nodes.cells);
    free(tally->links.cells);
    latency_free(tally->latency);
    *tally = (struct tally){0};
}

/* ---- counting -------------------------------------------------------------------------------- */

/* What the link did with one copy. */
void tally_take_copy(struct tally *tally, uint32_t link, const struct trace_record *record)
{
    if (trace_is_damaged(record)) {
        TALLY_LINK(tally, link, corrupted)++;
    }
    if (record->reason != LOSS_NONE) {
        TALLY_LINK(tally, link, lost[record->reason])++;
    } else if (tally_is_in_order(tally, link, record->due_ns)) {
        tally_take_in_order(tally, link, record->due_ns);
    } else {
        TALLY_LINK(tally, link, reordered)++;
    }
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
    uint32_t link = tally_link_of(tally->scenario, record);

    if (link == TALLY_NO_LINK) {
        return;
    }
    if (record->event == TRACE_DELIVER) {
        tally_take_delivered(tally, link);
    } else if (record->event == TRACE_DUPLICATED) {
        tally_take_duplicated(tally, link);
        tally_take_copy(tally, link, record);
    } else {
        tally_take_sent(tally, link, record);
        tally_take_copy(tally, link, record);
        if (tally_is_try(tally, record)) {
            tally_take_try(tally, record->node);
        }
    }
}

static void tally_take_reply(struct tally *tally, const struct trace_record *record)
{
    if (record->code == CODE_OK) {
        TALLY_NODE(tally, record->node, replies[0])++;
    } else {
        TALLY_NODE(tally, record->node, replies[tally_code_index(record->code)])++;
    }
}

void tally_take_answered(struct tally *tally, const struct trace_record *record)
{
    tally->ended++;
    TALLY_NODE(tally, record->node, answered)++;
    tally_take_reply(tally, record);
    latency_add(tally->latency, record->value_ns);
}

void tally_take_reply_error(struct tally *tally, const struct trace_record *record)
{
    tally_take_reply(tally, record);
}

void tally_take_failed(struct tally *tally, const struct trace_record *record)
{
    uint32_t node = record->node;

    tally->ended++;
    switch ((enum outcome)record->reason) {
    case OUTCOME_OPEN:
    case OUTCOME_ANSWERED:
        break;
    case OUTCOME_ERROR:
        TALLY_NODE(tally, node, error)++;
        TALLY_NODE(tally, node, errors[tally_code_index(record->code)])++;
        break;
    case OUTCOME_TIMED_OUT:
        TALLY_NODE(tally, node, timed_out)++;
        break;
    case OUTCOME_CANCELLED:
        TALLY_NODE(tally, node, cancelled)++;
        break;
    }
}

void tally_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct tally *tally = context;

    (void)bytes;
    tally->last_ns = record->t_ns;
    switch ((enum trace_event)record->event) {
    case TRACE_BEGIN:
        tally_take_begun(tally, record->node);
        break;
    case TRACE_SEND:
    case TRACE_DUPLICATED:
    case TRACE_DELIVER:
        tally_take_datagram(tally, record);
        break;
    case TRACE_EXECUTE:
        tally_take_executed(tally, record->node);
        break;
    case TRACE_RETRY:
        tally_take_retried(tally, record->node);
        break;
    case TRACE_ANSWERED:
        tally_take_answered(tally, record);
        break;
    case TRACE_FAILED:
        tally_take_failed(tally, record);
        break;
    case TRACE_REPLY_ERROR:
        tally_take_reply_error(tally, record);
        break;
    case TRACE_REJECTED:
        tally_take_rejected(tally, record);
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
