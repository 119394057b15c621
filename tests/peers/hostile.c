#include "hostile.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "protocol/code.h"
#include "protocol/crc32c.h"
#include "protocol/wire.h"

#define GOOD      "SIM1 Q 9f3a61c07be2d415 1 5000 8b4e036f toupper:hello"
#define GOOD_SIZE (sizeof GOOD - 1)
#define SUM_SIZE  8

/* Each wrong in a way of its own; those in `signed_texts` then get the right checksum. */
static const char *const texts[] = {
    "",
    "\n",
    ":",
    "toupper",
    "TOUPPER:hello",
    "to upper:hello",
    "nobody:hello",
    "Error: no answer",
    "Error:",
    "SIM",
    "SIM1",
    "SIM1 ",
    "SIM1 X 9f3a61c07be2d415 1 5000 8b4e036f toupper:hello",
    "SIM0 Q 9f3a61c07be2d415 1 5000 8b4e036f toupper:hello",
    "SIM2 Q 9f3a61c07be2d415 1 5000 8b4e036f toupper:hello",
    "SIM9 Q 9f3a61c07be2d415 1 anything else that is long enough",
    "SIM2 R 9f3a61c07be2d415 1 200 1cc0671a HELLO",
    "SIM12 Q 9f3a61c07be2d415 1 5000 8b4e036f toupper:hello",
    "sim1 Q 9f3a61c07be2d415 1 5000 8b4e036f toupper:hello",
    "SIM1 R 9f3a61c07be2d415 1 200 1cc0671a HELLO",
    "SIM1 R 9f3a61c07be2d415 1 404 ec5ca393 unknown op",
    "SIM1 Q 9f3a61c07be2d415 1 5000 8B4E036F toupper:hello",
};
static const char *const signed_texts[] = {
    "SIM1 Q 0000000000000000 1 5000 00000000 toupper:hello",
    "SIM1 Q 9F3A61C07BE2D415 1 5000 00000000 toupper:hello",
    "SIM1 Q 9f3a61c07be2d415 0 5000 00000000 toupper:hello",
    "SIM1 Q 9f3a61c07be2d415 01 5000 00000000 toupper:hello",
    "SIM1 Q 9f3a61c07be2d415 100 5000 00000000 toupper:hello",
    "SIM1 Q 9f3a61c07be2d415 1 600001 00000000 toupper:hello",
    "SIM1 Q 9f3a61c07be2d415 1 05000 00000000 toupper:hello",
    "SIM1 Q 9f3a61c07be2d415 1 0 00000000 toupper:hello",
    "SIM1 Q 9f3a61c07be2d415 1 5000 00000000 TOUPPER:hello",
    "SIM1 Q 9f3a61c07be2d415 1 5000 00000000 toupper",
    "SIM1 Q 9f3a61c07be2d415 1 5000 00000000 :hello",
    "SIM1 Q 9f3a61c07be2d415 1 5000 00000000 ",
    "SIM1 Q 9f3a61c07be2d415 1 5000 00000000 nobody:hello",
    "SIM1 R 9f3a61c07be2d415 1 200 00000000 EVIL",
    "SIM1 R 9f3a61c07be2d415 1 999 00000000 EVIL",
    "SIM1 R 9f3a61c07be2d415 1 2000 00000000 EVIL",
};
static const size_t oversizes[] = {1201, 1500, 9000, HOSTILE_SIZE_MAX};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

void hostile_sign(uint8_t *bytes, size_t size)
{
    size_t at = 0;
    char sum[SUM_SIZE + 1];

    for (unsigned spaces = 0; spaces < 5 && at < size; at++) {
        spaces += bytes[at] == ' ';
    }
    assert(at + SUM_SIZE <= size);
    memset(bytes + at, '0', SUM_SIZE);
    snprintf(sum, sizeof sum, "%08x", crc32c(0, bytes, size));
    memcpy(bytes + at, sum, SUM_SIZE);
}

/* ---- making ---------------------------------------------------------------------------------- */

/* Bytes of any value, or a good request with a few of them, or one that only promises to be. */
static size_t hostile_make_random(uint32_t i, uint8_t *bytes)
{
    uint64_t key = prng_draw(0, i);
    size_t size;

    if (i % 3 == 0) {
        size = GOOD_SIZE;
        memcpy(bytes, GOOD, GOOD_SIZE);
        for (uint64_t j = 0; j < 3; j++) {
            uint64_t random = prng_draw(key, j);
            bytes[random % size] = (uint8_t)(random >> 32);
        }
        /* Three strokes that spare it: one more that does not. */
        bytes[20] = memcmp(bytes, GOOD, GOOD_SIZE) == 0 ? 'z' : bytes[20];
        return size;
    }
    size = prng_below(prng_draw(key, 1000), 1300);
    for (size_t j = 0; j < size; j++) {
        bytes[j] = (uint8_t)prng_draw(key, j);
    }
    if (i % 3 == 1 && size >= 7) {
        memcpy(bytes, "SIM1 Q ", 7);
    }
    return size;
}

/* A request of ours with one octet of text too many. */
static size_t hostile_make_too_large(uint8_t *bytes)
{
    size_t head = GOOD_SIZE - strlen("hello");
    size_t size = head + WIRE_TEXT_MAX + 1;

    memset(bytes, 'a', size);
    memcpy(bytes, GOOD, head);
    hostile_sign(bytes, size);
    return size;
}

size_t hostile_make(uint32_t i, uint8_t *bytes)
{
    if (i < 8 * GOOD_SIZE) { /* every bit flipped */
        memcpy(bytes, GOOD, GOOD_SIZE);
        bytes[i / 8] = (uint8_t)(bytes[i / 8] ^ 1u << i % 8);
        return GOOD_SIZE;
    }
    i -= 8 * (uint32_t)GOOD_SIZE;
    if (i < GOOD_SIZE) { /* every length but the whole */
        memcpy(bytes, GOOD, GOOD_SIZE);
        return i;
    }
    i -= (uint32_t)GOOD_SIZE;
    if (i < COUNT_OF(texts)) {
        memcpy(bytes, texts[i], strlen(texts[i]));
        return strlen(texts[i]);
    }
    i -= (uint32_t)COUNT_OF(texts);
    if (i < COUNT_OF(signed_texts)) {
        memcpy(bytes, signed_texts[i], strlen(signed_texts[i]));
        hostile_sign(bytes, strlen(signed_texts[i]));
        return strlen(signed_texts[i]);
    }
    i -= (uint32_t)COUNT_OF(signed_texts);
    if (i < COUNT_OF(oversizes)) {
        memset(bytes, 'a', oversizes[i]);
        memcpy(bytes, GOOD, GOOD_SIZE);
        hostile_sign(bytes, oversizes[i]);
        return oversizes[i];
    }
    i -= (uint32_t)COUNT_OF(oversizes);
    return i == 0 ? hostile_make_too_large(bytes) : hostile_make_random(i, bytes);
}

/* ---- expecting ------------------------------------------------------------------------------- */

/* An enveloped error goes out only if it is no longer than what it answers. */
static void hostile_expect_error(struct hostile_counts *counts, unsigned code, unsigned try,
                                 size_t size)
{
    if (size >= (try > 9 ? 40u : 39u)) {
        counts->errors[code]++;
    } else if (code == CODE_MALFORMED) {
        counts->rejected[REJECT_MALFORMED]++;
    }
}

/* What broker and server do alike with all but a plain datagram. */
static void hostile_expect(struct hostile_counts *counts, enum wire_status status,
                           const struct wire_message *message, size_t size)
{
    switch (status) {
    case WIRE_OK:
        if (message->kind == WIRE_REPLY) {
            counts->rejected[REJECT_WRONG_KIND]++;
            break;
        }
        bool known = message->op_size == 7 && memcmp(message->op, "toupper", 7) == 0;
        assert(!known || message->ttl_ms == 0);
        hostile_expect_error(counts, known ? CODE_EXPIRED : CODE_UNKNOWN_OP, message->try, size);
        break;
    case WIRE_PLAIN:
    case WIRE_MALFORMED:
        counts->rejected[REJECT_MALFORMED]++;
        break;
    case WIRE_TRUNCATED:
        counts->rejected[REJECT_TRUNCATED]++;
        break;
    case WIRE_CORRUPT:
        counts->rejected[REJECT_CORRUPT]++;
        break;
    case WIRE_VERSION:
        counts->rejected[REJECT_VERSION]++;
        hostile_expect_error(counts, CODE_VERSION, message->try, size);
        break;
    case WIRE_BAD_BODY:
        hostile_expect_error(counts, CODE_MALFORMED, message->try, size);
        break;
    case WIRE_TOO_LARGE:
        hostile_expect_error(counts, CODE_TOO_LARGE, message->try, size);
        break;
    }
}

void hostile_expect_of_broker(struct hostile_counts *counts, const uint8_t *bytes, size_t size)
{
    struct wire_message message = {.id = 0};
    enum wire_status status = wire_decode(&message, bytes, size);

    if (status != WIRE_PLAIN || size == 0) {
        hostile_expect(counts, status, &message, size);
    } else if (wire_is_plain_error(bytes, size)) {
        counts->rejected[REJECT_WRONG_KIND]++;
    } else {
        counts->plain_errors++;
    }
}

void hostile_expect_of_server(struct hostile_counts *counts, const uint8_t *bytes, size_t size)
{
    struct wire_message message = {.id = 0};
    enum wire_status status = wire_decode(&message, bytes, size);
    /* What begins as an envelope of this version, or as a reply of another, is no bare text. */
    bool enveloped = size >= 5 && memcmp(bytes, "SIM1 ", 5) == 0;
    bool reply = size >= 7 && memcmp(bytes, "SIM", 3) == 0 && bytes[3] >= '0' && bytes[3] <= '9' &&
                 memcmp(bytes + 4, " R ", 3) == 0;
    bool bare = status == WIRE_PLAIN || (status == WIRE_MALFORMED && !enveloped && !reply);

    if (!bare) {
        hostile_expect(counts, status, &message, size);
    } else if (wire_is_plain_error(bytes, size)) {
        counts->rejected[REJECT_WRONG_KIND]++;
    } else if (size > WIRE_TEXT_MAX) {
        counts->plain_errors++;
    } else {
        counts->answered++;
    }
}
