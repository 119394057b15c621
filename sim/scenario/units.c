#include "scenario/parse.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"

__extension__ typedef unsigned __int128 units_u128;

#define UNITS_DECIMALS_MAX 9

struct units_unit {
    const char *name;
    uint64_t factor;
};

static const struct units_unit UNITS_TIME[] = {
    {"ns", 1},       {"us", NS_PER_US},    {"ms", NS_PER_MS},
    {"s", NS_PER_S}, {"m", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S},
    {NULL, 0},
};
static const struct units_unit UNITS_SIZE[] = {
    {"b", 1}, {"kb", 1024}, {"mb", 1024 * 1024}, {NULL, 0}};

/* A decimal number: digits, and perhaps a point and up to 9 more. */
struct units_number {
    uint64_t digits;   /* without the point: 15 of 1.5 */
    unsigned decimals; /* how many of them stand behind it */
    size_t size;       /* bytes read */
};

static bool units_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads a number at the beginning; false: there is none, or it has too many digits. */
static bool units_read(const char *bytes, size_t size, struct units_number *number)
{
    size_t at = 0;
    bool point = false;

    *number = (struct units_number){0};
    for (; at < size && (units_is_digit(bytes[at]) || (bytes[at] == '.' && !point && at > 0));
         at++) {
        if (bytes[at] == '.') {
            point = true;
            continue;
        }
        if (number->digits > (UINT64_MAX - 9) / 10 || number->decimals == UNITS_DECIMALS_MAX) {
            return false;
        }
        number->digits = number->digits * 10 + (uint64_t)(bytes[at] - '0');
        number->decimals += point;
    }
    number->size = at;
    return at > 0 && bytes[at - 1] != '.';
}

static uint64_t units_power_of_ten(unsigned exponent)
{
    uint64_t power = 1;

    while (exponent-- > 0) {
        power *= 10;
    }
    return power;
}

enum units_status {
    UNITS_OK,
    UNITS_NO_NUMBER,
    UNITS_NO_UNIT,
    UNITS_BAD_UNIT,
    UNITS_TOO_FINE,
    UNITS_TOO_LARGE
};

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
    for (; units->name != NULL; units++) {
        if (strlen(units->name) == size - number.size &&
            memcmp(units->name, bytes + number.size, size - number.size) == 0) {
            break;
        }
    }
    if (units->name == NULL) {
        return UNITS_BAD_UNIT;
    }
    units_u128 product = (units_u128)number.digits * units->factor;
    uint64_t divisor = units_power_of_ten(number.decimals);
    if (product % divisor != 0) {
        return UNITS_TOO_FINE;
    }
    if (product / divisor > UINT64_MAX / 2) {
        return UNITS_TOO_LARGE;
    }
    *value = (uint64_t)(product / divisor);
    return UNITS_OK;
}

/* The decimal comma of other places. True: reported. */
static bool units_is_foreign(struct parse *parse, const struct parse_word *word, const char *what)
{
    const char *comma = memchr(word->bytes, ',', word->size);

    if (comma != NULL && units_is_digit(word->bytes[0])) {
        (void)parse_error(parse, word, "%s takes a decimal point, not a comma: %.*s.%.*s", what,
                          (int)(comma - word->bytes), word->bytes,
                          (int)(word->size - (size_t)(comma - word->bytes) - 1), comma + 1);
        return true;
    }
    return false;
}

/* Reports what is wrong with a quantity. */
static bool units_complain(struct parse *parse, const struct parse_word *word, const char *what,
                           enum units_status status, const char *units, const char *example)
{
    switch (status) {
    case UNITS_OK:
        return true;
    case UNITS_NO_NUMBER:
        return parse_error(parse, word, "expected %s like %s, not %s", what, example,
                           parse_show(word).text);
    case UNITS_NO_UNIT:
        return parse_error(parse, word, "%s needs its unit (%s): %.*s%s?", what, units,
                           (int)word->size, word->bytes, strstr(units, "ms") != NULL ? "ms" : "b");
    case UNITS_BAD_UNIT:
        return parse_error(parse, word, "unknown unit in %s; %s is given in %s",
                           parse_show(word).text, what, units);
    case UNITS_TOO_FINE:
        return parse_error(parse, word, "%s is finer than the smallest unit",
                           parse_show(word).text);
    case UNITS_TOO_LARGE:
        return parse_error(parse, word, "%s is too large", parse_show(word).text);
    }
    return false;
}

/* The word of a quantity; NULL: reported. */
static const struct parse_word *units_word(struct parse *parse, const char *what,
                                           const char *example)
{
    const struct parse_word *word = parse_next(parse);

    if (word == NULL || word->quoted) {
        (void)parse_error(parse, word, "expected %s here, like %s", what, example);
        return NULL;
    }
    return units_is_foreign(parse, word, what) ? NULL : word;
}

bool parse_duration(struct parse *parse, const char *what, uint64_t *span_ns)
{
    const struct parse_word *word = units_word(parse, what, "60ms");

    return word != NULL &&
           units_complain(parse, word, what,
                          units_quantity(word->bytes, word->size, UNITS_TIME, span_ns),
                          "ns us ms s m h", "60ms");
}

bool parse_size(struct parse *parse, const char *what, uint64_t max, uint64_t *bytes)
{
    const struct parse_word *word = units_word(parse, what, "600b");

    if (word == NULL || !units_complain(parse, word, what,
                                        units_quantity(word->bytes, word->size, UNITS_SIZE, bytes),
                                        "b kb mb", "600b")) {
        return false;
    }
    return *bytes <= max ||
           parse_error(parse, word, "%s is at most %llub", what, (unsigned long long)max);
}

bool parse_percent(struct parse *parse, const char *what, uint64_t *probability_q63)
{
    const struct parse_word *word = units_word(parse, what, "10%");
    struct units_number number;

    if (word == NULL) {
        return false;
    }
    if (units_read(word->bytes, word->size, &number) && number.size == word->size) {
        if (parse_is(parse_peek(parse), "%")) {
            return parse_error(parse, word, "no blank before the sign: %.*s%%", (int)word->size,
                               word->bytes);
        }
        return parse_error(parse, word, "%s is a percentage and needs its sign: %.*s%%", what,
                           (int)word->size, word->bytes);
    }
    if (!parse_looks_like_percent(word)) {
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
    if (!units_read(word->bytes, word->size, &number)) {
        /* The largest whole numbers need every digit. */
        uint64_t value = 0;
        for (size_t i = 0; i < word->size; i++) {
            uint64_t digit = (uint64_t)(word->bytes[i] - '0');
            if (value > (UINT64_MAX - digit) / 10) {
                return parse_error(parse, word, "%s is from %llu to %llu", what,
                                   (unsigned long long)min, (unsigned long long)max);
            }
            value = value * 10 + digit;
        }
        number.digits = value;
    }
    if (number.digits < min || number.digits > max) {
        return parse_error(parse, word, "%s is from %llu to %llu", what, (unsigned long long)min,
                           (unsigned long long)max);
    }
    *count = number.digits;
    return true;
}

/* ---- looks ----------------------------------------------------------------------------------- */

bool parse_looks_like_duration(const struct parse_word *word)
{
    struct units_number number;

    return word != NULL && !word->quoted && units_read(word->bytes, word->size, &number) &&
           number.size < word->size && word->bytes[number.size] >= 'a' &&
           word->bytes[number.size] <= 'z';
}

bool parse_looks_like_percent(const struct parse_word *word)
{
    struct units_number number;

    return word != NULL && !word->quoted && units_read(word->bytes, word->size, &number) &&
           number.size + 1 == word->size && word->bytes[number.size] == '%';
}

bool parse_looks_like_count(const struct parse_word *word)
{
    if (word == NULL || word->quoted || word->size == 0) {
        return false;
    }
    for (size_t i = 0; i < word->size; i++) {
        if (!units_is_digit(word->bytes[i])) {
            return false;
        }
    }
    return true;
}

bool parse_decimal_word(const char *bytes, size_t size, double *value)
{
    struct units_number number;

    if (!units_read(bytes, size, &number) || number.size != size) {
        return false;
    }
    *value = (double)number.digits / (double)units_power_of_ten(number.decimals);
    return true;
}

bool parse_percent_text(const char *bytes, size_t size, uint64_t *probability_q63)
{
    struct units_number number;

    if (size < 2 || bytes[size - 1] != '%' || !units_read(bytes, size - 1, &number) ||
        number.size != size - 1) {
        return false;
    }
    units_u128 whole = (units_u128)units_power_of_ten(number.decimals) * 100;
    if (number.digits > whole) {
        return false;
    }
    *probability_q63 =
        (uint64_t)(((units_u128)number.digits * PROBABILITY_ONE + whole / 2) / whole);
    return true;
}

bool parse_duration_text(const char *bytes, size_t size, uint64_t *span_ns)
{
    return units_quantity(bytes, size, UNITS_TIME, span_ns) == UNITS_OK;
}
