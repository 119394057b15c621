#include "verdict/judge.h"

#include "base/time.h"

static bool judge_is_envelope(const struct trace_record *record)
{
    return record->form == TRACE_ENVELOPE_REQUEST || record->form == TRACE_ENVELOPE_REPLY;
}

/* ---- sending --------------------------------------------------------------------------------- */

/* The link took a copy, or lost it: then that may have been the last of the request. */
static __attribute__((noinline)) void judge_copy(struct judge *judge,
                                                 const struct trace_record *record,
                                                 struct request *request, uint32_t link)
{
    tally_take_copy(&judge->verdict->tally, link, record);
    if (record->size > WIRE_DATAGRAM_MAX) {
        judge_break(judge, PROMISE_BUDGETS, record, "a datagram of %u bytes was sent",
                    record->size);
    }
    judge_calm_copy(judge, record, request, link);
    if (record->reason != LOSS_NONE) {
        /* it will not come */
    } else if (trace_is_damaged(record)) {
        judge->links[link].damaged++;
    } else if (request == NULL || !judge_is_envelope(record)) {
        judge->links[link].nameless++;
    } else if (!ledger_add_copy(&judge->ledger, request, ledger_way(link, record->try),
                                record->due_ns)) {
        judge->out_of_memory = true;
    }
    if (request != NULL) {
        judge_let_go(judge, request);
    }
}

/* Whether of an original there is no more to say, as of most, than that it is on its way, its
 * request's only copy. */
static inline bool judge_is_plain(const struct judge *judge, const struct trace_record *record,
                                  const struct request *request, uint32_t link)
{
    return request != NULL && record->reason == LOSS_NONE && !trace_is_damaged(record) &&
           judge_is_envelope(record) && record->size <= judge->plain_size_max &&
           ledger_has_no_copy(request) &&
           tally_is_in_order(&judge->verdict->tally, link, record->due_ns);
}

/* What judge_copy does with such a one, in short. */
static inline void judge_plain(struct judge *judge, const struct trace_record *record,
                               struct request *request, uint32_t link)
{
    ledger_add_only_copy(&judge->ledger, request, ledger_way(link, record->try), record->due_ns);
    tally_take_in_order(&judge->verdict->tally, link, record->due_ns);
}

static inline void judge_original(struct judge *judge, const struct trace_record *record,
                                  struct request *request, uint32_t link)
{
    if (judge_is_plain(judge, record, request, link)) {
        judge_plain(judge, record, request, link);
    } else {
        judge_copy(judge, record, request, link);
    }
}

/* What a client sends that is no right try or no plain copy. */
static __attribute__((noinline)) void judge_client_sent_other(struct judge *judge,
                                                              const struct trace_record *record,
                                                              struct request *request)
{
    uint32_t link = scenario_link_to_broker(record->node);

    tally_take_sent(&judge->verdict->tally, link, record);
    judge->nameless_sent |= !judge_is_envelope(record);
    if (record->n != 0 && record->form != TRACE_RAW) {
        tally_take_try(&judge->verdict->tally, record->node);
        judge_client_send(judge, record, request);
    }
    judge_copy(judge, record, request, link);
}

/* A right try. */
static __attribute__((noinline)) void judge_client_tried(struct judge *judge,
                                                         const struct trace_record *record,
                                                         struct request *request)
{
    uint32_t link = scenario_link_to_broker(record->node);

    if (judge_is_plain(judge, record, request, link)) {
        tally_take_sent(&judge->verdict->tally, link, record);
        tally_take_try(&judge->verdict->tally, record->node);
        judge_plain(judge, record, request, link);
        judge_note_try(judge, record, request);
    } else {
        judge_client_sent_other(judge, record, request);
    }
}

static __attribute__((noinline)) void judge_client_sent(struct judge *judge,
                                                        const struct trace_record *record,
                                                        struct request *request)
{
    if (request != NULL && judge_is_right_try(judge, record, request)) {
        judge_client_tried(judge, record, request);
    } else {
        judge_client_sent_other(judge, record, request);
    }
}

/* The broker has sent a request to servers more often than it may. */
static __attribute__((noinline)) void judge_broker_overspent(struct judge *judge,
                                                             const struct trace_record *record,
                                                             struct request *request, uint32_t link)
{
    if (!judge->raw) {
        judge_break(judge, PROMISE_BUDGETS, record,
                    "the broker sent it %u times to servers, having got it %u times",
                    request->broker_sent, request->broker_received);
    }
    judge_copy(judge, record, request, link);
}

/* The schedule of the broker's leg starts anew with each datagram of the client's that comes. */
static __attribute__((noinline)) void judge_broker_asked(struct judge *judge,
                                                         const struct trace_record *record,
                                                         struct request *request)
{
    uint32_t link = scenario_link_from_broker(record->to);

    tally_take_sent(&judge->verdict->tally, link, record);
    tally_take_try(&judge->verdict->tally, NODE_BROKER);
    if (request != NULL) {
        request->broker_sent++;
        if (request->broker_sent > (uint64_t)judge->leg_tries * request->broker_received) {
            judge_broker_overspent(judge, record, request, link);
            return;
        }
    }
    judge_original(judge, record, request, link);
}

static __attribute__((noinline)) void judge_broker_replied(struct judge *judge,
                                                           const struct trace_record *record,
                                                           struct request *request)
{
    uint32_t link = scenario_link_from_broker(record->to);

    tally_take_sent(&judge->verdict->tally, link, record);
    if (request != NULL) {
        request->reply_sent |= record->to == request->client;
    }
    judge_original(judge, record, request, link);
}

static __attribute__((noinline)) void judge_server_sent(struct judge *judge,
                                                        const struct trace_record *record,
                                                        struct request *request)
{
    struct judge_server *server = &judge->servers[record->node];
    uint32_t link = scenario_link_to_broker(record->node);

    tally_take_sent(&judge->verdict->tally, link, record);
    if (server->damage == DAMAGE_REFUSED) {
        server->damage = DAMAGE_NONE; /* the refusal, of what was no job */
    } else {
        judge_calm_job(judge, record->node, false);
        if (request != NULL) {
            request->jobs -= request->jobs > 0;
        }
    }
    judge_original(judge, record, request, link);
}

/* What travels no link is passed over. */
void judge_sent(struct judge *judge, const struct trace_record *record, struct request *request)
{
    if (record->node == NODE_BROKER) {
        if (judge_is_client(judge, record->to)) {
            judge_broker_replied(judge, record, request);
        } else if (judge_is_server(judge, record->to)) {
            judge_broker_asked(judge, record, request);
        }
    } else if (record->to == NODE_BROKER) {
        if (judge_is_client(judge, record->node)) {
            judge_client_sent(judge, record, request);
        } else {
            judge_server_sent(judge, record, request);
        }
    }
}

void judge_duplicated(struct judge *judge, const struct trace_record *record,
                      struct request *request)
{
    uint32_t link = tally_link_of(judge->scenario, record);

    if (link != TALLY_NO_LINK) {
        tally_take_duplicated(&judge->verdict->tally, link);
        judge_copy(judge, record, request, link);
    }
}

/* ---- delivery -------------------------------------------------------------------------------- */

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

/* What a sound delivery means for the node that gets it: of a request, something to do. */

static inline void judge_client_got(struct judge *judge, const struct trace_record *record,
                                    struct request *request)
{
    struct judge_client *client = &judge->clients[record->node];

    client->damaged = false;
    client->delivered_ns = record->t_ns;
    if (request != NULL && record->node == request->client) {
        judge_reply_came(record, request);
    }
    judge_hold(judge, client, request);
}

static inline void judge_broker_got(struct judge *judge, const struct trace_record *record,
                                    struct request *request)
{
    judge->servers[NODE_BROKER].damage = DAMAGE_NONE;
    if (request != NULL) {
        request->broker_received += record->from == request->client;
    }
    judge_hold(judge, &judge->clients[NODE_BROKER], request);
}

static inline void judge_server_got(struct judge *judge, const struct trace_record *record,
                                    struct request *request)
{
    judge->servers[record->node].damage = DAMAGE_NONE;
    judge_calm_job(judge, record->node, true);
    if (request != NULL) {
        request->jobs++;
    }
}

static __attribute__((noinline)) void judge_got(struct judge *judge,
                                                const struct trace_record *record,
                                                struct request *request)
{
    if (record->node == NODE_BROKER) {
        judge_broker_got(judge, record, request);
    } else if (judge_is_client(judge, record->node)) {
        judge_client_got(judge, record, request);
    } else {
        judge_server_got(judge, record, request);
    }
}

/* A copy that the sender's link had on its way, sound and of the record's request and try: takes it
 * out. Where a damaged one may have come in its place, only if it is due. */
static bool judge_take_sound(struct judge *judge, const struct trace_record *record,
                             struct request *request, uint32_t link)
{
    uint32_t way = ledger_way(link, record->try);
    uint64_t due_ns = 0;

    if (request == NULL || !judge_is_envelope(record) ||
        (judge->links[link].damaged > 0 &&
         ledger_next_due_ns(&judge->ledger, request, way) > record->t_ns) ||
        !ledger_take_copy(&judge->ledger, request, way, &due_ns)) {
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
        judge_got(judge, record, request);
        return;
    }
    if (client) {
        judge->clients[record->node].damaged = true;
        judge->clients[record->node].delivered_ns = record->t_ns; /* the plain form has no sums */
    } else {
        judge->servers[record->node].damage = DAMAGE_ARRIVED;
    }
    if (client || record->node == NODE_BROKER) {
        judge_hold(judge, &judge->clients[record->node], request);
    }
}

/* A copy has reached its node. */
static __attribute__((noinline)) void judge_arrived(struct judge *judge,
                                                    const struct trace_record *record,
                                                    struct request *request, uint32_t index)
{
    struct judge_link *link = &judge->links[index];
    bool unsure = judge->scenario->world == WORLD_REAL;

    if (judge_take_sound(judge, record, request, index)) {
        judge_got(judge, record, request);
    } else if (link->damaged > 0 && (record->form == TRACE_DAMAGED || unsure)) {
        link->damaged--;
        judge_damage_came(judge, record, request);
    } else if (link->nameless > 0) {
        link->nameless--; /* raw bytes may look like anybody's envelope */
        judge_got(judge, record, request);
    } else {
        judge_break(judge, PROMISE_DROPPED_IS_GONE, record,
                    "try %u reached %s, though no copy was on its way", record->try,
                    judge->scenario->nodes[record->node].name);
        judge_got(judge, record, request);
    }
}

typedef void judge_receiver(struct judge *judge, const struct trace_record *record,
                            struct request *request);

/* A copy has reached a node of the kind whose way of getting it is `got`. In short what
 * judge_arrived does with most: a sound copy has come, the only one of its request, and in time.
 * Inline in each of the three below, where `got` is known. */
static inline void judge_receive(struct judge *judge, const struct trace_record *record,
                                 struct request *request, uint32_t link, judge_receiver *got)
{
    tally_take_delivered(&judge->verdict->tally, link);
    if (request != NULL && judge_is_envelope(record) &&
        ledger_take_only_copy(&judge->ledger, request, ledger_way(link, record->try),
                              record->t_ns)) {
        got(judge, record, request);
    } else {
        judge_arrived(judge, record, request, link);
    }
}

static __attribute__((noinline)) void judge_client_delivered(struct judge *judge,
                                                             const struct trace_record *record,
                                                             struct request *request)
{
    judge_receive(judge, record, request, scenario_link_from_broker(record->node),
                  judge_client_got);
}

static __attribute__((noinline)) void judge_broker_delivered(struct judge *judge,
                                                             const struct trace_record *record,
                                                             struct request *request)
{
    judge_receive(judge, record, request, scenario_link_to_broker(record->from), judge_broker_got);
}

static __attribute__((noinline)) void judge_server_delivered(struct judge *judge,
                                                             const struct trace_record *record,
                                                             struct request *request)
{
    judge_receive(judge, record, request, scenario_link_from_broker(record->node),
                  judge_server_got);
}

/* What has travelled no link is passed over. */
void judge_delivered(struct judge *judge, const struct trace_record *record,
                     struct request *request)
{
    if (record->node == NODE_BROKER) {
        if (judge_has_link(judge, record->from)) {
            judge_broker_delivered(judge, record, request);
        }
    } else if (record->from == NODE_BROKER) {
        if (judge_is_client(judge, record->node)) {
            judge_client_delivered(judge, record, request);
        } else {
            judge_server_delivered(judge, record, request);
        }
    }
}
