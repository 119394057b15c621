#include "protocol/outbox.h"

#include <string.h>

#include "base/time.h"
#include "harness.h"

static const struct endpoint broker = {.key = 77, .node = 3, .port = 8082};

/* Static: too large for a small stack. */
static struct outbox outbox;

static void what_was_put_comes_out_in_its_order(void)
{
    outbox_clear(&outbox);
    outbox_add_note(&outbox, NOTE_BEGIN)->n = 1;
    outbox_add_datagram(&outbox, broker)->n = 1;
    outbox_add_note(&outbox, NOTE_BEGIN)->n = 2;
    outbox_add_datagram(&outbox, broker)->n = 2;
    outbox_add_note(&outbox, NOTE_FAILED)->n = 2;

    CU_ASSERT_EQUAL(outbox_count(&outbox), 5);
    CU_ASSERT_EQUAL(outbox.note_count, 3);
    CU_ASSERT_EQUAL(outbox.datagram_count, 2);
    CU_ASSERT_TRUE(outbox.is_note[0]);
    CU_ASSERT_FALSE(outbox.is_note[1]);
    CU_ASSERT_TRUE(outbox.is_note[2]);
    CU_ASSERT_FALSE(outbox.is_note[3]);
    CU_ASSERT_TRUE(outbox.is_note[4]);
    CU_ASSERT_EQUAL(outbox.notes[1].n, 2);
    CU_ASSERT_EQUAL(outbox.datagrams[1].n, 2);
}

static void nothing_of_an_earlier_call_shines_through(void)
{
    outbox_clear(&outbox);
    memset(outbox.notes, 0xff, sizeof outbox.notes);
    memset(outbox.datagrams, 0xff, sizeof outbox.datagrams);

    struct outbox_note *note = outbox_add_note(&outbox, NOTE_EXECUTE);
    CU_ASSERT_EQUAL(note->kind, NOTE_EXECUTE);
    CU_ASSERT_EQUAL(note->reason, REJECT_NONE);
    CU_ASSERT_EQUAL(note->id, 0);
    CU_ASSERT_EQUAL(note->peer.key, 0);
    CU_ASSERT_PTR_NULL(note->bytes);
    CU_ASSERT_EQUAL(note->size, 0);

    struct outbox_datagram *datagram = outbox_add_datagram(&outbox, broker);
    CU_ASSERT_EQUAL(datagram->to.key, 77);
    CU_ASSERT_EQUAL(datagram->to.port, 8082);
    CU_ASSERT_EQUAL(datagram->id, 0);
    CU_ASSERT_EQUAL(datagram->try, 0);
    CU_ASSERT_FALSE(datagram->reply);
    CU_ASSERT_FALSE(datagram->plain);
    CU_ASSERT_EQUAL(datagram->due_ns, TIME_NEVER);
    CU_ASSERT_EQUAL(datagram->size, 0);
}

static void it_holds_the_most_a_call_may_put_and_is_empty_again(void)
{
    unsigned i;

    outbox_clear(&outbox);
    for (i = 0; i < OUTBOX_MAX; i++) {
        outbox_add_note(&outbox, NOTE_RETRY);
        outbox_add_datagram(&outbox, broker);
    }
    CU_ASSERT_EQUAL(outbox_count(&outbox), 2 * OUTBOX_MAX);
    outbox_clear(&outbox);
    CU_ASSERT_EQUAL(outbox_count(&outbox), 0);
    CU_ASSERT_EQUAL(outbox.note_count, 0);
    CU_ASSERT_EQUAL(outbox.datagram_count, 0);
}

static void reasons_and_outcomes_are_called_as_in_the_language(void)
{
    static const char *const reasons[REJECT_REASON_COUNT] = {[REJECT_NONE] = "none",
                                                             [REJECT_LATE] = "late",
                                                             [REJECT_STALE] = "stale",
                                                             [REJECT_SPOOFED] = "spoofed",
                                                             [REJECT_CORRUPT] = "corrupt",
                                                             [REJECT_MALFORMED] = "malformed",
                                                             [REJECT_TRUNCATED] = "truncated",
                                                             [REJECT_VERSION] = "version",
                                                             [REJECT_WRONG_KIND] = "wrong-kind",
                                                             [REJECT_FOREIGN] = "foreign",
                                                             [REJECT_DEAF] = "deaf"};
    int reason;

    for (reason = 0; reason < REJECT_REASON_COUNT; reason++) {
        CU_ASSERT_STRING_EQUAL(reject_reason_name((enum reject_reason)reason), reasons[reason]);
    }
    CU_ASSERT_STRING_EQUAL(outcome_name(OUTCOME_OPEN), "open");
    CU_ASSERT_STRING_EQUAL(outcome_name(OUTCOME_ANSWERED), "answered");
    CU_ASSERT_STRING_EQUAL(outcome_name(OUTCOME_ERROR), "error");
    CU_ASSERT_STRING_EQUAL(outcome_name(OUTCOME_TIMED_OUT), "timed-out");
    CU_ASSERT_STRING_EQUAL(outcome_name(OUTCOME_CANCELLED), "cancelled");
}

static const struct harness_test tests[] = {
    HARNESS_TEST(what_was_put_comes_out_in_its_order),
    HARNESS_TEST(nothing_of_an_earlier_call_shines_through),
    HARNESS_TEST(it_holds_the_most_a_call_may_put_and_is_empty_again),
    HARNESS_TEST(reasons_and_outcomes_are_called_as_in_the_language),
};

int main(void)
{
    return harness_run("protocol/outbox", tests, HARNESS_COUNT(tests));
}
