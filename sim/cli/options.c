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
    OPTION_JSON,
    OPTION_EVENTS,
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
    OPTION_MAX_RUNS
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

static bool options_take(struct options *options, int id, const char *word, char *error)
{
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

/* What a run can do and a search cannot, and the reverse; NULL: nothing is out of place. */
static const char *options_misplaced(const struct options *options)
{
    bool search = options->sweep || options->vary_count > 0;

    if (!options->sweep && options->jobs > 0) {
        return "-j is for sweeps: give several seeds, like --seed 1..1000";
    }
    if (!options->sweep && options->shard_count > 0) {
        return "--shard is for sweeps: give several seeds, like --seed 1..1000";
    }
    if (!options->sweep && options->max_failures > 0) {
        return "--max-failures is for sweeps: give several seeds, like --seed 1..1000";
    }
    if (search && options->verbose) {
        return "-v shows one run: give one --seed, and --set in place of --vary";
    }
    if (search && options->events != NULL) {
        return "--events is of one run: give one --seed, and --set in place of --vary";
    }
    if (options->vary_count > 0 && options->action == OPTIONS_CHECK) {
        return "--check explains one scenario: give --set in place of --vary";
    }
    if (options->sweep && (options->trace_off || options->cpus_given || options->spin)) {
        return "--trace, --cpus and --spin are of the real world, which a sweep never enters";
    }
    if (options->random && options->vary_count > 0) {
        return "--random varies everything by itself: leave out --vary";
    }
    if (options->random && options->overrides.world_given &&
        options->overrides.world == WORLD_REAL) {
        return "--random is for the virtual world: leave out --world real";
    }
    return NULL;
}

/* The same for --verify, --explore and --shrink. */
static const char *options_misplaced_proof(const struct options *options)
{
    bool search = options->sweep || options->vary_count > 0;
    bool proof = options->verify || options->explore || options->shrink != NULL;

    if (options->runs_max > 0 && !options->explore) {
        return "--max-runs limits --explore: give that too";
    }
    if (proof && search) {
        return "--verify, --explore and --shrink look at one scenario and seed: give one --seed";
    }
    if (options->verify && (options->explore || options->shrink != NULL)) {
        return "--verify compares runs, --explore and --shrink look for small failing ones: one at "
               "a "
               "time";
    }
    if (proof && (options->json != NULL || options->events != NULL || options->verbose)) {
        return "--json, --events and -v are of one run: leave out --verify, --explore, --shrink";
    }
    if (proof && options->trace_off) {
        return "--trace off leaves nothing to compare: leave it out";
    }
    if ((options->explore || options->shrink != NULL) && options->scenario_count > 1) {
        return "--explore and --shrink take one scenario at a time";
    }
    return NULL;
}

/* How often standard input is to be read. */
static uint32_t options_count_stdin(const struct options *options)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < options->scenario_count; i++) {
        count += strcmp(options->scenarios[i], "-") == 0;
    }
    return count;
}

/* What does not go together. */
static bool options_judge(const struct options *options, char *error)
{
    bool twice = options->json != NULL && options->events != NULL &&
                 strcmp(options->json, "-") == 0 && strcmp(options->events, "-") == 0;
    bool runs = options->action == OPTIONS_RUN || options->action == OPTIONS_CHECK;
    const char *misplaced = options_misplaced(options);

    misplaced = misplaced != NULL ? misplaced : options_misplaced_proof(options);
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
    if (misplaced != NULL) {
        return options_fail(error, "%s", misplaced);
    }
    if (options->random && options->scenario_count > 0) {
        return options_fail(error, "--random writes its own scenario: leave out '%s'",
                            options->scenarios[0]);
    }
    if (runs && options_count_stdin(options) > 1) {
        return options_fail(error, "standard input (-) can be read once only");
    }
    if (runs && !options->random && options->scenario_count == 0) {
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
        int id = getopt_long(argc, argv, ":hqvj:", OPTIONS_LONG, NULL);
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
