#include "verdict/judge.h"

/* What a crash takes with it: the broker's table, a server's jobs and what it has counted. What was
 * sent before is in the network, and stays. */

/* The broker knows nothing of the request any more, and does nothing about it. */
static void judge_forget_entry(struct judge *judge, struct request *request)
{
    request->entry = false;
    if (judge->clients[NODE_BROKER].held == (uint32_t)(request - judge->ledger.requests)) {
        judge->clients[NODE_BROKER].held = LEDGER_NONE;
        request->held--;
    }
}

/* So does the server of the operation, which may have had it several times. */
static void judge_forget_jobs(const struct judge *judge, uint32_t node, struct request *request)
{
    if (request->op == judge->scenario->servers[judge->scenario->nodes[node].index].op) {
        request->jobs = 0;
        if (request->op == OP_COUNT) {
            request->counted = 0;
        }
    }
}

void judge_state_lost(struct judge *judge, uint32_t node)
{
    judge->state_lost = true;
    if (node == NODE_BROKER) {
        judge->entries = 0;
        judge->nameless_entries = 0;
    } else {
        judge->servers[node].jobs = 0;
    }
    for (uint32_t i = 0; i < judge->ledger.touched; i++) {
        struct request *request = &judge->ledger.requests[i];
        if (request->n == 0) {
            continue;
        }
        if (node == NODE_BROKER) {
            judge_forget_entry(judge, request);
        } else {
            judge_forget_jobs(judge, node, request);
        }
        judge_let_go(judge, request);
    }
}
