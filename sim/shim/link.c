#include "shim/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "base/time.h"
#include "shim/history.h"
#include "shim/link_parts.h"

/* Domains of what is counted. */
#define LINK_OF_TRY     UINT64_C(0x747279)
#define LINK_OF_REQUEST UINT64_C(0x72657175)

/* Whether some client sends bytes of its own: an envelope that it has sent before, say. */
static bool link_has_raw(const struct scenario *scenario)
{
    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct scenario_clients *group = &scenario->groups[g];
        for (uint32_t s = 0; s < group->step_count; s++) {
            if (group->steps[s].kind == CLIENT_RAW) {
                return true;
            }
        }
    }
    return false;
}

static bool link_has_duplicates(const struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct fault_set *faults = &scenario->rules[i].faults;
        if ((faults->set & FAULT_DUPLICATE) != 0) {
            return true;
        }
        for (uint32_t k = 0; k < faults->exact_count; k++) {
            if (faults->exact[k].kind == EXACT_DUPLICATE) {
                return true;
            }
        }
    }
    return false;
}

bool link_can_repeat(const struct scenario *scenario)
{
    /* With a timer of its own the broker re-sends; and even where it has only one try, its 504 for
     * a client's try may be followed by the late reply to that same try. */
    return scenario->broker.policy.timeout_ns > 0 || link_has_raw(scenario) ||
           link_has_duplicates(scenario) || scenario->script != NULL;
}

/* ---- set-up ---------------------------------------------------------------------------------- */

/* Draws of one kind on a link: of the seed and the names of both ends. */
static uint64_t link_kind_key(const struct scenario *scenario, uint32_t link, uint64_t kind)
{
    const struct scenario_node *from = &scenario->nodes[scenario_link_from(link)];
    const struct scenario_node *to = &scenario->nodes[scenario_link_to(link)];
    uint64_t key = prng_draw(scenario->seed, kind);

    return prng_draw(prng_draw(key, from->name_key), to->name_key);
}

/* Finds what the link's exact faults count. */
static void link_find_counts(struct link *link)
{
    const struct scenario *scenario = link->scenario;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        if (rule->kind != RULE_FAULTS || !scenario_in_bitmap(rule->links, link->index)) {
            continue;
        }
        for (uint32_t k = 0; k < rule->faults.exact_count; k++) {
            const struct exact_fault *exact = &rule->faults.exact[k];
            bool counts = exact->which != EXACT_POSITIONS && exact->range_count > 0;
            bool of_try = exact->which == EXACT_OF_REQUEST && exact->try != 0;
            link->counts_tries |= counts && of_try;
            link->counts_requests |= counts && !of_try;
        }
    }
}

/* How many keys the link's history may hold at most. */
static uint32_t link_history_keys(const struct link *link)
{
    const struct scenario *scenario = link->scenario;
    uint32_t from = scenario_link_from(link->index);
    uint32_t other = from == NODE_BROKER ? scenario_link_to(link->index) : from;
    bool of_client = scenario->nodes[other].kind == NODE_KIND_CLIENT;
    bool exact = link->counts_tries || link->counts_requests;
    uint64_t keys = LINK_HISTORY_FIXED;

    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct scenario_clients *group = &scenario->groups[g];
        uint32_t open = group->window < group->request_count ? group->window : group->request_count;
        uint64_t clients = of_client ? scenario->nodes[other].index == g : group->count;
        uint64_t all = (uint64_t)group->request_count * (1 + group->policy.tries);
        keys += clients * (exact ? all : (uint64_t)open * LINK_HISTORY_OPEN);
    }
    return (uint32_t)(keys < LINK_HISTORY_MAX ? keys : LINK_HISTORY_MAX);
}

int link_init(struct link *link, const struct scenario *scenario, uint32_t index)
{
    uint32_t exact_max = timeline_exact_max(scenario, index);
    uint32_t from = scenario_link_from(index);
    bool first_hop = scenario->nodes[from].kind == NODE_KIND_CLIENT;
    bool repeats = !first_hop && link_can_repeat(scenario); /* a client sends each try once */

    *link = (struct link){
        .scenario = scenario,
        .index = index,
        .repeats = repeats,
    };
    for (unsigned kind = LINK_KIND_LOSS; kind < LINK_KIND_COUNT; kind++) {
        link->keys[kind] = link_kind_key(scenario, index, kind);
    }
    if (exact_max > 0) {
        link->faults.exact = calloc(exact_max, sizeof *link->faults.exact);
        if (link->faults.exact == NULL) {
            return -ENOMEM;
        }
    }
    link_find_counts(link);
    if (repeats || link->counts_tries || link->counts_requests) {
        link->history = history_make(link_history_keys(link));
        if (link->history == NULL) {
            link_free(link);
            return -ENOMEM;
        }
    }
    if (memory_is_needed(scenario, index)) {
        link->memory = memory_make(scenario, index);
        if (link->memory == NULL) {
            link_free(link);
            return -ENOMEM;
        }
    }
    link_update(link, 0);
    return 0;
}

void link_free(struct link *link)
{
    free(link->faults.exact);
    history_free(link->history);
    memory_free(link->memory);
    link->faults.exact = NULL;
    link->history = NULL;
    link->memory = NULL;
}

/* Whether the set leaves every datagram alone. */
static bool link_is_idle(const struct fault_set *set)
{
    uint64_t faults = set->loss_q63 | set->duplicate_q63 | set->delay_ns | set->jitter_ns |
                      set->corrupt_q63 | set->truncate_q63 | set->rate_bps | set->limit | set->mtu;

    return !set->down && set->chain == NULL && faults == 0; /* reorder is of delays */
}

static bool link_has_exact(const struct link *link, enum exact_kind kind)
{
    for (uint32_t i = 0; i < link->faults.exact_count; i++) {
        if (link->faults.exact[i]->kind == kind) {
            return true;
        }
    }
    return false;
}

void link_update(struct link *link, uint64_t now_ns)
{
    const struct fault_set *set = &link->faults.set;

    timeline_faults_at(link->scenario, link->index, now_ns, &link->faults);
    link->draws = set->chain != NULL ||
                  (set->loss_q63 | set->duplicate_q63 | set->jitter_ns | set->reorder_q63) != 0;
    link->damages = (set->corrupt_q63 | set->truncate_q63) != 0 || link->scenario->script != NULL ||
                    link_has_exact(link, EXACT_CORRUPT);
    if (link->memory != NULL) {
        memory_update(link->memory, set);
    }
    link->quiet = link->scenario->script == NULL && link->history == NULL &&
                  link->faults.exact_count == 0 && link_is_idle(set);
}

/* ---- identities ------------------------------------------------------------------------------ */

/* Numbers the datagram among its like, where anybody asks. */
static void link_number(struct link *link, struct link_datagram *datagram)
{
    const struct link_identity *identity = datagram->identity;

    datagram->position = ++link->position;
    if (!link_has_identity(identity)) {
        return;
    }
    datagram->request_key =
        prng_draw(link->scenario->nodes[identity->client].name_key, identity->n);
    if (link->repeats || link->counts_tries) {
        uint64_t try_key = prng_draw(datagram->request_key ^ LINK_OF_TRY, identity->try);
        datagram->of_try = history_count(link->history, try_key) + 1;
        datagram->carriage = datagram->of_try - 1;
    }
    if (link->counts_requests) {
        datagram->of_request =
            history_count(link->history, datagram->request_key ^ LINK_OF_REQUEST) + 1;
    }
}

void link_submit(struct link *link, uint64_t now_ns, const struct link_identity *identity,
                 uint32_t size, struct link_fates *fates)
{
    if (link->quiet) {
        link->position++;
        fates->copies[0] = (struct link_fate){.lost = LOSS_NONE, .due_ns = now_ns};
        fates->count = 1;
        fates->carriage = 0;
        return;
    }

    struct link_datagram datagram = {.identity = identity, .size = size};
    link_number(link, &datagram);
    fates->carriage = datagram.carriage;
    link_decide(link, now_ns, &datagram, fates);
}

size_t link_alter(const struct link_fate *fate, uint8_t *bytes, size_t size)
{
    if (fate->flip > 0) {
        bytes[(fate->flip - 1) / 8] ^= (uint8_t)(1u << ((fate->flip - 1) % 8));
    }
    return size - fate->cut;
}
