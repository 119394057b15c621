#include "verdict/judge.h"

#include <stdio.h>

static const struct node_facts *judge_facts(const struct run_facts *facts, uint32_t node)
{
    static const struct node_facts none = {.port = 0};

    return facts->nodes != NULL && node < facts->node_count ? &facts->nodes[node] : &none;
}

/* ---- requests -------------------------------------------------------------------------------- */

void judge_settle_request(struct judge *judge, const struct request *request, bool kernel_drop)
{
    struct verdict *verdict = judge->verdict;
    bool undecided = false;

    if (judge->scenario->world == WORLD_REAL) {
        undecided = request->margin_ns < VERDICT_MARGIN_NS || kernel_drop;
        verdict->undecided += undecided;
    }
    if (request->margin_ns < verdict->margin_min_ns) {
        verdict->margin_min_ns = request->margin_ns;
    }
    if (request->outcome != OUTCOME_OPEN && request->result != LEDGER_NONE) {
        struct request_result *result = &verdict->requests[request->result];
        result->executions = request->executions;
        result->margin_ns = request->margin_ns;
        result->undecided = undecided;
    }
}

/* Whether a datagram of the request may be one of those that the kernel dropped. */
static bool judge_met_kernel_drop(const struct judge *judge, const struct request *request,
                                  const struct run_facts *facts)
{
    const struct ledger_copy *copy = &request->first;

    while (copy->way != LEDGER_NONE) {
        if (judge_facts(facts, scenario_link_to(ledger_way_link(copy->way)))->kernel_drops > 0) {
            return true;
        }
        if (copy->next == LEDGER_NONE) {
            break;
        }
        copy = &judge->ledger.copies[copy->next];
    }
    return false;
}

static void judge_finish_client(struct judge *judge, uint32_t node)
{
    const struct judge_client *client = &judge->clients[node];
    uint32_t expected = judge_group(judge, node)->request_count;
    uint64_t seen = (uint64_t)client->begun + client->never_begun;

    if (seen != expected) {
        judge_break(judge, PROMISE_ONE_OUTCOME, NULL,
                    "%s: %llu of the %u requests of its script were seen",
                    judge->scenario->nodes[node].name, (unsigned long long)seen, expected);
    }
}

/* ---- what the records showed ----------------------------------------------------------------- */

/* Whether there is any client whose answers right-text is judged by. */
static bool judge_has_judged_texts(const struct judge *judge)
{
    for (uint32_t g = 0; g < judge->scenario->group_count; g++) {
        if (judge_can_tell_texts(judge, &judge->scenario->groups[g])) {
            return true;
        }
    }
    return judge->scenario->group_count == 0;
}

/* Why a promise cannot be judged by the records; NULL: it can. */
static const char *judge_why_not(const struct judge *judge, enum promise promise,
                                 const struct run_facts *facts, char why[160])
{
    if (facts->missing_records > 0) {
        return "records of the trace were lost for want of memory";
    }
    if (judge->out_of_memory) {
        return "there was no memory to follow all requests";
    }
    if (promise == PROMISE_DEFINITE && judge->duplicates) {
        return "a link duplicates datagrams";
    }
    if (promise == PROMISE_DEFINITE && judge->state_lost) {
        return "a node that knew what had been executed lost its state";
    }
    if (promise == PROMISE_RIGHT_TEXT && !judge_has_judged_texts(judge)) {
        return "without ids a plain answer cannot be told from an earlier request's";
    }
    return judge_calm_why_not(judge, promise, why);
}

static void judge_fill_promise(const struct judge *judge, enum promise promise,
                               const struct run_facts *facts)
{
    struct promise_result *result = &judge->verdict->promises[promise];
    const struct judge_breach *breach = &judge->breaches[promise];
    char why[160];
    const char *why_not = judge_why_not(judge, promise, facts, why);

    /* What breaks `quiet` was seen, whatever else of that promise could not be judged. */
    why_not = promise == PROMISE_QUIET && breach->broken ? NULL : why_not;
    *result = (struct promise_result){.verdict = PROMISE_KEPT};
    if (why_not != NULL) {
        result->verdict = PROMISE_NOT_JUDGED;
        snprintf(result->detail, sizeof result->detail, "%s", why_not);
    } else if (breach->broken) {
        result->verdict = PROMISE_BROKEN;
        snprintf(result->detail, sizeof result->detail, "%s", breach->detail);
        result->culprit = breach->culprit;
    }
}

void judge_finish(struct judge *judge, const struct run_facts *facts)
{
    static const enum promise by_records[] = {
        PROMISE_ONE_OUTCOME,  PROMISE_RIGHT_TEXT, PROMISE_OWN_REPLY, PROMISE_CAUSE,
        PROMISE_DEFINITE,     PROMISE_TIMERS,     PROMISE_BUDGETS,   PROMISE_DROPPED_IS_GONE,
        PROMISE_EMPTY_TABLES, PROMISE_QUIET,      PROMISE_LIVENESS,
    };
    const struct scenario *scenario = judge->scenario;

    for (uint32_t i = 0; i < judge->ledger.touched; i++) {
        const struct request *request = &judge->ledger.requests[i];
        if (request->n == 0) {
            continue;
        }
        if (request->outcome == OUTCOME_OPEN) {
            judge_break(judge, PROMISE_ONE_OUTCOME, NULL, "%s/%u never ended",
                        scenario->nodes[request->client].name, request->n);
        }
        judge_settle_request(judge, request, judge_met_kernel_drop(judge, request, facts));
    }
    for (uint32_t node = scenario->server_count + 1; node < scenario->node_count; node++) {
        judge_finish_client(judge, node);
    }
    judge->verdict->abandoned = judge->entries;
    for (size_t i = 0; i < sizeof by_records / sizeof by_records[0]; i++) {
        judge_fill_promise(judge, by_records[i], facts);
    }
}
