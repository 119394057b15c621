/* How delays are spread: quantiles of the distributions, by tables and integers alone, so that they
 * are the same everywhere. */
#ifndef SHIM_SPREAD_H
#define SHIM_SPREAD_H

#include <stdint.h>

#include "scenario/fault.h"

/* The quantile at random / 2^64 of a standard spread (normal, pareto or paretonormal: asserted), in
 * jitters, in units of 2^-32: from -4 to 4. */
int64_t spread_quantile_q32(enum delay_spread spread, uint64_t random);

/* The delay of a fault set for 64 uniform bits; what would be negative is 0. */
uint64_t spread_delay_ns(const struct fault_set *set, uint64_t random);

#endif
