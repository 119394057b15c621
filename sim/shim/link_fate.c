#include "shim/link_parts.h"

#include "base/prng.h"
#include "base/time.h"
#include "shim/spread.h"

/* What a draw's draws are for. */
#define LINK_PLACE UINT64_C(1) /* where the bit or the cut is */
#define LINK_AGAIN UINT64_C(2) /* whether the latest draw comes again */

/* What the script chose for this copy, NULL if nothing of that kind. */
static const struct fault_choice *link_choice(const struct link *link,
                                              const struct link_datagram *datagram, unsigned copy,
                                              enum fault_choice_kind kind)
{
    const struct link_identity *identity = datagram->identity;
    bool known = link_has_identity(identity);
    struct fault_choice choice = {
        .kind = kind,
        .link = link->index,
        .client = known ? identity->client : UINT32_MAX,
        .n = known ? identity->n : (uint32_t)datagram->position,
        .carriage = datagram->carriage,
        .try = (uint8_t)(known ? identity->try : 0),
        .copy = (uint8_t)copy,
    };

    return fault_script_find(link->scenario->script, &choice);
}

static bool link_is_chosen(const struct link *link, const struct link_datagram *datagram,
                           unsigned copy, enum fault_choice_kind kind)
{
    return link_choice(link, datagram, copy, kind) != NULL;
}

/* ---- chance ---------------------------------------------------------------------------------- */

/* What chance says of one copy. It is asked whatever else becomes of the copy, so that every
 * original moves the link's memory on. */
struct link_chance {
    bool lost;
    bool at_once;      /* by `reorder` */
    uint64_t delay_ns; /* where it is not sent at once */
};

/* A draw that may be correlated: the copy's own, or that of the latest original again. */
static uint64_t link_draw(const struct link *link, enum link_kind kind, enum memory_draw draw,
                          uint64_t key, uint64_t same_q63, bool original)
{
    uint64_t fresh = link_draw_of(link, kind, key);

    if (same_q63 == 0) {
        return fresh;
    }
    return memory_correlate(link->past->memory, draw, fresh, prng_draw(fresh, LINK_AGAIN), same_q63,
                            original);
}

static bool link_loses(const struct link *link, uint64_t key, bool original)
{
    const struct fault_set *set = &link->faults->now.set;

    if (set->chain != NULL) {
        uint64_t moves = link_draw_of(link, LINK_KIND_CHAIN, key);
        uint64_t loss_q63 = memory_step_chain(link->past->memory, set->chain, moves, original);
        return loss_q63 == PROBABILITY_ONE ||
               (loss_q63 > 0 && prng_chance(link_draw_of(link, LINK_KIND_LOSS, key), loss_q63));
    }
    return set->loss_q63 > 0 && prng_chance(link_draw(link, LINK_KIND_LOSS, MEMORY_LOSS, key,
                                                      set->loss_same_q63, original),
                                            set->loss_q63);
}

static bool link_is_sent_at_once(const struct link *link, uint64_t key, bool original)
{
    const struct fault_set *set = &link->faults->now.set;
    bool hit;

    if (set->reorder_q63 == 0) {
        return false;
    }
    hit = prng_chance(
        link_draw(link, LINK_KIND_REORDER, MEMORY_REORDER, key, set->reorder_same_q63, original),
        set->reorder_q63);
    return set->reorder_gap == 1
               ? hit
               : memory_step_reorder(link->past->memory, set->reorder_gap, hit, original);
}

static struct link_chance link_chance_of(const struct link *link, uint64_t key, bool original)
{
    const struct fault_set *set = &link->faults->now.set;
    struct link_chance chance = {.lost = link_loses(link, key, original),
                                 .at_once = link_is_sent_at_once(link, key, original),
                                 .delay_ns = set->delay_ns};

    if (set->jitter_ns > 0) {
        chance.delay_ns = spread_delay_ns(set, link_draw(link, LINK_KIND_DELAY, MEMORY_DELAY, key,
                                                         set->delay_same_q63, original));
    }
    return chance;
}

/* ---- one copy after the other ---------------------------------------------------------------- */

/* Cuts and flips, by chance, script or exact fault. */
static void link_damage(const struct link *link, const struct link_datagram *datagram,
                        unsigned copy, uint64_t key, struct link_fate *fate)
{
    const struct fault_set *set = &link->faults->now.set;
    bool scripted = link->scenario->script != NULL;
    uint64_t cut = link_draw_of(link, LINK_KIND_TRUNCATE, key);
    uint64_t flip = link_draw_of(link, LINK_KIND_CORRUPT, key);
    bool cuts = scripted ? link_is_chosen(link, datagram, copy, CHOICE_TRUNCATE)
                         : prng_chance(cut, set->truncate_q63);
    bool flips = scripted ? link_is_chosen(link, datagram, copy, CHOICE_CORRUPT)
                          : prng_chance(flip, set->corrupt_q63);
    uint32_t size = datagram->size;

    flips = flips || (copy == 0 && link->faults->now.exact_count > 0 &&
                      link_exact(link, EXACT_CORRUPT, datagram) != NULL);
    if (cuts && size > 0) {
        uint32_t left = (uint32_t)prng_below(prng_draw(cut, LINK_PLACE), size);
        fate->cut = (uint16_t)(size - left);
        size = left;
    }
    if (flips && size > 0) {
        fate->flip = (uint16_t)(1 + prng_below(prng_draw(flip, LINK_PLACE), (uint64_t)size * 8));
    }
}

/* mtu, limit, delay and rate. `settled`: the delay is all that holds it back. */
static void link_hold(const struct link *link, uint64_t now_ns, uint32_t size, uint64_t delay_ns,
                      bool settled, struct link_fate *fate)
{
    const struct fault_set *set = &link->faults->now.set;
    struct link_memory *memory = link->past != NULL ? link->past->memory : NULL;
    uint64_t due_ns = time_add(now_ns, delay_ns);

    if (set->mtu > 0 && size + FAULT_HEADERS_BYTES > set->mtu) {
        *fate = (struct link_fate){.lost = LOSS_MTU, .due_ns = now_ns};
        return;
    }
    if (set->limit > 0 && memory_is_full(memory, now_ns, set->limit)) {
        *fate = (struct link_fate){.lost = LOSS_QUEUE, .due_ns = now_ns};
        return;
    }
    if (set->ordered && !settled) {
        due_ns = memory_order_ns(memory, due_ns);
    }
    if (set->rate_bps > 0 && !settled) {
        due_ns = memory_line_ns(memory, due_ns, set->rate_bps, size);
    }
    fate->due_ns = due_ns;
    if (memory != NULL && memory->queues && !memory_hold(memory, now_ns, due_ns)) {
        *fate = (struct link_fate){.lost = LOSS_QUEUE, .due_ns = now_ns};
    }
}

static struct link_fate link_decide_copy(const struct link *link, uint64_t now_ns,
                                         const struct link_datagram *datagram, unsigned copy,
                                         uint64_t key, const struct link_chance *chance)
{
    struct link_fate fate = {.lost = LOSS_NONE, .due_ns = now_ns};
    const struct exact_fault *exact = NULL;
    const struct fault_choice *chosen = NULL;
    uint64_t delay_ns = chance->at_once ? 0 : chance->delay_ns;
    bool lost = chance->lost;

    if (copy == 0 && link->faults->now.exact_count > 0) {
        exact = link_exact(link, EXACT_DELAY, datagram);
        if (link_exact(link, EXACT_DROP, datagram) != NULL) {
            fate.lost = LOSS_DROP;
            return fate;
        }
    }
    if (link->scenario->script != NULL) {
        lost = link_is_chosen(link, datagram, copy, CHOICE_LOSE);
        chosen = link_choice(link, datagram, copy, CHOICE_DELAY);
        delay_ns = link->faults->now.set.delay_ns;
    }
    if (chosen != NULL || exact != NULL) { /* what was chosen has all in it, the line too */
        delay_ns = chosen != NULL ? chosen->delay_ns : exact->delay_ns;
    }
    if (lost) {
        fate.lost = LOSS_LOSS;
        return fate;
    }
    if (link->faults->damages) {
        link_damage(link, datagram, copy, key, &fate);
    }
    link_hold(link, now_ns, datagram->size - fate.cut, delay_ns, chosen != NULL, &fate);
    return fate;
}

static bool link_duplicates(const struct link *link, const struct link_datagram *datagram,
                            uint64_t key)
{
    const struct fault_set *set = &link->faults->now.set;
    uint64_t draw = 0;

    if (set->duplicate_q63 > 0) { /* drawn in any case: it may be correlated */
        draw = link_draw(link, LINK_KIND_DUPLICATE, MEMORY_DUPLICATE, key, set->duplicate_same_q63,
                         true);
    }
    if (link->scenario->script != NULL
            ? link_is_chosen(link, datagram, 0, CHOICE_DUPLICATE)
            : set->duplicate_q63 > 0 && prng_chance(draw, set->duplicate_q63)) {
        return true;
    }
    return link->faults->now.exact_count > 0 && link_exact(link, EXACT_DUPLICATE, datagram) != NULL;
}

void link_decide(struct link *link, uint64_t now_ns, const struct link_datagram *datagram,
                 struct link_fates *fates)
{
    const struct link_chance none = {.delay_ns = link->faults->now.set.delay_ns};
    bool draws = link->faults->draws && link->scenario->script == NULL;
    uint64_t key = link->faults->draws || link->faults->damages ? link_copy_key(datagram, 0) : 0;
    struct link_chance chance = draws ? link_chance_of(link, key, true) : none;
    bool duplicated = link_duplicates(link, datagram, key);

    fates->count = 1;
    if (link->faults->now.set.down) {
        fates->copies[0] = (struct link_fate){.lost = LOSS_DOWN, .due_ns = now_ns};
        return;
    }
    fates->copies[0] = link_decide_copy(link, now_ns, datagram, 0, key, &chance);
    if (duplicated) {
        key = link_copy_key(datagram, 1);
        chance = draws ? link_chance_of(link, key, false) : none;
        fates->copies[1] = link_decide_copy(link, now_ns, datagram, 1, key, &chance);
        fates->count = 2;
    }
}
