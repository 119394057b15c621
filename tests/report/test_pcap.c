/* The capture, byte by byte: what stands in each block, and that lengths and sums are right. */
#include "report/pcap.h"

#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "report_story.h"

#define HEAD_BYTES 28 /* of an enhanced packet block, before its frame */

/* A run in the virtual world, its log, and the capture made of it. */
struct capture {
    struct story story;
    struct trace_log log;
    uint8_t *bytes; /* owned */
    size_t size;
};

/* One block of it. */
struct block {
    const uint8_t *bytes; /* NULL: there is none */
    uint32_t type;
    uint32_t size;
};

static void capture_begin(struct capture *capture)
{
    memset(capture, 0, sizeof *capture);
    story_init(&capture->story);
    capture->story.facts.world = WORLD_VIRTUAL;
    trace_log_init(&capture->log);
}

static void capture_add(struct capture *capture, const struct trace_record *record,
                        const char *bytes)
{
    struct trace_record added = *record;

    added.size = record->size == 0 ? (uint16_t)strlen(bytes) : record->size;
    added.bytes_size = added.size;
    trace_log_take(&capture->log, &added, (const uint8_t *)bytes);
}

static void capture_make(struct capture *capture)
{
    struct report_look look = {.run = &capture->story.run, .log = &capture->log};
    FILE *file = open_memstream((char **)&capture->bytes, &capture->size);

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_TRUE(report_pcap(file, &look));
    fclose(file);
}

static void capture_end(struct capture *capture)
{
    free(capture->bytes);
    trace_log_free(&capture->log);
    story_free(&capture->story);
}

static uint32_t get_16(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8;
}

static uint32_t get_32(const uint8_t *at)
{
    return get_16(at) | get_16(at + 2) << 16;
}

/* The block number `index`, whose two lengths must agree. */
static struct block capture_block(const struct capture *capture, unsigned index)
{
    struct block block = {.bytes = NULL};
    size_t at = 0;

    for (; at + 12 <= capture->size; at += block.size, index--) {
        block.bytes = capture->bytes + at;
        block.type = get_32(block.bytes);
        block.size = get_32(block.bytes + 4);
        CU_ASSERT_FATAL(block.size >= 12 && block.size % 4 == 0);
        CU_ASSERT_FATAL(block.size <= capture->size - at);
        CU_ASSERT_EQUAL_FATAL(get_32(block.bytes + block.size - 4), block.size);
        if (index == 0) {
            return block;
        }
    }
    CU_ASSERT_EQUAL_FATAL(at, capture->size);
    return (struct block){.bytes = NULL};
}

/* The frame number `index`, from 0: behind section, interface and names. */
static struct block capture_frame(const struct capture *capture, unsigned index)
{
    struct block block = capture_block(capture, 3 + index);

    CU_ASSERT_PTR_NOT_NULL_FATAL(block.bytes);
    CU_ASSERT_EQUAL_FATAL(block.type, 6);
    return block;
}

/* Asserts that the block has this option from `at` on, padded with zeros; returns the place behind
 * it. */
static size_t expect_option(const struct block *block, size_t at, uint32_t code, const void *value,
                            size_t size)
{
    CU_ASSERT_FATAL(at + 4 + size + 4 <= block->size);
    CU_ASSERT_EQUAL(get_16(block->bytes + at), code);
    CU_ASSERT_EQUAL(get_16(block->bytes + at + 2), size);
    CU_ASSERT_EQUAL(memcmp(block->bytes + at + 4, value, size), 0);
    for (at += 4 + size; at % 4 != 0; at++) {
        CU_ASSERT_EQUAL(block->bytes[at], 0);
    }
    return at;
}

/* Asserts that the options end at `at`, and the block with them. */
static void expect_end(const struct block *block, size_t at)
{
    CU_ASSERT_EQUAL(at + 8, block->size);
    CU_ASSERT_EQUAL(get_32(block->bytes + at), 0);
}

/* Asserts that the frame's comment is this and that nothing follows it. */
static void expect_comment(const struct block *frame, const char *comment)
{
    size_t at = HEAD_BYTES + (get_32(frame->bytes + 20) + 3) / 4 * 4;
    size_t size = strlen(comment);

    CU_ASSERT_EQUAL(get_16(frame->bytes + at + 2), size);
    if (get_16(frame->bytes + at + 2) != size) {
        printf("%.*s\n", (int)get_16(frame->bytes + at + 2), frame->bytes + at + 4);
        return;
    }
    expect_end(frame, expect_option(frame, at, 1, comment, size));
}

/* A request of c1 on its way to the broker. */
static struct trace_record request_record(void)
{
    return (struct trace_record){.t_ns = UINT64_C(5000000123),
                                 .due_ns = UINT64_C(5000000123),
                                 .id = 1,
                                 .node = STORY_C1,
                                 .from = STORY_C1,
                                 .to = NODE_BROKER,
                                 .client = STORY_C1,
                                 .n = 3,
                                 .try = 2,
                                 .event = TRACE_SEND,
                                 .form = TRACE_ENVELOPE_REQUEST};
}

static void the_section_says_what_the_run_was(void)
{
    static const uint8_t head[] = {0x4d, 0x3c, 0x2b, 0x1a, 1,    0,    0,    0,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const char comment[] =
        "A small run\n"
        "A run of simrun in the virtual world, seed 10. A frame stands at the time when its sender "
        "handed the datagram to its link, counted from the start of the run, which is 1970-01-01 "
        "00:00:00 UTC here. Its comment says whose request it belongs to, and what the link did to "
        "it: what was lost is here too.\n"
        "Nodes: broker 127.0.0.1:8082, toupper 127.0.0.1:8080, tolower 127.0.0.1:8081, c1 "
        "127.1.0.1:49152, c2 127.1.0.2:49153.\n"
        "Repeat: simrun small.txt --seed 10";
    struct capture capture;

    capture_begin(&capture);
    capture_make(&capture);
    struct block section = capture_block(&capture, 0);
    CU_ASSERT_EQUAL(section.type, 0x0a0d0d0a);
    CU_ASSERT_EQUAL(memcmp(section.bytes + 8, head, sizeof head), 0);
    size_t at = expect_option(&section, 24, 1, comment, strlen(comment));
    at = expect_option(&section, at, 4, "simrun " SIMRUN_VERSION, strlen("simrun " SIMRUN_VERSION));
    expect_end(&section, at);
    capture_end(&capture);
}

static void a_title_from_outside_is_made_safe(void)
{
    static const char title[] = "a\\x1b[31m\nA run of simrun";
    struct capture capture;

    capture_begin(&capture);
    capture.story.scenario.title = "a\x1b[31m";
    capture_make(&capture);
    struct block section = capture_block(&capture, 0);
    CU_ASSERT_EQUAL(memcmp(section.bytes + 28, title, strlen(title)), 0);
    capture_end(&capture);
}

static void the_only_interface_counts_nanoseconds_and_has_bare_ipv4(void)
{
    static const uint8_t head[] = {101, 0, 0, 0, 0, 0, 0, 0};
    static const char text[] = "all links of the run, each datagram as it leaves its sender";
    struct capture capture;

    capture_begin(&capture);
    capture_make(&capture);
    struct block interface = capture_block(&capture, 1);
    CU_ASSERT_EQUAL(interface.type, 1);
    CU_ASSERT_EQUAL(memcmp(interface.bytes + 8, head, sizeof head), 0);
    size_t at = expect_option(&interface, 16, 2, "simrun virtual", 14);
    at = expect_option(&interface, at, 3, text, strlen(text));
    at = expect_option(&interface, at, 9, "\x09", 1);
    expect_end(&interface, at);
    capture_end(&capture);
}

static void clients_have_names(void)
{
    struct capture capture;

    capture_begin(&capture);
    capture_make(&capture);
    struct block names = capture_block(&capture, 2);
    CU_ASSERT_EQUAL(names.type, 4);
    size_t at = expect_option(&names, 8, 1,
                              "\x7f\x01\x00\x01"
                              "c1",
                              7);
    at = expect_option(&names, at, 1,
                       "\x7f\x01\x00\x02"
                       "c2",
                       7);
    expect_end(&names, at);
    CU_ASSERT_PTR_NULL(capture_block(&capture, 3).bytes);
    capture_end(&capture);
}

/* Sums by hand, in hexadecimal. IPv4: 4500 + 0021 + 0001 + 4000 + 4011 + 7f01 + 0001 + 7f00 + 0001
 * = 1c336, folded c337, inverted 3cc8. UDP: 7f01 + 0001 + 7f00 + 0001 + 0011 + 000d (what it takes
 * of IPv4), c000 + 1f92 + 000d, 613a + 620a + 0000 = 2a104, folded a106, inverted 5ef9. */
static void a_frame_is_right_to_the_last_bit(void)
{
    static const uint8_t bytes[] = {
        0x06, 0x00, 0x00, 0x00, 0x64, 0x00, 0x00, 0x00, /* type, length 100 */
        0x00, 0x00, 0x00, 0x00,                         /* interface */
        0x01, 0x00, 0x00, 0x00, 0x7b, 0xf2, 0x05, 0x2a, /* 5,000,000,123 ns */
        0x21, 0x00, 0x00, 0x00, 0x21, 0x00, 0x00, 0x00, /* 33 octets, all of them here */
        0x45, 0x00, 0x00, 0x21, 0x00, 0x01, 0x40, 0x00, /* IPv4: 33 octets, 1, DF */
        0x40, 0x11, 0x3c, 0xc8, 0x7f, 0x01, 0x00, 0x01, /* TTL 64, UDP, sum, 127.1.0.1 */
        0x7f, 0x00, 0x00, 0x01,                         /* 127.0.0.1 */
        0xc0, 0x00, 0x1f, 0x92, 0x00, 0x0d, 0x5e, 0xf9, /* 49152 to 8082, 13 octets, sum */
        0x61, 0x3a, 0x62, 0x0a, 0x00, 0x00, 0x00, 0x00, /* "a:b\n" NUL, padding */
    };
    struct trace_record record = request_record();
    struct capture capture;

    capture_begin(&capture);
    record.size = 5;
    capture_add(&capture, &record, "a:b\n\0");
    capture_make(&capture);
    struct block frame = capture_frame(&capture, 0);
    for (size_t i = 0; i < sizeof bytes; i++) {
        CU_ASSERT_EQUAL(frame.bytes[i], bytes[i]);
        if (frame.bytes[i] != bytes[i]) {
            printf("byte %zu is %02x, not %02x\n", i, frame.bytes[i], bytes[i]);
        }
    }
    expect_comment(&frame, "c1/3 try 2, c1 -> broker");
    CU_ASSERT_PTR_NULL(capture_block(&capture, 4).bytes);
    capture_end(&capture);
}

/* The sum of the 16-bit words of IPv4's addresses, protocol and UDP's length, and of UDP itself:
 * all ones where the checksum is right. RFC 768, RFC 1071. */
static uint32_t udp_sum(const uint8_t *ipv4, size_t size)
{
    uint32_t sum = 17 + (uint32_t)(size - 20);

    for (size_t i = 12; i < size; i++) {
        sum += i % 2 == 0 ? (uint32_t)ipv4[i] << 8 : ipv4[i];
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

static void expect_sums(const struct block *frame, size_t payload_size)
{
    uint32_t size = get_32(frame->bytes + 20);
    const uint8_t *ipv4 = frame->bytes + HEAD_BYTES;
    uint32_t sum = 0;

    CU_ASSERT_EQUAL(size, 28 + payload_size);
    CU_ASSERT_EQUAL(get_32(frame->bytes + 24), size);
    CU_ASSERT_EQUAL((uint32_t)ipv4[2] << 8 | ipv4[3], size);
    CU_ASSERT_EQUAL((uint32_t)ipv4[24] << 8 | ipv4[25], 8 + payload_size);
    for (size_t i = 0; i < 20; i += 2) {
        sum += (uint32_t)ipv4[i] << 8 | ipv4[i + 1];
    }
    CU_ASSERT_EQUAL((sum & 0xffff) + (sum >> 16), 0xffff);
    CU_ASSERT_EQUAL(udp_sum(ipv4, size), 0xffff);
    CU_ASSERT(ipv4[26] != 0 || ipv4[27] != 0); /* 0 would mean: no checksum */
}

static void the_sums_hold_for_every_size_and_a_sum_of_zero_is_all_ones(void)
{
    static const char text[] = "SIM1 Q 9f3a61c07be2d415 1 5000 8b4e036f toupper:hello";
    uint8_t zero[2] = {0};
    struct capture capture;

    capture_begin(&capture);
    for (uint16_t size = 1; size <= sizeof text; size++) {
        struct trace_record record = request_record();
        record.size = size;
        capture_add(&capture, &record, text);
    }
    /* The word with which the sum is all ones, so that its complement is 0. */
    uint32_t sum = 2 * 0x7f01 + 0x7f00 - 0x7f01 + 1 + 1 + 17 + 10 + 49152 + 8082 + 10;
    sum = (sum & 0xffff) + (sum >> 16);
    zero[0] = (uint8_t)((0xffff - sum) >> 8);
    zero[1] = (uint8_t)(0xffff - sum);
    struct trace_record record = request_record();
    record.size = 2;
    capture_add(&capture, &record, (const char *)zero);
    capture_make(&capture);
    for (uint16_t size = 1; size <= sizeof text; size++) {
        struct block frame = capture_frame(&capture, size - 1u);
        expect_sums(&frame, size);
    }
    struct block frame = capture_frame(&capture, sizeof text);
    expect_sums(&frame, 2);
    CU_ASSERT_EQUAL(get_16(frame.bytes + HEAD_BYTES + 26), 0xffff);
    capture_end(&capture);
}

static void what_is_lost_is_there_and_says_so(void)
{
    struct trace_record record = request_record();
    struct capture capture;

    capture_begin(&capture);
    record.from = record.node = NODE_BROKER;
    record.to = STORY_TOUPPER;
    record.reason = LOSS_LOSS;
    record.due_ns += 5 * NS_PER_MS; /* never mind: it never leaves */
    capture_add(&capture, &record, "SIM1");
    capture_make(&capture);
    struct block frame = capture_frame(&capture, 0);
    expect_sums(&frame, 4);
    expect_comment(&frame, "c1/3 try 2, lost on broker -> toupper: loss");
    capture_end(&capture);
}

/* Between the two stands another node's send, as it may in the real world. */
static void a_copy_has_its_originals_bytes_and_number(void)
{
    struct trace_record record = request_record();
    struct trace_record other = request_record();
    struct capture capture;

    capture_begin(&capture);
    capture_add(&capture, &record, "toupper:a");
    other.from = other.node = other.client = STORY_C2;
    capture_add(&capture, &other, "toupper:b");
    record.event = TRACE_DUPLICATED;
    record.copy = 1;
    record.size = 9;
    record.due_ns += 13912 * NS_PER_US;
    struct trace_record copy = record;
    trace_log_take(&capture.log, &copy, NULL);
    capture_make(&capture);
    struct block original = capture_frame(&capture, 0);
    struct block frame = capture_frame(&capture, 2);
    expect_comment(&original, "c1/3 try 2, c1 -> broker");
    expect_comment(
        &frame, "c1/3 try 2, c1 -> broker, copy 1 made by the link, held back until 5013.912 ms");
    CU_ASSERT_EQUAL(memcmp(frame.bytes + HEAD_BYTES, original.bytes + HEAD_BYTES, 28 + 9), 0);
    capture_end(&capture);
}

static void damage_is_done_as_the_link_did_it(void)
{
    struct trace_record record = request_record();
    struct capture capture;

    capture_begin(&capture);
    record.flip = 8 * 2 + 4 + 1;
    record.cut = 5;
    capture_add(&capture, &record, "toupper:a");
    capture_make(&capture);
    struct block frame = capture_frame(&capture, 0);
    expect_sums(&frame, 4);
    CU_ASSERT_EQUAL(memcmp(frame.bytes + HEAD_BYTES + 28, "toep", 4), 0); /* 0x75 and 0x65 */
    expect_comment(&frame, "c1/3 try 2, c1 -> broker, bit 4 of byte 2 flipped (0x75 -> 0x65), cut "
                           "from 9 to 4 bytes");
    capture_end(&capture);
}

static void what_belongs_to_no_request_says_what_it_is(void)
{
    struct trace_record record = request_record();
    struct capture capture;

    capture_begin(&capture);
    record.client = TRACE_NOBODY;
    record.n = 0;
    record.form = TRACE_RAW;
    capture_add(&capture, &record, "");
    record.form = TRACE_PLAIN;
    capture_add(&capture, &record, "HELLO");
    record.form = TRACE_ENVELOPE_REPLY;
    capture_add(&capture, &record, "SIM1 R");
    capture_make(&capture);
    struct block frame = capture_frame(&capture, 0);
    expect_sums(&frame, 0);
    expect_comment(&frame, "raw datagram, c1 -> broker");
    frame = capture_frame(&capture, 1);
    expect_comment(&frame, "plain datagram, c1 -> broker");
    frame = capture_frame(&capture, 2);
    expect_comment(&frame, "nobody's request, c1 -> broker");
    capture_end(&capture);
}

static void only_what_was_sent_is_a_frame(void)
{
    struct capture capture;

    capture_begin(&capture);
    for (unsigned event = 0; event < TRACE_EVENT_COUNT; event++) {
        struct trace_record record = request_record();
        record.event = (uint8_t)event;
        if (event != TRACE_SEND && event != TRACE_DUPLICATED) {
            capture_add(&capture, &record, "text");
        }
    }
    capture_make(&capture);
    CU_ASSERT_PTR_NULL(capture_block(&capture, 3).bytes);
    capture_end(&capture);
}

static void the_real_world_has_its_real_ports(void)
{
    struct trace_record record = request_record();
    struct capture capture;

    capture_begin(&capture);
    capture.story.facts.world = WORLD_REAL;
    capture_add(&capture, &record, "toupper:a");
    capture_make(&capture);
    struct block interface = capture_block(&capture, 1);
    expect_option(&interface, 16, 2, "simrun real", 11);
    struct block frame = capture_block(&capture, 2); /* without names: all have one address */
    CU_ASSERT_EQUAL_FATAL(frame.type, 6);
    expect_sums(&frame, 9);
    const uint8_t *ipv4 = frame.bytes + HEAD_BYTES;
    CU_ASSERT_EQUAL(memcmp(ipv4 + 12, "\x7f\0\0\x01\x7f\0\0\x01", 8), 0);
    CU_ASSERT_EQUAL((uint32_t)ipv4[20] << 8 | ipv4[21], 40000 + STORY_C1);
    CU_ASSERT_EQUAL((uint32_t)ipv4[22] << 8 | ipv4[23], 40000);
    capture_end(&capture);
}

static void a_fixed_port_is_nobody_elses(void)
{
    struct capture capture;

    capture_begin(&capture);
    capture.story.nodes[STORY_TOLOWER].port = 8082;
    capture.story.servers[0].op = OP_ECHO;
    capture_make(&capture);
    char *comment = strndup((const char *)capture.bytes + 28, 2000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(strstr(comment, "broker 127.0.0.1:8083, toupper 127.0.0.1:8084, "
                                                 "tolower 127.0.0.1:8082, "));
    free(comment);
    capture_end(&capture);
}

/* 65,534 of them fill 127.1, and are more than one block of names holds. */
static void more_clients_than_one_net_holds(void)
{
    enum { CLIENTS = 70000, NODES = STORY_C1 + CLIENTS };
    struct scenario_node *nodes = calloc(NODES, sizeof *nodes);
    struct trace_record record = request_record();
    struct capture capture;
    struct block block;
    unsigned blocks = 2;

    CU_ASSERT_PTR_NOT_NULL_FATAL(nodes);
    capture_begin(&capture);
    memcpy(nodes, capture.story.nodes, sizeof capture.story.nodes);
    for (uint32_t i = STORY_C1; i < NODES; i++) {
        nodes[i] = (struct scenario_node){.name = "many", .kind = NODE_KIND_CLIENT};
    }
    capture.story.scenario.nodes = nodes;
    capture.story.scenario.node_count = NODES;
    record.from = record.node = record.client = NODES - 1;
    capture_add(&capture, &record, "toupper:a");
    capture_make(&capture);
    while ((block = capture_block(&capture, blocks)).type == 4) {
        blocks++;
    }
    CU_ASSERT(blocks > 3);
    CU_ASSERT_EQUAL(block.type, 6);
    expect_sums(&block, 9);
    /* 70,000 = 1 * 65,536 + 17 * 256 + 112 */
    CU_ASSERT_EQUAL(memcmp(block.bytes + HEAD_BYTES + 12, "\x7f\x02\x11\x70", 4), 0);
    capture_end(&capture);
    free(nodes);
}

static void a_write_that_fails_is_told(void)
{
    struct trace_record record = request_record();
    FILE *full = fopen("/dev/full", "wb");
    struct capture capture;

    CU_ASSERT_PTR_NOT_NULL_FATAL(full);
    capture_begin(&capture);
    capture_add(&capture, &record, "toupper:a");
    struct report_look look = {.run = &capture.story.run, .log = &capture.log};
    CU_ASSERT_FALSE(report_pcap(full, &look));
    fclose(full);
    capture_end(&capture);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(the_section_says_what_the_run_was),
        HARNESS_TEST(a_title_from_outside_is_made_safe),
        HARNESS_TEST(the_only_interface_counts_nanoseconds_and_has_bare_ipv4),
        HARNESS_TEST(clients_have_names),
        HARNESS_TEST(a_frame_is_right_to_the_last_bit),
        HARNESS_TEST(the_sums_hold_for_every_size_and_a_sum_of_zero_is_all_ones),
        HARNESS_TEST(what_is_lost_is_there_and_says_so),
        HARNESS_TEST(a_copy_has_its_originals_bytes_and_number),
        HARNESS_TEST(damage_is_done_as_the_link_did_it),
        HARNESS_TEST(what_belongs_to_no_request_says_what_it_is),
        HARNESS_TEST(only_what_was_sent_is_a_frame),
        HARNESS_TEST(the_real_world_has_its_real_ports),
        HARNESS_TEST(a_fixed_port_is_nobody_elses),
        HARNESS_TEST(more_clients_than_one_net_holds),
        HARNESS_TEST(a_write_that_fails_is_told),
    };
    return harness_run("report/pcap", tests, HARNESS_COUNT(tests));
}
