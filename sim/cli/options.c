#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum options_id {
    OPTION_SEED = 256,
    OPTION_WORLD,
    OPTION_SET,
    OPTION_CPUS,
    OPTION_SPIN,
    OPTION_TRACE,
    OPTION_JSON,
    OPTION_EVENTS,
    OPTION_STRICT,
    OPTION_CHECK,
    OPTION_LIST,
    OPTION_VERSION,
    OPTION_COLOR
};

static const struct option OPTIONS_LONG[] = {
    {"seed", required_argument, NULL, OPTION_SEED},
    {"world", required_argument, NULL, OPTION_WORLD},
    {"set", required_argument, NULL, OPTION_SET},
    {"cpus", required_argument, NULL, OPTION_CPUS},
    {"spin", no_argument, NULL, OPTION_SPIN},
    {"trace", required_argument, NULL, OPTION_TRACE},
    {"json", required_argument, NULL, OPTION_JSON},
    {"events", required_argument, NULL, OPTION_EVENTS},
    {"strict", no_argument, NULL, OPTION_STRICT},
    {"check", no_argument, NULL, OPTION_CHECK},
    {"list", no_argument, NULL, OPTION_LIST},
    {"help", optional_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"color", required_argument, NULL, OPTION_COLOR},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

static bool options_fail(char *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool options_fail(char *error, const char *format, ...)
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

static bool options_seed(struct options *options, const char *text, char *error)
{
    struct scenario_overrides *overrides = &options->overrides;

    overrides->seed_given = true;
    if (strcmp(text, "random") == 0) {
        options->seed_random = true;
        if (getrandom(&overrides->seed, sizeof overrides->seed, 0) != sizeof overrides->seed) {
            return options_fail(error, "--seed random: %s", strerror(errno));
        }
        return true;
    }
    options->seed_random = false;
    return options_number(text, &overrides->seed) ||
           options_fail(error,
                        "--seed '%s': a whole number from 0 to 18446744073709551615, or random",
                        text);
}

static bool options_world(struct options *options, const char *text, char *error)
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

static bool options_set(struct options *options, const char *text, char *error)
{
    uint32_t count = options->overrides.set_count;
    const char **sets =
        realloc((void *)(uintptr_t)options->overrides.sets, (count + 1) * sizeof *sets);

    if (sets == NULL) {
        return options_fail(error, "--set: no memory");
    }
    sets[count] = text;
    options->overrides.sets = sets;
    options->overrides.set_count = count + 1;
    return true;
}

/* "0-3,8": processors that this process may use. */
static bool options_cpus(struct options *options, const char *text, char *error)
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

static bool options_trace(struct options *options, const char *text, char *error)
{
    options->trace_off = strcmp(text, "off") == 0;
    return options->trace_off || strcmp(text, "full") == 0 ||
           options_fail(error, "--trace '%s': off or full", text);
}

static bool options_color(struct options *options, const char *text, char *error)
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

/* Letters to change, add or take away to get from one word to the other (Levenshtein 1966); words
 * up to 31 letters. */
static unsigned options_distance(const char *a, const char *b)
{
    unsigned row[32];
    size_t size = strlen(b);

    if (size > 31) {
        return 99;
    }
    for (unsigned j = 0; j <= size; j++) {
        row[j] = j;
    }
    for (unsigned i = 1; a[i - 1] != '\0'; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= size; j++) {
            unsigned above = row[j];
            unsigned best = diagonal + (a[i - 1] != b[j - 1]);
            best = above + 1 < best ? above + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = above;
        }
    }
    return row[size];
}

static bool options_unknown(const char *word, char *error)
{
    const char *name = word;
    const struct option *nearest = NULL;
    unsigned least = 3;
    char bare[32];

    while (*name == '-') {
        name++;
    }
    snprintf(bare, sizeof bare, "%.*s", (int)strcspn(name, "="), name);
    for (const struct option *option = OPTIONS_LONG; option->name != NULL; option++) {
        unsigned distance = options_distance(bare, option->name);
        if (distance < least) {
            least = distance;
            nearest = option;
        }
    }
    return nearest != NULL
               ? options_fail(error, "unknown option '%s'; did you mean --%s?", word, nearest->name)
               : options_fail(error, "unknown option '%s'; simrun --help lists them", word);
}

static bool options_take(struct options *options, int id, const char *word, char *error)
{
    switch (id) {
    case OPTION_SEED:
        return options_seed(options, optarg, error);
    case OPTION_WORLD:
        return options_world(options, optarg, error);
    case OPTION_SET:
        return options_set(options, optarg, error);
    case OPTION_CPUS:
        return options_cpus(options, optarg, error);
    case OPTION_SPIN:
        options->spin = true;
        return true;
    case OPTION_TRACE:
        return options_trace(options, optarg, error);
    case OPTION_JSON:
        options->json = optarg;
        return true;
    case OPTION_EVENTS:
        options->events = optarg;
        return true;
    case OPTION_STRICT:
        options->strict = true;
        return true;
    case OPTION_CHECK:
        options->action = OPTIONS_CHECK;
        return true;
    case OPTION_LIST:
        options->action = OPTIONS_LIST;
        return true;
    case OPTION_VERSION:
        options->action = OPTIONS_VERSION;
        return true;
    case OPTION_COLOR:
        return options_color(options, optarg, error);
    case 'h':
        options->action = OPTIONS_HELP;
        options->topic = optarg;
        return true;
    case 'q':
        options->quiet = true;
        return true;
    case 'v':
        options->verbose = true;
        return true;
    case ':':
        return options_fail(error, "%s wants a value; simrun --help shows which", word);
    default:
        return options_unknown(word, error);
    }
}

/* What does not go together. */
static bool options_judge(const struct options *options, char *error)
{
    bool twice = options->json != NULL && options->events != NULL &&
                 strcmp(options->json, "-") == 0 && strcmp(options->events, "-") == 0;
    bool runs = options->action == OPTIONS_RUN || options->action == OPTIONS_CHECK;

    if (twice) {
        return options_fail(error, "--json and --events both write to standard output: give one of "
                                   "them a file");
    }
    if (options->trace_off && (options->events != NULL || options->verbose)) {
        return options_fail(error,
                            "%s shows the trace that --trace off does not keep: leave one out",
                            options->verbose ? "-v" : "--events");
    }
    if (options->quiet && options->verbose) {
        return options_fail(error, "-q prints failures only, -v all that happens: leave one out");
    }
    if (runs && options->scenario_count == 0) {
        return options_fail(error, "which scenario? simrun --list shows those that came with it");
    }
    return true;
}

bool options_parse(struct options *options, int argc, char **argv, char error[OPTIONS_ERROR_MAX])
{
    memset(options, 0, sizeof *options);
    if (argc <= 1) {
        options->action = OPTIONS_BARE;
        return true;
    }
    opterr = 0;
    optind = 1;
    for (;;) {
        int at = optind;
        int id = getopt_long(argc, argv, ":hqv", OPTIONS_LONG, NULL);
        if (id == -1) {
            break;
        }
        const char *word = argv[optind > at ? optind - 1 : at];
        if (!options_take(options, id, word, error)) {
            return false;
        }
    }
    options->scenarios = (const char *const *)(argv + optind);
    options->scenario_count = (uint32_t)(argc - optind);
    return options_judge(options, error);
}

void options_free(struct options *options)
{
    free((void *)(uintptr_t)options->overrides.sets);
    options->overrides.sets = NULL;
}

/* ---- the command that repeats a run ---------------------------------------------------------- */

struct options_text {
    char *bytes;
    size_t capacity;
    size_t size;
};

static void options_put(struct options_text *text, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size && text->size + 1 < text->capacity; i++) {
        text->bytes[text->size++] = bytes[i];
    }
    text->bytes[text->size] = '\0';
}

/* A word, in single quotes where a shell would not take it as it is. */
static void options_put_word(struct options_text *text, const char *word)
{
    static const char *const PLAIN =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "-_./,:=+%@";

    options_put(text, " ", 1);
    if (word[0] != '\0' && strspn(word, PLAIN) == strlen(word)) {
        options_put(text, word, strlen(word));
        return;
    }
    options_put(text, "'", 1);
    for (; *word != '\0'; word++) {
        if (*word == '\'') {
            options_put(text, "'\\''", 4);
        } else {
            options_put(text, word, 1);
        }
    }
    options_put(text, "'", 1);
}

void options_command(const struct options *options, const char *path, uint64_t seed, char *command,
                     size_t capacity)
{
    struct options_text text = {.bytes = command, .capacity = capacity};
    char number[24];

    snprintf(number, sizeof number, "%llu", (unsigned long long)seed);
    options_put(&text, "simrun", 6);
    options_put_word(&text, path);
    options_put_word(&text, "--seed");
    options_put_word(&text, number);
    if (options->overrides.world_given) {
        options_put_word(&text, "--world");
        options_put_word(&text, options->overrides.world == WORLD_REAL ? "real" : "virtual");
    }
    for (uint32_t i = 0; i < options->overrides.set_count; i++) {
        options_put_word(&text, "--set");
        options_put_word(&text, options->overrides.sets[i]);
    }
    if (options->cpus_given) {
        options_put_word(&text, "--cpus");
        options_put_word(&text, options->cpus_text);
    }
    if (options->spin) {
        options_put_word(&text, "--spin");
    }
    if (options->trace_off) {
        options_put_word(&text, "--trace");
        options_put_word(&text, "off");
    }
}
