#include "world/evidence_parts.h"

#include <math.h>
#include <string.h>

/* Steps after which a chain has forgotten where it began. */
#define THEORY_STEPS 20000

static double theory_of_q63(uint64_t probability_q63)
{
    return ldexp((double)probability_q63, -63);
}

/* ---- losses ---------------------------------------------------------------------------------- */

/* One step: what a value at each state is worth a datagram earlier. */
static void theory_step_back(const struct evidence_chain *chain, double values[4])
{
    double before[4] = {0};

    for (unsigned from = 0; from < chain->states; from++) {
        for (unsigned to = 0; to < chain->states; to++) {
            before[from] += chain->go[from][to] * values[to];
        }
    }
    memcpy(values, before, sizeof before);
}

static void theory_find_shares(struct evidence_chain *chain)
{
    chain->share[0] = 1;
    for (unsigned step = 0; step < THEORY_STEPS; step++) {
        double next[4] = {0};
        for (unsigned from = 0; from < chain->states; from++) {
            for (unsigned to = 0; to < chain->states; to++) {
                next[to] += chain->share[from] * chain->go[from][to];
            }
        }
        memcpy(chain->share, next, sizeof next);
    }
}

/* Two states, from the chances to leave each. */
static void theory_set_two(struct evidence_chain *chain, double leave_first, double leave_second)
{
    chain->states = 2;
    chain->go[0][0] = 1 - leave_first;
    chain->go[0][1] = leave_first;
    chain->go[1][0] = leave_second;
    chain->go[1][1] = 1 - leave_second;
}

/* States 1 to 4 at 0 to 3. */
static void theory_set_four(struct evidence_chain *chain, const struct loss_chain *loss)
{
    double p13 = theory_of_q63(loss->p13_q63);
    double p14 = theory_of_q63(loss->p14_q63);
    double p23 = theory_of_q63(loss->p23_q63);
    double p31 = theory_of_q63(loss->p31_q63);
    double p32 = theory_of_q63(loss->p32_q63);

    chain->states = 4;
    chain->go[0][0] = 1 - p13 - p14;
    chain->go[0][2] = p13;
    chain->go[0][3] = p14;
    chain->go[1][1] = 1 - p23;
    chain->go[1][2] = p23;
    chain->go[2][0] = p31;
    chain->go[2][1] = p32;
    chain->go[2][2] = 1 - p31 - p32;
    chain->go[3][0] = 1;
    chain->loses[2] = chain->loses[3] = 1;
}

void evidence_chain_of(const struct fault_set *set, struct evidence_chain *chain)
{
    double p = theory_of_q63(set->loss_q63);
    double same = theory_of_q63(set->loss_same_q63);

    *chain = (struct evidence_chain){.states = 0};
    if (set->chain != NULL && set->chain->model == LOSS_STATE) {
        theory_set_four(chain, set->chain);
    } else if (set->chain != NULL) {
        theory_set_two(chain, theory_of_q63(set->chain->p_q63), theory_of_q63(set->chain->r_q63));
        chain->loses[0] = theory_of_q63(set->chain->good_loss_q63);
        chain->loses[1] = theory_of_q63(set->chain->bad_loss_q63);
    } else { /* passed, lost; independent without a correlation */
        theory_set_two(chain, p * (1 - same), (1 - p) * (1 - same));
        chain->loses[1] = 1;
    }
    theory_find_shares(chain);
}

double evidence_chain_both(const struct evidence_chain *chain, uint32_t lag)
{
    double values[4];
    double both = 0;

    memcpy(values, chain->loses, sizeof values);
    for (uint32_t i = 0; i < lag; i++) {
        theory_step_back(chain, values);
    }
    for (unsigned state = 0; state < chain->states; state++) {
        both += chain->share[state] * chain->loses[state] * values[state];
    }
    return both;
}

double evidence_chain_rate(const struct evidence_chain *chain)
{
    double rate = 0;

    for (unsigned state = 0; state < chain->states; state++) {
        rate += chain->share[state] * chain->loses[state];
    }
    return rate;
}

double evidence_chain_deviation(const struct evidence_chain *chain)
{
    double rate = evidence_chain_rate(chain);
    double variance = rate * (1 - rate);
    double values[4];

    memcpy(values, chain->loses, sizeof values);
    for (unsigned lag = 1; lag < THEORY_STEPS; lag++) {
        double both = 0;
        theory_step_back(chain, values);
        for (unsigned state = 0; state < chain->states; state++) {
            both += chain->share[state] * chain->loses[state] * values[state];
        }
        variance += 2 * (both - rate * rate);
    }
    return sqrt(variance / EVIDENCE_DRAWS);
}

/* ---- delays: P(z < x) of each spread ----------------------------------------------------------
 */

static double theory_normal_below(double x)
{
    return x <= -4 ? 0 : x >= 4 ? 1 : erfc(-x / sqrt(2)) / 2;
}

/* The quantile of the Pareto spread. */
static double theory_pareto(double u)
{
    double z = u < 1 ? (pow(1 - u, -1.0 / 3) - 1.5) * 4 / 3 : 4;
    return z < 4 ? z : 4;
}

static double theory_pareto_below(double x)
{
    double root = x * 3 / 4 + 1.5;
    return x >= 4 ? 1 : root <= 1 ? 0 : 1 - pow(root, -3);
}

/* The mixture grows with the normal part at the same quantile: halving finds that. */
static double theory_paretonormal_below(double x)
{
    double low = -4;
    double high = 4;

    for (unsigned i = 0; i < 50; i++) {
        double normal = (low + high) / 2;
        if (0.25 * normal + 0.75 * theory_pareto(theory_normal_below(normal)) < x) {
            low = normal;
        } else {
            high = normal;
        }
    }
    return theory_normal_below(low);
}

double evidence_delay_below(const struct fault_set *set, double delay_ns)
{
    double x = (delay_ns - (double)set->delay_ns) / (double)set->jitter_ns;

    switch (set->spread) {
    case DELAY_UNIFORM:
        return x <= -1 ? 0 : x >= 1 ? 1 : (x + 1) / 2;
    case DELAY_NORMAL:
        return theory_normal_below(x);
    case DELAY_PARETO:
        return theory_pareto_below(x);
    case DELAY_PARETONORMAL:
        return theory_paretonormal_below(x);
    case DELAY_EXPONENTIAL:
        return x <= 0 ? 0 : 1 - exp(-x);
    }
    return 0;
}
