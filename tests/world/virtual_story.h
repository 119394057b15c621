/* Runs of a scenario in the virtual world, from its text, with what they left behind. */
#ifndef TESTS_WORLD_VIRTUAL_STORY_H
#define TESTS_WORLD_VIRTUAL_STORY_H

#include <stdio.h>
#include <string.h>

#include "harness.h"

#include "base/time.h"
#include "scenario/scenario.h"
#include "trace/record.h"
#include "verdict/verdict.h"
#include "world/run.h"

#define MS(count) ((count)*NS_PER_MS)

struct story {
    struct scenario scenario;
    struct verdict verdict;
    struct run_facts facts;
};

/* Runs the scenario of this text with these options. */
static inline void story_run_as(struct story *story, const char *text,
                                const struct run_options *options)
{
    struct scenario_overrides overrides = {.world_given = true, .world = WORLD_VIRTUAL};
    struct scenario_messages messages = {.items = NULL};
    char error[RUN_ERROR_MAX];
    bool good = scenario_parse(&story->scenario, "test", text, strlen(text), &overrides, &messages);

    for (uint32_t i = 0; !good && i < messages.count; i++) {
        printf("%s", messages.items[i].text);
    }
    CU_ASSERT_FATAL(good);
    scenario_messages_free(&messages);
    CU_ASSERT_EQUAL_FATAL(
        run_scenario(&story->scenario, options, &story->verdict, &story->facts, error), 0);
}

/* Every record goes to `sink` too, if it has a take. */
static inline void story_run_to(struct story *story, const char *text, struct trace_sink sink)
{
    struct run_options options = {.keep_requests = true, .events = sink};

    story_run_as(story, text, &options);
}

static inline void story_run(struct story *story, const char *text)
{
    story_run_to(story, text, (struct trace_sink){.take = NULL});
}

static inline void story_free(struct story *story)
{
    verdict_free(&story->verdict);
    run_facts_free(&story->facts);
    scenario_free(&story->scenario);
}

static inline uint32_t story_node(const struct story *story, const char *name)
{
    uint32_t node = scenario_find_node(&story->scenario, name, strlen(name));

    CU_ASSERT_NOT_EQUAL_FATAL(node, NODE_NONE);
    return node;
}

/* The value of a metric; it must exist. */
static inline double story_metric(const struct story *story, enum metric metric)
{
    double value = -1;

    CU_ASSERT_TRUE(verdict_metric(&story->verdict, &story->facts, metric, &value));
    return value;
}

/* Request n of `client`; it must have ended. */
static inline struct request_result story_request(const struct story *story, const char *client,
                                                  uint32_t n)
{
    uint32_t node = story_node(story, client);

    for (uint64_t i = 0; i < story->verdict.request_count; i++) {
        const struct request_result *request = &story->verdict.requests[i];
        if (request->client == node && request->n == n) {
            return *request;
        }
    }
    CU_FAIL_FATAL("no such request");
    return (struct request_result){0};
}

/* Asserts that no promise was broken, and says which were. */
static inline void story_expect_promises_kept(const struct story *story)
{
    for (int promise = 0; promise < PROMISE_COUNT; promise++) {
        const struct promise_result *result = &story->verdict.promises[promise];
        CU_ASSERT_NOT_EQUAL(result->verdict, PROMISE_BROKEN);
        if (result->verdict == PROMISE_BROKEN) {
            printf("%s: %s\n", promise_name((enum promise)promise), result->detail);
        }
    }
}

#endif
