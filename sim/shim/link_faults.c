#include "shim/link_faults.h"

#include <stdlib.h>
#include <string.h>

void link_faults_release(struct link_faults *faults)
{
    if (faults != NULL && --faults->holders == 0) {
        free(faults->now.exact);
        free(faults);
    }
}

void link_pool_free(struct link_pool *pool)
{
    link_faults_release(pool->latest);
    pool->latest = NULL;
}

/* ---- what follows ---------------------------------------------------------------------------- */

/* Whether the set leaves every datagram alone. */
static bool link_faults_are_idle(const struct fault_set *set)
{
    uint64_t faults = set->loss_q63 | set->duplicate_q63 | set->delay_ns | set->jitter_ns |
                      set->corrupt_q63 | set->truncate_q63 | set->rate_bps | set->limit | set->mtu;

    return !set->down && set->chain == NULL && faults == 0; /* reorder is of delays */
}

/* Whether it can do no more than lose and delay, by draws that go by nothing before. */
static bool link_faults_are_simple(const struct fault_set *set)
{
    uint64_t others = set->loss_same_q63 | set->delay_same_q63 | set->duplicate_q63 |
                      set->corrupt_q63 | set->truncate_q63 | set->reorder_q63 | set->rate_bps |
                      set->limit | set->mtu;

    return !set->down && !set->ordered && set->chain == NULL && others == 0;
}

static bool link_faults_have_exact(const struct timeline_faults *faults, enum exact_kind kind)
{
    for (uint32_t i = 0; i < faults->exact_count; i++) {
        if (faults->exact[i]->kind == kind) {
            return true;
        }
    }
    return false;
}

static void link_faults_conclude(struct link_faults *faults, const struct scenario *scenario)
{
    const struct fault_set *set = &faults->now.set;
    bool exact = faults->now.exact_count > 0;
    bool scripted = scenario->script != NULL;

    faults->idle = !scripted && !exact && link_faults_are_idle(set);
    faults->simple = !scripted && !exact && link_faults_are_simple(set);
    faults->draws = set->chain != NULL ||
                    (set->loss_q63 | set->duplicate_q63 | set->jitter_ns | set->reorder_q63) != 0;
    faults->damages = (set->corrupt_q63 | set->truncate_q63) != 0 || scripted ||
                      link_faults_have_exact(&faults->now, EXACT_CORRUPT);
}

/* ---- sharing --------------------------------------------------------------------------------- */

/* Two that differ in padding alone are not shared, and that is all. */
static bool link_faults_are_same(const struct timeline_faults *a, const struct timeline_faults *b)
{
    return memcmp(&a->set, &b->set, sizeof a->set) == 0 && a->exact_count == b->exact_count &&
           (a->exact_count == 0 ||
            memcmp(a->exact, b->exact, a->exact_count * sizeof *a->exact) == 0);
}

/* Faults that nobody holds yet. NULL: no memory. */
static struct link_faults *link_faults_make(const struct scenario *scenario, uint32_t link,
                                            uint64_t now_ns)
{
    uint32_t exact_max = timeline_exact_max(scenario, link);
    struct link_faults *faults = calloc(1, sizeof *faults);

    if (faults == NULL) {
        return NULL;
    }
    if (exact_max > 0) {
        faults->now.exact = calloc(exact_max, sizeof *faults->now.exact);
        if (faults->now.exact == NULL) {
            free(faults);
            return NULL;
        }
    }
    timeline_faults_at(scenario, link, now_ns, &faults->now);
    link_faults_conclude(faults, scenario);
    return faults;
}

struct link_faults *link_faults_take(struct link_pool *pool, const struct scenario *scenario,
                                     uint32_t link, uint64_t now_ns)
{
    struct link_faults *latest = pool == NULL ? NULL : pool->latest;
    struct link_faults *made = link_faults_make(scenario, link, now_ns);

    if (made == NULL) {
        return NULL;
    }
    made->pool = pool;
    made->holders = 1;
    if (latest != NULL && link_faults_are_same(&latest->now, &made->now)) {
        link_faults_release(made);
        latest->holders++;
        return latest;
    }
    if (pool != NULL) {
        link_faults_release(latest);
        pool->latest = made;
        made->holders++;
    }
    return made;
}
