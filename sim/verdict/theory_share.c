#include "verdict/theory.h"

#include <stdio.h>

#include "verdict/metric.h"

/* A fault of the set by which the metric's datagrams (or the requests') do not count each for
 * itself, in words, and what it does; NULL: there is none. */
static const char *theory_dependence(const struct fault_set *set, enum metric metric,
                                     const char **does)
{
    bool loses = set->chain != NULL || set->loss_same_q63 > 0;

    *does = "has a memory";
    if (metric == METRIC_REORDERED && fault_set_memory(set) == NULL && set->jitter_ns > 0) {
        *does = "lets neighbours overtake each other";
        return "jitter";
    }
    if (!metric_is_datagrams(metric) || metric == METRIC_REORDERED) {
        return fault_set_memory(set);
    }
    if (metric == METRIC_DUPLICATED) {
        return set->duplicate_same_q63 > 0 ? "duplicate with a correlation" : NULL;
    }
    if (metric != METRIC_LOST && metric != METRIC_DELIVERED) {
        return NULL;
    }
    return loses ? fault_set_memory(set) : set->limit > 0 ? "limit" : NULL;
}

/* Whether the metric's datagrams on a link hang together by what is in force from the start: what a
 * later rule has replaced is not. */
static bool theory_depends_at_first(const struct scenario *scenario, uint32_t link,
                                    enum metric metric)
{
    struct fault_set base = {.set = 0};
    const char *does;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        if (rule->kind == RULE_FAULTS && !rule->timed && scenario_in_bitmap(rule->links, link)) {
            fault_set_lay(&base, &rule->faults);
        }
    }
    return theory_dependence(&base, metric, &does) != NULL;
}

bool theory_share_applies(const struct scenario *scenario, const struct expectation *expectation,
                          char why[160])
{
    enum metric metric = expectation->metric;
    bool datagrams = metric_is_datagrams(metric);

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        const char *does = NULL;
        const char *fault =
            rule->kind != RULE_FAULTS ? NULL : theory_dependence(&rule->faults, metric, &does);
        for (uint32_t link = 0; fault != NULL && link < scenario->link_count; link++) {
            if (scenario_in_bitmap(rule->links, link) &&
                (!datagrams || metric_selects_link(expectation, link)) &&
                (rule->timed || theory_depends_at_first(scenario, link, metric))) {
                char place[SCENARIO_PLACE_MAX];
                snprintf(why, 160, "%s %s (%s), so that %s do not fare each for itself", fault,
                         does, scenario_format_place(place, rule->line),
                         datagrams ? "datagrams" : "requests");
                return false;
            }
        }
    }
    return true;
}
