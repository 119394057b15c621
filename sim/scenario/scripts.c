#include "scenario/parse.h"

#include <string.h>

#include "base/time.h"

size_t parse_name_size_max(const struct scenario_clients *group)
{
    uint32_t last = group->single ? 0 : group->first_number + group->count - 1;
    size_t digits = 0;

    for (; last > 0; last /= 10) {
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

/* The operation behind `send`, known or not. */
static bool scripts_op(struct parse *parse, struct client_step *step)
{
    static const char *const OPS[] = {"toupper", "tolower", "echo", "count", NULL};
    const struct parse_word *word = parse_next(parse);

    if (word == NULL || word->quoted) {
        return parse_unknown(parse, word, "operation", OPS);
    }
    if (!wire_is_op((const uint8_t *)word->bytes, word->size)) {
        return parse_error(parse, word,
                           "an operation is a lower-case letter, then lower-case letters, digits, "
                           "- or _, at most %d characters",
                           WIRE_OP_MAX);
    }
    memcpy(step->op, word->bytes, word->size);
    step->op_size = (uint8_t)word->size;
    enum op op = op_from_name((const uint8_t *)word->bytes, word->size);
    if (op != OP_UNKNOWN) {
        parse->servers[op].runs = true;
        return true;
    }
    const char *nearest = parse_nearest(word, OPS);
    parse_warning(parse, word, "nobody executes '%s': each such request is answered 404%s%s%s",
                  step->op, nearest != NULL ? "; did you mean '" : "",
                  nearest != NULL ? nearest : "; there are toupper, tolower, echo and count",
                  nearest != NULL ? "'?" : "");
    return true;
}

static bool scripts_send(struct parse *parse, struct client_step *step)
{
    const struct parse_word *count_word = parse_peek(parse);
    uint64_t count = 1;

    step->kind = CLIENT_SEND;
    if (parse_looks_like_count(count_word) &&
        !parse_count(parse, "how many requests", 1, CLIENT_REQUESTS_MAX, &count)) {
        return false;
    }
    step->count = (uint32_t)count;
    if (!scripts_op(parse, step) ||
        !parse_script_text(parse, parse_name_size_max(parse->group), &step->text) ||
        !scripts_every(parse, step)) {
        return false;
    }
    if (parse->group->request_count > CLIENT_REQUESTS_MAX - step->count) {
        return parse_error(parse, count_word, "with these, a client has more than %d requests",
                           CLIENT_REQUESTS_MAX);
    }
    parse->group->request_count += step->count;
    return true;
}

static bool scripts_wait(struct parse *parse, struct client_step *step)
{
    const struct parse_word *word = parse_peek(parse);

    step->kind = CLIENT_WAIT;
    return parse_duration(parse, "wait", &step->wait_ns) &&
           (step->wait_ns <= SCENARIO_TIME_LIMIT_MAX_NS ||
            parse_error(parse, word, "no run lasts longer than 24h"));
}

bool parse_step(struct parse *parse, const struct parse_word *word)
{
    struct client_step step = {.count = 0};
    bool good;

    if (parse->line->set > 0) {
        return parse_error(parse, word, "--set takes no step of a script; write it into the file");
    }
    if (parse->group == NULL) {
        return parse_error(parse, word,
                           "a step belongs to the `client` or `clients` line above it, and there "
                           "is none");
    }
    if (parse_is(word, "send")) {
        good = scripts_send(parse, &step);
    } else if (parse_is(word, "wait")) {
        good = scripts_wait(parse, &step);
    } else {
        step.kind = CLIENT_RAW;
        good = parse_script_text(parse, parse_name_size_max(parse->group), &step.text);
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
