/* The broker's table of pending entries: only for the broker's own files. */
#ifndef BROKER_BROKER_TABLE_H
#define BROKER_BROKER_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/broker.h"

/* The tables of a broker whose config is set. Returns 0 or -ENOMEM (then broker_table_free). */
int broker_table_init(struct broker *broker);
void broker_table_free(struct broker *broker);

/* Removes all entries, without a word. */
void broker_table_clear(struct broker *broker);

/* Whether no entry can be made. */
bool broker_table_is_full(const struct broker *broker);

/* Makes an entry (NOTE_ENTRY_OPENED) and returns its index; broker_table_set_timer must follow. The
 * table must not be full, the id not in it (asserted): `place` is where map_find would have it. */
uint32_t broker_table_open(struct broker *broker, const struct reply_to *to, uint64_t upstream_id,
                           uint32_t place, uint32_t server, uint64_t expires_ns,
                           struct outbox *outbox);

/* Removes an entry, whose reply is `code` to `try` (CODE_NONE: none): NOTE_ENTRY_CLOSED. If it has
 * a channel still, that is given up: NOTE_CHANNEL_CLOSE. */
void broker_table_close(struct broker *broker, uint32_t index, unsigned code, unsigned try,
                        struct outbox *outbox);

/* Gives up the question of an entry on its channel: NOTE_CHANNEL_CLOSE. */
void broker_table_close_channel(struct broker *broker, struct broker_entry *entry,
                                struct outbox *outbox);

/* Puts the entry where its expiry and its timer, whichever is earlier, make it due. */
void broker_table_set_timer(struct broker *broker, uint32_t index);

/* So many timers that nobody needs any more are put right by one call, and no more: a node that was
 * busy has very many, and looks at its socket between two calls. */
#define BROKER_TABLE_LOOKS_MAX 64

/* The entry that is due at now_ns and was due first, in order of set_timer among equal instants;
 * MAP_NONE: none is, or it is not reached yet (then broker_deadline_ns is no later than now_ns). */
uint32_t broker_table_first_due(struct broker *broker, uint64_t now_ns);

#endif
