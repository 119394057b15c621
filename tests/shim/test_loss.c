#include "shim/link.h"

#include "shim_story.h"

#include "verdict/theory.h"

/* A client with enough requests, after a line about the network. */
#define ONE_CLIENT "\nclient c1\n  send 1 toupper \"x\"\n"

/* How many of c1's first datagrams the link c1 -> broker loses. */
static uint64_t count_lost(const char *text)
{
    struct story story;
    uint64_t lost = 0;

    story_init(&story, text, "c1", "broker");
    for (uint32_t n = 1; n <= STORY_TRIALS; n++) {
        struct link_fates fates = story_submit(&story, n, 1);
        CU_ASSERT_EQUAL(fates.count, 1);
        lost += fates.copies[0].lost == LOSS_LOSS;
    }
    story_free(&story);
    return lost;
}

static bool is_within(uint64_t count, uint64_t trials, double p)
{
    uint64_t low;
    uint64_t high;

    theory_binomial_bounds(trials, p, STORY_ALPHA, &low, &high);
    return count >= low && count <= high;
}

static void loss_has_its_rate_and_a_rate_wrong_by_a_fifth_is_noticed(void)
{
    static const struct {
        const char *text;
        double p;
    } rates[] = {
        {"network loss 1%" ONE_CLIENT, 0.01},    {"network loss 2.5%" ONE_CLIENT, 0.025},
        {"network loss 10%" ONE_CLIENT, 0.10},   {"network loss 33.3%" ONE_CLIENT, 0.333},
        {"network loss 50%" ONE_CLIENT, 0.50},   {"network loss 80%" ONE_CLIENT, 0.80},
        {"network loss 0.3%" ONE_CLIENT, 0.003},
    };

    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        uint64_t lost = count_lost(rates[i].text);
        CU_ASSERT(is_within(lost, STORY_TRIALS, rates[i].p));
        if (rates[i].p >= 0.02) { /* below, 100,000 datagrams can't tell */
            CU_ASSERT_FALSE(is_within(lost, STORY_TRIALS, rates[i].p * 0.8));
            CU_ASSERT_FALSE(is_within(lost, STORY_TRIALS, rates[i].p * 1.2));
        }
    }
}

static void a_loss_of_nothing_loses_nothing_and_of_all_everything(void)
{
    CU_ASSERT_EQUAL(count_lost("network loss 0%" ONE_CLIENT), 0);
    CU_ASSERT_EQUAL(count_lost("network loss 100%" ONE_CLIENT), STORY_TRIALS);
    CU_ASSERT_EQUAL(count_lost("link broker -> c1 loss 100%" ONE_CLIENT), 0);
}

static void a_link_that_is_down_passes_nothing(void)
{
    struct story story;

    story_init(&story, "network down duplicate 100%" ONE_CLIENT, "c1", "broker");
    for (uint32_t n = 1; n <= 100; n++) {
        struct link_fates fates = story_submit(&story, n, 1);
        CU_ASSERT_EQUAL(fates.count, 1);
        CU_ASSERT_EQUAL(fates.copies[0].lost, LOSS_DOWN);
    }
    story_free(&story);
}

/* ---- independence: two datagrams are both lost as often as chance has it ----------------------
 */

/* One of a pair of questions to two links, or to one link twice. */
struct question {
    const char *text;
    const char *from;
    const char *to;
    const char *client;
    uint32_t n_first; /* and every n_step from there */
    uint32_t n_step;
    unsigned try;
};

static void fill_lost(const struct question *question, uint32_t count, bool *lost)
{
    struct story story;

    story_init(&story, question->text, question->from, question->to);
    for (uint32_t i = 0; i < count; i++) {
        struct link_fates fates = story_submit_at(
            &story, 0, question->client, question->n_first + i * question->n_step, question->try);
        lost[i] = fates.copies[0].lost == LOSS_LOSS;
    }
    story_free(&story);
}

/* Asserts that the pairs are independent, at a loss of 30 %. */
static void expect_independent(struct question first, struct question second)
{
    static bool lost[2][STORY_TRIALS];
    uint64_t both = 0;

    fill_lost(&first, STORY_TRIALS, lost[0]);
    fill_lost(&second, STORY_TRIALS, lost[1]);
    for (uint32_t i = 0; i < STORY_TRIALS; i++) {
        both += lost[0][i] && lost[1][i];
    }
    CU_ASSERT(is_within(both, STORY_TRIALS, 0.3 * 0.3));
}

#define TWO_CLIENTS "network loss 30%\nclients 2\n  send 1 toupper \"x\"\n"

static const struct question USUAL = {TWO_CLIENTS, "c1", "broker", "c1", 1, 1, 1};

static void each_try_of_a_request_has_a_fate_of_its_own(void)
{
    struct question other = USUAL;

    other.try = 2;
    expect_independent(USUAL, other);
    other.try = 99;
    expect_independent(USUAL, other);
}

static void each_request_has_a_fate_of_its_own(void)
{
    struct question odd = USUAL;
    struct question even = USUAL;

    odd.n_step = even.n_step = 2;
    even.n_first = 2;
    expect_independent(odd, even);
}

static void each_client_has_fates_of_its_own(void)
{
    struct question first = USUAL;
    struct question second;

    first.from = "broker";
    first.to = "toupper";
    second = first;
    second.client = "c2";
    expect_independent(first, second);
    second = USUAL;
    second.from = second.client = "c2";
    expect_independent(USUAL, second);
}

static void both_directions_of_a_link_differ(void)
{
    struct question back = USUAL;

    back.from = "broker";
    back.to = "c1";
    expect_independent(USUAL, back);
}

static void links_to_different_nodes_differ(void)
{
    struct question first = USUAL;
    struct question second = USUAL;

    first.from = second.from = "broker";
    first.to = "toupper";
    second.to = "tolower";
    expect_independent(first, second);
}

static void another_seed_is_another_run(void)
{
    static const char *const SEEDS[] = {"seed 2\n" TWO_CLIENTS, "seed 0\n" TWO_CLIENTS,
                                        "seed 18446744073709551615\n" TWO_CLIENTS,
                                        "seed 4294967297\n" TWO_CLIENTS};
    struct question other = USUAL; /* of seed 1, the default */

    for (size_t i = 0; i < sizeof SEEDS / sizeof SEEDS[0]; i++) {
        other.text = SEEDS[i];
        expect_independent(USUAL, other);
    }
}

static void the_same_seed_is_the_same_run(void)
{
    static bool lost[2][STORY_TRIALS];
    struct question again = USUAL;

    again.text = "seed 1\n" TWO_CLIENTS;
    fill_lost(&USUAL, STORY_TRIALS, lost[0]);
    fill_lost(&again, STORY_TRIALS, lost[1]);
    CU_ASSERT_EQUAL(memcmp(lost[0], lost[1], sizeof lost[0]), 0);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(loss_has_its_rate_and_a_rate_wrong_by_a_fifth_is_noticed),
        HARNESS_TEST(a_loss_of_nothing_loses_nothing_and_of_all_everything),
        HARNESS_TEST(a_link_that_is_down_passes_nothing),
        HARNESS_TEST(each_try_of_a_request_has_a_fate_of_its_own),
        HARNESS_TEST(each_request_has_a_fate_of_its_own),
        HARNESS_TEST(each_client_has_fates_of_its_own),
        HARNESS_TEST(both_directions_of_a_link_differ),
        HARNESS_TEST(links_to_different_nodes_differ),
        HARNESS_TEST(another_seed_is_another_run),
        HARNESS_TEST(the_same_seed_is_the_same_run),
    };
    return harness_run("shim/loss", tests, HARNESS_COUNT(tests));
}
