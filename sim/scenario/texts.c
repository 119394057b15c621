#include "scenario/parse.h"

#include <string.h>

/* Digits of the largest request number. */
#define TEXTS_N_DIGITS 8

/* A quoted word being read. */
struct texts_reader {
    struct parse *parse;
    const struct parse_word *word;
    size_t at;
};

/* The column of the character at `at`: behind the opening quote. */
static uint32_t texts_column(const struct texts_reader *reader, size_t at)
{
    uint32_t column = reader->word->column + 1;

    for (size_t i = 0; i < at; i++) {
        column += ((unsigned char)reader->word->bytes[i] & 0xc0) != 0x80;
    }
    return column;
}

static int texts_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte of the escape at the reader's backslash. */
static bool texts_escape(struct texts_reader *reader, uint8_t *byte)
{
    static const char LETTERS[] = "ntr\\\"";
    static const char BYTES[] = "\n\t\r\\\"";
    const struct parse_word *word = reader->word;
    size_t at = reader->at;
    const char *letter = at + 1 < word->size ? strchr(LETTERS, word->bytes[at + 1]) : NULL;

    if (letter != NULL && *letter != '\0') {
        *byte = (uint8_t)BYTES[letter - LETTERS];
        reader->at += 2;
        return true;
    }
    if (at + 3 < word->size && word->bytes[at + 1] == 'x') {
        int high = texts_hex(word->bytes[at + 2]);
        int low = texts_hex(word->bytes[at + 3]);
        if (high >= 0 && low >= 0) {
            *byte = (uint8_t)(high * 16 + low);
            reader->at += 4;
            return true;
        }
    }
    return parse_error_at(reader->parse, reader->parse->line, texts_column(reader, at),
                          "unknown escape; there are \\n \\t \\r \\\\ \\\" and \\xHH");
}

/* The field at the reader's brace: `{client}` or `{n}`. */
static bool texts_field(struct texts_reader *reader, enum client_text_kind *kind)
{
    static const char CLIENT[] = "{client}";
    static const char N[] = "{n}";
    const char *rest = reader->word->bytes + reader->at;
    size_t left = reader->word->size - reader->at;

    if (left >= sizeof CLIENT - 1 && memcmp(rest, CLIENT, sizeof CLIENT - 1) == 0) {
        *kind = CLIENT_TEXT_CLIENT;
        reader->at += sizeof CLIENT - 1;
        return true;
    }
    if (left >= sizeof N - 1 && memcmp(rest, N, sizeof N - 1) == 0) {
        *kind = CLIENT_TEXT_N;
        reader->at += sizeof N - 1;
        return true;
    }
    return parse_error_at(reader->parse, reader->parse->line, texts_column(reader, reader->at),
                          "the fields are {client} and {n}; any other brace is written \\x7b");
}

/* Reads literal bytes up to a field or the end. */
static bool texts_literal(struct texts_reader *reader, uint8_t *bytes, size_t *size)
{
    const struct parse_word *word = reader->word;

    *size = 0;
    while (reader->at < word->size && word->bytes[reader->at] != '{') {
        if (word->bytes[reader->at] == '\\') {
            if (!texts_escape(reader, &bytes[*size])) {
                return false;
            }
            ++*size;
        } else {
            bytes[(*size)++] = (uint8_t)word->bytes[reader->at++];
        }
    }
    return true;
}

/* Reads all parts of the word. */
static bool texts_parts(struct parse *parse, const struct parse_word *word,
                        struct client_text *text)
{
    struct texts_reader reader = {.parse = parse, .word = word};
    struct client_text_part *parts = NULL;

    while (reader.at < word->size) {
        struct client_text_part part = {.kind = CLIENT_TEXT_LITERAL};
        if (word->bytes[reader.at] == '{') {
            if (!texts_field(&reader, &part.kind)) {
                return false;
            }
        } else {
            uint8_t *bytes = arena_alloc(parse->arena, word->size - reader.at, 1);
            part.bytes = bytes;
            if (!texts_literal(&reader, bytes, &part.size)) {
                return false;
            }
        }
        parts = arena_grow(parse->arena, parts, text->part_count, sizeof part);
        parts[text->part_count++] = part;
    }
    text->parts = parts;
    return true;
}

size_t parse_text_size_max(const struct client_text *text, size_t name_max)
{
    size_t size = 0;

    for (uint32_t i = 0; i < text->part_count; i++) {
        switch (text->parts[i].kind) {
        case CLIENT_TEXT_LITERAL:
            size += text->parts[i].size;
            break;
        case CLIENT_TEXT_CLIENT:
            size += name_max;
            break;
        case CLIENT_TEXT_N:
            size += TEXTS_N_DIGITS;
            break;
        }
    }
    return size;
}

static const struct parse_word *texts_quoted(struct parse *parse, const char *what)
{
    const struct parse_word *word = parse_next(parse);

    if (word != NULL && word->quoted) {
        return word;
    }
    (void)parse_error(parse, word, "expected %s between quotes here: \"text\"", what);
    return NULL;
}

bool parse_plain_text(struct parse *parse, const char *what, const uint8_t **bytes, size_t *size)
{
    const struct parse_word *word = texts_quoted(parse, what);
    struct texts_reader reader = {.parse = parse, .word = word};
    uint8_t *text;

    if (word == NULL) {
        return false;
    }
    text = arena_alloc(parse->arena, word->size + 1, 1);
    *size = 0;
    while (reader.at < word->size) {
        size_t literal;
        if (!texts_literal(&reader, text + *size, &literal)) {
            return false;
        }
        *size += literal;
        if (reader.at < word->size) {
            text[(*size)++] = (uint8_t)word->bytes[reader.at++]; /* a brace is a brace here */
        }
    }
    *bytes = text;
    if (memchr(text, '\0', *size) != NULL) {
        return parse_error(parse, word, "%s is for people to read, and \\x00 is not", what);
    }
    return *size <= SCENARIO_TEXT_MAX ||
           parse_error(parse, word, "%s has %zu bytes; %d are the most", what, *size,
                       SCENARIO_TEXT_MAX);
}

/* `A..B` behind `random`: sizes, both ends in. */
static bool texts_random(struct parse *parse, struct client_text *text)
{
    const struct parse_word *word = parse_peek(parse);
    const char *dots = NULL;

    text->random = true;
    for (size_t i = 0; word != NULL && !word->quoted && i + 1 < word->size; i++) {
        if (word->bytes[i] == '.' && word->bytes[i + 1] == '.') {
            dots = word->bytes + i;
            break;
        }
    }
    if (dots == NULL) {
        return parse_error(parse, word, "expected the sizes of random texts, like 1b..600b");
    }
    struct parse_word ends[2] = {*word, *word};
    uint64_t sizes[2];
    ends[0].size = (size_t)(dots - word->bytes);
    ends[1].bytes = dots + 2;
    ends[1].size = word->size - ends[0].size - 2;
    ends[1].column = word->column + (uint32_t)ends[0].size + 2;
    (void)parse_next(parse);
    for (unsigned i = 0; i < 2; i++) {
        struct parse_line line = *parse->line;
        struct parse part = *parse;
        line.words = &ends[i];
        line.word_count = 1;
        part.line = &line;
        part.at = 0;
        if (!parse_size(&part, "a text", SCENARIO_TEXT_MAX, &sizes[i])) {
            return false;
        }
    }
    if (sizes[0] > sizes[1]) {
        return parse_error(parse, word, "the first size is the smaller one");
    }
    text->random_size_min = (uint32_t)sizes[0];
    text->random_size_max = (uint32_t)sizes[1];
    return true;
}

bool parse_script_text(struct parse *parse, size_t name_max, struct client_text *text)
{
    const struct parse_word *word;
    size_t size;

    *text = (struct client_text){0};
    if (parse_accept(parse, "random")) {
        return texts_random(parse, text);
    }
    word = texts_quoted(parse, "a text");
    if (word == NULL || !texts_parts(parse, word, text)) {
        return false;
    }
    size = parse_text_size_max(text, name_max);
    return size <= SCENARIO_TEXT_MAX ||
           parse_error(parse, word, "this text can have %zu bytes; %d are the most", size,
                       SCENARIO_TEXT_MAX);
}
