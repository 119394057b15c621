#include "scenario/parse.h"

#include <string.h>

#include "base/time.h"

static const char *const FAULTS_KNOWN[] = {"loss", "delay", "duplicate", "down",
                                           "drop", "clear", NULL};

/* ---- exact faults ---------------------------------------------------------------------------- */

/* "2,5-7": digits, commas and dashes. */
static bool faults_looks_like_list(const struct parse_word *word)
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
        uint32_t most = 0;
        for (uint32_t g = 0; g < parse->scenario->group_count; g++) {
            uint32_t count = parse->scenario->groups[g].request_count;
            most = count > most ? count : most;
        }
        if (!parse_count(parse, "the request's number (or CLIENT/NUMBER)", 1, UINT32_MAX - 1,
                         &number)) {
            return false;
        }
        if (number > most) {
            return parse_error(parse, word, "no client has a request %s; the longest script has %u",
                               parse_show(word), most);
        }
        exact->n = (uint32_t)number;
    }
    if (parse_accept(parse, "try")) {
        if (!parse_count(parse, "try", 1, WIRE_TRY_MAX, &number)) {
            return false;
        }
        exact->try = (unsigned)number;
    }
    return true;
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

static bool faults_add_exact(struct parse *parse, struct fault_set *faults, enum exact_kind kind,
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

/* ---- model faults ---------------------------------------------------------------------------- */

static bool faults_delay(struct parse *parse, struct fault_set *faults)
{
    static const char *const DISTRIBUTIONS[] = {"uniform", NULL};
    const struct parse_word *word;
    uint64_t delay_ns;

    if (!parse_duration(parse, "delay", &delay_ns)) {
        return false;
    }
    word = parse_peek(parse);
    if (faults_looks_like_list(word) || parse_is(word, "of")) {
        return faults_add_exact(parse, faults, EXACT_DELAY, delay_ns);
    }
    faults->set |= FAULT_DELAY;
    faults->delay_ns = delay_ns;
    faults->jitter_ns = 0;
    if (word != NULL && parse_looks_like_duration(word) &&
        !parse_duration(parse, "jitter", &faults->jitter_ns)) {
        return false;
    }
    if (faults->delay_ns > SCENARIO_TIME_LIMIT_MAX_NS ||
        faults->jitter_ns > SCENARIO_TIME_LIMIT_MAX_NS) {
        return parse_error(parse, word, "a delay is at most 24h");
    }
    word = parse_peek(parse);
    if (parse_accept(parse, "distribution")) {
        if (faults->jitter_ns == 0) {
            return parse_error(parse, word,
                               "a distribution needs a jitter to spread: delay 10ms 2ms "
                               "distribution uniform");
        }
        if (!parse_accept(parse, "uniform")) {
            return parse_unknown(parse, parse_peek(parse), "distribution", DISTRIBUTIONS);
        }
    }
    return true;
}

/* `duplicate P`, or `duplicate` of exact datagrams. */
static bool faults_duplicate(struct parse *parse, struct fault_set *faults)
{
    const struct parse_word *word = parse_peek(parse);

    if (faults_looks_like_list(word) || parse_is(word, "of")) {
        return faults_add_exact(parse, faults, EXACT_DUPLICATE, 0);
    }
    faults->set |= FAULT_DUPLICATE;
    return parse_percent(parse, "duplicate", &faults->duplicate_q63);
}

static bool faults_one(struct parse *parse, struct fault_set *faults)
{
    if (parse_accept(parse, "loss")) {
        faults->set |= FAULT_LOSS;
        return parse_percent(parse, "loss", &faults->loss_q63);
    }
    if (parse_accept(parse, "delay")) {
        return faults_delay(parse, faults);
    }
    if (parse_accept(parse, "duplicate")) {
        return faults_duplicate(parse, faults);
    }
    if (parse_accept(parse, "down")) {
        faults->set |= FAULT_DOWN;
        faults->down = true;
        return true;
    }
    if (parse_accept(parse, "drop")) {
        return faults_add_exact(parse, faults, EXACT_DROP, 0);
    }
    if (parse_accept(parse, "clear")) {
        *faults = (struct fault_set){.clear = true};
        return true;
    }
    return parse_unknown(parse, parse_peek(parse), "fault", FAULTS_KNOWN);
}

bool parse_faults(struct parse *parse, struct fault_set *faults)
{
    *faults = (struct fault_set){0};
    do {
        if (!faults_one(parse, faults)) {
            return false;
        }
    } while (parse_peek(parse) != NULL);
    return true;
}
