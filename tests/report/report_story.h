/* A small run made by hand, for the tests of the reports: a broker, two servers, two clients; ten
 * percent are lost, twenty requests, all answered but one. */
#ifndef TESTS_REPORT_STORY_H
#define TESTS_REPORT_STORY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

enum { STORY_TOUPPER = 1, STORY_TOLOWER = 2, STORY_C1 = 3, STORY_C2 = 4, STORY_NODES = 5 };
#define STORY_LINKS    8
#define STORY_REQUESTS 20

struct story {
    struct scenario scenario;
    struct verdict verdict;
    struct run_facts facts;
    struct report_run run;
    struct report_style style;

    struct scenario_node nodes[STORY_NODES];
    struct scenario_server servers[2];
    struct scenario_clients groups[1];
    struct client_step steps[1];
    struct client_text_part parts[2];
    struct scenario_rule rules[1];
    uint64_t every_link[1];
    uint64_t up_links[1]; /* clients -> broker */
    struct expectation expectations[3];
    struct expectation_result results[3];
    struct node_facts node_facts[STORY_NODES];
    struct request_result requests[2];
};

static inline void story_make_scenario(struct story *story)
{
    static const char *const names[STORY_NODES] = {"broker", "toupper", "tolower", "c1", "c2"};
    struct scenario *scenario = &story->scenario;

    for (uint32_t i = 0; i < STORY_NODES; i++) {
        story->nodes[i] = (struct scenario_node){.name = names[i],
                                                 .kind = i == 0         ? NODE_KIND_BROKER
                                                         : i < STORY_C1 ? NODE_KIND_SERVER
                                                                        : NODE_KIND_CLIENT,
                                                 .index = i == 0 || i >= STORY_C1 ? 0 : i - 1};
    }
    for (uint32_t i = 0; i < 2; i++) {
        story->servers[i] = (struct scenario_server){
            .op = i == 0 ? OP_TOUPPER : OP_TOLOWER, .workers = 1, .queue = 1024, .node = i + 1};
    }
    story->parts[0] = (struct client_text_part){
        .kind = CLIENT_TEXT_LITERAL, .bytes = (const uint8_t *)"hello ", .size = 6};
    story->parts[1] = (struct client_text_part){.kind = CLIENT_TEXT_N};
    story->steps[0] = (struct client_step){.kind = CLIENT_SEND,
                                           .count = 10,
                                           .op = "toupper",
                                           .text = {.parts = story->parts, .part_count = 2}};
    story->groups[0] = (struct scenario_clients){.prefix = "c",
                                                 .first_number = 1,
                                                 .count = 2,
                                                 .line = 6,
                                                 .policy = {.timeout_ns = 60 * NS_PER_MS,
                                                            .cap_ns = TIME_NEVER,
                                                            .tries = 4,
                                                            .factor_milli = 2000,
                                                            .backoff = BACKOFF_EXPONENTIAL},
                                                 .deadline_ns = 900 * NS_PER_MS,
                                                 .window = 1,
                                                 .steps = story->steps,
                                                 .step_count = 1,
                                                 .request_count = 10,
                                                 .first_node = STORY_C1};
    story->every_link[0] = (1u << STORY_LINKS) - 1;
    story->up_links[0] =
        1u << scenario_link_to_broker(STORY_C1) | 1u << scenario_link_to_broker(STORY_C2);
    story->rules[0] = (struct scenario_rule){.line = 4,
                                             .links = story->every_link,
                                             .faults = {.set = FAULT_LOSS | FAULT_DELAY,
                                                        .loss_q63 = PROBABILITY_ONE / 10,
                                                        .delay_ns = 2 * NS_PER_MS,
                                                        .jitter_ns = NS_PER_MS},
                                             .text = "network loss 10% delay 2ms 1ms"};
    *scenario = (struct scenario){.path = "small.txt",
                                  .description = "What if one in ten is lost?\nWatch.",
                                  .title = "A small run",
                                  .seed = 10,
                                  .time_limit_ns = 300 * NS_PER_S,
                                  .nodes = story->nodes,
                                  .node_count = STORY_NODES,
                                  .link_count = STORY_LINKS,
                                  .servers = story->servers,
                                  .server_count = 2,
                                  .broker = {.pending = 65536},
                                  .groups = story->groups,
                                  .group_count = 1,
                                  .client_count = 2,
                                  .request_count = STORY_REQUESTS,
                                  .rules = story->rules,
                                  .rule_count = 1,
                                  .expectations = story->expectations,
                                  .expectation_count = 3};
}

static inline void story_make_expectations(struct story *story)
{
    story->expectations[0] = (struct expectation){.line = 9,
                                                  .label = "everyone is served",
                                                  .text = "answered = 100%",
                                                  .metric = METRIC_ANSWERED,
                                                  .cmp = CMP_EQ,
                                                  .unit = UNIT_PERCENT,
                                                  .low = 1};
    story->expectations[1] = (struct expectation){.line = 10,
                                                  .text = "lost of clients -> broker ~ 10%",
                                                  .metric = METRIC_LOST,
                                                  .of = OF_LINKS,
                                                  .bitmap = story->up_links,
                                                  .cmp = CMP_ABOUT,
                                                  .unit = UNIT_PERCENT,
                                                  .low = 0.1,
                                                  .probability_q63 = PROBABILITY_ONE / 10};
    story->expectations[2] = (struct expectation){.line = 11,
                                                  .label = "soon",
                                                  .text = "latency.p50 < 20ms",
                                                  .metric = METRIC_LATENCY_P50,
                                                  .cmp = CMP_LT,
                                                  .unit = UNIT_NS,
                                                  .low = 20e6};
    story->results[0] = (struct expectation_result){.exists = true,
                                                    .value = 0.95,
                                                    .part = 19,
                                                    .whole = 20,
                                                    .shown = "19 of 20 (95%)",
                                                    .culprit = {.client = STORY_C2, .n = 10},
                                                    .why = "c2/10 timed out"};
    story->results[1] = (struct expectation_result){
        .held = true, .exists = true, .value = 0.125, .shown = "4 of 32 (12.5%)"};
    story->results[2] =
        (struct expectation_result){.held = true, .exists = true, .value = 8.0e6, .shown = "8 ms"};
}

/* 32 sends of requests, 29 delivered up and so on: every link's counts add up. */
static inline void story_make_counts(struct story *story)
{
    static const uint64_t sent[STORY_LINKS] = {22, 28, 0, 0, 16, 11, 16, 11};
    static const uint64_t lost[STORY_LINKS] = {2, 3, 0, 0, 1, 1, 3, 2};
    struct tally *tally = &story->verdict.tally;

    for (uint32_t i = 0; i < STORY_LINKS; i++) {
        TALLY_LINK(tally, i, sent) = sent[i];
        TALLY_LINK(tally, i, lost[LOSS_LOSS]) = lost[i];
        TALLY_LINK(tally, i, delivered) = sent[i] - lost[i];
        TALLY_LINK(tally, i, bytes) = sent[i] * 50;
    }
    TALLY_NODE(tally, NODE_BROKER, tries) = 28;
    TALLY_NODE(tally, STORY_TOUPPER, executions) = 25;
    TALLY_NODE(tally, STORY_TOUPPER, duplicate_executions) = 5;
    for (uint32_t client = STORY_C1; client <= STORY_C2; client++) {
        TALLY_NODE(tally, client, begun) = 10;
        TALLY_NODE(tally, client, answered) = client == STORY_C1 ? 10 : 9;
        TALLY_NODE(tally, client, timed_out) = client == STORY_C1 ? 0 : 1;
        TALLY_NODE(tally, client, tries) = 16;
        TALLY_NODE(tally, client, retries) = 6;
    }
    TALLY_NODE(tally, STORY_C1, replies[tally_code_index(200)]) = 10;
    TALLY_NODE(tally, STORY_C2, replies[tally_code_index(200)]) = 9;
    TALLY_NODE(tally, STORY_C1, rejected[REJECT_LATE]) = 1;
    for (uint64_t i = 0; i < 13; i++) {
        latency_add(tally->latency, (7000 + 100 * i) * NS_PER_US);
    }
    for (uint64_t i = 0; i < 4; i++) {
        latency_add(tally->latency, (67 + i) * NS_PER_MS);
    }
    latency_add(tally->latency, 188 * NS_PER_MS);
    latency_add(tally->latency, 430 * NS_PER_MS);
    story->verdict.duplicate_executions = 5;
    story->verdict.tries_histogram[1] = 13;
    story->verdict.tries_histogram[2] = 4;
    story->verdict.tries_histogram[3] = 1;
    story->verdict.tries_histogram[4] = 2;
}

static inline void story_make_verdict(struct story *story)
{
    struct verdict *verdict = &story->verdict;

    verdict->scenario = &story->scenario;
    CU_ASSERT_EQUAL_FATAL(tally_init(&verdict->tally, &story->scenario), 0);
    story_make_counts(story);
    verdict->options.keep_requests = true;
    verdict->expectations = story->results;
    verdict->requests = story->requests;
    verdict->request_count = 2;
    verdict->margin_min_ns = 3210 * NS_PER_US;
    verdict->undecided = 1;
    verdict->theory_holds = true;
    verdict->theory = (struct theory_total){.requests = 20,
                                            .answered_mean = 19.72,
                                            .tries_mean = 30.056,
                                            .datagrams_mean = 103.366,
                                            .executions_mean = 24.346,
                                            .executed_twice_mean = 3.71,
                                            .uniform = true,
                                            .each = {.hop_loss = {0.1, 0.1, 0.1, 0.1},
                                                     .tries = 4,
                                                     .try_answered = 0.6561,
                                                     .answered = 0.986}};
    verdict->promises[PROMISE_NO_LEAK] =
        (struct promise_result){.verdict = PROMISE_NOT_JUDGED, .detail = "the run was cut short"};
    verdict->status = 1;
    story->requests[0] = (struct request_result){.id = UINT64_C(0x9f3a61c07b000001),
                                                 .begin_ns = 1000,
                                                 .latency_ns = 7 * NS_PER_MS,
                                                 .client = STORY_C1,
                                                 .n = 1,
                                                 .executions = 1,
                                                 .code = 200,
                                                 .outcome = OUTCOME_ANSWERED,
                                                 .tries = 1};
    story->requests[1] = (struct request_result){.id = UINT64_C(0x5151515151000001),
                                                 .begin_ns = 900 * NS_PER_MS,
                                                 .latency_ns = UINT64_MAX,
                                                 .client = STORY_C2,
                                                 .n = 10,
                                                 .outcome = OUTCOME_TIMED_OUT,
                                                 .tries = 4,
                                                 .undecided = true};
}

/* The run; end it with story_free. */
static inline void story_init(struct story *story)
{
    memset(story, 0, sizeof *story);
    story_make_scenario(story);
    story_make_expectations(story);
    story_make_verdict(story);
    story->facts = (struct run_facts){.world = WORLD_REAL,
                                      .duration_ns = 2314 * NS_PER_MS,
                                      .placement = "5 threads on one core (cpu 1 of 0-1)",
                                      .nodes = story->node_facts,
                                      .node_count = STORY_NODES,
                                      .lateness_p50_ns = 61 * NS_PER_US,
                                      .lateness_p99_ns = 180 * NS_PER_US,
                                      .lateness_max_ns = 1200 * NS_PER_US,
                                      .lateness_count = 92};
    for (uint32_t i = 0; i < STORY_NODES; i++) {
        story->node_facts[i].port = (uint16_t)(40000 + i);
        story->node_facts[i].cpu = 1;
    }
    story->run = (struct report_run){.scenario = &story->scenario,
                                     .verdict = &story->verdict,
                                     .facts = &story->facts,
                                     .command = "simrun small.txt --seed 10",
                                     .status = 1};
    story->style.unicode = true;
}

static inline void story_free(struct story *story)
{
    tally_free(&story->verdict.tally);
}

/* What is written to `page.file`, as one text. */
struct story_page {
    FILE *file;
    char *text; /* owned; valid after story_page_close */
    size_t size;
};

static inline void story_page_open(struct story_page *page)
{
    page->file = open_memstream(&page->text, &page->size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(page->file);
}

static inline void story_page_close(struct story_page *page)
{
    fclose(page->file);
}

/* Columns of the widest line, for text without escape sequences and wide characters. */
static inline unsigned story_width(const char *text)
{
    unsigned width = 0;
    unsigned column = 0;

    for (; *text != '\0'; text++) {
        column = *text == '\n' ? 0 : column + (((unsigned char)*text & 0xc0) != 0x80);
        width = column > width ? column : width;
    }
    return width;
}

/* Whether all bytes are line feeds, printable ASCII or (with `unicode`) parts of UTF-8. */
static inline bool story_is_clean(const char *text, bool unicode)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte != '\n' && !(byte >= 0x20 && byte < 0x7f) && !(unicode && byte >= 0x80)) {
            return false;
        }
    }
    return true;
}

#endif
