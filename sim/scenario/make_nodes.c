#include "scenario/parse.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "scenario/ids.h"

static void nodes_make(struct parse *parse, uint32_t index, enum node_kind kind, uint32_t of,
                       const char *name)
{
    parse->nodes[index] = (struct scenario_node){
        .name = name, .kind = kind, .index = of, .name_key = ids_name_key(name, strlen(name))};
}

static void nodes_make_servers(struct parse *parse)
{
    struct scenario *scenario = parse->scenario;
    struct scenario_server *servers = arena_alloc(parse->arena, OP_KNOWN_COUNT, sizeof *servers);

    for (unsigned op = 0; op < OP_KNOWN_COUNT; op++) {
        if (parse->servers[op].runs) {
            uint32_t index = scenario->server_count++;
            servers[index] = parse->servers[op].server;
            servers[index].node = index + 1;
            nodes_make(parse, index + 1, NODE_KIND_SERVER, index, op_name((enum op)op));
        }
    }
    scenario->servers = servers;
}

/* Gives the clients of a group their nodes, from `first` on. */
static void nodes_make_group(struct parse *parse, uint32_t group_index, uint32_t first)
{
    struct scenario_clients *group = &parse->groups[group_index];

    group->first_node = first;
    for (uint32_t i = 0; i < group->count; i++) {
        const char *name = group->prefix;
        if (!group->single) {
            char text[CLIENT_NAME_MAX + 12];
            int size = snprintf(text, sizeof text, "%s%u", group->prefix, group->first_number + i);
            name = arena_text(parse->arena, text, (size_t)size);
        }
        nodes_make(parse, first + i, NODE_KIND_CLIENT, group_index, name);
    }
}

/* ---- checks ---------------------------------------------------------------------------------- */

/* Names and texts of a group, whose size a --set may have changed. */
static void nodes_check_group(struct parse *parse, uint32_t group_index)
{
    const struct scenario_clients *group = &parse->groups[group_index];
    const struct parse_place *place = &parse->group_places[group_index];
    size_t size = parse_name_size_max(group);

    if (size > CLIENT_NAME_MAX && place->column > 0) {
        (void)parse_error_at(parse, place->line, place->column,
                             "the last of them would be %s%u, and a name has at most %d "
                             "characters; choose a shorter prefix",
                             group->prefix, group->first_number + group->count - 1,
                             CLIENT_NAME_MAX);
    }
    for (uint32_t i = 0; place->line->set > 0 && i < group->step_count; i++) {
        if (parse_text_size_max(&group->steps[i].text, size) > SCENARIO_TEXT_MAX) {
            (void)parse_error_at(parse, place->line, place->column,
                                 "with so many, {client} makes a text longer than %d bytes",
                                 SCENARIO_TEXT_MAX);
            return;
        }
    }
}

/* An error at the group if one of its names is that of an earlier node. */
static void nodes_check_names(struct parse *parse, uint32_t group_index)
{
    const struct scenario_clients *group = &parse->groups[group_index];
    const struct parse_place *place = &parse->group_places[group_index];

    for (uint32_t i = 0; place->column > 0 && i < group->count; i++) {
        const char *name = parse->nodes[group->first_node + i].name;
        uint32_t first = scenario_find_node(parse->scenario, name, strlen(name));
        if (first == group->first_node + i || first == NODE_NONE) {
            continue;
        }
        if (parse->nodes[first].kind == NODE_KIND_CLIENT) {
            (void)parse_error_at(parse, place->line, place->column,
                                 "there is a client '%s' already, in line %u; choose another %s",
                                 name, parse->groups[parse->nodes[first].index].line,
                                 group->single ? "name" : "prefix: clients 8 as PREFIX");
        } else {
            (void)parse_error_at(parse, place->line, place->column,
                                 "there is a node '%s' already; choose another name", name);
        }
        return;
    }
}

/* Where a message about the group points. */
static uint32_t nodes_column(const struct parse *parse, uint32_t group_index)
{
    uint32_t column = parse->group_places[group_index].column;

    return column > 0 ? column : 1;
}

/* Counts clients and requests; an error at the first group that is too much. */
static bool nodes_check_limits(struct parse *parse)
{
    struct scenario *scenario = parse->scenario;
    bool real = scenario->world == WORLD_REAL;
    uint32_t most = real ? SCENARIO_CLIENTS_REAL_MAX : SCENARIO_CLIENTS_MAX;

    for (uint32_t g = 0; g < parse->group_count; g++) {
        const struct scenario_clients *group = &parse->groups[g];
        scenario->client_count += group->count;
        scenario->request_count += (uint64_t)group->request_count * group->count;
        if (scenario->client_count > most) {
            return parse_error_at(parse, parse->group_places[g].line, nodes_column(parse, g),
                                  "%u clients so far; the %s world holds %u%s",
                                  scenario->client_count, real ? "real" : "virtual", most,
                                  real ? " (and the virtual one 100000: world virtual)" : "");
        }
    }
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------- */

bool parse_make_nodes(struct parse *parse)
{
    struct scenario *scenario = parse->scenario;
    uint32_t next = 1;

    if (!nodes_check_limits(parse)) {
        return false;
    }
    for (unsigned op = 0; op < OP_KNOWN_COUNT; op++) {
        next += parse->servers[op].runs;
    }
    scenario->groups = parse->groups;
    scenario->group_count = parse->group_count;
    scenario->node_count = next + scenario->client_count;
    scenario->link_count = 2 * (scenario->node_count - 1);
    parse->nodes = arena_alloc(parse->arena, scenario->node_count, sizeof *parse->nodes);
    scenario->nodes = parse->nodes;
    nodes_make(parse, NODE_BROKER, NODE_KIND_BROKER, 0, "broker");
    nodes_make_servers(parse);
    for (uint32_t g = 0; g < parse->group_count; g++) {
        struct scenario_clients *group = &parse->groups[g];
        if (!group->deadline_given) {
            group->deadline_ns =
                time_min(retry_span_max_ns(&group->policy), SCENARIO_DEADLINE_MAX_NS);
        }
        nodes_check_group(parse, g);
        nodes_make_group(parse, g, next);
        next += group->count;
    }
    ids_make(scenario);
    for (uint32_t g = 0; g < parse->group_count; g++) {
        nodes_check_names(parse, g);
    }
    parse->port_places =
        arena_alloc(parse->arena, scenario->node_count, sizeof *parse->port_places);
    return true;
}
