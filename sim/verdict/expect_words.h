/* How measured values and the reasons of failures are said to people. `shown` and `why` are those
 * of struct expectation_result. */
#ifndef VERDICT_EXPECT_WORDS_H
#define VERDICT_EXPECT_WORDS_H

#include "verdict/verdict.h"

void expect_say(char why[200], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "11.2ms": three digits are enough to see. */
void expect_show_ns(char shown[120], double time_ns);

/* "399 of 400 (99.75%)", "299999 of 300000 (>99.99%)"; whole > 0. */
void expect_show_part(char shown[120], uint64_t part, uint64_t whole);

/* "c3/41 timed out", and the like; that request is the culprit. */
void expect_say_failure(struct expectation_result *result, const struct scenario *scenario,
                        uint32_t client, uint32_t n, enum outcome outcome, unsigned code);

/* Names the first request of the selected clients that failed in a way that the metric is about; if
 * none did (or there is no trace), the result is left as it is. */
void expect_name_failure(const struct verdict *verdict, const struct expectation *expectation,
                         struct expectation_result *result);

#define EXPECT_TEXT_MAX   300 /* bytes of an expectation's text that are shown */
#define EXPECT_FAILED_MAX 640

/* What did not hold, and what was measured: "answered = 100% (19 of 20; c2/10 timed out)". The same
 * in every report. */
void expect_say_failed(char text[EXPECT_FAILED_MAX], const struct expectation *expectation,
                       const struct expectation_result *result);

#endif
