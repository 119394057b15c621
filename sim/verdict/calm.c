#include "verdict/calm.h"

#include <errno.h>
#include <stdlib.h>

#include "base/time.h"

/* ---- rules ----------------------------------------------------------------------------------- */

/* A rule that stays, and since when: the order in which they lie on top of each other. */
struct calm_layer {
    uint64_t since_ns; /* 0: from the start */
    uint32_t rule;
};

static bool calm_is_endless(const struct scenario_rule *rule)
{
    return rule->timed && rule->every_ns != 0 && rule->times == UINT64_MAX;
}

/* When a timed rule with a last occurrence begins for the last time. */
static uint64_t calm_last_begin_ns(const struct scenario_rule *rule)
{
    uint64_t repeats = rule->every_ns == 0 ? 0 : rule->times - 1;

    if (repeats > 0 && rule->every_ns > (TIME_NEVER - rule->at_ns) / repeats) {
        return TIME_NEVER;
    }
    return rule->at_ns + repeats * rule->every_ns;
}

static int calm_compare_layers(const void *a, const void *b)
{
    const struct calm_layer *left = a;
    const struct calm_layer *right = b;

    if (left->since_ns != right->since_ns) {
        return left->since_ns < right->since_ns ? -1 : 1;
    }
    return left->rule < right->rule ? -1 : left->rule > right->rule;
}

/* The rules that stay, the lowest first, and when the last timed one begins or ends. Untimed ones
 * lie lowest, in the order of the file. Returns how many. */
static uint32_t calm_find_layers(const struct scenario *scenario, struct calm_layer *layers,
                                 uint64_t *from_ns)
{
    uint32_t untimed = 0;
    uint32_t count;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        if (!scenario->rules[i].timed && scenario->rules[i].kind == RULE_FAULTS) {
            layers[untimed++] = (struct calm_layer){.rule = i};
        }
    }
    count = untimed;
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        if (!rule->timed || rule->kind == RULE_NOTE || rule->progress != PROGRESS_NONE ||
            calm_is_endless(rule)) {
            continue;
        }
        uint64_t begin_ns = calm_last_begin_ns(rule);
        bool stays = rule->for_ns == TIME_NEVER;
        uint64_t change_ns = stays ? begin_ns : time_add(begin_ns, rule->for_ns);
        *from_ns = change_ns > *from_ns ? change_ns : *from_ns;
        if (stays && rule->kind == RULE_FAULTS) {
            layers[count++] = (struct calm_layer){.since_ns = begin_ns, .rule = i};
        }
    }
    qsort(layers + untimed, count - untimed, sizeof *layers, calm_compare_layers);
    return count;
}

/* ---- links ----------------------------------------------------------------------------------- */

/* A link while layers are laid on it. */
struct calm_sum {
    struct fault_set set;
    bool drops_any;       /* an exact fault drops by what cannot be told to be over */
    uint64_t exact_ns;    /* the longest exact delay */
    uint64_t drops_until; /* as in struct calm_link */
};

static void calm_lay_exact(struct calm_sum *sum, const struct exact_fault *exact)
{
    switch (exact->kind) {
    case EXACT_DROP:
    case EXACT_CORRUPT: /* nobody takes it */
        sum->drops_any |= exact->which == EXACT_EACH_REQUEST;
        for (uint32_t i = 0; exact->which == EXACT_POSITIONS && i < exact->range_count; i++) {
            if (exact->ranges[i].last > sum->drops_until) {
                sum->drops_until = exact->ranges[i].last;
            }
        }
        break;
    case EXACT_DELAY:
        sum->exact_ns = exact->delay_ns > sum->exact_ns ? exact->delay_ns : sum->exact_ns;
        break;
    case EXACT_DUPLICATE:
        break; /* a copy more keeps nothing from arriving */
    }
}

static void calm_lay(struct calm_sum *sum, const struct fault_set *faults)
{
    if (faults->clear) {
        *sum = (struct calm_sum){.drops_any = false};
    }
    fault_set_lay(&sum->set, faults);
    for (uint32_t i = 0; i < faults->exact_count; i++) {
        calm_lay_exact(sum, &faults->exact[i]);
    }
}

/* Whether it can lose any datagram, or hold it for longer than its delay says. */
static bool calm_loses(const struct calm_sum *sum)
{
    const struct fault_set *set = &sum->set;

    return sum->drops_any || set->down || fault_set_loses(set) || set->limit > 0 || set->mtu > 0 ||
           (set->corrupt_q63 | set->truncate_q63 | set->rate_bps) != 0;
}

/* Adds the layers to the link; `line` becomes that of one that makes it lose. */
static void calm_add(struct calm_link *link, const struct calm_sum *sum)
{
    uint64_t delay_ns = fault_set_delay_max_ns(&sum->set);

    delay_ns = sum->exact_ns > delay_ns ? sum->exact_ns : delay_ns;

    link->delay_ns = delay_ns > link->delay_ns ? delay_ns : link->delay_ns;
    link->loses |= calm_loses(sum);
    if (sum->drops_until > link->drops_until) {
        link->drops_until = sum->drops_until;
    }
}

/* What the rule, whenever it is in force, can do to a datagram. */
static struct calm_link calm_deeds(const struct scenario_rule *rule)
{
    const struct fault_set *set = &rule->faults;
    struct calm_link deeds = {.copies = set->duplicate_q63 > 0};
    unsigned reasons = 0;

    reasons |= fault_set_loses(set) ? 1u << LOSS_LOSS : 0;
    reasons |= set->down || rule->kind == RULE_PARTITION ? 1u << LOSS_DOWN : 0;
    reasons |= set->mtu > 0 ? 1u << LOSS_MTU : 0;
    for (uint32_t i = 0; i < set->exact_count; i++) {
        reasons |= set->exact[i].kind == EXACT_DROP ? 1u << LOSS_DROP : 0;
        deeds.copies |= set->exact[i].kind == EXACT_DUPLICATE;
    }
    deeds.reasons = (uint8_t)reasons;
    return deeds;
}

/* Adds what each rule can do to the link. Any link may be full, and a script loses and copies what
 * it likes. */
static void calm_add_deeds(struct calm_link *link, const struct scenario *scenario, uint32_t index)
{
    bool script = scenario->script != NULL && scenario->script->count > 0;

    link->copies = script;
    link->reasons = 1u << LOSS_QUEUE | (script ? 1u << LOSS_LOSS : 0);
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        struct calm_link deeds = calm_deeds(&scenario->rules[i]);
        if ((deeds.copies || deeds.reasons != 0) &&
            scenario_in_bitmap(scenario->rules[i].links, index)) {
            link->copies |= deeds.copies;
            link->reasons |= deeds.reasons;
        }
    }
}

static bool calm_concerns(const struct scenario_rule *rule, uint32_t link)
{
    return rule->kind == RULE_FAULTS && scenario_in_bitmap(rule->links, link);
}

/* What the rules that stay, and those that come again and again, make of a link. `line` becomes
 * that of one that makes it lose. */
static struct calm_link calm_read_link(const struct scenario *scenario, uint32_t index,
                                       const struct calm_layer *layers, uint32_t layer_count,
                                       uint32_t *line)
{
    struct calm_link link = {.loses = false};
    struct calm_sum sum = {.drops_any = false};

    for (uint32_t i = 0; i < layer_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[layers[i].rule];
        if (calm_concerns(rule, index)) {
            bool lost = calm_loses(&sum);
            calm_lay(&sum, &rule->faults);
            *line = !lost && calm_loses(&sum) ? rule->line : *line;
        }
    }
    calm_add(&link, &sum);
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        if (calm_is_endless(rule) && calm_concerns(rule, index)) {
            bool lost = link.loses;
            sum = (struct calm_sum){.drops_any = false};
            calm_lay(&sum, &rule->faults);
            calm_add(&link, &sum);
            *line = !lost && link.loses ? rule->line : *line;
        }
    }
    return link;
}

/* ---- partitions, crashes, pauses --------------------------------------------------------------
 */

/* Whether every node of `a` is in `b` too. */
static bool calm_is_within(const struct scenario *scenario, const uint64_t *a, const uint64_t *b)
{
    for (uint32_t node = 0; node < scenario->node_count; node++) {
        if (scenario_in_bitmap(a, node) && !scenario_in_bitmap(b, node)) {
            return false;
        }
    }
    return true;
}

/* Whether rule `undoing` is of the kind that undoes what rule `index` does, to all that it does it
 * to. */
static bool calm_undoes(const struct scenario *scenario, const struct scenario_rule *undoing,
                        const struct scenario_rule *rule)
{
    switch (undoing->kind) {
    case RULE_HEAL:
        return rule->kind == RULE_PARTITION;
    case RULE_RESTART:
        return (rule->kind == RULE_CRASH || rule->kind == RULE_PAUSE) &&
               calm_is_within(scenario, rule->nodes, undoing->nodes);
    case RULE_RESUME:
        return rule->kind == RULE_PAUSE && calm_is_within(scenario, rule->nodes, undoing->nodes);
    case RULE_FAULTS:
    case RULE_NOTE:
    case RULE_PARTITION:
    case RULE_CRASH:
    case RULE_PAUSE:
        break;
    }
    return false;
}

/* Whether the rule takes links or nodes away to the end of the run, or again and again; in doubt it
 * does. */
static bool calm_takes_for_good(const struct scenario *scenario, uint32_t index)
{
    const struct scenario_rule *rule = &scenario->rules[index];
    uint64_t begin_ns;

    if (rule->kind == RULE_FAULTS || rule->kind == RULE_NOTE || rule->kind == RULE_HEAL ||
        rule->kind == RULE_RESUME || rule->progress != PROGRESS_NONE) {
        return false;
    }
    if (calm_is_endless(rule) || rule->kind == RULE_RESTART) {
        return calm_is_endless(rule); /* each restart takes what the node knew */
    }
    if (rule->for_ns != TIME_NEVER) {
        return false;
    }
    begin_ns = calm_last_begin_ns(rule);
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *other = &scenario->rules[i];
        if (!calm_undoes(scenario, other, rule) || other->progress != PROGRESS_NONE ||
            calm_is_endless(other)) {
            continue;
        }
        uint64_t end_ns = calm_last_begin_ns(other);
        if (end_ns > begin_ns || (end_ns == begin_ns && i > index)) {
            return false;
        }
    }
    return true;
}

/* Whether the rule cuts the link off, or stops a node at one of its ends. */
static bool calm_takes(const struct scenario_rule *rule, uint32_t link)
{
    return scenario_rule_is_of_nodes(rule)
               ? scenario_in_bitmap(rule->nodes, scenario_link_from(link)) ||
                     scenario_in_bitmap(rule->nodes, scenario_link_to(link))
               : scenario_in_bitmap(rule->links, link);
}

/* ---- all links --------------------------------------------------------------------------------
 */

static bool calm_is_alike(const struct calm_link *a, const struct calm_link *b)
{
    return a->delay_ns == b->delay_ns && a->drops_until == b->drops_until && a->loses == b->loses &&
           a->copies == b->copies && a->reasons == b->reasons;
}

/* The index of a kind like `link`: one of the two made last (both directions of the node before),
 * if it is that, else a new one. UINT32_MAX: no memory. */
static uint32_t calm_kind_of(struct calm *calm, const struct calm_link *link)
{
    for (uint32_t back = 1; back <= 2 && back <= calm->kind_count; back++) {
        if (calm_is_alike(&calm->kinds[calm->kind_count - back], link)) {
            return calm->kind_count - back;
        }
    }
    if ((calm->kind_count & (calm->kind_count - 1)) == 0) { /* at each power of two */
        uint32_t room = calm->kind_count == 0 ? 1 : 2 * calm->kind_count;
        struct calm_link *kinds = realloc(calm->kinds, room * sizeof *kinds);
        if (kinds == NULL) {
            return UINT32_MAX;
        }
        calm->kinds = kinds;
    }
    calm->kinds[calm->kind_count] = *link;
    return calm->kind_count++;
}

/* The first rule that takes the link for good, rule_count if there is none. */
static uint32_t calm_taker(const struct scenario *scenario, const bool *takes, uint32_t link)
{
    uint32_t i = 0;

    while (i < scenario->rule_count && !(takes[i] && calm_takes(&scenario->rules[i], link))) {
        i++;
    }
    return i;
}

/* What each link is. `takes`: the rules that take links for good. Returns 0 or -ENOMEM. */
static int calm_fill(struct calm *calm, const struct scenario *scenario,
                     const struct calm_layer *layers, uint32_t layer_count, const bool *takes)
{
    uint32_t taker = scenario->rule_count;

    for (uint32_t i = 0; i < scenario->link_count; i++) {
        uint32_t line = 0;
        struct calm_link link = calm_read_link(scenario, i, layers, layer_count, &line);
        uint32_t first = calm_taker(scenario, takes, i);
        calm->line = link.loses && !calm->lasts ? line : calm->line;
        calm->lasts |= link.loses;
        link.loses |= first < scenario->rule_count;
        calm_add_deeds(&link, scenario, i);
        taker = first < taker ? first : taker;
        uint32_t kind = calm_kind_of(calm, &link);
        if (kind == UINT32_MAX) {
            return -ENOMEM;
        }
        if (kind != 0) { /* most often all are of one kind: memory that stays untouched */
            calm->kind_of_link[i] = kind;
        }
    }
    if (!calm->lasts && taker < scenario->rule_count) {
        calm->lasts = true;
        calm->line = scenario->rules[taker].line;
    }
    return 0;
}

int calm_init(struct calm *calm, const struct scenario *scenario)
{
    struct calm_layer *layers = calloc(scenario->rule_count + 1, sizeof *layers);
    bool *takes = calloc(scenario->rule_count + 1, sizeof *takes);
    int status = -ENOMEM;

    *calm = (struct calm){.from_ns = 0};
    calm->kind_of_link = calloc(scenario->link_count + 1, sizeof *calm->kind_of_link);
    if (layers != NULL && takes != NULL && calm->kind_of_link != NULL) {
        uint32_t count = calm_find_layers(scenario, layers, &calm->from_ns);
        for (uint32_t i = 0; i < scenario->rule_count; i++) {
            takes[i] = calm_takes_for_good(scenario, i);
        }
        status = calm_fill(calm, scenario, layers, count, takes);
    }
    free(layers);
    free(takes);
    if (status != 0) {
        calm_free(calm);
    }
    return status;
}

void calm_free(struct calm *calm)
{
    free(calm->kinds);
    free(calm->kind_of_link);
    *calm = (struct calm){.from_ns = 0};
}

bool calm_drops_try(const struct scenario *scenario, uint32_t client, uint32_t n, unsigned try)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct fault_set *faults = &scenario->rules[i].faults;
        for (uint32_t k = 0; k < faults->exact_count; k++) {
            const struct exact_fault *exact = &faults->exact[k];
            bool drops = exact->kind == EXACT_DROP || exact->kind == EXACT_CORRUPT;
            if (drops && exact->which == EXACT_OF_REQUEST && exact->n == n &&
                (exact->client == UINT32_MAX || exact->client == client) &&
                (exact->try == 0 || exact->try == try)) {
                return true;
            }
        }
    }
    return false;
}
