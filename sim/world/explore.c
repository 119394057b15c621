#include "world/explore.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "protocol/outbox.h"
#include "world/choices.h"

/* Runs between two calls of options->progress. */
#define EXPLORE_RUNS_PER_LOOK 64

/* A datagram of a run that could be lost. */
struct explore_candidate {
    struct fault_choice choice;
    bool idle; /* it was delivered, and taken for late: nobody would miss it */
};

/* The candidates of one run, from behind its latest loss on. */
struct explore_level {
    struct explore_candidate *items; /* owned */
    uint32_t count;
    uint32_t capacity;
    uint32_t next; /* the next to lose */
};

/* Gathers the candidates of a run. */
struct explore_sink {
    const struct fault_choice *after; /* collect behind this loss; NULL: from the start */
    bool collecting;
    bool prunes; /* what was taken for late need not be lost */
    bool failed;
    uint32_t *positions; /* of each link: originals sent so far */
    struct explore_level *level;
};

struct explore {
    const struct scenario *scenario;
    const struct explore_options *options;
    struct explore_result *result;
    bool prunes;          /* no expectation could tell */
    uint64_t runs_before; /* runs when the sets of this size were begun */
    uint32_t *positions;  /* owned; for the sink */
    struct fault_choice chosen[EXPLORE_LOSSES_MAX];
    struct explore_level levels[EXPLORE_LOSSES_MAX + 1]; /* [i]: behind the i-th loss */
};

/* ---- the candidates of a run ------------------------------------------------------------------
 */

static bool explore_add(struct explore_level *level, const struct fault_choice *choice)
{
    if (level->count == level->capacity) {
        void *grown = array_grow(level->items, &level->capacity, sizeof *level->items, 64);
        if (grown == NULL) {
            return false;
        }
        level->items = grown;
    }
    level->items[level->count++] = (struct explore_candidate){.choice = *choice};
    return true;
}

static void explore_take_send(struct explore_sink *sink, const struct trace_record *record)
{
    uint32_t link = scenario_link(record->from, record->to);
    struct fault_choice choice;

    sink->positions[link] += record->event == TRACE_SEND;
    choice = choices_of_record(record, sink->positions[link], CHOICE_LOSE);
    if (sink->collecting && record->reason == LOSS_NONE) {
        sink->failed = sink->failed || !explore_add(sink->level, &choice);
    }
    if (!sink->collecting && fault_choice_equal(&choice, sink->after)) {
        sink->collecting = true;
    }
}

/* A reply that was taken for late changed nothing where it came: if only one datagram on the link
 * can have been it, losing that one is no different. */
static void explore_take_late(struct explore_sink *sink, const struct trace_record *record)
{
    struct explore_candidate *only = NULL;
    /* Clients hear from the broker alone, and do not say so of what they know the number of. */
    uint32_t from = record->from == TRACE_NOBODY ? NODE_BROKER : record->from;

    if (record->n == 0 || from == record->node) {
        return;
    }
    uint32_t link = scenario_link(from, record->node);
    for (uint32_t i = 0; i < sink->level->count; i++) {
        struct explore_candidate *candidate = &sink->level->items[i];
        const struct fault_choice *choice = &candidate->choice;
        if (choice->link == link && choice->client == record->client && choice->n == record->n &&
            choice->try == record->try) {
            if (only != NULL) {
                return;
            }
            only = candidate;
        }
    }
    if (only != NULL && only->choice.carriage == 0 && only->choice.copy == 0) {
        only->idle = true;
    }
}

static void explore_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct explore_sink *sink = context;

    (void)bytes;
    if (record->event == TRACE_SEND || record->event == TRACE_DUPLICATED) {
        explore_take_send(sink, record);
    } else if (sink->prunes && record->event == TRACE_REJECTED && record->reason == REJECT_LATE) {
        explore_take_late(sink, record);
    }
}

/* Whether others wait for a datagram on a link with these faults, as they don't for a lost one. */
static bool explore_makes_wait(const struct fault_set *faults)
{
    return faults->rate_bps > 0 || faults->limit > 0 || faults->ordered;
}

/* Whether nothing can tell if a datagram that changed no core was lost or came too late: no
 * expectation, no event that waits for a delivery, and no other datagram on the link. */
static bool explore_may_prune(const struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *expectation = &scenario->expectations[i];
        if (expectation->kind == EXPECT_METRIC &&
            (expectation->metric == METRIC_REJECTED || expectation->metric == METRIC_DURATION ||
             expectation->metric == METRIC_TIMING_MARGIN || expectation->ratio == RATIO_PER_S ||
             metric_is_datagrams(expectation->metric))) {
            return false;
        }
    }
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        if (rule->progress == PROGRESS_DELIVER ||
            (rule->kind == RULE_FAULTS && explore_makes_wait(&rule->faults))) {
            return false;
        }
    }
    return true;
}

/* ---- runs -------------------------------------------------------------------------------------
 */

/* Runs with the first `count` chosen losses. With `level`, its candidates are filled anew. False:
 * no memory. */
static bool explore_try(struct explore *explore, uint32_t count, struct explore_level *level,
                        struct trial_failure *failure)
{
    struct explore_sink gather = {.after = count > 0 ? &explore->chosen[count - 1] : NULL,
                                  .collecting = count == 0,
                                  .prunes = explore->prunes,
                                  .positions = explore->positions,
                                  .level = level};
    struct trace_sink sink = {.take = level != NULL ? explore_take : NULL, .context = &gather};
    struct fault_script script;
    int status;

    if (level != NULL) {
        level->count = 0;
        level->next = 0;
        memset(explore->positions, 0, explore->scenario->link_count * sizeof *explore->positions);
    }
    if (fault_script_init(&script, explore->chosen, count) != 0) {
        return false;
    }
    status = trial_run(explore->scenario, &script, &sink, failure);
    fault_script_free(&script);
    explore->result->runs++;
    return status == 0 && !gather.failed;
}

/* Tells how far it is; true: stop here. */
static bool explore_look(const struct explore *explore, uint32_t count)
{
    const struct explore_options *options = explore->options;

    return options->progress != NULL &&
           options->progress(options->progress_context, explore->result->runs, count,
                             explore->result->expected);
}

/* How many runs it may take after all, judged by how much of this size has been walked: the sets
 * whose earliest loss is a late datagram are few. */
static uint64_t explore_expect_again(const struct explore *explore, uint32_t size)
{
    const struct explore_level *first = &explore->levels[0];
    double left = 1;

    for (uint32_t i = 0; i < size; i++) {
        left *= (double)(first->count - first->next + 1) / (double)(first->count + 1);
    }
    double whole = (double)(explore->result->runs - explore->runs_before) / (1 - left);
    return explore->runs_before + (uint64_t)whole + 1;
}

/* Judges the run of a set of `count` losses. True: the search ends here. */
static bool explore_judge(struct explore *explore, uint32_t count,
                          const struct trial_failure *failure)
{
    struct explore_result *result = explore->result;

    if (failure->stopped) {
        result->runs--;                     /* it was not finished, and does not count */
        (void)explore_look(explore, count); /* for the one who takes signals */
        result->end = EXPLORE_STOPPED;
        return true;
    }
    if (failure->failed) {
        result->end = EXPLORE_REFUTED;
        result->failure = *failure;
        result->found_count = count;
        memcpy(result->found, explore->chosen, count * sizeof *result->found);
        return true;
    }
    if (result->runs % EXPLORE_RUNS_PER_LOOK == 0 && explore_look(explore, count)) {
        result->end = EXPLORE_STOPPED;
        return true;
    }
    return false;
}

/* The next candidate of a level that is worth losing; NULL: none is left. */
static const struct fault_choice *explore_next(struct explore *explore, struct explore_level *level)
{
    while (level->next < level->count && level->items[level->next].idle) {
        explore->result->pruned++;
        level->next++;
    }
    return level->next < level->count ? &level->items[level->next++].choice : NULL;
}

/* All sets of exactly `size` losses (size > 0); the runs of smaller sets are made again for their
 * candidates. True: the search ends here. */
static bool explore_size(struct explore *explore, uint32_t size)
{
    struct trial_failure failure;
    uint32_t depth = 0; /* losses chosen so far */

    explore->runs_before = explore->result->runs;
    if (!explore_try(explore, 0, &explore->levels[0], &failure)) {
        explore->result->end = EXPLORE_NO_MEMORY;
        return true;
    }
    if (failure.stopped) {
        return explore_judge(explore, size, &failure);
    }
    for (;;) {
        const struct fault_choice *choice = explore_next(explore, &explore->levels[depth]);
        if (choice == NULL) {
            if (depth == 0) {
                return false;
            }
            depth--;
            continue;
        }
        if (explore->result->runs >= explore->options->runs_max) {
            explore->result->end = EXPLORE_TOO_MANY;
            explore->result->expected = explore_expect_again(explore, size);
            return true;
        }
        explore->chosen[depth] = *choice;
        bool whole = depth + 1 == size;
        if (!explore_try(explore, depth + 1, whole ? NULL : &explore->levels[depth + 1],
                         &failure)) {
            explore->result->end = EXPLORE_NO_MEMORY;
            return true;
        }
        if ((whole || failure.stopped) && explore_judge(explore, size, &failure)) {
            return true;
        }
        depth += !whole;
    }
}

/* About how many runs it takes: sets of up to K of the datagrams that are sent without losses, half
 * as many again for each retry that a loss brings; saturates. */
static uint64_t explore_expect(uint32_t datagrams, uint32_t losses)
{
    double total = 1;
    double sets = 1;

    for (uint32_t k = 1; k <= losses; k++) {
        sets *= (double)(datagrams + 2 * k) / k;
        total += sets;
    }
    return total < 1e18 ? (uint64_t)total : UINT64_C(1000000000000000000);
}

void explore_run(const struct scenario *scenario, const struct explore_options *options,
                 struct explore_result *result)
{
    struct explore explore = {.scenario = scenario,
                              .options = options,
                              .result = result,
                              .prunes = explore_may_prune(scenario)};
    struct trial_failure failure;
    bool ended;

    *result = (struct explore_result){.end = EXPLORE_NO_MEMORY};
    explore.positions = calloc(scenario->link_count, sizeof *explore.positions);
    ended = explore.positions == NULL || !explore_try(&explore, 0, &explore.levels[0], &failure);
    if (!ended) {
        result->end = EXPLORE_SAFE;
        result->datagrams = explore.levels[0].count;
        result->expected = explore_expect(result->datagrams, options->losses);
        ended = explore_judge(&explore, 0, &failure);
    }
    if (!ended && result->expected > options->runs_max) {
        result->end = EXPLORE_TOO_MANY;
        ended = true;
    }
    for (uint32_t size = 1; !ended && size <= options->losses; size++) {
        ended = explore_size(&explore, size);
        result->losses_done = ended ? size - 1 : size;
    }
    for (uint32_t i = 0; i <= EXPLORE_LOSSES_MAX; i++) {
        free(explore.levels[i].items);
    }
    free(explore.positions);
}
