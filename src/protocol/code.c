#include "protocol/code.h"

const char *code_reason(unsigned code)
{
    switch ((enum code)code) {
    case CODE_NONE:
        return "no reply";
    case CODE_OK:
        return "ok";
    case CODE_MALFORMED:
        return "malformed";
    case CODE_UNKNOWN_OP:
        return "unknown op";
    case CODE_EXPIRED:
        return "expired";
    case CODE_CONFLICT:
        return "id reused";
    case CODE_TOO_LARGE:
        return "too large";
    case CODE_BUSY:
        return "busy";
    case CODE_SERVER_FAILED:
        return "server failed";
    case CODE_UNAVAILABLE:
        return "unavailable";
    case CODE_NO_ANSWER:
        return "no answer";
    case CODE_VERSION:
        return "version";
    }
    return "unknown code";
}
