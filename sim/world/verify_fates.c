#include "world/verify_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/prng.h"
#include "world/choices.h"

/* Fates that are remembered of one run. */
#define VERIFY_FATES_MAX (1u << 26)

int verify_fates_init(struct verify_fates *fates)
{
    *fates = (struct verify_fates){0};
    return map_init(&fates->index, VERIFY_FATES_MAX);
}

void verify_fates_free(struct verify_fates *fates)
{
    free(fates->items);
    map_free(&fates->index);
}

static uint64_t verify_key(const struct fault_choice *who)
{
    uint64_t key = prng_draw(who->link, (uint64_t)who->client << 32 | who->n);
    return prng_draw(key, (uint64_t)who->carriage << 16 | (uint64_t)who->try << 8 | who->copy);
}

static void verify_add_fate(struct verify_fates *fates, const struct verify_fate *fate)
{
    if (fates->count == fates->capacity) {
        void *grown = array_grow(fates->items, &fates->capacity, sizeof *fates->items, 1024);
        if (grown == NULL) {
            fates->failed = true;
            return;
        }
        fates->items = grown;
    }
    if (!map_put(&fates->index, verify_key(&fate->who), fates->count)) {
        fates->failed = true;
        return;
    }
    fates->items[fates->count++] = *fate;
}

void verify_fates_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct verify_sink *sink = context;
    struct verify_fate fate = {.lost = record->reason};

    (void)bytes;
    if (record->event != TRACE_SEND && record->event != TRACE_DUPLICATED) {
        return;
    }
    fate.who = choices_of_record(record, 0, CHOICE_LOSE);
    fate.delay_ns = record->reason == LOSS_NONE ? record->due_ns - record->t_ns : 0;
    if (fate.who.client == UINT32_MAX || sink->link_exempt[fate.who.link]) {
        sink->left_out++;
        return;
    }
    verify_add_fate(sink->fates, &fate);
}

static void verify_say_fate(struct verify *verify, const struct verify_fate *a,
                            const struct verify_fate *b)
{
    const struct scenario_node *nodes = verify->scenario->nodes;
    const struct fault_choice *who = &a->who;

    if (verify->result->difference[0] != '\0') {
        return;
    }
    snprintf(
        verify->result->difference, sizeof verify->result->difference,
        "%s/%u try %u, %s -> %s (carriage %u, copy %u): virtual %s after %llu ns, real %s after "
        "%llu ns",
        nodes[who->client].name, who->n, who->try, nodes[scenario_link_from(who->link)].name,
        nodes[scenario_link_to(who->link)].name, who->carriage, who->copy,
        a->lost != LOSS_NONE ? "lost" : "passed", (unsigned long long)a->delay_ns,
        b->lost != LOSS_NONE ? "lost" : "passed", (unsigned long long)b->delay_ns);
}

uint64_t verify_fates_compare(struct verify *verify, struct verify_fates *expected,
                              const struct verify_fates *seen, uint32_t run)
{
    uint64_t stay = 0;

    verify->result->datagrams_compared = 0;
    for (uint32_t i = 0; i < seen->count; i++) {
        uint32_t at = map_get(&expected->index, verify_key(&seen->items[i].who));
        if (at == MAP_NONE) {
            continue; /* another try than the virtual run had: the requests' comparison tells */
        }
        struct verify_fate *fate = &expected->items[at];
        verify->result->datagrams_compared++;
        if (fate->lost == seen->items[i].lost && fate->delay_ns == seen->items[i].delay_ns) {
            continue;
        }
        fate->shown++;
        verify->result->passing++;
        if (fate->shown == run) {
            stay++;
            if (run == VERIFY_RUNS_MAX) {
                verify_say_fate(verify, fate, &seen->items[i]);
            }
        }
    }
    return stay;
}
