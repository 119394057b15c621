#include "scenario/faults_parts.h"

#include <string.h>

bool faults_looks_like_list(const struct parse_word *word)
{
    if (word == NULL || word->quoted || word->bytes[0] < '0' || word->bytes[0] > '9') {
        return false;
    }
    for (size_t i = 0; i < word->size; i++) {
        char c = word->bytes[i];
        if ((c < '0' || c > '9') && c != ',' && c != '-') {
            return false;
        }
    }
    return true;
}

/* One number of a list; 0 if there is none (or one too large) at *at, which moves on. */
static uint32_t faults_list_number(const struct parse_word *word, size_t *at)
{
    uint64_t number = 0;

    while (*at < word->size && word->bytes[*at] >= '0' && word->bytes[*at] <= '9') {
        number = number * 10 + (uint64_t)(word->bytes[(*at)++] - '0');
        if (number > UINT32_MAX - 1) {
            return 0;
        }
    }
    return (uint32_t)number;
}

static bool faults_list(struct parse *parse, struct exact_fault *exact)
{
    const struct parse_word *word = parse_next(parse);
    struct exact_range *ranges = NULL;
    size_t at = 0;

    for (;;) {
        struct exact_range range;
        range.first = range.last = faults_list_number(word, &at);
        if (at < word->size && word->bytes[at] == '-') {
            at++;
            range.last = faults_list_number(word, &at);
        }
        if (range.first == 0 || range.last < range.first ||
            (at < word->size && word->bytes[at] != ',')) {
            return parse_error(parse, word, "a list of datagrams counts from 1, like 2 or 2,5-7");
        }
        ranges = arena_grow(parse->arena, ranges, exact->range_count, sizeof range);
        ranges[exact->range_count++] = range;
        if (at == word->size) {
            break;
        }
        at++;
    }
    exact->ranges = ranges;
    return true;
}

/* `try A`, if it is there; a try that nobody makes is a warning. */
static bool faults_try(struct parse *parse, struct exact_fault *exact)
{
    const struct scenario *scenario = parse->scenario;
    const struct parse_word *word = parse_peek(parse);
    unsigned most = 0;
    uint64_t number;

    if (!parse_accept(parse, "try")) {
        return true;
    }
    if (!parse_count(parse, "try", 1, WIRE_TRY_MAX, &number)) {
        return false;
    }
    exact->try = (unsigned)number;
    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct scenario_clients *group = &scenario->groups[g];
        bool meant = exact->client == UINT32_MAX || group == parse_group_of(parse, exact->client);
        if (meant && group->policy.tries > most) {
            most = group->policy.tries;
        }
    }
    if (exact->try > most) {
        parse_warning(parse, word, "this never happens: there are %u tries", most);
    }
    return true;
}

/* `[CLIENT/]K [try A]` behind `of request`. */
static bool faults_of_request(struct parse *parse, struct exact_fault *exact)
{
    const struct parse_word *word = parse_peek(parse);
    uint64_t number;

    exact->which = EXACT_OF_REQUEST;
    exact->client = UINT32_MAX;
    if (word != NULL && memchr(word->bytes, '/', word->size) != NULL) {
        if (!parse_request(parse, &exact->client, &exact->n)) {
            return false;
        }
    } else {
        uint64_t most = 0;
        for (uint32_t g = 0; g < parse->scenario->group_count; g++) {
            uint32_t count = parse->scenario->groups[g].request_count;
            most = count > most ? count : most;
        }
        if (!parse_count(parse, "the request's number (or CLIENT/NUMBER)", 1, UINT32_MAX - 1,
                         &number)) {
            return false;
        }
        if (number > most) {
            return !parse->nodes_unsure &&
                   parse_error(parse, word,
                               "no client has a request %s; the longest script has %llu",
                               parse_show(word).text, (unsigned long long)most);
        }
        exact->n = (uint32_t)number;
    }
    return faults_try(parse, exact);
}

/* WHICH: LIST · LIST of each request · [LIST] of request … */
static bool faults_which(struct parse *parse, struct exact_fault *exact)
{
    const struct parse_word *word = parse_peek(parse);

    exact->which = EXACT_POSITIONS;
    if (faults_looks_like_list(word)) {
        if (!faults_list(parse, exact)) {
            return false;
        }
    } else if (parse_looks_like_percent(word)) {
        return parse_error(parse, word,
                           "`drop` is for chosen datagrams; for a share write loss %.*s",
                           (int)word->size, word->bytes);
    } else if (!parse_is(word, "of")) {
        return parse_error(parse, word,
                           "expected which datagrams: a list like 2,5-7, or `1 of each "
                           "request`, or `of request c1/3 try 2`");
    }
    if (!parse_accept(parse, "of")) {
        return true;
    }
    word = parse_peek(parse);
    if (parse_accept(parse, "each")) {
        exact->which = EXACT_EACH_REQUEST;
        if (exact->range_count == 0) {
            return parse_error(parse, word,
                               "which of each request's datagrams? Like: 1 of each "
                               "request");
        }
        return parse_accept(parse, "request") ||
               parse_error(parse, parse_peek(parse), "expected `request` behind `of each`");
    }
    if (parse_accept(parse, "request")) {
        return faults_of_request(parse, exact);
    }
    return parse_error(parse, word, "expected `of each request` or `of request K`");
}

bool faults_add_exact(struct parse *parse, struct fault_set *faults, enum exact_kind kind,
                      uint64_t delay_ns)
{
    struct exact_fault exact = {.kind = kind, .delay_ns = delay_ns};

    if (!faults_which(parse, &exact)) {
        return false;
    }
    struct exact_fault *all = arena_grow(parse->arena, (void *)(uintptr_t)faults->exact,
                                         faults->exact_count, sizeof exact);
    all[faults->exact_count++] = exact;
    faults->exact = all;
    return true;
}
