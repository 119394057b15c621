#include "world/evidence.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "verdict/theory.h"
#include "world/evidence_parts.h"

/* The most that decimals of ours can be wrong by where nothing is left to chance. */
#define EVIDENCE_EXACT 1e-9

static const struct evidence EVIDENCE[] = {
    {"loss 10%", "loss 12%", EVIDENCE_LOST, 0},
    {"loss 50%", "loss 40%", EVIDENCE_LOST, 0},
    {"loss 10% 25%", "loss 12% 25%", EVIDENCE_LOST, 0},
    {"loss 10% 25%", "loss 10% 20%", EVIDENCE_LOST_AGAIN, 1},
    {"loss 10% 50%", "loss 10% 40%", EVIDENCE_LOST_AGAIN, 1},
    {"loss 10% 50%", "loss 10% 40%", EVIDENCE_LOST_AGAIN, 2},
    {"loss 20% 75%", "loss 24% 75%", EVIDENCE_LOST, 0},
    {"loss 20% 75%", "loss 20% 60%", EVIDENCE_BURST, 0},
    {"loss gemodel 5% 25%", "loss gemodel 6% 25%", EVIDENCE_LOST, 0},
    {"loss gemodel 5% 25%", "loss gemodel 5% 20%", EVIDENCE_BURST, 0},
    {"loss gemodel 5% 25%", "loss gemodel 5% 20%", EVIDENCE_LOST_AGAIN, 1},
    {"loss gemodel 5% 25%", "loss gemodel 5% 20%", EVIDENCE_LOST_AGAIN, 3},
    {"loss gemodel 5% 25% 70% 1%", "loss gemodel 5% 25% 84% 1.2%", EVIDENCE_LOST, 0},
    {"loss gemodel 5% 25% 70% 1%", "loss gemodel 5% 25% 84% 1.2%", EVIDENCE_BURST, 0},
    {"loss burst 10% 4", "loss burst 12% 4", EVIDENCE_LOST, 0},
    {"loss burst 10% 4", "loss burst 10% 4.8", EVIDENCE_BURST, 0},
    {"loss state 5% 40% 20% 60% 2%", "loss state 6% 40% 20% 60% 2.4%", EVIDENCE_LOST, 0},
    {"loss state 5% 40% 20% 60% 2%", "loss state 5% 32% 16% 60% 2%", EVIDENCE_BURST, 0},
    {"delay 10ms 5ms", "delay 10ms 6ms", EVIDENCE_DELAY, 0},
    {"delay 20ms 5ms distribution normal", "delay 20ms 6ms distribution normal", EVIDENCE_DELAY, 0},
    {"delay 20ms 5ms distribution pareto", "delay 20ms 6ms distribution pareto", EVIDENCE_DELAY, 0},
    {"delay 20ms 5ms distribution paretonormal", "delay 20ms 6ms distribution paretonormal",
     EVIDENCE_DELAY, 0},
    {"delay 20ms 5ms distribution exponential", "delay 20ms 6ms distribution exponential",
     EVIDENCE_DELAY, 0},
    {"delay 10ms 5ms 50%", "delay 10ms 6ms 50%", EVIDENCE_DELAY, 0},
    {"delay 10ms 5ms 50%", "delay 10ms 5ms 40%", EVIDENCE_DELAY_LAG, 1},
    {"delay 10ms 5ms 50%", "delay 10ms 5ms 40%", EVIDENCE_DELAY_LAG, 2},
    {"duplicate 20%", "duplicate 24%", EVIDENCE_COPIED, 0},
    {"duplicate 10% 50%", "duplicate 12% 50%", EVIDENCE_COPIED, 0},
    {"duplicate 20% loss 10%", "duplicate 24% loss 10%", EVIDENCE_ARRIVED, 0},
    {"corrupt 5%", "corrupt 6%", EVIDENCE_FLIPPED, 0},
    {"corrupt 50%", NULL, EVIDENCE_PLACE, 0},
    {"truncate 5%", "truncate 6%", EVIDENCE_CUT, 0},
    {"delay 10ms reorder 25%", "delay 10ms reorder 20%", EVIDENCE_AT_ONCE, 0},
    {"delay 10ms reorder 25% 50%", "delay 10ms reorder 30% 50%", EVIDENCE_AT_ONCE, 0},
    {"delay 10ms reorder 50% gap 3", "delay 10ms reorder 50% gap 4", EVIDENCE_AT_ONCE, 0},
    {"delay 10ms reorder 100% gap 5", "delay 10ms reorder 100% gap 6", EVIDENCE_AT_ONCE, 0},
    {"rate 1mbit", "rate 1.2mbit", EVIDENCE_SPACING, 0},
    {"delay 5ms rate 1mbit limit 10", "delay 5ms rate 1mbit limit 12", EVIDENCE_ROOM, 0},
    {"mtu 576", "mtu 691", EVIDENCE_SIZE, 0},
};

const struct evidence *evidence_list(uint32_t *count)
{
    *count = sizeof EVIDENCE / sizeof EVIDENCE[0];
    return EVIDENCE;
}

const char *evidence_words(enum evidence_what what)
{
    static const char *const WORDS[] = {
        [EVIDENCE_LOST] = "lost",
        [EVIDENCE_BURST] = "losses in a row",
        [EVIDENCE_LOST_AGAIN] = "lost behind a lost one",
        [EVIDENCE_DELAY] = "gap to the distribution",
        [EVIDENCE_DELAY_LAG] = "autocorrelation",
        [EVIDENCE_COPIED] = "copied",
        [EVIDENCE_ARRIVED] = "copies that pass, of each",
        [EVIDENCE_FLIPPED] = "with a bit flipped",
        [EVIDENCE_PLACE] = "gap to any bit alike",
        [EVIDENCE_CUT] = "cut",
        [EVIDENCE_AT_ONCE] = "sent ahead",
        [EVIDENCE_SPACING] = "ms apart, sent at once",
        [EVIDENCE_ROOM] = "that pass, sent at once",
        [EVIDENCE_SIZE] = "octets of the largest",
    };
    return WORDS[what];
}

bool evidence_is_share(enum evidence_what what)
{
    return what == EVIDENCE_LOST || what == EVIDENCE_LOST_AGAIN || what == EVIDENCE_COPIED ||
           what == EVIDENCE_FLIPPED || what == EVIDENCE_CUT || what == EVIDENCE_AT_ONCE;
}

/* ---- what is accepted ------------------------------------------------------------------------ */

static double evidence_of_q63(uint64_t probability_q63)
{
    return ldexp((double)probability_q63, -63);
}

static void evidence_accept(struct evidence_result *result, double wanted, double deviation)
{
    result->wanted = wanted;
    result->low = wanted - EVIDENCE_DEVIATIONS * deviation;
    result->high = wanted + EVIDENCE_DEVIATIONS * deviation;
}

/* A share of independent draws: exactly. With a correlation they count for less. */
static void evidence_accept_share(struct evidence_result *result, double share, double same)
{
    uint64_t low;
    uint64_t high;

    result->wanted = share;
    if (same > 0) {
        evidence_accept(result, share,
                        sqrt(share * (1 - share) * (1 + same) / (1 - same) / EVIDENCE_DRAWS));
        return;
    }
    theory_binomial_bounds(EVIDENCE_DRAWS, share, EVIDENCE_ALPHA, &low, &high);
    result->low = (double)low / EVIDENCE_DRAWS;
    result->high = (double)high / EVIDENCE_DRAWS;
}

static void evidence_accept_losses(struct evidence_result *result, const struct evidence *evidence,
                                   const struct fault_set *asked)
{
    struct evidence_chain chain;

    evidence_chain_of(asked, &chain);
    double rate = evidence_chain_rate(&chain);
    double next = evidence_chain_both(&chain, 1);
    double length = rate / (rate - next);
    double again = evidence_chain_both(&chain, evidence->lag) / rate;
    double lag1 = (next - rate * rate) / (rate - rate * rate);

    if (evidence->what == EVIDENCE_LOST && asked->chain == NULL && asked->loss_same_q63 == 0) {
        evidence_accept_share(result, rate, 0);
    } else if (evidence->what == EVIDENCE_LOST) {
        evidence_accept(result, rate, evidence_chain_deviation(&chain));
    } else if (evidence->what == EVIDENCE_BURST) { /* lengths as of a geometric distribution */
        evidence_accept(result, length,
                        sqrt(length * (length - 1) / (EVIDENCE_DRAWS * rate / length)));
    } else {
        evidence_accept(
            result, again,
            sqrt(again * (1 - again) / (EVIDENCE_DRAWS * rate) * (1 + lag1) / (1 - lag1)));
    }
}

/* Dvoretzky, Kiefer and Wolfowitz, with Massart's constant. */
static void evidence_accept_gap(struct evidence_result *result, double draws, double same)
{
    result->wanted = 0;
    result->low = 0;
    result->high = sqrt(log(2 / EVIDENCE_ALPHA) / 2 / draws * (1 + same) / (1 - same));
}

/* Renewals: between two that are sent at once, gap - 1 are delayed, and then as many as miss. */
static void evidence_accept_reorder(struct evidence_result *result, const struct fault_set *asked)
{
    double hit = evidence_of_q63(asked->reorder_q63);
    double same = evidence_of_q63(asked->reorder_same_q63);
    double between = asked->reorder_gap - 1 + 1 / hit;

    if (asked->reorder_gap == 1) {
        evidence_accept_share(result, hit, same);
        return;
    }
    evidence_accept(result, 1 / between,
                    sqrt((1 - hit) / (hit * hit) / pow(between, 3) / EVIDENCE_DRAWS));
    result->low -= 1.0 / EVIDENCE_DRAWS; /* the last may be cut short */
    result->high += 1.0 / EVIDENCE_DRAWS;
}

/* Copies that pass: the original, and if there is one, the copy. */
static void evidence_accept_copies(struct evidence_result *result, const struct fault_set *asked)
{
    double pass = 1 - evidence_of_q63(asked->loss_q63);
    double copy = evidence_of_q63(asked->duplicate_q63) * pass;

    evidence_accept(result, pass + copy,
                    sqrt((pass * (1 - pass) + copy * (1 - copy)) / EVIDENCE_DRAWS));
}

static void evidence_accept_exactly(struct evidence_result *result, double wanted)
{
    evidence_accept(result, wanted, 0);
    result->low -= EVIDENCE_EXACT;
    result->high += EVIDENCE_EXACT;
}

static void evidence_find_bounds(struct evidence_result *result, const struct evidence *evidence,
                                 const struct fault_set *asked)
{
    double same = evidence_of_q63(asked->delay_same_q63);
    double bits = 8.0 * (EVIDENCE_SIZE_OCTETS + FAULT_HEADERS_BYTES);

    switch (evidence->what) {
    case EVIDENCE_LOST:
    case EVIDENCE_BURST:
    case EVIDENCE_LOST_AGAIN:
        evidence_accept_losses(result, evidence, asked);
        break;
    case EVIDENCE_DELAY:
        evidence_accept_gap(result, EVIDENCE_DRAWS, same);
        break;
    case EVIDENCE_DELAY_LAG:
        evidence_accept(result, pow(same, evidence->lag),
                        sqrt((1 + same) / (1 - same) / EVIDENCE_DRAWS));
        break;
    case EVIDENCE_COPIED:
        evidence_accept_share(result, evidence_of_q63(asked->duplicate_q63),
                              evidence_of_q63(asked->duplicate_same_q63));
        break;
    case EVIDENCE_ARRIVED:
        evidence_accept_copies(result, asked);
        break;
    case EVIDENCE_FLIPPED:
        evidence_accept_share(result, evidence_of_q63(asked->corrupt_q63), 0);
        break;
    case EVIDENCE_PLACE:
        evidence_accept_gap(result, EVIDENCE_DRAWS * evidence_of_q63(asked->corrupt_q63), 0);
        break;
    case EVIDENCE_CUT:
        evidence_accept_share(result, evidence_of_q63(asked->truncate_q63), 0);
        break;
    case EVIDENCE_AT_ONCE:
        evidence_accept_reorder(result, asked);
        break;
    case EVIDENCE_SPACING:
        evidence_accept_exactly(result, bits * 1000 / (double)asked->rate_bps);
        break;
    case EVIDENCE_ROOM:
        evidence_accept_exactly(result, asked->limit);
        break;
    case EVIDENCE_SIZE:
        evidence_accept_exactly(result, asked->mtu - FAULT_HEADERS_BYTES);
        break;
    }
}

/* ---- measuring ------------------------------------------------------------------------------- */

/* One client on a network with the faults. Returns 0 or -ENOMEM. */
static int evidence_parse(struct scenario *scenario, const char *faults)
{
    struct scenario_overrides none = {.sets = NULL};
    struct scenario_messages messages = {.items = NULL};
    char text[256];

    snprintf(text, sizeof text,
             "seed %d\nworld virtual\nnetwork %s\nclient c1\n  send 100000 toupper \"x\"\n",
             EVIDENCE_SEED, faults);
    bool good = scenario_parse(scenario, "models", text, strlen(text), &none, &messages);
    scenario_messages_free(&messages);
    return good ? 0 : -ENOMEM;
}

int evidence_measure(const struct evidence *evidence, const char *faults,
                     struct evidence_result *result)
{
    struct scenario asked;
    struct scenario drawn;
    int status = evidence_parse(&asked, evidence->asked);

    if (status != 0) {
        return status;
    }
    status = evidence_parse(&drawn, faults);
    if (status == 0) {
        const struct fault_set *set = &asked.rules[0].faults;
        evidence_find_bounds(result, evidence, set);
        status = evidence_draw(evidence, &drawn, set, &result->measured);
        result->held = result->measured >= result->low && result->measured <= result->high;
        scenario_free(&drawn);
    }
    scenario_free(&asked);
    return status;
}
