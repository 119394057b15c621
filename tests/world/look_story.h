/* Runs in the virtual world with their whole log, to be looked at as people do. */
#ifndef TESTS_WORLD_LOOK_STORY_H
#define TESTS_WORLD_LOOK_STORY_H

#include "report/why.h"
#include "virtual_story.h"

/* A run of a scenario, with its log. */
struct look {
    struct story story;
    struct trace_log log;
    struct report_run run;
    struct report_look look;
};

static inline void look_run(struct look *look, const char *text)
{
    struct trace_sink sink = {.take = trace_log_take, .context = &look->log};

    trace_log_init(&look->log);
    story_run_to(&look->story, text, sink);
    CU_ASSERT_FALSE_FATAL(look->log.failed);
    look->run = (struct report_run){.scenario = &look->story.scenario,
                                    .verdict = &look->story.verdict,
                                    .facts = &look->story.facts};
    look->look = (struct report_look){.run = &look->run, .log = &look->log};
}

static inline void look_free(struct look *look)
{
    trace_log_free(&look->log);
    story_free(&look->story);
}

/* The story of a request, the caller's to free. */
static inline char *look_tell(const struct look *look, uint32_t client, uint32_t n)
{
    struct report_style style = {.colour = false};
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_TRUE(report_why(file, &look->look, &style, client, n));
    fclose(file);
    return text;
}

#endif
