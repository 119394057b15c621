#include "protocol/crc32c.h"

#include <string.h>

#include "protocol/crc32c_table.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__) && defined(__linux__) && defined(__AARCH64EL__)
#include <sys/auxv.h>
#endif

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

#if defined(__x86_64__)

/* By the instruction of SSE 4.2. */
__attribute__((target("sse4.2"))) static uint32_t crc32c_by_instruction(uint32_t crc,
                                                                        const uint8_t *bytes,
                                                                        size_t size)
{
    uint64_t sum = ~crc;
    for (; size >= 8; bytes += 8, size -= 8) {
        uint64_t chunk;
        memcpy(&chunk, bytes, sizeof chunk);
        sum = _mm_crc32_u64(sum, chunk);
    }
    uint32_t rest = (uint32_t)sum;
    if (size >= 4) {
        uint32_t chunk;
        memcpy(&chunk, bytes, sizeof chunk);
        rest = _mm_crc32_u32(rest, chunk);
        bytes += 4;
        size -= 4;
    }
    for (; size > 0; bytes++, size--) {
        rest = _mm_crc32_u8(rest, *bytes);
    }
    return ~rest;
}

/* Whether this processor has the instruction: asked each time, it is a load and a test. */
static inline int crc32c_has_instruction(void)
{
    return __builtin_cpu_supports("sse4.2");
}

#elif defined(__aarch64__) && defined(__linux__) && defined(__AARCH64EL__)

/* By the instructions of ARMv8's CRC extension. In assembler, because gcc and clang name the
 * function and the target differently. */
static uint32_t crc32c_by_instruction(uint32_t crc, const uint8_t *bytes, size_t size)
{
    crc = ~crc;
    for (; size >= 8; bytes += 8, size -= 8) {
        uint64_t chunk;
        memcpy(&chunk, bytes, sizeof chunk);
        __asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(crc) : "r"(chunk));
    }
    for (; size > 0; bytes++, size--) {
        __asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(crc) : "r"(*bytes));
    }
    return ~crc;
}

/* Whether this processor has the instructions (HWCAP_CRC32). */
static inline int crc32c_has_instruction(void)
{
    return (getauxval(AT_HWCAP) & (1ul << 7)) != 0;
}

#else

static uint32_t crc32c_by_instruction(uint32_t crc, const uint8_t *bytes, size_t size)
{
    return crc32c_by_table(crc, bytes, size);
}

static inline int crc32c_has_instruction(void)
{
    return 0;
}

#endif

uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t size)
{
    return crc32c_has_instruction() ? crc32c_by_instruction(crc, bytes, size)
                                    : crc32c_by_table(crc, bytes, size);
}
