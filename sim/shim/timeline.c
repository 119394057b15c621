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

static bool timeline_concerns(const struct scenario_rule *rule, uint32_t link)
{
    return rule->note == NULL && scenario_in_bitmap(rule->links, link);
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
    struct fault_set *set = &faults->set;

    if (layer->clear) {
        *set = (struct fault_set){0};
        faults->exact_count = 0;
    }
    if ((layer->set & FAULT_LOSS) != 0) {
        set->loss_q63 = layer->loss_q63;
    }
    if ((layer->set & FAULT_DELAY) != 0) {
        set->delay_ns = layer->delay_ns;
        set->jitter_ns = layer->jitter_ns;
    }
    if ((layer->set & FAULT_DUPLICATE) != 0) {
        set->duplicate_q63 = layer->duplicate_q63;
    }
    if ((layer->set & FAULT_DOWN) != 0) {
        set->down = layer->down;
    }
    set->set |= layer->set;
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
}

/* The first begin or end of the rule after now_ns. */
static uint64_t timeline_rule_next_ns(const struct scenario_rule *rule, uint64_t now_ns)
{
    uint64_t end_ns = TIME_NEVER;
    uint64_t k;

    if (!timeline_latest(rule, now_ns, &k)) {
        return rule->at_ns;
    }
    if (rule->note == NULL) {
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
    if (rule->note != NULL || rule->for_ns == TIME_NEVER || now_ns < rule->for_ns ||
        !timeline_latest(rule, now_ns - rule->for_ns, &k)) {
        return false;
    }
    return timeline_begin_ns(rule, k) + rule->for_ns == now_ns;
}

void timeline_visit(const struct scenario *scenario, uint64_t now_ns,
                    void (*visit)(void *context, const struct scenario_rule *rule, bool begins),
                    void *context)
{
    for (int begins = 0; begins <= 1; begins++) {
        for (uint32_t i = 0; i < scenario->rule_count; i++) {
            const struct scenario_rule *rule = &scenario->rules[i];
            if (rule->timed && timeline_happens(rule, now_ns, begins != 0)) {
                visit(context, rule, begins != 0);
            }
        }
    }
}
