#include "scenario/write_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int write_group_init(struct write_group *group, const struct scenario_clients *clients)
{
    *group = (struct write_group){.client_count = clients->count};
    group->clients = calloc(clients->count, sizeof *group->clients);
    group->step_skip = calloc(clients->step_count + 1, sizeof *group->step_skip);
    group->step_count = calloc(clients->step_count + 1, sizeof *group->step_count);
    if (group->clients == NULL || group->step_skip == NULL || group->step_count == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < clients->count; i++) {
        group->clients[i] = clients->first_node + i;
    }
    for (uint32_t i = 0; i < clients->step_count; i++) {
        group->step_count[i] = clients->steps[i].kind == CLIENT_SEND ? clients->steps[i].count : 1;
    }
    return 0;
}

int write_plan_init(struct write_plan *plan, const struct scenario *scenario)
{
    bool good;

    *plan = (struct write_plan){.scenario = scenario, .expectation = UINT32_MAX};
    plan->groups = calloc(scenario->group_count + 1, sizeof *plan->groups);
    plan->rules = malloc((scenario->rule_count + 1) * sizeof *plan->rules);
    good = plan->groups != NULL && plan->rules != NULL;
    for (uint32_t i = 0; good && i < scenario->rule_count; i++) {
        plan->rules[i] = true;
    }
    for (uint32_t g = 0; good && g < scenario->group_count; g++) {
        good = write_group_init(&plan->groups[g], &scenario->groups[g]) == 0;
    }
    if (!good) {
        write_plan_free(plan);
        return -ENOMEM;
    }
    return 0;
}

void write_plan_free(struct write_plan *plan)
{
    for (uint32_t g = 0; plan->groups != NULL && g < plan->scenario->group_count; g++) {
        free(plan->groups[g].clients);
        free(plan->groups[g].step_skip);
        free(plan->groups[g].step_count);
    }
    free(plan->groups);
    free(plan->rules);
    plan->groups = NULL;
    plan->rules = NULL;
}

int write_plan_copy(struct write_plan *copy, const struct write_plan *plan)
{
    int status = write_plan_init(copy, plan->scenario);

    if (status != 0) {
        return status;
    }
    copy->choices = plan->choices;
    copy->choice_count = plan->choice_count;
    copy->expectation = plan->expectation;
    copy->chance = plan->chance;
    memcpy(copy->rules, plan->rules, plan->scenario->rule_count * sizeof *copy->rules);
    for (uint32_t g = 0; g < plan->scenario->group_count; g++) {
        const struct write_group *from = &plan->groups[g];
        struct write_group *to = &copy->groups[g];
        uint32_t steps = plan->scenario->groups[g].step_count;
        to->client_count = from->client_count;
        memcpy(to->clients, from->clients, from->client_count * sizeof *to->clients);
        memcpy(to->step_skip, from->step_skip, steps * sizeof *to->step_skip);
        memcpy(to->step_count, from->step_count, steps * sizeof *to->step_count);
    }
    return 0;
}

uint32_t write_plan_n(const struct write_plan *plan, uint32_t group, uint32_t n)
{
    const struct scenario_clients *clients = &plan->scenario->groups[group];
    const struct write_group *kept = &plan->groups[group];
    uint32_t before = 0;     /* requests of earlier steps */
    uint32_t new_before = 0; /* and how many of them are kept */

    for (uint32_t i = 0; i < clients->step_count; i++) {
        if (clients->steps[i].kind != CLIENT_SEND) {
            continue;
        }
        if (n <= before + clients->steps[i].count) {
            uint32_t offset = n - before - 1;
            bool is_kept =
                offset >= kept->step_skip[i] && offset - kept->step_skip[i] < kept->step_count[i];
            return is_kept ? new_before + offset - kept->step_skip[i] + 1 : 0;
        }
        before += clients->steps[i].count;
        new_before += kept->step_count[i];
    }
    return 0;
}

uint32_t write_plan_node(const struct write_plan *plan, uint32_t node)
{
    const struct scenario_node *what = &plan->scenario->nodes[node];

    if (what->kind != NODE_KIND_CLIENT) {
        return 1;
    }
    const struct write_group *group = &plan->groups[what->index];
    uint32_t low = 0;
    uint32_t high = group->client_count;
    while (low < high) { /* its clients are in order */
        uint32_t middle = low + (high - low) / 2;
        if (group->clients[middle] < node) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < group->client_count && group->clients[low] == node ? low + 1 : 0;
}

bool write_plan_request(const struct write_plan *plan, uint32_t client, uint32_t n,
                        uint32_t *new_client, uint32_t *new_n)
{
    *new_client = write_plan_node(plan, client);
    *new_n = write_plan_n(plan, plan->scenario->nodes[client].index, n);
    return *new_client > 0 && *new_n > 0;
}

bool write_plan_keeps(const struct write_plan *plan, const struct fault_choice *choice)
{
    uint32_t from = scenario_link_from(choice->link);
    uint32_t new_client;
    uint32_t new_n;

    if (choice->copy > 0 || choice->kind == CHOICE_TRUNCATE) {
        return false;
    }
    if (choice->client != UINT32_MAX) {
        return write_plan_request(plan, choice->client, choice->n, &new_client, &new_n);
    }
    return write_plan_node(plan, from == NODE_BROKER ? scenario_link_to(choice->link) : from) > 0;
}
