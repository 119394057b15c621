#include "world/shrink.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "scenario/write.h"
#include "world/choices.h"

struct shrink {
    const struct scenario *scenario;
    const struct shrink_options *options;
    struct shrink_result *result;
    struct fault_choice *kept; /* owned: the smallest set so far */
    uint32_t kept_count;
    bool stopped; /* progress said so, or memory ran out: no more runs */
};

/* ---- runs -------------------------------------------------------------------------------------
 */

static void shrink_look(struct shrink *shrink)
{
    const struct shrink_options *options = shrink->options;

    shrink->result->runs++;
    if (options->progress != NULL &&
        options->progress(options->progress_context, shrink->result->runs, shrink->kept_count)) {
        shrink->stopped = true;
    }
}

/* Whether the original scenario fails in the same way with these choices. */
static bool shrink_fails(struct shrink *shrink, const struct fault_choice *choices, uint32_t count)
{
    struct trial_failure failure;
    struct fault_script script;
    int status;

    if (shrink->stopped || fault_script_init(&script, choices, count) != 0) {
        return false;
    }
    status = trial_run(shrink->scenario, &script, NULL, &failure);
    fault_script_free(&script);
    shrink_look(shrink);
    return status == 0 && trial_is_same(&failure, &shrink->result->failure);
}

/* Whether a scenario's text fails by itself in the same way. */
static bool shrink_text_fails(struct shrink *shrink, const char *text, size_t size)
{
    struct scenario_overrides none = {0};
    struct scenario_messages messages = {0};
    struct trial_failure failure = {0};
    struct scenario scenario;
    bool same = false;

    if (shrink->stopped) {
        return false;
    }
    if (scenario_parse(&scenario, "shrunk", text, size, &none, &messages)) {
        const struct trial_failure *wanted = &shrink->result->failure;
        bool ran = trial_run(&scenario, NULL, NULL, &failure) == 0;
        /* Its only expectation is the one that failed. */
        same = ran && failure.failed && failure.promise == wanted->promise &&
               failure.exists == wanted->exists &&
               (!wanted->promise || failure.which == wanted->which);
        scenario_free(&scenario);
    }
    scenario_messages_free(&messages);
    shrink_look(shrink);
    return same;
}

/* ---- fewer choices ----------------------------------------------------------------------------
 */

static void shrink_keep(struct shrink *shrink, const struct fault_choice *choices, uint32_t count)
{
    memmove(shrink->kept, choices, count * sizeof *choices);
    shrink->kept_count = count;
}

/* Tries without all choices of the kind that `drop` says. `scratch`: room for all. */
static void shrink_without(struct shrink *shrink, struct fault_choice *scratch,
                           bool (*drop)(const struct fault_choice *choice))
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < shrink->kept_count; i++) {
        if (!drop(&shrink->kept[i])) {
            scratch[count++] = shrink->kept[i];
        }
    }
    if (count < shrink->kept_count && shrink_fails(shrink, scratch, count)) {
        shrink_keep(shrink, scratch, count);
    }
}

static bool shrink_is_delay(const struct fault_choice *choice)
{
    return choice->kind == CHOICE_DELAY;
}

static bool shrink_is_of_copy(const struct fault_choice *choice)
{
    return choice->copy > 0;
}

/* One round of ddmin with chunks of `size`: tries without each chunk. True: something could go. */
static bool shrink_round(struct shrink *shrink, struct fault_choice *scratch, uint32_t size)
{
    bool any = false;

    for (uint32_t from = 0; from < shrink->kept_count && !shrink->stopped;) {
        uint32_t to = from + size < shrink->kept_count ? from + size : shrink->kept_count;
        uint32_t rest = shrink->kept_count - to;
        memcpy(scratch, shrink->kept, from * sizeof *scratch);
        memcpy(scratch + from, shrink->kept + to, rest * sizeof *scratch);
        if (shrink_fails(shrink, scratch, from + rest)) {
            shrink_keep(shrink, scratch, from + rest);
            any = true;
        } else {
            from = to;
        }
    }
    return any;
}

/* Until no single choice can go. */
static void shrink_choices_down(struct shrink *shrink, struct fault_choice *scratch)
{
    uint32_t size = (shrink->kept_count + 1) / 2;

    shrink_without(shrink, scratch, shrink_is_delay);
    shrink_without(shrink, scratch, shrink_is_of_copy);
    while (shrink->kept_count > 0 && !shrink->stopped) {
        bool any = shrink_round(shrink, scratch, size);
        if (size == 1 && !any) {
            break;
        }
        size = size > 1 ? (size + 1) / 2 : 1;
    }
}

/* ---- fewer clients and requests ---------------------------------------------------------------
 */

/* The text of a plan; NULL: no memory. */
static char *shrink_write(const struct write_plan *plan, const char *story, size_t *size)
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

/* Whether the failing expectation allows that requests go: it says nothing of one by its number,
 * and compares no absolute count with those that are left. */
static bool shrink_may_cut(const struct shrink *shrink)
{
    const struct trial_failure *failure = &shrink->result->failure;

    if (failure->promise || failure->which == UINT32_MAX) {
        return true;
    }
    const struct expectation *expectation = &shrink->scenario->expectations[failure->which];
    return expectation->kind == EXPECT_METRIC && expectation->of == OF_ALL &&
           !expectation->during &&
           (expectation->unit != UNIT_COUNT || expectation->ratio == RATIO_PER_REQUEST);
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
    if (shrink_plan_fails(shrink, &copy)) {
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

/* Takes out clients, many at a time and then one by one. */
static void shrink_clients(struct shrink *shrink, struct write_plan *plan, uint32_t group)
{
    for (uint32_t size = plan->groups[group].client_count; size > 0; size /= 2) {
        for (uint32_t at = 0; at + size <= plan->groups[group].client_count && !shrink->stopped;) {
            if (!shrink_attempt(shrink, plan, shrink_change_clients, group, at, size)) {
                at += size;
            }
        }
    }
}

/* Takes requests off both ends of each step, half of them at a time and then fewer. */
static void shrink_requests(struct shrink *shrink, struct write_plan *plan, uint32_t group)
{
    const struct scenario_clients *clients = &plan->scenario->groups[group];

    for (uint32_t step = 0; step < clients->step_count && !shrink->stopped; step++) {
        if (clients->steps[step].kind != CLIENT_SEND) {
            continue;
        }
        for (uint32_t size = plan->groups[group].step_count[step]; size > 0; size /= 2) {
            const uint32_t *count = &plan->groups[group].step_count[step];
            while (*count >= size &&
                   shrink_attempt(shrink, plan, shrink_change_last, group, step, *count - size)) {
                count = &plan->groups[group].step_count[step];
            }
            while (*count >= size &&
                   shrink_attempt(shrink, plan, shrink_change_first, group, step, *count - size)) {
                count = &plan->groups[group].step_count[step];
            }
        }
    }
}

/* ---- the result -------------------------------------------------------------------------------
 */

static void shrink_count(struct shrink *shrink, const struct write_plan *plan)
{
    struct shrink_result *result = shrink->result;

    for (uint32_t g = 0; g < plan->scenario->group_count; g++) {
        const struct write_group *group = &plan->groups[g];
        uint64_t each = 0;
        for (uint32_t s = 0; s < plan->scenario->groups[g].step_count; s++) {
            if (plan->scenario->groups[g].steps[s].kind == CLIENT_SEND) {
                each += group->step_count[s];
            }
        }
        result->clients_after += group->client_count;
        result->requests_after += each * group->client_count;
    }
    result->faults_after = shrink->kept_count;
}

/* The comment at the top: what failed, and how this came to be. */
static char *shrink_story(const struct shrink *shrink)
{
    const struct shrink_result *result = shrink->result;
    const struct shrink_options *options = shrink->options;
    char *story = NULL;
    size_t size;
    FILE *out = open_memstream(&story, &size);

    if (out == NULL) {
        return NULL;
    }
    fprintf(out, "What do %u faults do to this system?\n\nThis fails: %s.\n", shrink->kept_count,
            result->failure.text);
    if (options->command != NULL) {
        fprintf(out, "Cut down from: %s\n", options->command);
    }
    fprintf(out,
            "Of %u faults of that run %u are left, of %llu requests %llu; none of the faults "
            "can be left out.\n",
            result->faults_before, shrink->kept_count,
            (unsigned long long)shrink->scenario->request_count,
            (unsigned long long)result->requests_after);
    if (fclose(out) != 0) {
        free(story);
        return NULL;
    }
    return story;
}

/* Clients and requests that do not matter go; then the scenario is written and tried by itself. */
static void shrink_finish(struct shrink *shrink)
{
    struct shrink_result *result = shrink->result;
    const struct trial_failure *failure = &result->failure;
    struct write_plan plan;
    size_t size = 0;

    if (write_plan_init(&plan, shrink->scenario) != 0) {
        result->end = SHRINK_NO_MEMORY;
        return;
    }
    plan.choices = shrink->kept;
    plan.choice_count = shrink->kept_count;
    plan.expectation = failure->promise ? UINT32_MAX : failure->which;
    if (shrink_may_cut(shrink) && shrink_plan_fails(shrink, &plan)) {
        for (uint32_t g = 0; g < shrink->scenario->group_count; g++) {
            shrink_clients(shrink, &plan, g);
            shrink_requests(shrink, &plan, g);
        }
    }
    shrink_count(shrink, &plan);
    char *story = shrink_story(shrink);
    result->text = story != NULL ? shrink_write(&plan, story, &size) : NULL;
    free(story);
    write_plan_free(&plan);
    shrink->stopped = false; /* the last look is owed even to one who stopped */
    result->end = result->text != NULL ? SHRINK_DONE : SHRINK_NO_MEMORY;
    result->by_itself = result->text != NULL && shrink_text_fails(shrink, result->text, size);
}

void shrink_run(const struct scenario *scenario, const struct shrink_options *options,
                struct shrink_result *result)
{
    struct shrink shrink = {.scenario = scenario, .options = options, .result = result};
    struct fault_choice *scratch = NULL;
    struct choices choices;

    *result = (struct shrink_result){.end = SHRINK_NO_MEMORY};
    if (choices_init(&choices, scenario) != 0) {
        return;
    }
    struct trace_sink sink = {.take = choices_take, .context = &choices};
    if (trial_run(scenario, NULL, &sink, &result->failure) != 0 || choices.failed) {
        goto end;
    }
    if (!result->failure.failed) {
        result->end = SHRINK_PASSES;
        goto end;
    }
    scratch = calloc(choices.count + 1, sizeof *scratch);
    shrink.kept = calloc(choices.count + 1, sizeof *shrink.kept);
    if (scratch == NULL || shrink.kept == NULL) {
        goto end;
    }
    result->faults_before = choices.count;
    if (choices.count > 0) {
        shrink_keep(&shrink, choices.items, choices.count);
    }
    shrink_choices_down(&shrink, scratch);
    shrink_finish(&shrink);

end:
    free(scratch);
    free(shrink.kept);
    choices_free(&choices);
}

void shrink_choices(const struct scenario *scenario, const struct fault_choice *choices,
                    uint32_t count, const struct shrink_options *options,
                    struct shrink_result *result)
{
    struct shrink shrink = {.scenario = scenario, .options = options, .result = result};
    struct fault_script script;
    int status;

    *result = (struct shrink_result){.end = SHRINK_NO_MEMORY, .faults_before = count};
    shrink.kept = calloc(count + 1, sizeof *shrink.kept);
    if (shrink.kept == NULL || fault_script_init(&script, choices, count) != 0) {
        free(shrink.kept);
        return;
    }
    status = trial_run(scenario, &script, NULL, &result->failure);
    fault_script_free(&script);
    if (status == 0 && result->failure.failed) {
        shrink_keep(&shrink, choices, count);
        shrink_finish(&shrink);
    } else if (status == 0) {
        result->end = SHRINK_PASSES;
    }
    free(shrink.kept);
}
