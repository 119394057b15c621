/* What models with memory, slow lines and damage do, datagram by datagram, and the traps that
 * others fell into. The statistics are in tests/world/test_evidence.c. */
#include "shim/link.h"

#include <stdlib.h>

#include "shim_story.h"

#define ONE_CLIENT "\nclient c1\n  send 5000 toupper \"x\"\n"

/* The fates of the first `count` requests, as letters: '.' passes, 'x' is lost. */
static void letters_of(const char *faults, const char *from, const char *to, uint32_t count,
                       char *letters)
{
    char text[256];
    struct story story;

    snprintf(text, sizeof text, "network %s" ONE_CLIENT, faults);
    story_init(&story, text, from, to);
    for (uint32_t i = 0; i < count; i++) {
        struct link_fates fates = story_submit(&story, i + 1, 1);
        letters[i] = story_passes(&fates, 0) ? '.' : 'x';
    }
    letters[count] = '\0';
    story_free(&story);
}

/* ---- traps ------------------------------------------------------------------------------------
 */

static void what_is_sent_at_once_arrives_at_once_however_long_the_delay(void)
{
    struct story story;

    story_init(&story, "network delay 1s" ONE_CLIENT, "c1", "broker");
    for (uint32_t i = 0; i < 5000; i++) {
        CU_ASSERT_EQUAL(story_submit(&story, i + 1, 1).copies[0].due_ns, NS_PER_S);
    }
    story_free(&story);
}

static void the_seed_decides(void)
{
    static const char *const MODELS[] = {"loss 20% 60%", "loss gemodel 10% 30%", "loss burst 20% 3",
                                         "loss state 10% 40% 20% 60% 2%"};

    for (size_t i = 0; i < HARNESS_COUNT(MODELS); i++) {
        char letters[3][1001];
        char faults[128];
        for (unsigned run = 0; run < 3; run++) {
            snprintf(faults, sizeof faults, "%s\nseed %u", MODELS[i], run == 2 ? 2 : 1);
            letters_of(faults, "c1", "broker", 1000, letters[run]);
        }
        CU_ASSERT_STRING_EQUAL(letters[0], letters[1]);
        CU_ASSERT_STRING_NOT_EQUAL(letters[0], letters[2]);
    }
}

static void each_direction_has_a_state_of_its_own(void)
{
    char up[1001];
    char down[1001];
    struct story there;
    struct story back;
    uint32_t differing = 0;

    letters_of("loss burst 20% 5", "c1", "broker", 1000, up);
    letters_of("loss burst 20% 5", "broker", "c1", 1000, down);
    CU_ASSERT_STRING_NOT_EQUAL(up, down);
    /* What one direction carries moves nothing of the other. */
    story_init(&there, "network loss burst 20% 5" ONE_CLIENT, "c1", "broker");
    story_init(&back, "network loss burst 20% 5" ONE_CLIENT, "broker", "c1");
    for (uint32_t i = 0; i < 1000; i++) {
        struct link_fates fates = story_submit(&there, i + 1, 1);
        (void)story_submit(&back, i + 1, 1);
        (void)story_submit(&back, i + 1, 2);
        differing += story_passes(&fates, 0) != (up[i] == '.');
    }
    CU_ASSERT_EQUAL(differing, 0);
    story_free(&there);
    story_free(&back);
}

static void a_model_that_was_switched_off_leaves_nothing_and_begins_anew(void)
{
    struct story story;

    story_init(&story,
               "network delay 1ms\nat 1s every 10s for 5s network loss gemodel 100% 0%" ONE_CLIENT,
               "c1", "broker");
    for (unsigned round = 0; round < 2; round++) {
        uint64_t begin_ns = (1 + 10 * round) * NS_PER_S;
        link_update(&story.link, begin_ns);
        /* It begins good: the first passes, and from then on it is bad for good. */
        struct link_fates first = story_submit_at(&story, begin_ns, "c1", 10 * round + 1, 1);
        struct link_fates second = story_submit_at(&story, begin_ns, "c1", 10 * round + 2, 1);
        CU_ASSERT_TRUE(story_passes(&first, 0));
        CU_ASSERT_FALSE(story_passes(&second, 0));
        link_update(&story.link, begin_ns + 5 * NS_PER_S);
        struct link_fates after =
            story_submit_at(&story, begin_ns + 5 * NS_PER_S, "c1", 10 * round + 3, 1);
        CU_ASSERT_TRUE(story_passes(&after, 0));
    }
    story_free(&story);
}

/* A knob that is parsed and does nothing: each kind of fault changes some fate. */
static void every_knob_does_something(void)
{
    static const char *const BEFORE_AND_AFTER[][2] = {
        {"loss 20%", "loss 20% 50%"},
        {"loss gemodel 20%", "loss gemodel 20% 50%"},
        {"loss gemodel 20% 50%", "loss gemodel 20% 50% 60%"},
        {"loss gemodel 20% 50% 60%", "loss gemodel 20% 50% 60% 20%"},
        {"loss burst 20% 2", "loss burst 20% 3"},
        {"loss state 20%", "loss state 20% 50%"},
        {"loss state 20% 50%", "loss state 20% 50% 30%"},
        {"loss state 20% 50% 30%", "loss state 20% 50% 30% 50%"},
        {"loss state 20% 50% 30% 50%", "loss state 20% 50% 30% 50% 20%"},
        {"duplicate 20%", "duplicate 20% 50%"},
        {"delay 9ms 2ms", "delay 9ms 2ms 50%"},
        {"delay 9ms 2ms", "delay 9ms 2ms distribution normal"},
        {"delay 9ms 2ms distribution normal", "delay 9ms 2ms distribution pareto"},
        {"delay 9ms 2ms distribution pareto", "delay 9ms 2ms distribution paretonormal"},
        {"delay 9ms 2ms distribution pareto", "delay 9ms 2ms distribution exponential"},
        {"delay 9ms 2ms", "delay 9ms 2ms ordered"},
        {"delay 9ms", "delay 9ms reorder 20%"},
        {"delay 9ms reorder 20%", "delay 9ms reorder 20% 50%"},
        {"delay 9ms reorder 20%", "delay 9ms reorder 20% gap 3"},
        {"down", "loss 20%"},
        {"corrupt 20%", "corrupt 30%"},
        {"truncate 20%", "truncate 30%"},
        {"rate 1mbit", "rate 2mbit"},
        {"delay 9ms limit 10", "delay 9ms limit 11"},
        {"mtu 128", "mtu 127"},
    };

    for (size_t i = 0; i < HARNESS_COUNT(BEFORE_AND_AFTER); i++) {
        struct story stories[2];
        uint32_t differing = 0;
        for (unsigned k = 0; k < 2; k++) {
            char text[256];
            snprintf(text, sizeof text, "network %s" ONE_CLIENT, BEFORE_AND_AFTER[i][k]);
            story_init(&stories[k], text, "c1", "broker");
        }
        for (uint32_t n = 1; n <= 1000; n++) {
            struct link_fates before = story_submit(&stories[0], n, 1);
            struct link_fates after = story_submit(&stories[1], n, 1);
            differing += !story_same(&before, &after);
        }
        if (differing == 0) {
            printf("%s is %s\n", BEFORE_AND_AFTER[i][1], BEFORE_AND_AFTER[i][0]);
        }
        CU_ASSERT_TRUE(differing > 0);
        story_free(&stories[0]);
        story_free(&stories[1]);
    }
}

/* ---- losses ---------------------------------------------------------------------------------- */

static void gemodel_judges_by_the_state_that_the_datagram_finds(void)
{
    char letters[11];

    letters_of("loss gemodel 100% 100%", "c1", "broker", 10, letters);
    CU_ASSERT_STRING_EQUAL(letters, ".x.x.x.x.x");
    letters_of("loss gemodel 100% 0%", "c1", "broker", 10, letters);
    CU_ASSERT_STRING_EQUAL(letters, ".xxxxxxxxx");
    letters_of("loss gemodel 0%", "c1", "broker", 10, letters);
    CU_ASSERT_STRING_EQUAL(letters, "..........");
    letters_of("loss gemodel 0% 100% 0% 100%", "c1", "broker", 10, letters);
    CU_ASSERT_STRING_EQUAL(letters, "xxxxxxxxxx");
}

static void four_states_move_first_and_lose_in_3_and_4(void)
{
    char letters[11];

    letters_of("loss state 100% 0% 0%", "c1", "broker", 10, letters);
    CU_ASSERT_STRING_EQUAL(letters, "xxxxxxxxxx");
    letters_of("loss state 100% 100%", "c1", "broker", 10, letters);
    CU_ASSERT_STRING_EQUAL(letters, "x.x.x.x.x.");
    letters_of("loss state 100% 0% 100% 0%", "c1", "broker", 10, letters);
    CU_ASSERT_STRING_EQUAL(letters, "x........."); /* 1 -> 3 -> 2, and there it stays */
    letters_of("loss state 0% 100% 0% 100% 100%", "c1", "broker", 10, letters);
    CU_ASSERT_STRING_EQUAL(letters, "x.x.x.x.x."); /* 4 -> 1 always */
}

static void a_copy_moves_no_original(void)
{
    static const char *const MODELS[] = {"loss 20% 60%", "loss gemodel 10% 30%", "loss burst 20% 3",
                                         "loss state 10% 40% 20% 60% 2%"};

    for (size_t i = 0; i < HARNESS_COUNT(MODELS); i++) {
        char alone[1001];
        char copied[1001];
        char faults[128];
        letters_of(MODELS[i], "c1", "broker", 1000, alone);
        snprintf(faults, sizeof faults, "%s duplicate 50%%", MODELS[i]);
        letters_of(faults, "c1", "broker", 1000, copied);
        CU_ASSERT_STRING_EQUAL(alone, copied);
    }
}

static void what_is_dropped_or_kept_down_moves_the_model_on_all_the_same(void)
{
    char alone[1001];
    char dropped[1001];
    uint32_t differing = 0;

    letters_of("loss burst 20% 5", "c1", "broker", 1000, alone);
    letters_of("loss burst 20% 5 drop 100-300", "c1", "broker", 1000, dropped);
    for (uint32_t i = 0; i < 1000; i++) {
        bool named = i + 1 >= 100 && i + 1 <= 300;
        differing += !named && alone[i] != dropped[i];
    }
    CU_ASSERT_EQUAL(differing, 0);
}

/* ---- order and lines --------------------------------------------------------------------------
 */

static void ordered_delays_let_nobody_overtake(void)
{
    struct story story;
    uint64_t last_ns = 0;
    uint32_t overtaken = 0;

    story_init(&story, "network delay 20ms 15ms distribution pareto ordered" ONE_CLIENT, "c1",
               "broker");
    for (uint32_t i = 0; i < 5000; i++) {
        struct link_fates fates = story_submit_at(&story, i * NS_PER_MS, "c1", i + 1, 1);
        overtaken += fates.copies[0].due_ns < last_ns;
        CU_ASSERT_TRUE(fates.copies[0].due_ns >= i * NS_PER_MS);
        last_ns = fates.copies[0].due_ns;
    }
    CU_ASSERT_EQUAL(overtaken, 0);
    story_free(&story);
}

static void a_gap_of_5_sends_every_fifth_at_once(void)
{
    struct story story;

    story_init(&story, "network delay 10ms reorder 100% gap 5" ONE_CLIENT, "c1", "broker");
    for (uint32_t i = 1; i <= 100; i++) {
        CU_ASSERT_EQUAL(story_submit(&story, i, 1).copies[0].due_ns,
                        i % 5 == 0 ? 0 : 10 * NS_PER_MS);
    }
    story_free(&story);
}

static void a_line_takes_one_datagram_after_the_other(void)
{
    struct story story;

    /* 128 octets with the headers: 1.024 ms each, behind a delay of 10 ms. */
    story_init(&story, "network delay 10ms rate 1mbit" ONE_CLIENT, "c1", "broker");
    CU_ASSERT_EQUAL(story_submit(&story, 1, 1).copies[0].due_ns, 11024000);
    CU_ASSERT_EQUAL(story_submit(&story, 2, 1).copies[0].due_ns, 12048000);
    CU_ASSERT_EQUAL(story_submit(&story, 3, 1).copies[0].due_ns, 13072000);
    /* The line is free again. */
    CU_ASSERT_EQUAL(story_submit_at(&story, NS_PER_S, "c1", 4, 1).copies[0].due_ns, 1011024000);
    story_free(&story);
}

static void a_full_link_drops_the_last_and_has_room_again(void)
{
    struct story story;

    story_init(&story, "network delay 10ms limit 3" ONE_CLIENT, "c1", "broker");
    for (uint32_t i = 1; i <= 5; i++) {
        CU_ASSERT_EQUAL(story_submit(&story, i, 1).copies[0].lost, i <= 3 ? LOSS_NONE : LOSS_QUEUE);
    }
    CU_ASSERT_EQUAL(story_submit_at(&story, 10 * NS_PER_MS - 1, "c1", 6, 1).copies[0].lost,
                    LOSS_QUEUE);
    CU_ASSERT_EQUAL(story_submit_at(&story, 10 * NS_PER_MS, "c1", 7, 1).copies[0].lost, LOSS_NONE);
    story_free(&story);
}

static void what_is_lost_takes_no_room_on_the_line(void)
{
    struct story story;

    story_init(&story, "network rate 1mbit drop 1" ONE_CLIENT, "c1", "broker");
    CU_ASSERT_EQUAL(story_submit(&story, 1, 1).copies[0].lost, LOSS_DROP);
    CU_ASSERT_EQUAL(story_submit(&story, 2, 1).copies[0].due_ns, 1024000);
    story_free(&story);
}

/* ---- damage ---------------------------------------------------------------------------------- */

static void one_bit_is_flipped_within_the_datagram(void)
{
    struct story story;
    uint8_t bytes[STORY_SIZE] = {0};

    story_init(&story, "network corrupt 100%" ONE_CLIENT, "c1", "broker");
    for (uint32_t i = 1; i <= 1000; i++) {
        struct link_fates fates = story_submit(&story, i, 1);
        unsigned bits = 0;
        CU_ASSERT_EQUAL(link_alter(&fates.copies[0], bytes, STORY_SIZE), STORY_SIZE);
        for (size_t at = 0; at < STORY_SIZE; at++) {
            bits += (unsigned)__builtin_popcount(bytes[at]);
            bytes[at] = 0;
        }
        CU_ASSERT_EQUAL(bits, 1);
    }
    story_free(&story);
}

static void at_least_one_octet_is_cut_off_and_the_flip_is_in_the_rest(void)
{
    struct story story;

    story_init(&story, "network corrupt 100% truncate 100%" ONE_CLIENT, "c1", "broker");
    for (uint32_t i = 1; i <= 1000; i++) {
        struct link_fate fate = story_submit(&story, i, 1).copies[0];
        uint32_t left = STORY_SIZE - fate.cut;
        CU_ASSERT_TRUE(fate.cut >= 1 && fate.cut <= STORY_SIZE);
        CU_ASSERT_TRUE(left == 0 ? fate.flip == 0 : fate.flip >= 1 && fate.flip <= 8 * left);
    }
    story_free(&story);
}

static void a_chosen_datagram_is_flipped_where_chance_would_have_flipped_it(void)
{
    struct story chance;
    struct story chosen;

    story_init(&chance, "network corrupt 100%" ONE_CLIENT, "c1", "broker");
    story_init(&chosen, "network corrupt of request c1/7" ONE_CLIENT, "c1", "broker");
    for (uint32_t i = 1; i <= 10; i++) {
        uint16_t flip = story_submit(&chance, i, 1).copies[0].flip;
        CU_ASSERT_EQUAL(story_submit(&chosen, i, 1).copies[0].flip, i == 7 ? flip : 0);
    }
    story_free(&chance);
    story_free(&chosen);
}

static void an_empty_datagram_cannot_be_damaged(void)
{
    struct story story;
    struct link_identity identity = {.client = TRACE_NOBODY};
    struct link_fates fates;

    story_init(&story, "network corrupt 100% truncate 100%" ONE_CLIENT, "c1", "broker");
    link_submit(&story.link, 0, &identity, 0, &fates);
    CU_ASSERT_EQUAL(fates.copies[0].flip, 0);
    CU_ASSERT_EQUAL(fates.copies[0].cut, 0);
    story_free(&story);
}

/* ---- golden ------------------------------------------------------------------------------------
 */

/* Made by gcc 12 on x86-64: every compiler and processor must make the same. */
static void the_first_fates_of_the_models_never_change(void)
{
    static const struct {
        const char *faults;
        const char *letters;
    } GOLDEN[] = {
        {"loss 20% 60%", "..........x.................xxx..xx.............x........x.."},
        {"loss gemodel 10% 30% 90% 2%",
         "....xxxxx....x...xxxxx......xxx.......................xx...."},
        {"loss burst 20% 3", "....xxxxx....x...xxxxx......xxx......................xxx...."},
        {"loss state 10% 40% 20% 60% 2%",
         "...xxxxx....x...xx...x.....x...........x............xx.x...x"},
    };
    static const struct {
        const char *faults;
        uint64_t sum_ns;
    } DELAYS[] = {
        {"delay 20ms 5ms distribution normal", UINT64_C(10102232532698)},
        {"delay 20ms 5ms distribution pareto", UINT64_C(10037659323474)},
        {"delay 20ms 5ms distribution paretonormal", UINT64_C(10053802611927)},
        {"delay 20ms 5ms distribution exponential", UINT64_C(12444774856810)},
        {"delay 20ms 5ms 50%", UINT64_C(10020250318068)},
    };

    for (size_t i = 0; i < HARNESS_COUNT(GOLDEN); i++) {
        char letters[61];
        letters_of(GOLDEN[i].faults, "c1", "broker", 60, letters);
        CU_ASSERT_STRING_EQUAL(letters, GOLDEN[i].letters);
    }
    for (size_t i = 0; i < HARNESS_COUNT(DELAYS); i++) {
        char text[256];
        struct story story;
        uint64_t sum_ns = 0;
        snprintf(text, sizeof text, "network %s" ONE_CLIENT, DELAYS[i].faults);
        story_init(&story, text, "c1", "broker");
        for (uint32_t n = 1; n <= 1000; n++) {
            sum_ns += story_submit(&story, n, 1).copies[0].due_ns * n;
        }
        CU_ASSERT_EQUAL(sum_ns, DELAYS[i].sum_ns);
        story_free(&story);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(what_is_sent_at_once_arrives_at_once_however_long_the_delay),
        HARNESS_TEST(the_seed_decides),
        HARNESS_TEST(each_direction_has_a_state_of_its_own),
        HARNESS_TEST(a_model_that_was_switched_off_leaves_nothing_and_begins_anew),
        HARNESS_TEST(every_knob_does_something),
        HARNESS_TEST(gemodel_judges_by_the_state_that_the_datagram_finds),
        HARNESS_TEST(four_states_move_first_and_lose_in_3_and_4),
        HARNESS_TEST(a_copy_moves_no_original),
        HARNESS_TEST(what_is_dropped_or_kept_down_moves_the_model_on_all_the_same),
        HARNESS_TEST(ordered_delays_let_nobody_overtake),
        HARNESS_TEST(a_gap_of_5_sends_every_fifth_at_once),
        HARNESS_TEST(a_line_takes_one_datagram_after_the_other),
        HARNESS_TEST(a_full_link_drops_the_last_and_has_room_again),
        HARNESS_TEST(what_is_lost_takes_no_room_on_the_line),
        HARNESS_TEST(one_bit_is_flipped_within_the_datagram),
        HARNESS_TEST(at_least_one_octet_is_cut_off_and_the_flip_is_in_the_rest),
        HARNESS_TEST(a_chosen_datagram_is_flipped_where_chance_would_have_flipped_it),
        HARNESS_TEST(an_empty_datagram_cannot_be_damaged),
        HARNESS_TEST(the_first_fates_of_the_models_never_change),
    };

    return harness_run("shim/models", tests, HARNESS_COUNT(tests));
}
