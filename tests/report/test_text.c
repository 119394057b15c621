#include "harness.h"
#include "report_story.h"
#include "report_story_text.h"

/* clang-format off */
static const char GOLDEN_UNICODE[] =
    "A small run\n"
    "────────────────────────────────────────────────────────────────────────────────\n"
    "  scenario   small.txt\n"
    "  seed       10\n"
    "  world      real: loopback sockets, wall clock\n"
    "  placement  5 threads on one core (cpu 1 of 0-1)\n"
    "  duration   2.31 s\n"
    "\n"
    "Requests\n"
    "  requests          20\n"
    "  answered          19   95.0%\n"
    "  failed             1   1 timed-out\n"
    "  tries             32   1.600 per request, 12 of them retries\n"
    "  executions        25   5 of them of a request executed before\n"
    "  rejected           1   1 late\n"
    "  margin       3.21 ms   from a timer to the reply that raced it, at the least\n"
    "  undecided          1   warning: a slower machine could change how they end,\n"
    "                         since a timer and a reply raced within 10 ms or the\n"
    "                         kernel dropped something; leave them out when you\n"
    "                         compare runs\n"
    "\n"
    "Links                   sent     lost               copied  arrived\n"
    "  toupper -> broker       22        2        9.1%        0       20\n"
    "  broker -> toupper       28        3       10.7%        0       25\n"
    "  tolower -> broker        0        0           -        0        0\n"
    "  broker -> tolower        0        0           -        0        0\n"
    "  c1 -> broker            16        1        6.2%        0       15\n"
    "  broker -> c1            11        1        9.1%        0       10\n"
    "  c2 -> broker            16        3       18.8%        0       13\n"
    "  broker -> c2            11        2       18.2%        0        9\n"
    "  all links              104       12       11.5%        0       92\n"
    "  Delayed datagrams left late by p50 61.0 us, p99 180 us, max 1.20 ms\n"
    "\n"
    "Latency of answered requests\n"
    "        min       mean        p50        p90        p99        max\n"
    "    7.00 ms    52.1 ms    7.90 ms     188 ms     430 ms     430 ms\n"
    "       0ms ..     50ms  ████████████████████████████████        13\n"
    "      50ms ..    100ms  █████████▊                               4  try 2\n"
    "     100ms ..    150ms\n"
    "     150ms ..    200ms  ██▍                                      1  try 3\n"
    "     200ms ..    250ms\n"
    "     250ms ..    300ms\n"
    "     300ms ..    350ms\n"
    "     350ms ..    400ms\n"
    "     400ms ..    450ms  ██▍                                      1  try 4\n"
    "\n"
    "Tries                  measured    theory\n"
    "       1 try        13    65.0%     65.6%   ██████████████████████\n"
    "     2 tries         4    20.0%     22.6%   ██████▊\n"
    "     3 tries         1     5.0%      7.8%   █▋\n"
    "     4 tries         2    10.0%      4.1%   ███▍\n"
    "  answered                95.0%    98.60%\n"
    "  tries per request       1.600     1.503\n"
    "  datagrams per request   5.200     5.168\n"
    "  executions per request  1.250     1.217\n"
    "\n"
    "Promises  13 kept, 1 not judged\n"
    "  not judged: no-leak: the run was cut short\n"
    "\n"
    "Expectations\n"
    "  FAIL  everyone is served\n"
    "        answered = 100%, measured 19 of 20 (95%)\n"
    "        c2/10 timed out\n"
    "  PASS  lost of clients -> broker ~ 10%, measured 4 of 32 (12.5%)\n"
    "  PASS  soon\n"
    "        latency.p50 < 20ms, measured 8 ms\n"
    "\n"
    "small.txt:9: FAIL answered = 100% (19 of 20; c2/10 timed out)\n"
    "next: simrun small.txt --seed 10 --why c2/10\n"
    "repeat: simrun small.txt --seed 10\n"
    "FAIL  2 of 3 expectations held, 13 of 13 promises kept\n";

static const char GOLDEN_ASCII[] =
    "A small run\n"
    "--------------------------------------------------------------------------------\n"
    "  scenario   small.txt\n"
    "  seed       10\n"
    "  world      real: loopback sockets, wall clock\n"
    "  placement  5 threads on one core (cpu 1 of 0-1)\n"
    "  duration   2.31 s\n"
    "\n"
    "Requests\n"
    "  requests          20\n"
    "  answered          19   95.0%\n"
    "  failed             1   1 timed-out\n"
    "  tries             32   1.600 per request, 12 of them retries\n"
    "  executions        25   5 of them of a request executed before\n"
    "  rejected           1   1 late\n"
    "  margin       3.21 ms   from a timer to the reply that raced it, at the least\n"
    "  undecided          1   warning: a slower machine could change how they end,\n"
    "                         since a timer and a reply raced within 10 ms or the\n"
    "                         kernel dropped something; leave them out when you\n"
    "                         compare runs\n"
    "\n"
    "Links                   sent     lost               copied  arrived\n"
    "  toupper -> broker       22        2        9.1%        0       20\n"
    "  broker -> toupper       28        3       10.7%        0       25\n"
    "  tolower -> broker        0        0           -        0        0\n"
    "  broker -> tolower        0        0           -        0        0\n"
    "  c1 -> broker            16        1        6.2%        0       15\n"
    "  broker -> c1            11        1        9.1%        0       10\n"
    "  c2 -> broker            16        3       18.8%        0       13\n"
    "  broker -> c2            11        2       18.2%        0        9\n"
    "  all links              104       12       11.5%        0       92\n"
    "  Delayed datagrams left late by p50 61.0 us, p99 180 us, max 1.20 ms\n"
    "\n"
    "Latency of answered requests\n"
    "        min       mean        p50        p90        p99        max\n"
    "    7.00 ms    52.1 ms    7.90 ms     188 ms     430 ms     430 ms\n"
    "       0ms ..     50ms  ################################        13\n"
    "      50ms ..    100ms  ##########                               4  try 2\n"
    "     100ms ..    150ms\n"
    "     150ms ..    200ms  ###                                      1  try 3\n"
    "     200ms ..    250ms\n"
    "     250ms ..    300ms\n"
    "     300ms ..    350ms\n"
    "     350ms ..    400ms\n"
    "     400ms ..    450ms  ###                                      1  try 4\n"
    "\n"
    "Tries                  measured    theory\n"
    "       1 try        13    65.0%     65.6%   ######################\n"
    "     2 tries         4    20.0%     22.6%   #######\n"
    "     3 tries         1     5.0%      7.8%   ##\n"
    "     4 tries         2    10.0%      4.1%   ####\n"
    "  answered                95.0%    98.60%\n"
    "  tries per request       1.600     1.503\n"
    "  datagrams per request   5.200     5.168\n"
    "  executions per request  1.250     1.217\n"
    "\n"
    "Promises  13 kept, 1 not judged\n"
    "  not judged: no-leak: the run was cut short\n"
    "\n"
    "Expectations\n"
    "  FAIL  everyone is served\n"
    "        answered = 100%, measured 19 of 20 (95%)\n"
    "        c2/10 timed out\n"
    "  PASS  lost of clients -> broker ~ 10%, measured 4 of 32 (12.5%)\n"
    "  PASS  soon\n"
    "        latency.p50 < 20ms, measured 8 ms\n"
    "\n"
    "small.txt:9: FAIL answered = 100% (19 of 20; c2/10 timed out)\n"
    "next: simrun small.txt --seed 10 --why c2/10\n"
    "repeat: simrun small.txt --seed 10\n"
    "FAIL  2 of 3 expectations held, 13 of 13 promises kept\n";
/* clang-format on */

static void make_passing(struct story *story)
{
    story->results[0].held = true;
    story->verdict.passed = true;
    story->verdict.status = 0;
    story->run.status = 0;
}

static void a_small_run_reads_like_this(void)
{
    struct story story;

    story_init(&story);
    char *text = text_of(&story, false);
    CU_ASSERT_STRING_EQUAL(text, GOLDEN_UNICODE);
    CU_ASSERT_TRUE(story_width(text) <= 80);
    free(text);
    story_free(&story);
}

static void and_like_this_in_ascii(void)
{
    struct story story;

    story_init(&story);
    story.style.unicode = false;
    char *text = text_of(&story, false);
    CU_ASSERT_STRING_EQUAL(text, GOLDEN_ASCII);
    CU_ASSERT_TRUE(story_width(text) <= 80);
    CU_ASSERT_TRUE(story_is_clean(text, false));
    free(text);
    story_free(&story);
}

static void colour_changes_no_word(void)
{
    struct story story;
    char plain[sizeof GOLDEN_UNICODE];
    size_t size = 0;

    story_init(&story);
    story.style.colour = true;
    char *text = text_of(&story, false);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\x1b[1;31mFAIL\x1b[0m  2 of 3"));
    for (const char *at = text; *at != '\0' && size < sizeof plain - 1; at++) {
        if (*at == '\x1b') {
            at += strcspn(at, "m");
        } else {
            plain[size++] = *at;
        }
    }
    plain[size] = '\0';
    CU_ASSERT_STRING_EQUAL(plain, GOLDEN_UNICODE);
    free(text);
    story_free(&story);
}

static void a_quiet_report_of_a_failure_is_the_failure(void)
{
    struct story story;

    story_init(&story);
    char *text = text_of(&story, true);
    CU_ASSERT_STRING_EQUAL(text, "small.txt:9: FAIL answered = 100% (19 of 20; c2/10 timed out)\n"
                                 "next: simrun small.txt --seed 10 --why c2/10\n");
    free(text);
    story_free(&story);
}

static void a_failed_count_is_shown_as_it_was_measured(void)
{
    struct story story;

    story_init(&story);
    story.expectations[0].text = "tries ~ theory";
    story.expectations[0].cmp = CMP_THEORY;
    strcpy(story.results[0].shown, "28");
    strcpy(story.results[0].why, "accepts 20 to 27");
    char *text = text_of(&story, true);
    CU_ASSERT_STRING_EQUAL(text, "small.txt:9: FAIL tries ~ theory (28; accepts 20 to 27)\n"
                                 "next: simrun small.txt --seed 10 --why c2/10\n");
    free(text);
    story_free(&story);
}

static void a_quiet_report_of_a_run_that_passed_is_empty(void)
{
    struct story story;

    story_init(&story);
    make_passing(&story);
    char *text = text_of(&story, true);
    CU_ASSERT_STRING_EQUAL(text, "");
    free(text);
    story_free(&story);
}

static void the_verdict_is_the_last_line(void)
{
    static const char last[] = "repeat: simrun small.txt --seed 10\n"
                               "PASS  3 of 3 expectations held, 13 of 13 promises kept\n";
    struct story story;

    story_init(&story);
    make_passing(&story);
    char *text = text_of(&story, false);
    CU_ASSERT_TRUE_FATAL(strlen(text) > sizeof last);
    CU_ASSERT_STRING_EQUAL(text + strlen(text) - (sizeof last - 1), last);
    free(text);
    story_free(&story);
}

static void a_broken_promise_is_told_in_full(void)
{
    struct story story;

    story_init(&story);
    story.verdict.promises[PROMISE_OWN_REPLY] = (struct promise_result){
        .verdict = PROMISE_BROKEN, .detail = "at 12.3 ms c1 took a reply to c2/4"};
    story.run.status = 4;
    assert_text(&story, false,
                "Promises  12 kept, 1 broken, 1 not judged\n"
                "  BROKEN own-reply\n"
                "        at 12.3 ms c1 took a reply to c2/4\n"
                "        promised: ");
    assert_text(&story, true,
                "small.txt: BROKEN promise own-reply: at 12.3 ms c1 took a reply to c2/4\n");
    story_free(&story);
}

static void the_time_limit_signals_and_want_of_memory_are_failures(void)
{
    struct story story;

    story_init(&story);
    story.facts.end = RUN_TIME_LIMIT;
    assert_text(&story, true, "small.txt: FAIL the time limit of 5m was reached\n");
    story.facts.end = RUN_SIGNAL;
    story.facts.signal = 2;
    assert_text(&story, true,
                "small.txt: FAIL ended by SIGINT after 2.31 s: this report is partial\n");
    story.facts.end = RUN_DONE;
    story.facts.missing_records = 99;
    assert_text(&story, true,
                "small.txt: FAIL 99 events were lost for want of memory: counts are too low\n");
    story_free(&story);
}

static void where_no_theory_holds_the_reason_stands(void)
{
    struct story story;

    story_init(&story);
    story.verdict.theory_holds = false;
    snprintf(story.verdict.theory_why, sizeof story.verdict.theory_why, "the broker re-sends");
    assert_text(&story, false, "  no theory here: the broker re-sends\n");
    story_free(&story);
}

static void kernel_drops_stand_apart_from_the_shim_s(void)
{
    struct story story;

    story_init(&story);
    story.node_facts[NODE_BROKER].kernel_drops = 31;
    assert_text(&story, false,
                "  kernel drops      31   sockets whose buffers were full, apart from the "
                "shim's:\n"
                "                         broker 31\n");
    story_free(&story);
}

static void other_reasons_of_loss_are_named_on_their_link(void)
{
    struct story story;

    story_init(&story);
    TALLY_LINK(&story.verdict.tally, 0, lost[LOSS_DROP]) = 7;
    assert_text(&story, false,
                "  toupper -> broker       22        9       40.9%        0       20\n"
                "      lost by loss 2, drop 7\n");
    story_free(&story);
}

static void what_a_repetition_can_differ_in_is_named(void)
{
    static const struct exact_fault exact = {.kind = EXACT_DROP, .which = EXACT_POSITIONS};
    struct story story;

    story_init(&story);
    story.rules[0].faults.exact = &exact;
    story.rules[0].faults.exact_count = 1;
    assert_text(&story, false,
                "  A repetition can differ: line 4 chooses datagrams by their position on the\n"
                "    link\n");
    /* Virtual runs are the same, to the byte. */
    story.facts.world = WORLD_VIRTUAL;
    assert_text(&story, false,
                "  A change elsewhere can show here: line 4 chooses datagrams by their position\n"
                "    on the link\n");
    story_free(&story);
}

static void one_retry_is_a_retry(void)
{
    struct story story;

    story_init(&story);
    TALLY_NODE(&story.verdict.tally, STORY_C1, retries) = 1;
    TALLY_NODE(&story.verdict.tally, STORY_C2, retries) = 0;
    TALLY_NODE(&story.verdict.tally, NODE_BROKER, retries) = 1;
    assert_text(&story, false, "1.600 per request, 1 of them a retry\n");
    assert_text(&story, false, "   of the broker's 28 sends to servers is a retry\n");
    story_free(&story);
}

static void requests_that_were_cancelled_are_failures_of_their_own(void)
{
    struct story story;

    story_init(&story);
    TALLY_NODE(&story.verdict.tally, STORY_C1, answered) = 7;
    TALLY_NODE(&story.verdict.tally, STORY_C1, cancelled) = 3;
    assert_text(&story, false, "\n  failed             4   1 timed-out, 3 cancelled\n");
    story_free(&story);
}

static void hostile_texts_cannot_reach_the_terminal(void)
{
    struct story story;

    story_init(&story);
    story.scenario.title = "\x1b[2J<script>\xc2\x9b\xe2\x80\xae \xff caf\xc3\xa9";
    story.expectations[0].label = "two\nlines\x07";
    snprintf(story.results[0].shown, sizeof story.results[0].shown, "\x1b]0;x\x07");
    assert_text(&story, false, "\\x1b[2J<script>\\xc2\\x9b\\xe2\\x80\\xae \\xff caf\xc3\xa9\n");
    assert_text(&story, false, "  FAIL  two\\x0alines\\x07\n");
    story.style.unicode = false;
    assert_text(&story, false, "\\xff caf?\n");
    story_free(&story);
}

static void a_long_command_is_broken_where_a_shell_can_join_it(void)
{
    struct story story;

    story_init(&story);
    story.run.command = "simrun small.txt --seed 10 --set 'network loss 30% delay 20ms 5ms' "
                        "--set 'clients 100 timeout 60ms tries 12 cap 120ms'";
    assert_text(&story, false,
                "repeat: simrun small.txt --seed 10 --set 'network loss 30% delay 20ms 5ms' \\\n"
                "        --set 'clients 100 timeout 60ms tries 12 cap 120ms'\n");
    story_free(&story);
}

static void a_closed_output_is_noticed(void)
{
    struct story story;
    FILE *full = fopen("/dev/full", "w");

    story_init(&story);
    if (full != NULL) {
        CU_ASSERT_FALSE(report_text(full, &story.run, &story.style, false));
        fclose(full);
    }
    story_free(&story);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(a_small_run_reads_like_this),
    HARNESS_TEST(and_like_this_in_ascii),
    HARNESS_TEST(colour_changes_no_word),
    HARNESS_TEST(a_quiet_report_of_a_failure_is_the_failure),
    HARNESS_TEST(a_failed_count_is_shown_as_it_was_measured),
    HARNESS_TEST(a_quiet_report_of_a_run_that_passed_is_empty),
    HARNESS_TEST(the_verdict_is_the_last_line),
    HARNESS_TEST(a_broken_promise_is_told_in_full),
    HARNESS_TEST(the_time_limit_signals_and_want_of_memory_are_failures),
    HARNESS_TEST(where_no_theory_holds_the_reason_stands),
    HARNESS_TEST(kernel_drops_stand_apart_from_the_shim_s),
    HARNESS_TEST(other_reasons_of_loss_are_named_on_their_link),
    HARNESS_TEST(one_retry_is_a_retry),
    HARNESS_TEST(what_a_repetition_can_differ_in_is_named),
    HARNESS_TEST(requests_that_were_cancelled_are_failures_of_their_own),
    HARNESS_TEST(hostile_texts_cannot_reach_the_terminal),
    HARNESS_TEST(a_long_command_is_broken_where_a_shell_can_join_it),
    HARNESS_TEST(a_closed_output_is_noticed),
};

int main(void)
{
    return harness_run("report/text", tests, HARNESS_COUNT(tests));
}
