#include "cli/options_values.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

bool options_fail(char *error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error, OPTIONS_ERROR_MAX, format, arguments);
    va_end(arguments);
    return false;
}

/* A whole decimal number up to 2^64 - 1, and nothing else. */
static bool options_number(const char *text, uint64_t *number)
{
    char *end;

    if (!isdigit((unsigned char)text[0])) {
        return false;
    }
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0') {
        return false;
    }
    *number = value;
    return true;
}

bool options_draw_seed(struct options *options, char *error)
{
    uint64_t *seed = &options->overrides.seed;

    options->overrides.seed_given = true;
    options->seed_random = true;
    return getrandom(seed, sizeof *seed, 0) == sizeof *seed ||
           options_fail(error, "--seed random: %s", strerror(errno));
}

/* "A..B" */
static bool options_seeds(struct options *options, const char *text, const char *dots, char *error)
{
    char first[24];

    snprintf(first, sizeof first, "%.*s", (int)(dots - text), text);
    if (dots - text > 20 || !options_number(first, &options->overrides.seed) ||
        !options_number(dots + 2, &options->seed_last)) {
        return options_fail(error, "--seed '%s': two whole numbers, like 1..1000", text);
    }
    if (options->overrides.seed > options->seed_last) {
        return options_fail(error, "--seed '%s': the first is above the last", text);
    }
    if (options->seed_last - options->overrides.seed == UINT64_MAX) {
        return options_fail(error, "--seed '%s': one less would do", text);
    }
    options->sweep = true;
    return true;
}

bool options_seed(struct options *options, const char *text, char *error)
{
    struct scenario_overrides *overrides = &options->overrides;
    const char *dots = strstr(text, "..");

    options->seed_random = false;
    options->sweep = false;
    if (strcmp(text, "random") == 0) {
        return options_draw_seed(options, error);
    }
    overrides->seed_given = true;
    if (dots != NULL) {
        return options_seeds(options, text, dots, error);
    }
    return options_number(text, &overrides->seed) ||
           options_fail(error,
                        "--seed '%s': a whole number from 0 to 18446744073709551615, several like "
                        "1..1000, or random",
                        text);
}

bool options_world(struct options *options, const char *text, char *error)
{
    options->overrides.world_given = true;
    if (strcmp(text, "real") == 0) {
        options->overrides.world = WORLD_REAL;
    } else if (strcmp(text, "virtual") == 0) {
        options->overrides.world = WORLD_VIRTUAL;
    } else {
        return options_fail(error, "--world '%s': real or virtual", text);
    }
    return true;
}

/* Appends to an owned list of texts. */
bool options_append(const char *const **list, uint32_t *count, const char *text, char *error)
{
    const char **grown = realloc((void *)(uintptr_t)*list, (*count + 1) * sizeof *grown);

    if (grown == NULL) {
        return options_fail(error, "'%.100s': no memory", text);
    }
    grown[(*count)++] = text;
    *list = grown;
    return true;
}

/* A whole number from 1 to `max`. */
bool options_counted(const char *name, const char *text, uint32_t max, uint32_t *number,
                     char *error)
{
    uint64_t value;

    if (!options_number(text, &value) || value < 1 || value > max) {
        return options_fail(error, "%s '%s': a whole number from 1 to %u", name, text, max);
    }
    *number = (uint32_t)value;
    return true;
}

/* "I/N" */
bool options_shard(struct options *options, const char *text, char *error)
{
    const char *slash = strchr(text, '/');
    char shard[12];
    uint64_t count;
    uint64_t index;

    snprintf(shard, sizeof shard, "%.*s", slash != NULL ? (int)(slash - text) : 0, text);
    if (slash == NULL || slash - text > 10 || !options_number(shard, &index) ||
        !options_number(slash + 1, &count) || index < 1 || index > count ||
        count > OPTIONS_SHARDS_MAX) {
        return options_fail(error, "--shard '%s': which of how many, like 1/4 ... 4/4 (up to %u)",
                            text, OPTIONS_SHARDS_MAX);
    }
    options->shard = (uint32_t)index;
    options->shard_count = (uint32_t)count;
    return true;
}

/* "0-3,8": processors that this process may use. */
bool options_cpus(struct options *options, const char *text, char *error)
{
    cpu_set_t allowed;
    const char *at = text;

    CPU_ZERO(&options->cpus);
    CPU_ZERO(&allowed);
    (void)sched_getaffinity(0, sizeof allowed, &allowed);
    do {
        char *end;
        unsigned long first = strtoul(at, &end, 10);
        unsigned long last = first;
        bool good = isdigit((unsigned char)*at) != 0;
        if (good && *end == '-') {
            at = end + 1;
            good = isdigit((unsigned char)*at) != 0;
            last = strtoul(at, &end, 10);
        }
        if (!good || first > last || last >= CPU_SETSIZE || (*end != ',' && *end != '\0')) {
            return options_fail(error, "--cpus '%s': processors like 0 or 0,2 or 0-3", text);
        }
        for (unsigned long cpu = first; cpu <= last; cpu++) {
            if (!CPU_ISSET(cpu, &allowed)) {
                return options_fail(
                    error,
                    "--cpus '%s': this process may not use cpu %lu (see `taskset -p "
                    "$$`)",
                    text, cpu);
            }
            CPU_SET(cpu, &options->cpus);
        }
        at = end;
    } while (*at++ == ',');
    options->cpus_given = true;
    options->cpus_text = text;
    return true;
}

bool options_trace(struct options *options, const char *text, char *error)
{
    options->trace_off = strcmp(text, "off") == 0;
    return options->trace_off || strcmp(text, "full") == 0 ||
           options_fail(error, "--trace '%s': off or full", text);
}

bool options_color(struct options *options, const char *text, char *error)
{
    static const char *const WORDS[] = {"auto", "always", "never"};

    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(text, WORDS[i]) == 0) {
            options->color = (enum options_color)i;
            return true;
        }
    }
    return options_fail(error, "--color '%s': auto, always or never", text);
}

bool options_ladder(struct options *options, const char *text, char *error)
{
    if (text == NULL || strcmp(text, "text") == 0) {
        options->ladder = LADDER_TEXT;
    } else if (strcmp(text, "mermaid") == 0) {
        options->ladder = LADDER_MERMAID;
    } else {
        return options_fail(error, "--ladder '%s': text or mermaid", text);
    }
    return true;
}

bool options_keep(struct options *options, const char *text, char *error)
{
    options->keep_given = true;
    options->keep_all = strcmp(text, "all") == 0;
    return options->keep_all || strcmp(text, "failed") == 0 ||
           options_fail(error, "--keep '%s': failed or all", text);
}

/* A decimal number with up to six places, above 0 and up to a million, as millionths. */
static bool options_millionths(const char *text, uint64_t *millionths)
{
    size_t whole = strspn(text, "0123456789");
    size_t places = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    size_t end = whole + (text[whole] == '.') + places;
    uint64_t value = 0;

    if (whole + places == 0 || whole > 7 || places > 6 || text[end] != '\0') {
        return false;
    }
    for (size_t i = 0; i < end; i++) {
        value = text[i] == '.' ? value : value * 10 + (uint64_t)(text[i] - '0');
    }
    for (; places < 6; places++) {
        value *= 10;
    }
    *millionths = value;
    return value > 0 && value <= UINT64_C(1000000) * 1000000;
}

bool options_pace(struct options *options, const char *text, char *error)
{
    options->pace_step = strcmp(text, "step") == 0;
    options->pace_ppm = 0;
    return options->pace_step || options_millionths(text, &options->pace_ppm) ||
           options_fail(error,
                        "--pace '%s': how many times as fast as the wall's clock, like 0.1 (ten "
                        "times slower) or 2, or step (each event waits for a key)",
                        text);
}
