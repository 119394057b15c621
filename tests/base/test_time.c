#include "base/time.h"

#include "harness.h"

static void an_instant_too_late_to_exist_is_never(void)
{
    CU_ASSERT_EQUAL(time_add(5, 7), 12);
    CU_ASSERT_EQUAL(time_add(TIME_NEVER - 1, 1), TIME_NEVER);
    CU_ASSERT_EQUAL(time_add(TIME_NEVER - 1, 2), TIME_NEVER);
    CU_ASSERT_EQUAL(time_add(TIME_NEVER, 0), TIME_NEVER);
    CU_ASSERT_EQUAL(time_add(TIME_NEVER, TIME_NEVER), TIME_NEVER);
}

static void no_time_passes_backwards(void)
{
    CU_ASSERT_EQUAL(time_since(10, 25), 15);
    CU_ASSERT_EQUAL(time_since(25, 10), 0);
    CU_ASSERT_EQUAL(time_since(10, 10), 0);
}

static void the_earlier_of_two_instants_is_found_on_either_side(void)
{
    CU_ASSERT_EQUAL(time_min(3, 4), 3);
    CU_ASSERT_EQUAL(time_min(4, 3), 3);
    CU_ASSERT_EQUAL(time_min(TIME_NEVER, 4), 4);
}

static void a_begun_millisecond_counts_whole(void)
{
    CU_ASSERT_EQUAL(time_to_ms_up(0), 0);
    CU_ASSERT_EQUAL(time_to_ms_up(1), 1);
    CU_ASSERT_EQUAL(time_to_ms_up(NS_PER_MS), 1);
    CU_ASSERT_EQUAL(time_to_ms_up(NS_PER_MS + 1), 2);
    CU_ASSERT_EQUAL(time_to_ms_up(600 * NS_PER_S), 600000);
    CU_ASSERT_EQUAL(time_to_ms_up(TIME_NEVER), UINT64_C(18446744073710));
}

static const struct harness_test tests[] = {
    HARNESS_TEST(an_instant_too_late_to_exist_is_never),
    HARNESS_TEST(no_time_passes_backwards),
    HARNESS_TEST(the_earlier_of_two_instants_is_found_on_either_side),
    HARNESS_TEST(a_begun_millisecond_counts_whole),
};

int main(void)
{
    return harness_run("base/time", tests, HARNESS_COUNT(tests));
}
