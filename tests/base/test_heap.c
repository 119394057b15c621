#include "base/heap.h"

#include "base/prng.h"
#include "base/time.h"
#include "harness.h"

/* Values of the model, and how often it is changed. */
#define MODEL_VALUES 64u
#define MODEL_STEPS  20000u

static void instants_come_out_in_their_order(void)
{
    static const uint64_t due_ns[] = {50, 10, 40, 10, 30, 20, 0, TIME_NEVER};
    static const uint32_t sorted[] = {6, 1, 3, 5, 4, 2, 0, 7};
    struct heap heap;
    uint32_t i;

    CU_ASSERT_EQUAL_FATAL(heap_init(&heap, 8, false), 0);
    CU_ASSERT_EQUAL(heap_due_ns(&heap), TIME_NEVER);
    for (i = 0; i < 8; i++) {
        heap_push(&heap, due_ns[i], i, i);
    }
    CU_ASSERT_EQUAL(heap.count, 8);
    for (i = 0; i < 8; i++) {
        CU_ASSERT_EQUAL(heap_due_ns(&heap), due_ns[sorted[i]]);
        CU_ASSERT_EQUAL(heap_least(&heap)->value, sorted[i]);
        CU_ASSERT_EQUAL(heap_pop(&heap), sorted[i]);
    }
    CU_ASSERT_EQUAL(heap.count, 0);
    heap_free(&heap);
}

static void equal_instants_come_out_in_the_order_of_their_second_key(void)
{
    struct heap heap;
    uint32_t i;

    CU_ASSERT_EQUAL_FATAL(heap_init(&heap, 101, false), 0);
    for (i = 0; i < 101; i++) { /* 37 and 101 have no common divisor: every order once */
        uint32_t order = i * 37 % 101;
        heap_push(&heap, 5 * NS_PER_MS, order, order + 1000);
    }
    for (i = 0; i < 101; i++) {
        CU_ASSERT_EQUAL(heap_least(&heap)->order, i);
        CU_ASSERT_EQUAL(heap_pop(&heap), i + 1000);
    }
    heap_free(&heap);
}

static void the_second_key_uses_all_of_its_bits(void)
{
    struct heap heap;

    CU_ASSERT_EQUAL_FATAL(heap_init(&heap, 3, false), 0);
    heap_push(&heap, 7, UINT64_MAX, 1);
    heap_push(&heap, 8, 0, 2);
    heap_push(&heap, 7, UINT64_MAX - 1, 3);
    CU_ASSERT_EQUAL(heap_pop(&heap), 3);
    CU_ASSERT_EQUAL(heap_pop(&heap), 1);
    CU_ASSERT_EQUAL(heap_pop(&heap), 2);
    heap_free(&heap);
}

static void a_stream_of_events_is_never_out_of_order(void)
{
    struct heap heap;
    uint64_t now_ns = 0;
    unsigned wrong = 0;
    uint32_t i;

    CU_ASSERT_EQUAL_FATAL(heap_init(&heap, 1000, false), 0);
    for (i = 0; i < 1000; i++) {
        heap_push(&heap, prng_below(prng_draw(1, i), 1000), i, i);
    }
    for (i = 0; i < 100000; i++) {
        struct heap_item least = *heap_least(&heap);
        wrong += least.due_ns < now_ns;
        now_ns = least.due_ns;
        wrong += heap_pop(&heap) != least.value;
        heap_push(&heap, now_ns + prng_below(prng_draw(2, i), 1000), 1000 + i, least.value);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(heap.count, 1000);
    heap_free(&heap);
}

static void to_replace_the_least_is_to_pop_and_push(void)
{
    struct heap heap;
    struct heap twin;
    unsigned wrong = 0;

    for (uint32_t count = 1; count <= 30; count++) {
        CU_ASSERT_EQUAL_FATAL(heap_init(&heap, count, false), 0);
        CU_ASSERT_EQUAL_FATAL(heap_init(&twin, count, false), 0);
        for (uint32_t i = 0; i < count; i++) {
            heap_push(&heap, i % 5, i, i);
            heap_push(&twin, i % 5, i, i);
        }
        for (uint32_t i = 0; i < 1000; i++) { /* few instants, so that many are equal */
            uint64_t due_ns = prng_below(prng_draw(5, i), 10);
            heap_replace(&heap, due_ns, 100 + i, i);
            (void)heap_pop(&twin);
            heap_push(&twin, due_ns, 100 + i, i);
            wrong += heap_least(&heap)->value != heap_least(&twin)->value;
        }
        for (uint32_t i = 0; i < count; i++) {
            wrong += heap_pop(&heap) != heap_pop(&twin);
        }
        CU_ASSERT_EQUAL(heap.count, 0);
        heap_free(&heap);
        heap_free(&twin);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void a_heap_without_room_can_be_given_some_and_keeps_its_items(void)
{
    struct heap heap;

    CU_ASSERT_EQUAL_FATAL(heap_init(&heap, 0, true), 0);
    CU_ASSERT_EQUAL(heap.capacity, 0);
    CU_ASSERT_EQUAL(heap_due_ns(&heap), TIME_NEVER);
    CU_ASSERT_EQUAL_FATAL(heap_reserve(&heap, 2), 0);
    heap_push(&heap, 20, 0, 1);
    heap_push(&heap, 10, 0, 0);
    CU_ASSERT_EQUAL_FATAL(heap_reserve(&heap, 1), 0); /* never less */
    CU_ASSERT_EQUAL(heap.capacity, 2);
    CU_ASSERT_EQUAL_FATAL(heap_reserve(&heap, 500), 0);
    CU_ASSERT_EQUAL(heap.capacity, 500);
    CU_ASSERT_FALSE(heap_remove(&heap, 499));
    heap_set(&heap, 5, 0, 499);
    CU_ASSERT_EQUAL(heap_pop(&heap), 499);
    CU_ASSERT_EQUAL(heap_pop(&heap), 0);
    CU_ASSERT_EQUAL(heap_pop(&heap), 1);
    heap_free(&heap);
}

static void a_timer_can_be_moved_both_ways_and_stopped(void)
{
    struct heap heap;

    CU_ASSERT_EQUAL_FATAL(heap_init(&heap, 4, true), 0);
    heap_set(&heap, 100, 0, 0);
    heap_set(&heap, 200, 0, 1);
    heap_set(&heap, 300, 0, 2);
    heap_set(&heap, 400, 0, 3);
    heap_set(&heap, 50, 0, 3); /* from last to first */
    CU_ASSERT_EQUAL(heap_least(&heap)->value, 3);
    heap_set(&heap, 250, 0, 3); /* and between the others */
    CU_ASSERT_EQUAL(heap.count, 4);
    CU_ASSERT_TRUE(heap_remove(&heap, 0));
    CU_ASSERT_FALSE(heap_remove(&heap, 0));
    CU_ASSERT_EQUAL(heap_pop(&heap), 1);
    CU_ASSERT_EQUAL(heap_pop(&heap), 3);
    CU_ASSERT_EQUAL(heap_pop(&heap), 2);
    CU_ASSERT_FALSE(heap_remove(&heap, 2));
    heap_free(&heap);
}

/* A heap as simple as can be: the keys of each value, looked through one by one. */
struct model {
    bool in[MODEL_VALUES];
    uint64_t due_ns[MODEL_VALUES];
    uint64_t order[MODEL_VALUES];
};

static uint32_t model_least(const struct model *model)
{
    uint32_t least = HEAP_NONE;
    uint32_t value;

    for (value = 0; value < MODEL_VALUES; value++) {
        if (model->in[value] &&
            (least == HEAP_NONE || model->due_ns[value] < model->due_ns[least] ||
             (model->due_ns[value] == model->due_ns[least] &&
              model->order[value] < model->order[least]))) {
            least = value;
        }
    }
    return least;
}

static void an_indexed_heap_does_what_a_list_would(void)
{
    struct model model = {0};
    struct heap heap;
    unsigned wrong = 0;
    unsigned step;

    CU_ASSERT_EQUAL_FATAL(heap_init(&heap, MODEL_VALUES, true), 0);
    for (step = 0; step < MODEL_STEPS; step++) {
        uint64_t random = prng_draw(4, step);
        uint32_t value = (uint32_t)(random % MODEL_VALUES);
        switch (random >> 32 & 3) {
        case 0:
        case 1: /* few instants, so that many are equal; the order makes them different */
            model.in[value] = true;
            model.due_ns[value] = random >> 40 & 15;
            model.order[value] = step;
            heap_set(&heap, model.due_ns[value], model.order[value], value);
            break;
        case 2:
            wrong += heap_remove(&heap, value) != model.in[value];
            model.in[value] = false;
            break;
        case 3:
            if (heap.count > 0) {
                value = heap_pop(&heap);
                wrong += value != model_least(&model);
                model.in[value] = false;
            }
            break;
        }
        uint32_t least = model_least(&model);
        wrong += heap_due_ns(&heap) != (least == HEAP_NONE ? TIME_NEVER : model.due_ns[least]);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    while (heap.count > 0) {
        uint32_t least = model_least(&model);
        CU_ASSERT_EQUAL_FATAL(heap_pop(&heap), least);
        model.in[least] = false;
    }
    CU_ASSERT_EQUAL(model_least(&model), HEAP_NONE);
    heap_free(&heap);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(instants_come_out_in_their_order),
    HARNESS_TEST(equal_instants_come_out_in_the_order_of_their_second_key),
    HARNESS_TEST(the_second_key_uses_all_of_its_bits),
    HARNESS_TEST(a_stream_of_events_is_never_out_of_order),
    HARNESS_TEST(to_replace_the_least_is_to_pop_and_push),
    HARNESS_TEST(a_heap_without_room_can_be_given_some_and_keeps_its_items),
    HARNESS_TEST(a_timer_can_be_moved_both_ways_and_stopped),
    HARNESS_TEST(an_indexed_heap_does_what_a_list_would),
};

int main(void)
{
    return harness_run("base/heap", tests, HARNESS_COUNT(tests));
}
