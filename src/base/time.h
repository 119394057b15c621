/* Instants and spans: both are unsigned 64-bit nanoseconds. An instant counts from the start of the
 * run (or of the monotonic clock, in the stand-alone programs); which, is the caller's business. */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

/* The instant that never comes: no timer is set. Larger than every other instant. */
#define TIME_NEVER UINT64_MAX

/* The instant `span_ns` after `instant_ns`; what would not fit is TIME_NEVER. */
static inline uint64_t time_add(uint64_t instant_ns, uint64_t span_ns)
{
    return span_ns > TIME_NEVER - instant_ns ? TIME_NEVER : instant_ns + span_ns;
}

/* The span from `from_ns` to `to_ns`, 0 if `to_ns` is the earlier. */
static inline uint64_t time_since(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? to_ns - from_ns : 0;
}

/* The earlier of two instants. */
static inline uint64_t time_min(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns < b_ns ? a_ns : b_ns;
}

/* `span_ns` in whole milliseconds, rounded up. */
static inline uint64_t time_to_ms_up(uint64_t span_ns)
{
    return span_ns / NS_PER_MS + (span_ns % NS_PER_MS != 0);
}

#endif
