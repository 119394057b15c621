#include "report/junit.h"

#include <inttypes.h>
#include <string.h>

#include "report/failure.h"
#include "report/out.h"
#include "report/sweep_parts.h"
#include "report/words.h"

/* Writes text made safe as everywhere, and then for the command: `%` as %25, and in a property `:`
 * and `,` as %3A and %2C. No line end is left to be written as %0A. */
static void annotate_text(FILE *out, const char *text, bool property)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t size = strlen(text);
    char form[OUT_FORM_MAX];
    unsigned columns;

    for (size_t i = 0; i < size;) {
        i += out_next_character(bytes + i, size - i, true, form, &columns);
        if (form[0] == '%' || (property && (form[0] == ':' || form[0] == ','))) {
            fprintf(out, "%%%02X", (unsigned)form[0]);
        } else {
            fputs(form, out);
        }
    }
}

/* One failure: in which file (NULL: none that GitHub could know), at which line (0: none), what,
 * and the command that repeats it (NULL: none). */
struct annotation {
    const char *path;
    uint32_t line;
    const char *title;
    const char *text;
    const char *command;
};

static void annotate_write(FILE *out, const struct annotation *annotation)
{
    fputs("::error ", out);
    if (annotation->path != NULL) {
        fputs("file=", out);
        annotate_text(out, annotation->path, true);
        fputc(',', out);
    }
    if (annotation->path != NULL && annotation->line > 0) {
        fprintf(out, "line=%" PRIu32 ",", annotation->line);
    }
    fputs("title=", out);
    annotate_text(out, annotation->title, true);
    fputs("::", out);
    annotate_text(out, annotation->text, false);
    if (annotation->command != NULL) {
        fputs("%0Arepeat: ", out);
        annotate_text(out, annotation->command, false);
    }
    fputc('\n', out);
}

/* The file of a scenario; NULL for standard input. */
static const char *annotate_path(const char *path)
{
    return strcmp(path, "-") == 0 ? NULL : path;
}

bool report_annotate_run(FILE *out, const struct report_run *run)
{
    const struct scenario *scenario = run->scenario;
    struct annotation annotation = {.path = annotate_path(scenario->path), .command = run->command};
    struct sentence sentence;

    annotation.text = sentence.text;
    for (uint32_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *expectation = &scenario->expectations[i];
        if (!run->verdict->expectations[i].held) {
            failure_of_expectation(&sentence, expectation, &run->verdict->expectations[i]);
            annotation.line = expectation->line;
            annotation.title = expectation->label != NULL ? expectation->label : expectation->text;
            annotate_write(out, &annotation);
        }
    }
    annotation.line = 0;
    for (unsigned i = 0; i < PROMISE_COUNT; i++) {
        if (run->verdict->promises[i].verdict == PROMISE_BROKEN &&
            !promise_is_lesson(scenario, (enum promise)i)) {
            failure_of_promise(&sentence, run->verdict, (enum promise)i);
            annotation.title = "a promise was broken";
            annotate_write(out, &annotation);
        }
    }
    if (failure_of_end(&sentence, run)) {
        annotation.title = "the run was cut short";
        annotate_write(out, &annotation);
    }
    return fflush(out) == 0 && !ferror(out);
}

static void annotate_seeds(FILE *out, const struct report_sweep *sweep)
{
    const struct pool *pool = sweep->pool;
    struct annotation annotation = {.path = annotate_path(sweep->path)};
    char title[64];

    annotation.title = title;
    for (uint64_t i = 0; i < pool->failure_count && i < REPORT_ANNOTATE_MAX; i++) {
        const struct pool_failure *failure = &pool->failures[i];
        snprintf(title, sizeof title, "seed %" PRIu64, failure->seed);
        annotation.text = failure->why;
        annotation.command = failure->command;
        annotate_write(out, &annotation);
    }
    if (pool->failure_count > REPORT_ANNOTATE_MAX) {
        snprintf(title, sizeof title, "%" PRIu64 " more seeds failed",
                 pool->failure_count - REPORT_ANNOTATE_MAX);
        annotation.text = "--json and --junit list them all";
        annotation.command = sweep->command;
        annotate_write(out, &annotation);
    }
}

bool report_annotate_sweep(FILE *out, const struct report_sweep *sweep)
{
    const struct pool *pool = sweep->pool;
    struct annotation annotation = {.path = annotate_path(sweep->path), .command = sweep->command};
    char text[64 + SWEEP_FINDING_MAX];

    annotate_seeds(out, sweep);
    annotation.text = text;
    for (uint32_t i = 0; i < pool->expectation_count; i++) {
        const struct pool_expectation *pooled = &pool->expectations[i];
        if (!pooled->held && pooled->law != POOL_EACH_SEED) {
            sweep_finding(pool, pooled, text);
            annotation.line = pooled->line;
            annotation.title = pooled->label != NULL ? pooled->label : pooled->text;
            annotate_write(out, &annotation);
        }
    }
    if (pool->signal != 0) {
        snprintf(text, sizeof text, "ended by %s: this report is partial",
                 words_signal(pool->signal));
        annotation.line = 0;
        annotation.title = "the sweep was cut short";
        annotate_write(out, &annotation);
    }
    return fflush(out) == 0 && !ferror(out);
}
