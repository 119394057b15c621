#include "base/prng.h"

#include <stdlib.h>

#include "base/time.h"
#include "harness.h"

#define DRAWS 1000000u

static void mixing_can_be_undone(void)
{
    uint64_t x = 0;
    unsigned wrong = 0;
    unsigned i;

    CU_ASSERT_EQUAL(prng_unmix(prng_mix(0)), 0);
    CU_ASSERT_EQUAL(prng_unmix(prng_mix(UINT64_MAX)), UINT64_MAX);
    for (i = 0; i < 64; i++) {
        wrong += prng_unmix(prng_mix(UINT64_C(1) << i)) != UINT64_C(1) << i;
        wrong += prng_mix(prng_unmix(UINT64_C(1) << i)) != UINT64_C(1) << i;
    }
    for (i = 0; i < 100000; i++) {
        x += UINT64_C(0x9e3779b97f4a7c15);
        wrong += prng_unmix(prng_mix(x)) != x;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void the_mixer_is_the_one_of_splitmix64(void)
{
    /* The first three outputs of SplitMix64 seeded with 1234567, as its authors' program gives. */
    uint64_t state = 1234567;
    CU_ASSERT_EQUAL(prng_mix(state += UINT64_C(0x9e3779b97f4a7c15)), UINT64_C(6457827717110365317));
    CU_ASSERT_EQUAL(prng_mix(state += UINT64_C(0x9e3779b97f4a7c15)), UINT64_C(3203168211198807973));
    CU_ASSERT_EQUAL(prng_mix(state += UINT64_C(0x9e3779b97f4a7c15)), UINT64_C(9817491932198370423));
}

static void the_same_question_has_the_same_answer_and_a_neighbour_has_another(void)
{
    CU_ASSERT_EQUAL(prng_draw(10, 3), prng_draw(10, 3));
    CU_ASSERT_NOT_EQUAL(prng_draw(10, 3), prng_draw(10, 4));
    CU_ASSERT_NOT_EQUAL(prng_draw(10, 3), prng_draw(11, 3));
    CU_ASSERT_NOT_EQUAL(prng_draw(10, 3), prng_draw(3, 10));
    CU_ASSERT_NOT_EQUAL(prng_draw(0, 0), 0);
}

static void a_ready_key_draws_the_same(void)
{
    for (uint64_t key = 0; key < 100; key++) {
        uint64_t scattered = prng_mix(key);
        CU_ASSERT_EQUAL(prng_draw_ready(prng_ready(scattered), key), prng_draw(scattered, key));
        CU_ASSERT_EQUAL(prng_draw_ready(prng_ready(key), scattered), prng_draw(key, scattered));
    }
}

static void each_bit_of_neighbouring_draws_is_set_half_of_the_time(void)
{
    unsigned set[64] = {0};
    unsigned i;
    unsigned bit;

    for (i = 0; i < 100000; i++) {
        uint64_t draw = prng_draw(1, i);
        for (bit = 0; bit < 64; bit++) {
            set[bit] += (unsigned)(draw >> bit & 1);
        }
    }
    for (bit = 0; bit < 64; bit++) { /* six standard deviations: 949 */
        CU_ASSERT(set[bit] > 50000 - 949 && set[bit] < 50000 + 949);
    }
}

static void a_key_from_a_text_depends_on_every_byte_and_on_the_size(void)
{
    char text[20] = "client -> broker...";
    uint64_t whole = prng_draw_text(7, text, sizeof text);
    size_t i;

    CU_ASSERT_EQUAL(prng_draw_text(7, text, sizeof text), whole);
    CU_ASSERT_NOT_EQUAL(prng_draw_text(8, text, sizeof text), whole);
    for (i = 0; i < sizeof text; i++) {
        text[i] = (char)(text[i] ^ 1);
        CU_ASSERT_NOT_EQUAL(prng_draw_text(7, text, sizeof text), whole);
        text[i] = (char)(text[i] ^ 1);
    }
    CU_ASSERT_NOT_EQUAL(prng_draw_text(7, "c1", 2), prng_draw_text(7, "c1\0", 3));
    CU_ASSERT_NOT_EQUAL(prng_draw_text(7, "", 0), prng_draw_text(7, "\0", 1));
    CU_ASSERT_NOT_EQUAL(prng_draw_text(7, "12345678", 8), prng_draw_text(7, "12345678\0", 9));
}

static void a_key_from_a_text_is_the_same_on_every_machine(void)
{
    CU_ASSERT_EQUAL(prng_draw_text(1, "c1", 2), prng_draw(prng_draw(1, 2), 0x3163));
    CU_ASSERT_EQUAL(prng_draw_text(1, "\xff", 1), prng_draw(prng_draw(1, 1), 0xff));
    CU_ASSERT_EQUAL(prng_draw_text(1, "", 0), prng_draw(1, 0));
}

static void a_number_below_a_bound_spans_exactly_the_range(void)
{
    unsigned seen[10] = {0};
    unsigned i;

    CU_ASSERT_EQUAL(prng_below(0, 10), 0);
    CU_ASSERT_EQUAL(prng_below(UINT64_MAX, 10), 9);
    CU_ASSERT_EQUAL(prng_below(UINT64_C(1) << 63, 10), 5);
    CU_ASSERT_EQUAL(prng_below((UINT64_C(1) << 63) - 1, 10), 4);
    CU_ASSERT_EQUAL(prng_below(UINT64_MAX, 1), 0);
    CU_ASSERT_EQUAL(prng_below(UINT64_MAX, UINT64_MAX), UINT64_MAX - 1);
    for (i = 0; i < 100000; i++) {
        seen[prng_below(prng_draw(2, i), 10)]++;
    }
    for (i = 0; i < 10; i++) { /* six standard deviations: 569 */
        CU_ASSERT(seen[i] > 10000 - 569 && seen[i] < 10000 + 569);
    }
}

static void a_chance_of_nothing_never_comes_and_a_certain_one_always(void)
{
    CU_ASSERT_FALSE(prng_chance(0, 0));
    CU_ASSERT_FALSE(prng_chance(UINT64_MAX, 0));
    CU_ASSERT_TRUE(prng_chance(0, PROBABILITY_ONE));
    CU_ASSERT_TRUE(prng_chance(UINT64_MAX, PROBABILITY_ONE));
    CU_ASSERT_TRUE(prng_chance((UINT64_C(1) << 63) - 1, PROBABILITY_ONE / 2));
    CU_ASSERT_FALSE(prng_chance(UINT64_C(1) << 63, PROBABILITY_ONE / 2));
}

static void exponential_draws_are_the_quantiles_of_their_random_bits(void)
{
    static const struct {
        uint64_t random;  /* u in units of 2^-64 */
        uint64_t draw_ns; /* 1e9 * -ln u */
    } cases[] = {
        {UINT64_MAX, 0},
        {UINT64_C(0xc000000000000000), 287682072},   /* 3/4 */
        {UINT64_C(0x8000000000000000), 693147180},   /* 1/2 */
        {UINT64_C(0x5555555555555555), 1098612288},  /* 1/3 */
        {UINT64_C(0x4000000000000000), 1386294361},  /* 1/4 */
        {UINT64_C(0x0100000000000000), 5545177444},  /* 2^-8 */
        {UINT64_C(0x0000100000000000), 13862943611}, /* 2^-20 */
        {UINT64_C(0x0000000100000000), 22180709777}, /* 2^-32 */
        {0, 22180709777},                            /* as far as it goes */
    };
    size_t i;

    for (i = 0; i < HARNESS_COUNT(cases); i++) {
        uint64_t draw_ns = prng_exponential_ns(cases[i].random, NS_PER_S);
        uint64_t off_ns =
            draw_ns > cases[i].draw_ns ? draw_ns - cases[i].draw_ns : cases[i].draw_ns - draw_ns;
        CU_ASSERT(off_ns <= 2000); /* two millionths of the mean */
    }
}

static void a_larger_random_never_gives_a_longer_draw(void)
{
    uint64_t previous_ns = prng_exponential_ns(0, NS_PER_S);
    uint64_t random = 1;
    unsigned wrong = 0;

    while (random < UINT64_MAX - random / 1000 - 1) {
        uint64_t draw_ns = prng_exponential_ns(random, NS_PER_S);
        wrong += draw_ns > previous_ns;
        previous_ns = draw_ns;
        random += random / 1000 + 1;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void exponential_draws_have_their_mean(void)
{
    /* Every cell of 2^20 equal ones asked in its middle: no chance in it. */
    const unsigned cells = 1u << 20;
    uint64_t sum_us = 0;
    unsigned i;

    for (i = 0; i < cells; i++) {
        sum_us += prng_exponential_ns(((uint64_t)i << 44) + (UINT64_C(1) << 43), NS_PER_S) / 1000;
    }
    uint64_t mean_us = sum_us / cells;
    CU_ASSERT(mean_us >= 999990 && mean_us <= 1000010);
}

static int compare_spans(const void *a, const void *b)
{
    uint64_t a_ns = *(const uint64_t *)a;
    uint64_t b_ns = *(const uint64_t *)b;
    return (a_ns > b_ns) - (a_ns < b_ns);
}

static void drawn_quantiles_are_those_of_the_exponential_distribution(void)
{
    /* Rank of the quantile among a million draws, and where it must lie: within six standard
     * deviations of -ln(1 - rank/10^6) in microseconds, for a mean of a second. */
    static const struct {
        unsigned rank;
        uint64_t min_us;
        uint64_t max_us;
    } quantiles[] = {
        {100000, 103360, 107360},   {500000, 687140, 699150},   {900000, 2284580, 2320590},
        {990000, 4545460, 4664880}, {999000, 6718100, 7097500}, {999900, 8610300, 9810400},
    };
    uint64_t *draws_ns = calloc(DRAWS, sizeof *draws_ns);
    unsigned i;

    CU_ASSERT_PTR_NOT_NULL_FATAL(draws_ns);
    for (i = 0; i < DRAWS; i++) {
        draws_ns[i] = prng_exponential_ns(prng_draw(3, i), NS_PER_S);
    }
    qsort(draws_ns, DRAWS, sizeof *draws_ns, compare_spans);
    for (i = 0; i < HARNESS_COUNT(quantiles); i++) {
        uint64_t quantile_us = draws_ns[quantiles[i].rank] / 1000;
        CU_ASSERT(quantile_us >= quantiles[i].min_us && quantile_us <= quantiles[i].max_us);
    }
    free(draws_ns);
}

static void exponential_draws_of_extreme_means_stay_in_bounds(void)
{
    CU_ASSERT_EQUAL(prng_exponential_ns(0, 0), 0);
    CU_ASSERT_EQUAL(prng_exponential_ns(0, 1), 22);
    CU_ASSERT_EQUAL(prng_exponential_ns(0, TIME_NEVER), TIME_NEVER - 1);
    CU_ASSERT(prng_exponential_ns(UINT64_MAX, TIME_NEVER) <= TIME_NEVER >> 32);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(mixing_can_be_undone),
    HARNESS_TEST(the_mixer_is_the_one_of_splitmix64),
    HARNESS_TEST(the_same_question_has_the_same_answer_and_a_neighbour_has_another),
    HARNESS_TEST(a_ready_key_draws_the_same),
    HARNESS_TEST(each_bit_of_neighbouring_draws_is_set_half_of_the_time),
    HARNESS_TEST(a_key_from_a_text_depends_on_every_byte_and_on_the_size),
    HARNESS_TEST(a_key_from_a_text_is_the_same_on_every_machine),
    HARNESS_TEST(a_number_below_a_bound_spans_exactly_the_range),
    HARNESS_TEST(a_chance_of_nothing_never_comes_and_a_certain_one_always),
    HARNESS_TEST(exponential_draws_are_the_quantiles_of_their_random_bits),
    HARNESS_TEST(a_larger_random_never_gives_a_longer_draw),
    HARNESS_TEST(exponential_draws_have_their_mean),
    HARNESS_TEST(drawn_quantiles_are_those_of_the_exponential_distribution),
    HARNESS_TEST(exponential_draws_of_extreme_means_stay_in_bounds),
};

int main(void)
{
    return harness_run("base/prng", tests, HARNESS_COUNT(tests));
}
