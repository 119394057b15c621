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
    broker->texts = resends ? calloc(pending, WIRE_TEXT_MAX) : NULL;
    if (broker->entries == NULL || broker->free_entries == NULL ||
        (resends && broker->texts == NULL)) {
        return -ENOMEM;
    }
    int status = map_init(&broker->by_upstream, pending);
    return status != 0 ? status : heap_init(&broker->timers, pending, true);
}

void broker_table_free(struct broker *broker)
{
    free(broker->entries);
    free(broker->free_entries);
    free(broker->texts);
    map_free(&broker->by_upstream);
    heap_free(&broker->timers);
}

void broker_table_clear(struct broker *broker)
{
    while (broker->timers.count > 0) {
        uint32_t index = heap_pop(&broker->timers);
        (void)map_remove(&broker->by_upstream, broker->entries[index].upstream_id);
        broker->free_entries[broker->free_count++] = index;
    }
}

bool broker_table_is_full(const struct broker *broker)
{
    return broker_entry_count(broker) == broker->config.pending;
}

uint32_t broker_table_open(struct broker *broker, const struct reply_to *to, uint64_t upstream_id,
                           uint32_t server, uint64_t expires_ns, struct outbox *outbox)
{
    assert(!broker_table_is_full(broker));
    uint32_t index = broker->free_count > 0 ? broker->free_entries[--broker->free_count]
                                            : broker->entries_touched++;
    struct broker_entry *entry = &broker->entries[index];
    *entry = (struct broker_entry){.to = *to,
                                   .upstream_id = upstream_id,
                                   .expires_ns = expires_ns,
                                   .timer_ns = TIME_NEVER,
                                   .server = server};
    bool put = map_put(&broker->by_upstream, upstream_id, index);
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
    note->try = try;
    note->code = code;
    note->peer = entry->to.client;
    if (entry->channel != 0) {
        broker_table_close_channel(broker, entry, outbox);
    }
    (void)map_remove(&broker->by_upstream, entry->upstream_id);
    (void)heap_remove(&broker->timers, index);
    broker->free_entries[broker->free_count++] = index;
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

void broker_table_set_timer(struct broker *broker, uint32_t index)
{
    const struct broker_entry *entry = &broker->entries[index];
    heap_set(&broker->timers, time_min(entry->expires_ns, entry->timer_ns), broker->order++, index);
}

uint8_t *broker_table_text(const struct broker *broker, uint32_t index)
{
    return broker->texts + (size_t)index * WIRE_TEXT_MAX;
}
