#include "report/junit.h"

#include <inttypes.h>
#include <string.h>

#include "report/failure.h"
#include "report/junit_parts.h"

/* ---- the document ---------------------------------------------------------------------------- */

bool report_junit_begin(FILE *out)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"simrun\">\n", out);
    return !ferror(out);
}

bool report_junit_end(FILE *out)
{
    fputs("</testsuites>\n", out);
    return !ferror(out);
}

/* ---- a run ----------------------------------------------------------------------------------- */

static const char *junit_expectation_name(const struct expectation *expectation)
{
    return expectation->label != NULL ? expectation->label : expectation->text;
}

/* How many expectations before the i-th are called the same: readers take two cases of the same
 * name for one, and would lose the failure of the other. */
static uint32_t junit_count_same(const struct scenario *scenario, uint32_t i)
{
    const char *name = junit_expectation_name(&scenario->expectations[i]);
    uint32_t same = 0;

    for (uint32_t before = 0; before < i; before++) {
        same += strcmp(junit_expectation_name(&scenario->expectations[before]), name) == 0;
    }
    return same;
}

static void junit_add_expectation(struct junit_suite *suite, const struct report_run *run,
                                  uint32_t i)
{
    const struct expectation *expectation = &run->scenario->expectations[i];
    const struct expectation_result *result = &run->verdict->expectations[i];
    struct sentence sentence;

    failure_of_expectation(&sentence, expectation, result);
    junit_add(suite, &(struct junit_case){
                         .kind = "expectations",
                         .name = junit_expectation_name(expectation),
                         .same = suite->out != NULL ? junit_count_same(run->scenario, i) : 0,
                         .verdict = result->held ? JUNIT_PASSED : JUNIT_FAILURE,
                         .type = "expectation",
                         .message = sentence.text,
                         .command = run->command,
                         .remark = sentence.text});
}

static void junit_add_promise(struct junit_suite *suite, const struct report_run *run,
                              enum promise promise)
{
    const struct promise_result *result = &run->verdict->promises[promise];
    struct junit_case added = {.kind = "promises",
                               .name = promise_name(promise),
                               .type = "promise",
                               .message = result->detail,
                               .command = run->command};
    struct sentence sentence;

    switch (result->verdict) {
    case PROMISE_KEPT:
        added.verdict = JUNIT_PASSED;
        break;
    case PROMISE_NOT_JUDGED:
        added.verdict = JUNIT_SKIPPED;
        break;
    case PROMISE_BROKEN:
        failure_of_promise(&sentence, run->verdict, promise);
        added.message = sentence.text;
        added.verdict = JUNIT_FAILURE;
        if (promise_is_lesson(run->scenario, promise)) {
            sentence_add(&sentence, "; broken, as expected here");
            added.verdict = JUNIT_PASSED;
            added.remark = sentence.text;
        }
        break;
    }
    junit_add(suite, &added);
}

static void junit_add_run(struct junit_suite *suite, const struct report_run *run)
{
    struct sentence sentence;
    bool cut_short = failure_of_end(&sentence, run);

    junit_add(suite, &(struct junit_case){.kind = "run",
                                          .name = "it ends by itself",
                                          .time_ns = run->facts->duration_ns,
                                          .verdict = cut_short ? JUNIT_ERROR : JUNIT_PASSED,
                                          .type = "end",
                                          .message = sentence.text,
                                          .command = run->command});
    for (uint32_t i = 0; i < run->scenario->expectation_count; i++) {
        junit_add_expectation(suite, run, i);
    }
    for (unsigned i = 0; i < PROMISE_COUNT; i++) {
        junit_add_promise(suite, run, (enum promise)i);
    }
}

bool report_junit_run(FILE *out, const struct report_run *run)
{
    const struct scenario *scenario = run->scenario;
    struct junit_suite suite = {.path = scenario->path, .row = run->row};
    char seed[24];

    junit_add_run(&suite, run);
    junit_begin_suite(out, &suite, run->facts->duration_ns);
    snprintf(seed, sizeof seed, "%" PRIu64, scenario->seed);
    junit_property(out, "title", scenario->title);
    junit_property(out, "seed", seed);
    junit_property(out, "world", run->facts->world == WORLD_REAL ? "real" : "virtual");
    junit_property(out, "version", SIMRUN_VERSION);
    junit_property(out, "command", run->command);
    junit_begin_cases(out);
    suite.out = out;
    junit_add_run(&suite, run);
    junit_end_suite(out, run->command);
    return !ferror(out);
}
