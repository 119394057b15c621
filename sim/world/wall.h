/* The clock on the wall, for those who deal with the real world or the patience of people. */
#ifndef WORLD_WALL_H
#define WORLD_WALL_H

#include <stdint.h>
#include <time.h>

#include "base/time.h"

/* Monotonic, from an unknown instant on. Cannot fail. */
static inline uint64_t wall_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

#endif
