#include "cli/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/session.h"
#include "cli/shipped.h"
#include "verdict/verdict.h"
#include "world/swarm.h"

/* ---- bytes ----------------------------------------------------------------------------------- */

static int source_complain(const char *path, int error)
{
    char found[4096];

    if (error == ENOENT && shipped_suggest(path, found, sizeof found)) {
        fprintf(stderr, "simrun: no file '%s'; did you mean %s?\n", path, found);
    } else if (error == ENOENT) {
        fprintf(stderr,
                "simrun: no file '%s'; simrun --list shows the scenarios that came with it\n",
                path);
    } else {
        fprintf(stderr, "simrun: cannot read '%s': %s\n", path, strerror(error));
    }
    return SESSION_USAGE;
}

int source_read(struct source *source, const struct options *options, const char *path)
{
    char text[SWARM_TEXT_MAX];

    *source = (struct source){.path = path != NULL ? path : "random"};
    if (path == NULL) {
        source->size = swarm_write(options->overrides.seed, text);
        source->bytes = malloc(source->size + 1);
        if (source->bytes == NULL) {
            return SESSION_MACHINE;
        }
        memcpy(source->bytes, text, source->size + 1);
        return SESSION_HELD;
    }
    source->bytes = shipped_read(path, &source->size);
    return source->bytes != NULL ? SESSION_HELD : source_complain(path, errno);
}

void source_free(struct source *source)
{
    free(source->bytes);
    source->bytes = NULL;
}

/* ---- what they say --------------------------------------------------------------------------- */

static void source_print_messages(const struct scenario_messages *messages)
{
    for (uint32_t i = 0; i < messages->count; i++) {
        fputs(messages->items[i].text, stderr);
    }
}

/* An expectation that a run without trace could not judge. */
static bool source_check_trace(const struct options *options, const struct scenario *scenario)
{
    for (uint32_t i = 0; options->trace_off && i < scenario->expectation_count; i++) {
        const struct expectation *expectation = &scenario->expectations[i];
        if (verdict_needs_trace(expectation)) {
            fprintf(stderr, "%s:%u: error: `expect %s` needs the trace: leave out --trace off\n",
                    scenario->path, expectation->line, expectation->text);
            return false;
        }
    }
    return true;
}

/* Options about threads, where the scenario has none. */
static bool source_check_threads(const struct options *options, const struct scenario *scenario)
{
    const char *option = options->cpus_given ? "--cpus" : options->spin ? "--spin" : NULL;

    if (option != NULL && scenario->world == WORLD_VIRTUAL) {
        fprintf(stderr, "simrun: %s: the virtual world has no threads: leave out %s%s\n",
                scenario->path, option,
                options->overrides.world_given || options->random ? "" : ", or add --world real");
        return false;
    }
    return true;
}

int source_parse(const struct source *source, const struct options *options,
                 const struct scenario_overrides *overrides, struct scenario *scenario)
{
    struct scenario_messages messages = {0};
    int status = SESSION_USAGE;

    if (scenario_parse(scenario, source->path, source->bytes, source->size, overrides, &messages)) {
        bool strict = options->strict && messages.count > 0;
        bool good = !strict && source_check_trace(options, scenario) &&
                    source_check_threads(options, scenario);
        if (strict) {
            fprintf(stderr, "simrun: --strict: warnings are errors\n");
        }
        if (!good) {
            scenario_free(scenario);
        }
        status = good ? SESSION_HELD : SESSION_USAGE;
    }
    source_print_messages(&messages);
    scenario_messages_free(&messages);
    return status;
}
