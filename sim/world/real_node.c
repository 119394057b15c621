#include "world/real_node.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/prng.h"
#include "base/time.h"
#include "world/real_batch.h"
#include "world/wall.h"

/* Asked for a hub's socket buffer; the kernel gives what it may. The default holds 256 datagrams.
 */
#define REAL_RECEIVE_BUFFER_BYTES (8 * 1024 * 1024)

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

static uint64_t real_node_now_ns(const struct real_node *node)
{
    return wall_clock_ns() - node->shared->start_ns;
}

/* ---- lateness -------------------------------------------------------------------------------- */

uint32_t real_lateness_bucket(uint64_t span_ns)
{
    if (span_ns < 8) {
        return (uint32_t)span_ns;
    }
    uint32_t octave = 63 - (uint32_t)__builtin_clzll(span_ns);
    uint32_t bucket = (octave - 2) * 8 + (uint32_t)(span_ns >> (octave - 3) & 7);
    return bucket < REAL_LATENESS_BUCKETS ? bucket : REAL_LATENESS_BUCKETS - 1;
}

uint64_t real_lateness_ns(uint32_t bucket)
{
    if (bucket < 8) {
        return bucket;
    }
    uint32_t octave = bucket / 8 + 2;
    return ((UINT64_C(8) + bucket % 8 + 1) << (octave - 3)) - 1;
}

/* ---- set-up ---------------------------------------------------------------------------------- */

int real_node_open(struct real_node *node, const struct scenario *scenario, uint32_t index,
                   struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    int status;

    node->index = index;
    node->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (node->fd < 0) {
        return -errno;
    }
    *address = (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(scenario->nodes[index].port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (bind(node->fd, (struct sockaddr *)address, sizeof *address) != 0 ||
        getsockname(node->fd, (struct sockaddr *)address, &size) != 0) {
        goto fail;
    }
    if (scenario->nodes[index].kind != NODE_KIND_CLIENT) {
        int bytes = REAL_RECEIVE_BUFFER_BYTES;
        (void)setsockopt(node->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }
    return 0;

fail:
    status = -errno;
    close(node->fd);
    node->fd = -1;
    return status;
}

/* As many datagrams as the client may have open requests, within reason: each more that recvmmsg
 * may take costs a look for it. */
static unsigned real_client_batch(const struct scenario *scenario, uint32_t node)
{
    uint32_t window = scenario->groups[scenario->nodes[node].index].window;
    return window < REAL_BATCH_CLIENT ? window : REAL_BATCH_CLIENT;
}

static void real_node_carry(void *context, const struct host_departure *departure);

int real_node_init(struct real_node *node, struct real_shared *shared, struct tally *tally)
{
    const struct scenario *scenario = shared->scenario;
    bool client = scenario->nodes[node->index].kind == NODE_KIND_CLIENT;
    struct trace_sink sink = {.take = trace_buffer_take, .context = &node->trace};
    int status = -ENOMEM;

    node->shared = shared;
    node->trace_off = tally != NULL;
    node->outbox = calloc(1, sizeof *node->outbox);
    node->batch =
        real_batch_make(client ? real_client_batch(scenario, node->index) : REAL_BATCH_HUB);
    node->lateness = calloc(REAL_LATENESS_BUCKETS, sizeof *node->lateness);
    if (node->outbox == NULL || node->batch == NULL || node->lateness == NULL) {
        goto fail;
    }
    if (tally != NULL) {
        node->tally = *tally; /* the arrays are shared: each entry has one writer */
        node->tally.latency = NULL;
        status = latency_init(&node->tally.latency);
        sink = (struct trace_sink){.take = tally_take, .context = &node->tally};
    } else {
        status = trace_buffer_init(&node->trace, client ? 4096 : 65536);
    }
    if (status == 0) {
        node->world = (struct host_world){
            .carry = real_node_carry,
            .context = node,
            .carry_at_once = true,
            .trace = sink,
            .outbox = node->outbox,
            .flight = &node->flight,
            .links = &node->links,
        };
        status = flight_init(&node->flight, FLIGHT_MAX);
    }
    if (status == 0) {
        status = host_init(&node->host, scenario, node->index, &node->world);
    }
    if (status == 0) {
        return 0;
    }
    if (tally != NULL && node->tally.latency != NULL) {
        latency_free(node->tally.latency);
    } else if (tally == NULL) {
        trace_buffer_free(&node->trace);
    }
fail:
    flight_free(&node->flight);
    link_pool_free(&node->links);
    free(node->outbox);
    real_batch_free(node->batch);
    free(node->lateness);
    node->outbox = NULL;
    return status;
}

void real_node_free(struct real_node *node)
{
    if (node->fd >= 0) {
        close(node->fd);
        node->fd = -1;
    }
    if (node->outbox == NULL) {
        return; /* never initialised */
    }
    host_free(&node->host);
    link_pool_free(&node->links);
    flight_free(&node->flight);
    if (node->trace_off) {
        latency_free(node->tally.latency);
    } else {
        trace_buffer_free(&node->trace);
    }
    free(node->outbox);
    real_batch_free(node->batch);
    free(node->lateness);
    node->outbox = NULL;
}

/* ---- sending --------------------------------------------------------------------------------- */

static void real_node_note_lateness(struct real_node *node)
{
    const struct real_batch *batch = node->batch;
    uint64_t now_ns = 0;

    for (unsigned i = 0; i < batch->send_count; i++) {
        if (batch->send_due_ns[i] != TIME_NEVER) {
            now_ns = now_ns != 0 ? now_ns : real_node_now_ns(node);
            uint64_t late_ns = time_since(batch->send_due_ns[i], now_ns);
            node->lateness[real_lateness_bucket(late_ns)]++;
            node->lateness_max_ns =
                late_ns > node->lateness_max_ns ? late_ns : node->lateness_max_ns;
        }
    }
}

static void real_node_publish_handed(struct real_node *node)
{
    atomic_store_explicit(&node->published.handed, node->handed, memory_order_release);
}

/* Writes what the batch holds. `handed` is published before the kernel gets it, so that the sum
 * over all nodes is never below what was read. */
static void real_node_flush(struct real_node *node)
{
    struct real_batch *batch = node->batch;

    if (batch->send_count == 0) {
        return;
    }
    real_node_note_lateness(node);
    node->handed += batch->send_count;
    real_node_publish_handed(node);
    node->handed -= real_batch_write(batch, node->fd); /* those were not handed over */
}

static struct sockaddr_in real_node_address(const struct real_node *node, struct endpoint to)
{
    if ((to.node & HOST_OUTSIDE) == 0) {
        return node->shared->addresses[to.node];
    }
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(to.port),
        .sin_addr.s_addr = htonl((UINT32_C(127) << 24) | (to.node & 0xffffff)),
    };
}

static void real_node_carry(void *context, const struct host_departure *departure)
{
    struct real_node *node = context;
    struct real_batch *batch = node->batch;

    if (batch->send_count == batch->capacity) {
        real_node_flush(node);
    }
    real_batch_add(batch, real_node_address(node, departure->to), departure->bytes, departure->size,
                   departure->delayed ? departure->due_ns : TIME_NEVER);
    node->handed_outside += (departure->to.node & HOST_OUTSIDE) != 0;
}

/* ---- receiving ------------------------------------------------------------------------------- */

static void real_node_take(struct real_node *node, const struct mmsghdr *header)
{
    const struct sockaddr_in *source = header->msg_hdr.msg_name;
    const uint8_t *bytes = header->msg_hdr.msg_iov->iov_base;
    uint32_t address = ntohl(source->sin_addr.s_addr);
    uint16_t port = ntohs(source->sin_port);
    uint32_t from = address == INADDR_LOOPBACK ? node->shared->node_of_port[port] : NODE_NONE;
    size_t size = header->msg_len;

    if ((header->msg_hdr.msg_flags & MSG_TRUNC) != 0) {
        size = REAL_DATAGRAM_MAX; /* at least one octet more than a datagram may have */
    }
    if (from != NODE_NONE) {
        node->received++;
        host_on_datagram(&node->host, node->now_ns, from, bytes, size);
    } else {
        struct endpoint stranger = {
            .key = prng_mix(((uint64_t)address << 16 | port) + 1) | 1,
            .node = HOST_OUTSIDE | (address & 0xffffff),
            .port = port,
        };
        node->foreign++;
        host_on_stranger(&node->host, node->now_ns, stranger, bytes, size);
    }
}

/* Hands what was read to the host, as long as that does not stand still. */
static void real_node_take_batch(struct real_node *node)
{
    struct real_batch *batch = node->batch;

    while (batch->taken_count < batch->received_count && !host_is_paused(&node->host)) {
        real_node_take(node, &batch->receive_headers[batch->taken_count++]);
    }
}

/* Reads one batch and hands it to the host; the clock is read after the datagrams, so that none is
 * received before it was sent. Returns how many there were. */
static unsigned real_node_read(struct real_node *node)
{
    unsigned count = real_batch_read(node->batch, node->fd);

    if (count == 0) {
        return 0;
    }
    node->now_ns = real_node_now_ns(node);
    node->last_ns = node->now_ns;
    real_node_take_batch(node);
    return count;
}

/* What was read and will never be handed to the host is counted. */
static void real_node_give_up_batch(struct real_node *node)
{
    struct real_batch *batch = node->batch;

    for (; batch->taken_count < batch->received_count; batch->taken_count++) {
        const struct sockaddr_in *source = &batch->receive_from[batch->taken_count];
        bool ours = ntohl(source->sin_addr.s_addr) == INADDR_LOOPBACK &&
                    node->shared->node_of_port[ntohs(source->sin_port)] != NODE_NONE;
        node->unread += ours;
        node->foreign += !ours;
    }
}

/* Whether all clients are done, and the node stands still for good: what comes is only counted. */
static bool real_node_only_counts(const struct real_node *node)
{
    return node->host.draining && host_is_paused_for_good(&node->host);
}

/* ---- the loop -------------------------------------------------------------------------------- */

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
