#include "world/real_node_parts.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

#include "base/time.h"
#include "world/real_batch.h"

/* With --spin: how long before a datagram is due the thread stops sleeping. */
#define REAL_SPIN_NS (150 * NS_PER_US)

/* With --spin: below this, the socket is no longer looked at. */
#define REAL_SPIN_BLIND_NS (10 * NS_PER_US)

/* Reads in a row before the links and timers get their turn although more is waiting. */
#define REAL_READS_MAX 16

/* Reads in a row after a pause: more than a socket's buffer can hold. */
#define REAL_CATCH_UP_MAX 65536

/* Steps of the host in a row before the socket is read again. */
#define REAL_STEPS_MAX 256

/* Whether all clients are done, and the node stands still for good: what comes is only counted. */
static bool real_node_only_counts(const struct real_node *node)
{
    return node->host.draining && host_is_paused_for_good(&node->host);
}

static void real_node_publish(struct real_node *node)
{
    uint64_t settled = node->host.kind == NODE_KIND_CLIENT ? node->host.client.settled : 0;

    /* What was received is seen only with what it left pending: see real_is_quiet. */
    atomic_store_explicit(&node->published.settled, settled, memory_order_relaxed);
    atomic_store_explicit(&node->published.pending, host_pending(&node->host),
                          memory_order_release);
    atomic_store_explicit(&node->published.received, node->received + node->unread,
                          memory_order_release);
    if (node->host.kind == NODE_KIND_CLIENT && !node->client_done &&
        !host_is_busy_client(&node->host)) {
        node->client_done = true;
        if (atomic_fetch_sub(&node->shared->clients_busy, 1) == 1) {
            pthread_kill(node->shared->main_thread, REAL_SIGNAL_WAKE);
        }
    }
}

static void real_node_step(struct real_node *node)
{
    bool paused = host_is_paused(&node->host);

    node->now_ns = real_node_now_ns(node);
    for (unsigned steps = 0; steps < REAL_STEPS_MAX && host_step(&node->host, node->now_ns);
         steps++) {
        node->last_ns = node->now_ns;
        if (paused && !host_is_paused(&node->host)) {
            node->catches_up = true; /* what has come goes before the timers */
            break;
        }
    }
}

/* Waits in ppoll until something can be read (not while the node stands still), a wake-up, or
 * `span_ns` is over (TIME_NEVER: no limit). True: something can be read. */
static bool real_node_wait(const struct real_node *node, uint64_t span_ns)
{
    bool listens = !host_is_paused(&node->host) || real_node_only_counts(node);
    struct pollfd poll_fd = {.fd = listens ? node->fd : -1, .events = POLLIN};
    struct timespec timeout = {.tv_sec = (time_t)(span_ns / NS_PER_S),
                               .tv_nsec = (long)(span_ns % NS_PER_S)};
    sigset_t mask;

    sigfillset(&mask);
    sigdelset(&mask, REAL_SIGNAL_WAKE);
    return ppoll(&poll_fd, 1, span_ns == TIME_NEVER ? NULL : &timeout, &mask) > 0;
}

/* Sleeps until there is something to do. True: something can be read. */
static bool real_node_sleep(struct real_node *node)
{
    enum host_class class;
    uint64_t next_ns = host_next(&node->host, &class);
    uint64_t now_ns;

    if (next_ns == TIME_NEVER) {
        return real_node_wait(node, TIME_NEVER);
    }
    now_ns = real_node_now_ns(node);
    if (node->shared->spin && class == HOST_DATAGRAM) {
        if (next_ns > now_ns + REAL_SPIN_NS) {
            return real_node_wait(node, next_ns - now_ns - REAL_SPIN_NS);
        }
        while (now_ns < next_ns) {
            if (next_ns > now_ns + REAL_SPIN_BLIND_NS && real_node_wait(node, 0)) {
                return true;
            }
            now_ns = real_node_now_ns(node);
        }
        return false;
    }
    return real_node_wait(node, time_since(now_ns, next_ns));
}

/* Reads what is there, so that a reply that has come has won its race against a timer. Returns how
 * many datagrams there were. */
static unsigned real_node_drain(struct real_node *node)
{
    unsigned capacity = node->batch->capacity;
    unsigned total = 0;

    for (unsigned reads = 0; reads < REAL_READS_MAX && !host_is_paused(&node->host); reads++) {
        unsigned count = real_node_read(node);
        total += count;
        if (count < capacity || capacity == 1) {
            break;
        }
    }
    return total;
}

/* The node goes on after a pause: reads all that came meanwhile. */
static void real_node_catch_up(struct real_node *node)
{
    node->catches_up = false;
    node->now_ns = real_node_now_ns(node);
    real_node_take_batch(node);
    for (unsigned reads = 0; reads < REAL_CATCH_UP_MAX && !host_is_paused(&node->host); reads++) {
        if (real_node_read(node) == 0) {
            break;
        }
    }
}

static void real_node_loop(struct real_node *node)
{
    bool look = false; /* there may be something to read */

    for (;;) {
        uint32_t phase = atomic_load_explicit(&node->shared->phase, memory_order_acquire);
        if (phase == REAL_ENDED) {
            break;
        }
        node->host.draining = phase == REAL_DRAINING;
        if (node->catches_up) {
            real_node_catch_up(node);
        }
        unsigned count = look ? real_node_drain(node) : 0;
        if (phase == REAL_CANCELLING) {
            node->now_ns = real_node_now_ns(node);
            host_cancel(&node->host, node->now_ns);
        } else {
            real_node_step(node);
        }
        if (real_node_only_counts(node)) {
            do {
                real_node_give_up_batch(node);
            } while (real_node_read(node) > 0);
        }
        real_node_flush(node);
        real_node_publish(node);
        /* Where several came at once, more are likely: to look costs less than to ask first. */
        look = count > 1 || node->catches_up || real_node_sleep(node);
    }
}

static void real_node_wait_at_gate(struct real_shared *shared)
{
    pthread_mutex_lock(&shared->gate_mutex);
    shared->gate_ready++;
    pthread_cond_broadcast(&shared->gate_cond);
    while (!shared->gate_open) {
        pthread_cond_wait(&shared->gate_cond, &shared->gate_mutex);
    }
    pthread_mutex_unlock(&shared->gate_mutex);
}

void *real_node_thread(void *argument)
{
    struct real_node *node = argument;

    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    real_node_wait_at_gate(node->shared);
    real_node_loop(node);
    real_node_give_up_batch(node);
    return NULL;
}
