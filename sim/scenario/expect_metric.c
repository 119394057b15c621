#include "scenario/expect_parts.h"

#include <string.h>

/* Every code of the protocol, for `replies.CODE` and `errors.CODE`. */
static const char *const EXPECT_CODES[] = {"200", "400", "404", "408", "409", "413",
                                           "429", "500", "503", "504", "505", NULL};

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

bool expect_metric(struct parse *parse, struct expectation *expectation)
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

bool expect_ratio(struct parse *parse, struct expectation *expectation)
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
