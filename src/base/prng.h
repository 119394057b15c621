/* Randomness as a function: there is no generator with a state that threads could share or that one
 * draw more could shift. A draw is a hash of a key (seed, who asks, what for) and an identity
 * (which request, which try), so the same question always has the same answer, whatever else was
 * drawn. */
#ifndef BASE_PRNG_H
#define BASE_PRNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A bijection of 64 bits that scatters its input: the finalizer of SplitMix64 (Steele, Lea and
 * Flood 2014, variant 13 of Stafford). */
static inline uint64_t prng_mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
    return x;
}

/* The inverse: prng_unmix(prng_mix(x)) == x. */
uint64_t prng_unmix(uint64_t x);

/* The half of a draw that is the key's alone: for a key that many draws are made with. */
static inline uint64_t prng_ready(uint64_t key)
{
    return prng_mix(key + UINT64_C(0x9e3779b97f4a7c15));
}

/* prng_draw(key, value), where `ready` is prng_ready(key). */
static inline uint64_t prng_draw_ready(uint64_t ready, uint64_t value)
{
    return prng_mix(ready ^ (value * UINT64_C(0xd1342543de82ef95) + UINT64_C(0x632be59bd9b4e019)));
}

/* A new key (or a draw: 64 uniform bits) from `key` and `value`. Chained for more than one value:
 * prng_draw(prng_draw(key, n), try). */
static inline uint64_t prng_draw(uint64_t key, uint64_t value)
{
    return prng_draw_ready(prng_ready(key), value);
}

/* A key from `key` and a text of `size` bytes. */
uint64_t prng_draw_text(uint64_t key, const char *text, size_t size);

/* High half of the 128-bit product. */
static inline uint64_t prng_mul_high(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 prng_u128;
    return (uint64_t)(((prng_u128)a * b) >> 64);
}

/* A whole number in [0, bound) from 64 uniform bits; bound > 0. Its bias, below bound / 2^64, is
 * beyond measuring. Lemire 2019. */
static inline uint64_t prng_below(uint64_t random, uint64_t bound)
{
    return prng_mul_high(random, bound);
}

/* A probability as a fixed-point number, PROBABILITY_ONE being 1: names end in `_q63`. */
#define PROBABILITY_ONE (UINT64_C(1) << 63)

/* True with the given probability, for 64 uniform bits: never for 0, always for 1. */
static inline bool prng_chance(uint64_t random, uint64_t probability_q63)
{
    return (random >> 1) < probability_q63;
}

/* A draw from the exponential distribution of the given mean, for 64 uniform bits, in whole ns. By
 * a table of quantiles and integers alone, so that it is the same everywhere; the longest draw is
 * 22.18 times the mean (32 ln 2). Saturates at TIME_NEVER - 1. */
uint64_t prng_exponential_ns(uint64_t random, uint64_t mean_ns);

#endif
