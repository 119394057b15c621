#include "report/sentence.h"

#include <stdarg.h>
#include <stdio.h>

void sentence_begin(struct sentence *sentence)
{
    sentence->text[0] = '\0';
    sentence->used = 0;
}

__attribute__((format(printf, 2, 0))) static void sentence_add_list(struct sentence *sentence,
                                                                    const char *format,
                                                                    va_list arguments)
{
    size_t room = sizeof sentence->text - sentence->used;
    int wrote = vsnprintf(sentence->text + sentence->used, room, format, arguments);

    if (wrote > 0) {
        sentence->used += (size_t)wrote < room ? (size_t)wrote : room - 1;
    }
}

void sentence_add(struct sentence *sentence, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    sentence_add_list(sentence, format, arguments);
    va_end(arguments);
}

void sentence_add_item(struct sentence *sentence, size_t start, const char *format, ...)
{
    va_list arguments;

    if (sentence->used > start) {
        sentence_add(sentence, ", ");
    }
    va_start(arguments, format);
    sentence_add_list(sentence, format, arguments);
    va_end(arguments);
}
