#include "scenario/parse.h"

#include <string.h>

#include "base/bytes.h"

#define LEXER_BOM "\xef\xbb\xbf"

/* ---- characters ------------------------------------------------------------------------------ */

/* The column of the byte at `offset`: characters before it, plus 1. */
static uint32_t lexer_column(const struct parse_line *line, size_t offset)
{
    uint32_t column = 1;

    for (size_t i = 0; i < offset && i < line->size; i++) {
        column += ((unsigned char)line->bytes[i] & 0xc0) != 0x80;
    }
    return column;
}

/* Whether every character of the line may stand in a scenario; reports the first that may not. */
static bool lexer_check_characters(struct parse *parse, const struct parse_line *line)
{
    const uint8_t *bytes = (const uint8_t *)line->bytes;

    for (size_t at = 0; at < line->size;) {
        size_t size = bytes_utf8_size(bytes + at, line->size - at);
        bool c1 = size == 2 && bytes[at] == 0xc2 && bytes[at + 1] < 0xa0;
        if (size == 0) {
            return parse_error_at(parse, line, lexer_column(line, at),
                                  "byte 0x%02x is not UTF-8; save the file as UTF-8", bytes[at]);
        }
        if ((bytes[at] < 0x20 && bytes[at] != '\t') || bytes[at] == 0x7f || c1) {
            return parse_error_at(parse, line, lexer_column(line, at),
                                  "control character 0x%02x; in a text write it as \\x%02x",
                                  bytes[at + (c1 ? 1 : 0)], bytes[at + (c1 ? 1 : 0)]);
        }
        at += size;
    }
    return true;
}

/* ---- words ----------------------------------------------------------------------------------- */

static bool lexer_is_blank(char character)
{
    return character == ' ' || character == '\t';
}

static void lexer_add(struct parse *parse, struct parse_line *line, size_t from, size_t to,
                      bool quoted)
{
    struct parse_word word = {.bytes = line->bytes + from,
                              .size = to - from,
                              .column = lexer_column(line, quoted ? from - 1 : from),
                              .quoted = quoted};

    line->words = arena_grow(parse->arena, line->words, line->word_count, sizeof word);
    line->words[line->word_count++] = word;
}

/* The offset of the quote that ends the text from `at` (behind its opening quote); line->size if
 * there is none. */
static size_t lexer_find_quote(const struct parse_line *line, size_t at)
{
    while (at < line->size && line->bytes[at] != '"') {
        at += line->bytes[at] == '\\' && at + 1 < line->size ? 2 : 1;
    }
    return at < line->size ? at : line->size;
}

static bool lexer_cut(struct parse *parse, struct parse_line *line)
{
    size_t at = 0;

    while (at < line->size) {
        if (lexer_is_blank(line->bytes[at])) {
            at++;
            continue;
        }
        if (line->bytes[at] == '#') {
            break;
        }
        if (line->bytes[at] == '"') {
            size_t end = lexer_find_quote(line, at + 1);
            if (end == line->size) {
                return parse_error_at(parse, line, lexer_column(line, at),
                                      "this text has no closing quote; a quote inside a text is "
                                      "written \\\"");
            }
            lexer_add(parse, line, at + 1, end, true);
            at = end + 1;
            if (at < line->size && !lexer_is_blank(line->bytes[at]) && line->bytes[at] != '#') {
                return parse_error_at(parse, line, lexer_column(line, at),
                                      "a blank is missing behind the text");
            }
            continue;
        }
        size_t end = at;
        while (end < line->size && !lexer_is_blank(line->bytes[end]) && line->bytes[end] != '#' &&
               line->bytes[end] != '"') {
            end++;
        }
        lexer_add(parse, line, at, end, false);
        if (end < line->size && line->bytes[end] == '"') {
            return parse_error_at(parse, line, lexer_column(line, end),
                                  "a blank is missing before the text");
        }
        at = end;
    }
    return true;
}

/* Makes a line of the bytes, checks and cuts it. A line that is not well-formed has no words. */
static bool lexer_add_line(struct parse *parse, const char *bytes, size_t size, uint32_t number,
                           uint32_t set)
{
    struct parse_line line = {.number = number, .set = set, .size = size};
    bool good;

    if (size > SCENARIO_LINE_MAX) {
        line.size = SCENARIO_LINE_MAX;
    }
    line.bytes = arena_text(parse->arena, bytes, line.size);
    good = size <= SCENARIO_LINE_MAX ||
           parse_error_at(parse, &line, 1, "this line has %zu bytes; %u are the most", size,
                          SCENARIO_LINE_MAX);
    good = good && lexer_check_characters(parse, &line) && lexer_cut(parse, &line);
    if (!good) {
        line.word_count = 0;
    }
    parse->lines = arena_grow(parse->arena, parse->lines, parse->line_count, sizeof line);
    parse->lines[parse->line_count++] = line;
    return good;
}

bool parse_cut_file(struct parse *parse, const char *bytes, size_t size)
{
    const char *end = bytes + size;
    uint32_t number = 1;
    bool good = true;

    if (size >= 3 && memcmp(bytes, LEXER_BOM, 3) == 0) {
        bytes += 3;
    }
    for (; bytes < end; number++) {
        const char *feed = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *stop = feed != NULL ? feed : end;
        size_t length = (size_t)(stop - bytes);
        if (length > 0 && bytes[length - 1] == '\r') {
            length--;
        }
        good = lexer_add_line(parse, bytes, length, number, 0) && good;
        bytes = feed != NULL ? feed + 1 : end;
    }
    return good;
}

bool parse_cut_set(struct parse *parse, const char *text, uint32_t set)
{
    return lexer_add_line(parse, text, strlen(text), 0, set);
}

/* ---- reading along --------------------------------------------------------------------------- */

const struct parse_word *parse_peek(const struct parse *parse)
{
    return parse->at < parse->line->word_count ? &parse->line->words[parse->at] : NULL;
}

const struct parse_word *parse_next(struct parse *parse)
{
    const struct parse_word *word = parse_peek(parse);

    parse->at += word != NULL;
    return word;
}

bool parse_is(const struct parse_word *word, const char *text)
{
    return word != NULL && !word->quoted && strlen(text) == word->size &&
           memcmp(word->bytes, text, word->size) == 0;
}

bool parse_accept(struct parse *parse, const char *text)
{
    bool is = parse_is(parse_peek(parse), text);

    parse->at += is;
    return is;
}

bool parse_expect_end(struct parse *parse, const char *where)
{
    const struct parse_word *word = parse_peek(parse);

    return word == NULL ||
           parse_error(parse, word, "unexpected %s behind %s", parse_show(word), where);
}

const char *parse_rest_text(const struct parse *parse, uint32_t from)
{
    const struct parse_line *line = parse->line;
    char *text = arena_alloc(parse->arena, 2 * line->size + 1, 1);
    size_t used = 0;

    for (uint32_t i = from; i < line->word_count; i++) {
        const struct parse_word *word = &line->words[i];
        if (i > from) {
            text[used++] = ' ';
        }
        if (word->quoted) {
            text[used++] = '"';
        }
        memcpy(text + used, word->bytes, word->size);
        used += word->size;
        if (word->quoted) {
            text[used++] = '"';
        }
    }
    return text;
}
