#include "scenario/scenario.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"

#define FORMAT_DECIMAL_MAX 32

/* `value` of which `unit` (a power of ten) are one, with the decimals it needs and no more: "1.5".
 */
static void format_decimal(char text[FORMAT_DECIMAL_MAX], uint64_t value, uint64_t unit)
{
    int used = snprintf(text, FORMAT_DECIMAL_MAX, "%llu", (unsigned long long)(value / unit));
    uint64_t rest = value % unit;

    if (rest > 0) {
        text[used++] = '.';
    }
    while (rest > 0) {
        unit /= 10;
        text[used++] = (char)('0' + rest / unit);
        rest %= unit;
    }
    text[used] = '\0';
}

size_t scenario_format_duration(char *text, size_t capacity, uint64_t span_ns)
{
    static const struct {
        uint64_t ns;
        const char *name;
    } UNITS[] = {{3600 * NS_PER_S, "h"}, {60 * NS_PER_S, "m"}, {NS_PER_S, "s"},
                 {NS_PER_MS, "ms"},      {NS_PER_US, "us"},    {1, "ns"}};
    char number[FORMAT_DECIMAL_MAX];
    unsigned unit = 0;

    if (span_ns == TIME_NEVER) {
        return (size_t)snprintf(text, capacity, "never");
    }
    while (unit < 2 && (span_ns == 0 || span_ns % UNITS[unit].ns != 0)) {
        unit++; /* whole minutes, but 1.5s */
    }
    while (unit < 5 && span_ns < UNITS[unit].ns) {
        unit++;
    }
    unit = span_ns == 0 ? 3 : unit;
    format_decimal(number, span_ns, UNITS[unit].ns);
    int size = snprintf(text, capacity, "%s%s", number, UNITS[unit].name);
    return size < 0 ? 0 : (size_t)size < capacity ? (size_t)size : capacity - 1;
}

size_t scenario_format_milli(char *text, size_t capacity, uint32_t milli)
{
    char number[FORMAT_DECIMAL_MAX];

    format_decimal(number, milli, 1000);
    int size = snprintf(text, capacity, "%s", number);
    return size < 0 ? 0 : (size_t)size < capacity ? (size_t)size : capacity - 1;
}

size_t scenario_format_rate(char *text, size_t capacity, uint64_t rate_bps)
{
    static const struct {
        uint64_t bits;
        const char *name;
    } UNITS[] = {{1000000000, "gbit"}, {1000000, "mbit"}, {1000, "kbit"}, {1, "bit"}};
    char number[FORMAT_DECIMAL_MAX];
    unsigned unit = 0;

    while (unit < 3 && rate_bps < UNITS[unit].bits) {
        unit++;
    }
    format_decimal(number, rate_bps, UNITS[unit].bits);
    int size = snprintf(text, capacity, "%s%s", number, UNITS[unit].name);
    return size < 0 ? 0 : (size_t)size < capacity ? (size_t)size : capacity - 1;
}

size_t scenario_format_percent(char *text, size_t capacity, uint64_t probability_q63)
{
    __extension__ typedef unsigned __int128 format_u128;
    /* In units of 1e-9 %, rounded: what the language can write. */
    uint64_t nano =
        (uint64_t)(((format_u128)probability_q63 * UINT64_C(100000000000) + PROBABILITY_ONE / 2) /
                   PROBABILITY_ONE);
    char number[FORMAT_DECIMAL_MAX];

    format_decimal(number, nano, UINT64_C(1000000000));
    int size = snprintf(text, capacity, "%s%%", number);
    return size < 0 ? 0 : (size_t)size < capacity ? (size_t)size : capacity - 1;
}

const char *scenario_format_place(char text[SCENARIO_PLACE_MAX], uint32_t line)
{
    snprintf(text, SCENARIO_PLACE_MAX, line > 0 ? "line %u" : "--set", line);
    return text;
}
