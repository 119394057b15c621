#include "shim/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "base/time.h"
#include "shim/history.h"
#include "trace/record.h"

/* What draws are for: each kind of fault has its own, so that none shifts another's. */
#define LINK_KIND_LOSS      UINT64_C(1)
#define LINK_KIND_DUPLICATE UINT64_C(2)
#define LINK_KIND_DELAY     UINT64_C(3)

/* Domains of identities and of what is remembered. */
#define LINK_BY_ORDER   UINT64_C(0x6f72646572)
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
        .loss_key = link_kind_key(scenario, index, LINK_KIND_LOSS),
        .duplicate_key = link_kind_key(scenario, index, LINK_KIND_DUPLICATE),
        .delay_key = link_kind_key(scenario, index, LINK_KIND_DELAY),
        .repeats = repeats,
    };
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
    link_update(link, 0);
    return 0;
}

void link_free(struct link *link)
{
    free(link->faults.exact);
    history_free(link->history);
    link->faults.exact = NULL;
    link->history = NULL;
}

void link_update(struct link *link, uint64_t now_ns)
{
    const struct fault_set *set = &link->faults.set;

    timeline_faults_at(link->scenario, link->index, now_ns, &link->faults);
    link->quiet = link->scenario->script == NULL && link->history == NULL &&
                  link->faults.exact_count == 0 && !set->down &&
                  (set->loss_q63 | set->duplicate_q63 | set->delay_ns | set->jitter_ns) == 0;
}

/* ---- identities ------------------------------------------------------------------------------ */

/* A datagram, as the exact faults and the draws see it. */
struct link_datagram {
    const struct link_identity *identity;
    uint64_t position;   /* on the link, from 1 */
    uint32_t of_request; /* which of its request's datagrams on the link, from 1; 0 = not counted */
    uint32_t of_try;     /* which of its try's, from 1; 0 = not counted */
    uint32_t carriage;
    uint64_t request_key; /* of (client, n) */
};

static bool link_has_identity(const struct link_identity *identity)
{
    return identity->client != TRACE_NOBODY;
}

/* The key of one copy's draws. */
static uint64_t link_copy_key(const struct link_datagram *datagram, unsigned copy)
{
    if (!link_has_identity(datagram->identity)) {
        return prng_draw(prng_draw(LINK_BY_ORDER, datagram->position), copy);
    }
    return prng_draw(datagram->request_key, (uint64_t)datagram->carriage << 16 |
                                                (uint64_t)datagram->identity->try << 8 | copy);
}

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

/* ---- exact faults ---------------------------------------------------------------------------- */

static bool link_in_ranges(const struct exact_fault *exact, uint64_t number)
{
    for (uint32_t i = 0; i < exact->range_count; i++) {
        if (number >= exact->ranges[i].first && number <= exact->ranges[i].last) {
            return true;
        }
    }
    return false;
}

static bool link_is_meant(const struct exact_fault *exact, const struct link_datagram *datagram)
{
    const struct link_identity *identity = datagram->identity;

    switch (exact->which) {
    case EXACT_POSITIONS:
        return link_in_ranges(exact, datagram->position);
    case EXACT_EACH_REQUEST:
        return link_has_identity(identity) && link_in_ranges(exact, datagram->of_request);
    case EXACT_OF_REQUEST:
        return link_has_identity(identity) && identity->n == exact->n &&
               (exact->client == UINT32_MAX || exact->client == identity->client) &&
               (exact->try == 0 || exact->try == identity->try) &&
               (exact->range_count == 0 ||
                link_in_ranges(exact, exact->try == 0 ? datagram->of_request : datagram->of_try));
    }
    return false;
}

/* The exact fault of the kind in force that means the datagram, the one laid last if there are
 * several; NULL if there is none. */
static const struct exact_fault *link_exact(const struct link *link, enum exact_kind kind,
                                            const struct link_datagram *datagram)
{
    for (uint32_t i = link->faults.exact_count; i-- > 0;) {
        const struct exact_fault *exact = link->faults.exact[i];
        if (exact->kind == kind && link_is_meant(exact, datagram)) {
            return exact;
        }
    }
    return NULL;
}

/* ---- fates ----------------------------------------------------------------------------------- */

/* What the script chose for this copy, NULL if nothing of that kind. */
static const struct fault_choice *link_choice(const struct link *link,
                                              const struct link_datagram *datagram, unsigned copy,
                                              enum fault_choice_kind kind)
{
    const struct link_identity *identity = datagram->identity;
    bool known = link_has_identity(identity);
    struct fault_choice choice = {
        .kind = kind,
        .link = link->index,
        .client = known ? identity->client : UINT32_MAX,
        .n = known ? identity->n : (uint32_t)datagram->position,
        .carriage = datagram->carriage,
        .try = (uint8_t)(known ? identity->try : 0),
        .copy = (uint8_t)copy,
    };

    return fault_script_find(link->scenario->script, &choice);
}

/* The fate of a copy where a script decides in place of chance; `exact` is the exact delay that
 * means it, or NULL. */
static struct link_fate link_follow_script(const struct link *link, uint64_t now_ns,
                                           const struct link_datagram *datagram, unsigned copy,
                                           const struct exact_fault *exact)
{
    struct link_fate fate = {.lost = LOSS_NONE, .due_ns = now_ns};
    const struct fault_choice *delay;
    uint64_t delay_ns = exact != NULL ? exact->delay_ns : link->faults.set.delay_ns;

    if (link_choice(link, datagram, copy, CHOICE_LOSE) != NULL) {
        fate.lost = LOSS_LOSS;
        return fate;
    }
    delay = exact == NULL ? link_choice(link, datagram, copy, CHOICE_DELAY) : NULL;
    fate.due_ns = time_add(now_ns, delay != NULL ? delay->delay_ns : delay_ns);
    return fate;
}

/* Uniform over [delay - jitter, delay + jitter); what would be negative is sent at once. */
static uint64_t link_delay_ns(const struct link *link, uint64_t copy_key)
{
    const struct fault_set *set = &link->faults.set;

    if (set->jitter_ns == 0) {
        return set->delay_ns;
    }
    uint64_t above_ns = prng_below(prng_draw(link->delay_key, copy_key), 2 * set->jitter_ns);
    return time_since(set->jitter_ns, set->delay_ns + above_ns);
}

static struct link_fate link_decide(const struct link *link, uint64_t now_ns,
                                    const struct link_datagram *datagram, unsigned copy)
{
    const struct fault_set *set = &link->faults.set;
    struct link_fate fate = {.lost = LOSS_NONE, .due_ns = now_ns};
    const struct exact_fault *delay = NULL;
    uint64_t key;

    if (copy == 0 && link->faults.exact_count > 0) {
        delay = link_exact(link, EXACT_DELAY, datagram);
        if (link_exact(link, EXACT_DROP, datagram) != NULL) {
            fate.lost = LOSS_DROP;
            return fate;
        }
    }
    if (link->scenario->script != NULL) {
        return link_follow_script(link, now_ns, datagram, copy, delay);
    }
    if ((set->loss_q63 | set->delay_ns | set->jitter_ns) == 0 && delay == NULL) {
        return fate;
    }
    key = link_copy_key(datagram, copy);
    if (set->loss_q63 > 0 && prng_chance(prng_draw(link->loss_key, key), set->loss_q63)) {
        fate.lost = LOSS_LOSS;
        return fate;
    }
    fate.due_ns = time_add(now_ns, delay != NULL ? delay->delay_ns : link_delay_ns(link, key));
    return fate;
}

static bool link_duplicates(const struct link *link, const struct link_datagram *datagram)
{
    uint64_t probability_q63 = link->faults.set.duplicate_q63;

    if (link->scenario->script != NULL) {
        probability_q63 = 0;
        if (link_choice(link, datagram, 0, CHOICE_DUPLICATE) != NULL) {
            return true;
        }
    }
    if (probability_q63 > 0 &&
        prng_chance(prng_draw(link->duplicate_key, link_copy_key(datagram, 0)), probability_q63)) {
        return true;
    }
    return link->faults.exact_count > 0 && link_exact(link, EXACT_DUPLICATE, datagram) != NULL;
}

void link_submit(struct link *link, uint64_t now_ns, const struct link_identity *identity,
                 struct link_fates *fates)
{
    if (link->quiet) {
        link->position++;
        fates->copies[0] = (struct link_fate){.lost = LOSS_NONE, .due_ns = now_ns};
        fates->count = 1;
        fates->carriage = 0;
        return;
    }

    struct link_datagram datagram = {.identity = identity};
    link_number(link, &datagram);
    fates->carriage = datagram.carriage;
    fates->count = 1;
    if (link->faults.set.down) {
        fates->copies[0] = (struct link_fate){.lost = LOSS_DOWN, .due_ns = now_ns};
        return;
    }
    fates->count += link_duplicates(link, &datagram);
    for (unsigned copy = 0; copy < fates->count; copy++) {
        fates->copies[copy] = link_decide(link, now_ns, &datagram, copy);
    }
}
