#include "harness.h"
#include "report_story.h"

#include <jansson.h>

static struct trace_record story_record(uint64_t t_ns, uint32_t node, enum trace_event event)
{
    return (struct trace_record){.t_ns = t_ns,
                                 .node = node,
                                 .from = TRACE_NOBODY,
                                 .to = TRACE_NOBODY,
                                 .client = STORY_C1,
                                 .n = 3,
                                 .id = UINT64_C(0x9f3a61c07be2d415),
                                 .event = (uint8_t)event};
}

/* Writes one record as events; the caller frees the text. */
static char *events_of(struct trace_record record, const char *bytes)
{
    struct story story;
    struct story_page page;

    story_init(&story);
    story_page_open(&page);
    struct report_events events = {.out = page.file, .scenario = &story.scenario};
    record.bytes_size = (uint16_t)(bytes == NULL ? 0 : strlen(bytes));
    report_events_take(&events, &record, (const uint8_t *)bytes);
    CU_ASSERT_FALSE(events.failed);
    story_page_close(&page);
    story_free(&story);
    return page.text;
}

static void assert_events(struct trace_record record, const char *bytes, const char *expected)
{
    char *text = events_of(record, bytes);
    CU_ASSERT_STRING_EQUAL(text, expected);
    free(text);
}

static void a_begin_says_what_is_asked_and_when_it_should_have_begun(void)
{
    struct trace_record record = story_record(1000, STORY_C1, TRACE_BEGIN);

    record.due_ns = 900;
    assert_events(record, "toupper:hello",
                  "{\"t_ns\":1000,\"node\":\"c1\",\"event\":\"begin\",\"client\":\"c1\",\"n\":3,"
                  "\"id\":\"9f3a61c07be2d415\",\"due_ns\":900,\"text\":\"toupper:hello\"}\n");
}

static struct trace_record story_send(void)
{
    struct trace_record record = story_record(1000, STORY_C1, TRACE_SEND);

    record.from = STORY_C1;
    record.to = NODE_BROKER;
    record.try = 2;
    record.size = 4;
    record.due_ns = 1000;
    return record;
}

#define SEND_BEGIN(event)                                                                          \
    "{\"t_ns\":1000,\"node\":\"c1\",\"event\":\"" event "\",\"from\":\"c1\",\"to\":\"broker\","    \
    "\"client\":\"c1\",\"n\":3,\"try\":2,\"id\":\"9f3a61c07be2d415\","

static void a_send_that_passes_at_once_is_one_line(void)
{
    assert_events(story_send(), "SIM1",
                  SEND_BEGIN("send") "\"copy\":0,\"carriage\":0,\"size\":4,\"text\":\"SIM1\"}\n");
}

static void a_send_that_is_lost_is_a_send_and_a_loss(void)
{
    struct trace_record record = story_send();

    record.reason = LOSS_DROP;
    record.carriage = 1;
    assert_events(
        record, "SIM1",
        SEND_BEGIN("send") "\"copy\":0,\"carriage\":1,\"size\":4,\"text\":\"SIM1\"}\n" SEND_BEGIN(
            "lost") "\"copy\":0,\"carriage\":1,\"size\":4,"
                    "\"reason\":\"drop\"}\n");
}

static void a_send_that_is_held_back_is_a_send_and_a_delay(void)
{
    struct trace_record record = story_send();

    record.due_ns = 2001000;
    assert_events(
        record, "SIM1",
        SEND_BEGIN("send") "\"copy\":0,\"carriage\":0,\"size\":4,\"text\":\"SIM1\"}\n" SEND_BEGIN(
            "delayed") "\"copy\":0,\"carriage\":0,\"size\":4,"
                       "\"due_ns\":2001000}\n");
}

static void a_send_that_is_damaged_says_how(void)
{
    struct trace_record record = story_send();

    record.flip = 8;
    assert_events(
        record, "SIM1",
        SEND_BEGIN("send") "\"copy\":0,\"carriage\":0,\"size\":4,\"text\":\"SIM1\"}\n" SEND_BEGIN(
            "corrupted") "\"copy\":0,\"carriage\":0,\"size\":4,"
                         "\"reason\":\"corrupt\",\"bit\":7}\n");
    record.flip = 0;
    record.cut = 3;
    assert_events(
        record, "SIM1",
        SEND_BEGIN("send") "\"copy\":0,\"carriage\":0,\"size\":4,\"text\":\"SIM1\"}\n" SEND_BEGIN(
            "corrupted") "\"copy\":0,\"carriage\":0,\"size\":1,"
                         "\"reason\":\"truncate\"}\n");
}

static void a_copy_has_its_own_number_and_its_own_fate(void)
{
    struct trace_record record = story_send();

    record.event = TRACE_DUPLICATED;
    record.copy = 1;
    record.reason = LOSS_LOSS;
    assert_events(record, "SIM1",
                  SEND_BEGIN("duplicated") "\"copy\":1,\"carriage\":0,\"size\":4}\n" SEND_BEGIN(
                      "lost") "\"copy\":1,\"carriage\":0,"
                              "\"size\":4,\"reason\":\"loss\"}\n");
}

static void the_ends_of_a_request_name_latency_reason_and_code(void)
{
    struct trace_record answered = story_record(5000, STORY_C1, TRACE_ANSWERED);
    struct trace_record failed = story_record(5000, STORY_C1, TRACE_FAILED);

    answered.id = 0;
    answered.value_ns = 4000;
    answered.try = 1;
    assert_events(answered, "HELLO",
                  "{\"t_ns\":5000,\"node\":\"c1\",\"event\":\"answered\",\"client\":\"c1\","
                  "\"n\":3,\"try\":1,\"latency_ns\":4000,\"text\":\"HELLO\"}\n");
    failed.id = 0;
    failed.reason = OUTCOME_ERROR;
    failed.code = 404;
    assert_events(failed, NULL,
                  "{\"t_ns\":5000,\"node\":\"c1\",\"event\":\"failed\",\"client\":\"c1\",\"n\":3,"
                  "\"reason\":\"error\",\"code\":404}\n");
    failed.reason = OUTCOME_TIMED_OUT;
    failed.code = 0;
    assert_events(failed, NULL,
                  "{\"t_ns\":5000,\"node\":\"c1\",\"event\":\"failed\",\"client\":\"c1\",\"n\":3,"
                  "\"reason\":\"timed-out\"}\n");
}

static void an_error_reply_is_rejected_with_its_code(void)
{
    struct trace_record record = story_record(5000, STORY_C1, TRACE_REPLY_ERROR);

    record.code = 429;
    record.try = 1;
    assert_events(record, NULL,
                  "{\"t_ns\":5000,\"node\":\"c1\",\"event\":\"rejected\",\"client\":\"c1\","
                  "\"n\":3,\"try\":1,\"id\":\"9f3a61c07be2d415\",\"reason\":\"code 429\","
                  "\"code\":429}\n");
}

static void what_the_broker_notes_for_itself_is_not_written(void)
{
    assert_events(story_record(1, NODE_BROKER, TRACE_ENTRY_OPENED), NULL, "");
    assert_events(story_record(1, NODE_BROKER, TRACE_ENTRY_CLOSED), NULL, "");
}

static void a_timed_rule_belongs_to_the_network(void)
{
    struct trace_record record = story_record(7, NODE_BROKER, TRACE_FAULT);

    record.client = TRACE_NOBODY;
    record.n = 0;
    record.id = 0;
    record.copy = 1;
    assert_events(record, "network down",
                  "{\"t_ns\":7,\"node\":\"network\",\"event\":\"fault\",\"reason\":\"ends\","
                  "\"text\":\"network down\"}\n");
}

static void hostile_octets_are_escaped_one_by_one(void)
{
    struct trace_record record = story_record(1, STORY_C1, TRACE_EXECUTE);
    char *text = events_of(record, "\x1b[31m<script>\"\\\n\r\xc3\xa9\xff\x7f");

    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"text\":\"\\u001B[31m<script>\\\"\\\\\\u000A\\u000D"
                                        "\\u00C3\\u00A9\\u00FF\\u007F\"}\n"));
    CU_ASSERT_TRUE(story_is_clean(text, false));
    free(text);
}

static void every_octet_comes_back_from_the_line(void)
{
    struct trace_record record = story_record(1, STORY_C1, TRACE_EXECUTE);
    struct story story;
    struct story_page page;
    uint8_t octets[WIRE_DATAGRAM_MAX];
    uint32_t at = 0;

    for (unsigned i = 0; i < sizeof octets; i++) {
        octets[i] = (uint8_t)i;
    }
    story_init(&story);
    story_page_open(&page);
    struct report_events events = {.out = page.file, .scenario = &story.scenario};
    record.bytes_size = sizeof octets;
    report_events_take(&events, &record, octets);
    story_page_close(&page);
    json_t *line = json_loads(page.text, JSON_ALLOW_NUL, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    const json_t *value = json_object_get(line, "text");
    const uint8_t *text = (const uint8_t *)json_string_value(value);
    for (size_t i = 0; i < json_string_length(value); i++, at++) {
        uint8_t octet = text[i];
        if (octet >= 0xc0) { /* U+0080 to U+00FF: two bytes of UTF-8 */
            octet = (uint8_t)((octet & 3) << 6 | (text[++i] & 0x3f));
        }
        CU_ASSERT_EQUAL(octet, (uint8_t)at);
    }
    CU_ASSERT_EQUAL(at, sizeof octets);
    json_decref(line);
    free(page.text);
    story_free(&story);
}

static void a_full_device_is_noticed(void)
{
    struct story story;
    FILE *full = fopen("/dev/full", "w");

    story_init(&story);
    if (full != NULL) {
        struct report_events events = {.out = full, .scenario = &story.scenario};
        setvbuf(full, NULL, _IONBF, 0);
        struct trace_record record = story_send();
        report_events_take(&events, &record, (const uint8_t *)"");
        CU_ASSERT_TRUE(events.failed);
        fclose(full);
    }
    story_free(&story);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(a_begin_says_what_is_asked_and_when_it_should_have_begun),
    HARNESS_TEST(a_send_that_passes_at_once_is_one_line),
    HARNESS_TEST(a_send_that_is_lost_is_a_send_and_a_loss),
    HARNESS_TEST(a_send_that_is_held_back_is_a_send_and_a_delay),
    HARNESS_TEST(a_send_that_is_damaged_says_how),
    HARNESS_TEST(a_copy_has_its_own_number_and_its_own_fate),
    HARNESS_TEST(the_ends_of_a_request_name_latency_reason_and_code),
    HARNESS_TEST(an_error_reply_is_rejected_with_its_code),
    HARNESS_TEST(what_the_broker_notes_for_itself_is_not_written),
    HARNESS_TEST(a_timed_rule_belongs_to_the_network),
    HARNESS_TEST(hostile_octets_are_escaped_one_by_one),
    HARNESS_TEST(every_octet_comes_back_from_the_line),
    HARNESS_TEST(a_full_device_is_noticed),
};

int main(void)
{
    return harness_run("report/events", tests, HARNESS_COUNT(tests));
}
