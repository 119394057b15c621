#include "shim/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "base/time.h"
#include "shim/history.h"
#include "shim/link_parts.h"
#include "shim/spread.h"

_Static_assert(sizeof(struct link) == 56, "a link is small: see link.h");

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

/* What it must keep of what has passed. Returns 0 or -ENOMEM. */
static int link_init_past(struct link *link)
{
    link_find_counts(link);
    bool counts = link->repeats || link->counts_tries || link->counts_requests;
    bool remembers = memory_is_needed(link->scenario, link->index);
    if (!counts && !remembers) {
        return 0;
    }
    link->past = calloc(1, sizeof *link->past);
    if (link->past == NULL) {
        return -ENOMEM;
    }
    link->past->history = counts ? history_make(link_history_keys(link)) : NULL;
    link->past->memory = remembers ? memory_make(link->scenario, link->index) : NULL;
    bool made =
        (!counts || link->past->history != NULL) && (!remembers || link->past->memory != NULL);
    return made ? 0 : -ENOMEM;
}

/* Takes over the faults in force at now_ns. Returns 0, or -ENOMEM and the link as it was. */
static int link_take_over(struct link *link, struct link_pool *pool, uint64_t now_ns)
{
    static const struct fault_set none;
    struct link_faults *before = link->faults;
    struct link_faults *faults = link_faults_take(pool, link->scenario, link->index, now_ns);

    if (faults == NULL) {
        return -ENOMEM;
    }
    if (link->past != NULL && link->past->memory != NULL) {
        memory_update(link->past->memory, before == NULL ? &none : &before->now.set,
                      &faults->now.set);
    }
    link->faults = faults;
    link->quiet = faults->idle && (link->past == NULL || link->past->history == NULL);
    link->simple = faults->simple && link->past == NULL;
    link_faults_release(before);
    return 0;
}

int link_init(struct link *link, const struct scenario *scenario, uint32_t index,
              struct link_pool *pool)
{
    uint32_t from = scenario_link_from(index);
    bool first_hop = scenario->nodes[from].kind == NODE_KIND_CLIENT;

    *link = (struct link){
        .scenario = scenario,
        .index = index,
        .repeats = !first_hop && link_can_repeat(scenario), /* a client sends each try once */
    };
    link->loss_ready = prng_ready(link_make_key(link, LINK_KIND_LOSS));
    link->delay_ready = prng_ready(link_make_key(link, LINK_KIND_DELAY));
    int status = link_init_past(link);
    if (status == 0) {
        status = link_take_over(link, pool, 0);
    }
    if (status != 0) {
        link_free(link);
    }
    return status;
}

void link_free(struct link *link)
{
    link_faults_release(link->faults);
    if (link->past != NULL) {
        history_free(link->past->history);
        memory_free(link->past->memory);
        free(link->past);
    }
    link->faults = NULL;
    link->past = NULL;
}

void link_update(struct link *link, uint64_t now_ns)
{
    if (link_take_over(link, link->faults->pool, now_ns) != 0) {
        abort();
    }
}

/* ---- identities ------------------------------------------------------------------------------ */

/* Numbers the datagram among its like, where anybody asks. */
static inline void link_number(struct link *link, struct link_datagram *datagram)
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
        datagram->of_try = history_count(link->past->history, try_key) + 1;
        datagram->carriage = datagram->of_try - 1;
    }
    if (link->counts_requests) {
        datagram->of_request =
            history_count(link->past->history, datagram->request_key ^ LINK_OF_REQUEST) + 1;
    }
}

/* What chance makes of the datagram on a simple link. */
static inline struct link_fate link_decide_simple(const struct link *link, uint64_t now_ns,
                                                  const struct link_datagram *datagram)
{
    const struct fault_set *set = &link->faults->now.set;
    uint64_t key = link_copy_key(datagram, 0);

    if (set->loss_q63 > 0 && prng_chance(link_draw_of(link, LINK_KIND_LOSS, key), set->loss_q63)) {
        return (struct link_fate){.lost = LOSS_LOSS, .due_ns = now_ns};
    }
    uint64_t delay_ns = set->jitter_ns == 0
                            ? set->delay_ns
                            : spread_delay_ns(set, link_draw_of(link, LINK_KIND_DELAY, key));
    return (struct link_fate){.lost = LOSS_NONE, .due_ns = time_add(now_ns, delay_ns)};
}

/* link_submit where anything may happen. */
static __attribute__((noinline)) void link_submit_any(struct link *link, uint64_t now_ns,
                                                      const struct link_identity *identity,
                                                      uint32_t size, struct link_fates *fates)
{
    struct link_datagram datagram = {.identity = identity, .size = size};

    link_number(link, &datagram);
    fates->carriage = datagram.carriage;
    link_decide(link, now_ns, &datagram, fates);
}

void link_submit(struct link *link, uint64_t now_ns, const struct link_identity *identity,
                 uint32_t size, struct link_fates *fates)
{
    if (link->quiet) {
        link->position++;
        fates->copies[0] = (struct link_fate){.lost = LOSS_NONE, .due_ns = now_ns};
    } else if (link->simple) {
        struct link_datagram datagram = {.identity = identity, .size = size};
        link_number(link, &datagram);
        fates->copies[0] = link_decide_simple(link, now_ns, &datagram);
    } else {
        link_submit_any(link, now_ns, identity, size, fates);
        return;
    }
    fates->count = 1;
    fates->carriage = 0;
}

size_t link_alter(const struct link_fate *fate, uint8_t *bytes, size_t size)
{
    if (fate->flip > 0) {
        bytes[(fate->flip - 1) / 8] ^= (uint8_t)(1u << ((fate->flip - 1) % 8));
    }
    return size - fate->cut;
}
