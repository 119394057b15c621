#include "report/only.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define ONLY_SHOWN_MAX 48 /* bytes of a word in an error, made safe */

/* One item of the text: what stands between two commas. */
struct only_item {
    const char *bytes;
    size_t size;
    char shown[ONLY_SHOWN_MAX]; /* for errors */
};

/* ---- ranges ---------------------------------------------------------------------------------- */

static int only_compare_ranges(const void *a, const void *b)
{
    const struct report_only_range *left = a;
    const struct report_only_range *right = b;

    if (left->client != right->client) {
        return left->client < right->client ? -1 : 1;
    }
    return left->first == right->first ? 0 : left->first < right->first ? -1 : 1;
}

/* Sorts the ranges, and makes one of those that overlap. */
static void only_merge_ranges(struct report_only *only)
{
    uint32_t kept = 0;

    if (only->range_count == 0) {
        return;
    }
    qsort(only->ranges, only->range_count, sizeof only->ranges[0], only_compare_ranges);
    for (uint32_t i = 1; i < only->range_count; i++) {
        struct report_only_range *last = &only->ranges[kept];
        const struct report_only_range *next = &only->ranges[i];
        if (next->client == last->client && next->first <= last->last) {
            last->last = next->last > last->last ? next->last : last->last;
        } else {
            only->ranges[++kept] = *next;
        }
    }
    only->range_count = kept + 1;
}

/* The last range that begins at or before request n of the client, or before all of it; NULL if
 * there is none. */
static const struct report_only_range *only_find_range(const struct report_only *only,
                                                       uint32_t client, uint32_t n)
{
    uint32_t low = 0;
    uint32_t high = only->range_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct report_only_range *range = &only->ranges[middle];
        if (range->client < client || (range->client == client && range->first <= n)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? &only->ranges[low - 1] : NULL;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The number at the front of the bytes; 0 if there is none, or one that no request has. */
static uint32_t only_number(const char **bytes, const char *end)
{
    uint64_t number = 0;

    for (; *bytes < end && **bytes >= '0' && **bytes <= '9'; (*bytes)++) {
        number = number * 10 + (uint64_t)(**bytes - '0');
        number = number < UINT32_MAX ? number : UINT32_MAX;
    }
    return (uint32_t)number;
}

/* Says which requests a client has. */
static void only_explain_count(const char *name, uint32_t count, const struct only_item *item,
                               char error[REPORT_ONLY_ERROR_MAX])
{
    if (count == 0) {
        snprintf(error, REPORT_ONLY_ERROR_MAX, "%s has no requests in its script", name);
    } else if (count == 1) {
        snprintf(error, REPORT_ONLY_ERROR_MAX, "%s has one request, %s/1; there is no '%s'", name,
                 name, item->shown);
    } else {
        snprintf(error, REPORT_ONLY_ERROR_MAX, "%s has requests 1 to %u; there is no '%s'", name,
                 count, item->shown);
    }
}

/* Reads `C/K` or `C/A..B`, whose slash is given. */
static bool only_read_requests(struct report_only *only, const struct only_item *item,
                               const char *slash, char error[REPORT_ONLY_ERROR_MAX])
{
    const struct scenario *scenario = only->scenario;
    const char *end = item->bytes + item->size;
    const char *at = slash + 1;
    uint32_t node = scenario_find_node(scenario, item->bytes, (size_t)(slash - item->bytes));
    struct report_only_range range;
    uint32_t count;

    if (node == NODE_NONE) {
        uint64_t *unused = calloc(scenario->node_count / 64 + 1, sizeof *unused);
        char why[SCENARIO_SELECT_ERROR_MAX] = "memory ran out";
        bool several =
            unused != NULL &&
            scenario_select_item(scenario, item->bytes, (size_t)(slash - item->bytes), unused, why);
        free(unused);
        snprintf(error, REPORT_ONLY_ERROR_MAX, "%s",
                 several ? "requests are those of one client, as in c1/3 or c1/1..3" : why);
        return false;
    }
    if (scenario->nodes[node].kind != NODE_KIND_CLIENT) {
        snprintf(error, REPORT_ONLY_ERROR_MAX, "only clients have requests, and %s is none",
                 scenario->nodes[node].name);
        return false;
    }
    range.client = node;
    range.first = range.last = only_number(&at, end);
    if (end - at > 2 && memcmp(at, "..", 2) == 0) {
        at += 2;
        range.last = only_number(&at, end);
    }
    if (at != end || slash + 1 == end) {
        snprintf(error, REPORT_ONLY_ERROR_MAX,
                 "'%s' is no request and no range of them, as in %s/3 or %s/1..3", item->shown,
                 scenario->nodes[node].name, scenario->nodes[node].name);
        return false;
    }
    count = scenario->groups[scenario->nodes[node].index].request_count;
    if (range.first == 0 || range.first > count || range.last > count) {
        only_explain_count(scenario->nodes[node].name, count, item, error);
        return false;
    }
    if (range.last < range.first) {
        snprintf(error, REPORT_ONLY_ERROR_MAX, "'%s' ends before it begins: %s/%u..%u is meant?",
                 item->shown, scenario->nodes[node].name, range.last, range.first);
        return false;
    }
    only->ranges[only->range_count++] = range;
    return true;
}

static bool only_read_item(struct report_only *only, struct only_item *item,
                           char error[REPORT_ONLY_ERROR_MAX])
{
    const char *slash;
    char why[SCENARIO_SELECT_ERROR_MAX];

    while (item->size > 0 && item->bytes[0] == ' ') {
        item->bytes++;
        item->size--;
    }
    while (item->size > 0 && item->bytes[item->size - 1] == ' ') {
        item->size--;
    }
    if (item->size == 0) {
        snprintf(error, REPORT_ONLY_ERROR_MAX,
                 "a node or a request is missing: write c1, toupper, c1/3 or c1/1..3, with commas "
                 "between them");
        return false;
    }
    bytes_escape(item->shown, sizeof item->shown, (const uint8_t *)item->bytes, item->size);
    slash = memchr(item->bytes, '/', item->size);
    if (slash != NULL) {
        return only_read_requests(only, item, slash, error);
    }
    if (!scenario_select_item(only->scenario, item->bytes, item->size, only->nodes, why)) {
        snprintf(error, REPORT_ONLY_ERROR_MAX, "%s", why);
        return false;
    }
    return true;
}

/* What kinds of nodes were named. */
static void only_note_kinds(struct report_only *only)
{
    const struct scenario *scenario = only->scenario;

    only->has_clients = only->range_count > 0;
    for (uint32_t node = 0; node < scenario->node_count; node++) {
        if (scenario_in_bitmap(only->nodes, node)) {
            bool is_client = scenario->nodes[node].kind == NODE_KIND_CLIENT;
            only->has_clients |= is_client;
            only->has_places |= !is_client;
        }
    }
}

bool report_only_parse(struct report_only *only, const struct scenario *scenario, const char *text,
                       char error[REPORT_ONLY_ERROR_MAX])
{
    size_t items = 1;

    for (const char *at = text; *at != '\0'; at++) {
        items += *at == ',';
    }
    *only = (struct report_only){.scenario = scenario};
    only->nodes = calloc(scenario->node_count / 64 + 1, sizeof *only->nodes);
    only->ranges = calloc(items, sizeof *only->ranges);
    if (only->nodes == NULL || only->ranges == NULL) {
        snprintf(error, REPORT_ONLY_ERROR_MAX, "memory ran out");
        report_only_free(only);
        return false;
    }
    for (size_t i = 0; i < items; i++) {
        struct only_item item = {.bytes = text, .size = strcspn(text, ",")};
        text += item.size + 1;
        if (!only_read_item(only, &item, error)) {
            report_only_free(only);
            return false;
        }
    }
    only_merge_ranges(only);
    only_note_kinds(only);
    return true;
}

void report_only_free(struct report_only *only)
{
    free(only->nodes);
    free(only->ranges);
    *only = (struct report_only){0};
}

/* ---- asking ---------------------------------------------------------------------------------- */

bool report_only_has_request(const struct report_only *only, uint32_t client, uint32_t n)
{
    const struct report_only_range *range;

    if (!only->has_clients || scenario_in_bitmap(only->nodes, client)) {
        return true;
    }
    range = only_find_range(only, client, n);
    return range != NULL && range->client == client && n <= range->last;
}

/* Whether the node was named, or (`by_request`) requests of it. */
static bool only_has_node(const struct report_only *only, uint32_t node, bool by_request)
{
    const struct report_only_range *range;

    if (node == TRACE_NOBODY) {
        return false;
    }
    if (scenario_in_bitmap(only->nodes, node)) {
        return true;
    }
    range = by_request ? only_find_range(only, node, UINT32_MAX) : NULL;
    return range != NULL && range->client == node;
}

/* Whether the record happened at such a node or on one of its links. */
static bool only_touches(const struct report_only *only, const struct trace_record *record,
                         bool by_request)
{
    return only_has_node(only, record->node, by_request) ||
           only_has_node(only, record->from, by_request) ||
           only_has_node(only, record->to, by_request);
}

bool report_only_has(const struct report_only *only, const struct trace_record *record)
{
    enum trace_scope scope = trace_event_scope((enum trace_event)record->event);
    bool known = record->client != TRACE_NOBODY && record->n != 0;

    if (scope == TRACE_OF_NODE || scope == TRACE_OF_NETWORK) {
        return true;
    }
    if (known && !report_only_has_request(only, record->client, record->n)) {
        return false;
    }
    if (only->has_places) {
        return only_touches(only, record, known);
    }
    return known || only_touches(only, record, false);
}

void report_only_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    const struct report_only_sink *sink = context;

    if (sink->only == NULL || report_only_has(sink->only, record)) {
        sink->next.take(sink->next.context, record, bytes);
    }
}
