/* The processor's own instructions for CRC-32C, where there are any: then CRC32C_INSTRUCTION is
 * defined, and crc32c_has_instruction tells at run time. In assembler, because gcc and clang name
 * functions and targets differently, and because what is compiled for another target can't become a
 * part of its caller. */
#ifndef PROTOCOL_CRC32C_INSTRUCTION_H
#define PROTOCOL_CRC32C_INSTRUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#define CRC32C_INSTRUCTION /* of SSE 4.2 */

static inline bool crc32c_has_instruction(void)
{
    return __builtin_cpu_supports("sse4.2");
}

/* The remainder when eight octets follow, the lowest first; or four, or two, or one. */
static inline uint64_t crc32c_add_8(uint64_t sum, uint64_t octets)
{
    __asm__("crc32q %1, %0" : "+r"(sum) : "rm"(octets));
    return sum;
}

static inline uint64_t crc32c_add_4(uint64_t sum, uint32_t octets)
{
    __asm__("crc32l %1, %k0" : "+r"(sum) : "rm"(octets));
    return sum;
}

static inline uint64_t crc32c_add_2(uint64_t sum, uint16_t octets)
{
    __asm__("crc32w %1, %k0" : "+r"(sum) : "rm"(octets));
    return sum;
}

static inline uint64_t crc32c_add_1(uint64_t sum, uint8_t octet)
{
    __asm__("crc32b %1, %k0" : "+r"(sum) : "rm"(octet));
    return sum;
}

#elif defined(__aarch64__) && defined(__linux__) && defined(__AARCH64EL__)
#define CRC32C_INSTRUCTION /* of ARMv8's CRC extension */

#include <sys/auxv.h>

static inline bool crc32c_has_instruction(void)
{
    return (getauxval(AT_HWCAP) & (1ul << 7)) != 0; /* HWCAP_CRC32 */
}

static inline uint64_t crc32c_add_8(uint64_t sum, uint64_t octets)
{
    __asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(sum) : "r"(octets));
    return sum;
}

static inline uint64_t crc32c_add_4(uint64_t sum, uint32_t octets)
{
    __asm__(".arch_extension crc\n\tcrc32cw %w0, %w0, %w1" : "+r"(sum) : "r"(octets));
    return sum;
}

static inline uint64_t crc32c_add_2(uint64_t sum, uint16_t octets)
{
    __asm__(".arch_extension crc\n\tcrc32ch %w0, %w0, %w1" : "+r"(sum) : "r"(octets));
    return sum;
}

static inline uint64_t crc32c_add_1(uint64_t sum, uint8_t octet)
{
    __asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(sum) : "r"(octet));
    return sum;
}

#endif

#if defined(CRC32C_INSTRUCTION)

/* The remainder when `bytes` follow, fewer than sixteen: by the bits of their size. */
static inline uint64_t crc32c_add_few(uint64_t sum, const uint8_t *bytes, size_t size)
{
    uint64_t eight;
    uint32_t four;
    uint16_t two;

    if ((size & 8) != 0) {
        memcpy(&eight, bytes, sizeof eight);
        sum = crc32c_add_8(sum, eight);
        bytes += 8;
    }
    if ((size & 4) != 0) {
        memcpy(&four, bytes, sizeof four);
        sum = crc32c_add_4(sum, four);
        bytes += 4;
    }
    if ((size & 2) != 0) {
        memcpy(&two, bytes, sizeof two);
        sum = crc32c_add_2(sum, two);
        bytes += 2;
    }
    return (size & 1) != 0 ? crc32c_add_1(sum, *bytes) : sum;
}

/* The same of any number. */
static inline uint64_t crc32c_add(uint64_t sum, const uint8_t *bytes, size_t size)
{
    uint64_t eights[2];

    for (size_t rounds = size / 16; rounds > 0; rounds--) {
        memcpy(eights, bytes, sizeof eights);
        sum = crc32c_add_8(crc32c_add_8(sum, eights[0]), eights[1]);
        bytes += 16;
    }
    return crc32c_add_few(sum, bytes, size);
}

#endif

#endif
