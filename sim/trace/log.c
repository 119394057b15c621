#include "trace/log.h"

#include <stdlib.h>
#include <string.h>

#define LOG_RECORDS_FIRST 1024
#define LOG_BYTES_FIRST   65536

void trace_log_init(struct trace_log *log)
{
    *log = (struct trace_log){0};
}

void trace_log_free(struct trace_log *log)
{
    free(log->records);
    free(log->ends);
    free(log->bytes);
    trace_log_init(log);
}

static bool log_grow_records(struct trace_log *log)
{
    uint64_t capacity = log->record_capacity == 0 ? LOG_RECORDS_FIRST : 2 * log->record_capacity;
    struct trace_record *records = realloc(log->records, capacity * sizeof *records);

    if (records == NULL) {
        return false;
    }
    log->records = records;
    uint64_t *ends = realloc(log->ends, capacity * sizeof *ends);
    if (ends == NULL) {
        return false;
    }
    log->ends = ends;
    log->record_capacity = capacity;
    return true;
}

/* Room for one record's bytes, at least one byte, so that log->bytes is never NULL. */
static bool log_grow_bytes(struct trace_log *log)
{
    uint64_t capacity = log->bytes_capacity == 0 ? LOG_BYTES_FIRST : 2 * log->bytes_capacity;
    uint8_t *bytes = realloc(log->bytes, capacity);

    if (bytes == NULL) {
        return false;
    }
    log->bytes = bytes;
    log->bytes_capacity = capacity;
    return true;
}

void trace_log_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct trace_log *log = context;
    uint64_t begin = log->record_count == 0 ? 0 : log->ends[log->record_count - 1];

    if (log->failed || (log->record_count == log->record_capacity && !log_grow_records(log)) ||
        (begin + record->bytes_size >= log->bytes_capacity && !log_grow_bytes(log))) {
        log->failed = true;
        return;
    }
    log->records[log->record_count] = *record;
    if (record->bytes_size > 0) {
        memcpy(log->bytes + begin, bytes, record->bytes_size);
    }
    log->ends[log->record_count] = begin + record->bytes_size;
    log->record_count++;
}

void trace_log_replay(const struct trace_log *log, const struct trace_sink *sink)
{
    for (uint64_t i = 0; i < log->record_count; i++) {
        sink->take(sink->context, &log->records[i], trace_log_bytes(log, i));
    }
}
