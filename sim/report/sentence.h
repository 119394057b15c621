/* A sentence put together from pieces, to be wrapped as one. */
#ifndef REPORT_SENTENCE_H
#define REPORT_SENTENCE_H

#include <stddef.h>

struct sentence {
    char text[4096]; /* terminated; what does not fit is cut */
    size_t used;
};

/* Empties it. */
void sentence_begin(struct sentence *sentence);

/* Appends, by printf's rules. */
__attribute__((format(printf, 2, 3))) void sentence_add(struct sentence *sentence,
                                                        const char *format, ...);

/* Appends an item of a list: with ", " before it, unless it is the first since `start`. */
__attribute__((format(printf, 3, 4))) void sentence_add_item(struct sentence *sentence,
                                                             size_t start, const char *format, ...);

#endif
