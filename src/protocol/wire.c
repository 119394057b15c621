#include "protocol/wire.h"

#include <assert.h>
#include <string.h>

#include "base/hex.h"
#include "protocol/crc32c.h"

/* The crc field's digits, and what stands in them while the sum is taken. */
#define WIRE_CRC_DIGITS 8
#define WIRE_CRC_BLANK  "00000000"

#define WIRE_HEX_DIGITS  8 /* read and written at a time */
#define WIRE_ID_DIGITS   16
#define WIRE_CODE_DIGITS 3

static const char wire_error_start[] = "Error:";

/* ---- reading ---- */

/* What is left to read. Each wire_read takes what it names and moves on, or returns false, and the
 * reader is of no more use. */
struct wire_reader {
    const uint8_t *next; /* the first octet not yet read */
    const uint8_t *end;  /* behind the last one */
};

static inline size_t wire_left(const struct wire_reader *reader)
{
    return (size_t)(reader->end - reader->next);
}

static inline bool wire_is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static inline bool wire_starts_with(const uint8_t *bytes, size_t size, const char *start,
                                    size_t start_size)
{
    return size >= start_size && memcmp(bytes, start, start_size) == 0;
}

/* One octet that must be `byte`. */
static inline bool wire_read_byte(struct wire_reader *reader, char byte)
{
    if (reader->next == reader->end || *reader->next != (uint8_t)byte) {
        return false;
    }
    reader->next++;
    return true;
}

/* The id's or the sum's digits, eight at a time. */
static inline bool wire_read_hex(struct wire_reader *reader, uint32_t *value)
{
    if (wire_left(reader) < WIRE_HEX_DIGITS || !hex_read(reader->next, value)) {
        return false;
    }
    reader->next += WIRE_HEX_DIGITS;
    return true;
}

/* A decimal number of 1 to `digits_max` digits, without leading zeros, from min to max; what
 * follows it is not looked at, but for digits, of which there must be none. */
static inline bool wire_read_decimal(struct wire_reader *reader, size_t digits_max, uint32_t min,
                                     uint32_t max, uint32_t *value)
{
    const uint8_t *first = reader->next;
    uint32_t sum = 0;

    while (reader->next < reader->end && wire_is_digit(*reader->next)) {
        if ((size_t)(reader->next - first) == digits_max) {
            return false;
        }
        sum = sum * 10 + (uint32_t)(*reader->next++ - '0');
    }
    size_t digits = (size_t)(reader->next - first);
    if (digits == 0 || (digits > 1 && *first == '0') || sum < min || sum > max) {
        return false;
    }
    *value = sum;
    return true;
}

/* The head that both kinds and all versions share, `SIM` digit ` ` kind ` ` id ` ` try: fills kind,
 * id and try of the message and `version`, the digit. */
static inline bool wire_read_head(struct wire_reader *reader, struct wire_message *message,
                                  uint8_t *version)
{
    uint32_t high, low, try;

    if (wire_left(reader) < 7 || memcmp(reader->next, "SIM", 3) != 0 ||
        !wire_is_digit(reader->next[3]) || reader->next[4] != ' ' || reader->next[6] != ' ') {
        return false;
    }
    uint8_t kind = reader->next[5];
    if (kind != 'Q' && kind != 'R') {
        return false;
    }
    *version = reader->next[3];
    message->kind = kind == 'Q' ? WIRE_REQUEST : WIRE_REPLY;
    reader->next += 7;
    if (!wire_read_hex(reader, &high) || !wire_read_hex(reader, &low) || (high | low) == 0 ||
        !wire_read_byte(reader, ' ') || !wire_read_decimal(reader, 2, 1, WIRE_TRY_MAX, &try)) {
        return false;
    }
    message->id = (uint64_t)high << 32 | low;
    message->try = try;
    return true;
}

/* The sum of a datagram whose crc field begins at `field`, as if blanks stood there. */
static inline uint32_t wire_sum(const uint8_t *bytes, size_t size, const uint8_t *field)
{
    const uint8_t *behind = field + WIRE_CRC_DIGITS;
    uint32_t crc = crc32c(0, bytes, (size_t)(field - bytes));
    crc = crc32c(crc, (const uint8_t *)WIRE_CRC_BLANK, WIRE_CRC_DIGITS);
    return crc32c(crc, behind, size - (size_t)(behind - bytes));
}

/* ` ` ttl or code ` ` crc ` `, and then whether the sum holds. */
static inline enum wire_status wire_read_rest(struct wire_reader *reader,
                                              struct wire_message *message, const uint8_t *bytes,
                                              size_t size)
{
    uint32_t number;
    uint32_t crc;

    if (!wire_read_byte(reader, ' ')) {
        return WIRE_MALFORMED;
    }
    if (message->kind == WIRE_REQUEST) {
        if (!wire_read_decimal(reader, 6, 0, WIRE_TTL_MAX_MS, &number)) {
            return WIRE_MALFORMED;
        }
        message->ttl_ms = number;
    } else {
        if (!wire_read_decimal(reader, WIRE_CODE_DIGITS, 100, 999, &number)) {
            return WIRE_MALFORMED;
        }
        message->code = number;
    }
    if (!wire_read_byte(reader, ' ')) {
        return WIRE_MALFORMED;
    }
    const uint8_t *field = reader->next;
    if (!wire_read_hex(reader, &crc) || !wire_read_byte(reader, ' ')) {
        return WIRE_MALFORMED;
    }
    return wire_sum(bytes, size, field) == crc ? WIRE_OK : WIRE_CORRUPT;
}

/* op `:` text, to the end. Without a proper op nothing is filled, with too long a text only op. */
static inline enum wire_status wire_read_body(struct wire_reader *reader,
                                              struct wire_message *message)
{
    const uint8_t *op = reader->next;
    size_t search_size = wire_left(reader);
    if (search_size > WIRE_OP_MAX + 1) {
        search_size = WIRE_OP_MAX + 1;
    }
    const uint8_t *colon = search_size > 0 ? memchr(op, ':', search_size) : NULL;
    if (colon == NULL || !wire_is_op(op, (size_t)(colon - op))) {
        return WIRE_BAD_BODY;
    }
    message->op = op;
    message->op_size = (size_t)(colon - op);
    reader->next = colon + 1;
    if (wire_left(reader) > WIRE_TEXT_MAX) {
        return WIRE_TOO_LARGE;
    }
    message->text = reader->next;
    message->text_size = wire_left(reader);
    return WIRE_OK;
}

enum wire_status wire_decode(struct wire_message *message, const uint8_t *bytes, size_t size)
{
    struct wire_reader reader = {bytes, bytes + size};
    struct wire_message read = {0};
    enum wire_status status;
    uint8_t version;

    if (size > WIRE_DATAGRAM_MAX) {
        return WIRE_TRUNCATED;
    }
    if (!wire_starts_with(bytes, size, "SIM", 3)) {
        return WIRE_PLAIN;
    }
    if (!wire_read_head(&reader, &read, &version)) {
        return WIRE_MALFORMED;
    }
    if (version != '1') {
        if (read.kind != WIRE_REQUEST || (wire_left(&reader) > 0 && *reader.next != ' ')) {
            return WIRE_MALFORMED;
        }
        *message = read;
        return WIRE_VERSION;
    }
    status = wire_read_rest(&reader, &read, bytes, size);
    if (status != WIRE_OK) {
        return status;
    }
    if (read.kind == WIRE_REQUEST) {
        status = wire_read_body(&reader, &read);
    } else if (wire_left(&reader) <= WIRE_TEXT_MAX) {
        read.text = reader.next;
        read.text_size = wire_left(&reader);
    } else {
        return WIRE_MALFORMED; /* nobody answers a reply, so nobody is told that it is too large */
    }
    *message = read;
    return status;
}

enum wire_status wire_decode_plain(struct wire_message *message, const uint8_t *bytes, size_t size)
{
    struct wire_reader reader = {bytes, bytes + size};
    struct wire_message read = {.kind = WIRE_REQUEST};

    if (size > WIRE_DATAGRAM_MAX) {
        return WIRE_TRUNCATED;
    }
    /* "SIM" and "Error:" need no look of their own: an operation is lower case. */
    enum wire_status status = wire_read_body(&reader, &read);
    if (status != WIRE_BAD_BODY) {
        *message = read;
    }
    return status;
}

bool wire_peek(const uint8_t *bytes, size_t size, enum wire_kind *kind, uint64_t *id, unsigned *try)
{
    struct wire_reader reader = {bytes, bytes + size};
    struct wire_message read;
    uint8_t version;

    if (!wire_read_head(&reader, &read, &version) || version != '1' ||
        !wire_read_byte(&reader, ' ')) {
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
    size_t i;

    if (size < 1 || size > WIRE_OP_MAX || bytes[0] < 'a' || bytes[0] > 'z') {
        return false;
    }
    for (i = 1; i < size; i++) {
        uint8_t byte = bytes[i];
        if (!(byte >= 'a' && byte <= 'z') && !wire_is_digit(byte) && byte != '-' && byte != '_') {
            return false;
        }
    }
    return true;
}

/* ---- writing: each puts something at `next` and returns the place behind it ---- */

static inline uint8_t *wire_put(uint8_t *next, const void *bytes, size_t size)
{
    if (size > 0) { /* memcpy takes no NULL, not even for nothing */
        memcpy(next, bytes, size);
    }
    return next + size;
}

static inline uint8_t *wire_put_decimal(uint8_t *next, uint32_t value)
{
    uint8_t digits[10];
    unsigned count = 0;

    do {
        digits[count++] = (uint8_t)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (count > 0) {
        *next++ = digits[--count];
    }
    return next;
}

/* op `:` text, which must be within the limits. */
static inline uint8_t *wire_put_body(uint8_t *next, const struct wire_message *message)
{
    assert(wire_is_op(message->op, message->op_size));
    next = wire_put(next, message->op, message->op_size);
    *next++ = ':';
    return wire_put(next, message->text, message->text_size);
}

size_t wire_encode(const struct wire_message *message, uint8_t *bytes)
{
    bool request = message->kind == WIRE_REQUEST;

    assert(message->id != 0 && message->try >= 1 && message->try <= WIRE_TRY_MAX);
    assert(message->text_size <= WIRE_TEXT_MAX);
    assert(request ? message->ttl_ms <= WIRE_TTL_MAX_MS
                   : message->code >= 100 && message->code <= 999);

    uint8_t *next = wire_put(bytes, request ? "SIM1 Q " : "SIM1 R ", 7);
    hex_write(next, (uint32_t)(message->id >> 32));
    hex_write(next + 8, (uint32_t)message->id);
    next += WIRE_ID_DIGITS;
    *next++ = ' ';
    next = wire_put_decimal(next, message->try);
    *next++ = ' ';
    next = wire_put_decimal(next, request ? message->ttl_ms : message->code);
    *next++ = ' ';
    uint8_t *field = next;
    next = wire_put(next, WIRE_CRC_BLANK " ", WIRE_CRC_DIGITS + 1);
    next =
        request ? wire_put_body(next, message) : wire_put(next, message->text, message->text_size);

    size_t size = (size_t)(next - bytes);
    hex_write(field, crc32c(0, bytes, size));
    return size;
}

size_t wire_encode_plain(const struct wire_message *message, uint8_t *bytes)
{
    assert(message->kind == WIRE_REQUEST && message->text_size <= WIRE_TEXT_MAX);
    return (size_t)(wire_put_body(bytes, message) - bytes);
}

size_t wire_encode_plain_error(uint8_t *bytes, const char *reason, bool line_feed)
{
    size_t reason_size = strnlen(reason, WIRE_TEXT_MAX);
    uint8_t *next = wire_put(bytes, wire_error_start, sizeof wire_error_start - 1);
    *next++ = ' ';
    next = wire_put(next, reason, reason_size);
    if (line_feed) {
        *next++ = '\n';
    }
    return (size_t)(next - bytes);
}
