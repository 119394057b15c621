/* The terminal's report where there is much to show: a thousand clients, wide spans, many tries. */
#include "harness.h"
#include "report_story.h"
#include "report_story_text.h"

#define CROWD 1000

/* A thousand clients in place of the two. */
static void make_crowd(struct story *story, struct scenario_node nodes[3 + CROWD])
{
    memcpy(nodes, story->nodes, 3 * sizeof nodes[0]);
    for (uint32_t i = 3; i < 3 + CROWD; i++) {
        nodes[i] = (struct scenario_node){.name = "c", .kind = NODE_KIND_CLIENT};
    }
    story->scenario.nodes = nodes;
    story->scenario.node_count = 3 + CROWD;
    story->scenario.link_count = 2 * (2 + CROWD);
    story->scenario.client_count = CROWD;
    story->groups[0].count = CROWD;
    story->facts.nodes = calloc(3 + CROWD, sizeof *story->facts.nodes);
    tally_free(&story->verdict.tally);
    CU_ASSERT_EQUAL_FATAL(tally_init(&story->verdict.tally, &story->scenario), 0);
    for (uint32_t i = 3; i < 3 + CROWD; i++) {
        struct tally *tally = &story->verdict.tally;
        uint32_t up = scenario_link_to_broker(i);
        TALLY_LINK(tally, up, sent) = 50;
        TALLY_LINK(tally, up, lost[LOSS_LOSS]) = i % 2 == 0 ? 4 : 6;
        TALLY_LINK(tally, up, delivered) = i % 2 == 0 ? 46 : 44;
    }
}

static void many_links_share_a_row_with_the_least_and_the_most_lost(void)
{
    struct story story;
    struct scenario_node nodes[3 + CROWD];

    story_init(&story);
    make_crowd(&story, nodes);
    assert_text(
        &story, false,
        "  clients -> broker (1000 links)    50000     5000  8.0..12.0%        0    45000\n"
        "  broker -> clients (1000 links)        0        0           -        0        0\n");
    assert_text(&story, false, "  Every link by itself: --json FILE\n");
    uint32_t worst = scenario_link_to_broker(3);
    TALLY_LINK(&story.verdict.tally, worst, lost[LOSS_LOSS]) = 50;
    TALLY_LINK(&story.verdict.tally, worst, delivered) = 0;
    assert_text(
        &story, false,
        "  clients -> broker (1000 links)    50000     5044     8..100%        0    44956\n");
    assert_text(&story, false, "  nothing was answered\n");
    free(story.facts.nodes);
    story_free(&story);
}

static void a_wide_span_of_latencies_has_rows_that_grow(void)
{
    struct story story;

    story_init(&story);
    story.style.unicode = false;
    story.groups[0].policy.timeout_ns = 10 * NS_PER_MS;
    latency_free(story.verdict.tally.latency);
    CU_ASSERT_EQUAL_FATAL(latency_init(&story.verdict.tally.latency), 0);
    latency_add(story.verdict.tally.latency, 4 * NS_PER_MS);
    latency_add(story.verdict.tally.latency, 5 * NS_PER_MS);
    latency_add(story.verdict.tally.latency, 31 * NS_PER_MS);
    latency_add(story.verdict.tally.latency, 29999 * NS_PER_US);
    latency_add(story.verdict.tally.latency, 999 * NS_PER_MS);
    assert_text(&story, false,
                "       3ms ..      5ms  ################################         1\n"
                "       5ms ..      7ms  ################################         1\n"
                "       7ms ..     10ms\n"
                "      10ms ..     15ms                                              try 2\n"
                "      15ms ..     20ms\n"
                "      20ms ..     30ms  ################################         1\n"
                "      30ms ..     50ms  ################################         1  try 3\n");
    assert_text(&story, false,
                "     700ms ..       1s  ################################         1\n");
    story_free(&story);
}

static void long_names_and_huge_numbers_keep_to_80_columns(void)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyz12345";
    char path[300];
    struct story story;

    story_init(&story);
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    story.nodes[STORY_C1].name = name;
    story.groups[0].prefix = name;
    story.scenario.title = path;
    story.scenario.seed = UINT64_MAX;
    story.expectations[0].label = path;
    story.expectations[0].text = path;
    memset(story.results[0].why, 'w', sizeof story.results[0].why - 1);
    memset(story.results[0].shown, 's', sizeof story.results[0].shown - 1);
    memset(story.facts.placement, 'x', sizeof story.facts.placement - 1);
    struct tally *tally = &story.verdict.tally;
    for (uint32_t i = 0; i < STORY_LINKS; i++) {
        TALLY_LINK(tally, i, sent) = UINT64_MAX / 100;
        TALLY_LINK(tally, i, duplicated) = UINT64_MAX / 100;
        TALLY_LINK(tally, i, delivered) = UINT64_MAX / 100;
        for (uint32_t reason = 1; reason < LOSS_REASON_COUNT; reason++) {
            TALLY_LINK(tally, i, lost[reason]) = UINT64_MAX / 1000;
        }
    }
    for (uint32_t i = 0; i < STORY_NODES; i++) {
        TALLY_NODE(tally, i, tries) = UINT64_MAX / 100;
        TALLY_NODE(tally, i, retries) = UINT64_MAX / 100;
        TALLY_NODE(tally, i, answered) = UINT64_MAX / 100;
        TALLY_NODE(tally, i, error) = UINT64_MAX / 100;
        for (uint32_t reason = 1; reason < REJECT_REASON_COUNT; reason++) {
            TALLY_NODE(tally, i, rejected[reason]) = UINT64_MAX / 1000;
        }
        for (uint32_t code = 0; code < TALLY_CODES; code++) {
            TALLY_NODE(tally, i, errors[code]) = UINT64_MAX / 100;
        }
        story.node_facts[i].kernel_drops = UINT64_MAX / 100;
        story.node_facts[i].in_flight = UINT64_MAX / 100;
    }
    for (unsigned k = 0; k <= WIRE_TRY_MAX; k++) {
        story.verdict.tries_histogram[k] = UINT64_MAX / 1000;
    }
    latency_add(story.verdict.tally.latency, 1);
    latency_add(story.verdict.tally.latency, 600 * NS_PER_S);
    story.facts.duration_ns = UINT64_MAX / 2;
    assert_text(&story, false, "18446744073709551615");
    story.scenario.path = path; /* whole where a program reads it, cut where people do */
    char *text = text_of(&story, false);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "  scenario   ..ppp"));
    free(text);
    story_free(&story);
}

/* 11 tries and more share a row: with 12 allowed theory expects f^10 of all there. */
static void many_tries_have_one_row_and_what_is_rare_is_not_called_never(void)
{
    struct story story;

    story_init(&story);
    story.verdict.theory.each.tries = 12;
    story.verdict.theory.each.try_answered = 0.5;
    story.verdict.tries_histogram[11] = 1;
    story.verdict.tries_histogram[12] = 1;
    assert_text(&story, false,
                "\n    10 tries         0       0%      0.1%\n"
                "        more         2     9.1%      0.1%   ");
    story.verdict.theory.each.try_answered = 0.9;
    assert_text(&story, false, "\n        more         2     9.1%     <0.1%   ");
    story_free(&story);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(many_links_share_a_row_with_the_least_and_the_most_lost),
    HARNESS_TEST(a_wide_span_of_latencies_has_rows_that_grow),
    HARNESS_TEST(long_names_and_huge_numbers_keep_to_80_columns),
    HARNESS_TEST(many_tries_have_one_row_and_what_is_rare_is_not_called_never),
};

int main(void)
{
    return harness_run("report/text_large", tests, HARNESS_COUNT(tests));
}
