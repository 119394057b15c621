/* --diff: two files of runs side by side; and files that are not what they should be. */
#include "report/diff.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "says.h"

#define PATH_MAX_BYTES 64

/* Two files and what was said of them. */
struct diff_test {
    char paths[2][PATH_MAX_BYTES];
    char *text; /* owned */
    char error[REPORT_DIFF_ERROR_MAX];
    enum report_diff_result result;
};

static void test_write(char path[PATH_MAX_BYTES], const char *bytes, size_t size)
{
    strcpy(path, "/tmp/simrun_diff_XXXXXX");
    int descriptor = mkstemp(path);

    CU_ASSERT_FATAL(descriptor >= 0);
    CU_ASSERT_EQUAL(write(descriptor, bytes, size), (ssize_t)size);
    CU_ASSERT_EQUAL(close(descriptor), 0);
}

/* The paths of the files are replaced by A.FILE and B.FILE in what was said. */
static void test_rename(struct diff_test *test, char *text)
{
    for (int i = 0; i < 2; i++) {
        char *at;
        while ((at = strstr(text, test->paths[i])) != NULL) {
            memcpy(at, i == 0 ? "A.FILE" : "B.FILE", 6);
            memmove(at + 6, at + strlen(test->paths[i]), strlen(at + strlen(test->paths[i])) + 1);
        }
    }
}

static void test_compare_bytes(struct diff_test *test, const char *a, size_t a_size, const char *b,
                               size_t b_size)
{
    struct report_style style = {.unicode = true};
    size_t size = 0;

    *test = (struct diff_test){.text = NULL};
    test_write(test->paths[0], a, a_size);
    test_write(test->paths[1], b, b_size);
    FILE *out = open_memstream(&test->text, &size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    test->result = report_diff(out, &style, test->paths[0], test->paths[1], test->error);
    fclose(out);
    unlink(test->paths[0]);
    unlink(test->paths[1]);
    test_rename(test, test->text);
    test_rename(test, test->error);
}

static void test_compare(struct diff_test *test, const char *a, const char *b)
{
    test_compare_bytes(test, a, strlen(a), b, strlen(b));
}

static void test_free(struct diff_test *test)
{
    free(test->text);
}

static bool test_says(const struct diff_test *test, const char *words)
{
    return text_says(test->text, words);
}

/* ---- reports --------------------------------------------------------------------------------- */

#define HEAD(seed, world, set)                                                                     \
    "{\"scenario\":\"loss10.txt\",\"title\":\"Ten "                                                \
    "percent\",\"version\":\"0.1.0\",\"seed\":\"" seed "\",\"world\":\"" world                     \
    "\",\"command\":\"simrun loss10.txt --seed " seed set "\","
#define METRICS(tries, p50)                                                                        \
    "\"metrics\":{\"requests\":3,\"tries\":" tries ",\"latency.p50_ns\":" p50                      \
    ",\"latency.p99_ns\":null},"
#define RANDOM_HEAD(seed)                                                                          \
    "{\"scenario\":\"random\",\"seed\":\"" seed                                                    \
    "\",\"world\":\"virtual\"," METRICS("4", "1") "\"requests\":[]}"
#define REQUEST(client, n, outcome, code, tries, executions, latency, undecided)                   \
    "{\"client\":\"" client "\",\"n\":" n ",\"outcome\":\"" outcome "\",\"code\":" code            \
    ",\"tries\":" tries ",\"executions\":" executions ",\"begin_ns\":0,\"latency_ns\":" latency    \
    ",\"undecided\":" undecided "}"

static const char RUN_A[] =
    HEAD("10", "virtual", "") METRICS("4", "68000000") "\"requests\":[" REQUEST(
        "c10", "1", "answered", "200", "1", "1", "8000000",
        "false") "," REQUEST("c2", "2", "answered", "200", "2", "1", "68000000",
                             "false") "," REQUEST("c2", "1", "answered", "200", "1", "1", "8000000",
                                                  "false") "]}\n";

/* One line of the scenario was changed: 60 ms to 80 ms. Only times differ. */
static void a_changed_timeout_moves_latencies_and_nothing_else(void)
{
    static const char run_b[] = HEAD("10", "virtual", " --set 'client * timeout 80ms'")
        METRICS("4", "88000000") "\"requests\":[" REQUEST(
            "c10", "1", "answered", "200", "1", "1", "8000000",
            "false") "," REQUEST("c2", "1", "answered", "200", "1", "1", "8000000",
                                 "false") "," REQUEST("c2", "2", "answered", "200", "2", "1",
                                                      "88000000", "false") "]}\n";
    struct diff_test test;

    test_compare(&test, RUN_A, run_b);
    CU_ASSERT_EQUAL(test.result, REPORT_DIFF_PARTED);
    CU_ASSERT_STRING_EQUAL(
        test.text,
        "A  A.FILE\n"
        "   \"Ten percent\"\n"
        "   loss10.txt, seed 10, virtual world\n"
        "   simrun loss10.txt --seed 10\n"
        "B  B.FILE\n"
        "   \"Ten percent\"\n"
        "   loss10.txt, seed 10, virtual world\n"
        "   simrun loss10.txt --seed 10 --set 'client * timeout 80ms'\n"
        "\n"
        "Requests\n"
        "  No request ends otherwise: all 3 have the same outcome, code, tries and\n"
        "  executions in both.\n"
        "  1 of those that end alike takes another time. The first is c2/2: answered\n"
        "  after 68.0 ms in A, after 88.0 ms in B (2 tries in both).\n"
        "\n"
        "Metrics                                  A            B        B - A\n"
        "  latency.p50                      68.0 ms      88.0 ms     +20.0 ms      +29%\n"
        "  3 more are the same in both.\n");
    test_free(&test);
}

static void a_run_and_itself_are_the_same(void)
{
    struct diff_test test;

    test_compare(&test, RUN_A, RUN_A);
    CU_ASSERT_EQUAL(test.result, REPORT_DIFF_SAME);
    CU_ASSERT(test_says(&test, "Metrics All 4 are the same in both."));
    test_free(&test);
}

static bool test_first_is(const char *requests_a, const char *requests_b, const char *words)
{
    char a[2048];
    char b[2048];
    struct diff_test test;

    snprintf(a, sizeof a, "%s\"requests\":[%s]}\n", HEAD("1", "virtual", "") METRICS("4", "1"),
             requests_a);
    snprintf(b, sizeof b, "%s\"requests\":[%s]}\n", HEAD("1", "virtual", "") METRICS("4", "1"),
             requests_b);
    test_compare(&test, a, b);
    bool says = test_says(&test, words);
    test_free(&test);
    return says;
}

static void the_first_request_that_ends_otherwise_says_how(void)
{
#define ONE REQUEST("c10", "1", "answered", "200", "2", "1", "8000000", "false")
#define TWO REQUEST("c2", "7", "answered", "200", "2", "1", "8000000", "false")
    CU_ASSERT(
        test_first_is(ONE "," TWO,
                      REQUEST("c10", "1", "error", "429", "1", "0", "null", "false") "," REQUEST(
                          "c2", "7", "timed-out", "null", "12", "1", "null", "false"),
                      "2 of 2 requests end otherwise. The first is c2/7: answered after 2 "
                      "tries in A, timed out after 12 tries in B."));
    CU_ASSERT(test_first_is(TWO, REQUEST("c2", "7", "answered", "200", "2", "3", "1", "false"),
                            "c2/7: answered after 2 tries and executed once in A, answered after "
                            "2 tries and executed 3 times in B."));
    CU_ASSERT(test_first_is(TWO, REQUEST("c2", "7", "error", "504", "1", "0", "null", "false"),
                            "c2/7: answered after 2 tries and executed once in A, error 504 after "
                            "1 try and never executed in B."));
}

static void a_request_that_one_run_lacks_does_not_end_otherwise(void)
{
    CU_ASSERT(test_first_is(ONE "," TWO, ONE,
                            "No request ends otherwise: the only one has the same outcome, code, "
                            "tries and executions in both. 1 request is only in A. The first is "
                            "c2/7: answered after 2 tries."));
    CU_ASSERT(test_first_is("", ONE "," TWO,
                            "No request is in both. 2 requests are only in B. The first is c2/7: "
                            "answered after 2 tries."));
    CU_ASSERT(test_first_is("", "", "Requests No request is in both."));
}

static void what_is_undecided_is_left_out_and_it_says_so(void)
{
    CU_ASSERT(test_first_is(
        ONE "," TWO, ONE "," REQUEST("c2", "7", "timed-out", "null", "3", "1", "null", "true"),
        "the only one has the same outcome, code, tries and executions in both. 1 "
        "more is undecided in one of the runs"));
}

static void other_seeds_are_named_before_anything_is_compared(void)
{
    struct diff_test test;

    test_compare(&test, HEAD("1", "virtual", "") METRICS("4", "1") "\"requests\":[]}",
                 HEAD("2", "virtual", "") METRICS("4", "1") "\"requests\":[]}");
    CU_ASSERT(test_says(&test, "The seeds differ, and so every draw: what parts the runs may be "
                               "chance alone."));
    test_free(&test);
    /* --random makes another scenario of another seed. */
    test_compare(&test, RANDOM_HEAD("1"), RANDOM_HEAD("2"));
    CU_ASSERT(test_says(&test, "These are runs of two scenarios"));
    test_free(&test);
}

static void expectations_and_promises_that_fell_are_told(void)
{
    static const char a[] = HEAD("1", "virtual", "") METRICS(
        "4",
        "1") "\"expectations\":[{\"text\":\"answered = 100%\",\"held\":true,\"shown\":\"3 of 3\"}],"
             "\"promises\":[{\"name\":\"cause\",\"verdict\":\"kept\"}],\"requests\":[]}";
    static const char b[] = HEAD("1", "virtual", "") METRICS(
        "4", "1") "\"expectations\":[{\"text\":\"answered = 100%\",\"held\":false,\"shown\":\"2 of "
                  "3\"}],"
                  "\"promises\":[{\"name\":\"cause\",\"verdict\":\"broken\"}],\"requests\":[]}";
    struct diff_test test;

    test_compare(&test, a, b);
    CU_ASSERT_EQUAL(test.result, REPORT_DIFF_PARTED);
    CU_ASSERT(test_says(&test, "answered = 100%: held (3 of 3) in A, failed (2 of 3) in B cause: "
                               "kept in A, broken in B"));
    test_free(&test);
}

static void of_several_runs_the_first_of_the_same_scenario_and_seed_is_taken(void)
{
    static const char other[] = "{\"scenario\":\"x.txt\",\"seed\":\"10\",\"metrics\":{},"
                                "\"requests\":[]}\n";
    static const char seed_9[] = HEAD("9", "virtual", "") "\"metrics\":{},\"requests\":[]}\n";
    char several[4096];
    struct diff_test test;

    snprintf(several, sizeof several, "%s%s\n%s", other, seed_9, RUN_A);
    test_compare(&test, several, RUN_A);
    CU_ASSERT_EQUAL(test.result, REPORT_DIFF_SAME);
    CU_ASSERT(test_says(&test, "A.FILE, line 4 of 3"));
    test_free(&test);
    snprintf(several, sizeof several, "%s%s", other, other);
    test_compare(&test, several, RUN_A);
    CU_ASSERT_EQUAL(test.result, REPORT_DIFF_BAD);
    CU_ASSERT_STRING_EQUAL(test.error,
                           "no scenario has a run in both files (A has 2 runs, B 1): write each "
                           "run to a file of its own with --json");
    test_free(&test);
}

static void a_report_that_another_program_has_laid_out_is_read(void)
{
    struct diff_test test;

    test_compare(&test,
                 "{\n  \"scenario\": \"s\",\n  \"metrics\": {\"tries\": 3},\n"
                 "  \"requests\": []\n}\n",
                 "{\"scenario\":\"s\",\"metrics\":{\"tries\":4},\"requests\":[]}");
    CU_ASSERT_EQUAL(test.result, REPORT_DIFF_PARTED);
    CU_ASSERT(test_says(&test, "tries 3 4 +1 +33%"));
    test_free(&test);
}

static void a_report_without_its_requests_says_so(void)
{
    struct diff_test test;

    test_compare(&test, RUN_A, HEAD("10", "virtual", "") METRICS("4", "68000000") "\"a\":1}");
    CU_ASSERT_EQUAL(test.result, REPORT_DIFF_SAME);
    CU_ASSERT(test_says(&test, "B ran with --trace off, and does not say how each request ended."));
    test_free(&test);
}

/* ---- events ---------------------------------------------------------------------------------- */

#define EVENT(t, node, event, rest)                                                                \
    "{\"t_ns\":" t ",\"node\":\"" node "\",\"event\":\"" event "\"" rest "}\n"
#define OF_C1    ",\"client\":\"c1\",\"n\":1,\"try\":1"
#define UP       ",\"from\":\"c1\",\"to\":\"broker\"" OF_C1
#define LATER    ",\"from\":\"c1\",\"to\":\"broker\",\"client\":\"c1\",\"n\":1,\"try\":2"
#define ORIGINAL ",\"copy\":0,\"carriage\":0"

#define SENT_AND_LOST                                                                              \
    EVENT("0", "c1", "begin", OF_C1)                                                               \
    EVENT("0", "c1", "send", UP ORIGINAL)                                                          \
    EVENT("0", "c1", "lost", UP ORIGINAL ",\"reason\":\"loss\"")

static const char EVENTS_A[] = SENT_AND_LOST EVENT("60000000", "c1", "timeout", OF_C1)
    EVENT("60000000", "c1", "retry", LATER) EVENT("60000000", "c1", "send", LATER ORIGINAL)
        EVENT("60000000", "c1", "delayed", LATER ORIGINAL ",\"due_ns\":62000000")
            EVENT("62000000", "broker", "deliver", LATER)
                EVENT("68000000", "c1", "answered", LATER ",\"latency_ns\":68000000");

static void the_first_datagram_with_another_fate_is_where_runs_part(void)
{
    static const char b[] = EVENT("0", "c1", "begin", OF_C1) EVENT("0", "c1", "send", UP ORIGINAL)
        EVENT("0", "broker", "deliver", UP)
            EVENT("8000000", "c1", "answered", OF_C1 ",\"latency_ns\":8000000");
    struct diff_test test;

    test_compare(&test, EVENTS_A, b);
    CU_ASSERT_EQUAL(test.result, REPORT_DIFF_PARTED);
    CU_ASSERT_STRING_EQUAL(
        test.text,
        "A  A.FILE\n"
        "   9 events of 1 request in 68.0 ms\n"
        "B  B.FILE\n"
        "   4 events of 1 request in 8.00 ms\n"
        "\n"
        "Datagrams\n"
        "  The first datagram with another fate, at 0.0 ms, is try 1 of c1/1 on c1 ->\n"
        "  broker: lost (loss) in A, delivered in B. 2 datagrams have another fate, 0 the\n"
        "  same.\n"
        "\n"
        "Requests\n"
        "  1 of 1 request ends otherwise. The first is c1/1: answered after 2 tries in A,\n"
        "  answered after 1 try in B.\n"
        "  c1/1 parts at try 1 of c1/1 on c1 -> broker: lost (loss) in A, delivered in B.\n"
        "\n"
        "Counted from the events                  A            B        B - A\n"
        "  timeouts                               1            0           -1     -100%\n"
        "  retries                                1            0           -1     -100%\n"
        "  sent                                   2            1           -1      -50%\n"
        "  lost                                   1            0           -1     -100%\n"
        "  latency.mean                     68.0 ms      8.00 ms     -60.0 ms      -88%\n"
        "  latency.max                      68.0 ms      8.00 ms     -60.0 ms      -88%\n"
        "  duration                         68.0 ms      8.00 ms     -60.0 ms      -88%\n"
        "  8 more are the same in both.\n");
    test_free(&test);
}

static void where_no_fate_differs_times_may(void)
{
    static const char b[] = SENT_AND_LOST EVENT("80000000", "c1", "timeout", OF_C1)
        EVENT("80000000", "c1", "retry", LATER) EVENT("80000000", "c1", "send", LATER ORIGINAL)
            EVENT("80000000", "c1", "delayed", LATER ORIGINAL ",\"due_ns\":85000000")
                EVENT("85000000", "broker", "deliver", LATER)
                    EVENT("91000000", "c1", "answered", LATER ",\"latency_ns\":91000000");
    struct diff_test test;

    test_compare(&test, EVENTS_A, b);
    CU_ASSERT(test_says(&test,
                        "The network did the same to all 2 datagrams in both. The first that "
                        "takes another time is try 2 of c1/1 on c1 -> broker: held back for "
                        "2.00 ms in A, for 5.00 ms in B (1 in all, by more than 1 ms). The "
                        "first that leaves at another time is try 2 of c1/1 on c1 -> "
                        "broker: at 60.0 ms in A, at 80.0 ms in B (1 in all"));
    CU_ASSERT(test_says(&test, "No request ends otherwise"));
    test_free(&test);
}

static void copies_damage_and_datagrams_of_nobodys_are_told_apart(void)
{
#define RAW ",\"from\":\"c1\",\"to\":\"broker\""
    static const char a[] = EVENT("1", "c1", "send", RAW ORIGINAL)
        EVENT("2", "c1", "send", RAW ORIGINAL) EVENT("3", "c1", "send", UP ORIGINAL)
            EVENT("3", "c1", "duplicated", UP ",\"copy\":1,\"carriage\":0");
    static const char b[] =
        EVENT("1", "c1", "send", RAW ORIGINAL) EVENT("2", "c1", "send", RAW ORIGINAL)
            EVENT("2", "c1", "corrupted", RAW ORIGINAL ",\"size\":9,\"bit\":17")
                EVENT("3", "c1", "send", UP ORIGINAL);
    struct diff_test test;

    test_compare(&test, a, b);
    CU_ASSERT(test_says(&test,
                        "is datagram 2 of nobody's on c1 -> broker: delivered in A, delivered "
                        "with bit 17 flipped in B. 2 datagrams have another fate, 2 the"));
    test_free(&test);
    test_compare(&test, a,
                 EVENT("1", "c1", "send", RAW ORIGINAL) EVENT("2", "c1", "send", RAW ORIGINAL)
                     EVENT("3", "c1", "send", UP ORIGINAL));
    CU_ASSERT(test_says(&test, "is a copy of try 1 of c1/1 on c1 -> broker: delivered in A, never "
                               "sent in B."));
    test_free(&test);
}

/* ---- files that are not what they should be -------------------------------------------------- */

static bool test_bad(const char *a, const char *error)
{
    struct diff_test test;

    test_compare(&test, a, RUN_A);
    bool good = test.result == REPORT_DIFF_BAD && strcmp(test.error, error) == 0;
    if (!good) {
        printf("for %.60s: %s\n", a, test.error);
    }
    test_free(&test);
    return good;
}

static void errors_name_the_file_and_the_line(void)
{
    CU_ASSERT(test_bad("", "A.FILE is empty: there is no report (--json) and no event (--events)"));
    CU_ASSERT(test_bad("\n \n", "A.FILE is empty: there is no report (--json) and no event "
                                "(--events)"));
    CU_ASSERT(test_bad("hello\n",
                       "A.FILE:1: this is no JSON: '[' or '{' expected near 'hello' (column 5)"));
    CU_ASSERT(test_bad("[1]\n", "A.FILE:1: this is neither a run's report (--json) nor an event "
                                "(--events)"));
    CU_ASSERT(test_bad("{\"a\":1}\n", "A.FILE:1: this is neither a run's report (--json) nor an "
                                      "event (--events)"));
    CU_ASSERT(test_bad(EVENTS_A, "A.FILE is what --events writes, and B.FILE what --json writes: "
                                 "compare two of a kind"));
    CU_ASSERT(test_bad("{\"metrics\":{},\"requests\":[]}\n" EVENT("1", "c1", "retry", OF_C1),
                       "A.FILE:2: reports (--json) and events (--events) are mixed"));
    CU_ASSERT(test_bad("{\"metrics\":{},\"seeds\":{}}",
                       "A.FILE:1: this is a report on many seeds; --diff compares two runs: run "
                       "one seed of it with --json"));
    CU_ASSERT(test_bad("{\"t_ns\":1,\"node\":\"c1\",\"event\":\"se",
                       "A.FILE:1: the file ends in the middle of this line: was its run cut "
                       "short?"));
}

static void values_of_the_wrong_kind_are_errors(void)
{
#define BAD_REQUEST(request) "{\"metrics\":{},\"requests\":[" request "]}"
    CU_ASSERT(test_bad("{\"metrics\":7}", "A.FILE:1: 'metrics' is no object"));
    CU_ASSERT(test_bad("{\"metrics\":{\"a\":\"b\"}}",
                       "A.FILE:1: a metric is neither a whole number nor null"));
    CU_ASSERT(test_bad("{\"metrics\":{\"a\":-1}}",
                       "A.FILE:1: a metric is neither a whole number nor null"));
    CU_ASSERT(test_bad("{\"metrics\":{},\"seed\":7}", "A.FILE:1: 'seed' is no text"));
    CU_ASSERT(test_bad("{\"metrics\":{},\"requests\":{}}", "A.FILE:1: 'requests' is no list"));
    CU_ASSERT(test_bad(BAD_REQUEST("1"), "A.FILE:1: an item of 'requests' is no object"));
    CU_ASSERT(test_bad(BAD_REQUEST("{}"), "A.FILE:1: there is no 'n'"));
    CU_ASSERT(test_bad(BAD_REQUEST("{\"n\":-1}"),
                       "A.FILE:1: 'n' is no whole number from 0 to 4294967295"));
    CU_ASSERT(test_bad(BAD_REQUEST(REQUEST("c1", "1", "lucky", "1", "1", "1", "1", "false")),
                       "A.FILE:1: a request has no 'outcome' that is known"));
    CU_ASSERT(test_bad(BAD_REQUEST(REQUEST("", "1", "answered", "1", "1", "1", "1", "false")),
                       "A.FILE:1: 'client' is no name or word"));
    CU_ASSERT(test_bad(EVENT("\"x\"", "c1", "send", ""),
                       "A.FILE:1: 't_ns' is no whole number from 0 to 9223372036854775807"));
    CU_ASSERT(test_bad(EVENT("1", "c1", "retry", "") EVENT("2", "c1", "send", ""),
                       "A.FILE:2: there is no 'from'"));
    CU_ASSERT(test_bad(EVENT("1", "c1", "lost", UP ORIGINAL ",\"reason\":\"loss\""),
                       "A.FILE:1: this 'lost' follows no 'send' of its datagram"));
}

static void nesting_length_and_bytes_of_any_kind_do_no_harm(void)
{
    size_t size = 200000;
    char *deep = malloc(size + 1);
    struct diff_test test;

    CU_ASSERT_PTR_NOT_NULL_FATAL(deep);
    memset(deep, '[', size);
    deep[size] = '\n';
    test_compare_bytes(&test, deep, size + 1, RUN_A, strlen(RUN_A));
    CU_ASSERT_EQUAL(test.result, REPORT_DIFF_BAD);
    CU_ASSERT(strstr(test.error, "A.FILE:1: this is no JSON: maximum parsing depth") != NULL);
    test_free(&test);
    memset(deep, 'x', size);
    memcpy(deep, "{\"metrics\":{\"", 13);
    memcpy(deep + size - 24, "\":1},\"title\":\"\\u001b[2J\"}", 24);
    memcpy(deep + size - 24, "\":1},\"title\":\"\\u001b[\"}\n", 24);
    test_compare_bytes(&test, deep, size, RUN_A, strlen(RUN_A));
    CU_ASSERT_EQUAL(test.result, REPORT_DIFF_PARTED);
    CU_ASSERT_PTR_NULL(strchr(test.text, '\x1b'));
    CU_ASSERT_PTR_NOT_NULL(strstr(test.text, "\"\\x1b[\""));
    for (const char *line = test.text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        CU_ASSERT(strcspn(line, "\n") <= 80);
    }
    test_free(&test);
    for (int i = 0; i < 256; i++) {
        deep[i] = (char)i;
    }
    test_compare_bytes(&test, deep, 256, RUN_A, strlen(RUN_A));
    CU_ASSERT_EQUAL(test.result, REPORT_DIFF_BAD);
    test_free(&test);
    free(deep);
}

/* Every place at which a good file can have been cut short: an error, or a shorter run. */
static void a_file_cut_short_anywhere_is_an_error_or_a_shorter_run(void)
{
    struct diff_test test;

    for (size_t size = 0; size < strlen(EVENTS_A); size++) {
        test_compare_bytes(&test, EVENTS_A, size, EVENTS_A, strlen(EVENTS_A));
        bool whole = size > 0 && (EVENTS_A[size - 1] == '\n' || EVENTS_A[size - 1] == '}');
        CU_ASSERT_EQUAL(test.result == REPORT_DIFF_BAD, !whole);
        CU_ASSERT_EQUAL(test.error[0] == '\0', whole);
        test_free(&test);
    }
}

static void a_file_that_is_not_there_is_the_machines_no(void)
{
    struct report_style style = {.unicode = true};
    char error[REPORT_DIFF_ERROR_MAX];

    CU_ASSERT_EQUAL(report_diff(stdout, &style, "/nonexistent/a", "/nonexistent/b", error),
                    REPORT_DIFF_FAILED);
    CU_ASSERT_STRING_EQUAL(error, "cannot open /nonexistent/a: No such file or directory");
    CU_ASSERT_EQUAL(report_diff(stdout, &style, "-", "-", error), REPORT_DIFF_BAD);
    CU_ASSERT_STRING_EQUAL(error, "only one of the files can be standard input");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_changed_timeout_moves_latencies_and_nothing_else),
        HARNESS_TEST(a_run_and_itself_are_the_same),
        HARNESS_TEST(the_first_request_that_ends_otherwise_says_how),
        HARNESS_TEST(a_request_that_one_run_lacks_does_not_end_otherwise),
        HARNESS_TEST(what_is_undecided_is_left_out_and_it_says_so),
        HARNESS_TEST(other_seeds_are_named_before_anything_is_compared),
        HARNESS_TEST(expectations_and_promises_that_fell_are_told),
        HARNESS_TEST(of_several_runs_the_first_of_the_same_scenario_and_seed_is_taken),
        HARNESS_TEST(a_report_that_another_program_has_laid_out_is_read),
        HARNESS_TEST(a_report_without_its_requests_says_so),
        HARNESS_TEST(the_first_datagram_with_another_fate_is_where_runs_part),
        HARNESS_TEST(where_no_fate_differs_times_may),
        HARNESS_TEST(copies_damage_and_datagrams_of_nobodys_are_told_apart),
        HARNESS_TEST(errors_name_the_file_and_the_line),
        HARNESS_TEST(values_of_the_wrong_kind_are_errors),
        HARNESS_TEST(nesting_length_and_bytes_of_any_kind_do_no_harm),
        HARNESS_TEST(a_file_cut_short_anywhere_is_an_error_or_a_shorter_run),
        HARNESS_TEST(a_file_that_is_not_there_is_the_machines_no),
    };
    return harness_run("report/diff", tests, HARNESS_COUNT(tests));
}
