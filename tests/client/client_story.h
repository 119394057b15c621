/* A client in a test: its script, the time that the test moves by hand, and a log of all that came
 * out. What `story_advance` does is all a world does: wake the client when it asks to be woken. */
#ifndef TESTS_CLIENT_CLIENT_STORY_H
#define TESTS_CLIENT_CLIENT_STORY_H

#include "core_story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "client/client.h"
#include "protocol/code.h"

#define MS NS_PER_MS

#define STORY_LOG_MAX   4096
#define STORY_STEPS_MAX 4
#define STORY_PREFIX    UINT64_C(0x9f3a61c07b000000)

static const struct endpoint STORY_BROKER = {.key = 11};
static const struct endpoint STORY_STRANGER = {.key = 12};

/* What came out: a note, or (kind NOTE_ENTRY_CLOSED, which no client puts) a datagram. */
#define STORY_DATAGRAM NOTE_ENTRY_CLOSED
struct story_event {
    uint64_t at_ns;
    enum note_kind kind;
    struct outbox_note note; /* its bytes are not kept */
    unsigned try;
    uint32_t n;
};

struct story {
    struct client_config config;
    struct client_identity identity;
    struct client_step steps[STORY_STEPS_MAX];
    struct client_text_part parts[STORY_STEPS_MAX];
    struct client client;
    struct outbox outbox; /* of the latest call */
    uint8_t *input;       /* the latest datagram in: exactly its bytes, so that a sanitizer sees a
                             read beyond them; notes point into it */
    struct story_event log[STORY_LOG_MAX];
    unsigned log_count;
};

/* One client with the language's defaults and no step yet. */
static inline void story_init(struct story *story)
{
    memset(story, 0, sizeof(*story));
    story->identity = (struct client_identity){.name = "c1", .key = 7, .id_prefix = STORY_PREFIX};
    story->config = (struct client_config){
        .steps = story->steps,
        .policy = {.timeout_ns = 500 * MS,
                   .cap_ns = TIME_NEVER,
                   .tries = 5,
                   .factor_milli = 2000,
                   .backoff = BACKOFF_EXPONENTIAL,
                   .jitter = JITTER_NONE},
        .deadline_ns = 15500 * MS,
        .window = 1,
        .broker = STORY_BROKER,
    };
}

/* Adds a step of that kind, its text a literal. */
static inline struct client_step *story_add_step(struct story *story, enum client_step_kind kind,
                                                 const char *text)
{
    uint32_t i = story->config.step_count++;

    story->parts[i] = (struct client_text_part){
        .kind = CLIENT_TEXT_LITERAL, .bytes = (const uint8_t *)text, .size = strlen(text)};
    story->steps[i] =
        (struct client_step){.kind = kind, .text = {.parts = &story->parts[i], .part_count = 1}};
    return &story->steps[i];
}

static inline struct client_step *story_add_send(struct story *story, uint32_t count,
                                                 const char *op, uint64_t every_ns)
{
    struct client_step *step = story_add_step(story, CLIENT_SEND, "hello");

    step->count = count;
    step->op_size = (uint8_t)snprintf(step->op, sizeof(step->op), "%s", op);
    step->every_ns = every_ns;
    story->config.request_count += count;
    return step;
}

static inline void story_add_wait(struct story *story, uint64_t wait_ns)
{
    story_add_step(story, CLIENT_WAIT, "")->wait_ns = wait_ns;
}

static inline void story_start(struct story *story)
{
    CU_ASSERT_EQUAL_FATAL(client_init(&story->client, &story->config, &story->identity), 0);
}

static inline void story_end(struct story *story)
{
    client_free(&story->client);
    free(story->input);
    story->input = NULL;
}

/* ---- moving time --------------------------------------------------------------------------- */

static inline void story_record(struct story *story, uint64_t now_ns)
{
    const struct outbox_note *note = story->outbox.notes;
    const struct outbox_datagram *datagram = story->outbox.datagrams;

    for (unsigned i = 0; i < outbox_count(&story->outbox); i++) {
        CU_ASSERT_FATAL(story->log_count < STORY_LOG_MAX);
        struct story_event *event = &story->log[story->log_count++];

        event->at_ns = now_ns;
        if (story->outbox.is_note[i]) {
            event->note = *note++;
            event->kind = event->note.kind;
            event->try = event->note.try;
            event->n = event->note.n;
        } else {
            event->kind = STORY_DATAGRAM;
            event->try = datagram->try;
            event->n = datagram++->n;
        }
    }
}

static inline void story_wake(struct story *story, uint64_t now_ns)
{
    outbox_clear(&story->outbox);
    client_on_deadline(&story->client, now_ns, &story->outbox);
    story_record(story, now_ns);
}

/* Wakes the client at each of its deadlines, up to and at until_ns. */
static inline void story_advance(struct story *story, uint64_t until_ns)
{
    uint64_t now_ns = 0;

    while (client_deadline_ns(&story->client) <= until_ns) {
        uint64_t due_ns = client_deadline_ns(&story->client);
        now_ns = due_ns > now_ns ? due_ns : now_ns;
        story_wake(story, now_ns);
    }
}

static inline void story_receive(struct story *story, uint64_t now_ns, struct endpoint from,
                                 const uint8_t *bytes, size_t size)
{
    const uint8_t *input = core_story_copy(&story->input, bytes, size);

    outbox_clear(&story->outbox);
    client_on_datagram(&story->client, now_ns, from, input, size, &story->outbox);
    story_record(story, now_ns);
}

/* Encodes a reply to request n. */
static inline size_t story_encode_reply(uint8_t *bytes, uint32_t n, unsigned try, unsigned code,
                                        const char *text)
{
    return core_story_reply(bytes, STORY_PREFIX | n, try, code, text);
}

static inline void story_reply(struct story *story, uint64_t now_ns, uint32_t n, unsigned try,
                               unsigned code, const char *text)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    size_t size = story_encode_reply(bytes, n, try, code, text);

    story_receive(story, now_ns, STORY_BROKER, bytes, size);
}

static inline void story_receive_text(struct story *story, uint64_t now_ns, const char *text)
{
    story_receive(story, now_ns, STORY_BROKER, (const uint8_t *)text, strlen(text));
}

/* ---- reading the log ----------------------------------------------------------------------- */

static inline unsigned story_count(const struct story *story, enum note_kind kind)
{
    unsigned count = 0;

    for (unsigned i = 0; i < story->log_count; i++) {
        count += story->log[i].kind == kind;
    }
    return count;
}

/* The index-th event of that kind, from 0; NULL if there are fewer. */
static inline const struct story_event *story_find(const struct story *story, enum note_kind kind,
                                                   unsigned index)
{
    for (unsigned i = 0; i < story->log_count; i++) {
        if (story->log[i].kind == kind && index-- == 0) {
            return &story->log[i];
        }
    }
    return NULL;
}

/* Whether the datagrams so far left at exactly these milliseconds. */
static inline bool story_sent_at_ms(const struct story *story, const uint64_t *at_ms,
                                    unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct story_event *event = story_find(story, STORY_DATAGRAM, i);
        if (event == NULL || event->at_ns != at_ms[i] * MS) {
            return false;
        }
    }
    return story_count(story, STORY_DATAGRAM) == count;
}
#define STORY_SENT_AT_MS(story, ...)                                                               \
    story_sent_at_ms((story), (const uint64_t[]){__VA_ARGS__},                                     \
                     sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

/* Whether request n ended exactly once, not answered, at at_ns, in this way. */
static inline bool story_failed(const struct story *story, uint32_t n, uint64_t at_ns,
                                enum outcome outcome, unsigned code, unsigned tries)
{
    unsigned ends = 0;
    bool same = false;

    for (unsigned i = 0; i < story->log_count; i++) {
        const struct story_event *event = &story->log[i];
        if (event->n == n && event->kind == NOTE_FAILED) {
            ends++;
            same = event->at_ns == at_ns && event->note.outcome == outcome &&
                   event->note.code == code && event->try == tries;
        }
        ends += event->n == n && event->kind == NOTE_ANSWERED;
    }
    return same && ends == 1;
}

/* Whether the latest call put one note, a rejection for this reason, and nothing else. */
static inline bool story_rejected(const struct story *story, enum reject_reason reason)
{
    return outbox_count(&story->outbox) == 1 && story->outbox.note_count == 1 &&
           story->outbox.notes[0].kind == NOTE_REJECTED && story->outbox.notes[0].reason == reason;
}

/* Whether the latest call put, among others, the answer to request n. */
static inline bool story_answered(const struct story *story, uint32_t n, unsigned try,
                                  const char *text)
{
    const struct outbox_note *note = &story->outbox.notes[0];

    return story->outbox.note_count == 1 && note->kind == NOTE_ANSWERED && note->n == n &&
           note->try == try && note->size == strlen(text) &&
           memcmp(note->bytes, text, note->size) == 0;
}

#endif
