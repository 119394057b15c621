#include "base/map.h"

#include "base/prng.h"
#include "harness.h"

#define MODEL_KEYS  200u
#define MODEL_STEPS 50000u

/* The key whose search begins at the slot `home` of so many, the `nth` (from 0) that is found by
 * putting one after the other into an empty map. */
static uint64_t key_with_home_of(uint32_t slot_count, uint32_t home, uint32_t nth)
{
    uint64_t key = 0;
    struct map map;

    CU_ASSERT_EQUAL_FATAL(map_init(&map, slot_count / 2), 0);
    CU_ASSERT_EQUAL_FATAL(map.mask, slot_count - 1);
    for (;; key++) {
        map_clear(&map);
        CU_ASSERT_TRUE_FATAL(map_put(&map, key, 1));
        if (map.slots[home].value == 1 && nth-- == 0) {
            break;
        }
    }
    map_free(&map);
    return key;
}

static uint64_t key_with_home(uint32_t home, uint32_t nth)
{
    return key_with_home_of(16, home, nth);
}

static void what_was_put_is_found_and_nothing_else(void)
{
    struct map map;

    CU_ASSERT_EQUAL_FATAL(map_init(&map, 10), 0);
    CU_ASSERT_EQUAL(map_get(&map, 0), MAP_NONE);
    CU_ASSERT_TRUE(map_put(&map, 0, 7));
    CU_ASSERT_TRUE(map_put(&map, UINT64_MAX, 0));
    CU_ASSERT_EQUAL(map_get(&map, 0), 7);
    CU_ASSERT_EQUAL(map_get(&map, UINT64_MAX), 0);
    CU_ASSERT_EQUAL(map_get(&map, 1), MAP_NONE);
    CU_ASSERT_EQUAL(map.count, 2);
    map_free(&map);
}

static void a_key_put_again_has_its_new_value_and_counts_once(void)
{
    struct map map;

    CU_ASSERT_EQUAL_FATAL(map_init(&map, 1), 0);
    CU_ASSERT_TRUE(map_put(&map, 5, 1));
    CU_ASSERT_TRUE(map_put(&map, 5, 2)); /* even in a full map */
    CU_ASSERT_EQUAL(map_get(&map, 5), 2);
    CU_ASSERT_EQUAL(map.count, 1);
    map_free(&map);
}

static void what_is_put_where_it_was_looked_for_is_found_after_growth_too(void)
{
    struct map map;
    unsigned wrong = 0;

    CU_ASSERT_EQUAL_FATAL(map_init(&map, 1000), 0);
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t at = map_find(&map, i);
        wrong += map.slots[at].value != MAP_NONE;
        wrong += !map_put_at(&map, at, i, i);
        at = map_find(&map, i);
        wrong += map.slots[at].value != i;
        wrong += !map_put_at(&map, at, i, i + 1);
    }
    for (uint32_t i = 0; i < 1000; i++) {
        wrong += map_get(&map, i) != i + 1;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(map.count, 1000);
    CU_ASSERT_FALSE(map_put_at(&map, map_find(&map, 1000), 1000, 1));
    CU_ASSERT_EQUAL(map.count, 1000);
    map_free(&map);
}

static void a_full_map_refuses_a_new_key_and_stays_as_it_was(void)
{
    struct map map;
    uint32_t i;

    CU_ASSERT_EQUAL_FATAL(map_init(&map, 100), 0);
    for (i = 0; i < 100; i++) {
        CU_ASSERT_TRUE(map_put(&map, i, i));
    }
    CU_ASSERT_FALSE(map_put(&map, 100, 100));
    CU_ASSERT_EQUAL(map_get(&map, 100), MAP_NONE);
    CU_ASSERT_EQUAL(map.count, 100);
    CU_ASSERT_TRUE(map_remove(&map, 50));
    CU_ASSERT_TRUE(map_put(&map, 100, 100));
    for (i = 0; i <= 100; i++) {
        CU_ASSERT_EQUAL(map_get(&map, i), i == 50 ? MAP_NONE : i);
    }
    map_free(&map);
}

static void a_removed_key_is_gone_and_can_come_back(void)
{
    struct map map;

    CU_ASSERT_EQUAL_FATAL(map_init(&map, 4), 0);
    CU_ASSERT_FALSE(map_remove(&map, 9));
    CU_ASSERT_TRUE(map_put(&map, 9, 1));
    CU_ASSERT_TRUE(map_remove(&map, 9));
    CU_ASSERT_FALSE(map_remove(&map, 9));
    CU_ASSERT_EQUAL(map_get(&map, 9), MAP_NONE);
    CU_ASSERT_EQUAL(map.count, 0);
    CU_ASSERT_TRUE(map_put(&map, 9, 2));
    CU_ASSERT_EQUAL(map_get(&map, 9), 2);
    map_free(&map);
}

static void removing_from_a_crowd_leaves_the_others_reachable(void)
{
    /* Five keys in a run that goes round the end of the 16 slots: homes 14 14 15 14 0. */
    static const uint32_t homes[] = {14, 14, 15, 14, 0};
    uint32_t removed;
    uint32_t i;

    for (removed = 0; removed < 5; removed++) {
        struct map map;
        CU_ASSERT_EQUAL_FATAL(map_init(&map, 8), 0);
        CU_ASSERT_EQUAL_FATAL(map.mask, 15);
        for (i = 0; i < 5; i++) {
            CU_ASSERT_TRUE(map_put(&map, key_with_home(homes[i], i), i));
        }
        CU_ASSERT_EQUAL(map.slots[2].value, 4); /* the last went round to the slot 2 */
        CU_ASSERT_TRUE(map_remove(&map, key_with_home(homes[removed], removed)));
        for (i = 0; i < 5; i++) {
            CU_ASSERT_EQUAL(map_get(&map, key_with_home(homes[i], i)), i == removed ? MAP_NONE : i);
        }
        CU_ASSERT_EQUAL(map.slots[2].value, MAP_NONE); /* all behind the hole moved up */
        map_free(&map);
    }
}

static void a_key_at_home_does_not_move_into_a_hole_before_it(void)
{
    struct map map;

    CU_ASSERT_EQUAL_FATAL(map_init(&map, 8), 0);
    CU_ASSERT_TRUE(map_put(&map, key_with_home(3, 1), 1));
    CU_ASSERT_TRUE(map_put(&map, key_with_home(4, 2), 2));
    CU_ASSERT_TRUE(map_put(&map, key_with_home(3, 3), 3)); /* goes to 5 */
    CU_ASSERT_TRUE(map_remove(&map, key_with_home(3, 1)));
    CU_ASSERT_EQUAL(map.slots[3].value, 3);
    CU_ASSERT_EQUAL(map.slots[4].value, 2);
    CU_ASSERT_EQUAL(map.slots[5].value, MAP_NONE);
    map_free(&map);
}

static void a_map_does_what_an_array_would(void)
{
    uint64_t keys[MODEL_KEYS];
    uint32_t model[MODEL_KEYS];
    struct map map;
    uint32_t count = 0;
    unsigned wrong = 0;
    unsigned step;
    uint32_t i;

    for (i = 0; i < MODEL_KEYS; i++) {
        keys[i] = key_with_home_of(64, i % 4, i / 4); /* crowded */
        model[i] = MAP_NONE;
    }
    CU_ASSERT_EQUAL_FATAL(map_init(&map, 128), 0); /* fewer than there are keys: often full */
    for (step = 0; step < MODEL_STEPS; step++) {
        uint64_t random = prng_draw(5, step);
        i = (uint32_t)(random % MODEL_KEYS);
        uint64_t key = keys[i];
        if ((random >> 32 & 3) != 0) {
            bool fits = model[i] != MAP_NONE || count < 128;
            wrong += map_put(&map, key, step) != fits;
            if (fits) {
                count += model[i] == MAP_NONE;
                model[i] = step;
            }
        } else {
            wrong += map_remove(&map, key) != (model[i] != MAP_NONE);
            count -= model[i] != MAP_NONE;
            model[i] = MAP_NONE;
        }
        wrong += map.count != count;
        i = (uint32_t)(random >> 40) % MODEL_KEYS;
        wrong += map_get(&map, keys[i]) != model[i];
    }
    for (i = 0; i < MODEL_KEYS; i++) {
        wrong += map_get(&map, keys[i]) != model[i];
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(count > 64);
    map_free(&map);
}

/* How far it is from a slot in use to the next empty one, in slots times 100, with `count` keys
 * that are `stride` apart. */
static uint64_t mean_run(uint32_t count, uint64_t stride)
{
    uint64_t length = 0;
    struct map map;

    CU_ASSERT_EQUAL_FATAL(map_init(&map, count), 0);
    for (uint32_t i = 0; i < count; i++) {
        CU_ASSERT_TRUE(map_put(&map, i * stride, i));
    }
    for (uint32_t at = 0; at <= map.mask; at++) {
        uint32_t run = 0;
        while (map.slots[(at + run) & map.mask].value != MAP_NONE) {
            run++;
        }
        length += run;
    }
    map_free(&map);
    return 100 * length / count;
}

static void regular_keys_do_not_crowd(void)
{
    /* In 32768 slots, four fifths in use; keys at random would have about 1200. */
    for (unsigned shift = 0; shift <= 48; shift++) {
        CU_ASSERT(mean_run(26000, UINT64_C(1) << shift) < 2000);
    }
}

static void a_cleared_map_is_empty_and_can_be_filled_again(void)
{
    struct map map;
    struct map none = {0};

    CU_ASSERT_EQUAL_FATAL(map_init(&map, 100), 0);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 100; i++) {
            CU_ASSERT_TRUE(map_put(&map, i, round));
        }
        map_clear(&map);
        CU_ASSERT_EQUAL(map.count, 0);
        CU_ASSERT_EQUAL(map_get(&map, 50), MAP_NONE);
    }
    map_free(&map);
    map_clear(&none);
    CU_ASSERT_EQUAL(none.count, 0);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(what_was_put_is_found_and_nothing_else),
    HARNESS_TEST(a_key_put_again_has_its_new_value_and_counts_once),
    HARNESS_TEST(what_is_put_where_it_was_looked_for_is_found_after_growth_too),
    HARNESS_TEST(a_full_map_refuses_a_new_key_and_stays_as_it_was),
    HARNESS_TEST(a_removed_key_is_gone_and_can_come_back),
    HARNESS_TEST(removing_from_a_crowd_leaves_the_others_reachable),
    HARNESS_TEST(a_key_at_home_does_not_move_into_a_hole_before_it),
    HARNESS_TEST(a_cleared_map_is_empty_and_can_be_filled_again),
    HARNESS_TEST(regular_keys_do_not_crowd),
    HARNESS_TEST(a_map_does_what_an_array_would),
};

int main(void)
{
    return harness_run("base/map", tests, HARNESS_COUNT(tests));
}
