#include "scenario/units_number.h"

#include "base/bytes.h"
#include "scenario/parse.h"

bool units_read(const char *bytes, size_t size, struct units_number *number)
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
        uint64_t digit = (uint64_t)(bytes[at] - '0');
        number->too_fine |= number->decimals == UNITS_DECIMALS_MAX;
        number->too_large |= number->digits > (UINT64_MAX - digit) / 10;
        if (!number->too_fine && !number->too_large) {
            number->digits = number->digits * 10 + digit;
            number->decimals += point;
        }
    }
    number->size = at;
    return at > 0 && bytes[at - 1] != '.';
}

uint64_t units_power_of_ten(unsigned exponent)
{
    uint64_t power = 1;

    while (exponent-- > 0) {
        power *= 10;
    }
    return power;
}

bool parse_looks_like_duration(const struct parse_word *word)
{
    struct units_number number;

    if (word == NULL || word->quoted || !units_read(word->bytes, word->size, &number) ||
        number.size == word->size) {
        return false;
    }
    uint8_t letter = bytes_lower((uint8_t)word->bytes[number.size]);
    return letter >= 'a' && letter <= 'z';
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

    if (!units_read(bytes, size, &number) || number.size != size || number.too_fine ||
        number.too_large) {
        return false;
    }
    *value = (double)number.digits / (double)units_power_of_ten(number.decimals);
    return true;
}

bool parse_percent_text(const char *bytes, size_t size, uint64_t *probability_q63)
{
    struct units_number number;

    if (size < 2 || bytes[size - 1] != '%' || !units_read(bytes, size - 1, &number) ||
        number.size != size - 1 || number.too_fine || number.too_large) {
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
