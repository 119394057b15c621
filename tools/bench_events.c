/* The floor of the virtual world's benchmark: a bare event loop, no hosts, no links, no judge. A
 * plain binary heap of 64-byte events; each step takes the earliest and puts one that comes later.
 *
 *   bench_events DEPTH EVENTS      DEPTH: events pending at any time
 *
 * Prints "EVENTS NANOSECONDS" of processor time. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Events come this much later than the one that causes them, at most. */
#define EVENTS_LATER_NS (UINT64_C(1) << 27)

struct event {
    uint64_t due_ns;
    uint64_t order; /* among equal instants */
    uint8_t payload[48];
};

struct events {
    struct event *heap; /* heap[0] is the earliest */
    size_t count;
};

static inline int event_is_before(const struct event *a, const struct event *b)
{
    return a->due_ns < b->due_ns || (a->due_ns == b->due_ns && a->order < b->order);
}

static void events_push(struct events *events, const struct event *event)
{
    size_t at = events->count++;

    while (at > 0 && event_is_before(event, &events->heap[(at - 1) / 2])) {
        events->heap[at] = events->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    events->heap[at] = *event;
}

static struct event events_pop(struct events *events)
{
    struct event least = events->heap[0];
    struct event last = events->heap[--events->count];
    size_t at = 0;

    for (size_t child = 1; child < events->count; child = 2 * at + 1) {
        if (child + 1 < events->count &&
            event_is_before(&events->heap[child + 1], &events->heap[child])) {
            child++;
        }
        if (!event_is_before(&events->heap[child], &last)) {
            break;
        }
        events->heap[at] = events->heap[child];
        at = child;
    }
    events->heap[at] = last;
    return least;
}

/* Marsaglia 2003. */
static uint64_t events_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static uint64_t events_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int main(int argc, char **argv)
{
    struct events events = {.heap = NULL};
    struct event event = {.due_ns = 0};
    uint64_t random = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t began_ns;

    if (argc != 3) {
        fputs("usage: bench_events DEPTH EVENTS\n", stderr);
        return 2;
    }
    size_t depth = strtoul(argv[1], NULL, 10);
    uint64_t count = strtoull(argv[2], NULL, 10);
    events.heap = calloc(depth + 1, sizeof *events.heap);
    if (depth == 0 || events.heap == NULL) {
        fputs("bench_events: no such depth\n", stderr);
        return 3;
    }
    for (size_t i = 0; i < depth; i++) {
        event.due_ns = events_random(&random) % EVENTS_LATER_NS;
        event.order = i;
        events_push(&events, &event);
    }
    began_ns = events_clock_ns();
    for (uint64_t i = 0; i < count; i++) {
        event = events_pop(&events);
        event.due_ns += events_random(&random) % EVENTS_LATER_NS;
        event.order = depth + i;
        events_push(&events, &event);
    }
    printf("%llu %llu\n", (unsigned long long)count,
           (unsigned long long)(events_clock_ns() - began_ns));
    free(events.heap);
    return 0;
}
