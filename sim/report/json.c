#include "report/json_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define JSON_STYLE (JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15))

/* ---- values ---------------------------------------------------------------------------------- */

json_t *json_parts_string(const char *text)
{
    size_t size = text == NULL ? 0 : strlen(text);
    size_t length = 0;
    char *clean;
    json_t *value;

    if (text == NULL) {
        return json_null();
    }
    clean = malloc(2 * size + 1);
    if (clean == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < size;) {
        const uint8_t *bytes = (const uint8_t *)text + i;
        size_t taken = bytes_utf8_size(bytes, size - i);
        if (taken > 0) {
            memcpy(clean + length, bytes, taken);
            length += taken;
        } else {
            taken = 1;
            clean[length++] = (char)(0xc0 | bytes[0] >> 6);
            clean[length++] = (char)(0x80 | (bytes[0] & 0x3f));
        }
        i += taken;
    }
    value = json_stringn(clean, length);
    free(clean);
    return value;
}

json_t *json_parts_count(uint64_t count)
{
    return count == UINT64_MAX ? json_null() : json_integer((json_int_t)count);
}

json_t *json_parts_real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

void json_parts_set(json_t *object, const char *key, json_t *value, bool *good)
{
    if (json_object_set_new(object, key, value) != 0) {
        *good = false;
    }
}

/* ---- the object ------------------------------------------------------------------------------ */

static const char *json_end_name(enum run_end end)
{
    switch (end) {
    case RUN_DONE:
        return "done";
    case RUN_TIME_LIMIT:
        return "time-limit";
    case RUN_SIGNAL:
        return "signal";
    }
    return "";
}

/* What a repetition, or a change elsewhere, can differ in, at most 20 sentences. */
static json_t *json_exceptions(const struct report_run *run)
{
    json_t *list = json_array();
    char sentence[200];

    for (uint32_t i = 0;
         list != NULL && i < 20 && totals_exception(run->scenario, run->facts, i, sentence); i++) {
        if (json_array_append_new(list, json_parts_string(sentence)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* Everything but the list of requests; NULL if memory ran out. */
static json_t *json_head(const struct report_run *run, const struct json_choice *choice)
{
    const struct scenario *scenario = run->scenario;
    const struct verdict *verdict = run->verdict;
    const struct run_facts *facts = run->facts;
    json_t *head = json_object();
    struct totals totals;
    char seed[24];
    bool good = true;

    if (head == NULL) {
        return NULL;
    }
    totals_of_run(&totals, verdict, facts);
    snprintf(seed, sizeof seed, "%" PRIu64, scenario->seed);
    json_parts_set(head, "scenario", json_parts_string(scenario->path), &good);
    json_parts_set(head, "title", json_parts_string(scenario->title), &good);
    json_parts_set(head, "version", json_string(SIMRUN_VERSION), &good);
    json_parts_set(head, "seed", json_string(seed), &good);
    json_parts_set(head, "world", json_string(facts->world == WORLD_REAL ? "real" : "virtual"),
                   &good);
    json_parts_set(head, "placement",
                   facts->placement[0] == '\0' ? json_null() : json_parts_string(facts->placement),
                   &good);
    json_parts_set(head, "command", json_parts_string(run->command), &good);
    json_parts_set(head, "passed", json_boolean(verdict->passed), &good);
    json_parts_set(head, "status", json_integer(run->status), &good);
    json_parts_set(head, "end", json_string(json_end_name(facts->end)), &good);
    json_parts_set(head, "duration_ns", json_parts_count(facts->duration_ns), &good);
    json_parts_set(head, "undecided", json_parts_count(verdict->undecided), &good);
    json_parts_set(head, "exceptions", json_exceptions(run), &good);
    json_parts_set(head, "metrics", json_metrics(run, &totals), &good);
    json_parts_set(head, "theory", json_theory(verdict), &good);
    json_parts_set(head, "theory_why",
                   verdict->theory_holds ? json_null() : json_parts_string(verdict->theory_why),
                   &good);
    json_parts_set(head, "expectations", json_expectations(verdict), &good);
    json_parts_set(head, "promises", json_promises(verdict), &good);
    json_parts_set(head, "links", json_links(run, choice), &good);
    json_parts_set(head, "nodes", json_nodes(run, choice), &good);
    if (!good) {
        json_decref(head);
        return NULL;
    }
    return head;
}

/* Written one by one: a run of a million requests must not be held twice. */
static bool json_write_requests(FILE *out, const struct report_run *run,
                                const struct json_choice *choice)
{
    const struct verdict *verdict = run->verdict;
    bool first = true;

    if (fputs(",\"requests\":[", out) == EOF) {
        return false;
    }
    for (uint64_t i = 0; i < verdict->request_count; i++) {
        const struct request_result *result = &verdict->requests[i];
        if (choice != NULL && !choice->has_request(choice->context, result->client, result->n)) {
            continue;
        }
        json_t *request = json_request(run->scenario, result);
        bool good = request != NULL && (first || fputc(',', out) != EOF) &&
                    json_dumpf(request, out, JSON_STYLE) == 0;
        json_decref(request);
        if (!good) {
            return false;
        }
        first = false;
    }
    return fputc(']', out) != EOF;
}

bool json_write(FILE *out, const struct report_run *run, const struct json_choice *choice)
{
    json_t *head = json_head(run, choice);
    bool good = head != NULL && fputc('{', out) != EOF &&
                json_dumpf(head, out, JSON_STYLE | JSON_EMBED) == 0;

    json_decref(head);
    if (good && run->verdict->options.keep_requests && !run->facts->trace_off) {
        good = json_write_requests(out, run, choice);
    }
    return good && fputs("}\n", out) != EOF && fflush(out) == 0 && !ferror(out);
}

bool report_json(FILE *out, const struct report_run *run)
{
    return json_write(out, run, NULL);
}
