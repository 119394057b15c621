/* Expectations: what each form becomes, and why others are refused. */
#include "base/prng.h"
#include "base/time.h"
#include "parse_story.h"

static void refuses(const char *line, const char *expected)
{
    story_refuses(STORY_CLIENTS, line, expected);
}

/* Reads one `expect` line; the story must be ended. */
static const struct expectation *read_one(struct story *story, const char *line)
{
    story_read(story, STORY_CLIENTS, line);
    CU_ASSERT_TRUE_FATAL(story->good);
    CU_ASSERT_EQUAL_FATAL(story->scenario.expectation_count, 1);
    return &story->scenario.expectations[0];
}

static void a_label_and_collapsed_blanks_are_kept(void)
{
    struct story story;
    const struct expectation *it =
        read_one(&story, "  expect \"all served\"   answered  =\t100%  # yes");

    CU_ASSERT_STRING_EQUAL(it->label, "all served");
    CU_ASSERT_STRING_EQUAL(it->text, "answered = 100%");
    CU_ASSERT_EQUAL(it->line, 3);
    CU_ASSERT_EQUAL(it->metric, METRIC_ANSWERED);
    CU_ASSERT_EQUAL(it->unit, UNIT_PERCENT);
    CU_ASSERT_EQUAL(it->low, 1.0);
    story_end(&story);
}

static void reasons_and_codes_stand_behind_a_dot(void)
{
    struct story story;

    CU_ASSERT_EQUAL(read_one(&story, "expect lost.drop = 1")->loss, LOSS_DROP);
    story_end(&story);
    CU_ASSERT_EQUAL(read_one(&story, "expect rejected.late = 1")->reject, REJECT_LATE);
    story_end(&story);
    CU_ASSERT_EQUAL(read_one(&story, "expect errors.404 = 1")->code, 404);
    story_end(&story);
    CU_ASSERT_EQUAL(read_one(&story, "expect replies.200 = 4")->code, 200);
    story_end(&story);
    refuses("expect lost.dorp = 1", "f:3:13: error: unknown reason 'dorp'; did you mean 'drop'?");
    refuses("expect errors.405 = 1", "f:3:15: error: unknown code '405'; did you mean '400'?");
}

static void a_range_has_both_ends_in_one_unit(void)
{
    struct story story;
    const struct expectation *it = read_one(&story, "expect latency.p99 = 1ms..2.5ms");

    CU_ASSERT_EQUAL(it->cmp, CMP_IN);
    CU_ASSERT_EQUAL(it->unit, UNIT_NS);
    CU_ASSERT_EQUAL(it->low, 1e6);
    CU_ASSERT_EQUAL(it->high, 2.5e6);
    story_end(&story);
    refuses("expect answered = 1..5%", "f:3:19: error: a range goes from the smaller to the larger "
                                       "value, both of one unit");
    refuses("expect answered = 10%..5%", "f:3:19: error: a range goes from the smaller to the "
                                         "larger value, both of one unit");
    story_says("client a\nexpect answered = 1x..5% foo", NULL, 0,
               "f:2:19: error: answered is a count: compare it with a number or a percentage like "
               "10%, not '1x'\n"
               "  expect answered = 1x..5% foo\n"
               "                    ^\n");
}

static void a_ratio_is_compared_with_a_decimal(void)
{
    struct story story;
    const struct expectation *it = read_one(&story, "expect tries per request <= 1.5");

    CU_ASSERT_EQUAL(it->ratio, RATIO_PER_REQUEST);
    CU_ASSERT_EQUAL(it->cmp, CMP_LE);
    CU_ASSERT_EQUAL(it->unit, UNIT_COUNT);
    CU_ASSERT_EQUAL(it->low, 1.5);
    story_end(&story);
    refuses("expect tries per minute = 50",
            "f:3:18: error: unknown ratio 'minute'; known are: request s");
    refuses("expect latency.max per s = 50",
            "f:3:20: error: latency.max is a time already; `per` goes with counts");
}

static void of_takes_what_fits_the_metric(void)
{
    struct story story;
    const struct expectation *it = read_one(&story, "expect lost of clients -> broker ~ 10%");

    CU_ASSERT_EQUAL(it->of, OF_LINKS);
    CU_ASSERT_EQUAL(it->cmp, CMP_ABOUT);
    CU_ASSERT_EQUAL(it->probability_q63, UINT64_C(922337203685477581));
    CU_ASSERT_TRUE(scenario_in_bitmap(
        it->bitmap, scenario_link_to_broker(scenario_find_node(&story.scenario, "c2", 2))));
    CU_ASSERT_FALSE(scenario_in_bitmap(
        it->bitmap, scenario_link_to_broker(scenario_find_node(&story.scenario, "toupper", 7))));
    story_end(&story);
    it = read_one(&story, "expect tries of c2/1 = 1");
    CU_ASSERT_EQUAL(it->of, OF_REQUEST);
    CU_ASSERT_EQUAL(it->client, scenario_find_node(&story.scenario, "c2", 2));
    CU_ASSERT_EQUAL(it->n, 1);
    story_end(&story);
    story_accepts(STORY_CLIENTS, "expect retries of broker = 0");
    story_accepts(STORY_CLIENTS, "expect executions of servers = 4");
    story_accepts(STORY_CLIENTS, "expect rejected of * = 0");
}

static void what_does_not_fit_is_told_what_would(void)
{
    refuses("expect tries of toupper = 1", "f:3:17: error: tries is of clients, the broker or a "
                                           "request like c1/3, and toupper is none");
    refuses("expect answered of broker = 1", "f:3:20: error: answered is of clients or a request "
                                             "like c1/3, and broker is none");
    refuses("expect executions of broker = 1", "f:3:22: error: executions is of servers, clients "
                                               "or a request like c1/3, and broker is none");
    refuses("expect lost of c1 = 1", "f:3:16: error: lost is of links, like clients -> broker");
    refuses("expect duration of c1 < 1s", "f:3:20: error: duration is of the whole run");
    refuses("expect timing-margin of c1 > 10ms",
            "f:3:25: error: timing-margin is of the whole run");
    refuses(
        "expect timing-margin during 1s..2s > 10ms",
        "f:3:22: error: `during` means the requests begun then; timing-margin is not of requests");
    refuses("expect timing-margin > 10",
            "f:3:24: error: timing-margin needs its unit (ns us ms s m h): 10ms?");
}

static void during_selects_requests(void)
{
    struct story story;
    const struct expectation *it = read_one(&story, "expect latency.max during 1s..2s < 5ms");

    CU_ASSERT_TRUE(it->during);
    CU_ASSERT_EQUAL(it->during_from_ns, NS_PER_S);
    CU_ASSERT_EQUAL(it->during_to_ns, 2 * NS_PER_S);
    story_end(&story);
    refuses("expect lost during 1s..2s = 1", "f:3:13: error: `during` means the requests begun "
                                             "then; lost is not of requests");
    refuses("expect answered during 2s..1s = 1",
            "f:3:24: error: expected a span of the run, like 2s..5s");
}

static void units_are_those_of_the_metric(void)
{
    refuses("expect latency.p99 < 10",
            "f:3:22: error: latency.p99 needs its unit (ns us ms s m h): 10ms?");
    refuses("expect answered = 10ms", "f:3:19: error: answered is a count: compare it with a "
                                      "number or a percentage like 10%, not '10ms'");
    refuses("expect requests = 50%",
            "f:3:19: error: percentages are of requests itself: compare it with a number");
    refuses("expect tries per request = 50%",
            "f:3:28: error: tries per request is a number: compare it with one, like 1.5");
    refuses("expect answered = 100 %", "f:3:19: error: no blank before the sign: 100%");
    refuses("expect answered = 101%",
            "f:3:19: error: answered is from 0% to 100%, with up to 9 decimals");
}

/* What can happen more than once for a request may be more than all of them. */
static void a_count_is_compared_with_a_percentage_of_requests(void)
{
    struct story story;
    const struct expectation *it = read_one(&story, "expect retries <= 10%");

    CU_ASSERT_EQUAL(it->unit, UNIT_PERCENT);
    CU_ASSERT_DOUBLE_EQUAL(it->low, 0.1, 1e-12);
    story_end(&story);
    CU_ASSERT_DOUBLE_EQUAL(read_one(&story, "expect tries = 120%..150.5%")->high, 1.505, 1e-12);
    story_end(&story);
}

static void about_is_refused_where_there_are_no_trials(void)
{
    struct story story;

    CU_ASSERT_EQUAL(read_one(&story, "expect tries ~ theory")->cmp, CMP_THEORY);
    story_end(&story);
    refuses("expect latency.max ~ 10ms",
            "f:3:22: error: `~` bounds counts of trials, and a time is none");
    refuses("expect tries per s ~ theory",
            "f:3:22: error: `~` bounds counts of trials, and a rate is none");
    refuses("expect answered during 1s..2s ~ 10%",
            "f:3:33: error: no theory knows how many requests begin during a span");
    refuses("expect tries ~ 10%", "f:3:16: error: `~ P%` bounds a part of a whole: answered, "
                                  "failed, lost, duplicated and the like");
    refuses("expect lost ~ 10", "f:3:15: error: `~` takes a percentage like 10%, or theory");
}

static void a_reply_is_rendered_for_its_request(void)
{
    struct story story;
    const struct expectation *it = read_one(&story, "expect reply of c2/1 = \"{client}-{n}\\n\"");

    CU_ASSERT_EQUAL(it->kind, EXPECT_REPLY);
    CU_ASSERT_EQUAL_FATAL(it->reply_size, 5);
    CU_ASSERT_EQUAL(memcmp(it->reply, "c2-1\n", 5), 0);
    story_end(&story);
    refuses("expect reply of c1/3 = \"X\"",
            "f:3:17: error: c1 has 2 requests in its script; they count from 1");
}

static void outcomes_and_promises_have_names(void)
{
    struct story story;
    const struct expectation *it = read_one(&story, "expect outcome of c1/2 = timed-out");

    CU_ASSERT_EQUAL(it->kind, EXPECT_OUTCOME);
    CU_ASSERT_EQUAL(it->outcome, OUTCOME_TIMED_OUT);
    story_end(&story);
    it = read_one(&story, "expect promise own-reply broken");
    CU_ASSERT_EQUAL(it->kind, EXPECT_BROKEN);
    CU_ASSERT_STRING_EQUAL(it->promise, "own-reply");
    story_end(&story);
    refuses("expect outcome of c1/1 = timedout",
            "f:3:26: error: unknown outcome 'timedout'; did you mean 'timed-out'?");
    refuses("expect promise ownreply broken",
            "f:3:16: error: unknown promise 'ownreply'; did you mean 'own-reply'?");
    refuses("expect promise own-reply kept",
            "f:3:26: error: expected `broken`: a promise is always expected to be kept");
}

static void unknown_words_are_told_the_nearest(void)
{
    refuses("expect answerd = 1",
            "f:3:8: error: unknown metric 'answerd'; did you mean 'answered'?");
    refuses("expect latency.p95 < 1ms",
            "f:3:8: error: unknown metric 'latency.p95'; did you mean 'latency.p90'?");
    refuses("expect rejected of c1/1 = 0",
            "f:3:20: error: rejected is of nodes, not of one request");
    refuses("expect answered = 100% extra",
            "f:3:24: error: unexpected 'extra' behind the expectation");
    refuses("expect answered =", "f:3:19: error: expected a value to compare with");
}

static void a_comparison_stands_between_blanks(void)
{
    refuses("expect answered=100%",
            "f:3:8: error: a comparison stands between blanks: answered = 100%");
    refuses("expect answered= 100%",
            "f:3:8: error: a comparison stands between blanks: answered =");
    refuses("expect answered >=10%", "f:3:17: error: a comparison stands between blanks: >= 10%");
    refuses("expect lost of c1 -> broker ~10%",
            "f:3:29: error: a comparison stands between blanks: ~ 10%");
    refuses("expect outcome of c1/1=answered",
            "f:3:19: error: a comparison stands between blanks: c1/1 = answered");
    refuses("expect lost of c1->broker ~ 10%",
            "f:3:16: error: an arrow stands between blanks: c1 -> broker");
    story_accepts(STORY_CLIENTS, "expect \"a=b\" reply of c1/1 = \"x>=y\"");
}

/* The nearest known word of `==` would be `!=`, its opposite. */
static void a_comparison_of_elsewhere_is_told_ours(void)
{
    refuses("expect answered == 4", "f:3:17: error: the comparison '==' is written =");
    refuses("expect answered => 4", "f:3:17: error: the comparison '=>' is written >=");
    refuses("expect answered <> 4", "f:3:17: error: the comparison '<>' is written !=");
    refuses("expect answered \xe2\x89\xa4 4",
            "f:3:17: error: the comparison '\xe2\x89\xa4' is written <=");
}

static void a_value_is_written_as_a_quantity_is(void)
{
    refuses("expect answered = 1,5%",
            "f:3:19: error: answered takes a decimal point, not a comma: 1.5%");
    refuses("expect tries = 1,5", "f:3:16: error: tries takes a decimal point, not a comma: 1.5");
    refuses("expect lost ~ 1,5%", "f:3:15: error: lost takes a decimal point, not a comma: 1.5%");
    refuses("expect lost ~ 10 %", "f:3:15: error: no blank before the sign: 10%");
    refuses("expect duration < 10 ms", "f:3:19: error: no blank before the unit: 10ms");
    refuses("expect duration < 10sec", "f:3:19: error: unknown unit in '10sec'; did you mean 10s?");
    refuses("expect latency.max = 1ms..2 ms", "f:3:27: error: no blank before the unit: 2ms");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_label_and_collapsed_blanks_are_kept),
        HARNESS_TEST(reasons_and_codes_stand_behind_a_dot),
        HARNESS_TEST(a_range_has_both_ends_in_one_unit),
        HARNESS_TEST(a_ratio_is_compared_with_a_decimal),
        HARNESS_TEST(of_takes_what_fits_the_metric),
        HARNESS_TEST(what_does_not_fit_is_told_what_would),
        HARNESS_TEST(during_selects_requests),
        HARNESS_TEST(units_are_those_of_the_metric),
        HARNESS_TEST(a_count_is_compared_with_a_percentage_of_requests),
        HARNESS_TEST(about_is_refused_where_there_are_no_trials),
        HARNESS_TEST(a_reply_is_rendered_for_its_request),
        HARNESS_TEST(outcomes_and_promises_have_names),
        HARNESS_TEST(unknown_words_are_told_the_nearest),
        HARNESS_TEST(a_comparison_stands_between_blanks),
        HARNESS_TEST(a_comparison_of_elsewhere_is_told_ours),
        HARNESS_TEST(a_value_is_written_as_a_quantity_is),
    };

    return harness_run("scenario/expect", tests, HARNESS_COUNT(tests));
}
