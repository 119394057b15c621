/* Programs outside the run, which talk to a fixed port of it: below those that the kernel chooses,
 * and another than in any other test. */
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "virtual_story.h"
#include "world/real.h"
#include "world/wall.h"

#define BROKER_PORT 26082

/* A program outside: asks the broker when the first request of the run has been answered. */
struct visitor {
    int fd;
    char answer[16];
    bool asked;
};

/* The main thread waits here for the answer, and cannot end the run meanwhile. */
static void visitor_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct visitor *visitor = context;
    struct sockaddr_in broker = {.sin_family = AF_INET,
                                 .sin_port = htons(BROKER_PORT),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct pollfd answer = {.fd = visitor->fd, .events = POLLIN};

    (void)bytes;
    if (record->event != TRACE_ANSWERED || visitor->asked) {
        return;
    }
    visitor->asked = true;
    CU_ASSERT_EQUAL(
        sendto(visitor->fd, "toupper:hello", 13, 0, (struct sockaddr *)&broker, sizeof broker), 13);
    if (poll(&answer, 1, 30000) == 1) {
        (void)!recv(visitor->fd, visitor->answer, sizeof visitor->answer - 1, 0);
    }
}

/* What was answered to the visitor is read by no node of the run: nobody waits for that. */
static void a_run_that_has_answered_a_stranger_ends_by_itself(void)
{
    struct scenario_overrides none = {.sets = NULL};
    struct scenario_messages messages = {.items = NULL};
    struct visitor visitor = {.asked = false};
    struct run_options options = {.live = {.take = visitor_take, .context = &visitor}};
    struct story story;
    char error[RUN_ERROR_MAX] = "";
    char text[200];
    uint64_t begin_ns = wall_clock_ns();

    visitor.fd = socket(AF_INET, SOCK_DGRAM, 0);
    CU_ASSERT_FATAL(visitor.fd >= 0);
    snprintf(text, sizeof text,
             "time-limit 2m\nport broker %u\nclient c timeout 60s tries 1\n"
             "  send toupper \"first\"\n  wait 50ms\n  send toupper \"last\"\n",
             BROKER_PORT);
    CU_ASSERT_FATAL(scenario_parse(&story.scenario, "test", text, strlen(text), &none, &messages));
    scenario_messages_free(&messages);
    CU_ASSERT_EQUAL_FATAL(
        run_scenario(&story.scenario, &options, &story.verdict, &story.facts, error), 0);
    CU_ASSERT_STRING_EQUAL(visitor.answer, "HELLO");
    CU_ASSERT_EQUAL(story.facts.end, RUN_DONE);
    CU_ASSERT(wall_clock_ns() - begin_ns < story.scenario.time_limit_ns);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_ANSWERED), 2);
    story_expect_promises_kept(&story);
    story_free(&story);
    close(visitor.fd);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_run_that_has_answered_a_stranger_ends_by_itself),
    };
    return harness_run("world/real_outside", tests, HARNESS_COUNT(tests));
}
