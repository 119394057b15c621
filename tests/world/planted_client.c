#include "world/planted.h"

#include <string.h>

#include "base/time.h"
#include "client/client.h"
#include "client/client_slot.h"

enum planted planted_defect = PLANTED_NOTHING;

void __real_client_on_datagram(struct client *client, uint64_t now_ns, struct endpoint from,
                               const uint8_t *bytes, size_t size, struct outbox *outbox);
void __wrap_client_on_datagram(struct client *client, uint64_t now_ns, struct endpoint from,
                               const uint8_t *bytes, size_t size, struct outbox *outbox);
void __real_client_on_deadline(struct client *client, uint64_t now_ns, struct outbox *outbox);
void __wrap_client_on_deadline(struct client *client, uint64_t now_ns, struct outbox *outbox);
uint64_t __real_client_deadline_ns(const struct client *client);
uint64_t __wrap_client_deadline_ns(const struct client *client);
uint64_t __real_retry_wait_ns(const struct retry_policy *policy, unsigned try, uint64_t previous_ns,
                              uint64_t random);
uint64_t __wrap_retry_wait_ns(const struct retry_policy *policy, unsigned try, uint64_t previous_ns,
                              uint64_t random);

/* ---- replies ----------------------------------------------------------------------------------
 */

/* A reply to a request that has ended becomes one to the request that is open. Returns its size, 0
 * if it is none. */
static size_t planted_claim_for_next(const struct client *client, const uint8_t *bytes, size_t size,
                                     uint8_t *claimed)
{
    struct wire_message reply;

    if (wire_decode(&reply, bytes, size) != WIRE_OK || reply.kind != WIRE_REPLY ||
        client->open_count == 0) {
        return 0;
    }
    uint64_t n = reply.id ^ client->identity.id_prefix;
    if (n >= client->begun || client_slot_find(client, (uint32_t)n) != MAP_NONE) {
        return 0;
    }
    reply.id = client->identity.id_prefix | client->begun;
    reply.try = 1;
    return wire_encode(&reply, claimed);
}

/* Behind an answer to a second try: the same request fails, too. */
static void planted_end_again(struct outbox *outbox)
{
    const struct outbox_note *answered = &outbox->notes[0];

    if (outbox->note_count == 1 && answered->kind == NOTE_ANSWERED && answered->try > 1) {
        struct outbox_note *failed = outbox_add_note(outbox, NOTE_FAILED);
        failed->n = answered->n;
        failed->id = answered->id;
        failed->try = answered->try;
        failed->peer = answered->peer;
        failed->outcome = OUTCOME_TIMED_OUT;
    }
}

void __wrap_client_on_datagram(struct client *client, uint64_t now_ns, struct endpoint from,
                               const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    static _Thread_local uint8_t claimed[WIRE_DATAGRAM_MAX]; /* notes point into it */
    size_t claimed_size = 0;

    if (planted_defect == PLANTED_LATE_FOR_NEXT) {
        claimed_size = planted_claim_for_next(client, bytes, size, claimed);
    }
    if (claimed_size > 0) {
        bytes = claimed;
        size = claimed_size;
    }
    __real_client_on_datagram(client, now_ns, from, bytes, size, outbox);
    if (planted_defect == PLANTED_ENDS_TWICE) {
        planted_end_again(outbox);
    }
}

/* ---- timers -----------------------------------------------------------------------------------
 */

/* Whether the next thing to do is that a request's timer fires. */
static bool planted_is_timer_next(const struct client *client)
{
    uint64_t timer_ns = client_slot_first_ns(client);

    return client->step != CLIENT_STOPPED && timer_ns != TIME_NEVER &&
           timer_ns == __real_client_deadline_ns(client);
}

uint64_t __wrap_client_deadline_ns(const struct client *client)
{
    uint64_t due_ns = __real_client_deadline_ns(client);

    if (planted_defect == PLANTED_FIRES_EARLY && planted_is_timer_next(client)) {
        return due_ns - NS_PER_MS;
    }
    if (planted_defect == PLANTED_FORGETS_ITS_TIMER && planted_is_timer_next(client) &&
        client_slots(client)[client_slot_first(client)].tries == 2) {
        return TIME_NEVER;
    }
    return due_ns;
}

/* The requests whose deadline has come have a little longer. */
static void planted_extend_deadlines(const struct client *client, uint64_t now_ns)
{
    for (uint32_t i = 0; i < client->slot_count; i++) {
        struct client_slot *slot = &client_slots(client)[i];
        if (slot->n != 0 && slot->deadline_ns <= now_ns &&
            slot->tries < client->config->policy.tries) {
            slot->deadline_ns = now_ns + 50 * NS_PER_MS;
        }
    }
}

/* The note that a request was given up is not there. */
static void planted_hide_failure(struct outbox *outbox)
{
    if (outbox->note_count > 0 && outbox->notes[outbox->note_count - 1].kind == NOTE_FAILED) {
        outbox->note_count--;
    }
}

void __wrap_client_on_deadline(struct client *client, uint64_t now_ns, struct outbox *outbox)
{
    const struct client_config *config = client->config;
    struct client_config wrong = *config;

    if (planted_defect == PLANTED_FIRES_EARLY && planted_is_timer_next(client)) {
        now_ns += NS_PER_MS;
    }
    if (planted_defect == PLANTED_FIRES_AFTER) {
        planted_extend_deadlines(client, now_ns);
    }
    if (planted_defect == PLANTED_ONE_TRY_TOO_MANY) {
        wrong.policy.tries++;
        client->config = &wrong;
    }
    __real_client_on_deadline(client, now_ns, outbox);
    client->config = config;
    if (planted_defect == PLANTED_NEVER_ENDS) {
        planted_hide_failure(outbox);
    }
}

uint64_t __wrap_retry_wait_ns(const struct retry_policy *policy, unsigned try, uint64_t previous_ns,
                              uint64_t random)
{
    struct retry_policy other = *policy;

    if (planted_defect == PLANTED_IGNORES_CAP) {
        other.cap_ns = TIME_NEVER;
    }
    uint64_t wait_ns = __real_retry_wait_ns(&other, try, previous_ns, random);
    return planted_defect == PLANTED_HALF_THE_WAIT && try > 1 ? wait_ns / 2 : wait_ns;
}
