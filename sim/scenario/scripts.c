#include "scenario/parse.h"

#include <string.h>

#include "base/time.h"

/* The longest name of the group's clients. */
static size_t scripts_name_max(const struct scenario_clients *group)
{
    size_t digits = 0;

    for (uint32_t count = group->single ? 0 : group->count; count > 0; count /= 10) {
        digits++;
    }
    return strlen(group->prefix) + digits;
}

/* `every DURATION [distribution exponential]`, if it is there. */
static bool scripts_every(struct parse *parse, struct client_step *step)
{
    static const char *const DISTRIBUTIONS[] = {"exponential", NULL};
    const struct parse_word *word;

    if (!parse_accept(parse, "every")) {
        return true;
    }
    word = parse_peek(parse);
    if (!parse_duration(parse, "every", &step->every_ns)) {
        return false;
    }
    if (step->every_ns == 0 || step->every_ns > SCENARIO_TIME_LIMIT_MAX_NS) {
        return parse_error(parse, word,
                           "`every` wants more than 0 and at most 24h; leave it out to "
                           "send as the window allows");
    }
    if (parse_accept(parse, "distribution")) {
        step->poisson = parse_accept(parse, "exponential");
        if (!step->poisson) {
            return parse_unknown(parse, parse_peek(parse), "distribution", DISTRIBUTIONS);
        }
    }
    return true;
}

static bool scripts_send(struct parse *parse, struct client_step *step)
{
    static const char *const OPS[] = {"toupper", "tolower", "echo", "count", NULL};
    const struct parse_word *word = parse_peek(parse);
    uint64_t count = 1;

    step->kind = CLIENT_SEND;
    if (word != NULL && parse_looks_like_count(word) &&
        !parse_count(parse, "how many requests", 1, CLIENT_REQUESTS_MAX, &count)) {
        return false;
    }
    step->count = (uint32_t)count;
    word = parse_next(parse);
    if (word == NULL || word->quoted) {
        return parse_unknown(parse, word, "operation", OPS);
    }
    if (!wire_is_op((const uint8_t *)word->bytes, word->size)) {
        return parse_error(
            parse, word,
            "an operation is a lower-case letter and then up to 31 lower-case letters, "
            "digits, - or _");
    }
    memcpy(step->op, word->bytes, word->size);
    enum op op = op_from_name((const uint8_t *)word->bytes, word->size);
    if (op == OP_UNKNOWN) {
        parse_warning(parse, word,
                      "nobody executes '%s': each such request will be answered 404 "
                      "(there are toupper, tolower, echo and count)",
                      step->op);
    } else {
        parse->servers[op].runs = true;
    }
    if (!parse_script_text(parse, scripts_name_max(parse->group), &step->text) ||
        !scripts_every(parse, step)) {
        return false;
    }
    if (parse->group->request_count > CLIENT_REQUESTS_MAX - step->count) {
        return parse_error(parse, NULL, "more than %d requests of one client", CLIENT_REQUESTS_MAX);
    }
    parse->group->request_count += step->count;
    return true;
}

bool parse_step(struct parse *parse)
{
    const struct parse_word *word = parse_next(parse);
    struct client_step step = {.count = 0};
    bool good;

    if (parse->line->set > 0) {
        return parse_error(parse, word, "--set takes no script step; write %s into the file",
                           parse_show(word));
    }
    if (parse->group == NULL) {
        return parse_error(
            parse, word,
            "a step belongs to the `client` or `clients` line above it, and there is "
            "none");
    }
    if (parse_is(word, "send")) {
        good = scripts_send(parse, &step);
    } else if (parse_is(word, "wait")) {
        step.kind = CLIENT_WAIT;
        good = parse_duration(parse, "wait", &step.wait_ns);
    } else {
        step.kind = CLIENT_RAW;
        good = parse_script_text(parse, scripts_name_max(parse->group), &step.text);
    }
    if (!good || !parse_expect_end(parse, "the step")) {
        return false;
    }
    struct client_step *steps = arena_grow(parse->arena, (void *)(uintptr_t)parse->group->steps,
                                           parse->group->step_count, sizeof step);
    steps[parse->group->step_count++] = step;
    parse->group->steps = steps;
    return true;
}
