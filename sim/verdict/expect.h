/* Judges expectations by what was measured. */
#ifndef VERDICT_EXPECT_H
#define VERDICT_EXPECT_H

#include "verdict/facts.h"
#include "verdict/verdict.h"

/* Fills the verdict's result of expectation `index`. Promises must have been judged before. */
void expect_judge(struct verdict *verdict, const struct run_facts *facts, uint32_t index);

#endif
