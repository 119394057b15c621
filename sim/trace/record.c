#include "trace/record.h"

_Static_assert(sizeof(struct trace_record) == 72, "a record is small");

const char *trace_event_name(enum trace_event event)
{
    static const char *const NAMES[TRACE_EVENT_COUNT] = {
        [TRACE_BEGIN] = "begin",
        [TRACE_SEND] = "send",
        [TRACE_DUPLICATED] = "duplicated",
        [TRACE_DELIVER] = "deliver",
        [TRACE_EXECUTE] = "execute",
        [TRACE_TIMEOUT] = "timeout",
        [TRACE_RETRY] = "retry",
        [TRACE_ANSWERED] = "answered",
        [TRACE_FAILED] = "failed",
        [TRACE_REPLY_ERROR] = "rejected",
        [TRACE_REJECTED] = "rejected",
        [TRACE_ENTRY_OPENED] = "entry-opened",
        [TRACE_ENTRY_CLOSED] = "entry-closed",
        [TRACE_FAULT] = "fault",
        [TRACE_NOTE] = "note",
        [TRACE_PARTITION] = "partition",
        [TRACE_HEAL] = "heal",
        [TRACE_CRASH] = "crash",
        [TRACE_RESTART] = "restart",
        [TRACE_PAUSE] = "pause",
        [TRACE_RESUME] = "resume",
    };
    return NAMES[event];
}
