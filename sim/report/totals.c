#include "report/totals.h"

#include <math.h>
#include <stdio.h>

void totals_add_link(struct tally_link *sum, const struct tally_link *link)
{
    sum->sent += link->sent;
    sum->duplicated += link->duplicated;
    sum->delivered += link->delivered;
    for (uint32_t reason = 0; reason < LOSS_REASON_COUNT; reason++) {
        sum->lost[reason] += link->lost[reason];
    }
    sum->corrupted += link->corrupted;
    sum->reordered += link->reordered;
    sum->bytes += link->bytes;
}

static void totals_add_client(struct totals *totals, const struct tally_node *node)
{
    totals->answered += node->answered;
    totals->error += node->error;
    totals->timed_out += node->timed_out;
    totals->cancelled += node->cancelled;
    totals->tries += node->tries;
    totals->retries += node->retries;
    for (uint32_t code = 0; code < TALLY_CODES; code++) {
        totals->replies[code] += node->replies[code];
        totals->errors[code] += node->errors[code];
    }
}

void totals_of_run(struct totals *totals, const struct verdict *verdict,
                   const struct run_facts *facts)
{
    const struct scenario *scenario = verdict->scenario;

    *totals = (struct totals){.requests = scenario->request_count};
    for (uint32_t i = 0; i < scenario->node_count; i++) {
        const struct tally_node node = tally_node(&verdict->tally, i);
        switch (scenario->nodes[i].kind) {
        case NODE_KIND_BROKER:
            totals->broker_tries += node.tries;
            totals->broker_retries += node.retries;
            break;
        case NODE_KIND_SERVER:
            totals->executions += node.executions;
            break;
        case NODE_KIND_CLIENT:
            totals_add_client(totals, &node);
            break;
        }
        for (uint32_t reason = 0; reason < REJECT_REASON_COUNT; reason++) {
            totals->rejected[reason] += node.rejected[reason];
            totals->rejected_total += node.rejected[reason];
        }
        totals->kernel_drops += facts->nodes[i].kernel_drops;
        totals->in_flight += facts->nodes[i].in_flight + facts->nodes[i].unread;
    }
    totals->failed = totals->error + totals->timed_out + totals->cancelled;
    for (uint32_t i = 0; i < scenario->link_count; i++) {
        const struct tally_link link = tally_link(&verdict->tally, i);
        totals_add_link(&totals->links, &link);
    }
    totals->lost = tally_link_lost(&totals->links);
}

double totals_chance_of_tries(const struct theory *theory, unsigned k)
{
    double reached = pow(1 - theory->try_answered, k - 1);

    return k < theory->tries ? reached * theory->try_answered : k == theory->tries ? reached : 0;
}

/* ---- what a repetition can differ in --------------------------------------------------------- */

static bool totals_rule_has_positions(const struct scenario_rule *rule)
{
    for (uint32_t i = 0; i < rule->faults.exact_count; i++) {
        if (rule->faults.exact[i].which == EXACT_POSITIONS) {
            return true;
        }
    }
    return false;
}

static bool totals_group_goes_by_order(const struct scenario_clients *group)
{
    for (uint32_t i = 0; i < group->step_count; i++) {
        if (group->steps[i].kind == CLIENT_RAW) {
            return true;
        }
    }
    return group->plain;
}

bool totals_exception(const struct scenario *scenario, const struct run_facts *facts, uint32_t i,
                      char text[200])
{
    char place[SCENARIO_PLACE_MAX];

    for (uint32_t r = 0; r < scenario->rule_count; r++) {
        const struct scenario_rule *rule = &scenario->rules[r];
        if (totals_rule_has_positions(rule) && i-- == 0) {
            snprintf(text, 200, "%s chooses datagrams by their position on the link",
                     scenario_format_place(place, rule->line));
            return true;
        }
        const char *memory = rule->kind == RULE_FAULTS ? fault_set_memory(&rule->faults) : NULL;
        if (memory != NULL && i-- == 0) {
            snprintf(text, 200, "%s (%s) goes by the order of datagrams on the link", memory,
                     scenario_format_place(place, rule->line));
            return true;
        }
        if (rule->timed && rule->kind != RULE_NOTE && facts->world == WORLD_REAL && i-- == 0) {
            snprintf(text, 200, "the event of %s races with the datagrams",
                     scenario_format_place(place, rule->line));
            return true;
        }
    }
    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct scenario_clients *group = &scenario->groups[g];
        if (totals_group_goes_by_order(group) && i-- == 0) {
            snprintf(text, 200, "plain and raw datagrams of %s (line %u) go by order on their link",
                     group->prefix, group->line);
            return true;
        }
    }
    return false;
}
