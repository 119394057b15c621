#include "report/diff_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading a run --------------------------------------------------------------------------- */

static bool runs_read_outcome(struct diff *diff, const struct diff_file *file, uint64_t line,
                              const json_t *object, uint8_t *outcome)
{
    const char *word = json_string_value(json_object_get(object, "outcome"));

    for (unsigned i = OUTCOME_OPEN; word != NULL && i <= OUTCOME_CANCELLED; i++) {
        if (strcmp(word, outcome_name((enum outcome)i)) == 0) {
            *outcome = (uint8_t)i;
            return true;
        }
    }
    return diff_fail_line(diff, file, line, "a request has no 'outcome' that is known");
}

static bool runs_read_request(struct diff *diff, const struct diff_file *file, uint64_t line,
                              const json_t *object, struct diff_request *request)
{
    uint64_t values[6] = {0, 0, 0, 0, 0, UINT64_MAX};
    static const char *const keys[6] = {"n",    "tries",    "executions",
                                        "code", "begin_ns", "latency_ns"};

    if (!json_is_object(object)) {
        return diff_fail_line(diff, file, line, "an item of 'requests' is no object");
    }
    for (unsigned i = 0; i < 6; i++) {
        uint64_t max = i < 4 ? UINT32_MAX : INT64_MAX;
        if (!diff_get_count(diff, file, line, object, keys[i], i < 3, max, &values[i])) {
            return false;
        }
    }
    *request =
        (struct diff_request){.n = (uint32_t)values[0],
                              .tries = (uint32_t)values[1],
                              .executions = (uint32_t)values[2],
                              .code = (uint32_t)values[3],
                              .begin_ns = values[4],
                              .latency_ns = values[5],
                              .undecided = json_is_true(json_object_get(object, "undecided"))};
    return runs_read_outcome(diff, file, line, object, &request->outcome) &&
           diff_get_name(diff, file, line, object, "client", true, &request->client);
}

static bool runs_read_requests(struct diff *diff, const struct diff_file *file, uint64_t line,
                               const json_t *object, struct diff_run *run)
{
    const json_t *list = json_object_get(object, "requests");
    size_t count = json_array_size(list);

    run->has_requests = list != NULL && !json_is_null(list);
    if (!run->has_requests) {
        return true;
    }
    if (!json_is_array(list) || count > UINT32_MAX / 2) {
        return diff_fail_line(diff, file, line, "'requests' is no list");
    }
    run->requests = calloc(count + 1, sizeof *run->requests);
    if (run->requests == NULL) {
        return diff_fail(diff, REPORT_DIFF_FAILED, "no memory is left");
    }
    for (size_t i = 0; i < count; i++) {
        if (!runs_read_request(diff, file, line, json_array_get(list, i), &run->requests[i])) {
            return false;
        }
        run->request_count++;
    }
    return true;
}

/* The parts that are told of without being read into something of our own. */
static bool runs_check_head(struct diff *diff, const struct diff_file *file, uint64_t line,
                            const json_t *object)
{
    static const char *const texts[] = {"scenario", "title", "version", "seed", "world", "command"};
    const char *key;
    json_t *value;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        value = json_object_get(object, texts[i]);
        if (value != NULL && !json_is_null(value) && !json_is_string(value)) {
            return diff_fail_line(diff, file, line, "'%s' is no text", texts[i]);
        }
    }
    if (!json_is_object(json_object_get(object, "metrics"))) {
        return diff_fail_line(diff, file, line, "'metrics' is no object");
    }
    json_object_foreach(json_object_get(object, "metrics"), key, value)
    {
        if (!json_is_null(value) && (!json_is_integer(value) || json_integer_value(value) < 0)) {
            return diff_fail_line(diff, file, line, "a metric is neither a whole number nor null");
        }
    }
    return true;
}

bool diff_take_run(struct diff *diff, struct diff_file *file, uint64_t line, json_t *object)
{
    struct diff_run *runs = realloc(file->runs, (file->run_count + 1u) * sizeof *runs);

    if (runs == NULL) {
        return diff_fail(diff, REPORT_DIFF_FAILED, "no memory is left");
    }
    file->runs = runs;
    struct diff_run *run = &runs[file->run_count++];
    *run = (struct diff_run){.head = json_incref(object), .line = line};
    if (!runs_check_head(diff, file, line, object) ||
        !runs_read_requests(diff, file, line, object, run)) {
        return false;
    }
    (void)json_object_del(object, "requests"); /* the largest: they are kept in fewer bytes */
    (void)json_object_del(object, "links");
    (void)json_object_del(object, "nodes");
    return true;
}

/* ---- which two ------------------------------------------------------------------------------- */

static const char *runs_text(const struct diff_run *run, const char *key)
{
    const char *text = json_string_value(json_object_get(run->head, key));
    return text == NULL ? "" : text;
}

static bool runs_same(const struct diff_run *a, const struct diff_run *b, const char *key)
{
    return strcmp(runs_text(a, key), runs_text(b, key)) == 0;
}

/* The first of A that has its like in B: of the same scenario, and of the same seed if any is.
 * False: none has. */
static bool runs_choose(const struct diff *diff, const struct diff_run **a,
                        const struct diff_run **b)
{
    const struct diff_file *files = diff->files;

    *a = &files[0].runs[0];
    *b = &files[1].runs[0];
    if (files[0].run_count == 1 && files[1].run_count == 1) {
        return true;
    }
    for (int seeds = 1; seeds >= 0; seeds--) {
        for (uint32_t i = 0; i < files[0].run_count; i++) {
            for (uint32_t k = 0; k < files[1].run_count; k++) {
                *a = &files[0].runs[i];
                *b = &files[1].runs[k];
                if (runs_same(*a, *b, "scenario") && (seeds == 0 || runs_same(*a, *b, "seed"))) {
                    return true;
                }
            }
        }
    }
    return false;
}

/* ---- telling --------------------------------------------------------------------------------- */

static void runs_tell_one(struct diff *diff, const struct diff_file *file,
                          const struct diff_run *run)
{
    struct out *out = &diff->out;
    char letter[2] = {file->letter, '\0'};

    out_painted(out, OUT_BOLD, letter);
    out_text(out, "  ");
    out_cut(out, OUT_WIDTH - 30, file->path, true);
    if (file->run_count > 1) {
        out_format(out, ", line %" PRIu64 " of %" PRIu32, run->line, file->run_count);
    }
    out_line(out);
    out_pad_to(out, 3);
    if (runs_text(run, "title")[0] != '\0') {
        out_wrap_format(out, 3, "\"%.200s\"", runs_text(run, "title"));
        out_line(out);
        out_pad_to(out, 3);
    }
    out_wrap_format(out, 3, "%.500s, seed %.20s, %.20s world", runs_text(run, "scenario"),
                    runs_text(run, "seed"), runs_text(run, "world"));
    out_line(out);
    out_pad_to(out, 3);
    out_command(out, 7, runs_text(run, "command"));
    out_line(out);
}

/* What there is to know before anything is compared. */
static void runs_tell_warnings(struct diff *diff, const struct diff_run *a,
                               const struct diff_run *b)
{
    struct out *out = &diff->out;
    const char *text = NULL;

    bool random = strcmp(runs_text(a, "scenario"), "random") == 0; /* the seed makes the scenario */

    if ((!runs_same(a, b, "scenario") && !runs_same(a, b, "title")) ||
        (random && !runs_same(a, b, "seed"))) {
        text = "These are runs of two scenarios: what is compared may have little in common.";
    } else if (!runs_same(a, b, "seed")) {
        text = "The seeds differ, and so every draw: what parts the runs may be chance alone.";
    } else if (!runs_same(a, b, "version")) {
        text = "The versions of simrun differ: the same seed may mean other draws.";
    }
    if (text != NULL) {
        out_line(out);
        out_paint(out, OUT_WARN);
        out_wrap(out, 0, text);
        out_paint(out, OUT_PLAIN);
        out_line(out);
    }
}

/* An item of a list that has this member of this text; NULL: none. */
static const json_t *runs_find(const json_t *list, const char *key, const json_t *text)
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        if (text != NULL && json_equal(json_object_get(item, key), text)) {
            return item;
        }
    }
    return NULL;
}

static void runs_tell_item(struct out *out, uint32_t *count, const char *name, const char *a,
                           const char *b)
{
    if (*count == 0) {
        out_heading(out, "Expectations and promises");
        out_line(out);
    }
    ++*count;
    out_pad_to(out, 2);
    out_wrap_format(out, 4, "%.300s: %.120s in A, %.120s in B", name == NULL ? "?" : name, a, b);
    out_line(out);
}

/* "held (399 of 400)" */
static void runs_say_held(char text[160], const json_t *expectation)
{
    const char *shown = json_string_value(json_object_get(expectation, "shown"));
    bool held = json_is_true(json_object_get(expectation, "held"));

    snprintf(text, 160, "%s%s%.100s%s", held ? "held" : "failed", shown == NULL ? "" : " (",
             shown == NULL ? "" : shown, shown == NULL ? "" : ")");
}

/* Expectations that held in one of the runs, and promises that were broken in one. Whether there
 * are any. */
static bool runs_tell_judged(struct diff *diff, const struct diff_run *a, const struct diff_run *b)
{
    const json_t *lists[2] = {json_object_get(b->head, "expectations"),
                              json_object_get(b->head, "promises")};
    uint32_t count = 0;
    size_t i;
    json_t *item;

    json_array_foreach(json_object_get(a->head, "expectations"), i, item)
    {
        const json_t *other = runs_find(lists[0], "text", json_object_get(item, "text"));
        char said[2][160];
        if (other == NULL || json_is_true(json_object_get(item, "held")) ==
                                 json_is_true(json_object_get(other, "held"))) {
            continue;
        }
        runs_say_held(said[0], item);
        runs_say_held(said[1], other);
        runs_tell_item(&diff->out, &count, json_string_value(json_object_get(item, "text")),
                       said[0], said[1]);
    }
    json_array_foreach(json_object_get(a->head, "promises"), i, item)
    {
        const json_t *other = runs_find(lists[1], "name", json_object_get(item, "name"));
        const char *was = json_string_value(json_object_get(item, "verdict"));
        const char *is = json_string_value(json_object_get(other, "verdict"));
        if (was != NULL && is != NULL && strcmp(was, is) != 0 &&
            (strcmp(was, "broken") == 0 || strcmp(is, "broken") == 0)) {
            runs_tell_item(&diff->out, &count, json_string_value(json_object_get(item, "name")),
                           was, is);
        }
    }
    return count > 0;
}

/* ---- metrics --------------------------------------------------------------------------------- */

static uint64_t runs_metric(const json_t *metrics, const char *key)
{
    const json_t *value = json_object_get(metrics, key);
    return json_is_integer(value) ? (uint64_t)json_integer_value(value) : UINT64_MAX;
}

static void runs_row(struct diff_table *table, const char *key, const json_t *a, const json_t *b)
{
    char name[DIFF_NAME_MAX];
    size_t size = strlen(key);
    bool span = size > 3 && strcmp(key + size - 3, "_ns") == 0;

    snprintf(name, sizeof name, "%.*s", (int)(span ? size - 3 : size), key);
    diff_table_row(table, name, span, runs_metric(a, key), runs_metric(b, key));
}

static bool runs_tell_metrics(struct diff *diff, const struct diff_run *a, const struct diff_run *b)
{
    struct diff_table table = {.out = &diff->out, .heading = "Metrics"};
    json_t *left = json_object_get(a->head, "metrics");
    json_t *right = json_object_get(b->head, "metrics");
    const char *key;
    json_t *value;

    json_object_foreach(left, key, value)
    {
        runs_row(&table, key, left, right);
    }
    json_object_foreach(right, key, value)
    {
        if (json_object_get(left, key) == NULL) {
            runs_row(&table, key, left, right);
        }
    }
    return diff_table_end(&table);
}

static bool runs_tell_requests(struct diff *diff, const struct diff_run *a,
                               const struct diff_run *b)
{
    struct diff_requests requests = {.items = {a->requests, b->requests},
                                     .counts = {a->request_count, b->request_count},
                                     .real = strcmp(runs_text(a, "world"), "real") == 0 ||
                                             strcmp(runs_text(b, "world"), "real") == 0};

    if (!a->has_requests || !b->has_requests) {
        out_heading(&diff->out, "Requests");
        out_line(&diff->out);
        out_pad_to(&diff->out, 2);
        out_wrap_format(&diff->out, 2,
                        "%s ran with --trace off, and does not say how each request ended.",
                        a->has_requests   ? "B"
                        : b->has_requests ? "A"
                                          : "Each run");
        out_line(&diff->out);
        return true;
    }
    return diff_tell_requests(diff, &requests);
}

bool diff_tell_runs(struct diff *diff)
{
    const struct diff_run *a;
    const struct diff_run *b;

    if (!runs_choose(diff, &a, &b)) {
        return diff_fail(diff, REPORT_DIFF_BAD,
                         "no scenario has a run in both files (A has %" PRIu32 " runs, B %" PRIu32
                         "): write each run to a file of its own with --json",
                         diff->files[0].run_count, diff->files[1].run_count);
    }
    runs_tell_one(diff, &diff->files[0], a);
    runs_tell_one(diff, &diff->files[1], b);
    runs_tell_warnings(diff, a, b);
    if (!runs_tell_requests(diff, a, b)) {
        return false;
    }
    if (runs_tell_judged(diff, a, b)) {
        diff->result = REPORT_DIFF_PARTED;
    }
    if (runs_tell_metrics(diff, a, b)) {
        diff->result = REPORT_DIFF_PARTED;
    }
    return true;
}
