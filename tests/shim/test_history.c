#include "shim/history.h"

#include "harness.h"

#include "base/prng.h"

static void the_first_is_none_before_and_each_next_one_more(void)
{
    struct link_history *history = history_make(100);

    CU_ASSERT_PTR_NOT_NULL_FATAL(history);
    CU_ASSERT_EQUAL(history_count(history, 7), 0);
    CU_ASSERT_EQUAL(history_count(history, 7), 1);
    CU_ASSERT_EQUAL(history_count(history, 8), 0);
    CU_ASSERT_EQUAL(history_count(history, 7), 2);
    CU_ASSERT_EQUAL(history_count(history, 0), 0); /* a key like any other */
    CU_ASSERT_EQUAL(history_count(history, UINT64_MAX), 0);
    CU_ASSERT_EQUAL(history_count(history, 0), 1);
    CU_ASSERT_EQUAL(history_count(history, UINT64_MAX), 1);
    history_free(history);
}

static void a_full_history_forgets_the_oldest_key_alone(void)
{
    struct link_history *history = history_make(3);

    CU_ASSERT_PTR_NOT_NULL_FATAL(history);
    for (uint64_t key = 1; key <= 3; key++) {
        CU_ASSERT_EQUAL(history_count(history, key), 0);
    }
    CU_ASSERT_EQUAL(history_count(history, 4), 0); /* 1 is forgotten */
    CU_ASSERT_EQUAL(history_count(history, 2), 1);
    CU_ASSERT_EQUAL(history_count(history, 3), 1);
    CU_ASSERT_EQUAL(history_count(history, 4), 1);
    CU_ASSERT_EQUAL(history_count(history, 1), 0); /* again for the first time; 2 is forgotten */
    CU_ASSERT_EQUAL(history_count(history, 3), 2);
    CU_ASSERT_EQUAL(history_count(history, 2), 0); /* 3 is forgotten */
    CU_ASSERT_EQUAL(history_count(history, 4), 2);
    history_free(history);
}

static void the_last_hundred_of_many_keys_are_remembered(void)
{
    struct link_history *history = history_make(100);
    uint64_t wrong = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(history);
    for (uint64_t i = 0; i < 100000; i++) {
        wrong += history_count(history, prng_draw(1, i)) != 0;
        if (i >= 99) {
            wrong += history_count(history, prng_draw(1, i - 99)) != 1;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    history_free(history);
}

static void a_large_history_forgets_nothing_that_fits(void)
{
    struct link_history *history = history_make(100000);
    uint64_t wrong = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(history);
    for (uint32_t times = 0; times < 3; times++) {
        for (uint64_t i = 0; i < 100000; i++) {
            wrong += history_count(history, prng_draw(1, i)) != times;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    history_free(history);
}

static void a_history_of_one_key_works(void)
{
    struct link_history *history = history_make(1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(history);
    CU_ASSERT_EQUAL(history_count(history, 1), 0);
    CU_ASSERT_EQUAL(history_count(history, 1), 1);
    CU_ASSERT_EQUAL(history_count(history, 2), 0);
    CU_ASSERT_EQUAL(history_count(history, 1), 0);
    history_free(history);
    history_free(NULL);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(the_first_is_none_before_and_each_next_one_more),
        HARNESS_TEST(a_full_history_forgets_the_oldest_key_alone),
        HARNESS_TEST(the_last_hundred_of_many_keys_are_remembered),
        HARNESS_TEST(a_large_history_forgets_nothing_that_fits),
        HARNESS_TEST(a_history_of_one_key_works),
    };
    return harness_run("shim/history", tests, HARNESS_COUNT(tests));
}
