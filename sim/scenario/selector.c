#include "scenario/parse.h"

#include <string.h>

static uint64_t *selector_bitmap(struct parse *parse, uint32_t bits)
{
    return arena_alloc(parse->arena, (bits + 63) / 64, sizeof(uint64_t));
}

static void selector_set(uint64_t *bitmap, uint32_t index)
{
    bitmap[index / 64] |= UINT64_C(1) << (index % 64);
}

/* Whether one item of a selector (a name, a prefix with *, clients, servers, *) means the node. */
static bool selector_means(const char *item, size_t size, const struct scenario_node *node)
{
    if (size == 7 && memcmp(item, "clients", 7) == 0) {
        return node->kind == NODE_KIND_CLIENT;
    }
    if (size == 7 && memcmp(item, "servers", 7) == 0) {
        return node->kind == NODE_KIND_SERVER;
    }
    if (size > 0 && item[size - 1] == '*') {
        return strncmp(item, node->name, size - 1) == 0;
    }
    return strlen(node->name) == size && memcmp(item, node->name, size) == 0;
}

/* An error for an item that means nobody. */
static bool selector_nobody(struct parse *parse, const struct parse_word *word, const char *item,
                            size_t size)
{
    const struct scenario *scenario = parse->scenario;
    const char *known[64];
    uint32_t count = 0;
    struct parse_word part = {
        .bytes = item, .size = size, .column = word->column + (uint32_t)(item - word->bytes)};

    if (size > 0 && item[size - 1] == '*') {
        return parse_error(parse, &part, "no node's name begins like %s", parse_show(&part));
    }
    if (size == 4 && (memcmp(item, "echo", 4) == 0)) {
        return parse_error(parse, &part,
                           "no `echo` runs here: no script names it and no `server` "
                           "line does");
    }
    if (size == 5 && (memcmp(item, "count", 5) == 0)) {
        return parse_error(parse, &part,
                           "no `count` runs here: no script names it and no `server` "
                           "line does");
    }
    for (uint32_t i = 0; i < scenario->node_count && count < 61; i++) {
        known[count++] = scenario->nodes[i].name;
    }
    known[count++] = "clients";
    known[count++] = "servers";
    known[count] = NULL;
    return parse_unknown(parse, &part, "node", known);
}

static bool selector_item(struct parse *parse, const struct parse_word *word, const char *item,
                          size_t size, uint64_t *bitmap)
{
    const struct scenario *scenario = parse->scenario;
    bool any = false;

    for (uint32_t i = 0; i < scenario->node_count; i++) {
        if (selector_means(item, size, &scenario->nodes[i])) {
            selector_set(bitmap, i);
            any = true;
        }
    }
    return any || selector_nobody(parse, word, item, size);
}

bool parse_selector(struct parse *parse, const char *what, const uint64_t **nodes)
{
    const struct parse_word *word = parse_next(parse);
    uint64_t *bitmap = selector_bitmap(parse, parse->scenario->node_count);
    size_t at = 0;

    if (word == NULL || word->quoted) {
        return parse_error(parse, word,
                           "expected %s: a node's name, a prefix with *, clients, servers "
                           "or *",
                           what);
    }
    while (at <= word->size) {
        const char *comma = memchr(word->bytes + at, ',', word->size - at);
        size_t end = comma != NULL ? (size_t)(comma - word->bytes) : word->size;
        if (!selector_item(parse, word, word->bytes + at, end - at, bitmap)) {
            return false;
        }
        at = end + 1;
    }
    *nodes = bitmap;
    return true;
}

bool parse_has_arrow(const struct parse *parse)
{
    for (uint32_t i = parse->at; i < parse->line->word_count; i++) {
        const struct parse_word *word = &parse->line->words[i];
        if (parse_is(word, "->") || parse_is(word, "<->")) {
            return true;
        }
    }
    return false;
}

const uint64_t *parse_all_links(struct parse *parse)
{
    uint32_t count = parse->scenario->link_count;
    uint64_t *links = selector_bitmap(parse, count);

    for (uint32_t i = 0; i < count; i++) {
        selector_set(links, i);
    }
    return links;
}

/* Adds the links from a node of `from` to a node of `to`; false: there are none. */
static bool selector_add_links(const struct scenario *scenario, const uint64_t *from,
                               const uint64_t *to, uint64_t *links)
{
    bool from_broker = scenario_in_bitmap(from, NODE_BROKER);
    bool to_broker = scenario_in_bitmap(to, NODE_BROKER);
    bool any = false;

    for (uint32_t node = 1; node < scenario->node_count; node++) {
        if (to_broker && scenario_in_bitmap(from, node)) {
            selector_set(links, scenario_link_to_broker(node));
            any = true;
        }
        if (from_broker && scenario_in_bitmap(to, node)) {
            selector_set(links, scenario_link_from_broker(node));
            any = true;
        }
    }
    return any;
}

/* Says why there is no such link. */
static bool selector_no_link(struct parse *parse, const struct parse_word *from,
                             const struct parse_word *to)
{
    if (parse_is(from, "broker") && parse_is(to, "broker")) {
        return parse_error(parse, from, "the broker has no link to itself");
    }
    return parse_error(parse, from,
                       "clients talk only to the broker, and so do servers; did you mean broker -> "
                       "%.*s, or %.*s -> broker?",
                       (int)to->size, to->bytes, (int)from->size, from->bytes);
}

/* `a->b`: says to put blanks. */
static bool selector_glued(struct parse *parse, const struct parse_word *word)
{
    for (size_t i = 0; i + 1 < word->size; i++) {
        if (word->bytes[i] == '-' && word->bytes[i + 1] == '>' && word->size > 3) {
            bool both = i > 0 && word->bytes[i - 1] == '<';
            size_t from = both ? i - 1 : i;
            return parse_error(parse, word, "an arrow stands between blanks: %.*s %s %.*s",
                               (int)from, word->bytes, both ? "<->" : "->",
                               (int)(word->size - i - 2), word->bytes + i + 2);
        }
    }
    return true;
}

bool parse_links(struct parse *parse, const uint64_t **links)
{
    const struct parse_word *from_word = parse_peek(parse);
    const struct parse_word *arrow;
    const uint64_t *from;
    const uint64_t *to;
    uint64_t *bitmap = selector_bitmap(parse, parse->scenario->link_count);

    if (from_word != NULL && !selector_glued(parse, from_word)) {
        return false;
    }
    if (!parse_selector(parse, "where the link begins", &from)) {
        return false;
    }
    arrow = parse_next(parse);
    if (!parse_is(arrow, "->") && !parse_is(arrow, "<->")) {
        return parse_error(parse, arrow,
                           "expected an arrow here: A -> B, or A <-> B for both ways");
    }
    const struct parse_word *to_word = parse_peek(parse);
    if (!parse_selector(parse, "where the link ends", &to)) {
        return false;
    }
    bool any = selector_add_links(parse->scenario, from, to, bitmap);
    if (parse_is(arrow, "<->")) {
        any = selector_add_links(parse->scenario, to, from, bitmap) || any;
    }
    *links = bitmap;
    return any || selector_no_link(parse, from_word, to_word);
}

const struct scenario_clients *parse_group_of(const struct parse *parse, uint32_t node)
{
    return &parse->scenario->groups[parse->scenario->nodes[node].index];
}

bool parse_request(struct parse *parse, uint32_t *client, uint32_t *n)
{
    const struct parse_word *word = parse_next(parse);
    const char *slash = word == NULL || word->quoted ? NULL : memchr(word->bytes, '/', word->size);
    uint64_t number = 0;

    if (slash == NULL || slash + 1 == word->bytes + word->size) {
        return parse_error(parse, word,
                           "expected a request here, like c1/3: the third of client c1");
    }
    for (const char *at = slash + 1; at < word->bytes + word->size; at++) {
        bool digit = *at >= '0' && *at <= '9';
        number = digit && number < UINT32_MAX ? number * 10 + (uint64_t)(*at - '0') : UINT32_MAX;
        if (!digit) {
            return parse_error(parse, word,
                               "expected a request here, like c1/3: the third of client "
                               "c1");
        }
    }
    uint32_t node = scenario_find_node(parse->scenario, word->bytes, (size_t)(slash - word->bytes));
    if (node == NODE_NONE || parse->scenario->nodes[node].kind != NODE_KIND_CLIENT) {
        return parse_error(parse, word, "there is no client '%.*s'", (int)(slash - word->bytes),
                           word->bytes);
    }
    if (number == 0 || number > parse_group_of(parse, node)->request_count) {
        return parse_error(parse, word, "%s has %u requests in its script; they count from 1",
                           parse->scenario->nodes[node].name,
                           parse_group_of(parse, node)->request_count);
    }
    *client = node;
    *n = (uint32_t)number;
    return true;
}
