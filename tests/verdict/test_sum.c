#include "verdict/sum.h"

#include <math.h>

#include "harness.h"
#include "verdict/theory.h"
#include "verdict/theory_parts.h"

#define ALPHA 1e-6

/* A die: 1 to 6. */
static const struct sum_spread die = {
    .max = 6, .p = {0, 1.0 / 6, 1.0 / 6, 1.0 / 6, 1.0 / 6, 1.0 / 6, 1.0 / 6}};

static void a_spread_has_mean_and_variance(void)
{
    CU_ASSERT_DOUBLE_EQUAL(sum_spread_mean(&die), 3.5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(sum_spread_variance(&die), 35.0 / 12, 1e-12);
}

static void two_dice_add_up_as_every_child_knows(void)
{
    const struct sum_part dice = {.count = 2, .spread = die};

    CU_ASSERT_DOUBLE_EQUAL(sum_probability(&dice, 1, 7, 7), 6.0 / 36, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(sum_probability(&dice, 1, 0, 2), 1.0 / 36, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(sum_probability(&dice, 1, 2, 12), 1, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(sum_probability(&dice, 1, 10, UINT64_MAX), 6.0 / 36, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(sum_probability(&dice, 1, 8, 7), 0, 1e-12);
}

static void a_die_and_a_coin_are_different_parts(void)
{
    const struct sum_part parts[] = {{.count = 1, .spread = die},
                                     {.count = 1, .spread = {.max = 1, .p = {0.5, 0.5}}}};

    CU_ASSERT_DOUBLE_EQUAL(sum_probability(parts, 2, 1, 1), 1.0 / 12, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(sum_probability(parts, 2, 7, 7), 1.0 / 12, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(sum_probability(parts, 2, 4, 4), 1.0 / 6, 1e-12);
}

static void few_have_the_whole_range_and_no_more(void)
{
    const struct sum_part dice = {.count = 3, .spread = die};
    uint64_t low, high;

    sum_bounds(&dice, 1, ALPHA, &low, &high);
    CU_ASSERT(low == 3 && high == 18);
    /* All ones: 1/216 = 0.00463, allowed at an alpha of 1 %. */
    sum_bounds(&dice, 1, 0.01, &low, &high);
    CU_ASSERT(low == 4 && high == 17);
}

static void one_part_of_zero_or_one_is_binomial(void)
{
    const struct sum_part coins = {.count = 4000, .spread = {.max = 1, .p = {0.9, 0.1}}};
    uint64_t low, high, exact_low, exact_high;

    sum_bounds(&coins, 1, ALPHA, &low, &high);
    theory_binomial_bounds(4000, 0.1, ALPHA, &exact_low, &exact_high);
    CU_ASSERT(low == exact_low && high == exact_high);
    CU_ASSERT_DOUBLE_EQUAL(sum_probability(&coins, 1, low, high), 1 - ALPHA, ALPHA);
    /* However many there are: not by Chernoff's bounds, which are wider. */
    const struct sum_part many = {.count = 2000000, .spread = {.max = 1, .p = {0.7, 0.3}}};
    sum_bounds(&many, 1, ALPHA, &low, &high);
    theory_binomial_bounds(2000000, 0.3, ALPHA, &exact_low, &exact_high);
    CU_ASSERT(low == exact_low && high == exact_high);
}

/* The same binomial law, split in two so that it is worked out by convolution. */
static void convolution_agrees_with_the_binomial(void)
{
    const struct sum_part coins[] = {{.count = 1500, .spread = {.max = 1, .p = {0.9, 0.1}}},
                                     {.count = 2500, .spread = {.max = 1, .p = {0.9, 0.1}}}};
    uint64_t low, high, exact_low, exact_high;

    sum_bounds(coins, 2, ALPHA, &low, &high);
    theory_binomial_bounds(4000, 0.1, ALPHA, &exact_low, &exact_high);
    CU_ASSERT(low == exact_low && high == exact_high);
    CU_ASSERT_DOUBLE_EQUAL(sum_probability(coins, 2, 0, 400), theory_binomial_cdf(4000, 0.1, 400),
                           1e-12);
}

/* Beyond convolution: Chernoff's bounds must take in the exact ones, and be little wider. */
static void chernoff_is_a_little_wider_than_exact(void)
{
    const struct sum_part coins[] = {{.count = 1500000, .spread = {.max = 1, .p = {0.7, 0.3}}},
                                     {.count = 500000, .spread = {.max = 1, .p = {0.7, 0.3}}}};
    uint64_t low, high, exact_low, exact_high;
    double width, exact_width;

    sum_bounds(coins, 2, ALPHA, &low, &high);
    theory_binomial_bounds(2000000, 0.3, ALPHA, &exact_low, &exact_high);
    width = (double)(high - low);
    exact_width = (double)(exact_high - exact_low);
    CU_ASSERT(low <= exact_low && high >= exact_high);
    CU_ASSERT(width < 1.15 * exact_width);
    CU_ASSERT(
        isnan(sum_probability((struct sum_part[]){{.count = 100000000, .spread = die}}, 1, 0, 1)));
}

static void certainty_has_no_width(void)
{
    const struct sum_part ones = {.count = 1000000, .spread = {.max = 3, .p = {0, 0, 0, 1}}};
    uint64_t low, high;

    sum_bounds(&ones, 1, ALPHA, &low, &high);
    CU_ASSERT(low == 3000000 && high == 3000000);
}

static void an_extreme_that_is_not_improbable_is_the_bound(void)
{
    /* So many that the deviation is large, and yet all of them may well be 0. */
    const struct sum_part parts[] = {
        {.count = 1, .spread = {.max = 400, .p = {[0] = 0.5, [400] = 0.5}}},
        {.count = 30, .spread = {.max = 400, .p = {[0] = 0.7, [400] = 0.3}}}};
    uint64_t low, high;

    sum_bounds(parts, 2, ALPHA, &low, &high);
    CU_ASSERT_EQUAL(low, 0);
    CU_ASSERT(high >= 20 * 400 && high <= 31 * 400);
}

static void a_million_tries_are_bounded_in_no_time(void)
{
    uint64_t low, high;

    /* E = P/s = 2.1448 tries each. */
    theory_tries_bounds(20000, 4, 0.4096, &low, &high);
    CU_ASSERT(low < 42896 && high > 42896 && high - low < 1800);
    theory_tries_bounds(1000000, 4, 0.4096, &low, &high);
    CU_ASSERT(low < 2144769 && high > 2144769 && high - low < 13500);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_spread_has_mean_and_variance),
        HARNESS_TEST(two_dice_add_up_as_every_child_knows),
        HARNESS_TEST(a_die_and_a_coin_are_different_parts),
        HARNESS_TEST(few_have_the_whole_range_and_no_more),
        HARNESS_TEST(one_part_of_zero_or_one_is_binomial),
        HARNESS_TEST(convolution_agrees_with_the_binomial),
        HARNESS_TEST(chernoff_is_a_little_wider_than_exact),
        HARNESS_TEST(certainty_has_no_width),
        HARNESS_TEST(an_extreme_that_is_not_improbable_is_the_bound),
        HARNESS_TEST(a_million_tries_are_bounded_in_no_time),
    };
    return harness_run("verdict/sum", tests, HARNESS_COUNT(tests));
}
