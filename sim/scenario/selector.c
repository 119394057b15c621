#include "scenario/parse.h"

#include <stdio.h>
#include <string.h>

/* ---- bitmaps --------------------------------------------------------------------------------- */

static uint64_t *selector_bitmap(struct parse *parse, uint32_t bits)
{
    /* One word more, so that two can always be read at once. */
    return arena_alloc(parse->arena, bits / 64 + 2, sizeof(uint64_t));
}

/* Sets `count` bits from `first` on. */
static void selector_set_range(uint64_t *bitmap, uint32_t first, uint32_t count)
{
    while (count > 0) {
        uint32_t shift = first % 64;
        uint32_t part = 64 - shift < count ? 64 - shift : count;
        bitmap[first / 64] |= (UINT64_MAX >> (64 - part)) << shift;
        first += part;
        count -= part;
    }
}

/* The lower 32 bits spread to the even places of 64 (Morton 1966). */
static uint64_t selector_spread(uint64_t bits)
{
    bits = (bits | bits << 16) & UINT64_C(0x0000ffff0000ffff);
    bits = (bits | bits << 8) & UINT64_C(0x00ff00ff00ff00ff);
    bits = (bits | bits << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    bits = (bits | bits << 2) & UINT64_C(0x3333333333333333);
    return (bits | bits << 1) & UINT64_C(0x5555555555555555);
}

/* ---- one item: a name, a prefix with *, clients, servers, * -----------------------------------
 */

struct selector_item {
    const char *bytes;
    size_t size;
};

static bool selector_is(struct selector_item item, const char *text)
{
    return strlen(text) == item.size && memcmp(item.bytes, text, item.size) == 0;
}

/* Adds the group's clients whose numbers begin with the digits; false: there are none. */
static bool selector_add_numbers(const struct scenario_clients *group, const char *digits,
                                 size_t size, uint64_t *bitmap)
{
    uint64_t first = 0;
    uint64_t end = (uint64_t)group->first_number + group->count;
    bool any = false;

    for (size_t i = 0; i < size; i++) {
        if (digits[i] < '0' || digits[i] > '9' || first >= end || digits[0] == '0') {
            return false;
        }
        first = first * 10 + (uint64_t)(digits[i] - '0');
    }
    /* 1* is 1, then 10 to 19, then 100 to 199 ... */
    for (uint64_t span = 1; first < end; first *= 10, span *= 10) {
        uint64_t from = first > group->first_number ? first : group->first_number;
        uint64_t to = first + span < end ? first + span : end;
        if (from < to) {
            selector_set_range(bitmap, group->first_node + (uint32_t)(from - group->first_number),
                               (uint32_t)(to - from));
            any = true;
        }
    }
    return any;
}

/* Adds the nodes whose names begin with the item's bytes; false: there are none. */
static bool selector_add_prefix(const struct scenario *scenario, struct selector_item item,
                                uint64_t *bitmap)
{
    bool any = false;

    for (uint32_t node = 0; node <= scenario->server_count; node++) {
        if (strncmp(item.bytes, scenario->nodes[node].name, item.size) == 0) {
            selector_set_range(bitmap, node, 1);
            any = true;
        }
    }
    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct scenario_clients *group = &scenario->groups[g];
        size_t prefix = strlen(group->prefix);
        if (item.size <= prefix && memcmp(item.bytes, group->prefix, item.size) == 0) {
            selector_set_range(bitmap, group->first_node, group->count);
            any = true;
        } else if (!group->single && item.size > prefix &&
                   memcmp(item.bytes, group->prefix, prefix) == 0) {
            any =
                selector_add_numbers(group, item.bytes + prefix, item.size - prefix, bitmap) || any;
        }
    }
    return any;
}

/* Adds the nodes that the item means; false: there are none. */
static bool selector_add(const struct scenario *scenario, struct selector_item item,
                         uint64_t *bitmap)
{
    uint32_t first_client = 1 + scenario->server_count;
    uint32_t node;

    if (selector_is(item, "*")) {
        selector_set_range(bitmap, 0, scenario->node_count);
        return true;
    }
    if (selector_is(item, "clients")) {
        selector_set_range(bitmap, first_client, scenario->client_count);
        return scenario->client_count > 0;
    }
    if (selector_is(item, "servers")) {
        selector_set_range(bitmap, 1, scenario->server_count);
        return true;
    }
    if (item.size > 0 && item.bytes[item.size - 1] == '*') {
        item.size--;
        return selector_add_prefix(scenario, item, bitmap);
    }
    node = scenario_find_node(scenario, item.bytes, item.size);
    if (node == NODE_NONE) {
        return false;
    }
    selector_set_range(bitmap, node, 1);
    return true;
}

/* ---- names that nobody has ---------------------------------------------------------------------
 */

/* Says that no node is called so, and which one may have been meant. */
static void selector_explain(const struct scenario *scenario, const struct parse_word *word,
                             char error[SCENARIO_SELECT_ERROR_MAX])
{
    const char *known[64];
    uint32_t count = 0;
    struct parse_shown shown = parse_show(word);
    const char *nearest;

    if (word->size > 0 && word->bytes[word->size - 1] == '*') {
        snprintf(error, SCENARIO_SELECT_ERROR_MAX, "no node's name begins like %s", shown.text);
        return;
    }
    if (parse_is(word, "clients")) {
        snprintf(error, SCENARIO_SELECT_ERROR_MAX, "there are no clients in this file");
        return;
    }
    if (parse_is(word, "echo") || parse_is(word, "count")) {
        snprintf(error, SCENARIO_SELECT_ERROR_MAX,
                 "no %s runs here: neither a script nor a `server` line names it", shown.text);
        return;
    }
    for (uint32_t i = 0; i < scenario->node_count && count < 61; i++) {
        known[count++] = scenario->nodes[i].name;
    }
    known[count++] = "clients";
    known[count++] = "servers";
    known[count] = NULL;
    nearest = parse_nearest(word, known);
    if (nearest != NULL) {
        snprintf(error, SCENARIO_SELECT_ERROR_MAX, "there is no node %s; did you mean '%s'?",
                 shown.text, nearest);
        return;
    }
    snprintf(error, SCENARIO_SELECT_ERROR_MAX,
             "there is no node %s; nodes are the broker, the servers (toupper, tolower, ...) and "
             "the clients of this file",
             shown.text);
}

/* Reports that nobody is called so, unless the line that names it may be wrong itself. */
static bool parse_no_node(struct parse *parse, const struct parse_word *word)
{
    char error[SCENARIO_SELECT_ERROR_MAX];

    if (parse->nodes_unsure) {
        return false; /* it may be in the line that is wrong */
    }
    selector_explain(parse->scenario, word, error);
    return parse_error(parse, word, "%s", error);
}

/* Whether a word may mean several nodes. */
static bool selector_is_of_many(const struct parse_word *word)
{
    return parse_is(word, "clients") || parse_is(word, "servers") ||
           (word->size > 0 && word->bytes[word->size - 1] == '*') ||
           memchr(word->bytes, ',', word->size) != NULL;
}

bool parse_one_node(struct parse *parse, const char *what, const struct parse_word *word,
                    uint32_t *node)
{
    if (selector_is_of_many(word)) {
        return parse_error(parse, word, "%s is one node's: write its name, not %s", what,
                           parse_show(word).text);
    }
    *node = scenario_find_node(parse->scenario, word->bytes, word->size);
    return *node != NODE_NONE || parse_no_node(parse, word);
}

bool scenario_select_item(const struct scenario *scenario, const char *item, size_t size,
                          uint64_t *nodes, char error[SCENARIO_SELECT_ERROR_MAX])
{
    struct parse_word word = {.bytes = item, .size = size};

    if (selector_add(scenario, (struct selector_item){item, size}, nodes)) {
        return true;
    }
    selector_explain(scenario, &word, error);
    return false;
}

/* ---- selectors ---------------------------------------------------------------------------------
 */

bool parse_selector(struct parse *parse, const char *what, const uint64_t **nodes)
{
    const struct parse_word *word = parse_next(parse);
    uint64_t *bitmap;
    uint32_t column;

    if (word == NULL || word->quoted) {
        return parse_error(parse, word,
                           "expected %s: a node's name, a prefix with *, clients, servers or *",
                           what);
    }
    bitmap = selector_bitmap(parse, parse->scenario->node_count);
    column = word->column;
    for (size_t at = 0; at <= word->size;) {
        const char *comma = memchr(word->bytes + at, ',', word->size - at);
        size_t end = comma != NULL ? (size_t)(comma - word->bytes) : word->size;
        struct parse_word item = {.bytes = word->bytes + at, .size = end - at, .column = column};
        if (item.size == 0) {
            return parse_error(parse, &item, "a name is missing beside the comma");
        }
        if (!selector_add(parse->scenario, (struct selector_item){item.bytes, item.size}, bitmap)) {
            return parse_no_node(parse, &item);
        }
        column += (uint32_t)item.size + 1; /* what is found has no wide characters */
        at = end + 1;
    }
    *nodes = bitmap;
    return true;
}

/* ---- links -------------------------------------------------------------------------------------
 */

bool parse_has_arrow(const struct parse *parse)
{
    for (uint32_t i = parse->at; i < parse->line->word_count; i++) {
        const struct parse_word *word = &parse->line->words[i];
        if (!word->quoted && memchr(word->bytes, '>', word->size) != NULL && word->size >= 2 &&
            memmem(word->bytes, word->size, "->", 2) != NULL) {
            return true;
        }
    }
    return false;
}

const uint64_t *parse_all_links(struct parse *parse)
{
    if (parse->all_links == NULL) {
        uint32_t count = parse->scenario->link_count;
        uint64_t *links = selector_bitmap(parse, count);
        selector_set_range(links, 0, count);
        parse->all_links = links;
    }
    return parse->all_links;
}

/* Adds the links from a node of `from` to a node of `to`; false: there are none. */
static bool selector_add_links(const struct scenario *scenario, const uint64_t *from,
                               const uint64_t *to, uint64_t *links)
{
    uint64_t to_broker = scenario_in_bitmap(to, NODE_BROKER) ? UINT64_MAX : 0;
    uint64_t from_broker = scenario_in_bitmap(from, NODE_BROKER) ? UINT64_MAX : 0;
    uint64_t any = 0;

    /* A word of links is those of 32 nodes, from node 1 on. */
    for (uint32_t word = 0; word <= scenario->link_count / 64; word++) {
        uint32_t at = word / 2;
        uint32_t shift = 1 + word % 2 * 32;
        uint64_t senders = from[at] >> shift | from[at + 1] << (64 - shift);
        uint64_t receivers = to[at] >> shift | to[at + 1] << (64 - shift);
        uint64_t up = selector_spread(senders & UINT32_MAX) & to_broker;
        uint64_t down = selector_spread(receivers & UINT32_MAX) & from_broker;
        links[word] |= up | down << 1;
        any |= up | down;
    }
    return any != 0;
}

/* The first node of a selector. */
static const struct scenario_node *selector_first(const struct scenario *scenario,
                                                  const uint64_t *nodes)
{
    uint32_t node = 0;

    while (node + 1 < scenario->node_count && !scenario_in_bitmap(nodes, node)) {
        node++;
    }
    return &scenario->nodes[node];
}

/* Says why there is no such link, and which ones may have been meant. */
static bool selector_no_link(struct parse *parse, const struct parse_word *from,
                             const uint64_t *from_nodes, const struct parse_word *to,
                             const uint64_t *to_nodes)
{
    enum node_kind sender = selector_first(parse->scenario, from_nodes)->kind;
    enum node_kind receiver = selector_first(parse->scenario, to_nodes)->kind;
    const char *who = sender == NODE_KIND_SERVER ? "servers" : "clients";

    if (sender == NODE_KIND_BROKER) {
        return parse_error(parse, from,
                           "the broker has no link to itself; did you mean * -> "
                           "broker, or broker -> *?");
    }
    if (receiver != sender) {
        struct parse_shown shown = parse_show(to);
        return parse_error(parse, from, "%s talk only to the broker; did you mean broker -> %.*s?",
                           who, (int)strlen(shown.text) - 2, shown.text + 1);
    }
    struct parse_shown shown = parse_show(from);
    return parse_error(parse, from, "%s talk only to the broker; did you mean %.*s -> broker?", who,
                       (int)strlen(shown.text) - 2, shown.text + 1);
}

/* `a->b`, `a ->b`, `a-> b`, and arrows of other kinds: says what to write. */
static bool selector_check_arrow(struct parse *parse, const struct parse_word *word)
{
    const char *arrow;
    bool both;
    struct parse_shown shown;

    if (word == NULL || word->quoted || parse_is(word, "->") || parse_is(word, "<->")) {
        return true;
    }
    arrow = memmem(word->bytes, word->size, "->", 2);
    if (arrow == NULL) {
        return true;
    }
    both = arrow > word->bytes && arrow[-1] == '<';
    struct parse_word before = {.bytes = word->bytes, .size = (size_t)(arrow - word->bytes) - both};
    struct parse_word after = {.bytes = arrow + 2,
                               .size = (size_t)(word->bytes + word->size - arrow) - 2};
    shown = parse_show(&before);
    struct parse_shown behind = parse_show(&after);
    return parse_error(parse, word, "an arrow stands between blanks: %.*s %s %.*s",
                       before.size > 0 ? (int)strlen(shown.text) - 2 : 1,
                       before.size > 0 ? shown.text + 1 : "A", both ? "<->" : "->",
                       after.size > 0 ? (int)strlen(behind.text) - 2 : 1,
                       after.size > 0 ? behind.text + 1 : "B");
}

bool parse_links(struct parse *parse, const uint64_t **links)
{
    const struct parse_word *from_word = parse_peek(parse);
    const struct parse_word *to_word;
    const struct parse_word *arrow;
    const uint64_t *from;
    const uint64_t *to;

    if (!selector_check_arrow(parse, from_word) ||
        !parse_selector(parse, "where the link begins", &from)) {
        return false;
    }
    arrow = parse_next(parse);
    if (!selector_check_arrow(parse, arrow)) {
        return false;
    }
    if (!parse_is(arrow, "->") && !parse_is(arrow, "<->")) {
        return parse_error(parse, arrow,
                           "expected an arrow here: A -> B, or A <-> B for both ways");
    }
    to_word = parse_peek(parse);
    if (!parse_selector(parse, "where the link ends", &to)) {
        return false;
    }
    uint64_t *bitmap = selector_bitmap(parse, parse->scenario->link_count);
    bool any = selector_add_links(parse->scenario, from, to, bitmap);
    if (parse_is(arrow, "<->")) {
        any = selector_add_links(parse->scenario, to, from, bitmap) || any;
    }
    *links = bitmap;
    return any || selector_no_link(parse, from_word, from, to_word, to);
}

/* ---- the two sides of a partition -------------------------------------------------------------
 */

/* Whether some node is on both sides. */
static bool selector_overlap(const struct scenario *scenario, const uint64_t *a, const uint64_t *b,
                             uint32_t *node)
{
    for (uint32_t i = 0; i < scenario->node_count; i++) {
        if (scenario_in_bitmap(a, i) && scenario_in_bitmap(b, i)) {
            *node = i;
            return true;
        }
    }
    return false;
}

bool parse_sides(struct parse *parse, struct scenario_rule *rule)
{
    const struct scenario *scenario = parse->scenario;
    const struct parse_word *first = parse_peek(parse);
    const struct parse_word *between;
    uint32_t node;

    if (!selector_check_arrow(parse, first) ||
        !parse_selector(parse, "one side of the partition", &rule->nodes)) {
        return false;
    }
    between = parse_next(parse);
    if (!selector_check_arrow(parse, between)) {
        return false;
    }
    if (parse_is(between, "<->")) {
        return parse_error(parse, between, "a partition both ways is written: partition A | B");
    }
    if (!parse_is(between, "|") && !parse_is(between, "->")) {
        return parse_error(parse, between,
                           "expected a bar or an arrow here: partition A | B, or partition A -> B "
                           "for what goes from A to B alone");
    }
    rule->one_way = parse_is(between, "->");
    const struct parse_word *second = parse_peek(parse);
    if (!parse_selector(parse, "the other side of the partition", &rule->others) ||
        !parse_event_end(parse, "partition", true, "the partition")) {
        return false;
    }
    if (selector_overlap(scenario, rule->nodes, rule->others, &node)) {
        return parse_error(parse, second, "%s cannot be on both sides", scenario->nodes[node].name);
    }
    uint64_t *links = selector_bitmap(parse, scenario->link_count);
    bool any = selector_add_links(scenario, rule->nodes, rule->others, links);
    if (!rule->one_way) {
        any = selector_add_links(scenario, rule->others, rule->nodes, links) || any;
    }
    rule->links = links;
    return any || parse_error(parse, first,
                              "no link joins the two sides: each joins the broker and another "
                              "node, so one side needs the broker");
}
