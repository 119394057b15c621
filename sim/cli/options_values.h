/* The values of options: each function reads one, and returns true, or false with what would be
 * right in `error` (OPTIONS_ERROR_MAX bytes). */
#ifndef CLI_OPTIONS_VALUES_H
#define CLI_OPTIONS_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/options.h"

/* Writes an error by printf's rules; returns false. */
bool options_fail(char *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --seed: "7", "1..1000", "random". */
bool options_seed(struct options *options, const char *text, char *error);

/* A seed that nobody chose. */
bool options_draw_seed(struct options *options, char *error);

/* --world: "real", "virtual". */
bool options_world(struct options *options, const char *text, char *error);

/* --cpus: "0-3,8", processors that this process may use. */
bool options_cpus(struct options *options, const char *text, char *error);

/* --trace: "off", "full". */
bool options_trace(struct options *options, const char *text, char *error);

/* --color: "auto", "always", "never". */
bool options_color(struct options *options, const char *text, char *error);

/* --ladder[=text|mermaid]; `text` NULL: text. */
bool options_ladder(struct options *options, const char *text, char *error);

/* --pace: "0.1", "2", "step". */
bool options_pace(struct options *options, const char *text, char *error);

/* --keep: "failed", "all". */
bool options_keep(struct options *options, const char *text, char *error);

/* --shard: "I/N". */
bool options_shard(struct options *options, const char *text, char *error);

/* A whole number from 1 to `max`, of the option `name`. */
bool options_counted(const char *name, const char *text, uint32_t max, uint32_t *number,
                     char *error);

/* A text that may be given several times: appends it to an owned list. */
bool options_append(const char *const **list, uint32_t *count, const char *text, char *error);

#endif
