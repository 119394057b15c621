#include "shim/link.h"

#include <math.h>

#include "shim_story.h"

#include "verdict/theory.h"

#define ONE_CLIENT "\nclient c1\n  send 1 toupper \"x\"\n"

/* What became of c1's first datagrams and their copies. */
struct counts {
    uint64_t duplicated;
    uint64_t originals_delivered;
    uint64_t copies_delivered; /* without the originals */
    uint64_t both_lost;
};

static struct counts measure(const char *text)
{
    struct counts counts = {0};
    struct story story;

    story_init(&story, text, "c1", "broker");
    for (uint32_t n = 1; n <= STORY_TRIALS; n++) {
        struct link_fates fates = story_submit(&story, n, 1);
        CU_ASSERT(fates.count == 1 || fates.count == 2);
        counts.duplicated += fates.count == 2;
        counts.originals_delivered += story_passes(&fates, 0);
        counts.copies_delivered += story_passes(&fates, 1);
        counts.both_lost +=
            fates.count == 2 && !story_passes(&fates, 0) && !story_passes(&fates, 1);
    }
    story_free(&story);
    return counts;
}

static bool is_within(uint64_t count, uint64_t trials, double p)
{
    uint64_t low;
    uint64_t high;

    theory_binomial_bounds(trials, p, STORY_ALPHA, &low, &high);
    return count >= low && count <= high;
}

/* Whether a mean of STORY_TRIALS numbers from 0 to 2 is what it should be, by Hoeffding 1963. */
static bool is_about(double mean, double expected)
{
    return fabs(mean - expected) <= 2 * sqrt(log(2 / STORY_ALPHA) / (2.0 * STORY_TRIALS));
}

static void duplicates_have_their_rate(void)
{
    struct counts counts = measure("network duplicate 20%" ONE_CLIENT);

    CU_ASSERT(is_within(counts.duplicated, STORY_TRIALS, 0.20));
    CU_ASSERT_FALSE(is_within(counts.duplicated, STORY_TRIALS, 0.16));
    CU_ASSERT_FALSE(is_within(counts.duplicated, STORY_TRIALS, 0.24));
    CU_ASSERT_EQUAL(counts.originals_delivered, STORY_TRIALS);
    CU_ASSERT_EQUAL(counts.copies_delivered, counts.duplicated);

    counts = measure("network duplicate 100%" ONE_CLIENT);
    CU_ASSERT_EQUAL(counts.copies_delivered, STORY_TRIALS);
    counts = measure("network duplicate 0%" ONE_CLIENT);
    CU_ASSERT_EQUAL(counts.duplicated, 0);
}

static void each_copy_is_lost_for_itself(void)
{
    struct counts counts = measure("network duplicate 20% loss 10%" ONE_CLIENT);
    double mean = (double)(counts.originals_delivered + counts.copies_delivered) / STORY_TRIALS;

    CU_ASSERT(is_about(mean, 1.2 * 0.9));
    CU_ASSERT_FALSE(is_about(mean, 1.24 * 0.9)); /* a fifth more duplicates */
    CU_ASSERT_FALSE(is_about(mean, 1.2 * 0.88)); /* a fifth more losses */
    CU_ASSERT(is_within(counts.originals_delivered, STORY_TRIALS, 0.9));
    CU_ASSERT(is_within(counts.copies_delivered, counts.duplicated, 0.9));
    CU_ASSERT(is_within(counts.both_lost, counts.duplicated, 0.1 * 0.1));
}

static void each_copy_is_delayed_for_itself(void)
{
    struct story story;
    uint64_t both_early = 0;
    uint64_t equal = 0;

    story_init(&story, "network duplicate 100% delay 10ms 5ms" ONE_CLIENT, "c1", "broker");
    for (uint32_t n = 1; n <= STORY_TRIALS; n++) {
        struct link_fates fates = story_submit(&story, n, 1);
        uint64_t original_ns = fates.copies[0].due_ns;
        uint64_t copy_ns = fates.copies[1].due_ns;
        equal += original_ns == copy_ns;
        both_early += original_ns < 8 * NS_PER_MS && copy_ns < 8 * NS_PER_MS; /* 3 of 10 each */
    }
    CU_ASSERT(is_within(both_early, STORY_TRIALS, 0.3 * 0.3));
    CU_ASSERT(equal < 5);
    story_free(&story);
}

static void duplicates_change_no_original(void)
{
    struct story without;
    struct story with;
    uint32_t changed = 0;

    story_init(&without, "network loss 10% delay 10ms 5ms" ONE_CLIENT, "c1", "broker");
    story_init(&with, "network loss 10% delay 10ms 5ms duplicate 30%" ONE_CLIENT, "c1", "broker");
    for (uint32_t n = 1; n <= STORY_TRIALS; n++) {
        struct link_fates before = story_submit(&without, n, 1);
        struct link_fates after = story_submit(&with, n, 1);
        changed += before.copies[0].lost != after.copies[0].lost ||
                   before.copies[0].due_ns != after.copies[0].due_ns;
    }
    CU_ASSERT_EQUAL(changed, 0);
    story_free(&without);
    story_free(&with);
}

/* ---- carriage: how often a link has carried a try before ---------------------------------------
 */

static void copies_that_arrive_are_carried_on_as_first_second_third(void)
{
    struct story story;

    story_init(&story, "network duplicate 5%" ONE_CLIENT, "broker", "toupper");
    for (uint32_t carriage = 0; carriage < 5; carriage++) {
        CU_ASSERT_EQUAL(story_submit(&story, 1, 1).carriage, carriage);
        CU_ASSERT_EQUAL(story_submit(&story, 1, 2).carriage, carriage); /* each try for itself */
        CU_ASSERT_EQUAL(story_submit(&story, 2, 1).carriage, carriage); /* each request */
    }
    story_free(&story);
}

static void a_links_own_copies_do_not_count_as_carried(void)
{
    struct story story;

    story_init(&story, "network duplicate 100%" ONE_CLIENT, "broker", "toupper");
    for (uint32_t carriage = 0; carriage < 5; carriage++) {
        struct link_fates fates = story_submit(&story, 1, 1);
        CU_ASSERT_EQUAL(fates.count, 2);
        CU_ASSERT_EQUAL(fates.carriage, carriage);
    }
    story_free(&story);
}

static void each_carriage_has_a_fate_of_its_own(void)
{
    struct story story;
    uint64_t lost[3] = {0};
    uint64_t first_and_second = 0;
    uint64_t second_and_third = 0;

    story_init(&story, "network duplicate 5% loss 30%" ONE_CLIENT, "broker", "toupper");
    for (uint32_t n = 1; n <= STORY_TRIALS; n++) {
        bool is_lost[3];
        for (unsigned i = 0; i < 3; i++) {
            struct link_fates fates = story_submit(&story, n, 1);
            is_lost[i] = !story_passes(&fates, 0);
            lost[i] += is_lost[i];
        }
        first_and_second += is_lost[0] && is_lost[1];
        second_and_third += is_lost[1] && is_lost[2];
    }
    for (unsigned i = 0; i < 3; i++) {
        CU_ASSERT(is_within(lost[i], STORY_TRIALS, 0.3));
    }
    CU_ASSERT(is_within(first_and_second, STORY_TRIALS, 0.3 * 0.3));
    CU_ASSERT(is_within(second_and_third, STORY_TRIALS, 0.3 * 0.3));
    story_free(&story);
}

static void whatever_can_repeat_a_try_is_known(void)
{
    static const struct {
        const char *text;
        bool repeats;
    } cases[] = {
        {"network loss 10% delay 1ms" ONE_CLIENT, false},
        {"network duplicate 1%" ONE_CLIENT, true},
        {"link c1 -> broker duplicate 3\nclient c1\n  send 1 toupper \"x\"\n", true},
        {"at 1s for 1s network duplicate 1%" ONE_CLIENT, true},
        {"broker timeout 200ms tries 3" ONE_CLIENT, true},
        {"broker tries 3" ONE_CLIENT, true},
        {"broker tries 1" ONE_CLIENT, false},
        /* A 504 for a try, and then the late reply to that very try. */
        {"broker timeout 200ms tries 1" ONE_CLIENT, true},
        /* What a client sends by hand may be an envelope that it has sent before. */
        {"client c1\n  raw \"hello\"\n", true},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scenario scenario;
        story_parse(&scenario, cases[i].text);
        CU_ASSERT_EQUAL(link_can_repeat(&scenario), cases[i].repeats);
        scenario_free(&scenario);
    }
}

static void where_nothing_can_repeat_nothing_is_remembered(void)
{
    struct story story;

    story_init(&story, "network loss 10%" ONE_CLIENT, "broker", "toupper");
    CU_ASSERT_PTR_NULL(story.link.past);
    story_free(&story);
    story_init(&story, "network duplicate 10%" ONE_CLIENT, "c1", "broker");
    CU_ASSERT_PTR_NULL(story.link.past); /* a client sends each try once */
    story_free(&story);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(duplicates_have_their_rate),
        HARNESS_TEST(each_copy_is_lost_for_itself),
        HARNESS_TEST(each_copy_is_delayed_for_itself),
        HARNESS_TEST(duplicates_change_no_original),
        HARNESS_TEST(copies_that_arrive_are_carried_on_as_first_second_third),
        HARNESS_TEST(a_links_own_copies_do_not_count_as_carried),
        HARNESS_TEST(each_carriage_has_a_fate_of_its_own),
        HARNESS_TEST(whatever_can_repeat_a_try_is_known),
        HARNESS_TEST(where_nothing_can_repeat_nothing_is_remembered),
    };
    return harness_run("shim/duplicate", tests, HARNESS_COUNT(tests));
}
