#include "report/pcap_parts.h"

#include <assert.h>
#include <string.h>

/* Type and length before a block's body (the length stands behind it once more). */
#define PCAP_BLOCK_HEAD 8

void pcap_writer_init(struct pcap_writer *writer, FILE *file)
{
    writer->file = file;
    writer->failed = false;
    writer->used = 0;
    writer->block = 0;
}

static void pcap_write_out(struct pcap_writer *writer)
{
    if (!writer->failed) {
        writer->failed = fwrite(writer->bytes, 1, writer->used, writer->file) != writer->used;
    }
    writer->used = 0;
}

bool pcap_writer_finish(struct pcap_writer *writer)
{
    pcap_write_out(writer);
    return fflush(writer->file) == 0 && !writer->failed;
}

static void pcap_set_32(uint8_t *at, uint32_t number)
{
    for (unsigned i = 0; i < 4; i++) {
        at[i] = (uint8_t)(number >> (8 * i));
    }
}

void pcap_begin_block(struct pcap_writer *writer, uint32_t type)
{
    if (sizeof writer->bytes - writer->used < PCAP_BLOCK_MAX) {
        pcap_write_out(writer);
    }
    writer->block = writer->used;
    pcap_put_32(writer, type);
    pcap_put_32(writer, 0);
}

size_t pcap_block_size(const struct pcap_writer *writer)
{
    return writer->used - writer->block;
}

void pcap_end_block(struct pcap_writer *writer)
{
    uint32_t size = (uint32_t)pcap_block_size(writer) + 4;

    assert(size % 4 == 0);
    pcap_set_32(writer->bytes + writer->block + 4, size);
    pcap_put_32(writer, size);
    assert(size >= PCAP_BLOCK_HEAD + 4 && size <= PCAP_BLOCK_MAX);
}

void pcap_put_octets(struct pcap_writer *writer, const void *octets, size_t size)
{
    assert(pcap_block_size(writer) + size <= PCAP_BLOCK_MAX);
    if (size > 0) { /* memcpy takes no NULL, not even for nothing */
        memcpy(writer->bytes + writer->used, octets, size);
        writer->used += size;
    }
}

void pcap_put_16(struct pcap_writer *writer, uint16_t number)
{
    uint8_t octets[2] = {(uint8_t)number, (uint8_t)(number >> 8)};

    pcap_put_octets(writer, octets, sizeof octets);
}

void pcap_put_32(struct pcap_writer *writer, uint32_t number)
{
    uint8_t octets[4];

    pcap_set_32(octets, number);
    pcap_put_octets(writer, octets, sizeof octets);
}

void pcap_put_padding(struct pcap_writer *writer)
{
    static const uint8_t zeros[4] = {0};

    pcap_put_octets(writer, zeros, -pcap_block_size(writer) % 4);
}

void pcap_put_option(struct pcap_writer *writer, uint16_t code, const void *octets, size_t size)
{
    pcap_put_16(writer, code);
    pcap_put_16(writer, (uint16_t)size);
    pcap_put_octets(writer, octets, size);
    pcap_put_padding(writer);
}

void pcap_put_end_of_options(struct pcap_writer *writer)
{
    pcap_put_32(writer, 0);
}
