#include "world/real.h"

#include <dirent.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "virtual_story.h"

/* Timers are long here: where a processor is taken away for a while, none must fire for it. */
#define PATIENT " timeout 60s tries 2 deadline 120s "

/* Runs the text in the real world. Returns what run_scenario said, in `error` why. */
static int real_try(struct story *story, const char *text, struct run_options options,
                    char error[RUN_ERROR_MAX])
{
    struct scenario_overrides overrides = {.world_given = true, .world = WORLD_REAL};
    struct scenario_messages messages = {.items = NULL};
    bool good = scenario_parse(&story->scenario, "test", text, strlen(text), &overrides, &messages);

    for (uint32_t i = 0; !good && i < messages.count; i++) {
        printf("%s", messages.items[i].text);
    }
    CU_ASSERT_FATAL(good);
    scenario_messages_free(&messages);
    options.keep_requests = !options.trace_off;
    return run_scenario(&story->scenario, &options, &story->verdict, &story->facts, error);
}

static void real_story_with(struct story *story, const char *text, struct run_options options)
{
    char error[RUN_ERROR_MAX] = "";
    int status = real_try(story, text, options, error);

    if (status != 0) {
        printf("%s\n", error);
    }
    CU_ASSERT_EQUAL_FATAL(status, 0);
}

static void real_story(struct story *story, const char *text)
{
    real_story_with(story, text, (struct run_options){.spin = false});
}

/* Entries of a directory of /proc/self. */
static unsigned count_entries(const char *path)
{
    DIR *directory = opendir(path);
    unsigned count = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(directory);
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count;
}

/* ---- exact numbers --------------------------------------------------------------------------- */

static void each_request_is_four_datagrams(void)
{
    struct story story;

    real_story(&story, "client alice" PATIENT "\n  send 3 toupper \"hello {n}\"\n"
                       "client bob" PATIENT "window 5\n  send 5 tolower \"HELLO {n}\"\n"
                       "expect reply of alice/2 = \"HELLO 2\"\n"
                       "expect reply of bob/5 = \"hello 5\"\n");
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_ANSWERED), 8);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_SENT), 32);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_DELIVERED), 32);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_EXECUTIONS), 8);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_REJECTED), 0);
    CU_ASSERT_EQUAL(story.facts.world, WORLD_REAL);
    CU_ASSERT_EQUAL(story.facts.end, RUN_DONE);
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    story_expect_promises_kept(&story);
    story_free(&story);
}

static void what_a_link_drops_is_sent_again(void)
{
    struct story story;

    real_story(&story, "link student -> broker drop 1\n"
                       "link count -> broker drop 1\n"
                       "client student timeout 30ms tries 9 backoff constant\n"
                       "  send count \"once\"\n");
    struct request_result request = story_request(&story, "student", 1);
    CU_ASSERT_EQUAL(request.outcome, OUTCOME_ANSWERED);
    CU_ASSERT(request.tries >= 3);
    CU_ASSERT(request.executions >= 2);
    CU_ASSERT(request.latency_ns >= MS(60));
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_LOST), 2);
    story_expect_promises_kept(&story);
    story_free(&story);
}

static void copies_travel_by_themselves(void)
{
    struct story story;

    real_story(&story, "link student -> broker duplicate 100%\n"
                       "client student" PATIENT "\n  send 10 toupper \"twice\"\n");
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_DUPLICATED), 10);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_ANSWERED), 10);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_EXECUTIONS), 20);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_DUPLICATE_EXECUTIONS), 10);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_TRIES), 10);
    story_expect_promises_kept(&story);
    story_free(&story);
}

static void nothing_arrives_before_its_delay(void)
{
    struct story story;

    real_story(&story, "network delay 3ms 1ms\n"
                       "clients 4" PATIENT "window 10\n  send 10 toupper \"slowly\"\n");
    for (uint64_t i = 0; i < story.verdict.request_count; i++) {
        CU_ASSERT(story.verdict.requests[i].latency_ns >= MS(8));
    }
    CU_ASSERT_EQUAL(story.verdict.request_count, 40);
    /* Each of the 160 was held back, and handed to the kernel at some time after it was due. */
    CU_ASSERT_EQUAL(story.facts.lateness_count, 160);
    CU_ASSERT(story.facts.lateness_p50_ns <= story.facts.lateness_p99_ns);
    CU_ASSERT(story.facts.lateness_max_ns > 0);
    story_expect_promises_kept(&story);
    story_free(&story);
}

static void a_script_without_requests_ends_at_once(void)
{
    struct story story;

    real_story(&story, "client alice\nclient bob\n  wait 1ms\n");
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_REQUESTS), 0);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_SENT), 0);
    CU_ASSERT_EQUAL(story.facts.end, RUN_DONE);
    CU_ASSERT_EQUAL(story.verdict.status, 0);
    story_free(&story);
}

/* ---- what else it hands out ------------------------------------------------------------------ */

struct seen {
    uint64_t count[TRACE_EVENT_COUNT];
    uint64_t last_ns;
    uint64_t disorder;
};

static void seen_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct seen *seen = context;

    (void)bytes;
    seen->count[record->event]++;
    seen->disorder += record->t_ns < seen->last_ns;
    seen->last_ns = record->t_ns;
}

static void what_is_shown_live_is_what_the_trace_has(void)
{
    struct seen live = {.last_ns = 0};
    struct seen events = {.last_ns = 0};
    struct run_options options = {.live = {.take = seen_take, .context = &live},
                                  .events = {.take = seen_take, .context = &events}};
    struct story story;

    real_story_with(&story,
                    "network loss 20% delay 1ms 500us duplicate 10%\n"
                    "clients 10 timeout 50ms tries 20 backoff constant window 5\n"
                    "  send 20 toupper \"hello\"\n",
                    options);
    CU_ASSERT_EQUAL(events.disorder, 0);
    CU_ASSERT_EQUAL(live.disorder, 0);
    for (int event = 0; event < TRACE_EVENT_COUNT; event++) {
        CU_ASSERT_EQUAL(live.count[event], events.count[event]);
    }
    CU_ASSERT_EQUAL(events.count[TRACE_BEGIN], 200);
    CU_ASSERT_EQUAL((double)events.count[TRACE_SEND], story_metric(&story, METRIC_SENT));
    CU_ASSERT_EQUAL((double)events.count[TRACE_DELIVER], story_metric(&story, METRIC_DELIVERED));
    CU_ASSERT(events.last_ns <= story.facts.duration_ns);
    story_expect_promises_kept(&story);
    story_free(&story);
}

static void without_a_trace_the_counts_are_the_same(void)
{
    static const char text[] = "clients 20" PATIENT "window 4\n"
                               "  send 10 toupper \"hello\"\n  send 10 echo \"hello\"\n"
                               "link toupper -> broker duplicate 1 of each request\n";
    static const enum metric metrics[] = {
        METRIC_REQUESTS,  METRIC_ANSWERED, METRIC_FAILED,    METRIC_ERROR,    METRIC_TIMED_OUT,
        METRIC_CANCELLED, METRIC_TRIES,    METRIC_RETRIES,   METRIC_REJECTED, METRIC_SENT,
        METRIC_DELIVERED, METRIC_LOST,     METRIC_DUPLICATED};
    struct story full;
    struct story counted;

    real_story(&full, text);
    real_story_with(&counted, text, (struct run_options){.trace_off = true});
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        CU_ASSERT_EQUAL(story_metric(&counted, metrics[i]), story_metric(&full, metrics[i]));
    }
    CU_ASSERT_EQUAL(story_metric(&counted, METRIC_EXECUTIONS), 400);
    CU_ASSERT_EQUAL(story_metric(&counted, METRIC_REJECTED), 200); /* the copies came late */
    CU_ASSERT_TRUE(counted.facts.trace_off);
    story_expect_promises_kept(&counted);
    story_free(&full);
    story_free(&counted);
}

struct progress {
    uint64_t begin_ns; /* of the first call */
    uint64_t end_ns;   /* of the latest */
    unsigned calls;
    uint64_t settled;
    bool backwards;
};

static void note_progress(void *context, uint64_t elapsed_ns, uint64_t settled, uint64_t total)
{
    struct progress *progress = context;

    CU_ASSERT_EQUAL(total, 3);
    progress->begin_ns = progress->calls == 0 ? elapsed_ns : progress->begin_ns;
    progress->end_ns = elapsed_ns;
    progress->backwards = progress->backwards || settled < progress->settled;
    progress->settled = settled;
    progress->calls++;
}

static void progress_only_grows(void)
{
    struct progress progress = {.calls = 0};
    struct run_options options = {.progress = note_progress, .progress_context = &progress};
    struct story story;

    real_story_with(&story, "client c" PATIENT "\n  send 3 toupper \"hello\" every 60ms\n",
                    options);
    CU_ASSERT(progress.calls > 0);
    CU_ASSERT_FALSE(progress.backwards);
    CU_ASSERT_EQUAL(progress.settled, 3);
    story_free(&story);
}

/* The client has given up long before the server is done: all that is left is to wait for that. */
static void progress_is_shown_twenty_times_a_second_while_links_and_servers_drain_too(void)
{
    struct progress progress = {.calls = 0};
    struct run_options options = {.progress = note_progress, .progress_context = &progress};
    struct story story;

    real_story_with(&story,
                    "server toupper service 300ms\n"
                    "client c timeout 10ms tries 1 deadline 10ms window 3\n"
                    "  send 3 toupper \"hello\"\n",
                    options);
    CU_ASSERT(progress.calls >= 2);
    CU_ASSERT(progress.calls <= 2 + (progress.end_ns - progress.begin_ns) / (50 * NS_PER_MS));
    CU_ASSERT_EQUAL(progress.settled, 3);
    story_free(&story);
}

/* ---- start and end --------------------------------------------------------------------------- */

static void hundreds_of_threads_start_and_stop_again_and_again(void)
{
    unsigned descriptors = count_entries("/proc/self/fd");
    unsigned threads = count_entries("/proc/self/task");

    for (int round = 0; round < 5; round++) {
        struct story story;
        real_story(&story, "clients 300" PATIENT "\n  send 2 toupper \"{client} {n}\"\n");
        CU_ASSERT_EQUAL(story_metric(&story, METRIC_ANSWERED), 600);
        CU_ASSERT_EQUAL(story_metric(&story, METRIC_WRONG), 0);
        CU_ASSERT_EQUAL(story.facts.threads_before, story.facts.threads_after);
        CU_ASSERT_EQUAL(story.facts.descriptors_before, story.facts.descriptors_after);
        story_expect_promises_kept(&story);
        story_free(&story);
        CU_ASSERT_EQUAL(count_entries("/proc/self/fd"), descriptors);
        CU_ASSERT_EQUAL(count_entries("/proc/self/task"), threads);
    }
}

static void every_node_has_a_port_of_its_own(void)
{
    bool *taken = calloc(65536, sizeof *taken);
    struct story story;

    CU_ASSERT_PTR_NOT_NULL_FATAL(taken);
    real_story(&story, "clients 100" PATIENT "\n  send toupper \"hello\"\n");
    for (uint32_t i = 0; i < story.facts.node_count; i++) {
        CU_ASSERT_NOT_EQUAL(story.facts.nodes[i].port, 0);
        CU_ASSERT_FALSE(taken[story.facts.nodes[i].port]);
        taken[story.facts.nodes[i].port] = true;
    }
    story_free(&story);
    free(taken);
}

static void a_port_in_use_is_named_and_nothing_is_left(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct story story;
    char error[RUN_ERROR_MAX] = "";
    char text[200];
    char wanted[40];

    CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&address, size), 0);
    CU_ASSERT_EQUAL_FATAL(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    unsigned descriptors = count_entries("/proc/self/fd");
    snprintf(wanted, sizeof wanted, "port %u", ntohs(address.sin_port));
    snprintf(text, sizeof text, "port tolower %u\nclient c\n  send toupper \"hello\"\n",
             ntohs(address.sin_port));
    CU_ASSERT_EQUAL(real_try(&story, text, (struct run_options){.spin = false}, error), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, wanted));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "tolower wants it"));
    CU_ASSERT_EQUAL(count_entries("/proc/self/fd"), descriptors);
    scenario_free(&story.scenario);
    close(fd);
}

static void the_time_limit_cancels_what_is_open_and_what_has_not_begun(void)
{
    struct story story;

    real_story(&story, "time-limit 100ms\n"
                       "link broker -> lonely down\n"
                       "client lonely" PATIENT "\n  send 3 toupper \"nobody hears\"\n"
                       "client late start 60s\n  send toupper \"never\"\n");
    CU_ASSERT_EQUAL(story.facts.end, RUN_TIME_LIMIT);
    CU_ASSERT_EQUAL(story.verdict.status, 1);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_CANCELLED), 4);
    CU_ASSERT_EQUAL(story_request(&story, "lonely", 1).outcome, OUTCOME_CANCELLED);
    CU_ASSERT_EQUAL(story_request(&story, "lonely", 1).tries, 1);
    CU_ASSERT_EQUAL(story_request(&story, "late", 1).tries, 0);
    story_expect_promises_kept(&story);
    story_free(&story);
}

/* The first record of the run sends the process a signal: the threads have begun. */
static void signal_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    bool *sent = context;

    (void)record;
    (void)bytes;
    if (!*sent) {
        kill(getpid(), SIGTERM);
    }
    *sent = true;
}

static void a_signal_ends_the_run_with_what_there_was(void)
{
    bool sent = false;
    struct run_options options = {.live = {.take = signal_take, .context = &sent}};
    struct story story;

    real_story_with(&story,
                    "client early" PATIENT "\n  send 2 toupper \"hello\"\n"
                    "client late start 60s\n  send toupper \"never\"\n",
                    options);
    CU_ASSERT_EQUAL(story.facts.end, RUN_SIGNAL);
    CU_ASSERT_EQUAL(story.facts.signal, SIGTERM);
    CU_ASSERT_EQUAL(story.verdict.status, 128 + SIGTERM);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_REQUESTS), 3);
    CU_ASSERT_EQUAL(story_request(&story, "late", 1).outcome, OUTCOME_CANCELLED);
    story_expect_promises_kept(&story);
    story_free(&story);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(each_request_is_four_datagrams),
        HARNESS_TEST(what_a_link_drops_is_sent_again),
        HARNESS_TEST(copies_travel_by_themselves),
        HARNESS_TEST(nothing_arrives_before_its_delay),
        HARNESS_TEST(a_script_without_requests_ends_at_once),
        HARNESS_TEST(what_is_shown_live_is_what_the_trace_has),
        HARNESS_TEST(without_a_trace_the_counts_are_the_same),
        HARNESS_TEST(progress_only_grows),
        HARNESS_TEST(progress_is_shown_twenty_times_a_second_while_links_and_servers_drain_too),
        HARNESS_TEST(hundreds_of_threads_start_and_stop_again_and_again),
        HARNESS_TEST(every_node_has_a_port_of_its_own),
        HARNESS_TEST(a_port_in_use_is_named_and_nothing_is_left),
        HARNESS_TEST(the_time_limit_cancels_what_is_open_and_what_has_not_begun),
        HARNESS_TEST(a_signal_ends_the_run_with_what_there_was),
    };
    return harness_run("world/real_run", tests, HARNESS_COUNT(tests));
}
