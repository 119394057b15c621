#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_values.h"

enum options_id {
    OPTION_SEED = 256,
    OPTION_WORLD,
    OPTION_SET,
    OPTION_CPUS,
    OPTION_SPIN,
    OPTION_TRACE,
    OPTION_LADDER,
    OPTION_WHY,
    OPTION_ONLY,
    OPTION_PACE,
    OPTION_OUT,
    OPTION_KEEP,
    OPTION_DIFF,
    OPTION_STRICT,
    OPTION_CHECK,
    OPTION_LIST,
    OPTION_MODELS,
    OPTION_VERSION,
    OPTION_COLOR,
    OPTION_SHARD,
    OPTION_MAX_FAILURES,
    OPTION_VARY,
    OPTION_RANDOM,
    OPTION_VERIFY,
    OPTION_SHRINK,
    OPTION_EXPLORE,
    OPTION_MAX_RUNS,
    OPTION_FILES /* the first of the files: + enum options_file */
};

static const struct option OPTIONS_LONG[] = {
    {"seed", required_argument, NULL, OPTION_SEED},
    {"world", required_argument, NULL, OPTION_WORLD},
    {"set", required_argument, NULL, OPTION_SET},
    {"cpus", required_argument, NULL, OPTION_CPUS},
    {"spin", no_argument, NULL, OPTION_SPIN},
    {"trace", required_argument, NULL, OPTION_TRACE},
    {"json", required_argument, NULL, OPTION_FILES + OPTIONS_JSON},
    {"events", required_argument, NULL, OPTION_FILES + OPTIONS_EVENTS},
    {"html", required_argument, NULL, OPTION_FILES + OPTIONS_HTML},
    {"pcap", required_argument, NULL, OPTION_FILES + OPTIONS_PCAP},
    {"junit", required_argument, NULL, OPTION_FILES + OPTIONS_JUNIT},
    {"ladder", optional_argument, NULL, OPTION_LADDER},
    {"why", required_argument, NULL, OPTION_WHY},
    {"only", required_argument, NULL, OPTION_ONLY},
    {"pace", required_argument, NULL, OPTION_PACE},
    {"out", required_argument, NULL, OPTION_OUT},
    {"keep", required_argument, NULL, OPTION_KEEP},
    {"diff", no_argument, NULL, OPTION_DIFF},
    {"strict", no_argument, NULL, OPTION_STRICT},
    {"check", no_argument, NULL, OPTION_CHECK},
    {"list", no_argument, NULL, OPTION_LIST},
    {"models", no_argument, NULL, OPTION_MODELS},
    {"help", optional_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"color", required_argument, NULL, OPTION_COLOR},
    {"shard", required_argument, NULL, OPTION_SHARD},
    {"max-failures", required_argument, NULL, OPTION_MAX_FAILURES},
    {"vary", required_argument, NULL, OPTION_VARY},
    {"random", no_argument, NULL, OPTION_RANDOM},
    {"verify", no_argument, NULL, OPTION_VERIFY},
    {"shrink", required_argument, NULL, OPTION_SHRINK},
    {"explore", required_argument, NULL, OPTION_EXPLORE},
    {"max-runs", required_argument, NULL, OPTION_MAX_RUNS},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

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

/* What is looked at, and where it goes: one of those options, or false with `taken` false. */
static bool options_take_look(struct options *options, int id, bool *taken, char *error)
{
    *taken = true;
    if (id >= OPTION_FILES && id < OPTION_FILES + OPTIONS_FILE_COUNT) {
        options->files[id - OPTION_FILES] = optarg;
        return true;
    }
    switch (id) {
    case OPTION_LADDER:
        return options_ladder(options, optarg, error);
    case OPTION_WHY:
        options->why = optarg;
        return true;
    case OPTION_ONLY:
        options->only = optarg;
        return true;
    case OPTION_PACE:
        return options_pace(options, optarg, error);
    case OPTION_OUT:
        options->folder = optarg;
        return true;
    case OPTION_KEEP:
        return options_keep(options, optarg, error);
    case OPTION_DIFF:
        options->action = OPTIONS_DIFF;
        return true;
    case 'q':
        options->quiet = true;
        return true;
    case 'v':
        options->verbose = true;
        return true;
    default:
        *taken = false;
        return false;
    }
}

static bool options_take(struct options *options, int id, const char *word, char *error)
{
    bool taken;
    bool good = options_take_look(options, id, &taken, error);

    if (taken) {
        return good;
    }
    switch (id) {
    case OPTION_SEED:
        return options_seed(options, optarg, error);
    case OPTION_WORLD:
        return options_world(options, optarg, error);
    case OPTION_SET:
        return options_append(&options->overrides.sets, &options->overrides.set_count, optarg,
                              error);
    case OPTION_CPUS:
        return options_cpus(options, optarg, error);
    case OPTION_SPIN:
        options->spin = true;
        return true;
    case OPTION_TRACE:
        return options_trace(options, optarg, error);
    case OPTION_STRICT:
        options->strict = true;
        return true;
    case OPTION_CHECK:
        options->action = OPTIONS_CHECK;
        return true;
    case OPTION_LIST:
        options->action = OPTIONS_LIST;
        return true;
    case OPTION_MODELS:
        options->action = OPTIONS_MODELS;
        return true;
    case OPTION_VERSION:
        options->action = OPTIONS_VERSION;
        return true;
    case OPTION_COLOR:
        return options_color(options, optarg, error);
    case OPTION_SHARD:
        return options_shard(options, optarg, error);
    case OPTION_MAX_FAILURES:
        return options_counted("--max-failures", optarg, OPTIONS_FAILURES_MAX,
                               &options->max_failures, error);
    case OPTION_VARY:
        return options_append(&options->varies, &options->vary_count, optarg, error);
    case OPTION_RANDOM:
        options->random = true;
        return true;
    case OPTION_VERIFY:
        options->verify = true;
        return true;
    case OPTION_SHRINK:
        options->shrink = optarg;
        return true;
    case OPTION_EXPLORE:
        options->explore = true;
        return options_counted("--explore", optarg, OPTIONS_LOSSES_MAX, &options->explore_losses,
                               error);
    case OPTION_MAX_RUNS:
        return options_counted("--max-runs", optarg, OPTIONS_RUNS_MAX, &options->runs_max, error);
    case 'j':
        return options_counted("-j", optarg, OPTIONS_JOBS_MAX, &options->jobs, error);
    case 'h':
        options->action = OPTIONS_HELP;
        options->topic = optarg;
        return true;
    case ':':
        return options_fail(error, "%s wants a value; simrun --help shows which", word);
    default:
        return options_unknown(word, error);
    }
}

/* The word of the option that was just read; `at`: what optind was before. */
static const char *options_word(char **argv, int at)
{
    int last = optind > at ? optind - 1 : at;

    return optarg != NULL && last > at && optarg == argv[last] ? argv[last - 1] : argv[last];
}

/* Whether a word is an option's whole name, as in --NAME or --NAME=VALUE: getopt takes shorter
 * ones, which a later option could make ambiguous. */
static bool options_is_whole(const char *word, const char *name)
{
    size_t size = strlen(name);

    return strncmp(word, "--", 2) == 0 && strncmp(word + 2, name, size) == 0 &&
           (word[2 + size] == '\0' || word[2 + size] == '=');
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
        int index = -1;
        int id = getopt_long(argc, argv, ":hqvj:", OPTIONS_LONG, &index);
        if (id == -1) {
            break;
        }
        const char *word = options_word(argv, at);
        if (index >= 0 && !options_is_whole(word, OPTIONS_LONG[index].name)) {
            return options_unknown(word, error);
        }
        if (!options_take(options, id, word, error)) {
            return false;
        }
    }
    options->scenarios = (const char *const *)(argv + optind);
    options->scenario_count = (uint32_t)(argc - optind);
    if (options->random && !options->overrides.seed_given && !options_draw_seed(options, error)) {
        return false;
    }
    return options_judge(options, error);
}

void options_free(struct options *options)
{
    free((void *)(uintptr_t)options->overrides.sets);
    free((void *)(uintptr_t)options->varies);
    options->overrides.sets = NULL;
    options->varies = NULL;
}
