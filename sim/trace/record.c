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

enum trace_scope trace_event_scope(enum trace_event event)
{
    switch (event) {
    case TRACE_SEND:
    case TRACE_DUPLICATED:
    case TRACE_DELIVER:
        return TRACE_OF_DATAGRAM;
    case TRACE_BEGIN:
    case TRACE_EXECUTE:
    case TRACE_TIMEOUT:
    case TRACE_RETRY:
    case TRACE_ANSWERED:
    case TRACE_FAILED:
    case TRACE_REPLY_ERROR:
    case TRACE_REJECTED:
        return TRACE_OF_REQUEST;
    case TRACE_CRASH:
    case TRACE_RESTART:
    case TRACE_PAUSE:
    case TRACE_RESUME:
        return TRACE_OF_NODE;
    case TRACE_FAULT:
    case TRACE_NOTE:
    case TRACE_PARTITION:
    case TRACE_HEAL:
        return TRACE_OF_NETWORK;
    case TRACE_ENTRY_OPENED:
    case TRACE_ENTRY_CLOSED:
    case TRACE_EVENT_COUNT:
        break;
    }
    return TRACE_OF_TABLE;
}
