#include "verdict/judge.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "verdict/schedule.h"

/* What the scenario allows that a rule must make room for. */
static void judge_read_scenario(struct judge *judge)
{
    const struct scenario *scenario = judge->scenario;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct fault_set *faults = &scenario->rules[i].faults;
        judge->duplicates |= faults->duplicate_q63 > 0;
        judge->damages |= (faults->corrupt_q63 | faults->truncate_q63) != 0;
        for (uint32_t k = 0; k < faults->exact_count; k++) {
            judge->duplicates |= faults->exact[k].kind == EXACT_DUPLICATE;
            judge->damages |= faults->exact[k].kind == EXACT_CORRUPT;
        }
    }
    for (uint32_t g = 0; g < scenario->group_count; g++) {
        for (uint32_t s = 0; s < scenario->groups[g].step_count; s++) {
            judge->raw |= scenario->groups[g].steps[s].kind == CLIENT_RAW;
        }
    }
    judge->plain_size_max = scenario->script == NULL ? WIRE_DATAGRAM_MAX : 0;
    judge->leg_tries = scenario->broker.policy.timeout_ns > 0 ? scenario->broker.policy.tries : 1;
    judge->repeats = judge->duplicates || judge->raw || scenario->broker.policy.timeout_ns > 0;
    for (uint32_t i = 0; i < scenario->node_count; i++) {
        judge->outsiders |= scenario->nodes[i].port != 0;
        judge->clients[i].delivered_ns = TIME_NEVER;
        judge->clients[i].held = LEDGER_NONE;
        judge->clients[i].group = judge_is_client(judge, i) ? scenario->nodes[i].index : 0;
    }
    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct retry_policy *policy = &scenario->groups[g].policy;
        judge->groups[g].clients = &scenario->groups[g];
        judge->groups[g].timeout_ns = policy->timeout_ns;
        judge->groups[g].tries_max = policy->tries < JUDGE_WAITS ? policy->tries : JUDGE_WAITS - 1;
        for (unsigned try = 1; try < JUDGE_WAITS; try++) {
            judge->groups[g].wait_max_ns[try] = schedule_wait_max_ns(policy, try);
        }
    }
}

static void judge_check_rules(void);

int judge_init(struct judge **judge, struct verdict *verdict)
{
    const struct scenario *scenario = verdict->scenario;
    struct judge *made = calloc(1, sizeof *made);

    assert(scenario->link_count <= LEDGER_LINKS_MAX);
    if (made == NULL) {
        return -ENOMEM;
    }
    made->scenario = scenario;
    made->verdict = verdict;
    made->first_client = scenario->server_count + 1;
    made->client_count = scenario->node_count - made->first_client;
    made->linked_count = scenario->node_count - 1;
    made->clients = calloc(scenario->node_count, sizeof *made->clients);
    made->links = calloc(scenario->node_count, 2 * sizeof *made->links);
    made->servers = calloc((size_t)scenario->server_count + 1, sizeof *made->servers);
    made->failures = calloc(scenario->node_count, sizeof *made->failures);
    made->groups = calloc((size_t)scenario->group_count + 1, sizeof *made->groups);
    if (made->clients == NULL || made->links == NULL || made->servers == NULL ||
        made->failures == NULL || made->groups == NULL || ledger_init(&made->ledger) != 0) {
        free(made->groups);
        free(made->clients);
        free(made->links);
        free(made->servers);
        free(made->failures);
        free(made);
        return -ENOMEM;
    }
    if (watches_init(&made->watches, scenario) != 0) {
        judge_free(made);
        return -ENOMEM;
    }
    judge_check_rules();
    judge_read_scenario(made);
    if (judge_calm_init(made) != 0) {
        judge_free(made);
        return -ENOMEM;
    }
    made->attend_ns = made->watches.count > 0 ? 0 : made->calm.from_ns;
    *judge = made;
    return 0;
}

void judge_free(struct judge *judge)
{
    if (judge != NULL) {
        ledger_free(&judge->ledger);
        watches_free(&judge->watches);
        calm_free(&judge->calm);
        free(judge->groups);
        free(judge->clients);
        free(judge->links);
        free(judge->servers);
        free(judge->failures);
        free(judge);
    }
}

void judge_break(struct judge *judge, enum promise promise, const struct trace_record *record,
                 const char *format, ...)
{
    struct judge_breach *breach = &judge->breaches[promise];
    size_t room = sizeof breach->detail;
    size_t length = 0;
    va_list arguments;

    if (breach->broken) {
        return;
    }
    breach->broken = true;
    if (record != NULL) {
        int written = snprintf(breach->detail, room, "at %.3fms: ", (double)record->t_ns / 1e6);
        length = (size_t)written;
        if (record->n != 0 && record->client < judge->scenario->node_count) {
            written = snprintf(breach->detail + length, room - length,
                               "%s/%u: ", judge->scenario->nodes[record->client].name, record->n);
            length += (size_t)written;
            breach->culprit = (struct verdict_culprit){.client = record->client, .n = record->n};
        }
    }
    va_start(arguments, format);
    vsnprintf(breach->detail + length, room - length, format, arguments);
    va_end(arguments);
}

void judge_forget(struct judge *judge, struct request *request)
{
    judge_settle_request(judge, request, false);
    ledger_release(&judge->ledger, request);
}

/* ---- records --------------------------------------------------------------------------------- */

static void judge_rejected(struct judge *judge, const struct trace_record *record,
                           struct request *request)
{
    tally_take_rejected(&judge->verdict->tally, record);
    if (judge_is_client(judge, record->node)) {
        return;
    }
    struct judge_server *server = &judge->servers[record->node];
    if (server->damage == DAMAGE_ARRIVED) { /* it was never counted */
        server->damage = record->reason == REJECT_VERSION ? DAMAGE_REFUSED : DAMAGE_NONE;
        return;
    }
    if (record->node == NODE_BROKER) {
        if (request != NULL && record->reason == REJECT_DEAF) {
            request->broker_received -= record->from == request->client;
        }
        return;
    }
    judge_calm_job(judge, record->node, false);
    if (request != NULL) {
        request->jobs -= request->jobs > 0;
        judge_let_go(judge, request);
    }
}

/* A timer fired at a client or the broker. */
static void judge_timeout(struct judge *judge, const struct trace_record *record,
                          struct request *request)
{
    if (record->t_ns < record->due_ns) {
        judge_break(judge, PROMISE_TIMERS, record, "the timer of try %u fired %.3fms early at %s",
                    record->try, (double)(record->due_ns - record->t_ns) / 1e6,
                    judge->scenario->nodes[record->node].name);
    }
    if (request != NULL && record->node == request->client) {
        judge_client_timer(judge, record, request);
    }
}

static void judge_retry(struct judge *judge, const struct trace_record *record,
                        struct request *request)
{
    tally_take_retried(&judge->verdict->tally, record->node);
    judge_calm_retry(judge, record);
    if (request != NULL && record->node == request->client) {
        request->fired_ns = record->t_ns;
    }
}

static void judge_crash(struct judge *judge, const struct trace_record *record,
                        struct request *request)
{
    (void)request;
    judge_state_lost(judge, record->node);
}

/* What no rule is about. */
static void judge_nothing(struct judge *judge, const struct trace_record *record,
                          struct request *request)
{
    (void)judge;
    (void)record;
    (void)request;
}

/* The rule that a record concerns, by its event. */
static void (*const judge_rules[TRACE_EVENT_COUNT])(struct judge *judge,
                                                    const struct trace_record *record,
                                                    struct request *request) = {
    [TRACE_BEGIN] = judge_begin,
    [TRACE_SEND] = judge_sent,
    [TRACE_DUPLICATED] = judge_duplicated,
    [TRACE_DELIVER] = judge_delivered,
    [TRACE_EXECUTE] = judge_execute,
    [TRACE_TIMEOUT] = judge_timeout,
    [TRACE_RETRY] = judge_retry,
    [TRACE_ANSWERED] = judge_answered,
    [TRACE_FAILED] = judge_failed,
    [TRACE_REPLY_ERROR] = judge_reply_error,
    [TRACE_REJECTED] = judge_rejected,
    [TRACE_ENTRY_OPENED] = judge_entry_opened,
    [TRACE_ENTRY_CLOSED] = judge_entry_closed,
    [TRACE_FAULT] = judge_nothing,
    [TRACE_NOTE] = judge_nothing,
    [TRACE_PARTITION] = judge_nothing,
    [TRACE_HEAL] = judge_nothing,
    [TRACE_CRASH] = judge_crash,
    [TRACE_RESTART] = judge_crash,
    [TRACE_PAUSE] = judge_nothing,
    [TRACE_RESUME] = judge_nothing,
};

/* No event was forgotten. */
static void judge_check_rules(void)
{
    for (unsigned event = 0; event < TRACE_EVENT_COUNT; event++) {
        assert(judge_rules[event] != NULL);
    }
}

/* Shows the record, which was just judged, to the watches. began_ns: when its request began,
 * TIME_NEVER where nothing was remembered of it. */
static void judge_show_watches(struct judge *judge, const struct trace_record *record,
                               const uint8_t *bytes, uint64_t began_ns)
{
    if (record->n == 0 || !judge_is_client(judge, record->client)) {
        return; /* about nobody's request */
    }
    if (record->event == TRACE_BEGIN) {
        const struct request *begun = ledger_find(&judge->ledger, record->client, record->n);
        began_ns = begun != NULL ? begun->began_ns : TIME_NEVER;
    }
    watches_take(&judge->watches, record, bytes, began_ns, &judge->finding);
}

/* A record that somebody waits for beside the rules. */
static __attribute__((noinline)) void judge_attend(struct judge *judge,
                                                   const struct trace_record *record,
                                                   const uint8_t *bytes)
{
    bool watched = judge->watches.count > 0;

    if (!judge->calm_now && record->t_ns >= judge->calm.from_ns) {
        judge_calm_begin(judge);
        judge->attend_ns = watched ? 0 : TIME_NEVER;
    }
    struct request *request = ledger_find(&judge->ledger, record->client, record->n);
    uint64_t began_ns = request != NULL ? request->began_ns : TIME_NEVER;
    judge_rules[record->event](judge, record, request);
    if (watched) {
        judge_show_watches(judge, record, bytes, began_ns);
    }
}

/* A record that is not about the same request as the one before. */
static __attribute__((noinline)) void judge_take_another(struct judge *judge,
                                                         const struct trace_record *record)
{
    judge_rules[record->event](judge, record,
                               ledger_look_up(&judge->ledger, record->client, record->n));
}

void judge_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct judge *judge = context;

    judge->bytes = bytes;
    judge->last_ns = record->t_ns;
    if (record->t_ns >= judge->attend_ns) {
        judge_attend(judge, record, bytes);
    } else if (ledger_is_latest(&judge->ledger, record->client, record->n)) {
        judge_rules[record->event](judge, record, judge->ledger.latest);
    } else {
        judge_take_another(judge, record);
    }
}
