#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "verdict/spread.h"

static struct spread spread_of_nothing(void)
{
    struct spread spread;

    CU_ASSERT_EQUAL_FATAL(spread_init(&spread), 0);
    return spread;
}

/* Values as of latencies between 100 ms and 200 ms, alike for the same numbers. */
static uint64_t nth_value(uint64_t i)
{
    return 100000000 + prng_below(prng_draw(1, i), 100000000);
}

static bool is_same(const struct spread *a, const struct spread *b)
{
    return a->count == b->count && a->min == b->min && a->max == b->max && a->bits == b->bits &&
           a->point_count == b->point_count &&
           memcmp(a->points, b->points, a->point_count * sizeof *a->points) == 0;
}

static void few_values_are_kept_exactly_with_how_often_they_came(void)
{
    struct spread spread = spread_of_nothing();

    spread_add(&spread, 30, 1);
    spread_add(&spread, 10, 2);
    spread_add(&spread, 30, 4);
    spread_add(&spread, 20, 0);
    CU_ASSERT_EQUAL(spread.count, 7);
    CU_ASSERT_EQUAL(spread.point_count, 2);
    CU_ASSERT_EQUAL(spread.points[0].value, 10);
    CU_ASSERT_EQUAL(spread.points[0].count, 2);
    CU_ASSERT_EQUAL(spread.points[1].value, 30);
    CU_ASSERT_EQUAL(spread.points[1].count, 5);
    CU_ASSERT_EQUAL(spread.min, 10);
    CU_ASSERT_EQUAL(spread.max, 30);
    spread_free(&spread);
}

static void a_quantile_is_the_value_of_the_nearest_rank(void)
{
    struct spread spread = spread_of_nothing();

    for (uint64_t value = 1; value <= 10; value++) {
        spread_add(&spread, 100 * value, 1);
    }
    CU_ASSERT_EQUAL(spread_quantile(&spread, 0), 100);
    CU_ASSERT_EQUAL(spread_quantile(&spread, 10), 100);
    CU_ASSERT_EQUAL(spread_quantile(&spread, 11), 200);
    CU_ASSERT_EQUAL(spread_quantile(&spread, 50), 500);
    CU_ASSERT_EQUAL(spread_quantile(&spread, 90), 900);
    CU_ASSERT_EQUAL(spread_quantile(&spread, 91), 1000);
    CU_ASSERT_EQUAL(spread_quantile(&spread, 100), 1000);
    spread_free(&spread);
}

static void more_values_than_there_is_room_for_are_rounded_a_little(void)
{
    struct spread spread = spread_of_nothing();
    uint64_t below = 0;
    uint64_t median;

    for (uint64_t i = 0; i < 100000; i++) {
        spread_add(&spread, nth_value(i), 1);
    }
    CU_ASSERT_EQUAL(spread.count, 100000);
    CU_ASSERT(spread.point_count <= SPREAD_POINTS_MAX);
    CU_ASSERT(spread.bits >= 11 && spread.bits <= 16); /* a thousandth at most */
    median = spread_quantile(&spread, 50);
    for (uint64_t i = 0; i < 100000; i++) {
        below += nth_value(i) < median;
    }
    CU_ASSERT(below > 49900 && below < 50000);
    spread_free(&spread);
}

static void the_least_and_the_greatest_stay_exact(void)
{
    struct spread spread = spread_of_nothing();

    for (uint64_t i = 0; i < 100000; i++) {
        spread_add(&spread, 1000001 + 7 * i, 1);
    }
    CU_ASSERT_EQUAL(spread_quantile(&spread, 0), 1000001);
    CU_ASSERT_EQUAL(spread_quantile(&spread, 100), 1000001 + 7 * 99999);
    spread_free(&spread);
}

static void the_order_of_the_values_does_not_matter(void)
{
    struct spread forward = spread_of_nothing();
    struct spread backward = spread_of_nothing();

    for (uint64_t i = 0; i < 20000; i++) {
        spread_add(&forward, nth_value(i), 1);
        spread_add(&backward, nth_value(19999 - i), 1);
    }
    CU_ASSERT(is_same(&forward, &backward));
    spread_free(&forward);
    spread_free(&backward);
}

static void parts_merged_are_the_whole_whether_they_were_rounded_or_not(void)
{
    static const uint64_t sizes[] = {10, 3000, 5000, 50000};

    for (unsigned s = 0; s < 4; s++) {
        struct spread whole = spread_of_nothing();
        struct spread parts[3] = {spread_of_nothing(), spread_of_nothing(), spread_of_nothing()};
        for (uint64_t i = 0; i < sizes[s]; i++) {
            spread_add(&whole, nth_value(i), 1);
            /* Unequal parts: some are rounded, some are not. */
            spread_add(&parts[i % 10 == 0 ? 0 : i % 10 == 1 ? 1 : 2], nth_value(i), 1);
        }
        spread_merge(&parts[0], &parts[2]);
        spread_merge(&parts[0], &parts[1]);
        CU_ASSERT(is_same(&parts[0], &whole));
        spread_free(&whole);
        for (unsigned i = 0; i < 3; i++) {
            spread_free(&parts[i]);
        }
    }
}

static void merging_nothing_changes_nothing(void)
{
    struct spread spread = spread_of_nothing();
    struct spread nothing = spread_of_nothing();

    spread_add(&spread, 5, 1);
    spread_merge(&spread, &nothing);
    spread_merge(&nothing, &spread);
    CU_ASSERT_EQUAL(spread.count, 1);
    CU_ASSERT(is_same(&spread, &nothing));
    spread_free(&spread);
    spread_free(&nothing);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(few_values_are_kept_exactly_with_how_often_they_came),
        HARNESS_TEST(a_quantile_is_the_value_of_the_nearest_rank),
        HARNESS_TEST(more_values_than_there_is_room_for_are_rounded_a_little),
        HARNESS_TEST(the_least_and_the_greatest_stay_exact),
        HARNESS_TEST(the_order_of_the_values_does_not_matter),
        HARNESS_TEST(parts_merged_are_the_whole_whether_they_were_rounded_or_not),
        HARNESS_TEST(merging_nothing_changes_nothing),
    };

    return harness_run("verdict/spread", tests, HARNESS_COUNT(tests));
}
