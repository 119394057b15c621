#include "world/choices.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/time.h"

/* Whether any rule, at any time, spreads the delays of the link. */
static bool choices_can_spread(const struct scenario *scenario, uint32_t link)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        if (rule->kind == RULE_FAULTS && scenario_in_bitmap(rule->links, link) &&
            (rule->faults.jitter_ns > 0 || rule->faults.reorder_q63 > 0)) {
            return true;
        }
    }
    return false;
}

int choices_init(struct choices *choices, const struct scenario *scenario)
{
    *choices = (struct choices){.scenario = scenario};
    choices->positions = calloc(scenario->link_count, sizeof *choices->positions);
    choices->spread = calloc(scenario->link_count, sizeof *choices->spread);
    if (choices->positions == NULL || choices->spread == NULL) {
        choices_free(choices);
        return -ENOMEM;
    }
    for (uint32_t link = 0; link < scenario->link_count; link++) {
        choices->spread[link] = choices_can_spread(scenario, link);
    }
    return 0;
}

void choices_free(struct choices *choices)
{
    free(choices->items);
    free(choices->positions);
    free(choices->spread);
    *choices = (struct choices){0};
}

bool choices_add(struct choices *choices, const struct fault_choice *choice)
{
    if (choices->count == choices->capacity) {
        void *grown = array_grow(choices->items, &choices->capacity, sizeof *choices->items, 64);
        if (grown == NULL) {
            choices->failed = true;
            return false;
        }
        choices->items = grown;
    }
    choices->items[choices->count++] = *choice;
    return true;
}

struct fault_choice choices_of_record(const struct trace_record *record, uint32_t position,
                                      enum fault_choice_kind kind)
{
    bool enveloped = record->form == TRACE_ENVELOPE_REQUEST || record->form == TRACE_ENVELOPE_REPLY;
    bool known = enveloped && record->n != 0;

    return (struct fault_choice)
    {
        .kind = kind, .link = scenario_link(record->from, record->to),
        .client = known ? record->client : UINT32_MAX, .n = known ? record->n : position,
        .carriage = record->carriage, .try = known ? record->
        try:
            0, .copy = record->copy,
    };
}

void choices_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct choices *choices = context;
    struct fault_choice choice;
    uint32_t link;

    (void)bytes;
    if (record->event != TRACE_SEND && record->event != TRACE_DUPLICATED) {
        return;
    }
    link = scenario_link(record->from, record->to);
    choices->positions[link] += record->event == TRACE_SEND;
    choice = choices_of_record(record, choices->positions[link], CHOICE_DUPLICATE);
    if (record->event == TRACE_DUPLICATED) {
        choice.copy = 0;
        (void)choices_add(choices, &choice);
        choice.copy = record->copy;
    }
    if (record->cut > 0) {
        choice.kind = CHOICE_TRUNCATE;
        (void)choices_add(choices, &choice);
    }
    if (record->flip > 0) {
        choice.kind = CHOICE_CORRUPT;
        (void)choices_add(choices, &choice);
    }
    if (record->reason == LOSS_LOSS) {
        choice.kind = CHOICE_LOSE;
        (void)choices_add(choices, &choice);
    } else if (record->reason == LOSS_NONE && choices->spread[link]) {
        choice.kind = CHOICE_DELAY;
        choice.delay_ns = time_since(record->t_ns, record->due_ns);
        (void)choices_add(choices, &choice);
    }
}
