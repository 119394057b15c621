#include "client_story.h"

static struct story story;

static void a_client_without_a_script_is_done_at_once(void)
{
    story_init(&story);
    story_start(&story);
    CU_ASSERT(client_is_done(&story.client));
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), TIME_NEVER);
    story_end(&story);
}

static void the_first_request_says_what_it_is(void)
{
    story_init(&story);
    story_add_send(&story, 1, "toupper", 0);
    story.config.start_ns = 5 * MS;
    story_start(&story);
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 5 * MS);
    story_wake(&story, 5 * MS);

    CU_ASSERT_EQUAL_FATAL(outbox_count(&story.outbox), 2);
    CU_ASSERT(story.outbox.is_note[0]);
    const struct outbox_note *note = &story.outbox.notes[0];
    CU_ASSERT_EQUAL(note->kind, NOTE_BEGIN);
    CU_ASSERT_EQUAL(note->n, 1);
    CU_ASSERT_EQUAL(note->id, STORY_PREFIX | 1);
    CU_ASSERT_EQUAL(note->due_ns, 5 * MS);
    CU_ASSERT_EQUAL(note->value_ns, 15505 * MS);
    CU_ASSERT_EQUAL_FATAL(note->size, 13);
    CU_ASSERT(memcmp(note->bytes, "toupper:hello", 13) == 0);
    CU_ASSERT_EQUAL(note->op_size, 7);

    const struct outbox_datagram *datagram = &story.outbox.datagrams[0];
    struct wire_message message;
    CU_ASSERT(endpoint_equal(datagram->to, STORY_BROKER));
    CU_ASSERT_EQUAL(datagram->id, STORY_PREFIX | 1);
    CU_ASSERT_EQUAL(datagram->n, 1);
    CU_ASSERT_EQUAL(datagram->try, 1);
    CU_ASSERT_EQUAL(datagram->due_ns, 505 * MS);
    CU_ASSERT_FALSE(datagram->plain);
    CU_ASSERT_FALSE(datagram->reply);
    CU_ASSERT_EQUAL_FATAL(wire_decode(&message, datagram->bytes, datagram->size), WIRE_OK);
    CU_ASSERT_EQUAL(message.kind, WIRE_REQUEST);
    CU_ASSERT_EQUAL(message.id, STORY_PREFIX | 1);
    CU_ASSERT_EQUAL(message.try, 1);
    CU_ASSERT_EQUAL(message.ttl_ms, 15500);
    story_end(&story);
}

static void nothing_happens_before_the_start_or_when_called_early(void)
{
    story_init(&story);
    story_add_send(&story, 1, "toupper", 0);
    story.config.start_ns = 5 * MS;
    story_start(&story);
    story_wake(&story, 5 * MS - 1);
    CU_ASSERT_EQUAL(outbox_count(&story.outbox), 0);
    story_wake(&story, 5 * MS);
    CU_ASSERT_EQUAL(outbox_count(&story.outbox), 2);
    story_wake(&story, 505 * MS - 1);
    CU_ASSERT_EQUAL(outbox_count(&story.outbox), 0);
    CU_ASSERT_FALSE(client_is_done(&story.client));
    story_end(&story);
}

static void with_window_1_the_next_request_begins_when_the_one_before_ends(void)
{
    story_init(&story);
    story_add_send(&story, 3, "toupper", 0);
    story_start(&story);
    story_advance(&story, 0);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0));
    story_reply(&story, 7 * MS, 1, 1, CODE_OK, "HELLO");
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 7 * MS);
    story_advance(&story, 7 * MS);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 7));
    story_reply(&story, 9 * MS, 2, 1, CODE_OK, "HELLO");
    story_advance(&story, 9 * MS);
    story_reply(&story, 10 * MS, 3, 1, CODE_OK, "HELLO");
    CU_ASSERT_EQUAL(story_find(&story, NOTE_ANSWERED, 0)->note.value_ns, 7 * MS);
    CU_ASSERT_EQUAL(story_find(&story, NOTE_ANSWERED, 1)->note.value_ns, 2 * MS);
    CU_ASSERT_EQUAL(story_find(&story, NOTE_ANSWERED, 2)->note.value_ns, 1 * MS);
    CU_ASSERT(client_is_done(&story.client));
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), TIME_NEVER);
    story_end(&story);
}

static void a_call_does_one_thing(void)
{
    story_init(&story);
    story_add_send(&story, 3, "toupper", 0);
    story.config.window = 2;
    story_start(&story);
    story_wake(&story, 0);
    CU_ASSERT_EQUAL(story.outbox.datagram_count, 1);
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 0);
    story_wake(&story, 0);
    CU_ASSERT_EQUAL(story.outbox.datagram_count, 1);
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 500 * MS);
    story_wake(&story, 0);
    CU_ASSERT_EQUAL(outbox_count(&story.outbox), 0);
    story_end(&story);
}

static void three_answers_may_come_in_any_order(void)
{
    story_init(&story);
    story_add_send(&story, 4, "toupper", 0);
    story.config.window = 3;
    story_start(&story);
    story_advance(&story, 0);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 0, 0));
    story_reply(&story, 1 * MS, 3, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_answered(&story, 3, 1, "HELLO"));
    story_advance(&story, 1 * MS);
    CU_ASSERT_EQUAL(story_find(&story, STORY_DATAGRAM, 3)->n, 4);
    story_reply(&story, 2 * MS, 1, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_answered(&story, 1, 1, "HELLO"));
    story_reply(&story, 3 * MS, 4, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_answered(&story, 4, 1, "HELLO"));
    story_reply(&story, 4 * MS, 2, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_answered(&story, 2, 1, "HELLO"));
    CU_ASSERT(client_is_done(&story.client));
    story_end(&story);
}

static void a_thousand_requests_are_open_at_once_in_an_unlimited_window(void)
{
    story_init(&story);
    story_add_send(&story, 1000, "toupper", 0);
    story.config.window = CLIENT_WINDOW_UNLIMITED;
    story_start(&story);
    story_advance(&story, 0);
    CU_ASSERT_EQUAL(story_count(&story, STORY_DATAGRAM), 1000);
    CU_ASSERT_EQUAL(story.client.open_count, 1000);
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 500 * MS);
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t n = i * 7 % 1000 + 1;
        story_reply(&story, 1 * MS, n, 1, CODE_OK, "HELLO");
        CU_ASSERT(story_answered(&story, n, 1, "HELLO"));
        story_reply(&story, 1 * MS, n, 1, CODE_OK, "HELLO");
        CU_ASSERT(story_rejected(&story, REJECT_LATE));
    }
    CU_ASSERT(client_is_done(&story.client));
    story_end(&story);
}

static void a_wide_window_is_used_again_and_again(void)
{
    story_init(&story);
    story_add_send(&story, 300, "toupper", 0);
    story.config.window = 20;
    story_start(&story);
    story_advance(&story, 0);
    for (uint32_t n = 1; n <= 300; n++) {
        CU_ASSERT_EQUAL(story_count(&story, STORY_DATAGRAM), n + 19 < 300 ? n + 19 : 300);
        story_reply(&story, n * MS, n, 1, CODE_OK, "HELLO");
        CU_ASSERT(story_answered(&story, n, 1, "HELLO"));
        story_advance(&story, n * MS);
    }
    CU_ASSERT(client_is_done(&story.client));
    story_end(&story);
}

static void at_equal_instants_a_timer_goes_before_a_step(void)
{
    story_init(&story);
    story_add_send(&story, 2, "toupper", 500 * MS);
    story.config.window = 2;
    story_start(&story);
    story_advance(&story, 500 * MS);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 500, 500));
    CU_ASSERT_EQUAL(story_find(&story, STORY_DATAGRAM, 1)->n, 1);
    CU_ASSERT_EQUAL(story_find(&story, STORY_DATAGRAM, 1)->try, 2);
    CU_ASSERT_EQUAL(story_find(&story, STORY_DATAGRAM, 2)->n, 2);
    story_end(&story);
}

static void with_every_requests_begin_at_their_times(void)
{
    story_init(&story);
    story_add_send(&story, 4, "toupper", 10 * MS);
    story.config.window = CLIENT_WINDOW_UNLIMITED;
    story.config.start_ns = 5 * MS;
    story_start(&story);
    story_advance(&story, 100 * MS);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 5, 15, 25, 35));
    story_end(&story);
}

static void requests_queued_for_the_window_count_from_when_they_were_due(void)
{
    story_init(&story);
    story_add_send(&story, 3, "toupper", 10 * MS);
    story_start(&story);
    story_advance(&story, 33 * MS);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0));
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 500 * MS);
    story_reply(&story, 34 * MS, 1, 1, CODE_OK, "HELLO");
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 34 * MS);
    story_advance(&story, 34 * MS);
    CU_ASSERT_EQUAL(story_find(&story, NOTE_BEGIN, 1)->note.due_ns, 10 * MS);
    story_reply(&story, 36 * MS, 2, 1, CODE_OK, "HELLO");
    story_advance(&story, 36 * MS);
    story_reply(&story, 37 * MS, 3, 1, CODE_OK, "HELLO");
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 34, 36));
    CU_ASSERT_EQUAL(story_find(&story, NOTE_ANSWERED, 0)->note.value_ns, 34 * MS);
    CU_ASSERT_EQUAL(story_find(&story, NOTE_ANSWERED, 1)->note.value_ns, 26 * MS);
    CU_ASSERT_EQUAL(story_find(&story, NOTE_ANSWERED, 2)->note.value_ns, 17 * MS);
    story_end(&story);
}

/* The instants of the first `count` beginnings of a poisson step of mean 10 ms under `key`. */
static void poisson_begin_ns(uint64_t key, uint32_t window, uint64_t *begin_ns, unsigned count)
{
    story_init(&story);
    story_add_send(&story, count, "toupper", 10 * MS)->poisson = true;
    story.identity.key = key;
    story.config.window = window;
    story.config.policy.timeout_ns = 600 * NS_PER_S;
    story.config.deadline_ns = 600 * NS_PER_S;
    story_start(&story);
    story_advance(&story, 500 * NS_PER_S);
    for (unsigned i = 0; i < count; i++) {
        begin_ns[i] = story_find(&story, NOTE_BEGIN, i)->note.due_ns;
    }
    story_end(&story);
}

static void poisson_arrivals_have_the_mean_gap_and_one_before_the_first(void)
{
    uint64_t begin_ns[1000];

    poisson_begin_ns(7, CLIENT_WINDOW_UNLIMITED, begin_ns, 1000);
    CU_ASSERT(begin_ns[0] > 0);
    CU_ASSERT(begin_ns[999] > 8500 * MS && begin_ns[999] < 11500 * MS);
    unsigned short_gaps = 0; /* P(gap < mean) = 1 - 1/e */
    for (unsigned i = 0; i < 999; i++) {
        CU_ASSERT(begin_ns[i + 1] >= begin_ns[i]);
        short_gaps += begin_ns[i + 1] - begin_ns[i] < 10 * MS;
    }
    CU_ASSERT(short_gaps > 560 && short_gaps < 700);
}

static void poisson_arrivals_depend_on_the_key_alone(void)
{
    uint64_t first_ns[20];
    uint64_t again_ns[20];

    poisson_begin_ns(7, CLIENT_WINDOW_UNLIMITED, first_ns, 20);
    poisson_begin_ns(7, 1000, again_ns, 20);
    CU_ASSERT(memcmp(first_ns, again_ns, sizeof(first_ns)) == 0);
    poisson_begin_ns(8, CLIENT_WINDOW_UNLIMITED, again_ns, 20);
    CU_ASSERT(memcmp(first_ns, again_ns, sizeof(first_ns)) != 0);
}

static void a_send_step_begins_once_the_one_before_has_begun_all_of_its_own(void)
{
    story_init(&story);
    story_add_send(&story, 2, "toupper", 10 * MS);
    story_add_send(&story, 2, "tolower", 20 * MS);
    story.config.window = CLIENT_WINDOW_UNLIMITED;
    story_start(&story);
    story_advance(&story, 100 * MS);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 10, 10, 30));
    story_end(&story);
}

static void a_wait_begins_when_all_earlier_requests_are_settled(void)
{
    story_init(&story);
    story_add_send(&story, 2, "toupper", 0);
    story_add_wait(&story, 20 * MS);
    story_add_send(&story, 2, "tolower", 5 * MS);
    story.config.window = CLIENT_WINDOW_UNLIMITED;
    story_start(&story);
    story_advance(&story, 100 * MS);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 0));
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 500 * MS);
    story_reply(&story, 101 * MS, 2, 1, CODE_OK, "HELLO");
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 500 * MS);
    story_reply(&story, 102 * MS, 1, 1, CODE_OK, "HELLO");
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 122 * MS);
    story_advance(&story, 200 * MS);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 0, 122, 127));
    story_end(&story);
}

static void a_wait_of_nothing_is_a_barrier(void)
{
    story_init(&story);
    story_add_send(&story, 2, "toupper", 0);
    story_add_wait(&story, 0);
    story_add_send(&story, 1, "tolower", 0);
    story.config.window = 10;
    story_start(&story);
    story_advance(&story, 3 * MS);
    story_reply(&story, 4 * MS, 1, 1, CODE_OK, "HELLO");
    story_advance(&story, 5 * MS);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 0));
    story_reply(&story, 6 * MS, 2, 1, CODE_OK, "HELLO");
    story_advance(&story, 6 * MS);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 0, 6));
    story_end(&story);
}

static void a_client_is_done_only_after_its_last_wait(void)
{
    story_init(&story);
    story_add_wait(&story, 3 * MS);
    story_add_wait(&story, 4 * MS);
    story.config.start_ns = 1 * MS;
    story_start(&story);
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 4 * MS);
    story_advance(&story, 8 * MS - 1);
    CU_ASSERT_FALSE(client_is_done(&story.client));
    story_advance(&story, 8 * MS);
    CU_ASSERT(client_is_done(&story.client));
    CU_ASSERT_EQUAL(story.log_count, 0);
    story_end(&story);
}

static void raw_bytes_are_sent_once_and_are_no_request(void)
{
    story_init(&story);
    story_add_step(&story, CLIENT_RAW, "SIM1 nonsense");
    story_start(&story);
    story_wake(&story, 0);
    CU_ASSERT_EQUAL(outbox_count(&story.outbox), 1);
    CU_ASSERT_EQUAL_FATAL(story.outbox.datagram_count, 1);
    const struct outbox_datagram *datagram = &story.outbox.datagrams[0];
    CU_ASSERT(datagram->plain);
    CU_ASSERT_EQUAL(datagram->id, 0);
    CU_ASSERT_EQUAL(datagram->n, 0);
    CU_ASSERT_EQUAL(datagram->try, 0);
    CU_ASSERT_EQUAL(datagram->due_ns, TIME_NEVER);
    CU_ASSERT_EQUAL(datagram->size, 13);
    CU_ASSERT(memcmp(datagram->bytes, "SIM1 nonsense", 13) == 0);
    CU_ASSERT(client_is_done(&story.client));
    story_end(&story);
}

static void raw_bytes_need_no_room_in_the_window(void)
{
    story_init(&story);
    story_add_send(&story, 1, "toupper", 0);
    story_add_step(&story, CLIENT_RAW, "");
    story_add_send(&story, 1, "toupper", 0);
    story_start(&story);
    story_advance(&story, 0);
    CU_ASSERT(STORY_SENT_AT_MS(&story, 0, 0));
    CU_ASSERT_EQUAL(story_find(&story, STORY_DATAGRAM, 1)->n, 0);
    CU_ASSERT_EQUAL(client_deadline_ns(&story.client), 500 * MS);
    story_end(&story);
}

static void stopping_cancels_the_open_and_then_what_never_began(void)
{
    story_init(&story);
    story_add_send(&story, 4, "toupper", 0);
    story.config.window = 2;
    story_start(&story);
    story_advance(&story, 500 * MS); /* two requests, two tries each */
    for (unsigned calls = 0; calls < 4; calls++) {
        CU_ASSERT_FALSE(client_is_done(&story.client));
        outbox_clear(&story.outbox);
        client_stop(&story.client, 600 * MS, &story.outbox);
        CU_ASSERT_EQUAL(outbox_count(&story.outbox), 1);
        CU_ASSERT_EQUAL(client_deadline_ns(&story.client), TIME_NEVER);
        story_record(&story, 600 * MS);
    }
    CU_ASSERT(client_is_done(&story.client));
    CU_ASSERT(story_failed(&story, 1, 600 * MS, OUTCOME_CANCELLED, CODE_NONE, 2));
    CU_ASSERT(story_failed(&story, 2, 600 * MS, OUTCOME_CANCELLED, CODE_NONE, 2));
    CU_ASSERT(story_failed(&story, 3, 600 * MS, OUTCOME_CANCELLED, CODE_NONE, 0));
    CU_ASSERT(story_failed(&story, 4, 600 * MS, OUTCOME_CANCELLED, CODE_NONE, 0));
    CU_ASSERT_EQUAL(story_find(&story, NOTE_FAILED, 0)->note.value_ns, 600 * MS);
    CU_ASSERT_EQUAL(story_find(&story, NOTE_FAILED, 3)->note.id, STORY_PREFIX | 4);
    story_wake(&story, 9000 * MS);
    CU_ASSERT_EQUAL(outbox_count(&story.outbox), 0);
    story_reply(&story, 9000 * MS, 1, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_rejected(&story, REJECT_LATE));
    story_reply(&story, 9000 * MS, 3, 1, CODE_OK, "HELLO");
    CU_ASSERT(story_rejected(&story, REJECT_STALE));
    story_end(&story);
}

static void an_idle_client_needs_less_than_500_bytes(void)
{
    story_init(&story);
    story_add_send(&story, 1000, "toupper", 0);
    story_start(&story);
    CU_ASSERT_EQUAL(story.client.slot_count, 1);
    CU_ASSERT(sizeof(struct client) + sizeof(struct client_slot) + sizeof(struct heap_item) +
                  2 * sizeof(uint32_t) <
              500);
    story_end(&story);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_client_without_a_script_is_done_at_once),
        HARNESS_TEST(the_first_request_says_what_it_is),
        HARNESS_TEST(nothing_happens_before_the_start_or_when_called_early),
        HARNESS_TEST(with_window_1_the_next_request_begins_when_the_one_before_ends),
        HARNESS_TEST(a_call_does_one_thing),
        HARNESS_TEST(three_answers_may_come_in_any_order),
        HARNESS_TEST(a_thousand_requests_are_open_at_once_in_an_unlimited_window),
        HARNESS_TEST(a_wide_window_is_used_again_and_again),
        HARNESS_TEST(at_equal_instants_a_timer_goes_before_a_step),
        HARNESS_TEST(with_every_requests_begin_at_their_times),
        HARNESS_TEST(requests_queued_for_the_window_count_from_when_they_were_due),
        HARNESS_TEST(poisson_arrivals_have_the_mean_gap_and_one_before_the_first),
        HARNESS_TEST(poisson_arrivals_depend_on_the_key_alone),
        HARNESS_TEST(a_send_step_begins_once_the_one_before_has_begun_all_of_its_own),
        HARNESS_TEST(a_wait_begins_when_all_earlier_requests_are_settled),
        HARNESS_TEST(a_wait_of_nothing_is_a_barrier),
        HARNESS_TEST(a_client_is_done_only_after_its_last_wait),
        HARNESS_TEST(raw_bytes_are_sent_once_and_are_no_request),
        HARNESS_TEST(raw_bytes_need_no_room_in_the_window),
        HARNESS_TEST(stopping_cancels_the_open_and_then_what_never_began),
        HARNESS_TEST(an_idle_client_needs_less_than_500_bytes),
    };
    return harness_run("client/client_script", tests, HARNESS_COUNT(tests));
}
