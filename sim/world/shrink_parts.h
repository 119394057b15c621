/* What the parts of shrink share: shrink.c takes away choices of the network while the scenario
 * stays as it is, shrink_plan.c then takes away clients, requests, rules and choices in what is
 * written. */
#ifndef WORLD_SHRINK_PARTS_H
#define WORLD_SHRINK_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenario/write.h"
#include "world/shrink.h"

struct shrink {
    const struct scenario *scenario;
    const struct shrink_options *options;
    struct shrink_result *result;
    struct fault_choice *kept; /* owned: the smallest set so far */
    uint32_t kept_count;
    struct fault_choice *scratch;  /* owned: room for as many */
    char shown[EXPECT_FAILED_MAX]; /* how the latest text that failed did so, for people */
    bool otherwise; /* of the choices that were left out by themselves, one left another failure */
    bool stopped;   /* progress said so: no more runs */
};

/* Whether a scenario's text fails by itself in the same way. */
bool shrink_text_fails(struct shrink *shrink, const char *text, size_t size);

/* Makes these the smallest set so far. */
void shrink_keep(struct shrink *shrink, const struct fault_choice *choices, uint32_t count);

/* The text of a plan (free it); NULL: no memory. */
char *shrink_write(const struct write_plan *plan, const char *story, size_t *size);

/* Takes away what can go from what the plan writes, until nothing more can, as long as that fails
 * in the same way. The plan's choices are those of shrink->kept before and after. Nothing happens
 * if what is written does not fail to begin with. */
void shrink_plan_down(struct shrink *shrink, struct write_plan *plan);

#endif
