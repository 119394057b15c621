#include "scenario/parse.h"

#include "base/time.h"

/* ---- port ------------------------------------------------------------------------------------ */

bool parse_port(struct parse *parse)
{
    const struct parse_word *word = parse_next(parse);
    const struct parse_word *value;
    uint64_t port;
    uint32_t node;

    if (word == NULL || word->quoted) {
        return parse_error(parse, word, "expected whose port: port broker 8082");
    }
    if (!parse_one_node(parse, "a port", word, &node)) {
        return false;
    }
    struct parse_place *place = &parse->port_places[node];
    if (place->line != NULL && parse->line->set == 0) {
        return parse_error(parse, word, "a second `port %s`; the first is in line %u",
                           parse->nodes[node].name, place->line->number);
    }
    value = parse_peek(parse);
    if (!parse_count(parse, "port", 1, 65535, &port) || !parse_expect_end(parse, "the port")) {
        return false;
    }
    *place = (struct parse_place){.line = parse->line, .column = value->column};
    parse->nodes[node].port = (uint16_t)port;
    return true;
}

/* Whether the port of `a` was given before that of `b`. */
static bool rules_port_is_before(const struct parse_place *a, const struct parse_place *b)
{
    return a->line < b->line; /* the lines are one array, in order */
}

bool parse_check_ports(struct parse *parse)
{
    uint32_t *owners = arena_alloc(parse->arena, 65536, sizeof *owners); /* node + 1 */
    bool good = true;

    for (uint32_t node = 0; node < parse->scenario->node_count; node++) {
        uint16_t port = parse->nodes[node].port;
        if (port == 0) {
            continue;
        }
        if (owners[port] == 0) {
            owners[port] = node + 1;
            continue;
        }
        uint32_t first = owners[port] - 1;
        uint32_t second = node;
        if (rules_port_is_before(&parse->port_places[second], &parse->port_places[first])) {
            second = first;
            first = node;
        }
        good = parse_error_at(parse, parse->port_places[second].line,
                              parse->port_places[second].column, "port %u is %s's already",
                              (unsigned)port, parse->nodes[first].name);
    }
    return good;
}

/* ---- network, link, at, when ------------------------------------------------------------------
 */

/* Whether any datagram of the client's requests passes one of the links: its own, and those of the
 * servers. */
static bool rules_reach(const struct parse *parse, const uint64_t *links, uint32_t client)
{
    const struct scenario *scenario = parse->scenario;

    for (uint32_t link = 0; link < 2 * scenario->server_count; link++) {
        if (scenario_in_bitmap(links, link)) {
            return true;
        }
    }
    return scenario_in_bitmap(links, scenario_link_to_broker(client)) ||
           scenario_in_bitmap(links, scenario_link_from_broker(client));
}

/* An exact fault on a client's request must lie on a link that the request passes. */
static bool rules_check_exact(struct parse *parse, const struct scenario_rule *rule)
{
    for (uint32_t i = 0; i < rule->faults.exact_count; i++) {
        const struct exact_fault *exact = &rule->faults.exact[i];
        bool named = exact->which == EXACT_OF_REQUEST && exact->client != UINT32_MAX;
        if (named && !rules_reach(parse, rule->links, exact->client)) {
            return parse_error(parse, &parse->line->words[0],
                               "no datagram of %s/%u passes here: its links are those of %s and of "
                               "the servers",
                               parse->scenario->nodes[exact->client].name, exact->n,
                               parse->scenario->nodes[exact->client].name);
        }
    }
    return true;
}

bool parse_link_rule(struct parse *parse, bool network, struct scenario_rule *rule)
{
    if (network) {
        if (parse_has_arrow(parse)) {
            return parse_error(parse, parse_peek(parse),
                               "`network` means every link; for some write: link A -> B ...");
        }
        rule->links = parse_all_links(parse);
    } else if (!parse_links(parse, &rule->links)) {
        return false;
    }
    return parse_faults(parse, &rule->faults) && rules_check_exact(parse, rule);
}

/* `every D [times N]`, if it is there. */
static bool rules_every(struct parse *parse, struct scenario_rule *rule)
{
    const struct parse_word *word;

    rule->times = 1;
    if (!parse_accept(parse, "every")) {
        return true;
    }
    word = parse_peek(parse);
    if (!parse_duration(parse, "every", &rule->every_ns)) {
        return false;
    }
    if (rule->every_ns < NS_PER_MS) {
        return parse_error(parse, word, "`every` takes at least 1ms");
    }
    if (rule->every_ns > SCENARIO_TIME_LIMIT_MAX_NS) {
        return parse_error(parse, word, "no run lasts longer than 24h");
    }
    rule->times = UINT64_MAX;
    return !parse_accept(parse, "times") ||
           parse_count(parse, "times", 1, UINT32_MAX, &rule->times);
}

/* `for D2`, if it is there. */
static bool rules_for(struct parse *parse, struct scenario_rule *rule,
                      const struct parse_word **for_word)
{
    const struct parse_word *word;

    rule->for_ns = TIME_NEVER;
    *for_word = parse_peek(parse);
    if (!parse_accept(parse, "for")) {
        *for_word = NULL;
        return true;
    }
    word = parse_peek(parse);
    if (!parse_duration(parse, "for", &rule->for_ns)) {
        return false;
    }
    if (rule->for_ns == 0 || rule->for_ns > SCENARIO_TIME_LIMIT_MAX_NS) {
        return parse_error(parse, word, "`for` takes more than 0 and at most 24h");
    }
    if (rule->every_ns > 0 && rule->for_ns > rule->every_ns) {
        return parse_error(parse, word,
                           "each time is over before the next begins: `for` is at most "
                           "what `every` says");
    }
    return true;
}

static bool rules_timed(struct parse *parse, struct scenario_rule *rule)
{
    const struct parse_word *word = parse_peek(parse);
    const struct parse_word *for_word;

    rule->timed = true;
    if (!parse_duration(parse, "the time", &rule->at_ns)) {
        return false;
    }
    if (rule->at_ns > SCENARIO_TIME_LIMIT_MAX_NS) {
        return parse_error(parse, word, "no run lasts longer than 24h");
    }
    if (!rules_every(parse, rule) || !rules_for(parse, rule, &for_word)) {
        return false;
    }
    rule->text = parse_rest_text(parse, parse->at);
    return parse_event(parse, rule, for_word);
}

static bool rules_when(struct parse *parse, struct scenario_rule *rule)
{
    const struct parse_word *for_word;
    const struct parse_word *event;

    rule->timed = true;
    rule->at_ns = TIME_NEVER;
    if (!parse_progress(parse, rule)) {
        return false;
    }
    event = parse_peek(parse);
    if (parse_is(event, "every") || parse_is(event, "times")) {
        return parse_error(parse, event, "`when` happens once: leave `every` and `times` out");
    }
    if (!rules_for(parse, rule, &for_word)) {
        return false;
    }
    event = parse_peek(parse);
    rule->text = parse_rest_text(parse, parse->at);
    return parse_event(parse, rule, for_word) && parse_check_progress(parse, rule, event);
}

/* Where the line says `reorder`; where it says it by another word, its beginning. */
static struct parse_place rules_reorder_place(const struct parse *parse)
{
    struct parse_place place = {.line = parse->line, .column = parse->line->words[0].column};

    for (uint32_t i = 0; i < parse->line->word_count; i++) {
        if (parse_is(&parse->line->words[i], "reorder")) {
            place.column = parse->line->words[i].column;
        }
    }
    return place;
}

/* Adds the rule. One that begins when no run lasts any more is a warning. */
bool parse_rule(struct parse *parse, const struct parse_word *word)
{
    struct scenario_rule rule = {
        .line = parse->line->number, .for_ns = TIME_NEVER, .times = 1, .when_client = NODE_NONE};
    const struct parse_word *at = parse_peek(parse);
    bool good;

    if (parse_is(word, "at")) {
        good = rules_timed(parse, &rule);
    } else if (parse_is(word, "when")) {
        good = rules_when(parse, &rule);
    } else {
        rule.text = parse_rest_text(parse, 0);
        good = parse_link_rule(parse, parse_is(word, "network"), &rule);
    }
    if (!good) {
        return false;
    }
    if (rule.timed && rule.progress == PROGRESS_NONE &&
        rule.at_ns >= parse->scenario->time_limit_ns) {
        char limit[32];
        scenario_format_duration(limit, sizeof limit, parse->scenario->time_limit_ns);
        parse_warning(parse, at, "this never happens: the time-limit is %s", limit);
    }
    parse->rules = arena_grow(parse->arena, parse->rules, parse->rule_count, sizeof rule);
    parse->rule_places =
        arena_grow(parse->arena, parse->rule_places, parse->rule_count, sizeof *parse->rule_places);
    parse->rule_places[parse->rule_count] = rules_reorder_place(parse);
    parse->rules[parse->rule_count++] = rule;
    return true;
}
