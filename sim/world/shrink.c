#include "world/shrink.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "world/choices.h"
#include "world/shrink_parts.h"

/* A longer command is no use in a comment, and a line of a scenario has its limits. */
#define SHRINK_COMMAND_MAX 2000

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

bool shrink_text_fails(struct shrink *shrink, const char *text, size_t size)
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
        if (!failure.promise && failure.which != UINT32_MAX) {
            failure.which = wanted->which; /* its only expectation is the one that failed */
        }
        same = ran && trial_is_same(&failure, wanted);
        shrink->otherwise = shrink->otherwise || (ran && failure.failed && !same);
        scenario_free(&scenario);
    }
    scenario_messages_free(&messages);
    shrink_look(shrink);
    if (same) {
        memcpy(shrink->shown, failure.text, sizeof shrink->shown);
    }
    return same;
}

/* ---- fewer choices ----------------------------------------------------------------------------
 */

void shrink_keep(struct shrink *shrink, const struct fault_choice *choices, uint32_t count)
{
    if (count > 0) {
        memmove(shrink->kept, choices, count * sizeof *choices);
    }
    shrink->kept_count = count;
}

/* Tries without all choices of the kind that `drop` says. */
static void shrink_without(struct shrink *shrink, bool (*drop)(const struct fault_choice *choice))
{
    struct fault_choice *scratch = shrink->scratch;
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

static bool shrink_is_any(const struct fault_choice *choice)
{
    (void)choice;
    return true;
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
static bool shrink_round(struct shrink *shrink, uint32_t size)
{
    struct fault_choice *scratch = shrink->scratch;
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
static void shrink_choices_down(struct shrink *shrink)
{
    uint32_t size = (shrink->kept_count + 1) / 2;

    shrink_without(shrink, shrink_is_any);
    shrink_without(shrink, shrink_is_delay);
    shrink_without(shrink, shrink_is_of_copy);
    while (shrink->kept_count > 0 && !shrink->stopped) {
        bool any = shrink_round(shrink, size);
        if (size == 1 && !any) {
            break;
        }
        size = size > 1 ? (size + 1) / 2 : 1;
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

/* The comment at the top: what failed, and how this came to be; NULL: no memory. `fails`: what it
 * is written above does so by itself. */
static char *shrink_story(const struct shrink *shrink, bool stopped, bool fails)
{
    const struct shrink_result *result = shrink->result;
    const struct shrink_options *options = shrink->options;
    uint32_t kept = shrink->kept_count;
    char *story = NULL;
    size_t size;
    FILE *out = open_memstream(&story, &size);

    if (out == NULL) {
        return NULL;
    }
    if (kept == 0) {
        fputs("What breaks this, though the network does nothing wrong?\n\n", out);
    } else if (kept == 1) {
        fputs("What does one fault do to this?\n\n", out);
    } else {
        fprintf(out, "What do %u faults do to this?\n\n", kept);
    }
    if (fails) {
        fprintf(out, "This fails: %s.\n",
                shrink->shown[0] != '\0' ? shrink->shown : result->failure.text);
    } else {
        fprintf(out,
                "The run that it comes from fails: %s.\n"
                "This does not fail like that: what it needs cannot be said by exact faults.\n",
                result->failure.text);
    }
    if (options->command != NULL && strlen(options->command) < SHRINK_COMMAND_MAX) {
        fprintf(out, "Cut down from: %s\n", options->command);
    }
    fprintf(out, "Of %u choices of the network in that run %u %s left, of %llu requests %llu.\n",
            result->faults_before, kept, kept == 1 ? "is" : "are",
            (unsigned long long)shrink->scenario->request_count,
            (unsigned long long)result->requests_after);
    if (kept > 0 && !stopped && fails) {
        fprintf(out, "Leave %s out, and %s.\n", kept == 1 ? "it" : "any one of them",
                shrink->otherwise ? "it fails otherwise, or not at all" : "all is well");
    }
    if (fclose(out) != 0) {
        free(story);
        return NULL;
    }
    return story;
}

/* What the plan writes, below its story; NULL: no memory. */
static char *shrink_write_told(const struct shrink *shrink, const struct write_plan *plan,
                               bool stopped, bool fails, size_t *size)
{
    char *story = shrink_story(shrink, stopped, fails);
    char *text = story != NULL ? shrink_write(plan, story, size) : NULL;

    free(story);
    return text;
}

/* What does not matter goes from what is written; then that is tried by itself. */
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
    shrink_plan_down(shrink, &plan);
    shrink_count(shrink, &plan);
    bool stopped = shrink->stopped;
    result->text = shrink_write_told(shrink, &plan, stopped, true, &size);
    shrink->stopped = false; /* the last look is owed even to one who stopped */
    result->by_itself = result->text != NULL && shrink_text_fails(shrink, result->text, size);
    free(result->text); /* only now it is known how it fails, its story and all */
    result->text = shrink_write_told(shrink, &plan, stopped, result->by_itself, &size);
    result->end = result->text != NULL ? SHRINK_DONE : SHRINK_NO_MEMORY;
    write_plan_free(&plan);
}

/* Room for `count` choices. False: no memory; free with shrink_free all the same. */
static bool shrink_init(struct shrink *shrink, uint32_t count)
{
    shrink->kept = calloc(count + 1, sizeof *shrink->kept);
    shrink->scratch = calloc(count + 1, sizeof *shrink->scratch);
    return shrink->kept != NULL && shrink->scratch != NULL;
}

static void shrink_free(struct shrink *shrink)
{
    free(shrink->kept);
    free(shrink->scratch);
}

void shrink_run(const struct scenario *scenario, const struct shrink_options *options,
                struct shrink_result *result)
{
    struct shrink shrink = {.scenario = scenario, .options = options, .result = result};
    struct choices choices;

    *result = (struct shrink_result){.end = SHRINK_NO_MEMORY};
    if (choices_init(&choices, scenario) != 0) {
        return;
    }
    struct trace_sink sink = {.take = choices_take, .context = &choices};
    if (trial_run(scenario, NULL, &sink, &result->failure) != 0 || choices.failed) {
        goto end;
    }
    if (result->failure.stopped) {
        shrink_look(&shrink); /* for the one who takes signals */
        result->end = SHRINK_STOPPED;
        goto end;
    }
    if (!result->failure.failed) {
        result->end = SHRINK_PASSES;
        goto end;
    }
    result->faults_before = choices.count;
    if (shrink_init(&shrink, choices.count)) {
        shrink_keep(&shrink, choices.items, choices.count);
        shrink_choices_down(&shrink);
        shrink_finish(&shrink);
    }
    shrink_free(&shrink);

end:
    choices_free(&choices);
}

void shrink_choices(const struct scenario *scenario, const struct fault_choice *choices,
                    uint32_t count, const struct shrink_options *options,
                    struct shrink_result *result)
{
    struct shrink shrink = {.scenario = scenario, .options = options, .result = result};
    struct fault_script script;

    *result = (struct shrink_result){.end = SHRINK_NO_MEMORY, .faults_before = count};
    if (!shrink_init(&shrink, count) || fault_script_init(&script, choices, count) != 0) {
        shrink_free(&shrink);
        return;
    }
    int status = trial_run(scenario, &script, NULL, &result->failure);
    fault_script_free(&script);
    if (status == 0 && result->failure.failed) {
        shrink_keep(&shrink, choices, count);
        shrink_finish(&shrink);
    } else if (status == 0) {
        result->end = SHRINK_PASSES;
    }
    shrink_free(&shrink);
}
