#include "shim/flight.h"

#include <string.h>

#include "harness.h"

#include "base/prng.h"
#include "base/time.h"
#include "protocol/wire.h"

/* Fills a datagram's bytes in a way that tells it from every other. */
static void fill_bytes(uint8_t *bytes, uint64_t id, uint16_t size)
{
    for (uint16_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(prng_draw(id, i) >> 56);
    }
}

/* Holds datagram `id` of `size` bytes until due_ns. */
static bool push(struct flight *flight, uint64_t due_ns, uint64_t id, uint16_t size)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    fill_bytes(bytes, id, size);
    struct flight_item *item = flight_push(flight, due_ns, 3, size, bytes);
    if (item != NULL) {
        item->id = id;
        item->to = 4;
        item->try = 1;
    }
    return item != NULL;
}

/* Takes the earliest; returns its id, or 0 if its bytes are not its own. */
static uint64_t pop(struct flight *flight)
{
    uint8_t expected[WIRE_DATAGRAM_MAX];
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    struct flight_item item;

    flight_pop(flight, &item, bytes);
    fill_bytes(expected, item.id, item.size);
    return memcmp(bytes, expected, item.size) == 0 && item.from == 3 && item.to == 4 &&
                   item.try == 1
               ? item.id
               : 0;
}

static void datagrams_sent_at_once_all_leave_at_their_delay_in_order(void)
{
    struct flight flight;

    CU_ASSERT_EQUAL_FATAL(flight_init(&flight, FLIGHT_MAX), 0);
    CU_ASSERT_EQUAL(flight_due_ns(&flight), TIME_NEVER);
    for (uint64_t id = 1; id <= 1000; id++) {
        CU_ASSERT_TRUE(push(&flight, 5 * NS_PER_MS, id, 53));
    }
    CU_ASSERT_EQUAL(flight_count(&flight), 1000);
    for (uint64_t id = 1; id <= 1000; id++) {
        CU_ASSERT_EQUAL(flight_due_ns(&flight), 5 * NS_PER_MS);
        CU_ASSERT_EQUAL(pop(&flight), id);
    }
    CU_ASSERT_EQUAL(flight_due_ns(&flight), TIME_NEVER);
    CU_ASSERT_EQUAL(flight_count(&flight), 0);
    flight_free(&flight);
}

static void equal_instants_leave_in_the_order_of_the_nodes_they_come_from(void)
{
    static const uint32_t from[] = {100257, 2, 0, 2, 1};
    static const uint64_t sorted[] = {3, 5, 2, 4, 1};
    uint8_t bytes[WIRE_DATAGRAM_MAX] = {'x'};
    struct flight flight;

    CU_ASSERT_EQUAL_FATAL(flight_init(&flight, FLIGHT_MAX), 0);
    for (uint32_t i = 0; i < 5; i++) {
        struct flight_item *item = flight_push(&flight, 10, from[i], 1, bytes);
        CU_ASSERT_PTR_NOT_NULL_FATAL(item);
        item->id = i + 1;
    }
    for (uint32_t i = 0; i < 5; i++) {
        struct flight_item item;
        flight_pop(&flight, &item, bytes);
        CU_ASSERT_EQUAL(item.id, sorted[i]);
        CU_ASSERT_EQUAL(item.from, from[sorted[i] - 1]);
    }
    flight_free(&flight);
}

static void jitter_reorders(void)
{
    struct flight flight;

    CU_ASSERT_EQUAL_FATAL(flight_init(&flight, FLIGHT_MAX), 0);
    CU_ASSERT_TRUE(push(&flight, 30, 1, 53));
    CU_ASSERT_TRUE(push(&flight, 10, 2, 53));
    CU_ASSERT_TRUE(push(&flight, 20, 3, 53));
    CU_ASSERT_TRUE(push(&flight, 10, 4, 53));
    CU_ASSERT_EQUAL(flight_due_ns(&flight), 10);
    CU_ASSERT_EQUAL(pop(&flight), 2);
    CU_ASSERT_EQUAL(pop(&flight), 4);
    CU_ASSERT_EQUAL(flight_due_ns(&flight), 20);
    CU_ASSERT_EQUAL(pop(&flight), 3);
    CU_ASSERT_EQUAL(pop(&flight), 1);
    flight_free(&flight);
}

static void every_size_keeps_its_bytes(void)
{
    struct flight flight;

    CU_ASSERT_EQUAL_FATAL(flight_init(&flight, FLIGHT_MAX), 0);
    for (uint16_t size = 0; size <= WIRE_DATAGRAM_MAX; size++) {
        CU_ASSERT_TRUE(push(&flight, 7, size + 1u, size));
    }
    for (uint16_t size = 0; size <= WIRE_DATAGRAM_MAX; size++) {
        CU_ASSERT_EQUAL(pop(&flight), size + 1u);
    }
    flight_free(&flight);
}

static void the_largest_small_and_the_smallest_large_stay_apart(void)
{
    struct flight flight;

    CU_ASSERT_EQUAL_FATAL(flight_init(&flight, FLIGHT_MAX), 0);
    for (uint64_t i = 0; i < 100; i++) {
        CU_ASSERT_TRUE(push(&flight, i, 2 * i + 1, FLIGHT_SMALL));
        CU_ASSERT_TRUE(push(&flight, i, 2 * i + 2, FLIGHT_SMALL + 1));
    }
    for (uint64_t id = 1; id <= 200; id++) {
        CU_ASSERT_EQUAL(pop(&flight), id);
    }
    flight_free(&flight);
}

static void cells_are_used_again_and_again(void)
{
    struct flight flight;
    uint64_t wrong = 0;
    uint64_t next = 1;
    uint64_t pushed = 0;

    CU_ASSERT_EQUAL_FATAL(flight_init(&flight, FLIGHT_MAX), 0);
    for (uint64_t round = 0; round < 20000; round++) {
        uint64_t more = prng_below(prng_draw(1, round), 5); /* 2 in the mean, and 2 are taken */
        for (; more > 0 && flight_count(&flight) < 64; more--) {
            uint16_t size = (uint16_t)prng_below(prng_draw(2, pushed), 200);
            pushed++;
            wrong += !push(&flight, pushed, pushed, size);
        }
        for (unsigned i = 0; i < 2 && flight_count(&flight) > 0; i++) {
            wrong += pop(&flight) != next++;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_TRUE(pushed > 30000);
    CU_ASSERT_TRUE(flight.capacity <= 64);
    flight_free(&flight);
}

static void what_is_pushed_into_an_open_place_leaves_in_its_turn(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    struct flight flight;
    struct flight_item item;
    uint64_t next = 3;

    CU_ASSERT_EQUAL_FATAL(flight_init(&flight, 4), 0);
    CU_ASSERT_TRUE(push(&flight, 10, 1, 4));
    CU_ASSERT_TRUE(push(&flight, 20, 2, FLIGHT_SMALL + 1));
    for (uint64_t now_ns = 10; now_ns < 1000; now_ns += 10) { /* for one that leaves one comes */
        flight_lift(&flight, &item, bytes);
        CU_ASSERT_EQUAL(item.id, now_ns / 10);
        CU_ASSERT_TRUE(push(&flight, now_ns + 20, next, next % 2 == 0 ? FLIGHT_SMALL + 1 : 4));
        next++;
        flight_settle(&flight);
        CU_ASSERT_EQUAL(flight_due_ns(&flight), now_ns + 10);
        CU_ASSERT_EQUAL(flight_count(&flight), 2);
    }
    flight_lift(&flight, &item, bytes); /* two come: the second has a place of its own */
    CU_ASSERT_TRUE(push(&flight, 1005, next, 4));
    CU_ASSERT_TRUE(push(&flight, 1003, next + 1, 4));
    flight_settle(&flight);
    CU_ASSERT_EQUAL(flight_count(&flight), 3);
    CU_ASSERT_EQUAL(pop(&flight), next + 1);
    CU_ASSERT_EQUAL(pop(&flight), next);
    flight_lift(&flight, &item, bytes); /* none comes */
    CU_ASSERT_EQUAL(item.id, next - 1);
    flight_settle(&flight);
    CU_ASSERT_EQUAL(flight_count(&flight), 0);
    CU_ASSERT_EQUAL(flight_due_ns(&flight), TIME_NEVER);
    flight_free(&flight);
}

static void a_look_ahead_sees_who_leaves_next_and_mostly_who_is_after_that(void)
{
    enum { ALL = 1000, TOO_FEW = 20 };
    uint64_t left[ALL];
    uint64_t next[ALL];
    uint64_t after[ALL];
    const struct flight_item *soon[2] = {NULL, NULL};
    unsigned next_right = 0;
    unsigned after_right = 0;
    struct flight flight;

    CU_ASSERT_EQUAL_FATAL(flight_init(&flight, FLIGHT_MAX), 0);
    for (uint64_t id = 1; id <= ALL; id++) {
        CU_ASSERT_TRUE(push(&flight, prng_mix(id), id, 4));
    }
    for (unsigned i = 0; i < ALL - TOO_FEW; i++) {
        CU_ASSERT_TRUE_FATAL(flight_look_ahead(&flight, soon));
        next[i] = soon[0]->id;
        after[i] = soon[1]->id;
        left[i] = pop(&flight);
    }
    CU_ASSERT_FALSE(flight_look_ahead(&flight, soon));
    for (unsigned i = 0; i + 2 < ALL - TOO_FEW; i++) {
        next_right += next[i] == left[i + 1];
        after_right += after[i] == left[i + 2];
    }
    CU_ASSERT_EQUAL(next_right, 978);
    CU_ASSERT_EQUAL(after_right, 684);
    flight_free(&flight);
}

static void a_full_flight_holds_nothing_more_and_loses_nothing(void)
{
    struct flight flight;
    uint64_t id = 0;
    uint64_t wrong = 0;

    CU_ASSERT_EQUAL_FATAL(flight_init(&flight, 1000), 0); /* which no doubling hits */
    while (id < 1000 && push(&flight, 1, id + 1, 4)) {
        id++;
    }
    CU_ASSERT_EQUAL(id, 1000);
    CU_ASSERT_FALSE(push(&flight, 1, id + 1, 4));
    CU_ASSERT_FALSE(push(&flight, 1, id + 1, WIRE_DATAGRAM_MAX));
    CU_ASSERT_EQUAL(flight_count(&flight), 1000);
    for (uint64_t i = 1; i <= id; i++) {
        wrong += pop(&flight) != i;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_TRUE(push(&flight, 1, 1, 4));
    flight_free(&flight);
}

static void what_is_never_due_stays(void)
{
    struct flight flight;

    CU_ASSERT_EQUAL_FATAL(flight_init(&flight, FLIGHT_MAX), 0);
    CU_ASSERT_TRUE(push(&flight, TIME_NEVER, 1, 4));
    CU_ASSERT_EQUAL(flight_due_ns(&flight), TIME_NEVER);
    CU_ASSERT_EQUAL(flight_count(&flight), 1);
    CU_ASSERT_TRUE(push(&flight, TIME_NEVER - 1, 2, 4));
    CU_ASSERT_EQUAL(pop(&flight), 2);
    flight_free(&flight);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(datagrams_sent_at_once_all_leave_at_their_delay_in_order),
        HARNESS_TEST(equal_instants_leave_in_the_order_of_the_nodes_they_come_from),
        HARNESS_TEST(jitter_reorders),
        HARNESS_TEST(every_size_keeps_its_bytes),
        HARNESS_TEST(the_largest_small_and_the_smallest_large_stay_apart),
        HARNESS_TEST(cells_are_used_again_and_again),
        HARNESS_TEST(what_is_pushed_into_an_open_place_leaves_in_its_turn),
        HARNESS_TEST(a_look_ahead_sees_who_leaves_next_and_mostly_who_is_after_that),
        HARNESS_TEST(a_full_flight_holds_nothing_more_and_loses_nothing),
        HARNESS_TEST(what_is_never_due_stays),
    };
    return harness_run("shim/flight", tests, HARNESS_COUNT(tests));
}
