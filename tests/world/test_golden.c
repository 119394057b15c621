/* Golden traces: the events of small scenarios in the virtual world, byte for byte. Whoever changes
 * what a run does sees it here, in every datagram, and reviews it with the change that caused it.
 *
 *     SIMRUN_RENEW=1 BUILD/tests/world_test_golden && git diff tests/golden
 */
#include "report/report.h"

#include <stdlib.h>

#include "virtual_story.h"

#define GOLDEN_TEXT_MAX 65536

struct golden_bytes {
    char *bytes; /* owned */
    size_t size;
};

/* The whole file; bytes NULL: there is none. */
static struct golden_bytes golden_read(const char *path)
{
    struct golden_bytes read = {.bytes = NULL};
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        return read;
    }
    read.bytes = malloc(GOLDEN_TEXT_MAX);
    CU_ASSERT_PTR_NOT_NULL_FATAL(read.bytes);
    read.size = fread(read.bytes, 1, GOLDEN_TEXT_MAX - 1, file);
    read.bytes[read.size] = '\0';
    CU_ASSERT(feof(file)); /* a golden trace is small */
    fclose(file);
    return read;
}

/* The events of a run of the scenario, as --events writes them. */
static struct golden_bytes golden_run(const char *path)
{
    struct golden_bytes text = golden_read(path);
    struct golden_bytes made = {.bytes = NULL};
    FILE *file = open_memstream(&made.bytes, &made.size);
    struct story story;
    struct report_events events = {.out = file, .scenario = &story.scenario};
    struct trace_sink sink = {.take = report_events_take, .context = &events};

    CU_ASSERT_FATAL(text.bytes != NULL && file != NULL);
    story_run_to(&story, text.bytes, sink);
    CU_ASSERT(!events.failed);
    fclose(file);
    story_expect_promises_kept(&story);
    story_free(&story);
    free(text.bytes);
    return made;
}

/* Shows the first line in which two traces differ. */
static void golden_show_difference(const char *path, struct golden_bytes was,
                                   struct golden_bytes is)
{
    const char *was_line = was.bytes != NULL ? was.bytes : "";
    const char *is_line = is.bytes;
    unsigned line = 1;

    for (;; line++) {
        size_t was_size = strcspn(was_line, "\n");
        size_t is_size = strcspn(is_line, "\n");
        bool same = was_size == is_size && memcmp(was_line, is_line, was_size) == 0;
        if (!same || was_line[was_size] != is_line[is_size] || was_line[was_size] == '\0') {
            printf("%s:%u: was %.*s\n%s:%u:  is %.*s\n", path, line, (int)was_size, was_line, path,
                   line, (int)is_size, is_line);
            break;
        }
        was_line += was_size + 1;
        is_line += is_size + 1;
    }
    printf("If the change is meant, renew the traces and look at what changed:\n"
           "  SIMRUN_RENEW=1 BUILD/tests/world_test_golden && git diff tests/golden\n");
}

static void golden_write(const char *path, struct golden_bytes made)
{
    FILE *file = fopen(path, "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(made.bytes, 1, made.size, file), made.size);
    CU_ASSERT_EQUAL(fclose(file), 0);
    printf("%s: renewed\n", path);
}

static void golden_compare(const char *scenario_path, const char *events_path)
{
    const char *renew = getenv("SIMRUN_RENEW");
    struct golden_bytes was = golden_read(events_path);
    struct golden_bytes is = golden_run(scenario_path);
    bool same = was.bytes != NULL && was.size == is.size && !memcmp(was.bytes, is.bytes, is.size);

    if (!same && renew != NULL && strcmp(renew, "1") == 0) {
        golden_write(events_path, is);
    } else if (!same) {
        golden_show_difference(events_path, was, is);
        CU_FAIL("the trace is another than the golden one");
    }
    free(was.bytes);
    free(is.bytes);
}

static void hello(void)
{
    golden_compare("scenarios/hello.txt", "tests/golden/hello.events");
}
static void a_lost_request(void)
{
    golden_compare("scenarios/lost_request.txt", "tests/golden/lost_request.events");
}
static void a_lost_reply(void)
{
    golden_compare("scenarios/lost_reply.txt", "tests/golden/lost_reply.events");
}
static void a_slow_server(void)
{
    golden_compare("scenarios/slow_server.txt", "tests/golden/slow_server.events");
}
static void a_rude_client(void)
{
    golden_compare("scenarios/rude_client.txt", "tests/golden/rude_client.events");
}
static void loss_copies_and_delays(void)
{
    golden_compare("tests/golden/lossy.txt", "tests/golden/lossy.events");
}
static void jitter_arrivals_and_service_times(void)
{
    golden_compare("tests/golden/jitter.txt", "tests/golden/jitter.events");
}
static void timed_and_exact_faults_and_refusals(void)
{
    golden_compare("tests/golden/timed.txt", "tests/golden/timed.events");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(hello),
        HARNESS_TEST(a_lost_request),
        HARNESS_TEST(a_lost_reply),
        HARNESS_TEST(a_slow_server),
        HARNESS_TEST(a_rude_client),
        HARNESS_TEST(loss_copies_and_delays),
        HARNESS_TEST(jitter_arrivals_and_service_times),
        HARNESS_TEST(timed_and_exact_faults_and_refusals),
    };
    return harness_run("world/golden", tests, HARNESS_COUNT(tests));
}
