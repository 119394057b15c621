/* What compares two runs: sound systems agree, and a difference that stays is found. The linker
 * puts our link_submit between the hosts and the real one (tests/CMakeLists.txt), to make a link
 * whose fates are not a function of the seed and the datagram. */
#include "world/verify.h"

#include <stdatomic.h>

#include "shim/link.h"
#include "virtual_story.h"
#include "world/verify_parts.h"

void __real_link_submit(struct link *link, uint64_t now_ns, const struct link_identity *identity,
                        uint32_t size, struct link_fates *fates);
void __wrap_link_submit(struct link *link, uint64_t now_ns, const struct link_identity *identity,
                        uint32_t size, struct link_fates *fates);

/* What is done to the reply to c1/2 try 1 on its last hop. */
enum tamper {
    TAMPER_NOTHING,
    TAMPER_LOSES,     /* it is lost; by chance so is try 2, on another hop */
    TAMPER_DELAYS,    /* it comes 1 ns later */
    TAMPER_FLIPS,     /* one of its bits is another */
    TAMPER_CUTS,      /* it is shorter */
    TAMPER_DUPLICATES /* it is said that there are two of it */
};

static enum tamper tamper_what;
static enum scenario_world tamper_world; /* in which world */
static unsigned tamper_times;            /* in how many runs of that world, the first ones */
static _Atomic unsigned tamper_seen;     /* of them so far */

void __wrap_link_submit(struct link *link, uint64_t now_ns, const struct link_identity *identity,
                        uint32_t size, struct link_fates *fates)
{
    __real_link_submit(link, now_ns, identity, size, fates);
    if (tamper_what == TAMPER_NOTHING || link->scenario->world != tamper_world ||
        identity->client == UINT32_MAX || identity->n != 2 || identity->try != 1 ||
        link->index != scenario_link_from_broker(identity->client) ||
        strcmp(link->scenario->nodes[identity->client].name, "c1") != 0 ||
        atomic_fetch_add(&tamper_seen, 1) >= tamper_times) {
        return;
    }
    switch (tamper_what) {
    case TAMPER_NOTHING:
        break;
    case TAMPER_LOSES:
        fates->copies[0].lost = LOSS_LOSS;
        break;
    case TAMPER_DELAYS:
        fates->copies[0].due_ns++;
        break;
    case TAMPER_FLIPS:
        fates->copies[0].flip = 1;
        break;
    case TAMPER_CUTS:
        fates->copies[0].cut = 1;
        break;
    case TAMPER_DUPLICATES:
        fates->copies[1] = fates->copies[0];
        fates->count = 2;
        break;
    }
}

static const char LOSSY[] = "seed 3\nnetwork loss 5% delay 1ms\n"
                            "clients 2 timeout 300ms tries 4 backoff constant window 5\n"
                            "  send 10 toupper \"hello {n}\"\n";

/* Verifies the scenario of this text, in which one datagram is tampered with. */
static struct verify_result verify(const char *text, enum tamper what, enum scenario_world world,
                                   unsigned times)
{
    struct scenario_overrides none = {.sets = NULL};
    struct scenario_messages messages = {.items = NULL};
    struct run_options options = {.keep_requests = true};
    struct scenario scenario;
    struct verify_result result = {.same = false};
    char error[RUN_ERROR_MAX];
    int signal = 0;

    tamper_what = what;
    tamper_world = world;
    tamper_times = times;
    atomic_store(&tamper_seen, 0);
    CU_ASSERT_FATAL(scenario_parse(&scenario, "test", text, strlen(text), &none, &messages));
    scenario_messages_free(&messages);
    CU_ASSERT_EQUAL_FATAL(verify_run(&scenario, &options, &result, &signal, error), 0);
    CU_ASSERT_EQUAL(signal, 0);
    scenario_free(&scenario);
    return result;
}

static void both_worlds_agree_on_a_sound_system(void)
{
    struct verify_result result = verify(LOSSY, TAMPER_NOTHING, WORLD_REAL, 0);

    CU_ASSERT(result.same);
    CU_ASSERT_EQUAL(result.requests_compared + result.requests_left_out, 20);
    CU_ASSERT(result.datagrams_compared >= 80);
    CU_ASSERT_EQUAL(result.datagrams_left_out, 0);
    CU_ASSERT_STRING_EQUAL(result.exempt, "");
    CU_ASSERT_STRING_EQUAL(result.difference, "");
}

static void a_loss_in_one_world_alone_is_found(void)
{
    struct verify_result result = verify(LOSSY, TAMPER_LOSES, WORLD_REAL, UINT32_MAX);

    CU_ASSERT(!result.same);
    CU_ASSERT_EQUAL(result.runs, VERIFY_RUNS_MAX);
    CU_ASSERT_STRING_EQUAL(result.difference, "c1/2: virtual answered (code 200, tries 1), real "
                                              "answered (code 200, tries 3)");
    result = verify(LOSSY, TAMPER_LOSES, WORLD_VIRTUAL, 1);
    CU_ASSERT(!result.same);
    CU_ASSERT_STRING_EQUAL(result.difference, "c1/2: virtual answered (code 200, tries 3), real "
                                              "answered (code 200, tries 1)");
}

static void a_delay_of_a_nanosecond_more_is_found(void)
{
    struct verify_result result = verify(LOSSY, TAMPER_DELAYS, WORLD_REAL, UINT32_MAX);

    CU_ASSERT(!result.same);
    CU_ASSERT_EQUAL(result.runs, VERIFY_RUNS_MAX);
    CU_ASSERT_STRING_EQUAL(result.difference,
                           "c1/2 try 1, broker -> c1 (carriage 0, copy 0): virtual passed after "
                           "1000000 ns, real passed after 1000001 ns");
}

/* As if a busy machine had held up a thread. */
static void a_difference_that_one_run_shows_and_another_does_not_passes(void)
{
    struct verify_result result = verify(LOSSY, TAMPER_DELAYS, WORLD_REAL, 2);

    CU_ASSERT(result.same);
    CU_ASSERT_EQUAL(result.runs, 3);
    CU_ASSERT(result.passing >= 2);
    CU_ASSERT_STRING_EQUAL(result.difference, "");
}

static void two_virtual_runs_are_the_same_record_by_record(void)
{
    char text[512];

    snprintf(text, sizeof text, "world virtual\n%s", LOSSY);
    struct verify_result result = verify(text, TAMPER_NOTHING, WORLD_VIRTUAL, 0);
    CU_ASSERT(result.same);
    CU_ASSERT_EQUAL(result.requests_compared, 20);
    result = verify(text, TAMPER_DELAYS, WORLD_VIRTUAL, 1);
    CU_ASSERT(!result.same);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.difference, "two virtual runs gave different records"));
}

static void datagrams_are_compared_on_all_links_but_those_of_a_timed_fault(void)
{
    struct verify_result result =
        verify("at 1h link a -> broker loss 1%\nclient a\n  send 2 toupper \"x\"\n", TAMPER_NOTHING,
               WORLD_REAL, 0);

    CU_ASSERT(result.same);
    CU_ASSERT_EQUAL(result.datagrams_compared, 6);
    CU_ASSERT_EQUAL(result.datagrams_left_out, 2);
}

static void what_may_rightly_differ_is_named_and_left_out(void)
{
    static const struct {
        const char *text;
        const char *exempt;
        bool requests; /* they are left out */
    } cases[] = {
        {"at 1ms for 1ms link a -> broker loss 1%\nclient a\n  send 2 toupper \"x\"\n",
         "timed faults race with the datagrams", true},
        {"link clients -> broker drop 2\nclients 2 timeout 30ms\n  send 2 toupper \"x\"\n",
         "faults by position go by the order on the link", true},
        {"link clients -> broker drop 2\nclient a timeout 30ms\n  send 2 toupper \"x\"\n", "",
         false},
        {"server toupper service 1ms\nclients 2\n  send 2 toupper \"x\"\n",
         "requests wait for a server in the order of their arrival", true},
        {"client a plain\n  send 2 toupper \"x\"\n", "plain requests go by their order", true},
        {"broker pending 1\nclients 2\n  send 2 toupper \"x\"\n", "the broker's table can fill",
         true},
    };

    for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
        struct verify_result result = verify(cases[i].text, TAMPER_NOTHING, WORLD_REAL, 0);
        CU_ASSERT(result.same);
        CU_ASSERT_STRING_EQUAL(result.exempt, cases[i].exempt);
        CU_ASSERT_EQUAL(result.requests_compared == 0, cases[i].requests);
    }
}

/* In the virtual world every reply beats its timer by 2 ms: a slower machine may see it
 * differently, but not the fates of datagrams. */
static void of_requests_that_are_close_only_the_datagrams_are_compared(void)
{
    static const char text[] = "network delay 14500us\nclient c1 timeout 60ms\n"
                               "  send 2 toupper \"hello {n}\"\n";
    static const struct {
        enum tamper what;
        const char *seen;
    } cases[] = {
        {TAMPER_LOSES, "lost (loss)"},
        {TAMPER_FLIPS, "passed after 14500000 ns, a bit flipped"},
        {TAMPER_CUTS, "passed after 14500000 ns, cut"},
        {TAMPER_DUPLICATES, "passed after 14500000 ns, duplicated"},
    };

    for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
        struct verify_result result = verify(text, cases[i].what, WORLD_REAL, UINT32_MAX);
        char expected[200];
        snprintf(expected, sizeof expected,
                 "c1/2 try 1, broker -> c1 (carriage 0, copy 0): virtual passed after 14500000 ns, "
                 "real %s",
                 cases[i].seen);
        CU_ASSERT(!result.same);
        CU_ASSERT_EQUAL(result.requests_compared, 0);
        CU_ASSERT_EQUAL(result.requests_close, 2);
        CU_ASSERT_STRING_EQUAL(result.difference, expected);
    }
}

/* In the virtual world the second copy comes when the first was answered, and that answer is lost:
 * it is asked and answered anew. In the real one both come before. */
static void a_copy_that_races_a_reply_at_the_broker_is_not_compared(void)
{
    struct verify_result result = verify("link clients -> broker duplicate 1 of each request\n"
                                         "link broker -> clients drop 1 of each request\n"
                                         "client a\n  send 5 toupper \"hello {n}\"\n",
                                         TAMPER_NOTHING, WORLD_REAL, 0);

    CU_ASSERT(result.same);
    CU_ASSERT_EQUAL(result.requests_close, 5);
}

/* A real request takes a little longer, so after ten of them another is open at the limit. */
/* Of two requests, the first raced in the virtual run, both in a real one. */
static void what_raced_in_a_run_is_forgotten_before_the_next_but_for_the_virtual_one(void)
{
    struct verify_race races[2] = {{.raced = true, .reply_ns = 7}, {.timer_ns = 7}};

    verify_races_keep(races, 2);
    races[1].raced = true;
    verify_races_clear(races, 2);
    CU_ASSERT(races[0].raced);
    CU_ASSERT(!races[1].raced);
    for (size_t i = 0; i < HARNESS_COUNT(races); i++) {
        CU_ASSERT_EQUAL(races[i].copy_ns, TIME_NEVER);
        CU_ASSERT_EQUAL(races[i].reply_ns, TIME_NEVER);
        CU_ASSERT_EQUAL(races[i].timer_ns, TIME_NEVER);
    }
}

static void what_the_time_limit_cuts_off_is_not_compared(void)
{
    struct verify_result result = verify("time-limit 50ms\nnetwork delay 1ms\nclient a\n"
                                         "  send 30 toupper \"hello {n}\"\n",
                                         TAMPER_NOTHING, WORLD_REAL, 0);

    CU_ASSERT(result.same);
    CU_ASSERT(result.requests_left_out >= 18); /* the virtual world answers twelve */
    CU_ASSERT_STRING_EQUAL(result.exempt, "the time limit cuts off what the clock finds open");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(both_worlds_agree_on_a_sound_system),
        HARNESS_TEST(a_loss_in_one_world_alone_is_found),
        HARNESS_TEST(a_delay_of_a_nanosecond_more_is_found),
        HARNESS_TEST(a_difference_that_one_run_shows_and_another_does_not_passes),
        HARNESS_TEST(two_virtual_runs_are_the_same_record_by_record),
        HARNESS_TEST(datagrams_are_compared_on_all_links_but_those_of_a_timed_fault),
        HARNESS_TEST(what_may_rightly_differ_is_named_and_left_out),
        HARNESS_TEST(of_requests_that_are_close_only_the_datagrams_are_compared),
        HARNESS_TEST(a_copy_that_races_a_reply_at_the_broker_is_not_compared),
        HARNESS_TEST(what_raced_in_a_run_is_forgotten_before_the_next_but_for_the_virtual_one),
        HARNESS_TEST(what_the_time_limit_cuts_off_is_not_compared),
    };
    return harness_run("world/verify", tests, HARNESS_COUNT(tests));
}
