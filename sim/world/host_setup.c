#include "world/host_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"

struct endpoint host_endpoint(const struct scenario *scenario, uint32_t node)
{
    return (struct endpoint){.key = scenario_endpoint_key(scenario, node), .node = node};
}

/* Draws of a node: of the seed and its name alone. */
static uint64_t host_draw_key(const struct scenario *scenario, uint32_t node)
{
    return prng_draw(prng_draw(scenario->seed, scenario->nodes[node].name_key),
                     UINT64_C(0x686f7374));
}

/* How many datagrams can ever reach the broker from clients; UINT64_MAX: not known in advance,
 * since a node may begin anew or, in the real world, a stranger may ask. */
static uint64_t host_arrivals_max(const struct scenario *scenario)
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        enum rule_kind kind = scenario->rules[i].kind;
        if (kind == RULE_CRASH || kind == RULE_RESTART) {
            return UINT64_MAX;
        }
    }
    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct scenario_clients *group = &scenario->groups[g];
        for (uint32_t s = 0; s < group->step_count; s++) {
            const struct client_step *step = &group->steps[s];
            uint64_t sends = step->kind == CLIENT_SEND ? (uint64_t)step->count * group->policy.tries
                                                       : step->kind == CLIENT_RAW;
            total += LINK_COPIES_MAX * sends * group->count;
        }
    }
    return scenario->world == WORLD_VIRTUAL ? total : UINT64_MAX;
}

/* Room that nothing can fill is left out: a search makes many small runs, and each would have to
 * clear it. */
static uint32_t host_room(uint32_t wanted, uint64_t needed, uint32_t least)
{
    needed = needed > least ? needed : least;
    return needed < wanted ? (uint32_t)needed : wanted;
}

static int host_init_broker(struct host *host)
{
    const struct scenario *scenario = host->scenario;
    struct broker_config config = {
        .key = scenario_broker_key(scenario),
        .server_count = scenario->server_count,
        .self = host_endpoint(scenario, NODE_BROKER),
        .pending = host_room(scenario->broker.pending, host_arrivals_max(scenario), 1),
        .policy = scenario->broker.policy,
    };

    struct broker_server *servers = calloc(scenario->server_count, sizeof *servers);
    host->hub->broker_servers = servers;
    if (servers == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < scenario->server_count; i++) {
        const char *name = op_name(scenario->servers[i].op);
        memcpy(servers[i].op, name, strlen(name) + 1);
        servers[i].endpoint = host_endpoint(scenario, scenario->servers[i].node);
    }
    config.servers = servers;
    return broker_init(&host->hub->core.broker, &config);
}

/* How many datagrams can ever reach a server: what reaches the broker, as often as it asks. */
static uint64_t host_forwards_max(const struct scenario *scenario)
{
    const struct retry_policy *leg = &scenario->broker.policy;
    uint64_t each = LINK_COPIES_MAX * (leg->timeout_ns > 0 ? leg->tries : 1);
    uint64_t arrivals = host_arrivals_max(scenario);

    return arrivals < UINT64_MAX / each ? arrivals * each : UINT64_MAX;
}

/* How many different ids can ask this server to count: one for each request, but in the plain form,
 * where every datagram is a new request, and so is each copy that the client's link makes of it. */
static uint32_t host_count_capacity(const struct scenario *scenario)
{
    uint64_t total = 1;
    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct scenario_clients *group = &scenario->groups[g];
        uint64_t ids = group->plain ? (uint64_t)LINK_COPIES_MAX * group->policy.tries : 1;
        for (uint32_t s = 0; s < group->step_count; s++) {
            const struct client_step *step = &group->steps[s];
            if (step->kind == CLIENT_SEND && strcmp(step->op, op_name(OP_COUNT)) == 0) {
                total += ids * step->count * group->count;
            } else if (step->kind == CLIENT_RAW) {
                total += (uint64_t)LINK_COPIES_MAX * group->count;
            }
        }
    }
    return (uint32_t)(total < (1u << 24) ? total : (1u << 24));
}

static int host_init_server(struct host *host)
{
    const struct scenario *scenario = host->scenario;
    const struct scenario_server *server = &scenario->servers[scenario->nodes[host->node].index];
    struct server_config config = {
        .op = server->op,
        .key = host_draw_key(scenario, host->node),
        .service_ns = server->service_ns,
        .jitter_ns = server->jitter_ns,
        .exponential = server->exponential,
        .workers = server->workers,
        .queue = host_room(server->queue, host_forwards_max(scenario), 0),
        .count_capacity = server->op == OP_COUNT ? host_count_capacity(scenario) : 0,
        .never_answered_count = scenario->server_count,
    };

    host->hub->never_answered = calloc(scenario->server_count, sizeof *host->hub->never_answered);
    if (host->hub->never_answered == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < scenario->server_count; i++) {
        host->hub->never_answered[i] = host_endpoint(scenario, scenario->servers[i].node);
    }
    config.never_answered = host->hub->never_answered;
    return server_init(&host->hub->core.server, &config);
}

static int host_init_core(struct host *host)
{
    struct client_identity identity;

    if (host->kind != NODE_KIND_CLIENT) {
        host->hub = calloc(1, sizeof *host->hub);
        if (host->hub == NULL) {
            return -ENOMEM;
        }
    }
    switch (host->kind) {
    case NODE_KIND_BROKER:
        return host_init_broker(host);
    case NODE_KIND_SERVER:
        return host_init_server(host);
    case NODE_KIND_CLIENT:
        identity = scenario_client_identity(host->scenario, host->node);
        return client_init(&host->client, scenario_client_config(host->scenario, host->node),
                           &identity);
    }
    return -EINVAL;
}

static void host_free_core(struct host *host)
{
    switch (host->kind) {
    case NODE_KIND_BROKER:
        broker_free(&host->hub->core.broker);
        break;
    case NODE_KIND_SERVER:
        server_free(&host->hub->core.server);
        break;
    case NODE_KIND_CLIENT:
        client_free(&host->client);
        break;
    }
}

/* What a hub has beside its core. */
static void host_free_hub(struct host *host)
{
    if (host->hub != NULL) {
        free(host->hub->broker_servers);
        free(host->hub->never_answered);
        free(host->hub->links);
        free(host->hub);
    }
}

static int host_init_links(struct host *host)
{
    bool broker = host->kind == NODE_KIND_BROKER;
    uint32_t made = 0;
    int status = 0;

    if (broker) {
        host->hub->links = calloc(host_link_count(host), sizeof *host->hub->links);
        if (host->hub->links == NULL) {
            return -ENOMEM;
        }
    }
    struct link *links = host_links(host);
    while (status == 0 && made < host_link_count(host)) {
        uint32_t index =
            broker ? scenario_link_from_broker(made + 1) : scenario_link_to_broker(host->node);
        status = link_init(&links[made], host->scenario, index, host->world->links);
        made += status == 0;
    }
    while (status != 0 && made > 0) {
        link_free(&links[--made]);
    }
    return status;
}

int host_init(struct host *host, const struct scenario *scenario, uint32_t node,
              const struct host_world *world)
{
    *host = (struct host){
        .scenario = scenario,
        .world = world,
        .node = node,
        .kind = scenario->nodes[node].kind,
        .open = scenario->nodes[node].port != 0,
        .timeline_ns = timeline_first_ns(scenario),
    };
    int status = host_init_core(host);
    if (status != 0) {
        host_free_hub(host);
        return status;
    }
    status = host_init_plan(host);
    if (status == 0) {
        status = host_init_links(host);
    }
    if (status != 0) {
        host_free_core(host);
        host_free_hub(host);
        host_free_plan(host);
    }
    return status;
}

void host_free(struct host *host)
{
    struct link *links = host_links(host);

    for (uint32_t i = 0; i < host_link_count(host); i++) {
        link_free(&links[i]);
    }
    host_free_core(host);
    host_free_hub(host);
    host_free_plan(host);
}
