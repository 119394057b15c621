/* What the parts of --diff share: reading two files that come from outside (diff_read.c: --json,
 * diff_events.c: --events), comparing them, and telling it. */
#ifndef REPORT_DIFF_PARTS_H
#define REPORT_DIFF_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/map.h"
#include "protocol/outbox.h"
#include "report/diff.h"
#include "report/out.h"
#include "report/sentence.h"
#include "report/tell.h"
#include "report/words.h"

#define DIFF_NONE     UINT32_MAX
#define DIFF_NAME_MAX 64           /* bytes of a name or a word of a file, with the NUL */
#define DIFF_LINE_MAX (128u << 20) /* bytes of a line; a run of 100,000 requests has 30 MB */

/* Names and words of both files, each once, so that they are compared by number. */
struct diff_names {
    char (*names)[DIFF_NAME_MAX]; /* owned */
    uint32_t *ranks;              /* owned; by diff_names_rank: of each, its place in order */
    uint32_t count;
    uint32_t capacity;
    struct map by_hash;
};

/* A request, as far as a file says. */
struct diff_request {
    uint64_t begin_ns;
    uint64_t latency_ns; /* UINT64_MAX: it was not answered */
    uint32_t client;     /* a name */
    uint32_t n;
    uint32_t tries;
    uint32_t executions;
    uint32_t code;   /* 0 = none */
    uint8_t outcome; /* enum outcome */
    bool undecided;
};

/* One run of a --json file. */
struct diff_run {
    json_t *head;                  /* owned: the object without its lists */
    struct diff_request *requests; /* owned */
    uint32_t request_count;
    bool has_requests; /* false: --trace off */
    uint64_t line;
};

/* A datagram, or one more copy of it, of an --events file. */
struct diff_datagram {
    uint64_t t_ns;
    uint64_t delay_ns;
    uint32_t from; /* names */
    uint32_t to;
    uint32_t client; /* DIFF_NONE: nobody's */
    uint32_t n;      /* nobody's: its place among those on its link, from 1 */
    uint32_t carriage;
    uint32_t lost;   /* a word; DIFF_NONE: it was not */
    uint32_t damage; /* the flipped bit, from 1, or (above 2^16) the size it was cut to; 0 = none */
    uint16_t try;
    uint16_t copy;
};

/* What is counted of the events. */
enum diff_count {
    DIFF_REQUESTS,
    DIFF_ANSWERED,
    DIFF_FAILED,
    DIFF_TIMEOUTS,
    DIFF_RETRIES,
    DIFF_EXECUTIONS,
    DIFF_SENT,
    DIFF_LOST,
    DIFF_DUPLICATED,
    DIFF_CORRUPTED,
    DIFF_DELIVERED,
    DIFF_REJECTED,
    DIFF_COUNT_COUNT
};

/* An --events file. */
struct diff_trace {
    struct diff_datagram *datagrams; /* owned; in order of time */
    uint32_t datagram_count;
    uint32_t datagram_capacity;
    struct diff_request *requests; /* owned */
    uint32_t request_count;
    uint32_t request_capacity;
    struct map by_request; /* client and n -> request */
    struct map places;     /* link -> datagrams of nobody's on it so far */
    uint64_t counts[DIFF_COUNT_COUNT];
    uint64_t events;
    uint64_t end_ns;
};

enum diff_kind { DIFF_EMPTY, DIFF_RUNS, DIFF_EVENTS };

/* One of the two files. */
struct diff_file {
    const char *path; /* not owned */
    char letter;      /* 'A' or 'B' */
    enum diff_kind kind;
    struct diff_run *runs; /* owned: DIFF_RUNS */
    uint32_t run_count;
    struct diff_trace trace; /* DIFF_EVENTS */
};

struct diff {
    struct diff_file files[2];
    struct diff_names names;
    struct out out;
    enum report_diff_result result;
    char *error; /* REPORT_DIFF_ERROR_MAX bytes: the caller's */
};

/* ---- reading --------------------------------------------------------------------------------- */

/* Fails with a message (only the first is kept); returns false. */
bool diff_fail(struct diff *diff, enum report_diff_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same about a line of a file: "a.json:1: ...". */
bool diff_fail_line(struct diff *diff, const struct diff_file *file, uint64_t line,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Reads a file, whatever it is (diff_read.c). False: it failed. */
bool diff_read(struct diff *diff, struct diff_file *file);
void diff_free_file(struct diff_file *file);

/* Takes in one line's object (diff_runs.c, diff_events.c). */
bool diff_take_run(struct diff *diff, struct diff_file *file, uint64_t line, json_t *object);
bool diff_take_event(struct diff *diff, struct diff_file *file, uint64_t line,
                     const json_t *object);

/* Members of objects from outside: false (and the message) if one is there and not of its kind, or
 * is missing though it must be there. */
bool diff_get_count(struct diff *diff, const struct diff_file *file, uint64_t line,
                    const json_t *object, const char *key, bool must, uint64_t max,
                    uint64_t *count);
/* A name or a word: its number; DIFF_NONE where it is missing. */
bool diff_get_name(struct diff *diff, const struct diff_file *file, uint64_t line,
                   const json_t *object, const char *key, bool must, uint32_t *name);

/* ---- names (diff_names.c) -------------------------------------------------------------------- */

bool diff_names_init(struct diff_names *names);
void diff_names_free(struct diff_names *names);

/* The number of a name of less than DIFF_NAME_MAX bytes, new or not; DIFF_NONE: no memory. */
uint32_t diff_names_add(struct diff_names *names, const char *name);

/* Puts all in order (c2 before c10). False: no memory. */
bool diff_names_rank(struct diff_names *names);

/* A key of 64 bits for two numbers, for maps. */
static inline uint64_t diff_key(uint32_t high, uint32_t low)
{
    return (uint64_t)high << 32 | low;
}

/* ---- comparing and telling ------------------------------------------------------------------- */

/* The requests of both, each list put in order. */
struct diff_requests {
    struct diff_request *items[2]; /* not owned */
    uint32_t counts[2];
    bool real; /* one of the runs was in the real world: latencies differ from 10 ms on */

    /* Set by diff_tell_requests: the first that ends otherwise. DIFF_NONE: none does. */
    uint32_t first_client;
    uint32_t first_n;
};

/* Tells how many requests end otherwise, and which is the first (diff_requests.c); sets
 * diff->result. False: it failed. */
bool diff_tell_requests(struct diff *diff, struct diff_requests *requests);

/* A table of values that differ (diff_table.c). */
struct diff_table {
    struct out *out;
    const char *heading;
    uint32_t rows;  /* written: values that differ */
    uint32_t alike; /* not written */
};

/* One value of both; UINT64_MAX = there is none. `span`: they are in ns. */
void diff_table_row(struct diff_table *table, const char *name, bool span, uint64_t a, uint64_t b);

/* How many are alike. Whether any differ. */
bool diff_table_end(struct diff_table *table);

/* The whole of it (diff_runs.c, diff_traces.c): sets diff->result. False: it failed. */
bool diff_tell_runs(struct diff *diff);
bool diff_tell_traces(struct diff *diff);

#endif
