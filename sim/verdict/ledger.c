#include "verdict/ledger.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/time.h"

_Static_assert(sizeof(struct request) == 128, "two lines of a cache");

#define LEDGER_FIRST_CAPACITY 256
#define LEDGER_CAPACITY_MAX   (UINT32_C(1) << 29)

/* Empty buckets, `count` of them; NULL: no memory. */
static uint32_t *ledger_make_buckets(uint32_t count)
{
    uint32_t *buckets = malloc(count * sizeof *buckets);

    for (uint32_t i = 0; buckets != NULL && i < count; i++) {
        buckets[i] = LEDGER_NONE;
    }
    return buckets;
}

int ledger_init(struct ledger *ledger)
{
    *ledger = (struct ledger){.free_head = LEDGER_NONE,
                              .free_copies = LEDGER_NONE,
                              .nobodys = {.client = LEDGER_NONE,
                                          .n = LEDGER_NONE,
                                          .first = {.next = LEDGER_NONE, .way = LEDGER_NONE},
                                          .calm_ns = TIME_NEVER,
                                          .fired_ns = TIME_NEVER,
                                          .reply_ns = TIME_NEVER,
                                          .margin_ns = UINT64_MAX}};
    ledger->latest = &ledger->nobodys;
    ledger->buckets = ledger_make_buckets(LEDGER_FIRST_CAPACITY);
    ledger->bucket_mask = LEDGER_FIRST_CAPACITY - 1;
    return ledger->buckets != NULL ? 0 : -ENOMEM;
}

void ledger_free(struct ledger *ledger)
{
    free(ledger->requests);
    free(ledger->copies);
    free(ledger->buckets);
    *ledger = (struct ledger){0};
}

/* ---- requests -------------------------------------------------------------------------------- */

static void ledger_put(struct ledger *ledger, struct request *request)
{
    uint32_t *bucket = ledger_bucket(ledger, request->client, request->n);

    request->next = *bucket;
    *bucket = (uint32_t)(request - ledger->requests);
}

/* Twice the buckets, the same requests. False, and nothing changed: no memory. */
static bool ledger_add_buckets(struct ledger *ledger)
{
    uint32_t count = 2 * (ledger->bucket_mask + 1);
    uint32_t *buckets = count <= LEDGER_CAPACITY_MAX ? ledger_make_buckets(count) : NULL;

    if (buckets == NULL) {
        return false;
    }
    free(ledger->buckets);
    ledger->buckets = buckets;
    ledger->bucket_mask = count - 1;
    for (uint32_t i = 0; i < ledger->touched; i++) {
        if (ledger->requests[i].n != 0) {
            ledger_put(ledger, &ledger->requests[i]);
        }
    }
    return true;
}

/* The index of a free slot, LEDGER_NONE without memory. */
static uint32_t ledger_take_slot(struct ledger *ledger)
{
    if (ledger->free_head != LEDGER_NONE) {
        uint32_t index = ledger->free_head;
        ledger->free_head = ledger->requests[index].next;
        return index;
    }
    if (ledger->touched == ledger->capacity) {
        void *grown = array_grow(ledger->requests, &ledger->capacity, sizeof *ledger->requests,
                                 LEDGER_FIRST_CAPACITY);
        if (grown == NULL) {
            return LEDGER_NONE;
        }
        ledger->requests = grown;
    }
    return ledger->touched++;
}

struct request *ledger_open(struct ledger *ledger, uint32_t client, uint32_t n)
{
    assert(ledger_find(ledger, client, n) == NULL);
    if (ledger->count > ledger->bucket_mask && !ledger_add_buckets(ledger)) {
        return NULL;
    }
    uint32_t index = ledger_take_slot(ledger);
    if (index == LEDGER_NONE) {
        return NULL;
    }
    ledger->count++;
    ledger->count_max = ledger->count > ledger->count_max ? ledger->count : ledger->count_max;
    struct request *request = &ledger->requests[index];
    *request = ledger->nobodys;
    request->client = client;
    request->n = n;
    ledger_put(ledger, request);
    ledger->latest = request;
    return request;
}

void ledger_release(struct ledger *ledger, struct request *request)
{
    uint32_t index = (uint32_t)(request - ledger->requests);
    uint32_t *before = ledger_bucket(ledger, request->client, request->n);

    while (*before != index) {
        before = &ledger->requests[*before].next;
    }
    *before = request->next;
    request->n = 0;
    request->next = ledger->free_head;
    ledger->free_head = index;
    ledger->count--;
    if (ledger->latest == request) {
        ledger->latest = &ledger->nobodys;
    }
}

/* ---- copies ---------------------------------------------------------------------------------- */

/* A place for a copy that is not the only one; LEDGER_NONE: no memory. */
static uint32_t ledger_take_copy_slot(struct ledger *ledger)
{
    uint32_t index = ledger->free_copies;

    if (index != LEDGER_NONE) {
        ledger->free_copies = ledger->copies[index].next;
        return index;
    }
    if (ledger->copies_touched == ledger->copy_capacity) {
        void *grown = array_grow(ledger->copies, &ledger->copy_capacity, sizeof *ledger->copies,
                                 LEDGER_FIRST_CAPACITY);
        if (grown == NULL) {
            return LEDGER_NONE;
        }
        ledger->copies = grown;
    }
    return ledger->copies_touched++;
}

bool ledger_add_copy(struct ledger *ledger, struct request *request, uint32_t way, uint64_t due_ns)
{
    struct ledger_copy *first = &request->first;

    if (first->way != LEDGER_NONE) { /* the one before makes room */
        uint32_t index = ledger_take_copy_slot(ledger);
        if (index == LEDGER_NONE) {
            return false;
        }
        ledger->copies[index] = *first;
        first->next = index;
    }
    first->due_ns = due_ns;
    first->way = way;
    ledger->copy_count++;
    return true;
}

/* The request's copy of this way that is due first: *before is what names it, NULL if it is the
 * request's first. NULL: none is on its way. */
static const struct ledger_copy *ledger_least_copy(const struct ledger *ledger,
                                                   const struct request *request, uint32_t way,
                                                   const struct ledger_copy **before)
{
    const struct ledger_copy *least = NULL;
    const struct ledger_copy *previous = NULL;
    const struct ledger_copy *at = &request->first;

    while (at->way != LEDGER_NONE) {
        if (at->way == way && (least == NULL || at->due_ns < least->due_ns)) {
            least = at;
            *before = previous;
        }
        if (at->next == LEDGER_NONE) {
            break;
        }
        previous = at;
        at = &ledger->copies[at->next];
    }
    return least;
}

uint64_t ledger_next_due_ns(const struct ledger *ledger, const struct request *request,
                            uint32_t way)
{
    const struct ledger_copy *before;
    const struct ledger_copy *least = ledger_least_copy(ledger, request, way, &before);

    return least == NULL ? TIME_NEVER : least->due_ns;
}

bool ledger_take_copy(struct ledger *ledger, struct request *request, uint32_t way,
                      uint64_t *due_ns)
{
    struct ledger_copy *first = &request->first;
    const struct ledger_copy *before = NULL;
    const struct ledger_copy *least = ledger_least_copy(ledger, request, way, &before);

    if (least == NULL) {
        return false;
    }
    *due_ns = least->due_ns;
    ledger->copy_count--;
    uint32_t freed = before == NULL ? first->next : before->next;
    if (freed == LEDGER_NONE) { /* it was the only one */
        first->way = LEDGER_NONE;
        return true;
    }
    if (before == NULL) { /* the next one takes its place */
        *first = ledger->copies[freed];
    } else if (before == first) {
        first->next = least->next;
    } else {
        ledger->copies[before - ledger->copies].next = least->next;
    }
    ledger->copies[freed].next = ledger->free_copies;
    ledger->free_copies = freed;
    return true;
}
