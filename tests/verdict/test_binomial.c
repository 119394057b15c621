#include <math.h>

#include "harness.h"
#include "verdict/theory.h"

static bool is_near(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fabs(b);
}

static void ten_coins_have_the_known_distribution(void)
{
    CU_ASSERT(is_near(theory_binomial_cdf(10, 0.5, 0), 1.0 / 1024, 1e-12));
    CU_ASSERT(is_near(theory_binomial_cdf(10, 0.5, 1), 11.0 / 1024, 1e-12));
    CU_ASSERT(is_near(theory_binomial_cdf(10, 0.5, 4), 386.0 / 1024, 1e-12));
    CU_ASSERT(is_near(theory_binomial_cdf(10, 0.5, 5), 638.0 / 1024, 1e-12));
    CU_ASSERT(is_near(theory_binomial_cdf(10, 0.5, 9), 1023.0 / 1024, 1e-12));
    CU_ASSERT_EQUAL(theory_binomial_cdf(10, 0.5, 10), 1);
}

static void rare_events_come_out_of_the_tail(void)
{
    /* 0.99^100, and that times (1 + 100/99). */
    CU_ASSERT(is_near(theory_binomial_cdf(100, 0.01, 0), 0.3660323412732292, 1e-12));
    CU_ASSERT(is_near(theory_binomial_cdf(100, 0.01, 1), 0.7357619789229557, 1e-12));
    CU_ASSERT(is_near(1 - theory_binomial_cdf(1000, 0.001, 5), 0.0005880701017637602, 1e-9));
}

static void bounds_leave_out_no_more_than_half_of_alpha_at_each_end(void)
{
    static const struct {
        uint64_t trials;
        double p;
    } cases[] = {{20, 0.5}, {400, 0.98601}, {1000, 0.1}, {20000, 0.2}, {7, 0.9}, {100000, 0.003}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t low, high;
        double half = THEORY_ALPHA / 2;
        theory_binomial_bounds(cases[i].trials, cases[i].p, THEORY_ALPHA, &low, &high);
        if (low > 0) {
            CU_ASSERT(theory_binomial_cdf(cases[i].trials, cases[i].p, low - 1) <= half);
        }
        CU_ASSERT(theory_binomial_cdf(cases[i].trials, cases[i].p, low) > half);
        CU_ASSERT(1 - theory_binomial_cdf(cases[i].trials, cases[i].p, high) <= half + 1e-12);
        if (high > 0) {
            CU_ASSERT(1 - theory_binomial_cdf(cases[i].trials, cases[i].p, high - 1) > half);
        }
    }
}

static void five_percent_of_twenty_coins_are_the_textbook_interval(void)
{
    uint64_t low, high;

    theory_binomial_bounds(20, 0.5, 0.05, &low, &high);
    CU_ASSERT_EQUAL(low, 6);
    CU_ASSERT_EQUAL(high, 14);
}

static void certainty_has_no_width(void)
{
    uint64_t low, high;

    theory_binomial_bounds(50, 0, THEORY_ALPHA, &low, &high);
    CU_ASSERT(low == 0 && high == 0);
    theory_binomial_bounds(50, 1, THEORY_ALPHA, &low, &high);
    CU_ASSERT(low == 50 && high == 50);
    theory_binomial_bounds(0, 0.5, THEORY_ALPHA, &low, &high);
    CU_ASSERT(low == 0 && high == 0);
    CU_ASSERT_EQUAL(theory_binomial_cdf(50, 0, 0), 1);
    CU_ASSERT_EQUAL(theory_binomial_cdf(50, 1, 49), 0);
}

static void a_thousand_million_trials_are_five_deviations_wide(void)
{
    uint64_t low, high;
    double deviation = sqrt(1e9 * 0.1 * 0.9);

    theory_binomial_bounds(1000000000, 0.1, THEORY_ALPHA, &low, &high);
    CU_ASSERT((1e8 - (double)low) / deviation > 4.88);
    CU_ASSERT((1e8 - (double)low) / deviation < 4.90);
    CU_ASSERT(((double)high - 1e8) / deviation > 4.88);
    CU_ASSERT(((double)high - 1e8) / deviation < 4.90);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(ten_coins_have_the_known_distribution),
        HARNESS_TEST(rare_events_come_out_of_the_tail),
        HARNESS_TEST(bounds_leave_out_no_more_than_half_of_alpha_at_each_end),
        HARNESS_TEST(five_percent_of_twenty_coins_are_the_textbook_interval),
        HARNESS_TEST(certainty_has_no_width),
        HARNESS_TEST(a_thousand_million_trials_are_five_deviations_wide),
    };
    return harness_run("verdict/binomial", tests, HARNESS_COUNT(tests));
}
