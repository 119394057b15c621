#include "protocol/op.h"

#include <string.h>

static const char *const OP_NAMES[] = {
    [OP_TOUPPER] = "toupper", [OP_TOLOWER] = "tolower", [OP_ECHO] = "echo",
    [OP_COUNT] = "count",     [OP_UNKNOWN] = "unknown",
};

const char *op_name(enum op op)
{
    return OP_NAMES[op];
}

enum op op_from_name(const uint8_t *name, size_t size)
{
    for (unsigned op = 0; op < OP_KNOWN_COUNT; op++) {
        if (strlen(OP_NAMES[op]) == size && memcmp(OP_NAMES[op], name, size) == 0) {
            return (enum op)op;
        }
    }
    return OP_UNKNOWN;
}
