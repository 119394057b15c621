#include "scenario/faults_parts.h"

#include "base/time.h"

/* ---- losses ---------------------------------------------------------------------------------- */

/* Up to `count` probabilities, at least `least` of them; *given: how many. */
static bool models_percents(struct parse *parse, const char *const *names, uint32_t least,
                            uint32_t count, uint64_t *values_q63, uint32_t *given)
{
    for (*given = 0; *given < count; (*given)++) {
        const struct parse_word *word = parse_peek(parse);
        bool number = parse_looks_like_percent(word) || parse_looks_like_count(word);
        if (*given >= least && !number) {
            return true;
        }
        if (!parse_percent(parse, names[*given], &values_q63[*given])) {
            return false;
        }
    }
    return true;
}

/* `gemodel p [r [1-h [1-k]]]` */
static bool models_gemodel(struct parse *parse, struct loss_chain *chain)
{
    static const char *const NAMES[] = {"p", "r", "1-h", "1-k"};
    uint64_t values_q63[4] = {0, 0, PROBABILITY_ONE, 0};
    uint32_t given;

    chain->model = LOSS_GEMODEL;
    if (!models_percents(parse, NAMES, 1, 4, values_q63, &given)) {
        return false;
    }
    chain->p_q63 = values_q63[0];
    chain->r_q63 = given > 1 ? values_q63[1] : PROBABILITY_ONE - chain->p_q63;
    chain->bad_loss_q63 = values_q63[2];
    chain->good_loss_q63 = values_q63[3];
    return true;
}

/* `state p13 [p31 [p32 [p23 [p14]]]]` */
static bool models_state(struct parse *parse, struct loss_chain *chain)
{
    static const char *const NAMES[] = {"p13", "p31", "p32", "p23", "p14"};
    uint64_t values_q63[5] = {0, 0, 0, PROBABILITY_ONE, 0};
    const struct parse_word *word = parse_peek(parse);
    uint32_t given;

    chain->model = LOSS_STATE;
    if (!models_percents(parse, NAMES, 1, 5, values_q63, &given)) {
        return false;
    }
    chain->p13_q63 = values_q63[0];
    chain->p31_q63 = given > 1 ? values_q63[1] : PROBABILITY_ONE - chain->p13_q63;
    chain->p32_q63 = values_q63[2];
    chain->p23_q63 = values_q63[3];
    chain->p14_q63 = values_q63[4];
    if (chain->p13_q63 + chain->p14_q63 > PROBABILITY_ONE) {
        return parse_error(parse, word, "p13 + p14 is more than 100%%: both lead out of state 1");
    }
    if (chain->p31_q63 + chain->p32_q63 > PROBABILITY_ONE) {
        return parse_error(parse, word, "p31 + p32 is more than 100%%: both lead out of state 3");
    }
    return true;
}

/* `burst RATE LENGTH`: r = 1 / LENGTH, p = r RATE / (1 - RATE). */
static bool models_burst(struct parse *parse, struct loss_chain *chain)
{
    __extension__ typedef unsigned __int128 wide;
    const struct parse_word *word = parse_peek(parse);

    chain->model = LOSS_BURST;
    chain->bad_loss_q63 = PROBABILITY_ONE;
    if (!parse_percent(parse, "burst's rate", &chain->rate_q63) ||
        !parse_thousandths(parse, "the mean length of a burst", 1000, 1000000000,
                           &chain->length_milli)) {
        return false;
    }
    chain->r_q63 = (uint64_t)((wide)PROBABILITY_ONE * 1000 / chain->length_milli);
    uint64_t rest_q63 = PROBABILITY_ONE - chain->rate_q63;
    if ((wide)chain->r_q63 * chain->rate_q63 > (wide)PROBABILITY_ONE * rest_q63) {
        return parse_error(parse, word,
                           "between two bursts at least one datagram passes: bursts of that length "
                           "lose less");
    }
    chain->p_q63 = (uint64_t)((wide)chain->r_q63 * chain->rate_q63 / rest_q63);
    return true;
}

bool faults_loss(struct parse *parse, struct fault_set *faults)
{
    static const char *const CHAINS[] = {"gemodel", "burst", "state", NULL};
    const struct parse_word *word = parse_peek(parse);
    struct loss_chain *chain;
    uint32_t model = 0;

    faults->set |= FAULT_LOSS;
    faults->loss_q63 = 0; /* a preset may have had all of these */
    faults->loss_same_q63 = 0;
    faults->chain = NULL;
    while (CHAINS[model] != NULL && !parse_is(word, CHAINS[model])) {
        model++;
    }
    if (CHAINS[model] == NULL) {
        return parse_percent(parse, "loss", &faults->loss_q63) &&
               faults_correlation(parse, word,
                                  faults->loss_q63 == 0 || faults->loss_q63 == PROBABILITY_ONE,
                                  &faults->loss_same_q63);
    }
    (void)parse_next(parse);
    faults->chain = chain = arena_alloc(parse->arena, 1, sizeof *chain);
    switch ((enum loss_model)model) {
    case LOSS_GEMODEL:
        return models_gemodel(parse, chain);
    case LOSS_BURST:
        return models_burst(parse, chain);
    case LOSS_STATE:
        return models_state(parse, chain);
    }
    return false;
}

/* ---- delays ---------------------------------------------------------------------------------- */

/* `distribution D` of a delay, if it is there. */
static bool models_distribution(struct parse *parse, const struct parse_word *jitter,
                                enum delay_spread *spread)
{
    static const char *const DISTRIBUTIONS[] = {"uniform",      "normal",      "pareto",
                                                "paretonormal", "exponential", NULL};
    const struct parse_word *word = parse_peek(parse);
    uint32_t chosen;

    if (!parse_accept(parse, "distribution")) {
        return true;
    }
    if (jitter == NULL) {
        return parse_error(parse, word,
                           "a distribution needs a jitter to spread: delay 10ms 2ms distribution "
                           "normal");
    }
    if (!parse_choose(parse, "distribution", DISTRIBUTIONS, &chosen)) {
        return false;
    }
    *spread = (enum delay_spread)chosen;
    return true;
}

/* `[JITTER [CORR]] [distribution D] [ordered]` behind a delay's own value, the word `value`. */
static bool models_spread(struct parse *parse, struct fault_set *faults,
                          const struct parse_word *value)
{
    const struct parse_word *jitter =
        parse_looks_like_duration(parse_peek(parse)) ? parse_peek(parse) : NULL;

    if (jitter != NULL && !parse_duration(parse, "jitter", &faults->jitter_ns)) {
        return false;
    }
    if (faults->jitter_ns > SCENARIO_TIME_LIMIT_MAX_NS) {
        return parse_error(parse, jitter, "a jitter is at most 24h");
    }
    if (!faults_correlation(parse, jitter != NULL ? jitter : value, faults->jitter_ns == 0,
                            &faults->delay_same_q63) ||
        !models_distribution(parse, jitter, &faults->spread)) {
        return false;
    }
    faults->ordered = parse_accept(parse, "ordered");
    return true;
}

bool faults_delay(struct parse *parse, struct fault_set *faults, uint32_t *seen)
{
    const struct parse_word *delay = &parse->line->words[parse->at - 1];
    const struct parse_word *value = parse_peek(parse);
    uint64_t delay_ns;

    if (!parse_duration(parse, "delay", &delay_ns)) {
        return false;
    }
    if (delay_ns > SCENARIO_TIME_LIMIT_MAX_NS) {
        return parse_error(parse, value, "a delay is at most 24h");
    }
    if (faults_looks_like_list(parse_peek(parse)) || parse_is(parse_peek(parse), "of")) {
        return faults_add_exact(parse, faults, EXACT_DELAY, delay_ns);
    }
    faults->set |= FAULT_DELAY;
    faults->delay_ns = delay_ns;
    faults->jitter_ns = 0; /* a preset may have had all of these */
    faults->delay_same_q63 = 0;
    faults->spread = DELAY_UNIFORM;
    faults->ordered = false;
    return parse_once(parse, delay, WORD_DELAY, seen) && models_spread(parse, faults, value);
}
