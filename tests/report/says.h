/* Whether a text for people has some words. */
#ifndef TESTS_REPORT_SAYS_H
#define TESTS_REPORT_SAYS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether the text has these words, wherever its lines are broken; says so if it has not. */
static inline bool text_says(const char *text, const char *words)
{
    char *flat = strdup(text);
    char *at = flat;

    for (const char *from = flat; *from != '\0'; from++) {
        bool blank = *from == '\n' || *from == ' ';
        if (!blank || at == flat || at[-1] != ' ') {
            *at++ = blank ? ' ' : *from;
        }
    }
    *at = '\0';
    bool found = strstr(flat, words) != NULL;
    if (!found) {
        printf("missing: %s\nin: %s\n", words, text);
    }
    free(flat);
    return found;
}

#endif
