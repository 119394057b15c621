/* story.txt of --out: a run for somebody who has nothing but this file. */
#ifndef CLI_STORY_H
#define CLI_STORY_H

#include <stdbool.h>
#include <stdio.h>

#include "report/look.h"

/* The command that repeats the run, the report, and of the first few requests that failed the chart
 * and each one's story. False if writing failed or memory ran out. */
bool story_write(FILE *out, const struct report_look *look);

#endif
