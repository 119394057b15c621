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
    {"drop", {NETEM_SHARE, NETEM_SHARE, NETEM_SHARE, NETEM_SHARE, NETEM_SHARE}},
    {"corrupt", {NETEM_SHARE}},
    {"duplicate", {NETEM_SHARE, NETEM_SHARE}},
    {"reorder", {NETEM_SHARE, NETEM_SHARE}},
    {"gap", {NETEM_NUMBER}},
    {"rate", {NETEM_RATE}},
};
#define NETEM_OPTION_COUNT (sizeof NETEM_OPTIONS / sizeof NETEM_OPTIONS[0])

/* What netem can do and we do not. */
static const struct {
    const char *name;
    const char *why;
} NETEM_REFUSED[] = {
    {"slot", "datagrams that leave in slots are not simulated"},
    {"ecn", "it marks datagrams in place of losing them, and nobody here reads such a mark"},
    {"seed", "all chance here follows from one seed: write a line `seed N`"},
};
#define NETEM_REFUSED_COUNT (sizeof NETEM_REFUSED / sizeof NETEM_REFUSED[0])

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

/* tc's units: a bare rate is in bits, a bare share in percent. */
static struct parse_word netem_quantity(const struct netem *netem, const struct parse_word *word,
                                        enum netem_argument argument)
{
    static const struct {
        enum netem_argument argument;
        const char *theirs;
        const char *ours;
    } UNITS[] = {
        {NETEM_TIME, "us", "us"},     {NETEM_TIME, "usec", "us"},   {NETEM_TIME, "usecs", "us"},
        {NETEM_TIME, "ms", "ms"},     {NETEM_TIME, "msec", "ms"},   {NETEM_TIME, "msecs", "ms"},
        {NETEM_TIME, "s", "s"},       {NETEM_TIME, "sec", "s"},     {NETEM_TIME, "secs", "s"},
        {NETEM_TIME, "ns", "ns"},     {NETEM_TIME, "nsec", "ns"},   {NETEM_TIME, "nsecs", "ns"},
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

/* A number behind all the arguments that we know. */
static bool netem_refuse_more(const struct netem *netem, uint32_t option)
{
    const char *name = NETEM_OPTIONS[option].name;
    const char *why = strcmp(name, "corrupt") == 0 ? "damage comes without a correlation"
                      : strcmp(name, "rate") == 0
                          ? "each datagram counts with its 28 octets of headers, and no others"
                          : "it takes no more values";

    return parse_error(netem->parse, parse_peek(netem->parse), "one value too many behind `%s`: %s",
                       name, why);
}

/* A bare time means one thing to tc's manual and another to tc: nobody should have to know. */
static bool netem_check_unit(const struct netem *netem, const struct parse_word *word,
                             enum netem_argument argument)
{
    int size = (int)word->size;

    if (argument != NETEM_TIME || netem_number_size(word) < word->size) {
        return true;
    }
    return parse_error(
        netem->parse, word,
        "a time without a unit is in microseconds by tc's manual, and in nanoseconds "
        "to newer versions of tc: write %.*sus or %.*sns",
        size, word->bytes, size, word->bytes);
}

/* The arguments of an option that are there. */
static bool netem_arguments(struct netem *netem, uint32_t option)
{
    struct parse *parse = netem->parse;

    for (uint32_t i = 0; i < 5 && NETEM_OPTIONS[option].arguments[i] != NETEM_NONE; i++) {
        const struct parse_word *word = parse_peek(parse);
        enum netem_argument argument = NETEM_OPTIONS[option].arguments[i];
        bool named = argument == NETEM_WORD && word != NULL;
        if (!named && !netem_is_number(word)) {
            break; /* what is missing, our own parser says */
        }
        if (!netem_check_unit(netem, word, argument)) {
            return false;
        }
        netem_put(netem, netem_quantity(netem, parse_next(parse), argument));
    }
    return !netem_is_number(parse_peek(parse)) || netem_refuse_more(netem, option);
}

/* `gap N` and `distribution D` may stand anywhere in netem's line: they are kept for their place.
 */
static bool netem_keep(struct netem *netem, const struct parse_word *name, uint32_t option,
                       struct parse_word kept[2])
{
    uint32_t before = netem->count;

    kept[0] = *name;
    if (!netem_arguments(netem, option)) {
        return false;
    }
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

/* What we have no such option for, and why. */
static bool netem_refuse(struct netem *netem, const struct parse_word *name)
{
    for (size_t i = 0; i < NETEM_REFUSED_COUNT; i++) {
        if (parse_is(name, NETEM_REFUSED[i].name)) {
            return parse_error(netem->parse, name, "netem's `%s` has no place here: %s",
                               NETEM_REFUSED[i].name, NETEM_REFUSED[i].why);
        }
    }
    return parse_unknown(netem->parse, name, "option of netem", NETEM_KNOWN);
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
        return netem_refuse(netem, name);
    }
    if (parse_is(name, "gap")) {
        return netem_keep(netem, name, option, netem->gap);
    }
    if (parse_is(name, "distribution")) {
        return netem_keep(netem, name, option, netem->distribution);
    }
    if (parse_is(name, "latency") || parse_is(name, "drop")) { /* tc has two names for these */
        ours.bytes = parse_is(name, "drop") ? "loss" : "delay";
        ours.size = strlen(ours.bytes);
    }
    netem_put(netem, ours);
    if (parse_is(&ours, "loss")) {
        netem_loss_model(netem);
    }
    if (!netem_arguments(netem, option)) {
        return false;
    }
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
static bool netem_place_kept(struct netem *netem)
{
    if (netem->distribution[0].size > 0 && netem->behind_delay == 0) {
        return parse_error(netem->parse, &netem->distribution[0],
                           "a distribution is of the delays, and there is no `delay`");
    }
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
        netem_insert(netem, netem->behind_delay, netem->distribution);
    }
    return true;
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
    if (!netem_place_kept(&netem)) {
        return false;
    }
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
