#include "shim/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "base/time.h"

/* The first growth of a queue. */
#define MEMORY_QUEUE_FIRST 16

#define MEMORY_BITS_PER_OCTET 8

bool memory_is_needed(const struct scenario *scenario, uint32_t link)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        if (rule->kind == RULE_FAULTS && fault_set_memory(&rule->faults) != NULL &&
            scenario_in_bitmap(rule->links, link)) {
            return true;
        }
    }
    return false;
}

struct link_memory *memory_make(const struct scenario *scenario, uint32_t link)
{
    struct link_memory *memory = calloc(1, sizeof *memory);

    if (memory == NULL || heap_init(&memory->queue, 0, false) != 0) {
        free(memory);
        return NULL;
    }
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        memory->queues |= rule->kind == RULE_FAULTS && rule->faults.limit > 0 &&
                          scenario_in_bitmap(rule->links, link);
    }
    return memory;
}

void memory_free(struct link_memory *memory)
{
    if (memory != NULL) {
        heap_free(&memory->queue);
        free(memory);
    }
}

void memory_update(struct link_memory *memory, const struct fault_set *before,
                   const struct fault_set *set)
{
    if (set->chain != before->chain) {
        memory->state = set->chain != NULL && set->chain->model == LOSS_STATE ? 1 : 0;
    }
    memory->known[MEMORY_LOSS] &= set->loss_same_q63 == before->loss_same_q63;
    memory->known[MEMORY_DUPLICATE] &= set->duplicate_same_q63 == before->duplicate_same_q63;
    memory->known[MEMORY_DELAY] &= set->delay_same_q63 == before->delay_same_q63;
    memory->known[MEMORY_REORDER] &= set->reorder_same_q63 == before->reorder_same_q63;
    if (set->reorder_gap != before->reorder_gap) {
        memory->since = 0;
    }
    if (!set->ordered) {
        memory->ordered_ns = 0;
    }
    if (set->rate_bps == 0) {
        memory->departed_ns = 0;
    }
}

uint64_t memory_correlate(struct link_memory *memory, enum memory_draw draw, uint64_t fresh,
                          uint64_t again, uint64_t same_q63, bool original)
{
    uint64_t value = fresh;

    if (memory->known[draw] && prng_chance(again, same_q63)) {
        value = memory->last[draw];
    }
    if (original) {
        memory->last[draw] = value;
        memory->known[draw] = true;
    }
    return value;
}

/* ---- losses ---------------------------------------------------------------------------------- */

/* One draw, two ways to go: with p to `there`, with q to `elsewhere`, else nowhere. */
static uint8_t memory_go(uint64_t random, uint64_t p_q63, uint8_t there, uint64_t q_q63,
                         uint8_t elsewhere, uint8_t here)
{
    if (prng_chance(random, p_q63)) {
        return there;
    }
    return prng_chance(random, p_q63 + q_q63) ? elsewhere : here;
}

static uint8_t memory_next_state(const struct loss_chain *chain, uint8_t state, uint64_t random)
{
    switch (state) {
    case 1:
        return memory_go(random, chain->p13_q63, 3, chain->p14_q63, 4, 1);
    case 2:
        return memory_go(random, chain->p23_q63, 3, 0, 2, 2);
    case 3:
        return memory_go(random, chain->p31_q63, 1, chain->p32_q63, 2, 3);
    default:
        return 1; /* from 4, where a datagram is lost alone */
    }
}

/* As netem does it: the state that the datagram finds decides, and then moves on. */
static uint64_t memory_step_gemodel(struct link_memory *memory, const struct loss_chain *chain,
                                    uint64_t moves, bool original)
{
    bool bad = memory->state == 1;

    if (original && prng_chance(moves, bad ? chain->r_q63 : chain->p_q63)) {
        memory->state = bad ? 0 : 1;
    }
    return bad ? chain->bad_loss_q63 : chain->good_loss_q63;
}

uint64_t memory_step_chain(struct link_memory *memory, const struct loss_chain *chain,
                           uint64_t moves, bool original)
{
    switch (chain->model) {
    case LOSS_GEMODEL:
    case LOSS_BURST:
        return memory_step_gemodel(memory, chain, moves, original);
    case LOSS_STATE:
        if (original) {
            memory->state = memory_next_state(chain, memory->state, moves);
        }
        return memory->state >= 3 ? PROBABILITY_ONE : 0;
    }
    return 0;
}

/* ---- order ----------------------------------------------------------------------------------- */

bool memory_step_reorder(struct link_memory *memory, uint32_t gap, bool hit, bool original)
{
    bool at_once = memory->since >= gap - 1 && hit;

    if (original) {
        memory->since = at_once ? 0 : memory->since + (memory->since < gap - 1);
    }
    return at_once;
}

uint64_t memory_order_ns(struct link_memory *memory, uint64_t due_ns)
{
    if (due_ns > memory->ordered_ns) {
        memory->ordered_ns = due_ns;
    }
    return memory->ordered_ns;
}

uint64_t memory_line_ns(struct link_memory *memory, uint64_t due_ns, uint64_t rate_bps,
                        uint32_t size)
{
    __extension__ typedef unsigned __int128 wide;
    uint64_t bits = (uint64_t)(size + FAULT_HEADERS_BYTES) * MEMORY_BITS_PER_OCTET;
    wide span_ns = (wide)bits * NS_PER_S / rate_bps;
    uint64_t free_ns = due_ns > memory->departed_ns ? due_ns : memory->departed_ns;

    memory->departed_ns = time_add(free_ns, (uint64_t)span_ns);
    return memory->departed_ns;
}

/* ---- the queue ------------------------------------------------------------------------------- */

/* What was to leave the link by now has left it. */
static void memory_drain(struct link_memory *memory, uint64_t now_ns)
{
    while (heap_due_ns(&memory->queue) <= now_ns) {
        (void)heap_pop(&memory->queue);
    }
}

bool memory_is_full(struct link_memory *memory, uint64_t now_ns, uint32_t limit)
{
    memory_drain(memory, now_ns);
    return memory->queue.count >= limit;
}

bool memory_hold(struct link_memory *memory, uint64_t now_ns, uint64_t due_ns)
{
    struct heap *queue = &memory->queue;

    memory_drain(memory, now_ns);
    if (queue->count == queue->capacity &&
        heap_reserve(queue, queue->capacity == 0 ? MEMORY_QUEUE_FIRST : 2 * queue->capacity) != 0) {
        return false;
    }
    heap_push(queue, due_ns, 0, 0);
    return true;
}
