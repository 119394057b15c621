#include "verdict/theory.h"

#include <math.h>
#include <string.h>

#include "verdict/sum.h"
#include "verdict/theory_parts.h"
#include "verdict/theory_path.h"

/* Weights of the numbers that the oracles are about: what a try adds by where it ends. */
static const struct theory_weights theory_tries = {.added = {1, 1, 1, 1, 1}};
static const struct theory_weights theory_datagrams = {.added = {1, 2, 3, 4, 4}};
static const struct theory_weights theory_executions = {.added = {0, 0, 1, 1, 1}};

void theory_spread_of_tries(const double hop_loss[4], unsigned tries,
                            const struct theory_weights *weights, struct sum_spread *spread)
{
    double ends[5]; /* probability that a try ends there */
    double open[SUM_VALUE_MAX + 1] = {1};
    double passed = 1;
    uint32_t most = 0;

    for (unsigned hop = 0; hop < 4; hop++) {
        ends[hop] = passed * hop_loss[hop];
        passed *= 1 - hop_loss[hop];
    }
    ends[4] = passed;

    /* open: the request has not been answered so far, and the sum is as the index says. */
    *spread = (struct sum_spread){.max = 0};
    for (unsigned try = 0; try < tries; try++) {
        double next[SUM_VALUE_MAX + 1] = {0};
        uint32_t grown = most;
        for (unsigned end = 0; end < 5; end++) {
            double *to = end == 4 ? spread->p : next;
            uint32_t added = weights->added[end];
            for (uint32_t value = 0; value <= most && ends[end] > 0; value++) {
                to[value + added] += open[value] * ends[end];
            }
            grown = most + added > grown ? most + added : grown;
        }
        most = grown;
        memcpy(open, next, sizeof open);
    }
    for (uint32_t value = 0; value <= most; value++) {
        spread->p[value] += open[value];
        spread->max = spread->p[value] > 0 ? value : spread->max;
    }
}

/* ---- oracles --------------------------------------------------------------------------------- */

bool theory_of_group(const struct scenario *scenario, uint32_t group, enum op op,
                     struct theory *theory, char why[160])
{
    struct theory made = {.tries = scenario->groups[group].policy.tries};
    struct sum_spread spread;
    double answered = 1;

    if (!theory_check_scenario(scenario, why) ||
        !theory_check_group(scenario, group, op, made.hop_loss, why)) {
        return false;
    }
    for (unsigned hop = 0; hop < 4; hop++) {
        answered *= 1 - made.hop_loss[hop];
    }
    made.answered = 1 - pow(1 - answered, made.tries);
    theory_spread_of_tries(made.hop_loss, made.tries, &theory_tries, &spread);
    made.tries_mean = sum_spread_mean(&spread);
    made.tries_variance = sum_spread_variance(&spread);
    theory_spread_of_tries(made.hop_loss, made.tries, &theory_datagrams, &spread);
    made.datagrams = sum_spread_mean(&spread);
    made.datagrams_variance = sum_spread_variance(&spread);
    theory_spread_of_tries(made.hop_loss, made.tries, &theory_executions, &spread);
    made.executions = sum_spread_mean(&spread);
    made.executions_variance = sum_spread_variance(&spread);
    made.executed_twice = spread.max >= 2 ? 1 - spread.p[0] - spread.p[1] : 0;
    *theory = made;
    return true;
}

static bool theory_is_same(const struct theory *a, const struct theory *b)
{
    return a->tries == b->tries && memcmp(a->hop_loss, b->hop_loss, sizeof a->hop_loss) == 0;
}

/* Adds `count` requests of the same kind. */
static void theory_total_add(struct theory_total *total, const struct theory *theory, double count)
{
    if (total->requests <= 0) {
        total->each = *theory;
        total->uniform = true;
    }
    total->uniform = total->uniform && theory_is_same(&total->each, theory);
    total->requests += count;
    total->answered_mean += count * theory->answered;
    total->answered_variance += count * theory->answered * (1 - theory->answered);
    total->tries_mean += count * theory->tries_mean;
    total->tries_variance += count * theory->tries_variance;
    total->datagrams_mean += count * theory->datagrams;
    total->datagrams_variance += count * theory->datagrams_variance;
    total->executions_mean += count * theory->executions;
    total->executions_variance += count * theory->executions_variance;
    total->executed_twice_mean += count * theory->executed_twice;
}

bool theory_of_scenario(const struct scenario *scenario, struct theory_total *total, char why[160])
{
    struct theory_total made = {.requests = 0};

    for (uint32_t group = 0; group < scenario->group_count; group++) {
        for (int op = 0; op <= OP_UNKNOWN; op++) {
            uint64_t each = theory_requests_of(&scenario->groups[group], (enum op)op);
            struct theory theory;
            if (each == 0) {
                continue;
            }
            if (!theory_of_group(scenario, group, (enum op)op, &theory, why)) {
                return false;
            }
            theory_total_add(&made, &theory, (double)(each * scenario->groups[group].count));
        }
    }
    if (made.requests <= 0) {
        memcpy(why, "no script has a request", sizeof "no script has a request");
        return false;
    }
    *total = made;
    return true;
}

void theory_tries_bounds(uint64_t requests, unsigned tries, double s, uint64_t *low, uint64_t *high)
{
    const double hop_loss[4] = {1 - s, 0, 0, 0};
    struct sum_part part = {.count = requests};

    theory_spread_of_tries(hop_loss, tries, &theory_tries, &part.spread);
    sum_bounds(&part, 1, THEORY_ALPHA, low, high);
}
