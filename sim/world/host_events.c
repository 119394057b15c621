#include "world/host_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

/* A host's own copy of the scenario: its `when` rules get a time in there when they happen. Nobody
 * else need know, since what they do concerns this node alone. */
struct host_plan {
    struct scenario scenario;
    struct scenario_rule *rules; /* owned: scenario.rules */
    uint32_t waiting;            /* `when` rules of this node that have not happened yet */
};

/* ---- set-up ---------------------------------------------------------------------------------- */

static bool host_waits_for(const struct host *host, const struct scenario_rule *rule)
{
    return rule->progress != PROGRESS_NONE && rule->when_node == host->node;
}

int host_init_plan(struct host *host)
{
    const struct scenario *scenario = host->scenario;
    uint32_t waiting = 0;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        waiting += host_waits_for(host, &scenario->rules[i]);
    }
    if (waiting == 0) {
        return 0;
    }
    struct host_plan *plan = calloc(1, sizeof *plan);
    struct scenario_rule *rules = calloc(scenario->rule_count, sizeof *rules);
    if (plan == NULL || rules == NULL) {
        free(plan);
        free(rules);
        return -ENOMEM;
    }
    memcpy(rules, scenario->rules, scenario->rule_count * sizeof *rules);
    *plan = (struct host_plan){.scenario = *scenario, .rules = rules, .waiting = waiting};
    plan->scenario.rules = rules;
    host->plan = plan;
    host->scenario = &plan->scenario;
    return 0;
}

void host_free_plan(struct host *host)
{
    if (host->plan != NULL) {
        free(host->plan->rules);
        free(host->plan);
    }
}

/* ---- the trace ------------------------------------------------------------------------------- */

struct host_now {
    const struct host *host;
    uint64_t now_ns;
};

/* What the begin or end of a rule is traced as. Of nodes' events, each node traces its own. */
static enum trace_event host_rule_event(const struct scenario_rule *rule, bool begins)
{
    switch (rule->kind) {
    case RULE_FAULTS:
        return TRACE_FAULT;
    case RULE_NOTE:
        return TRACE_NOTE;
    case RULE_PARTITION:
        return begins ? TRACE_PARTITION : TRACE_HEAL;
    case RULE_HEAL:
        return TRACE_HEAL;
    case RULE_CRASH:
    case RULE_RESTART:
    case RULE_PAUSE:
    case RULE_RESUME:
        break;
    }
    return TRACE_EVENT_COUNT;
}

/* The broker's host traces the time line, for all; of a `when` rule, the host of its node. */
static void host_trace_rule(void *context, const struct scenario_rule *rule, bool begins)
{
    const struct host_now *at = context;
    const struct host *host = at->host;
    uint32_t teller = rule->progress == PROGRESS_NONE ? NODE_BROKER : rule->when_node;
    enum trace_event event = host_rule_event(rule, begins);
    struct trace_record record = host_record(host, at->now_ns, event);
    bool note = rule->kind == RULE_NOTE;
    const char *text = note ? rule->note : rule->text;

    if (event == TRACE_EVENT_COUNT || host->node != teller) {
        return;
    }
    record.copy = begins ? 0 : 1;
    record.bytes_size = (uint16_t)(note ? rule->note_size : strlen(text));
    host_trace(host, &record, (const uint8_t *)text);
}

static void host_trace_state(const struct host *host, uint64_t now_ns, enum trace_event event)
{
    struct trace_record record = host_record(host, now_ns, event);

    host_trace(host, &record, NULL);
}

/* ---- the node -------------------------------------------------------------------------------- */

/* What the node knew is gone, and what it was about to say. */
static void host_lose_state(struct host *host)
{
    outbox_clear(host->world->outbox);
    host->lives++;
    switch (host->kind) {
    case NODE_KIND_BROKER:
        broker_restart(&host->hub->core.broker);
        break;
    case NODE_KIND_SERVER:
        server_restart(&host->hub->core.server);
        break;
    case NODE_KIND_CLIENT:
        break; /* the language has no crash of a client */
    }
}

/* The node becomes what it is at at_ns; `restarts`: it begins anew even if it was up. */
static void host_change_state(struct host *host, uint64_t at_ns, uint64_t now_ns, bool restarts)
{
    enum timeline_node before = (enum timeline_node)host->state;
    enum timeline_node state = timeline_node_at(host->scenario, host->node, at_ns);
    bool anew = state != TIMELINE_CRASHED && (before == TIMELINE_CRASHED || restarts);

    host->state = (uint8_t)state;
    if (state == TIMELINE_CRASHED && before != TIMELINE_CRASHED) {
        host_lose_state(host);
        host_trace_state(host, now_ns, TRACE_CRASH);
    } else if (anew) {
        host_lose_state(host);
        host_trace_state(host, now_ns, TRACE_RESTART);
    }
    if (state == TIMELINE_PAUSED && (before != TIMELINE_PAUSED || anew)) {
        host_trace_state(host, now_ns, TRACE_PAUSE);
    } else if (state == TIMELINE_UP && before == TIMELINE_PAUSED && !anew) {
        host_trace_state(host, now_ns, TRACE_RESUME);
    }
}

/* ---- time and progress ----------------------------------------------------------------------- */

static void host_take_over(struct host *host, uint64_t at_ns, uint64_t now_ns, bool restarts)
{
    struct link *links = host_links(host);

    for (uint32_t i = 0; i < host_link_count(host); i++) {
        link_update(&links[i], at_ns);
    }
    host_change_state(host, at_ns, now_ns, restarts);
    host->timeline_ns = timeline_next_ns(host->scenario, at_ns);
}

/* At that instant even if it is taken late: what the links do is a function of it. */
void host_step_timeline(struct host *host, uint64_t now_ns)
{
    struct host_now at = {.host = host, .now_ns = now_ns};
    uint64_t at_ns = host->timeline_ns;

    if (host->node == NODE_BROKER || host->plan != NULL) {
        timeline_visit(host->scenario, at_ns, host_trace_rule, &at);
    }
    host_take_over(host, at_ns, now_ns, timeline_restarts(host->scenario, host->node, at_ns));
}

static bool host_is_meant(const struct scenario_rule *rule, const struct trace_record *record)
{
    return rule->when_client == NODE_NONE ||
           (record->client == rule->when_client && record->n == rule->when_n);
}

void host_on_progress(struct host *host, uint64_t now_ns, enum rule_progress progress,
                      const struct trace_record *record)
{
    struct host_plan *plan = host->plan;
    struct host_now at = {.host = host, .now_ns = now_ns};

    if (plan->waiting == 0 || host->state == TIMELINE_CRASHED) {
        return;
    }
    for (uint32_t i = 0; i < plan->scenario.rule_count; i++) {
        struct scenario_rule *rule = &plan->rules[i];
        if (rule->progress != progress || rule->at_ns != TIME_NEVER ||
            !host_waits_for(host, rule) || !host_is_meant(rule, record)) {
            continue;
        }
        while (host->timeline_ns <= now_ns) { /* in the real world it can be behind */
            host_step_timeline(host, now_ns);
        }
        rule->at_ns = now_ns;
        plan->waiting--;
        host_trace_rule(&at, rule, true);
        host_take_over(host, now_ns, now_ns, rule->kind == RULE_RESTART);
    }
}
