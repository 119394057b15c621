#include "world/swarm_parts.h"

static void swarm_correlation(struct swarm *swarm)
{
    if (swarm->memory && swarm_chance(swarm, 50)) {
        swarm_put(swarm, " %u%%", swarm_number(swarm, 1, 90));
    }
}

static void swarm_loss(struct swarm *swarm)
{
    unsigned percent = swarm_number(swarm, 1, 45);
    unsigned kind = swarm->memory ? swarm_number(swarm, 0, 3) : 0;

    if (kind == 1) {
        swarm_put(swarm, " loss gemodel %u%%", percent);
        swarm_put(swarm, " %u%%", swarm_number(swarm, 5, 100));
        swarm_put(swarm, " %u%%", swarm_number(swarm, 50, 100));
    } else if (kind == 2) {
        swarm_put(swarm, " loss burst %u%% %u", percent, swarm_number(swarm, 1, 6));
    } else if (kind == 3) {
        swarm_put(swarm, " loss state %u%%", percent);
        swarm_put(swarm, " %u%%", swarm_number(swarm, 30, 70));
        swarm_put(swarm, " %u%% 60%% 2%%", swarm_number(swarm, 0, 30));
    } else {
        swarm_put(swarm, " loss %u%%", percent);
        swarm_correlation(swarm);
    }
}

/* True: it may be overtaken. */
static bool swarm_delay(struct swarm *swarm)
{
    static const char *const SPREADS[] = {"uniform", "normal", "pareto", "paretonormal",
                                          "exponential"};
    unsigned delay_us = swarm_number(swarm, 0, 30000);

    swarm_put(swarm, " delay %uus", delay_us);
    if (swarm_chance(swarm, 60)) {
        swarm_put(swarm, " %uus", swarm_number(swarm, 1, 2 * delay_us + 1));
        swarm_correlation(swarm);
        if (swarm->spread && swarm_chance(swarm, 60)) {
            swarm_put(swarm, " distribution %s", SPREADS[swarm_number(swarm, 0, 4)]);
        }
    }
    if (swarm->spread && swarm_chance(swarm, 30)) {
        swarm_put(swarm, " ordered");
        return false;
    }
    return delay_us > 0;
}

static void swarm_damage(struct swarm *swarm)
{
    if (swarm_chance(swarm, 70)) {
        swarm_put(swarm, " corrupt %u%%", swarm_number(swarm, 1, 30));
    }
    if (swarm_chance(swarm, 40)) {
        swarm_put(swarm, " truncate %u%%", swarm_number(swarm, 1, 20));
    }
}

static void swarm_line(struct swarm *swarm)
{
    if (swarm_chance(swarm, 50)) {
        swarm_put(swarm, " rate %ukbit", swarm_number(swarm, 50, 5000));
    }
    if (swarm_chance(swarm, 50)) {
        swarm_put(swarm, " limit %u", swarm_number(swarm, 1, 20));
    }
    if (swarm_chance(swarm, 20)) {
        swarm_put(swarm, " mtu %u", swarm_number(swarm, 80, 700));
    }
}

/* Some faults of those switched on; false if none is. Where `stays`, they are there to the end of
 * the run. */
static bool swarm_faults(struct swarm *swarm, bool stays)
{
    size_t before = swarm->size;
    bool takes = !stays || !swarm->passing; /* datagrams may be kept from arriving */

    if (takes && swarm->loss && swarm_chance(swarm, 70)) {
        swarm_loss(swarm);
    }
    if (swarm->delay && swarm_chance(swarm, 70)) {
        bool overtakes = swarm_delay(swarm);
        if (overtakes && swarm->spread && swarm_chance(swarm, 30)) {
            swarm_put(swarm, " reorder %u%%", swarm_number(swarm, 1, 100));
            swarm_correlation(swarm);
            swarm_put(swarm, " gap %u", swarm_number(swarm, 1, 5));
        }
    }
    if (swarm->duplicate && swarm_chance(swarm, 70)) {
        swarm_put(swarm, " duplicate %u%%", swarm_number(swarm, 1, 60));
        swarm_correlation(swarm);
    }
    if (takes && swarm->damage && swarm_chance(swarm, 70)) {
        swarm_damage(swarm);
    }
    if (takes && swarm->line && swarm_chance(swarm, 50)) {
        swarm_line(swarm);
    }
    return swarm->size > before;
}

static void swarm_ends(struct swarm *swarm)
{
    static const char *const ENDS[] = {
        "clients -> broker", "broker -> clients",  "broker -> servers",
        "servers -> broker", "clients <-> broker", "broker <-> servers",
        "g0* -> broker",     "broker -> toupper",  "tolower -> broker"};
    swarm_put(swarm, "link %s", ENDS[swarm_number(swarm, 0, 8)]);
}

/* Faults that stay, of all links or of some; takes the line back if they are none. */
static void swarm_fault_line(struct swarm *swarm, bool network)
{
    size_t before = swarm->size;

    if (network) {
        swarm_put(swarm, "network");
    } else {
        swarm_ends(swarm);
    }
    if (swarm_faults(swarm, true)) {
        swarm_put(swarm, "\n");
    } else {
        swarm->size = before;
    }
}

static void swarm_exact_line(struct swarm *swarm)
{
    static const char *const KINDS[] = {"drop", "duplicate", "delay", "corrupt"};
    unsigned kind = swarm_number(swarm, 0, 3);
    unsigned first = swarm_number(swarm, 1, 6);

    swarm_ends(swarm);
    swarm_put(swarm, " %s", KINDS[kind]);
    if (kind == 2) {
        swarm_put(swarm, " %uus", swarm_number(swarm, 0, 200000));
    }
    switch (swarm_number(swarm, 0, 3)) {
    case 0:
        swarm_put(swarm, " %u-%u", first, first + swarm_number(swarm, 0, 3));
        break;
    case 1:
        swarm_put(swarm, " %u of each request", swarm_number(swarm, 1, 3));
        break;
    case 2:
        swarm_put(swarm, " of request %u try %u", 1u, swarm_number(swarm, 1, 3));
        break;
    default:
        swarm_put(swarm, " %u of request 1", swarm_number(swarm, 1, 3));
        break;
    }
    swarm_put(swarm, "\n");
}

static void swarm_timed_line(struct swarm *swarm)
{
    unsigned every_ms = swarm_number(swarm, 100, 400);
    size_t before = swarm->size;

    swarm_put(swarm, "at %ums", swarm_number(swarm, 0, 500));
    if (swarm_chance(swarm, 40)) {
        swarm_put(swarm, " every %ums times %u", every_ms, swarm_number(swarm, 1, 5));
    }
    if (swarm->passing || swarm_chance(swarm, 70)) {
        swarm_put(swarm, " for %ums", swarm_number(swarm, 1, every_ms - 1));
    }
    swarm_put(swarm, " ");
    swarm_ends(swarm);
    if (swarm_chance(swarm, 40)) {
        swarm_put(swarm, " down\n");
    } else if (swarm_chance(swarm, 20)) {
        swarm_put(swarm, " clear\n");
    } else if (swarm_faults(swarm, false)) {
        swarm_put(swarm, "\n");
    } else {
        swarm->size = before;
    }
}

void swarm_network(struct swarm *swarm)
{
    swarm_fault_line(swarm, true);
    for (unsigned lines = swarm_number(swarm, 0, 2); lines > 0; lines--) {
        swarm_fault_line(swarm, false);
    }
    for (unsigned lines = swarm->exact ? swarm_number(swarm, 1, 3) : 0; lines > 0; lines--) {
        swarm_exact_line(swarm);
    }
    for (unsigned lines = swarm->timed ? swarm_number(swarm, 1, 3) : 0; lines > 0; lines--) {
        swarm_timed_line(swarm);
    }
}
