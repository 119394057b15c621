/* Counts and latencies of a run, from its records. Without memory of requests, so that the threads
 * can count at the same time when no trace is wanted: each count has one writer. */
#ifndef VERDICT_TALLY_H
#define VERDICT_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "trace/record.h"

/* Latencies, exact up to LATENCY_EXACT_MAX of them; beyond that in buckets less than 0.1 % wide. */
#define LATENCY_EXACT_MAX 100000
struct latency;

#define TALLY_CODES 12
/* Index of a code (200, 400, 404, 408, 409, 413, 429, 500, 503, 504, 505, any other) in the arrays
 * below, and back (0 = any other). */
uint32_t tally_code_index(unsigned code);
unsigned tally_code(uint32_t index);

/* The counts of a node: all are uint64_t, see struct tally. The first TALLY_NODE_OFTEN change with
 * nearly every request. */
struct tally_node {
    uint64_t begun;      /* clients: requests begun */
    uint64_t answered;   /* clients: ... and how they ended (see below for the others) */
    uint64_t tries;      /* clients: sends of requests; broker: sends to servers */
    uint64_t retries;    /* clients and broker: those that a timer (or error reply) caused */
    uint64_t executions; /* servers; clients: of their requests (counted by the judge alone) */
    uint64_t replies[TALLY_CODES]; /* clients: replies taken, by code (200 first) */
    uint64_t error;                /* clients: requests that ended so */
    uint64_t timed_out;
    uint64_t cancelled;
    uint64_t errors[TALLY_CODES]; /* clients: final errors, by code */
    uint64_t rejected[REJECT_REASON_COUNT];
    uint64_t wrong; /* clients: answers that were not the right text (counted by the judge alone) */
    uint64_t duplicate_executions; /* servers: beyond each request's first (by the judge alone) */
};
#define TALLY_NODE_OFTEN (offsetof(struct tally_node, replies) / sizeof(uint64_t) + 1)

/* The counts of a link: the same. */
struct tally_link {
    uint64_t sent; /* originals */
    uint64_t delivered;
    uint64_t bytes;       /* of originals */
    uint64_t last_due_ns; /* for reordered */
    uint64_t duplicated;  /* copies made */
    uint64_t lost[LOSS_REASON_COUNT];
    uint64_t corrupted; /* copies whose bytes the link changed */
    uint64_t reordered; /* due before one submitted earlier */
};
#define TALLY_LINK_OFTEN (offsetof(struct tally_link, duplicated) / sizeof(uint64_t))

/* Counts of many nodes or links. Those of one that change often lie together, since each costs a
 * look into memory; of the others each count is by itself for all nodes, so that one that is 0 for
 * all costs no memory: it is a stretch of pages that nobody has touched. (In the real world, whose
 * threads count at the same time, all counts of a node lie together.) */
struct tally_table {
    uint64_t *cells;   /* owned */
    uint32_t count;    /* nodes or links */
    uint32_t together; /* so many counts of each lie together, the first ones */
};

struct tally {
    const struct scenario *scenario;
    struct tally_table nodes; /* of struct tally_node, see TALLY_NODE */
    struct tally_table links; /* of struct tally_link, see TALLY_LINK */
    struct latency *latency;  /* owned; of answered requests */
    uint64_t ended;           /* requests, in whatever way; of threads, each counts its own */
    uint64_t last_ns;         /* of the latest record that tally_take got; the same */
};

/* `often`: so many are known to lie together. */
static inline uint64_t *tally_cell(const struct tally_table *table, size_t index, size_t offset,
                                   size_t often)
{
    size_t at = offset / sizeof(uint64_t);

    return &table->cells[at < often || at < table->together ? index * table->together + at
                                                            : at * table->count + index];
}

/* One count, to be read or written: TALLY_NODE(tally, node, answered), TALLY_LINK(tally, link,
 * lost[LOSS_LOSS]). */
#define TALLY_NODE(tally, node, count)                                                             \
    (*tally_cell(&(tally)->nodes, node, offsetof(struct tally_node, count), TALLY_NODE_OFTEN))
#define TALLY_LINK(tally, link, count)                                                             \
    (*tally_cell(&(tally)->links, link, offsetof(struct tally_link, count), TALLY_LINK_OFTEN))

/* All counts of a node or link, as they are now. */
struct tally_node tally_node(const struct tally *tally, uint32_t node);
struct tally_link tally_link(const struct tally *tally, uint32_t link);

/* All zero. Returns 0 or -ENOMEM. */
int tally_init(struct tally *tally, const struct scenario *scenario);
void tally_free(struct tally *tally);

/* Asks for the memory of the counts of a node and of its links that change often (prefetch.h). */
void tally_prefetch(const struct tally *tally, uint32_t node);

/* A trace_sink's take (context = the tally). */
void tally_take(void *tally, const struct trace_record *record, const uint8_t *bytes);

#define TALLY_NO_LINK UINT32_MAX

/* The link that the datagram of a record travels, TALLY_NO_LINK if there is none such. */
static inline uint32_t tally_link_of(const struct scenario *scenario,
                                     const struct trace_record *record)
{
    uint32_t other = record->from | record->to; /* one is the broker, which is 0 */

    if ((record->from != NODE_BROKER && record->to != NODE_BROKER) ||
        other - 1 >= scenario->node_count - 1) {
        return TALLY_NO_LINK;
    }
    return scenario_link(record->from, record->to);
}

/* What tally_take does with a record of one kind, for those who know already of which kind it is,
 * and its link; last_ns stays as it is. An original is `sent`, maybe a `try`, and a
 * `copy`; what the link duplicates is another copy. */
void tally_take_copy(struct tally *tally, uint32_t link, const struct trace_record *record);
static inline void tally_take_sent(struct tally *tally, uint32_t link,
                                   const struct trace_record *record)
{
    TALLY_LINK(tally, link, sent)++;
    TALLY_LINK(tally, link, bytes) += record->size;
}
static inline void tally_take_try(struct tally *tally, uint32_t node)
{
    TALLY_NODE(tally, node, tries)++;
}
static inline void tally_take_duplicated(struct tally *tally, uint32_t link)
{
    TALLY_LINK(tally, link, duplicated)++;
}

/* Whether a copy is due after all that its link took before; then, if it is neither lost nor
 * changed, tally_take_copy comes to tally_take_in_order. */
static inline bool tally_is_in_order(const struct tally *tally, uint32_t link, uint64_t due_ns)
{
    return due_ns >= TALLY_LINK(tally, link, last_due_ns);
}
static inline void tally_take_in_order(struct tally *tally, uint32_t link, uint64_t due_ns)
{
    TALLY_LINK(tally, link, last_due_ns) = due_ns;
}

void tally_take_answered(struct tally *tally, const struct trace_record *record);
void tally_take_failed(struct tally *tally, const struct trace_record *record);
void tally_take_reply_error(struct tally *tally, const struct trace_record *record);
static inline void tally_take_delivered(struct tally *tally, uint32_t link)
{
    TALLY_LINK(tally, link, delivered)++;
}
static inline void tally_take_begun(struct tally *tally, uint32_t node)
{
    TALLY_NODE(tally, node, begun)++;
}
static inline void tally_take_executed(struct tally *tally, uint32_t node)
{
    TALLY_NODE(tally, node, executions)++;
}
static inline void tally_take_retried(struct tally *tally, uint32_t node)
{
    TALLY_NODE(tally, node, retries)++;
}
static inline void tally_take_rejected(struct tally *tally, const struct trace_record *record)
{
    TALLY_NODE(tally, record->node, rejected[record->reason])++;
}

/* The losses of a link, of all reasons. */
uint64_t tally_link_lost(const struct tally_link *link);

/* What a link took and neither lost nor delivered: in flight, or dropped by the kernel. */
uint64_t tally_link_rest(const struct tally_link *link);

/* An empty collection of latencies. Returns 0 or -ENOMEM; nothing can fail after that. */
int latency_init(struct latency **latency);
void latency_free(struct latency *latency);
void latency_add(struct latency *latency, uint64_t span_ns);
void latency_merge(struct latency *latency, const struct latency *other);
uint64_t latency_count(const struct latency *latency);

/* Latency of rank ceil(q * count) (nearest rank), in ns, for 0 < q <= 1; UINT64_MAX if nothing was
 * answered, and so the mean, the least and the greatest. */
uint64_t latency_quantile_ns(const struct latency *latency, double q);
uint64_t latency_mean_ns(const struct latency *latency);
uint64_t latency_min_ns(const struct latency *latency);
uint64_t latency_max_ns(const struct latency *latency);

/* How many lie in [from_ns, to_ns), for histograms; TIME_NEVER as to_ns: no upper end. */
uint64_t latency_count_between(const struct latency *latency, uint64_t from_ns, uint64_t to_ns);

#endif
