#include "broker_story.h"

#include <stdio.h>

static struct story story;

static void start(void)
{
    story_init(&story);
    story_start(&story);
}

/* A broker for plain servers, with room for `pending` requests. */
static void start_plain(uint32_t pending)
{
    story_init(&story);
    story.config.pending = pending;
    story.servers[0].plain = true;
    story.servers[1].plain = true;
    story_start(&story);
}

/* The server as it is seen on one of the broker's channels. */
static struct endpoint on_channel(struct endpoint server, uint16_t channel)
{
    server.channel = channel;
    return server;
}

/* The channel that the latest call closed; 0 = none. */
static uint16_t closed_channel(void)
{
    const struct outbox_note *note = story_note(&story, NOTE_CHANNEL_CLOSE);
    return note == NULL ? 0 : note->peer.channel;
}

/* ---- plain clients, enveloped servers ------------------------------------------------------ */

static void a_plain_request_is_forwarded_in_an_envelope_and_answered_in_bare_text(void)
{
    uint64_t first;
    uint64_t second;

    start();
    story_receive_text(&story, 0, STORY_C1, "toupper:hello");
    first = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    story_receive_text(&story, 0, STORY_C1, "toupper:hello"); /* a new request, not a copy */
    second = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    CU_ASSERT(first != 0 && second != 0 && first != second);
    CU_ASSERT_EQUAL(broker_entry_count(&story.broker), 2);
    story_reply(&story, 1 * MS, STORY_TOUPPER, second, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_said(&story, STORY_C1, "HELLO"));
    CU_ASSERT(story_closed(&story, CODE_OK));
    story_reply(&story, 1 * MS, STORY_TOUPPER, first, 1, CODE_OK, "");
    CU_ASSERT(story_said(&story, STORY_C1, ""));
    story_end(&story);
}

static void a_plain_error_says_the_reason_and_ends_as_its_request_did(void)
{
    char text[WIRE_TEXT_MAX + 10];
    uint64_t upstream;

    start();
    story_receive_text(&story, 0, STORY_C1, "hello");
    CU_ASSERT(story_said(&story, STORY_C1, "Error: malformed"));
    CU_ASSERT_EQUAL(story.outbox.note_count, 0);
    story_receive_text(&story, 0, STORY_C1, "hello\n");
    CU_ASSERT(story_said(&story, STORY_C1, "Error: malformed\n"));
    story_receive_text(&story, 0, STORY_C1, "\n");
    CU_ASSERT(story_said(&story, STORY_C1, "Error: malformed\n"));
    story_receive_text(&story, 0, STORY_C1, "reverse:hello\n");
    CU_ASSERT(story_said(&story, STORY_C1, "Error: unknown op\n"));
    snprintf(text, sizeof text, "toupper:%0*d", WIRE_TEXT_MAX + 1, 7);
    story_receive_text(&story, 0, STORY_C1, text);
    CU_ASSERT(story_said(&story, STORY_C1, "Error: too large"));

    story_receive_text(&story, 0, STORY_C1, "toupper:hello");
    upstream = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    story_reply(&story, 0, STORY_TOUPPER, upstream, 1, CODE_BUSY, "250");
    CU_ASSERT(story_said(&story, STORY_C1, "Error: busy"));
    story_end(&story);
}

static void a_plain_request_lives_5_seconds_and_is_told(void)
{
    start();
    story_receive_text(&story, 1 * MS, STORY_C1, "toupper:hello");
    CU_ASSERT_EQUAL(broker_deadline_ns(&story.broker), 5001 * MS);
    story_wake(&story, 5001 * MS);
    CU_ASSERT(story_said(&story, STORY_C1, "Error: no answer"));
    CU_ASSERT(story_closed(&story, CODE_NO_ANSWER));
    CU_ASSERT_EQUAL(broker_entry_count(&story.broker), 0);
    story_end(&story);
}

static void a_plain_request_to_a_full_table_is_busy(void)
{
    start();
    for (uint64_t id = 1; id <= 8; id++) {
        story_ask(&story, 0, STORY_C1, id, 1, 5000);
    }
    story_receive_text(&story, 0, STORY_C1, "toupper:hello\n");
    CU_ASSERT(story_said(&story, STORY_C1, "Error: busy\n"));
    story_end(&story);
}

/* ---- plain servers ------------------------------------------------------------------------- */

static void a_plain_server_gets_bare_text_and_its_answer_goes_back_in_the_clients_form(void)
{
    uint16_t channel;

    start_plain(8);
    story_ask(&story, 0, STORY_C1, STORY_ID, 3, 5000);
    channel = story_asked_plainly(&story, STORY_TOUPPER, "hello");
    CU_ASSERT_NOT_EQUAL(channel, 0);
    story_receive_text(&story, 1 * MS, on_channel(STORY_TOUPPER, channel), "HELLO");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 3, CODE_OK, "HELLO"));
    CU_ASSERT(story_closed(&story, CODE_OK));
    CU_ASSERT_EQUAL(closed_channel(), 0);

    story_receive_text(&story, 2 * MS, STORY_C2, "tolower:");
    CU_ASSERT_EQUAL(story_asked_plainly(&story, STORY_TOLOWER, ""), channel); /* used again */
    story_receive_text(&story, 3 * MS, on_channel(STORY_TOLOWER, channel), "");
    CU_ASSERT(story_said(&story, STORY_C2, ""));
    story_end(&story);
}

static void an_answer_is_bare_text_whatever_it_looks_like(void)
{
    const char *looks = "SIM1 R 9f3a61c07be2d415 1 404 ec5ca393 unknown op";

    start_plain(8);
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    story_receive_text(&story, 1 * MS, on_channel(STORY_TOUPPER, 1), looks);
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_OK, looks));
    story_end(&story);
}

static void a_plain_servers_error_is_500_to_an_envelope_and_whole_to_a_plain_client(void)
{
    start_plain(8);
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    story_receive_text(&story, 1 * MS, on_channel(STORY_TOUPPER, 1), "Error: too hot\n");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_SERVER_FAILED, "too hot"));
    CU_ASSERT(story_closed(&story, CODE_SERVER_FAILED));
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    story_receive_text(&story, 1 * MS, on_channel(STORY_TOUPPER, 1), "Error: too hot");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_SERVER_FAILED, "too hot"));
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    story_receive_text(&story, 1 * MS, on_channel(STORY_TOUPPER, 1), "Error:");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_SERVER_FAILED, ""));
    story_receive_text(&story, 2 * MS, STORY_C1, "toupper:hello\n");
    story_receive_text(&story, 3 * MS, on_channel(STORY_TOUPPER, 1), "Error: too hot\n");
    CU_ASSERT(story_said(&story, STORY_C1, "Error: too hot\n"));
    story_end(&story);
}

static void fifty_open_requests_are_answered_out_of_order_each_to_its_own_client(void)
{
    uint16_t channels[50];
    char text[32];

    start_plain(64);
    for (unsigned i = 0; i < 50; i++) { /* from neighbouring addresses, at neighbouring counts */
        snprintf(text, sizeof text, "toupper:text %u", i);
        story_receive_text(&story, 0, (struct endpoint){.key = 1000 + i}, text);
        channels[i] = story_asked_plainly(&story, STORY_TOUPPER, text + 8);
        CU_ASSERT_NOT_EQUAL(channels[i], 0);
        for (unsigned before = 0; before < i; before++) {
            CU_ASSERT_NOT_EQUAL(channels[before], channels[i]);
        }
    }
    for (unsigned k = 0; k < 50; k++) {
        unsigned i = (7 + 13 * k) % 50;
        snprintf(text, sizeof text, "TEXT %u", i);
        story_receive_text(&story, 1 * MS, on_channel(STORY_TOUPPER, channels[i]), text);
        CU_ASSERT(story_said(&story, (struct endpoint){.key = 1000 + i}, text));
    }
    CU_ASSERT_EQUAL(broker_entry_count(&story.broker), 0);
    story_ask(&story, 2 * MS, STORY_C1, STORY_ID, 1, 5000);
    CU_ASSERT(story_asked_plainly(&story, STORY_TOUPPER, "hello") <= 50); /* no new socket */
    story_end(&story);
}

static void a_channel_whose_request_timed_out_is_closed_and_not_used_again(void)
{
    start_plain(8);
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 100);
    CU_ASSERT_EQUAL(story_asked_plainly(&story, STORY_TOUPPER, "hello"), 1);
    story_wake(&story, 100 * MS);
    CU_ASSERT(story_closed(&story, CODE_NONE));
    CU_ASSERT_EQUAL(closed_channel(), 1);
    CU_ASSERT_EQUAL(story.outbox.datagram_count, 0);
    story_receive_text(&story, 101 * MS, on_channel(STORY_TOUPPER, 1), "HELLO");
    CU_ASSERT(story_rejected(&story, REJECT_LATE));

    for (uint16_t channel = 2; channel <= BROKER_CHANNELS_MAX; channel++) {
        uint64_t now_ns = channel * NS_PER_S;
        story_ask(&story, now_ns, STORY_C1, STORY_ID, 1, 100);
        CU_ASSERT_EQUAL(story_asked_plainly(&story, STORY_TOUPPER, "hello"), channel);
        story_wake(&story, now_ns + 100 * MS);
        CU_ASSERT_EQUAL(closed_channel(), channel);
    }
    story_ask(&story, 2000 * NS_PER_S, STORY_C1, STORY_ID, 1, 100);
    CU_ASSERT_EQUAL(story_asked_plainly(&story, STORY_TOUPPER, "hello"), 1); /* another socket */
    story_end(&story);
}

static void a_channel_that_is_in_use_is_left_out_when_the_numbers_begin_anew(void)
{
    start_plain(8);
    story_receive_text(&story, 0, STORY_C2, "toupper:hello");
    CU_ASSERT_EQUAL(story_asked_plainly(&story, STORY_TOUPPER, "hello"), 1);
    for (uint16_t channel = 2; channel <= BROKER_CHANNELS_MAX; channel++) {
        uint64_t now_ns = 2 * channel * MS;
        story_ask(&story, now_ns, STORY_C1, STORY_ID, 1, 1);
        CU_ASSERT_EQUAL(story_asked_plainly(&story, STORY_TOUPPER, "hello"), channel);
        story_wake(&story, now_ns + MS);
    }
    story_ask(&story, 3 * NS_PER_S, STORY_C1, STORY_ID, 1, 100);
    CU_ASSERT_EQUAL(story_asked_plainly(&story, STORY_TOUPPER, "hello"), 2);
    story_receive_text(&story, 3001 * MS, on_channel(STORY_TOUPPER, 1), "HELLO");
    CU_ASSERT(story_said(&story, STORY_C2, "HELLO"));
    story_end(&story);
}

static void a_clients_copy_leaves_by_a_fresh_channel_and_the_old_one_is_closed(void)
{
    start_plain(8);
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    CU_ASSERT_EQUAL(story_asked_plainly(&story, STORY_TOUPPER, "hello"), 1);
    story_ask(&story, 500 * MS, STORY_C1, STORY_ID, 2, 4500);
    CU_ASSERT_EQUAL(story_asked_plainly(&story, STORY_TOUPPER, "hello"), 2);
    CU_ASSERT_EQUAL(closed_channel(), 1);
    story_receive_text(&story, 501 * MS, on_channel(STORY_TOUPPER, 1), "HELLO");
    CU_ASSERT(story_rejected(&story, REJECT_LATE));
    story_receive_text(&story, 502 * MS, on_channel(STORY_TOUPPER, 2), "HELLO");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 2, CODE_OK, "HELLO"));
    story_end(&story);
}

static void a_channel_is_answered_by_the_server_that_was_asked_alone(void)
{
    start_plain(8);
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    story_receive_text(&story, 0, on_channel(STORY_TOLOWER, 1), "forged");
    CU_ASSERT(story_rejected(&story, REJECT_SPOOFED));
    story_receive_text(&story, 0, on_channel(STORY_C2, 1), "toupper:forged");
    CU_ASSERT(story_rejected(&story, REJECT_SPOOFED));
    story_receive_text(&story, 0, on_channel(STORY_TOUPPER, 0), "forged");
    CU_ASSERT(story_rejected(&story, REJECT_LATE));
    story_receive_text(&story, 0, on_channel(STORY_TOUPPER, 2), "forged");
    CU_ASSERT(story_rejected(&story, REJECT_LATE));
    story_receive_text(&story, 0, on_channel(STORY_TOUPPER, 65535), "forged");
    CU_ASSERT(story_rejected(&story, REJECT_LATE));
    story_receive_text(&story, 0, on_channel(STORY_TOUPPER, 1), "HELLO");
    CU_ASSERT(story_relayed(&story, STORY_C1, STORY_ID, 1, CODE_OK, "HELLO"));
    story_end(&story);
}

static void an_answer_longer_than_a_text_is_rejected(void)
{
    uint8_t bytes[WIRE_TEXT_MAX + 1];

    memset(bytes, 'X', sizeof bytes);
    start_plain(8);
    story_ask(&story, 0, STORY_C1, STORY_ID, 1, 5000);
    story_receive(&story, 0, on_channel(STORY_TOUPPER, 1), bytes, sizeof bytes);
    CU_ASSERT(story_rejected(&story, REJECT_MALFORMED));
    story_end(&story);
}

static void without_a_free_channel_a_new_request_is_429_and_a_copy_504(void)
{
    start_plain(2000);
    for (uint64_t id = 1; id <= BROKER_CHANNELS_MAX; id++) {
        story_ask(&story, 0, STORY_C1, id, 1, 5000);
        CU_ASSERT_EQUAL(story_asked_plainly(&story, STORY_TOUPPER, "hello"), id);
    }
    story_ask(&story, 0, STORY_C1, 5000, 1, 5000);
    CU_ASSERT(story_relayed(&story, STORY_C1, 5000, 1, CODE_BUSY, "100"));
    CU_ASSERT_EQUAL(story.outbox.note_count, 0);
    story_ask(&story, 0, STORY_C1, 1, 2, 4000);
    CU_ASSERT(story_relayed(&story, STORY_C1, 1, 2, CODE_NO_ANSWER, "no answer"));
    CU_ASSERT_EQUAL(story.outbox.note_count, 0);

    story_receive_text(&story, 1 * MS, on_channel(STORY_TOUPPER, 77), "HELLO");
    CU_ASSERT(story_relayed(&story, STORY_C1, 77, 1, CODE_OK, "HELLO"));
    story_ask(&story, 2 * MS, STORY_C1, 5000, 2, 5000);
    CU_ASSERT_EQUAL(story_asked_plainly(&story, STORY_TOUPPER, "hello"), 77);
    story_receive_text(&story, 3 * MS, on_channel(STORY_TOUPPER, 1), "HELLO");
    CU_ASSERT(story_relayed(&story, STORY_C1, 1, 1, CODE_OK, "HELLO"));
    story_end(&story);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(a_plain_request_is_forwarded_in_an_envelope_and_answered_in_bare_text),
    HARNESS_TEST(a_plain_error_says_the_reason_and_ends_as_its_request_did),
    HARNESS_TEST(a_plain_request_lives_5_seconds_and_is_told),
    HARNESS_TEST(a_plain_request_to_a_full_table_is_busy),
    HARNESS_TEST(a_plain_server_gets_bare_text_and_its_answer_goes_back_in_the_clients_form),
    HARNESS_TEST(an_answer_is_bare_text_whatever_it_looks_like),
    HARNESS_TEST(a_plain_servers_error_is_500_to_an_envelope_and_whole_to_a_plain_client),
    HARNESS_TEST(fifty_open_requests_are_answered_out_of_order_each_to_its_own_client),
    HARNESS_TEST(a_channel_whose_request_timed_out_is_closed_and_not_used_again),
    HARNESS_TEST(a_channel_that_is_in_use_is_left_out_when_the_numbers_begin_anew),
    HARNESS_TEST(a_clients_copy_leaves_by_a_fresh_channel_and_the_old_one_is_closed),
    HARNESS_TEST(a_channel_is_answered_by_the_server_that_was_asked_alone),
    HARNESS_TEST(an_answer_longer_than_a_text_is_rejected),
    HARNESS_TEST(without_a_free_channel_a_new_request_is_429_and_a_copy_504),
};

int main(void)
{
    return harness_run("broker/plain", tests, HARNESS_COUNT(tests));
}
