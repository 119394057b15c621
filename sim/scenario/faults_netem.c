#include "scenario/faults_parts.h"

#include <string.h>

#include "base/bytes.h"

/* Words that one of netem's can become, at most: `gap` alone becomes four. */
#define NETEM_WORDS_EACH 4

/* What an argument of an option is. */
enum netem_argument { NETEM_NONE, NETEM_TIME, NETEM_SHARE, NETEM_NUMBER, NETEM_RATE, NETEM_WORD };

static const struct {
    const char *name;
    enum netem_argument arguments[5];
} NETEM_OPTIONS[] = {
    {"limit", {NETEM_NUMBER}},
    {"delay", {NETEM_TIME, NETEM_TIME, NETEM_SHARE}},
    {"latency", {NETEM_TIME, NETEM_TIME, NETEM_SHARE}},
    {"distribution", {NETEM_WORD}},
    {"loss", {NETEM_SHARE, NETEM_SHARE, NETEM_SHARE, NETEM_SHARE, NETEM_SHARE}},
    {"corrupt", {NETEM_SHARE}},
    {"duplicate", {NETEM_SHARE, NETEM_SHARE}},
    {"reorder", {NETEM_SHARE, NETEM_SHARE}},
    {"gap", {NETEM_NUMBER}},
    {"rate", {NETEM_RATE}},
};
#define NETEM_OPTION_COUNT (sizeof NETEM_OPTIONS / sizeof NETEM_OPTIONS[0])

static const char *const NETEM_KNOWN[] = {"limit",     "delay",   "distribution", "loss", "corrupt",
                                          "duplicate", "reorder", "gap",          "rate", NULL};

/* A line of netem's words while it becomes one of ours. */
struct netem {
    struct parse *parse;
    struct parse_word *words; /* in the arena */
    uint32_t count;
    uint32_t behind_delay;    /* where a distribution goes; 0 = there is no delay yet */
    uint32_t behind_reorder;  /* where a gap goes; 0 = there is no reorder yet */
    struct parse_word gap[2]; /* `gap N`, size 0 = none yet */
    struct parse_word distribution[2];
};

/* ---- quantities ------------------------------------------------------------------------------ */

/* Where the number that the word begins with ends. */
static size_t netem_number_size(const struct parse_word *word)
{
    size_t size = 0;

    while (size < word->size &&
           ((word->bytes[size] >= '0' && word->bytes[size] <= '9') || word->bytes[size] == '.')) {
        size++;
    }
    return size;
}

/* A number with the unit that we write for the one in the word. */
static struct parse_word netem_with_unit(const struct netem *netem, const struct parse_word *word,
                                         const char *unit)
{
    size_t size = netem_number_size(word);
    struct parse_word made = *word;
    char *bytes = arena_alloc(netem->parse->arena, size + strlen(unit) + 1, 1);

    memcpy(bytes, word->bytes, size);
    memcpy(bytes + size, unit, strlen(unit));
    made.bytes = bytes;
    made.size = size + strlen(unit);
    return made;
}

/* tc's units: a bare time is in microseconds, a bare rate in bits, a bare share in percent. */
static struct parse_word netem_quantity(const struct netem *netem, const struct parse_word *word,
                                        enum netem_argument argument)
{
    static const struct {
        enum netem_argument argument;
        const char *theirs;
        const char *ours;
    } UNITS[] = {
        {NETEM_TIME, "", "us"},       {NETEM_TIME, "usec", "us"},   {NETEM_TIME, "usecs", "us"},
        {NETEM_TIME, "msec", "ms"},   {NETEM_TIME, "msecs", "ms"},  {NETEM_TIME, "sec", "s"},
        {NETEM_TIME, "secs", "s"},    {NETEM_TIME, "nsec", "ns"},   {NETEM_TIME, "nsecs", "ns"},
        {NETEM_SHARE, "", "%"},       {NETEM_RATE, "", "bit"},      {NETEM_RATE, "bit", "bit"},
        {NETEM_RATE, "kbit", "kbit"}, {NETEM_RATE, "mbit", "mbit"}, {NETEM_RATE, "gbit", "gbit"},
    };
    size_t size = netem_number_size(word);

    for (size_t i = 0; size > 0 && i < sizeof UNITS / sizeof UNITS[0]; i++) {
        if (UNITS[i].argument != argument || strlen(UNITS[i].theirs) != word->size - size) {
            continue;
        }
        size_t at = size;
        while (at < word->size &&
               (char)bytes_lower((uint8_t)word->bytes[at]) == UNITS[i].theirs[at - size]) {
            at++;
        }
        if (at == word->size) {
            return netem_with_unit(netem, word, UNITS[i].ours);
        }
    }
    return *word;
}

/* ---- options --------------------------------------------------------------------------------- */

static void netem_put(struct netem *netem, struct parse_word word)
{
    netem->words[netem->count++] = word;
}

static bool netem_is_number(const struct parse_word *word)
{
    return word != NULL && !word->quoted && netem_number_size(word) > 0;
}

/* The arguments of an option that are there. */
static void netem_arguments(struct netem *netem, uint32_t option)
{
    struct parse *parse = netem->parse;

    for (uint32_t i = 0; i < 5 && NETEM_OPTIONS[option].arguments[i] != NETEM_NONE; i++) {
        const struct parse_word *word = parse_peek(parse);
        enum netem_argument argument = NETEM_OPTIONS[option].arguments[i];
        bool named = argument == NETEM_WORD && word != NULL;
        if (!named && !netem_is_number(word)) {
            return; /* what is missing, our own parser says */
        }
        netem_put(netem, netem_quantity(netem, parse_next(parse), argument));
    }
}

/* `gap N` and `distribution D` may stand anywhere in netem's line: they are kept for their place.
 */
static bool netem_keep(struct netem *netem, const struct parse_word *name, uint32_t option,
                       struct parse_word kept[2])
{
    uint32_t before = netem->count;

    kept[0] = *name;
    netem_arguments(netem, option);
    if (netem->count == before) {
        return parse_error(netem->parse, parse_peek(netem->parse), "expected a value behind `%s`",
                           NETEM_OPTIONS[option].name);
    }
    kept[1] = netem->words[--netem->count];
    return true;
}

/* `random`, `state` or `gemodel` behind `loss`. */
static void netem_loss_model(struct netem *netem)
{
    struct parse *parse = netem->parse;

    if (parse_is(parse_peek(parse), "state") || parse_is(parse_peek(parse), "gemodel")) {
        netem_put(netem, *parse_next(parse));
    } else {
        (void)parse_accept(parse, "random");
    }
}

static bool netem_option(struct netem *netem)
{
    struct parse *parse = netem->parse;
    const struct parse_word *name = parse_next(parse);
    struct parse_word ours = *name;
    uint32_t option = 0;

    while (option < NETEM_OPTION_COUNT && !parse_is(name, NETEM_OPTIONS[option].name)) {
        option++;
    }
    if (option == NETEM_OPTION_COUNT) {
        return parse_unknown(parse, name, "option of netem", NETEM_KNOWN);
    }
    if (parse_is(name, "gap")) {
        return netem_keep(netem, name, option, netem->gap);
    }
    if (parse_is(name, "distribution")) {
        return netem_keep(netem, name, option, netem->distribution);
    }
    if (parse_is(name, "latency")) {
        ours.bytes = "delay";
        ours.size = strlen("delay");
    }
    netem_put(netem, ours);
    if (parse_is(name, "loss")) {
        netem_loss_model(netem);
    }
    netem_arguments(netem, option);
    netem->behind_delay = parse_is(&ours, "delay") ? netem->count : netem->behind_delay;
    netem->behind_reorder = parse_is(name, "reorder") ? netem->count : netem->behind_reorder;
    return true;
}

/* Puts two words at a place of the line. */
static void netem_insert(struct netem *netem, uint32_t at, const struct parse_word words[2])
{
    memmove(netem->words + at + 2, netem->words + at, (netem->count - at) * sizeof *netem->words);
    memcpy(netem->words + at, words, 2 * sizeof *words);
    netem->count += 2;
    netem->behind_delay += netem->behind_delay > at ? 2 : 0;
}

/* Now that all are known: a gap without `reorder` sends every N-th at once. */
static void netem_place_kept(struct netem *netem)
{
    if (netem->gap[0].size > 0 && netem->behind_reorder == 0) {
        struct parse_word reorder[2] = {netem->gap[0], netem->gap[0]};
        reorder[0].bytes = "reorder";
        reorder[0].size = strlen("reorder");
        reorder[1].bytes = "100%";
        reorder[1].size = strlen("100%");
        netem_insert(netem, netem->count, reorder);
        netem->behind_reorder = netem->count;
    }
    if (netem->gap[0].size > 0) {
        netem_insert(netem, netem->behind_reorder, netem->gap);
    }
    if (netem->distribution[0].size > 0) {
        uint32_t behind = netem->behind_delay > 0 ? netem->behind_delay : netem->count;
        netem_insert(netem, behind, netem->distribution);
    }
}

bool faults_netem(struct parse *parse, struct fault_set *faults, uint32_t *seen)
{
    struct parse_line *made = arena_alloc(parse->arena, 1, sizeof *made);
    struct netem netem = {.parse = parse};

    if (parse_peek(parse) == NULL) {
        return parse_error(parse, NULL, "expected netem's arguments, as for tc: delay 100ms 10ms");
    }
    netem.words = arena_alloc(parse->arena, NETEM_WORDS_EACH * (size_t)parse->line->word_count,
                              sizeof *netem.words);
    netem.count = parse->at;
    memcpy(netem.words, parse->line->words, parse->at * sizeof *netem.words);
    while (parse_peek(parse) != NULL) {
        if (!netem_option(&netem)) {
            return false;
        }
    }
    netem_place_kept(&netem);
    parse->at = netem.count < parse->at ? netem.count : parse->at;
    *made = *parse->line;
    made->words = netem.words;
    made->word_count = netem.count;
    while (parse->at > 0 && !parse_is(&netem.words[parse->at - 1], "netem")) {
        parse->at--;
    }
    parse->line = made;
    return faults_read(parse, faults, seen);
}
