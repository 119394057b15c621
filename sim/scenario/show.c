#include "scenario/show.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

/* First and last code point, both ends in. */
struct show_range {
    uint32_t first;
    uint32_t last;
};

/* Two columns: the main blocks of Unicode's East_Asian_Width W and F (UAX 11). */
static const struct show_range SHOW_WIDE[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
    {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

/* No column: the blocks of combining marks, and variation selectors. */
static const struct show_range SHOW_COMBINING[] = {
    {0x0300, 0x036f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
    {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};

/* Invisible, or turning the direction of a line: C1 controls, zero-width and bidirectional ones. */
static const struct show_range SHOW_HIDDEN[] = {
    {0x0080, 0x009f}, {0x00ad, 0x00ad}, {0x200b, 0x200f}, {0x2028, 0x202e},
    {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb},
};

static bool show_is_in(uint32_t point, const struct show_range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (point >= ranges[i].first && point <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

/* The code point of a well-formed character of `size` bytes. */
static uint32_t show_point(const uint8_t *bytes, size_t size)
{
    uint32_t point = size == 1 ? bytes[0] : bytes[0] & (0x7fu >> size);

    for (size_t i = 1; i < size; i++) {
        point = point << 6 | (bytes[i] & 0x3fu);
    }
    return point;
}

struct show_character show_character(const char *bytes, size_t size)
{
    const uint8_t *octets = (const uint8_t *)bytes;
    size_t length = bytes_utf8_size(octets, size);
    struct show_character shown = {.size = length > 0 ? length : 1, .width = 1};
    uint32_t point = length > 0 ? show_point(octets, length) : 0;

    if (point == '\t') {
        strcpy(shown.text, " ");
    } else if (point < 0x20 || point == 0x7f ||
               show_is_in(point, SHOW_HIDDEN, sizeof SHOW_HIDDEN / sizeof SHOW_HIDDEN[0])) {
        for (size_t i = 0; i < shown.size; i++) {
            snprintf(shown.text + 4 * i, sizeof shown.text - 4 * i, "\\x%02x", octets[i]);
        }
        shown.width = (unsigned)(4 * shown.size);
    } else {
        memcpy(shown.text, bytes, length);
        if (show_is_in(point, SHOW_WIDE, sizeof SHOW_WIDE / sizeof SHOW_WIDE[0])) {
            shown.width = 2;
        } else if (show_is_in(point, SHOW_COMBINING,
                              sizeof SHOW_COMBINING / sizeof SHOW_COMBINING[0])) {
            shown.width = 0;
        }
    }
    return shown;
}
