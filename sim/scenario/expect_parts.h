/* The parts of an `expect` line, each reading its own words. Private to the folder. */
#ifndef SCENARIO_EXPECT_PARTS_H
#define SCENARIO_EXPECT_PARTS_H

#include <stdbool.h>

#include "scenario/parse.h"

/* expect_signs.c: an error at the first word from here on whose comparison is not written as it
 * should be: `answered=10%`, `==`. */
bool expect_check_signs(struct parse *parse);

/* expect_metric.c: METRIC, then `per request` or `per s` if it is there. */
bool expect_metric(struct parse *parse, struct expectation *expectation);
bool expect_ratio(struct parse *parse, struct expectation *expectation);

/* expect_of.c: `of WHAT` if it is there: it must fit the metric. */
bool expect_of(struct parse *parse, struct expectation *expectation);

/* expect_value.c: `during T..T` if it is there; CMP VALUE. */
bool expect_during(struct parse *parse, struct expectation *expectation);
bool expect_value(struct parse *parse, struct expectation *expectation);

#endif
