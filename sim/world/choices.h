/* What the network did in a run, as choices that can be replayed one by one (scenario/fault.h). */
#ifndef WORLD_CHOICES_H
#define WORLD_CHOICES_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "trace/record.h"

struct choices {
    const struct scenario *scenario;
    struct fault_choice *items; /* owned; in the order in which they happened */
    uint32_t count;
    uint32_t capacity;
    uint32_t *positions; /* owned; of each link: originals sent so far */
    bool *spread;        /* owned; of each link: its delays may be drawn */
    bool failed;         /* memory ran out: the list is not complete */
};

/* None yet. Returns 0 or -ENOMEM. */
int choices_init(struct choices *choices, const struct scenario *scenario);
void choices_free(struct choices *choices);

/* A trace_sink's take: gathers what chance decided (losses, copies, damage, delays where they may
 * be drawn).
 */
void choices_take(void *choices, const struct trace_record *record, const uint8_t *bytes);

/* The datagram of a SEND or DUPLICATED record, as a choice of the kind. `position`: of the original
 * on its link, for those that go by order. */
struct fault_choice choices_of_record(const struct trace_record *record, uint32_t position,
                                      enum fault_choice_kind kind);

/* Adds one at the end; false: no memory. */
bool choices_add(struct choices *choices, const struct fault_choice *choice);

#endif
