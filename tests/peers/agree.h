/* What simrun_agree counts, and in which file. */
#ifndef TESTS_PEERS_AGREE_H
#define TESTS_PEERS_AGREE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AGREE_UNKNOWN UINT64_MAX

#define AGREE_COUNTS_MAX 32

enum agree_source {
    EVENTS,
    METRICS,
    LINKS,
    NODES,
    REQUESTS,
    VERDICTS,
    JUNIT,
    PAGE,
    CAPTURE,
    SOURCE_COUNT
};

struct agree {
    uint64_t counts[SOURCE_COUNT][AGREE_COUNTS_MAX]; /* AGREE_UNKNOWN: the source does not tell */
};

/* Whether there is such a count. */
bool agree_is_count(const char *name);

/* A count of a source. */
uint64_t *agree_at(struct agree *agree, enum agree_source source, const char *name);

/* Adds to a count, which is known from then on. */
void agree_add(struct agree *agree, enum agree_source source, const char *name, uint64_t more);

/* The same for "lost.REASON", and "lost". */
void agree_add_lost(struct agree *agree, enum agree_source source, const char *reason,
                    uint64_t more);

/* These are known: 0, so far. NULL ends the names. */
void agree_begin(struct agree *agree, enum agree_source source, const char *const *names);

/* A whole file, with a NUL behind it; to be freed. Ends the process if it can't be read. */
char *agree_read_file(const char *path, size_t *size);

/* A JSON value, and what follows is ignored. Ends the process, naming `what`, if it is none. */
json_t *agree_read_json(const char *bytes, size_t size, const char *what);

/* A member; "" or 0 if there is none. */
const char *agree_text(const json_t *object, const char *name);
uint64_t agree_number(const json_t *object, const char *name);

/* ---- agree_json.c ---------------------------------------------------------------------------- */

/* Counts the lines of --events. */
void agree_count_events(struct agree *agree, const char *path);

/* Counts what stands in --json, and returns it. */
json_t *agree_count_json(struct agree *agree, const char *path);

/* ---- agree_files.c --------------------------------------------------------------------------- */

/* Counts the cases of --junit. */
void agree_count_junit(struct agree *agree, const char *path);

/* Counts what a page's diagram would show, and returns whether the page has all of --json: every
 * member the same, of the requests some, where it shows some only. */
bool agree_count_page(struct agree *agree, const char *path, const json_t *run);

/* Counts the frames of --pcap, by what their comments say. */
void agree_count_capture(struct agree *agree, const char *path);

#endif
