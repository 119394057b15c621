#include "world/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

#include "base/time.h"
#include "protocol/code.h"
#include "protocol/wire.h"

#define MS(count) ((count)*NS_PER_MS)

#define RECORDS_MAX 64
#define CARRIED_MAX 16

/* A datagram that left. */
struct carried {
    struct endpoint to;
    uint32_t from;
    uint64_t due_ns;
    bool delayed;
    size_t size;
    uint8_t bytes[WIRE_DATAGRAM_MAX];
};

/* A host alone on the stage: what it sends is written down, what comes is made up. */
struct stage {
    struct scenario scenario;
    struct host host;
    struct host_world world;
    struct outbox outbox;
    struct flight flight;
    struct trace_record records[RECORDS_MAX];
    uint32_t record_count;
    struct carried carried[CARRIED_MAX];
    uint32_t carried_count;
};

static void stage_carry(void *context, const struct host_departure *departure)
{
    struct stage *stage = context;
    struct carried *carried = &stage->carried[stage->carried_count++];

    CU_ASSERT_FATAL(stage->carried_count <= CARRIED_MAX);
    carried->to = departure->to;
    carried->from = departure->from;
    carried->due_ns = departure->due_ns;
    carried->delayed = departure->delayed;
    carried->size = departure->size;
    memcpy(carried->bytes, departure->bytes, departure->size);
}

static void stage_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct stage *stage = context;

    (void)bytes;
    CU_ASSERT_FATAL(stage->record_count < RECORDS_MAX);
    stage->records[stage->record_count++] = *record;
}

static uint32_t stage_node(const struct stage *stage, const char *name)
{
    uint32_t node = scenario_find_node(&stage->scenario, name, strlen(name));

    CU_ASSERT_NOT_EQUAL_FATAL(node, NODE_NONE);
    return node;
}

/* The host of node `name` of the scenario; `at_once` as in struct host_world. */
static struct stage *stage_open(const char *text, const char *name, bool at_once)
{
    struct stage *stage = calloc(1, sizeof *stage);
    struct scenario_overrides none = {.sets = NULL};
    struct scenario_messages messages = {.items = NULL};

    CU_ASSERT_PTR_NOT_NULL_FATAL(stage);
    CU_ASSERT_TRUE_FATAL(
        scenario_parse(&stage->scenario, "test", text, strlen(text), &none, &messages));
    scenario_messages_free(&messages);
    CU_ASSERT_EQUAL_FATAL(flight_init(&stage->flight, FLIGHT_MAX), 0);
    stage->world = (struct host_world){
        .carry = stage_carry,
        .context = stage,
        .carry_at_once = at_once,
        .trace = {.take = stage_take, .context = stage},
        .outbox = &stage->outbox,
        .flight = &stage->flight,
    };
    CU_ASSERT_EQUAL_FATAL(
        host_init(&stage->host, &stage->scenario, stage_node(stage, name), &stage->world), 0);
    return stage;
}

static void stage_close(struct stage *stage)
{
    host_free(&stage->host);
    flight_free(&stage->flight);
    scenario_free(&stage->scenario);
    free(stage);
}

static void expect_next(const struct stage *stage, uint64_t at_ns, enum host_class class)
{
    enum host_class next_class;

    CU_ASSERT_EQUAL(host_next(&stage->host, &next_class), at_ns);
    CU_ASSERT_EQUAL(next_class, class);
}

static void expect_nothing_due(const struct stage *stage)
{
    enum host_class class;

    CU_ASSERT_EQUAL(host_next(&stage->host, &class), TIME_NEVER);
}

/* Asserts that the events since the last call are these, and forgets them. */
static void expect_events(struct stage *stage, const char *expected)
{
    char shown[1000] = "";

    for (uint32_t i = 0; i < stage->record_count; i++) {
        size_t size = strlen(shown);
        snprintf(shown + size, sizeof shown - size, "%s%s", i > 0 ? " " : "",
                 trace_event_name((enum trace_event)stage->records[i].event));
    }
    CU_ASSERT_STRING_EQUAL(shown, expected);
    stage->record_count = 0;
}

/* Writes an envelope of request n of client `name`, as it is on the client's own links. */
static size_t make_request(const struct stage *stage, const char *name, uint32_t n,
                           const char *text, uint8_t *bytes)
{
    struct wire_message message = {
        .kind = WIRE_REQUEST,
        .id = scenario_id_prefix(&stage->scenario, stage_node(stage, name)) | n,
        .try = 1,
        .ttl_ms = 1000,
        .op = (const uint8_t *)"toupper",
        .op_size = 7,
        .text = (const uint8_t *)text,
        .text_size = strlen(text),
    };

    return wire_encode(&message, bytes);
}

/* ---- what is due, and in which order ------------------------------------------------------------
 */

#define ALL_AT_100MS                                                                               \
    "network delay 100ms\n"                                                                        \
    "at 100ms network loss 100%\n"                                                                 \
    "client c1 timeout 100ms tries 3\n"                                                            \
    "  send 1 toupper \"hello\"\n"

static void what_a_node_has_no_room_for_is_lost_and_said_to_be(void)
{
    struct stage *stage = stage_open(ALL_AT_100MS, "c1", true);

    stage->host.in_flight = FLIGHT_MAX;
    CU_ASSERT_TRUE(host_step(&stage->host, 0));
    CU_ASSERT_EQUAL(stage->records[1].reason, LOSS_QUEUE);
    CU_ASSERT_EQUAL(stage->host.in_flight, FLIGHT_MAX);
    CU_ASSERT_EQUAL(flight_count(&stage->flight), 0);
    expect_events(stage, "begin send");
    stage_close(stage);
}

static void at_one_instant_the_time_line_comes_first_then_datagrams_then_timers(void)
{
    struct stage *stage = stage_open(ALL_AT_100MS, "c1", true);

    expect_next(stage, 0, HOST_TIMER);
    CU_ASSERT_TRUE(host_step(&stage->host, 0));
    expect_events(stage, "begin send");
    CU_ASSERT_EQUAL(stage->carried_count, 0);
    CU_ASSERT_FALSE(host_step(&stage->host, MS(100) - 1));

    expect_next(stage, MS(100), HOST_TIMELINE);
    CU_ASSERT_TRUE(host_step(&stage->host, MS(100)));
    expect_events(stage, ""); /* the broker tells it for all */
    CU_ASSERT_EQUAL(stage->carried_count, 0);

    expect_next(stage, MS(100), HOST_DATAGRAM); /* what is in flight is not lost any more */
    CU_ASSERT_TRUE(host_step(&stage->host, MS(100)));
    CU_ASSERT_EQUAL(stage->carried_count, 1);
    CU_ASSERT_EQUAL(stage->carried[0].due_ns, MS(100));
    CU_ASSERT_TRUE(stage->carried[0].delayed);

    expect_next(stage, MS(100), HOST_TIMER);
    CU_ASSERT_TRUE(host_step(&stage->host, MS(100)));
    CU_ASSERT_EQUAL(stage->records[2].reason, LOSS_LOSS); /* the time line had its effect */
    expect_events(stage, "timeout retry send");
    CU_ASSERT_FALSE(host_step(&stage->host, MS(100)));
    stage_close(stage);
}

static void one_step_does_one_thing(void)
{
    struct stage *stage = stage_open("network delay 5ms\n"
                                     "client c1 window 3\n"
                                     "  send 3 toupper \"x\"\n",
                                     "c1", true);

    for (unsigned i = 0; i < 3; i++) {
        CU_ASSERT_TRUE(host_step(&stage->host, 0));
        expect_events(stage, "begin send");
    }
    CU_ASSERT_FALSE(host_step(&stage->host, 0));
    for (unsigned i = 1; i <= 3; i++) {
        CU_ASSERT_TRUE(host_step(&stage->host, MS(5)));
        CU_ASSERT_EQUAL(stage->carried_count, i);
    }
    CU_ASSERT_FALSE(host_step(&stage->host, MS(5)));
    stage_close(stage);
}

static void a_rule_of_the_first_instant_is_in_force_and_told_once_by_the_broker(void)
{
    static const char TEXT[] = "at 0ms note \"off we go\"\n"
                               "at 0ms for 10ms network loss 100%\n"
                               "client c1\n  send 1 toupper \"x\"\n";
    struct stage *stage = stage_open(TEXT, "broker", true);

    expect_next(stage, 0, HOST_TIMELINE);
    CU_ASSERT_TRUE(host_step(&stage->host, 0));
    CU_ASSERT_EQUAL(stage->records[1].copy, 0); /* begins */
    expect_events(stage, "note fault");
    expect_next(stage, MS(10), HOST_TIMELINE);
    CU_ASSERT_TRUE(host_step(&stage->host, MS(12))); /* late, and told when it is done */
    CU_ASSERT_EQUAL(stage->records[0].copy, 1);      /* ends */
    CU_ASSERT_EQUAL(stage->records[0].t_ns, MS(12));
    expect_events(stage, "fault");
    stage_close(stage);

    stage = stage_open(TEXT, "c1", true);
    CU_ASSERT_TRUE(host_step(&stage->host, 0));
    expect_events(stage, "");
    CU_ASSERT_TRUE(host_step(&stage->host, 0));
    CU_ASSERT_EQUAL(stage->records[1].reason, LOSS_LOSS);
    expect_events(stage, "begin send");
    stage_close(stage);
}

/* ---- sending ------------------------------------------------------------------------------------
 */

static void a_host_drains_its_own_link_in_host_step_alone(void)
{
    struct stage *stage = stage_open("client c1\n  send 1 toupper \"x\"\n", "c1", false);

    CU_ASSERT_TRUE(host_step(&stage->host, 0));
    CU_ASSERT_EQUAL(stage->carried_count, 0);
    CU_ASSERT_EQUAL(host_pending(&stage->host), 1);
    expect_next(stage, 0, HOST_DATAGRAM);
    CU_ASSERT_TRUE(host_step(&stage->host, 0));
    CU_ASSERT_EQUAL(stage->carried_count, 1);
    CU_ASSERT_EQUAL(host_pending(&stage->host), 0);
    stage_close(stage);
}

static void what_no_link_delays_may_be_carried_at_once(void)
{
    struct stage *stage = stage_open("client c1\n  send 1 toupper \"x\"\n", "c1", true);

    CU_ASSERT_TRUE(host_step(&stage->host, 7));
    CU_ASSERT_EQUAL(stage->carried_count, 1);
    CU_ASSERT_EQUAL(stage->carried[0].due_ns, 7);
    CU_ASSERT_FALSE(stage->carried[0].delayed);
    CU_ASSERT_EQUAL(stage->carried[0].to.node, NODE_BROKER);
    CU_ASSERT_EQUAL(stage->carried[0].from, stage->host.node);
    CU_ASSERT_EQUAL(host_pending(&stage->host), 0);
    stage_close(stage);
}

static void a_send_is_written_down_with_all_that_is_known(void)
{
    struct stage *stage = stage_open("network delay 3ms\n"
                                     "client c1 timeout 20ms\n"
                                     "  send 1 toupper \"hello\"\n",
                                     "c1", true);
    const struct trace_record *send = &stage->records[1];

    CU_ASSERT_TRUE(host_step(&stage->host, 1000));
    CU_ASSERT_EQUAL(stage->record_count, 2);
    CU_ASSERT_EQUAL(send->event, TRACE_SEND);
    CU_ASSERT_EQUAL(send->t_ns, 1000);
    CU_ASSERT_EQUAL(send->due_ns, 1000 + MS(3));
    CU_ASSERT_EQUAL(send->value_ns, 1000 + MS(20)); /* the timer */
    CU_ASSERT_EQUAL(send->node, stage->host.node);
    CU_ASSERT_EQUAL(send->from, stage->host.node);
    CU_ASSERT_EQUAL(send->to, NODE_BROKER);
    CU_ASSERT_EQUAL(send->client, stage->host.node);
    CU_ASSERT_EQUAL(send->n, 1);
    CU_ASSERT_EQUAL(send->try, 1);
    CU_ASSERT_EQUAL(send->copy, 0);
    CU_ASSERT_EQUAL(send->carriage, 0);
    CU_ASSERT_EQUAL(send->reason, LOSS_NONE);
    CU_ASSERT_EQUAL(send->form, TRACE_ENVELOPE_REQUEST);
    CU_ASSERT_EQUAL(send->size,
                    strlen("SIM1 Q 0123456789abcdef 1 1000 01234567 toupper:hello") - 1);
    CU_ASSERT_EQUAL(send->id, scenario_id_prefix(&stage->scenario, stage->host.node) | 1);
    stage_close(stage);
}

static void a_duplicate_is_written_down_and_leaves_as_a_second_datagram(void)
{
    struct stage *stage = stage_open("network duplicate 100% delay 3ms\n"
                                     "client c1\n  send 1 toupper \"x\"\n",
                                     "c1", true);

    CU_ASSERT_TRUE(host_step(&stage->host, 0));
    CU_ASSERT_EQUAL(stage->records[2].copy, 1);
    CU_ASSERT_EQUAL(stage->records[2].id, stage->records[1].id);
    expect_events(stage, "begin send duplicated");
    CU_ASSERT_EQUAL(host_pending(&stage->host), 2);
    CU_ASSERT_TRUE(host_step(&stage->host, MS(3)));
    CU_ASSERT_TRUE(host_step(&stage->host, MS(3)));
    CU_ASSERT_EQUAL(stage->carried_count, 2);
    CU_ASSERT_EQUAL(stage->carried[0].size, stage->carried[1].size);
    CU_ASSERT_EQUAL(
        memcmp(stage->carried[0].bytes, stage->carried[1].bytes, stage->carried[0].size), 0);
    stage_close(stage);
}

static void what_is_lost_is_written_down_and_does_not_leave(void)
{
    struct stage *stage = stage_open("network drop 1\n"
                                     "client c1\n  send 1 toupper \"x\"\n",
                                     "c1", true);

    CU_ASSERT_TRUE(host_step(&stage->host, 0));
    CU_ASSERT_EQUAL(stage->records[1].reason, LOSS_DROP);
    CU_ASSERT_EQUAL(stage->carried_count, 0);
    CU_ASSERT_EQUAL(host_pending(&stage->host), 0);
    stage_close(stage);
}

static void raw_bytes_belong_to_no_request(void)
{
    struct stage *stage = stage_open("client c1\n  raw \"nonsense\"\n", "c1", true);

    CU_ASSERT_TRUE(host_step(&stage->host, 0));
    CU_ASSERT_EQUAL(stage->records[0].form, TRACE_RAW);
    CU_ASSERT_EQUAL(stage->records[0].client, TRACE_NOBODY);
    CU_ASSERT_EQUAL(stage->records[0].n, 0);
    CU_ASSERT_EQUAL(stage->carried[0].size, 8);
    expect_events(stage, "send");
    stage_close(stage);
}

/* ---- receiving ----------------------------------------------------------------------------------
 */

static void a_delivery_is_written_down_before_what_it_causes(void)
{
    struct stage *stage = stage_open("client c1\n  send 5 toupper \"x\"\n", "broker", true);
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    size_t size = make_request(stage, "c1", 5, "hello", bytes);
    uint32_t client = stage_node(stage, "c1");

    host_on_datagram(&stage->host, 77, client, bytes, size);
    CU_ASSERT_EQUAL(stage->records[0].t_ns, 77);
    CU_ASSERT_EQUAL(stage->records[0].from, client);
    CU_ASSERT_EQUAL(stage->records[0].to, NODE_BROKER);
    for (uint32_t i = 0; i < 3; i++) { /* the upstream id is known to be the client's, too */
        CU_ASSERT_EQUAL(stage->records[i].client, client);
        CU_ASSERT_EQUAL(stage->records[i].n, 5);
    }
    expect_events(stage, "deliver entry-opened send");
    CU_ASSERT_EQUAL(stage->carried_count, 1);
    CU_ASSERT_EQUAL(stage->carried[0].to.node, stage_node(stage, "toupper"));
    stage_close(stage);
}

static void a_server_that_serves_is_not_done(void)
{
    struct stage *stage = stage_open("server toupper service 10ms\n"
                                     "client c1\n  send 1 toupper \"x\"\n",
                                     "toupper", true);
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    size_t size = make_request(stage, "c1", 1, "hello", bytes);

    host_on_datagram(&stage->host, 0, NODE_BROKER, bytes, size);
    expect_events(stage, "deliver execute");
    CU_ASSERT_EQUAL(host_pending(&stage->host), 1);
    expect_next(stage, MS(10), HOST_TIMER);
    CU_ASSERT_TRUE(host_step(&stage->host, MS(10)));
    expect_events(stage, "send");
    CU_ASSERT_EQUAL(host_pending(&stage->host), 0);
    stage_close(stage);
}

static void a_reply_answers_the_client(void)
{
    struct stage *stage = stage_open("client c1\n  send 1 toupper \"x\"\n", "c1", true);
    struct wire_message reply = {.kind = WIRE_REPLY,
                                 .id = scenario_id_prefix(&stage->scenario, stage->host.node) | 1,
                                 .try = 1,
                                 .code = CODE_OK,
                                 .text = (const uint8_t *)"X",
                                 .text_size = 1};
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    size_t size = wire_encode(&reply, bytes);

    CU_ASSERT_TRUE(host_is_busy_client(&stage->host));
    CU_ASSERT_TRUE(host_step(&stage->host, 0));
    stage->record_count = 0;
    host_on_datagram(&stage->host, 500, stage_node(stage, "tolower"), bytes, size);
    CU_ASSERT_EQUAL(stage->records[1].reason, REJECT_SPOOFED); /* the right bytes, the wrong node */
    expect_events(stage, "deliver rejected");
    host_on_datagram(&stage->host, 900, NODE_BROKER, bytes, size);
    CU_ASSERT_EQUAL(stage->records[1].value_ns, 900);
    expect_events(stage, "deliver answered");
    CU_ASSERT_FALSE(host_is_busy_client(&stage->host));
    stage_close(stage);
}

/* ---- strangers ----------------------------------------------------------------------------------
 */

static const struct endpoint STRANGER = {
    .key = 4711, .node = HOST_OUTSIDE | 0x000001, .port = 4000};

static void a_stranger_is_counted_and_not_answered(void)
{
    struct stage *stage = stage_open("client c1\n  send 1 toupper \"x\"\n", "broker", true);

    host_on_stranger(&stage->host, 5, STRANGER, (const uint8_t *)"toupper:hello", 13);
    CU_ASSERT_EQUAL(stage->records[0].reason, REJECT_FOREIGN);
    CU_ASSERT_EQUAL(stage->records[0].from, TRACE_NOBODY);
    CU_ASSERT_EQUAL(stage->records[0].size, 13);
    expect_events(stage, "rejected");
    CU_ASSERT_EQUAL(stage->carried_count, 0);
    expect_nothing_due(stage);
    stage_close(stage);
}

static void a_fixed_port_serves_strangers(void)
{
    struct stage *stage = stage_open("port broker 8082\n"
                                     "network loss 100%\n" /* links have nothing to do with it */
                                     "client c1\n  send 1 toupper \"x\"\n",
                                     "broker", true);

    host_on_stranger(&stage->host, 5, STRANGER, (const uint8_t *)"nonsense:hello\n", 15);
    CU_ASSERT_EQUAL_FATAL(stage->carried_count, 1);
    CU_ASSERT_EQUAL(stage->carried[0].to.node, STRANGER.node);
    CU_ASSERT_EQUAL(stage->carried[0].to.port, STRANGER.port);
    CU_ASSERT_EQUAL(memcmp(stage->carried[0].bytes, "Error: ", 7), 0);
    CU_ASSERT_EQUAL(stage->carried[0].bytes[stage->carried[0].size - 1], '\n');
    stage_close(stage);
}

/* As of one with an address beyond 127.0.0.0/8, whose answer would go to somebody else. */
static void a_stranger_that_cannot_be_answered_is_not_served(void)
{
    struct stage *stage =
        stage_open("port broker 8082\nclient c1\n  send 1 toupper \"x\"\n", "broker", true);
    struct endpoint nowhere = STRANGER;

    nowhere.port = 0;
    host_on_stranger(&stage->host, 5, nowhere, (const uint8_t *)"toupper:hello", 13);
    CU_ASSERT_EQUAL(stage->records[0].reason, REJECT_FOREIGN);
    expect_events(stage, "rejected");
    CU_ASSERT_EQUAL(stage->carried_count, 0);
    stage_close(stage);
}

/* Whoever goes on talking must not keep the run from ending. */
static void no_stranger_is_served_when_all_clients_are_done(void)
{
    struct stage *stage =
        stage_open("port broker 8082\nclient c1\n  send 1 toupper \"x\"\n", "broker", true);

    stage->host.draining = true;
    host_on_stranger(&stage->host, 5, STRANGER, (const uint8_t *)"toupper:hello", 13);
    CU_ASSERT_EQUAL(stage->records[0].reason, REJECT_FOREIGN);
    expect_events(stage, "rejected");
    CU_ASSERT_EQUAL(stage->carried_count, 0);
    expect_nothing_due(stage);
    stage_close(stage);
}

static void a_strangers_request_crosses_a_link_to_its_server(void)
{
    struct stage *stage = stage_open("port broker 8082\n"
                                     "client c1\n  send 1 toupper \"x\"\n",
                                     "broker", true);

    host_on_stranger(&stage->host, 5, STRANGER, (const uint8_t *)"toupper:hello", 13);
    CU_ASSERT_EQUAL_FATAL(stage->carried_count, 1);
    CU_ASSERT_EQUAL(stage->carried[0].to.node, stage_node(stage, "toupper"));
    CU_ASSERT_EQUAL(memcmp(stage->carried[0].bytes, "SIM1 Q ", 7), 0);
    CU_ASSERT_EQUAL(stage->records[1].client, TRACE_NOBODY);
    expect_events(stage, "entry-opened send");
    stage_close(stage);
}

/* ---- the end ------------------------------------------------------------------------------------
 */

static void a_cancelled_client_ends_every_request_and_sends_nothing_more(void)
{
    struct stage *stage = stage_open("client c1 window 2\n  send 4 toupper \"x\"\n", "c1", true);

    CU_ASSERT_TRUE(host_step(&stage->host, 0));
    CU_ASSERT_TRUE(host_step(&stage->host, 0));
    stage->record_count = 0;
    host_cancel(&stage->host, MS(1));
    for (uint32_t i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(stage->records[i].reason, OUTCOME_CANCELLED);
        CU_ASSERT_EQUAL(stage->records[i].n, i + 1);
        CU_ASSERT_EQUAL(stage->records[i].try, i < 2 ? 1 : 0);
    }
    expect_events(stage, "failed failed failed failed");
    CU_ASSERT_FALSE(host_is_busy_client(&stage->host));
    CU_ASSERT_FALSE(host_step(&stage->host, TIME_NEVER - 1));
    stage_close(stage);
}

static void a_broker_that_drains_forgets_its_timers_but_not_its_datagrams(void)
{
    struct stage *stage = stage_open("network delay 5ms\n"
                                     "broker timeout 200ms tries 3\n"
                                     "client c1\n  send 1 toupper \"x\"\n",
                                     "broker", true);
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    size_t size = make_request(stage, "c1", 1, "x", bytes);

    host_on_datagram(&stage->host, 0, stage_node(stage, "c1"), bytes, size);
    stage->host.draining = true;
    expect_next(stage, MS(5), HOST_DATAGRAM);
    CU_ASSERT_TRUE(host_step(&stage->host, MS(5)));
    CU_ASSERT_EQUAL(stage->carried_count, 1);
    expect_nothing_due(stage);
    CU_ASSERT_EQUAL(host_pending(&stage->host), 0);
    stage_close(stage);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(what_a_node_has_no_room_for_is_lost_and_said_to_be),
        HARNESS_TEST(at_one_instant_the_time_line_comes_first_then_datagrams_then_timers),
        HARNESS_TEST(one_step_does_one_thing),
        HARNESS_TEST(a_rule_of_the_first_instant_is_in_force_and_told_once_by_the_broker),
        HARNESS_TEST(a_host_drains_its_own_link_in_host_step_alone),
        HARNESS_TEST(what_no_link_delays_may_be_carried_at_once),
        HARNESS_TEST(a_send_is_written_down_with_all_that_is_known),
        HARNESS_TEST(a_duplicate_is_written_down_and_leaves_as_a_second_datagram),
        HARNESS_TEST(what_is_lost_is_written_down_and_does_not_leave),
        HARNESS_TEST(raw_bytes_belong_to_no_request),
        HARNESS_TEST(a_delivery_is_written_down_before_what_it_causes),
        HARNESS_TEST(a_server_that_serves_is_not_done),
        HARNESS_TEST(a_reply_answers_the_client),
        HARNESS_TEST(a_stranger_is_counted_and_not_answered),
        HARNESS_TEST(a_fixed_port_serves_strangers),
        HARNESS_TEST(a_stranger_that_cannot_be_answered_is_not_served),
        HARNESS_TEST(no_stranger_is_served_when_all_clients_are_done),
        HARNESS_TEST(a_strangers_request_crosses_a_link_to_its_server),
        HARNESS_TEST(a_cancelled_client_ends_every_request_and_sends_nothing_more),
        HARNESS_TEST(a_broker_that_drains_forgets_its_timers_but_not_its_datagrams),
    };
    return harness_run("world/host", tests, HARNESS_COUNT(tests));
}
