/* The verdict on a run: metrics, requests, promises and expectations, worked out from the records
 * in order of time by code that shares nothing with the cores. State only for what is open, unless
 * the list of requests is asked for. */
#ifndef VERDICT_VERDICT_H
#define VERDICT_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/prefetch.h"
#include "base/time.h"
#include "scenario/scenario.h"
#include "trace/record.h"
#include "verdict/facts.h"
#include "verdict/tally.h"
#include "verdict/theory.h"

/* Real world: a race closer than this is not decided by the scenario. */
#define VERDICT_MARGIN_NS (10 * NS_PER_MS)

enum promise_verdict { PROMISE_KEPT, PROMISE_BROKEN, PROMISE_NOT_JUDGED };

/* protocol.md, The promises; in that order. Those of later issues are not here yet. */
enum promise {
    PROMISE_ONE_OUTCOME,
    PROMISE_RIGHT_TEXT,
    PROMISE_OWN_REPLY,
    PROMISE_CAUSE,
    PROMISE_DEFINITE,
    PROMISE_CONSERVATION,
    PROMISE_KERNEL_DROPS,
    PROMISE_EMPTY_TABLES,
    PROMISE_TIMERS,
    PROMISE_BUDGETS,
    PROMISE_DROPPED_IS_GONE,
    PROMISE_QUIET,
    PROMISE_LIVENESS,
    PROMISE_NO_LEAK,
    PROMISE_COUNT
};
const char *promise_name(enum promise promise);
/* One sentence for people: what is promised. */
const char *promise_meaning(enum promise promise);
/* Whether a scenario expects this promise to break: a lesson about it. */
bool promise_is_lesson(const struct scenario *scenario, enum promise promise);

/* A request that something failed for; n = 0: none in particular. */
struct verdict_culprit {
    uint32_t client; /* node */
    uint32_t n;
};

struct promise_result {
    enum promise_verdict verdict;
    char detail[200]; /* broken: the first breach, with time and request; not judged: why; kept: ""
                       */
    struct verdict_culprit culprit; /* broken: whose request, where one is concerned */
};

/* A settled (or cancelled) request, for the list in --json and for expectations about one. */
struct request_result {
    uint64_t id;         /* the client's; 0 = plain */
    uint64_t begin_ns;   /* when it should have begun */
    uint64_t latency_ns; /* UINT64_MAX unless answered */
    uint64_t margin_ns;  /* the smallest gap between a timer and the reply that raced it; UINT64_MAX
                            =  no race */
    uint32_t client;     /* node */
    uint32_t n;
    uint32_t executions;
    uint16_t code;   /* of the answer or the final error; 0 = none */
    uint8_t outcome; /* enum outcome */
    uint8_t tries;
    uint8_t op;     /* enum op */
    bool wrong;     /* answered with another text than the reference's */
    bool undecided; /* real world: margin under 10 ms, or it met a kernel drop */
};

struct expectation_result {
    bool held;
    bool exists;      /* the value exists */
    double value;     /* measured: a count or ratio, a fraction (percent), ns; or NaN */
    double low, high; /* the accepted range, for ~ (counts of trials) */
    uint64_t part;    /* of counts compared with percentages: part of whole */
    uint64_t whole;   /* requests, or datagrams sent; of `~ P`: among how many it is judged */
    char shown[120];  /* the measured value for people: "399 of 400 (99.75%)", "11.2ms", "\"HELLO\""
                       */
    char
        why[200]; /* of a failure: "c3/41 timed out", "accepts 1402 to 1605"; "" = nothing to add */
    struct verdict_culprit culprit; /* of a failure: the first request, where one is to blame */
};

struct verdict_options {
    bool keep_requests; /* for --json */
    bool trace_off;     /* only a tally is there: no promise but the counting ones is judged */
    bool pooled;        /* one of many seeds: `~` is counted here and judged over all of them */
};

struct judge; /* requests that are open, and what the promises must remember */

/* Why there is no theory of a run that ended before its scripts. */
#define VERDICT_CUT_SHORT "the run ended before its scripts did"

/* What there is to say of a run with missing records; of how many. */
#define VERDICT_MISSING "%llu events were lost for want of memory: counts are too low"

struct verdict {
    const struct scenario *scenario;
    struct verdict_options options;
    struct tally tally;
    struct judge *judge;             /* owned; NULL with trace_off */
    struct request_result *requests; /* owned; in the order they ended; with keep_requests */
    uint64_t request_count;
    uint32_t request_capacity;
    uint64_t duplicate_executions; /* beyond each request's first */
    uint64_t wrong;
    uint64_t undecided;
    uint64_t abandoned;     /* broker's entries that were still waiting at the end */
    uint64_t margin_min_ns; /* over all requests; UINT64_MAX = no race */
    uint64_t tries_histogram[WIRE_TRY_MAX + 1]; /* requests settled, by tries; 0: never begun */
    struct promise_result promises[PROMISE_COUNT];
    struct expectation_result *expectations; /* owned; one for each expectation */
    bool cut_short; /* requests were cancelled: by the time limit, or a signal */
    bool theory_holds;
    struct theory_total theory;
    char theory_why[160];
    bool passed;
    int status; /* exit status by promises, expectations and facts: 0, 1, 3, 4, 128 + signal */
};

/* Returns 0 or -ENOMEM. */
int verdict_init(struct verdict *verdict, const struct scenario *scenario,
                 const struct verdict_options *options);
void verdict_free(struct verdict *verdict);

/* A trace_sink's take (context = the verdict); records in order of time. With trace_off it only
 * counts, and the real world's threads count for themselves in verdict->tally. */
void verdict_take(void *verdict, const struct trace_record *record, const uint8_t *bytes);

/* What does the same, for those who hand over so many that each step counts; valid as long as the
 * verdict. */
struct trace_sink verdict_sink(struct verdict *verdict);

/* The instant of the latest record so far; 0: there was none. */
uint64_t verdict_last_ns(const struct verdict *verdict);

/* Records about a client's request will come soon: asks for the memory that they will need. */
void verdict_prefetch(const struct verdict *verdict, uint32_t client, uint32_t n,
                      enum prefetch_stage stage);

/* The run is over: judges what is left and fills promises, expectations, theory, passed, status. */
void verdict_finish(struct verdict *verdict, const struct run_facts *facts);

/* Whether an expectation can be judged without a trace (counts and latencies of all requests can).
 */
bool verdict_needs_trace(const struct expectation *expectation);

/* What became of the datagrams that a link took and neither lost nor delivered: those still in
 * flight (in the link, or unread in a socket), and those that the kernel dropped. */
void verdict_link_rest(const struct verdict *verdict, const struct run_facts *facts, uint32_t link,
                       uint64_t *in_flight, uint64_t *kernel_drops);

/* The value of a metric over the whole run, as in --json: false where it does not exist. Times in
 * ns. */
bool verdict_metric(const struct verdict *verdict, const struct run_facts *facts,
                    enum metric metric, double *value);

#endif
