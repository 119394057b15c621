/* Arrays double, keep what they hold, and stay as they are where there is no room. */
#include "base/array.h"

#include <stdlib.h>

#include "harness.h"

static void an_array_begins_with_its_first_room_and_doubles(void)
{
    uint32_t capacity = 0;
    uint16_t *items = array_grow(NULL, &capacity, sizeof *items, 3);

    CU_ASSERT_PTR_NOT_NULL_FATAL(items);
    CU_ASSERT_EQUAL(capacity, 3);
    for (uint16_t i = 0; i < 3; i++) {
        items[i] = (uint16_t)(100 + i);
    }
    items = array_grow(items, &capacity, sizeof *items, 3);
    CU_ASSERT_PTR_NOT_NULL_FATAL(items);
    CU_ASSERT_EQUAL(capacity, 6);
    CU_ASSERT_EQUAL(items[0], 100);
    CU_ASSERT_EQUAL(items[2], 102);
    free(items);
}

static void without_room_all_is_as_it_was(void)
{
    uint32_t capacity = 4;
    uint8_t *items = malloc(4);
    uint32_t full = UINT32_C(1) << 31;

    CU_ASSERT_PTR_NOT_NULL_FATAL(items);
    items[3] = 7;
    CU_ASSERT_PTR_NULL(array_grow(items, &capacity, SIZE_MAX / 5, 1));
    CU_ASSERT_EQUAL(capacity, 4);
    CU_ASSERT_EQUAL(items[3], 7);
    CU_ASSERT_PTR_NULL(array_grow(items, &full, 1, 1));
    CU_ASSERT_EQUAL(full, UINT32_C(1) << 31);
    free(items);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(an_array_begins_with_its_first_room_and_doubles),
        HARNESS_TEST(without_room_all_is_as_it_was),
    };
    return harness_run("base/array", tests, HARNESS_COUNT(tests));
}
