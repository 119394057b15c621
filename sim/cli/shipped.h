/* The scenarios that came with the program, and reading one. */
#ifndef CLI_SHIPPED_H
#define CLI_SHIPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Prints the path and the title of each, in order of name; false if they are not found. */
bool shipped_list(FILE *out);

/* The path of the shipped scenario that `path` may have meant ("loss10", "loss.txt"): true and
 * written to `found`. */
bool shipped_suggest(const char *path, char *found, size_t capacity);

/* Reads a scenario file, or standard input for "-", at most one byte more than SCENARIO_FILE_MAX.
 * Returns malloc'ed bytes and their number, or NULL with errno. */
char *shipped_read(const char *path, size_t *size);

#endif
