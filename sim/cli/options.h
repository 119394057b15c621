/* The command line, parsed. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"

/* What a process is asked to do. */
enum options_action {
    OPTIONS_RUN,
    OPTIONS_CHECK,   /* --check: explain, run nothing */
    OPTIONS_LIST,    /* --list */
    OPTIONS_MODELS,  /* --models */
    OPTIONS_DIFF,    /* --diff: `scenarios` are two files of results */
    OPTIONS_HELP,    /* --help[=TOPIC] */
    OPTIONS_VERSION, /* --version */
    OPTIONS_BARE     /* no argument at all */
};

enum options_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

enum options_ladder { LADDER_NONE, LADDER_TEXT, LADDER_MERMAID };

/* Files that a run can write. */
enum options_file {
    OPTIONS_JSON,
    OPTIONS_EVENTS,
    OPTIONS_HTML,
    OPTIONS_PCAP,
    OPTIONS_JUNIT,
    OPTIONS_FILE_COUNT
};
/* "--json" */
const char *options_file_name(enum options_file file);

struct options {
    enum options_action action;
    const char *topic;            /* OPTIONS_HELP: NULL = the overview */
    const char *const *scenarios; /* paths, "-" = standard input; of argv */
    uint32_t scenario_count;
    struct scenario_overrides overrides; /* overrides.sets is owned */
    bool seed_random;                    /* --seed random: overrides.seed was drawn here */
    bool cpus_given;
    cpu_set_t cpus;
    const char *cpus_text; /* as given */
    bool spin;
    bool verify;
    bool explore;
    uint32_t explore_losses; /* --explore K */
    uint32_t runs_max;       /* --max-runs; 0 = not given */
    const char *shrink;      /* --shrink: a path, "-" = standard output; NULL = not wanted */
    bool trace_off;
    bool verbose;
    bool quiet;
    bool strict;
    const char *files[OPTIONS_FILE_COUNT]; /* paths, "-" = standard output; NULL = not wanted */
    enum options_ladder ladder;
    const char *why;    /* --why: "C/N"; NULL = not wanted */
    const char *only;   /* --only; NULL = all */
    uint64_t pace_ppm;  /* --pace: millionths of the wall's speed; 0 = as fast as it goes */
    bool pace_step;     /* --pace step: each event waits for a key */
    const char *folder; /* --out; NULL = not wanted */
    bool keep_given;    /* --keep ... */
    bool keep_all;      /* ... all: those that passed, too */
    enum options_color color;

    bool sweep;                /* --seed A..B: overrides.seed is A */
    uint64_t seed_last;        /* and this is B */
    uint32_t jobs;             /* -j; 0 = not given */
    uint32_t shard;            /* --shard I/N: from 1 */
    uint32_t shard_count;      /* 0 = not given */
    uint32_t max_failures;     /* 0 = not given */
    const char *const *varies; /* owned; texts of --vary, in order */
    uint32_t vary_count;
    bool random; /* --random: no scenario is given */
};

#define OPTIONS_JOBS_MAX     256
#define OPTIONS_SHARDS_MAX   1000000
#define OPTIONS_FAILURES_MAX 100000

/* The most datagrams that --explore loses, and runs that it makes. */
#define OPTIONS_LOSSES_MAX 12
#define OPTIONS_RUNS_MAX   UINT32_C(4000000000)

#define OPTIONS_ERROR_MAX 512

/* Parses argv (whose strings must outlive the options). Returns true, or false with a message of
 * one or more lines in `error`: bad usage. */
bool options_parse(struct options *options, int argc, char **argv, char error[OPTIONS_ERROR_MAX]);
void options_free(struct options *options);

/* Whether what is asked for goes together; if not, false with the reason and the remedy. */
bool options_judge(const struct options *options, char error[OPTIONS_ERROR_MAX]);

/* Whether several runs are asked for (seeds, --vary), or a search for a small failing one or a
 * comparison (--verify, --explore, --shrink). */
bool options_is_search(const struct options *options);
bool options_is_proof(const struct options *options);

/* The command that repeats the run of `path` with this seed, quoted for a POSIX shell. Writes at
 * most `capacity` bytes with the NUL. */
void options_command(const struct options *options, const char *path, uint64_t seed, char *command,
                     size_t capacity);

/* The command that shows all that happens in the scenario at `path`, in the same way. */
void options_show_command(const char *path, char *command, size_t capacity);

/* The command that repeats a sweep: all its seeds. */
void options_sweep_command(const struct options *options, const char *path, char *command,
                           size_t capacity);

#endif
