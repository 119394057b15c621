/* A scenario from its text, for tests that need one as a user would write it. */
#ifndef TESTS_VERDICT_PARSED_H
#define TESTS_VERDICT_PARSED_H

#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "scenario/scenario.h"

/* Reads the text; it must be right. */
static inline void parsed_init(struct scenario *scenario, const char *text)
{
    struct scenario_overrides none = {.sets = NULL};
    struct scenario_messages messages = {.items = NULL};
    bool good = scenario_parse(scenario, "test", text, strlen(text), &none, &messages);

    for (uint32_t i = 0; !good && i < messages.count; i++) {
        printf("%s", messages.items[i].text);
    }
    CU_ASSERT_FATAL(good);
    scenario_messages_free(&messages);
}

#endif
