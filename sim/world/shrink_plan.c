#include "world/shrink_parts.h"

#include <stdlib.h>
#include <string.h>

char *shrink_write(const struct write_plan *plan, const char *story, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);

    if (out == NULL) {
        return NULL;
    }
    bool good = write_scenario(out, plan, story);
    if (fclose(out) != 0 || !good) {
        free(text);
        return NULL;
    }
    return text;
}

static bool shrink_plan_fails(struct shrink *shrink, const struct write_plan *plan)
{
    size_t size;
    char *text = shrink_write(plan, "", &size);
    bool fails = text != NULL && shrink_text_fails(shrink, text, size);

    free(text);
    return fails;
}

/* Whether the failing expectation allows that requests go: it compares no absolute count with those
 * that are left, nor a text that may hold a client's name. */
static bool shrink_may_cut(const struct shrink *shrink)
{
    const struct trial_failure *failure = &shrink->result->failure;

    if (failure->promise || failure->which == UINT32_MAX) {
        return true;
    }
    const struct expectation *expectation = &shrink->scenario->expectations[failure->which];
    if (expectation->kind == EXPECT_OUTCOME) {
        return true; /* the request is called by its new number, and must be there */
    }
    return expectation->kind == EXPECT_METRIC && expectation->of == OF_ALL &&
           !expectation->during &&
           (expectation->unit != UNIT_COUNT || expectation->ratio == RATIO_PER_REQUEST);
}

static bool shrink_asks(const struct write_plan *plan)
{
    for (uint32_t g = 0; g < plan->scenario->group_count; g++) {
        const struct scenario_clients *clients = &plan->scenario->groups[g];
        for (uint32_t s = 0; plan->groups[g].client_count > 0 && s < clients->step_count; s++) {
            if (clients->steps[s].kind == CLIENT_SEND && plan->groups[g].step_count[s] > 0) {
                return true;
            }
        }
    }
    return false;
}

/* Whether the value that the failing expectation misses is missing for no better reason than that
 * nobody asks anything. */
static bool shrink_is_idle(const struct shrink *shrink, const struct write_plan *plan)
{
    const struct trial_failure *failure = &shrink->result->failure;

    return !failure->promise && failure->which != UINT32_MAX && !failure->exists &&
           shrink->scenario->request_count > 0 && !shrink_asks(plan);
}

/* Changes a copy of the plan by `change`, and keeps it if it still fails. */
static bool shrink_attempt(struct shrink *shrink, struct write_plan *plan,
                           void (*change)(struct write_plan *, uint32_t, uint32_t, uint32_t),
                           uint32_t group, uint32_t index, uint32_t value)
{
    struct write_plan copy;

    if (shrink->stopped || write_plan_copy(&copy, plan) != 0) {
        return false;
    }
    change(&copy, group, index, value);
    if (!shrink_is_idle(shrink, &copy) && shrink_plan_fails(shrink, &copy)) {
        write_plan_free(plan);
        *plan = copy;
        return true;
    }
    write_plan_free(&copy);
    return false;
}

/* Takes `value` clients out of the group, from number `index` on. */
static void shrink_change_clients(struct write_plan *plan, uint32_t group, uint32_t index,
                                  uint32_t value)
{
    struct write_group *kept = &plan->groups[group];

    memmove(kept->clients + index, kept->clients + index + value,
            (kept->client_count - index - value) * sizeof *kept->clients);
    kept->client_count -= value;
}

/* Leaves `value` requests of step `index`, the last ones. */
static void shrink_change_first(struct write_plan *plan, uint32_t group, uint32_t index,
                                uint32_t value)
{
    struct write_group *kept = &plan->groups[group];

    kept->step_skip[index] += kept->step_count[index] - value;
    kept->step_count[index] = value;
}

/* Leaves `value` requests of step `index`, the first ones. */
static void shrink_change_last(struct write_plan *plan, uint32_t group, uint32_t index,
                               uint32_t value)
{
    plan->groups[group].step_count[index] = value;
}

/* Leaves out rule `index`. */
static void shrink_change_rule(struct write_plan *plan, uint32_t group, uint32_t index,
                               uint32_t value)
{
    (void)group;
    (void)value;
    plan->rules[index] = false;
}

/* Takes out clients, many at a time and then one by one. */
static bool shrink_clients(struct shrink *shrink, struct write_plan *plan, uint32_t group)
{
    bool any = false;

    for (uint32_t size = plan->groups[group].client_count; size > 0; size /= 2) {
        for (uint32_t at = 0; at + size <= plan->groups[group].client_count && !shrink->stopped;) {
            if (shrink_attempt(shrink, plan, shrink_change_clients, group, at, size)) {
                any = true;
            } else {
                at += size;
            }
        }
    }
    return any;
}

/* Takes requests off both ends of a step, half of them at a time and then fewer. */
static bool shrink_step(struct shrink *shrink, struct write_plan *plan, uint32_t group,
                        uint32_t step)
{
    bool any = false;

    for (uint32_t size = plan->groups[group].step_count[step]; size > 0; size /= 2) {
        while (plan->groups[group].step_count[step] >= size &&
               shrink_attempt(shrink, plan, shrink_change_last, group, step,
                              plan->groups[group].step_count[step] - size)) {
            any = true;
        }
        while (plan->groups[group].step_count[step] >= size &&
               shrink_attempt(shrink, plan, shrink_change_first, group, step,
                              plan->groups[group].step_count[step] - size)) {
            any = true;
        }
    }
    return any;
}

/* Takes away requests of a group's script, and steps that are none. */
static bool shrink_script(struct shrink *shrink, struct write_plan *plan, uint32_t group)
{
    const struct scenario_clients *clients = &plan->scenario->groups[group];
    bool any = false;

    for (uint32_t step = 0; step < clients->step_count && plan->groups[group].client_count > 0;
         step++) {
        if (clients->steps[step].kind == CLIENT_SEND) {
            any = shrink_step(shrink, plan, group, step) || any;
        } else if (plan->groups[group].step_count[step] > 0) {
            any = shrink_attempt(shrink, plan, shrink_change_last, group, step, 0) || any;
        }
    }
    return any;
}

/* Whether the rule is a fault in what is written. A plain delay stays: a story takes its time. */
static bool shrink_is_fault(const struct scenario_rule *rule)
{
    const struct fault_set *faults = &rule->faults;

    if (rule->kind != RULE_FAULTS) {
        return rule->kind != RULE_NOTE;
    }
    return (faults->down || faults->clear || faults->exact_count > 0 ||
            (rule->timed && (faults->set & FAULT_DELAY) != 0));
}

static bool shrink_rules(struct shrink *shrink, struct write_plan *plan)
{
    bool any = false;

    for (uint32_t i = 0; i < plan->scenario->rule_count; i++) {
        if (plan->rules[i] && shrink_is_fault(&plan->scenario->rules[i])) {
            any = shrink_attempt(shrink, plan, shrink_change_rule, 0, i, 0) || any;
        }
    }
    return any;
}

/* Choices of what has gone went with it; of the others, those that no longer matter go. */
static bool shrink_written_choices(struct shrink *shrink, struct write_plan *plan)
{
    struct fault_choice *kept = shrink->kept;
    uint32_t count = 0;
    bool any = false;

    for (uint32_t i = 0; i < shrink->kept_count; i++) {
        if (write_plan_keeps(plan, &kept[i])) {
            kept[count++] = kept[i];
        }
    }
    shrink->kept_count = count;
    shrink->otherwise = false;
    for (uint32_t i = 0; i < shrink->kept_count && !shrink->stopped;) {
        count = shrink->kept_count - 1;
        memcpy(shrink->scratch, kept, i * sizeof *kept);
        memcpy(shrink->scratch + i, kept + i + 1, (count - i) * sizeof *kept);
        plan->choices = shrink->scratch;
        plan->choice_count = count;
        if (shrink_plan_fails(shrink, plan)) {
            shrink_keep(shrink, shrink->scratch, count);
            any = true;
        } else {
            i++;
        }
    }
    plan->choices = kept;
    plan->choice_count = shrink->kept_count;
    return any;
}

void shrink_plan_down(struct shrink *shrink, struct write_plan *plan)
{
    bool cuts = shrink_may_cut(shrink);
    bool again = shrink_plan_fails(shrink, plan);

    while (again && !shrink->stopped) {
        again = false;
        for (uint32_t g = 0; cuts && g < plan->scenario->group_count; g++) {
            again = shrink_clients(shrink, plan, g) || again;
            again = shrink_script(shrink, plan, g) || again;
        }
        again = shrink_rules(shrink, plan) || again;
        again = shrink_written_choices(shrink, plan) || again;
    }
}
