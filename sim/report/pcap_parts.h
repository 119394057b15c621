/* The parts of a capture: blocks of pcapng (pcap_block.c), and a frame in its block (pcap_frame.c).
 */
#ifndef REPORT_PCAP_PARTS_H
#define REPORT_PCAP_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "scenario/scenario.h"
#include "trace/record.h"

/* ---- blocks ---------------------------------------------------------------------------------- */

#define PCAP_BLOCK_MAX 16384 /* bytes of one block */

/* Types of blocks, and codes of options (draft-ietf-opsawg-pcapng sections 3.5 and 4). */
#define PCAP_SECTION_HEADER   UINT32_C(0x0a0d0d0a)
#define PCAP_INTERFACE        UINT32_C(1)
#define PCAP_NAME_RESOLUTION  UINT32_C(4)
#define PCAP_ENHANCED_PACKET  UINT32_C(6)
#define PCAP_OPTION_COMMENT   1
#define PCAP_OPTION_USERAPPL  4 /* of a section */
#define PCAP_OPTION_IF_NAME   2 /* these three of an interface */
#define PCAP_OPTION_IF_TEXT   3
#define PCAP_OPTION_TSRESOL   9
#define PCAP_NAME_RECORD_IPV4 1 /* in a name resolution block */

/* Numbers are little-endian on every machine, so that a capture repeats byte for byte. */
struct pcap_writer {
    FILE *file;                        /* not owned */
    bool failed;                       /* a write failed: nothing more is written */
    size_t used;                       /* of `bytes` */
    size_t block;                      /* where the open block begins */
    uint8_t bytes[4 * PCAP_BLOCK_MAX]; /* what is not written yet */
};

void pcap_writer_init(struct pcap_writer *writer, FILE *file);

/* Writes what is left, and flushes. False if anything failed since pcap_writer_init. */
bool pcap_writer_finish(struct pcap_writer *writer);

/* Begins a block of that type, of at most PCAP_BLOCK_MAX bytes with all that belongs to it. */
void pcap_begin_block(struct pcap_writer *writer, uint32_t type);
/* Fills in its lengths. */
void pcap_end_block(struct pcap_writer *writer);
/* Bytes of the open block so far. */
size_t pcap_block_size(const struct pcap_writer *writer);

/* Each adds to the open block. */
void pcap_put_16(struct pcap_writer *writer, uint16_t number);
void pcap_put_32(struct pcap_writer *writer, uint32_t number);
void pcap_put_octets(struct pcap_writer *writer, const void *octets, size_t size);
/* Zeros up to the next multiple of four. */
void pcap_put_padding(struct pcap_writer *writer);
/* An option, padded. */
void pcap_put_option(struct pcap_writer *writer, uint16_t code, const void *octets, size_t size);
/* The end of a block's options. */
void pcap_put_end_of_options(struct pcap_writer *writer);

/* ---- frames ---------------------------------------------------------------------------------- */

/* Octets of the two headers (RFC 791, without options; RFC 768). */
#define PCAP_IPV4_BYTES 20
#define PCAP_UDP_BYTES  8

/* Where a node is. */
struct pcap_place {
    uint32_t address; /* IPv4; 127.0.0.1 is 0x7f000001 */
    uint16_t port;
};

/* One datagram on its link. */
struct pcap_frame {
    const struct scenario *scenario;
    const struct trace_record *record; /* its SEND or DUPLICATED */
    const uint8_t *bytes;              /* as they were handed over: record->size of them */
    struct pcap_place from;
    struct pcap_place to;
    uint16_t identification; /* of the IPv4 header: a copy has its original's */
};

/* Writes the frame's block: the bytes that the link carries on, and a comment that says whose they
 * are and what the link did to them. */
void pcap_put_frame(struct pcap_writer *writer, const struct pcap_frame *frame);

#endif
