/* A number as it is written in a scenario: what units.c makes quantities of. A mistake is said by
 * the return value, and reported by none of these. */
#ifndef SCENARIO_UNITS_NUMBER_H
#define SCENARIO_UNITS_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 units_u128;

#define UNITS_DECIMALS_MAX 9

/* A decimal number: digits, and perhaps a point and more. */
struct units_number {
    uint64_t digits;   /* without the point: 15 of 1.5 */
    unsigned decimals; /* how many of them stand behind it */
    size_t size;       /* bytes read */
    bool too_fine;     /* more than UNITS_DECIMALS_MAX of them */
    bool too_large;    /* more digits than there is room for */
};

static inline bool units_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads a number at the beginning; false: there is none. */
bool units_read(const char *bytes, size_t size, struct units_number *number);

uint64_t units_power_of_ten(unsigned exponent);

#endif
