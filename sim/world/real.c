#include "world/real.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/time.h"
#include "world/real_watch.h"
#include "world/signals.h"
#include "world/wall.h"

/* Descriptors that a run needs beside its sockets: standard streams, output files, /proc. */
#define REAL_SPARE_DESCRIPTORS 16

/* Stacks: what the deepest call needs, and the sanitizers' red zones. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define REAL_STACK_BYTES (1024 * 1024)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define REAL_STACK_BYTES (1024 * 1024)
#endif
#endif
#ifndef REAL_STACK_BYTES
#define REAL_STACK_BYTES (64 * 1024)
#endif

static int real_fail(struct real_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int real_fail(struct real_run *run, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(run->error, RUN_ERROR_MAX, format, arguments);
    va_end(arguments);
    return -1;
}

/* ---- what the machine has ------------------------------------------------------------------- */

/* Entries of a /proc directory, without those of the look itself. */
static uint32_t real_count_entries(const char *path)
{
    DIR *directory = opendir(path);
    uint32_t count = 0;

    if (directory == NULL) {
        return 0;
    }
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        count += entry->d_name[0] != '.';
    }
    closedir(directory);
    return count;
}

/* A joined thread can be listed for a moment longer: so often it is looked again, each after a
 * millisecond. */
#define REAL_LOOKS_MAX 1000

/* Threads of the process; a number above `expected` is looked at again. */
static uint32_t real_count_threads(uint32_t expected)
{
    uint32_t count = real_count_entries("/proc/self/task");

    for (unsigned looks = 0; count > expected && looks < REAL_LOOKS_MAX; looks++) {
        (void)poll(NULL, 0, 1);
        count = real_count_entries("/proc/self/task");
    }
    return count;
}

static void *real_give_id(void *id)
{
    *(long *)id = syscall(SYS_gettid);
    return NULL;
}

/* The first thread of a process can bring others that stay (a sanitizer's): they are no leak of a
 * run, so they are there before the run begins, and the first is no longer. */
static void real_warm_up(void)
{
    pthread_t thread;
    char path[64];
    long id;

    if (pthread_create(&thread, NULL, real_give_id, &id) != 0) {
        return;
    }
    pthread_join(thread, NULL);
    snprintf(path, sizeof path, "/proc/self/task/%ld", id);
    for (unsigned looks = 0; access(path, F_OK) == 0 && looks < REAL_LOOKS_MAX; looks++) {
        (void)poll(NULL, 0, 1);
    }
}

/* Raises the soft limit of descriptors as far as the run needs and the hard limit allows. */
static int real_raise_descriptor_limit(struct real_run *run)
{
    struct rlimit limit;
    rlim_t needed =
        run->scenario->node_count + REAL_SPARE_DESCRIPTORS + run->facts->descriptors_before;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) {
        return 0;
    }
    if (limit.rlim_max < needed && limit.rlim_max != RLIM_INFINITY) {
        return real_fail(run,
                         "%u nodes need %llu descriptors, and this process may have %llu (hard "
                         "limit): raise it (ulimit -Hn %llu, as root) or take fewer clients",
                         run->scenario->node_count, (unsigned long long)needed,
                         (unsigned long long)limit.rlim_max, (unsigned long long)needed);
    }
    limit.rlim_cur = needed;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return real_fail(run, "%u nodes need %llu descriptors: %s (try ulimit -n %llu)",
                         run->scenario->node_count, (unsigned long long)needed, strerror(errno),
                         (unsigned long long)needed);
    }
    return 0;
}

/* ---- start ----------------------------------------------------------------------------------- */

static int real_open_sockets(struct real_run *run)
{
    const struct scenario *scenario = run->scenario;

    for (uint32_t port = 0; port < 65536; port++) {
        run->node_of_port[port] = NODE_NONE;
    }
    /* Fixed ports first, lest the kernel give one of them to another node. */
    for (int fixed = 1; fixed >= 0; fixed--) {
        for (uint32_t i = 0; i < scenario->node_count; i++) {
            const struct scenario_node *node = &scenario->nodes[i];
            if ((node->port != 0) != (fixed == 1)) {
                continue;
            }
            int status = real_node_open(&run->nodes[i], scenario, i, &run->addresses[i]);
            if (status == -EADDRINUSE && fixed == 1) {
                return real_fail(run,
                                 "port %u of 127.0.0.1 is in use, and %s wants it (`port %s %u`): "
                                 "end the program that has it, or choose another port",
                                 node->port, node->name, node->name, node->port);
            }
            if (status != 0 && fixed == 1) {
                return real_fail(run, "port %u for %s: %s", node->port, node->name,
                                 strerror(-status));
            }
            if (status != 0) {
                return real_fail(run, "no socket for %s: %s", node->name, strerror(-status));
            }
            uint16_t port = ntohs(run->addresses[i].sin_port);
            run->node_of_port[port] = i;
            run->facts->nodes[i].port = port;
        }
    }
    return 0;
}

static int real_init_nodes(struct real_run *run)
{
    struct tally *tally = run->options->trace_off ? &run->verdict->tally : NULL;

    for (uint32_t i = 0; i < run->scenario->node_count; i++) {
        int status = real_node_init(&run->nodes[i], &run->shared, tally);
        if (status != 0) {
            return real_fail(run, "no memory for %s: %s", run->scenario->nodes[i].name,
                             strerror(-status));
        }
    }
    return 0;
}

static void real_on_wake(int signal)
{
    (void)signal; /* it has done its work: ppoll returned */
}

/* SIGINT and SIGTERM are taken by the main thread alone, the wake-up by those it is sent to. */
static void real_hold_signals(struct real_run *run)
{
    struct sigaction wake = {.sa_handler = real_on_wake};
    sigset_t set;

    signals_fill(&set);
    sigaddset(&set, REAL_SIGNAL_WAKE);
    sigemptyset(&wake.sa_mask);
    sigaction(REAL_SIGNAL_WAKE, &wake, &run->wake_before);
    pthread_sigmask(SIG_BLOCK, &set, &run->signals_before);
}

static void real_release_signals(struct real_run *run)
{
    struct timespec none = {0};
    sigset_t wake;

    sigemptyset(&wake);
    sigaddset(&wake, REAL_SIGNAL_WAKE);
    while (sigtimedwait(&wake, NULL, &none) > 0) {
    }
    sigaction(REAL_SIGNAL_WAKE, &run->wake_before, NULL);
    signals_restore(&run->signals_before);
    if (run->facts->end == RUN_SIGNAL) {
        signals_let_kill();
    }
}

static int real_start_thread(struct real_run *run, struct real_node *node)
{
    enum node_kind kind = run->scenario->nodes[node->index].kind;
    const cpu_set_t *set = real_place_of(&run->place, kind);
    pthread_attr_t attributes;
    int status = pthread_attr_init(&attributes);

    if (status != 0) {
        return status;
    }
    status = pthread_attr_setstacksize(&attributes, REAL_STACK_BYTES);
    if (status == 0) {
        status = pthread_attr_setaffinity_np(&attributes, sizeof *set, set);
    }
    if (status == 0) {
        status = pthread_create(&node->thread, &attributes, real_node_thread, node);
    }
    pthread_attr_destroy(&attributes);
    node->thread_started = status == 0;
    run->facts->nodes[node->index].cpu = real_place_single(set);
    return status;
}

static void real_open_gate(struct real_run *run, uint32_t threads)
{
    struct real_shared *shared = &run->shared;

    pthread_mutex_lock(&shared->gate_mutex);
    while (shared->gate_ready < threads) {
        pthread_cond_wait(&shared->gate_cond, &shared->gate_mutex);
    }
    shared->start_ns = wall_clock_ns();
    shared->gate_open = true;
    pthread_cond_broadcast(&shared->gate_cond);
    pthread_mutex_unlock(&shared->gate_mutex);
}

/* Starts all threads; they wait at the gate, and nothing is sent before the last is there. */
static int real_start_threads(struct real_run *run)
{
    uint32_t started = 0;
    int status = 0;

    while (status == 0 && started < run->scenario->node_count) {
        status = real_start_thread(run, &run->nodes[started]);
        started += status == 0;
    }
    if (status != 0) {
        real_set_phase(run, REAL_ENDED);
        real_open_gate(run, started);
        real_join_all(run);
        return real_fail(run, "thread %u of %u (for %s) does not start: %s; take fewer clients",
                         started + 1, run->scenario->node_count, run->scenario->nodes[started].name,
                         strerror(status));
    }
    return 0;
}

/* ---- end ------------------------------------------------------------------------------------- */

/* Feeds the verdict: the merged trace, or the sum of the threads' counts. */
static int real_judge(struct real_run *run)
{
    uint32_t count = run->scenario->node_count;
    struct trace_sink sinks[2] = {{.take = verdict_take, .context = run->verdict},
                                  run->options->events};

    if (run->options->trace_off) {
        for (uint32_t i = 0; i < count; i++) {
            latency_merge(run->verdict->tally.latency, run->nodes[i].tally.latency);
        }
        return 0;
    }
    if (run->live_wanted) {
        trace_merge_run(&run->live, TIME_NEVER, &run->options->live);
    }
    const struct trace_buffer **buffers = calloc(count, sizeof *buffers);
    int status = buffers == NULL ? -ENOMEM : 0;
    for (uint32_t i = 0; status == 0 && i < count; i++) {
        buffers[i] = &run->nodes[i].trace;
    }
    for (unsigned s = 0; status == 0 && s < 2; s++) {
        struct trace_merge merge;
        if (sinks[s].take == NULL) {
            continue;
        }
        status = trace_merge_init(&merge, buffers, count);
        if (status == 0) {
            trace_merge_run(&merge, TIME_NEVER, &sinks[s]);
            trace_merge_free(&merge);
        }
    }
    free(buffers);
    return status == 0 ? 0 : real_fail(run, "no memory to read the trace");
}

static int real_init_live(struct real_run *run)
{
    uint32_t count = run->scenario->node_count;
    const struct trace_buffer **buffers;
    int status;

    run->live_wanted = run->options->live.take != NULL && !run->options->trace_off;
    if (!run->live_wanted) {
        return 0;
    }
    buffers = calloc(count, sizeof *buffers);
    if (buffers == NULL) {
        run->live_wanted = false;
        return real_fail(run, "no memory for the live trace");
    }
    for (uint32_t i = 0; i < count; i++) {
        buffers[i] = &run->nodes[i].trace;
    }
    status = trace_merge_init(&run->live, buffers, count);
    free(buffers);
    run->live_wanted = status == 0;
    return status == 0 ? 0 : real_fail(run, "no memory for the live trace");
}

/* The run itself, when all that it needs has been allocated. */
static int real_run_nodes(struct real_run *run)
{
    cpu_set_t allowed = run->options->cpus;

    if (real_open_sockets(run) != 0 || real_init_nodes(run) != 0 || real_init_live(run) != 0) {
        return -1;
    }
    if (!run->options->cpus_given && sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        return real_fail(run, "which processors may be used: %s", strerror(errno));
    }
    real_place_choose(&run->place, run->scenario, &allowed, run->options->cpus_given,
                      run->options->spin);
    real_hold_signals(run);
    int status = real_start_threads(run);
    if (status == 0) {
        real_open_gate(run, run->scenario->node_count);
        real_watch(run);
        real_fill_facts(run);
    }
    real_release_signals(run);
    return status == 0 ? real_judge(run) : status;
}

int real_run(const struct scenario *scenario, const struct run_options *options,
             struct verdict *verdict, struct run_facts *facts, char error[RUN_ERROR_MAX])
{
    struct real_run run = {.scenario = scenario,
                           .options = options,
                           .verdict = verdict,
                           .facts = facts,
                           .error = error};
    int status;

    real_warm_up();
    facts->descriptors_before = real_count_entries("/proc/self/fd");
    facts->threads_before = real_count_entries("/proc/self/task");
    if (real_raise_descriptor_limit(&run) != 0) {
        return -1;
    }
    run.nodes = calloc(scenario->node_count, sizeof *run.nodes);
    run.addresses = calloc(scenario->node_count, sizeof *run.addresses);
    run.node_of_port = calloc(65536, sizeof *run.node_of_port);
    if (run.nodes == NULL || run.addresses == NULL || run.node_of_port == NULL) {
        free(run.nodes);
        free(run.addresses);
        free(run.node_of_port);
        return real_fail(&run, "no memory for %u nodes", scenario->node_count);
    }
    for (uint32_t i = 0; i < scenario->node_count; i++) {
        run.nodes[i].fd = -1;
    }
    run.shared = (struct real_shared){.scenario = scenario,
                                      .node_of_port = run.node_of_port,
                                      .addresses = run.addresses,
                                      .spin = options->spin,
                                      .main_thread = pthread_self(),
                                      .gate_mutex = PTHREAD_MUTEX_INITIALIZER,
                                      .gate_cond = PTHREAD_COND_INITIALIZER};
    atomic_init(&run.shared.phase, REAL_RUNNING);
    atomic_init(&run.shared.clients_busy, scenario->client_count);

    status = real_run_nodes(&run);

    if (run.live_wanted) {
        trace_merge_free(&run.live);
    }
    for (uint32_t i = 0; i < scenario->node_count; i++) {
        real_node_free(&run.nodes[i]);
    }
    free(run.nodes);
    free(run.addresses);
    free(run.node_of_port);
    facts->descriptors_after = real_count_entries("/proc/self/fd");
    facts->threads_after = real_count_threads(facts->threads_before);
    return status;
}
