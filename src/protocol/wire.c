#include "protocol/wire.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/decimal.h"
#include "base/hex.h"
#include "base/word.h"
#include "protocol/crc32c.h"

#define WIRE_CRC_DIGITS  8
#define WIRE_TTL_DIGITS  6
#define WIRE_CODE_DIGITS 3

/* An envelope's first fields stand in places of their own, `SIM` digit ` ` kind ` ` id ` ` try;
 * from the try's second digit on it depends on how long each field is. */
#define WIRE_VERSION_AT 3
#define WIRE_KIND_AT    5
#define WIRE_ID_AT      7
#define WIRE_TRY_AT     24

/* What crc32c_blanked takes for granted of where the sum stands: the least and the most before it.
 */
_Static_assert(WIRE_TRY_AT + 1 + 1 + 1 + 1 >= CRC32C_HEAD, "try, ttl and two spaces");
_Static_assert(WIRE_TRY_AT + 2 + 1 + WIRE_TTL_DIGITS + 1 < CRC32C_HEAD + 16, "the same at most");

/* How an envelope of this version begins, as a word: "SIM1 Q ", "SIM1 R ", and the id's first digit
 * left open. */
#define WIRE_REQUEST_MARK UINT64_C(0x53494d3120512000)
#define WIRE_REPLY_MARK   UINT64_C(0x53494d3120522000)
#define WIRE_MARK_MASK    (~UINT64_C(0xff))

/* A shorter envelope there is none: one digit of try, ` ` digit ` ` crc ` `. It is so long that the
 * end of any number before the crc lies in it. */
#define WIRE_ENVELOPE_MIN (WIRE_TRY_AT + 1 + 1 + 1 + 1 + WIRE_CRC_DIGITS + 1)

static const char wire_error_start[] = "Error:";

/* ---- reading ---- */

static inline bool wire_is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static inline bool wire_starts_with(const uint8_t *bytes, size_t size, const char *start,
                                    size_t start_size)
{
    return size >= start_size && memcmp(bytes, start, start_size) == 0;
}

/* Reads the id and the try, which stand in the same places in all versions. There must be an octet
 * at WIRE_TRY_AT. Returns the place behind the try, which is the end or no digit; 0: something is
 * wrong, and nothing is filled. */
static inline size_t wire_read_id_and_try(const uint8_t *bytes, size_t size, uint64_t *id,
                                          unsigned *try)
{
    unsigned first = (unsigned)bytes[WIRE_TRY_AT] - '0';
    size_t at = WIRE_TRY_AT + 1;
    uint64_t read;

    if (bytes[WIRE_TRY_AT - 1] != ' ' || !hex_read_16(bytes + WIRE_ID_AT, &read) || read == 0 ||
        first < 1 || first > 9) {
        return 0;
    }
    if (size > at && wire_is_digit(bytes[at])) {
        first = first * 10 + bytes[at] - '0';
        at++;
        if (size > at && wire_is_digit(bytes[at])) {
            return 0;
        }
    }
    *id = read;
    *try = first;
    return at;
}

/* Reads a decimal number from min to max, of at most `digits_max` digits, without leading zeros.
 * There must be digits_max + 1 octets at least. Returns how many digits it has, 0: it is none. What
 * follows it is not looked at, but it is no digit. */
static inline size_t wire_read_decimal(const uint8_t *bytes, size_t digits_max, uint32_t min,
                                       uint32_t max, uint32_t *value)
{
    uint32_t sum = 0;
    size_t digits = 0;

    while (wire_is_digit(bytes[digits])) {
        if (digits == digits_max) {
            return 0;
        }
        sum = sum * 10 + bytes[digits] - '0';
        digits++;
    }
    if ((digits > 1 && bytes[0] == '0') || sum < min || sum > max) {
        return 0;
    }
    *value = sum;
    return digits;
}

/* What a datagram is whose sum is not the one that stands in it: most sums hold, so that they are
 * written and compared, not read, and only here it is seen whether it was a sum at all. */
static __attribute__((noinline)) enum wire_status wire_judge_sum(const uint8_t *digits)
{
    uint32_t crc;

    return hex_read_8(digits, &crc) ? WIRE_CORRUPT : WIRE_MALFORMED;
}

static inline bool wire_is_letter(uint8_t byte)
{
    return byte >= 'a' && byte <= 'z';
}

/* How many octets at the start may stand in an operation's name. */
static inline size_t wire_skip_op(const uint8_t *bytes, size_t size)
{
    size_t at = 0;

    /* Most names are letters alone, and short. */
    if (size >= 8) {
        uint64_t others = ~word_find_between(word_load(bytes), 'a', 'z') & WORD_EACH(0x80);
        at = others == 0 ? 8 : (size_t)__builtin_clzll(others) / 8;
    }
    while (at < size && (wire_is_letter(bytes[at]) || wire_is_digit(bytes[at]) ||
                         bytes[at] == '-' || bytes[at] == '_')) {
        at++;
    }
    return at;
}

/* op `:` text, to the end. Without a proper op nothing is filled, with too long a text only op. */
static inline enum wire_status wire_read_body(struct wire_message *message, const uint8_t *bytes,
                                              size_t size)
{
    size_t op_size = wire_skip_op(bytes, size < WIRE_OP_MAX + 1 ? size : WIRE_OP_MAX + 1);

    if (op_size == 0 || op_size == size || op_size > WIRE_OP_MAX || bytes[op_size] != ':' ||
        !wire_is_letter(bytes[0])) {
        return WIRE_BAD_BODY;
    }
    message->op = bytes;
    message->op_size = op_size;
    if (size - op_size - 1 > WIRE_TEXT_MAX) {
        return WIRE_TOO_LARGE;
    }
    message->text = bytes + op_size + 1;
    message->text_size = size - op_size - 1;
    return WIRE_OK;
}

/* The head that both kinds and all versions share, read without the certainty that more follows.
 * Returns the place behind the try, which is the end or no digit; 0: it is no head. */
static size_t wire_read_head(const uint8_t *bytes, size_t size, uint8_t *version,
                             enum wire_kind *kind, uint64_t *id, unsigned *try)
{
    if (size <= WIRE_TRY_AT || memcmp(bytes, "SIM", WIRE_VERSION_AT) != 0 ||
        !wire_is_digit(bytes[WIRE_VERSION_AT]) || bytes[WIRE_KIND_AT - 1] != ' ' ||
        (bytes[WIRE_KIND_AT] != 'Q' && bytes[WIRE_KIND_AT] != 'R') ||
        bytes[WIRE_ID_AT - 1] != ' ') {
        return 0;
    }
    *version = bytes[WIRE_VERSION_AT];
    *kind = bytes[WIRE_KIND_AT] == 'Q' ? WIRE_REQUEST : WIRE_REPLY;
    return wire_read_id_and_try(bytes, size, id, try);
}

/* What a datagram is that is too large, or too small, or does not begin as an envelope of this
 * version. */
static __attribute__((noinline)) enum wire_status wire_decode_other(struct wire_message *message,
                                                                    const uint8_t *bytes,
                                                                    size_t size)
{
    struct wire_message read = {0};
    uint8_t version;

    if (size > WIRE_DATAGRAM_MAX) {
        return WIRE_TRUNCATED;
    }
    if (!wire_starts_with(bytes, size, "SIM", WIRE_VERSION_AT)) {
        return WIRE_PLAIN;
    }
    size_t at = wire_read_head(bytes, size, &version, &read.kind, &read.id, &read.try);
    if (at == 0 || version == '1' || read.kind != WIRE_REQUEST || (at < size && bytes[at] != ' ')) {
        return WIRE_MALFORMED;
    }
    *message = read;
    return WIRE_VERSION;
}

enum wire_status wire_decode(struct wire_message *message, const uint8_t *bytes, size_t size)
{
    uint64_t id;
    uint32_t number;
    unsigned try;

    if (size < WIRE_ENVELOPE_MIN || size > WIRE_DATAGRAM_MAX) {
        return wire_decode_other(message, bytes, size);
    }
    bool request = bytes[WIRE_KIND_AT] == 'Q';
    if ((word_load(bytes) & WIRE_MARK_MASK) != (request ? WIRE_REQUEST_MARK : WIRE_REPLY_MARK)) {
        return wire_decode_other(message, bytes, size);
    }
    size_t at = wire_read_id_and_try(bytes, size, &id, &try);
    if (at == 0 || bytes[at] != ' ') {
        return WIRE_MALFORMED;
    }
    at++;
    size_t digits =
        request ? wire_read_decimal(bytes + at, WIRE_TTL_DIGITS, 0, WIRE_TTL_MAX_MS, &number)
                : wire_read_decimal(bytes + at, WIRE_CODE_DIGITS, 100, 999, &number);
    at += digits + 1;
    if (digits == 0 || bytes[at - 1] != ' ' || size <= at + WIRE_CRC_DIGITS ||
        bytes[at + WIRE_CRC_DIGITS] != ' ') {
        return WIRE_MALFORMED;
    }
    if (!hex_is_8(bytes + at, crc32c_blanked(bytes, size, at))) {
        return wire_judge_sum(bytes + at);
    }
    at += WIRE_CRC_DIGITS + 1;
    if (request) {
        *message =
            (struct wire_message){.kind = WIRE_REQUEST, .id = id, .try = try, .ttl_ms = number};
        return wire_read_body(message, bytes + at, size - at);
    }
    if (size - at > WIRE_TEXT_MAX) {
        return WIRE_MALFORMED; /* nobody answers a reply, so nobody is told that it is too large */
    }
    *message = (struct wire_message){.kind = WIRE_REPLY,
                                     .id = id,
                                     .try = try,
                                     .code = number,
                                     .text = bytes + at,
                                     .text_size = size - at};
    return WIRE_OK;
}

enum wire_status wire_decode_plain(struct wire_message *message, const uint8_t *bytes, size_t size)
{
    struct wire_message read = {.kind = WIRE_REQUEST};

    if (size > WIRE_DATAGRAM_MAX) {
        return WIRE_TRUNCATED;
    }
    /* "SIM" and "Error:" need no look of their own: an operation is lower case. */
    enum wire_status status = wire_read_body(&read, bytes, size);
    if (status != WIRE_BAD_BODY) {
        *message = read;
    }
    return status;
}

bool wire_peek(const uint8_t *bytes, size_t size, enum wire_kind *kind, uint64_t *id, unsigned *try)
{
    struct wire_message read;
    uint8_t version;

    size_t at = wire_read_head(bytes, size, &version, &read.kind, &read.id, &read.try);
    if (at == 0 || version != '1' || at == size || bytes[at] != ' ') {
        return false;
    }
    *kind = read.kind;
    *id = read.id;
    *try = read.try;
    return true;
}

bool wire_is_plain_error(const uint8_t *bytes, size_t size)
{
    return wire_starts_with(bytes, size, wire_error_start, sizeof wire_error_start - 1);
}

bool wire_is_op(const uint8_t *bytes, size_t size)
{
    return size >= 1 && size <= WIRE_OP_MAX && wire_is_letter(bytes[0]) &&
           wire_skip_op(bytes, size) == size;
}

/* ---- writing: each puts something at `next` and returns the place behind it ---- */

static inline uint8_t *wire_put(uint8_t *next, const void *bytes, size_t size)
{
    bytes_copy(next, bytes, size);
    return next + size;
}

/* A number; what is behind it may be written to, too. */
static inline uint8_t *wire_put_decimal(uint8_t *next, uint32_t value)
{
    if (value < 10) { /* most tries */
        *next = (uint8_t)('0' + value);
        return next + 1;
    }
    return next + decimal_write(next, value);
}

/* All that stands before the ttl or the code. */
static inline uint8_t *wire_put_head(uint8_t *bytes, uint64_t mark, uint64_t id, unsigned try)
{
    assert(id != 0 && try >= 1 && try <= WIRE_TRY_MAX);
    word_store(bytes, mark);
    hex_write_16(bytes + WIRE_ID_AT, id);
    bytes[WIRE_TRY_AT - 1] = ' ';
    uint8_t *next = wire_put_decimal(bytes + WIRE_TRY_AT, try);
    *next++ = ' ';
    return next;
}

/* The spaces around the crc, which is left open. */
static inline uint8_t *wire_put_gap(uint8_t *next)
{
    next[0] = ' ';
    next[1 + WIRE_CRC_DIGITS] = ' ';
    return next + 1 + WIRE_CRC_DIGITS + 1;
}

/* op `:` text, which must be within the limits. */
static inline uint8_t *wire_put_body(uint8_t *next, const struct wire_message *message)
{
    assert(message->op_size >= 1 && message->op_size <= WIRE_OP_MAX);
    assert(message->text_size <= WIRE_TEXT_MAX);
    next = wire_put(next, message->op, message->op_size);
    *next++ = ':';
    return wire_put(next, message->text, message->text_size);
}

/* Fills the gap that ends at `body` with the sum of all from `bytes` to `end`, and returns how much
 * that is. */
static inline size_t wire_put_sum(uint8_t *bytes, uint8_t *body, const uint8_t *end)
{
    uint8_t *crc = body - 1 - WIRE_CRC_DIGITS;
    size_t size = (size_t)(end - bytes);

    hex_write_8(crc, crc32c_blanked(bytes, size, (size_t)(crc - bytes)));
    return size;
}

static size_t wire_encode_request(const struct wire_message *message, uint8_t *bytes)
{
    assert(message->ttl_ms <= WIRE_TTL_MAX_MS);

    uint8_t *next = wire_put_head(bytes, WIRE_REQUEST_MARK, message->id, message->try);
    next = wire_put_decimal(next, message->ttl_ms);
    uint8_t *body = wire_put_gap(next);
    return wire_put_sum(bytes, body, wire_put_body(body, message));
}

size_t wire_encode_reply(uint8_t *bytes, uint64_t id, unsigned try, unsigned code,
                         const uint8_t *text, size_t text_size)
{
    assert(code >= 100 && code <= 999 && text_size <= WIRE_TEXT_MAX);

    uint8_t *next = wire_put_head(bytes, WIRE_REPLY_MARK, id, try);
    next = wire_put_decimal(next, code);
    uint8_t *body = wire_put_gap(next);
    return wire_put_sum(bytes, body, wire_put(body, text, text_size));
}

size_t wire_encode(const struct wire_message *message, uint8_t *bytes)
{
    if (message->kind == WIRE_REQUEST) {
        return wire_encode_request(message, bytes);
    }
    return wire_encode_reply(bytes, message->id, message->try, message->code, message->text,
                             message->text_size);
}

size_t wire_encode_plain(const struct wire_message *message, uint8_t *bytes)
{
    assert(message->kind == WIRE_REQUEST);
    return (size_t)(wire_put_body(bytes, message) - bytes);
}

size_t wire_encode_plain_error(uint8_t *bytes, const char *reason, bool line_feed)
{
    size_t reason_size = strnlen(reason, WIRE_TEXT_MAX);
    size_t size = sizeof wire_error_start - 1;

    memcpy(bytes, wire_error_start, size);
    bytes[size++] = ' ';
    memcpy(bytes + size, reason, reason_size);
    size += reason_size;
    if (line_feed) {
        bytes[size++] = '\n';
    }
    return size;
}
