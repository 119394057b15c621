/* What goes together on a command line, and what does not. */
#include "cli/options.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/keep.h"
#include "cli/options_values.h"

bool options_is_search(const struct options *options)
{
    return options->sweep || options->vary_count > 0;
}

bool options_is_proof(const struct options *options)
{
    return options->verify || options->explore || options->shrink != NULL;
}

const char *options_file_name(enum options_file file)
{
    switch (file) {
    case OPTIONS_JSON:
        return "--json";
    case OPTIONS_EVENTS:
        return "--events";
    case OPTIONS_HTML:
        return "--html";
    case OPTIONS_PCAP:
        return "--pcap";
    case OPTIONS_JUNIT:
        return "--junit";
    case OPTIONS_FILE_COUNT:
        break;
    }
    return "";
}

/* An option that looks into one run and needs its trace; NULL: none is given. */
static const char *options_look(const struct options *options)
{
    return options->verbose                              ? "-v"
           : options->files[OPTIONS_EVENTS] != NULL      ? "--events"
           : options->files[OPTIONS_HTML] != NULL        ? "--html"
           : options->files[OPTIONS_PCAP] != NULL        ? "--pcap"
           : options->ladder != LADDER_NONE              ? "--ladder"
           : options->why != NULL                        ? "--why"
           : options->only != NULL                       ? "--only"
           : options->pace_step || options->pace_ppm > 0 ? "--pace"
                                                         : NULL;
}

/* How many seeds a sweep has, or its shard. */
static uint64_t options_count_seeds(const struct options *options)
{
    uint64_t count = options->sweep ? options->seed_last - options->overrides.seed : 0;

    return (options->shard_count > 0 ? count / options->shard_count : count) + 1;
}

/* Whether some --vary is of this directive, as in `seed {1,2,3}`. */
static bool options_varies(const struct options *options, const char *directive)
{
    size_t length = strlen(directive);

    for (uint32_t i = 0; i < options->vary_count; i++) {
        const char *text = options->varies[i] + strspn(options->varies[i], " \t");
        if (strncmp(text, directive, length) == 0 && strchr(" \t", text[length]) != NULL) {
            return true;
        }
    }
    return false;
}

/* The option by which a process looks at no scenario, so that there is nothing to write of one;
 * NULL: none. (--check is put behind any command, to have it explained.) */
static const char *options_idle(const struct options *options)
{
    switch (options->action) {
    case OPTIONS_LIST:
        return "--list";
    case OPTIONS_MODELS:
        return "--models";
    case OPTIONS_DIFF:
        return "--diff";
    case OPTIONS_RUN:
    case OPTIONS_CHECK:
    case OPTIONS_HELP:
    case OPTIONS_VERSION:
    case OPTIONS_BARE:
        break;
    }
    return NULL;
}

/* ---- each returns what is out of place and the remedy; NULL: nothing is ------------------------
 */

/* What a run can do and a search cannot, and the reverse. */
static const char *options_misplaced(const struct options *options)
{
    if (!options->sweep && options->jobs > 0) {
        return "-j is for sweeps: give several seeds, like --seed 1..1000";
    }
    if (!options->sweep && options->shard_count > 0) {
        return "--shard is for sweeps: give several seeds, like --seed 1..1000";
    }
    if (!options->sweep && options->max_failures > 0) {
        return "--max-failures is for sweeps: give several seeds, like --seed 1..1000";
    }
    if (options->vary_count > 0 && options->action == OPTIONS_CHECK) {
        return "--check explains one scenario: give --set in place of --vary";
    }
    if (options->overrides.seed_given && options_varies(options, "seed")) {
        return "--seed and --vary 'seed ...' both choose seeds: leave one out";
    }
    if (options->overrides.world_given && options_varies(options, "world")) {
        return "--world and --vary 'world ...' both choose the world: leave one out";
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
    bool proof = options_is_proof(options);

    if (options->runs_max > 0 && !options->explore) {
        return "--max-runs limits --explore: give that too";
    }
    if (proof && options_is_search(options)) {
        return "--verify, --explore and --shrink look at one scenario and seed: give one --seed";
    }
    if (options->verify && (options->explore || options->shrink != NULL)) {
        return "--verify compares runs, --explore and --shrink look for small failing ones: one at "
               "a time";
    }
    if (proof && options->trace_off) {
        return "--trace off leaves nothing to compare: leave it out";
    }
    if ((options->explore || options->shrink != NULL) && (options->cpus_given || options->spin)) {
        return "--cpus and --spin are of the real world, which --explore and --shrink never enter";
    }
    if ((options->explore || options->shrink != NULL) && options->scenario_count > 1) {
        return "--explore and --shrink take one scenario at a time";
    }
    return NULL;
}

/* The same for what shows a run. */
static const char *options_misplaced_look(const struct options *options)
{
    bool pace = options->pace_step || options->pace_ppm > 0;

    if (options->only != NULL && !options->verbose && !pace && options->ladder == LADDER_NONE &&
        options->files[OPTIONS_EVENTS] == NULL && options->files[OPTIONS_HTML] == NULL) {
        return "--only chooses what -v, --ladder, --events and --html show: give one of them";
    }
    if (options->quiet && (options->verbose || pace)) {
        return "-q prints failures only, -v and --pace all that happens: leave one out";
    }
    if (options->scenario_count > 1 && options->files[OPTIONS_HTML] != NULL) {
        return "--html is a page of one run: give one scenario, or --out DIR for several";
    }
    if (options->scenario_count > 1 && options->files[OPTIONS_PCAP] != NULL) {
        return "--pcap is a capture of one run: give one scenario, or --out DIR for several";
    }
    if (options->scenario_count > 1 && options->why != NULL) {
        return "--why tells of one request in one run: give one scenario";
    }
    if (options->keep_given && options->folder == NULL) {
        return "--keep says which runs --out DIR keeps: give that too";
    }
    if (options->keep_all && options_count_seeds(options) > KEEP_RUNS_MAX) {
        return "--keep all keeps a page of each run, at most 1000 of a sweep: give fewer seeds, or "
               "--keep failed";
    }
    return NULL;
}

/* ---- with the options' own names in it --------------------------------------------------------
 */

/* A file to be written where nothing is run. */
static bool options_judge_idle(const struct options *options, char *error)
{
    const char *idle = options_idle(options);
    const char *writes = options->folder != NULL   ? "--out"
                         : options->shrink != NULL ? "--shrink"
                                                   : NULL;

    for (enum options_file file = 0; writes == NULL && file < OPTIONS_FILE_COUNT; file++) {
        writes = options->files[file] != NULL ? options_file_name(file) : NULL;
    }
    if (idle != NULL && writes != NULL) {
        return options_fail(error,
                            "%s writes what came of a run, and %s runs nothing: leave one out",
                            writes, idle);
    }
    return true;
}

/* A look where there is not one run with a trace. */
static bool options_judge_look(const struct options *options, char *error)
{
    const char *look = options_look(options);

    if (options->folder != NULL && options_is_proof(options)) {
        return options_fail(error, "--out keeps what runs show: leave out --verify, --explore and "
                                   "--shrink");
    }
    if (options_is_proof(options) && options->files[OPTIONS_JSON] != NULL) {
        look = "--json";
    }
    if (options_is_proof(options) && options->files[OPTIONS_JUNIT] != NULL) {
        look = "--junit";
    }
    if (look != NULL && options_is_proof(options)) {
        return options_fail(error, "%s is of one run: leave out --verify, --explore and --shrink",
                            look);
    }
    if (look != NULL && options_is_search(options)) {
        return options_fail(
            error, "%s shows one run: give one --seed, and --set in place of --vary", look);
    }
    look = look == NULL && options->folder != NULL ? "--out" : look;
    if (look != NULL && options->trace_off) {
        return options_fail(
            error, "%s shows the trace that --trace off does not keep: leave one out", look);
    }
    return true;
}

/* Whether two paths lead to one file whose contents would be replaced: no device, no pipe. */
static bool options_same_file(const char *a, const char *b)
{
    struct stat of_a;
    struct stat of_b;

    if (stat(a, &of_a) != 0 || stat(b, &of_b) != 0) {
        return strcmp(a, b) == 0;
    }
    return S_ISREG(of_a.st_mode) && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

/* Whether the file that an option names is not one of the scenarios. */
static bool options_spares_scenarios(const struct options *options, const char *option,
                                     const char *path, char *error)
{
    for (uint32_t i = 0; i < options->scenario_count; i++) {
        if (strcmp(path, "-") != 0 && options_same_file(path, options->scenarios[i])) {
            return options_fail(error, "%s would overwrite the scenario '%s': give it another file",
                                option, options->scenarios[i]);
        }
    }
    return true;
}

/* Whether the file has a path of its own: no scenario's, and no earlier file's. */
static bool options_judge_path(const struct options *options, enum options_file file, char *error)
{
    const char *path = options->files[file];

    if (!options_spares_scenarios(options, options_file_name(file), path, error)) {
        return false;
    }
    for (enum options_file other = 0; other < file; other++) {
        if (options->files[other] != NULL && options_same_file(path, options->files[other])) {
            return options_fail(error, "%s and %s both write to '%s': give one of them another",
                                options_file_name(other), options_file_name(file), path);
        }
    }
    return true;
}

/* Standard output takes one of the files, and each other path one. */
static bool options_judge_files(const struct options *options, char *error)
{
    const char *first = NULL;

    for (enum options_file file = 0; file < OPTIONS_FILE_COUNT; file++) {
        const char *path = options->files[file];
        if (path == NULL) {
            continue;
        }
        if (strcmp(path, "-") != 0) {
            if (!options_judge_path(options, file, error)) {
                return false;
            }
            continue;
        }
        if (first != NULL) {
            return options_fail(error,
                                "%s and %s both write to standard output: give one of them a file",
                                first, options_file_name(file));
        }
        first = options_file_name(file);
    }
    return options->shrink == NULL ||
           options_spares_scenarios(options, "--shrink", options->shrink, error);
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

bool options_judge(const struct options *options, char error[OPTIONS_ERROR_MAX])
{
    bool runs = options->action == OPTIONS_RUN || options->action == OPTIONS_CHECK;
    const char *misplaced;

    if (!options_judge_idle(options, error)) {
        return false;
    }
    misplaced = options_misplaced(options);
    misplaced = misplaced != NULL ? misplaced : options_misplaced_proof(options);
    misplaced = misplaced != NULL ? misplaced : options_misplaced_look(options);
    if (misplaced != NULL) {
        return options_fail(error, "%s", misplaced);
    }
    if (!options_judge_files(options, error) || !options_judge_look(options, error)) {
        return false;
    }
    if (options->action == OPTIONS_DIFF && options->scenario_count != 2) {
        return options_fail(error, "--diff compares two files that --json or --events wrote: "
                                   "simrun --diff A B");
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
