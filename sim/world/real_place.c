#include "world/real_place.h"

#include <stdio.h>
#include <string.h>

/* The set's processor number `rank` (from 0), -1 if it has not so many. */
static int real_place_nth(const cpu_set_t *set, int rank)
{
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET((size_t)cpu, set) && rank-- == 0) {
            return cpu;
        }
    }
    return -1;
}

static cpu_set_t real_place_one(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    return set;
}

/* "0-3,8" */
static void real_place_list(char *text, size_t capacity, const cpu_set_t *set)
{
    size_t used = 0;

    text[0] = '\0';
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        int last = cpu;
        if (!CPU_ISSET((size_t)cpu, set)) {
            continue;
        }
        while (last + 1 < CPU_SETSIZE && CPU_ISSET((size_t)last + 1, set)) {
            last++;
        }
        int wrote = snprintf(text + used, capacity - used, last > cpu ? "%s%d-%d" : "%s%d",
                             used > 0 ? "," : "", cpu, last);
        if (wrote < 0 || (size_t)wrote >= capacity - used) {
            text[used] = '\0';
            return;
        }
        used += (size_t)wrote;
        cpu = last;
    }
}

/* Whether the run only waits for its own threads, never for the clock: no delays, no losses, no
 * service times. */
static bool real_place_is_busy(const struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->server_count; i++) {
        if (scenario->servers[i].service_ns > 0 || scenario->servers[i].jitter_ns > 0) {
            return false;
        }
    }
    return scenario->rule_count == 0;
}

void real_place_choose(struct real_place *place, const struct scenario *scenario,
                       const cpu_set_t *allowed, bool given, bool spin)
{
    int count = CPU_COUNT(allowed);
    char list[96];

    place->broker = place->servers = place->clients = *allowed;
    real_place_list(list, sizeof list, allowed);
    if (given || count == 1) {
        snprintf(place->text, sizeof place->text, "%u threads on cpu%s %s%s", scenario->node_count,
                 count == 1 ? "" : "s", list, given ? " (--cpus)" : "");
    } else if (spin) {
        /* A spinning thread must not take the core from the one it waits for. */
        snprintf(place->text, sizeof place->text, "%u threads on cpus %s, spinning",
                 scenario->node_count, list);
    } else if (scenario->client_count < REAL_PLACE_SPREAD_CLIENTS && real_place_is_busy(scenario)) {
        place->broker = place->servers = place->clients =
            real_place_one(real_place_nth(allowed, count - 1));
        snprintf(place->text, sizeof place->text, "%u threads on one core (cpu %d of %s)",
                 scenario->node_count, real_place_nth(allowed, count - 1), list);
    } else {
        snprintf(place->text, sizeof place->text, "%u threads on cpus %s", scenario->node_count,
                 list);
    }
}

const cpu_set_t *real_place_of(const struct real_place *place, enum node_kind kind)
{
    switch (kind) {
    case NODE_KIND_BROKER:
        return &place->broker;
    case NODE_KIND_SERVER:
        return &place->servers;
    case NODE_KIND_CLIENT:
        break;
    }
    return &place->clients;
}

int real_place_single(const cpu_set_t *set)
{
    return CPU_COUNT(set) == 1 ? real_place_nth(set, 0) : -1;
}
