#include "report/explain_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "report/select.h"
#include "report/sentence.h"
#include "report/words.h"
#include "verdict/expect_words.h"

/* From this probability on, a failure by chance is worth a warning. */
#define EXPECT_CHANCE_WARNED 1e-6

/* ---- what is measured ------------------------------------------------------------------------ */

static const char *explain_metric_words(enum metric metric)
{
    static const char *const words[METRIC_COUNT] = {
        [METRIC_REQUESTS] = "requests in the scripts",
        [METRIC_ANSWERED] = "requests that are answered",
        [METRIC_FAILED] = "requests that fail",
        [METRIC_ERROR] = "requests that end with an error",
        [METRIC_TIMED_OUT] = "requests that time out",
        [METRIC_CANCELLED] = "requests that are cancelled",
        [METRIC_WRONG] = "requests that are answered with the wrong text",
        [METRIC_TRIES] = "sends of requests, the first and all retries",
        [METRIC_RETRIES] = "sends of requests beyond the first",
        [METRIC_EXECUTIONS] = "executions by the servers",
        [METRIC_DUPLICATE_EXECUTIONS] = "executions of a request that was executed before",
        [METRIC_REPLIES] = "replies that clients take",
        [METRIC_ERRORS] = "requests that end with an error",
        [METRIC_REJECTED] = "datagrams that their receiver does not take",
        [METRIC_SENT] = "datagrams sent",
        [METRIC_DELIVERED] = "datagrams delivered",
        [METRIC_LOST] = "datagrams that the network loses",
        [METRIC_DUPLICATED] = "datagrams that the network copies",
        [METRIC_CORRUPTED] = "datagrams that the network damages",
        [METRIC_REORDERED] = "datagrams that overtake another",
        [METRIC_KERNEL_DROPS] = "datagrams that the kernel drops",
        [METRIC_LATENCY_MIN] = "the shortest latency",
        [METRIC_LATENCY_MEAN] = "the mean latency",
        [METRIC_LATENCY_P50] = "the latency that half of the answered requests keep",
        [METRIC_LATENCY_P90] = "the latency that 90% of the answered requests keep",
        [METRIC_LATENCY_P99] = "the latency that 99% of the answered requests keep",
        [METRIC_LATENCY_MAX] = "the longest latency",
        [METRIC_DURATION] = "the length of the run",
        [METRIC_TIMING_MARGIN] = "the smallest gap between a timer and a reply that raced it",
    };
    return words[metric];
}

/* "datagrams that the network loses (down), on clients -> broker, per request" */
static void explain_subject(struct sentence *sentence, const struct scenario *scenario,
                            const struct expectation *expectation)
{
    char words[SELECT_MAX];
    char span[2][WORDS_MAX];

    sentence_add(sentence, "%s", explain_metric_words(expectation->metric));
    if (expectation->code != 0) {
        sentence_add(sentence, " (code %u)", expectation->code);
    }
    if (expectation->metric == METRIC_REJECTED && expectation->reject != REJECT_NONE) {
        sentence_add(sentence, " (%s)", reject_reason_name(expectation->reject));
    }
    if (expectation->metric == METRIC_LOST && expectation->loss != LOSS_NONE) {
        sentence_add(sentence, " (%s)", loss_reason_name(expectation->loss));
    }
    switch (expectation->of) {
    case OF_ALL:
        break;
    case OF_NODES:
        select_nodes(words, scenario, expectation->bitmap);
        sentence_add(sentence, ", of %s", words);
        break;
    case OF_LINKS:
        select_links(words, scenario, expectation->bitmap);
        sentence_add(sentence, ", on %s", words);
        break;
    case OF_REQUEST:
        sentence_add(sentence, ", of request %s/%u", scenario->nodes[expectation->client].name,
                     expectation->n);
        break;
    }
    if (expectation->during) {
        scenario_format_duration(span[0], WORDS_MAX, expectation->during_from_ns);
        scenario_format_duration(span[1], WORDS_MAX, expectation->during_to_ns);
        sentence_add(sentence, ", of requests begun from %s to %s", span[0], span[1]);
    }
    if (expectation->ratio != RATIO_NONE) {
        sentence_add(sentence,
                     expectation->ratio == RATIO_PER_S ? ", per second" : ", per request");
    }
}

/* ---- what is expected of it ------------------------------------------------------------------ */

static void explain_value(struct sentence *sentence, const struct expectation *expectation,
                          double value)
{
    char span[WORDS_MAX];

    switch (expectation->unit) {
    case UNIT_COUNT:
        sentence_add(sentence, "%.15g", value);
        break;
    case UNIT_PERCENT:
        sentence_add(sentence, "%.10g%%", 100 * value);
        break;
    case UNIT_NS:
        scenario_format_duration(span, sizeof span, (uint64_t)value);
        sentence_add(sentence, "%s", span);
        break;
    }
}

/* What `~` accepts, or why it can't say. */
static void explain_about(struct sentence *sentence, const struct scenario *scenario,
                          const struct expectation *expectation)
{
    double low;
    double high;
    char why[160];

    if (theory_accepts(scenario, expectation, &low, &high, why)) {
        const char *format = expectation->ratio == RATIO_NONE ? ": accepts %.15g to %.15g"
                                                              : ": accepts %.6g to %.6g";
        sentence_add(sentence, format, low, high);
        sentence_add(sentence, ", so that chance fails it once in a million runs");
    } else {
        sentence_add(sentence, ": what it accepts is not known before the run: %s", why);
    }
}

static void explain_comparison(struct sentence *sentence, const struct scenario *scenario,
                               const struct expectation *expectation)
{
    static const char *const words[] = {
        [CMP_EQ] = "exactly ", [CMP_NE] = "anything but ", [CMP_LT] = "less than ",
        [CMP_LE] = "at most ", [CMP_GT] = "more than ",    [CMP_GE] = "at least ",
        [CMP_IN] = "between ", [CMP_ABOUT] = "about ",     [CMP_THEORY] = "what theory predicts"};

    sentence_add(sentence, ": %s", words[expectation->cmp]);
    if (expectation->cmp != CMP_THEORY) {
        explain_value(sentence, expectation, expectation->low);
    }
    if (expectation->cmp == CMP_IN) {
        sentence_add(sentence, " and ");
        explain_value(sentence, expectation, expectation->high);
    }
    if (expectation->unit == UNIT_PERCENT && expectation->cmp != CMP_THEORY) {
        bool left = expectation->cmp == CMP_ABOUT && expectation->metric == METRIC_CORRUPTED;
        sentence_add(sentence, left                                       ? " of those not lost"
                               : metric_is_datagrams(expectation->metric) ? " of those sent"
                                                                          : " of the requests");
    }
    if (expectation->cmp == CMP_ABOUT || expectation->cmp == CMP_THEORY) {
        explain_about(sentence, scenario, expectation);
    }
}

static void explain_meaning(struct sentence *sentence, const struct scenario *scenario,
                            const struct expectation *expectation)
{
    char text[200];

    switch (expectation->kind) {
    case EXPECT_METRIC:
        explain_subject(sentence, scenario, expectation);
        explain_comparison(sentence, scenario, expectation);
        break;
    case EXPECT_REPLY:
        bytes_escape(text, sizeof text, expectation->reply, expectation->reply_size);
        sentence_add(sentence, "request %s/%u is answered with the text \"%s\"",
                     scenario->nodes[expectation->client].name, expectation->n, text);
        break;
    case EXPECT_OUTCOME:
        sentence_add(sentence, "request %s/%u ends as %s",
                     scenario->nodes[expectation->client].name, expectation->n,
                     outcome_name(expectation->outcome));
        break;
    case EXPECT_BROKEN:
        sentence_add(sentence, "a lesson: the promise %s is broken in this run",
                     expectation->promise);
        break;
    }
}

/* ---- luck ------------------------------------------------------------------------------------ */

/* "in one run of 23", to two digits. */
static void explain_frequency(struct sentence *sentence, double runs)
{
    double unit = 1;

    while (runs / unit >= 100) {
        unit *= 10;
    }
    sentence_add(sentence, "in one run of %.0f", floor(runs / unit + 0.5) * unit);
}

static void explain_chance(struct explain *explain, const struct expectation *expectation)
{
    struct out *out = &explain->out;
    struct sentence sentence;
    double probability;
    char number[WORDS_MAX];

    if (!theory_chance_of_failure(explain->scenario, expectation, &probability) ||
        probability <= EXPECT_CHANCE_WARNED) {
        return;
    }
    explain->warnings++;
    sentence_begin(&sentence);
    words_probability(number, probability);
    sentence_add(&sentence, " by theory this fails by chance, with a sound system, ");
    if (probability < 0.5) {
        explain_frequency(&sentence, 1 / probability);
    } else {
        sentence_add(&sentence, "more often than not");
    }
    sentence_add(&sentence, " (probability %s): expect a little less, or allow more tries", number);
    out_pad_to(out, EXPLAIN_INDENT);
    out_painted(out, OUT_WARN, "warning:");
    out_wrap(out, EXPLAIN_INDENT, sentence.text);
    out_line(out);
}

void explain_expectations(struct explain *explain)
{
    const struct scenario *scenario = explain->scenario;
    struct out *out = &explain->out;
    struct sentence sentence;

    out_heading(out, "What is expected");
    out_line(out);
    if (scenario->expectation_count == 0) {
        out_text(out, "  nothing: the run passes if it ends in time and every promise is kept");
        out_line(out);
    }
    for (uint32_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *expectation = &scenario->expectations[i];
        char place[SCENARIO_PLACE_MAX];
        out_format(out, "  %s  ", scenario_format_place(place, expectation->line));
        out_wrap_format(out, EXPLAIN_INDENT, "%.*s",
                        (int)bytes_utf8_cut(expectation->text, EXPECT_TEXT_MAX), expectation->text);
        if (expectation->label != NULL) {
            out_wrap_format(out, EXPLAIN_INDENT, "  (%s)", expectation->label);
        }
        out_line(out);
        sentence_begin(&sentence);
        explain_meaning(&sentence, scenario, expectation);
        out_pad_to(out, EXPLAIN_INDENT);
        out_wrap(out, EXPLAIN_INDENT, sentence.text);
        out_line(out);
        explain_chance(explain, expectation);
    }
}
