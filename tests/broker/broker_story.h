/* A broker in a test: what clients and servers say to it, the time that the test moves by hand, and
 * what came out of the latest call. */
#ifndef TESTS_BROKER_BROKER_STORY_H
#define TESTS_BROKER_BROKER_STORY_H

#include "core_story.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "broker/broker.h"
#include "broker/broker_table.h"
#include "protocol/code.h"

#define MS NS_PER_MS

#define STORY_KEY UINT64_C(77)
#define STORY_ID  UINT64_C(0x9f3a61c07be2d415)

static const struct endpoint STORY_SELF = {.key = 11};
static const struct endpoint STORY_C1 = {.key = 31};
static const struct endpoint STORY_C2 = {.key = 32};
static const struct endpoint STORY_TOUPPER = {.key = 21};
static const struct endpoint STORY_TOLOWER = {.key = 22};

struct story {
    struct broker_server servers[2];
    struct broker_config config;
    struct broker broker;
    struct outbox outbox; /* of the latest call */
    uint8_t *input;       /* the latest datagram in: exactly its bytes, so that a sanitizer sees a
                             read beyond them */
};

/* A broker for toupper and tolower with the language's defaults, but room for 8 requests alone. */
static inline void story_init(struct story *story)
{
    memset(story, 0, sizeof(*story));
    story->servers[0] = (struct broker_server){.op = "toupper", .endpoint = STORY_TOUPPER};
    story->servers[1] = (struct broker_server){.op = "tolower", .endpoint = STORY_TOLOWER};
    story->config = (struct broker_config){
        .key = STORY_KEY,
        .servers = story->servers,
        .server_count = 2,
        .self = STORY_SELF,
        .pending = 8,
        .policy = {.cap_ns = TIME_NEVER, .tries = 1, .factor_milli = 2000},
    };
}

static inline void story_start(struct story *story)
{
    CU_ASSERT_EQUAL_FATAL(broker_init(&story->broker, &story->config), 0);
}

static inline void story_end(struct story *story)
{
    broker_free(&story->broker);
    free(story->input);
    story->input = NULL;
}

static inline void story_wake(struct story *story, uint64_t now_ns)
{
    outbox_clear(&story->outbox);
    broker_on_deadline(&story->broker, now_ns, &story->outbox);
}

/* When the broker next does something: the calls that would do nothing are over. */
static inline uint64_t story_due_ns(struct story *story)
{
    uint64_t due_ns = broker_deadline_ns(&story->broker);

    while (due_ns != TIME_NEVER && broker_table_first_due(&story->broker, due_ns) == MAP_NONE) {
        due_ns = broker_deadline_ns(&story->broker);
    }
    return due_ns;
}

static inline void story_receive(struct story *story, uint64_t now_ns, struct endpoint from,
                                 const uint8_t *bytes, size_t size)
{
    const uint8_t *input = core_story_copy(&story->input, bytes, size);

    outbox_clear(&story->outbox);
    broker_on_datagram(&story->broker, now_ns, from, input, size, &story->outbox);
}

static inline void story_receive_text(struct story *story, uint64_t now_ns, struct endpoint from,
                                      const char *text)
{
    story_receive(story, now_ns, from, (const uint8_t *)text, strlen(text));
}

/* An enveloped request of a client: toupper:hello. */
static inline void story_ask(struct story *story, uint64_t now_ns, struct endpoint client,
                             uint64_t id, unsigned try, uint32_t ttl_ms)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    size_t size = core_story_request(bytes, id, try, ttl_ms, "toupper", "hello");

    story_receive(story, now_ns, client, bytes, size);
}

/* An enveloped reply of a server. */
static inline void story_reply(struct story *story, uint64_t now_ns, struct endpoint server,
                               uint64_t id, unsigned try, unsigned code, const char *text)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    size_t size = core_story_reply(bytes, id, try, code, text);

    story_receive(story, now_ns, server, bytes, size);
}

/* ---- what came out of the latest call ------------------------------------------------------ */

/* The id of the only datagram, if it is this request to the server; else 0. */
static inline uint64_t story_forwarded(const struct story *story, struct endpoint server,
                                       unsigned try, uint32_t ttl_ms, const char *text)
{
    const struct outbox_datagram *datagram = &story->outbox.datagrams[0];
    struct wire_message request;

    bool good = story->outbox.datagram_count == 1 && endpoint_equal(datagram->to, server) &&
                !datagram->reply && !datagram->plain && datagram->try == try &&
                datagram->due_ns == TIME_NEVER &&
                wire_decode(&request, datagram->bytes, datagram->size) == WIRE_OK &&
                request.kind == WIRE_REQUEST && request.id == datagram->id && request.try == try &&
                request.ttl_ms == ttl_ms && request.text_size == strlen(text) &&
                memcmp(request.text, text, strlen(text)) == 0;
    return good ? request.id : 0;
}

/* The channel of the only datagram, if it is this bare text to the plain server; else 0. */
static inline uint16_t story_asked_plainly(const struct story *story, struct endpoint server,
                                           const char *text)
{
    const struct outbox_datagram *datagram = &story->outbox.datagrams[0];

    bool good = story->outbox.datagram_count == 1 && endpoint_equal(datagram->to, server) &&
                !datagram->reply && datagram->plain && datagram->try == 1 && datagram->id == 0 &&
                datagram->size == strlen(text) && memcmp(datagram->bytes, text, strlen(text)) == 0;
    return good ? datagram->to.channel : 0;
}

/* Whether the only datagram is this enveloped reply to the client. */
static inline bool story_relayed(const struct story *story, struct endpoint client, uint64_t id,
                                 unsigned try, unsigned code, const char *text)
{
    const struct outbox_datagram *datagram = &story->outbox.datagrams[0];
    struct wire_message reply;

    return story->outbox.datagram_count == 1 && endpoint_equal(datagram->to, client) &&
           datagram->reply && !datagram->plain && datagram->id == id && datagram->try == try &&
           wire_decode(&reply, datagram->bytes, datagram->size) == WIRE_OK &&
           reply.kind == WIRE_REPLY && reply.id == id && reply.try == try && reply.code == code &&
           reply.text_size == strlen(text) && memcmp(reply.text, text, strlen(text)) == 0;
}

/* Whether the only datagram is this bare text to the client. */
static inline bool story_said(const struct story *story, struct endpoint client, const char *text)
{
    const struct outbox_datagram *datagram = &story->outbox.datagrams[0];

    return story->outbox.datagram_count == 1 && endpoint_equal(datagram->to, client) &&
           datagram->reply && datagram->plain && datagram->id == 0 && datagram->try == 1 &&
           datagram->size == strlen(text) && memcmp(datagram->bytes, text, strlen(text)) == 0;
}

/* Whether the latest call put one note, a rejection for this reason, and nothing else. */
static inline bool story_rejected(const struct story *story, enum reject_reason reason)
{
    return outbox_count(&story->outbox) == 1 && story->outbox.note_count == 1 &&
           story->outbox.notes[0].kind == NOTE_REJECTED && story->outbox.notes[0].reason == reason;
}

/* The only note of that kind; NULL if there is none, or more than one. */
static inline const struct outbox_note *story_note(const struct story *story, enum note_kind kind)
{
    const struct outbox_note *found = NULL;

    for (unsigned i = 0; i < story->outbox.note_count; i++) {
        if (story->outbox.notes[i].kind == kind) {
            if (found != NULL) {
                return NULL;
            }
            found = &story->outbox.notes[i];
        }
    }
    return found;
}

/* Whether the latest call closed an entry with this code. */
static inline bool story_closed(const struct story *story, unsigned code)
{
    const struct outbox_note *note = story_note(story, NOTE_ENTRY_CLOSED);
    return note != NULL && note->code == code;
}

#endif
