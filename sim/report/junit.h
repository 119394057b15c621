/* --junit: verdicts for CI, in the form that Jenkins (JUnit) and Maven Surefire have made common.
 * A suite for each scenario: a case for each expectation and promise; in a sweep a case a seed. */
#ifndef REPORT_JUNIT_H
#define REPORT_JUNIT_H

#include <stdbool.h>
#include <stdio.h>

#include "report/report.h"
#include "report/sweep.h"

/* The document's head, suites in any number, and its end. Each returns false if writing failed. */
bool report_junit_begin(FILE *out);
bool report_junit_run(FILE *out, const struct report_run *run);
bool report_junit_sweep(FILE *out, const struct report_sweep *sweep);
bool report_junit_end(FILE *out);

/* Workflow commands that GitHub shows beside the scenario's lines, one for each failure. They go
 * where the report goes. */
bool report_annotate_run(FILE *out, const struct report_run *run);
bool report_annotate_sweep(FILE *out, const struct report_sweep *sweep);

#endif
