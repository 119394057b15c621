/* A server in a test: what it is asked, the time that the test moves by hand, and what came out of
 * the latest call. */
#ifndef TESTS_SERVER_SERVER_STORY_H
#define TESTS_SERVER_SERVER_STORY_H

#include "core_story.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "protocol/code.h"
#include "server/server.h"

#define MS NS_PER_MS

#define STORY_ID UINT64_C(0x9f3a61c07be2d415)

static const struct endpoint STORY_BROKER = {.key = 11};
static const struct endpoint STORY_PERSON = {.key = 12};
static const struct endpoint STORY_NEIGHBOURS[] = {{.key = 21}, {.key = 22}};

struct story {
    struct server_config config;
    struct server server;
    struct outbox outbox; /* of the latest call */
    uint8_t *input;       /* the latest datagram in: exactly its bytes, so that a sanitizer sees a
                             read beyond them; notes point into it */
    size_t input_size;
};

/* A toupper server with the language's defaults. */
static inline void story_init(struct story *story)
{
    memset(story, 0, sizeof(*story));
    story->config = (struct server_config){
        .op = OP_TOUPPER,
        .key = 7,
        .workers = 1,
        .queue = 1024,
        .count_capacity = 100,
        .never_answered = STORY_NEIGHBOURS,
        .never_answered_count = 2,
    };
}

static inline void story_start(struct story *story)
{
    CU_ASSERT_EQUAL_FATAL(server_init(&story->server, &story->config), 0);
}

static inline void story_end(struct story *story)
{
    server_free(&story->server);
    free(story->input);
    story->input = NULL;
}

static inline void story_wake(struct story *story, uint64_t now_ns)
{
    outbox_clear(&story->outbox);
    server_on_deadline(&story->server, now_ns, &story->outbox);
}

static inline void story_receive(struct story *story, uint64_t now_ns, struct endpoint from,
                                 const uint8_t *bytes, size_t size)
{
    const uint8_t *input = core_story_copy(&story->input, bytes, size);

    story->input_size = size;
    outbox_clear(&story->outbox);
    server_on_datagram(&story->server, now_ns, from, input, size, &story->outbox);
}

static inline void story_receive_text(struct story *story, uint64_t now_ns, struct endpoint from,
                                      const char *text)
{
    story_receive(story, now_ns, from, (const uint8_t *)text, strlen(text));
}

/* An enveloped request from the broker, of the server's own operation. */
static inline void story_ask(struct story *story, uint64_t now_ns, uint64_t id, unsigned try,
                             uint32_t ttl_ms, const char *text)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    size_t size = core_story_request(bytes, id, try, ttl_ms, op_name(story->config.op), text);

    story_receive(story, now_ns, STORY_BROKER, bytes, size);
}

/* ---- what came out of the latest call ------------------------------------------------------ */

/* Whether the index-th datagram is this enveloped reply to the broker. */
static inline bool story_reply_is(const struct story *story, unsigned index, uint64_t id,
                                  unsigned try, unsigned code, const char *text)
{
    const struct outbox_datagram *datagram = &story->outbox.datagrams[index];
    struct wire_message reply;

    return index < story->outbox.datagram_count && datagram->id == id && datagram->try == try &&
           datagram->reply && !datagram->plain && datagram->due_ns == TIME_NEVER &&
           endpoint_equal(datagram->to, STORY_BROKER) &&
           wire_decode(&reply, datagram->bytes, datagram->size) == WIRE_OK &&
           reply.kind == WIRE_REPLY && reply.id == id && reply.try == try && reply.code == code &&
           reply.text_size == strlen(text) && memcmp(reply.text, text, strlen(text)) == 0;
}

/* Whether that reply is the only datagram. */
static inline bool story_replied(const struct story *story, uint64_t id, unsigned try,
                                 unsigned code, const char *text)
{
    return story->outbox.datagram_count == 1 && story_reply_is(story, 0, id, try, code, text);
}

/* Whether exactly one datagram came out, these bare bytes to the person. */
static inline bool story_said(const struct story *story, const char *text)
{
    const struct outbox_datagram *datagram = &story->outbox.datagrams[0];

    return story->outbox.datagram_count == 1 && datagram->plain && datagram->reply &&
           datagram->id == 0 && datagram->try == 1 && endpoint_equal(datagram->to, STORY_PERSON) &&
           datagram->size == strlen(text) && memcmp(datagram->bytes, text, strlen(text)) == 0;
}

/* Whether the latest call put one note, a rejection for this reason, and nothing else. */
static inline bool story_rejected(const struct story *story, enum reject_reason reason)
{
    return outbox_count(&story->outbox) == 1 && story->outbox.note_count == 1 &&
           story->outbox.notes[0].kind == NOTE_REJECTED && story->outbox.notes[0].reason == reason;
}

/* Whether the latest call put one note, the execution of this request, that waited so long. */
static inline bool story_executed(const struct story *story, uint64_t id, const char *text,
                                  uint64_t waited_ns)
{
    const struct outbox_note *note = &story->outbox.notes[0];

    return story->outbox.note_count == 1 && note->kind == NOTE_EXECUTE && note->id == id &&
           note->size == strlen(text) && memcmp(note->bytes, text, note->size) == 0 &&
           note->value_ns == waited_ns;
}

/* Whether it neither executed nor said anything. */
static inline bool story_is_silent(const struct story *story)
{
    return outbox_count(&story->outbox) == 0;
}

#endif
