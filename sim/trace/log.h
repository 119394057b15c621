/* A whole run kept in memory, in order of time, for what must look at it more than once: the chart,
 * the story of a request, the page, the capture. */
#ifndef TRACE_LOG_H
#define TRACE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/record.h"

struct trace_log {
    struct trace_record *records; /* owned */
    uint64_t *ends;               /* owned: of each record's bytes, where they end in `bytes` */
    uint8_t *bytes;               /* owned: of all records, one after another */
    uint64_t record_count;
    uint64_t record_capacity;
    uint64_t bytes_capacity;
    bool failed; /* memory ran out: what came after that is missing */
};

void trace_log_init(struct trace_log *log);
void trace_log_free(struct trace_log *log);

/* A trace_sink's take (context = the log): keeps a copy. */
void trace_log_take(void *log, const struct trace_record *record, const uint8_t *bytes);

/* The bytes beside record `i`: log->records[i].bytes_size of them. Valid until the next take. */
static inline const uint8_t *trace_log_bytes(const struct trace_log *log, uint64_t i)
{
    return log->bytes + (log->ends[i] - log->records[i].bytes_size);
}

/* Hands all records to another sink, in order. */
void trace_log_replay(const struct trace_log *log, const struct trace_sink *sink);

#endif
