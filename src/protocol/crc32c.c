#include "protocol/crc32c.h"

#include "protocol/crc32c_table.h"

uint32_t crc32c_by_table(uint32_t crc, const uint8_t *bytes, size_t size)
{
    crc = ~crc;
    for (; size >= 8; bytes += 8, size -= 8) {
        crc ^= (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
               (uint32_t)bytes[3] << 24;
        crc = crc32c_table[7][crc & 0xff] ^ crc32c_table[6][crc >> 8 & 0xff] ^
              crc32c_table[5][crc >> 16 & 0xff] ^ crc32c_table[4][crc >> 24] ^
              crc32c_table[3][bytes[4]] ^ crc32c_table[2][bytes[5]] ^ crc32c_table[1][bytes[6]] ^
              crc32c_table[0][bytes[7]];
    }
    for (; size > 0; bytes++, size--) {
        crc = crc >> 8 ^ crc32c_table[0][(crc ^ *bytes) & 0xff];
    }
    return ~crc;
}

/* By itself, and out of the way: where there is an instruction, its caller shall not save registers
 * for it. */
__attribute__((noinline, cold)) uint32_t crc32c_blanked_by_table(const uint8_t *bytes, size_t size,
                                                                 size_t field)
{
    const uint64_t blank = CRC32C_BLANK; /* the same in any order of octets */
    uint32_t crc = crc32c_by_table(0, bytes, field);

    crc = crc32c_by_table(crc, (const uint8_t *)&blank, sizeof blank);
    return crc32c_by_table(crc, bytes + field + 8, size - field - 8);
}

uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t size)
{
#if defined(CRC32C_INSTRUCTION)
    if (crc32c_has_instruction()) {
        return ~(uint32_t)crc32c_add(~crc, bytes, size);
    }
#endif
    return crc32c_by_table(crc, bytes, size);
}
