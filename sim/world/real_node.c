#include "world/real_node.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/prng.h"
#include "base/time.h"
#include "world/real_batch.h"
#include "world/real_node_parts.h"

/* Asked for a hub's socket buffer; the kernel gives what it may. The default holds 256 datagrams.
 */
#define REAL_RECEIVE_BUFFER_BYTES (8 * 1024 * 1024)

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

/* What went to programs outside is not in it: no node of the run will read that. */
static void real_node_publish_handed(struct real_node *node)
{
    atomic_store_explicit(&node->published.handed, node->handed - node->handed_outside,
                          memory_order_release);
}

/* `handed` is published before the kernel gets it, so that the sum over all nodes is never below
 * what was read. */
void real_node_flush(struct real_node *node)
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
        /* Another address of this machine has more than the three octets that an endpoint keeps. */
        struct endpoint stranger = {
            .key = prng_mix(((uint64_t)address << 16 | port) + 1) | 1,
            .node = HOST_OUTSIDE | (address & 0xffffff),
            .port = address >> 24 == IN_LOOPBACKNET ? port : 0,
        };
        node->foreign++;
        host_on_stranger(&node->host, node->now_ns, stranger, bytes, size);
    }
}

void real_node_take_batch(struct real_node *node)
{
    struct real_batch *batch = node->batch;

    while (batch->taken_count < batch->received_count && !host_is_paused(&node->host)) {
        real_node_take(node, &batch->receive_headers[batch->taken_count++]);
    }
}

/* The clock is read after the datagrams, so that none is received before it was sent. */
unsigned real_node_read(struct real_node *node)
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

void real_node_give_up_batch(struct real_node *node)
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
