#include "scenario/parse.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "base/time.h"

static void nodes_make(struct parse *parse, uint32_t index, enum node_kind kind, uint32_t of,
                       const char *name)
{
    parse->nodes[index] = (struct scenario_node){
        .name = name,
        .kind = kind,
        .index = of,
        .name_key = prng_draw_text(UINT64_C(0x6e616d65), name, strlen(name)) | 1,
    };
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
            int size = snprintf(text, sizeof text, "%s%u", group->prefix, i + 1);
            name = arena_text(parse->arena, text, (size_t)size);
        }
        nodes_make(parse, first + i, NODE_KIND_CLIENT, group_index, name);
    }
}

/* The line that a group was read from. */
static const struct parse_line *nodes_line_of(const struct parse *parse,
                                              const struct scenario_clients *group)
{
    for (uint32_t i = 0; i < parse->line_count; i++) {
        if (parse->lines[i].number == group->line && parse->lines[i].set == 0) {
            return &parse->lines[i];
        }
    }
    return &parse->lines[0];
}

/* Each name once; the error is at the line of the second. */
static bool nodes_check_names(struct parse *parse)
{
    struct scenario *scenario = parse->scenario;
    struct map names;
    bool good = true;

    if (map_init(&names, scenario->node_count) != 0) {
        return false;
    }
    for (uint32_t i = 0; i < scenario->node_count && good; i++) {
        const struct scenario_node *node = &parse->nodes[i];
        uint32_t first = map_get(&names, node->name_key);
        if (first != MAP_NONE) {
            const struct scenario_clients *group = &parse->groups[node->index];
            bool client = parse->nodes[first].kind == NODE_KIND_CLIENT;
            uint32_t line = client ? parse->groups[parse->nodes[first].index].line : 0;
            const struct parse_line *second = nodes_line_of(parse, group);
            uint32_t column = second->word_count > 1 ? second->words[1].column : 1;
            char where[32] = "";
            if (line > 0) {
                snprintf(where, sizeof where, " (line %u)", line);
            }
            good = parse_error_at(parse, second, column,
                                  "there is a node '%s' already%s; choose "
                                  "another name or prefix",
                                  node->name, where);
        }
        (void)map_put(&names, node->name_key, i);
    }
    map_free(&names);
    return good;
}

static void nodes_settle_group(struct scenario_clients *group)
{
    if (!group->deadline_given) {
        group->deadline_ns = time_min(retry_span_max_ns(&group->policy), SCENARIO_DEADLINE_MAX_NS);
    }
}

static void nodes_settle_broker(struct parse *parse)
{
    struct retry_policy *policy = &parse->scenario->broker.policy;

    if (!parse->broker_timeout_given && parse->broker_tries_given && policy->tries > 1) {
        policy->timeout_ns = 200 * NS_PER_MS;
    }
}

static bool nodes_check_limits(struct parse *parse)
{
    const struct scenario *scenario = parse->scenario;
    bool real = scenario->world == WORLD_REAL;
    uint32_t most = real ? SCENARIO_CLIENTS_REAL_MAX : SCENARIO_CLIENTS_MAX;

    if (scenario->client_count <= most) {
        return true;
    }
    const struct parse_line *line = nodes_line_of(parse, &parse->groups[parse->group_count - 1]);
    return parse_error_at(parse, line, line->word_count > 1 ? line->words[1].column : 1,
                          "%u clients in all; the %s world holds %u%s", scenario->client_count,
                          real ? "real" : "virtual", most,
                          real ? " (the virtual one 100000: --world virtual)" : "");
}

bool parse_make_nodes(struct parse *parse)
{
    struct scenario *scenario = parse->scenario;
    uint32_t servers = 0;
    uint32_t next;

    for (unsigned op = 0; op < OP_KNOWN_COUNT; op++) {
        servers += parse->servers[op].runs;
    }
    for (uint32_t g = 0; g < parse->group_count; g++) {
        nodes_settle_group(&parse->groups[g]);
        scenario->request_count +=
            (uint64_t)parse->groups[g].request_count * parse->groups[g].count;
        if (scenario->client_count <= SCENARIO_CLIENTS_MAX) {
            scenario->client_count += parse->groups[g].count;
        }
    }
    nodes_settle_broker(parse);
    scenario->groups = parse->groups;
    scenario->group_count = parse->group_count;
    if (!nodes_check_limits(parse)) {
        return false;
    }
    scenario->node_count = 1 + servers + scenario->client_count;
    scenario->link_count = 2 * (scenario->node_count - 1);
    parse->nodes = arena_alloc(parse->arena, scenario->node_count, sizeof *parse->nodes);
    scenario->nodes = parse->nodes;
    nodes_make(parse, NODE_BROKER, NODE_KIND_BROKER, 0, "broker");
    nodes_make_servers(parse);
    next = 1 + servers;
    for (uint32_t g = 0; g < parse->group_count; g++) {
        nodes_make_group(parse, g, next);
        next += parse->groups[g].count;
    }
    return nodes_check_names(parse);
}
