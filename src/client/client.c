#include "client/client.h"

#include <assert.h>
#include <string.h>

#include "base/prefetch.h"
#include "base/prng.h"
#include "base/time.h"
#include "client/client_parts.h"
#include "client/client_slot.h"
#include "protocol/code.h"

/* ---- the script --------------------------------------------------------------------------- */

/* The gap before request begun + 1 of a SEND step with arrivals of its own. */
static uint64_t client_gap_ns(const struct client *client, const struct client_step *step)
{
    if (!step->poisson) {
        return step->every_ns;
    }
    return prng_exponential_ns(prng_draw(client->identity.key ^ CLIENT_DRAW_GAP, client->begun + 1),
                               step->every_ns);
}

/* Makes the step with number `index` the current one, from the instant begin_ns on. */
static void client_enter_step(struct client *client, uint32_t index, uint64_t begin_ns)
{
    const struct client_config *config = client->config;

    client->step = index;
    client->step_sent = 0;
    client->step_due_ns = begin_ns;
    if (index < config->step_count && config->steps[index].kind == CLIENT_SEND &&
        config->steps[index].poisson) {
        client->step_due_ns = time_add(begin_ns, client_gap_ns(client, &config->steps[index]));
    }
}

/* When the current step can do its next thing: not before room or the end of open requests, if it
 * is these that it waits for. TIME_NEVER: it waits still, or there is no step. */
static uint64_t client_step_ready_ns(const struct client *client)
{
    if (client->step >= client->config->step_count) {
        return TIME_NEVER;
    }
    const struct client_step *step = &client->config->steps[client->step];
    uint32_t open_max = step->kind == CLIENT_WAIT ? 0 : client->slot_count - 1;

    if (step->kind == CLIENT_RAW) {
        return client->step_due_ns;
    }
    if (client->open_count > open_max) {
        return TIME_NEVER;
    }
    uint64_t ready_ns =
        client->step_due_ns > client->settled_ns ? client->step_due_ns : client->settled_ns;
    return step->kind == CLIENT_WAIT ? time_add(ready_ns, step->wait_ns) : ready_ns;
}

static void client_begin_request(struct client *client, uint64_t now_ns,
                                 const struct client_step *step, struct outbox *outbox)
{
    bool timed = step->every_ns > 0;

    client_slot_begin(client, now_ns, timed ? client->step_due_ns : now_ns, outbox);
    client->step_sent++;
    if (client->step_sent == step->count) {
        client_enter_step(client, client->step + 1, now_ns);
    } else if (timed) {
        client->step_due_ns = time_add(client->step_due_ns, client_gap_ns(client, step));
    } else {
        client->step_due_ns = now_ns;
    }
}

static void client_send_raw(const struct client *client, const struct client_step *step,
                            struct outbox *outbox)
{
    struct outbox_datagram *datagram = outbox_add_datagram(outbox, client->config->broker);

    datagram->plain = true;
    datagram->due_ns = TIME_NEVER;
    datagram->size =
        client_text_write(&client->identity, &step->text, client->begun, datagram->bytes);
}

/* The current step's next thing, which is due since ready_ns. */
static void client_run_step(struct client *client, uint64_t now_ns, uint64_t ready_ns,
                            struct outbox *outbox)
{
    const struct client_step *step = &client->config->steps[client->step];

    switch (step->kind) {
    case CLIENT_SEND:
        client_begin_request(client, now_ns, step, outbox);
        break;
    case CLIENT_WAIT:
        client_enter_step(client, client->step + 1, ready_ns);
        break;
    case CLIENT_RAW:
        client_send_raw(client, step, outbox);
        client_enter_step(client, client->step + 1, now_ns);
        break;
    }
}

/* ---- life --------------------------------------------------------------------------------- */

uint64_t client_id_prefix(uint64_t key)
{
    uint64_t prefix = prng_draw(key, CLIENT_DRAW_ID) & ~(uint64_t)CLIENT_REQUESTS_MAX;

    return prefix != 0 ? prefix : (uint64_t)CLIENT_REQUESTS_MAX + 1;
}

/* What the scenario's checker promises. */
static void client_check_config(const struct client_config *config,
                                const struct client_identity *identity)
{
    uint64_t request_count = 0;

    assert(config->window >= 1);
    assert(config->policy.timeout_ns > 0);
    assert(config->policy.tries >= 1 && config->policy.tries <= WIRE_TRY_MAX);
    assert(config->deadline_ns > 0 && config->deadline_ns <= WIRE_TTL_MAX_MS * NS_PER_MS);
    assert(config->plain ||
           ((identity->id_prefix & CLIENT_REQUESTS_MAX) == 0 && identity->id_prefix != 0));
    for (uint32_t i = 0; i < config->step_count; i++) {
        const struct client_step *step = &config->steps[i];
        if (step->kind == CLIENT_SEND) {
            assert(step->op_size == strlen(step->op));
            assert(wire_is_op((const uint8_t *)step->op, step->op_size));
            assert(step->count >= 1);
            assert(step->every_ns > 0 || !step->poisson);
            request_count += step->count;
        }
    }
    assert(request_count == config->request_count && request_count <= CLIENT_REQUESTS_MAX);
}

int client_init(struct client *client, const struct client_config *config,
                const struct client_identity *identity)
{
    client_check_config(config, identity);
    *client = (struct client){.config = config, .identity = *identity};
    client->slot_count =
        config->window < config->request_count ? config->window : config->request_count;
    if (client->slot_count == 0) {
        client->slot_count = 1;
    }
    int status = client_slot_init(client);
    if (status != 0) {
        return status;
    }
    client_enter_step(client, 0, config->start_ns);
    client_set_wake(client);
    return 0;
}

void client_free(struct client *client)
{
    client_slot_free(client);
}

void client_set_wake(struct client *client)
{
    bool stopped = client->step == CLIENT_STOPPED;

    client->wake_ns =
        stopped ? TIME_NEVER : time_min(client_slot_first_ns(client), client_step_ready_ns(client));
}

uint64_t client_deadline_ns(const struct client *client)
{
    return client->wake_ns;
}

void client_on_deadline(struct client *client, uint64_t now_ns, struct outbox *outbox)
{
    uint64_t wake_ns = client->wake_ns;

    if (now_ns < wake_ns) {
        return;
    }
    /* At equal instants the timer goes first: it may make room for the step. */
    if (client_slot_first_ns(client) == wake_ns) {
        client_slot_fire(client, now_ns, client_slot_first(client), outbox);
    } else {
        client_run_step(client, now_ns, wake_ns, outbox);
    }
    client_set_wake(client);
}

void client_stop(struct client *client, uint64_t now_ns, struct outbox *outbox)
{
    uint32_t index = client_slot_find_oldest(client);

    client->step = CLIENT_STOPPED;
    client_set_wake(client);
    if (index != MAP_NONE) {
        client_slot_fail(client, now_ns, index, OUTCOME_CANCELLED, CODE_NONE, outbox);
    } else if (client->settled < client->config->request_count) {
        client->settled++;
        struct outbox_note *note = outbox_add_note(outbox, NOTE_FAILED);
        note->n = client->settled;
        note->id = client_slot_id(client, note->n);
        note->peer = client->config->broker;
        note->outcome = OUTCOME_CANCELLED;
    }
}

void client_prefetch(const struct client *client)
{
    prefetch(client_slots(client), sizeof(struct client_slot));
    prefetch(client->identity.name, 1);
}
