/* The commands that repeat what was done. */
#include "cli/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

/* A path, so that it is not taken for an option. */
static void options_put_path(struct options_text *text, const char *path)
{
    char inside[4096];

    if (path[0] != '-' || path[1] == '\0' || strlen(path) > sizeof inside - 3) {
        options_put_word(text, path);
        return;
    }
    snprintf(inside, sizeof inside, "./%s", path);
    options_put_word(text, inside);
}

/* The run itself, whatever its seeds; `seed` as on a command line. */
static void options_put_run(struct options_text *text, const struct options *options,
                            const char *path, const char *seed)
{
    options_put(text, "simrun", 6);
    if (options->random) {
        options_put_word(text, "--random");
    } else {
        options_put_path(text, path);
    }
    options_put_word(text, "--seed");
    options_put_word(text, seed);
    if (options->overrides.world_given) {
        options_put_word(text, "--world");
        options_put_word(text, options->overrides.world == WORLD_REAL ? "real" : "virtual");
    }
    for (uint32_t i = 0; i < options->overrides.set_count; i++) {
        options_put_word(text, "--set");
        options_put_word(text, options->overrides.sets[i]);
    }
    if (options->cpus_given) {
        options_put_word(text, "--cpus");
        options_put_word(text, options->cpus_text);
    }
    if (options->spin) {
        options_put_word(text, "--spin");
    }
    if (options->trace_off) {
        options_put_word(text, "--trace");
        options_put_word(text, "off");
    }
}

void options_command(const struct options *options, const char *path, uint64_t seed, char *command,
                     size_t capacity)
{
    struct options_text text = {.bytes = command, .capacity = capacity};
    char number[24];

    snprintf(number, sizeof number, "%" PRIu64, seed);
    options_put_run(&text, options, path, number);
}

void options_show_command(const char *path, char *command, size_t capacity)
{
    struct options_text text = {.bytes = command, .capacity = capacity};

    options_put(&text, "simrun", 6);
    options_put_path(&text, path);
    options_put_word(&text, "-v");
}

void options_sweep_command(const struct options *options, const char *path, char *command,
                           size_t capacity)
{
    struct options_text text = {.bytes = command, .capacity = capacity};
    char number[64];

    snprintf(number, sizeof number, "%" PRIu64 "..%" PRIu64, options->overrides.seed,
             options->seed_last);
    options_put_run(&text, options, path, number);
    if (options->shard_count > 0) {
        snprintf(number, sizeof number, "%u/%u", options->shard, options->shard_count);
        options_put_word(&text, "--shard");
        options_put_word(&text, number);
    }
    if (options->max_failures > 0) {
        snprintf(number, sizeof number, "%u", options->max_failures);
        options_put_word(&text, "--max-failures");
        options_put_word(&text, number);
    }
}
