#include "world/real_watch.h"

#include <stdio.h>
#include <sys/socket.h>

/* Datagrams left in the socket, which nobody will read. */
static uint64_t real_count_unread(const struct real_node *node)
{
    uint8_t byte;
    uint64_t count = 0;

    while (recv(node->fd, &byte, sizeof byte, MSG_DONTWAIT | MSG_TRUNC) >= 0) {
        count++;
    }
    return count;
}

static void real_fill_lateness(struct real_run *run)
{
    struct run_facts *facts = run->facts;
    uint64_t counts[REAL_LATENESS_BUCKETS] = {0};
    uint64_t seen = 0;

    for (uint32_t i = 0; i < run->scenario->node_count; i++) {
        const struct real_node *node = &run->nodes[i];
        for (uint32_t bucket = 0; bucket < REAL_LATENESS_BUCKETS; bucket++) {
            counts[bucket] += node->lateness[bucket];
            facts->lateness_count += node->lateness[bucket];
        }
        if (node->lateness_max_ns > facts->lateness_max_ns) {
            facts->lateness_max_ns = node->lateness_max_ns;
        }
    }
    for (uint32_t bucket = 0; bucket < REAL_LATENESS_BUCKETS; bucket++) {
        uint64_t before = seen;
        seen += counts[bucket];
        if (before * 2 < facts->lateness_count && seen * 2 >= facts->lateness_count) {
            facts->lateness_p50_ns = real_lateness_ns(bucket);
        }
        if (before * 100 < facts->lateness_count * 99 && seen * 100 >= facts->lateness_count * 99) {
            facts->lateness_p99_ns = real_lateness_ns(bucket);
        }
    }
}

void real_fill_facts(struct real_run *run)
{
    struct run_facts *facts = run->facts;

    facts->world = WORLD_REAL;
    facts->trace_off = run->options->trace_off;
    snprintf(facts->placement, sizeof facts->placement, "%s", run->place.text);
    for (uint32_t i = 0; i < run->scenario->node_count; i++) {
        const struct real_node *node = &run->nodes[i];
        struct node_facts *fact = &facts->nodes[i];
        fact->handed = node->handed - node->handed_outside;
        fact->received = node->received;
        fact->foreign = node->foreign;
        fact->in_flight = node->host.in_flight;
        fact->unread = node->unread + real_count_unread(node);
        fact->kernel_drops = real_kernel_drops(node);
        if (!node->trace_off) {
            facts->missing_records += node->trace.missing_count;
        }
        if (node->last_ns > facts->duration_ns) {
            facts->duration_ns = node->last_ns;
        }
    }
    real_fill_lateness(run);
}
