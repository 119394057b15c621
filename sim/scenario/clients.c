#include "scenario/parse.h"

#include <string.h>

#include "base/time.h"

/* Numbers of the words behind the policy's. */
enum client_word { WORD_WINDOW = POLICY_WORD_COUNT, WORD_DEADLINE, WORD_START, WORD_PLAIN };

static bool clients_window(struct parse *parse, struct scenario_clients *group)
{
    uint64_t number;

    if (parse_accept(parse, "unlimited")) {
        group->window = CLIENT_WINDOW_UNLIMITED;
        return true;
    }
    if (!parse_count(parse, "window (or: unlimited)", 1, CLIENT_REQUESTS_MAX, &number)) {
        return false;
    }
    group->window = (uint32_t)number;
    return true;
}

static bool clients_deadline(struct parse *parse, struct scenario_clients *group)
{
    const struct parse_word *word = parse_peek(parse);

    if (!parse_duration(parse, "deadline", &group->deadline_ns)) {
        return false;
    }
    group->deadline_given = true;
    return (group->deadline_ns > 0 && group->deadline_ns <= SCENARIO_DEADLINE_MAX_NS) ||
           parse_error(parse, word, "a deadline is longer than 0 and at most 600s");
}

static bool clients_start(struct parse *parse, struct scenario_clients *group)
{
    const struct parse_word *word = parse_peek(parse);

    return parse_duration(parse, "start", &group->start_ns) &&
           (group->start_ns <= SCENARIO_TIME_LIMIT_MAX_NS ||
            parse_error(parse, word, "no run lasts longer than 24h"));
}

bool parse_client_words(struct parse *parse, struct scenario_clients *group)
{
    static const char *const WORDS[] = {
        PARSE_POLICY_WORDS, "window", "deadline", "start", "plain", NULL};
    uint32_t seen = 0;
    uint32_t chosen;

    while (parse_peek(parse) != NULL) {
        const struct parse_word *word = parse_peek(parse);
        bool good = true;
        if (!parse_choose(parse, "word of a client", WORDS, &chosen) ||
            !parse_once(parse, word, chosen == POLICY_RETRIES ? POLICY_TRIES : chosen, &seen)) {
            return false;
        }
        if (chosen < POLICY_WORD_COUNT) {
            good = parse_policy(parse, (enum parse_policy_word)chosen, &group->policy);
        } else if (chosen == WORD_WINDOW) {
            good = clients_window(parse, group);
        } else if (chosen == WORD_DEADLINE) {
            good = clients_deadline(parse, group);
        } else if (chosen == WORD_START) {
            good = clients_start(parse, group);
        } else {
            group->plain = true;
        }
        if (!good) {
            return false;
        }
    }
    return parse_check_cap(parse, &group->policy);
}

/* Whether the word has the form of a name. */
static bool clients_is_name(struct parse *parse, const struct parse_word *word, const char *what)
{
    bool good = word != NULL && !word->quoted && word->size <= CLIENT_NAME_MAX;

    for (size_t i = 0; good && i < word->size; i++) {
        char c = word->bytes[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        good = letter || (i > 0 && ((c >= '0' && c <= '9') || c == '_' || c == '-'));
    }
    return good || parse_error(parse, word,
                               "%s is a letter, then letters, digits, _ or -, at most %d "
                               "characters",
                               what, CLIENT_NAME_MAX);
}

/* Whether the name, of a good form, may be a client's. */
static bool clients_is_free(struct parse *parse, const struct parse_word *word)
{
    if (op_from_name((const uint8_t *)word->bytes, word->size) != OP_UNKNOWN) {
        return parse_error(parse, word, "%s is an operation; choose another name",
                           parse_show(word).text);
    }
    if (parse_is(word, "servers")) {
        return parse_error(parse, word, "'servers' means all servers; choose another name");
    }
    for (uint32_t i = 0; PARSE_DIRECTIVES[i] != NULL; i++) {
        if (parse_is(word, PARSE_DIRECTIVES[i])) {
            return parse_error(parse, word, "%s is a directive; choose another name",
                               parse_show(word).text);
        }
    }
    return true;
}

struct scenario_clients *parse_grow_groups(struct parse *parse)
{
    parse->groups =
        arena_grow(parse->arena, parse->groups, parse->group_count, sizeof *parse->groups);
    parse->group_places = arena_grow(parse->arena, parse->group_places, parse->group_count,
                                     sizeof *parse->group_places);
    return &parse->groups[parse->group_count];
}

/* A group with the defaults, whose place is the next word. */
static struct scenario_clients *clients_add_group(struct parse *parse)
{
    const struct parse_word *word = parse_peek(parse);

    parse->group = parse_grow_groups(parse);
    *parse->group = (struct scenario_clients){
        .prefix = "c",
        .first_number = 1,
        .count = 1,
        .line = parse->line->number,
        .policy = {.timeout_ns = 500 * NS_PER_MS,
                   .cap_ns = TIME_NEVER,
                   .tries = 5,
                   .factor_milli = 2000,
                   .backoff = BACKOFF_EXPONENTIAL,
                   .jitter = JITTER_NONE},
        .window = 1,
    };
    parse->group_places[parse->group_count++] =
        (struct parse_place){.line = parse->line, .column = word != NULL ? word->column : 1};
    return parse->group;
}

bool parse_client(struct parse *parse)
{
    struct scenario_clients *group = clients_add_group(parse);
    const struct parse_word *word = parse_next(parse);

    group->single = true;
    if (!clients_is_name(parse, word, "a client's name")) {
        return false;
    }
    group->prefix = arena_text(parse->arena, word->bytes, word->size);
    return clients_is_free(parse, word) && parse_client_words(parse, group);
}

bool parse_clients(struct parse *parse)
{
    struct scenario_clients *group = clients_add_group(parse);
    uint64_t count;

    if (!parse_count(parse, "how many clients", 1, SCENARIO_CLIENTS_MAX, &count)) {
        return false;
    }
    group->count = (uint32_t)count;
    if (parse_accept(parse, "as")) {
        const struct parse_word *word = parse_next(parse);
        if (!clients_is_name(parse, word, "a prefix")) {
            return false;
        }
        parse->group_places[parse->group_count - 1].column = word->column;
        group->prefix = arena_text(parse->arena, word->bytes, word->size);
    }
    return parse_client_words(parse, group);
}
