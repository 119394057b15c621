#include "scenario/parse.h"

#include <string.h>

#include "base/bytes.h"

#define LEXER_BOM "\xef\xbb\xbf"

/* A line being cut: columns are counted along. */
struct lexer {
    struct parse *parse;
    struct parse_line *line;
    size_t counted;  /* bytes whose characters are counted */
    uint32_t column; /* of the byte behind them */
};

/* The column of the character at `offset`, which never goes back. */
static uint32_t lexer_column(struct lexer *lexer, size_t offset)
{
    for (; lexer->counted < offset; lexer->counted++) {
        lexer->column += ((unsigned char)lexer->line->bytes[lexer->counted] & 0xc0) != 0x80;
    }
    return lexer->column;
}

/* ---- characters ------------------------------------------------------------------------------ */

/* Whether every character of the line may stand in a scenario; reports the first that may not. */
static bool lexer_check_characters(struct parse *parse, const struct parse_line *line)
{
    const uint8_t *bytes = (const uint8_t *)line->bytes;
    uint32_t column = 1;

    for (size_t at = 0; at < line->size; column++) {
        size_t size = bytes_utf8_size(bytes + at, line->size - at);
        bool c1 = size == 2 && bytes[at] == 0xc2 && bytes[at + 1] < 0xa0;
        if (size == 0) {
            return parse_error_at(parse, line, column,
                                  "byte 0x%02x is not UTF-8; save the file as UTF-8", bytes[at]);
        }
        if (c1) {
            return parse_error_at(parse, line, column,
                                  "control character U+%04X; in a text write it as \\xc2\\x%02x",
                                  bytes[at + 1], bytes[at + 1]);
        }
        if ((bytes[at] < 0x20 && bytes[at] != '\t') || bytes[at] == 0x7f) {
            return parse_error_at(parse, line, column,
                                  "control character 0x%02x; in a text write it as \\x%02x",
                                  bytes[at], bytes[at]);
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

static void lexer_add(struct lexer *lexer, size_t from, size_t to, bool quoted)
{
    struct parse_line *line = lexer->line;
    struct parse_word word = {.bytes = line->bytes + from,
                              .size = to - from,
                              .column = lexer_column(lexer, quoted ? from - 1 : from),
                              .quoted = quoted};

    line->words = arena_grow(lexer->parse->arena, line->words, line->word_count, sizeof word);
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

/* Adds the text whose opening quote is at *at, which moves behind the closing one. */
static bool lexer_cut_text(struct lexer *lexer, size_t *at)
{
    const struct parse_line *line = lexer->line;
    size_t end = lexer_find_quote(line, *at + 1);

    if (end == line->size) {
        return parse_error_at(lexer->parse, line, lexer_column(lexer, *at),
                              "this text has no closing quote; a quote inside a text is written "
                              "\\\"");
    }
    lexer_add(lexer, *at + 1, end, true);
    *at = end + 1;
    if (*at < line->size && !lexer_is_blank(line->bytes[*at]) && line->bytes[*at] != '#') {
        return parse_error_at(lexer->parse, line, lexer_column(lexer, *at),
                              "a blank is missing behind the text");
    }
    return true;
}

/* U+2018 to U+201F, what word processors make of quotes. */
static bool lexer_is_curly_quote(const struct parse_line *line, size_t at)
{
    return line->size - at >= 3 && memcmp(line->bytes + at, "\xe2\x80", 2) == 0 &&
           (unsigned char)line->bytes[at + 2] >= 0x98 && (unsigned char)line->bytes[at + 2] <= 0x9f;
}

/* The same for a word without quotes. */
static bool lexer_cut_word(struct lexer *lexer, size_t *at)
{
    const struct parse_line *line = lexer->line;
    size_t end = *at;

    while (end < line->size && !lexer_is_blank(line->bytes[end]) && line->bytes[end] != '#' &&
           line->bytes[end] != '"') {
        if (lexer_is_curly_quote(line, end)) {
            return parse_error_at(lexer->parse, line, lexer_column(lexer, end),
                                  "curly quotes; a text stands between straight ones: \"text\"");
        }
        end++;
    }
    lexer_add(lexer, *at, end, false);
    *at = end;
    return end == line->size || line->bytes[end] != '"' ||
           parse_error_at(lexer->parse, line, lexer_column(lexer, end),
                          "a blank is missing before the text");
}

static bool lexer_cut(struct parse *parse, struct parse_line *line)
{
    struct lexer lexer = {.parse = parse, .line = line, .column = 1};
    size_t at = 0;

    while (at < line->size && line->bytes[at] != '#') {
        bool good = true;
        if (lexer_is_blank(line->bytes[at])) {
            at++;
        } else if (line->bytes[at] == '"') {
            good = lexer_cut_text(&lexer, &at);
        } else {
            good = lexer_cut_word(&lexer, &at);
        }
        if (!good) {
            return false;
        }
    }
    return true;
}

/* Checks and cuts a line. One with words is added to the lines; one that is not well-formed has
 * none, and neither have blank lines and comments. */
static bool lexer_add_line(struct parse *parse, struct parse_line line)
{
    size_t size = line.size;

    if (size > SCENARIO_LINE_MAX) {
        line.size = SCENARIO_LINE_MAX;
        return parse_error_at(parse, &line, 1, "this line has %zu bytes; %d are the most", size,
                              SCENARIO_LINE_MAX);
    }
    if (!lexer_check_characters(parse, &line) || !lexer_cut(parse, &line)) {
        return false;
    }
    if (line.word_count > 0) {
        parse->lines = arena_grow(parse->arena, parse->lines, parse->line_count, sizeof line);
        parse->lines[parse->line_count++] = line;
    }
    return true;
}

bool parse_cut_file(struct parse *parse, const char *bytes, size_t size)
{
    const char *end = bytes + size;
    uint32_t number = 1;
    bool good = true;

    if (size >= 3 && memcmp(bytes, LEXER_BOM, 3) == 0) {
        bytes += 3;
    }
    parse->scenario->description = parse_description(parse, bytes, (size_t)(end - bytes));
    for (; bytes < end; number++) {
        const char *feed = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *stop = feed != NULL ? feed : end;
        struct parse_line line = {.number = number, .bytes = bytes, .size = (size_t)(stop - bytes)};
        if (line.size > 0 && bytes[line.size - 1] == '\r') {
            line.size--;
        }
        good = lexer_add_line(parse, line) && good;
        bytes = feed != NULL ? feed + 1 : end;
    }
    return good;
}

bool parse_cut_set(struct parse *parse, const char *text, uint32_t set)
{
    struct parse_line line = {.set = set, .bytes = text, .size = strlen(text)};
    uint32_t before = parse->line_count;

    return lexer_add_line(parse, line) &&
           (parse->line_count > before ||
            parse_error_at(parse, &line, 1, "expected a directive, like: network loss 10%%"));
}

const char *parse_description(const struct parse *parse, const char *bytes, size_t size)
{
    char *text = arena_alloc(parse->arena, size + 1, 1);
    size_t used = 0;
    size_t at = 0;

    while (at < size && (lexer_is_blank(bytes[at]) || bytes[at] == '\r' || bytes[at] == '\n')) {
        at++;
    }
    while (at < size && bytes[at] == '#') {
        const char *feed = memchr(bytes + at, '\n', size - at);
        size_t next = feed != NULL ? (size_t)(feed - bytes) + 1 : size;
        size_t stop = feed != NULL ? next - 1 : size;
        stop -= stop > at + 1 && bytes[stop - 1] == '\r';
        at += at + 1 < stop && bytes[at + 1] == ' ' ? 2 : 1;
        if (used > 0) {
            text[used++] = '\n';
        }
        memcpy(text + used, bytes + at, stop - at);
        used += stop - at;
        at = next;
        while (at < size && lexer_is_blank(bytes[at])) {
            at++;
        }
    }
    return text;
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
           parse_error(parse, word, "unexpected %s behind %s", parse_show(word).text, where);
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
