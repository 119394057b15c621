#include "scenario/expect_parts.h"

#include <string.h>

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

bool expect_during(struct parse *parse, struct expectation *expectation)
{
    const struct parse_word *during = parse_peek(parse);
    const struct parse_word *word;
    struct parse_word from;
    struct parse_word to;

    if (!parse_accept(parse, "during")) {
        return true;
    }
    if (metric_is_datagrams(expectation->metric) || expectation->metric == METRIC_DURATION ||
        expectation->metric == METRIC_TIMING_MARGIN || expectation->metric == METRIC_REJECTED) {
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

/* Whether each request, or each datagram, counts for the metric once at most: trials. */
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
    case METRIC_TIMING_MARGIN:
    case METRIC_COUNT:
        break;
    }
    return false;
}

/* A percentage, as a fraction. Counts that can be more than what they are taken of (tries of
 * requests) may be above 100 %. False: the word is none (nothing reported). */
static bool expect_percent(const struct parse_word *word, struct expectation *expectation,
                           double *value)
{
    if (parse_percent_text(word->bytes, word->size, &expectation->probability_q63)) {
        *value = (double)expectation->probability_q63 / (double)PROBABILITY_ONE;
        return true;
    }
    if (expect_is_part(expectation) || !parse_looks_like_percent(word) ||
        !parse_decimal_word(word->bytes, word->size - 1, value)) {
        return false;
    }
    *value /= 100;
    return true;
}

/* One value, of the unit that the metric takes. */
static bool expect_one_value(struct parse *parse, const struct parse_word *word,
                             struct expectation *expectation, double *value)
{
    const char *name = metric_name(expectation->metric);
    uint64_t span_ns;

    if (metric_is_time(expectation->metric)) {
        expectation->unit = UNIT_NS;
        if (!parse_duration_of(parse, word, name, &span_ns)) {
            return false;
        }
        *value = (double)span_ns;
        return true;
    }
    if (!parse_check_comma(parse, word, name)) {
        return false;
    }
    if (expect_percent(word, expectation, value)) {
        expectation->unit = UNIT_PERCENT;
        if (expectation->ratio != RATIO_NONE) {
            return parse_error(parse, word, "%s per %s is a number: compare it with one, like 1.5",
                               name, expectation->ratio == RATIO_PER_S ? "s" : "request");
        }
        return (expectation->metric != METRIC_REQUESTS && expectation->metric != METRIC_SENT) ||
               parse_error(parse, word, "percentages are of %s itself: compare it with a number",
                           name);
    }
    if (parse_looks_like_percent(word)) {
        return parse_error(parse, word, "%s is from 0%% to 100%%, with up to 9 decimals", name);
    }
    expectation->unit = UNIT_COUNT;
    if (!parse_decimal_word(word->bytes, word->size, value)) {
        return parse_error(parse, word,
                           "%s is a count: compare it with a number or a percentage like 10%%, "
                           "not %s",
                           name, parse_show(word).text);
    }
    return parse_check_sign(parse, word);
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
        return parse_check_comma(parse, word, metric_name(expectation->metric)) &&
               parse_check_sign(parse, word) &&
               parse_error(parse, word, "`~` takes a percentage like 10%%, or theory");
    }
    return expect_one_value(parse, word, expectation, &expectation->low);
}

bool expect_value(struct parse *parse, struct expectation *expectation)
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
