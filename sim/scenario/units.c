#include "scenario/parse.h"

#include <string.h>

#include "base/prng.h"
#include "base/time.h"

__extension__ typedef unsigned __int128 units_u128;

#define UNITS_DECIMALS_MAX    9
#define UNITS_DURATION_MAX_NS (10000 * 3600 * NS_PER_S) /* far above every limit of a directive */

/* A decimal number at the beginning of a word: digits, then perhaps a point and digits. */
struct units_number {
    uint64_t whole;    /* saturates at UINT64_MAX */
    uint64_t fraction; /* of `scale` */
    uint64_t scale;    /* 10 to the power of the decimals */
    unsigned decimals; /* as written; those behind the ninth are not in `fraction` */
    size_t size;       /* bytes of it */
};

struct units_unit {
    const char *name;
    uint64_t scale; /* ns, or bytes */
};

/* What is measured in units: durations, sizes. */
struct units_kind {
    const char *name;               /* "a duration" */
    const char *names;              /* of the units, for messages */
    const char *usual;              /* the unit that is proposed where none is given */
    const char *like;               /* an example */
    const char *smallest;           /* "1ns" */
    const struct units_unit *units; /* ends with a NULL name */
};

enum units_status {
    UNITS_GOOD,
    UNITS_NO_NUMBER,
    UNITS_NO_UNIT,
    UNITS_UNKNOWN_UNIT,
    UNITS_TOO_FINE,
    UNITS_TOO_LARGE
};

static const struct units_unit UNITS_TIMES[] = {
    {"ns", 1},       {"us", NS_PER_US},    {"ms", NS_PER_MS},
    {"s", NS_PER_S}, {"m", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S},
    {NULL, 0}};
static const struct units_unit UNITS_SIZES[] = {{"b", 1}, {"kb", 1024}, {"mb", 1048576}, {NULL, 0}};

static const struct units_kind UNITS_DURATION = {.name = "a duration",
                                                 .names = "ns us ms s m h",
                                                 .usual = "ms",
                                                 .like = "10ms",
                                                 .smallest = "1ns",
                                                 .units = UNITS_TIMES};
static const struct units_kind UNITS_SIZE = {.name = "a size",
                                             .names = "b kb mb",
                                             .usual = "b",
                                             .like = "600b",
                                             .smallest = "1b",
                                             .units = UNITS_SIZES};

/* Other spellings of units, and ours. */
static const char *const UNITS_ALIASES[][2] = {
    {"sec", "s"},    {"secs", "s"},       {"second", "s"},     {"seconds", "s"}, {"S", "s"},
    {"msec", "ms"},  {"msecs", "ms"},     {"MS", "ms"},        {"millis", "ms"}, {"usec", "us"},
    {"usecs", "us"}, {"\xc2\xb5s", "us"}, {"\xce\xbcs", "us"}, {"nsec", "ns"},   {"min", "m"},
    {"mins", "m"},   {"minute", "m"},     {"minutes", "m"},    {"hour", "h"},    {"hours", "h"},
    {"B", "b"},      {"byte", "b"},       {"bytes", "b"},      {"k", "kb"},      {"K", "kb"},
    {"kB", "kb"},    {"KB", "kb"},        {"M", "mb"},         {"MB", "mb"}};

/* ---- numbers --------------------------------------------------------------------------------- */

static bool units_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads the number that the bytes begin with; false: they begin with none, or a point has no digits
 * on one of its sides. */
static bool units_read_number(const char *bytes, size_t size, struct units_number *number)
{
    size_t at = 0;

    *number = (struct units_number){.scale = 1};
    for (; at < size && units_is_digit(bytes[at]); at++) {
        uint64_t digit = (uint64_t)(bytes[at] - '0');
        bool fits = number->whole <= (UINT64_MAX - digit) / 10;
        number->whole = fits ? number->whole * 10 + digit : UINT64_MAX;
    }
    if (at == 0) {
        return false;
    }
    if (at < size && bytes[at] == '.') {
        for (at++; at < size && units_is_digit(bytes[at]); at++) {
            if (++number->decimals <= UNITS_DECIMALS_MAX) {
                number->fraction = number->fraction * 10 + (uint64_t)(bytes[at] - '0');
                number->scale *= 10;
            }
        }
        if (number->decimals == 0) {
            return false;
        }
    }
    number->size = at;
    return true;
}

/* Reads a number and its unit, exactly: the value in the smallest unit. */
static enum units_status units_read(const char *bytes, size_t size, const struct units_kind *kind,
                                    uint64_t max, uint64_t *value)
{
    const struct units_unit *unit = kind->units;
    struct units_number number;

    if (!units_read_number(bytes, size, &number)) {
        return UNITS_NO_NUMBER;
    }
    if (number.size == size) {
        return UNITS_NO_UNIT;
    }
    while (unit->name != NULL && (strlen(unit->name) != size - number.size ||
                                  memcmp(unit->name, bytes + number.size, strlen(unit->name)))) {
        unit++;
    }
    if (unit->name == NULL) {
        return UNITS_UNKNOWN_UNIT;
    }
    units_u128 part = (units_u128)number.fraction * unit->scale;
    if (number.decimals > UNITS_DECIMALS_MAX || part % number.scale != 0) {
        return UNITS_TOO_FINE;
    }
    units_u128 sum = (units_u128)number.whole * unit->scale + part / number.scale;
    if (sum > max) {
        return UNITS_TOO_LARGE;
    }
    *value = (uint64_t)sum;
    return UNITS_GOOD;
}

/* ---- spellings that people try --------------------------------------------------------------- */

/* The word with a point in the place of its comma ("1,5ms"): true if that is what is wrong, and it
 * was reported. */
static bool units_says_comma(struct parse *parse, const struct parse_word *word)
{
    const char *comma = memchr(word->bytes, ',', word->size);
    size_t before;

    if (comma == NULL || comma == word->bytes || comma + 1 == word->bytes + word->size ||
        !units_is_digit(comma[-1]) || !units_is_digit(comma[1])) {
        return false;
    }
    before = (size_t)(comma - word->bytes);
    (void)parse_error(parse, word, "a decimal point, not a comma: %.*s.%.*s", (int)before,
                      word->bytes, (int)(word->size - before - 1), comma + 1);
    return true;
}

/* What every quantity may get wrong; true if it was one of these, and was reported. */
static bool units_says_usual(struct parse *parse, const struct parse_word *word, const char *name)
{
    if (units_says_comma(parse, word)) {
        return true;
    }
    if (word->size > 1 && word->bytes[0] == '-' && units_is_digit(word->bytes[1])) {
        (void)parse_error(parse, word, "%s is never negative", name);
        return true;
    }
    if (word->size > 1 && word->bytes[0] == '.' && units_is_digit(word->bytes[1])) {
        (void)parse_error(parse, word, "a digit stands before the point: 0%.*s", (int)word->size,
                          word->bytes);
        return true;
    }
    return false;
}

/* Our spelling of a unit, NULL if it is not known. */
static const char *units_alias(const char *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof UNITS_ALIASES / sizeof UNITS_ALIASES[0]; i++) {
        if (strlen(UNITS_ALIASES[i][0]) == size && memcmp(UNITS_ALIASES[i][0], bytes, size) == 0) {
            return UNITS_ALIASES[i][1];
        }
    }
    return NULL;
}

static bool units_has(const struct units_kind *kind, const char *name, size_t size)
{
    for (const struct units_unit *unit = kind->units; unit->name != NULL; unit++) {
        if (strlen(unit->name) == size && memcmp(unit->name, name, size) == 0) {
            return true;
        }
    }
    return false;
}

/* The number has no unit. It may stand behind a blank: `next`. */
static bool units_say_no_unit(struct parse *parse, const struct parse_word *word,
                              const struct parse_word *next, const struct units_kind *kind)
{
    if (next != NULL && !next->quoted && units_has(kind, next->bytes, next->size)) {
        return parse_error(parse, word, "write %.*s%.*s without a blank", (int)word->size,
                           word->bytes, (int)next->size, next->bytes);
    }
    return parse_error(parse, word, "%s needs a unit (%s): %.*s%s?", kind->name, kind->names,
                       (int)word->size, word->bytes, kind->usual);
}

static bool units_say_unknown_unit(struct parse *parse, const struct parse_word *word,
                                   const struct units_kind *kind)
{
    struct units_number number;

    (void)units_read_number(word->bytes, word->size, &number);
    struct parse_word unit = {.bytes = word->bytes + number.size,
                              .size = word->size - number.size,
                              .column = word->column + (uint32_t)number.size};
    const char *ours = units_alias(unit.bytes, unit.size);

    if (ours != NULL && units_has(kind, ours, strlen(ours))) {
        return parse_error(parse, &unit, "unknown unit %s (there are %s); write %.*s%s",
                           parse_show(&unit), kind->names, (int)number.size, word->bytes, ours);
    }
    return parse_error(parse, &unit, "unknown unit %s; %s has one of %s", parse_show(&unit),
                       kind->name, kind->names);
}

/* ---- durations and sizes --------------------------------------------------------------------- */

/* Reads the word (NULL: it is missing) as a quantity of the kind; `next` stands behind it. */
static bool units_quantity(struct parse *parse, const struct parse_word *word,
                           const struct parse_word *next, const char *what,
                           const struct units_kind *kind, uint64_t max, uint64_t *value)
{
    if (word == NULL || word->quoted) {
        return parse_error(parse, word, "expected %s here: %s like %s", what, kind->name,
                           kind->like);
    }
    switch (units_read(word->bytes, word->size, kind, max, value)) {
    case UNITS_GOOD:
        return true;
    case UNITS_NO_NUMBER:
        break;
    case UNITS_NO_UNIT:
        return units_say_no_unit(parse, word, next, kind);
    case UNITS_UNKNOWN_UNIT:
        return !units_says_comma(parse, word) && units_say_unknown_unit(parse, word, kind);
    case UNITS_TOO_FINE:
        return parse_error(parse, word, "%s is finer than %s, or has more than %d decimals",
                           parse_show(word), kind->smallest, UNITS_DECIMALS_MAX);
    case UNITS_TOO_LARGE:
        if (kind == &UNITS_DURATION) {
            return parse_error(parse, word, "%s is too long: no run lasts longer than 24h",
                               parse_show(word));
        }
        return parse_error(parse, word, "%s is too large: at most %llub", parse_show(word),
                           (unsigned long long)max);
    }
    return !units_says_usual(parse, word, kind->name) &&
           parse_error(parse, word, "expected %s here: %s like %s, not %s", what, kind->name,
                       kind->like, parse_show(word));
}

bool parse_duration(struct parse *parse, const char *what, uint64_t *span_ns)
{
    const struct parse_word *word = parse_next(parse);

    return units_quantity(parse, word, parse_peek(parse), what, &UNITS_DURATION,
                          UNITS_DURATION_MAX_NS, span_ns);
}

bool parse_duration_word(struct parse *parse, const struct parse_word *word, const char *what,
                         uint64_t *span_ns)
{
    return units_quantity(parse, word, NULL, what, &UNITS_DURATION, UNITS_DURATION_MAX_NS, span_ns);
}

bool parse_duration_text(const char *bytes, size_t size, uint64_t *span_ns)
{
    return units_read(bytes, size, &UNITS_DURATION, UNITS_DURATION_MAX_NS, span_ns) == UNITS_GOOD;
}

bool parse_size_word(struct parse *parse, const struct parse_word *word, const char *what,
                     uint64_t max, uint64_t *bytes)
{
    return units_quantity(parse, word, NULL, what, &UNITS_SIZE, max, bytes);
}

/* ---- percentages ----------------------------------------------------------------------------- */

/* Rounded to the nearest 2^-63; false if the text is no "P%" or not a probability. */
bool parse_percent_text(const char *bytes, size_t size, uint64_t *probability_q63)
{
    struct units_number number;

    if (!units_read_number(bytes, size, &number) || number.size + 1 != size ||
        bytes[number.size] != '%' || number.decimals > UNITS_DECIMALS_MAX || number.whole > 100 ||
        (number.whole == 100 && number.fraction > 0)) {
        return false;
    }
    units_u128 part = (units_u128)number.whole * number.scale + number.fraction;
    units_u128 whole = (units_u128)100 * number.scale;
    *probability_q63 = (uint64_t)((part * PROBABILITY_ONE + whole / 2) / whole);
    return true;
}

/* Says what is wrong with a word that is no percentage; `next` stands behind it. */
static bool units_say_percent(struct parse *parse, const struct parse_word *word,
                              const struct parse_word *next, const char *what)
{
    struct units_number number;

    if (units_says_usual(parse, word, "a percentage")) {
        return false;
    }
    if (!units_read_number(word->bytes, word->size, &number)) {
        return parse_error(parse, word, "expected %s here: a percentage like 10%%, not %s", what,
                           parse_show(word));
    }
    if (number.size == word->size && parse_is(next, "%")) {
        return parse_error(parse, word, "write %.*s%% without a blank", (int)word->size,
                           word->bytes);
    }
    if (number.size == word->size) {
        return parse_error(parse, word, "a percentage needs its sign: %.*s%%", (int)word->size,
                           word->bytes);
    }
    if (word->bytes[number.size] != '%' || number.size + 1 != word->size) {
        return parse_error(parse, word, "%s is no percentage; like %.*s%%", parse_show(word),
                           (int)number.size, word->bytes);
    }
    if (number.decimals > UNITS_DECIMALS_MAX) {
        return parse_error(parse, word, "a percentage has at most %d decimals", UNITS_DECIMALS_MAX);
    }
    return parse_error(parse, word, "a percentage is at most 100%%, not %s", parse_show(word));
}

static bool units_percent(struct parse *parse, const struct parse_word *word,
                          const struct parse_word *next, const char *what,
                          uint64_t *probability_q63)
{
    if (word == NULL || word->quoted) {
        return parse_error(parse, word, "expected %s here: a percentage like 10%%", what);
    }
    return parse_percent_text(word->bytes, word->size, probability_q63) ||
           units_say_percent(parse, word, next, what);
}

bool parse_percent(struct parse *parse, const char *what, uint64_t *probability_q63)
{
    const struct parse_word *word = parse_next(parse);

    return units_percent(parse, word, parse_peek(parse), what, probability_q63);
}

bool parse_percent_word(struct parse *parse, const struct parse_word *word, const char *what,
                        uint64_t *probability_q63)
{
    return units_percent(parse, word, NULL, what, probability_q63);
}

/* ---- numbers without a unit ------------------------------------------------------------------ */

bool parse_count(struct parse *parse, const char *what, uint64_t min, uint64_t max, uint64_t *count)
{
    const struct parse_word *word = parse_next(parse);
    uint64_t value = 0;
    bool good = true;

    if (word == NULL || word->quoted) {
        return parse_error(parse, word, "expected %s here: a whole number from %llu to %llu", what,
                           (unsigned long long)min, (unsigned long long)max);
    }
    for (size_t i = 0; good && i < word->size; i++) {
        uint64_t digit = (uint64_t)(word->bytes[i] - '0');
        good = units_is_digit(word->bytes[i]) && value <= (UINT64_MAX - digit) / 10;
        value = good ? value * 10 + digit : 0;
    }
    if (!good || value < min || value > max) {
        return parse_error(parse, word, "%s: a whole number from %llu to %llu, not %s", what,
                           (unsigned long long)min, (unsigned long long)max, parse_show(word));
    }
    *count = value;
    return true;
}

bool parse_decimal_word(const char *bytes, size_t size, double *value)
{
    struct units_number number;

    if (!units_read_number(bytes, size, &number) || number.size != size ||
        number.decimals > UNITS_DECIMALS_MAX) {
        return false;
    }
    *value = (double)number.whole + (double)number.fraction / (double)number.scale;
    return true;
}

bool parse_cut_range(const struct parse_word *word, struct parse_word *low, struct parse_word *high)
{
    const char *dots =
        word == NULL || word->quoted ? NULL : memmem(word->bytes, word->size, "..", 2);

    if (dots == NULL) {
        return false;
    }
    size_t before = (size_t)(dots - word->bytes);
    *low = (struct parse_word){.bytes = word->bytes, .size = before, .column = word->column};
    *high = (struct parse_word){.bytes = dots + 2,
                                .size = word->size - before - 2,
                                .column = word->column + (uint32_t)before + 2};
    return true;
}

/* ---- what a word looks like ------------------------------------------------------------------ */

/* A number at its beginning, right or wrong behind: what stands behind it, with its size. */
static const char *units_behind_number(const struct parse_word *word, size_t *size)
{
    size_t at = 0;

    if (word == NULL || word->quoted || word->size == 0 || !units_is_digit(word->bytes[0])) {
        return NULL;
    }
    while (at < word->size &&
           (units_is_digit(word->bytes[at]) || word->bytes[at] == '.' || word->bytes[at] == ',')) {
        at++;
    }
    *size = word->size - at;
    return word->bytes + at;
}

bool parse_looks_like_duration(const struct parse_word *word)
{
    size_t size = 0;
    const char *unit = units_behind_number(word, &size);

    /* Without a unit, too: parse_duration says that it is missing. */
    return unit != NULL && (size == 0 || unit[0] != '%');
}

bool parse_looks_like_percent(const struct parse_word *word)
{
    size_t size = 0;
    const char *unit = units_behind_number(word, &size);

    return unit != NULL && size > 0 && unit[0] == '%';
}

bool parse_looks_like_count(const struct parse_word *word)
{
    size_t size = 0;

    return units_behind_number(word, &size) != NULL;
}
