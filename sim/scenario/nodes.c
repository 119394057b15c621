#include "scenario/parse.h"

#include <string.h>

#include "base/time.h"
#include "broker/broker.h"
#include "server/server.h"

#define NODES_WINDOW_MAX CLIENT_REQUESTS_MAX

/* An error at the second of what may stand once. A --set replaces instead. */
static bool nodes_once(struct parse *parse, const struct parse_word *word, uint32_t *first_line)
{
    if (parse->line->set > 0) {
        return true;
    }
    if (*first_line != 0) {
        return parse_error(parse, word, "a second %s; the first is in line %u", parse_show(word),
                           *first_line);
    }
    *first_line = parse->line->number;
    return true;
}

/* ---- one value each -------------------------------------------------------------------------- */

static bool nodes_title(struct parse *parse, const struct parse_word *word)
{
    const uint8_t *title;
    size_t size;

    if (!nodes_once(parse, word, &parse->title_line) ||
        !parse_plain_text(parse, "title", &title, &size) || !parse_expect_end(parse, "the title")) {
        return false;
    }
    parse->scenario->title = (const char *)title;
    return true;
}

static bool nodes_seed(struct parse *parse, const struct parse_word *word)
{
    return nodes_once(parse, word, &parse->seed_line) &&
           parse_count(parse, "seed", 0, UINT64_MAX, &parse->scenario->seed) &&
           parse_expect_end(parse, "the seed");
}

static bool nodes_world(struct parse *parse, const struct parse_word *word)
{
    static const char *const WORLDS[] = {"real", "virtual", NULL};

    if (!nodes_once(parse, word, &parse->world_line)) {
        return false;
    }
    if (parse_accept(parse, "virtual")) {
        parse->scenario->world = WORLD_VIRTUAL;
    } else if (parse_accept(parse, "real")) {
        parse->scenario->world = WORLD_REAL;
    } else {
        return parse_unknown(parse, parse_peek(parse), "world", WORLDS);
    }
    return parse_expect_end(parse, "the world");
}

static bool nodes_time_limit(struct parse *parse, const struct parse_word *word)
{
    const struct parse_word *value = parse_peek(parse);
    uint64_t *limit_ns = &parse->scenario->time_limit_ns;

    if (!nodes_once(parse, word, &parse->time_limit_line) ||
        !parse_duration(parse, "time-limit", limit_ns)) {
        return false;
    }
    if (*limit_ns == 0 || *limit_ns > SCENARIO_TIME_LIMIT_MAX_NS) {
        return parse_error(parse, value, "a run lasts more than 0 and at most 24h");
    }
    return parse_expect_end(parse, "the time limit");
}

/* ---- server, broker -------------------------------------------------------------------------- */

static bool nodes_service(struct parse *parse, struct scenario_server *server)
{
    static const char *const DISTRIBUTIONS[] = {"uniform", "exponential", NULL};
    const struct parse_word *word;

    server->exponential = false;
    server->jitter_ns = 0;
    if (!parse_duration(parse, "service", &server->service_ns)) {
        return false;
    }
    word = parse_peek(parse);
    if (word != NULL && parse_looks_like_duration(word) &&
        !parse_duration(parse, "jitter", &server->jitter_ns)) {
        return false;
    }
    if (!parse_accept(parse, "distribution")) {
        return true;
    }
    if (parse_accept(parse, "exponential")) {
        server->exponential = true;
        return server->jitter_ns == 0 ||
               parse_error(parse, word,
                           "an exponential service time has its mean alone, no jitter");
    }
    if (!parse_accept(parse, "uniform")) {
        return parse_unknown(parse, parse_peek(parse), "distribution", DISTRIBUTIONS);
    }
    return server->jitter_ns > 0 ||
           parse_error(parse, word, "`distribution uniform` needs a jitter: service 10ms 2ms");
}

static bool nodes_server_words(struct parse *parse, struct scenario_server *server)
{
    static const char *const WORDS[] = {"service", "workers", "queue", NULL};
    uint64_t number;

    while (parse_peek(parse) != NULL) {
        if (parse_accept(parse, "service")) {
            if (!nodes_service(parse, server)) {
                return false;
            }
        } else if (parse_accept(parse, "workers")) {
            if (!parse_count(parse, "workers", 1, SERVER_WORKERS_MAX, &number)) {
                return false;
            }
            server->workers = (uint32_t)number;
        } else if (parse_accept(parse, "queue")) {
            if (!parse_count(parse, "queue", 0, SERVER_QUEUE_MAX, &number)) {
                return false;
            }
            server->queue = (uint32_t)number;
        } else {
            return parse_unknown(parse, parse_peek(parse), "word of a server", WORDS);
        }
    }
    return true;
}

static bool nodes_server(struct parse *parse)
{
    static const char *const OPS[] = {"toupper", "tolower", "echo", "count", NULL};
    const struct parse_word *word = parse_next(parse);
    enum op op = word == NULL || word->quoted
                     ? OP_UNKNOWN
                     : op_from_name((const uint8_t *)word->bytes, word->size);

    if (op == OP_UNKNOWN) {
        return parse_unknown(parse, word, "operation", OPS);
    }
    struct parse_server *server = &parse->servers[op];
    if (!nodes_once(parse, word, &server->server.line)) {
        return false;
    }
    server->runs = true;
    return nodes_server_words(parse, &server->server);
}

static bool nodes_broker(struct parse *parse, const struct parse_word *word)
{
    static const char *const WORDS[] = {"timeout", "tries",  "retries", "backoff",
                                        "cap",     "jitter", "pending", NULL};
    struct scenario_broker *broker = &parse->scenario->broker;
    uint64_t number;
    bool any;

    if (!nodes_once(parse, word, &broker->line)) {
        return false;
    }
    while (parse_peek(parse) != NULL) {
        struct parse_word first = *parse_peek(parse);
        if (parse_accept(parse, "pending")) {
            if (!parse_count(parse, "pending", 1, BROKER_PENDING_MAX, &number)) {
                return false;
            }
            broker->pending = (uint32_t)number;
            continue;
        }
        if (!parse_policy(parse, &broker->policy, &any, &parse->broker_timeout_given,
                          &parse->broker_tries_given)) {
            return false;
        }
        if (!any) {
            return parse_unknown(parse, &first, "word of the broker", WORDS);
        }
        if (!parse->broker_timeout_given && !parse->broker_tries_given) {
            parse->broker_policy_word = first;
        }
    }
    if (!parse->broker_timeout_given && !parse->broker_tries_given &&
        parse->broker_policy_word.bytes != NULL) {
        return parse_error(parse, &parse->broker_policy_word,
                           "%s does nothing while the broker has no timer; give it `timeout` or "
                           "`tries`",
                           parse_show(&parse->broker_policy_word));
    }
    return true;
}

/* ---- clients --------------------------------------------------------------------------------- */

static bool nodes_client_window(struct parse *parse, struct scenario_clients *group)
{
    uint64_t number;

    if (parse_accept(parse, "unlimited")) {
        group->window = CLIENT_WINDOW_UNLIMITED;
        return true;
    }
    if (!parse_count(parse, "window (or: unlimited)", 1, NODES_WINDOW_MAX, &number)) {
        return false;
    }
    group->window = (uint32_t)number;
    return true;
}

static bool nodes_client_deadline(struct parse *parse, struct scenario_clients *group)
{
    const struct parse_word *word = parse_peek(parse);

    if (!parse_duration(parse, "deadline", &group->deadline_ns)) {
        return false;
    }
    group->deadline_given = true;
    if (group->deadline_ns == 0 || group->deadline_ns > SCENARIO_DEADLINE_MAX_NS) {
        return parse_error(parse, word, "a deadline is longer than 0 and at most 600s");
    }
    return true;
}

/* The words behind a client's name. */
static bool nodes_client_words(struct parse *parse, struct scenario_clients *group)
{
    static const char *const WORDS[] = {"timeout", "tries",  "retries", "backoff",
                                        "cap",     "jitter", "window",  "deadline",
                                        "start",   "plain",  NULL};
    bool given[2];
    bool any;

    while (parse_peek(parse) != NULL) {
        if (parse_accept(parse, "window")) {
            if (!nodes_client_window(parse, group)) {
                return false;
            }
        } else if (parse_accept(parse, "deadline")) {
            if (!nodes_client_deadline(parse, group)) {
                return false;
            }
        } else if (parse_accept(parse, "start")) {
            if (!parse_duration(parse, "start", &group->start_ns)) {
                return false;
            }
        } else if (parse_accept(parse, "plain")) {
            group->plain = true;
        } else {
            const struct parse_word *word = parse_peek(parse);
            if (!parse_policy(parse, &group->policy, &any, &given[0], &given[1])) {
                return false;
            }
            if (!any) {
                return parse_unknown(parse, word, "word of a client", WORDS);
            }
        }
    }
    if (group->policy.cap_ns < group->policy.timeout_ns) {
        return parse_error(parse, NULL,
                           "the cap is below the timeout, and no wait is: make it "
                           "longer or leave it out");
    }
    return true;
}

/* Whether the word is a name that a node may have. */
static bool nodes_name(struct parse *parse, const struct parse_word *word, const char *what)
{
    bool good = word != NULL && !word->quoted && word->size <= CLIENT_NAME_MAX;

    for (size_t i = 0; good && i < word->size; i++) {
        char c = word->bytes[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        good = letter || (i > 0 && ((c >= '0' && c <= '9') || c == '_' || c == '-'));
    }
    if (!good) {
        return parse_error(parse, word,
                           "%s is a letter, then letters, digits, _ or -, %d characters at most",
                           what, CLIENT_NAME_MAX);
    }
    bool taken = op_from_name((const uint8_t *)word->bytes, word->size) != OP_UNKNOWN;
    for (uint32_t i = 0; PARSE_DIRECTIVES[i] != NULL; i++) {
        taken = taken || parse_is(word, PARSE_DIRECTIVES[i]);
    }
    if (taken || parse_is(word, "servers")) {
        return parse_error(parse, word,
                           "%s is the name of a directive, a server or all servers; "
                           "choose another",
                           parse_show(word));
    }
    return true;
}

static struct scenario_clients *nodes_add_group(struct parse *parse)
{
    struct scenario_clients group = {
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

    parse->groups =
        arena_grow(parse->arena, parse->groups, parse->group_count, sizeof *parse->groups);
    parse->groups[parse->group_count] = group;
    parse->group = &parse->groups[parse->group_count++];
    return parse->group;
}

static bool nodes_client(struct parse *parse)
{
    struct scenario_clients *group = nodes_add_group(parse);
    const struct parse_word *word = parse_next(parse);

    group->single = true;
    group->prefix = "?";
    if (!nodes_name(parse, word, "a client's name")) {
        return false;
    }
    group->prefix = arena_text(parse->arena, word->bytes, word->size);
    return nodes_client_words(parse, group);
}

static bool nodes_clients(struct parse *parse)
{
    struct scenario_clients *group = nodes_add_group(parse);
    uint64_t count;

    group->prefix = "c";
    if (!parse_count(parse, "how many clients", 1, SCENARIO_CLIENTS_MAX, &count)) {
        return false;
    }
    group->count = (uint32_t)count;
    if (parse_accept(parse, "as")) {
        const struct parse_word *word = parse_next(parse);
        if (!nodes_name(parse, word, "a prefix")) {
            return false;
        }
        group->prefix = arena_text(parse->arena, word->bytes, word->size);
    }
    return nodes_client_words(parse, group);
}

/* ---- --set for clients ----------------------------------------------------------------------- */

/* `--set 'clients N'`: the file's only group. */
static bool nodes_resize(struct parse *parse, const struct parse_word *word)
{
    uint64_t count;

    if (parse->group_count != 1 || parse->groups[0].single) {
        return parse_error(parse, word,
                           "`clients N` resizes the only group of clients, and this "
                           "scenario has %s",
                           parse->group_count == 1 ? "a single `client`" : "several lines of them");
    }
    if (!parse_count(parse, "how many clients", 1, SCENARIO_CLIENTS_MAX, &count)) {
        return false;
    }
    parse->groups[0].count = (uint32_t)count;
    return nodes_client_words(parse, &parse->groups[0]);
}

/* Whether a selector's item means the whole group. */
static bool nodes_item_is_group(const char *item, size_t size, const struct scenario_clients *group)
{
    size_t prefix = strlen(group->prefix);

    if ((size == 1 && item[0] == '*') || (size == 7 && memcmp(item, "clients", 7) == 0)) {
        return true;
    }
    if (size > 0 && item[size - 1] == '*') {
        return size - 1 <= prefix && memcmp(item, group->prefix, size - 1) == 0;
    }
    return group->single && size == prefix && memcmp(item, group->prefix, size) == 0;
}

/* `--set 'client SEL WORDS'`: the groups that the selector means, whole groups only, since the
 * clients of one `clients` line share what it says. */
static bool nodes_change_clients(struct parse *parse)
{
    const struct parse_word *word = parse_next(parse);
    uint32_t from = parse->at;
    bool any = false;

    if (word == NULL || word->quoted) {
        return parse_error(parse, word,
                           "expected which clients: a name, a prefix with *, or clients");
    }
    for (uint32_t g = 0; g < parse->group_count; g++) {
        bool meant = false;
        for (size_t at = 0; at <= word->size; at++) {
            size_t end = at;
            while (end < word->size && word->bytes[end] != ',') {
                end++;
            }
            meant = meant || nodes_item_is_group(word->bytes + at, end - at, &parse->groups[g]);
            at = end;
        }
        if (meant) {
            any = true;
            parse->at = from;
            if (!nodes_client_words(parse, &parse->groups[g])) {
                return false;
            }
        }
    }
    return any || parse_error(parse, word, "%s means no `client` and no whole group of clients",
                              parse_show(word));
}

/* ---- lines ----------------------------------------------------------------------------------- */

bool parse_node_line(struct parse *parse)
{
    const struct parse_word *word = parse_next(parse);
    bool set = parse->line->set > 0;

    if (parse_is(word, "title")) {
        return nodes_title(parse, word);
    }
    if (parse_is(word, "seed")) {
        return nodes_seed(parse, word);
    }
    if (parse_is(word, "world")) {
        return nodes_world(parse, word);
    }
    if (parse_is(word, "time-limit")) {
        return nodes_time_limit(parse, word);
    }
    if (parse_is(word, "server")) {
        return nodes_server(parse);
    }
    if (parse_is(word, "broker")) {
        return nodes_broker(parse, word);
    }
    if (parse_is(word, "client")) {
        return set ? nodes_change_clients(parse) : nodes_client(parse);
    }
    return set ? nodes_resize(parse, word) : nodes_clients(parse);
}
