#include "verdict/ledger.h"

#include "base/prng.h"
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
        CU_ASSERT(ledger_add_copy(&ledger, request, ledger_way(5, 2), due_ns[i]));
    }
    CU_ASSERT(ledger_add_copy(&ledger, request, ledger_way(6, 2), 1));
    CU_ASSERT(ledger_add_copy(&ledger, request, ledger_way(5, 1), 2));
    for (uint64_t expected_ns = 10; expected_ns <= 30; expected_ns += 10) {
        CU_ASSERT(ledger_take_copy(&ledger, request, ledger_way(5, 2), &taken_ns));
        CU_ASSERT_EQUAL(taken_ns, expected_ns);
    }
    CU_ASSERT_FALSE(ledger_take_copy(&ledger, request, ledger_way(5, 2), &taken_ns));
    CU_ASSERT_EQUAL(ledger.copy_count, 2);
    ledger_free(&ledger);
}

static void an_only_copy_is_taken_if_it_is_the_one_and_due(void)
{
    struct ledger ledger;
    uint32_t way = ledger_way(5, 2);

    CU_ASSERT_EQUAL_FATAL(ledger_init(&ledger), 0);
    struct request *request = ledger_open(&ledger, 7, 1);
    CU_ASSERT_FALSE(ledger_take_only_copy(&ledger, request, way, 100)); /* there is none */
    CU_ASSERT(ledger_has_no_copy(request));
    ledger_add_only_copy(&ledger, request, way, 10);
    CU_ASSERT_FALSE(ledger_has_no_copy(request));
    CU_ASSERT_FALSE(ledger_take_only_copy(&ledger, request, ledger_way(5, 1), 100));
    CU_ASSERT_FALSE(ledger_take_only_copy(&ledger, request, ledger_way(6, 2), 100));
    CU_ASSERT_FALSE(ledger_take_only_copy(&ledger, request, way, 9));
    CU_ASSERT(ledger_add_copy(&ledger, request, way, 20));
    CU_ASSERT_FALSE(ledger_take_only_copy(&ledger, request, way, 100)); /* which of the two? */
    CU_ASSERT_EQUAL(ledger.copy_count, 2);
    ledger_free(&ledger);
}

/* The short ways, and where they do not lead on the long ones, against the long ones alone. */
static void short_ways_of_copies_lead_where_the_long_ones_do(void)
{
    struct ledger ledger;
    uint64_t drawn = 1;

    CU_ASSERT_EQUAL_FATAL(ledger_init(&ledger), 0);
    uint32_t mixed = (uint32_t)(ledger_open(&ledger, 7, 1) - ledger.requests);
    uint32_t plain = (uint32_t)(ledger_open(&ledger, 8, 1) - ledger.requests);
    for (uint64_t now_ns = 1; now_ns <= 20000; now_ns++) {
        drawn = prng_draw(drawn, now_ns);
        uint32_t way = ledger_way(drawn & 1, (uint8_t)(1 + (drawn >> 1 & 1)));
        struct request *one = &ledger.requests[mixed];
        struct request *other = &ledger.requests[plain];
        if ((drawn >> 2 & 7) < 3) {
            uint64_t due_ns = now_ns + (drawn >> 8 & 3);
            if (ledger_has_no_copy(one)) {
                ledger_add_only_copy(&ledger, one, way, due_ns);
            } else {
                CU_ASSERT(ledger_add_copy(&ledger, one, way, due_ns));
            }
            CU_ASSERT(ledger_add_copy(&ledger, other, way, due_ns));
        } else {
            uint64_t due_ns = ledger_next_due_ns(&ledger, one, way);
            uint64_t taken_ns = 0;
            bool only = ledger_take_only_copy(&ledger, one, way, now_ns);
            bool taken = only || ledger_take_copy(&ledger, one, way, &due_ns);
            CU_ASSERT_EQUAL(ledger_take_copy(&ledger, other, way, &taken_ns), taken);
            CU_ASSERT(!taken || due_ns == taken_ns);
            CU_ASSERT(!only || taken_ns <= now_ns);
        }
        CU_ASSERT_EQUAL(one->first.way == LEDGER_NONE, other->first.way == LEDGER_NONE);
    }
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
    CU_ASSERT(ledger_add_copy(&ledger, request, ledger_way(5, 1), 10));
    CU_ASSERT_FALSE(ledger_is_over(request));
    CU_ASSERT(ledger_take_copy(&ledger, request, ledger_way(5, 1), &due_ns));
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
        HARNESS_TEST(an_only_copy_is_taken_if_it_is_the_one_and_due),
        HARNESS_TEST(short_ways_of_copies_lead_where_the_long_ones_do),
        HARNESS_TEST(a_request_is_over_when_nothing_can_happen_to_it),
    };
    return harness_run("verdict/ledger", tests, HARNESS_COUNT(tests));
}
