/* Files as a whole: the page's example, and files that are damaged or hostile. */
#include <stdlib.h>

#include "base/prng.h"
#include "base/time.h"
#include "parse_story.h"

static const char EXAMPLE[] = "# One datagram in ten is lost on every hop. Watch the retries win.\n"
                              "title   \"Ten percent of all datagrams are lost\"\n"
                              "seed    10\n"
                              "network loss 10% delay 2ms 1ms\n"
                              "\n"
                              "clients 8  timeout 60ms tries 12 cap 120ms\n"
                              "  send 25 toupper \"hello from {client}, number {n}\"\n"
                              "  send 25 tolower \"HELLO FROM {client}, NUMBER {n}\"\n"
                              "\n"
                              "expect \"everyone is served\"     answered = 100%\n"
                              "expect \"tries as predicted\"     tries ~ theory\n"
                              "expect \"the network is as told\" lost of clients -> broker ~ 10%\n";

/* Every directive and nearly every word: what mutations begin with. */
static const char EVERYTHING[] =
    "# All of it.\n"
    "title \"all \\\"of\\\" it\"\n"
    "seed 42\n"
    "world virtual\n"
    "time-limit 1h\n"
    "port broker 8082\n"
    "server count service 1ms 0.5ms distribution uniform workers 2 queue 5\n"
    "server echo service 2ms distribution exponential\n"
    "broker timeout 50ms retries 2 backoff linear cap 200ms jitter equal pending 99\n"
    "client slow timeout 60ms tries 3 backoff exponential 1.5 jitter coap window 4 start 5ms\n"
    "  send 3 count \"1 {n}\" every 10ms distribution exponential\n"
    "  wait 20ms\n"
    "  raw \"\\x00\\n{client}\"\n"
    "  raw random 1b..600b\n"
    "clients 20 as quick deadline 2s plain window unlimited\n"
    "  send 2 toupper \"x\"\n"
    "link quick1*,slow <-> broker loss 0.3% duplicate 1% delay 2ms 1ms drop 2,5-7\n"
    "link broker -> servers delay 5ms of request slow/2 try 1\n"
    "network duplicate 1 of each request\n"
    "at 1s every 2s times 3 for 500ms link * -> broker down\n"
    "at 2s network clear loss 5%\n"
    "at 3s note \"three\"\n"
    "expect \"a\" answered of quick* during 1s..2s >= 90%\n"
    "expect rejected.late of broker = 0..5\n"
    "expect tries per request <= 1.5\n"
    "expect latency.p99 of slow/1 < 100ms\n"
    "expect lost.loss of slow <-> broker ~ 0.3%\n"
    "expect reply of slow/1 = \"1\"\n"
    "expect outcome of quick20/2 = timed-out\n"
    "expect promise at-most-once broken\n";

static void the_example_of_the_page_is_read(void)
{
    struct story story;

    story_read_sets(&story, EXAMPLE, NULL, 0);
    CU_ASSERT_TRUE_FATAL(story.good);
    const struct scenario *it = &story.scenario;
    CU_ASSERT_EQUAL(story.messages.count, 0);
    CU_ASSERT_STRING_EQUAL(it->description,
                           "One datagram in ten is lost on every hop. Watch the retries win.");
    CU_ASSERT_STRING_EQUAL(it->title, "Ten percent of all datagrams are lost");
    CU_ASSERT_EQUAL(it->seed, 10);
    CU_ASSERT_EQUAL(it->node_count, 11);
    CU_ASSERT_EQUAL(it->request_count, 400);
    CU_ASSERT_EQUAL(it->rules[0].faults.set, FAULT_LOSS | FAULT_DELAY);
    /* 60 ms, then eleven waits of 120 ms. */
    CU_ASSERT_EQUAL(it->groups[0].deadline_ns, 1380 * NS_PER_MS);
    CU_ASSERT_EQUAL(it->expectation_count, 3);
    CU_ASSERT_EQUAL(it->expectations[2].cmp, CMP_ABOUT);
    CU_ASSERT_EQUAL(it->expectations[2].line, 12);
    story_end(&story);
}

static void a_file_with_everything_is_read(void)
{
    struct story story;

    story_read_sets(&story, EVERYTHING, NULL, 0);
    for (uint32_t i = 0; i < story.messages.count; i++) {
        printf("%s", story.messages.items[i].text);
    }
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_EQUAL(story.scenario.rule_count, 6);
    CU_ASSERT_EQUAL(story.scenario.expectation_count, 8);
    CU_ASSERT_EQUAL(story.scenario.request_count, 43);
    story_end(&story);
}

static void nothing_at_all_is_a_scenario(void)
{
    struct story story;

    story_read_sets(&story, "", NULL, 0);
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_EQUAL(story.scenario.node_count, 3);
    CU_ASSERT_EQUAL(story.scenario.client_count, 0);
    CU_ASSERT_STRING_EQUAL(story.scenario.description, "");
    story_end(&story);
}

/* ---- damage ---------------------------------------------------------------------------------- */

/* Changes a few places of the file: a byte, a swap of two lines' pieces, a hole, a repetition. */
static size_t damage(char *file, size_t size, size_t capacity, uint64_t key)
{
    uint64_t count = 1 + prng_below(prng_draw(key, 0), 2);

    for (uint64_t i = 1; i <= count; i++) {
        uint64_t draw = prng_draw(key, i);
        size_t at = (size_t)prng_below(prng_draw(draw, 1), size);
        size_t length = 1 + (size_t)prng_below(prng_draw(draw, 2), 12);
        length = length < size - at ? length : size - at;
        switch (prng_below(prng_draw(draw, 3), 4)) {
        case 0:
            file[at] = (char)prng_below(prng_draw(draw, 4), 256);
            break;
        case 1:
            memmove(file + at, file + at + length, size - at - length);
            size -= length;
            break;
        case 2:
            if (size + length <= capacity) {
                memmove(file + at + length, file + at, size - at);
                size += length;
            }
            break;
        case 3:
            memmove(file + at, file + prng_below(prng_draw(draw, 5), size - length + 1), length);
            break;
        }
        if (size == 0) {
            break;
        }
    }
    return size;
}

/* It is read, or there are errors in order; never both. */
static void read_damaged(const char *file, size_t size, uint32_t *good)
{
    static const struct scenario_overrides NONE;
    struct story story = {.good = false};

    story.good = scenario_parse(&story.scenario, "f", file, size, &NONE, &story.messages);
    CU_ASSERT_EQUAL(story.good, story.messages.error_count == 0);
    CU_ASSERT_TRUE(story.messages.error_count <= SCENARIO_ERRORS_MAX);
    for (uint32_t i = 1; i < story.messages.count; i++) {
        CU_ASSERT_TRUE(story.messages.items[i - 1].line <= story.messages.items[i].line);
    }
    *good += story.good;
    story_end(&story);
}

static void a_damaged_file_never_does_harm(void)
{
    static char file[2 * sizeof EVERYTHING];
    uint32_t good = 0;

    for (uint64_t i = 0; i < 4000; i++) {
        memcpy(file, EVERYTHING, sizeof EVERYTHING - 1);
        size_t size = damage(file, sizeof EVERYTHING - 1, sizeof file, prng_draw(7, i));
        read_damaged(file, size, &good);
    }
    CU_ASSERT_TRUE(good > 20); /* some damage is harmless: both ways are walked */
    CU_ASSERT_TRUE(good < 3900);
}

static void a_truncated_file_never_does_harm(void)
{
    uint32_t good = 0;

    for (size_t size = 0; size < sizeof EVERYTHING; size++) {
        char *file = malloc(size > 0 ? size : 1); /* its end is guarded */
        CU_ASSERT_PTR_NOT_NULL_FATAL(file);
        memcpy(file, EVERYTHING, size);
        read_damaged(file, size, &good);
        free(file);
    }
    CU_ASSERT_TRUE(good > 10);
}

/* ---- size ------------------------------------------------------------------------------------ */

/* Fills a file with one line again and again. */
static size_t repeat(char *file, size_t size, const char *line)
{
    size_t length = strlen(line);

    while (size + length <= SCENARIO_FILE_MAX) {
        memcpy(file + size, line, length);
        size += length;
    }
    return size;
}

/* Each would take minutes if anything in it were quadratic. */
static void a_hostile_mebibyte_is_read_in_time(void)
{
    static const char *const LINES[] = {
        "\n",
        "\x01\n",
        "\"\n",
        "client a\n",
        "clients 100000\n",
        "expect reply of c99999/1 = \"x\"\n",
        "link c99999,c9*,clients -> broker loss 1%\n",
        "network drop 1,2,3,4,5,6,7,8,9,10-20 of request c99999/1\n",
        "nonsense nonsense\n",
        "port c1 1\n",
    };
    static char file[SCENARIO_FILE_MAX];
    uint32_t good = 0;

    for (size_t i = 0; i < HARNESS_COUNT(LINES); i++) {
        size_t size = (size_t)sprintf(file, "world virtual\nclients 100000\nsend echo \"x\"\n");
        read_damaged(file, repeat(file, size, LINES[i]), &good);
    }
    CU_ASSERT_EQUAL(good, 1);
}

static void a_line_of_many_words_is_read_in_time(void)
{
    static char file[SCENARIO_FILE_MAX];
    char line[SCENARIO_LINE_MAX + 1];
    uint32_t good = 0;

    for (size_t i = 0; i < SCENARIO_LINE_MAX; i++) {
        line[i] = i % 2 == 0 ? 'a' : ' ';
    }
    line[SCENARIO_LINE_MAX - 1] = '\n';
    line[SCENARIO_LINE_MAX] = '\0';
    read_damaged(file, repeat(file, 0, line), &good);
    memset(line, '*', SCENARIO_LINE_MAX - 1);
    for (size_t i = 6; i < SCENARIO_LINE_MAX - 20; i += 2) {
        line[i] = ',';
    }
    memcpy(line, "link *", 6);
    memcpy(line + SCENARIO_LINE_MAX - 20, " -> broker loss 1% \n", 20);
    size_t size = (size_t)sprintf(file, "world virtual\nclients 20000\n");
    read_damaged(file, repeat(file, size, line), &good);
    CU_ASSERT_EQUAL(good, 1);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(the_example_of_the_page_is_read),
        HARNESS_TEST(a_file_with_everything_is_read),
        HARNESS_TEST(nothing_at_all_is_a_scenario),
        HARNESS_TEST(a_damaged_file_never_does_harm),
        HARNESS_TEST(a_truncated_file_never_does_harm),
        HARNESS_TEST(a_hostile_mebibyte_is_read_in_time),
        HARNESS_TEST(a_line_of_many_words_is_read_in_time),
    };

    return harness_run("scenario/scenario", tests, HARNESS_COUNT(tests));
}
