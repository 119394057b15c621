#include "report/failure.h"

#include <inttypes.h>
#include <stdio.h>

#include "report/words.h"
#include "verdict/expect_words.h"

void failure_of_expectation(struct sentence *sentence, const struct expectation *expectation,
                            const struct expectation_result *result)
{
    char text[EXPECT_FAILED_MAX];

    expect_say_failed(text, expectation, result);
    sentence_begin(sentence);
    sentence_add(sentence, "%s", text);
}

void failure_of_promise(struct sentence *sentence, const struct verdict *verdict,
                        enum promise promise)
{
    sentence_begin(sentence);
    sentence_add(sentence, "promise %s: %s", promise_name(promise),
                 verdict->promises[promise].detail);
}

bool failure_of_end(struct sentence *sentence, const struct report_run *run)
{
    const struct run_facts *facts = run->facts;
    char text[WORDS_MAX];

    if (facts->missing_records > 0 && facts->end != RUN_SIGNAL) {
        sentence_begin(sentence);
        sentence_add(sentence, VERDICT_MISSING, (unsigned long long)facts->missing_records);
        return true;
    }
    switch (facts->end) {
    case RUN_DONE:
        return false;
    case RUN_TIME_LIMIT:
        scenario_format_duration(text, sizeof text, run->scenario->time_limit_ns);
        sentence_begin(sentence);
        sentence_add(sentence, "the time limit of %s was reached", text);
        return true;
    case RUN_SIGNAL:
        words_span(text, facts->duration_ns);
        sentence_begin(sentence);
        sentence_add(sentence, "ended by %s after %s: this report is partial",
                     words_signal(facts->signal), text);
        return true;
    }
    return false;
}

bool failure_first(struct sentence *sentence, const struct report_run *run)
{
    const struct scenario *scenario = run->scenario;

    for (unsigned i = 0; i < PROMISE_COUNT; i++) {
        if (run->verdict->promises[i].verdict == PROMISE_BROKEN &&
            !promise_is_lesson(scenario, (enum promise)i)) {
            failure_of_promise(sentence, run->verdict, (enum promise)i);
            return true;
        }
    }
    for (uint32_t i = 0; i < scenario->expectation_count; i++) {
        if (!run->verdict->expectations[i].held) {
            failure_of_expectation(sentence, &scenario->expectations[i],
                                   &run->verdict->expectations[i]);
            return true;
        }
    }
    return failure_of_end(sentence, run);
}

struct verdict_culprit failure_culprit(const struct report_run *run)
{
    const struct verdict *verdict = run->verdict;
    struct verdict_culprit none = {0};

    for (unsigned i = 0; i < PROMISE_COUNT; i++) {
        const struct promise_result *result = &verdict->promises[i];
        if (result->verdict == PROMISE_BROKEN && result->culprit.n > 0 &&
            !promise_is_lesson(run->scenario, (enum promise)i)) {
            return result->culprit;
        }
    }
    for (uint32_t i = 0; i < run->scenario->expectation_count; i++) {
        const struct expectation_result *result = &verdict->expectations[i];
        if (!result->held && result->culprit.n > 0) {
            return result->culprit;
        }
    }
    return none;
}
