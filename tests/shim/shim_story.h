/* One link of a scenario as a user would write it, for tests of what it does to datagrams. */
#ifndef TESTS_SHIM_STORY_H
#define TESTS_SHIM_STORY_H

#include <stdio.h>
#include <string.h>

#include "harness.h"

#include "base/time.h"
#include "scenario/scenario.h"
#include "shim/link.h"
#include "trace/record.h"

/* Datagrams of a statistic, and what it may be wrong by chance with. */
#define STORY_TRIALS UINT32_C(100000)
#define STORY_ALPHA  1e-6

/* Octets of each datagram. */
#define STORY_SIZE UINT32_C(100)

struct story {
    struct scenario scenario;
    struct link link;
};

/* Reads a scenario, which must be right. */
static inline void story_parse(struct scenario *scenario, const char *text)
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

/* A node by its name; it must be there. */
static inline uint32_t story_node(const struct scenario *scenario, const char *name)
{
    uint32_t node = scenario_find_node(scenario, name, strlen(name));

    CU_ASSERT_NOT_EQUAL_FATAL(node, NODE_NONE);
    return node;
}

/* The link `from` -> `to` of the scenario, at instant 0. */
static inline void story_init(struct story *story, const char *text, const char *from,
                              const char *to)
{
    story_parse(&story->scenario, text);
    uint32_t link =
        scenario_link(story_node(&story->scenario, from), story_node(&story->scenario, to));
    CU_ASSERT_EQUAL_FATAL(link_init(&story->link, &story->scenario, link, NULL), 0);
}

static inline void story_free(struct story *story)
{
    link_free(&story->link);
    scenario_free(&story->scenario);
}

/* Hands the link a datagram of `client`'s request n, at `now_ns`. */
static inline struct link_fates story_submit_at(struct story *story, uint64_t now_ns,
                                                const char *client, uint32_t n, unsigned try)
{
    struct link_identity identity = {
        .client = story_node(&story->scenario, client), .n = n, .try = try};
    struct link_fates fates = {.count = 0};

    link_submit(&story->link, now_ns, &identity, STORY_SIZE, &fates);
    return fates;
}

/* The same at instant 0, for client c1. */
static inline struct link_fates story_submit(struct story *story, uint32_t n, unsigned try)
{
    return story_submit_at(story, 0, "c1", n, try);
}

/* A datagram that is nobody's: plain or raw. */
static inline struct link_fates story_submit_plain(struct story *story)
{
    struct link_identity identity = {.client = TRACE_NOBODY};
    struct link_fates fates = {.count = 0};

    link_submit(&story->link, 0, &identity, STORY_SIZE, &fates);
    return fates;
}

/* Whether a copy (0: the original) is there and was not lost. */
static inline bool story_passes(const struct link_fates *fates, unsigned copy)
{
    return copy < fates->count && fates->copies[copy].lost == LOSS_NONE;
}

/* Whether two datagrams had the same fate in everything. */
static inline bool story_same(const struct link_fates *a, const struct link_fates *b)
{
    bool same = a->count == b->count && a->carriage == b->carriage;

    for (uint32_t i = 0; same && i < a->count; i++) {
        same = a->copies[i].lost == b->copies[i].lost &&
               a->copies[i].due_ns == b->copies[i].due_ns && a->copies[i].cut == b->copies[i].cut &&
               a->copies[i].flip == b->copies[i].flip;
    }
    return same;
}

#endif
