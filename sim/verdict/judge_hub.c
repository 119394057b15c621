#include "verdict/judge.h"

/* ---- servers --------------------------------------------------------------------------------- */

/* An execution of what is nobody's request: of a plain or raw datagram, or one from outside. */
static void judge_execute_nameless(struct judge *judge, const struct trace_record *record)
{
    judge->nameless_executions++;
    if (!judge->nameless_sent && !judge->outsiders) {
        judge_break(judge, PROMISE_CAUSE, record, "%s executed what nobody had sent",
                    judge->scenario->nodes[record->node].name);
    }
}

/* Nothing is remembered of the request: it never began, or every datagram of it was gone. */
static void judge_execute_unknown(struct judge *judge, const struct trace_record *record)
{
    judge->finding.duplicate = record->n <= judge->clients[record->client].begun;
    if (!judge->raw) {
        judge_break(judge, PROMISE_CAUSE, record, "%s executed it, %s",
                    judge->scenario->nodes[record->node].name,
                    judge->finding.duplicate ? "when none of its datagrams was left"
                                             : "before it began");
    }
}

static void judge_execute_known(struct judge *judge, const struct trace_record *record,
                                struct request *request)
{
    if (!judge->raw && (request->tries == 0 || request->jobs == 0)) {
        judge_break(judge, PROMISE_CAUSE, record, "%s executed it, %s",
                    judge->scenario->nodes[record->node].name,
                    request->tries == 0 ? "before it was sent" : "without having got it");
    }
    request->executions++;
    if (request->op == OP_COUNT && ++request->counted > request->counted_max) {
        request->counted_max = request->counted;
    }
    judge->finding.duplicate = request->executions > 1;
    if (request->definite) {
        judge_break(judge, PROMISE_DEFINITE, record,
                    "%s executed it after it had ended as not executed",
                    judge->scenario->nodes[record->node].name);
    }
}

static __attribute__((noinline)) void judge_execute_other(struct judge *judge,
                                                          const struct trace_record *record,
                                                          struct request *request)
{
    if (judge->servers[record->node].damage == DAMAGE_ARRIVED) {
        judge_break(judge, PROMISE_DROPPED_IS_GONE, record,
                    "%s executed what a link had damaged on the way",
                    judge->scenario->nodes[record->node].name);
    }
    if (request != NULL) {
        judge_execute_known(judge, record, request);
    } else if (record->n != 0 && judge_is_client(judge, record->client)) {
        judge_execute_unknown(judge, record);
    } else {
        judge_execute_nameless(judge, record);
        return;
    }
    judge->verdict->duplicate_executions += judge->finding.duplicate;
    watch_add_finding(&judge->verdict->tally, record, &judge->finding);
}

/* Whether an execution is as most are: of a request that the server has got, for the first time. */
static bool judge_is_first_execution(const struct judge *judge, const struct trace_record *record,
                                     const struct request *request)
{
    return request != NULL && request->executions == 0 && request->jobs > 0 && request->tries > 0 &&
           request->op != OP_COUNT && !request->definite &&
           judge->servers[record->node].damage == DAMAGE_NONE;
}

void judge_execute(struct judge *judge, const struct trace_record *record, struct request *request)
{
    struct tally *tally = &judge->verdict->tally;

    tally_take_executed(tally, record->node);
    if (judge_is_first_execution(judge, record, request)) {
        request->executions = 1;
        judge->finding.duplicate = false;
        tally_take_executed(tally, request->client);
    } else {
        judge_execute_other(judge, record, request);
    }
}

/* ---- the broker's table ---------------------------------------------------------------------- */

/* An entry that there should not be: there is a `second` for the request, or there are too many. */
static __attribute__((cold, noinline)) void judge_entry_amiss(struct judge *judge,
                                                              const struct trace_record *record,
                                                              bool second)
{
    if (judge->entries > judge->scenario->broker.pending) {
        judge_break(judge, PROMISE_BUDGETS, record, "the broker has %llu entries, %u are allowed",
                    (unsigned long long)judge->entries, judge->scenario->broker.pending);
    }
    if (second) {
        judge_break(judge, PROMISE_EMPTY_TABLES, record,
                    "the broker made a second entry beside the first");
    }
}

void judge_entry_opened(struct judge *judge, const struct trace_record *record,
                        struct request *request)
{
    bool second = false;

    judge->entries++;
    if (judge->entries > judge->entries_peak) {
        judge->entries_peak = judge->entries;
    }
    if (request == NULL) {
        judge->nameless_entries++;
    } else {
        second = request->entry;
        request->entry = true;
    }
    if (second || judge->entries > judge->scenario->broker.pending) {
        judge_entry_amiss(judge, record, second);
    }
}

void judge_entry_closed(struct judge *judge, const struct trace_record *record,
                        struct request *request)
{
    judge->entries -= judge->entries > 0;
    if (request != NULL && request->entry) {
        request->entry = false;
        judge_calm_closed(judge, request, record->code);
        judge_let_go(judge, request);
    } else if (request == NULL && judge->nameless_entries > 0) {
        judge->nameless_entries--;
    } else {
        judge_break(judge, PROMISE_EMPTY_TABLES, record,
                    "the broker removed an entry that it did not have");
    }
}
