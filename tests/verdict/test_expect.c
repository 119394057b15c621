/* Expectations of every kind, against stories with known numbers. */
#include "verdict/expect.h"

#include <math.h>

#include "verdict/expect_words.h"
#include "verdict/story.h"

/* Four requests: c1/1 is answered in 4 ms at once; c1/2 at its second try in 104 ms, and executed
 * twice; c2/1 is answered 404 at 210; c2/2 times out at 700. */
static void tell(struct story *story)
{
    struct trace_record retry = story_note(200, TRACE_RETRY, C1, C1, 2, 2);
    struct trace_record error = story_note(212, TRACE_REPLY_ERROR, C2, C2, 1, 1);

    story_serve(story, 10, C1, 1, TOUPPER, "toupper:hello", "HELLO");
    story_begin(story, 100, C1, 2, "toupper:world");
    story_reach_server(story, 100, TOUPPER, C1, 2, 1);
    story_lose(story, 102, TOUPPER, BROKER, C1, 2, 1);
    story_timeout(story, 200, C1, 2, 1);
    story_take(story, retry, NULL);
    story_send(story, 200, C1, BROKER, C1, 2, 2);
    story_deliver(story, 201, C1, BROKER, C1, 2, 2);
    story_send(story, 201, BROKER, TOUPPER, C1, 2, 2);
    story_deliver(story, 202, BROKER, TOUPPER, C1, 2, 2);
    story_execute(story, 202, TOUPPER, C1, 2, 2);
    story_return(story, 202, TOUPPER, C1, 2, 2);
    story_answer(story, 204, C1, 2, 2, 104, "WORLD");

    story_begin(story, 210, C2, 1, "toupper:x");
    story_send(story, 210, C2, BROKER, C2, 1, 1);
    story_deliver(story, 211, C2, BROKER, C2, 1, 1);
    story_send(story, 211, BROKER, C2, C2, 1, 1);
    story_deliver(story, 212, BROKER, C2, C2, 1, 1);
    error.code = 404;
    story_take(story, error, NULL);
    story_fail(story, 212, C2, 1, 1, OUTCOME_ERROR, 404);

    story_begin(story, 400, C2, 2, "toupper:y");
    for (uint8_t try = 1; try <= 3; try++) {
        uint64_t ms = 300 + 100u * try;
        struct trace_record again = story_note(ms, TRACE_RETRY, C2, C2, 2, try);
        if (try > 1) {
            story_timeout(story, ms, C2, 2, (uint8_t)(try - 1));
            story_take(story, again, NULL);
        }
        story_lose(story, ms, C2, BROKER, C2, 2, try);
    }
    story_timeout(story, 700, C2, 2, 3);
    story_fail(story, 700, C2, 2, 3, OUTCOME_TIMED_OUT, 0);
}

static void begin_story(struct story *story)
{
    story_init(story, "toupper", 2);
}

/* Tells it and judges all expectations, whatever the promises. */
static const struct expectation_result *judge_alone(struct story *story)
{
    story_start(story);
    tell(story);
    story_end(story);
    return story->verdict.expectations;
}

/* The same, where no promise is to break. */
static const struct expectation_result *judge(struct story *story)
{
    (void)judge_alone(story);
    for (int i = 0; i < PROMISE_COUNT; i++) {
        CU_ASSERT_NOT_EQUAL(story->verdict.promises[i].verdict, PROMISE_BROKEN);
    }
    return story->verdict.expectations;
}

static void every_metric_has_its_count(void)
{
    static const struct {
        enum metric metric;
        double value;
    } cases[] = {
        {METRIC_REQUESTS, 4},      {METRIC_ANSWERED, 2},       {METRIC_FAILED, 2},
        {METRIC_ERROR, 1},         {METRIC_TIMED_OUT, 1},      {METRIC_CANCELLED, 0},
        {METRIC_WRONG, 0},         {METRIC_TRIES, 7},          {METRIC_RETRIES, 3},
        {METRIC_EXECUTIONS, 3},    {METRIC_REPLIES, 3},        {METRIC_DUPLICATE_EXECUTIONS, 1},
        {METRIC_ERRORS, 1},        {METRIC_REJECTED, 0},       {METRIC_SENT, 16},
        {METRIC_DELIVERED, 12},    {METRIC_LOST, 4},           {METRIC_DUPLICATED, 0},
        {METRIC_CORRUPTED, 0},     {METRIC_REORDERED, 0},      {METRIC_DURATION, 1e9},
        {METRIC_KERNEL_DROPS, 0},  {METRIC_LATENCY_MIN, 4e6},  {METRIC_LATENCY_MEAN, 54e6},
        {METRIC_LATENCY_P50, 4e6}, {METRIC_LATENCY_MAX, 104e6}};

    struct story story;
    begin_story(&story);
    judge(&story);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double value = NAN;
        CU_ASSERT(verdict_metric(&story.verdict, &story.facts, cases[i].metric, &value));
        CU_ASSERT_DOUBLE_EQUAL(value, cases[i].value, 0);
    }
    story_free(&story);
}

static void every_comparison_compares(void)
{
    static const struct {
        enum expectation_cmp cmp;
        double low, high;
        bool held;
    } cases[] = {{CMP_EQ, 7, 0, true},   {CMP_EQ, 6, 0, false}, {CMP_NE, 6, 0, true},
                 {CMP_NE, 7, 0, false},  {CMP_LT, 8, 0, true},  {CMP_LT, 7, 0, false},
                 {CMP_LE, 7, 0, true},   {CMP_LE, 6, 0, false}, {CMP_GT, 6, 0, true},
                 {CMP_GT, 7, 0, false},  {CMP_GE, 7, 0, true},  {CMP_GE, 8, 0, false},
                 {CMP_IN, 5, 7, true},   {CMP_IN, 7, 9, true},  {CMP_IN, 8, 9, false},
                 {CMP_IN, 4, 6.5, false}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct story story;
        begin_story(&story);
        story_expect(&story, METRIC_TRIES, cases[i].cmp, cases[i].low)->high = cases[i].high;
        const struct expectation_result *result = judge(&story);
        CU_ASSERT_EQUAL(result->held, cases[i].held);
        CU_ASSERT(result->exists);
        CU_ASSERT_STRING_EQUAL(result->shown, "7");
        CU_ASSERT_EQUAL(story.verdict.status, cases[i].held ? 0 : 1);
        CU_ASSERT_EQUAL(story.verdict.passed, cases[i].held);
        story_free(&story);
    }
}

static void a_share_is_shown_with_its_whole_and_the_first_failure(void)
{
    struct story story;

    begin_story(&story);
    story_expect(&story, METRIC_ANSWERED, CMP_EQ, 1)->unit = UNIT_PERCENT;
    story_expect(&story, METRIC_TIMED_OUT, CMP_EQ, 0)->unit = UNIT_PERCENT;
    story_expect(&story, METRIC_LOST, CMP_EQ, 0.25)->unit = UNIT_PERCENT;
    story_expect(&story, METRIC_ANSWERED, CMP_LT, 0.5)->unit = UNIT_PERCENT;
    story_expect(&story, METRIC_FAILED, CMP_EQ, 0);
    story_expect(&story, METRIC_ERROR, CMP_EQ, 0);
    const struct expectation_result *results = judge(&story);
    CU_ASSERT(!results[0].held);
    CU_ASSERT_STRING_EQUAL(results[0].shown, "2 of 4 (50%)");
    CU_ASSERT_STRING_EQUAL(results[0].why, "c2/1 ended with error 404");
    CU_ASSERT_EQUAL(results[0].part, 2);
    CU_ASSERT_EQUAL(results[0].whole, 4);
    CU_ASSERT_DOUBLE_EQUAL(results[0].value, 0.5, 0);
    CU_ASSERT_STRING_EQUAL(results[1].why, "c2/2 timed out");
    CU_ASSERT(results[2].held);
    CU_ASSERT_STRING_EQUAL(results[2].shown, "4 of 16 (25%)");
    CU_ASSERT(!results[3].held);
    CU_ASSERT_STRING_EQUAL(results[3].why, "");
    CU_ASSERT_STRING_EQUAL(results[4].why, "c2/1 ended with error 404");
    CU_ASSERT_STRING_EQUAL(results[5].why, "c2/1 ended with error 404");
    story_free(&story);
}

static void clients_servers_and_links_are_selected(void)
{
    static const struct {
        enum metric metric;
        enum expectation_of of;
        uint64_t bitmap;
        double value;
    } cases[] = {
        {METRIC_REQUESTS, OF_NODES, 1u << C1, 2},
        {METRIC_ANSWERED, OF_NODES, 1u << C1, 2},
        {METRIC_FAILED, OF_NODES, 1u << C2, 2},
        {METRIC_TRIES, OF_NODES, 1u << C2, 4},
        {METRIC_TRIES, OF_NODES, 1u << BROKER, 3},
        {METRIC_RETRIES, OF_NODES, 1u << C1, 1},
        {METRIC_RETRIES, OF_NODES, 1u << BROKER, 0},
        {METRIC_EXECUTIONS, OF_NODES, 1u << TOUPPER, 3},
        {METRIC_EXECUTIONS, OF_NODES, 1u << TOLOWER, 0},
        {METRIC_EXECUTIONS, OF_NODES, 1u << C1, 3},
        {METRIC_EXECUTIONS, OF_NODES, 1u << C2, 0},
        {METRIC_EXECUTIONS, OF_NODES, (1u << NODES) - 1, 3},
        {METRIC_DUPLICATE_EXECUTIONS, OF_NODES, 1u << C1, 1},
        {METRIC_DUPLICATE_EXECUTIONS, OF_NODES, 1u << TOUPPER, 1},
        {METRIC_SENT, OF_NODES, 1u << C2, 4},
        {METRIC_DELIVERED, OF_NODES, 1u << C2, 1},
        {METRIC_LOST, OF_NODES, 1u << TOUPPER, 1},
        {METRIC_SENT, OF_LINKS, 1u << 6, 3},      /* c1 -> broker */
        {METRIC_LOST, OF_LINKS, 1u << 8, 3},      /* c2 -> broker */
        {METRIC_DELIVERED, OF_LINKS, 1u << 1, 3}, /* broker -> toupper */
        {METRIC_KERNEL_DROPS, OF_LINKS, 1u << 1, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct story story;
        begin_story(&story);
        struct expectation *expectation =
            story_expect(&story, cases[i].metric, CMP_EQ, cases[i].value);
        story.some_nodes[0] = cases[i].bitmap;
        expectation->of = cases[i].of;
        expectation->bitmap = story.some_nodes;
        const struct expectation_result *result = judge(&story);
        CU_ASSERT(result->held);
        CU_ASSERT_DOUBLE_EQUAL(result->value, cases[i].value, 0);
        story_free(&story);
    }
}

static void codes_and_reasons_are_selected(void)
{
    struct story story;

    begin_story(&story);
    story_expect(&story, METRIC_REPLIES, CMP_EQ, 2)->code = 200;
    story_expect(&story, METRIC_REPLIES, CMP_EQ, 1)->code = 404;
    story_expect(&story, METRIC_ERRORS, CMP_EQ, 1)->code = 404;
    story_expect(&story, METRIC_ERRORS, CMP_EQ, 0)->code = 504;
    story_expect(&story, METRIC_LOST, CMP_EQ, 4)->loss = LOSS_LOSS;
    story_expect(&story, METRIC_LOST, CMP_EQ, 0)->loss = LOSS_DOWN;
    story_expect(&story, METRIC_REJECTED, CMP_EQ, 0)->reject = REJECT_LATE;
    const struct expectation_result *results = judge(&story);
    for (uint32_t i = 0; i < story.scenario.expectation_count; i++) {
        CU_ASSERT(results[i].held);
    }
    story_free(&story);
}

static void ratios_are_per_request_and_per_second(void)
{
    struct story story;

    begin_story(&story);
    story_expect(&story, METRIC_TRIES, CMP_EQ, 1.75)->ratio = RATIO_PER_REQUEST;
    story_expect(&story, METRIC_ANSWERED, CMP_EQ, 2)->ratio = RATIO_PER_S;
    const struct expectation_result *results = judge(&story);
    CU_ASSERT(results[0].held);
    CU_ASSERT_STRING_EQUAL(results[0].shown, "1.75 per request");
    CU_ASSERT(results[1].held);
    CU_ASSERT_STRING_EQUAL(results[1].shown, "2 per s");
    story_free(&story);
}

/* Of two latencies, 4 and 104 ms, the nearest rank above the half is the larger. */
static void every_quantile_has_its_latency(void)
{
    struct story story;

    begin_story(&story);
    story_expect(&story, METRIC_LATENCY_P50, CMP_EQ, 4e6)->unit = UNIT_NS;
    story_expect(&story, METRIC_LATENCY_P90, CMP_EQ, 104e6)->unit = UNIT_NS;
    story_expect(&story, METRIC_LATENCY_P99, CMP_EQ, 104e6)->unit = UNIT_NS;
    const struct expectation_result *results = judge(&story);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT(results[i].held && results[i].exists);
        CU_ASSERT_STRING_EQUAL(results[i].shown, i == 0 ? "4.00ms" : "104ms");
    }
    story_free(&story);
}

static void times_are_compared_in_ns_and_shown_in_units(void)
{
    struct story story;

    begin_story(&story);
    story_expect(&story, METRIC_LATENCY_MAX, CMP_EQ, 104e6)->unit = UNIT_NS;
    story_expect(&story, METRIC_LATENCY_P50, CMP_LT, 4e6)->unit = UNIT_NS;
    story_expect(&story, METRIC_DURATION, CMP_LE, 1e9)->unit = UNIT_NS;
    struct expectation *of_c1 = story_expect(&story, METRIC_LATENCY_P50, CMP_EQ, 4e6);
    struct expectation *of_c2 = story_expect(&story, METRIC_LATENCY_P50, CMP_GE, 0);
    static const uint64_t c1[1] = {1u << C1};
    static const uint64_t c2[1] = {1u << C2};
    of_c1->of = of_c2->of = OF_NODES;
    of_c1->bitmap = c1;
    of_c2->bitmap = c2;
    const struct expectation_result *results = judge(&story);
    CU_ASSERT(results[0].held);
    CU_ASSERT_STRING_EQUAL(results[0].shown, "104ms");
    CU_ASSERT(!results[1].held);
    CU_ASSERT_STRING_EQUAL(results[1].shown, "4.00ms");
    CU_ASSERT(results[2].held);
    CU_ASSERT_STRING_EQUAL(results[2].shown, "1.00s");
    CU_ASSERT(results[3].held);
    CU_ASSERT(!results[4].held && !results[4].exists);
    CU_ASSERT_STRING_EQUAL(results[4].shown, "no value");
    CU_ASSERT_STRING_EQUAL(results[4].why, "no request was answered");
    story_free(&story);
}

static void the_timing_margin_is_the_smallest_gap_between_a_timer_and_a_reply(void)
{
    struct story story;

    begin_story(&story);
    story_expect(&story, METRIC_TIMING_MARGIN, CMP_GT, 10e6)->unit = UNIT_NS;
    story_expect(&story, METRIC_TIMING_MARGIN, CMP_EQ, 96e6)->unit = UNIT_NS;
    const struct expectation_result *results = judge(&story);
    CU_ASSERT(results[0].held);
    CU_ASSERT(results[1].held);
    CU_ASSERT_STRING_EQUAL(results[1].shown, "96.0ms");
    story_free(&story);
}

static void where_no_reply_raced_a_timer_there_is_no_timing_margin(void)
{
    struct story story;

    story_init(&story, "toupper", 0);
    story_expect(&story, METRIC_TIMING_MARGIN, CMP_GT, 10e6)->unit = UNIT_NS;
    story_start(&story);
    story_end(&story);
    CU_ASSERT(!story.verdict.expectations[0].held && !story.verdict.expectations[0].exists);
    CU_ASSERT_STRING_EQUAL(story.verdict.expectations[0].why, "no reply raced a timer");
    story_free(&story);
}

static void a_window_has_the_requests_begun_in_it(void)
{
    static const struct {
        enum metric metric;
        uint64_t from_ms, to_ms;
        double value;
    } cases[] = {{METRIC_REQUESTS, 0, 1000, 4},    {METRIC_REQUESTS, 10, 100, 1},
                 {METRIC_REQUESTS, 11, 100, 0},    {METRIC_ANSWERED, 0, 210, 2},
                 {METRIC_ANSWERED, 100, 210, 1},   {METRIC_TRIES, 100, 101, 2},
                 {METRIC_EXECUTIONS, 100, 101, 2}, {METRIC_DUPLICATE_EXECUTIONS, 100, 101, 1},
                 {METRIC_TIMED_OUT, 400, 500, 1},  {METRIC_SENT, 400, 500, 3},
                 {METRIC_LATENCY_MAX, 0, 50, 4e6}, {METRIC_LATENCY_MIN, 100, 210, 104e6}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct story story;
        begin_story(&story);
        struct expectation *expectation =
            story_expect(&story, cases[i].metric, CMP_EQ, cases[i].value);
        expectation->during = true;
        expectation->during_from_ns = cases[i].from_ms * NS_PER_MS;
        expectation->during_to_ns = cases[i].to_ms * NS_PER_MS;
        const struct expectation_result *result = judge(&story);
        CU_ASSERT(result->held);
        story_free(&story);
    }
}

static void a_share_of_a_window_is_of_what_begun_in_it(void)
{
    struct story story;

    begin_story(&story);
    for (int i = 0; i < 2; i++) {
        struct expectation *expectation =
            story_expect(&story, METRIC_ANSWERED, CMP_EQ, i == 0 ? 0.5 : 1);
        expectation->unit = UNIT_PERCENT;
        expectation->during = true;
        expectation->during_from_ns = (i == 0 ? 100 : 800) * NS_PER_MS;
        expectation->during_to_ns = (i == 0 ? 300 : 900) * NS_PER_MS;
    }
    const struct expectation_result *results = judge(&story);
    CU_ASSERT(results[0].held);
    CU_ASSERT_STRING_EQUAL(results[0].shown, "1 of 2 (50%)");
    CU_ASSERT(!results[1].held && !results[1].exists);
    CU_ASSERT_STRING_EQUAL(results[1].shown, "no value");
    CU_ASSERT_STRING_EQUAL(results[1].why, "there were no requests");
    story_free(&story);
}

static struct expectation *expect_of_request(struct story *story, enum expectation_kind kind,
                                             uint32_t client, uint32_t n)
{
    struct expectation *expectation = story_expect(story, METRIC_REQUESTS, CMP_EQ, 0);

    expectation->kind = kind;
    expectation->of = OF_REQUEST;
    expectation->client = client;
    expectation->n = n;
    return expectation;
}

static void one_request_has_counts_of_its_own(void)
{
    static const struct {
        enum metric metric;
        uint32_t client, n;
        double value;
    } cases[] = {{METRIC_TRIES, C1, 2, 2},      {METRIC_EXECUTIONS, C1, 2, 2},
                 {METRIC_EXECUTIONS, C1, 1, 1}, {METRIC_DUPLICATE_EXECUTIONS, C1, 2, 1},
                 {METRIC_LOST, C1, 2, 1},       {METRIC_LATENCY_MAX, C1, 2, 104e6},
                 {METRIC_TIMED_OUT, C2, 2, 1},  {METRIC_ANSWERED, C2, 2, 0}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct story story;
        begin_story(&story);
        struct expectation *expectation =
            expect_of_request(&story, EXPECT_METRIC, cases[i].client, cases[i].n);
        expectation->metric = cases[i].metric;
        expectation->low = cases[i].value;
        CU_ASSERT(judge(&story)->held);
        story_free(&story);
    }
}

static void a_reply_is_compared_with_its_text(void)
{
    struct story story;

    begin_story(&story);
    for (uint32_t i = 0; i < 3; i++) {
        struct expectation *expectation =
            expect_of_request(&story, EXPECT_REPLY, i < 2 ? C1 : C2, i < 2 ? 1 : 2);
        expectation->reply = (const uint8_t *)(i == 0 ? "HELLO" : "WORLD");
        expectation->reply_size = 5;
    }
    const struct expectation_result *results = judge(&story);
    CU_ASSERT(results[0].held && results[0].exists);
    CU_ASSERT_STRING_EQUAL(results[0].shown, "\"HELLO\"");
    CU_ASSERT(!results[1].held);
    CU_ASSERT_STRING_EQUAL(results[1].shown, "\"HELLO\"");
    CU_ASSERT(!results[2].held && !results[2].exists);
    CU_ASSERT_STRING_EQUAL(results[2].shown, "timed-out");
    CU_ASSERT_STRING_EQUAL(results[2].why, "c2/2 timed out");
    story_free(&story);
}

static void an_outcome_is_compared_with_its_word(void)
{
    struct story story;

    begin_story(&story);
    expect_of_request(&story, EXPECT_OUTCOME, C2, 1)->outcome = OUTCOME_ERROR;
    expect_of_request(&story, EXPECT_OUTCOME, C2, 2)->outcome = OUTCOME_ANSWERED;
    const struct expectation_result *results = judge(&story);
    CU_ASSERT(results[0].held);
    CU_ASSERT_STRING_EQUAL(results[0].shown, "error 404");
    CU_ASSERT(!results[1].held);
    CU_ASSERT_STRING_EQUAL(results[1].shown, "timed-out");
    story_free(&story);
}

static void about_accepts_the_exact_bound(void)
{
    struct story story;

    begin_story(&story);
    struct expectation *near = story_expect(&story, METRIC_LOST, CMP_ABOUT, 0.25);
    struct expectation *far = story_expect(&story, METRIC_ANSWERED, CMP_ABOUT, 0.0001);
    near->unit = far->unit = UNIT_PERCENT;
    near->probability_q63 = PROBABILITY_ONE / 4;
    far->probability_q63 = PROBABILITY_ONE / 10000;
    const struct expectation_result *results = judge(&story);
    CU_ASSERT(results[0].held);
    CU_ASSERT_STRING_EQUAL(results[0].shown, "4 of 16 (25%)");
    CU_ASSERT_STRING_EQUAL(results[0].why, "accepts 0 to 13");
    CU_ASSERT(!results[1].held);
    CU_ASSERT_STRING_EQUAL(results[1].why, "accepts 0 to 1");
    CU_ASSERT_DOUBLE_EQUAL(results[1].high, 1, 0);
    story_free(&story);
}

static void about_is_refused_where_datagrams_do_not_fare_each_for_itself(void)
{
    struct story story;

    begin_story(&story);
    story_add_rule(&story)->faults = (struct fault_set){
        .set = FAULT_LOSS, .loss_q63 = PROBABILITY_ONE / 4, .loss_same_q63 = PROBABILITY_ONE / 2};
    struct expectation *lost = story_expect(&story, METRIC_LOST, CMP_ABOUT, 0.25);
    lost->unit = UNIT_PERCENT;
    lost->probability_q63 = PROBABILITY_ONE / 4;
    const struct expectation_result *result = judge(&story);
    CU_ASSERT(!result->held);
    CU_ASSERT_STRING_EQUAL(result->shown, "4 of 16 (25%)");
    CU_ASSERT_STRING_EQUAL(result->why, "no bound applies: loss with a correlation has a memory "
                                        "(--set), so that datagrams do not fare each for itself");
    story_free(&story);
}

/* What is shown is the share that is judged: copies count, and what is lost is not damaged. */
static void about_shows_the_share_of_its_trials(void)
{
    struct story story;

    begin_story(&story);
    story_expect(&story, METRIC_LOST, CMP_ABOUT, 0.25)->probability_q63 = PROBABILITY_ONE / 4;
    story_expect(&story, METRIC_CORRUPTED, CMP_ABOUT, 0.1)->probability_q63 = PROBABILITY_ONE / 10;
    story_expect(&story, METRIC_LOST, CMP_GE, 0.25)->unit = UNIT_PERCENT;
    story_start(&story);
    tell(&story);
    for (unsigned i = 0; i < 4; i++) {
        struct trace_record copy = story_datagram(800, TRACE_DUPLICATED, C1, BROKER, C1, 2, 2);
        story_take(&story, copy, NULL);
    }
    story_end(&story);
    const struct expectation_result *results = story.verdict.expectations;
    CU_ASSERT_STRING_EQUAL(results[0].shown, "4 of 20 (20%)");
    CU_ASSERT_DOUBLE_EQUAL(results[0].value, 0.2, 1e-12);
    CU_ASSERT_STRING_EQUAL(results[1].shown, "0 of 16 (0%)");
    CU_ASSERT_STRING_EQUAL(results[2].shown, "4 of 16 (25%)");
    story_free(&story);
}

static void nearly_all_is_not_shown_as_all(void)
{
    char shown[120];

    expect_show_part(shown, 299999, 300000);
    CU_ASSERT_STRING_EQUAL(shown, "299999 of 300000 (>99.99%)");
    expect_show_part(shown, 9999, 10000);
    CU_ASSERT_STRING_EQUAL(shown, "9999 of 10000 (99.99%)");
    expect_show_part(shown, 300000, 300000);
    CU_ASSERT_STRING_EQUAL(shown, "300000 of 300000 (100%)");
    expect_show_part(shown, 300001, 300000);
    CU_ASSERT_STRING_EQUAL(shown, "300001 of 300000 (>100%)");
    expect_show_part(shown, 1, 300000);
    CU_ASSERT_STRING_EQUAL(shown, "1 of 300000 (0.0003333%)");
}

static void theory_is_refused_with_its_reason(void)
{
    struct story story;

    begin_story(&story);
    story_add_rule(&story)->faults = (struct fault_set){.set = FAULT_DOWN, .down = true};
    story_expect(&story, METRIC_TRIES, CMP_THEORY, 0);
    const struct expectation_result *result = judge(&story);
    CU_ASSERT(!result->held && result->exists);
    CU_ASSERT_STRING_EQUAL(result->why, "theory does not apply: c1 -> broker is down");
    CU_ASSERT(!story.verdict.theory_holds);
    CU_ASSERT_STRING_EQUAL(story.verdict.theory_why, "c1 -> broker is down");
    story_free(&story);
}

static void theory_without_loss_accepts_one_number(void)
{
    struct story story;

    begin_story(&story);
    story_be_quiet(&story);
    story_expect(&story, METRIC_TRIES, CMP_THEORY, 0);
    story_expect(&story, METRIC_RETRIES, CMP_THEORY, 0);
    story_expect(&story, METRIC_TRIES, CMP_THEORY, 0)->ratio = RATIO_PER_REQUEST;
    const struct expectation_result *results = judge_alone(&story);
    CU_ASSERT(!results[0].held);
    CU_ASSERT_STRING_EQUAL(results[0].shown, "7");
    CU_ASSERT_STRING_EQUAL(results[0].why, "accepts 4 to 4");
    CU_ASSERT_STRING_EQUAL(results[1].why, "accepts 0 to 0");
    CU_ASSERT_STRING_EQUAL(results[2].why, "accepts 1 to 1");
    story_free(&story);
}

static void theory_is_silent_about_a_run_that_was_cut_short(void)
{
    struct story story;

    begin_story(&story);
    story_be_quiet(&story);
    story_expect(&story, METRIC_TRIES, CMP_THEORY, 0);
    story_expect(&story, METRIC_LOST, CMP_THEORY, 0);
    story_start(&story);
    story_serve(&story, 10, C1, 1, TOUPPER, "toupper:hello", "HELLO");
    story_fail(&story, 300, C1, 2, 0, OUTCOME_CANCELLED, 0);
    story_fail(&story, 300, C2, 1, 0, OUTCOME_CANCELLED, 0);
    story_fail(&story, 300, C2, 2, 0, OUTCOME_CANCELLED, 0);
    story.facts.end = RUN_TIME_LIMIT;
    story_end(&story);
    const struct expectation_result *results = story.verdict.expectations;
    CU_ASSERT(!results[0].held);
    CU_ASSERT_STRING_EQUAL(results[0].why,
                           "theory does not apply: the run ended before its scripts did");
    CU_ASSERT(results[1].held); /* of the four that were sent */
    CU_ASSERT(!story.verdict.theory_holds);
    CU_ASSERT_STRING_EQUAL(story.verdict.theory_why, "the run ended before its scripts did");
    story_free(&story);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(every_metric_has_its_count),
        HARNESS_TEST(every_comparison_compares),
        HARNESS_TEST(a_share_is_shown_with_its_whole_and_the_first_failure),
        HARNESS_TEST(clients_servers_and_links_are_selected),
        HARNESS_TEST(codes_and_reasons_are_selected),
        HARNESS_TEST(ratios_are_per_request_and_per_second),
        HARNESS_TEST(every_quantile_has_its_latency),
        HARNESS_TEST(times_are_compared_in_ns_and_shown_in_units),
        HARNESS_TEST(the_timing_margin_is_the_smallest_gap_between_a_timer_and_a_reply),
        HARNESS_TEST(where_no_reply_raced_a_timer_there_is_no_timing_margin),
        HARNESS_TEST(a_window_has_the_requests_begun_in_it),
        HARNESS_TEST(a_share_of_a_window_is_of_what_begun_in_it),
        HARNESS_TEST(one_request_has_counts_of_its_own),
        HARNESS_TEST(a_reply_is_compared_with_its_text),
        HARNESS_TEST(an_outcome_is_compared_with_its_word),
        HARNESS_TEST(about_accepts_the_exact_bound),
        HARNESS_TEST(about_is_refused_where_datagrams_do_not_fare_each_for_itself),
        HARNESS_TEST(about_shows_the_share_of_its_trials),
        HARNESS_TEST(nearly_all_is_not_shown_as_all),
        HARNESS_TEST(theory_is_refused_with_its_reason),
        HARNESS_TEST(theory_without_loss_accepts_one_number),
        HARNESS_TEST(theory_is_silent_about_a_run_that_was_cut_short),
    };
    return harness_run("verdict/expect", tests, HARNESS_COUNT(tests));
}
