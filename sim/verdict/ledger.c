#include "verdict/ledger.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/time.h"

#define LEDGER_FIRST_CAPACITY 256
#define LEDGER_CAPACITY_MAX   (UINT32_C(1) << 29)

int ledger_init(struct ledger *ledger)
{
    *ledger =
        (struct ledger){.free_head = LEDGER_NONE, .found = LEDGER_NONE, .free_copies = LEDGER_NONE};
    return map_init(&ledger->by_number, LEDGER_FIRST_CAPACITY);
}

void ledger_free(struct ledger *ledger)
{
    free(ledger->requests);
    free(ledger->copies);
    map_free(&ledger->by_number);
    *ledger = (struct ledger){0};
}

static uint64_t ledger_key(uint32_t client, uint32_t n)
{
    return (uint64_t)client << 32 | n;
}

struct request *ledger_find(struct ledger *ledger, uint32_t client, uint32_t n)
{
    if (ledger->found != LEDGER_NONE) {
        struct request *request = &ledger->requests[ledger->found];
        if (request->n == n && request->client == client) {
            return request;
        }
    }
    uint32_t index = map_get(&ledger->by_number, ledger_key(client, n));
    if (index == MAP_NONE) {
        return NULL;
    }
    ledger->found = index;
    return &ledger->requests[index];
}

/* ---- requests -------------------------------------------------------------------------------- */

/* A map for twice as many, with all that is in the present one. */
static bool ledger_grow_map(struct ledger *ledger)
{
    struct map larger;

    if (ledger->by_number.capacity >= LEDGER_CAPACITY_MAX ||
        map_init(&larger, 2 * ledger->by_number.capacity) != 0) {
        return false;
    }
    for (uint32_t i = 0; i < ledger->touched; i++) {
        const struct request *request = &ledger->requests[i];
        if (request->n != 0) {
            (void)map_put(&larger, ledger_key(request->client, request->n), i);
        }
    }
    map_free(&ledger->by_number);
    ledger->by_number = larger;
    return true;
}

/* The index of a free slot, LEDGER_NONE without memory. */
static uint32_t ledger_take_slot(struct ledger *ledger)
{
    if (ledger->free_head != LEDGER_NONE) {
        uint32_t index = ledger->free_head;
        ledger->free_head = ledger->requests[index].first.next;
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
    if (ledger->by_number.count == ledger->by_number.capacity && !ledger_grow_map(ledger)) {
        return NULL;
    }
    uint32_t index = ledger_take_slot(ledger);
    if (index == LEDGER_NONE) {
        return NULL;
    }
    assert(map_get(&ledger->by_number, ledger_key(client, n)) == MAP_NONE);
    bool put = map_put(&ledger->by_number, ledger_key(client, n), index);
    assert(put);
    (void)put;

    ledger->count++;
    ledger->count_max = ledger->count > ledger->count_max ? ledger->count : ledger->count_max;
    ledger->found = index;
    ledger->requests[index] =
        (struct request){.client = client,
                         .n = n,
                         .fired_ns = TIME_NEVER,
                         .reply_ns = TIME_NEVER,
                         .margin_ns = UINT64_MAX,
                         .calm_ns = TIME_NEVER,
                         .first = {.next = LEDGER_NONE, .link = LEDGER_NO_LINK},
                         .result = LEDGER_NONE};
    return &ledger->requests[index];
}

void ledger_release(struct ledger *ledger, struct request *request)
{
    uint32_t index = (uint32_t)(request - ledger->requests);

    (void)map_remove(&ledger->by_number, ledger_key(request->client, request->n));
    request->n = 0;
    request->first.next = ledger->free_head;
    ledger->free_head = index;
    ledger->count--;
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

bool ledger_add_copy(struct ledger *ledger, struct request *request, uint32_t link, uint8_t try,
                     uint64_t due_ns)
{
    struct ledger_copy *first = &request->first;

    assert(link < LEDGER_NO_LINK);
    if (first->link != LEDGER_NO_LINK) { /* the one before makes room */
        uint32_t index = ledger_take_copy_slot(ledger);
        if (index == LEDGER_NONE) {
            return false;
        }
        ledger->copies[index] = *first;
        first->next = index;
    }
    first->due_ns = due_ns;
    first->link = link & LEDGER_NO_LINK;
    first->try = try;
    ledger->copy_count++;
    return true;
}

static bool ledger_is_meant(const struct ledger_copy *copy, uint32_t link, uint8_t try)
{
    return copy->link == link && copy->try == try;
}

/* The request's copy of this link and try that is due first: *before is what names it, NULL if it
 * is the request's first. NULL: none is on its way. */
static const struct ledger_copy *ledger_least_copy(const struct ledger *ledger,
                                                   const struct request *request, uint32_t link,
                                                   uint8_t try, const struct ledger_copy **before)
{
    const struct ledger_copy *least = NULL;
    const struct ledger_copy *previous = NULL;
    const struct ledger_copy *at = &request->first;

    while (at->link != LEDGER_NO_LINK) {
        if (ledger_is_meant(at, link, try) && (least == NULL || at->due_ns < least->due_ns)) {
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
                            uint32_t link, uint8_t try)
{
    const struct ledger_copy *before;
    const struct ledger_copy *least = ledger_least_copy(ledger, request, link, try, &before);

    return least == NULL ? TIME_NEVER : least->due_ns;
}

bool ledger_take_copy(struct ledger *ledger, struct request *request, uint32_t link, uint8_t try,
                      uint64_t *due_ns)
{
    struct ledger_copy *first = &request->first;
    const struct ledger_copy *before = NULL;
    const struct ledger_copy *least = ledger_least_copy(ledger, request, link, try, &before);

    if (least == NULL) {
        return false;
    }
    *due_ns = least->due_ns;
    ledger->copy_count--;
    uint32_t freed = before == NULL ? first->next : before->next;
    if (before == NULL && freed == LEDGER_NONE) {
        first->link = LEDGER_NO_LINK;
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
