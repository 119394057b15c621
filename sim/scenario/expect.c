#include "scenario/expect_parts.h"

#include <string.h>

static const char *const EXPECT_PROMISES[] = {"one-outcome",
                                              "right-text",
                                              "own-reply",
                                              "cause",
                                              "at-most-once",
                                              "definite",
                                              "conservation",
                                              "kernel-drops",
                                              "empty-tables",
                                              "timers",
                                              "budgets",
                                              "dropped-is-gone",
                                              "quiet",
                                              "liveness",
                                              "reports-agree",
                                              "no-leak",
                                              NULL};

/* `of CLIENT/N =` */
static bool expect_whose(struct parse *parse, struct expectation *expectation)
{
    if (!parse_accept(parse, "of")) {
        return parse_error(parse, parse_peek(parse), "expected `of` and a request: of c1/3");
    }
    if (!parse_request(parse, &expectation->client, &expectation->n)) {
        return false;
    }
    return parse_accept(parse, "=") || parse_error(parse, parse_peek(parse), "expected `=` here");
}

/* The text that a reply is compared with: `{client}` and `{n}` are that request's. */
static bool expect_reply(struct parse *parse, struct expectation *expectation)
{
    const struct scenario *scenario = parse->scenario;
    struct client_text text;
    uint8_t *bytes = arena_alloc(parse->arena, WIRE_TEXT_MAX, 1);

    expectation->kind = EXPECT_REPLY;
    if (!expect_whose(parse, expectation)) {
        return false;
    }
    const char *name = scenario->nodes[expectation->client].name;
    if (parse_is(parse_peek(parse), "random")) {
        return parse_error(parse, parse_peek(parse), "expected a text between quotes");
    }
    if (!parse_script_text(parse, strlen(name), &text)) {
        return false;
    }
    struct client_identity identity = {.name = name};
    expectation->reply = bytes;
    expectation->reply_size = client_text_write(&identity, &text, expectation->n, bytes);
    return true;
}

static bool expect_outcome(struct parse *parse, struct expectation *expectation)
{
    const char *names[8];
    uint32_t count = 0;

    expectation->kind = EXPECT_OUTCOME;
    if (!expect_whose(parse, expectation)) {
        return false;
    }
    const struct parse_word *word = parse_next(parse);
    for (unsigned outcome = OUTCOME_ANSWERED; outcome <= OUTCOME_CANCELLED; outcome++) {
        names[count++] = outcome_name((enum outcome)outcome);
        if (parse_is(word, names[count - 1])) {
            expectation->outcome = (enum outcome)outcome;
            return true;
        }
    }
    names[count] = NULL;
    return parse_unknown(parse, word, "outcome", names);
}

static bool expect_broken(struct parse *parse, struct expectation *expectation)
{
    const struct parse_word *word = parse_next(parse);

    expectation->kind = EXPECT_BROKEN;
    for (uint32_t i = 0; EXPECT_PROMISES[i] != NULL; i++) {
        if (parse_is(word, EXPECT_PROMISES[i])) {
            expectation->promise = EXPECT_PROMISES[i];
            return parse_accept(parse, "broken") ||
                   parse_error(parse, parse_peek(parse),
                               "expected `broken`: a promise is always expected to be kept");
        }
    }
    return parse_unknown(parse, word, "promise", EXPECT_PROMISES);
}

bool parse_expect(struct parse *parse)
{
    struct expectation expectation = {.line = parse->line->number};
    const struct parse_word *word = parse_peek(parse);
    bool good;

    if (word != NULL && word->quoted) {
        const uint8_t *label;
        size_t size;
        if (!parse_plain_text(parse, "label", &label, &size)) {
            return false;
        }
        expectation.label = (const char *)label;
    }
    if (!expect_check_signs(parse)) {
        return false;
    }
    expectation.text = parse_rest_text(parse, parse->at);
    if (parse_accept(parse, "reply")) {
        good = expect_reply(parse, &expectation);
    } else if (parse_accept(parse, "outcome")) {
        good = expect_outcome(parse, &expectation);
    } else if (parse_accept(parse, "promise")) {
        good = expect_broken(parse, &expectation);
    } else {
        good = expect_metric(parse, &expectation) && expect_ratio(parse, &expectation) &&
               expect_of(parse, &expectation) && expect_during(parse, &expectation) &&
               expect_value(parse, &expectation);
    }
    if (!good || !parse_expect_end(parse, "the expectation")) {
        return false;
    }
    parse->expectations =
        arena_grow(parse->arena, parse->expectations, parse->expectation_count, sizeof expectation);
    parse->expectations[parse->expectation_count++] = expectation;
    return true;
}
