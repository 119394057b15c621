#include "world/real_place.h"

#include <string.h>

#include "harness.h"

#include "world/real_node.h"

/* ---- where threads run ----------------------------------------------------------------------- */

/* The set of the processors in the list, which ends with -1. */
static cpu_set_t cpus(const int *list)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    for (; *list >= 0; list++) {
        CPU_SET((size_t)*list, &set);
    }
    return set;
}
#define CPUS(...) cpus((const int[]){__VA_ARGS__, -1})

/* Places a broker, two servers and `clients` clients. */
static struct real_place place(uint32_t clients, cpu_set_t allowed, bool given, bool spin)
{
    struct scenario scenario = {.node_count = 3 + clients, .client_count = clients};
    struct real_place chosen;

    real_place_choose(&chosen, &scenario, &allowed, given, spin);
    return chosen;
}

/* All three kinds of nodes run on this set. */
static void expect_all_on(const struct real_place *chosen, cpu_set_t wanted)
{
    CU_ASSERT(CPU_EQUAL(real_place_of(chosen, NODE_KIND_BROKER), &wanted));
    CU_ASSERT(CPU_EQUAL(real_place_of(chosen, NODE_KIND_SERVER), &wanted));
    CU_ASSERT(CPU_EQUAL(real_place_of(chosen, NODE_KIND_CLIENT), &wanted));
}

static void a_few_clients_share_one_core(void)
{
    struct real_place chosen = place(REAL_PLACE_SPREAD_CLIENTS - 1, CPUS(0, 1), false, false);

    expect_all_on(&chosen, CPUS(1));
    CU_ASSERT_STRING_EQUAL(chosen.text, "10 threads on one core (cpu 1 of 0-1)");
}

static void a_few_clients_that_wait_for_the_clock_have_all_cores(void)
{
    struct scenario scenario = {.node_count = 4, .client_count = 1, .rule_count = 1};
    struct scenario_server slow = {.service_ns = 1};
    cpu_set_t allowed = CPUS(0, 1);
    struct real_place chosen;

    real_place_choose(&chosen, &scenario, &allowed, false, false);
    expect_all_on(&chosen, CPUS(0, 1));

    scenario.rule_count = 0;
    scenario.servers = &slow;
    scenario.server_count = 1;
    real_place_choose(&chosen, &scenario, &allowed, false, false);
    expect_all_on(&chosen, CPUS(0, 1));
}

static void many_clients_have_all_cores(void)
{
    struct real_place chosen = place(REAL_PLACE_SPREAD_CLIENTS, CPUS(0, 1, 2, 3, 8), false, false);

    expect_all_on(&chosen, CPUS(0, 1, 2, 3, 8));
    CU_ASSERT_STRING_EQUAL(chosen.text, "11 threads on cpus 0-3,8");
}

static void what_is_given_is_taken(void)
{
    struct real_place one = place(100, CPUS(5), true, false);
    struct real_place several = place(1, CPUS(0, 2, 4), true, false);

    expect_all_on(&one, CPUS(5));
    CU_ASSERT_STRING_EQUAL(one.text, "103 threads on cpu 5 (--cpus)");
    expect_all_on(&several, CPUS(0, 2, 4));
    CU_ASSERT_STRING_EQUAL(several.text, "4 threads on cpus 0,2,4 (--cpus)");
}

static void a_machine_with_one_core_has_no_choice(void)
{
    struct real_place few = place(1, CPUS(0), false, false);
    struct real_place many = place(1000, CPUS(0), false, true);

    expect_all_on(&few, CPUS(0));
    CU_ASSERT_STRING_EQUAL(few.text, "4 threads on cpu 0");
    expect_all_on(&many, CPUS(0));
}

static void a_spinning_thread_has_another_core_beside_it(void)
{
    struct real_place chosen = place(1, CPUS(0, 1), false, true);

    expect_all_on(&chosen, CPUS(0, 1));
    CU_ASSERT_STRING_EQUAL(chosen.text, "4 threads on cpus 0-1, spinning");
}

static void a_long_list_is_cut_at_a_whole_number(void)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu += 2) {
        CPU_SET(cpu, &set);
    }
    struct real_place chosen = place(1000, set, false, false);
    size_t size = strlen(chosen.text);

    CU_ASSERT(size < sizeof chosen.text);
    CU_ASSERT(strncmp(chosen.text, "1003 threads on cpus 0,2,4,6,8,10,", 34) == 0);
    CU_ASSERT_NOT_EQUAL(chosen.text[size - 1], ',');
}

static void only_a_set_of_one_names_its_processor(void)
{
    cpu_set_t one = CPUS(7);
    cpu_set_t two = CPUS(0, 7);

    CU_ASSERT_EQUAL(real_place_single(&one), 7);
    CU_ASSERT_EQUAL(real_place_single(&two), -1);
}

/* ---- how late they were ---------------------------------------------------------------------- */

static void lateness_below_eight_ns_is_exact(void)
{
    for (uint32_t span_ns = 0; span_ns < 8; span_ns++) {
        CU_ASSERT_EQUAL(real_lateness_bucket(span_ns), span_ns);
        CU_ASSERT_EQUAL(real_lateness_ns(span_ns), span_ns);
    }
}

static void each_lateness_bucket_ends_where_the_next_begins(void)
{
    for (uint32_t bucket = 0; bucket + 1 < REAL_LATENESS_BUCKETS; bucket++) {
        CU_ASSERT_EQUAL(real_lateness_bucket(real_lateness_ns(bucket)), bucket);
        CU_ASSERT_EQUAL(real_lateness_bucket(real_lateness_ns(bucket) + 1), bucket + 1);
    }
}

static void a_lateness_bucket_is_an_eighth_wide_at_most(void)
{
    for (uint32_t bucket = 8; bucket < REAL_LATENESS_BUCKETS; bucket++) {
        uint64_t first_ns = real_lateness_ns(bucket - 1) + 1;
        uint64_t last_ns = real_lateness_ns(bucket);
        CU_ASSERT((last_ns - first_ns + 1) * 8 <= first_ns);
    }
}

static void what_is_later_than_all_is_in_the_last_bucket(void)
{
    CU_ASSERT(real_lateness_ns(REAL_LATENESS_BUCKETS - 1) > 3600 * UINT64_C(1000000000));
    CU_ASSERT_EQUAL(real_lateness_bucket(UINT64_MAX), REAL_LATENESS_BUCKETS - 1);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_few_clients_share_one_core),
        HARNESS_TEST(a_few_clients_that_wait_for_the_clock_have_all_cores),
        HARNESS_TEST(many_clients_have_all_cores),
        HARNESS_TEST(what_is_given_is_taken),
        HARNESS_TEST(a_machine_with_one_core_has_no_choice),
        HARNESS_TEST(a_spinning_thread_has_another_core_beside_it),
        HARNESS_TEST(a_long_list_is_cut_at_a_whole_number),
        HARNESS_TEST(only_a_set_of_one_names_its_processor),
        HARNESS_TEST(lateness_below_eight_ns_is_exact),
        HARNESS_TEST(each_lateness_bucket_ends_where_the_next_begins),
        HARNESS_TEST(a_lateness_bucket_is_an_eighth_wide_at_most),
        HARNESS_TEST(what_is_later_than_all_is_in_the_last_bucket),
    };
    return harness_run("world/real_place", tests, HARNESS_COUNT(tests));
}
