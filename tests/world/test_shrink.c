#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/write.h"
#include "world/shrink.h"
#include "world/signals.h"
#include "world/swarm.h"

static struct scenario shrink_parse(const char *text)
{
    struct scenario_overrides overrides = {.seed_given = false};
    struct scenario_messages messages = {0};
    struct scenario scenario;

    if (!scenario_parse(&scenario, "shrink", text, strlen(text), &overrides, &messages)) {
        printf("%s%s\n", text, messages.items[0].text);
        exit(EXIT_FAILURE);
    }
    scenario_messages_free(&messages);
    return scenario;
}

/* Shrinks what the text's run does (free result.text). */
static struct shrink_result shrink_text(const char *text)
{
    struct shrink_options options = {.command = "simrun it --seed 1"};
    struct shrink_result result;
    struct scenario scenario = shrink_parse(text);

    shrink_run(&scenario, &options, &result);
    if (getenv("SHRINK_SHOW") != NULL) {
        printf("%llu runs\n%s\n", (unsigned long long)result.runs,
               result.text != NULL ? result.text : "(none)");
    }
    scenario_free(&scenario);
    return result;
}

/* How the text fails when it runs by itself. */
static struct trial_failure failure_of(const char *text)
{
    struct trial_failure failure;
    struct scenario scenario = shrink_parse(text);

    CU_ASSERT_EQUAL_FATAL(trial_run(&scenario, NULL, NULL, &failure), 0);
    scenario_free(&scenario);
    return failure;
}

static bool shrink_fails(const char *text, bool promise)
{
    struct trial_failure failure = failure_of(text);
    return failure.failed && failure.promise == promise;
}

static bool shrink_has(const struct shrink_result *result, const char *line)
{
    bool has = strstr(result->text, line) != NULL;

    if (!has) {
        printf("no '%s' in:\n%s", line, result->text);
    }
    return has;
}

/* How many lines of the text are exact faults of a link: those that were choices. */
static uint32_t shrink_fault_lines(const char *text)
{
    uint32_t count = 0;

    for (const char *line = text; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');
        count += strncmp(line, "link ", 5) == 0;
        line = end != NULL ? end + 1 : NULL;
    }
    return count;
}

/* The text without its link line number `index` (free it). */
static char *shrink_without_line(const char *text, uint32_t index)
{
    char *copy = malloc(strlen(text) + 1);
    size_t size = 0;
    uint32_t seen = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n") + 1;
        if (strncmp(text, "link ", 5) != 0 || seen++ != index) {
            memcpy(copy + size, text, length);
            size += length;
        }
        text += length;
    }
    copy[size] = '\0';
    return copy;
}

/* Each of the faults that are left is needed. */
static void shrink_is_minimal(const struct shrink_result *result)
{
    uint32_t lines = shrink_fault_lines(result->text);

    CU_ASSERT_EQUAL(lines, result->faults_after);
    CU_ASSERT(result->by_itself);
    CU_ASSERT(shrink_fails(result->text, result->failure.promise));
    for (uint32_t i = 0; i < lines; i++) {
        char *less = shrink_without_line(result->text, i);
        CU_ASSERT_FALSE(shrink_fails(less, result->failure.promise));
        free(less);
    }
}

/* ---- what is left -----------------------------------------------------------------------------
 */

static void two_losses_and_one_request_are_left_of_a_thousand_datagrams(void)
{
    struct shrink_result result =
        shrink_text("seed 10\nworld virtual\n"
                    "network loss 10% delay 2ms 1ms\n"
                    "clients 8 timeout 60ms tries 2\n"
                    "  send 25 toupper \"hello from {client}, number {n}\"\n"
                    "expect \"everyone is served\" answered = 100%\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT(result.faults_before > 700);
    CU_ASSERT_EQUAL(result.faults_after, 2);
    CU_ASSERT_EQUAL(result.clients_after, 1);
    CU_ASSERT_EQUAL(result.requests_after, 1);
    CU_ASSERT(shrink_has(&result, "clients 1 as c timeout 60ms tries 2"));
    CU_ASSERT(shrink_has(&result, "  send 1 toupper \"hello from {client}, number {n}\"\n"));
    CU_ASSERT(shrink_has(&result, "of request c1/1 try 1\n"));
    CU_ASSERT(shrink_has(&result, "of request c1/1 try 2\n"));
    CU_ASSERT(shrink_has(&result, "# What do 2 faults do to this?\n#\n# This fails: answered = "
                                  "100% (0 of 1; c1/1 timed out).\n"
                                  "# Cut down from: simrun it --seed 1\n"));
    shrink_is_minimal(&result);
    free(result.text);
}

/* In the whole run a share of the requests must fail, in what is left one is all of them. */
static void a_share_is_that_of_what_is_left(void)
{
    struct shrink_result result = shrink_text("seed 1\nworld virtual\n"
                                              "network loss 20% delay 3ms 2ms\n"
                                              "clients 4 timeout 25ms tries 3\n"
                                              "  send 20 toupper \"x {n}\"\n"
                                              "expect answered >= 90%\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT_EQUAL(result.faults_after, 3);
    CU_ASSERT_EQUAL(result.requests_after, 1);
    shrink_is_minimal(&result);
    free(result.text);
}

static void requests_from_the_middle_of_two_groups_are_counted_anew(void)
{
    struct shrink_result result = shrink_text("seed 4\nworld virtual\n"
                                              "link broker -> b2 loss 40%\n"
                                              "network delay 1ms\n"
                                              "clients 3 as a timeout 20ms tries 3\n"
                                              "  send 4 echo \"a\"\n"
                                              "clients 3 as b timeout 20ms tries 3\n"
                                              "  send 10 toupper \"b\"\n"
                                              "  wait 5ms\n"
                                              "  raw \"rude\"\n"
                                              "  send 20 tolower \"B\"\n"
                                              "expect \"all\" timed-out = 0%\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT_EQUAL(result.faults_after, 3);
    CU_ASSERT_EQUAL(result.clients_after, 1);
    CU_ASSERT_EQUAL(result.requests_after, 1);
    CU_ASSERT(shrink_has(&result, "\nlink broker -> b1 drop 1 of request b1/1 try 3\n"));
    CU_ASSERT_PTR_NULL(strstr(result.text, "clients 3"));
    CU_ASSERT_PTR_NULL(strstr(result.text, " as a "));
    CU_ASSERT_PTR_NULL(strstr(result.text, "  raw "));
    CU_ASSERT_PTR_NULL(strstr(result.text, "  wait "));
    shrink_is_minimal(&result);
    free(result.text);
}

static void an_outcome_keeps_its_request_under_its_new_number(void)
{
    struct shrink_result result = shrink_text("seed 1\nworld virtual\n"
                                              "link broker -> c3 loss 95%\n"
                                              "network delay 1ms\n"
                                              "clients 4 timeout 20ms tries 2\n"
                                              "  send 9 toupper \"x {n}\"\n"
                                              "expect outcome of c3/7 = answered\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT_EQUAL(result.faults_after, 2);
    CU_ASSERT_EQUAL(result.requests_after, 1);
    CU_ASSERT(shrink_has(&result, "expect outcome of c1/1 = answered\n"));
    shrink_is_minimal(&result);
    free(result.text);
}

/* With 8 of 10 answered in place of 10, fewer requests would be another story. */
static void an_absolute_count_keeps_all_requests(void)
{
    struct shrink_result result = shrink_text("seed 3\nworld virtual\n"
                                              "network loss 20% delay 1ms\n"
                                              "clients 2 timeout 20ms tries 2\n"
                                              "  send 5 toupper \"x {n}\"\n"
                                              "expect answered = 10\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT_EQUAL(result.failure.side, -1);
    CU_ASSERT_EQUAL(result.faults_after, 2);
    CU_ASSERT_EQUAL(result.clients_after, 2);
    CU_ASSERT_EQUAL(result.requests_after, 10);
    shrink_is_minimal(&result);
    free(result.text);
}

/* Too few is not shrunk to too many: without faults all are answered, which is not 20 % either. */
static void a_failure_stays_on_its_side_of_what_is_accepted(void)
{
    struct shrink_result result = shrink_text("seed 3\nworld virtual\n"
                                              "network loss 60% delay 1ms\n"
                                              "clients 2 timeout 20ms tries 1\n"
                                              "  send 20 toupper \"x {n}\"\n"
                                              "expect answered = 20%..30%\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT_EQUAL(result.failure.side, -1);
    CU_ASSERT_EQUAL(result.faults_after, 1);
    CU_ASSERT_EQUAL(result.requests_after, 1);
    CU_ASSERT(result.by_itself);
    CU_ASSERT(shrink_has(&result, "(0 of 1; "));
    free(result.text);
}

/* ---- delays, copies, order --------------------------------------------------------------------
 */

static void delays_that_are_needed_stay_as_exact_ones(void)
{
    struct shrink_result result = shrink_text("seed 2\nworld virtual\n"
                                              "network delay 4ms 3ms\n"
                                              "clients 3 timeout 23ms tries 3\n"
                                              "  send 30 echo \"x\"\n"
                                              "expect retries = 0%\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT(result.faults_after >= 3 && result.faults_after <= 4);
    CU_ASSERT_EQUAL(result.requests_after, 1);
    CU_ASSERT(shrink_has(&result, "\nnetwork delay 4ms\n"));
    CU_ASSERT(shrink_has(&result, "link c1 -> broker delay "));
    CU_ASSERT(shrink_has(&result, " 1 of request c1/1 try 1\n"));
    shrink_is_minimal(&result);
    free(result.text);
}

static void a_copy_that_is_needed_stays(void)
{
    struct shrink_result result = shrink_text("seed 1\nworld virtual\n"
                                              "network duplicate 5% delay 2ms\n"
                                              "clients 3 timeout 30ms tries 2\n"
                                              "  send 20 count \"x\"\n"
                                              "expect duplicate-executions = 0%\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT_EQUAL(result.faults_after, 1);
    CU_ASSERT_EQUAL(result.requests_after, 1);
    CU_ASSERT(shrink_has(&result, " duplicate 1 of request c1/1 try 1\n"));
    shrink_is_minimal(&result);
    free(result.text);
}

static void plain_requests_are_named_by_their_position(void)
{
    struct shrink_result result = shrink_text("seed 3\nworld virtual\n"
                                              "network loss 10% delay 1ms\n"
                                              "client c timeout 20ms tries 1 plain\n"
                                              "  send 30 toupper \"x\"\n"
                                              "expect answered = 100%\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT_EQUAL(result.faults_after, 1);
    CU_ASSERT_EQUAL(shrink_fault_lines(result.text), 1);
    CU_ASSERT_PTR_NULL(strstr(result.text, "of request"));
    shrink_is_minimal(&result);
    free(result.text);
}

static void faults_of_the_scenario_go_as_well(void)
{
    struct shrink_result result = shrink_text("seed 3\nworld virtual\n"
                                              "network delay 1ms\n"
                                              "link c1 -> broker drop 1 of request 2\n"
                                              "link c2 -> broker drop of request c2/3 drop 30\n"
                                              "link broker -> c1 duplicate 1 of each request\n"
                                              "at 3ms for 5ms link broker -> tolower down\n"
                                              "clients 2 timeout 20ms tries 2\n"
                                              "  send 5 toupper \"x {n}\"\n"
                                              "expect answered = 100%\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT_EQUAL(result.faults_after, 0);
    CU_ASSERT_EQUAL(result.requests_after, 1);
    CU_ASSERT(shrink_has(&result, "\nnetwork delay 1ms\n"
                                  "link clients -> broker drop of request c1/1 drop 30\n\n"));
    CU_ASSERT(shrink_has(&result, "# What breaks this, though the network does nothing"));
    CU_ASSERT(result.by_itself);
    free(result.text);
}

/* ---- ends -------------------------------------------------------------------------------------
 */

static void a_run_that_holds_is_not_shrunk(void)
{
    struct shrink_result result = shrink_text("world virtual\n"
                                              "network loss 20% delay 1ms\n"
                                              "client c timeout 20ms tries 9\n"
                                              "  send 5 toupper \"x\"\n"
                                              "expect answered = 100%\n");

    CU_ASSERT_EQUAL(result.end, SHRINK_PASSES);
    CU_ASSERT_PTR_NULL(result.text);
}

static void what_fails_without_faults_is_left_without_any(void)
{
    struct shrink_result result = shrink_text("world virtual\n"
                                              "network loss 20% delay 1ms 1ms\n"
                                              "client c timeout 20ms tries 9\n"
                                              "  send 50 reverse \"x\"\n"
                                              "expect \"it is there\" answered > 0%\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT_EQUAL(result.faults_after, 0);
    CU_ASSERT_EQUAL(result.requests_after, 1);
    shrink_is_minimal(&result);
    free(result.text);
}

static void the_time_limit_is_a_failure_like_others(void)
{
    struct shrink_result result = shrink_text("world virtual\ntime-limit 100ms\n"
                                              "network loss 20% delay 1ms\n"
                                              "clients 2 timeout 60ms tries 9\n"
                                              "  send 20 toupper \"x\"\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT_EQUAL(result.failure.which, UINT32_MAX);
    CU_ASSERT(result.requests_after < 40);
    shrink_is_minimal(&result);
    free(result.text);
}

/* A promise that is said to break is a lesson: what fails is the expectation about another. */
static void a_promise_that_is_expected_to_break_is_not_what_fails(void)
{
    struct shrink_result result = shrink_text("world virtual\n"
                                              "network loss 30% delay 1ms\n"
                                              "clients 2 timeout 20ms tries 2\n"
                                              "  send 20 toupper \"x\"\n"
                                              "expect promise timers broken\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT_FALSE(result.failure.promise);
    CU_ASSERT_EQUAL(result.failure.which, 0);
    CU_ASSERT_EQUAL(result.faults_after, 0);
    CU_ASSERT(result.by_itself);
    free(result.text);
}

/* Without any one of the losses the reply comes, but with another text than is expected. */
static void a_fault_without_which_it_fails_otherwise_is_not_said_to_make_all_well(void)
{
    struct shrink_result result = shrink_text("seed 3\nworld virtual\n"
                                              "network loss 40% delay 1ms\n"
                                              "client c timeout 20ms tries 2\n"
                                              "  send toupper \"x\"\n"
                                              "expect reply of c/1 = \"x\"\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT(result.by_itself);
    CU_ASSERT_EQUAL(result.faults_after, 2);
    CU_ASSERT(shrink_has(&result,
                         "# Leave any one of them out, and it fails otherwise, or not at all.\n"));
    free(result.text);
}

/* There is no latency where nobody asks, either: that is another story. */
static void a_value_that_no_request_has_keeps_one_that_could(void)
{
    struct shrink_result result = shrink_text("seed 1\nworld virtual\n"
                                              "network loss 90% delay 1ms\n"
                                              "clients 3 timeout 20ms tries 2\n"
                                              "  send 2 toupper \"x\"\n"
                                              "  wait 5ms\n"
                                              "expect latency.max < 1s\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT_EQUAL(result.clients_after, 1);
    CU_ASSERT_EQUAL(result.requests_after, 1);
    CU_ASSERT_EQUAL(result.faults_after, 2);
    shrink_is_minimal(&result);
    free(result.text);
}

/* No exact fault cuts a datagram short: what is written does not fail, and does not say it does. */
static void what_does_not_fail_by_itself_says_so(void)
{
    struct shrink_result result = shrink_text("seed 1\nworld virtual\n"
                                              "network truncate 30% delay 1ms\n"
                                              "clients 2 timeout 20ms tries 9\n"
                                              "  send 20 toupper \"x\"\n"
                                              "expect retries = 0\n");

    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT_FALSE(result.by_itself);
    CU_ASSERT_FALSE(shrink_fails(result.text, false));
    CU_ASSERT(shrink_has(&result, "# The run that it comes from fails: retries = 0 ("));
    CU_ASSERT(shrink_has(&result, "# This does not fail like that: what it needs cannot be said"));
    CU_ASSERT_PTR_NULL(strstr(result.text, "This fails"));
    free(result.text);
}

static bool stop_soon(void *context, uint64_t runs, uint32_t faults)
{
    (void)context;
    (void)faults;
    return runs >= 3;
}

static void stopped_early_it_gives_what_it_has(void)
{
    struct shrink_options options = {.progress = stop_soon};
    struct shrink_result result;
    struct scenario scenario = shrink_parse("seed 10\nworld virtual\n"
                                            "network loss 10% delay 2ms 1ms\n"
                                            "clients 8 timeout 60ms tries 2\n"
                                            "  send 25 toupper \"x\"\n"
                                            "expect answered = 100%\n");

    shrink_run(&scenario, &options, &result);
    CU_ASSERT_EQUAL_FATAL(result.end, SHRINK_DONE);
    CU_ASSERT_EQUAL(result.runs, 3 + 1);
    CU_ASSERT(result.faults_after > 2);
    CU_ASSERT_EQUAL(result.requests_after, 200);
    CU_ASSERT(result.by_itself);
    CU_ASSERT_PTR_NULL(strstr(result.text, "Leave"));
    CU_ASSERT(shrink_fails(result.text, false));
    scenario_free(&scenario);
    free(result.text);
}

static bool stop_with_few(void *context, uint64_t runs, uint32_t faults)
{
    (void)context;
    (void)runs;
    return faults < 10;
}

/* Of the choices some have gone, and what is left fails in fewer requests. */
static void the_story_says_how_the_file_itself_fails(void)
{
    struct shrink_options options = {.progress = stop_with_few};
    struct shrink_result result;
    struct scenario scenario = shrink_parse("seed 10\nworld virtual\n"
                                            "network loss 10% delay 2ms\n"
                                            "clients 8 timeout 60ms tries 2\n"
                                            "  send 25 toupper \"x\"\n"
                                            "expect answered = 100%\n");

    shrink_run(&scenario, &options, &result);
    struct trial_failure failure = failure_of(result.text);
    CU_ASSERT(result.by_itself);
    CU_ASSERT_EQUAL(result.requests_after, 200);
    CU_ASSERT_STRING_NOT_EQUAL(failure.text, result.failure.text);
    CU_ASSERT(shrink_has(&result, failure.text));
    scenario_free(&scenario);
    free(result.text);
}

static bool take_signal(void *context, uint64_t runs, uint32_t faults)
{
    int *taken = context;

    (void)runs;
    (void)faults;
    *taken = signals_take();
    return *taken > 0;
}

/* The signal is there when the first run looks for one: that run neither holds nor fails. */
static void a_signal_within_the_first_run_leaves_open_whether_it_fails(void)
{
    int taken = 0;
    struct shrink_options options = {.progress = take_signal, .progress_context = &taken};
    struct shrink_result result;
    struct scenario scenario = shrink_parse("clients 20 timeout 20ms tries 2\n"
                                            "  send 300 toupper \"a\"\n"
                                            "expect answered = 0%\n");
    sigset_t before;

    signals_hold(&before);
    CU_ASSERT_EQUAL_FATAL(raise(SIGTERM), 0);
    shrink_run(&scenario, &options, &result);
    signals_restore(&before);
    CU_ASSERT_EQUAL(result.end, SHRINK_STOPPED);
    CU_ASSERT_EQUAL(taken, SIGTERM);
    CU_ASSERT_PTR_NULL(result.text);
    scenario_free(&scenario);
}

/* ---- random scenarios -------------------------------------------------------------------------
 */

/* All kinds of faults, policies and events, with an expectation that random runs often fail. */
static void random_failures_are_minimal_where_they_fail_by_themselves(void)
{
    unsigned shrunk = 0;
    unsigned by_itself = 0;

    for (uint64_t seed = 1; seed <= 40; seed++) {
        char text[SWARM_TEXT_MAX + 100];
        size_t size = swarm_write(seed, text);
        snprintf(text + size, sizeof text - size, "expect timed-out = 0%%\n");
        struct shrink_result result = shrink_text(text);
        if (result.end == SHRINK_DONE) {
            struct scenario scenario = shrink_parse(result.text);
            scenario_free(&scenario);
            CU_ASSERT(result.faults_after <= result.faults_before);
            CU_ASSERT_EQUAL(result.by_itself, shrink_fails(result.text, false));
            shrunk++;
            by_itself += result.by_itself;
        }
        free(result.text);
    }
    CU_ASSERT(shrunk > 10);
    CU_ASSERT(by_itself * 10 >= shrunk * 9);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(two_losses_and_one_request_are_left_of_a_thousand_datagrams),
        HARNESS_TEST(a_share_is_that_of_what_is_left),
        HARNESS_TEST(requests_from_the_middle_of_two_groups_are_counted_anew),
        HARNESS_TEST(an_outcome_keeps_its_request_under_its_new_number),
        HARNESS_TEST(an_absolute_count_keeps_all_requests),
        HARNESS_TEST(a_failure_stays_on_its_side_of_what_is_accepted),
        HARNESS_TEST(delays_that_are_needed_stay_as_exact_ones),
        HARNESS_TEST(a_copy_that_is_needed_stays),
        HARNESS_TEST(plain_requests_are_named_by_their_position),
        HARNESS_TEST(faults_of_the_scenario_go_as_well),
        HARNESS_TEST(a_run_that_holds_is_not_shrunk),
        HARNESS_TEST(what_fails_without_faults_is_left_without_any),
        HARNESS_TEST(the_time_limit_is_a_failure_like_others),
        HARNESS_TEST(a_promise_that_is_expected_to_break_is_not_what_fails),
        HARNESS_TEST(a_fault_without_which_it_fails_otherwise_is_not_said_to_make_all_well),
        HARNESS_TEST(a_value_that_no_request_has_keeps_one_that_could),
        HARNESS_TEST(what_does_not_fail_by_itself_says_so),
        HARNESS_TEST(stopped_early_it_gives_what_it_has),
        HARNESS_TEST(the_story_says_how_the_file_itself_fails),
        HARNESS_TEST(a_signal_within_the_first_run_leaves_open_whether_it_fails),
        HARNESS_TEST(random_failures_are_minimal_where_they_fail_by_themselves),
    };

    return harness_run("world/shrink", tests, HARNESS_COUNT(tests));
}
