#include "scenario/parse.h"

#include "base/time.h"

static const char *const POLICY_BACKOFFS[] = {"constant", "linear", "exponential", NULL};
static const char *const POLICY_JITTERS[] = {"none", "coap", "full", "equal", "decorrelated", NULL};

/* The number of the next word in the list; reports it if it is not there. */
static bool policy_choose(struct parse *parse, const char *what, const char *const *known,
                          uint32_t *chosen)
{
    const struct parse_word *word = parse_next(parse);

    for (uint32_t i = 0; word != NULL && known[i] != NULL; i++) {
        if (parse_is(word, known[i])) {
            *chosen = i;
            return true;
        }
    }
    return parse_unknown(parse, word, what, known);
}

/* The factor behind `exponential`, if there is one: "1.5". */
static bool policy_factor(struct parse *parse, struct retry_policy *policy)
{
    const struct parse_word *word = parse_peek(parse);
    double factor;

    if (word == NULL || word->quoted || word->bytes[0] < '0' || word->bytes[0] > '9') {
        policy->factor_milli = 2000;
        return true;
    }
    if (!parse_decimal_word(word->bytes, word->size, &factor) || factor < 1 || factor > 100) {
        return parse_error(parse, word, "the factor is a number from 1 to 100, like 2 or 1.5");
    }
    policy->factor_milli = (uint32_t)(factor * 1000 + 0.5);
    (void)parse_next(parse);
    return true;
}

static bool policy_backoff(struct parse *parse, struct retry_policy *policy)
{
    uint32_t chosen;

    if (!policy_choose(parse, "backoff", POLICY_BACKOFFS, &chosen)) {
        return false;
    }
    policy->backoff = (enum retry_backoff)chosen;
    return policy->backoff != BACKOFF_EXPONENTIAL || policy_factor(parse, policy);
}

static bool policy_timeout(struct parse *parse, struct retry_policy *policy)
{
    const struct parse_word *word = parse_peek(parse);

    if (!parse_duration(parse, "timeout", &policy->timeout_ns)) {
        return false;
    }
    if (policy->timeout_ns == 0 || policy->timeout_ns > SCENARIO_DEADLINE_MAX_NS) {
        return parse_error(parse, word, "a timeout is longer than 0 and at most 600s");
    }
    return true;
}

bool parse_policy(struct parse *parse, struct retry_policy *policy, bool *any, bool *timeout_given,
                  bool *tries_given)
{
    uint64_t number;
    uint32_t chosen;

    *any = true;
    if (parse_accept(parse, "timeout")) {
        *timeout_given = true;
        return policy_timeout(parse, policy);
    }
    if (parse_accept(parse, "tries")) {
        *tries_given = true;
        if (!parse_count(parse, "tries", 1, WIRE_TRY_MAX, &number)) {
            return false;
        }
        policy->tries = (unsigned)number;
        return true;
    }
    if (parse_accept(parse, "retries")) {
        *tries_given = true;
        if (!parse_count(parse, "retries", 0, WIRE_TRY_MAX - 1, &number)) {
            return false;
        }
        policy->tries = (unsigned)number + 1;
        return true;
    }
    if (parse_accept(parse, "backoff")) {
        return policy_backoff(parse, policy);
    }
    if (parse_accept(parse, "cap")) {
        return parse_duration(parse, "cap", &policy->cap_ns);
    }
    if (parse_accept(parse, "jitter")) {
        if (!policy_choose(parse, "jitter", POLICY_JITTERS, &chosen)) {
            return false;
        }
        policy->jitter = (enum retry_jitter)chosen;
        return true;
    }
    *any = false;
    return true;
}
