#include "verdict/judge.h"

#include "base/time.h"

/* The link that a datagram travels, UINT32_MAX if there is none such. */
static uint32_t judge_link(const struct judge *judge, const struct trace_record *record)
{
    uint32_t nodes = judge->scenario->node_count;

    if (record->from >= nodes || record->to >= nodes ||
        (record->from == NODE_BROKER) == (record->to == NODE_BROKER)) {
        return UINT32_MAX;
    }
    return scenario_link(record->from, record->to);
}

static bool judge_is_envelope(const struct trace_record *record)
{
    return record->form == TRACE_ENVELOPE_REQUEST || record->form == TRACE_ENVELOPE_REPLY;
}

/* ---- sending --------------------------------------------------------------------------------- */

/* The broker sends for a request: its leg's schedule starts anew with each datagram of the client's
 * that comes. */
static void judge_broker_send(struct judge *judge, const struct trace_record *record,
                              struct request *request)
{
    const struct retry_policy *policy = &judge->scenario->broker.policy;
    uint64_t each = policy->timeout_ns > 0 ? policy->tries : 1;

    if (judge_is_client(judge, record->to)) {
        request->reply_sent |= record->to == request->client;
        return;
    }
    request->broker_sent++;
    if (request->broker_sent > each * request->broker_received && !judge->raw) {
        judge_break(judge, PROMISE_BUDGETS, record,
                    "the broker sent it %u times to servers, having got it %u times",
                    request->broker_sent, request->broker_received);
    }
}

/* What a SEND means for the node that sends. */
static void judge_sender(struct judge *judge, const struct trace_record *record,
                         struct request *request)
{
    if (judge_is_client(judge, record->node)) {
        judge->nameless_sent |= !judge_is_envelope(record);
        if (record->n != 0 && record->form != TRACE_RAW) {
            judge_client_send(judge, record, request);
        }
    } else if (request != NULL && record->node == NODE_BROKER) {
        judge_broker_send(judge, record, request);
    } else if (judge_is_server(judge, record->node) &&
               judge->servers[record->node].damage == DAMAGE_REFUSED) {
        judge->servers[record->node].damage = DAMAGE_NONE; /* the refusal, of what was no job */
    } else if (judge_is_server(judge, record->node)) {
        judge_calm_job(judge, record->node, false);
        if (request != NULL) {
            request->jobs -= request->jobs > 0;
        }
    }
}

void judge_sent(struct judge *judge, const struct trace_record *record, struct request *request)
{
    uint32_t link = judge_link(judge, record);

    if (link == UINT32_MAX) {
        return;
    }
    if (record->size > WIRE_DATAGRAM_MAX) {
        judge_break(judge, PROMISE_BUDGETS, record, "a datagram of %u bytes was sent",
                    record->size);
    }
    if (record->event == TRACE_SEND) {
        judge_sender(judge, record, request);
    }
    judge_calm_copy(judge, record, request, link);
    if (record->reason != LOSS_NONE) {
        return;
    }
    if (trace_is_damaged(record)) {
        judge->links[link].damaged++;
        judge->damaged++;
    } else if (request == NULL || !judge_is_envelope(record)) {
        judge->links[link].nameless++;
    } else if (!ledger_add_copy(&judge->ledger, request, link, record->try, record->due_ns)) {
        judge->out_of_memory = true;
    }
}

/* ---- delivery -------------------------------------------------------------------------------- */

/* The node begins on a datagram about `request` (NULL: about none), so it is through with the one
 * before. */
static void judge_hold(struct judge *judge, uint32_t node, struct request *request)
{
    uint32_t before = judge->clients[node].held;

    judge->clients[node].held = LEDGER_NONE;
    if (request != NULL) {
        request->held++;
        judge->clients[node].held = (uint32_t)(request - judge->ledger.requests);
    }
    if (before != LEDGER_NONE) {
        judge->ledger.requests[before].held--;
        judge_let_go(judge, &judge->ledger.requests[before]);
    }
}

/* A reply has reached its client. If the request was given up, how close was that? */
static void judge_reply_came(const struct trace_record *record, struct request *request)
{
    request->reply_ns = record->t_ns;
    request->reply_try = record->try;
    if (request->outcome == OUTCOME_TIMED_OUT) {
        uint64_t gap_ns = time_since(request->ended_ns, record->t_ns);
        request->margin_ns = time_min(request->margin_ns, gap_ns);
    }
}

/* What a delivery means for the node that gets it. */
static void judge_receiver(struct judge *judge, const struct trace_record *record,
                           struct request *request)
{
    if (judge_is_client(judge, record->node)) {
        judge->clients[record->node].delivered_ns = record->t_ns;
        if (request != NULL && record->node == request->client) {
            judge_reply_came(record, request);
        }
        judge_hold(judge, record->node, request);
    } else if (record->node == NODE_BROKER) {
        if (request != NULL) {
            request->broker_received += record->from == request->client;
        }
        judge_hold(judge, record->node, request);
    } else {
        judge_calm_job(judge, record->node, true);
        if (request != NULL) {
            request->jobs++;
        }
    }
}

/* A copy that the sender's link had on its way, sound and of the record's request and try: takes it
 * out. Where a damaged one may have come in its place, only if it is due. */
static bool judge_take_sound(struct judge *judge, const struct trace_record *record,
                             struct request *request, uint32_t link)
{
    uint64_t due_ns = 0;

    if (request == NULL || !judge_is_envelope(record) ||
        (judge->damaged > 0 && judge->links[link].damaged > 0 &&
         ledger_next_due_ns(&judge->ledger, request, link, record->try) > record->t_ns) ||
        !ledger_take_copy(&judge->ledger, request, link, record->try, &due_ns)) {
        return false;
    }
    if (record->t_ns < due_ns) {
        judge_break(judge, PROMISE_TIMERS, record,
                    "try %u reached %s %.3fms before its delay was over", record->try,
                    judge->scenario->nodes[record->node].name,
                    (double)(due_ns - record->t_ns) / 1e6);
    }
    return true;
}

/* A damaged one has come. Nothing may come of it, so its receiver is not taken to have got anything
 * of a request: whatever it does about it breaks a promise. In the real world, where a link carries
 * the same try twice, the sound copy may have been taken for this one, and is let pass. */
static void judge_damage_came(struct judge *judge, const struct trace_record *record,
                              struct request *request)
{
    bool client = judge_is_client(judge, record->node);

    if (judge->repeats && judge_is_envelope(record)) {
        judge_receiver(judge, record, request);
        return;
    }
    if (client) {
        judge->clients[record->node].damaged = true;
        judge->clients[record->node].delivered_ns = record->t_ns; /* the plain form has no sums */
    } else {
        judge->servers[record->node].damage = DAMAGE_ARRIVED;
    }
    if (client || record->node == NODE_BROKER) {
        judge_hold(judge, record->node, request);
    }
}

void judge_delivered(struct judge *judge, const struct trace_record *record,
                     struct request *request)
{
    uint32_t link = judge_link(judge, record);
    bool damaged = record->form == TRACE_DAMAGED;
    bool unsure = judge->scenario->world == WORLD_REAL;

    if (link == UINT32_MAX) {
        return;
    }
    if (judge_is_client(judge, record->node)) {
        judge->clients[record->node].damaged = false;
    } else {
        judge->servers[record->node].damage = DAMAGE_NONE;
    }
    if (!damaged && judge_take_sound(judge, record, request, link)) {
        judge_receiver(judge, record, request);
    } else if (judge->links[link].damaged > 0 && (damaged || unsure)) {
        judge->links[link].damaged--;
        judge->damaged--;
        judge_damage_came(judge, record, request);
    } else if (judge->links[link].nameless > 0) {
        judge->links[link].nameless--; /* raw bytes may look like anybody's envelope */
        judge_receiver(judge, record, request);
    } else {
        judge_break(judge, PROMISE_DROPPED_IS_GONE, record,
                    "try %u reached %s, though no copy was on its way", record->try,
                    judge->scenario->nodes[record->node].name);
        judge_receiver(judge, record, request);
    }
}
