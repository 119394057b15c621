#include "scenario/fault.h"

#include <errno.h>

/* The longest draws, in jitters: beyond them quantiles are cut (shim/spread.h, base/prng.h). */
#define FAULT_SPREAD_MAX      4
#define FAULT_EXPONENTIAL_MAX 23

/* ---- sets ------------------------------------------------------------------------------------ */

static void fault_set_lay_delay(struct fault_set *set, const struct fault_set *layer)
{
    set->delay_ns = layer->delay_ns;
    set->jitter_ns = layer->jitter_ns;
    set->delay_same_q63 = layer->delay_same_q63;
    set->spread = layer->spread;
    set->ordered = layer->ordered;
}

void fault_set_lay(struct fault_set *set, const struct fault_set *layer)
{
    if (layer->clear) {
        *set = (struct fault_set){.exact = set->exact};
    }
    if ((layer->set & FAULT_LOSS) != 0) {
        set->loss_q63 = layer->loss_q63;
        set->loss_same_q63 = layer->loss_same_q63;
        set->chain = layer->chain;
    }
    if ((layer->set & FAULT_DELAY) != 0) {
        fault_set_lay_delay(set, layer);
    }
    if ((layer->set & FAULT_DUPLICATE) != 0) {
        set->duplicate_q63 = layer->duplicate_q63;
        set->duplicate_same_q63 = layer->duplicate_same_q63;
    }
    if ((layer->set & FAULT_DOWN) != 0) {
        set->down = layer->down;
    }
    if ((layer->set & FAULT_CORRUPT) != 0) {
        set->corrupt_q63 = layer->corrupt_q63;
    }
    if ((layer->set & FAULT_TRUNCATE) != 0) {
        set->truncate_q63 = layer->truncate_q63;
    }
    if ((layer->set & FAULT_REORDER) != 0) {
        set->reorder_q63 = layer->reorder_q63;
        set->reorder_same_q63 = layer->reorder_same_q63;
        set->reorder_gap = layer->reorder_gap;
    }
    if ((layer->set & FAULT_RATE) != 0) {
        set->rate_bps = layer->rate_bps;
    }
    if ((layer->set & FAULT_LIMIT) != 0) {
        set->limit = layer->limit;
    }
    if ((layer->set & FAULT_MTU) != 0) {
        set->mtu = layer->mtu;
    }
    set->set |= layer->set;
}

const char *delay_spread_name(enum delay_spread spread)
{
    static const char *const NAMES[] = {"uniform", "normal", "pareto", "paretonormal",
                                        "exponential"};
    return NAMES[spread];
}

const char *fault_set_memory(const struct fault_set *set)
{
    static const char *const CHAINS[] = {"loss gemodel", "loss burst", "loss state"};

    if (set->chain != NULL) {
        return CHAINS[set->chain->model];
    }
    return set->loss_same_q63 > 0                              ? "loss with a correlation"
           : set->duplicate_same_q63 > 0                       ? "duplicate with a correlation"
           : set->delay_same_q63 > 0                           ? "delay with a correlation"
           : set->ordered                                      ? "delay ordered"
           : set->reorder_same_q63 > 0 || set->reorder_gap > 1 ? "reorder"
           : set->rate_bps > 0                                 ? "rate"
           : set->limit > 0                                    ? "limit"
                                                               : NULL;
}

uint64_t fault_set_delay_max_ns(const struct fault_set *set)
{
    unsigned jitters = 1;

    switch (set->spread) {
    case DELAY_UNIFORM:
        break;
    case DELAY_NORMAL:
    case DELAY_PARETO:
    case DELAY_PARETONORMAL:
        jitters = FAULT_SPREAD_MAX;
        break;
    case DELAY_EXPONENTIAL:
        jitters = FAULT_EXPONENTIAL_MAX;
        break;
    }
    return time_add(set->delay_ns, jitters * set->jitter_ns); /* at most 23 days */
}

/* ---- choices --------------------------------------------------------------------------------- */

/* Where a choice is looked for. Two different ones share a key once in 2^64: then the later is
 * lost. */
static uint64_t fault_choice_key(const struct fault_choice *choice)
{
    uint64_t key = prng_draw((uint64_t)choice->kind << 32 | choice->link, choice->client);

    key = prng_draw(key, (uint64_t)choice->n << 32 | choice->carriage);
    return prng_draw(key, (uint64_t)choice->try << 8 | choice->copy);
}

int fault_script_init(struct fault_script *script, const struct fault_choice *choices,
                      uint32_t count)
{
    int status = map_init(&script->index, count > 0 ? count : 1);

    script->choices = choices;
    script->count = count;
    for (uint32_t i = 0; status == 0 && i < count; i++) {
        if (!map_put(&script->index, fault_choice_key(&choices[i]), i)) {
            map_free(&script->index);
            status = -ENOMEM;
        }
    }
    return status;
}

void fault_script_free(struct fault_script *script)
{
    map_free(&script->index);
}

const struct fault_choice *fault_script_find(const struct fault_script *script,
                                             const struct fault_choice *choice)
{
    uint32_t at = map_get(&script->index, fault_choice_key(choice));

    return at == MAP_NONE ? NULL : &script->choices[at];
}

bool fault_choice_equal(const struct fault_choice *a, const struct fault_choice *b)
{
    return a->kind == b->kind && a->link == b->link && a->client == b->client && a->n == b->n &&
           a->carriage == b->carriage && a->try == b->try && a->copy == b->copy;
}
