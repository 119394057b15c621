#include "node_lines.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "base/bytes.h"
#include "base/time.h"
#include "protocol/wire.h"

/* Of a datagram, as many characters are shown. */
#define NODE_SHOWN_MAX 120

void node_write_address(char text[NODE_ADDRESS_MAX], uint32_t host, uint16_t port)
{
    snprintf(text, NODE_ADDRESS_MAX, "%u.%u.%u.%u:%u", host >> 24, host >> 16 & 255,
             host >> 8 & 255, host & 255, port);
}

/* ---- with -v --------------------------------------------------------------------------------- */

/* Begins a line: program, seconds since the start, a mark, the peer. */
static void node_begin_line(const struct node *node, const char *mark, struct endpoint peer)
{
    char name[NODE_ADDRESS_MAX];

    uint64_t since_ns = time_since(node->start_ns, node_now_ns());
    node_write_address(name, peer.node, peer.port);
    fprintf(stderr, "%s: %4" PRIu64 ".%06" PRIu64 " %s %-21s ", node->program, since_ns / NS_PER_S,
            since_ns % NS_PER_S / NS_PER_US, mark, name);
}

static void node_say_bytes(const struct node *node, const char *mark, struct endpoint peer,
                           const uint8_t *bytes, size_t size)
{
    char shown[NODE_SHOWN_MAX];

    node_begin_line(node, mark, peer);
    bytes_escape(shown, sizeof shown, bytes, size);
    fprintf(stderr, "\"%s\"\n", shown);
}

void node_say_received(const struct node *node, struct endpoint from, const uint8_t *bytes,
                       size_t size)
{
    if (node->verbose) {
        node_say_bytes(node, "<-", from, bytes, size);
    }
}

void node_say_sent(const struct node *node, const struct outbox_datagram *datagram)
{
    if (node->verbose) {
        node_say_bytes(node, "->", datagram->to, datagram->bytes, datagram->size);
    }
}

void node_say_rejected(const struct node *node, const struct outbox_note *note)
{
    if (node->verbose) {
        node_begin_line(node, "x ", note->peer);
        fprintf(stderr, "rejected: %s\n", reject_reason_name(note->reason));
    }
}

void node_say_unsent(const struct node *node, const struct outbox_datagram *datagram, int error)
{
    if (node->verbose || node->counts.unsent == 0) {
        node_begin_line(node, "! ", datagram->to);
        fprintf(stderr, "cannot be sent to: %s\n", strerror(error));
    }
}

/* ---- counts ---------------------------------------------------------------------------------- */

void node_count_sent(struct node *node, const struct outbox_datagram *datagram)
{
    struct wire_message message;

    node->counts.sent++;
    if (!datagram->reply) {
        return;
    }
    if (datagram->plain) {
        node->counts.plain_errors += wire_is_plain_error(datagram->bytes, datagram->size);
    } else if (wire_decode(&message, datagram->bytes, datagram->size) == WIRE_OK &&
               message.code != 200) {
        node->counts.errors[message.code]++;
    }
}

void node_print_counts(const struct node *node)
{
    const struct node_counts *counts = &node->counts;
    uint64_t rejected = 0;
    uint64_t errors = counts->plain_errors;
    const char *between = ": ";

    for (unsigned i = 0; i < REJECT_REASON_COUNT; i++) {
        rejected += counts->rejected[i];
    }
    for (unsigned i = 0; i < NODE_CODES; i++) {
        errors += counts->errors[i];
    }
    fprintf(stderr, "%s: %" PRIu64 " received, %" PRIu64 " sent, %" PRIu64 " rejected",
            node->program, counts->received, counts->sent, rejected);
    for (unsigned i = 0; i < REJECT_REASON_COUNT; i++) {
        if (counts->rejected[i] > 0) {
            fprintf(stderr, "%s%" PRIu64 " %s", between, counts->rejected[i],
                    reject_reason_name((enum reject_reason)i));
            between = ", ";
        }
    }
    fprintf(stderr, "; %" PRIu64 " errors sent", errors);
    between = ": ";
    for (unsigned i = 0; i < NODE_CODES; i++) {
        if (counts->errors[i] > 0) {
            fprintf(stderr, "%s%" PRIu64 " of %u", between, counts->errors[i], i);
            between = ", ";
        }
    }
    if (counts->plain_errors > 0) {
        fprintf(stderr, "%s%" PRIu64 " plain", between, counts->plain_errors);
    }
    fprintf(stderr, "; %" PRIu64 " not sent, %" PRIu32 " dropped by the kernel\n", counts->unsent,
            counts->kernel_drops);
}

/* ---- the first line -------------------------------------------------------------------------- */

void node_announce(const struct node *node)
{
    char name[NODE_ADDRESS_MAX];

    node_write_address(name, ntohl(node->bound.sin_addr.s_addr), ntohs(node->bound.sin_port));
    if (!args_is_loopback(node->bound.sin_addr)) {
        fprintf(stderr,
                "%s: warning: other machines can reach %s; nothing here is secret or checked\n",
                node->program, name);
    }
    fprintf(stderr, "%s: listening on %s\n", node->program, name);
}
