#!/bin/sh
# Writes sim/shim/spread_tables.h: the quantiles that spread_quantile_q24 interpolates.
#   tools/make_distribution_tables.sh > sim/shim/spread_tables.h
# The tables are kept, not made by the build, so that every machine draws the same numbers.
set -eu

awk '
# P(Z < x) of the standard normal distribution, by the series of Marsaglia 2004.
function normal(x,    sum, term, k) {
    sum = term = x
    for (k = 3; k < 201; k += 2) {
        term *= x * x / k
        sum += term
    }
    return 0.5 + sum * exp(-x * x / 2) / sqrt(2 * pi)
}
# Its quantile, by halving; cut at 4.
function normal_quantile(u,    low, high, i) {
    if (u <= normal(-4)) return -4
    if (u >= normal(4)) return 4
    low = -4
    high = 4
    for (i = 0; i < 60; i++) {
        if (normal((low + high) / 2) < u) low = (low + high) / 2
        else high = (low + high) / 2
    }
    return (low + high) / 2
}
# A Pareto distribution of shape 3 with its mean moved to 0 and scaled (models.md); cut at 4.
function pareto_quantile(u,    z) {
    if (u >= 1) return 4
    z = (exp(-log(1 - u) / 3) - 1.5) * 4 / 3
    return z > 4 ? 4 : z
}
function table(name, what, of,    i, z) {
    print "/* " what ", at i / SPREAD_CELLS, in units of 2^-24. */"
    print "static const int32_t " name "[SPREAD_CELLS + 1] = {"
    for (i = 0; i <= cells; i++) {
        z = (of == "normal" ? normal_quantile(i / cells) : pareto_quantile(i / cells)) * one
        printf "%s%d,%s", i % 8 == 0 ? "    " : " ", z < 0 ? z - 0.5 : z + 0.5,
               i % 8 == 7 || i == cells ? "\n" : ""
    }
    print "};"
}
BEGIN {
    cells = 1024
    one = 16777216 # 2^24
    pi = atan2(0, -1)
    print "/* Made by tools/make_distribution_tables.sh; do not edit. */"
    print "#ifndef SHIM_SPREAD_TABLES_H"
    print "#define SHIM_SPREAD_TABLES_H\n"
    print "#include <stdint.h>\n"
    print "/* Cells of a table, a power of two: SPREAD_CELL_BITS bits choose one. */"
    print "#define SPREAD_CELL_BITS 10"
    print "#define SPREAD_CELLS     (1 << SPREAD_CELL_BITS)\n"
    print "/* clang-format off */"
    table("spread_normal_q24", "Quantiles of the standard normal distribution", "normal")
    print ""
    table("spread_pareto_q24", "Quantiles of (U^(-1/3) - 1.5) * 4/3", "pareto")
    print "/* clang-format on */\n"
    print "#endif"
}'
