#include "verdict/judge.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"

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
    judge->repeats = judge->duplicates || judge->raw || scenario->broker.policy.timeout_ns > 0;
    for (uint32_t i = 0; i < scenario->node_count; i++) {
        judge->outsiders |= scenario->nodes[i].port != 0;
        judge->clients[i].delivered_ns = TIME_NEVER;
        judge->clients[i].held = LEDGER_NONE;
    }
}

int judge_init(struct judge **judge, struct verdict *verdict)
{
    const struct scenario *scenario = verdict->scenario;
    struct judge *made = calloc(1, sizeof *made);

    if (made == NULL) {
        return -ENOMEM;
    }
    made->scenario = scenario;
    made->verdict = verdict;
    made->clients = calloc(scenario->node_count, sizeof *made->clients);
    made->links = calloc(scenario->node_count, 2 * sizeof *made->links);
    made->servers = calloc((size_t)scenario->server_count + 1, sizeof *made->servers);
    made->failures = calloc(scenario->node_count, sizeof *made->failures);
    if (made->clients == NULL || made->links == NULL || made->servers == NULL ||
        made->failures == NULL || ledger_init(&made->ledger) != 0) {
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
    judge_read_scenario(made);
    if (judge_calm_init(made) != 0) {
        judge_free(made);
        return -ENOMEM;
    }
    *judge = made;
    return 0;
}

void judge_free(struct judge *judge)
{
    if (judge != NULL) {
        ledger_free(&judge->ledger);
        watches_free(&judge->watches);
        calm_free(&judge->calm);
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

void judge_let_go(struct judge *judge, struct request *request)
{
    if (ledger_is_over(request)) {
        judge_settle_request(judge, request, false);
        ledger_release(&judge->ledger, request);
    }
}

/* Whether the record is about a request of a client's script. */
static bool judge_is_named(const struct judge *judge, const struct trace_record *record)
{
    return record->n != 0 && judge_is_client(judge, record->client);
}

static void judge_take_rejected(struct judge *judge, const struct trace_record *record,
                                struct request *request)
{
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
    }
}

/* A timer fired at a client or the broker. */
static void judge_take_timeout(struct judge *judge, const struct trace_record *record,
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

void judge_take(struct judge *judge, const struct trace_record *record, const uint8_t *bytes)
{
    struct watch_finding finding = {.wrong = false, .duplicate = false};
    bool named = judge_is_named(judge, record);
    struct request *request = named ? ledger_find(&judge->ledger, record->client, record->n) : NULL;

    if (!judge->calm_now && record->t_ns >= judge->calm.from_ns) {
        judge_calm_begin(judge);
    }
    switch ((enum trace_event)record->event) {
    case TRACE_BEGIN:
        judge_begin(judge, record, bytes);
        request = ledger_find(&judge->ledger, record->client, record->n);
        break;
    case TRACE_SEND:
    case TRACE_DUPLICATED:
        judge_sent(judge, record, request);
        break;
    case TRACE_DELIVER:
        judge_delivered(judge, record, request);
        break;
    case TRACE_EXECUTE:
        judge_execute(judge, record, request, &finding);
        break;
    case TRACE_TIMEOUT:
        judge_take_timeout(judge, record, request);
        break;
    case TRACE_RETRY:
        judge_calm_retry(judge, record);
        if (request != NULL && record->node == request->client) {
            request->fired_ns = record->t_ns;
        }
        break;
    case TRACE_ANSWERED:
        judge_answered(judge, record, bytes, request, &finding);
        break;
    case TRACE_FAILED:
        judge_failed(judge, record, request);
        break;
    case TRACE_REPLY_ERROR:
        judge_reply_error(judge, record, request);
        break;
    case TRACE_REJECTED:
        judge_take_rejected(judge, record, request);
        break;
    case TRACE_ENTRY_OPENED:
        judge_entry_opened(judge, record, request);
        break;
    case TRACE_ENTRY_CLOSED:
        judge_entry_closed(judge, record, request);
        break;
    case TRACE_CRASH:
    case TRACE_RESTART:
        judge_state_lost(judge, record->node);
        return;
    case TRACE_FAULT:
    case TRACE_NOTE:
    case TRACE_PARTITION:
    case TRACE_HEAL:
    case TRACE_PAUSE:
    case TRACE_RESUME:
    case TRACE_EVENT_COUNT:
        return;
    }
    if (!named) {
        return;
    }
    if (record->event == TRACE_EXECUTE || finding.wrong) {
        watch_add_finding(&judge->verdict->tally, record, &finding);
    }
    if (judge->watches.count > 0) {
        watches_take(&judge->watches, record, bytes, request, &finding);
    }
    if (request != NULL) {
        judge_let_go(judge, request);
    }
}
