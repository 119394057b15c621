#include "client/client_slot.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/prng.h"
#include "base/time.h"
#include "protocol/code.h"

/* ---- life --------------------------------------------------------------------------------- */

static void client_index_free(struct client_index *index)
{
    free(index->free_slots);
    heap_free(&index->timers);
    map_free(&index->open);
    free(index);
}

/* An index of so many free slots. NULL: no memory. */
static struct client_index *client_index_make(uint32_t slot_count)
{
    struct client_index *index = calloc(1, sizeof *index);

    if (index == NULL) {
        return NULL;
    }
    index->free_slots = calloc(slot_count, sizeof *index->free_slots);
    if (index->free_slots == NULL || heap_init(&index->timers, slot_count, true) != 0 ||
        map_init(&index->open, slot_count) != 0) {
        client_index_free(index);
        return NULL;
    }
    for (uint32_t i = 0; i < slot_count; i++) {
        index->free_slots[i] = slot_count - 1 - i;
    }
    index->oldest = 1;
    return index;
}

int client_slot_init(struct client *client)
{
    bool many = client->slot_count > CLIENT_SLOT_WALK_MAX;

    if (client->slot_count > 1) {
        client->slots.many = calloc(client->slot_count, sizeof *client->slots.many);
    }
    client->index = many ? client_index_make(client->slot_count) : NULL;
    if ((client->slot_count > 1 && client->slots.many == NULL) || (many && client->index == NULL)) {
        client_slot_free(client);
        return -ENOMEM;
    }
    for (uint32_t i = 0; !many && i < client->slot_count; i++) {
        client_slots(client)[i].timer_ns = TIME_NEVER;
    }
    return 0;
}

void client_slot_free(struct client *client)
{
    if (client->index != NULL) {
        client_index_free(client->index);
    }
    if (client->slot_count > 1) {
        free(client->slots.many);
    }
}

uint64_t client_slot_id(const struct client *client, uint32_t n)
{
    return client->config->plain ? 0 : client->identity.id_prefix | n;
}

/* ---- which slot --------------------------------------------------------------------------- */

/* The slot that holds request `n` (0: a free one), by a walk over all. */
static uint32_t client_slot_walk(const struct client *client, uint32_t n)
{
    for (uint32_t i = 0; i < client->slot_count; i++) {
        if (client_slots(client)[i].n == n) {
            return i;
        }
    }
    return MAP_NONE;
}

uint32_t client_slot_find(const struct client *client, uint32_t n)
{
    return client->index != NULL ? map_get(&client->index->open, n) : client_slot_walk(client, n);
}

static bool client_slot_is_before(const struct client_slot *a, const struct client_slot *b)
{
    return a->timer_ns != b->timer_ns ? a->timer_ns < b->timer_ns : a->n < b->n;
}

uint32_t client_slot_first(const struct client *client)
{
    uint32_t first = MAP_NONE;

    if (client->index != NULL) {
        const struct heap *timers = &client->index->timers;
        return timers->count > 0 ? heap_least(timers)->value : MAP_NONE;
    }
    for (uint32_t i = 0; i < client->slot_count; i++) {
        const struct client_slot *slot = &client_slots(client)[i];
        if (slot->n != 0 &&
            (first == MAP_NONE || client_slot_is_before(slot, &client_slots(client)[first]))) {
            first = i;
        }
    }
    return first;
}

uint64_t client_slot_first_ns(const struct client *client)
{
    uint64_t first_ns = TIME_NEVER;

    if (client->index != NULL) {
        return heap_due_ns(&client->index->timers);
    }
    for (uint32_t i = 0; i < client->slot_count; i++) {
        first_ns = time_min(first_ns, client_slots(client)[i].timer_ns);
    }
    return first_ns;
}

/* The slot of the open request with the least number, by a walk over all. */
static uint32_t client_slot_walk_to_oldest(const struct client *client)
{
    uint32_t oldest = MAP_NONE;

    for (uint32_t i = 0; i < client->slot_count; i++) {
        uint32_t n = client_slots(client)[i].n;
        if (n != 0 && (oldest == MAP_NONE || n < client_slots(client)[oldest].n)) {
            oldest = i;
        }
    }
    return oldest;
}

uint32_t client_slot_find_oldest(const struct client *client)
{
    struct client_index *index = client->index;

    if (index == NULL) {
        return client_slot_walk_to_oldest(client);
    }
    /* Requests begin in order of number, so this cursor passes each number once in a run. */
    for (; index->oldest <= client->begun; index->oldest++) {
        uint32_t slot = map_get(&index->open, index->oldest);
        if (slot != MAP_NONE) {
            return slot;
        }
    }
    return MAP_NONE;
}

/* A free slot (there must be one), for the next number. */
static uint32_t client_slot_open(struct client *client)
{
    struct client_index *index = client->index;
    uint32_t slot;

    assert(client->open_count < client->slot_count);
    if (index == NULL) {
        slot = client_slot_walk(client, 0);
    } else {
        slot = index->free_slots[client->slot_count - client->open_count - 1];
        bool put = map_put(&index->open, client->begun + 1, slot);
        assert(put);
        (void)put;
    }
    client->open_count++;
    client->begun++;
    return slot;
}

/* A slot becomes free in the index. By itself, as most clients have none. */
static __attribute__((noinline)) void client_index_close(struct client *client, uint32_t slot)
{
    struct client_index *index = client->index;

    heap_remove(&index->timers, slot);
    map_remove(&index->open, client_slots(client)[slot].n);
    index->free_slots[client->slot_count - client->open_count] = slot;
}

/* The request has ended: its slot is free. */
static void client_slot_close(struct client *client, uint64_t now_ns, uint32_t slot)
{
    if (client->index != NULL) {
        client_index_close(client, slot);
    }
    client_slots(client)[slot].n = 0;
    client_slots(client)[slot].timer_ns = TIME_NEVER;
    client->open_count--;
    client->settled++;
    client->settled_ns = now_ns;
}

/* A note about the request in a slot. */
static struct outbox_note *client_slot_note(const struct client *client,
                                            const struct client_slot *slot, enum note_kind kind,
                                            struct outbox *outbox)
{
    struct outbox_note *note = outbox_add_note(outbox, kind);

    note->n = slot->n;
    note->id = client_slot_id(client, slot->n);
    note->try = slot->tries;
    note->peer = client->config->broker;
    return note;
}

static void client_slot_set_timer(struct client *client, uint32_t index, uint64_t due_ns)
{
    struct client_slot *slot = &client_slots(client)[index];

    slot->timer_ns = time_min(due_ns, slot->deadline_ns);
    if (client->index != NULL) {
        heap_set(&client->index->timers, slot->timer_ns, slot->n, index);
    }
}

/* ---- sending ------------------------------------------------------------------------------ */

/* Writes the datagram of the current try, and of what it ends in, "op:text", into its note. The
 * text is rendered anew for each, never stored. */
static inline void client_slot_write(const struct client *client, uint64_t now_ns,
                                     const struct client_slot *slot, struct outbox_note *note,
                                     struct outbox_datagram *datagram)
{
    const struct client_config *config = client->config;
    const struct client_step *step = &config->steps[slot->step];
    uint8_t text[WIRE_TEXT_MAX];
    struct wire_message message = {
        .kind = WIRE_REQUEST,
        .id = note->id,
        .try = slot->tries,
        .ttl_ms = (uint32_t)time_to_ms_up(time_since(now_ns, slot->deadline_ns)),
        .op = (const uint8_t *)step->op,
        .op_size = step->op_size,
        .text = text,
        .text_size = client_text_write(&client->identity, &step->text, slot->n, text),
    };

    datagram->id = message.id;
    datagram->try = slot->tries;
    datagram->n = slot->n;
    datagram->plain = config->plain;
    datagram->due_ns = slot->timer_ns;
    datagram->size = config->plain ? wire_encode_plain(&message, datagram->bytes)
                                   : wire_encode(&message, datagram->bytes);
    size_t body_size = message.op_size + 1 + message.text_size;
    note->op_size = (uint8_t)message.op_size;
    note->size = (uint16_t)body_size;
    note->bytes = datagram->bytes + datagram->size - body_size;
}

/* Sends the next try, said by a note of `kind`: NOTE_BEGIN or NOTE_RETRY. */
static inline struct outbox_note *client_slot_send(struct client *client, uint64_t now_ns,
                                                   uint32_t index, enum note_kind kind,
                                                   struct outbox *outbox)
{
    const struct retry_policy *policy = &client->config->policy;
    struct client_slot *slot = &client_slots(client)[index];
    uint64_t random = 0;

    slot->tries++;
    slot->try_ended = false;
    if (retry_is_random(policy, slot->tries)) {
        uint64_t key = prng_draw(client->identity.key ^ CLIENT_DRAW_WAIT, slot->n);
        random = prng_draw(key, slot->tries);
    }
    slot->wait_ns = retry_wait_ns(policy, slot->tries, slot->wait_ns, random);
    client_slot_set_timer(client, index, time_add(now_ns, slot->wait_ns));

    struct outbox_note *note = client_slot_note(client, slot, kind, outbox);
    struct outbox_datagram *datagram = outbox_add_datagram(outbox, client->config->broker);
    client_slot_write(client, now_ns, slot, note, datagram);
    return note;
}

void client_slot_begin(struct client *client, uint64_t now_ns, uint64_t due_ns,
                       struct outbox *outbox)
{
    uint32_t index = client_slot_open(client);
    struct client_slot *slot = &client_slots(client)[index];

    *slot = (struct client_slot){
        .due_ns = due_ns,
        .deadline_ns = time_add(now_ns, client->config->deadline_ns),
        .n = client->begun,
        .step = client->step,
    };
    struct outbox_note *note = client_slot_send(client, now_ns, index, NOTE_BEGIN, outbox);
    note->due_ns = due_ns;
    note->value_ns = slot->deadline_ns;
}

/* ---- ends --------------------------------------------------------------------------------- */

void client_slot_fail(struct client *client, uint64_t now_ns, uint32_t index, enum outcome outcome,
                      unsigned code, struct outbox *outbox)
{
    const struct client_slot *slot = &client_slots(client)[index];
    struct outbox_note *note = client_slot_note(client, slot, NOTE_FAILED, outbox);

    note->outcome = (uint8_t)outcome;
    note->code = (uint16_t)code;
    note->value_ns = time_since(slot->due_ns, now_ns);
    client_slot_close(client, now_ns, index);
}

/* Whether every try so far was answered with a definite code. */
static bool client_slot_is_definite(const struct client_slot *slot)
{
    for (unsigned i = 0; i < slot->tries; i++) {
        if ((slot->definite[i / 64] >> (i % 64) & 1) == 0) {
            return false;
        }
    }
    return true;
}

/* Ends as error with the code of the try that has ended. "Not executed" may be said only if every
 * try heard it: a silent one may have been executed, which is what 504 says (protocol.md, Codes).
 */
static void client_slot_fail_error(struct client *client, uint64_t now_ns, uint32_t index,
                                   struct outbox *outbox)
{
    const struct client_slot *slot = &client_slots(client)[index];
    bool certain = !code_is_definite(slot->code) || client_slot_is_definite(slot);

    client_slot_fail(client, now_ns, index, OUTCOME_ERROR, certain ? slot->code : CODE_NO_ANSWER,
                     outbox);
}

void client_slot_fire(struct client *client, uint64_t now_ns, uint32_t index, struct outbox *outbox)
{
    struct client_slot *slot = &client_slots(client)[index];
    uint64_t due_ns = slot->timer_ns;
    bool try_ended = slot->try_ended;

    if (!try_ended) {
        client_slot_note(client, slot, NOTE_TIMEOUT, outbox)->due_ns = due_ns;
    }
    if (slot->tries < client->config->policy.tries && now_ns < slot->deadline_ns) {
        client_slot_send(client, now_ns, index, NOTE_RETRY, outbox)->due_ns = due_ns;
    } else if (try_ended) {
        client_slot_fail_error(client, now_ns, index, outbox);
    } else {
        client_slot_fail(client, now_ns, index, OUTCOME_TIMED_OUT, CODE_NONE, outbox);
    }
}

/* ---- replies ------------------------------------------------------------------------------ */

void client_slot_answer(struct client *client, uint64_t now_ns, uint32_t index, unsigned try,
                        const uint8_t *text, size_t size, struct outbox *outbox)
{
    const struct client_slot *slot = &client_slots(client)[index];
    struct outbox_note *note = client_slot_note(client, slot, NOTE_ANSWERED, outbox);

    note->code = CODE_OK;
    note->try = (uint8_t)try;
    note->due_ns = slot->timer_ns;
    note->value_ns = time_since(slot->due_ns, now_ns);
    note->bytes = text;
    note->size = (uint16_t)size;
    client_slot_close(client, now_ns, index);
}

/* The span that a 429 asks to wait: its text is decimal milliseconds. All else asks for nothing;
 * more than the longest deadline is as good as that. */
static uint64_t client_slot_read_busy_ns(const uint8_t *text, size_t size)
{
    uint64_t wait_ms = 0;

    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return 0;
        }
        wait_ms = time_min(wait_ms * 10 + (uint64_t)(text[i] - '0'), WIRE_TTL_MAX_MS);
    }
    return wait_ms * NS_PER_MS;
}

/* Remembers whether the reply to `try` said that this request was not executed. */
static void client_slot_mark(struct client_slot *slot, unsigned try, unsigned code)
{
    uint64_t bit = UINT64_C(1) << ((try - 1) % 64);

    if (code_is_definite(code)) {
        slot->definite[(try - 1) / 64] |= bit;
    } else {
        slot->definite[(try - 1) / 64] &= ~bit;
    }
}

void client_slot_refuse(struct client *client, uint64_t now_ns, uint32_t index, unsigned try,
                        unsigned code, const uint8_t *text, size_t size, struct outbox *outbox)
{
    struct client_slot *slot = &client_slots(client)[index];
    const struct client_step *step = &client->config->steps[slot->step];
    enum op op = op_from_name((const uint8_t *)step->op, step->op_size);
    bool idempotent = op_is_idempotent(op);

    struct outbox_note *note = client_slot_note(client, slot, NOTE_REPLY_ERROR, outbox);
    note->code = (uint16_t)code;
    note->try = (uint8_t)try;
    note->bytes = text;
    note->size = (uint16_t)size;
    client_slot_mark(slot, try, code);
    if (try != slot->tries || slot->try_ended) {
        return;
    }
    slot->try_ended = true;
    slot->code = (uint16_t)code;
    if (!code_may_retry(code, idempotent) || slot->tries >= client->config->policy.tries) {
        client_slot_fail_error(client, now_ns, index, outbox);
    } else if (code == CODE_BUSY) {
        uint64_t asked_ns = time_add(now_ns, client_slot_read_busy_ns(text, size));
        client_slot_set_timer(client, index, asked_ns > slot->timer_ns ? asked_ns : slot->timer_ns);
    }
}
