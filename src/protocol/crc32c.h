/* CRC-32C (Castagnoli), as in RFC 3720 appendix B.4: reflected polynomial 0x82f63b78, initial value
 * and final exclusive-or all ones. CRC-32C("123456789") = 0xe3069283. */
#ifndef PROTOCOL_CRC32C_H
#define PROTOCOL_CRC32C_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/crc32c_instruction.h"

/* The sum of `bytes`, continued from `crc` (0 at the start): crc32c(crc32c(0, a), b) is the sum of
 * a followed by b. Uses the processor's instruction where there is one (found at run time: SSE 4.2,
 * ARMv8 CRC), else a table. */
uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t size);

/* The same by table alone, for tests and other processors. */
uint32_t crc32c_by_table(uint32_t crc, const uint8_t *bytes, size_t size);

/* What stands for a datagram's own sum while the sum is taken: "00000000". */
#define CRC32C_BLANK UINT64_C(0x3030303030303030)

/* So many octets at least every datagram has before its sum. */
#define CRC32C_HEAD 24

/* As crc32c_blanked, by table alone. */
uint32_t crc32c_blanked_by_table(const uint8_t *bytes, size_t size, size_t field);

/* The sum of a datagram whose eight octets from bytes[field] on are its own sum in hexadecimal, as
 * if they were "00000000"; field + 8 <= size. Before it stand CRC32C_HEAD octets and fewer than 16
 * more. Part of its caller: each datagram is summed twice on each of its ways. */
static inline uint32_t crc32c_blanked(const uint8_t *bytes, size_t size, size_t field)
{
#if defined(CRC32C_INSTRUCTION)
    if (crc32c_has_instruction()) {
        uint64_t sum = crc32c_add(UINT32_MAX, bytes, CRC32C_HEAD);
        sum = crc32c_add_few(sum, bytes + CRC32C_HEAD, field - CRC32C_HEAD);
        sum = crc32c_add_8(sum, CRC32C_BLANK);
        return ~(uint32_t)crc32c_add(sum, bytes + field + 8, size - field - 8);
    }
#endif
    return crc32c_blanked_by_table(bytes, size, field);
}

#endif
