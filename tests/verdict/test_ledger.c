#include "verdict/ledger.h"

#include "base/time.h"
#include "harness.h"

static void a_request_is_found_by_client_and_number(void)
{
    struct ledger ledger;

    CU_ASSERT_EQUAL_FATAL(ledger_init(&ledger), 0);
    struct request *request = ledger_open(&ledger, 7, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(request);
    CU_ASSERT(request->client == 7 && request->n == 1 && request->executions == 0);
    CU_ASSERT_EQUAL(request->reply_ns, TIME_NEVER);
    CU_ASSERT_PTR_EQUAL(ledger_find(&ledger, 7, 1), request);
    CU_ASSERT_PTR_NULL(ledger_find(&ledger, 7, 2));
    CU_ASSERT_PTR_NULL(ledger_find(&ledger, 1, 7));
    ledger_release(&ledger, request);
    CU_ASSERT_PTR_NULL(ledger_find(&ledger, 7, 1));
    CU_ASSERT_EQUAL(ledger.count, 0);
    ledger_free(&ledger);
}

static void it_grows_and_uses_again_what_was_released(void)
{
    struct ledger ledger;
    uint32_t capacity;

    CU_ASSERT_EQUAL_FATAL(ledger_init(&ledger), 0);
    for (uint32_t n = 1; n <= 10000; n++) {
        CU_ASSERT_PTR_NOT_NULL_FATAL(ledger_open(&ledger, n % 10, n));
    }
    for (uint32_t n = 1; n <= 10000; n++) {
        struct request *request = ledger_find(&ledger, n % 10, n);
        CU_ASSERT_FATAL(request != NULL && request->n == n);
        ledger_release(&ledger, request);
    }
    capacity = ledger.capacity;
    for (uint32_t n = 1; n <= 10000; n++) {
        CU_ASSERT_PTR_NOT_NULL_FATAL(ledger_open(&ledger, 3, n));
    }
    CU_ASSERT_EQUAL(ledger.capacity, capacity);
    CU_ASSERT_EQUAL(ledger.count, 10000);
    CU_ASSERT_EQUAL(ledger.count_max, 10000);
    ledger_free(&ledger);
}

static void the_copy_that_is_due_first_is_taken_out_first(void)
{
    static const uint64_t due_ns[] = {30, 10, 20};
    struct ledger ledger;
    uint64_t taken_ns = 0;

    CU_ASSERT_EQUAL_FATAL(ledger_init(&ledger), 0);
    struct request *request = ledger_open(&ledger, 7, 1);
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT(ledger_add_copy(&ledger, request, 5, 2, due_ns[i]));
    }
    CU_ASSERT(ledger_add_copy(&ledger, request, 6, 2, 1));
    CU_ASSERT(ledger_add_copy(&ledger, request, 5, 1, 2));
    for (uint64_t expected_ns = 10; expected_ns <= 30; expected_ns += 10) {
        CU_ASSERT(ledger_take_copy(&ledger, request, 5, 2, &taken_ns));
        CU_ASSERT_EQUAL(taken_ns, expected_ns);
    }
    CU_ASSERT_FALSE(ledger_take_copy(&ledger, request, 5, 2, &taken_ns));
    CU_ASSERT_EQUAL(ledger.copy_count, 2);
    ledger_free(&ledger);
}

static void a_request_is_over_when_nothing_can_happen_to_it(void)
{
    struct ledger ledger;
    uint64_t due_ns;

    CU_ASSERT_EQUAL_FATAL(ledger_init(&ledger), 0);
    struct request *request = ledger_open(&ledger, 7, 1);
    CU_ASSERT_FALSE(ledger_is_over(request)); /* it has not ended */
    request->outcome = 1;
    CU_ASSERT(ledger_is_over(request));
    CU_ASSERT(ledger_add_copy(&ledger, request, 5, 1, 10));
    CU_ASSERT_FALSE(ledger_is_over(request));
    CU_ASSERT(ledger_take_copy(&ledger, request, 5, 1, &due_ns));
    request->jobs = 1;
    CU_ASSERT_FALSE(ledger_is_over(request));
    request->jobs = 0;
    request->entry = true;
    CU_ASSERT_FALSE(ledger_is_over(request));
    request->entry = false;
    request->held = 1;
    CU_ASSERT_FALSE(ledger_is_over(request));
    ledger_free(&ledger);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_request_is_found_by_client_and_number),
        HARNESS_TEST(it_grows_and_uses_again_what_was_released),
        HARNESS_TEST(the_copy_that_is_due_first_is_taken_out_first),
        HARNESS_TEST(a_request_is_over_when_nothing_can_happen_to_it),
    };
    return harness_run("verdict/ledger", tests, HARNESS_COUNT(tests));
}
