#include "scenario/parse.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "protocol/code.h"

/* Every code of the protocol, for `replies.CODE` and `errors.CODE`. */
static const char *const EXPECT_CODES[] = {"200", "400", "404", "408", "409", "413",
                                           "429", "500", "503", "504", "505", NULL};

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

/* ---- METRIC ---------------------------------------------------------------------------------- */

/* All metrics' words into `names`, which has room for METRIC_COUNT + 4. */
static void expect_names(const char **names)
{
    uint32_t count = 0;

    for (unsigned metric = 0; metric < METRIC_COUNT; metric++) {
        names[count++] = metric_name((enum metric)metric);
    }
    names[count++] = "reply";
    names[count++] = "outcome";
    names[count++] = "promise";
    names[count] = NULL;
}

/* The part behind the dot of `lost.REASON` and the like. */
static bool expect_part(struct parse *parse, const struct parse_word *part,
                        struct expectation *expectation)
{
    const char *names[REJECT_REASON_COUNT + LOSS_REASON_COUNT];
    uint32_t count = 0;

    if (expectation->metric == METRIC_LOST) {
        for (unsigned reason = 1; reason < LOSS_REASON_COUNT; reason++) {
            names[count++] = loss_reason_name((enum loss_reason)reason);
            if (parse_is(part, names[count - 1])) {
                expectation->loss = (enum loss_reason)reason;
                return true;
            }
        }
    } else if (expectation->metric == METRIC_REJECTED) {
        for (unsigned reason = 1; reason < REJECT_REASON_COUNT; reason++) {
            names[count++] = reject_reason_name((enum reject_reason)reason);
            if (parse_is(part, names[count - 1])) {
                expectation->reject = (enum reject_reason)reason;
                return true;
            }
        }
    } else {
        for (uint32_t i = 0; EXPECT_CODES[i] != NULL; i++) {
            if (parse_is(part, EXPECT_CODES[i])) {
                unsigned code = 0;
                for (const char *digit = EXPECT_CODES[i]; *digit != '\0'; digit++) {
                    code = code * 10 + (unsigned)(*digit - '0');
                }
                expectation->code = code;
                return true;
            }
        }
        return parse_unknown(parse, part, "code", EXPECT_CODES);
    }
    names[count] = NULL;
    return parse_unknown(parse, part, "reason", names);
}

static bool expect_metric(struct parse *parse, struct expectation *expectation)
{
    const struct parse_word *word = parse_next(parse);
    const char *names[METRIC_COUNT + 4];
    const char *dot;

    for (unsigned metric = 0; metric < METRIC_COUNT; metric++) {
        if (parse_is(word, metric_name((enum metric)metric))) {
            expectation->metric = (enum metric)metric;
            return true;
        }
    }
    dot = word == NULL || word->quoted ? NULL : memchr(word->bytes, '.', word->size);
    if (dot != NULL) {
        struct parse_word head = *word;
        struct parse_word part = *word;
        head.size = (size_t)(dot - word->bytes);
        part.bytes = dot + 1;
        part.size = word->size - head.size - 1;
        part.column = word->column + (uint32_t)head.size + 1;
        static const enum metric WITH_PART[] = {METRIC_LOST, METRIC_REJECTED, METRIC_REPLIES,
                                                METRIC_ERRORS};
        for (unsigned i = 0; i < 4; i++) {
            if (parse_is(&head, metric_name(WITH_PART[i]))) {
                expectation->metric = WITH_PART[i];
                return expect_part(parse, &part, expectation);
            }
        }
    }
    expect_names(names);
    return parse_unknown(parse, word, "metric", names);
}

/* ---- per, of, during ------------------------------------------------------------------------- */

static bool expect_ratio(struct parse *parse, struct expectation *expectation)
{
    static const char *const WORDS[] = {"request", "s", NULL};
    const struct parse_word *word = parse_peek(parse);

    if (!parse_accept(parse, "per")) {
        return true;
    }
    if (metric_is_time(expectation->metric)) {
        return parse_error(parse, word, "%s is a time already; `per` goes with counts",
                           metric_name(expectation->metric));
    }
    if (parse_accept(parse, "request")) {
        expectation->ratio = RATIO_PER_REQUEST;
    } else if (parse_accept(parse, "s")) {
        expectation->ratio = RATIO_PER_S;
    } else {
        return parse_unknown(parse, parse_peek(parse), "ratio", WORDS);
    }
    return true;
}

/* Of whom a metric can be. */
enum expect_fit { FIT_NOTHING, FIT_CLIENTS, FIT_SENDERS, FIT_EXECUTORS, FIT_NODES, FIT_LINKS };

static enum expect_fit expect_fit_of(enum metric metric)
{
    switch (metric) {
    case METRIC_REQUESTS:
    case METRIC_ANSWERED:
    case METRIC_FAILED:
    case METRIC_ERROR:
    case METRIC_TIMED_OUT:
    case METRIC_CANCELLED:
    case METRIC_WRONG:
    case METRIC_REPLIES:
    case METRIC_ERRORS:
    case METRIC_LATENCY_MIN:
    case METRIC_LATENCY_MEAN:
    case METRIC_LATENCY_P50:
    case METRIC_LATENCY_P90:
    case METRIC_LATENCY_P99:
    case METRIC_LATENCY_MAX:
        return FIT_CLIENTS;
    case METRIC_TRIES:
    case METRIC_RETRIES:
        return FIT_SENDERS;
    case METRIC_EXECUTIONS:
    case METRIC_DUPLICATE_EXECUTIONS:
        return FIT_EXECUTORS;
    case METRIC_REJECTED:
    case METRIC_KERNEL_DROPS:
        return FIT_NODES;
    case METRIC_SENT:
    case METRIC_DELIVERED:
    case METRIC_LOST:
    case METRIC_DUPLICATED:
    case METRIC_CORRUPTED:
    case METRIC_REORDERED:
        return FIT_LINKS;
    case METRIC_DURATION:
    case METRIC_COUNT:
        break;
    }
    return FIT_NOTHING;
}

static const char *expect_fit_words(enum expect_fit fit)
{
    switch (fit) {
    case FIT_NOTHING:
        return "nothing: it is of the whole run";
    case FIT_CLIENTS:
        return "clients or a request like c1/3";
    case FIT_SENDERS:
        return "clients, the broker or a request like c1/3";
    case FIT_EXECUTORS:
        return "servers, clients or a request like c1/3";
    case FIT_NODES:
        return "nodes";
    case FIT_LINKS:
        return "links, like clients -> broker";
    }
    return "";
}

static bool expect_node_fits(const struct scenario *scenario, uint32_t node, enum expect_fit fit)
{
    switch (scenario->nodes[node].kind) {
    case NODE_KIND_BROKER:
        return fit == FIT_SENDERS || fit == FIT_NODES;
    case NODE_KIND_SERVER:
        return fit == FIT_EXECUTORS || fit == FIT_NODES;
    case NODE_KIND_CLIENT:
        return fit == FIT_CLIENTS || fit == FIT_SENDERS || fit == FIT_EXECUTORS || fit == FIT_NODES;
    }
    return false;
}

/* What stands behind `of`. */
static bool expect_of(struct parse *parse, struct expectation *expectation)
{
    enum expect_fit fit = expect_fit_of(expectation->metric);
    const struct parse_word *word;

    if (!parse_accept(parse, "of")) {
        return true;
    }
    word = parse_peek(parse);
    if (word != NULL && parse_has_arrow(parse)) {
        expectation->of = OF_LINKS;
        if (fit != FIT_LINKS) {
            return parse_error(parse, word, "%s is of %s", metric_name(expectation->metric),
                               expect_fit_words(fit));
        }
        return parse_links(parse, &expectation->bitmap);
    }
    if (word == NULL || fit == FIT_LINKS || fit == FIT_NOTHING) {
        return parse_error(parse, word, "%s is of %s", metric_name(expectation->metric),
                           expect_fit_words(fit));
    }
    if (memchr(word->bytes, '/', word->size) != NULL && fit != FIT_NODES) {
        expectation->of = OF_REQUEST;
        return parse_request(parse, &expectation->client, &expectation->n);
    }
    expectation->of = OF_NODES;
    if (!parse_selector(parse, "of whom", &expectation->bitmap)) {
        return false;
    }
    for (uint32_t node = 0; node < parse->scenario->node_count; node++) {
        if (scenario_in_bitmap(expectation->bitmap, node) &&
            !expect_node_fits(parse->scenario, node, fit)) {
            return parse_error(parse, word, "%s is of %s, and %s is none",
                               metric_name(expectation->metric), expect_fit_words(fit),
                               parse->scenario->nodes[node].name);
        }
    }
    return true;
}

/* Splits `A..B` in two; false: the word is no range. */
static bool expect_split(const struct parse_word *word, struct parse_word *low,
                         struct parse_word *high)
{
    for (size_t i = 0; word != NULL && !word->quoted && i + 1 < word->size; i++) {
        if (word->bytes[i] == '.' && word->bytes[i + 1] == '.') {
            *low = *high = *word;
            low->size = i;
            high->bytes = word->bytes + i + 2;
            high->size = word->size - i - 2;
            high->column = word->column + (uint32_t)i + 2;
            return true;
        }
    }
    return false;
}

static bool expect_during(struct parse *parse, struct expectation *expectation)
{
    const struct parse_word *during = parse_peek(parse);
    const struct parse_word *word;
    struct parse_word from;
    struct parse_word to;

    if (!parse_accept(parse, "during")) {
        return true;
    }
    if (metric_is_datagrams(expectation->metric) || expectation->metric == METRIC_DURATION ||
        expectation->metric == METRIC_REJECTED) {
        return parse_error(parse, during,
                           "`during` means the requests begun then; %s is not of "
                           "requests",
                           metric_name(expectation->metric));
    }
    word = parse_next(parse);
    if (!expect_split(word, &from, &to) ||
        !parse_duration_text(from.bytes, from.size, &expectation->during_from_ns) ||
        !parse_duration_text(to.bytes, to.size, &expectation->during_to_ns) ||
        expectation->during_from_ns >= expectation->during_to_ns) {
        return parse_error(parse, word, "expected a span of the run, like 2s..5s");
    }
    expectation->during = true;
    return true;
}

/* ---- CMP VALUE ------------------------------------------------------------------------------- */

/* Whether a metric is a part of something, so that a percentage of it makes sense. */
static bool expect_is_part(const struct expectation *expectation)
{
    switch (expectation->metric) {
    case METRIC_REQUESTS:
    case METRIC_TRIES:
    case METRIC_RETRIES:
    case METRIC_EXECUTIONS:
    case METRIC_DUPLICATE_EXECUTIONS:
    case METRIC_REPLIES:
    case METRIC_REJECTED:
    case METRIC_SENT:
        return false;
    case METRIC_ANSWERED:
    case METRIC_FAILED:
    case METRIC_ERROR:
    case METRIC_TIMED_OUT:
    case METRIC_CANCELLED:
    case METRIC_WRONG:
    case METRIC_ERRORS:
    case METRIC_DELIVERED:
    case METRIC_LOST:
    case METRIC_DUPLICATED:
    case METRIC_CORRUPTED:
    case METRIC_REORDERED:
    case METRIC_KERNEL_DROPS:
        return true;
    case METRIC_LATENCY_MIN:
    case METRIC_LATENCY_MEAN:
    case METRIC_LATENCY_P50:
    case METRIC_LATENCY_P90:
    case METRIC_LATENCY_P99:
    case METRIC_LATENCY_MAX:
    case METRIC_DURATION:
    case METRIC_COUNT:
        break;
    }
    return false;
}

/* One value, of the unit that the metric takes. */
static bool expect_one_value(struct parse *parse, const struct parse_word *word,
                             struct expectation *expectation, double *value)
{
    const char *name = metric_name(expectation->metric);
    uint64_t exact;

    if (metric_is_time(expectation->metric)) {
        expectation->unit = UNIT_NS;
        if (!parse_duration_text(word->bytes, word->size, &exact)) {
            return parse_error(parse, word, "%s is a time: compare it with one, like 60ms", name);
        }
        *value = (double)exact;
        return true;
    }
    if (parse_percent_text(word->bytes, word->size, &exact)) {
        expectation->unit = UNIT_PERCENT;
        expectation->probability_q63 = exact;
        *value = (double)exact / (double)PROBABILITY_ONE;
        if (expectation->ratio != RATIO_NONE || !expect_is_part(expectation)) {
            return parse_error(parse, word, "%s%s is no part of a whole: compare it with a number",
                               name, expectation->ratio != RATIO_NONE ? " per …" : "");
        }
        return true;
    }
    expectation->unit = UNIT_COUNT;
    return parse_decimal_word(word->bytes, word->size, value) ||
           parse_error(parse, word, "%s is a count: compare it with a number%s, not %s", name,
                       expect_is_part(expectation) ? " or a percentage like 10%" : "",
                       parse_show(word).text);
}

/* Why a `~` cannot be judged for this expectation; NULL: it can. */
static const char *expect_no_about(const struct expectation *expectation, bool theory)
{
    if (metric_is_time(expectation->metric)) {
        return "`~` bounds counts of trials, and a time is none";
    }
    if (expectation->ratio == RATIO_PER_S) {
        return "`~` bounds counts of trials, and a rate is none";
    }
    if (expectation->during) {
        return "no theory knows how many requests begin during a span";
    }
    if (!theory && (expectation->ratio != RATIO_NONE || !expect_is_part(expectation))) {
        return "`~ P%` bounds a part of a whole: answered, failed, lost, duplicated and the like";
    }
    if (theory && expectation->metric != METRIC_ANSWERED && expectation->metric != METRIC_FAILED &&
        expectation->metric != METRIC_TIMED_OUT && expectation->metric != METRIC_TRIES &&
        expectation->metric != METRIC_EXECUTIONS && expectation->metric != METRIC_SENT &&
        expectation->metric != METRIC_LOST) {
        return "theory knows answered, failed, timed-out, tries, executions, sent and lost";
    }
    return NULL;
}

static bool expect_about(struct parse *parse, struct expectation *expectation)
{
    const struct parse_word *word = parse_next(parse);
    bool theory = parse_is(word, "theory");
    const char *why;

    if (word == NULL || word->quoted) {
        return parse_error(parse, word, "expected what `~` compares with: a percentage, or theory");
    }
    why = expect_no_about(expectation, theory);
    if (why != NULL) {
        return parse_error(parse, word, "%s", why);
    }
    expectation->cmp = theory ? CMP_THEORY : CMP_ABOUT;
    expectation->unit = UNIT_PERCENT;
    if (theory) {
        return true;
    }
    if (!parse_looks_like_percent(word)) {
        return parse_error(parse, word, "`~` takes a percentage like 10%%, or theory");
    }
    return expect_one_value(parse, word, expectation, &expectation->low);
}

static bool expect_value(struct parse *parse, struct expectation *expectation)
{
    static const char *const CMPS[] = {"=", "!=", "<", "<=", ">", ">=", "~", NULL};
    const struct parse_word *word = parse_next(parse);
    struct parse_word low;
    struct parse_word high;
    uint32_t cmp = 0;

    while (CMPS[cmp] != NULL && !parse_is(word, CMPS[cmp])) {
        cmp++;
    }
    if (CMPS[cmp] == NULL) {
        return parse_unknown(parse, word, "comparison", CMPS);
    }
    if (cmp == 6) {
        return expect_about(parse, expectation);
    }
    expectation->cmp = (enum expectation_cmp)cmp;
    word = parse_next(parse);
    if (word == NULL || word->quoted) {
        return parse_error(parse, word, "expected a value to compare with");
    }
    if (expectation->cmp == CMP_EQ && expect_split(word, &low, &high)) {
        expectation->cmp = CMP_IN;
        if (!expect_one_value(parse, &low, expectation, &expectation->low)) {
            return false;
        }
        enum expectation_unit unit = expectation->unit;
        if (!expect_one_value(parse, &high, expectation, &expectation->high)) {
            return false;
        }
        return (unit == expectation->unit && expectation->low <= expectation->high) ||
               parse_error(parse, word,
                           "a range goes from the smaller to the larger value, both of "
                           "one unit");
    }
    return expect_one_value(parse, word, expectation, &expectation->low);
}

/* ---- the forms ------------------------------------------------------------------------------- */

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
    struct client_config config = {.name = name};
    expectation->reply = bytes;
    expectation->reply_size = client_text_write(&config, &text, expectation->n, bytes);
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
