#include "verdict/ledger.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

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
        ledger->free_head = ledger->requests[index].copies;
        return index;
    }
    if (ledger->touched == ledger->capacity) {
        uint32_t capacity = ledger->capacity == 0 ? LEDGER_FIRST_CAPACITY : 2 * ledger->capacity;
        struct request *requests = realloc(ledger->requests, capacity * sizeof *requests);
        if (requests == NULL) {
            return LEDGER_NONE;
        }
        ledger->requests = requests;
        ledger->capacity = capacity;
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
    ledger->requests[index] = (struct request){.client = client,
                                               .n = n,
                                               .fired_ns = TIME_NEVER,
                                               .reply_ns = TIME_NEVER,
                                               .margin_ns = UINT64_MAX,
                                               .calm_ns = TIME_NEVER,
                                               .copies = LEDGER_NONE,
                                               .result = LEDGER_NONE};
    return &ledger->requests[index];
}

void ledger_release(struct ledger *ledger, struct request *request)
{
    uint32_t index = (uint32_t)(request - ledger->requests);

    (void)map_remove(&ledger->by_number, ledger_key(request->client, request->n));
    request->n = 0;
    request->copies = ledger->free_head;
    ledger->free_head = index;
    ledger->count--;
}

/* ---- copies ---------------------------------------------------------------------------------- */

bool ledger_add_copy(struct ledger *ledger, struct request *request, uint32_t link, uint8_t try,
                     uint64_t due_ns)
{
    uint32_t index = ledger->free_copies;

    if (index != LEDGER_NONE) {
        ledger->free_copies = ledger->copies[index].next;
    } else {
        if (ledger->copies_touched == ledger->copy_capacity) {
            uint32_t capacity =
                ledger->copy_capacity == 0 ? LEDGER_FIRST_CAPACITY : 2 * ledger->copy_capacity;
            struct ledger_copy *copies = realloc(ledger->copies, capacity * sizeof *copies);
            if (copies == NULL) {
                return false;
            }
            ledger->copies = copies;
            ledger->copy_capacity = capacity;
        }
        index = ledger->copies_touched++;
    }
    ledger->copies[index] =
        (struct ledger_copy){.due_ns = due_ns, .link = link, .next = request->copies, .try = try};
    request->copies = index;
    ledger->copy_count++;
    return true;
}

/* Where the request's list names the copy of this link and try that is due first; NULL: nowhere. */
static uint32_t *ledger_least_copy(const struct ledger *ledger, uint32_t *list, uint32_t link,
                                   uint8_t try)
{
    uint32_t *least = NULL;

    for (uint32_t *at = list; *at != LEDGER_NONE; at = &ledger->copies[*at].next) {
        const struct ledger_copy *copy = &ledger->copies[*at];
        if (copy->link == link && copy->try == try &&
            (least == NULL || copy->due_ns < ledger->copies[*least].due_ns)) {
            least = at;
        }
    }
    return least;
}

uint64_t ledger_next_due_ns(const struct ledger *ledger, const struct request *request,
                            uint32_t link, uint8_t try)
{
    uint32_t list = request->copies;
    const uint32_t *least = ledger_least_copy(ledger, &list, link, try);

    return least == NULL ? TIME_NEVER : ledger->copies[*least].due_ns;
}

bool ledger_take_copy(struct ledger *ledger, struct request *request, uint32_t link, uint8_t try,
                      uint64_t *due_ns)
{
    uint32_t *least = ledger_least_copy(ledger, &request->copies, link, try);

    if (least == NULL) {
        return false;
    }
    uint32_t index = *least;
    *due_ns = ledger->copies[index].due_ns;
    *least = ledger->copies[index].next;
    ledger->copies[index].next = ledger->free_copies;
    ledger->free_copies = index;
    ledger->copy_count--;
    return true;
}
