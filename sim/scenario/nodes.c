#include "scenario/parse.h"

#include <string.h>

#include "base/time.h"
#include "broker/broker.h"
#include "server/server.h"

#define NODES_BROKER_TIMEOUT_NS (200 * NS_PER_MS) /* of a broker with tries and no timeout */

bool parse_once_in_file(struct parse *parse, const struct parse_word *word, const char *what,
                        uint32_t *first_line)
{
    if (parse->line->set > 0) {
        return true; /* it replaces */
    }
    if (*first_line != 0) {
        return parse_error(parse, word, "a second `%s`; the first is in line %u", what,
                           *first_line);
    }
    *first_line = parse->line->number;
    return true;
}

/* ---- one value each -------------------------------------------------------------------------- */

static bool nodes_title(struct parse *parse)
{
    const uint8_t *title;
    size_t size;

    if (!parse_plain_text(parse, "title", &title, &size) || !parse_expect_end(parse, "the title")) {
        return false;
    }
    parse->scenario->title = (const char *)title;
    return true;
}

static bool nodes_seed(struct parse *parse)
{
    return parse_count(parse, "seed", 0, UINT64_MAX, &parse->scenario->seed) &&
           parse_expect_end(parse, "the seed");
}

static bool nodes_world(struct parse *parse)
{
    static const char *const WORLDS[] = {"real", "virtual", NULL};
    uint32_t chosen;

    if (!parse_choose(parse, "world", WORLDS, &chosen)) {
        return false;
    }
    parse->scenario->world = chosen == 0 ? WORLD_REAL : WORLD_VIRTUAL;
    return parse_expect_end(parse, "the world");
}

static bool nodes_time_limit(struct parse *parse)
{
    const struct parse_word *value = parse_peek(parse);
    uint64_t *limit_ns = &parse->scenario->time_limit_ns;

    if (!parse_duration(parse, "time-limit", limit_ns)) {
        return false;
    }
    if (*limit_ns == 0 || *limit_ns > SCENARIO_TIME_LIMIT_MAX_NS) {
        return parse_error(parse, value, "a run lasts more than 0 and at most 24h");
    }
    return parse_expect_end(parse, "the time limit");
}

/* ---- server ---------------------------------------------------------------------------------- */

/* `distribution D` of a service time, if it is there; `jitter`: the word, NULL if there is none. */
static bool nodes_service_distribution(struct parse *parse, struct scenario_server *server,
                                       const struct parse_word *jitter)
{
    static const char *const DISTRIBUTIONS[] = {"uniform", "exponential", NULL};
    const struct parse_word *word = parse_peek(parse);
    uint32_t chosen;

    if (!parse_accept(parse, "distribution")) {
        return true;
    }
    if (!parse_choose(parse, "distribution", DISTRIBUTIONS, &chosen)) {
        return false;
    }
    server->exponential = chosen == 1;
    if (server->exponential && jitter != NULL) {
        return parse_error(parse, jitter,
                           "an exponential service time has a mean and no jitter: leave %s out",
                           parse_show(jitter).text);
    }
    return server->exponential || jitter != NULL ||
           parse_error(parse, word,
                       "a uniform service time needs a jitter: service 10ms 2ms distribution "
                       "uniform");
}

static bool nodes_service(struct parse *parse, struct scenario_server *server)
{
    const struct parse_word *word = parse_peek(parse);
    const struct parse_word *jitter;

    server->exponential = false;
    server->jitter_ns = 0;
    if (!parse_duration(parse, "service", &server->service_ns)) {
        return false;
    }
    jitter = parse_peek(parse);
    if (!parse_looks_like_duration(jitter) && !parse_looks_like_count(jitter)) {
        jitter = NULL; /* without its unit it is one, too: parse_duration says so */
    }
    if (jitter != NULL && !parse_duration(parse, "jitter", &server->jitter_ns)) {
        return false;
    }
    if (server->service_ns > SCENARIO_TIME_LIMIT_MAX_NS ||
        server->jitter_ns > SCENARIO_TIME_LIMIT_MAX_NS) {
        return parse_error(parse, word, "a service time is at most 24h");
    }
    return nodes_service_distribution(parse, server, jitter);
}

static bool nodes_server_words(struct parse *parse, struct scenario_server *server)
{
    static const char *const WORDS[] = {"service", "workers", "queue", NULL};
    uint64_t number = 0;
    uint32_t seen = 0;
    uint32_t chosen;

    while (parse_peek(parse) != NULL) {
        const struct parse_word *word = parse_peek(parse);
        if (!parse_choose(parse, "word of a server", WORDS, &chosen) ||
            !parse_once(parse, word, chosen, &seen)) {
            return false;
        }
        if (chosen == 0) {
            if (!nodes_service(parse, server)) {
                return false;
            }
        } else if (chosen == 1) {
            if (!parse_count(parse, "workers", 1, SERVER_WORKERS_MAX, &number)) {
                return false;
            }
            server->workers = (uint32_t)number;
        } else {
            if (!parse_count(parse, "queue", 0, SERVER_QUEUE_MAX, &number)) {
                return false;
            }
            server->queue = (uint32_t)number;
        }
    }
    return true;
}

static bool nodes_server(struct parse *parse, const struct parse_word *word)
{
    static const char *const OPS[] = {"toupper", "tolower", "echo", "count", NULL};
    char what[32] = "server ";
    uint32_t op;

    if (!parse_choose(parse, "operation", OPS, &op)) {
        return false;
    }
    struct parse_server *server = &parse->servers[op];
    server->runs = true;
    strcat(what, OPS[op]);
    return parse_once_in_file(parse, word, what, &server->server.line) &&
           nodes_server_words(parse, &server->server);
}

/* ---- broker ---------------------------------------------------------------------------------- */

/* Without `timeout` it has a timer only for more than one try. */
static void nodes_settle_broker(struct parse *parse)
{
    struct retry_policy *policy = &parse->scenario->broker.policy;

    if ((parse->broker_words & 1u << POLICY_TIMEOUT) == 0) {
        policy->timeout_ns = policy->tries > 1 ? NODES_BROKER_TIMEOUT_NS : 0;
    }
}

/* A policy word, `word`, that needs a timer. */
static bool nodes_check_broker(struct parse *parse, const struct parse_word *word)
{
    const struct retry_policy *policy = &parse->scenario->broker.policy;

    if (policy->timeout_ns == 0) {
        return word == NULL ||
               parse_error(parse, word,
                           "%s does nothing, the broker has no timer: give it `timeout`, or "
                           "`tries` above 1",
                           parse_show(word).text);
    }
    return parse_check_cap(parse, policy);
}

static bool nodes_broker(struct parse *parse)
{
    static const char *const WORDS[] = {PARSE_POLICY_WORDS, "pending", NULL};
    struct scenario_broker *broker = &parse->scenario->broker;
    const struct parse_word *needs_timer = NULL;
    uint32_t seen = 0;
    uint32_t chosen;

    while (parse_peek(parse) != NULL) {
        const struct parse_word *word = parse_peek(parse);
        if (!parse_choose(parse, "word of the broker", WORDS, &chosen) ||
            !parse_once(parse, word, chosen == POLICY_RETRIES ? POLICY_TRIES : chosen, &seen)) {
            return false;
        }
        if (chosen == POLICY_WORD_COUNT) {
            uint64_t number;
            if (!parse_count(parse, "pending", 1, BROKER_PENDING_MAX, &number)) {
                return false;
            }
            broker->pending = (uint32_t)number;
            continue;
        }
        if (!parse_policy(parse, (enum parse_policy_word)chosen, &broker->policy)) {
            return false;
        }
        parse->broker_words |= 1u << chosen;
        if (chosen >= POLICY_BACKOFF && needs_timer == NULL) {
            needs_timer = word;
        }
    }
    nodes_settle_broker(parse);
    return nodes_check_broker(parse, needs_timer);
}

/* ---- lines ----------------------------------------------------------------------------------- */

bool parse_setting(struct parse *parse, const struct parse_word *word)
{
    if (parse_is(word, "title")) {
        return parse_once_in_file(parse, word, "title", &parse->title_line) && nodes_title(parse);
    }
    if (parse_is(word, "seed")) {
        return parse_once_in_file(parse, word, "seed", &parse->seed_line) && nodes_seed(parse);
    }
    if (parse_is(word, "world")) {
        return parse_once_in_file(parse, word, "world", &parse->world_line) && nodes_world(parse);
    }
    if (parse_is(word, "time-limit")) {
        return parse_once_in_file(parse, word, "time-limit", &parse->time_limit_line) &&
               nodes_time_limit(parse);
    }
    if (parse_is(word, "broker")) {
        return parse_once_in_file(parse, word, "broker", &parse->scenario->broker.line) &&
               nodes_broker(parse);
    }
    return nodes_server(parse, word);
}
