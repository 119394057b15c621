#include "scenario/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "scenario/show.h"

#define MESSAGE_MAX       1024                      /* bytes of the first line's text */
#define MESSAGE_KEPT_MAX  (2 * SCENARIO_ERRORS_MAX) /* errors and as many warnings */
#define MESSAGE_WORD_MAX  40                        /* columns of a word in a message */
#define MESSAGE_SET_MAX   100                       /* columns of a --set in a message */
#define MESSAGE_LINE_MAX  160                       /* columns of a line that are shown */
#define MESSAGE_CARET_MAX 80 /* a longer line is shown from this far before the caret */

/* ---- the list: in order, the first errors and the first warnings ------------------------------
 */

void scenario_messages_free(struct scenario_messages *messages)
{
    for (uint32_t i = 0; i < messages->count; i++) {
        free(messages->items[i].text);
    }
    free(messages->items);
    *messages = (struct scenario_messages){0};
}

/* Whether `a` stands before `b`: by line, those of --set last, then by column. */
static bool message_is_before(const struct scenario_message *a, const struct scenario_message *b)
{
    if (a->set != b->set) {
        return a->set < b->set;
    }
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* The last message of that kind, -1 if there is none. */
static int64_t message_find_last(const struct scenario_messages *messages, bool warning)
{
    int64_t at = (int64_t)messages->count - 1;

    while (at >= 0 && messages->items[at].warning != warning) {
        at--;
    }
    return at;
}

static uint32_t message_count(const struct scenario_messages *messages, bool warning)
{
    return warning ? messages->count - messages->error_count : messages->error_count;
}

/* Whether the message is among the first SCENARIO_ERRORS_MAX of its kind, as far as is known. */
static bool message_is_wanted(const struct scenario_messages *messages,
                              const struct scenario_message *message)
{
    return message_count(messages, message->warning) < SCENARIO_ERRORS_MAX ||
           message_is_before(message,
                             &messages->items[message_find_last(messages, message->warning)]);
}

static void message_remove(struct scenario_messages *messages, uint32_t at)
{
    messages->error_count -= !messages->items[at].warning;
    free(messages->items[at].text);
    messages->count--;
    memmove(&messages->items[at], &messages->items[at + 1],
            (messages->count - at) * sizeof messages->items[0]);
}

/* Puts a wanted message, which is then owned by the list, in its place. */
static void message_add(struct scenario_messages *messages, struct scenario_message message)
{
    uint32_t at = messages->count;

    if (messages->items == NULL) {
        messages->items = calloc(MESSAGE_KEPT_MAX + 1, sizeof messages->items[0]);
        messages->capacity = MESSAGE_KEPT_MAX + 1;
        if (messages->items == NULL) {
            abort(); /* as the arena does */
        }
    }
    while (at > 0 && message_is_before(&message, &messages->items[at - 1])) {
        at--;
    }
    memmove(&messages->items[at + 1], &messages->items[at],
            (messages->count - at) * sizeof messages->items[0]);
    messages->items[at] = message;
    messages->count++;
    messages->error_count += !message.warning;
    if (message_count(messages, message.warning) > SCENARIO_ERRORS_MAX) {
        message_remove(messages, (uint32_t)message_find_last(messages, message.warning));
    }
}

/* ---- the form ----------------------------------------------------------------------------------
 */

/* Prints the bytes as a terminal may show them, in at most `width_max` columns. */
static void message_print(FILE *out, const char *bytes, size_t size, unsigned width_max)
{
    unsigned width = 0;

    for (size_t at = 0; at < size;) {
        struct show_character shown = show_character(bytes + at, size - at);
        width += shown.width;
        if (width > width_max) {
            fputs("...", out);
            return;
        }
        fputs(shown.text, out);
        at += shown.size;
    }
}

/* Columns of the line's first `characters` characters on a terminal. */
static unsigned message_width(const struct parse_line *line, uint32_t characters)
{
    unsigned width = 0;

    for (size_t at = 0; at < line->size && characters > 0; characters--) {
        struct show_character shown = show_character(line->bytes + at, line->size - at);
        width += shown.width;
        at += shown.size;
    }
    return width + characters; /* a caret behind the end */
}

/* The line, and below it the caret; of a long line the part around it. */
static void message_print_line(FILE *out, const struct parse_line *line, uint32_t column)
{
    unsigned caret = message_width(line, column - 1);
    unsigned skip = 0;
    unsigned skipped = 0;
    size_t at = 0;

    if (caret > MESSAGE_CARET_MAX && message_width(line, UINT32_MAX / 2) - caret > 0) {
        skip = caret - MESSAGE_CARET_MAX;
    }
    while (at < line->size && skipped < skip) {
        struct show_character shown = show_character(line->bytes + at, line->size - at);
        skipped += shown.width;
        at += shown.size;
    }
    fputs(at > 0 ? "  ..." : "  ", out);
    message_print(out, line->bytes + at, line->size - at, MESSAGE_LINE_MAX);
    fprintf(out, "\n  %*s^\n", (int)(caret - skipped + (at > 0 ? 3 : 0)), "");
}

static void message_compose(struct parse *parse, const struct parse_line *line, uint32_t column,
                            bool warning, const char *format, va_list arguments)
{
    struct scenario_message message = {
        .warning = warning, .line = line->number, .set = line->set, .column = column};
    char text[MESSAGE_MAX];
    size_t size;

    if (!message_is_wanted(parse->messages, &message)) {
        return;
    }
    FILE *out = open_memstream(&message.text, &size);
    if (out == NULL) {
        abort();
    }
    vsnprintf(text, sizeof text, format, arguments);
    if (line->set > 0) {
        fputs("--set '", out);
        message_print(out, line->bytes, line->size, MESSAGE_SET_MAX);
        fprintf(out, "':1:%u: ", column);
    } else {
        fprintf(out, "%s:%u:%u: ", parse->path, line->number, column);
    }
    fprintf(out, "%s: ", warning ? "warning" : "error");
    message_print(out, text, strlen(text), MESSAGE_MAX);
    fputc('\n', out);
    if (line->size > 0) {
        message_print_line(out, line, column);
    }
    if (fclose(out) != 0) {
        abort();
    }
    message_add(parse->messages, message);
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

/* Where a message about `word` points: the word, or where the next one would begin. */
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

void parse_warning_at(struct parse *parse, const struct parse_line *line, uint32_t column,
                      const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    message_compose(parse, line, column, true, format, arguments);
    va_end(arguments);
}

void parse_warning(struct parse *parse, const struct parse_word *word, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    message_compose(parse, parse->line, message_column(parse, word), true, format, arguments);
    va_end(arguments);
}

struct parse_shown parse_show(const struct parse_word *word)
{
    struct parse_shown shown;
    size_t used = 0;
    unsigned width = 0;
    size_t at = 0;

    shown.text[used++] = word->quoted ? '"' : '\'';
    while (at < word->size) {
        struct show_character next = show_character(word->bytes + at, word->size - at);
        if (width + next.width > MESSAGE_WORD_MAX ||
            used + strlen(next.text) + 5 > sizeof shown.text) {
            break;
        }
        memcpy(shown.text + used, next.text, strlen(next.text));
        used += strlen(next.text);
        width += next.width;
        at += next.size;
    }
    snprintf(shown.text + used, sizeof shown.text - used, "%s%c", at < word->size ? "..." : "",
             word->quoted ? '"' : '\'');
    return shown;
}
