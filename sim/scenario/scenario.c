#include "scenario/scenario.h"

#include <string.h>

#include "base/time.h"
#include "scenario/ids.h"
#include "scenario/parse.h"

const char *const PARSE_DIRECTIVES[] = {
    "title",  "seed",    "world", "time-limit", "port", "network", "link", "server", "broker",
    "client", "clients", "send",  "wait",       "raw",  "at",      "when", "expect", NULL};

/* ---- lines to directives --------------------------------------------------------------------- */

/* What the first pass reads: nodes and scripts. */
static const char *const NODES_OF_CLIENTS[] = {"client", "clients", "send", "wait", "raw", NULL};
static const char *const NODES_SETTINGS[] = {"title",  "seed",   "world", "time-limit",
                                             "server", "broker", NULL};
/* What the second pass reads: it names nodes. */
static const char *const RULES[] = {"port", "expect", "network", "link", "at", "when", NULL};

static bool parse_is_one_of(const struct parse_word *word, const char *const *known)
{
    for (uint32_t i = 0; known[i] != NULL; i++) {
        if (parse_is(word, known[i])) {
            return true;
        }
    }
    return false;
}

static bool parse_line_of_clients(struct parse *parse, const struct parse_word *word)
{
    bool set = parse->line->set > 0;
    bool single = parse_is(word, "client");

    if (!single && !parse_is(word, "clients")) {
        return parse_step(parse, word);
    }
    if (set) {
        return single ? parse_set_client(parse) : parse_set_clients(parse);
    }
    if (single ? parse_client(parse) : parse_clients(parse)) {
        return true;
    }
    parse->group_places[parse->group_count - 1].column = 0;
    return false;
}

static void parse_first_pass(struct parse *parse)
{
    for (uint32_t i = 0; i < parse->line_count; i++) {
        parse->line = &parse->lines[i];
        parse->at = 0;
        const struct parse_word *word = parse_next(parse);
        if (i == SCENARIO_DIRECTIVES_MAX) {
            (void)parse_error(parse, word, "more than %d directives", SCENARIO_DIRECTIVES_MAX);
            parse->line_count = i;
            parse->nodes_unsure = true;
        } else if (parse_is_one_of(word, NODES_OF_CLIENTS)) {
            parse->nodes_unsure |= !parse_line_of_clients(parse, word);
        } else if (parse_is_one_of(word, NODES_SETTINGS)) {
            parse->nodes_unsure |= !parse_setting(parse, word) && parse_is(word, "server");
        } else if (!parse_is_one_of(word, RULES)) {
            (void)parse_unknown(parse, word, "directive", PARSE_DIRECTIVES);
            parse->nodes_unsure = true;
        }
    }
}

static void parse_second_pass(struct parse *parse)
{
    for (uint32_t i = 0; i < parse->line_count; i++) {
        parse->line = &parse->lines[i];
        parse->at = 0;
        const struct parse_word *word = parse_next(parse);
        if (parse_is(word, "port")) {
            (void)parse_port(parse);
        } else if (parse_is(word, "expect")) {
            (void)parse_expect(parse);
        } else if (parse_is_one_of(word, RULES)) {
            (void)parse_rule(parse, word);
        }
    }
    (void)parse_check_ports(parse);
    (void)parse_check_reorder(parse);
}

/* ---- the file as a whole --------------------------------------------------------------------- */

/* Where messages about the file as a whole point. */
static const struct parse_line PARSE_WHOLE = {.number = 1, .bytes = ""};

static void parse_defaults(struct parse *parse)
{
    struct scenario *scenario = parse->scenario;

    scenario->seed = 1;
    scenario->world = WORLD_REAL;
    scenario->time_limit_ns = 300 * NS_PER_S;
    scenario->broker = (struct scenario_broker){
        .policy = {.cap_ns = TIME_NEVER,
                   .tries = 1,
                   .factor_milli = 2000,
                   .backoff = BACKOFF_EXPONENTIAL},
        .pending = 65536,
    };
    for (unsigned op = 0; op < OP_KNOWN_COUNT; op++) {
        parse->servers[op].server =
            (struct scenario_server){.op = (enum op)op, .workers = 1, .queue = 1024};
        parse->servers[op].runs = op == OP_TOUPPER || op == OP_TOLOWER;
    }
}

/* Reads all of it; what is wrong stands in the messages. */
static void parse_file(struct parse *parse, const char *bytes, size_t size,
                       const struct scenario_overrides *overrides)
{
    struct scenario *scenario = parse->scenario;

    parse->nodes_unsure = !parse_cut_file(parse, bytes, size);
    for (uint32_t i = 0; i < overrides->set_count; i++) {
        parse->nodes_unsure |= !parse_cut_set(parse, overrides->sets[i], i + 1);
    }
    parse_defaults(parse);
    parse_first_pass(parse);
    if (overrides->seed_given) {
        scenario->seed = overrides->seed;
    }
    if (overrides->world_given) {
        scenario->world = overrides->world;
    }
    if (!parse_make_nodes(parse)) {
        return; /* what names nodes cannot be judged */
    }
    parse_second_pass(parse);
    scenario->rules = parse->rules;
    scenario->rule_count = parse->rule_count;
    scenario->expectations = parse->expectations;
    scenario->expectation_count = parse->expectation_count;
    if (scenario->group_count == 0 && parse->messages->error_count == 0) {
        parse_warning_at(parse, &PARSE_WHOLE, 1,
                         "there is no client, so nobody asks anything: clients 1, and a line below "
                         "it: send toupper \"hello\"");
    }
}

bool scenario_parse(struct scenario *scenario, const char *path, const char *bytes, size_t size,
                    const struct scenario_overrides *overrides, struct scenario_messages *messages)
{
    struct scenario_arena *arena = arena_make();
    struct parse parse = {.scenario = scenario, .arena = arena, .messages = messages, .path = path};

    *scenario = (struct scenario){.arena = arena, .path = arena_text(arena, path, strlen(path))};
    if (size > SCENARIO_FILE_MAX) {
        (void)parse_error_at(&parse, &PARSE_WHOLE, 1, "the file has more than %u bytes",
                             SCENARIO_FILE_MAX);
    } else {
        parse_file(&parse, bytes, size, overrides);
    }
    if (messages->error_count > 0) {
        scenario_free(scenario);
        return false;
    }
    return true;
}

void scenario_free(struct scenario *scenario)
{
    ids_free(scenario);
    arena_free(scenario->arena);
    *scenario = (struct scenario){0};
}
