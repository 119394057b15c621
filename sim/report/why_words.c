#include "report/why_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "protocol/code.h"

void why_after(char text[WORDS_MAX], uint64_t span_ns)
{
    char span[WORDS_MAX];

    if (span_ns == 0) {
        snprintf(text, WORDS_MAX, "at once");
        return;
    }
    words_span(span, span_ns);
    snprintf(text, WORDS_MAX, "after %.20s", span);
}

void why_span(char text[WORDS_MAX], uint64_t span_ns)
{
    if (span_ns > 0 && span_ns % NS_PER_MS == 0 && span_ns < NS_PER_S) {
        snprintf(text, WORDS_MAX, "%llu ms", (unsigned long long)(span_ns / NS_PER_MS));
    } else if (span_ns > 0 && span_ns % NS_PER_S == 0 && span_ns < 600 * NS_PER_S) {
        snprintf(text, WORDS_MAX, "%llu s", (unsigned long long)(span_ns / NS_PER_S));
    } else {
        words_span(text, span_ns);
    }
}

void why_ordinal(char text[WORDS_MAX], uint32_t number)
{
    static const char *const words[] = {"",      "first",    "second",  "third",  "fourth",
                                        "fifth", "sixth",    "seventh", "eighth", "ninth",
                                        "tenth", "eleventh", "twelfth"};
    static const char *const ends[] = {"th", "st", "nd", "rd"};

    if (number > 0 && number < sizeof words / sizeof words[0]) {
        snprintf(text, WORDS_MAX, "%s", words[number]);
        return;
    }
    bool teen = number / 10 % 10 == 1;
    snprintf(text, WORDS_MAX, "%u%s", number, ends[teen || number % 10 > 3 ? 0 : number % 10]);
}

void why_quote(char text[WHY_TEXT_MAX], const struct why_story *story,
               const struct trace_record *record)
{
    uint64_t i = (uint64_t)(record - story->log->records);
    const uint8_t *bytes = trace_log_bytes(story->log, i);
    size_t size = record->bytes_size;

    if (record->event == TRACE_BEGIN) { /* op:text */
        const uint8_t *colon = size == 0 ? NULL : memchr(bytes, ':', size);
        size -= colon == NULL ? 0 : (size_t)(colon + 1 - bytes);
        bytes = colon == NULL ? bytes : colon + 1;
    }
    text[0] = '"';
    size_t used = 1 + bytes_escape(text + 1, WHY_TEXT_MAX - 2, bytes, size);
    text[used] = '"';
    text[used + 1] = '\0';
}

const char *why_name(const struct why_story *story, uint32_t node)
{
    if (node >= story->scenario->node_count) {
        return "somebody";
    }
    return node == NODE_BROKER ? "the broker" : story->scenario->nodes[node].name;
}

const char *why_code_meaning(unsigned code)
{
    switch ((enum code)code) {
    case CODE_MALFORMED:
        return "malformed";
    case CODE_UNKNOWN_OP:
        return "nobody offers that operation";
    case CODE_EXPIRED:
        return "its time was over before anybody executed it";
    case CODE_CONFLICT:
        return "its id was used before, with another text";
    case CODE_TOO_LARGE:
        return "too large";
    case CODE_BUSY:
        return "busy";
    case CODE_SERVER_FAILED:
        return "the server failed";
    case CODE_UNAVAILABLE:
        return "no server was there";
    case CODE_NO_ANSWER:
        return "it was passed on, and no answer came in time";
    case CODE_VERSION:
        return "another version of the protocol";
    case CODE_OK:
    case CODE_NONE:
        break;
    }
    return code_reason(code);
}

const char *why_reject_meaning(enum reject_reason reason)
{
    switch (reason) {
    case REJECT_LATE:
        return "the request was over by then";
    case REJECT_STALE:
        return "it answered nothing that had been asked";
    case REJECT_SPOOFED:
        return "it came from another than was asked";
    case REJECT_CORRUPT:
        return "its checksum did not hold";
    case REJECT_MALFORMED:
        return "it had not the form that is spoken here";
    case REJECT_TRUNCATED:
        return "it was too long";
    case REJECT_VERSION:
        return "it was of another version of the protocol";
    case REJECT_WRONG_KIND:
        return "only the other kind of datagram is taken there";
    case REJECT_FOREIGN:
        return "its sender has no part in the run";
    case REJECT_DEAF:
        return "its receiver had crashed";
    case REJECT_NONE:
    case REJECT_REASON_COUNT:
        break;
    }
    return "nobody knows why";
}

const char *why_name_first(const struct why_story *story, uint32_t node)
{
    return node == NODE_BROKER ? "The broker" : why_name(story, node);
}

void why_say(struct why_story *story, unsigned indent, const char *text)
{
    tell_paragraph(&story->out, indent, text);
}
