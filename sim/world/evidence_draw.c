#include "world/evidence_parts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/time.h"
#include "shim/link.h"

/* Time between two datagrams: each finds the link empty. */
#define DRAW_GAP_NS NS_PER_S

/* The link, and what it made of each datagram. */
struct draw {
    struct link link;
    uint32_t client;
    struct link_fates fates[EVIDENCE_DRAWS];
};

static void draw_submit(struct draw *draw, uint64_t now_ns, uint32_t i, uint32_t size)
{
    struct link_identity identity = {.client = draw->client, .n = i + 1, .try = 1};

    link_submit(&draw->link, now_ns, &identity, size, &draw->fates[i]);
}

static bool draw_is_lost(const struct draw *draw, uint32_t i)
{
    return draw->fates[i].copies[0].lost != LOSS_NONE;
}

/* ---- shares ---------------------------------------------------------------------------------- */

/* How many datagrams count for the share. */
static uint64_t draw_count(const struct draw *draw, enum evidence_what what)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < EVIDENCE_DRAWS; i++) {
        const struct link_fates *fates = &draw->fates[i];
        const struct link_fate *fate = &fates->copies[0];
        switch (what) {
        case EVIDENCE_LOST:
            count += fate->lost != LOSS_NONE;
            break;
        case EVIDENCE_COPIED:
            count += fates->count > 1;
            break;
        case EVIDENCE_ARRIVED:
            count += fate->lost == LOSS_NONE;
            count += fates->count > 1 && fates->copies[1].lost == LOSS_NONE;
            break;
        case EVIDENCE_FLIPPED:
            count += fate->flip > 0;
            break;
        case EVIDENCE_CUT:
            count += fate->cut > 0;
            break;
        case EVIDENCE_AT_ONCE:
            count += fate->due_ns == i * DRAW_GAP_NS;
            break;
        case EVIDENCE_BURST:
        case EVIDENCE_LOST_AGAIN:
        case EVIDENCE_DELAY:
        case EVIDENCE_DELAY_LAG:
        case EVIDENCE_PLACE:
        case EVIDENCE_SPACING:
        case EVIDENCE_ROOM:
        case EVIDENCE_SIZE:
            break;
        }
    }
    return count;
}

/* ---- losses one after the other -------------------------------------------------------------- */

static double draw_mean_burst(const struct draw *draw)
{
    uint32_t lost = 0;
    uint32_t bursts = 0;

    for (uint32_t i = 0; i < EVIDENCE_DRAWS; i++) {
        lost += draw_is_lost(draw, i);
        bursts += draw_is_lost(draw, i) && (i == 0 || !draw_is_lost(draw, i - 1));
    }
    return bursts > 0 ? (double)lost / bursts : 0;
}

static double draw_lost_again(const struct draw *draw, uint32_t lag)
{
    uint32_t first = 0;
    uint32_t both = 0;

    for (uint32_t i = 0; i + lag < EVIDENCE_DRAWS; i++) {
        first += draw_is_lost(draw, i);
        both += draw_is_lost(draw, i) && draw_is_lost(draw, i + lag);
    }
    return first > 0 ? (double)both / first : 0;
}

/* ---- distributions --------------------------------------------------------------------------- */

static int draw_compare(const void *a, const void *b)
{
    double first = *(const double *)a;
    double second = *(const double *)b;

    return (first > second) - (first < second);
}

/* P(a value < x): of delays, or (set NULL) of parts of 1. */
static double draw_below(const struct fault_set *set, double x)
{
    return set != NULL ? evidence_delay_below(set, x) : x;
}

/* The largest gap between the empirical distribution of the values, which are sorted here, and the
 * asked one (Kolmogorov and Smirnov). The values are steps: a whole ns, or a bit. */
static double draw_gap(double *values, uint32_t count, const struct fault_set *set)
{
    double half = set != NULL ? 0.5 : 0.5 / (8 * EVIDENCE_SIZE_OCTETS);
    double gap = 0;

    qsort(values, count, sizeof *values, draw_compare);
    for (uint32_t i = 0, end = 0; i < count; i = end) {
        while (end < count && values[end] <= values[i]) {
            end++; /* equal values are judged together: quantiles are cut, and then they are many */
        }
        double below = draw_below(set, values[i] - half);
        double up_to = draw_below(set, values[i] + half);
        gap = fabs(below - (double)i / count) > gap ? fabs(below - (double)i / count) : gap;
        gap = fabs(up_to - (double)end / count) > gap ? fabs(up_to - (double)end / count) : gap;
    }
    return gap;
}

static double draw_delay_ns(const struct draw *draw, uint32_t i)
{
    return (double)(draw->fates[i].copies[0].due_ns - i * DRAW_GAP_NS);
}

static double draw_delay_lag(const struct draw *draw, uint32_t lag)
{
    double mean = 0;
    double variance = 0;
    double covariance = 0;

    for (uint32_t i = 0; i < EVIDENCE_DRAWS; i++) {
        mean += draw_delay_ns(draw, i) / EVIDENCE_DRAWS;
    }
    for (uint32_t i = 0; i < EVIDENCE_DRAWS; i++) {
        double off = draw_delay_ns(draw, i) - mean;
        variance += off * off;
        covariance += i + lag < EVIDENCE_DRAWS ? off * (draw_delay_ns(draw, i + lag) - mean) : 0;
    }
    return variance > 0 ? covariance / variance : 1;
}

/* Where the flipped bits are, as parts of the datagram: in the middle of each bit. */
static uint32_t draw_places(const struct draw *draw, double *values)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < EVIDENCE_DRAWS; i++) {
        const struct link_fate *fate = &draw->fates[i].copies[0];
        if (fate->flip > 0) {
            values[count++] = (fate->flip - 0.5) / (8 * EVIDENCE_SIZE_OCTETS);
        }
    }
    return count;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Sends many at instant 0. */
static double draw_at_once(struct draw *draw, enum evidence_what what)
{
    uint32_t passed = 0;
    uint64_t last_ns = 0;

    for (uint32_t i = 0; i < EVIDENCE_AT_ONCE_COUNT; i++) {
        draw_submit(draw, 0, i, EVIDENCE_SIZE_OCTETS);
        passed += !draw_is_lost(draw, i);
        last_ns = draw->fates[i].copies[0].due_ns;
    }
    if (what == EVIDENCE_ROOM) {
        return passed;
    }
    return (double)(last_ns - draw->fates[0].copies[0].due_ns) / NS_PER_MS /
           (EVIDENCE_AT_ONCE_COUNT - 1);
}

static double draw_largest(struct draw *draw)
{
    uint32_t largest = 0;

    for (uint32_t size = 1; size <= WIRE_DATAGRAM_MAX; size++) {
        draw_submit(draw, 0, size, size);
        largest = draw_is_lost(draw, size) ? largest : size;
    }
    return largest;
}

/* ---- all ------------------------------------------------------------------------------------- */

static double draw_statistic(const struct evidence *evidence, struct draw *draw, double *values,
                             const struct fault_set *asked)
{
    switch (evidence->what) {
    case EVIDENCE_LOST:
    case EVIDENCE_COPIED:
    case EVIDENCE_ARRIVED:
    case EVIDENCE_FLIPPED:
    case EVIDENCE_CUT:
    case EVIDENCE_AT_ONCE:
        return (double)draw_count(draw, evidence->what) / EVIDENCE_DRAWS;
    case EVIDENCE_BURST:
        return draw_mean_burst(draw);
    case EVIDENCE_LOST_AGAIN:
        return draw_lost_again(draw, evidence->lag);
    case EVIDENCE_DELAY:
        for (uint32_t i = 0; i < EVIDENCE_DRAWS; i++) {
            values[i] = draw_delay_ns(draw, i);
        }
        return draw_gap(values, EVIDENCE_DRAWS, asked);
    case EVIDENCE_DELAY_LAG:
        return draw_delay_lag(draw, evidence->lag);
    case EVIDENCE_PLACE:
        return draw_gap(values, draw_places(draw, values), NULL);
    case EVIDENCE_SPACING:
    case EVIDENCE_ROOM:
        return draw_at_once(draw, evidence->what);
    case EVIDENCE_SIZE:
        return draw_largest(draw);
    }
    return 0;
}

int evidence_draw(const struct evidence *evidence, const struct scenario *scenario,
                  const struct fault_set *asked, double *measured)
{
    struct draw *draw = calloc(1, sizeof *draw);
    double *values = calloc(EVIDENCE_DRAWS, sizeof *values);
    int status = -ENOMEM;
    bool apart = evidence->what != EVIDENCE_SPACING && evidence->what != EVIDENCE_ROOM &&
                 evidence->what != EVIDENCE_SIZE;

    if (draw != NULL && values != NULL) {
        draw->client = scenario->node_count - 1;
        status = link_init(&draw->link, scenario, scenario_link_to_broker(draw->client), NULL);
    }
    if (status == 0) {
        for (uint32_t i = 0; apart && i < EVIDENCE_DRAWS; i++) {
            draw_submit(draw, i * DRAW_GAP_NS, i, EVIDENCE_SIZE_OCTETS);
        }
        *measured = draw_statistic(evidence, draw, values, asked);
        link_free(&draw->link);
    }
    free(values);
    free(draw);
    return status;
}
