/* The parts of --json. Each returns a new jansson value, or NULL if memory ran out. */
#ifndef REPORT_JSON_PARTS_H
#define REPORT_JSON_PARTS_H

#include <jansson.h>
#include <stdbool.h>

#include "report/report.h"
#include "report/totals.h"

/* Any bytes as a string: UTF-8 stays, each other byte becomes the character of its number. NULL:
 * null. */
json_t *json_parts_string(const char *text);

/* A count or an instant; UINT64_MAX: null. */
json_t *json_parts_count(uint64_t count);

/* A real; null if it is not a finite number. */
json_t *json_parts_real(double value);

/* Adds `value` (taken over; NULL = memory ran out) to an object; `good` turns false if that fails.
 */
void json_parts_set(json_t *object, const char *key, json_t *value, bool *good);

/* {METRIC: value} (json_metrics.c). */
json_t *json_metrics(const struct report_run *run, const struct totals *totals);

/* {...}, or null where theory does not hold (json_metrics.c). */
json_t *json_theory(const struct verdict *verdict);

/* Which nodes (and links between them) and requests are listed. NULL instead of one: all. */
struct json_choice {
    bool (*has_node)(const void *context, uint32_t node);
    bool (*has_request)(const void *context, uint32_t client, uint32_t n);
    const void *context; /* not owned */
};

/* What report_json writes, with the lists of what was chosen. False if writing failed or memory ran
 * out (json.c). */
bool json_write(FILE *out, const struct report_run *run, const struct json_choice *choice);

/* [{...}], one for each link, node, promise, expectation (json_lists.c). */
json_t *json_links(const struct report_run *run, const struct json_choice *choice);
json_t *json_nodes(const struct report_run *run, const struct json_choice *choice);
json_t *json_promises(const struct verdict *verdict);
json_t *json_expectations(const struct verdict *verdict);

/* One of the list of requests (json_lists.c). */
json_t *json_request(const struct scenario *scenario, const struct request_result *request);

#endif
