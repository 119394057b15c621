#include "report/explain_parts.h"

#include <inttypes.h>

#include "base/time.h"
#include "report/words.h"

/* Whether netem comes with a table of the distribution. */
static bool tc_knows(enum delay_spread spread)
{
    return spread != DELAY_EXPONENTIAL;
}

/* A span in a unit that tc knows, exactly; it has none above the second. */
static void tc_add_span(struct sentence *sentence, uint64_t span_ns)
{
    static const struct {
        uint64_t ns;
        const char *name;
    } UNITS[] = {{NS_PER_S, "s"}, {NS_PER_MS, "ms"}, {NS_PER_US, "us"}, {1, "ns"}};
    unsigned unit = 0;

    while (span_ns == 0 ? unit < 1 : span_ns % UNITS[unit].ns != 0) {
        unit++;
    }
    sentence_add(sentence, " %" PRIu64 "%s", span_ns / UNITS[unit].ns, UNITS[unit].name);
}

static void tc_add_percent(struct sentence *sentence, const char *word, uint64_t probability_q63)
{
    char percent[WORDS_MAX];

    scenario_format_percent(percent, sizeof percent, probability_q63);
    sentence_add(sentence, " %s%s%s", word, word[0] != '\0' ? " " : "", percent);
}

static void tc_add_correlation(struct sentence *sentence, uint64_t same_q63)
{
    if (same_q63 > 0) {
        tc_add_percent(sentence, "", same_q63);
    }
}

static void tc_add_loss(struct sentence *sentence, const struct fault_set *faults)
{
    const struct loss_chain *chain = faults->chain;

    if (faults->down) {
        tc_add_percent(sentence, "loss", PROBABILITY_ONE);
        return;
    }
    if (chain == NULL) {
        if (faults->loss_q63 > 0) {
            tc_add_percent(sentence, "loss", faults->loss_q63);
            tc_add_correlation(sentence, faults->loss_same_q63);
        }
        return;
    }
    switch (chain->model) {
    case LOSS_GEMODEL:
    case LOSS_BURST:
        tc_add_percent(sentence, "loss gemodel", chain->p_q63);
        tc_add_percent(sentence, "", chain->r_q63);
        tc_add_percent(sentence, "", chain->bad_loss_q63);
        tc_add_percent(sentence, "", chain->good_loss_q63);
        break;
    case LOSS_STATE:
        tc_add_percent(sentence, "loss state", chain->p13_q63);
        tc_add_percent(sentence, "", chain->p31_q63);
        tc_add_percent(sentence, "", chain->p32_q63);
        tc_add_percent(sentence, "", chain->p23_q63);
        tc_add_percent(sentence, "", chain->p14_q63);
        break;
    }
}

static void tc_add_delay(struct sentence *sentence, const struct fault_set *faults)
{
    if (faults->delay_ns == 0 && faults->jitter_ns == 0) {
        return;
    }
    sentence_add(sentence, " delay");
    tc_add_span(sentence, faults->delay_ns);
    if (faults->jitter_ns > 0) {
        tc_add_span(sentence, faults->jitter_ns);
        tc_add_correlation(sentence, faults->delay_same_q63);
        if (faults->spread != DELAY_UNIFORM && tc_knows(faults->spread)) {
            sentence_add(sentence, " distribution %s", delay_spread_name(faults->spread));
        }
    }
}

static void tc_add_rest(struct sentence *sentence, const struct fault_set *faults)
{
    char text[WORDS_MAX];

    if (faults->corrupt_q63 > 0) {
        tc_add_percent(sentence, "corrupt", faults->corrupt_q63);
    }
    if (faults->duplicate_q63 > 0) {
        tc_add_percent(sentence, "duplicate", faults->duplicate_q63);
        tc_add_correlation(sentence, faults->duplicate_same_q63);
    }
    if (faults->reorder_q63 > 0) {
        tc_add_percent(sentence, "reorder", faults->reorder_q63);
        tc_add_correlation(sentence, faults->reorder_same_q63);
        if (faults->reorder_gap > 1) {
            sentence_add(sentence, " gap %u", faults->reorder_gap);
        }
    }
    if (faults->rate_bps > 0) {
        scenario_format_rate(text, sizeof text, faults->rate_bps);
        sentence_add(sentence, " rate %s", text);
    }
    if (faults->limit > 0) {
        sentence_add(sentence, " limit %u", faults->limit);
    }
}

/* What netem has no word for. */
static void tc_add_ours(struct sentence *sentence, const struct fault_set *faults, bool chosen)
{
    size_t start;

    sentence_begin(sentence);
    sentence_add(sentence, "ours alone: ");
    start = sentence->used;
    if (faults->truncate_q63 > 0) {
        sentence_add_item(sentence, start, "truncate");
    }
    if (faults->mtu > 0) {
        sentence_add_item(sentence, start, "mtu");
    }
    if (faults->ordered) {
        sentence_add_item(sentence, start, "ordered");
    }
    if (faults->jitter_ns > 0 && !tc_knows(faults->spread)) {
        sentence_add_item(sentence, start, "distribution %s", delay_spread_name(faults->spread));
    }
    if (chosen) {
        sentence_add_item(sentence, start, "datagrams chosen one by one");
    }
    if (sentence->used == start) {
        sentence_begin(sentence);
    }
}

/* Where the same words do something else, on purpose. */
static void tc_add_better(struct sentence *sentence, const struct fault_set *faults)
{
    bool correlated = (faults->loss_same_q63 | faults->duplicate_same_q63 | faults->delay_same_q63 |
                       faults->reorder_same_q63) != 0;
    size_t start;

    sentence_begin(sentence);
    sentence_add(sentence, "unlike netem: ");
    start = sentence->used;
    if (correlated) {
        sentence_add_item(sentence, start,
                          "a correlation keeps the rate (netem's loss 20%% 75%% loses 0.12%%)");
    }
    if (faults->duplicate_q63 > 0 && fault_set_loses(faults)) {
        sentence_add_item(sentence, start,
                          "a copy has luck of its own (in netem a loss and a copy cancel out)");
    }
    if (faults->limit == 0 && (faults->delay_ns | faults->jitter_ns | faults->rate_bps) != 0) {
        sentence_add_item(sentence, start, "no limit where none is given (netem's default: 1000)");
    }
    if (sentence->used == start) {
        sentence_begin(sentence);
    }
}

static void tc_print(struct explain *explain, const struct sentence *sentence, unsigned column)
{
    if (sentence->used > 0) {
        out_pad_to(&explain->out, column);
        out_wrap(&explain->out, column + 2, sentence->text);
        out_line(&explain->out);
    }
}

void explain_tc(struct explain *explain, const char *links, const struct fault_set *faults,
                bool chosen)
{
    struct sentence sentence;
    size_t start;

    sentence_begin(&sentence);
    sentence_add(&sentence, "%s: tc qdisc add dev X root netem", links);
    start = sentence.used;
    tc_add_delay(&sentence, faults);
    tc_add_loss(&sentence, faults);
    tc_add_rest(&sentence, faults);
    if (sentence.used > start) {
        tc_print(explain, &sentence, 2);
    } else {
        sentence_begin(&sentence);
        sentence_add(&sentence, "%s: there is no line that means the same", links);
        tc_print(explain, &sentence, 2);
    }
    tc_add_ours(&sentence, faults, chosen);
    tc_print(explain, &sentence, EXPLAIN_INDENT);
    tc_add_better(&sentence, faults);
    tc_print(explain, &sentence, EXPLAIN_INDENT);
}
