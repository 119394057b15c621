#include "scenario/parse.h"

#include <string.h>

/* ---- EVENT ------------------------------------------------------------------------------------
 */

static bool events_refuse_length(struct parse *parse, const struct parse_word *word,
                                 const char *event)
{
    return parse_error(parse, word, "a %s has no length: leave `for` out", event);
}

bool parse_event_end(struct parse *parse, const char *event, bool lasts, const char *where)
{
    const struct parse_word *word = parse_peek(parse);

    if (parse_is(word, "for") && !lasts) {
        return events_refuse_length(parse, word, event);
    }
    if (parse_is(word, "for") || parse_is(word, "every")) {
        return parse_error(parse, word, "%s stands before the event: at 2s every 10s%s %s ...",
                           parse_show(word).text, lasts ? " for 3s" : "", event);
    }
    return parse_expect_end(parse, where);
}

static bool events_note(struct parse *parse, struct scenario_rule *rule)
{
    const uint8_t *note;

    rule->kind = RULE_NOTE;
    if (!parse_plain_text(parse, "note", &note, &rule->note_size) ||
        !parse_event_end(parse, "note", false, "the note")) {
        return false;
    }
    rule->note = (const char *)note;
    return true;
}

/* Clients have a script, which cannot begin anew. */
static bool events_check_nodes(struct parse *parse, const struct scenario_rule *rule,
                               const struct parse_word *word)
{
    const struct scenario *scenario = parse->scenario;

    if (rule->kind != RULE_CRASH && rule->kind != RULE_RESTART) {
        return true;
    }
    for (uint32_t i = scenario->server_count + 1; i < scenario->node_count; i++) {
        if (scenario_in_bitmap(rule->nodes, i)) {
            return parse_error(parse, word,
                               "%s is a client: its script cannot begin anew; only the broker and "
                               "servers %s. Did you mean pause, or a partition?",
                               scenario->nodes[i].name,
                               rule->kind == RULE_CRASH ? "crash" : "restart");
        }
    }
    return true;
}

static bool events_of_nodes(struct parse *parse, struct scenario_rule *rule, enum rule_kind kind,
                            const char *event)
{
    const struct parse_word *word = parse_peek(parse);

    rule->kind = kind;
    return parse_selector(parse, "the nodes", &rule->nodes) &&
           events_check_nodes(parse, rule, word) &&
           parse_event_end(parse, event, kind == RULE_CRASH || kind == RULE_PAUSE, "the nodes");
}

bool parse_event(struct parse *parse, struct scenario_rule *rule, const struct parse_word *for_word)
{
    static const char *const EVENTS[] = {"link",  "network", "note", "crash",     "restart",
                                         "pause", "resume",  "heal", "partition", NULL};
    static const char *const LENGTHLESS[] = {"note", "restart", "resume", "heal", NULL};

    for (unsigned i = 0; for_word != NULL && LENGTHLESS[i] != NULL; i++) {
        if (parse_is(parse_peek(parse), LENGTHLESS[i])) {
            return events_refuse_length(parse, for_word, LENGTHLESS[i]);
        }
    }
    if (for_word != NULL && parse_is(parse_peek(parse), "every")) {
        return parse_error(parse, parse_peek(parse),
                           "`every` stands before `for`: at 2s every 10s for 3s ...");
    }
    if (parse_accept(parse, "note")) {
        return events_note(parse, rule);
    }
    if (parse_accept(parse, "network")) {
        return parse_link_rule(parse, true, rule);
    }
    if (parse_accept(parse, "link")) {
        return parse_link_rule(parse, false, rule);
    }
    if (parse_accept(parse, "partition")) {
        rule->kind = RULE_PARTITION;
        return parse_sides(parse, rule);
    }
    if (parse_accept(parse, "heal")) {
        rule->kind = RULE_HEAL;
        return parse_event_end(parse, "heal", false, "heal, which ends every partition");
    }
    if (parse_accept(parse, "crash")) {
        return events_of_nodes(parse, rule, RULE_CRASH, "crash");
    }
    if (parse_accept(parse, "restart")) {
        return events_of_nodes(parse, rule, RULE_RESTART, "restart");
    }
    if (parse_accept(parse, "pause")) {
        return events_of_nodes(parse, rule, RULE_PAUSE, "pause");
    }
    if (parse_accept(parse, "resume")) {
        return events_of_nodes(parse, rule, RULE_RESUME, "resume");
    }
    return parse_unknown(parse, parse_peek(parse), "event", EVENTS);
}

/* ---- when -------------------------------------------------------------------------------------
 */

bool parse_progress(struct parse *parse, struct scenario_rule *rule)
{
    static const char *const PROGRESS[] = {"send", "deliver", "execute", NULL};
    const struct parse_word *word = parse_next(parse);
    uint32_t chosen;

    if (word == NULL || word->quoted) {
        return parse_error(parse, word, "expected whose progress: when toupper execute ...");
    }
    if (!parse_one_node(parse, "progress", word, &rule->when_node)) {
        return false;
    }
    word = parse_peek(parse);
    if (!parse_choose(parse, "progress", PROGRESS, &chosen)) {
        return false;
    }
    rule->progress = (enum rule_progress)(PROGRESS_SEND + chosen);
    const struct scenario_node *node = &parse->scenario->nodes[rule->when_node];
    if (rule->progress == PROGRESS_EXECUTE && node->kind != NODE_KIND_SERVER) {
        return parse_error(parse, word, "only servers execute, and %s is none: send or deliver?",
                           node->name);
    }
    word = parse_peek(parse);
    if (word == NULL || word->quoted || memchr(word->bytes, '/', word->size) == NULL) {
        return true;
    }
    if (!parse_request(parse, &rule->when_client, &rule->when_n)) {
        return false;
    }
    if (node->kind == NODE_KIND_CLIENT && rule->when_client != rule->when_node) {
        return parse_error(parse, word, "%s has nothing to do with another client's request",
                           node->name);
    }
    return true;
}

/* Whether the bitmap has node `node` alone. */
static bool events_is_alone(const struct scenario *scenario, const uint64_t *nodes, uint32_t node)
{
    for (uint32_t i = 0; i < scenario->node_count; i++) {
        if (scenario_in_bitmap(nodes, i) != (i == node)) {
            return false;
        }
    }
    return true;
}

/* Whether all links of the bitmap are those on which `node` sends. */
static bool events_is_sender(const struct scenario *scenario, const uint64_t *links, uint32_t node)
{
    for (uint32_t i = 0; i < scenario->link_count; i++) {
        if (scenario_in_bitmap(links, i) && scenario_link_from(i) != node) {
            return false;
        }
    }
    return true;
}

bool parse_check_progress(struct parse *parse, const struct scenario_rule *rule,
                          const struct parse_word *event)
{
    const struct scenario *scenario = parse->scenario;
    const char *name = scenario->nodes[rule->when_node].name;

    switch (rule->kind) {
    case RULE_NOTE:
        return true;
    case RULE_FAULTS:
    case RULE_PARTITION:
        return events_is_sender(scenario, rule->links, rule->when_node) ||
               parse_error(parse, event,
                           "what %s does can change at once only the links on which it sends "
                           "itself: link %s -> ..., partition %s -> ...",
                           name, name, name);
    case RULE_CRASH:
    case RULE_RESTART:
    case RULE_PAUSE:
        return events_is_alone(scenario, rule->nodes, rule->when_node) ||
               parse_error(parse, event,
                           "what %s does can stop at once only %s itself: nobody else knows of it "
                           "yet",
                           name, name);
    case RULE_RESUME:
        return parse_error(parse, event,
                           "a node that stands still makes no progress: write when it is paused "
                           "for how long: when %s ... for 500ms pause %s",
                           name, name);
    case RULE_HEAL:
        return parse_error(
            parse, event,
            "a heal is everybody's, and nobody else knows yet of what %s does: write "
            "for how long the partition lasts, or heal at a time",
            name);
    }
    return false;
}
