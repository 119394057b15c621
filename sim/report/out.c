#include "report/out.h"

#include <stdarg.h>
#include <string.h>

#include "base/bytes.h"

/* ---- bytes made safe ------------------------------------------------------------------------- */

static uint32_t out_code_point(const uint8_t *bytes, size_t size)
{
    static const uint8_t first_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = bytes[0] & first_mask[size];

    for (size_t i = 1; i < size; i++) {
        point = point << 6 | (bytes[i] & 0x3f);
    }
    return point;
}

/* Controls (C0, DEL, C1), and what changes the direction of the text around it. */
static bool out_is_unsafe(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
           (point >= 0x200e && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069) || point == 0x61c || point == 0xfeff;
}

/* Roughly what terminals do: combining marks take no column, East Asian wide ones and most
 * pictures two. */
static unsigned out_point_columns(uint32_t point)
{
    static const uint32_t wide[][2] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
                                       {0xf900, 0xfaff}, {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                                       {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};

    if ((point >= 0x300 && point <= 0x36f) || (point >= 0xfe00 && point <= 0xfe0f) ||
        (point >= 0x200b && point <= 0x200d)) {
        return 0;
    }
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        if (point >= wide[i][0] && point <= wide[i][1]) {
            return 2;
        }
    }
    return 1;
}

size_t out_next_character(const uint8_t *bytes, size_t size, bool unicode, char form[OUT_FORM_MAX],
                          unsigned *columns)
{
    static const char hex[] = "0123456789abcdef";
    size_t taken = bytes_utf8_size(bytes, size);
    uint32_t point = taken == 0 ? 0 : out_code_point(bytes, taken);
    size_t length = 0;

    if (taken == 0 || out_is_unsafe(point)) {
        taken = taken == 0 ? 1 : taken;
        for (size_t i = 0; i < taken; i++) {
            form[length++] = '\\';
            form[length++] = 'x';
            form[length++] = hex[bytes[i] >> 4];
            form[length++] = hex[bytes[i] & 15];
        }
        *columns = (unsigned)length;
    } else if (point >= 0x80 && !unicode) {
        form[length++] = '?';
        *columns = 1;
    } else {
        memcpy(form, bytes, taken);
        length = taken;
        *columns = out_point_columns(point);
    }
    form[length] = '\0';
    return taken;
}

/* ---- writing --------------------------------------------------------------------------------- */

void out_init(struct out *out, FILE *file, const struct report_style *style)
{
    *out = (struct out){.file = file, .style = *style};
}

bool out_finish(struct out *out)
{
    if (!out->failed && (fflush(out->file) != 0 || ferror(out->file))) {
        out->failed = true;
    }
    return !out->failed;
}

static void out_raw(struct out *out, const char *text)
{
    for (; out->blanks > 0 && !out->failed; out->blanks--) {
        out->failed = fputc(' ', out->file) == EOF;
    }
    if (!out->failed && fputs(text, out->file) == EOF) {
        out->failed = true;
    }
}

/* Writes `size` bytes made safe. */
static void out_bytes(struct out *out, const char *text, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)text;
    char form[OUT_FORM_MAX];
    unsigned columns;

    for (size_t i = 0; i < size;) {
        i += out_next_character(bytes + i, size - i, out->style.unicode, form, &columns);
        out_raw(out, form);
        out->column += columns;
    }
}

static unsigned out_bytes_columns(const struct out *out, const char *text, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)text;
    char form[OUT_FORM_MAX];
    unsigned columns;
    unsigned total = 0;

    for (size_t i = 0; i < size;) {
        i += out_next_character(bytes + i, size - i, out->style.unicode, form, &columns);
        total += columns;
    }
    return total;
}

unsigned out_columns(const struct out *out, const char *text)
{
    return out_bytes_columns(out, text, strlen(text));
}

void out_text(struct out *out, const char *text)
{
    out_bytes(out, text, strlen(text));
}

void out_format(struct out *out, const char *format, ...)
{
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    out_text(out, text);
}

void out_paint(struct out *out, enum out_paint paint)
{
    static const char *const sequences[] = {
        [OUT_PLAIN] = "\x1b[0m",   [OUT_BOLD] = "\x1b[1m",   [OUT_DIM] = "\x1b[2m",
        [OUT_GOOD] = "\x1b[1;32m", [OUT_BAD] = "\x1b[1;31m", [OUT_WARN] = "\x1b[33m"};

    if (out->style.colour) {
        out_raw(out, sequences[paint]);
    }
}

void out_painted(struct out *out, enum out_paint paint, const char *text)
{
    out_paint(out, paint);
    out_text(out, text);
    out_paint(out, OUT_PLAIN);
}

/* ---- placing --------------------------------------------------------------------------------- */

void out_pad_to(struct out *out, unsigned column)
{
    if (out->column < column) {
        out->blanks += column - out->column;
        out->column = column;
    }
}

void out_right_to(struct out *out, unsigned column, const char *text)
{
    unsigned columns = out_columns(out, text);

    if (out->column > 0) {
        out_pad_to(out, out->column + 1);
    }
    if (columns < column) {
        out_pad_to(out, column - columns);
    }
    out_text(out, text);
}

void out_cut(struct out *out, unsigned columns, const char *text, bool keep_end)
{
    size_t size = strlen(text);
    size_t begin = 0;
    size_t end = size;

    if (out_columns(out, text) <= columns) {
        out_text(out, text);
        return;
    }
    unsigned room = columns > 2 ? columns - 2 : 0;
    while (keep_end && begin < size && out_bytes_columns(out, text + begin, size - begin) > room) {
        size_t step = bytes_utf8_size((const uint8_t *)text + begin, size - begin);
        begin += step == 0 ? 1 : step;
    }
    while (!keep_end && end > 0 && out_bytes_columns(out, text, end) > room) {
        do {
            end--;
        } while (end > 0 && ((uint8_t)text[end] & 0xc0) == 0x80);
    }
    if (keep_end) {
        out_text(out, "..");
    }
    out_bytes(out, text + begin, end - begin);
    if (!keep_end) {
        out_text(out, "..");
    }
}

void out_line(struct out *out)
{
    out->blanks = 0;
    out_raw(out, "\n");
    out->column = 0;
}

void out_heading(struct out *out, const char *text)
{
    out_line(out);
    out_painted(out, OUT_BOLD, text);
}

/* Writes one word that is wider than a line, broken wherever a line is full. */
static void out_long_word(struct out *out, unsigned indent, const char *word, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)word;
    char form[OUT_FORM_MAX];
    unsigned columns;

    for (size_t i = 0; i < size;) {
        size_t taken = out_next_character(bytes + i, size - i, out->style.unicode, form, &columns);
        if (out->column + columns > OUT_WIDTH) {
            out_line(out);
            out_pad_to(out, indent);
        }
        out_bytes(out, word + i, taken);
        i += taken;
    }
}

void out_wrap(struct out *out, unsigned indent, const char *text)
{
    bool first = true;

    while (*text != '\0') {
        size_t blanks = strspn(text, " ");
        size_t size = strcspn(text + blanks, " ");
        const char *word = text + blanks;
        unsigned gap = first ? (unsigned)blanks : 1;
        unsigned columns = out_bytes_columns(out, word, size);

        text = word + size;
        if (size == 0) {
            break;
        }
        if (indent + columns > OUT_WIDTH) {
            out_pad_to(out, out->column + (out->column + gap < OUT_WIDTH ? gap : 0));
            out_long_word(out, indent, word, size);
        } else {
            if (out->column + gap + columns > OUT_WIDTH) {
                out_line(out);
                out_pad_to(out, indent);
            } else {
                out_pad_to(out, out->column + gap);
            }
            out_bytes(out, word, size);
        }
        first = false;
    }
}

void out_wrap_format(struct out *out, unsigned indent, const char *format, ...)
{
    char text[8192];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    out_wrap(out, indent, text);
}

/* The size of the command's first word: up to a blank outside quotes. */
static size_t out_command_word(const char *command)
{
    char quote = '\0';
    size_t i;

    for (i = 0; command[i] != '\0' && (quote != '\0' || command[i] != ' '); i++) {
        if (quote != '\0') {
            quote = command[i] == quote ? '\0' : quote;
        } else if (command[i] == '\'' || command[i] == '"') {
            quote = command[i];
        } else if (command[i] == '\\' && command[i + 1] != '\0') {
            i++;
        }
    }
    return i;
}

void out_command(struct out *out, unsigned indent, const char *command)
{
    bool first = true;

    while (*command != '\0') {
        const char *word = command + strspn(command, " ");
        size_t size = out_command_word(word);
        bool last = word[size] == '\0';
        unsigned room = last ? OUT_WIDTH : OUT_WIDTH - 2; /* for the backslash */
        unsigned columns = out_bytes_columns(out, word, size);

        command = word + size;
        if (!first && out->column + 1 + columns > room) {
            out_raw(out, " \\");
            out_line(out);
            out_pad_to(out, indent);
        } else if (!first) {
            out_pad_to(out, out->column + 1);
        }
        out_bytes(out, word, size);
        first = false;
    }
}

void out_bar(struct out *out, unsigned eighths)
{
    static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

    if (!out->style.unicode) {
        for (unsigned i = 0; i < (eighths + 7) / 8; i++) {
            out_text(out, "#");
        }
        return;
    }
    for (unsigned i = 0; i < eighths / 8; i++) {
        out_text(out, "█");
    }
    out_text(out, parts[eighths % 8]);
}
