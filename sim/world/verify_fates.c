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

/* The original that was duplicated is already there: the copy comes behind it. */
static void verify_note_duplicate(struct verify_fates *fates, struct fault_choice who)
{
    uint32_t at;

    who.copy = 0;
    at = map_get(&fates->index, verify_key(&who));
    if (at != MAP_NONE) {
        fates->items[at].duplicated = true;
    }
}

void verify_fates_take(struct verify_sink *sink, const struct trace_record *record)
{
    struct verify_fate fate = {
        .lost = record->reason, .cut = record->cut > 0, .flipped = record->flip > 0};

    if (record->event != TRACE_SEND && record->event != TRACE_DUPLICATED) {
        return;
    }
    fate.who = choices_of_record(record, 0, CHOICE_LOSE);
    fate.delay_ns = record->reason == LOSS_NONE ? record->due_ns - record->t_ns : 0;
    if (fate.who.client == UINT32_MAX || sink->verify->link_exempt[fate.who.link]) {
        sink->left_out++;
        return;
    }
    if (record->event == TRACE_DUPLICATED) {
        verify_note_duplicate(sink->fates, fate.who);
    }
    verify_add_fate(sink->fates, &fate);
}

/* "passed after 1000 ns, flipped" */
static void verify_put_fate(const struct verify_fate *fate, char *text, size_t capacity)
{
    char how[64];

    if (fate->lost != LOSS_NONE) {
        snprintf(how, sizeof how, "lost (%s)", loss_reason_name((enum loss_reason)fate->lost));
    } else {
        snprintf(how, sizeof how, "passed after %llu ns", (unsigned long long)fate->delay_ns);
    }
    snprintf(text, capacity, "%s%s%s%s", how, fate->cut ? ", cut" : "",
             fate->flipped ? ", a bit flipped" : "", fate->duplicated ? ", duplicated" : "");
}

static void verify_say_fate(struct verify *verify, const struct verify_fate *a,
                            const struct verify_fate *b)
{
    const struct scenario_node *nodes = verify->scenario->nodes;
    const struct fault_choice *who = &a->who;
    char fates[2][128];

    if (verify->result->difference[0] != '\0') {
        return;
    }
    verify_put_fate(a, fates[0], sizeof fates[0]);
    verify_put_fate(b, fates[1], sizeof fates[1]);
    snprintf(verify->result->difference, sizeof verify->result->difference,
             "%s/%u try %u, %s -> %s (carriage %u, copy %u): virtual %s, real %s",
             nodes[who->client].name, who->n, who->try, nodes[scenario_link_from(who->link)].name,
             nodes[scenario_link_to(who->link)].name, who->carriage, who->copy, fates[0], fates[1]);
}

static bool verify_same_fate(const struct verify_fate *a, const struct verify_fate *b)
{
    return a->lost == b->lost && a->delay_ns == b->delay_ns && a->cut == b->cut &&
           a->flipped == b->flipped && a->duplicated == b->duplicated;
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
        if (verify_same_fate(fate, &seen->items[i])) {
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
