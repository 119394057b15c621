#include "shim/timeline.h"

#include "base/time.h"

/* When occurrence number `k` (from 0) of a timed rule begins; TIME_NEVER: there is none. */
static uint64_t timeline_begin_ns(const struct scenario_rule *rule, uint64_t k)
{
    if (k > 0 && (rule->every_ns == 0 || k >= rule->times ||
                  k > (TIME_NEVER - 1 - rule->at_ns) / rule->every_ns)) {
        return TIME_NEVER;
    }
    return rule->at_ns + k * rule->every_ns;
}

/* The number of the latest occurrence that has begun at now_ns; false: none has. */
static bool timeline_latest(const struct scenario_rule *rule, uint64_t now_ns, uint64_t *k)
{
    if (now_ns < rule->at_ns) {
        return false;
    }
    *k = rule->every_ns == 0 ? 0 : (now_ns - rule->at_ns) / rule->every_ns;
    if (rule->every_ns != 0 && *k >= rule->times) {
        *k = rule->times - 1;
    }
    return true;
}

/* Whether the rule is a layer at now_ns, and since when. An occurrence is over before the next
 * begins (the language sees to it), so the latest decides. */
static bool timeline_is_active(const struct scenario_rule *rule, uint64_t now_ns,
                               uint64_t *since_ns)
{
    uint64_t k;

    if (!timeline_latest(rule, now_ns, &k)) {
        return false;
    }
    *since_ns = timeline_begin_ns(rule, k);
    return now_ns < time_add(*since_ns, rule->for_ns);
}

/* Whether the rule puts faults on the link. */
static bool timeline_concerns(const struct scenario_rule *rule, uint32_t link)
{
    return rule->kind == RULE_FAULTS && scenario_in_bitmap(rule->links, link);
}

/* Whether the rule is an event of this kind of the node. */
static bool timeline_is_of_node(const struct scenario_rule *rule, enum rule_kind kind,
                                uint32_t node)
{
    return rule->kind == kind && scenario_in_bitmap(rule->nodes, node);
}

/* Whether what the rule does goes on, until it is undone or its `for` is over. */
static bool timeline_lasts(const struct scenario_rule *rule)
{
    switch (rule->kind) {
    case RULE_FAULTS:
    case RULE_PARTITION:
    case RULE_CRASH:
    case RULE_PAUSE:
        return true;
    case RULE_NOTE:
    case RULE_HEAL:
    case RULE_RESTART:
    case RULE_RESUME:
        break;
    }
    return false;
}

/* ---- what undoes what -------------------------------------------------------------------------
 */

/* A begin, with its place among all begins. */
struct timeline_begin {
    uint64_t at_ns;
    uint32_t rule; /* index: the order at one instant */
};

/* Whether an occurrence of rule `index` has begun after `begin`, at now_ns or before. */
static bool timeline_has_begun_after(const struct scenario *scenario, uint32_t index,
                                     struct timeline_begin begin, uint64_t now_ns)
{
    const struct scenario_rule *rule = &scenario->rules[index];
    uint64_t k;

    if (!timeline_latest(rule, now_ns, &k)) {
        return false;
    }
    uint64_t latest_ns = timeline_begin_ns(rule, k);
    return latest_ns > begin.at_ns || (latest_ns == begin.at_ns && index > begin.rule);
}

/* Whether a heal has come after the partition that began so. */
static bool timeline_is_healed(const struct scenario *scenario, struct timeline_begin begin,
                               uint64_t now_ns)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        if (scenario->rules[i].kind == RULE_HEAL &&
            timeline_has_begun_after(scenario, i, begin, now_ns)) {
            return true;
        }
    }
    return false;
}

/* Whether an event of this kind of the node has come after `begin`. */
static bool timeline_has_come(const struct scenario *scenario, enum rule_kind kind, uint32_t node,
                              struct timeline_begin begin, uint64_t now_ns)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        if (timeline_is_of_node(&scenario->rules[i], kind, node) &&
            timeline_has_begun_after(scenario, i, begin, now_ns)) {
            return true;
        }
    }
    return false;
}

/* Whether some crash of the node came to its end after `since_ns` (at now_ns or before), and so
 * brought the node up: no restart had done so before. */
static bool timeline_has_come_up(const struct scenario *scenario, uint32_t node, uint64_t since_ns,
                                 uint64_t now_ns)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        uint64_t k;
        if (!timeline_is_of_node(rule, RULE_CRASH, node) || rule->for_ns == TIME_NEVER ||
            now_ns < rule->for_ns || !timeline_latest(rule, now_ns - rule->for_ns, &k)) {
            continue;
        }
        struct timeline_begin begin = {.at_ns = timeline_begin_ns(rule, k), .rule = i};
        uint64_t end_ns = begin.at_ns + rule->for_ns;
        if (end_ns > since_ns &&
            !timeline_has_come(scenario, RULE_RESTART, node, begin, end_ns - 1)) {
            return true;
        }
    }
    return false;
}

/* ---- nodes ------------------------------------------------------------------------------------
 */

static bool timeline_is_crashed(const struct scenario *scenario, uint32_t node, uint64_t now_ns)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        struct timeline_begin begin = {.rule = i};
        if (timeline_is_of_node(&scenario->rules[i], RULE_CRASH, node) &&
            timeline_is_active(&scenario->rules[i], now_ns, &begin.at_ns) &&
            !timeline_has_come(scenario, RULE_RESTART, node, begin, now_ns)) {
            return true;
        }
    }
    return false;
}

static bool timeline_is_paused(const struct scenario *scenario, uint32_t node, uint64_t now_ns)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        struct timeline_begin begin = {.rule = i};
        if (timeline_is_of_node(&scenario->rules[i], RULE_PAUSE, node) &&
            timeline_is_active(&scenario->rules[i], now_ns, &begin.at_ns) &&
            !timeline_has_come(scenario, RULE_RESUME, node, begin, now_ns) &&
            !timeline_has_come(scenario, RULE_RESTART, node, begin, now_ns) &&
            !timeline_has_come(scenario, RULE_CRASH, node, begin, now_ns) &&
            !timeline_has_come_up(scenario, node, begin.at_ns, now_ns)) {
            return true;
        }
    }
    return false;
}

enum timeline_node timeline_node_at(const struct scenario *scenario, uint32_t node, uint64_t now_ns)
{
    if (timeline_is_crashed(scenario, node, now_ns)) {
        return TIMELINE_CRASHED;
    }
    return timeline_is_paused(scenario, node, now_ns) ? TIMELINE_PAUSED : TIMELINE_UP;
}

/* ---- faults -----------------------------------------------------------------------------------
 */

static bool timeline_is_cut_off(const struct scenario *scenario, uint32_t link, uint64_t now_ns)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        struct timeline_begin begin = {.rule = i};
        if (rule->kind == RULE_PARTITION && scenario_in_bitmap(rule->links, link) &&
            timeline_is_active(rule, now_ns, &begin.at_ns) &&
            !timeline_is_healed(scenario, begin, now_ns)) {
            return true;
        }
    }
    return false;
}

uint32_t timeline_exact_max(const struct scenario *scenario, uint32_t link)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        if (timeline_concerns(&scenario->rules[i], link)) {
            count += scenario->rules[i].faults.exact_count;
        }
    }
    return count;
}

/* Puts a layer on top of what is there, fault by fault; exact faults add up. */
static void timeline_lay(struct timeline_faults *faults, const struct fault_set *layer)
{
    if (layer->clear) {
        faults->exact_count = 0;
    }
    fault_set_lay(&faults->set, layer);
    for (uint32_t i = 0; i < layer->exact_count; i++) {
        faults->exact[faults->exact_count++] = &layer->exact[i];
    }
}

/* The active timed rule that comes after (since, index) in the order of layers: the least such. */
static const struct scenario_rule *timeline_next_layer(const struct scenario *scenario,
                                                       uint32_t link, uint64_t now_ns,
                                                       uint64_t *since_ns, uint32_t *index)
{
    const struct scenario_rule *next = NULL;
    uint64_t next_since_ns = TIME_NEVER;
    uint32_t next_index = 0;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        uint64_t begun_ns;
        if (!rule->timed || !timeline_concerns(rule, link) ||
            !timeline_is_active(rule, now_ns, &begun_ns)) {
            continue;
        }
        bool after = begun_ns > *since_ns || (begun_ns == *since_ns && i >= *index);
        if (after && (next == NULL || begun_ns < next_since_ns)) {
            next = rule;
            next_since_ns = begun_ns;
            next_index = i;
        }
    }
    *since_ns = next_since_ns;
    *index = next_index + 1;
    return next;
}

void timeline_faults_at(const struct scenario *scenario, uint32_t link, uint64_t now_ns,
                        struct timeline_faults *faults)
{
    const struct scenario_rule *layer;
    uint64_t since_ns = 0;
    uint32_t index = 0;

    faults->set = (struct fault_set){0};
    faults->exact_count = 0;
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        if (!rule->timed && timeline_concerns(rule, link)) {
            timeline_lay(faults, &rule->faults);
        }
    }
    while ((layer = timeline_next_layer(scenario, link, now_ns, &since_ns, &index)) != NULL) {
        timeline_lay(faults, &layer->faults);
    }
    if (timeline_is_cut_off(scenario, link, now_ns)) {
        faults->set.set |= FAULT_DOWN;
        faults->set.down = true;
    }
}

/* ---- instants ---------------------------------------------------------------------------------
 */

/* The first begin or end of the rule after now_ns. */
static uint64_t timeline_rule_next_ns(const struct scenario_rule *rule, uint64_t now_ns)
{
    uint64_t end_ns = TIME_NEVER;
    uint64_t k;

    if (!timeline_latest(rule, now_ns, &k)) {
        return rule->at_ns;
    }
    if (timeline_lasts(rule)) {
        end_ns = time_add(timeline_begin_ns(rule, k), rule->for_ns);
    }
    return time_min(end_ns > now_ns ? end_ns : TIME_NEVER, timeline_begin_ns(rule, k + 1));
}

uint64_t timeline_first_ns(const struct scenario *scenario)
{
    uint64_t first_ns = TIME_NEVER;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        if (scenario->rules[i].timed) {
            first_ns = time_min(first_ns, scenario->rules[i].at_ns);
        }
    }
    return first_ns;
}

uint64_t timeline_next_ns(const struct scenario *scenario, uint64_t now_ns)
{
    uint64_t next_ns = TIME_NEVER;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        if (scenario->rules[i].timed) {
            next_ns = time_min(next_ns, timeline_rule_next_ns(&scenario->rules[i], now_ns));
        }
    }
    return next_ns;
}

/* Whether an occurrence of the rule begins (or ends) exactly at now_ns. */
static bool timeline_happens(const struct scenario_rule *rule, uint64_t now_ns, bool begins)
{
    uint64_t k;

    if (begins) {
        return timeline_latest(rule, now_ns, &k) && timeline_begin_ns(rule, k) == now_ns;
    }
    if (!timeline_lasts(rule) || rule->for_ns == TIME_NEVER || now_ns < rule->for_ns ||
        !timeline_latest(rule, now_ns - rule->for_ns, &k)) {
        return false;
    }
    return timeline_begin_ns(rule, k) + rule->for_ns == now_ns;
}

/* Whether the end of the rule's occurrence at now_ns ends anything: a partition may have been
 * healed before. */
static bool timeline_is_late_end(const struct scenario *scenario, uint32_t index, uint64_t now_ns)
{
    const struct scenario_rule *rule = &scenario->rules[index];
    struct timeline_begin begin = {.at_ns = now_ns - rule->for_ns, .rule = index};

    return rule->kind == RULE_PARTITION && timeline_is_healed(scenario, begin, now_ns - 1);
}

void timeline_visit(const struct scenario *scenario, uint64_t now_ns,
                    void (*visit)(void *context, const struct scenario_rule *rule, bool begins),
                    void *context)
{
    for (int begins = 0; begins <= 1; begins++) {
        for (uint32_t i = 0; i < scenario->rule_count; i++) {
            const struct scenario_rule *rule = &scenario->rules[i];
            if (rule->timed && timeline_happens(rule, now_ns, begins != 0) &&
                (begins != 0 || !timeline_is_late_end(scenario, i, now_ns))) {
                visit(context, rule, begins != 0);
            }
        }
    }
}

bool timeline_restarts(const struct scenario *scenario, uint32_t node, uint64_t now_ns)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        if (timeline_is_of_node(&scenario->rules[i], RULE_RESTART, node) &&
            timeline_happens(&scenario->rules[i], now_ns, true)) {
            return true;
        }
    }
    return false;
}

bool timeline_comes_up(const struct scenario *scenario, uint32_t node, uint64_t now_ns)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        bool ends = rule->for_ns != TIME_NEVER && (timeline_is_of_node(rule, RULE_CRASH, node) ||
                                                   timeline_is_of_node(rule, RULE_PAUSE, node));
        bool begins = timeline_is_of_node(rule, RULE_RESTART, node) ||
                      timeline_is_of_node(rule, RULE_RESUME, node);
        if ((ends || begins) && timeline_rule_next_ns(rule, now_ns) != TIME_NEVER) {
            return true;
        }
    }
    return false;
}
