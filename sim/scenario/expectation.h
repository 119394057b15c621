/* What a scenario expects of a run (`expect` lines), as data. */
#ifndef SCENARIO_EXPECTATION_H
#define SCENARIO_EXPECTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/outbox.h"

/* METRIC. Datagram metrics begin at METRIC_SENT, times at METRIC_LATENCY_MIN. */
enum metric {
    METRIC_REQUESTS,
    METRIC_ANSWERED,
    METRIC_FAILED,
    METRIC_ERROR,
    METRIC_TIMED_OUT,
    METRIC_CANCELLED,
    METRIC_WRONG,
    METRIC_TRIES,
    METRIC_RETRIES,
    METRIC_EXECUTIONS,
    METRIC_DUPLICATE_EXECUTIONS,
    METRIC_REPLIES,  /* .CODE: replies clients received and took, by code */
    METRIC_ERRORS,   /* .CODE: final */
    METRIC_REJECTED, /* [.REASON] */
    METRIC_SENT,
    METRIC_DELIVERED,
    METRIC_LOST, /* [.REASON] */
    METRIC_DUPLICATED,
    METRIC_CORRUPTED,
    METRIC_REORDERED,
    METRIC_KERNEL_DROPS,
    METRIC_LATENCY_MIN,
    METRIC_LATENCY_MEAN,
    METRIC_LATENCY_P50,
    METRIC_LATENCY_P90,
    METRIC_LATENCY_P99,
    METRIC_LATENCY_MAX,
    METRIC_DURATION,
    METRIC_TIMING_MARGIN, /* the smallest gap between a timer and a reply that raced it */
    METRIC_COUNT
};

/* Why the shim lost a datagram: `lost.REASON`. */
enum loss_reason {
    LOSS_NONE,
    LOSS_LOSS,
    LOSS_DROP,
    LOSS_DOWN,
    LOSS_QUEUE,
    LOSS_MTU,
    LOSS_REASON_COUNT
};
const char *loss_reason_name(enum loss_reason reason);

/* The metric's word: "answered", "latency.p99", "lost". Without CODE or REASON. */
const char *metric_name(enum metric metric);

static inline bool metric_is_datagrams(enum metric metric)
{
    return metric >= METRIC_SENT && metric <= METRIC_KERNEL_DROPS;
}
static inline bool metric_is_time(enum metric metric)
{
    return metric >= METRIC_LATENCY_MIN;
}

enum expectation_kind {
    EXPECT_METRIC,
    EXPECT_REPLY,   /* reply of CLIENT/N = "TEXT" */
    EXPECT_OUTCOME, /* outcome of CLIENT/N = OUTCOME */
    EXPECT_BROKEN   /* promise NAME broken */
};

enum expectation_of {
    OF_ALL,    /* no `of` */
    OF_NODES,  /* clients, servers, the broker: bitmap over nodes */
    OF_LINKS,  /* bitmap over links */
    OF_REQUEST /* one request of one client */
};

enum expectation_ratio { RATIO_NONE, RATIO_PER_REQUEST, RATIO_PER_S };

enum expectation_cmp {
    CMP_EQ,
    CMP_NE,
    CMP_LT,
    CMP_LE,
    CMP_GT,
    CMP_GE,
    CMP_IN,
    CMP_ABOUT,
    CMP_THEORY
};

enum expectation_unit { UNIT_COUNT, UNIT_PERCENT, UNIT_NS };

struct expectation {
    uint32_t line;
    const char *label; /* NULL if none */
    const char *text;  /* as written after the label, blanks collapsed: "answered = 100%" */
    enum expectation_kind kind;

    enum metric metric;
    unsigned code;             /* METRIC_REPLIES, METRIC_ERRORS; 0 = all */
    enum reject_reason reject; /* METRIC_REJECTED; REJECT_NONE = all */
    enum loss_reason loss;     /* METRIC_LOST; LOSS_NONE = all */
    enum expectation_ratio ratio;
    enum expectation_of of;
    const uint64_t *bitmap; /* OF_NODES, OF_LINKS */
    uint32_t client;        /* OF_REQUEST, EXPECT_REPLY, EXPECT_OUTCOME: the client's node */
    uint32_t n;             /* and the request's number */
    bool during;
    uint64_t during_from_ns; /* requests begun in [from, to) */
    uint64_t during_to_ns;

    enum expectation_cmp cmp;
    enum expectation_unit unit; /* of the value(s) */
    double low;  /* the value (CMP_IN: the lower end): a count or ratio; a fraction, for
                    UNIT_PERCENT; ns, for UNIT_NS */
    double high; /* CMP_IN: the upper end */
    uint64_t probability_q63; /* CMP_ABOUT: P, exactly */

    enum outcome outcome; /* EXPECT_OUTCOME */
    const uint8_t *reply; /* EXPECT_REPLY */
    size_t reply_size;
    const char *promise; /* EXPECT_BROKEN: its name */
};

#endif
