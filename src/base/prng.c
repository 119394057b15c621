#include "base/prng.h"

#include "base/exponential_tables.h"
#include "base/time.h"

uint64_t prng_unmix(uint64_t x)
{
    /* Each line undoes one of prng_mix, the last first; the multipliers are the inverses of
     * prng_mix's modulo 2^64. */
    x ^= x >> 31 ^ x >> 62;
    x *= UINT64_C(0x319642b2d24d8ec3);
    x ^= x >> 27 ^ x >> 54;
    x *= UINT64_C(0x96de1b173f119089);
    x ^= x >> 30 ^ x >> 60;
    return x;
}

uint64_t prng_draw_text(uint64_t key, const char *text, size_t size)
{
    /* The size first: else a text and the same one with a NUL behind it would give the same key. */
    key = prng_draw(key, size);
    while (size > 0) {
        size_t chunk_size = size < 8 ? size : 8;
        uint64_t chunk = 0;
        size_t i;
        for (i = 0; i < chunk_size; i++) {
            chunk |= (uint64_t)(uint8_t)text[i] << (8 * i);
        }
        key = prng_draw(key, chunk);
        text += chunk_size;
        size -= chunk_size;
    }
    return key;
}

uint64_t prng_exponential_ns(uint64_t random, uint64_t mean_ns)
{
    __extension__ typedef unsigned __int128 wide;

    /* With u = random / 2^64 = m * 2^-octave, 1/2 <= m < 1:  -ln u = octave * ln 2 - ln m. So every
     * octave of the tail has the whole table, as fine as the first. What is below 2^32, one draw in
     * 2^32, counts as 2^32: the longest draw is 32 ln 2 = 22.18, and 32 bits are left to choose m.
     */
    uint64_t fraction = random < UINT64_C(1) << 32 ? UINT64_C(1) << 32 : random;
    unsigned octave = (unsigned)__builtin_clzll(fraction);
    fraction <<= octave + 1; /* without the leading one */

    unsigned cell = (unsigned)(fraction >> (64 - EXPONENTIAL_CELL_BITS));
    uint64_t within_q32 = fraction << EXPONENTIAL_CELL_BITS >> 32;
    uint64_t above_q32 = exponential_quantile_q32[cell];
    uint64_t below_q32 = exponential_quantile_q32[cell + 1];
    uint64_t minus_ln_q32 =
        octave * EXPONENTIAL_LN2_Q32 + above_q32 - ((above_q32 - below_q32) * within_q32 >> 32);

    wide span_ns = ((wide)mean_ns * minus_ln_q32) >> 32;
    return span_ns < TIME_NEVER ? (uint64_t)span_ns : TIME_NEVER - 1;
}
