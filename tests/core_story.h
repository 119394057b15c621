/* What the stories of the cores share: datagrams as they come from the wire. */
#ifndef TESTS_CORE_STORY_H
#define TESTS_CORE_STORY_H

#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/wire.h"

/* Puts a copy of exactly these bytes in place of the one before, which is freed: a sanitizer sees a
 * read beyond them. */
static inline const uint8_t *core_story_copy(uint8_t **kept, const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    if (size > 0) {
        memcpy(copy, bytes, size);
    }
    free(*kept);
    *kept = copy;
    return copy;
}

/* Write an enveloped request or reply to `bytes`, of WIRE_DATAGRAM_MAX; return its size. */
static inline size_t core_story_request(uint8_t *bytes, uint64_t id, unsigned try, uint32_t ttl_ms,
                                        const char *op, const char *text)
{
    struct wire_message request = {.kind = WIRE_REQUEST,
                                   .id = id,
                                   .try = try,
                                   .ttl_ms = ttl_ms,
                                   .op = (const uint8_t *)op,
                                   .op_size = strlen(op),
                                   .text = (const uint8_t *)text,
                                   .text_size = strlen(text)};
    return wire_encode(&request, bytes);
}

static inline size_t core_story_reply(uint8_t *bytes, uint64_t id, unsigned try, unsigned code,
                                      const char *text)
{
    struct wire_message reply = {.kind = WIRE_REPLY,
                                 .id = id,
                                 .try = try,
                                 .code = code,
                                 .text = (const uint8_t *)text,
                                 .text_size = strlen(text)};
    return wire_encode(&reply, bytes);
}

#endif
