#include "scenario/write.h"

#include <inttypes.h>
#include <string.h>

/* Bytes of a quantity's text, with the NUL. */
#define WRITE_QUANTITY_MAX 48

static void faults_put_percent(FILE *out, const char *word, uint64_t probability_q63)
{
    char text[WRITE_QUANTITY_MAX];

    scenario_format_percent(text, sizeof text, probability_q63);
    fprintf(out, " %s%s%s", word, word[0] != '\0' ? " " : "", text);
}

static void faults_put_duration(FILE *out, const char *word, uint64_t span_ns)
{
    char text[WRITE_QUANTITY_MAX];

    scenario_format_duration(text, sizeof text, span_ns);
    fprintf(out, " %s%s%s", word, word[0] != '\0' ? " " : "", text);
}

/* Nothing where there is no correlation. */
static void faults_put_correlation(FILE *out, uint64_t same_q63)
{
    if (same_q63 > 0) {
        faults_put_percent(out, "", same_q63);
    }
}

static void faults_put_loss(FILE *out, const struct fault_set *faults)
{
    const struct loss_chain *chain = faults->chain;
    char length[WRITE_QUANTITY_MAX];

    if (chain == NULL) {
        faults_put_percent(out, "loss", faults->loss_q63);
        faults_put_correlation(out, faults->loss_same_q63);
        return;
    }
    switch (chain->model) {
    case LOSS_GEMODEL:
        faults_put_percent(out, "loss gemodel", chain->p_q63);
        faults_put_percent(out, "", chain->r_q63);
        faults_put_percent(out, "", chain->bad_loss_q63);
        faults_put_percent(out, "", chain->good_loss_q63);
        break;
    case LOSS_BURST:
        faults_put_percent(out, "loss burst", chain->rate_q63);
        scenario_format_milli(length, sizeof length, chain->length_milli);
        fprintf(out, " %s", length);
        break;
    case LOSS_STATE:
        faults_put_percent(out, "loss state", chain->p13_q63);
        faults_put_percent(out, "", chain->p31_q63);
        faults_put_percent(out, "", chain->p32_q63);
        faults_put_percent(out, "", chain->p23_q63);
        faults_put_percent(out, "", chain->p14_q63);
        break;
    }
}

static void faults_put_delay(FILE *out, const struct fault_set *faults, bool chance)
{
    faults_put_duration(out, "delay", faults->delay_ns);
    if (chance && faults->jitter_ns > 0) {
        faults_put_duration(out, "", faults->jitter_ns);
        faults_put_correlation(out, faults->delay_same_q63);
        if (faults->spread != DELAY_UNIFORM) {
            fprintf(out, " distribution %s", delay_spread_name(faults->spread));
        }
    }
    fputs(faults->ordered ? " ordered" : "", out);
}

/* What chance decides beside losses, delays and copies. */
static void faults_put_accidents(FILE *out, const struct fault_set *faults)
{
    if ((faults->set & FAULT_CORRUPT) != 0) {
        faults_put_percent(out, "corrupt", faults->corrupt_q63);
    }
    if ((faults->set & FAULT_TRUNCATE) != 0) {
        faults_put_percent(out, "truncate", faults->truncate_q63);
    }
    if ((faults->set & FAULT_REORDER) != 0) {
        faults_put_percent(out, "reorder", faults->reorder_q63);
        faults_put_correlation(out, faults->reorder_same_q63);
        if (faults->reorder_gap > 1) {
            fprintf(out, " gap %" PRIu32, faults->reorder_gap);
        }
    }
}

/* What has a measure. */
static void faults_put_limits(FILE *out, const struct fault_set *faults)
{
    char text[WRITE_QUANTITY_MAX];

    if ((faults->set & FAULT_RATE) != 0) {
        scenario_format_rate(text, sizeof text, faults->rate_bps);
        fprintf(out, " rate %s", text);
    }
    if ((faults->set & FAULT_LIMIT) != 0) {
        fprintf(out, " limit %" PRIu32, faults->limit);
    }
    if ((faults->set & FAULT_MTU) != 0) {
        fprintf(out, " mtu %" PRIu32, faults->mtu);
    }
}

bool scenario_write_faults(FILE *out, const struct fault_set *faults, bool chance)
{
    const uint32_t of_chance =
        FAULT_LOSS | FAULT_DUPLICATE | FAULT_CORRUPT | FAULT_TRUNCATE | FAULT_REORDER;

    fputs(faults->clear ? " clear" : "", out);
    if (chance && (faults->set & FAULT_LOSS) != 0) {
        faults_put_loss(out, faults);
    }
    if ((faults->set & FAULT_DELAY) != 0) {
        faults_put_delay(out, faults, chance);
    }
    if (chance && (faults->set & FAULT_DUPLICATE) != 0) {
        faults_put_percent(out, "duplicate", faults->duplicate_q63);
        faults_put_correlation(out, faults->duplicate_same_q63);
    }
    if (chance) {
        faults_put_accidents(out, faults);
    }
    faults_put_limits(out, faults);
    if ((faults->set & FAULT_DOWN) != 0) {
        fputs(" down", out);
    }
    return faults->clear || (faults->set & (chance ? UINT32_MAX : ~of_chance)) != 0;
}
