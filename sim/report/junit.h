/* --junit: verdicts for CI, in the form that Jenkins (JUnit) and Maven Surefire have made common.
 * A suite for each scenario: a case for each expectation and promise, and one for that the run
 * ended by itself; in a sweep a case a seed, and one for each `~` that is judged over all of them.
 * Times are the run's own (virtual time, in the virtual world; a sweep has none), and there is
 * neither date nor machine, so that a run that is repeated writes the same. */
#ifndef REPORT_JUNIT_H
#define REPORT_JUNIT_H

#include <stdbool.h>
#include <stdio.h>

#include "report/report.h"
#include "report/sweep.h"

/* Of more seeds than these only those that failed have a case, and all others together one. */
#define REPORT_JUNIT_SEEDS_MAX 10000

/* The document's head, suites in any number (a sweep's: junit_sweep.c), and its end. Each returns
 * false if writing failed. */
bool report_junit_begin(FILE *out);
bool report_junit_run(FILE *out, const struct report_run *run);
bool report_junit_sweep(FILE *out, const struct report_sweep *sweep);
bool report_junit_end(FILE *out);

#define REPORT_ANNOTATE_MAX 20 /* seeds that are told one by one */

/* Workflow commands that GitHub shows beside the scenario's lines, one for each failure
 * (annotate.c). They go where the report goes. Each returns false if writing failed. Source:
 * GitHub's documentation, "Workflow commands for GitHub Actions", Setting an error message. */
bool report_annotate_run(FILE *out, const struct report_run *run);
bool report_annotate_sweep(FILE *out, const struct report_sweep *sweep);

#endif
