#include "protocol/crc32c.h"

#include <stdbool.h>
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

/* What is summed in place of a datagram's own eight octets, whatever they are. */
#define CRC32C_BLANK UINT64_C(0x3030303030303030) /* "00000000" */

/* By itself: it is slow enough, and in its caller it would cost what it saves registers for. */
__attribute__((noinline)) uint32_t crc32c_blanked_by_table(const uint8_t *bytes, size_t size,
                                                           size_t field)
{
    uint32_t crc = crc32c_by_table(0, bytes, field);

    crc = crc32c_by_table(crc, (const uint8_t *)"00000000", 8);
    return crc32c_by_table(crc, bytes + field + 8, size - field - 8);
}

#if defined(__x86_64__)

/* The instructions of SSE 4.2. */
#define CRC32C_TARGET __attribute__((target("sse4.2")))

CRC32C_TARGET static inline uint64_t crc32c_add_8(uint64_t sum, uint64_t octets)
{
    return _mm_crc32_u64(sum, octets);
}

CRC32C_TARGET static inline uint32_t crc32c_add_4(uint32_t sum, uint32_t octets)
{
    return _mm_crc32_u32(sum, octets);
}

CRC32C_TARGET static inline uint32_t crc32c_add_2(uint32_t sum, uint16_t octets)
{
    return _mm_crc32_u16(sum, octets);
}

CRC32C_TARGET static inline uint32_t crc32c_add_1(uint32_t sum, uint8_t octet)
{
    return _mm_crc32_u8(sum, octet);
}

/* Whether this processor has them: asked each time, it is a load and a test. */
static inline bool crc32c_has_instruction(void)
{
    return __builtin_cpu_supports("sse4.2");
}

#elif defined(__aarch64__) && defined(__linux__) && defined(__AARCH64EL__)

/* The instructions of ARMv8's CRC extension. In assembler, because gcc and clang name the function
 * and the target differently. */
#define CRC32C_TARGET

static inline uint64_t crc32c_add_8(uint64_t sum, uint64_t octets)
{
    __asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(sum) : "r"(octets));
    return sum;
}

static inline uint32_t crc32c_add_4(uint32_t sum, uint32_t octets)
{
    __asm__(".arch_extension crc\n\tcrc32cw %w0, %w0, %w1" : "+r"(sum) : "r"(octets));
    return sum;
}

static inline uint32_t crc32c_add_2(uint32_t sum, uint16_t octets)
{
    __asm__(".arch_extension crc\n\tcrc32ch %w0, %w0, %w1" : "+r"(sum) : "r"(octets));
    return sum;
}

static inline uint32_t crc32c_add_1(uint32_t sum, uint8_t octet)
{
    __asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(sum) : "r"(octet));
    return sum;
}

/* Whether this processor has them (HWCAP_CRC32). */
static inline bool crc32c_has_instruction(void)
{
    return (getauxval(AT_HWCAP) & (1ul << 7)) != 0;
}

#endif

#if defined(CRC32C_TARGET)

/* The remainder `sum` when `bytes` follow: eight at a time, then what is left, by its size's bits.
 */
CRC32C_TARGET static inline uint64_t crc32c_add(uint64_t sum, const uint8_t *bytes, size_t size)
{
    uint64_t eight;
    uint32_t four;
    uint16_t two;

    for (size_t eights = size / 8; eights > 0; eights--) {
        memcpy(&eight, bytes, sizeof eight);
        sum = crc32c_add_8(sum, eight);
        bytes += 8;
    }
    if ((size & 4) != 0) {
        memcpy(&four, bytes, sizeof four);
        sum = crc32c_add_4((uint32_t)sum, four);
        bytes += 4;
    }
    if ((size & 2) != 0) {
        memcpy(&two, bytes, sizeof two);
        sum = crc32c_add_2((uint32_t)sum, two);
        bytes += 2;
    }
    return (size & 1) != 0 ? crc32c_add_1((uint32_t)sum, *bytes) : sum;
}

CRC32C_TARGET static uint32_t crc32c_by_instruction(uint32_t crc, const uint8_t *bytes, size_t size)
{
    return ~(uint32_t)crc32c_add(~crc, bytes, size);
}

CRC32C_TARGET static uint32_t crc32c_blanked_by_instruction(const uint8_t *bytes, size_t size,
                                                            size_t field)
{
    uint64_t sum = crc32c_add(UINT32_MAX, bytes, field);

    sum = crc32c_add_8(sum, CRC32C_BLANK);
    return ~(uint32_t)crc32c_add(sum, bytes + field + 8, size - field - 8);
}

uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t size)
{
    return crc32c_has_instruction() ? crc32c_by_instruction(crc, bytes, size)
                                    : crc32c_by_table(crc, bytes, size);
}

uint32_t crc32c_blanked(const uint8_t *bytes, size_t size, size_t field)
{
    return crc32c_has_instruction() ? crc32c_blanked_by_instruction(bytes, size, field)
                                    : crc32c_blanked_by_table(bytes, size, field);
}

#else

uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t size)
{
    return crc32c_by_table(crc, bytes, size);
}

uint32_t crc32c_blanked(const uint8_t *bytes, size_t size, size_t field)
{
    return crc32c_blanked_by_table(bytes, size, field);
}

#endif
