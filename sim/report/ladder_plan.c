#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/ladder_parts.h"

#define PLAN_DOWN   1u
#define PLAN_PAUSED 2u

/* Columns between the broker's lifeline and its neighbours': for a label on an arrow. */
#define PLAN_GAP_MAX     46
#define PLAN_GAP_GOOD    22 /* where there is room, clients share columns rather than have less */
#define PLAN_SPACING_MIN 4  /* from one lifeline to the next */

/* ---- which columns --------------------------------------------------------------------------- */

/* Who shares a column with whom: same number, same column. */
static uint32_t plan_kin(const struct scenario *scenario, uint32_t node, unsigned level)
{
    switch (scenario->nodes[node].kind) {
    case NODE_KIND_BROKER:
        return 0;
    case NODE_KIND_SERVER:
        return level >= 3 ? 0 : node;
    case NODE_KIND_CLIENT:
        return level == 0 ? node : level == 1 ? scenario->nodes[node].index : 0;
    }
    return 0;
}

/* Adds the nodes first .. end - 1, all of one kind, that take part (all of them: `every`). */
static void plan_add_nodes(struct ladder_plan *plan, const struct ladder_story *story,
                           uint32_t first, uint32_t end, unsigned level, bool every)
{
    const struct scenario *scenario = story->scenario;
    struct ladder_column *column = NULL;
    uint32_t kin = 0;

    for (uint32_t node = first; node < end; node++) {
        if (!every && !scenario_in_bitmap(story->used, node)) {
            continue;
        }
        if (column == NULL || plan_kin(scenario, node, level) != kin) {
            column = &plan->columns[plan->count++];
            column->first_node = node;
            kin = plan_kin(scenario, node, level);
        }
        column->last_node = node;
        column->node_count++;
        plan->of_node[node] = plan->count - 1;
    }
}

/* What stands above a column. */
static void plan_name(struct ladder_column *column, const struct scenario *scenario)
{
    const struct scenario_node *first = &scenario->nodes[column->first_node];
    const struct scenario_node *last = &scenario->nodes[column->last_node];

    if (column->node_count == 1) {
        ladder_row_name(column->name, first->name, LADDER_NAME_MAX);
    } else if (first->kind == NODE_KIND_SERVER) {
        snprintf(column->name, sizeof column->name, "servers");
    } else if (first->index != last->index) {
        snprintf(column->name, sizeof column->name, "clients");
    } else {
        snprintf(column->name, sizeof column->name, "%s..%s", first->name, last->name);
        if (strlen(column->name) > LADDER_NAME_MAX) {
            snprintf(column->name, sizeof column->name, "%s*",
                     scenario->groups[first->index].prefix);
        }
    }
}

bool ladder_plan_init(struct ladder_plan *plan, const struct ladder_story *story, unsigned level)
{
    const struct scenario *scenario = story->scenario;
    uint32_t first_client = 1 + scenario->server_count;
    bool any_server = false;

    *plan = (struct ladder_plan){.count = 0};
    plan->columns = calloc(scenario->node_count, sizeof *plan->columns);
    plan->of_node = malloc(scenario->node_count * sizeof *plan->of_node);
    plan->states = calloc(scenario->node_count, sizeof *plan->states);
    if (plan->columns == NULL || plan->of_node == NULL || plan->states == NULL) {
        ladder_plan_free(plan);
        return false;
    }
    for (uint32_t node = 0; node < scenario->node_count; node++) {
        plan->of_node[node] = LADDER_NO_COLUMN;
        any_server |= node > 0 && node < first_client && scenario_in_bitmap(story->used, node);
    }
    plan_add_nodes(plan, story, first_client, scenario->node_count, level, false);
    plan->broker = plan->count;
    plan_add_nodes(plan, story, NODE_BROKER, 1, level, true);
    plan_add_nodes(plan, story, 1, first_client, level, !any_server);
    for (uint32_t i = 0; i < plan->count; i++) {
        plan_name(&plan->columns[i], scenario);
        if (i < plan->broker && plan->columns[i].node_count > 1) {
            plan->shared += plan->columns[i].node_count;
            plan->sharing++;
        }
    }
    return true;
}

void ladder_plan_free(struct ladder_plan *plan)
{
    free(plan->columns);
    free(plan->of_node);
    free(plan->states);
    *plan = (struct ladder_plan){.count = 0};
}

/* ---- where they stand ------------------------------------------------------------------------ */

static unsigned plan_name_columns(const struct ladder_column *column)
{
    size_t size = strlen(column->name);

    return size < LADDER_NAME_MAX ? (unsigned)size : LADDER_NAME_MAX;
}

/* From the lifeline before a column to its own, where their names do not touch. */
static unsigned plan_spacing(const struct ladder_plan *plan, uint32_t i)
{
    unsigned before = plan_name_columns(&plan->columns[i - 1]);
    unsigned own = plan_name_columns(&plan->columns[i]);
    unsigned spacing = before - before / 2 + own / 2 + 1;

    return spacing > PLAN_SPACING_MIN ? spacing : PLAN_SPACING_MIN;
}

/* Columns of the screen that are taken by all but the two gaps beside the broker. */
static unsigned plan_fixed(const struct ladder_plan *plan)
{
    unsigned last = plan_name_columns(&plan->columns[plan->count - 1]);
    unsigned fixed = plan->time_end + 2 + plan_name_columns(&plan->columns[0]) / 2;

    for (uint32_t i = 1; i < plan->count; i++) {
        bool beside = i == plan->broker || i == plan->broker + 1;
        fixed += beside ? 1 : plan_spacing(plan, i);
    }
    return fixed + last - last / 2;
}

/* The gaps beside the broker. */
static unsigned plan_gaps(const struct ladder_plan *plan)
{
    return plan->broker > 0 && plan->broker + 1 < plan->count ? 2 : 1;
}

/* Whether all columns fit with gaps that are good; if so, or if they must, places them. */
static bool plan_place(struct ladder_plan *plan, unsigned width, bool must)
{
    unsigned fixed = plan_fixed(plan);
    unsigned gaps = plan_gaps(plan);
    unsigned gap = fixed < width ? (width - fixed) / gaps : 0;
    unsigned x = plan->time_end + 2 + plan_name_columns(&plan->columns[0]) / 2;
    unsigned last = plan_name_columns(&plan->columns[plan->count - 1]);

    if (!must && gap < PLAN_GAP_GOOD) {
        return false;
    }
    gap = gap < PLAN_GAP_MAX ? gap : PLAN_GAP_MAX;
    for (uint32_t i = 0; i < plan->count; i++) {
        bool beside = i > 0 && (i == plan->broker || i == plan->broker + 1);
        x += i == 0 ? 0 : beside ? gap + 1 : plan_spacing(plan, i);
        plan->columns[i].x = x;
    }
    plan->right = x + (last - last / 2 > 0 ? last - last / 2 : 1);
    plan->right = plan->right < width ? plan->right : width;
    return true;
}

bool ladder_plan_fit(struct ladder_plan *plan, const struct ladder_story *story, unsigned width)
{
    char time[WORDS_MAX];
    int time_size = snprintf(time, sizeof time, "%" PRIu64 ".000", story->last_ns / NS_PER_MS);
    unsigned apart = 0;

    for (unsigned level = 0;; level++) {
        if (!ladder_plan_init(plan, story, level)) {
            return false;
        }
        plan->time_end = time_size > 8 ? (unsigned)time_size : 8;
        apart = level == 0 ? plan_fixed(plan) + plan_gaps(plan) * PLAN_GAP_GOOD : apart;
        plan->apart = apart;
        if (plan_place(plan, width, level + 1 == LADDER_LEVEL_COUNT)) {
            return true;
        }
        ladder_plan_free(plan);
    }
}

/* ---- as time goes by ------------------------------------------------------------------------- */

void ladder_plan_follow(struct ladder_plan *plan, const struct ladder_row *row)
{
    bool crash = row->event == TRACE_CRASH;
    bool restart = row->event == TRACE_RESTART;
    bool pause = row->event == TRACE_PAUSE;
    bool resume = row->event == TRACE_RESUME;
    unsigned bit = crash || restart ? PLAN_DOWN : PLAN_PAUSED;
    struct ladder_column *column;

    if (!(crash || restart || pause || resume) || plan->of_node[row->node] == LADDER_NO_COLUMN) {
        return;
    }
    column = &plan->columns[plan->of_node[row->node]];
    column->down -= plan->states[row->node] & PLAN_DOWN;
    column->paused -= (plan->states[row->node] & PLAN_PAUSED) / PLAN_PAUSED;
    plan->states[row->node] =
        (uint8_t)(crash || pause ? plan->states[row->node] | bit : plan->states[row->node] & ~bit);
    column->down += plan->states[row->node] & PLAN_DOWN;
    column->paused += (plan->states[row->node] & PLAN_PAUSED) / PLAN_PAUSED;
}
