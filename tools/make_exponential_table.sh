#!/bin/sh
# Writes src/base/exponential_tables.h: the quantiles that prng_exponential_ns interpolates.
#   tools/make_exponential_table.sh > src/base/exponential_tables.h
# The table is kept, not made by the build, so that every machine draws the same numbers.
set -eu

awk 'BEGIN {
    cells = 256
    one = 4294967296 # 2^32
    print "/* Made by tools/make_exponential_table.sh; do not edit. */"
    print "#ifndef BASE_EXPONENTIAL_TABLES_H"
    print "#define BASE_EXPONENTIAL_TABLES_H\n"
    print "#include <stdint.h>\n"
    print "/* Cells of the table, a power of two: EXPONENTIAL_CELL_BITS bits choose one. */"
    print "#define EXPONENTIAL_CELL_BITS 8"
    print "#define EXPONENTIAL_CELLS     (1 << EXPONENTIAL_CELL_BITS)\n"
    print "/* ln 2 in units of 2^-32. */"
    printf "#define EXPONENTIAL_LN2_Q32 UINT64_C(%.0f)\n\n", log(2) * one
    print "/* -ln(m) in units of 2^-32 for m = (1 + i / EXPONENTIAL_CELLS) / 2: ln 2 down to 0. */"
    print "/* clang-format off */"
    print "static const uint32_t exponential_quantile_q32[EXPONENTIAL_CELLS + 1] = {"
    for (i = 0; i <= cells; i++) {
        printf "%s%.0fu,%s", i % 6 == 0 ? "    " : " ", -log((1 + i / cells) / 2) * one + 0,
               i % 6 == 5 || i == cells ? "\n" : ""
    }
    print "};"
    print "/* clang-format on */\n"
    print "#endif"
}'
