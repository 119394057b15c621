#include "scenario/parse.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/time.h"
#include "scenario/units_number.h"

struct units_unit {
    const char *name;
    uint64_t factor;
};

/* One kind of quantity. */
struct units_kind {
    const struct units_unit *units; /* ends with name NULL */
    const char *names;              /* for messages */
    const char *usual;              /* the unit that was probably left out */
    const char *example;
};

static const struct units_unit UNITS_TIME[] = {
    {"ns", 1},       {"us", NS_PER_US},    {"ms", NS_PER_MS},
    {"s", NS_PER_S}, {"m", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S},
    {NULL, 0},
};
static const struct units_unit UNITS_SIZE[] = {
    {"b", 1}, {"kb", 1024}, {"mb", 1024 * 1024}, {NULL, 0}};
static const struct units_unit UNITS_BITS[] = {
    {"bit", 1}, {"kbit", 1000}, {"mbit", 1000000}, {"gbit", 1000000000}, {NULL, 0}};
static const struct units_kind UNITS_DURATION = {UNITS_TIME, "ns us ms s m h", "ms", "60ms"};
static const struct units_kind UNITS_BYTES = {UNITS_SIZE, "b kb mb", "b", "600b"};
static const struct units_kind UNITS_RATE = {UNITS_BITS, "kbit mbit gbit", "kbit", "1mbit"};

/* Units as they are written elsewhere, in lower case, and what they are called here. */
static const struct {
    const char *written;
    const char *unit;
} UNITS_ELSEWHERE[] = {
    {"nsec", "ns"},   {"usec", "us"},   {"\xc2\xb5s", "us"}, {"\xce\xbcs", "us"}, {"msec", "ms"},
    {"msecs", "ms"},  {"millis", "ms"}, {"sec", "s"},        {"secs", "s"},       {"second", "s"},
    {"seconds", "s"}, {"min", "m"},     {"mins", "m"},       {"minute", "m"},     {"minutes", "m"},
    {"hour", "h"},    {"hours", "h"},   {"byte", "b"},       {"bytes", "b"},      {"k", "kb"},
    {"kib", "kb"},    {"mib", "mb"},
};

enum units_status {
    UNITS_OK,
    UNITS_NO_NUMBER,
    UNITS_NO_UNIT,
    UNITS_BAD_UNIT,
    UNITS_TOO_FINE,
    UNITS_TOO_LARGE
};

/* ---- numbers with a unit --------------------------------------------------------------------- */

/* The unit of that name, NULL if there is none. */
static const struct units_unit *units_find(const struct units_unit *units, const char *bytes,
                                           size_t size)
{
    for (; units->name != NULL; units++) {
        if (strlen(units->name) == size && memcmp(units->name, bytes, size) == 0) {
            return units;
        }
    }
    return NULL;
}

/* A number with one of the units, in whole smallest ones. */
static enum units_status units_quantity(const char *bytes, size_t size,
                                        const struct units_unit *units, uint64_t *value)
{
    struct units_number number;

    if (!units_read(bytes, size, &number)) {
        return UNITS_NO_NUMBER;
    }
    if (number.size == size) {
        return UNITS_NO_UNIT;
    }
    units = units_find(units, bytes + number.size, size - number.size);
    if (units == NULL) {
        return UNITS_BAD_UNIT;
    }
    units_u128 product = (units_u128)number.digits * units->factor;
    uint64_t divisor = units_power_of_ten(number.decimals);
    if (number.too_fine || product % divisor != 0) {
        return UNITS_TOO_FINE;
    }
    if (number.too_large || product / divisor > UINT64_MAX / 2) {
        return UNITS_TOO_LARGE;
    }
    *value = (uint64_t)(product / divisor);
    return UNITS_OK;
}

/* ---- what to write instead ------------------------------------------------------------------- */

bool parse_check_comma(struct parse *parse, const struct parse_word *word, const char *what)
{
    const char *comma = memchr(word->bytes, ',', word->size);

    return comma == NULL || !units_is_digit(word->bytes[0]) ||
           parse_error(parse, word, "%s takes a decimal point, not a comma: %.*s.%.*s", what,
                       (int)(comma - word->bytes), word->bytes,
                       (int)(word->size - (size_t)(comma - word->bytes) - 1), comma + 1);
}

/* The unit of that kind that `written` probably means, NULL if it is anybody's guess. */
static const char *units_meant(const struct units_kind *kind, const char *written, size_t size)
{
    char lower[16];

    if (size >= sizeof lower) {
        return NULL;
    }
    for (size_t i = 0; i < size; i++) {
        lower[i] = (char)bytes_lower((uint8_t)written[i]);
    }
    for (size_t i = 0; i < sizeof UNITS_ELSEWHERE / sizeof UNITS_ELSEWHERE[0]; i++) {
        const char *unit = UNITS_ELSEWHERE[i].unit;
        if (strlen(UNITS_ELSEWHERE[i].written) == size &&
            memcmp(UNITS_ELSEWHERE[i].written, lower, size) == 0 &&
            units_find(kind->units, unit, strlen(unit)) != NULL) {
            return unit;
        }
    }
    const struct units_unit *unit = units_find(kind->units, lower, size);
    return unit != NULL ? unit->name : NULL;
}

/* A unit that is none of the kind's. */
static bool units_complain_unit(struct parse *parse, const struct parse_word *word,
                                const char *what, const struct units_kind *kind)
{
    struct units_number number;
    const char *meant;

    (void)units_read(word->bytes, word->size, &number);
    meant = units_meant(kind, word->bytes + number.size, word->size - number.size);
    if (meant != NULL) {
        return parse_error(parse, word, "unknown unit in %s; did you mean %.*s%s?",
                           parse_show(word).text, (int)number.size, word->bytes, meant);
    }
    return parse_error(parse, word, "unknown unit in %s; %s is given in %s", parse_show(word).text,
                       what, kind->names);
}

/* A number without a unit. */
static bool units_complain_none(struct parse *parse, const struct parse_word *word,
                                const char *what, const struct units_kind *kind)
{
    const struct parse_word *next = parse_peek(parse);

    if (next != NULL && !next->quoted && units_find(kind->units, next->bytes, next->size) != NULL) {
        return parse_error(parse, word, "no blank before the unit: %.*s%.*s", (int)word->size,
                           word->bytes, (int)next->size, next->bytes);
    }
    return parse_error(parse, word, "%s needs its unit (%s): %.*s%s?", what, kind->names,
                       (int)word->size, word->bytes, kind->usual);
}

/* Reads the word as a quantity of that kind, or reports what is wrong with it. */
static bool units_read_word(struct parse *parse, const struct parse_word *word, const char *what,
                            const struct units_kind *kind, uint64_t *value)
{
    if (!parse_check_comma(parse, word, what)) {
        return false;
    }
    switch (units_quantity(word->bytes, word->size, kind->units, value)) {
    case UNITS_OK:
        return true;
    case UNITS_NO_NUMBER:
        return parse_error(parse, word, "expected %s like %s, not %s", what, kind->example,
                           parse_show(word).text);
    case UNITS_NO_UNIT:
        return units_complain_none(parse, word, what, kind);
    case UNITS_BAD_UNIT:
        return units_complain_unit(parse, word, what, kind);
    case UNITS_TOO_FINE:
        return parse_error(parse, word, "%s is finer than the smallest unit",
                           parse_show(word).text);
    case UNITS_TOO_LARGE:
        return parse_error(parse, word, "%s is too large", parse_show(word).text);
    }
    return false;
}

/* The next word, where a quantity is expected; NULL: reported. */
static const struct parse_word *units_word(struct parse *parse, const char *what,
                                           const char *example)
{
    const struct parse_word *word = parse_next(parse);

    if (word == NULL || word->quoted) {
        (void)parse_error(parse, word, "expected %s here, like %s", what, example);
        return NULL;
    }
    return word;
}

/* ---- quantities ------------------------------------------------------------------------------ */

bool parse_duration_of(struct parse *parse, const struct parse_word *word, const char *what,
                       uint64_t *span_ns)
{
    return units_read_word(parse, word, what, &UNITS_DURATION, span_ns);
}

bool parse_duration(struct parse *parse, const char *what, uint64_t *span_ns)
{
    const struct parse_word *word = units_word(parse, what, UNITS_DURATION.example);

    return word != NULL && parse_duration_of(parse, word, what, span_ns);
}

bool parse_size(struct parse *parse, const char *what, uint64_t max, uint64_t *bytes)
{
    const struct parse_word *word = units_word(parse, what, UNITS_BYTES.example);

    if (word == NULL || !units_read_word(parse, word, what, &UNITS_BYTES, bytes)) {
        return false;
    }
    return *bytes <= max ||
           parse_error(parse, word, "%s is at most %llub", what, (unsigned long long)max);
}

/* tc's `kbps` and `mbps` are bytes a second, which nobody expects. */
static bool units_check_bps(struct parse *parse, const struct parse_word *word, const char *what)
{
    static const struct {
        const char *written;
        const char *unit;
    } BYTES[] = {{"bps", "bit"}, {"kbps", "kbit"}, {"mbps", "mbit"}, {"gbps", "gbit"}};
    struct units_number number;

    if (!units_read(word->bytes, word->size, &number)) {
        return true;
    }
    for (size_t i = 0; i < sizeof BYTES / sizeof BYTES[0]; i++) {
        size_t size = word->size - number.size;
        if (strlen(BYTES[i].written) == size &&
            strncasecmp(BYTES[i].written, word->bytes + number.size, size) == 0) {
            return parse_error(parse, word,
                               "%s are bytes a second in tc, and bits elsewhere: write %s as "
                               "%.*s%s, or eight times that",
                               BYTES[i].written, what, (int)number.size, word->bytes,
                               BYTES[i].unit);
        }
    }
    return true;
}

bool parse_rate(struct parse *parse, const char *what, uint64_t *rate_bps)
{
    const struct parse_word *word = units_word(parse, what, UNITS_RATE.example);

    return word != NULL && units_check_bps(parse, word, what) &&
           units_read_word(parse, word, what, &UNITS_RATE, rate_bps);
}

bool parse_thousandths(struct parse *parse, const char *what, uint32_t min_milli,
                       uint32_t max_milli, uint32_t *milli)
{
    const struct parse_word *word = units_word(parse, what, "4");
    struct units_number number;

    if (word == NULL || !parse_check_comma(parse, word, what)) {
        return false;
    }
    if (!units_read(word->bytes, word->size, &number) || number.size < word->size) {
        return parse_error(parse, word, "expected %s as a number like 4 or 2.5, not %s", what,
                           parse_show(word).text);
    }
    if (number.too_fine || number.decimals > 3) {
        return parse_error(parse, word, "%s has at most three decimals", what);
    }
    uint64_t scale = units_power_of_ten(3 - number.decimals);
    if (number.too_large || number.digits > max_milli / scale ||
        number.digits * scale < min_milli) {
        return parse_error(parse, word, "%s is from %u to %u", what, min_milli / 1000,
                           max_milli / 1000);
    }
    *milli = (uint32_t)(number.digits * scale);
    return true;
}

bool parse_check_sign(struct parse *parse, const struct parse_word *word)
{
    return !parse_is(parse_peek(parse), "%") ||
           parse_error(parse, word, "no blank before the sign: %.*s%%", (int)word->size,
                       word->bytes);
}

/* Whether the word is a percentage or a negative one. */
static bool units_is_signed_percent(const struct parse_word *word)
{
    struct parse_word positive = *word;
    bool negative = word->size > 0 && word->bytes[0] == '-';

    positive.bytes += negative;
    positive.size -= negative;
    return parse_looks_like_percent(&positive);
}

bool parse_percent(struct parse *parse, const char *what, uint64_t *probability_q63)
{
    const struct parse_word *word = units_word(parse, what, "10%");
    struct units_number number;

    if (word == NULL || !parse_check_comma(parse, word, what)) {
        return false;
    }
    if (units_read(word->bytes, word->size, &number) && number.size == word->size) {
        return parse_check_sign(parse, word) &&
               parse_error(parse, word, "%s is a percentage and needs its sign: %.*s%%", what,
                           (int)word->size, word->bytes);
    }
    if (!units_is_signed_percent(word)) {
        return parse_error(parse, word, "expected %s as a percentage like 10%%, not %s", what,
                           parse_show(word).text);
    }
    return parse_percent_text(word->bytes, word->size, probability_q63) ||
           parse_error(parse, word, "a percentage is from 0%% to 100%%, with up to 9 decimals");
}

bool parse_count(struct parse *parse, const char *what, uint64_t min, uint64_t max, uint64_t *count)
{
    const struct parse_word *word = units_word(parse, what, "5");
    struct units_number number;

    if (word == NULL) {
        return false;
    }
    if (!parse_looks_like_count(word)) {
        return parse_error(parse, word, "expected %s as a whole number, not %s", what,
                           parse_show(word).text);
    }
    (void)units_read(word->bytes, word->size, &number);
    if (number.too_large || number.digits < min || number.digits > max) {
        return parse_error(parse, word, "%s is from %llu to %llu", what, (unsigned long long)min,
                           (unsigned long long)max);
    }
    *count = number.digits;
    return true;
}

bool parse_duration_text(const char *bytes, size_t size, uint64_t *span_ns)
{
    return units_quantity(bytes, size, UNITS_TIME, span_ns) == UNITS_OK;
}
