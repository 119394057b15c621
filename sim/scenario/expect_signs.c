#include "scenario/expect_parts.h"

#include <string.h>

/* Comparisons as they are written elsewhere, and here. */
static const struct {
    const char *written;
    const char *here;
} SIGNS_ELSEWHERE[] = {
    {"==", "="},
    {"=<", "<="},
    {"=>", ">="},
    {"<>", "!="},
    {"~=", "~"},
    {"=~", "~"},
    {"\xe2\x89\xa0", "!="}, /* U+2260 */
    {"\xe2\x89\xa4", "<="}, /* U+2264 */
    {"\xe2\x89\xa5", ">="}, /* U+2265 */
    {"\xe2\x89\x88", "~"},  /* U+2248 */
};

static bool signs_is_sign(char c)
{
    return c == '=' || c == '!' || c == '<' || c == '>' || c == '~';
}

/* A word that is a comparison of elsewhere, or has one within. */
static bool signs_check_word(struct parse *parse, const struct parse_word *word)
{
    size_t from = 0;
    size_t to;

    for (size_t i = 0; i < sizeof SIGNS_ELSEWHERE / sizeof SIGNS_ELSEWHERE[0]; i++) {
        if (parse_is(word, SIGNS_ELSEWHERE[i].written)) {
            return parse_error(parse, word, "the comparison %s is written %s",
                               parse_show(word).text, SIGNS_ELSEWHERE[i].here);
        }
    }
    while (from < word->size && !signs_is_sign(word->bytes[from])) {
        from++;
    }
    for (to = from; to < word->size && signs_is_sign(word->bytes[to]);) {
        to++;
    }
    if (from == to || to - from == word->size) {
        return true;
    }
    return parse_error(parse, word, "a comparison stands between blanks: %.*s%s%.*s%s%.*s",
                       (int)from, word->bytes, from > 0 ? " " : "", (int)(to - from),
                       word->bytes + from, to < word->size ? " " : "", (int)(word->size - to),
                       word->bytes + to);
}

bool expect_check_signs(struct parse *parse)
{
    for (uint32_t i = parse->at; i < parse->line->word_count; i++) {
        const struct parse_word *word = &parse->line->words[i];
        bool arrow = memmem(word->bytes, word->size, "->", 2) != NULL; /* parse_links judges it */
        if (!word->quoted && !arrow && !signs_check_word(parse, word)) {
            return false;
        }
    }
    return true;
}
