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

/* The same by table alone, for tests and other processors. */
uint32_t crc32c_by_table(uint32_t crc, const uint8_t *bytes, size_t size);

#endif
