#include "shim/spread.h"

#include <assert.h>

#include "base/prng.h"
#include "base/time.h"
#include "shim/spread_tables.h"

__extension__ typedef __int128 spread_i128;

/* Between two quantiles the straight line. */
static int64_t spread_look_up_q32(const int32_t table[SPREAD_CELLS + 1], uint64_t random)
{
    unsigned cell = (unsigned)(random >> (64 - SPREAD_CELL_BITS));
    int64_t within_q32 = (int64_t)(random << SPREAD_CELL_BITS >> 32);
    int64_t below_q24 = table[cell];
    int64_t step_q24 = table[cell + 1] - below_q24;

    return below_q24 * 256 + step_q24 * within_q32 / (INT64_C(1) << 24);
}

int64_t spread_quantile_q32(enum delay_spread spread, uint64_t random)
{
    switch (spread) {
    case DELAY_NORMAL:
        return spread_look_up_q32(spread_normal_q24, random);
    case DELAY_PARETO:
        return spread_look_up_q32(spread_pareto_q24, random);
    case DELAY_PARETONORMAL:
        return (spread_look_up_q32(spread_normal_q24, random) +
                3 * spread_look_up_q32(spread_pareto_q24, random)) /
               4;
    case DELAY_UNIFORM:
    case DELAY_EXPONENTIAL:
        break;
    }
    assert(false);
    return 0;
}

uint64_t spread_delay_ns(const struct fault_set *set, uint64_t random)
{
    if (set->jitter_ns == 0) {
        return set->delay_ns;
    }
    switch (set->spread) {
    case DELAY_UNIFORM:
        /* Over [delay - jitter, delay + jitter). */
        return time_since(set->jitter_ns, set->delay_ns + prng_below(random, 2 * set->jitter_ns));
    case DELAY_EXPONENTIAL:
        return time_add(set->delay_ns, prng_exponential_ns(random, set->jitter_ns));
    case DELAY_NORMAL:
    case DELAY_PARETO:
    case DELAY_PARETONORMAL:
        break;
    }
    spread_i128 offset_ns =
        (spread_i128)set->jitter_ns * spread_quantile_q32(set->spread, random) / (INT64_C(1) << 32);
    spread_i128 delay_ns = (spread_i128)set->delay_ns + offset_ns;
    return delay_ns > 0 ? (uint64_t)delay_ns : 0;
}
