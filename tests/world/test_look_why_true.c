/* What --why names as a cause is the cause, also where something else looks like one. */
#include <stdlib.h>
#include <string.h>

#include "look_story.h"

/* Line breaks become blanks, and runs of these one: a sentence is found wherever it is wrapped. */
static void true_unwrap(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        bool blank = *from == ' ' || *from == '\n';
        if (!blank || (to > text && to[-1] != ' ')) {
            *to++ = (char)(blank ? ' ' : *from);
        }
    }
    *to = '\0';
}

/* The story of the first request of c1 says `is` and not `is_not` (NULL: anything else). */
static void true_expect(const char *scenario, const char *is, const char *is_not)
{
    struct look look;

    look_run(&look, scenario);
    char *text = look_tell(&look, story_node(&look.story, "c1"), 1);
    true_unwrap(text);
    bool good = strstr(text, is) != NULL && (is_not == NULL || strstr(text, is_not) == NULL);
    CU_ASSERT_TRUE(good);
    if (!good) {
        printf("expected \"%s\"%s%s in:\n%s\n", is, is_not == NULL ? "" : ", and not ",
               is_not == NULL ? "" : is_not, text);
    }
    free(text);
    look_free(&look);
}

/* ---- losses ---------------------------------------------------------------------------------- */

static void what_a_healed_partition_did_not_lose_is_not_laid_to_it(void)
{
    static const char scenario[] = "at 0ms for 10s partition clients | broker\n"
                                   "at 100ms heal\n"
                                   "at 120ms for 100ms link clients -> broker down\n"
                                   "clients 1 timeout 150ms tries 3 backoff constant\n"
                                   "  send 1 toupper \"a\"\n";

    true_expect(scenario,
                "Try 1 left c1 at 0.0 ms and was lost on its way to the broker (partition clients "
                "| broker, line 1).",
                NULL);
    true_expect(scenario,
                "Try 2 left c1 at 150.0 ms and was lost on its way to the broker (link clients -> "
                "broker down, line 3).",
                NULL);
}

static void a_partition_begun_after_a_heal_is_named(void)
{
    true_expect("at 0ms heal\n"
                "at 0ms for 100ms partition clients | broker\n"
                "clients 1 timeout 150ms tries 3\n"
                "  send 1 toupper \"a\"\n",
                "(partition clients | broker, line 2)", NULL);
}

/* The copy, made at the same time, is still on its way when the server executes the original. */
static void the_copy_that_came_first_is_the_one_executed_first(void)
{
    static const char scenario[] = "seed 3\n"
                                   "link broker -> toupper delay 5ms 4ms duplicate 100%\n"
                                   "client c1 timeout 100ms tries 2\n"
                                   "  send 1 toupper \"a\"\n";

    true_expect(scenario,
                "toupper after 1.76 ms more. toupper executed it at 1.8 ms. The reply reached the "
                "broker and c1 at once, at 1.8 ms: the answer.",
                NULL);
    true_expect(
        scenario,
        "reached toupper after 8.64 ms. toupper executed it at 8.6 ms, for the second time.", NULL);
}

/* Both wait in the queue behind another's request, the copy in front. */
static void of_copies_that_wait_the_one_that_came_first_is_executed_first(void)
{
    static const char scenario[] = "seed 4\n"
                                   "server toupper service 30ms\n"
                                   "link broker -> toupper duplicate 2 delay 5ms 5ms\n"
                                   "client b\n"
                                   "  send toupper \"y\"\n"
                                   "client c1 timeout 200ms start 12ms\n"
                                   "  send toupper \"x\"\n";

    true_expect(scenario,
                "toupper after 9.42 ms more. It waited 42.7 ms in toupper's queue, which executed "
                "it at 64.1 ms, for the second time.",
                NULL);
    true_expect(scenario,
                "reached toupper after 9.09 ms. It waited 13.0 ms in toupper's queue, which "
                "executed it at 34.1 ms. After 30.0 ms of work its reply reached the broker and "
                "c1 at once, at 64.1 ms: the answer.",
                NULL);
}

/* Five reasons, of which four are listed: the reply to try 3 is damaged, too. */
static void of_many_reasons_to_execute_again_the_first_four_are_said(void)
{
    true_expect("link c1 -> broker duplicate 1\n"
                "link toupper -> broker drop 1,2\n"
                "link broker -> c1 drop 1 corrupt 2\n"
                "link broker -> toupper duplicate 4\n"
                "client c1 timeout 50ms tries 6\n"
                "  send toupper \"x\"\n",
                "toupper executed it 6 times, because the network made a copy (c1 -> broker), the "
                "reply to try 1 was lost (toupper -> broker), the reply to try 2 was lost (broker "
                "-> c1), the network made a copy (broker -> toupper), and so on, and nothing in "
                "this system remembers what was done.",
                NULL);
}

/* ---- replies that the broker did not take ---------------------------------------------------- */

static void a_copys_reply_is_late_since_an_answer_was_passed_on(void)
{
    true_expect("network delay 2ms\n"
                "link c1 -> broker duplicate 1\n"
                "clients 1 timeout 100ms\n"
                "  send 1 toupper \"a\"\n",
                "The broker did not take it (late): it had passed an answer on at 6.0 ms.", NULL);
}

static void a_crash_before_the_request_came_made_no_reply_late(void)
{
    true_expect("network delay 2ms\n"
                "link c1 -> broker duplicate 1\n"
                "at 10ms for 5ms crash broker\n"
                "client c1 timeout 100ms start 50ms\n"
                "  send 1 toupper \"a\"\n",
                "The broker did not take it (late): it had passed an answer on at 56.0 ms.",
                "forgotten who asked");
}

static void a_crash_between_request_and_reply_made_the_broker_forget(void)
{
    true_expect("network delay 10ms\n"
                "at 25ms for 1ms crash broker\n"
                "clients 1 timeout 100ms\n"
                "  send 1 toupper \"a\"\n",
                "(late): it had forgotten who asked when it crashed at 25.0 ms (crash broker, line "
                "2).",
                NULL);
    true_expect("network delay 10ms\n"
                "at 25ms restart broker\n"
                "clients 1 timeout 100ms\n"
                "  send 1 toupper \"a\"\n",
                "(late): it had forgotten who asked when it was started anew at 25.0 ms (restart "
                "broker, line 2).",
                NULL);
}

static void a_reply_after_the_broker_gave_up_is_late_for_that(void)
{
    true_expect("broker timeout 20ms tries 1\n"
                "server toupper service 30ms\n"
                "clients 1 timeout 100ms tries 2\n"
                "  send 1 toupper \"a\"\n",
                "(late): it had waited for a reply only until 20.0 ms.", NULL);
}

/* ---- why once more --------------------------------------------------------------------------- */

static void a_reply_that_was_there_in_time_is_not_called_slow(void)
{
    true_expect("broker timeout 20ms tries 1\n"
                "server toupper service 30ms\n"
                "clients 1 timeout 100ms tries 2\n"
                "  send 1 toupper \"a\"\n",
                "toupper executed it twice, because the reply to try 1 was not taken by the "
                "broker,",
                "when the timer fired");
}

static void no_timer_is_named_where_an_error_made_the_client_ask_again(void)
{
    true_expect("broker timeout 20ms tries 1\n"
                "server toupper service 130ms\n"
                "clients 1 timeout 100ms tries 2\n"
                "  send 1 toupper \"a\"\n",
                "toupper executed it twice, because the reply to try 1 was not there in time,",
                "when the timer fired");
    true_expect("server toupper service 130ms\n"
                "clients 1 timeout 100ms tries 2\n"
                "  send 1 toupper \"a\"\n",
                "because the reply to try 1 was not there when the timer fired,", NULL);
}

/* ---- where tries were stopped ---------------------------------------------------------------- */

static void a_damaged_reply_did_not_come_too_late(void)
{
    true_expect("link broker -> c1 corrupt 1\n"
                "clients 1 timeout 50ms tries 1\n"
                "  send 1 toupper \"a\"\n",
                "The reply to its only try was damaged on the way back.", "too late");
    true_expect("link broker -> c1 corrupt 1\n"
                "link c1 -> broker corrupt 2\n"
                "clients 1 timeout 50ms tries 2\n"
                "  send 1 toupper \"a\"\n",
                "Of its 2 tries none brought a reply in time: 1 was damaged on the way there, the "
                "reply to 1 was damaged on the way back.",
                NULL);
}

static void a_copy_may_come_farther_than_its_original(void)
{
    true_expect("link c1 -> broker duplicate 1 corrupt 1\n"
                "link broker -> c1 drop 1\n"
                "clients 1 timeout 50ms tries 1\n"
                "  send 1 toupper \"a\"\n",
                "The reply to its only try was lost on the way back.", "came to nothing");
}

static void a_reply_to_a_broker_that_forgot_is_not_called_late(void)
{
    true_expect("network delay 10ms\n"
                "at 25ms restart broker\n"
                "clients 1 timeout 100ms tries 1\n"
                "  send 1 toupper \"a\"\n",
                "Its only try was undone by a crash or restart.", "too late");
}

static void a_crash_is_more_than_nothing(void)
{
    true_expect("server toupper service 30ms\n"
                "at 10ms for 80ms crash toupper\n"
                "clients 1 timeout 50ms tries 2 backoff constant\n"
                "  send 1 toupper \"a\"\n",
                "Of its 2 tries none brought a reply in time: 2 were undone by a crash or restart.",
                NULL);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(what_a_healed_partition_did_not_lose_is_not_laid_to_it),
        HARNESS_TEST(a_partition_begun_after_a_heal_is_named),
        HARNESS_TEST(the_copy_that_came_first_is_the_one_executed_first),
        HARNESS_TEST(of_copies_that_wait_the_one_that_came_first_is_executed_first),
        HARNESS_TEST(of_many_reasons_to_execute_again_the_first_four_are_said),
        HARNESS_TEST(a_copys_reply_is_late_since_an_answer_was_passed_on),
        HARNESS_TEST(a_crash_before_the_request_came_made_no_reply_late),
        HARNESS_TEST(a_crash_between_request_and_reply_made_the_broker_forget),
        HARNESS_TEST(a_reply_after_the_broker_gave_up_is_late_for_that),
        HARNESS_TEST(a_reply_that_was_there_in_time_is_not_called_slow),
        HARNESS_TEST(no_timer_is_named_where_an_error_made_the_client_ask_again),
        HARNESS_TEST(a_damaged_reply_did_not_come_too_late),
        HARNESS_TEST(a_copy_may_come_farther_than_its_original),
        HARNESS_TEST(a_reply_to_a_broker_that_forgot_is_not_called_late),
        HARNESS_TEST(a_crash_is_more_than_nothing),
    };

    return harness_run("world/look_why_true", tests, HARNESS_COUNT(tests));
}
