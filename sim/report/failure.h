/* What failed, in one sentence: the same in the report, in --junit and in GitHub's annotations. */
#ifndef REPORT_FAILURE_H
#define REPORT_FAILURE_H

#include <stdbool.h>

#include "report/report.h"
#include "report/sentence.h"

/* "answered = 100% (19 of 20; c2/10 timed out)" */
void failure_of_expectation(struct sentence *sentence, const struct expectation *expectation,
                            const struct expectation_result *result);

/* "promise quiet: c1/3 was asked twice" */
void failure_of_promise(struct sentence *sentence, const struct verdict *verdict,
                        enum promise promise);

/* "the time limit of 5m was reached", "ended by SIGINT after 2.31 s: this report is partial",
 * "99 events were lost for want of memory: counts are too low". False, and nothing written, if the
 * run ended by itself and all that happened is known. */
bool failure_of_end(struct sentence *sentence, const struct report_run *run);

/* The first thing that failed, broken promises before all. False, and nothing written, if nothing
 * did. */
bool failure_first(struct sentence *sentence, const struct report_run *run);

/* The first request that something failed for, broken promises before all; n = 0: there is none. */
struct verdict_culprit failure_culprit(const struct report_run *run);

#endif
