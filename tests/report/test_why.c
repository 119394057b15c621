/* --why: a request's story, from logs made by hand. */
#include "report/why.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "harness.h"
#include "protocol/wire.h"
#include "says.h"

#define MS(count) ((uint64_t)(count)*NS_PER_MS)

enum { BROKER = 0, TOUPPER = 1, C1 = 3 };

struct why_test {
    struct scenario scenario;
    struct verdict verdict;
    struct run_facts facts;
    struct node_facts node_facts[8];
    struct request_result result;
    struct trace_log log;
    struct report_run run;
    struct report_look look;
    struct report_style style;
    char *text; /* the latest story; owned */
};

/* A scenario whose first client is node 3: toupper and tolower always run. */
static void test_begin(struct why_test *test, const char *text)
{
    struct scenario_overrides overrides = {.sets = NULL};
    struct scenario_messages messages = {.items = NULL};

    *test = (struct why_test){.style = {.unicode = true}};
    CU_ASSERT_FATAL(
        scenario_parse(&test->scenario, "test.txt", text, strlen(text), &overrides, &messages));
    scenario_messages_free(&messages);
    test->facts = (struct run_facts){.nodes = test->node_facts, .node_count = 4};
    test->verdict.requests = &test->result;
    test->result = (struct request_result){.client = C1, .n = 1, .margin_ns = UINT64_MAX};
    test->run = (struct report_run){
        .scenario = &test->scenario, .verdict = &test->verdict, .facts = &test->facts};
    test->look = (struct report_look){.run = &test->run, .log = &test->log};
}

static void test_end(struct why_test *test)
{
    free(test->text);
    trace_log_free(&test->log);
    scenario_free(&test->scenario);
}

/* ---- records --------------------------------------------------------------------------------- */

static struct trace_record test_record(uint64_t t_ns, uint32_t node, enum trace_event event,
                                       uint8_t try)
{
    return (struct trace_record){.t_ns = t_ns,
                                 .id = 0x101,
                                 .node = node,
                                 .from = TRACE_NOBODY,
                                 .to = TRACE_NOBODY,
                                 .client = C1,
                                 .n = 1,
                                 .event = (uint8_t)event,
                                 .try = try};
}

static void test_put(struct why_test *test, struct trace_record record, const char *text)
{
    record.bytes_size = (uint16_t)strlen(text);
    trace_log_take(&test->log, &record, (const uint8_t *)text);
}

static void test_begins(struct why_test *test, uint64_t t_ns, const char *text)
{
    struct trace_record record = test_record(t_ns, C1, TRACE_BEGIN, 1);

    record.due_ns = t_ns;
    record.value_ns = t_ns + MS(900);
    test_put(test, record, text);
}

static void test_note(struct why_test *test, uint64_t t_ns, enum trace_event event, uint8_t try)
{
    test_put(test, test_record(t_ns, C1, event, try), "");
}

static void test_answered(struct why_test *test, uint64_t t_ns, uint8_t try, const char *text)
{
    struct trace_record record = test_record(t_ns, C1, TRACE_ANSWERED, try);

    record.value_ns = t_ns;
    test_put(test, record, text);
}

static void test_failed(struct why_test *test, uint64_t t_ns, enum outcome outcome, unsigned code)
{
    struct trace_record record = test_record(t_ns, C1, TRACE_FAILED, 1);

    record.reason = (uint8_t)outcome;
    record.code = (uint16_t)code;
    record.value_ns = t_ns;
    test_put(test, record, "");
}

static struct trace_record test_datagram(uint64_t t_ns, uint32_t from, uint32_t to, uint8_t try)
{
    struct trace_record record = test_record(t_ns, from, TRACE_SEND, try);

    record.from = from;
    record.to = to;
    record.size = 50;
    record.due_ns = t_ns + MS(2);
    record.value_ns = t_ns + MS(60);
    return record;
}

/* A request that takes 2 ms, or that its link loses. */
static void test_sends(struct why_test *test, uint64_t t_ns, uint32_t from, uint32_t to,
                       uint8_t try, enum loss_reason lost)
{
    struct trace_record record = test_datagram(t_ns, from, to, try);

    record.reason = (uint8_t)lost;
    test_put(test, record, "");
}

/* A reply with this code, the same way. */
static void test_replies(struct why_test *test, uint64_t t_ns, uint32_t from, uint32_t to,
                         uint8_t try, unsigned code, enum loss_reason lost)
{
    struct trace_record record = test_datagram(t_ns, from, to, try);
    struct wire_message message = {.kind = WIRE_REPLY,
                                   .id = record.id,
                                   .try = try,
                                   .code = code,
                                   .text = (const uint8_t *)"HELLO",
                                   .text_size = 5};
    uint8_t bytes[WIRE_DATAGRAM_MAX];

    record.reason = (uint8_t)lost;
    record.form = TRACE_ENVELOPE_REPLY;
    record.bytes_size = (uint16_t)wire_encode(&message, bytes);
    trace_log_take(&test->log, &record, bytes);
}

static void test_comes(struct why_test *test, uint64_t t_ns, uint32_t from, uint32_t to,
                       uint8_t try, enum trace_form form)
{
    struct trace_record record = test_datagram(t_ns, from, to, try);

    record.node = to;
    record.event = TRACE_DELIVER;
    record.form = (uint8_t)form;
    test_put(test, record, "");
}

static void test_executes(struct why_test *test, uint64_t t_ns, uint8_t try, uint64_t waited_ns)
{
    struct trace_record record = test_record(t_ns, TOUPPER, TRACE_EXECUTE, try);

    record.value_ns = waited_ns;
    test_put(test, record, "hello");
}

/* An event of a node, or (`text`) of the network. */
static void test_event(struct why_test *test, uint64_t t_ns, uint32_t node, enum trace_event event,
                       const char *text)
{
    struct trace_record record = {.t_ns = t_ns,
                                  .node = node,
                                  .from = TRACE_NOBODY,
                                  .to = TRACE_NOBODY,
                                  .client = TRACE_NOBODY,
                                  .event = (uint8_t)event};
    test_put(test, record, text);
}

/* c1 asks, and the request gets to toupper at 4 ms after t_ns. */
static void test_goes_there(struct why_test *test, uint64_t t_ns, uint8_t try)
{
    test_sends(test, t_ns, C1, BROKER, try, LOSS_NONE);
    test_comes(test, t_ns + MS(2), C1, BROKER, try, TRACE_ENVELOPE_REQUEST);
    test_sends(test, t_ns + MS(2), BROKER, TOUPPER, try, LOSS_NONE);
    test_comes(test, t_ns + MS(4), BROKER, TOUPPER, try, TRACE_ENVELOPE_REQUEST);
}

/* A reply leaves toupper at t_ns and gets to c1 4 ms later. */
static void test_goes_back(struct why_test *test, uint64_t t_ns, uint8_t try, unsigned code)
{
    test_replies(test, t_ns, TOUPPER, BROKER, try, code, LOSS_NONE);
    test_comes(test, t_ns + MS(2), TOUPPER, BROKER, try, TRACE_ENVELOPE_REPLY);
    test_replies(test, t_ns + MS(2), BROKER, C1, try, code, LOSS_NONE);
    test_comes(test, t_ns + MS(4), BROKER, C1, try, TRACE_ENVELOPE_REPLY);
}

/* ---- telling --------------------------------------------------------------------------------- */

static const char *test_tell(struct why_test *test)
{
    size_t size = 0;

    free(test->text);
    test->text = NULL;
    FILE *file = open_memstream(&test->text, &size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_TRUE(report_why(file, &test->look, &test->style, C1, 1));
    fclose(file);
    return test->text;
}

static bool test_says(struct why_test *test, const char *words)
{
    return text_says(test_tell(test), words);
}

static const char ONE_CLIENT[] = "network loss 10% delay 2ms\n"
                                 "client c1 timeout 60ms tries 4\n"
                                 "send toupper \"hello\"\n";

/* Try 1 is lost on the way there, the reply to try 2 on the way back, try 3 is answered. */
static void test_make_lossy(struct why_test *test)
{
    test_begins(test, 0, "toupper:hello");
    test_sends(test, 0, C1, BROKER, 1, LOSS_LOSS);
    test_note(test, MS(60), TRACE_TIMEOUT, 1);
    test_note(test, MS(60), TRACE_RETRY, 2);
    test_goes_there(test, MS(60), 2);
    test_executes(test, MS(64), 2, 0);
    test_replies(test, MS(64), TOUPPER, BROKER, 2, 200, LOSS_LOSS);
    test_note(test, MS(180), TRACE_TIMEOUT, 2);
    test_note(test, MS(180), TRACE_RETRY, 3);
    test_goes_there(test, MS(180), 3);
    test_executes(test, MS(184), 3, 0);
    test_goes_back(test, MS(184), 3, 200);
    test_answered(test, MS(188), 3, "HELLO");
}

static void a_story_from_the_first_try_to_the_answer(void)
{
    struct why_test test;

    test_begin(&test, ONE_CLIENT);
    test_make_lossy(&test);
    CU_ASSERT_STRING_EQUAL(
        test_tell(&test),
        "c1/1: answered after 3 tries and 188 ms\n"
        "\n"
        "c1 asked toupper for \"hello\" at 0.0 ms, with up to 4 tries, 60 ms for the first.\n"
        "\n"
        "  Try 1 left c1 at 0.0 ms and was lost on its way to the broker (loss 10%,\n"
        "  line 1).\n"
        "  The timer fired at 60.0 ms: c1 tried again.\n"
        "\n"
        "  Try 2 left c1 at 60.0 ms, reached the broker after 2.00 ms and toupper after\n"
        "  2.00 ms more. toupper executed it at 64.0 ms. The reply was lost on its way to\n"
        "  the broker (loss 10%, line 1).\n"
        "  The timer fired at 180.0 ms: c1 tried again.\n"
        "\n"
        "  Try 3 left c1 at 180.0 ms, reached the broker after 2.00 ms and toupper after\n"
        "  2.00 ms more. toupper executed it at 184.0 ms, for the second time. The reply\n"
        "  reached the broker after 2.00 ms and c1 after 2.00 ms more, at 188.0 ms: the\n"
        "  answer.\n"
        "\n"
        "c1 was answered \"HELLO\" at 188.0 ms, after 188 ms, at the third of 4 tries.\n"
        "toupper executed it twice, because the reply to try 2 was lost (toupper ->\n"
        "broker), and nothing in this system remembers what was done.\n");
    test_end(&test);
}

static void colour_is_decoration(void)
{
    static const char title[] = "\x1b[1mc1/1: answered after 3 tries and 188 ms\x1b[0m\n";
    struct why_test test;

    test_begin(&test, ONE_CLIENT);
    test_make_lossy(&test);
    char *plain = strdup(test_tell(&test));
    test.style.colour = true;
    const char *coloured = test_tell(&test);
    CU_ASSERT_EQUAL(strncmp(coloured, title, strlen(title)), 0);
    CU_ASSERT_STRING_EQUAL(strchr(coloured, '\n'), strchr(plain, '\n'));
    free(plain);
    test_end(&test);
}

/* c1's only send is lost for this reason at t_ns. */
static bool test_loss_is(const char *scenario, enum loss_reason reason, uint64_t t_ns,
                         const char *words)
{
    struct why_test test;

    test_begin(&test, scenario);
    test_begins(&test, t_ns, "toupper:hello");
    test_sends(&test, t_ns, C1, BROKER, 1, reason);
    test_failed(&test, t_ns + MS(60), OUTCOME_TIMED_OUT, 0);
    bool says = test_says(&test, words);
    test_end(&test);
    return says;
}

#define ONE_TRY "client c1 tries 1\nsend toupper \"hello\"\n"

static void a_loss_has_the_words_and_the_line_of_what_caused_it(void)
{
    CU_ASSERT(test_loss_is("network loss 10%\nlink c1 -> broker loss 25%\n" ONE_TRY, LOSS_LOSS, 0,
                           "the broker (loss 25%, line 2)."));
    CU_ASSERT(test_loss_is("network loss burst 10% 8\n" ONE_TRY, LOSS_LOSS, 0,
                           "the broker (loss burst 10% 8, line 1)."));
    CU_ASSERT(test_loss_is(ONE_TRY "link c1 -> broker drop 2\nlink c1 -> broker drop 1\n",
                           LOSS_DROP, 0, "the broker (link c1 -> broker drop 1, line 4)."));
    CU_ASSERT(test_loss_is(ONE_TRY "network drop of request c1/1\n", LOSS_DROP, 0,
                           "the broker (network drop of request c1/1, line 3)."));
    CU_ASSERT(test_loss_is(ONE_TRY "network mtu 70\n", LOSS_MTU, 0, "(mtu 70, line 3)."));
    CU_ASSERT(
        test_loss_is(ONE_TRY "network delay 9ms limit 3\n", LOSS_QUEUE, 0, "(limit 3, line 3)."));
    CU_ASSERT(test_loss_is(ONE_TRY "link c1 -> broker down\n", LOSS_DOWN, 0,
                           "(link c1 -> broker down, line 3)."));
    CU_ASSERT(test_loss_is(ONE_TRY, LOSS_QUEUE, 0, "(the link's queue was full)."));
}

static void a_loss_is_laid_to_what_was_in_force_then(void)
{
    static const char layers[] = ONE_TRY "network loss 10%\n"
                                         "at 100ms for 50ms network loss 30%\n"
                                         "at 120ms for 10ms network loss 50%\n"
                                         "at 200ms every 100ms for 10ms network loss 70%\n";

    CU_ASSERT(test_loss_is(layers, LOSS_LOSS, MS(99), "(loss 10%, line 3)"));
    CU_ASSERT(test_loss_is(layers, LOSS_LOSS, MS(100), "(loss 30%, line 4)"));
    CU_ASSERT(test_loss_is(layers, LOSS_LOSS, MS(125), "(loss 50%, line 5)"));
    CU_ASSERT(test_loss_is(layers, LOSS_LOSS, MS(130), "(loss 30%, line 4)"));
    CU_ASSERT(test_loss_is(layers, LOSS_LOSS, MS(150), "(loss 10%, line 3)"));
    CU_ASSERT(test_loss_is(layers, LOSS_LOSS, MS(405), "(loss 70%, line 6)"));
    CU_ASSERT(test_loss_is(layers, LOSS_LOSS, MS(411), "(loss 10%, line 3)"));
    CU_ASSERT(test_loss_is(ONE_TRY "at 10ms partition clients | broker\nat 5ms network down\n",
                           LOSS_DOWN, MS(10), "(partition clients | broker, line 3)"));
    CU_ASSERT(test_loss_is(ONE_TRY "network loss 5%\nat 5ms for 9ms network clear loss 6%\n",
                           LOSS_LOSS, MS(6), "(loss 6%, line 4)"));
}

static void a_deadline_is_named(void)
{
    struct why_test test;

    test_begin(&test, "client c1 timeout 60ms tries 4 deadline 100ms\nsend toupper \"hello\"\n"
                      "network loss 10%\n");
    test_begins(&test, MS(5), "toupper:hello");
    test_sends(&test, MS(5), C1, BROKER, 1, LOSS_LOSS);
    test_note(&test, MS(65), TRACE_TIMEOUT, 1);
    test_note(&test, MS(65), TRACE_RETRY, 2);
    test_sends(&test, MS(65), C1, BROKER, 2, LOSS_LOSS);
    test_note(&test, MS(105), TRACE_TIMEOUT, 2);
    test_failed(&test, MS(105), OUTCOME_TIMED_OUT, 0);
    CU_ASSERT(test_says(&test, "60 ms for the first, and 100 ms in all."));
    CU_ASSERT(test_says(&test, "The timer fired at 105.0 ms: c1 had no further try."));
    CU_ASSERT(test_says(&test, "its deadline of 900 ms was over. Of its 2 tries none brought a "
                               "reply in time: 2 were lost on the way there. toupper never "
                               "executed it."));
    test_end(&test);
}

static void a_refusal_is_told_with_its_code_and_what_it_means(void)
{
    struct why_test test;

    test_begin(&test, "client c1 timeout 60ms tries 2\nsend toupper \"hello\"\n");
    test_begins(&test, 0, "toupper:hello");
    test_goes_there(&test, 0, 1);
    test_goes_back(&test, MS(4), 1, 429);
    struct trace_record error = test_record(MS(8), C1, TRACE_REPLY_ERROR, 1);
    error.code = 429;
    test_put(&test, error, "30");
    test_note(&test, MS(60), TRACE_RETRY, 2);
    test_goes_there(&test, MS(60), 2);
    test_goes_back(&test, MS(64), 2, 429);
    error.t_ns = MS(68);
    error.try = 2;
    test_put(&test, error, "30");
    test_failed(&test, MS(68), OUTCOME_ERROR, 429);
    CU_ASSERT(test_says(&test, "toupper answered 429 (its queue was full). That reached the broker "
                               "after 2.00 ms and c1 after 2.00 ms more, at 8.0 ms: error 429."));
    CU_ASSERT(test_says(&test, "After that error c1 waited until 60.0 ms, and tried again."));
    CU_ASSERT(test_says(&test, "c1 ended it at 68.0 ms with error 429: busy. That code says for "
                               "certain that it was not executed. toupper never executed it."));
    test_end(&test);
}

static void a_damaged_datagram_is_told_with_its_bit_and_what_became_of_it(void)
{
    struct why_test test;

    test_begin(&test, "network corrupt 5%\nclient c1 tries 1\nsend toupper \"hello\"\n");
    test_begins(&test, 0, "toupper:hello");
    struct trace_record flipped = test_datagram(0, C1, BROKER, 1);
    flipped.flip = 8 * 36 + 5 + 1;
    test_put(&test, flipped, "");
    test_comes(&test, MS(2), C1, BROKER, 1, TRACE_DAMAGED);
    struct trace_record rejected = test_record(MS(2), BROKER, TRACE_REJECTED, 1);
    rejected.from = C1;
    rejected.to = BROKER;
    rejected.reason = REJECT_CORRUPT;
    test_put(&test, rejected, "");
    test_failed(&test, MS(500), OUTCOME_TIMED_OUT, 0);
    CU_ASSERT(test_says(&test,
                        "reached the broker after 2.00 ms, but with bit 5 of octet 37 flipped "
                        "(corrupt 5%, line 1). The broker did not take it (corrupt): its "
                        "checksum did not hold."));
    CU_ASSERT(test_says(&test, "Its only try was damaged on the way there."));
    test_end(&test);
}

static void a_copy_that_is_executed_too_is_the_networks_doing(void)
{
    struct why_test test;

    test_begin(&test, "network duplicate 5%\nclient c1 tries 1\nsend toupper \"hello\"\n");
    test_begins(&test, 0, "toupper:hello");
    test_sends(&test, 0, C1, BROKER, 1, LOSS_NONE);
    test_comes(&test, MS(2), C1, BROKER, 1, TRACE_ENVELOPE_REQUEST);
    test_sends(&test, MS(2), BROKER, TOUPPER, 1, LOSS_NONE);
    struct trace_record copy = test_datagram(MS(2), BROKER, TOUPPER, 1);
    copy.event = TRACE_DUPLICATED;
    copy.copy = 1;
    copy.due_ns = MS(3);
    test_put(&test, copy, "");
    test_comes(&test, MS(3), BROKER, TOUPPER, 1, TRACE_ENVELOPE_REQUEST);
    test_executes(&test, MS(3), 1, 0);
    test_replies(&test, MS(3), TOUPPER, BROKER, 1, 200, LOSS_LOSS);
    test_comes(&test, MS(4), BROKER, TOUPPER, 1, TRACE_ENVELOPE_REQUEST);
    test_executes(&test, MS(4), 1, 0);
    test_goes_back(&test, MS(4), 1, 200);
    test_answered(&test, MS(8), 1, "HELLO");
    CU_ASSERT(test_says(&test, "A copy of the request that the link broker -> toupper made at "
                               "2.0 ms (duplicate 5%, line 1) reached toupper after 1.00 ms."));
    CU_ASSERT(test_says(&test, "toupper executed it twice, because the network made a copy "
                               "(broker -> toupper), and nothing"));
    test_end(&test);
}

static void a_crash_and_a_pause_are_told_where_they_are_met(void)
{
    struct why_test test;

    test_begin(&test, "client c1 timeout 60ms tries 4\nsend toupper \"hello\"\n"
                      "at 10ms for 60ms crash toupper\nat 63ms for 17ms pause broker\n");
    test_begins(&test, 0, "toupper:hello");
    test_goes_there(&test, 0, 1);
    test_executes(&test, MS(4), 1, 0);
    test_event(&test, MS(10), TOUPPER, TRACE_CRASH, "");
    test_note(&test, MS(60), TRACE_TIMEOUT, 1);
    test_note(&test, MS(60), TRACE_RETRY, 2);
    test_sends(&test, MS(60), C1, BROKER, 2, LOSS_NONE);
    test_event(&test, MS(61), BROKER, TRACE_PAUSE, "");
    test_event(&test, MS(70), TOUPPER, TRACE_RESTART, "");
    test_event(&test, MS(80), BROKER, TRACE_RESUME, "");
    test_comes(&test, MS(80), C1, BROKER, 2, TRACE_ENVELOPE_REQUEST);
    test_sends(&test, MS(80), BROKER, TOUPPER, 2, LOSS_NONE);
    test_comes(&test, MS(82), BROKER, TOUPPER, 2, TRACE_ENVELOPE_REQUEST);
    test_executes(&test, MS(90), 2, MS(8));
    test_goes_back(&test, MS(95), 2, 200);
    test_answered(&test, MS(99), 2, "HELLO");
    CU_ASSERT(test_says(&test, "toupper executed it at 4.0 ms. toupper crashed at 10.0 ms (crash "
                               "toupper, line 3) before it had answered."));
    CU_ASSERT(test_says(&test, "reached the broker only at 80.0 ms, since it stood still"));
    CU_ASSERT(test_says(&test, "It waited 8.00 ms in toupper's queue, which executed it at 90.0 "
                               "ms, for the second time. After 5.00 ms of work its reply reached"));
    CU_ASSERT(test_says(&test, "executed it twice, because toupper crashed before it had "
                               "answered, and nothing"));
    test_end(&test);
}

static void a_request_that_never_began_says_why(void)
{
    struct why_test test;

    test_begin(&test, "time-limit 2s\nclient c1 tries 1\nsend toupper \"hello\"\n");
    test.facts.end = RUN_TIME_LIMIT;
    test_failed(&test, MS(2000), OUTCOME_CANCELLED, 0);
    CU_ASSERT_STRING_EQUAL(test_tell(&test), "c1/1: cancelled\n\nc1 never began it: the run had "
                                             "reached its time limit of 2 s.\n");
    test.facts.end = RUN_SIGNAL;
    test.facts.signal = 2;
    CU_ASSERT(test_says(&test, "c1 never began it: the run was ended by SIGINT."));
    test_end(&test);
}

static void what_is_undecided_says_by_how_much(void)
{
    struct why_test test;

    test_begin(&test, ONE_CLIENT);
    test_make_lossy(&test);
    test.verdict.request_count = 1;
    test.result.undecided = true;
    test.result.margin_ns = 3100 * NS_PER_US;
    CU_ASSERT(test_says(&test, "It is undecided: a timer and a reply passed 3.10 ms apart, and "
                               "under 10 ms another machine"));
    test.result.margin_ns = UINT64_MAX;
    CU_ASSERT(test_says(&test, "It is undecided: the kernel dropped a datagram on its way"));
    test_end(&test);
}

static void what_the_kernel_may_have_dropped_is_not_called_on_its_way(void)
{
    struct why_test test;

    test_begin(&test, ONE_CLIENT);
    test_begins(&test, 0, "toupper:hello");
    test_sends(&test, 0, C1, BROKER, 1, LOSS_NONE);
    CU_ASSERT(test_says(&test, "was still on its way to the broker when the run ended."));
    CU_ASSERT(test_says(&test, "The log does not say how it ended."));
    test.node_facts[BROKER].kernel_drops = 2;
    CU_ASSERT(test_says(&test, "was not seen at the broker, whose socket was full"));
    test_end(&test);
}

static void a_hostile_payload_breaks_no_line_and_reaches_no_terminal(void)
{
    struct why_test test;
    char text[600] = "toupper:\x1b[31m\xe2\x80\xae";

    test_begin(&test, ONE_CLIENT);
    memset(text + strlen(text), 'x', 500);
    test_begins(&test, 0, text);
    test_sends(&test, 0, C1, BROKER, 1, LOSS_LOSS);
    test_failed(&test, MS(60), OUTCOME_TIMED_OUT, 0);
    for (const char *line = test_tell(&test); *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t size = strcspn(line, "\n");
        CU_ASSERT(size <= 80);
        for (size_t i = 0; i < size; i++) {
            CU_ASSERT(line[i] >= 0x20 && line[i] < 0x7f);
        }
    }
    CU_ASSERT(test_says(&test, "\"\\x1b[31m\\xe2\\x80\\xaexxxx"));
    CU_ASSERT(test_says(&test, "xxx...\" at 0.0 ms"));
    test_end(&test);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_story_from_the_first_try_to_the_answer),
        HARNESS_TEST(colour_is_decoration),
        HARNESS_TEST(a_loss_has_the_words_and_the_line_of_what_caused_it),
        HARNESS_TEST(a_loss_is_laid_to_what_was_in_force_then),
        HARNESS_TEST(a_deadline_is_named),
        HARNESS_TEST(a_refusal_is_told_with_its_code_and_what_it_means),
        HARNESS_TEST(a_damaged_datagram_is_told_with_its_bit_and_what_became_of_it),
        HARNESS_TEST(a_copy_that_is_executed_too_is_the_networks_doing),
        HARNESS_TEST(a_crash_and_a_pause_are_told_where_they_are_met),
        HARNESS_TEST(a_request_that_never_began_says_why),
        HARNESS_TEST(what_is_undecided_says_by_how_much),
        HARNESS_TEST(what_the_kernel_may_have_dropped_is_not_called_on_its_way),
        HARNESS_TEST(a_hostile_payload_breaks_no_line_and_reaches_no_terminal),
    };
    return harness_run("report/why", tests, HARNESS_COUNT(tests));
}
