#include "scenario/parse.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

#define NEAREST_SIZE_MAX 31 /* letters: a longer word is near to none */

/* Letters to change, add, take away or swap with their neighbour to get from the word to `known`
 * (Damerau 1964, optimal string alignment); a letter's case is no change. */
static unsigned nearest_distance(const struct parse_word *word, const char *known)
{
    unsigned rows[3][NEAREST_SIZE_MAX + 1];
    size_t size = strlen(known);
    uint8_t letters[NEAREST_SIZE_MAX];

    for (size_t i = 0; i < word->size; i++) {
        letters[i] = bytes_lower((uint8_t)word->bytes[i]);
    }
    for (unsigned j = 0; j <= size; j++) {
        rows[0][j] = j;
    }
    for (unsigned i = 1; i <= word->size; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];
        row[0] = i;
        for (unsigned j = 1; j <= size; j++) {
            uint8_t letter = bytes_lower((uint8_t)known[j - 1]);
            unsigned best = above[j - 1] + (letters[i - 1] != letter);
            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && letters[i - 2] == letter &&
                letters[i - 1] == bytes_lower((uint8_t)known[j - 2])) {
                unsigned swapped = rows[(i + 1) % 3][j - 2] + 1;
                best = swapped < best ? swapped : best;
            }
            row[j] = best;
        }
    }
    return rows[word->size % 3][size];
}

const char *parse_nearest(const struct parse_word *word, const char *const *known)
{
    const char *nearest = NULL;
    unsigned least = 3;

    if (word == NULL || word->size == 0 || word->size > NEAREST_SIZE_MAX) {
        return NULL;
    }
    least = word->size <= 3 ? 2 : least; /* one change is much for a short word */
    for (uint32_t i = 0; known[i] != NULL; i++) {
        size_t size = strlen(known[i]);
        if (size > NEAREST_SIZE_MAX) {
            continue;
        }
        unsigned distance = nearest_distance(word, known[i]);
        if (distance < least && distance < size) {
            least = distance;
            nearest = known[i];
        }
    }
    for (uint32_t i = 0; nearest == NULL && word->size >= 3 && known[i] != NULL; i++) {
        bool begins = strncmp(word->bytes, known[i], word->size) == 0;
        nearest = begins ? known[i] : NULL;
    }
    return nearest;
}

bool parse_unknown(struct parse *parse, const struct parse_word *word, const char *what,
                   const char *const *known)
{
    const char *nearest = parse_nearest(word, known);
    char list[512] = "";
    size_t used = 0;

    for (uint32_t i = 0; known[i] != NULL && used < sizeof list; i++) {
        int wrote =
            snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? " " : "", known[i]);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    if (word == NULL) {
        return parse_error(parse, NULL, "expected %s here, one of: %s", what, list);
    }
    if (nearest != NULL) {
        return parse_error(parse, word, "unknown %s %s; did you mean '%s'?", what,
                           parse_show(word).text, nearest);
    }
    return parse_error(parse, word, "unknown %s %s; known are: %s", what, parse_show(word).text,
                       list);
}

bool parse_choose(struct parse *parse, const char *what, const char *const *known, uint32_t *chosen)
{
    const struct parse_word *word = parse_next(parse);

    for (uint32_t i = 0; word != NULL && known[i] != NULL; i++) {
        if (parse_is(word, known[i])) {
            *chosen = i;
            return true;
        }
    }
    return parse_unknown(parse, word, what, known);
}

bool parse_once(struct parse *parse, const struct parse_word *word, uint32_t number, uint32_t *seen)
{
    uint32_t bit = UINT32_C(1) << number;

    if ((*seen & bit) != 0) {
        return parse_error(parse, word, "%s repeats what this line says already",
                           parse_show(word).text);
    }
    *seen |= bit;
    return true;
}
