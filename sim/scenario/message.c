#include "scenario/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define MESSAGE_MAX       1024 /* bytes of the first line's text */
#define MESSAGE_SHOWN_MAX 40   /* bytes of a word in a message */
#define MESSAGE_NEAR      2    /* changes of letters up to which a word is taken for another */

void scenario_messages_free(struct scenario_messages *messages)
{
    for (uint32_t i = 0; i < messages->count; i++) {
        free(messages->items[i].text);
    }
    free(messages->items);
    *messages = (struct scenario_messages){0};
}

/* Adds a message, which is then owned by the list; false: there is no memory for it. */
static bool message_add(struct scenario_messages *messages, struct scenario_message message)
{
    if (messages->count == messages->capacity) {
        uint32_t capacity = messages->capacity == 0 ? 8 : 2 * messages->capacity;
        struct scenario_message *items = realloc(messages->items, capacity * sizeof *items);
        if (items == NULL) {
            return false;
        }
        messages->items = items;
        messages->capacity = capacity;
    }
    messages->items[messages->count++] = message;
    messages->error_count += !message.warning;
    return true;
}

/* The line as a terminal may show it: what would move the caret (a tab, a control character, what
 * is not UTF-8) is one character wide. */
static void message_print_line(FILE *out, const struct parse_line *line)
{
    const uint8_t *bytes = (const uint8_t *)line->bytes;

    fputs("  ", out);
    for (size_t at = 0; at < line->size;) {
        size_t size = bytes_utf8_size(bytes + at, line->size - at);
        bool c1 = size == 2 && bytes[at] == 0xc2 && bytes[at + 1] < 0xa0;
        if (bytes[at] == '\t') {
            fputc(' ', out);
        } else if (size == 0 || c1 || bytes[at] < 0x20 || bytes[at] == 0x7f) {
            fputc('?', out);
        } else {
            fwrite(bytes + at, 1, size, out);
        }
        at += size == 0 ? 1 : size;
    }
    fputc('\n', out);
}

static void message_compose(struct parse *parse, const struct parse_line *line, uint32_t column,
                            bool warning, const char *format, va_list arguments)
{
    struct scenario_message message = {.warning = warning, .line = line->number, .column = column};
    char text[MESSAGE_MAX];
    size_t size;
    FILE *out = open_memstream(&message.text, &size);

    if (out == NULL) {
        return;
    }
    vsnprintf(text, sizeof text, format, arguments);
    if (line->set > 0) {
        fprintf(out, "--set '%.*s':1:%u: ", (int)(line->size < 200 ? line->size : 200), line->bytes,
                column);
    } else {
        fprintf(out, "%s:%u:%u: ", parse->path, line->number, column);
    }
    fprintf(out, "%s: %s\n", warning ? "warning" : "error", text);
    message_print_line(out, line);
    fprintf(out, "  %*s^\n", (int)column - 1, "");
    if (fclose(out) != 0 || !message_add(parse->messages, message)) {
        free(message.text);
    }
}

bool parse_error_at(struct parse *parse, const struct parse_line *line, uint32_t column,
                    const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    message_compose(parse, line, column, false, format, arguments);
    va_end(arguments);
    return false;
}

/* Where a message about `word` points: the word, or just behind the line's last one. */
static uint32_t message_column(const struct parse *parse, const struct parse_word *word)
{
    const struct parse_line *line = parse->line;
    uint32_t column = 1;

    if (word != NULL) {
        return word->column;
    }
    if (line->word_count == 0) {
        return 1;
    }
    word = &line->words[line->word_count - 1];
    for (size_t i = 0; i < word->size; i++) {
        column += ((unsigned char)word->bytes[i] & 0xc0) != 0x80;
    }
    return word->column + column + (word->quoted ? 2 : 0);
}

bool parse_error(struct parse *parse, const struct parse_word *word, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    message_compose(parse, parse->line, message_column(parse, word), false, format, arguments);
    va_end(arguments);
    return false;
}

void parse_warning(struct parse *parse, const struct parse_word *word, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    message_compose(parse, parse->line, message_column(parse, word), true, format, arguments);
    va_end(arguments);
}

/* ---- the nearest known word ------------------------------------------------------------------ */

/* Letters to change, add, take away or swap with their neighbour to get from the word to `known`
 * (Damerau 1964, optimal string alignment); more than 31 letters are never near. */
static unsigned message_distance(const struct parse_word *word, const char *known)
{
    unsigned rows[3][34];
    size_t size = strlen(known);

    if (word->size > 31 || size > 31) {
        return 99;
    }
    for (unsigned j = 0; j <= size; j++) {
        rows[0][j] = j;
    }
    for (unsigned i = 1; i <= word->size; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];
        row[0] = i;
        for (unsigned j = 1; j <= size; j++) {
            unsigned best = above[j - 1] + (word->bytes[i - 1] != known[j - 1]);
            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && word->bytes[i - 1] == known[j - 2] &&
                word->bytes[i - 2] == known[j - 1]) {
                unsigned swapped = rows[(i + 1) % 3][j - 2] + 1;
                best = swapped < best ? swapped : best;
            }
            row[j] = best;
        }
    }
    return rows[word->size % 3][size];
}

bool parse_unknown(struct parse *parse, const struct parse_word *word, const char *what,
                   const char *const *known)
{
    const char *nearest = NULL;
    unsigned least = MESSAGE_NEAR + 1;
    char list[512] = "";
    size_t used = 0;

    for (uint32_t i = 0; known[i] != NULL; i++) {
        unsigned distance = word == NULL ? 99 : message_distance(word, known[i]);
        if (distance < least && distance < strlen(known[i])) {
            least = distance;
            nearest = known[i];
        }
        int wrote =
            snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? " " : "", known[i]);
        if (wrote > 0 && (size_t)wrote < sizeof list - used) {
            used += (size_t)wrote;
        }
    }
    if (word == NULL) {
        return parse_error(parse, NULL, "expected %s here, one of: %s", what, list);
    }
    if (nearest != NULL) {
        return parse_error(parse, word, "unknown %s %s; did you mean '%s'?", what, parse_show(word),
                           nearest);
    }
    return parse_error(parse, word, "unknown %s %s; known are: %s", what, parse_show(word), list);
}

const char *parse_show(const struct parse_word *word)
{
    static _Thread_local char shown[8][4 * MESSAGE_SHOWN_MAX];
    static _Thread_local unsigned turn;
    char *text = shown[turn++ % 8];
    char quote = word->quoted ? '"' : '\'';
    size_t size = word->size < MESSAGE_SHOWN_MAX ? word->size : MESSAGE_SHOWN_MAX;

    while (size < word->size && size > 0 && ((unsigned char)word->bytes[size] & 0xc0) == 0x80) {
        size--; /* not within a character */
    }
    snprintf(text, 4 * MESSAGE_SHOWN_MAX, "%c%.*s%s%c", quote, (int)size, word->bytes,
             size < word->size ? "..." : "", quote);
    return text;
}
