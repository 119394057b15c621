#include "verdict/judge.h"

#include <stdio.h>

#include "base/time.h"
#include "protocol/code.h"
#include "verdict/theory_path.h"

/* Liveness goes by one argument. A try that is sent when no timed fault will come or go any more,
 * on links that lose nothing, reaches its server after two delays. A server with room for it
 * answers when those before it are through: never more than were there at once, each for the
 * longest service time. The broker relays the answer if its table had room and its own patience
 * lasts, and two delays later it is there. A client that gave up later than that ought to have had
 * it. */

/* ---- before the run -------------------------------------------------------------------------- */

static void judge_calm_mark_nodes(struct judge *judge)
{
    const struct scenario *scenario = judge->scenario;

    for (uint32_t node = 1; node < scenario->node_count; node++) {
        bool calm = !calm_link(&judge->calm, scenario_link_to_broker(node))->loses &&
                    !calm_link(&judge->calm, scenario_link_from_broker(node))->loses;
        if (node <= scenario->server_count) {
            judge->servers[node].calm = calm;
        } else {
            judge->clients[node].calm = calm;
        }
    }
}

/* Whether something is to happen that has no time before it does. */
static bool judge_calm_has_when(const struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        if (scenario->rules[i].progress != PROGRESS_NONE && scenario->rules[i].kind != RULE_NOTE) {
            return true;
        }
    }
    return false;
}

/* Why neither promise is judged; NULL: they can be. */
static const char *judge_calm_exempt(const struct judge *judge)
{
    if (judge->scenario->world == WORLD_REAL) {
        return "a real machine may be late whatever the network does";
    }
    if (judge_calm_has_when(judge->scenario)) {
        return "a `when` rule has no time before it happens";
    }
    return judge->raw ? "a script sends raw datagrams, which may claim to be anything" : NULL;
}

int judge_calm_init(struct judge *judge)
{
    int status = calm_init(&judge->calm, judge->scenario);

    if (status != 0) {
        return status;
    }
    judge_calm_mark_nodes(judge);
    if (judge_calm_exempt(judge) != NULL) {
        judge->calm.from_ns = TIME_NEVER;
    } else {
        judge->quiet = calm_is_quiet(judge->scenario, judge->quiet_why);
    }
    return 0;
}

void judge_calm_begin(struct judge *judge)
{
    judge->calm_now = true;
    judge->entries_peak = judge->entries;
    for (uint32_t node = 1; node <= judge->scenario->server_count; node++) {
        judge->servers[node].jobs_peak = judge->servers[node].jobs;
    }
}

/* ---- while it runs --------------------------------------------------------------------------- */

/* A link did to a datagram what no fault of it is for, at any time: that can be told in every run,
 * whether or not the rest of the promise is judged. */
static void judge_calm_break_quiet(struct judge *judge, const struct trace_record *record,
                                   const char *what)
{
    judge_break(judge, PROMISE_QUIET, record, "%s -> %s %s a datagram",
                judge->scenario->nodes[record->from].name, judge->scenario->nodes[record->to].name,
                what);
}

void judge_calm_copy(struct judge *judge, const struct trace_record *record,
                     struct request *request, uint32_t link)
{
    const struct calm_link *may = calm_link(&judge->calm, link);
    bool full = record->reason == LOSS_QUEUE; /* no room for so many: the scenario's doing */

    if (record->reason != LOSS_NONE && (may->reasons >> record->reason & 1) == 0) {
        judge_calm_break_quiet(judge, record, "lost");
    }
    if (record->event == TRACE_DUPLICATED && !may->copies) {
        judge_calm_break_quiet(judge, record, "made a copy of");
    }
    if (request == NULL || request->calm_ns == TIME_NEVER) {
        return;
    }
    /* A script of choices may lose or hold up any datagram, and only those that it names. */
    bool chosen =
        judge->scenario->script != NULL &&
        (record->reason != LOSS_NONE || time_since(record->t_ns, record->due_ns) > may->delay_ns);
    if (full || chosen) {
        request->calm_ns = TIME_NEVER;
    }
}

/* Whether all datagrams that exact faults drop by position have passed: those of the try that was
 * just sent come after them. */
static bool judge_calm_is_past_drops(const struct judge *judge, const uint32_t links[4])
{
    for (unsigned hop = 0; hop < 4; hop++) {
        uint64_t passed = TALLY_LINK(&judge->verdict->tally, links[hop], sent) - (hop == 0);
        if (passed < calm_link(&judge->calm, links[hop])->drops_until) {
            return false;
        }
    }
    return true;
}

void judge_calm_first_try(struct judge *judge, const struct trace_record *record,
                          struct request *request)
{
    const struct scenario_server *server;
    uint32_t links[4];

    if (judge_group(judge, record->node)->plain) {
        return;
    }
    server = theory_server_of(judge->scenario, (enum op)request->op);
    if (server == NULL || !judge->servers[server->node].calm) {
        return;
    }
    theory_path_links(record->node, server, links);
    if (judge_calm_is_past_drops(judge, links) &&
        !calm_drops_try(judge->scenario, record->client, record->n, record->try)) {
        request->calm_ns = record->t_ns;
    }
}

void judge_calm_retry(struct judge *judge, const struct trace_record *record)
{
    if (!judge->quiet) {
        return;
    }
    if (record->node == NODE_BROKER) {
        judge_break(judge, PROMISE_QUIET, record, "the broker asked again");
    } else if (!judge_group(judge, record->node)->plain) {
        judge_break(judge, PROMISE_QUIET, record, "try %u was sent, the answer was not awaited",
                    record->try);
    }
}

void judge_calm_job(struct judge *judge, uint32_t node, bool got)
{
    struct judge_server *server = &judge->servers[node];

    if (got) {
        server->jobs++;
        server->jobs_peak = server->jobs > server->jobs_peak ? server->jobs : server->jobs_peak;
    } else {
        server->jobs -= server->jobs > 0;
    }
}

void judge_calm_closed(const struct judge *judge, struct request *request, unsigned code)
{
    /* A refusal from before the faults were over may come late, and end what is asked anew. */
    if (code != CODE_OK && request->began_ns < judge->calm.from_ns) {
        request->calm_ns = TIME_NEVER;
    }
}

/* ---- ends ------------------------------------------------------------------------------------ */

static uint64_t judge_calm_times_ns(uint64_t span_ns, uint64_t count)
{
    return span_ns > 0 && count > TIME_NEVER / span_ns ? TIME_NEVER : span_ns * count;
}

/* The longest that a try of the request can have taken; TIME_NEVER: nothing can be said, since the
 * broker's table or the server's queue may have been full, or the broker may have given up. */
static uint64_t judge_calm_span_ns(const struct judge *judge, const struct request *request)
{
    const struct scenario *scenario = judge->scenario;
    const struct retry_policy *leg = &scenario->broker.policy;
    const struct scenario_server *server = theory_server_of(scenario, (enum op)request->op);
    uint64_t jobs_max = judge->servers[server->node].jobs_peak;
    uint64_t service_ns = theory_service_max_ns(server);
    uint64_t rounds = jobs_max > 0 ? (jobs_max - 1) / server->workers + 1 : 1;
    uint32_t links[4];
    uint64_t hop_ns[4];

    if (judge->entries_peak >= scenario->broker.pending ||
        (service_ns > 0 && jobs_max > (uint64_t)server->workers + server->queue)) {
        return TIME_NEVER;
    }
    theory_path_links(request->client, server, links);
    for (unsigned hop = 0; hop < 4; hop++) {
        hop_ns[hop] = calm_link(&judge->calm, links[hop])->delay_ns;
    }
    uint64_t leg_ns =
        time_add(judge_calm_times_ns(service_ns, rounds), time_add(hop_ns[1], hop_ns[2]));
    if (leg->timeout_ns > 0 && leg_ns >= judge_calm_times_ns(leg->timeout_ns, leg->tries)) {
        return TIME_NEVER;
    }
    return time_add(leg_ns, time_add(hop_ns[0], hop_ns[3]));
}

/* Whether the request, which failed at end_ns, ought to have been answered. */
static bool judge_calm_should_live(const struct judge *judge, const struct request *request,
                                   uint64_t end_ns, enum outcome outcome, uint64_t *span_ns)
{
    if (request->calm_ns == TIME_NEVER) {
        return false;
    }
    *span_ns = judge_calm_span_ns(judge, request);
    bool late = end_ns > time_add(request->calm_ns, *span_ns);
    /* With room for all and time for its last try, no error is due to it either. */
    bool refused = outcome == OUTCOME_ERROR && time_add(end_ns, *span_ns) < request->deadline_ns;
    return late || refused;
}

void judge_calm_failed(struct judge *judge, const struct trace_record *record,
                       const struct request *request)
{
    enum outcome outcome = (enum outcome)record->reason;
    uint64_t span_ns = TIME_NEVER;

    if (outcome == OUTCOME_CANCELLED) {
        return; /* it might still have been answered */
    }
    if (judge->quiet && request->op != OP_UNKNOWN && !judge_group(judge, request->client)->plain) {
        judge_break(judge, PROMISE_QUIET, record, "ended as %s, code %u", outcome_name(outcome),
                    record->code);
    }
    if (judge_calm_should_live(judge, request, record->t_ns, outcome, &span_ns)) {
        judge->calm_judged++;
        judge_break(judge, PROMISE_LIVENESS, record,
                    "ended as %s, though what was sent at %.3fms, after all faults, takes %.3fms "
                    "at most",
                    outcome_name(outcome), (double)request->calm_ns / 1e6, (double)span_ns / 1e6);
    }
}

const char *judge_calm_why_not(const struct judge *judge, enum promise promise, char why[160])
{
    const char *exempt = judge_calm_exempt(judge);

    if (exempt != NULL || (promise != PROMISE_QUIET && promise != PROMISE_LIVENESS)) {
        return promise == PROMISE_QUIET || promise == PROMISE_LIVENESS ? exempt : NULL;
    }
    if (promise == PROMISE_QUIET) {
        return judge->quiet ? NULL : judge->quiet_why;
    }
    if (judge->calm_judged > 0) {
        return NULL;
    }
    if (!judge->calm_now) {
        snprintf(why, 160, "nothing happened after the last fault");
    } else if (judge->calm.lasts) {
        char place[SCENARIO_PLACE_MAX];
        snprintf(why, 160, "datagrams can be lost or held up to the end of the run (%s)",
                 scenario_format_place(place, judge->calm.line));
    } else {
        snprintf(why, 160, "nothing was sent after the last fault that had to be answered");
    }
    return why;
}
