/* The bytes on the wire: the envelope of protocol.md, and the plain form that a person types. */
#ifndef PROTOCOL_WIRE_H
#define PROTOCOL_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_DATAGRAM_MAX 1200 /* octets of a datagram */
#define WIRE_TEXT_MAX     1024 /* octets of a text */
#define WIRE_OP_MAX       32   /* letters of an operation */
#define WIRE_TRY_MAX      99
#define WIRE_TTL_MAX_MS   600000

enum wire_kind { WIRE_REQUEST, WIRE_REPLY };

/* What a decoder made of a datagram. WIRE_OK fills the whole message, some others what is said
 * beside them (the rest is 0), and those that say nothing leave the message as it was. They are
 * decided in this order: the size, the start, the head up to the crc, the sum, the body. */
enum wire_status {
    WIRE_OK,
    WIRE_PLAIN,     /* does not begin with "SIM": not an envelope */
    WIRE_TRUNCATED, /* over 1200 octets, or cut short by the receiver's buffer */
    WIRE_MALFORMED, /* begins with "SIM", yet no envelope: no answer is possible */
    WIRE_VERSION, /* "SIM" DIGIT " Q " id " " try with another digit: id and try are filled (505) */
    WIRE_CORRUPT, /* an envelope whose CRC does not hold */
    WIRE_BAD_BODY, /* a request whose CRC holds, without a proper `op:`: id, try, ttl filled (400)
                    */
    WIRE_TOO_LARGE /* a request whose CRC holds with a text over 1024: id, try, ttl, op filled (413)
                    */
};

/* A message. `op` and `text` point into the datagram it was decoded from (or to whatever the
 * encoder is to copy); neither is terminated. */
struct wire_message {
    enum wire_kind kind;
    uint64_t id;     /* not 0 */
    unsigned try;    /* 1..99 */
    uint32_t ttl_ms; /* requests: 0..600000 */
    unsigned code;   /* replies: 100..999 */
    const uint8_t *op;
    size_t op_size; /* requests: 1..32 */
    const uint8_t *text;
    size_t text_size; /* 0..1024 */
};

/* Reads an envelope. Strict: what is accepted encodes to the same bytes again.
 * - WIRE_VERSION needs a space or the end behind the try; what follows may be anything, and no sum
 *   is looked at, since another version may sum otherwise. "SIM" and two digits is malformed.
 * - A reply is never answered, so it is never WIRE_VERSION, WIRE_BAD_BODY or WIRE_TOO_LARGE: those
 *   are WIRE_MALFORMED, a code below 100 too. */
enum wire_status wire_decode(struct wire_message *message, const uint8_t *bytes, size_t size);

/* Writes an envelope to `bytes` (room for WIRE_DATAGRAM_MAX) and returns its size. The message must
 * be within the limits above (asserted); its op and text must not lie in `bytes`. That the op's
 * letters are those of an operation is asserted where it comes from (wire_is_op), not for every
 * datagram. */
size_t wire_encode(const struct wire_message *message, uint8_t *bytes);

/* The same of a reply, whose parts need no message of their own. */
size_t wire_encode_reply(uint8_t *bytes, uint64_t id, unsigned try, unsigned code,
                         const uint8_t *text, size_t text_size);

/* Reads a plain request `op:text` (kind, op and text are filled, the rest is 0): WIRE_OK,
 * WIRE_TRUNCATED, WIRE_BAD_BODY (no proper `op:`; also what begins with "SIM" or "Error:"), or
 * WIRE_TOO_LARGE. */
enum wire_status wire_decode_plain(struct wire_message *message, const uint8_t *bytes, size_t size);

/* Writes a plain request `op:text` to `bytes` (room for WIRE_DATAGRAM_MAX) and returns its size.
 * The op and the text must be as for wire_encode. */
size_t wire_encode_plain(const struct wire_message *message, uint8_t *bytes);

/* A quick look, for tracing: kind, id and try of what looks like an envelope of this version,
 * without checking the rest (a space must follow the try). False: it does not look like one, and
 * nothing is filled. */
bool wire_peek(const uint8_t *bytes, size_t size, enum wire_kind *kind, uint64_t *id,
               unsigned *try);

/* Whether the bytes begin with "Error:", which nobody answers. */
bool wire_is_plain_error(const uint8_t *bytes, size_t size);

/* Writes "Error: reason" to `bytes` (room for WIRE_DATAGRAM_MAX), with a line feed if asked for;
 * `reason` is cut at WIRE_TEXT_MAX. Returns the size. */
size_t wire_encode_plain_error(uint8_t *bytes, const char *reason, bool line_feed);

/* Whether the bytes are an operation's name: a lower-case letter, then up to 31 lower-case letters,
 * digits, '-' or '_'. */
bool wire_is_op(const uint8_t *bytes, size_t size);

#endif
