#include "base/bytes.h"

#include <assert.h>
#include <string.h>

/* Writes the escaped form of one byte (1, 2 or 4 letters) and returns its length. */
static size_t bytes_escape_one(char form[4], uint8_t byte)
{
    static const char hex[] = "0123456789abcdef";
    char letter = '\0';

    switch (byte) {
    case '\\':
        letter = '\\';
        break;
    case '"':
        letter = '"';
        break;
    case '\n':
        letter = 'n';
        break;
    case '\r':
        letter = 'r';
        break;
    case '\t':
        letter = 't';
        break;
    }
    if (letter != '\0') {
        form[0] = '\\';
        form[1] = letter;
        return 2;
    }
    if (bytes_is_printable(byte)) {
        form[0] = (char)byte;
        return 1;
    }
    form[0] = '\\';
    form[1] = 'x';
    form[2] = hex[byte >> 4];
    form[3] = hex[byte & 15];
    return 4;
}

size_t bytes_escape(char *text, size_t capacity, const uint8_t *bytes, size_t size)
{
    static const char dots[] = "...";
    size_t length = 0;
    size_t cut = 0; /* the last end of an escape that leaves room for the dots */
    size_t i;

    assert(capacity > 0);
    for (i = 0; i < size; i++) {
        char form[4];
        size_t form_length = bytes_escape_one(form, bytes[i]);
        if (form_length > capacity - 1 - length) {
            size_t room = capacity - 1 - cut;
            size_t dots_length = room < sizeof dots - 1 ? room : sizeof dots - 1;
            memcpy(text + cut, dots, dots_length);
            length = cut + dots_length;
            break;
        }
        memcpy(text + length, form, form_length);
        length += form_length;
        if (length + sizeof dots - 1 <= capacity - 1) {
            cut = length;
        }
    }
    text[length] = '\0';
    return length;
}

size_t bytes_utf8_size(const uint8_t *bytes, size_t size)
{
    uint8_t first = bytes[0];
    uint8_t second_min = 0x80;
    uint8_t second_max = 0xbf;
    size_t length;
    size_t i;

    if (first < 0x80) {
        return 1;
    } else if (first < 0xc2) {
        return 0; /* a continuation, or overlong */
    } else if (first < 0xe0) {
        length = 2;
    } else if (first < 0xf0) {
        length = 3;
        second_min = first == 0xe0 ? 0xa0 : 0x80; /* else overlong */
        second_max = first == 0xed ? 0x9f : 0xbf; /* else a surrogate */
    } else if (first < 0xf5) {
        length = 4;
        second_min = first == 0xf0 ? 0x90 : 0x80; /* else overlong */
        second_max = first == 0xf4 ? 0x8f : 0xbf; /* else above U+10FFFF */
    } else {
        return 0;
    }
    if (size < length || bytes[1] < second_min || bytes[1] > second_max) {
        return 0;
    }
    for (i = 2; i < length; i++) {
        if (bytes[i] < 0x80 || bytes[i] > 0xbf) {
            return 0;
        }
    }
    return length;
}

size_t bytes_utf8_cut(const char *text, size_t max)
{
    size_t size = strlen(text);

    if (size <= max) {
        return size;
    }
    while (max > 0 && ((uint8_t)text[max] & 0xc0) == 0x80) {
        max--;
    }
    return max;
}
