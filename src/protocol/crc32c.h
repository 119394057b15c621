/* CRC-32C (Castagnoli), as in RFC 3720 appendix B.4: reflected polynomial 0x82f63b78, initial value
 * and final exclusive-or all ones. CRC-32C("123456789") = 0xe3069283. */
#ifndef PROTOCOL_CRC32C_H
#define PROTOCOL_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* The sum of `bytes`, continued from `crc` (0 at the start): crc32c(crc32c(0, a), b) is the sum of
 * a followed by b. Uses the processor's instruction where there is one (found at run time: SSE 4.2,
 * ARMv8 CRC), else a table. */
uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t size);

/* The sum of a datagram whose eight octets from bytes[field] on are its own sum in hexadecimal, as
 * if they were "00000000". field + 8 <= size. */
uint32_t crc32c_blanked(const uint8_t *bytes, size_t size, size_t field);

/* The same by table alone, for tests and other processors. */
uint32_t crc32c_by_table(uint32_t crc, const uint8_t *bytes, size_t size);
uint32_t crc32c_blanked_by_table(const uint8_t *bytes, size_t size, size_t field);

#endif
