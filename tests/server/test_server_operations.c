#include "server_story.h"

#include "base/prng.h"

static struct story story;

static void start(enum op op)
{
    story_init(&story);
    story.config.op = op;
    story_start(&story);
}

static void toupper_and_tolower_map_ascii_letters_and_no_other_byte(void)
{
    uint8_t text[256];
    uint8_t answer[WIRE_TEXT_MAX];

    for (unsigned i = 0; i < 256; i++) {
        text[i] = (uint8_t)i;
    }
    CU_ASSERT_EQUAL(server_execute(OP_TOUPPER, 0, text, 256, answer), 256);
    for (unsigned i = 0; i < 256; i++) {
        CU_ASSERT_EQUAL(answer[i], i >= 'a' && i <= 'z' ? i - 32 : i);
    }
    CU_ASSERT_EQUAL(server_execute(OP_TOLOWER, 0, text, 256, answer), 256);
    for (unsigned i = 0; i < 256; i++) {
        CU_ASSERT_EQUAL(answer[i], i >= 'A' && i <= 'Z' ? i + 32 : i);
    }
    CU_ASSERT_EQUAL(server_execute(OP_ECHO, 0, text, 256, answer), 256);
    CU_ASSERT_EQUAL(memcmp(answer, text, 256), 0);
}

static void an_answer_may_be_written_over_its_text(void)
{
    uint8_t text[] = {'a', 'B', 0, 'z'};

    CU_ASSERT_EQUAL(server_execute(OP_TOUPPER, 0, text, 4, text), 4);
    CU_ASSERT_EQUAL(memcmp(text, "AB\0Z", 4), 0);
    CU_ASSERT_EQUAL(server_execute(OP_ECHO, 0, text, 4, text), 4);
    CU_ASSERT_EQUAL(memcmp(text, "AB\0Z", 4), 0);
    CU_ASSERT_EQUAL(server_execute(OP_TOLOWER, 0, text, 0, text), 0);
}

static void count_is_written_in_decimal(void)
{
    uint8_t answer[WIRE_TEXT_MAX];

    CU_ASSERT_EQUAL(server_execute(OP_COUNT, 0, NULL, 0, answer), 1);
    CU_ASSERT_EQUAL(answer[0], '0');
    CU_ASSERT_EQUAL(server_execute(OP_COUNT, 4294967295, NULL, 0, answer), 10);
    CU_ASSERT_EQUAL(memcmp(answer, "4294967295", 10), 0);
}

static void the_vectors_of_the_protocol_are_answered_octet_by_octet(void)
{
    const char *request = "SIM1 Q 9f3a61c07be2d415 1 5000 8b4e036f toupper:hello";
    const char *answer = "SIM1 R 9f3a61c07be2d415 1 200 1cc0671a HELLO";
    const char *unknown = "SIM1 R 9f3a61c07be2d415 1 404 ec5ca393 unknown op";

    start(OP_TOUPPER);
    story_receive_text(&story, 0, STORY_BROKER, request);
    CU_ASSERT(story_replied(&story, STORY_ID, 1, CODE_OK, "HELLO"));
    CU_ASSERT_EQUAL(story.outbox.datagrams[0].size, strlen(answer));
    CU_ASSERT_EQUAL(memcmp(story.outbox.datagrams[0].bytes, answer, strlen(answer)), 0);
    story_end(&story);

    start(OP_TOLOWER);
    story_receive_text(&story, 0, STORY_BROKER, request);
    CU_ASSERT_EQUAL(story.outbox.datagrams[0].size, strlen(unknown));
    CU_ASSERT_EQUAL(memcmp(story.outbox.datagrams[0].bytes, unknown, strlen(unknown)), 0);
    story_end(&story);
}

static void count_answers_the_how_manieth_execution_of_this_id_it_is(void)
{
    start(OP_COUNT);
    story_ask(&story, 0, 1, 1, 5000, "x");
    CU_ASSERT(story_replied(&story, 1, 1, CODE_OK, "1"));
    story_ask(&story, 0, 1, 2, 5000, "x");
    CU_ASSERT(story_replied(&story, 1, 2, CODE_OK, "2"));
    story_ask(&story, 0, 2, 1, 5000, "x");
    CU_ASSERT(story_replied(&story, 2, 1, CODE_OK, "1"));
    for (unsigned i = 3; i <= 10; i++) {
        story_ask(&story, 0, 1, 2, 5000, "x");
    }
    CU_ASSERT(story_replied(&story, 1, 2, CODE_OK, "10"));
    CU_ASSERT_EQUAL(story.server.executed_count, 11);
    story_end(&story);
}

static void a_slow_count_counts_when_it_begins_not_when_it_ends(void)
{
    story_init(&story);
    story.config.op = OP_COUNT;
    story.config.service_ns = 10 * MS;
    story.config.workers = 2;
    story_start(&story);
    story_ask(&story, 0, 1, 1, 5000, "x");
    story_ask(&story, 1 * MS, 1, 2, 5000, "x");
    story_wake(&story, 10 * MS);
    CU_ASSERT(story_replied(&story, 1, 1, CODE_OK, "1"));
    story_wake(&story, 11 * MS);
    CU_ASSERT(story_replied(&story, 1, 2, CODE_OK, "2"));
    story_end(&story);
}

static void count_refuses_one_id_more_than_it_has_room_for(void)
{
    story_init(&story);
    story.config.op = OP_COUNT;
    story.config.count_capacity = 2;
    story_start(&story);
    story_ask(&story, 0, 1, 1, 5000, "x");
    story_ask(&story, 0, 2, 1, 5000, "x");
    story_ask(&story, 0, 3, 1, 5000, "x");
    CU_ASSERT(story_replied(&story, 3, 1, CODE_BUSY, "1"));
    CU_ASSERT_EQUAL(story.outbox.note_count, 0); /* not executed */
    story_ask(&story, 0, 2, 2, 5000, "x");
    CU_ASSERT(story_replied(&story, 2, 2, CODE_OK, "2"));
    CU_ASSERT_EQUAL(story.server.executed_count, 3);
    story_end(&story);

    story.config.service_ns = 10 * MS; /* the same when it is a slow one */
    story.config.count_capacity = 1;
    story_start(&story);
    story_ask(&story, 0, 1, 1, 5000, "x");
    story_ask(&story, 0, 2, 1, 5000, "x");
    story_wake(&story, 10 * MS);
    CU_ASSERT_EQUAL(story.outbox.datagram_count, 2);
    CU_ASSERT(story_reply_is(&story, 0, 1, 1, CODE_OK, "1"));
    CU_ASSERT(story_reply_is(&story, 1, 2, 1, CODE_BUSY, "1"));
    CU_ASSERT_EQUAL(server_job_count(&story.server), 0);
    story_end(&story);
}

static void a_text_of_the_largest_size_and_of_any_bytes_is_served(void)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    uint8_t text[WIRE_TEXT_MAX];
    struct wire_message request = {.kind = WIRE_REQUEST,
                                   .id = 1,
                                   .try = 99,
                                   .ttl_ms = WIRE_TTL_MAX_MS,
                                   .op = (const uint8_t *)"echo",
                                   .op_size = 4,
                                   .text = text,
                                   .text_size = sizeof text};
    struct wire_message reply;

    for (unsigned i = 0; i < sizeof text; i++) {
        text[i] = (uint8_t)prng_draw(1, i);
    }
    start(OP_ECHO);
    story_receive(&story, 0, STORY_BROKER, bytes, wire_encode(&request, bytes));
    CU_ASSERT_EQUAL(
        wire_decode(&reply, story.outbox.datagrams[0].bytes, story.outbox.datagrams[0].size),
        WIRE_OK);
    CU_ASSERT_EQUAL(reply.text_size, sizeof text);
    CU_ASSERT_EQUAL(memcmp(reply.text, text, sizeof text), 0);
    story_end(&story);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(toupper_and_tolower_map_ascii_letters_and_no_other_byte),
    HARNESS_TEST(an_answer_may_be_written_over_its_text),
    HARNESS_TEST(count_is_written_in_decimal),
    HARNESS_TEST(the_vectors_of_the_protocol_are_answered_octet_by_octet),
    HARNESS_TEST(count_answers_the_how_manieth_execution_of_this_id_it_is),
    HARNESS_TEST(a_slow_count_counts_when_it_begins_not_when_it_ends),
    HARNESS_TEST(count_refuses_one_id_more_than_it_has_room_for),
    HARNESS_TEST(a_text_of_the_largest_size_and_of_any_bytes_is_served),
};

int main(void)
{
    return harness_run("server/operations", tests, HARNESS_COUNT(tests));
}
