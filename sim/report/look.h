/* A finished run with its whole log: what the chart, the story, the page and the capture look at.
 */
#ifndef REPORT_LOOK_H
#define REPORT_LOOK_H

#include "report/only.h"
#include "report/report.h"
#include "trace/log.h"

/* Nothing is owned. The verdict in `run` has the list of requests (verdict_options.keep_requests).
 */
struct report_look {
    const struct report_run *run;
    const struct trace_log *log;
    const struct report_only *only; /* --only; NULL = all */
};

#endif
