#include "report/pcap_parts.h"

#include <assert.h>
#include <string.h>

#include "base/time.h"

#define PCAP_COMMENT_MAX 512
#define PCAP_TTL         64
#define PCAP_UDP         17 /* IPv4's protocol number */

/* ---- the comment: at run speed, hence by hand ------------------------------------------------ */

struct pcap_comment {
    size_t size;
    char text[PCAP_COMMENT_MAX];
};

static void comment_add(struct pcap_comment *comment, const char *text)
{
    size_t size = strlen(text);

    assert(comment->size + size <= sizeof comment->text);
    memcpy(comment->text + comment->size, text, size);
    comment->size += size;
}

/* In decimal, with zeros before it up to `digits_min` digits. */
static void comment_add_number(struct pcap_comment *comment, uint64_t number, unsigned digits_min)
{
    char digits[21];
    size_t first = sizeof digits - 1;

    digits[first] = '\0';
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0 || sizeof digits - 1 - first < digits_min);
    comment_add(comment, digits + first);
}

static void comment_add_hex(struct pcap_comment *comment, uint8_t octet)
{
    static const char hex[] = "0123456789abcdef";
    const char text[] = {'0', 'x', hex[octet >> 4], hex[octet & 15], '\0'};

    comment_add(comment, text);
}

/* "c1/3 try 2", or what else it is. */
static void comment_add_name(struct pcap_comment *comment, const struct pcap_frame *frame)
{
    const struct trace_record *record = frame->record;

    if (record->client != TRACE_NOBODY && record->n != 0) {
        comment_add(comment, frame->scenario->nodes[record->client].name);
        comment_add(comment, "/");
        comment_add_number(comment, record->n, 1);
        comment_add(comment, " try ");
        comment_add_number(comment, record->try, 1);
    } else if (record->form == TRACE_RAW) {
        comment_add(comment, "raw datagram");
    } else if (record->form == TRACE_PLAIN) {
        comment_add(comment, "plain datagram");
    } else {
        comment_add(comment, "nobody's request");
    }
}

/* ", bit 4 of byte 12 flipped (0x61 -> 0x71), cut from 53 to 20 bytes" */
static void comment_add_damage(struct pcap_comment *comment, const struct pcap_frame *frame)
{
    const struct trace_record *record = frame->record;

    if (record->flip > 0) {
        unsigned bit = record->flip - 1u;
        uint8_t octet = frame->bytes[bit / 8];
        comment_add(comment, ", bit ");
        comment_add_number(comment, bit % 8, 1);
        comment_add(comment, " of byte ");
        comment_add_number(comment, bit / 8, 1);
        comment_add(comment, " flipped (");
        comment_add_hex(comment, octet);
        comment_add(comment, " -> ");
        comment_add_hex(comment, (uint8_t)(octet ^ 1u << bit % 8));
        comment_add(comment, ")");
    }
    if (record->cut > 0) {
        comment_add(comment, ", cut from ");
        comment_add_number(comment, record->size, 1);
        comment_add(comment, " to ");
        comment_add_number(comment, (uint64_t)record->size - record->cut, 1);
        comment_add(comment, " bytes");
    }
}

/* Whose it is, its way, and what the link did to it. */
static void comment_make(struct pcap_comment *comment, const struct pcap_frame *frame)
{
    const struct trace_record *record = frame->record;
    bool lost = record->reason != LOSS_NONE;

    comment->size = 0;
    comment_add_name(comment, frame);
    comment_add(comment, lost ? ", lost on " : ", ");
    comment_add(comment, frame->scenario->nodes[record->from].name);
    comment_add(comment, " -> ");
    comment_add(comment, frame->scenario->nodes[record->to].name);
    if (lost) {
        comment_add(comment, ": ");
        comment_add(comment, loss_reason_name((enum loss_reason)record->reason));
    }
    if (record->copy > 0) {
        comment_add(comment, ", copy ");
        comment_add_number(comment, record->copy, 1);
        comment_add(comment, " made by the link");
    }
    comment_add_damage(comment, frame);
    if (!lost && record->due_ns > record->t_ns) {
        comment_add(comment, ", held back until ");
        comment_add_number(comment, record->due_ns / NS_PER_MS, 1);
        comment_add(comment, ".");
        comment_add_number(comment, record->due_ns / NS_PER_US % 1000, 3);
        comment_add(comment, " ms");
    }
}

/* ---- headers --------------------------------------------------------------------------------- */

/* Big-endian, as the network has it. */
static void header_set_16(uint8_t *at, unsigned number)
{
    at[0] = (uint8_t)(number >> 8);
    at[1] = (uint8_t)number;
}

static void header_set_32(uint8_t *at, uint32_t number)
{
    header_set_16(at, number >> 16);
    header_set_16(at + 2, number & 0xffff);
}

/* The sum of 16-bit words, an odd octet with a zero behind it: for up to 64 KiB, not yet folded. */
static uint32_t header_sum(uint32_t sum, const uint8_t *octets, size_t size)
{
    size_t i;

    for (i = 0; i + 1 < size; i += 2) {
        sum += (uint32_t)octets[i] << 8 | octets[i + 1];
    }
    return i < size ? sum + ((uint32_t)octets[i] << 8) : sum;
}

/* RFC 1071. */
static uint16_t header_checksum(uint32_t sum)
{
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

static void frame_make_ipv4(uint8_t header[PCAP_IPV4_BYTES], const struct pcap_frame *frame,
                            size_t size)
{
    memset(header, 0, PCAP_IPV4_BYTES);
    header[0] = 0x45; /* version 4, five words */
    header_set_16(header + 2, (unsigned)(PCAP_IPV4_BYTES + PCAP_UDP_BYTES + size));
    header_set_16(header + 4, frame->identification);
    header_set_16(header + 6, 0x4000); /* don't fragment */
    header[8] = PCAP_TTL;
    header[9] = PCAP_UDP;
    header_set_32(header + 12, frame->from.address);
    header_set_32(header + 16, frame->to.address);
    header_set_16(header + 10, header_checksum(header_sum(0, header, PCAP_IPV4_BYTES)));
}

/* `ipv4` is what it lies in: its addresses, protocol and length count into the checksum. */
static void frame_make_udp(uint8_t header[PCAP_UDP_BYTES], const uint8_t ipv4[PCAP_IPV4_BYTES],
                           const struct pcap_frame *frame, const uint8_t *payload, size_t size)
{
    unsigned length = (unsigned)(PCAP_UDP_BYTES + size);

    header_set_16(header, frame->from.port);
    header_set_16(header + 2, frame->to.port);
    header_set_16(header + 4, length);
    header_set_16(header + 6, 0);
    uint32_t sum = header_sum(PCAP_UDP + length, ipv4 + 12, 8);
    sum = header_sum(sum, header, PCAP_UDP_BYTES);
    uint16_t checksum = header_checksum(header_sum(sum, payload, size));
    header_set_16(header + 6, checksum == 0 ? 0xffff : checksum); /* 0 would mean: none */
}

void pcap_put_frame(struct pcap_writer *writer, const struct pcap_frame *frame)
{
    const struct trace_record *record = frame->record;
    size_t size = (size_t)record->size - record->cut;
    uint32_t captured = (uint32_t)(PCAP_IPV4_BYTES + PCAP_UDP_BYTES + size);
    uint8_t headers[PCAP_IPV4_BYTES + PCAP_UDP_BYTES];
    uint8_t changed[WIRE_DATAGRAM_MAX + 1];
    const uint8_t *payload = frame->bytes;
    struct pcap_comment comment;

    assert(record->size <= sizeof changed && record->cut <= record->size);
    if (record->flip > 0) { /* as link_alter does it */
        unsigned bit = record->flip - 1u;
        memcpy(changed, frame->bytes, record->size);
        changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        payload = changed;
    }
    frame_make_ipv4(headers, frame, size);
    frame_make_udp(headers + PCAP_IPV4_BYTES, headers, frame, payload, size);

    pcap_begin_block(writer, PCAP_ENHANCED_PACKET);
    pcap_put_32(writer, 0); /* the only interface */
    pcap_put_32(writer, (uint32_t)(record->t_ns >> 32));
    pcap_put_32(writer, (uint32_t)record->t_ns);
    pcap_put_32(writer, captured);
    pcap_put_32(writer, captured);
    pcap_put_octets(writer, headers, sizeof headers);
    pcap_put_octets(writer, payload, size);
    pcap_put_padding(writer);
    comment_make(&comment, frame);
    pcap_put_option(writer, PCAP_OPTION_COMMENT, comment.text, comment.size);
    pcap_put_end_of_options(writer);
    pcap_end_block(writer);
}
