#include "shim/link.h"

#include <math.h>
#include <stdlib.h>

#include "shim_story.h"

#include "verdict/theory.h"

#define ONE_CLIENT "\nclient c1\n  send 1 toupper \"x\"\n"

/* The delays of c1's first datagrams on c1 -> broker, sorted. */
static uint64_t sorted_ns[STORY_TRIALS];

static int compare_ns(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a;
    uint64_t second = *(const uint64_t *)b;
    return first < second ? -1 : first > second;
}

static void measure(const char *text)
{
    const uint64_t now_ns = 7 * NS_PER_S;
    struct story story;

    story_init(&story, text, "c1", "broker");
    for (uint32_t n = 1; n <= STORY_TRIALS; n++) {
        struct link_fates fates = story_submit_at(&story, now_ns, "c1", n, 1);
        CU_ASSERT_TRUE(story_passes(&fates, 0));
        CU_ASSERT_TRUE(fates.copies[0].due_ns >= now_ns);
        sorted_ns[n - 1] = fates.copies[0].due_ns - now_ns;
    }
    story_free(&story);
    qsort(sorted_ns, STORY_TRIALS, sizeof sorted_ns[0], compare_ns);
}

/* The largest distance of the measured distribution from the uniform one over [low, high). */
static double distance_from_uniform(double low_ns, double high_ns)
{
    double largest = 0;

    for (uint32_t i = 0; i < STORY_TRIALS; i++) {
        double expected = ((double)sorted_ns[i] - low_ns) / (high_ns - low_ns);
        expected = fmin(fmax(expected, 0), 1);
        largest = fmax(largest, fabs(expected - (double)i / STORY_TRIALS));
        largest = fmax(largest, fabs(expected - (double)(i + 1) / STORY_TRIALS));
    }
    return largest;
}

/* What chance allows: Dvoretzky, Kiefer, Wolfowitz 1956; the constant by Massart 1990. */
static double distance_allowed(void)
{
    return sqrt(log(2 / STORY_ALPHA) / (2.0 * STORY_TRIALS));
}

static void a_delay_without_jitter_is_exact(void)
{
    measure("network delay 5ms" ONE_CLIENT);
    CU_ASSERT_EQUAL(sorted_ns[0], 5 * NS_PER_MS);
    CU_ASSERT_EQUAL(sorted_ns[STORY_TRIALS - 1], 5 * NS_PER_MS);
    measure("network delay 1ns" ONE_CLIENT);
    CU_ASSERT_EQUAL(sorted_ns[0], 1);
    CU_ASSERT_EQUAL(sorted_ns[STORY_TRIALS - 1], 1);
    measure("network loss 0%" ONE_CLIENT);
    CU_ASSERT_EQUAL(sorted_ns[STORY_TRIALS - 1], 0);
}

static void jitter_is_uniform_and_a_distribution_wrong_by_a_fifth_is_noticed(void)
{
    measure("network delay 10ms 5ms" ONE_CLIENT);
    CU_ASSERT_TRUE(sorted_ns[0] >= 5 * NS_PER_MS);
    CU_ASSERT_TRUE(sorted_ns[STORY_TRIALS - 1] < 15 * NS_PER_MS);
    CU_ASSERT_TRUE(distance_from_uniform(5e6, 15e6) < distance_allowed());
    CU_ASSERT_FALSE(distance_from_uniform(7e6, 17e6) < distance_allowed()); /* mean 12 ms */
    CU_ASSERT_FALSE(distance_from_uniform(4e6, 16e6) < distance_allowed()); /* jitter 6 ms */
    CU_ASSERT_FALSE(distance_from_uniform(6e6, 14e6) < distance_allowed()); /* jitter 4 ms */
}

static void uniform_is_what_jitter_means(void)
{
    static uint64_t plain_ns[STORY_TRIALS];

    measure("network delay 10ms 5ms" ONE_CLIENT);
    memcpy(plain_ns, sorted_ns, sizeof plain_ns);
    measure("network delay 10ms 5ms distribution uniform" ONE_CLIENT);
    CU_ASSERT_EQUAL(memcmp(plain_ns, sorted_ns, sizeof plain_ns), 0);
}

static void jitter_as_large_as_the_delay_reaches_down_to_nothing(void)
{
    measure("network delay 2ms 2ms" ONE_CLIENT);
    CU_ASSERT_TRUE(sorted_ns[STORY_TRIALS - 1] < 4 * NS_PER_MS);
    CU_ASSERT_TRUE(distance_from_uniform(0, 4e6) < distance_allowed());
}

static void what_would_be_negative_is_sent_at_once(void)
{
    uint64_t at_once = 0;
    uint64_t low;
    uint64_t high;

    measure("network delay 1ms 2ms" ONE_CLIENT); /* uniform over [-1 ms, 3 ms) */
    while (sorted_ns[at_once] == 0) {
        at_once++;
    }
    theory_binomial_bounds(STORY_TRIALS, 0.25, STORY_ALPHA, &low, &high);
    CU_ASSERT_TRUE(at_once >= low && at_once <= high);
    CU_ASSERT_TRUE(sorted_ns[STORY_TRIALS - 1] < 3 * NS_PER_MS);
    CU_ASSERT_TRUE(sorted_ns[STORY_TRIALS - 1] > 2999 * NS_PER_US);
}

static void a_jitter_of_one_nanosecond_has_two_values(void)
{
    uint64_t least = 0;
    uint64_t low;
    uint64_t high;

    measure("network delay 10ns 1ns" ONE_CLIENT); /* [9 ns, 11 ns) */
    while (sorted_ns[least] == 9) {
        least++;
    }
    theory_binomial_bounds(STORY_TRIALS, 0.5, STORY_ALPHA, &low, &high);
    CU_ASSERT_TRUE(least >= low && least <= high);
    CU_ASSERT_EQUAL(sorted_ns[STORY_TRIALS - 1], 10);
}

static void neighbours_delays_are_independent(void)
{
    struct story story;
    uint64_t both_early = 0;
    uint64_t low;
    uint64_t high;

    story_init(&story, "network delay 10ms 5ms" ONE_CLIENT, "c1", "broker");
    for (uint32_t n = 1; n <= STORY_TRIALS; n++) {
        struct link_fates first = story_submit(&story, n, 1);
        struct link_fates second = story_submit(&story, n, 2);
        both_early += first.copies[0].due_ns < 8 * NS_PER_MS && /* 3 of 10 */
                      second.copies[0].due_ns < 8 * NS_PER_MS;
    }
    theory_binomial_bounds(STORY_TRIALS, 0.3 * 0.3, STORY_ALPHA, &low, &high);
    CU_ASSERT_TRUE(both_early >= low && both_early <= high);
    story_free(&story);
}

static void what_survives_a_loss_is_delayed_like_all(void)
{
    struct story story;
    uint64_t passed = 0;
    uint64_t early = 0;
    uint64_t low;
    uint64_t high;

    story_init(&story, "network loss 50% delay 10ms 5ms" ONE_CLIENT, "c1", "broker");
    for (uint32_t n = 1; n <= STORY_TRIALS; n++) {
        struct link_fates fates = story_submit(&story, n, 1);
        passed += story_passes(&fates, 0);
        early += story_passes(&fates, 0) && fates.copies[0].due_ns < 8 * NS_PER_MS;
    }
    theory_binomial_bounds(passed, 0.3, STORY_ALPHA, &low, &high);
    CU_ASSERT_TRUE(early >= low && early <= high);
    story_free(&story);
}

static void a_day_of_delay_does_not_overflow(void)
{
    struct story story;
    struct link_fates fates;

    story_init(&story, "network delay 24h 24h" ONE_CLIENT, "c1", "broker");
    fates = story_submit_at(&story, TIME_NEVER - 1, "c1", 1, 1);
    CU_ASSERT_EQUAL(fates.copies[0].due_ns, TIME_NEVER);
    story_free(&story);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_delay_without_jitter_is_exact),
        HARNESS_TEST(jitter_is_uniform_and_a_distribution_wrong_by_a_fifth_is_noticed),
        HARNESS_TEST(uniform_is_what_jitter_means),
        HARNESS_TEST(jitter_as_large_as_the_delay_reaches_down_to_nothing),
        HARNESS_TEST(what_would_be_negative_is_sent_at_once),
        HARNESS_TEST(a_jitter_of_one_nanosecond_has_two_values),
        HARNESS_TEST(neighbours_delays_are_independent),
        HARNESS_TEST(what_survives_a_loss_is_delayed_like_all),
        HARNESS_TEST(a_day_of_delay_does_not_overflow),
    };
    return harness_run("shim/delay", tests, HARNESS_COUNT(tests));
}
