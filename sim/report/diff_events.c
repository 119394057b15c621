#include "report/diff_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define EVENTS_MAX  (UINT32_C(1) << 30) /* as many as a map can hold */
#define EVENTS_SIZE 65535               /* bytes of a datagram, at most */

/* A line of the file, read. */
struct events_line {
    uint64_t t_ns;
    uint64_t n;
    uint64_t try;
    uint32_t node; /* names */
    uint32_t event;
    uint32_t client; /* DIFF_NONE: none */
};

/* What an event counts as; DIFF_COUNT_COUNT: as nothing. */
static enum diff_count events_count(const char *event)
{
    static const struct {
        const char *event;
        enum diff_count count;
    } words[] = {
        {"begin", DIFF_REQUESTS},      {"answered", DIFF_ANSWERED}, {"failed", DIFF_FAILED},
        {"timeout", DIFF_TIMEOUTS},    {"retry", DIFF_RETRIES},     {"execute", DIFF_EXECUTIONS},
        {"send", DIFF_SENT},           {"lost", DIFF_LOST},         {"duplicated", DIFF_DUPLICATED},
        {"corrupted", DIFF_CORRUPTED}, {"deliver", DIFF_DELIVERED}, {"rejected", DIFF_REJECTED}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(event, words[i].event) == 0) {
            return words[i].count;
        }
    }
    return DIFF_COUNT_COUNT;
}

/* ---- requests -------------------------------------------------------------------------------- */

/* The request that a line is about, new or not; NULL: no memory. */
static struct diff_request *events_request(struct diff_trace *trace, const struct events_line *line)
{
    uint64_t key = diff_key(line->client, (uint32_t)line->n);
    uint32_t found = map_get(&trace->by_request, key);

    if (found != MAP_NONE) {
        return &trace->requests[found];
    }
    if (trace->request_count == trace->request_capacity) {
        void *grown =
            array_grow(trace->requests, &trace->request_capacity, sizeof *trace->requests, 64);
        if (grown == NULL) {
            return NULL;
        }
        trace->requests = grown;
    }
    if (!map_put(&trace->by_request, key, trace->request_count)) {
        return NULL;
    }
    struct diff_request *request = &trace->requests[trace->request_count++];
    *request = (struct diff_request){
        .client = line->client, .n = (uint32_t)line->n, .latency_ns = UINT64_MAX};
    return request;
}

static enum outcome events_outcome(const json_t *object)
{
    const char *word = json_string_value(json_object_get(object, "reason"));

    for (unsigned i = OUTCOME_ERROR; word != NULL && i <= OUTCOME_CANCELLED; i++) {
        if (strcmp(word, outcome_name((enum outcome)i)) == 0) {
            return (enum outcome)i;
        }
    }
    return OUTCOME_OPEN;
}

/* What a line says of the request it names. */
static bool events_take_request(struct diff *diff, struct diff_file *file, uint64_t number,
                                const json_t *object, const struct events_line *line,
                                enum diff_count count)
{
    bool own = line->node == line->client;
    struct diff_request *request;
    uint64_t code = 0;

    if (count != DIFF_REQUESTS && count != DIFF_SENT && count != DIFF_EXECUTIONS &&
        count != DIFF_ANSWERED && count != DIFF_FAILED) {
        return true;
    }
    request = events_request(&file->trace, line);
    if (request == NULL) {
        return diff_fail(diff, REPORT_DIFF_FAILED, "no memory is left");
    }
    request->executions += count == DIFF_EXECUTIONS;
    if (count == DIFF_SENT && own && line->try > request->tries) {
        request->tries = (uint32_t)line->try;
    }
    if (count == DIFF_REQUESTS) {
        request->begin_ns = line->t_ns;
    } else if (count == DIFF_ANSWERED) {
        request->outcome = OUTCOME_ANSWERED;
        return diff_get_count(diff, file, number, object, "latency_ns", true, INT64_MAX,
                              &request->latency_ns);
    } else if (count == DIFF_FAILED) {
        request->outcome = (uint8_t)events_outcome(object);
        if (!diff_get_count(diff, file, number, object, "code", false, UINT16_MAX, &code)) {
            return false;
        }
        request->code = (uint32_t)code;
    }
    return true;
}

/* ---- datagrams ------------------------------------------------------------------------------- */

static bool events_add_datagram(struct diff_trace *trace, const struct diff_datagram *datagram)
{
    if (trace->datagram_count == trace->datagram_capacity) {
        void *grown =
            array_grow(trace->datagrams, &trace->datagram_capacity, sizeof *trace->datagrams, 1024);
        if (grown == NULL) {
            return false;
        }
        trace->datagrams = grown;
    }
    trace->datagrams[trace->datagram_count++] = *datagram;
    return true;
}

/* The place of a datagram of nobody's on its link. A copy has its original's. */
static bool events_place(struct diff_trace *trace, struct diff_datagram *datagram)
{
    uint64_t key = diff_key(datagram->from, datagram->to);
    uint32_t before = map_get(&trace->places, key);

    before = before == MAP_NONE ? 0 : before;
    datagram->n = datagram->copy == 0 ? before + 1 : before;
    return map_put(&trace->places, key, datagram->n);
}

/* A datagram is handed to its link, or copied there. */
static bool events_take_sent(struct diff *diff, struct diff_file *file, uint64_t number,
                             const json_t *object, const struct events_line *line)
{
    struct diff_datagram datagram = {.t_ns = line->t_ns,
                                     .client = line->client,
                                     .n = (uint32_t)line->n,
                                     .try = (uint16_t)line->try,
                                     .lost = DIFF_NONE};
    uint64_t copy = 0;
    uint64_t carriage = 0;

    if (!diff_get_name(diff, file, number, object, "from", true, &datagram.from) ||
        !diff_get_name(diff, file, number, object, "to", true, &datagram.to) ||
        !diff_get_count(diff, file, number, object, "copy", true, UINT16_MAX, &copy) ||
        !diff_get_count(diff, file, number, object, "carriage", true, UINT32_MAX, &carriage)) {
        return false;
    }
    datagram.copy = (uint16_t)copy;
    datagram.carriage = (uint32_t)carriage;
    if (line->client == DIFF_NONE && !events_place(&file->trace, &datagram)) {
        return diff_fail(diff, REPORT_DIFF_FAILED, "no memory is left");
    }
    if (!events_add_datagram(&file->trace, &datagram)) {
        return diff_fail(diff, REPORT_DIFF_FAILED, "no memory is left");
    }
    return true;
}

/* What a link did to the datagram of the line before. */
static bool events_take_fate(struct diff *diff, struct diff_file *file, uint64_t number,
                             const json_t *object, const struct events_line *line,
                             const char *event)
{
    struct diff_trace *trace = &file->trace;
    struct diff_datagram *latest =
        trace->datagram_count == 0 ? NULL : &trace->datagrams[trace->datagram_count - 1];
    uint64_t value = 0;

    if (latest == NULL || latest->t_ns != line->t_ns || latest->try != line->try) {
        return diff_fail_line(diff, file, number, "this '%s' follows no 'send' of its datagram",
                              event);
    }
    if (strcmp(event, "lost") == 0) {
        return diff_get_name(diff, file, number, object, "reason", true, &latest->lost);
    }
    if (strcmp(event, "delayed") == 0) {
        if (!diff_get_count(diff, file, number, object, "due_ns", true, INT64_MAX, &value)) {
            return false;
        }
        latest->delay_ns = value > line->t_ns ? value - line->t_ns : 0;
        return true;
    }
    if (json_object_get(object, "bit") == NULL) { /* it was only cut */
        if (!diff_get_count(diff, file, number, object, "size", true, EVENTS_SIZE, &value)) {
            return false;
        }
        latest->damage = (uint32_t)value + EVENTS_SIZE + 1;
        return true;
    }
    if (!diff_get_count(diff, file, number, object, "bit", true, EVENTS_SIZE - 1, &value)) {
        return false;
    }
    latest->damage = (uint32_t)value + 1;
    return true;
}

/* ---- a line ---------------------------------------------------------------------------------- */

static bool events_begin(struct diff *diff, struct diff_file *file)
{
    struct diff_trace *trace = &file->trace;

    if (trace->by_request.slots != NULL) {
        return true;
    }
    if (map_init(&trace->by_request, EVENTS_MAX) != 0 ||
        map_init(&trace->places, EVENTS_MAX) != 0) {
        return diff_fail(diff, REPORT_DIFF_FAILED, "no memory is left");
    }
    return true;
}

static bool events_read_line(struct diff *diff, struct diff_file *file, uint64_t number,
                             const json_t *object, struct events_line *line)
{
    return diff_get_count(diff, file, number, object, "t_ns", true, INT64_MAX, &line->t_ns) &&
           diff_get_count(diff, file, number, object, "n", false, UINT32_MAX, &line->n) &&
           diff_get_count(diff, file, number, object, "try", false, 99, &line->try) &&
           diff_get_name(diff, file, number, object, "node", true, &line->node) &&
           diff_get_name(diff, file, number, object, "event", true, &line->event) &&
           diff_get_name(diff, file, number, object, "client", false, &line->client);
}

bool diff_take_event(struct diff *diff, struct diff_file *file, uint64_t number,
                     const json_t *object)
{
    struct events_line line = {.t_ns = 0};

    if (!events_begin(diff, file) || !events_read_line(diff, file, number, object, &line)) {
        return false;
    }
    char event[DIFF_NAME_MAX]; /* names may move when one is added */
    memcpy(event, diff->names.names[line.event], sizeof event);
    enum diff_count count = events_count(event);
    struct diff_trace *trace = &file->trace;

    if (line.n == 0) {
        line.client = DIFF_NONE;
    }
    trace->events++;
    trace->end_ns = line.t_ns > trace->end_ns ? line.t_ns : trace->end_ns;
    if (count != DIFF_COUNT_COUNT) {
        trace->counts[count]++;
    }
    if (line.client != DIFF_NONE &&
        !events_take_request(diff, file, number, object, &line, count)) {
        return false;
    }
    if (count == DIFF_SENT || count == DIFF_DUPLICATED) {
        return events_take_sent(diff, file, number, object, &line);
    }
    if (count == DIFF_LOST || count == DIFF_CORRUPTED || strcmp(event, "delayed") == 0) {
        return events_take_fate(diff, file, number, object, &line, event);
    }
    return true;
}
