#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "scenario/write.h"
#include "world/choices.h"
#include "world/swarm.h"
#include "world/trial.h"

/* Random scenarios, each from its seed. */
#define REPLAY_SEEDS 200

/* A hash of the records so far, without those that say what the file's lines are called. */
struct replay_log {
    uint64_t hash;
    uint64_t count;
    struct choices *choices; /* gathers choices as well; NULL: not wanted */
};

static void replay_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct replay_log *log = context;
    const uint64_t words[] = {
        record->t_ns, record->id,   record->due_ns, record->value_ns,   record->node,
        record->from, record->to,   record->client, record->n,          record->carriage,
        record->size, record->code, record->event,  record->reason,     record->try,
        record->copy, record->form, record->op,     record->bytes_size,
    };

    if (log->choices != NULL) {
        choices_take(log->choices, record, bytes);
    }
    if (record->event == TRACE_FAULT || record->event == TRACE_PARTITION ||
        record->event == TRACE_HEAL) {
        return;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        log->hash = prng_draw(log->hash, words[i]);
    }
    if (record->bytes_size > 0) {
        log->hash = prng_draw_text(log->hash, (const char *)bytes, record->bytes_size);
    }
    log->count++;
}

static struct scenario replay_parse(const char *text, size_t size)
{
    struct scenario_overrides overrides = {.seed_given = false};
    struct scenario_messages messages = {0};
    struct scenario scenario;

    if (!scenario_parse(&scenario, "replay", text, size, &overrides, &messages)) {
        printf("%.*s%s\n", (int)size, text, messages.items[0].text);
        exit(EXIT_FAILURE);
    }
    scenario_messages_free(&messages);
    return scenario;
}

static struct scenario replay_swarm(uint64_t seed)
{
    char text[SWARM_TEXT_MAX];
    size_t size = swarm_write(seed, text);

    return replay_parse(text, size);
}

static void replay_run(const struct scenario *scenario, const struct fault_script *script,
                       struct replay_log *log)
{
    struct trace_sink sink = {.take = replay_take, .context = log};
    struct trial_failure failure;

    CU_ASSERT_EQUAL_FATAL(trial_run(scenario, script, &sink, &failure), 0);
    if (failure.failed) {
        printf("seed %llu: %s\n", (unsigned long long)scenario->seed, failure.text);
    }
    CU_ASSERT_FALSE(failure.failed);
}

static bool replay_is_same(const struct replay_log *a, const struct replay_log *b, uint64_t seed,
                           const char *what)
{
    bool same = a->hash == b->hash && a->count == b->count;

    if (!same) {
        printf("seed %llu %s: %llu records, %llu records\n", (unsigned long long)seed, what,
               (unsigned long long)a->count, (unsigned long long)b->count);
    }
    return same;
}

/* What chance did, taken as choices and made again by a script, is the same run. Returns how many
 * choices it took; frees the scenario. */
static uint64_t replay_check(struct scenario *scenario, uint64_t seed)
{
    struct choices choices;
    struct replay_log by_chance = {.choices = &choices};
    struct replay_log by_script = {.choices = NULL};
    struct fault_script script;

    CU_ASSERT_EQUAL_FATAL(choices_init(&choices, scenario), 0);
    replay_run(scenario, NULL, &by_chance);
    CU_ASSERT_FALSE(choices.failed);
    CU_ASSERT_EQUAL_FATAL(fault_script_init(&script, choices.items, choices.count), 0);
    replay_run(scenario, &script, &by_script);
    CU_ASSERT(replay_is_same(&by_chance, &by_script, seed, "by script"));
    uint64_t count = choices.count;
    fault_script_free(&script);
    choices_free(&choices);
    scenario_free(scenario);
    return count;
}

static void the_choices_of_a_run_make_it_again(void)
{
    uint64_t choice_count = 0;

    for (uint64_t seed = 1; seed <= REPLAY_SEEDS; seed++) {
        struct scenario scenario = replay_swarm(seed);
        choice_count += replay_check(&scenario, seed);
    }
    CU_ASSERT(choice_count > 10000);
}

/* A chosen datagram, delayed by as much as it says, still waits for the line. */
static void what_waits_for_a_slow_line_waits_again(void)
{
    static const char FORMAT[] =
        "seed %llu\nworld virtual\n"
        "network delay 3ms 3ms duplicate 40%% reorder 20%% rate 200kbit limit 9 mtu 120\n"
        "link broker -> clients delay 20ms 1 of each request\n"
        "link servers -> broker clear delay 4ms 2ms ordered rate 300kbit\n"
        "clients 4 timeout 60ms window 3\n"
        "  send 30 toupper \"number {n}\"\n";

    for (uint64_t seed = 1; seed <= 50; seed++) {
        char text[512];
        snprintf(text, sizeof text, FORMAT, (unsigned long long)seed);
        struct scenario scenario = replay_parse(text, strlen(text));
        CU_ASSERT(replay_check(&scenario, seed) > 100);
    }
}

static void a_scenario_that_is_written_again_is_the_same_run(void)
{
    for (uint64_t seed = 1; seed <= REPLAY_SEEDS; seed++) {
        struct scenario scenario = replay_swarm(seed);
        struct replay_log first = {.choices = NULL};
        struct replay_log second = {.choices = NULL};
        struct write_plan plan;
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        CU_ASSERT_FATAL(out != NULL && write_plan_init(&plan, &scenario) == 0);
        plan.chance = true;
        CU_ASSERT(write_scenario(out, &plan, "Written again."));
        CU_ASSERT_EQUAL(fclose(out), 0);
        struct scenario again = replay_parse(text, size);
        replay_run(&scenario, NULL, &first);
        replay_run(&again, NULL, &second);
        CU_ASSERT(replay_is_same(&first, &second, seed, "written again"));
        scenario_free(&again);
        free(text);
        write_plan_free(&plan);
        scenario_free(&scenario);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(the_choices_of_a_run_make_it_again),
        HARNESS_TEST(what_waits_for_a_slow_line_waits_again),
        HARNESS_TEST(a_scenario_that_is_written_again_is_the_same_run),
    };

    return harness_run("world/replay", tests, HARNESS_COUNT(tests));
}
