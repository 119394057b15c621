#include "scenario/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "scenario/ids.h"
#include "scenario/parse.h"

const char *const PARSE_DIRECTIVES[] = {
    "title",  "seed",    "world", "time-limit", "port", "network", "link",   "server", "broker",
    "client", "clients", "send",  "wait",       "raw",  "at",      "expect", NULL};

/* ---- lines to directives --------------------------------------------------------------------- */

static bool parse_is_one_of(const struct parse_word *word, const char *const *known)
{
    for (uint32_t i = 0; known[i] != NULL; i++) {
        if (parse_is(word, known[i])) {
            return true;
        }
    }
    return false;
}

/* Goes to the beginning of a line; false: it has no words. */
static bool parse_begin(struct parse *parse, uint32_t index)
{
    parse->line = &parse->lines[index];
    parse->at = 0;
    return parse->line->word_count > 0;
}

/* Nodes and scripts; every other directive's word is checked. */
static void parse_first_pass(struct parse *parse)
{
    static const char *const NODES[] = {"title",  "seed",   "world",   "time-limit", "server",
                                        "broker", "client", "clients", NULL};
    static const char *const STEPS[] = {"send", "wait", "raw", NULL};
    uint32_t directives = 0;

    for (uint32_t i = 0; i < parse->line_count; i++) {
        if (!parse_begin(parse, i)) {
            continue;
        }
        const struct parse_word *word = parse_peek(parse);
        if (++directives > SCENARIO_DIRECTIVES_MAX) {
            (void)parse_error(parse, word, "more than %d directives", SCENARIO_DIRECTIVES_MAX);
            return;
        }
        if (parse_is_one_of(word, NODES)) {
            (void)parse_node_line(parse);
        } else if (parse_is_one_of(word, STEPS)) {
            (void)parse_step(parse);
        } else if (!parse_is_one_of(word, PARSE_DIRECTIVES)) {
            (void)parse_unknown(parse, word, "directive", PARSE_DIRECTIVES);
        }
    }
}

/* What names nodes: ports, links, the time line, expectations. */
static void parse_second_pass(struct parse *parse)
{
    for (uint32_t i = 0; i < parse->line_count; i++) {
        if (!parse_begin(parse, i)) {
            continue;
        }
        const struct parse_word *word = parse_peek(parse);
        if (parse_accept(parse, "port")) {
            (void)parse_port(parse);
        } else if (parse_accept(parse, "expect")) {
            (void)parse_expect(parse);
        } else if (parse_is(word, "network") || parse_is(word, "link") || parse_is(word, "at")) {
            (void)parse_rule(parse);
        }
    }
}

/* ---- the file as a whole --------------------------------------------------------------------- */

/* The first comment block, without its signs: what the scenario is about. */
static const char *parse_description(const struct parse *parse)
{
    char *text;
    size_t used = 0;
    size_t room = 1;
    uint32_t first = 0;
    uint32_t last;

    while (first < parse->line_count && parse->lines[first].size == 0) {
        first++;
    }
    for (last = first; last < parse->line_count && parse->lines[last].set == 0; last++) {
        const struct parse_line *line = &parse->lines[last];
        if (line->bytes[0] != '#') {
            break;
        }
        room += line->size;
    }
    text = arena_alloc(parse->arena, room, 1);
    for (uint32_t i = first; i < last; i++) {
        const struct parse_line *line = &parse->lines[i];
        size_t skip = line->size > 1 && line->bytes[1] == ' ' ? 2 : 1;
        if (used > 0) {
            text[used++] = '\n';
        }
        memcpy(text + used, line->bytes + skip, line->size - skip);
        used += line->size - skip;
    }
    return text;
}

static int parse_order(const void *a, const void *b)
{
    const struct scenario_message *first = a;
    const struct scenario_message *second = b;
    /* --set messages (line 0) come last. */
    uint32_t first_line = first->line == 0 ? UINT32_MAX : first->line;
    uint32_t second_line = second->line == 0 ? UINT32_MAX : second->line;

    if (first_line != second_line) {
        return first_line < second_line ? -1 : 1;
    }
    return first->column < second->column ? -1 : first->column > second->column;
}

/* In order of line, at most SCENARIO_ERRORS_MAX errors. */
static void parse_sort_messages(struct scenario_messages *messages)
{
    uint32_t kept = 0;
    uint32_t errors = 0;

    if (messages->count == 0) {
        return;
    }
    qsort(messages->items, messages->count, sizeof *messages->items, parse_order);
    for (uint32_t i = 0; i < messages->count; i++) {
        struct scenario_message *message = &messages->items[i];
        bool over = !message->warning && ++errors > SCENARIO_ERRORS_MAX;
        if (over) {
            free(message->text);
        } else {
            messages->items[kept++] = *message;
        }
    }
    messages->count = kept;
    messages->error_count = errors < SCENARIO_ERRORS_MAX ? errors : SCENARIO_ERRORS_MAX;
}

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

static bool parse_file(struct parse *parse, const char *bytes, size_t size,
                       const struct scenario_overrides *overrides)
{
    struct scenario *scenario = parse->scenario;

    (void)parse_cut_file(parse, bytes, size);
    for (uint32_t i = 0; i < overrides->set_count; i++) {
        (void)parse_cut_set(parse, overrides->sets[i], i + 1);
    }
    parse_defaults(parse);
    parse_first_pass(parse);
    if (overrides->seed_given) {
        scenario->seed = overrides->seed;
    }
    if (overrides->world_given) {
        scenario->world = overrides->world;
    }
    if (!parse_make_nodes(parse) || ids_make(scenario) != 0) {
        return false; /* what names nodes cannot be judged */
    }
    parse->port_lines = arena_alloc(parse->arena, scenario->node_count, sizeof *parse->port_lines);
    parse_second_pass(parse);
    scenario->rules = parse->rules;
    scenario->rule_count = parse->rule_count;
    scenario->expectations = parse->expectations;
    scenario->expectation_count = parse->expectation_count;
    scenario->description = parse_description(parse);
    return parse->messages->error_count == 0;
}

bool scenario_parse(struct scenario *scenario, const char *path, const char *bytes, size_t size,
                    const struct scenario_overrides *overrides, struct scenario_messages *messages)
{
    struct scenario_arena *arena = arena_make();
    struct parse parse = {.scenario = scenario, .arena = arena, .messages = messages, .path = path};
    struct parse_line whole = {.number = 1, .bytes = ""};
    bool good;

    *scenario = (struct scenario){.arena = arena};
    scenario->path = arena_text(arena, path, strlen(path));
    parse.line = &whole;
    if (size > SCENARIO_FILE_MAX) {
        good =
            parse_error_at(&parse, &whole, 1, "the file has more than %u bytes", SCENARIO_FILE_MAX);
    } else {
        good = parse_file(&parse, bytes, size, overrides);
    }
    parse_sort_messages(messages);
    if (!good) {
        scenario_free(scenario);
    }
    return good;
}

void scenario_free(struct scenario *scenario)
{
    ids_free(scenario);
    arena_free(scenario->arena);
    *scenario = (struct scenario){0};
}

uint32_t scenario_find_node(const struct scenario *scenario, const char *name, size_t size)
{
    for (uint32_t i = 0; i < scenario->node_count; i++) {
        if (strlen(scenario->nodes[i].name) == size &&
            memcmp(scenario->nodes[i].name, name, size) == 0) {
            return i;
        }
    }
    return NODE_NONE;
}
