#include "scenario/parse.h"

#include <string.h>

const struct scenario_clients *parse_group_of(const struct parse *parse, uint32_t node)
{
    return &parse->scenario->groups[parse->scenario->nodes[node].index];
}

/* The number behind the slash, 0 if it is none (or too large). */
static uint32_t requests_number(const char *at, const char *end)
{
    uint64_t number = 0;

    for (; at < end; at++) {
        if (*at < '0' || *at > '9' || number > CLIENT_REQUESTS_MAX) {
            return 0;
        }
        number = number * 10 + (uint64_t)(*at - '0');
    }
    return number > CLIENT_REQUESTS_MAX ? 0 : (uint32_t)number;
}

bool parse_request(struct parse *parse, uint32_t *client, uint32_t *n)
{
    const struct parse_word *word = parse_next(parse);
    const char *slash = word == NULL || word->quoted ? NULL : memchr(word->bytes, '/', word->size);

    if (slash == NULL) {
        return parse_error(parse, word,
                           "expected a request here, like c1/3: the third of client c1");
    }
    struct parse_word name = *word;
    name.size = (size_t)(slash - word->bytes);
    uint32_t node;
    if (!parse_one_node(parse, "a request", &name, &node)) {
        return false;
    }
    if (parse->scenario->nodes[node].kind != NODE_KIND_CLIENT) {
        return parse_error(parse, word, "only clients have requests, and %s is none",
                           parse->scenario->nodes[node].name);
    }
    uint32_t count = parse_group_of(parse, node)->request_count;
    uint32_t number = requests_number(slash + 1, word->bytes + word->size);
    if (number == 0 || number > count) {
        return !parse->nodes_unsure &&
               parse_error(parse, word, "%s has %u request%s in its script; they count from 1",
                           parse->scenario->nodes[node].name, count, count == 1 ? "" : "s");
    }
    *client = node;
    *n = number;
    return true;
}
