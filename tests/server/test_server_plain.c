#include "server_story.h"

static struct story story;

static void start(enum op op)
{
    story_init(&story);
    story.config.op = op;
    story_start(&story);
}

/* A server that a person can type at. */
static void start_stand_alone(enum op op)
{
    story_init(&story);
    story.config.op = op;
    story.config.accept_plain = true;
    story_start(&story);
}

static void bare_text_is_answered_in_bare_text(void)
{
    start_stand_alone(OP_TOUPPER);
    story_receive_text(&story, 0, STORY_PERSON, "hello");
    CU_ASSERT(story_said(&story, "HELLO"));
    CU_ASSERT(story_executed(&story, 0, "hello", 0));
    story_receive_text(&story, 0, STORY_PERSON, "hello\n");
    CU_ASSERT(story_said(&story, "HELLO\n"));
    story_receive_text(&story, 0, STORY_PERSON, "");
    CU_ASSERT(story_said(&story, ""));
    story_receive_text(&story, 0, STORY_PERSON, "Simple words, and SIM cards");
    CU_ASSERT(story_said(&story, "SIMPLE WORDS, AND SIM CARDS"));
    story_end(&story);
}

static void what_sets_out_to_be_an_envelope_is_never_bare_text(void)
{
    start_stand_alone(OP_TOLOWER);
    story_receive_text(&story, 0, STORY_PERSON, "SIM1 ");
    CU_ASSERT(story_rejected(&story, REJECT_MALFORMED));
    story_receive_text(&story, 0, STORY_PERSON, "SIM1 card");
    CU_ASSERT(story_rejected(&story, REJECT_MALFORMED));
    story_receive_text(&story, 0, STORY_PERSON, "SIM1 Q 9f3a61c07be2d415 1 5000 8b4e036e echo:a");
    CU_ASSERT(story_rejected(&story, REJECT_CORRUPT));
    story_receive_text(&story, 0, STORY_PERSON, "SIM1");
    CU_ASSERT(story_said(&story, "sim1"));
    story_receive_text(&story, 0, STORY_PERSON, "SIMON SAYS");
    CU_ASSERT(story_said(&story, "simon says"));
    story_receive_text(&story, 0, STORY_PERSON, "SIM1:R CARD"); /* a digit without a blank */
    CU_ASSERT(story_said(&story, "sim1:r card"));
    story_receive_text(&story, 0, STORY_PERSON, "SIM2 CARD");
    CU_ASSERT(story_said(&story, "sim2 card"));
    story_end(&story);
}

static void a_server_in_a_run_takes_envelopes_alone(void)
{
    start(OP_TOUPPER);
    story_receive_text(&story, 0, STORY_PERSON, "hello");
    CU_ASSERT(story_rejected(&story, REJECT_MALFORMED));
    story_receive_text(&story, 0, STORY_PERSON, "");
    CU_ASSERT(story_rejected(&story, REJECT_MALFORMED));
    story_receive_text(&story, 0, STORY_PERSON, "SIMON SAYS");
    CU_ASSERT(story_rejected(&story, REJECT_MALFORMED));
    story_end(&story);
}

static void a_stand_alone_server_still_takes_envelopes(void)
{
    start_stand_alone(OP_TOUPPER);
    story_ask(&story, 0, 1, 1, 5000, "hello");
    CU_ASSERT(story_replied(&story, 1, 1, CODE_OK, "HELLO"));
    story_end(&story);
}

static void a_plain_error_is_whole_and_ends_as_its_request_did(void)
{
    char text[WIRE_TEXT_MAX + 2];

    story_init(&story);
    story.config.accept_plain = true;
    story.config.service_ns = 10 * MS;
    story.config.queue = 0;
    story_start(&story);
    story_receive_text(&story, 0, STORY_PERSON, "a");
    story_receive_text(&story, 0, STORY_PERSON, "b");
    CU_ASSERT(story_said(&story, "Error: busy"));
    story_receive_text(&story, 0, STORY_PERSON, "b\n");
    CU_ASSERT(story_said(&story, "Error: busy\n"));
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    story_receive_text(&story, 0, STORY_PERSON, text);
    CU_ASSERT(story_said(&story, "Error: too large"));
    story_wake(&story, 10 * MS);
    CU_ASSERT(story_said(&story, "A"));
    story_end(&story);
}

static void a_plain_request_waits_as_long_as_it_takes(void)
{
    story_init(&story);
    story.config.accept_plain = true;
    story.config.service_ns = 3600 * NS_PER_S;
    story_start(&story);
    story_receive_text(&story, 0, STORY_PERSON, "a");
    story_receive_text(&story, 0, STORY_PERSON, "b");
    story_wake(&story, 3600 * NS_PER_S);
    CU_ASSERT(story_said(&story, "A"));
    story_wake(&story, 7200 * NS_PER_S);
    CU_ASSERT(story_said(&story, "B"));
    story_end(&story);
}

static void each_plain_count_is_a_new_request(void)
{
    start_stand_alone(OP_COUNT);
    story_receive_text(&story, 0, STORY_PERSON, "x");
    CU_ASSERT(story_said(&story, "1"));
    story_receive_text(&story, 0, STORY_PERSON, "x");
    CU_ASSERT(story_said(&story, "1"));
    story_end(&story);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(bare_text_is_answered_in_bare_text),
    HARNESS_TEST(what_sets_out_to_be_an_envelope_is_never_bare_text),
    HARNESS_TEST(a_server_in_a_run_takes_envelopes_alone),
    HARNESS_TEST(a_stand_alone_server_still_takes_envelopes),
    HARNESS_TEST(a_plain_error_is_whole_and_ends_as_its_request_did),
    HARNESS_TEST(a_plain_request_waits_as_long_as_it_takes),
    HARNESS_TEST(each_plain_count_is_a_new_request),
};

int main(void)
{
    return harness_run("server/plain", tests, HARNESS_COUNT(tests));
}
