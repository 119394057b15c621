#include "protocol/outbox.h"

#include <assert.h>
#include <string.h>

#include "base/time.h"

_Static_assert(sizeof(struct outbox_note) == 64,
               "each is zeroed before it is filled: let it be small");

const char *reject_reason_name(enum reject_reason reason)
{
    switch (reason) {
    case REJECT_NONE:
        return "none";
    case REJECT_LATE:
        return "late";
    case REJECT_STALE:
        return "stale";
    case REJECT_SPOOFED:
        return "spoofed";
    case REJECT_CORRUPT:
        return "corrupt";
    case REJECT_MALFORMED:
        return "malformed";
    case REJECT_TRUNCATED:
        return "truncated";
    case REJECT_VERSION:
        return "version";
    case REJECT_WRONG_KIND:
        return "wrong-kind";
    case REJECT_FOREIGN:
        return "foreign";
    case REJECT_DEAF:
        return "deaf";
    case REJECT_REASON_COUNT:
        break;
    }
    return "unknown";
}

const char *outcome_name(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_OPEN:
        return "open";
    case OUTCOME_ANSWERED:
        return "answered";
    case OUTCOME_ERROR:
        return "error";
    case OUTCOME_TIMED_OUT:
        return "timed-out";
    case OUTCOME_CANCELLED:
        return "cancelled";
    }
    return "unknown";
}

void outbox_clear(struct outbox *outbox)
{
    outbox->note_count = 0;
    outbox->datagram_count = 0;
}

struct outbox_note *outbox_add_note(struct outbox *outbox, enum note_kind kind)
{
    assert(outbox->note_count < OUTBOX_MAX);
    outbox->is_note[outbox_count(outbox)] = true;
    struct outbox_note *note = &outbox->notes[outbox->note_count++];
    *note = (struct outbox_note){.kind = kind};
    return note;
}

struct outbox_datagram *outbox_add_datagram(struct outbox *outbox, struct endpoint to)
{
    assert(outbox->datagram_count < OUTBOX_MAX);
    outbox->is_note[outbox_count(outbox)] = false;
    struct outbox_datagram *datagram = &outbox->datagrams[outbox->datagram_count++];
    memset(datagram, 0, offsetof(struct outbox_datagram, bytes));
    datagram->to = to;
    datagram->due_ns = TIME_NEVER;
    return datagram;
}
