#include "scenario/ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/prng.h"
#include "broker/broker.h"

/* An id is a tag of 40 bits and the request's number in 24. */
#define IDS_N_BITS 24
#define IDS_N_MASK ((UINT64_C(1) << IDS_N_BITS) - 1)

#define IDS_DOMAIN_NAME   UINT64_C(0x6e616d65)
#define IDS_DOMAIN_CLIENT UINT64_C(0x636c69656e74)
#define IDS_DOMAIN_BROKER UINT64_C(0x62726f6b6572)
#define IDS_DOMAIN_DRAWS  UINT64_C(0x6472617773)

/* Whose a tag is. On a client's links the tag itself stands on the wire; on a server's, behind the
 * broker's bijection, the tag xor the client's address. */
struct scenario_ids {
    uint64_t *prefixes; /* owned: of each node; 0 = no client */
    struct broker_id_key broker_key;
    struct map of_name;            /* name_key -> node */
    struct map of_client;          /* tag -> node */
    struct map of_upstream;        /* tag xor address -> node */
    struct client_config *configs; /* owned: of each group's clients */
};

uint64_t ids_name_key(const char *name, size_t size)
{
    return prng_draw_text(IDS_DOMAIN_NAME, name, size) | 1;
}

uint32_t scenario_find_node(const struct scenario *scenario, const char *name, size_t size)
{
    uint32_t node = map_get(&scenario->ids->of_name, ids_name_key(name, size));

    if (node == MAP_NONE || strlen(scenario->nodes[node].name) != size ||
        memcmp(scenario->nodes[node].name, name, size) != 0) {
        return NODE_NONE;
    }
    return node;
}

uint64_t scenario_endpoint_key(const struct scenario *scenario, uint32_t node)
{
    /* Its lowest bits are free for n; name_key is odd in the bit that then comes first. */
    return scenario->nodes[node].name_key << IDS_N_BITS;
}

uint64_t scenario_broker_key(const struct scenario *scenario)
{
    return prng_draw(scenario->seed, IDS_DOMAIN_BROKER);
}

/* The first tag from the drawn one on that nobody has yet, neither alone nor with its address. */
static uint64_t ids_choose_tag(const struct scenario *scenario, uint32_t node)
{
    const struct scenario_ids *ids = scenario->ids;
    uint64_t key = prng_draw(scenario->seed, IDS_DOMAIN_CLIENT);
    uint64_t tag = prng_draw(key, scenario->nodes[node].name_key) >> IDS_N_BITS;
    uint64_t address = scenario_endpoint_key(scenario, node) >> IDS_N_BITS;

    while (tag == 0 || (tag ^ address) == 0 || map_get(&ids->of_client, tag) != MAP_NONE ||
           map_get(&ids->of_upstream, tag ^ address) != MAP_NONE) {
        tag = (tag + 1) & (UINT64_MAX >> IDS_N_BITS);
    }
    return tag;
}

/* An entry of a directory that has room for it. */
static void ids_put(struct map *map, uint64_t key, uint32_t node)
{
    if (!map_put(map, key, node)) {
        abort();
    }
}

static struct client_config ids_config(const struct scenario *scenario,
                                       const struct scenario_clients *group)
{
    return (struct client_config){
        .steps = group->steps,
        .step_count = group->step_count,
        .request_count = group->request_count,
        .policy = group->policy,
        .deadline_ns = group->deadline_ns,
        .window = group->window,
        .start_ns = group->start_ns,
        .plain = group->plain,
        .broker = {.key = scenario_endpoint_key(scenario, NODE_BROKER), .node = NODE_BROKER},
    };
}

void ids_make(struct scenario *scenario)
{
    uint32_t clients = scenario->client_count > 0 ? scenario->client_count : 1;
    struct scenario_ids *ids = calloc(1, sizeof *ids);

    if (ids == NULL) {
        abort();
    }
    scenario->ids = ids;
    ids->broker_key = broker_make_id_key(scenario_broker_key(scenario));
    ids->prefixes = calloc(scenario->node_count, sizeof *ids->prefixes);
    ids->configs = calloc(scenario->group_count + 1, sizeof *ids->configs);
    if (ids->prefixes == NULL || ids->configs == NULL ||
        map_init(&ids->of_name, scenario->node_count) != 0 ||
        map_init(&ids->of_client, clients) != 0 || map_init(&ids->of_upstream, clients) != 0) {
        abort();
    }
    for (uint32_t g = 0; g < scenario->group_count; g++) {
        ids->configs[g] = ids_config(scenario, &scenario->groups[g]);
    }
    for (uint32_t node = 0; node < scenario->node_count; node++) {
        if (map_get(&ids->of_name, scenario->nodes[node].name_key) == MAP_NONE) {
            ids_put(&ids->of_name, scenario->nodes[node].name_key, node);
        }
        if (scenario->nodes[node].kind == NODE_KIND_CLIENT) {
            uint64_t tag = ids_choose_tag(scenario, node);
            uint64_t address = scenario_endpoint_key(scenario, node) >> IDS_N_BITS;
            ids->prefixes[node] = tag << IDS_N_BITS;
            ids_put(&ids->of_client, tag, node);
            ids_put(&ids->of_upstream, tag ^ address, node);
        }
    }
}

void ids_free(struct scenario *scenario)
{
    struct scenario_ids *ids = scenario->ids;

    if (ids != NULL) {
        map_free(&ids->of_name);
        map_free(&ids->of_client);
        map_free(&ids->of_upstream);
        free(ids->prefixes);
        free(ids->configs);
        free(ids);
        scenario->ids = NULL;
    }
}

uint64_t scenario_id_prefix(const struct scenario *scenario, uint32_t node)
{
    return scenario->ids->prefixes[node];
}

bool scenario_request_of_id(const struct scenario *scenario, uint32_t link, uint64_t id,
                            uint32_t *client_node, uint32_t *n)
{
    const struct scenario_ids *ids = scenario->ids;
    uint32_t from = scenario_link_from(link);
    uint32_t other = from == NODE_BROKER ? scenario_link_to(link) : from;
    uint32_t node;

    if (scenario->nodes[other].kind == NODE_KIND_CLIENT) {
        node = map_get(&ids->of_client, id >> IDS_N_BITS);
    } else {
        id = broker_upstream_id_invert(ids->broker_key, id);
        node = map_get(&ids->of_upstream, id >> IDS_N_BITS);
    }
    if (node == MAP_NONE) {
        return false;
    }
    uint32_t number = (uint32_t)(id & IDS_N_MASK);
    if (number == 0 || number > scenario->groups[scenario->nodes[node].index].request_count) {
        return false;
    }
    *client_node = node;
    *n = number;
    return true;
}

uint64_t scenario_upstream_id(const struct scenario *scenario, uint32_t client, uint64_t id)
{
    return broker_upstream_id(scenario->ids->broker_key, scenario_endpoint_key(scenario, client),
                              id);
}

uint64_t scenario_downstream_id(const struct scenario *scenario, uint32_t client, uint64_t id)
{
    return broker_upstream_id_invert(scenario->ids->broker_key, id) ^
           scenario_endpoint_key(scenario, client);
}

const struct client_config *scenario_client_config(const struct scenario *scenario, uint32_t node)
{
    return &scenario->ids->configs[scenario->nodes[node].index];
}

struct client_identity scenario_client_identity(const struct scenario *scenario, uint32_t node)
{
    const struct scenario_node *self = &scenario->nodes[node];

    return (struct client_identity){
        .name = self->name,
        .key = prng_draw(prng_draw(scenario->seed, IDS_DOMAIN_DRAWS), self->name_key),
        .id_prefix = scenario->ids->prefixes[node],
    };
}
