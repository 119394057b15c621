#include "report/why_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "scenario/write.h"

/* ---- which rules are in force ---------------------------------------------------------------- */

/* Where a layer lies: above those that began before it, and of one instant, above those before it
 * in the file. Base layers lie below all timed ones. */
struct cause_layer {
    const struct scenario_rule *rule; /* NULL: none */
    uint64_t rank;                    /* 0: a base layer; else when it began, and 1 */
};

static bool cause_is_above(const struct cause_layer *a, const struct cause_layer *b)
{
    return b->rule == NULL || a->rank > b->rank || (a->rank == b->rank && a->rule > b->rule);
}

/* When the latest occurrence of a `when` rule began: its host has told the log. */
static bool cause_told_since(const struct why_story *story, const struct scenario_rule *rule,
                             uint64_t t_ns, uint64_t *since_ns)
{
    size_t size = strlen(rule->text);
    bool found = false;

    for (uint32_t i = 0; i < story->events.count; i++) {
        const struct trace_record *event = story->events.items[i];
        uint64_t at = (uint64_t)(event - story->log->records);
        bool same = scenario_rule_is_of_nodes(rule)
                        ? event->node == rule->when_node
                        : event->copy == 0 && event->bytes_size == size &&
                              memcmp(trace_log_bytes(story->log, at), rule->text, size) == 0;
        if (event->t_ns <= t_ns && same) {
            *since_ns = event->t_ns;
            found = true;
        }
    }
    return found;
}

/* When the latest occurrence of a timed rule began; false: none has. */
static bool cause_since(const struct why_story *story, const struct scenario_rule *rule,
                        uint64_t t_ns, uint64_t *since_ns)
{
    if (rule->progress != PROGRESS_NONE) {
        return cause_told_since(story, rule, t_ns, since_ns);
    }
    if (t_ns < rule->at_ns) {
        return false;
    }
    uint64_t k = rule->every_ns == 0 ? 0 : (t_ns - rule->at_ns) / rule->every_ns;
    k = rule->every_ns != 0 && k >= rule->times ? rule->times - 1 : k;
    *since_ns = rule->at_ns + k * rule->every_ns;
    return true;
}

/* Whether a rule puts faults on the link at t_ns, and where that layer lies. */
static bool cause_in_force(const struct why_story *story, const struct scenario_rule *rule,
                           uint32_t link, uint64_t t_ns, struct cause_layer *layer)
{
    uint64_t since_ns = 0;

    if (rule->links == NULL || !scenario_in_bitmap(rule->links, link)) {
        return false;
    }
    if (rule->timed &&
        (!cause_since(story, rule, t_ns, &since_ns) || t_ns >= time_add(since_ns, rule->for_ns))) {
        return false;
    }
    *layer = (struct cause_layer){rule, rule->timed ? since_ns + 1 : 0};
    return true;
}

/* The rule by which the link has one of these faults at t_ns; NULL: none. */
static const struct scenario_rule *cause_rule(const struct why_story *story, uint32_t link,
                                              uint64_t t_ns, uint32_t faults)
{
    struct cause_layer top = {NULL, 0};
    struct cause_layer clear = {NULL, 0};

    for (uint32_t i = 0; i < story->scenario->rule_count; i++) {
        const struct scenario_rule *rule = &story->scenario->rules[i];
        struct cause_layer layer;
        if (rule->kind != RULE_FAULTS || !cause_in_force(story, rule, link, t_ns, &layer)) {
            continue;
        }
        if ((rule->faults.set & faults) != 0 && cause_is_above(&layer, &top)) {
            top = layer;
        }
        if (rule->faults.clear && cause_is_above(&layer, &clear)) {
            clear = layer;
        }
    }
    bool cleared = top.rule != NULL && clear.rule != top.rule && clear.rule != NULL &&
                   cause_is_above(&clear, &top);
    return cleared ? NULL : top.rule;
}

/* Where the latest heal lies, at t_ns or before: it ended every partition that had begun. */
static struct cause_layer cause_heal(const struct why_story *story, uint64_t t_ns)
{
    struct cause_layer heal = {NULL, 0};

    for (uint32_t i = 0; i < story->scenario->rule_count; i++) {
        const struct scenario_rule *rule = &story->scenario->rules[i];
        uint64_t since_ns = 0;
        if (rule->kind == RULE_HEAL && cause_since(story, rule, t_ns, &since_ns)) {
            struct cause_layer layer = {rule, since_ns + 1};
            heal = cause_is_above(&layer, &heal) ? layer : heal;
        }
    }
    return heal;
}

/* The partition that cuts the link off at t_ns; NULL: none. */
static const struct scenario_rule *cause_partition(const struct why_story *story, uint32_t link,
                                                   uint64_t t_ns)
{
    struct cause_layer top = cause_heal(story, t_ns);

    for (uint32_t i = 0; i < story->scenario->rule_count; i++) {
        const struct scenario_rule *rule = &story->scenario->rules[i];
        struct cause_layer layer;
        if (rule->kind == RULE_PARTITION && cause_in_force(story, rule, link, t_ns, &layer) &&
            cause_is_above(&layer, &top)) {
            top = layer;
        }
    }
    return top.rule != NULL && top.rule->kind == RULE_PARTITION ? top.rule : NULL;
}

/* ---- faults on chosen datagrams -------------------------------------------------------------- */

/* The number of a datagram among the originals of its link, from 1. */
static uint64_t cause_position(const struct why_story *story, const struct why_leg *leg)
{
    const struct trace_record *sent = &story->log->records[leg->flight->original];
    uint64_t position = 0;

    for (const struct trace_record *record = story->log->records; record <= sent; record++) {
        position +=
            record->event == TRACE_SEND && record->from == sent->from && record->to == sent->to;
    }
    return position;
}

/* And among those of its request there, or of one try of it. */
static uint64_t cause_of_request(const struct why_story *story, const struct why_leg *leg,
                                 unsigned try)
{
    uint64_t position = 0;

    for (uint32_t i = 0; i < story->leg_count; i++) {
        const struct why_leg *other = &story->legs[i];
        position += other->sent->event == TRACE_SEND && other->sent->from == leg->sent->from &&
                    other->sent->to == leg->sent->to &&
                    other->flight->sent <= leg->flight->original && (try == 0 || other->try == try);
    }
    return position;
}

static bool cause_in_ranges(const struct exact_fault *exact, uint64_t number)
{
    for (uint32_t i = 0; i < exact->range_count; i++) {
        if (number >= exact->ranges[i].first && number <= exact->ranges[i].last) {
            return true;
        }
    }
    return false;
}

static bool cause_is_meant(const struct why_story *story, const struct why_leg *leg,
                           const struct exact_fault *exact)
{
    switch (exact->which) {
    case EXACT_POSITIONS:
        return cause_in_ranges(exact, cause_position(story, leg));
    case EXACT_EACH_REQUEST:
        return cause_in_ranges(exact, cause_of_request(story, leg, 0));
    case EXACT_OF_REQUEST:
        return exact->n == story->n &&
               (exact->client == UINT32_MAX || exact->client == story->client) &&
               (exact->try == 0 || exact->try == leg->try) &&
               (exact->range_count == 0 ||
                cause_in_ranges(exact, cause_of_request(story, leg, exact->try)));
    }
    return false;
}

/* The rule with an exact fault of this kind that means the leg; NULL: none. */
static const struct scenario_rule *cause_exact(const struct why_story *story, uint32_t link,
                                               const struct why_leg *leg, enum exact_kind kind)
{
    const struct scenario_rule *found = NULL;

    for (uint32_t i = 0; i < story->scenario->rule_count; i++) {
        const struct scenario_rule *rule = &story->scenario->rules[i];
        struct cause_layer layer;
        if (rule->kind != RULE_FAULTS || rule->faults.exact_count == 0 ||
            !cause_in_force(story, rule, link, leg->sent->t_ns, &layer)) {
            continue;
        }
        for (uint32_t e = 0; e < rule->faults.exact_count; e++) {
            const struct exact_fault *exact = &rule->faults.exact[e];
            found = exact->kind == kind && cause_is_meant(story, leg, exact) ? rule : found;
        }
    }
    return found;
}

/* ---- words ----------------------------------------------------------------------------------- */

/* " (WORDS, line 4)" */
static void cause_write(char text[WHY_CAUSE_MAX], const char *words,
                        const struct scenario_rule *rule)
{
    char place[SCENARIO_PLACE_MAX];

    if (rule != NULL) {
        snprintf(text, WHY_CAUSE_MAX, " (%.240s, %s)", words,
                 scenario_format_place(place, rule->line));
    } else {
        snprintf(text, WHY_CAUSE_MAX, " (%.240s)", words);
    }
}

/* The fault of a rule as the language writes it; the reason's word where there is no rule. */
static void cause_write_fault(char text[WHY_CAUSE_MAX], const struct scenario_rule *rule,
                              uint32_t fault, const char *reason)
{
    char words[200] = "";
    FILE *out = rule == NULL ? NULL : fmemopen(words, sizeof words, "w");

    if (out != NULL) {
        struct fault_set one = rule->faults;
        one.set &= fault;
        one.clear = false;
        (void)scenario_write_faults(out, &one, true);
        fclose(out);
    }
    cause_write(text, words[0] == ' ' ? words + 1 : reason, rule);
}

static uint32_t cause_link(const struct why_leg *leg)
{
    return scenario_link(leg->sent->from, leg->sent->to);
}

void why_loss_cause(char text[WHY_CAUSE_MAX], const struct why_story *story,
                    const struct why_leg *leg)
{
    enum loss_reason reason = (enum loss_reason)leg->sent->reason;
    uint32_t link = cause_link(leg);
    uint64_t t_ns = leg->sent->t_ns;
    const char *word = loss_reason_name(reason);
    const struct scenario_rule *rule;

    switch (reason) {
    case LOSS_LOSS:
        cause_write_fault(text, cause_rule(story, link, t_ns, FAULT_LOSS), FAULT_LOSS, word);
        return;
    case LOSS_MTU:
        cause_write_fault(text, cause_rule(story, link, t_ns, FAULT_MTU), FAULT_MTU, word);
        return;
    case LOSS_QUEUE:
        rule = cause_rule(story, link, t_ns, FAULT_LIMIT);
        cause_write_fault(text, rule, FAULT_LIMIT, "the link's queue was full");
        return;
    case LOSS_DROP:
        rule = cause_exact(story, link, leg, EXACT_DROP);
        cause_write(text, rule == NULL ? word : rule->text, rule);
        return;
    case LOSS_DOWN:
        rule = cause_partition(story, link, t_ns);
        rule = rule != NULL ? rule : cause_rule(story, link, t_ns, FAULT_DOWN);
        cause_write(text, rule == NULL ? "the link was down" : rule->text, rule);
        return;
    case LOSS_NONE:
    case LOSS_REASON_COUNT:
        break;
    }
    text[0] = '\0';
}

void why_copy_cause(char text[WHY_CAUSE_MAX], const struct why_story *story,
                    const struct why_leg *leg)
{
    uint32_t link = cause_link(leg);
    const struct scenario_rule *exact = cause_exact(story, link, leg, EXACT_DUPLICATE);

    if (exact != NULL) {
        cause_write(text, exact->text, exact);
        return;
    }
    cause_write_fault(text, cause_rule(story, link, leg->sent->t_ns, FAULT_DUPLICATE),
                      FAULT_DUPLICATE, "duplicate");
}

void why_damage_cause(char text[WHY_CAUSE_MAX], const struct why_story *story,
                      const struct why_leg *leg)
{
    uint32_t link = cause_link(leg);
    bool cut = leg->sent->cut > 0;
    uint32_t fault = cut ? FAULT_TRUNCATE : FAULT_CORRUPT;
    const struct scenario_rule *exact =
        cut || leg->sent->copy > 0 ? NULL : cause_exact(story, link, leg, EXACT_CORRUPT);

    if (exact != NULL) {
        cause_write(text, exact->text, exact);
        return;
    }
    cause_write_fault(text, cause_rule(story, link, leg->sent->t_ns, fault), fault,
                      cut ? "truncate" : "corrupt");
}

/* ---- nodes ----------------------------------------------------------------------------------- */

const struct trace_record *why_latest_event(const struct why_story *story, uint32_t node,
                                            enum trace_event kind, uint64_t until_ns)
{
    const struct trace_record *found = NULL;

    for (uint32_t i = 0; i < story->events.count; i++) {
        const struct trace_record *event = story->events.items[i];
        if (event->node == node && event->event == kind && event->t_ns <= until_ns) {
            found = event;
        }
    }
    return found;
}

static enum rule_kind cause_kind(enum trace_event event)
{
    return event == TRACE_CRASH     ? RULE_CRASH
           : event == TRACE_RESTART ? RULE_RESTART
           : event == TRACE_PAUSE   ? RULE_PAUSE
                                    : RULE_RESUME;
}

void why_event_cause(char text[WHY_CAUSE_MAX], const struct why_story *story,
                     const struct trace_record *event)
{
    struct cause_layer top = {NULL, 0};

    for (uint32_t i = 0; i < story->scenario->rule_count; i++) {
        const struct scenario_rule *rule = &story->scenario->rules[i];
        uint64_t since_ns = 0;
        if (rule->kind != cause_kind((enum trace_event)event->event) ||
            !scenario_in_bitmap(rule->nodes, event->node) ||
            !cause_since(story, rule, event->t_ns, &since_ns)) {
            continue;
        }
        struct cause_layer layer = {rule, since_ns + 1};
        top = cause_is_above(&layer, &top) ? layer : top;
    }
    text[0] = '\0';
    if (top.rule != NULL) {
        cause_write(text, top.rule->text, top.rule);
    }
}
