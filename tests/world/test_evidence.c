/* Every fault model gives what it was asked for, and what is wrong by a fifth is told apart. */
#include "world/evidence.h"

#include <math.h>
#include <stdio.h>

#include "harness.h"
#include "world/evidence_parts.h"

static void every_model_gives_what_it_was_asked_for(void)
{
    uint32_t count;
    const struct evidence *list = evidence_list(&count);

    CU_ASSERT_TRUE(count >= 39);
    for (uint32_t i = 0; i < count; i++) {
        struct evidence_result result;
        CU_ASSERT_EQUAL_FATAL(evidence_measure(&list[i], list[i].asked, &result), 0);
        if (!result.held) {
            printf("%s, %s: %g is not from %g to %g\n", list[i].asked, evidence_words(list[i].what),
                   result.measured, result.low, result.high);
        }
        CU_ASSERT_TRUE(result.held);
        CU_ASSERT_TRUE(result.low <= result.wanted && result.wanted <= result.high);
    }
}

static void what_is_wrong_by_a_fifth_is_told_apart(void)
{
    uint32_t count;
    const struct evidence *list = evidence_list(&count);

    for (uint32_t i = 0; i < count; i++) {
        struct evidence_result result;
        if (list[i].twin == NULL) {
            continue;
        }
        CU_ASSERT_EQUAL_FATAL(evidence_measure(&list[i], list[i].twin, &result), 0);
        if (result.held) {
            printf("%s passes for %s, %s: %g is from %g to %g\n", list[i].twin, list[i].asked,
                   evidence_words(list[i].what), result.measured, result.low, result.high);
        }
        CU_ASSERT_FALSE(result.held);
    }
}

/* The figures of models.md. */
static void what_must_come_out_is_what_the_papers_say(void)
{
    static const struct {
        struct evidence evidence;
        double wanted;
    } FIGURES[] = {
        {{"loss gemodel 5% 25%", NULL, EVIDENCE_LOST, 0}, 0.16667},
        {{"loss gemodel 5% 25%", NULL, EVIDENCE_BURST, 0}, 4.0},
        {{"loss gemodel 5% 25% 70% 1%", NULL, EVIDENCE_LOST, 0}, 0.125},
        {{"loss burst 10% 4", NULL, EVIDENCE_LOST, 0}, 0.1},
        {{"loss burst 10% 4", NULL, EVIDENCE_BURST, 0}, 4.0},
        {{"loss state 5% 40% 20% 60% 2%", NULL, EVIDENCE_LOST, 0}, 0.12219},
        {{"loss 20% 75%", NULL, EVIDENCE_LOST, 0}, 0.2},
        {{"loss 10% 25%", NULL, EVIDENCE_LOST_AGAIN, 1}, 0.325},
        {{"duplicate 20% loss 10%", NULL, EVIDENCE_ARRIVED, 0}, 1.08},
        {{"delay 10ms reorder 50% gap 3", NULL, EVIDENCE_AT_ONCE, 0}, 0.25},
        {{"delay 10ms reorder 100% gap 5", NULL, EVIDENCE_AT_ONCE, 0}, 0.2},
        {{"rate 1mbit", NULL, EVIDENCE_SPACING, 0}, 1.024},
    };

    for (size_t i = 0; i < HARNESS_COUNT(FIGURES); i++) {
        struct evidence_result result;
        CU_ASSERT_EQUAL_FATAL(
            evidence_measure(&FIGURES[i].evidence, FIGURES[i].evidence.asked, &result), 0);
        CU_ASSERT_DOUBLE_EQUAL(result.wanted, FIGURES[i].wanted, 5e-5);
        CU_ASSERT_TRUE(result.held);
    }
}

/* Of draws that are the same as the one before with probability CORR, as many tell as much as
 * (1 - CORR) / (1 + CORR) of independent ones. */
static void what_hangs_together_is_told_by_fewer_draws(void)
{
    static const struct {
        uint64_t loss_same_q63;
        double times; /* the variance of independent draws */
    } CASES[] = {{0, 1}, {PROBABILITY_ONE / 2, 3}, {PROBABILITY_ONE / 4 * 3, 7}};

    for (size_t i = 0; i < HARNESS_COUNT(CASES); i++) {
        struct fault_set set = {.loss_q63 = PROBABILITY_ONE / 5,
                                .loss_same_q63 = CASES[i].loss_same_q63};
        struct evidence_chain chain;
        evidence_chain_of(&set, &chain);
        CU_ASSERT_DOUBLE_EQUAL(evidence_chain_deviation(&chain),
                               sqrt(0.2 * 0.8 * CASES[i].times / EVIDENCE_DRAWS), 1e-9);
    }
}

/* What is accepted reaches as many deviations to both sides as chance passes once in a million. */
static void what_is_accepted_is_as_wide_as_chance(void)
{
    static const struct {
        struct evidence evidence;
        double deviation;
    } CASES[] = {
        {{"duplicate 10% 50%", NULL, EVIDENCE_COPIED, 0}, 0.00164317}, /* 0.1 * 0.9 * 3 */
        {{"loss 10% 50%", NULL, EVIDENCE_LOST, 0}, 0.00164317},        /* the same */
        {{"loss burst 10% 4", NULL, EVIDENCE_BURST, 0}, 0.06928203},   /* 4 * 3 of 2500 bursts */
        {{"loss 10% 50%", NULL, EVIDENCE_LOST_AGAIN, 1}, 0.00861684},  /* .55 * .45 * 3 of 10,000 */
    };

    for (size_t i = 0; i < HARNESS_COUNT(CASES); i++) {
        const struct evidence *evidence = &CASES[i].evidence;
        struct evidence_result result;
        CU_ASSERT_EQUAL_FATAL(evidence_measure(evidence, evidence->asked, &result), 0);
        CU_ASSERT_DOUBLE_EQUAL(result.high - result.wanted, 4.8916 * CASES[i].deviation, 1e-6);
        CU_ASSERT_DOUBLE_EQUAL(result.wanted - result.low, 4.8916 * CASES[i].deviation, 1e-6);
    }
}

/* Dvoretzky, Kiefer and Wolfowitz: sqrt(ln(2 / 1e-6) / 2n). */
static void a_gap_is_accepted_by_the_number_of_draws(void)
{
    static const struct {
        struct evidence evidence;
        double draws;
    } CASES[] = {
        {{"delay 10ms 5ms", NULL, EVIDENCE_DELAY, 0}, 100000},
        {{"corrupt 50%", NULL, EVIDENCE_PLACE, 0}, 50000}, /* those that are corrupted */
    };

    for (size_t i = 0; i < HARNESS_COUNT(CASES); i++) {
        const struct evidence *evidence = &CASES[i].evidence;
        struct evidence_result result;
        CU_ASSERT_EQUAL_FATAL(evidence_measure(evidence, evidence->asked, &result), 0);
        CU_ASSERT_DOUBLE_EQUAL(result.high, sqrt(log(2e6) / (2 * CASES[i].draws)), 1e-12);
    }
}

/* Outside of what a spread can give, all is certain: 8 ms is the least of this Pareto spread, 22 ms
 * are the most. */
static void a_delay_outside_of_its_spread_has_no_chance(void)
{
    static const struct {
        enum delay_spread spread;
        double least_ms, most_ms;
    } CASES[] = {{DELAY_UNIFORM, 7, 13},
                 {DELAY_NORMAL, -2, 22},
                 {DELAY_PARETO, 8, 22},
                 {DELAY_EXPONENTIAL, 10, INFINITY}};

    for (size_t i = 0; i < HARNESS_COUNT(CASES); i++) {
        struct fault_set set = {.delay_ns = 10 * NS_PER_MS, .jitter_ns = 3 * NS_PER_MS};
        set.spread = CASES[i].spread;
        double least_ns = CASES[i].least_ms * 1e6;
        double most_ns = CASES[i].most_ms * 1e6;
        CU_ASSERT_EQUAL(evidence_delay_below(&set, least_ns - 1), 0);
        CU_ASSERT_EQUAL(evidence_delay_below(&set, least_ns), 0);
        CU_ASSERT(evidence_delay_below(&set, least_ns + 1e6) > 0);
        CU_ASSERT(evidence_delay_below(&set, least_ns + 1e6) < 1);
        CU_ASSERT_EQUAL(evidence_delay_below(&set, most_ns), 1);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(every_model_gives_what_it_was_asked_for),
        HARNESS_TEST(what_is_wrong_by_a_fifth_is_told_apart),
        HARNESS_TEST(what_must_come_out_is_what_the_papers_say),
        HARNESS_TEST(what_hangs_together_is_told_by_fewer_draws),
        HARNESS_TEST(what_is_accepted_is_as_wide_as_chance),
        HARNESS_TEST(a_gap_is_accepted_by_the_number_of_draws),
        HARNESS_TEST(a_delay_outside_of_its_spread_has_no_chance),
    };

    return harness_run("world/evidence", tests, HARNESS_COUNT(tests));
}
