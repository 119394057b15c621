#include "scenario/parse.h"

#include "base/time.h"

/* That word in the line being read, NULL if it has none. */
static const struct parse_word *policy_find(const struct parse *parse, const char *text)
{
    for (uint32_t i = 1; i < parse->line->word_count; i++) {
        if (parse_is(&parse->line->words[i], text)) {
            return &parse->line->words[i];
        }
    }
    return NULL;
}

/* "1.5" in thousandths; false: it is no number with at most three decimals. */
static bool policy_milli(const struct parse_word *word, uint32_t *milli)
{
    uint32_t value = 0;
    int decimals = -1; /* none before the point */

    for (size_t i = 0; i < word->size; i++) {
        char c = word->bytes[i];
        if (c == '.' && decimals < 0 && i > 0) {
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9' || value > 1000000 || decimals == 3) {
            return false;
        }
        value = value * 10 + (uint32_t)(c - '0');
        decimals += decimals >= 0;
    }
    if (decimals == 0) {
        return false; /* a point and nothing behind it */
    }
    for (int i = decimals < 0 ? 0 : decimals; i < 3; i++) {
        value *= 10;
    }
    *milli = value;
    return true;
}

/* The factor behind `exponential`, if there is one. */
static bool policy_factor(struct parse *parse, struct retry_policy *policy)
{
    const struct parse_word *word = parse_peek(parse);

    policy->factor_milli = 2000;
    if (word == NULL || word->quoted || word->bytes[0] < '0' || word->bytes[0] > '9') {
        return true;
    }
    if (!policy_milli(word, &policy->factor_milli) || policy->factor_milli < 1000 ||
        policy->factor_milli > 100000) {
        return parse_error(parse, word,
                           "the factor is from 1 to 100, with up to 3 decimals, like 2 or 1.5");
    }
    (void)parse_next(parse);
    return true;
}

static bool policy_backoff(struct parse *parse, struct retry_policy *policy)
{
    static const char *const BACKOFFS[] = {"constant", "linear", "exponential", NULL};
    uint32_t chosen;

    if (!parse_choose(parse, "backoff", BACKOFFS, &chosen)) {
        return false;
    }
    policy->backoff = (enum retry_backoff)chosen;
    return policy->backoff != BACKOFF_EXPONENTIAL || policy_factor(parse, policy);
}

static bool policy_jitter(struct parse *parse, struct retry_policy *policy)
{
    static const char *const JITTERS[] = {"none", "coap", "full", "equal", "decorrelated", NULL};
    uint32_t chosen;

    if (!parse_choose(parse, "jitter", JITTERS, &chosen)) {
        return false;
    }
    policy->jitter = (enum retry_jitter)chosen;
    return true;
}

static bool policy_timeout(struct parse *parse, struct retry_policy *policy)
{
    const struct parse_word *word = parse_peek(parse);

    if (!parse_duration(parse, "timeout", &policy->timeout_ns)) {
        return false;
    }
    return (policy->timeout_ns > 0 && policy->timeout_ns <= SCENARIO_DEADLINE_MAX_NS) ||
           parse_error(parse, word, "a timeout is longer than 0 and at most 600s");
}

/* `tries N`, `retries N`: `less` is how many of the tries are not counted. */
static bool policy_tries(struct parse *parse, const char *what, unsigned less,
                         struct retry_policy *policy)
{
    uint64_t number;

    if (!parse_count(parse, what, 1 - less, WIRE_TRY_MAX - less, &number)) {
        return false;
    }
    policy->tries = (unsigned)number + less;
    return true;
}

bool parse_policy(struct parse *parse, enum parse_policy_word number, struct retry_policy *policy)
{
    switch (number) {
    case POLICY_TIMEOUT:
        return policy_timeout(parse, policy);
    case POLICY_TRIES:
        return policy_tries(parse, "tries", 0, policy);
    case POLICY_RETRIES:
        return policy_tries(parse, "retries", 1, policy);
    case POLICY_BACKOFF:
        return policy_backoff(parse, policy);
    case POLICY_CAP:
        return parse_duration(parse, "cap", &policy->cap_ns);
    case POLICY_JITTER:
        return policy_jitter(parse, policy);
    case POLICY_WORD_COUNT:
        break;
    }
    return false;
}

bool parse_check_cap(struct parse *parse, const struct retry_policy *policy)
{
    const struct parse_word *word = policy_find(parse, "cap");
    char cap[32];
    char timeout[32];

    if (policy->cap_ns >= policy->timeout_ns) {
        return true;
    }
    word = word != NULL ? word : policy_find(parse, "timeout");
    scenario_format_duration(cap, sizeof cap, policy->cap_ns);
    scenario_format_duration(timeout, sizeof timeout, policy->timeout_ns);
    return parse_error(parse, word,
                       "a cap of %s is below the timeout of %s, and no wait is: make it longer or "
                       "leave it out",
                       cap, timeout);
}
