#include "verdict/calm.h"

#include <stdio.h>

#include "base/time.h"
#include "verdict/theory_path.h"

/* What the broker gives a plain request to live (protocol.md, Two forms). */
#define CALM_PLAIN_LIFE_NS (5 * NS_PER_S)

static bool calm_has_faults(const struct fault_set *faults)
{
    return faults->exact_count > 0 || faults->down || fault_set_loses(faults) ||
           faults->limit > 0 || faults->mtu > 0 ||
           (faults->duplicate_q63 | faults->delay_ns | faults->jitter_ns | faults->corrupt_q63 |
            faults->truncate_q63 | faults->rate_bps) != 0;
}

/* The longest that any server can keep a request, if none asks twice. False: one's queue can fill,
 * or the broker's table. */
static bool calm_serve_max_ns(const struct scenario *scenario, uint64_t *span_ns, char why[160])
{
    *span_ns = 0;
    if (theory_open_max(scenario) > scenario->broker.pending) {
        snprintf(why, 160, "the broker's table can fill");
        return false;
    }
    for (uint32_t i = 0; i < scenario->server_count; i++) {
        uint64_t server_ns = 0;
        if (!theory_server_max_ns(scenario, &scenario->servers[i], &server_ns)) {
            snprintf(why, 160, "the queue of %s can fill",
                     scenario->nodes[scenario->servers[i].node].name);
            return false;
        }
        *span_ns = server_ns > *span_ns ? server_ns : *span_ns;
    }
    return true;
}

/* Whether a request is answered in good time if it takes at most span_ns. */
static bool calm_is_patient(const struct scenario *scenario, uint64_t span_ns, char why[160])
{
    uint64_t leg_ns = scenario->broker.policy.timeout_ns;

    if (leg_ns > 0 && span_ns >= leg_ns) {
        snprintf(why, 160, "service can take longer than the timeout of the broker");
        return false;
    }
    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct scenario_clients *group = &scenario->groups[g];
        uint64_t least_ns = time_min(group->policy.timeout_ns, group->deadline_ns);
        least_ns = group->plain ? time_min(least_ns, CALM_PLAIN_LIFE_NS) : least_ns;
        if (span_ns >= least_ns) {
            snprintf(why, 160, "service can take longer than the timeout of %s", group->prefix);
            return false;
        }
    }
    return true;
}

bool calm_is_quiet(const struct scenario *scenario, char why[160])
{
    char place[SCENARIO_PLACE_MAX];
    uint64_t span_ns = 0;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        if (rule->kind == RULE_FAULTS && calm_has_faults(&rule->faults)) {
            snprintf(why, 160, "the network has faults (%s)",
                     scenario_format_place(place, rule->line));
            return false;
        }
        if (rule->kind == RULE_PARTITION || rule->kind == RULE_CRASH ||
            rule->kind == RULE_RESTART || rule->kind == RULE_PAUSE) {
            snprintf(why, 160, "links or nodes fail (%s)",
                     scenario_format_place(place, rule->line));
            return false;
        }
    }
    if (scenario->script != NULL && scenario->script->count > 0) {
        snprintf(why, 160, "faults were chosen one by one");
        return false;
    }
    return calm_serve_max_ns(scenario, &span_ns, why) && calm_is_patient(scenario, span_ns, why);
}
