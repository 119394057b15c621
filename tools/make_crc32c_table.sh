#!/bin/sh
# Writes src/protocol/crc32c_table.h: the eight tables of CRC-32C by slicing (Kounavis and Berry,
# 2005).
#   tools/make_crc32c_table.sh > src/protocol/crc32c_table.h
set -eu

polynomial=$((0x82f63b78))
cat <<'END'
/* Made by tools/make_crc32c_table.sh; do not edit. */
#ifndef PROTOCOL_CRC32C_TABLE_H
#define PROTOCOL_CRC32C_TABLE_H

#include <stdint.h>

/* crc32c_table[k][b]: what byte b adds to the remainder when k more bytes follow it. */
/* clang-format off */
static const uint32_t crc32c_table[8][256] = {
END

byte=0
previous=
while [ "$byte" -lt 256 ]; do
    remainder=$byte
    for _ in 1 2 3 4 5 6 7 8; do
        remainder=$(((remainder >> 1) ^ (polynomial * (remainder & 1))))
    done
    previous="$previous $remainder"
    byte=$((byte + 1))
done
# shellcheck disable=SC2086 # the words are the numbers
set -- $previous # "$1" is table 0 at byte 0: the step from one table to the next looks it up
first=$*

lookup()
{
    shift "$1"
    found=$2
}

slice=0
while [ "$slice" -lt 8 ]; do
    printf '{\n'
    column=0
    next=
    for remainder in $previous; do
        if [ "$column" -eq 0 ]; then
            printf '    '
        fi
        printf '0x%08x,' "$remainder"
        column=$(((column + 1) % 8))
        if [ "$column" -eq 0 ]; then
            printf '\n'
        else
            printf ' '
        fi
        # shellcheck disable=SC2086
        lookup $((remainder & 255)) $first
        next="$next $((found ^ (remainder >> 8)))"
    done
    printf '},\n'
    previous=$next
    slice=$((slice + 1))
done

cat <<'END'
};
/* clang-format on */

#endif
END
