#include "broker/broker_table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/time.h"

int broker_table_init(struct broker *broker)
{
    uint32_t pending = broker->config.pending;
    bool resends = broker->config.policy.timeout_ns > 0;

    /* What is allocated here costs no memory before it is used: none of it is touched. */
    broker->entries = calloc(pending, sizeof *broker->entries);
    broker->free_entries = calloc(pending, sizeof *broker->free_entries);
    broker->legs = resends ? calloc(pending, sizeof *broker->legs) : NULL;
    if (broker->entries == NULL || broker->free_entries == NULL ||
        (resends && broker->legs == NULL)) {
        return -ENOMEM;
    }
    int status = map_init(&broker->by_upstream, pending);
    return status != 0 ? status : heap_init(&broker->timers, pending, true);
}

void broker_table_free(struct broker *broker)
{
    free(broker->entries);
    free(broker->free_entries);
    free(broker->legs);
    map_free(&broker->by_upstream);
    heap_free(&broker->timers);
}

/* The entry is free again. */
static void broker_table_free_entry(struct broker *broker, uint32_t index)
{
    (void)map_remove(&broker->by_upstream, broker->entries[index].upstream_id);
    broker->entries[index].upstream_id = 0;
    broker->free_entries[broker->free_count++] = index;
}

void broker_table_clear(struct broker *broker)
{
    for (uint32_t index = 0; index < broker->entries_touched; index++) {
        if (broker->entries[index].upstream_id != 0) {
            broker_table_free_entry(broker, index);
        }
    }
}

bool broker_table_is_full(const struct broker *broker)
{
    return broker_entry_count(broker) == broker->config.pending;
}

uint32_t broker_table_open(struct broker *broker, const struct reply_to *to, uint64_t upstream_id,
                           uint32_t place, uint32_t server, uint64_t expires_ns,
                           struct outbox *outbox)
{
    assert(!broker_table_is_full(broker) && broker->by_upstream.slots[place].value == MAP_NONE);
    uint32_t index = broker->entries_touched;
    uint64_t listed_ns = TIME_NEVER;
    if (broker->free_count > 0) {
        index = broker->free_entries[--broker->free_count];
        listed_ns = broker->entries[index].listed_ns;
    } else {
        broker->entries_touched++;
    }
    broker->entries[index] = (struct broker_entry){.to = *to,
                                                   .upstream_id = upstream_id,
                                                   .expires_ns = expires_ns,
                                                   .listed_ns = listed_ns,
                                                   .server = (uint16_t)server};
    if (broker->legs != NULL) {
        broker->legs[index].timer_ns = TIME_NEVER;
        broker->legs[index].wait_ns = 0;
    }
    bool put = map_put_at(&broker->by_upstream, place, upstream_id, index);
    assert(put);
    (void)put;

    struct outbox_note *note = outbox_add_note(outbox, NOTE_ENTRY_OPENED);
    note->id = upstream_id;
    note->try = to->try;
    note->peer = to->client;
    note->value_ns = expires_ns;
    return index;
}

void broker_table_close(struct broker *broker, uint32_t index, unsigned code, unsigned try,
                        struct outbox *outbox)
{
    struct broker_entry *entry = &broker->entries[index];

    struct outbox_note *note = outbox_add_note(outbox, NOTE_ENTRY_CLOSED);
    note->id = entry->upstream_id;
    note->try = (uint8_t)try;
    note->code = (uint16_t)code;
    note->peer = entry->to.client;
    if (entry->channel != 0) {
        broker_table_close_channel(broker, entry, outbox);
    }
    broker_table_free_entry(broker, index);
}

void broker_table_close_channel(struct broker *broker, struct broker_entry *entry,
                                struct outbox *outbox)
{
    struct outbox_note *note = outbox_add_note(outbox, NOTE_CHANNEL_CLOSE);
    note->id = entry->upstream_id;
    note->peer = broker->config.servers[entry->server].endpoint;
    note->peer.channel = entry->channel;
    broker_channels_close(&broker->channels, entry->channel);
    entry->channel = 0;
}

/* When the entry is due. */
static uint64_t broker_table_due_ns(const struct broker *broker, uint32_t index)
{
    uint64_t expires_ns = broker->entries[index].expires_ns;

    return broker->legs == NULL ? expires_ns : time_min(expires_ns, broker->legs[index].timer_ns);
}

static void broker_table_list(struct broker *broker, uint32_t index, uint64_t due_ns)
{
    struct broker_entry *entry = &broker->entries[index];

    entry->listed_ns = due_ns;
    heap_set(&broker->timers, due_ns, entry->order, index);
}

void broker_table_set_timer(struct broker *broker, uint32_t index)
{
    struct broker_entry *entry = &broker->entries[index];
    uint64_t due_ns = broker_table_due_ns(broker, index);

    entry->order = broker->order++;
    if (due_ns < entry->listed_ns) {
        broker_table_list(broker, index, due_ns);
    }
}

uint32_t broker_table_first_due(struct broker *broker, uint64_t now_ns)
{
    for (unsigned looks = 0; looks < BROKER_TABLE_LOOKS_MAX && broker->timers.count > 0 &&
                             heap_due_ns(&broker->timers) <= now_ns;
         looks++) {
        const struct heap_item *least = heap_least(&broker->timers);
        uint32_t index = least->value;
        struct broker_entry *entry = &broker->entries[index];
        uint64_t due_ns = broker_table_due_ns(broker, index);

        if (entry->upstream_id == 0) {
            entry->listed_ns = TIME_NEVER;
            (void)heap_pop(&broker->timers);
        } else if (least->due_ns == due_ns && least->order == entry->order) {
            return index;
        } else {
            broker_table_list(broker, index, due_ns);
        }
    }
    return MAP_NONE;
}
