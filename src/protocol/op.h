/* The operations the system knows. */
#ifndef PROTOCOL_OP_H
#define PROTOCOL_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum op { OP_TOUPPER, OP_TOLOWER, OP_ECHO, OP_COUNT, OP_UNKNOWN };

#define OP_KNOWN_COUNT 4

/* "toupper", "tolower", "echo", "count"; "unknown". */
const char *op_name(enum op op);

/* Characters in that name. */
static inline size_t op_name_size(enum op op)
{
    static const uint8_t sizes[] = {
        [OP_TOUPPER] = sizeof "toupper" - 1, [OP_TOLOWER] = sizeof "tolower" - 1,
        [OP_ECHO] = sizeof "echo" - 1,       [OP_COUNT] = sizeof "count" - 1,
        [OP_UNKNOWN] = sizeof "unknown" - 1,
    };

    return sizes[op];
}

/* The operation of that name, OP_UNKNOWN if there is none. */
enum op op_from_name(const uint8_t *name, size_t size);

/* Whether a second execution does no harm: all but `count`. An unknown one is never executed. */
static inline bool op_is_idempotent(enum op op)
{
    return op != OP_COUNT;
}

#endif
