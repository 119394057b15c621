#include "verdict/judge.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/time.h"
#include "protocol/code.h"
#include "verdict/reference.h"
#include "verdict/schedule.h"

/* ---- beginning ------------------------------------------------------------------------------- */

/* Remembers what the right answer is. bytes: "op:text". */
static void judge_expect_answer(struct request *request, const uint8_t *bytes, size_t size)
{
    enum op op = (enum op)request->op;
    size_t skipped = op_name_size(op) + 1;

    if (op != OP_COUNT && op != OP_UNKNOWN && size >= skipped) {
        request->expected = reference_of_answer(op, bytes + skipped, size - skipped);
    }
}

void judge_begin(struct judge *judge, const struct trace_record *record, struct request *known)
{
    struct judge_client *client = &judge->clients[record->node];
    const struct scenario_clients *group = judge_group(judge, record->node);

    tally_take_begun(&judge->verdict->tally, record->node);
    if (record->n != client->begun + 1 || client->never_begun > 0) {
        judge_break(judge, PROMISE_ONE_OUTCOME, record, "begins out of turn, after number %u",
                    client->begun + client->never_begun);
    }
    if (known != NULL) {
        return;
    }
    client->begun = record->n > client->begun ? record->n : client->begun;
    client->open++;
    if (client->open > group->window) {
        judge_break(judge, PROMISE_BUDGETS, record, "is open beside %u others, the window is %u",
                    client->open - 1, group->window);
    }
    judge_hold(judge, client, NULL);
    struct request *request = ledger_open(&judge->ledger, record->client, record->n);
    if (request == NULL) {
        judge->out_of_memory = true;
        return;
    }
    request->began_ns = record->t_ns;
    request->due_ns = record->due_ns;
    request->deadline_ns = record->value_ns;
    request->op = record->op;
    judge_expect_answer(request, judge->bytes, record->bytes_size);
}

/* ---- tries ----------------------------------------------------------------------------------- */

/* The timer of a try is set later than the table of waits allows: is it later than the policy? */
static __attribute__((cold, noinline)) void judge_send_late_timer(struct judge *judge,
                                                                  const struct trace_record *record,
                                                                  const struct retry_policy *policy)
{
    uint64_t most_ns = time_add(record->t_ns, schedule_wait_max_ns(policy, record->try));

    if (record->value_ns > most_ns) {
        judge_break(judge, PROMISE_BUDGETS, record,
                    "the timer of try %u is set %.3fms later than the policy allows", record->try,
                    (double)(record->value_ns - most_ns) / 1e6);
    }
}

/* A send not before its timer, and before the deadline; its own timer no shorter than the policy's
 * timeout, but for the deadline, and no longer than backoff, jitter and cap allow. */
static void judge_send_times(struct judge *judge, const struct trace_record *record,
                             const struct request *request, const struct judge_group *group)
{
    const struct retry_policy *policy = &group->clients->policy;

    if (request->tries > 0 && record->t_ns < request->timer_ns) {
        judge_break(judge, PROMISE_TIMERS, record, "try %u was sent %.3fms before its timer",
                    record->try, (double)(request->timer_ns - record->t_ns) / 1e6);
    }
    if (record->t_ns >= request->deadline_ns) {
        judge_break(judge, PROMISE_TIMERS, record, "try %u was sent %.3fms after the deadline",
                    record->try, (double)(record->t_ns - request->deadline_ns) / 1e6);
    }
    uint64_t least_ns = time_min(time_add(record->t_ns, policy->timeout_ns), request->deadline_ns);
    if (record->value_ns < least_ns) {
        judge_break(judge, PROMISE_TIMERS, record, "the timer of try %u is set %.3fms too early",
                    record->try, (double)(least_ns - record->value_ns) / 1e6);
    }
    uint64_t wait_ns = group->wait_max_ns[record->try < JUDGE_WAITS ? record->try : 0];
    if (record->value_ns > time_add(record->t_ns, wait_ns)) {
        judge_send_late_timer(judge, record, policy);
    }
}

void judge_client_send(struct judge *judge, const struct trace_record *record,
                       struct request *request)
{
    const struct judge_group *group = &judge->groups[judge->clients[record->node].group];
    uint8_t sent = record->try;

    if (request == NULL || request->outcome != OUTCOME_OPEN) {
        judge_break(judge, PROMISE_TIMERS, record, "try %u was sent though the request is not open",
                    record->try);
        return;
    }
    judge_send_times(judge, record, request, group);
    if (sent != request->tries + 1) {
        judge_break(judge, PROMISE_BUDGETS, record, "try %u follows try %u", sent, request->tries);
    }
    if (sent > group->clients->policy.tries) {
        judge_break(judge, PROMISE_BUDGETS, record, "try %u was sent, the policy allows %u", sent,
                    group->clients->policy.tries);
    }
    request->tries = sent <= WIRE_TRY_MAX ? sent : WIRE_TRY_MAX;
    request->timer_ns = record->value_ns;
    judge_calm_try(judge, record, request);
}

void judge_client_timer(struct judge *judge, const struct trace_record *record,
                        struct request *request)
{
    if (record->t_ns < request->timer_ns) {
        judge_break(judge, PROMISE_TIMERS, record, "try %u was given up %.3fms before its timer",
                    record->try, (double)(request->timer_ns - record->t_ns) / 1e6);
    }
    request->fired_ns = record->t_ns;
}

/* ---- replies --------------------------------------------------------------------------------- */

/* A reply to `try` was taken while the latest try's timer ran: how close was it to that timer, and
 * if it answers an earlier try, to the timer that had started the latest? */
static void judge_race(struct request *request, const struct trace_record *record)
{
    uint64_t gap_ns = time_since(record->t_ns, request->timer_ns);

    if (record->try < request->tries && request->fired_ns != TIME_NEVER) {
        gap_ns = time_min(gap_ns, time_since(request->fired_ns, record->t_ns));
    }
    request->margin_ns = time_min(request->margin_ns, gap_ns);
}

/* A reply was taken: it must have come just now, from the broker, to an open request. False: it was
 * not open. */
static bool judge_take_reply(struct judge *judge, const struct trace_record *record,
                             struct request *request, bool plain)
{
    if (request == NULL || request->outcome != OUTCOME_OPEN) {
        judge_break(judge, PROMISE_OWN_REPLY, record, "took a reply though it is not open");
        return false;
    }
    if (!plain && request->reply_ns != record->t_ns && judge->clients[record->node].damaged) {
        judge_break(judge, PROMISE_DROPPED_IS_GONE, record,
                    "took a reply that a link had damaged on the way");
    }
    if (plain ? judge->clients[record->node].delivered_ns != record->t_ns
              : request->reply_ns != record->t_ns || request->reply_try != record->try) {
        judge_break(judge, PROMISE_OWN_REPLY, record,
                    "took a reply to try %u that did not come to it", record->try);
    }
    judge_race(request, record);
    return true;
}

bool judge_can_tell_texts(const struct judge *judge, const struct scenario_clients *group)
{
    const struct retry_policy *leg = &judge->scenario->broker.policy;
    bool repeats = judge->duplicates || (leg->timeout_ns > 0 && leg->tries > 1);

    if (!group->plain) {
        return true;
    }
    for (uint32_t i = 0; i < group->step_count; i++) {
        if (group->steps[i].kind == CLIENT_RAW) {
            return false; /* it may be a plain request of its own, whose answer comes too */
        }
    }
    return group->policy.tries == 1 && group->window == 1 && !repeats && !judge->damages;
}

/* Whether the client's next answer can be told: no earlier request is still unanswered. */
static bool judge_knows_whose(const struct judge *judge, uint32_t client)
{
    const struct scenario_clients *group = judge_group(judge, client);

    return judge_can_tell_texts(judge, group) &&
           !(group->plain && judge->clients[client].plain_unsettled);
}

static bool judge_is_right(const struct judge *judge, const struct trace_record *record,
                           const struct request *request, bool plain)
{
    if (request->op == OP_UNKNOWN) {
        return false;
    }
    if (request->op == OP_COUNT) {
        return reference_count_is_right(judge->bytes, record->bytes_size,
                                        plain ? 1 : request->counted_max);
    }
    return reference_of_text(judge->bytes, record->bytes_size) == request->expected;
}

/* ---- ends ------------------------------------------------------------------------------------ */

/* A place in the verdict's list; NULL: no memory. */
static struct request_result *judge_add_result(struct judge *judge)
{
    struct verdict *verdict = judge->verdict;

    if (verdict->request_count == verdict->request_capacity) {
        void *grown = array_grow(verdict->requests, &verdict->request_capacity,
                                 sizeof *verdict->requests, 256);
        if (grown == NULL) {
            judge->out_of_memory = true;
            return NULL;
        }
        verdict->requests = grown;
    }
    return &verdict->requests[verdict->request_count++];
}

/* Lists a request that has ended; what may still change is filled by judge_settle_request. Returns
 * its index, LEDGER_NONE without memory. */
static __attribute__((noinline)) uint32_t judge_list_request(struct judge *judge,
                                                             const struct trace_record *record,
                                                             const struct request *request,
                                                             bool wrong)
{
    struct request_result *result = judge_add_result(judge);

    if (result == NULL) {
        return LEDGER_NONE;
    }
    *result = (struct request_result){
        .id = judge_group(judge, record->node)->plain ? 0 : record->id,
        .begin_ns = request->due_ns,
        .latency_ns = request->outcome == OUTCOME_ANSWERED ? record->value_ns : UINT64_MAX,
        .margin_ns = request->margin_ns,
        .client = request->client,
        .n = request->n,
        .executions = request->executions,
        .code = record->code,
        .outcome = request->outcome,
        .tries = request->tries,
        .op = request->op,
        .wrong = wrong,
    };
    return (uint32_t)(result - judge->verdict->requests);
}

/* Remembers the first that failed in this way, to name it. */
static void judge_note_failure(struct judge *judge, const struct trace_record *record,
                               enum outcome outcome)
{
    struct judge_failure *failure = &judge->failures[record->node][outcome - OUTCOME_ERROR];

    if (failure->n == 0) {
        *failure =
            (struct judge_failure){.ended_ns = record->t_ns, .n = record->n, .code = record->code};
    }
}

/* The request has ended so. */
static inline void judge_end_request(struct judge *judge, const struct trace_record *record,
                                     struct request *request, enum outcome outcome, bool wrong)
{
    struct verdict *verdict = judge->verdict;
    struct judge_client *client = &judge->clients[record->node];
    uint32_t listed = LEDGER_NONE;

    request->outcome = (uint8_t)outcome;
    verdict->tries_histogram[request->tries]++;
    client->open -= client->open > 0;
    if (verdict->options.keep_requests) {
        listed = judge_list_request(judge, record, request, wrong);
    }
    request->ended_ns = record->t_ns; /* what it was open with is no more */
    request->result = listed;
    judge_let_go(judge, request);
}

static void judge_answered_wrong(struct judge *judge, const struct trace_record *record,
                                 const struct request *request)
{
    judge->finding.wrong = true;
    judge->verdict->wrong++;
    watch_add_finding(&judge->verdict->tally, record, &judge->finding);
    if (judge_knows_whose(judge, record->node)) {
        judge_break(judge, PROMISE_RIGHT_TEXT, record,
                    "%s was answered with the wrong text (%u bytes, after %u executions)",
                    op_name((enum op)request->op), record->bytes_size, request->executions);
    }
}

void judge_answered(struct judge *judge, const struct trace_record *record, struct request *request)
{
    bool plain = judge_group(judge, record->node)->plain;

    tally_take_answered(&judge->verdict->tally, record);
    judge->finding.wrong = false;
    if (!judge_take_reply(judge, record, request, plain)) {
        judge_break(judge, PROMISE_ONE_OUTCOME, record, "was answered after its end");
        return;
    }
    /* A plain `Error: ...` that a link has damaged passes for an answer. */
    if (plain ? judge->nameless_executions == 0 && !judge->damages : request->executions == 0) {
        judge_break(judge, PROMISE_CAUSE, record, "was answered before any server executed it");
    }
    if (!judge_is_right(judge, record, request, plain)) {
        judge_answered_wrong(judge, record, request);
    }
    judge->calm_judged += request->calm_ns != TIME_NEVER;
    judge_end_request(judge, record, request, OUTCOME_ANSWERED, judge->finding.wrong);
}

void judge_reply_error(struct judge *judge, const struct trace_record *record,
                       struct request *request)
{
    bool plain = judge_group(judge, record->node)->plain;

    tally_take_reply_error(&judge->verdict->tally, record);
    if (judge_take_reply(judge, record, request, plain) && !request->reply_sent && !plain) {
        judge_break(judge, PROMISE_CAUSE, record, "took code %u, which the broker never sent",
                    record->code);
    }
}

/* The operation of a client's n-th request, by its script. */
static enum op judge_script_op(const struct scenario_clients *group, uint32_t n)
{
    for (uint32_t s = 0; s < group->step_count; s++) {
        const struct client_step *step = &group->steps[s];
        if (step->kind != CLIENT_SEND) {
            continue;
        }
        if (n <= step->count) {
            size_t size = 0;
            while (size < WIRE_OP_MAX && step->op[size] != '\0') {
                size++;
            }
            return op_from_name((const uint8_t *)step->op, size);
        }
        n -= step->count;
    }
    return OP_UNKNOWN;
}

/* The run ended before this request could begin. */
static void judge_never_begun(struct judge *judge, const struct trace_record *record)
{
    struct judge_client *client = &judge->clients[record->node];
    const struct scenario_clients *group = judge_group(judge, record->node);
    struct request request = {.due_ns = record->t_ns,
                              .margin_ns = UINT64_MAX,
                              .client = record->client,
                              .n = record->n,
                              .outcome = OUTCOME_CANCELLED};

    client->never_begun++;
    judge->verdict->tries_histogram[0]++;
    if (record->reason != OUTCOME_CANCELLED || record->n != client->begun + client->never_begun) {
        judge_break(judge, PROMISE_ONE_OUTCOME, record, "ended (%s) without having begun",
                    outcome_name((enum outcome)record->reason));
    }
    request.op = (uint8_t)judge_script_op(group, record->n);
    judge_note_failure(judge, record, OUTCOME_CANCELLED);
    if (judge->verdict->options.keep_requests) {
        (void)judge_list_request(judge, record, &request, false);
    }
}

void judge_failed(struct judge *judge, const struct trace_record *record, struct request *request)
{
    enum outcome outcome = (enum outcome)record->reason;

    tally_take_failed(&judge->verdict->tally, record);
    if (request == NULL && record->n > judge->clients[record->node].begun) {
        judge_never_begun(judge, record);
        return;
    }
    if (request == NULL || request->outcome != OUTCOME_OPEN) {
        judge_break(judge, PROMISE_ONE_OUTCOME, record, "ended again, as %s",
                    outcome_name(outcome));
        return;
    }
    if (outcome == OUTCOME_OPEN || outcome == OUTCOME_ANSWERED) {
        judge_break(judge, PROMISE_ONE_OUTCOME, record, "failed as %s, which is no failure",
                    outcome_name(outcome));
        return;
    }
    if (outcome == OUTCOME_TIMED_OUT && record->t_ns < request->timer_ns) {
        judge_break(judge, PROMISE_TIMERS, record, "was given up %.3fms before its timer",
                    (double)(request->timer_ns - record->t_ns) / 1e6);
    }
    request->definite = outcome == OUTCOME_ERROR && code_is_definite(record->code);
    if (request->definite && request->executions > 0) {
        judge_break(judge, PROMISE_DEFINITE, record, "ended with code %u after %u executions",
                    record->code, request->executions);
    }
    judge->clients[record->node].plain_unsettled = true;
    judge_note_failure(judge, record, outcome);
    judge_calm_failed(judge, record, request);
    judge_end_request(judge, record, request, outcome, false);
}
