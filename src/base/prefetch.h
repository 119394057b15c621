/* Asks for memory that will be needed soon, so that it is in the processor's cache by then. A hint:
 * it changes nothing but time, and any address is allowed. */
#ifndef BASE_PREFETCH_H
#define BASE_PREFETCH_H

#include <stddef.h>
#include <stdint.h>

/* Who looks far ahead asks twice, a while apart: first for what lies at a known place, then for
 * what is found there. */
enum prefetch_stage { PREFETCH_KNOWN, PREFETCH_BEHIND };

/* Bytes that come at once. */
#define PREFETCH_LINE 64

/* Asks for `size` bytes (1 or more) from `address` on. */
static inline void prefetch(const void *address, size_t size)
{
    const char *first = address;
    const char *last = first + size - 1;

    for (const char *at = first; at < last; at += PREFETCH_LINE) {
        __builtin_prefetch(at);
    }
    __builtin_prefetch(last);
    __asm__ volatile(""); /* gcc leaves out calls of a function that does no more than prefetch */
}

#endif
