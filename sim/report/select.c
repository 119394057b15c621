#include "report/select.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "report/words.h"

/* Of a group that is taken in part, so many are named one by one. */
#define SELECT_NAMES_MAX 4

/* What a bit stands for. */
enum select_side { SELECT_NODE, SELECT_TO_BROKER, SELECT_FROM_BROKER };

struct select {
    const struct scenario *scenario;
    const uint64_t *bitmap;
    enum select_side side;
    char *text; /* SELECT_MAX bytes */
    size_t used;
};

static bool select_has(const struct select *select, uint32_t node)
{
    switch (select->side) {
    case SELECT_NODE:
        return scenario_in_bitmap(select->bitmap, node);
    case SELECT_TO_BROKER:
        return scenario_in_bitmap(select->bitmap, scenario_link_to_broker(node));
    case SELECT_FROM_BROKER:
        return scenario_in_bitmap(select->bitmap, scenario_link_from_broker(node));
    }
    return false;
}

static uint32_t select_count(const struct select *select, uint32_t first, uint32_t count)
{
    uint32_t has = 0;

    for (uint32_t i = 0; i < count; i++) {
        has += select_has(select, first + i);
    }
    return has;
}

__attribute__((format(printf, 2, 3))) static void select_add(struct select *select,
                                                             const char *format, ...)
{
    char item[CLIENT_NAME_MAX + 32];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(item, sizeof item, format, arguments);
    va_end(arguments);
    int wrote = snprintf(select->text + select->used, SELECT_MAX - select->used, "%s%s",
                         select->used > 0 ? ", " : "", item);
    select->used += wrote < 0 ? 0 : (size_t)wrote;
    select->used = select->used < SELECT_MAX ? select->used : SELECT_MAX - 1;
}

static void select_group(struct select *select, const struct scenario_clients *group)
{
    uint32_t has = select_count(select, group->first_node, group->count);

    if (has == group->count && group->part) {
        char name[WORDS_LINK_MAX];
        words_group(name, group);
        select_add(select, "%s", name);
    } else if (has == group->count && !group->single) {
        select_add(select, "%s*", group->prefix);
    } else if (has > SELECT_NAMES_MAX) {
        select_add(select, "%u of %s*", has, group->prefix);
    } else {
        for (uint32_t i = 0; i < group->count; i++) {
            if (select_has(select, group->first_node + i)) {
                select_add(select, "%s", select->scenario->nodes[group->first_node + i].name);
            }
        }
    }
}

/* The nodes (or the other ends of links) of one side; "" if there are none. */
static void select_words(struct select *select)
{
    const struct scenario *scenario = select->scenario;
    uint32_t clients = scenario->node_count - scenario->client_count; /* the first one */

    select->used = 0;
    select->text[0] = '\0';
    if (select->side == SELECT_NODE && select_has(select, NODE_BROKER)) {
        select_add(select, "the broker");
    }
    if (scenario->server_count > 1 &&
        select_count(select, 1, scenario->server_count) == scenario->server_count) {
        select_add(select, "servers");
    } else {
        for (uint32_t i = 1; i <= scenario->server_count; i++) {
            if (select_has(select, i)) {
                select_add(select, "%s", scenario->nodes[i].name);
            }
        }
    }
    if (scenario->client_count > 1 &&
        select_count(select, clients, scenario->client_count) == scenario->client_count) {
        select_add(select, "clients");
    } else {
        for (uint32_t i = 0; i < scenario->group_count; i++) {
            select_group(select, &scenario->groups[i]);
        }
    }
}

void select_nodes(char text[SELECT_MAX], const struct scenario *scenario, const uint64_t *bitmap)
{
    struct select select = {
        .scenario = scenario, .bitmap = bitmap, .side = SELECT_NODE, .text = text};
    select_words(&select);
}

void select_links(char text[SELECT_MAX], const struct scenario *scenario, const uint64_t *bitmap)
{
    char to[SELECT_MAX];
    char from[SELECT_MAX];
    struct select select = {
        .scenario = scenario, .bitmap = bitmap, .side = SELECT_TO_BROKER, .text = to};
    uint32_t count = 0;

    for (uint32_t i = 0; i < scenario->link_count; i++) {
        count += scenario_in_bitmap(bitmap, i);
    }
    if (count == scenario->link_count) {
        snprintf(text, SELECT_MAX, "every link");
        return;
    }
    select_words(&select);
    select.side = SELECT_FROM_BROKER;
    select.text = from;
    select_words(&select);
    int wrote = 0;
    if (strcmp(to, from) == 0) {
        wrote = snprintf(text, SELECT_MAX, "%s <-> broker", to);
    } else if (from[0] == '\0') {
        wrote = snprintf(text, SELECT_MAX, "%s -> broker", to);
    } else if (to[0] == '\0') {
        wrote = snprintf(text, SELECT_MAX, "broker -> %s", from);
    } else {
        wrote = snprintf(text, SELECT_MAX, "%s -> broker; broker -> %s", to, from);
    }
    if (wrote >= SELECT_MAX) {
        memcpy(text + SELECT_MAX - 4, "...", 4);
    }
}
