/* A small system for the tests of the verdict, and its records told by hand: the broker (node 0),
 * toupper (1), tolower (2), count (3), and the clients c1 (4) and c2 (5), who may each try 3 times
 * with a timeout of 100 ms. Times are in ms. */
#ifndef TESTS_VERDICT_STORY_H
#define TESTS_VERDICT_STORY_H

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "harness.h"
#include "verdict/verdict.h"

#define BROKER  0
#define TOUPPER 1
#define TOLOWER 2
#define COUNT   3
#define C1      4
#define C2      5
#define NODES   6

#define STORY_EXPECTATIONS_MAX 8
#define STORY_RULES_MAX        4

struct story {
    struct scenario scenario;
    struct scenario_node nodes[NODES];
    struct scenario_server servers[3];
    struct scenario_clients group;
    struct client_step step;
    struct scenario_rule rules[STORY_RULES_MAX];
    struct expectation expectations[STORY_EXPECTATIONS_MAX];
    struct run_facts facts;
    struct node_facts node_facts[NODES];
    struct verdict verdict;
    uint64_t all_links[1];  /* a bitmap: every link */
    uint64_t some_nodes[1]; /* a bitmap for the test to fill */
};

/* A base rule for every link; to be filled further. */
static inline struct scenario_rule *story_add_rule(struct story *story)
{
    struct scenario_rule *rule = &story->rules[story->scenario.rule_count++];

    *rule = (struct scenario_rule){.links = story->all_links, .text = "network"};
    return rule;
}

/* The system, with `requests` requests of `op` in each client's script; nothing has happened. The
 * world is virtual, and its network loses: what a test says to be lost surprises nobody. To be
 * changed as the test likes before story_start. */
static inline void story_init(struct story *story, const char *op, uint32_t requests)
{
    static const char *const names[NODES] = {"broker", "toupper", "tolower", "count", "c1", "c2"};

    memset(story, 0, sizeof *story);
    for (uint32_t i = 0; i < NODES; i++) {
        story->nodes[i].name = names[i];
        story->nodes[i].kind = i == BROKER  ? NODE_KIND_BROKER
                               : i <= COUNT ? NODE_KIND_SERVER
                                            : NODE_KIND_CLIENT;
        story->nodes[i].index = i > 0 && i <= COUNT ? i - 1 : 0;
    }
    for (uint32_t i = 0; i < 3; i++) {
        static const enum op ops[3] = {OP_TOUPPER, OP_TOLOWER, OP_COUNT};
        story->servers[i] =
            (struct scenario_server){.op = ops[i], .workers = 1, .queue = 1024, .node = i + 1};
    }
    story->step = (struct client_step){.kind = CLIENT_SEND, .count = requests};
    strcpy(story->step.op, op);
    story->group = (struct scenario_clients){
        .prefix = "c",
        .count = 2,
        .policy = {.timeout_ns = 100 * NS_PER_MS,
                   .cap_ns = TIME_NEVER,
                   .tries = 3,
                   .factor_milli = 2000,
                   .backoff = BACKOFF_CONSTANT},
        .deadline_ns = 300 * NS_PER_MS,
        .window = 1,
        .steps = &story->step,
        .step_count = 1,
        .request_count = requests,
        .first_node = C1,
    };
    story->all_links[0] = (UINT64_C(1) << (2 * (NODES - 1))) - 1;
    story->facts = (struct run_facts){.world = WORLD_VIRTUAL,
                                      .nodes = story->node_facts,
                                      .node_count = NODES,
                                      .duration_ns = NS_PER_S,
                                      .descriptors_before = 3,
                                      .descriptors_after = 3,
                                      .threads_before = 1,
                                      .threads_after = 1};
    story->scenario = (struct scenario){.seed = 1,
                                        .world = WORLD_VIRTUAL,
                                        .nodes = story->nodes,
                                        .node_count = NODES,
                                        .link_count = 2 * (NODES - 1),
                                        .servers = story->servers,
                                        .server_count = 3,
                                        .broker = {.pending = 65536},
                                        .groups = &story->group,
                                        .group_count = 1,
                                        .client_count = 2,
                                        .request_count = 2 * (uint64_t)requests,
                                        .rules = story->rules,
                                        .expectations = story->expectations};
    story_add_rule(story)->faults =
        (struct fault_set){.set = FAULT_LOSS, .loss_q63 = PROBABILITY_ONE / 10};
}

/* A network without faults. */
static inline void story_be_quiet(struct story *story)
{
    story->scenario.rule_count = 0;
}

/* `METRIC CMP VALUE`, counts; to be changed further. */
static inline struct expectation *story_expect(struct story *story, enum metric metric,
                                               enum expectation_cmp cmp, double value)
{
    struct expectation *expectation = &story->expectations[story->scenario.expectation_count++];

    *expectation = (struct expectation){.metric = metric, .cmp = cmp, .low = value};
    return expectation;
}

static inline void story_start_as(struct story *story, bool trace_off, bool keep_requests)
{
    struct verdict_options options = {.trace_off = trace_off, .keep_requests = keep_requests};
    CU_ASSERT_FATAL(verdict_init(&story->verdict, &story->scenario, &options) == 0);
}
static inline void story_start(struct story *story)
{
    story_start_as(story, false, true);
}

/* The real world, in which each node handed over what its links let go. */
static inline void story_be_real(struct story *story)
{
    story->scenario.world = WORLD_REAL;
    story->facts.world = WORLD_REAL;
}
static inline void story_hand_over(struct story *story)
{
    for (uint32_t i = 0; i < story->scenario.link_count; i++) {
        struct tally_link link = tally_link(&story->verdict.tally, i);
        uint64_t taken = link.sent + link.duplicated - tally_link_lost(&link);
        story->node_facts[scenario_link_from(i)].handed += taken;
        story->node_facts[scenario_link_to(i)].received += link.delivered;
    }
}

static inline void story_end(struct story *story)
{
    verdict_finish(&story->verdict, &story->facts);
}

static inline void story_free(struct story *story)
{
    verdict_free(&story->verdict);
}

/* Ends a story whose promises were all to be kept but `broken`, which was to break. PROMISE_COUNT:
 * none was. Those that virtual time does not judge are left out. */
static inline void story_end_with(struct story *story, enum promise broken)
{
    story_end(story);
    for (int i = 0; i < PROMISE_COUNT; i++) {
        const struct promise_result *result = &story->verdict.promises[i];
        if (i == (int)broken) {
            CU_ASSERT_EQUAL(result->verdict, PROMISE_BROKEN);
            CU_ASSERT(result->detail[0] != '\0');
        } else {
            CU_ASSERT_NOT_EQUAL(result->verdict, PROMISE_BROKEN);
        }
    }
    CU_ASSERT_EQUAL(story->verdict.status, broken == PROMISE_COUNT ? 0 : 4);
    story_free(story);
}

/* ---- records --------------------------------------------------------------------------------- */

static inline struct trace_record story_record(uint64_t ms, enum trace_event event, uint32_t node)
{
    return (struct trace_record){.t_ns = ms * NS_PER_MS,
                                 .node = node,
                                 .from = TRACE_NOBODY,
                                 .to = TRACE_NOBODY,
                                 .client = TRACE_NOBODY,
                                 .event = (uint8_t)event};
}

static inline void story_take(struct story *story, struct trace_record record, const char *bytes)
{
    record.bytes_size = (uint16_t)(bytes != NULL ? strlen(bytes) : 0);
    verdict_take(&story->verdict, &record, (const uint8_t *)bytes);
}

static inline void story_begin(struct story *story, uint64_t ms, uint32_t client, uint32_t n,
                               const char *request)
{
    struct trace_record record = story_record(ms, TRACE_BEGIN, client);
    const char *colon = strchr(request, ':');

    record.client = client;
    record.n = n;
    record.id = (uint64_t)client << 32 | n;
    record.due_ns = record.t_ns;
    record.value_ns = record.t_ns + 300 * NS_PER_MS;
    record.op = (uint8_t)op_from_name((const uint8_t *)request, (size_t)(colon - request));
    story_take(story, record, request);
}

/* A datagram about client/n; the form follows from its way. */
static inline struct trace_record story_datagram(uint64_t ms, enum trace_event event, uint32_t from,
                                                 uint32_t to, uint32_t client, uint32_t n,
                                                 uint8_t try)
{
    struct trace_record record = story_record(ms, event, event == TRACE_DELIVER ? to : from);
    bool reply = (from == BROKER) == (to == client);

    record.from = from;
    record.to = to;
    record.client = client;
    record.n = n;
    record.try = try;
    record.size = 50;
    record.due_ns = event == TRACE_DELIVER ? 0 : record.t_ns;
    record.value_ns = TIME_NEVER;
    record.form = reply ? TRACE_ENVELOPE_REPLY : TRACE_ENVELOPE_REQUEST;
    return record;
}

static inline void story_send(struct story *story, uint64_t ms, uint32_t from, uint32_t to,
                              uint32_t client, uint32_t n, uint8_t try)
{
    struct trace_record record = story_datagram(ms, TRACE_SEND, from, to, client, n, try);

    if (from == client) {
        record.value_ns = record.t_ns + 100 * NS_PER_MS;
    }
    story_take(story, record, NULL);
}
static inline void story_lose(struct story *story, uint64_t ms, uint32_t from, uint32_t to,
                              uint32_t client, uint32_t n, uint8_t try)
{
    struct trace_record record = story_datagram(ms, TRACE_SEND, from, to, client, n, try);

    if (from == client) {
        record.value_ns = record.t_ns + 100 * NS_PER_MS;
    }
    record.reason = LOSS_LOSS;
    story_take(story, record, NULL);
}
static inline void story_deliver(struct story *story, uint64_t ms, uint32_t from, uint32_t to,
                                 uint32_t client, uint32_t n, uint8_t try)
{
    story_take(story, story_datagram(ms, TRACE_DELIVER, from, to, client, n, try), NULL);
}

/* Anything else about client/n. */
static inline struct trace_record story_note(uint64_t ms, enum trace_event event, uint32_t node,
                                             uint32_t client, uint32_t n, uint8_t try)
{
    struct trace_record record = story_record(ms, event, node);

    record.client = client;
    record.n = n;
    record.try = try;
    return record;
}
static inline void story_open(struct story *story, uint64_t ms, uint32_t client, uint32_t n)
{
    story_take(story, story_note(ms, TRACE_ENTRY_OPENED, BROKER, client, n, 1), NULL);
}
static inline void story_close(struct story *story, uint64_t ms, uint32_t client, uint32_t n)
{
    story_take(story, story_note(ms, TRACE_ENTRY_CLOSED, BROKER, client, n, 1), NULL);
}
static inline void story_execute(struct story *story, uint64_t ms, uint32_t server, uint32_t client,
                                 uint32_t n, uint8_t try)
{
    story_take(story, story_note(ms, TRACE_EXECUTE, server, client, n, try), NULL);
}
static inline void story_answer(struct story *story, uint64_t ms, uint32_t client, uint32_t n,
                                uint8_t try, uint64_t latency_ms, const char *text)
{
    struct trace_record record = story_note(ms, TRACE_ANSWERED, client, client, n, try);

    record.code = 200;
    record.value_ns = latency_ms * NS_PER_MS;
    story_take(story, record, text);
}
static inline void story_timeout(struct story *story, uint64_t ms, uint32_t client, uint32_t n,
                                 uint8_t try)
{
    struct trace_record record = story_note(ms, TRACE_TIMEOUT, client, client, n, try);

    record.due_ns = record.t_ns;
    story_take(story, record, NULL);
}
static inline void story_fail(struct story *story, uint64_t ms, uint32_t client, uint32_t n,
                              uint8_t tries, enum outcome outcome, uint16_t code)
{
    struct trace_record record = story_note(ms, TRACE_FAILED, client, client, n, tries);

    record.reason = (uint8_t)outcome;
    record.code = code;
    story_take(story, record, NULL);
}

/* ---- longer passages ------------------------------------------------------------------------- */

/* From the client's send to the server, which executes: 3 ms. */
static inline void story_reach_server(struct story *story, uint64_t ms, uint32_t server,
                                      uint32_t client, uint32_t n, uint8_t try)
{
    story_send(story, ms, client, BROKER, client, n, try);
    story_deliver(story, ms + 1, client, BROKER, client, n, try);
    story_open(story, ms + 1, client, n);
    story_send(story, ms + 1, BROKER, server, client, n, try);
    story_deliver(story, ms + 2, BROKER, server, client, n, try);
    story_execute(story, ms + 2, server, client, n, try);
}

/* From the server's answer to the client's socket: 2 ms. */
static inline void story_return(struct story *story, uint64_t ms, uint32_t server, uint32_t client,
                                uint32_t n, uint8_t try)
{
    story_send(story, ms, server, BROKER, client, n, try);
    story_deliver(story, ms + 1, server, BROKER, client, n, try);
    story_close(story, ms + 1, client, n);
    story_send(story, ms + 1, BROKER, client, client, n, try);
    story_deliver(story, ms + 2, BROKER, client, client, n, try);
}

/* A request that is answered at its first try, in 4 ms. */
static inline void story_serve(struct story *story, uint64_t ms, uint32_t client, uint32_t n,
                               uint32_t server, const char *request, const char *answer)
{
    story_begin(story, ms, client, n, request);
    story_reach_server(story, ms, server, client, n, 1);
    story_return(story, ms + 2, server, client, n, 1);
    story_answer(story, ms + 4, client, n, 1, 4, answer);
}

/* How many stories open: c1's only request is answered, and c2 has asked for "b" at 20 ms. */
static inline void story_open_second(struct story *story)
{
    story_init(story, "toupper", 1);
    story_start(story);
    story_serve(story, 10, C1, 1, TOUPPER, "toupper:a", "A");
    story_begin(story, 20, C2, 1, "toupper:b");
}

/* Each client's only request is served: a story without a flaw. */
static inline void story_serve_both(struct story *story)
{
    story_serve(story, 10, C1, 1, TOUPPER, "toupper:hello", "HELLO");
    story_serve(story, 20, C2, 1, TOUPPER, "toupper:world", "WORLD");
}

#endif
