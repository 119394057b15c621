#include "report/explain_parts.h"

#include <math.h>

#include "base/time.h"
#include "report/words.h"

/* ---- losses ---------------------------------------------------------------------------------- */

/* "loss 16.7% by two states ..., in bursts of 4 in the mean" */
static void explain_gemodel(struct sentence *sentence, size_t start, const struct loss_chain *chain)
{
    double p = ldexp((double)chain->p_q63, -63);
    double r = ldexp((double)chain->r_q63, -63);
    double bad = ldexp((double)chain->bad_loss_q63, -63);
    double good = ldexp((double)chain->good_loss_q63, -63);
    char percent[4][WORDS_MAX];

    scenario_format_percent(percent[0], WORDS_MAX, chain->p_q63);
    scenario_format_percent(percent[1], WORDS_MAX, chain->r_q63);
    scenario_format_percent(percent[2], WORDS_MAX, chain->good_loss_q63);
    scenario_format_percent(percent[3], WORDS_MAX, chain->bad_loss_q63);
    sentence_add_item(sentence, start,
                      "loss by Gilbert and Elliott: a good state (loses %s) turns bad (loses %s) "
                      "with %s, and back with %s",
                      percent[2], percent[3], percent[0], percent[1]);
    if (p + r > 0) {
        sentence_add(sentence, ": %.3g%% in the long run", 100 * (r * good + p * bad) / (p + r));
    }
    if (r > 0 && chain->bad_loss_q63 == PROBABILITY_ONE && chain->good_loss_q63 == 0) {
        sentence_add(sentence, ", in bursts of %.3g in the mean", 1 / r);
    }
}

static void explain_state(struct sentence *sentence, size_t start, const struct loss_chain *chain)
{
    double p13 = ldexp((double)chain->p13_q63, -63);
    double p31 = ldexp((double)chain->p31_q63, -63);
    double p32 = ldexp((double)chain->p32_q63, -63);
    double p23 = ldexp((double)chain->p23_q63, -63);
    double p14 = ldexp((double)chain->p14_q63, -63);

    sentence_add_item(sentence, start,
                      "loss by four states (p13 %.4g%%, p31 %.4g%%, p32 %.4g%%, p23 %.4g%%, p14 "
                      "%.4g%%)",
                      100 * p13, 100 * p31, 100 * p32, 100 * p23, 100 * p14);
    if (p31 > 0 && (p23 > 0 || p32 <= 0)) {
        double burst = p13 / p31;
        double gap = p32 > 0 ? p32 / p23 : 0;
        sentence_add(sentence, ": %.3g%% in the long run",
                     100 * (p14 + burst) / (1 + p14 + burst * (1 + gap)));
    }
}

static void explain_loss(struct sentence *sentence, size_t start, const struct fault_set *faults)
{
    const struct loss_chain *chain = faults->chain;
    char percent[2][WORDS_MAX];

    if (chain == NULL) {
        scenario_format_percent(percent[0], WORDS_MAX, faults->loss_q63);
        sentence_add_item(sentence, start, "loss %s", percent[0]);
        if (faults->loss_same_q63 > 0) {
            scenario_format_percent(percent[1], WORDS_MAX, faults->loss_same_q63);
            sentence_add(sentence, " (%s of the draws repeat the one before)", percent[1]);
        }
        return;
    }
    switch (chain->model) {
    case LOSS_GEMODEL:
        explain_gemodel(sentence, start, chain);
        break;
    case LOSS_BURST:
        scenario_format_percent(percent[0], WORDS_MAX, chain->rate_q63);
        sentence_add_item(sentence, start, "loss %s in bursts of %.4g in the mean", percent[0],
                          chain->length_milli / 1000.0);
        break;
    case LOSS_STATE:
        explain_state(sentence, start, chain);
        break;
    }
}

/* ---- delays ---------------------------------------------------------------------------------- */

static void explain_delay(struct sentence *sentence, size_t start, const struct fault_set *faults)
{
    char span[2][WORDS_MAX];
    char percent[WORDS_MAX];

    if (faults->jitter_ns == 0) {
        scenario_format_duration(span[0], WORDS_MAX, faults->delay_ns);
        sentence_add_item(sentence, start, "delay %s", span[0]);
    } else if (faults->spread == DELAY_UNIFORM) {
        scenario_format_duration(span[0], WORDS_MAX,
                                 time_since(faults->jitter_ns, faults->delay_ns));
        scenario_format_duration(span[1], WORDS_MAX, time_add(faults->delay_ns, faults->jitter_ns));
        sentence_add_item(sentence, start, "delay %s to %s (uniform)", span[0], span[1]);
    } else {
        scenario_format_duration(span[0], WORDS_MAX, faults->delay_ns);
        scenario_format_duration(span[1], WORDS_MAX, faults->jitter_ns);
        sentence_add_item(sentence, start, "delay %s, spread by %s (%s)", span[0], span[1],
                          delay_spread_name(faults->spread));
    }
    if (faults->delay_same_q63 > 0) {
        scenario_format_percent(percent, sizeof percent, faults->delay_same_q63);
        sentence_add(sentence, " (%s repeat the one before)", percent);
    }
    if (faults->ordered) {
        sentence_add(sentence, ", in order");
    }
}

static void explain_reorder(struct sentence *sentence, size_t start, const struct fault_set *faults)
{
    char percent[WORDS_MAX];

    scenario_format_percent(percent, sizeof percent, faults->reorder_q63);
    if (faults->reorder_gap == 1) {
        sentence_add_item(sentence, start, "%s sent at once, ahead of the others", percent);
    } else {
        sentence_add_item(sentence, start,
                          "after each %u delayed ones the next is sent at once with %s",
                          faults->reorder_gap - 1, percent);
    }
    if (faults->reorder_same_q63 > 0) {
        scenario_format_percent(percent, sizeof percent, faults->reorder_same_q63);
        sentence_add(sentence, " (%s of the draws repeat the one before)", percent);
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

static void explain_share(struct sentence *sentence, size_t start, const char *words,
                          uint64_t share_q63)
{
    char percent[WORDS_MAX];

    if (share_q63 > 0) {
        scenario_format_percent(percent, sizeof percent, share_q63);
        sentence_add_item(sentence, start, "%s %s", words, percent);
    }
}

void explain_fault_set(struct sentence *sentence, size_t start, const struct fault_set *faults)
{
    char text[WORDS_MAX];

    if (faults->down) {
        sentence_add_item(sentence, start, "down (nothing passes)");
    }
    if (fault_set_loses(faults)) {
        explain_loss(sentence, start, faults);
    }
    if (faults->delay_ns > 0 || faults->jitter_ns > 0) {
        explain_delay(sentence, start, faults);
    }
    explain_share(sentence, start, "duplicate", faults->duplicate_q63);
    if (faults->duplicate_same_q63 > 0) {
        scenario_format_percent(text, sizeof text, faults->duplicate_same_q63);
        sentence_add(sentence, " (%s of the draws repeat the one before)", text);
    }
    explain_share(sentence, start, "one bit flipped in", faults->corrupt_q63);
    explain_share(sentence, start, "the end cut off in", faults->truncate_q63);
    if (faults->reorder_q63 > 0) {
        explain_reorder(sentence, start, faults);
    }
    if (faults->rate_bps > 0) {
        scenario_format_rate(text, sizeof text, faults->rate_bps);
        sentence_add_item(sentence, start, "a line of %s a second", text);
    }
    if (faults->limit > 0) {
        sentence_add_item(sentence, start, "room for %u datagrams", faults->limit);
    }
    if (faults->mtu > 0) {
        sentence_add_item(sentence, start, "none above %u octets with its headers", faults->mtu);
    }
}
