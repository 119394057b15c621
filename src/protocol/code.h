/* The codes of replies and what follows from them (protocol.md, Codes). */
#ifndef PROTOCOL_CODE_H
#define PROTOCOL_CODE_H

#include <stdbool.h>

enum code {
    CODE_NONE = 0, /* no reply */
    CODE_OK = 200,
    CODE_MALFORMED = 400,     /* definite */
    CODE_UNKNOWN_OP = 404,    /* definite */
    CODE_EXPIRED = 408,       /* definite: before it was forwarded or executed */
    CODE_CONFLICT = 409,      /* definite: id reused with another payload */
    CODE_TOO_LARGE = 413,     /* definite */
    CODE_BUSY = 429,          /* definite; the text is milliseconds to wait */
    CODE_SERVER_FAILED = 500, /* indefinite */
    CODE_UNAVAILABLE = 503,   /* definite */
    CODE_NO_ANSWER = 504,     /* indefinite: forwarded, no answer in time */
    CODE_VERSION = 505        /* definite */
};

/* A definite code says: this request was not executed. */
static inline bool code_is_definite(unsigned code)
{
    return code >= 400 && code != CODE_SERVER_FAILED && code != CODE_NO_ANSWER;
}

/* Whether a client may send again after this code: always after 429 and 503, after 500 and 504 only
 * if a second execution does no harm, never after the others. */
static inline bool code_may_retry(unsigned code, bool idempotent)
{
    return code == CODE_BUSY || code == CODE_UNAVAILABLE ||
           (idempotent && (code == CODE_SERVER_FAILED || code == CODE_NO_ANSWER));
}

/* The reason in lower-case words, as a reply's text and after "Error: ": "unknown op". */
const char *code_reason(unsigned code);

#endif
