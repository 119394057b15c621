/* What a link does: models, chosen datagrams, and which links are meant. */
#include "base/time.h"
#include "parse_story.h"

static void refuses(const char *line, const char *expected)
{
    story_refuses(STORY_CLIENTS, line, expected);
}

/* Reads one line with one rule; the story must be ended. */
static const struct scenario_rule *read_rule(struct story *story, const char *line)
{
    story_read(story, STORY_CLIENTS, line);
    CU_ASSERT_TRUE_FATAL(story->good);
    CU_ASSERT_EQUAL_FATAL(story->scenario.rule_count, 1);
    return &story->scenario.rules[0];
}

static uint32_t count_links(const struct story *story, const uint64_t *links)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < story->scenario.link_count; i++) {
        count += scenario_in_bitmap(links, i);
    }
    return count;
}

/* ---- models ---------------------------------------------------------------------------------- */

static void models_take_their_values(void)
{
    struct story story;
    const struct scenario_rule *rule =
        read_rule(&story, "network loss 10% delay 2ms 1ms distribution uniform duplicate 50% down");

    CU_ASSERT_EQUAL(rule->faults.set, FAULT_LOSS | FAULT_DELAY | FAULT_DUPLICATE | FAULT_DOWN);
    CU_ASSERT_EQUAL(rule->faults.loss_q63, UINT64_C(922337203685477581));
    CU_ASSERT_EQUAL(rule->faults.delay_ns, 2 * NS_PER_MS);
    CU_ASSERT_EQUAL(rule->faults.jitter_ns, NS_PER_MS);
    CU_ASSERT_EQUAL(rule->faults.duplicate_q63, PROBABILITY_ONE / 2);
    CU_ASSERT_TRUE(rule->faults.down);
    CU_ASSERT_FALSE(rule->faults.clear);
    CU_ASSERT_EQUAL(count_links(&story, rule->links), 8);
    CU_ASSERT_STRING_EQUAL(rule->text, "network loss 10% delay 2ms 1ms distribution uniform "
                                       "duplicate 50% down");
    story_end(&story);
}

static void clear_removes_what_lies_beneath(void)
{
    struct story story;
    const struct scenario_rule *rule = read_rule(&story, "network clear loss 0%");

    CU_ASSERT_TRUE(rule->faults.clear);
    CU_ASSERT_EQUAL(rule->faults.set, FAULT_LOSS);
    story_end(&story);
    refuses("network loss 1% clear",
            "f:3:17: error: `clear` removes what it stands behind, too: put it first");
}

static void a_jitter_may_be_more_than_the_delay(void)
{
    struct story story;

    CU_ASSERT_EQUAL(read_rule(&story, "network delay 1ms 5ms")->faults.jitter_ns, 5 * NS_PER_MS);
    story_end(&story);
}

static void a_model_that_cannot_be_is_refused(void)
{
    refuses("network", "f:3:9: error: expected fault here, one of: loss delay duplicate down "
                       "corrupt truncate reorder rate limit mtu drop clear preset netem");
    refuses("network loss 5% loss 6%", "f:3:17: error: 'loss' repeats what this line says already");
    refuses("network delay 5ms distribution uniform",
            "f:3:19: error: a distribution needs a jitter to spread: delay 10ms 2ms distribution "
            "normal");
    refuses("network delay 5ms 1ms distribution norml",
            "f:3:36: error: unknown distribution 'norml'; did you mean 'normal'?");
    refuses("network delay 5ms 1ms distribution nrml",
            "f:3:36: error: unknown distribution 'nrml'; did you mean 'normal'?");
    refuses("network delay 25h", "f:3:15: error: a delay is at most 24h");
    refuses("network loss gemodl 1%",
            "f:3:14: error: expected loss as a percentage like 10%, not 'gemodl'");
    refuses("network duplicate 10 %", "f:3:19: error: no blank before the sign: 10%");
    refuses("network c1 -> broker loss 1%",
            "f:3:9: error: `network` means every link; for some write: link A -> B ...");
}

/* ---- chosen datagrams ------------------------------------------------------------------------ */

static void a_list_chooses_datagrams_of_the_link(void)
{
    struct story story;
    const struct scenario_rule *rule = read_rule(&story, "network drop 2,5-7 duplicate 1");
    const struct exact_fault *exact = rule->faults.exact;

    CU_ASSERT_EQUAL_FATAL(rule->faults.exact_count, 2);
    CU_ASSERT_EQUAL(rule->faults.set, 0);
    CU_ASSERT_EQUAL(exact[0].kind, EXACT_DROP);
    CU_ASSERT_EQUAL(exact[0].which, EXACT_POSITIONS);
    CU_ASSERT_EQUAL_FATAL(exact[0].range_count, 2);
    CU_ASSERT_EQUAL(exact[0].ranges[0].first, 2);
    CU_ASSERT_EQUAL(exact[0].ranges[0].last, 2);
    CU_ASSERT_EQUAL(exact[0].ranges[1].first, 5);
    CU_ASSERT_EQUAL(exact[0].ranges[1].last, 7);
    CU_ASSERT_EQUAL(exact[1].kind, EXACT_DUPLICATE);
    story_end(&story);
}

static void of_each_request_chooses_by_request(void)
{
    struct story story;
    const struct exact_fault *exact =
        read_rule(&story, "network drop 1,3 of each request")->faults.exact;

    CU_ASSERT_EQUAL(exact->which, EXACT_EACH_REQUEST);
    CU_ASSERT_EQUAL(exact->range_count, 2);
    story_end(&story);
}

static void of_request_chooses_a_request(void)
{
    struct story story;
    const struct exact_fault *exact =
        read_rule(&story, "network drop of request c2/1 try 2")->faults.exact;

    CU_ASSERT_EQUAL(exact->which, EXACT_OF_REQUEST);
    CU_ASSERT_EQUAL(exact->range_count, 0);
    CU_ASSERT_EQUAL(exact->client, scenario_find_node(&story.scenario, "c2", 2));
    CU_ASSERT_EQUAL(exact->n, 1);
    CU_ASSERT_EQUAL(exact->try, 2);
    story_end(&story);
    exact = read_rule(&story, "network duplicate 1 of request 2")->faults.exact;
    CU_ASSERT_EQUAL(exact->kind, EXACT_DUPLICATE);
    CU_ASSERT_EQUAL(exact->client, UINT32_MAX);
    CU_ASSERT_EQUAL(exact->n, 2);
    CU_ASSERT_EQUAL(exact->range_count, 1);
    CU_ASSERT_EQUAL(exact->try, 0);
    story_end(&story);
}

static void what_stands_behind_a_delay_says_which_kind_it_is(void)
{
    struct story story;
    const struct fault_set *faults = &read_rule(&story, "network delay 5ms 2,5-7")->faults;

    CU_ASSERT_EQUAL(faults->set, 0);
    CU_ASSERT_EQUAL_FATAL(faults->exact_count, 1);
    CU_ASSERT_EQUAL(faults->exact[0].kind, EXACT_DELAY);
    CU_ASSERT_EQUAL(faults->exact[0].delay_ns, 5 * NS_PER_MS);
    story_end(&story);
    faults = &read_rule(&story, "network delay 5ms of request 1 delay 1ms 1ms")->faults;
    CU_ASSERT_EQUAL(faults->set, FAULT_DELAY);
    CU_ASSERT_EQUAL(faults->delay_ns, NS_PER_MS);
    CU_ASSERT_EQUAL(faults->exact_count, 1);
    story_end(&story);
}

static void a_choice_that_cannot_be_is_refused(void)
{
    refuses("network drop", "f:3:14: error: expected which datagrams: a list like 2,5-7, or `1 of "
                            "each request`, or `of request c1/3 try 2`");
    refuses("network drop 10%",
            "f:3:14: error: `drop` is for chosen datagrams; for a share write loss 10%");
    refuses("network drop 0", "f:3:14: error: a list of datagrams counts from 1, like 2 or 2,5-7");
    refuses("network drop 7-5",
            "f:3:14: error: a list of datagrams counts from 1, like 2 or 2,5-7");
    refuses("network drop 1,", "f:3:14: error: a list of datagrams counts from 1, like 2 or 2,5-7");
    refuses("network drop 99999999999",
            "f:3:14: error: a list of datagrams counts from 1, like 2 or 2,5-7");
    refuses("network drop of each request",
            "f:3:17: error: which of each request's datagrams? Like: 1 of each request");
    refuses("network drop of c1/1", "f:3:17: error: expected `of each request` or `of request K`");
    refuses("network drop of request c1/3",
            "f:3:25: error: c1 has 2 requests in its script; they count from 1");
    refuses("network drop of request c1/0",
            "f:3:25: error: c1 has 2 requests in its script; they count from 1");
    refuses("network drop of request 3",
            "f:3:25: error: no client has a request '3'; the longest script has 2");
    refuses("network drop of request toupper/1",
            "f:3:25: error: only clients have requests, and toupper is none");
    refuses("network drop of request c9/1",
            "f:3:25: error: there is no node 'c9'; did you mean 'c1'?");
    refuses("network drop of request c1/1 try 0", "f:3:34: error: try is from 1 to 99");
}

static void a_try_that_nobody_makes_is_a_warning(void)
{
    story_accepts(STORY_CLIENTS, "network drop of request 1 try 5");
    story_says("client a tries 2\nsend echo \"x\"\nnetwork drop of request a/1 try 3\n", NULL, 0,
               "f:3:29: warning: this never happens: there are 2 tries\n"
               "  network drop of request a/1 try 3\n"
               "                              ^\n");
}

/* ---- which links -------------------------------------------------------------------------------
 */

static void a_link_line_means_every_link_between_two_selectors(void)
{
    static const struct {
        const char *links;
        uint32_t count;
    } LINES[] = {
        {"c1 -> broker", 1},
        {"c1 <-> broker", 2},
        {"clients -> broker", 2},
        {"broker -> servers", 2},
        {"* -> broker", 4},
        {"* <-> *", 8},
        {"c* -> broker", 2},
        {"c1* -> broker", 1},
        {"t* <-> broker", 4},
        {"c1,toupper -> broker", 2},
        {"broker -> to*,c2", 3},
        {"c1,c1 -> broker", 1},
        {"* -> *", 8},
        {"broker,c1 -> *", 5},
    };

    for (size_t i = 0; i < HARNESS_COUNT(LINES); i++) {
        struct story story;
        char line[100];
        snprintf(line, sizeof line, "link %s loss 1%%", LINES[i].links);
        const struct scenario_rule *rule = read_rule(&story, line);
        CU_ASSERT_EQUAL(count_links(&story, rule->links), LINES[i].count);
        story_end(&story);
    }
}

/* Numbers that begin alike are not one range: 1, 10 to 19, 100 to 199. */
static void a_prefix_of_digits_means_every_number_that_begins_so(void)
{
    struct story story;
    uint32_t wrong = 0;

    story_read_sets(&story, "clients 250 as s\nlink s1* -> broker loss 1%\n", NULL, 0);
    CU_ASSERT_TRUE_FATAL(story.good);
    for (uint32_t node = 3; node < story.scenario.node_count; node++) {
        const char *name = story.scenario.nodes[node].name;
        bool is = scenario_in_bitmap(story.scenario.rules[0].links, scenario_link_to_broker(node));
        wrong += is != (name[1] == '1');
        wrong += scenario_in_bitmap(story.scenario.rules[0].links, scenario_link_from_broker(node));
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(count_links(&story, story.scenario.rules[0].links), 111);
    story_end(&story);
}

static void names_may_be_declared_later(void)
{
    story_accepts("link late -> broker drop of request late/1\n", "client late\nsend echo \"x\"");
    story_accepts("link broker -> echo loss 1%\n", "client late\nsend echo \"x\"");
}

static void a_link_that_is_not_there_is_explained(void)
{
    refuses("link c1 -> toupper loss 1%",
            "f:3:6: error: clients talk only to the broker; did you mean broker -> toupper?");
    refuses("link toupper -> clients loss 1%",
            "f:3:6: error: servers talk only to the broker; did you mean broker -> clients?");
    refuses("link c1 -> c2 loss 1%",
            "f:3:6: error: clients talk only to the broker; did you mean c1 -> broker?");
    refuses("link broker -> broker loss 1%", "f:3:6: error: the broker has no link to itself; did "
                                             "you mean * -> broker, or broker -> *?");
}

static void an_arrow_stands_between_blanks(void)
{
    refuses("link c1->broker loss 1%",
            "f:3:6: error: an arrow stands between blanks: c1 -> broker");
    refuses("link c1<->broker loss 1%",
            "f:3:6: error: an arrow stands between blanks: c1 <-> broker");
    refuses("link c1 ->broker loss 1%",
            "f:3:9: error: an arrow stands between blanks: A -> broker");
    refuses("link c1 loss 1%",
            "f:3:9: error: expected an arrow here: A -> B, or A <-> B for both ways");
    refuses("link c1 => broker loss 1%",
            "f:3:9: error: expected an arrow here: A -> B, or A <-> B for both ways");
}

static void a_selector_that_means_nobody_is_refused(void)
{
    refuses("link d1 -> broker loss 1%", "f:3:6: error: there is no node 'd1'; did you mean 'c1'?");
    refuses("link student -> broker loss 1%",
            "f:3:6: error: there is no node 'student'; nodes are the broker, the servers (toupper, "
            "tolower, ...) and the clients of this file");
    refuses("link c1,d* -> broker loss 1%", "f:3:9: error: no node's name begins like 'd*'");
    refuses("link c3* -> broker loss 1%", "f:3:6: error: no node's name begins like 'c3*'");
    refuses("link c1,,c2 -> broker loss 1%", "f:3:9: error: a name is missing beside the comma");
    refuses("link broker -> echo loss 1%",
            "f:3:16: error: no 'echo' runs here: neither a script nor a `server` line names it");
    story_refuses("", "link clients -> broker loss 1%",
                  "f:1:6: error: there are no clients in this file");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(models_take_their_values),
        HARNESS_TEST(clear_removes_what_lies_beneath),
        HARNESS_TEST(a_jitter_may_be_more_than_the_delay),
        HARNESS_TEST(a_model_that_cannot_be_is_refused),
        HARNESS_TEST(a_list_chooses_datagrams_of_the_link),
        HARNESS_TEST(of_each_request_chooses_by_request),
        HARNESS_TEST(of_request_chooses_a_request),
        HARNESS_TEST(what_stands_behind_a_delay_says_which_kind_it_is),
        HARNESS_TEST(a_choice_that_cannot_be_is_refused),
        HARNESS_TEST(a_try_that_nobody_makes_is_a_warning),
        HARNESS_TEST(a_link_line_means_every_link_between_two_selectors),
        HARNESS_TEST(a_prefix_of_digits_means_every_number_that_begins_so),
        HARNESS_TEST(names_may_be_declared_later),
        HARNESS_TEST(a_link_that_is_not_there_is_explained),
        HARNESS_TEST(an_arrow_stands_between_blanks),
        HARNESS_TEST(a_selector_that_means_nobody_is_refused),
    };

    return harness_run("scenario/faults", tests, HARNESS_COUNT(tests));
}
