#include "scenario/expectation.h"

const char *loss_reason_name(enum loss_reason reason)
{
    static const char *const NAMES[LOSS_REASON_COUNT] = {
        [LOSS_NONE] = "none", [LOSS_LOSS] = "loss",   [LOSS_DROP] = "drop",
        [LOSS_DOWN] = "down", [LOSS_QUEUE] = "queue", [LOSS_MTU] = "mtu",
    };
    return NAMES[reason];
}

const char *metric_name(enum metric metric)
{
    static const char *const NAMES[METRIC_COUNT] = {
        [METRIC_REQUESTS] = "requests",
        [METRIC_ANSWERED] = "answered",
        [METRIC_FAILED] = "failed",
        [METRIC_ERROR] = "error",
        [METRIC_TIMED_OUT] = "timed-out",
        [METRIC_CANCELLED] = "cancelled",
        [METRIC_WRONG] = "wrong",
        [METRIC_TRIES] = "tries",
        [METRIC_RETRIES] = "retries",
        [METRIC_EXECUTIONS] = "executions",
        [METRIC_DUPLICATE_EXECUTIONS] = "duplicate-executions",
        [METRIC_REPLIES] = "replies",
        [METRIC_ERRORS] = "errors",
        [METRIC_REJECTED] = "rejected",
        [METRIC_SENT] = "sent",
        [METRIC_DELIVERED] = "delivered",
        [METRIC_LOST] = "lost",
        [METRIC_DUPLICATED] = "duplicated",
        [METRIC_CORRUPTED] = "corrupted",
        [METRIC_REORDERED] = "reordered",
        [METRIC_KERNEL_DROPS] = "kernel-drops",
        [METRIC_LATENCY_MIN] = "latency.min",
        [METRIC_LATENCY_MEAN] = "latency.mean",
        [METRIC_LATENCY_P50] = "latency.p50",
        [METRIC_LATENCY_P90] = "latency.p90",
        [METRIC_LATENCY_P99] = "latency.p99",
        [METRIC_LATENCY_MAX] = "latency.max",
        [METRIC_DURATION] = "duration",
        [METRIC_TIMING_MARGIN] = "timing-margin",
    };
    return NAMES[metric];
}
