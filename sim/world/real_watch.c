#include "world/real_watch.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>

#include "base/time.h"
#include "world/signals.h"
#include "world/wall.h"

#include <linux/sock_diag.h>

/* How often the main thread looks: at progress and signals, at the live trace, and while it waits
 * for the links and buffers to drain. */
#define REAL_TICK_NS       (50 * NS_PER_MS)
#define REAL_DRAIN_TICK_NS (NS_PER_MS / 2)

/* How far behind the clock the live trace is shown, so that threads have published what is older.
 */
#define REAL_WATERMARK_NS (20 * NS_PER_MS)

/* ---- the threads ------------------------------------------------------------------------------
 */

static void real_wake_all(struct real_run *run)
{
    for (uint32_t i = 0; i < run->scenario->node_count; i++) {
        if (run->nodes[i].thread_started) {
            pthread_kill(run->nodes[i].thread, REAL_SIGNAL_WAKE);
        }
    }
}

void real_set_phase(struct real_run *run, enum real_phase phase)
{
    atomic_store_explicit(&run->shared.phase, (uint32_t)phase, memory_order_release);
    real_wake_all(run);
}

void real_join_all(struct real_run *run)
{
    for (uint32_t i = 0; i < run->scenario->node_count; i++) {
        if (run->nodes[i].thread_started) {
            pthread_join(run->nodes[i].thread, NULL);
            run->nodes[i].thread_started = false;
        }
    }
}

/* ---- while it runs ----------------------------------------------------------------------------
 */

static uint64_t real_elapsed_ns(const struct real_run *run)
{
    return wall_clock_ns() - run->shared.start_ns;
}

uint64_t real_kernel_drops(const struct real_node *node)
{
    uint32_t info[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof info;

    if (getsockopt(node->fd, SOL_SOCKET, SO_MEMINFO, info, &size) != 0 ||
        size <= SK_MEMINFO_DROPS * sizeof info[0]) {
        return 0;
    }
    return info[SK_MEMINFO_DROPS];
}

/* Whether nothing is on its way any more: all that the kernel was handed has been read (or
 * dropped), and no link or server holds anything. What was received is summed before what was
 * handed; as both only grow, and a thread publishes what it handed before it does so and what it
 * received after it has published what that left pending, equal sums mean that all was quiet in
 * between (Mattern 1987, "Algorithms for distributed termination detection", section 4). */
static bool real_is_quiet(const struct real_run *run)
{
    uint64_t gone = 0;
    uint64_t pending = 0;
    uint64_t handed = 0;
    uint32_t count = run->scenario->node_count;

    for (uint32_t i = 0; i < count; i++) {
        const struct real_node *node = &run->nodes[i];
        gone += atomic_load_explicit(&node->published.received, memory_order_acquire) +
                real_kernel_drops(node);
    }
    for (uint32_t i = 0; i < count; i++) {
        pending += atomic_load_explicit(&run->nodes[i].published.pending, memory_order_acquire);
    }
    for (uint32_t i = 0; i < count; i++) {
        handed += atomic_load_explicit(&run->nodes[i].published.handed, memory_order_acquire);
    }
    return pending == 0 && handed <= gone;
}

static void real_show_progress(struct real_run *run, uint64_t elapsed_ns)
{
    const struct run_options *options = run->options;
    uint64_t settled = 0;

    if (options->progress == NULL) {
        return;
    }
    for (uint32_t i = 0; i < run->scenario->node_count; i++) {
        settled += atomic_load_explicit(&run->nodes[i].published.settled, memory_order_relaxed);
    }
    options->progress(options->progress_context, elapsed_ns, settled, run->scenario->request_count);
    run->progress_at_ns = elapsed_ns + REAL_TICK_NS;
}

static void real_show(struct real_run *run)
{
    const struct run_options *options = run->options;
    uint64_t elapsed_ns = real_elapsed_ns(run);

    if (run->live_wanted) {
        trace_merge_run(&run->live, time_since(REAL_WATERMARK_NS, elapsed_ns), &options->live);
    }
    if (elapsed_ns >= run->progress_at_ns) {
        real_show_progress(run, elapsed_ns);
    }
}

/* Waits for a signal, at most `span_ns`. Returns SIGINT or SIGTERM if that came, else 0. */
static int real_wait_signal(uint64_t span_ns)
{
    struct timespec timeout = {.tv_sec = (time_t)(span_ns / NS_PER_S),
                               .tv_nsec = (long)(span_ns % NS_PER_S)};
    sigset_t set;
    int signal;

    signals_fill(&set);
    sigaddset(&set, REAL_SIGNAL_WAKE);
    signal = sigtimedwait(&set, NULL, &timeout);
    return signal == SIGINT || signal == SIGTERM ? signal : 0;
}

void real_watch(struct real_run *run)
{
    struct run_facts *facts = run->facts;
    enum real_phase phase = REAL_RUNNING;

    facts->end = RUN_DONE;
    while (phase != REAL_ENDED) {
        uint64_t left_ns = time_since(real_elapsed_ns(run), run->scenario->time_limit_ns);
        uint64_t tick_ns = phase == REAL_RUNNING ? REAL_TICK_NS : REAL_DRAIN_TICK_NS;
        int signal = real_wait_signal(time_min(tick_ns, left_ns));
        bool busy = atomic_load(&run->shared.clients_busy) > 0;

        real_show(run);
        if (phase == REAL_RUNNING && !busy) {
            phase = REAL_DRAINING;
            real_set_phase(run, phase);
        } else if (phase == REAL_DRAINING && real_is_quiet(run)) {
            phase = REAL_ENDED;
        } else if (phase == REAL_CANCELLING && !busy) {
            phase = REAL_ENDED;
        }
        if (signal != 0 && facts->end == RUN_DONE) {
            facts->end = RUN_SIGNAL;
            facts->signal = signal;
            signals_let_kill();
        } else if (left_ns == 0 && facts->end == RUN_DONE && phase != REAL_ENDED) {
            facts->end = busy ? RUN_TIME_LIMIT : RUN_DONE;
            phase = busy ? phase : REAL_ENDED; /* only links are left: they are counted in flight */
        }
        if (facts->end != RUN_DONE && phase != REAL_CANCELLING && phase != REAL_ENDED) {
            phase = busy ? REAL_CANCELLING : REAL_ENDED;
            real_set_phase(run, phase);
        }
    }
    real_set_phase(run, REAL_ENDED);
    real_join_all(run);
    real_show_progress(run, real_elapsed_ns(run));
}
