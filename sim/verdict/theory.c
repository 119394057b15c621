#include "verdict/theory.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "verdict/sum.h"
#include "verdict/theory_parts.h"
#include "verdict/theory_path.h"

/* Weights of the numbers that the oracles are about. */
static const struct theory_weights theory_sends = {.lost = {1}, .passed = {1}};
static const struct theory_weights theory_datagrams = {.lost = {1, 1, 1, 1},
                                                       .passed = {1, 1, 1, 1}};
static const struct theory_weights theory_executions = {.passed = {0, 1}};

double theory_chance_of_try(const struct theory_tries *tries)
{
    const double *loss = tries->hop_loss;
    unsigned asks = tries->broker_asks > 0 ? tries->broker_asks : 1;
    double unanswered = pow(1 - (1 - loss[1]) * (1 - loss[2]), asks);

    return (1 - loss[0]) * (1 - unanswered) * (1 - loss[3]);
}

/* ---- sums ------------------------------------------------------------------------------------ */

/* Probabilities of a sum's values; `most` is the largest that can be. */
struct theory_values {
    double p[SUM_VALUE_MAX + 1];
    uint32_t most;
};

/* Moves `chance` of what is in `from`, with `added` to each value, to `to`. */
static void theory_move(struct theory_values *to, const struct theory_values *from, uint32_t added,
                        double chance)
{
    if (chance <= 0) {
        return;
    }
    assert(from->most + added <= SUM_VALUE_MAX);
    for (uint32_t value = 0; value <= from->most; value++) {
        to->p[value + added] += from->p[value] * chance;
    }
    to->most = from->most + added > to->most ? from->most + added : to->most;
}

/* What one try adds, if it is not answered, and if it is. */
static void theory_weigh_try(const struct theory_tries *tries, const struct theory_weights *weights,
                             struct theory_values *failed, struct theory_values *answered)
{
    const double *loss = tries->hop_loss;
    const uint32_t *lost = weights->lost;
    const uint32_t *passed = weights->passed;
    unsigned asks = tries->broker_asks > 0 ? tries->broker_asks : 1;
    struct theory_values begin = {.p = {1}};
    struct theory_values open = {.most = 0};    /* the broker has no reply so far */
    struct theory_values replied = {.most = 0}; /* it has */

    *failed = *answered = (struct theory_values){.most = 0};
    theory_move(failed, &begin, lost[0], loss[0]);
    theory_move(&open, &begin, passed[0], 1 - loss[0]);
    for (unsigned ask = 0; ask < asks; ask++) {
        struct theory_values next = {.most = 0};
        theory_move(&next, &open, lost[1], loss[1]);
        theory_move(&next, &open, passed[1] + lost[2], (1 - loss[1]) * loss[2]);
        theory_move(&replied, &open, passed[1] + passed[2], (1 - loss[1]) * (1 - loss[2]));
        open = next;
    }
    if (tries->broker_asks > 0) { /* the 504 goes the same last hop */
        theory_move(failed, &open, lost[3], loss[3]);
        theory_move(failed, &open, passed[3], 1 - loss[3]);
    } else {
        theory_move(failed, &open, 0, 1);
    }
    theory_move(failed, &replied, lost[3], loss[3]);
    theory_move(answered, &replied, passed[3] + weights->answered, 1 - loss[3]);
}

/* Adds to `to` the sums of a value of `a` and one of `b`. */
static void theory_add(struct theory_values *to, const struct theory_values *a,
                       const struct theory_values *b)
{
    for (uint32_t value = 0; value <= b->most; value++) {
        theory_move(to, a, value, b->p[value]);
    }
}

void theory_spread_of_tries(const struct theory_tries *tries, const struct theory_weights *weights,
                            struct sum_spread *spread)
{
    struct theory_values open = {.p = {1}}; /* the request has not been answered so far */
    struct theory_values ended = {.most = 0};
    struct theory_values failed;
    struct theory_values answered;

    theory_weigh_try(tries, weights, &failed, &answered);
    for (unsigned try = 0; try < tries->tries; try++) {
        struct theory_values next = {.most = 0};
        theory_add(&ended, &open, &answered);
        theory_add(&next, &open, &failed);
        open = next;
    }
    theory_move(&ended, &open, 0, 1);
    *spread = (struct sum_spread){.max = 0};
    for (uint32_t value = 0; value <= ended.most; value++) {
        spread->p[value] = ended.p[value];
        spread->max = ended.p[value] > 0 ? value : spread->max;
    }
}

/* ---- oracles --------------------------------------------------------------------------------- */

bool theory_of_group(const struct scenario *scenario, uint32_t group, enum op op,
                     struct theory *theory, char why[160])
{
    struct theory_tries tries;
    struct sum_spread spread;
    struct theory made;

    if (!theory_check_scenario(scenario, why) ||
        !theory_check_group(scenario, group, op, &tries, why)) {
        return false;
    }
    made = (struct theory){.tries = tries.tries,
                           .broker_asks = tries.broker_asks,
                           .try_answered = theory_chance_of_try(&tries)};
    memcpy(made.hop_loss, tries.hop_loss, sizeof made.hop_loss);
    made.answered = 1 - pow(1 - made.try_answered, made.tries);
    theory_spread_of_tries(&tries, &theory_sends, &spread);
    made.tries_mean = sum_spread_mean(&spread);
    made.tries_variance = sum_spread_variance(&spread);
    theory_spread_of_tries(&tries, &theory_datagrams, &spread);
    made.datagrams = sum_spread_mean(&spread);
    made.datagrams_variance = sum_spread_variance(&spread);
    theory_spread_of_tries(&tries, &theory_executions, &spread);
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
    const struct theory_tries each = {.hop_loss = {1 - s, 0, 0, 0}, .tries = tries};
    struct sum_part part = {.count = requests};

    theory_spread_of_tries(&each, &theory_sends, &part.spread);
    sum_bounds(&part, 1, THEORY_ALPHA, low, high);
}
