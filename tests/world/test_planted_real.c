#include "harness.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scenario/scenario.h"
#include "world/run.h"

/* Defects of the real world, which the virtual one has not: the linker's --wrap puts these
 * functions between simrun and the C library (tests/CMakeLists.txt). Long timers: none fires by
 * mistake. */

static const char CALM[] = "world real\n"
                           "time-limit 2s\n"
                           "clients 2 timeout 100ms tries 3 deadline 60s\n"
                           "  send 5 toupper \"from {client}, number {n}\"\n";

static atomic_int to_lose;   /* datagrams that will be read and thrown away */
static atomic_int to_keep;   /* descriptors that will not be closed */
static atomic_int kept = -1; /* the latest of them */

int __real_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags,
                    struct timespec *timeout);
int __wrap_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags,
                    struct timespec *timeout);
int __real_close(int fd);
int __wrap_close(int fd);

int __wrap_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags,
                    struct timespec *timeout)
{
    int got = __real_recvmmsg(fd, messages, count, flags, timeout);

    if (got <= 0 || atomic_load(&to_lose) == 0) {
        return got;
    }
    atomic_fetch_sub(&to_lose, 1);
    if (got == 1) {
        errno = EAGAIN;
        return -1;
    }
    return got - 1;
}

int __wrap_close(int fd)
{
    if (atomic_load(&to_keep) > 0) {
        atomic_fetch_sub(&to_keep, 1);
        atomic_store(&kept, fd);
        return 0;
    }
    return __real_close(fd);
}

/* Runs the scenario in the real world: what became of the promise. */
static enum promise_verdict real_promise(enum promise promise, int *status)
{
    struct scenario_overrides overrides = {.seed_given = false};
    struct scenario_messages messages = {0};
    struct run_options options = {.trace_off = false};
    struct scenario scenario;
    struct verdict verdict;
    struct run_facts facts;
    char error[RUN_ERROR_MAX];

    CU_ASSERT_FATAL(scenario_parse(&scenario, "real", CALM, strlen(CALM), &overrides, &messages));
    if (run_scenario(&scenario, &options, &verdict, &facts, error) != 0) {
        printf("%s\n", error);
        exit(EXIT_FAILURE);
    }
    enum promise_verdict found = verdict.promises[promise].verdict;
    *status = verdict.status;
    verdict_free(&verdict);
    run_facts_free(&facts);
    scenario_free(&scenario);
    scenario_messages_free(&messages);
    return found;
}

static void without_a_defect_nothing_drops_and_nothing_leaks(void)
{
    int status;

    CU_ASSERT_EQUAL(real_promise(PROMISE_KERNEL_DROPS, &status), PROMISE_KEPT);
    CU_ASSERT_EQUAL(status, 0);
    CU_ASSERT_EQUAL(real_promise(PROMISE_NO_LEAK, &status), PROMISE_KEPT);
    CU_ASSERT_EQUAL(status, 0);
}

static void a_world_that_loses_what_it_has_read_breaks_kernel_drops(void)
{
    int status;

    atomic_store(&to_lose, 1);
    CU_ASSERT_EQUAL(real_promise(PROMISE_KERNEL_DROPS, &status), PROMISE_BROKEN);
    CU_ASSERT_EQUAL(status, 4);
    CU_ASSERT_EQUAL(atomic_load(&to_lose), 0);
}

static void a_world_that_forgets_to_close_a_socket_breaks_no_leak(void)
{
    int status;

    atomic_store(&to_keep, 1);
    CU_ASSERT_EQUAL(real_promise(PROMISE_NO_LEAK, &status), PROMISE_BROKEN);
    CU_ASSERT_EQUAL(status, 4);
    CU_ASSERT_FATAL(atomic_load(&kept) >= 0);
    CU_ASSERT_EQUAL(__real_close(atomic_load(&kept)), 0);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(without_a_defect_nothing_drops_and_nothing_leaks),
        HARNESS_TEST(a_world_that_loses_what_it_has_read_breaks_kernel_drops),
        HARNESS_TEST(a_world_that_forgets_to_close_a_socket_breaks_no_leak),
    };

    return harness_run("world/planted_real", tests, HARNESS_COUNT(tests));
}
