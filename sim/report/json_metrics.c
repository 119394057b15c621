#include "report/json_parts.h"

#include <math.h>
#include <stdio.h>

/* A metric over the whole run: an integer, or null where it does not exist. */
static json_t *json_metric(const struct report_run *run, enum metric metric)
{
    double value;

    if (!verdict_metric(run->verdict, run->facts, metric, &value) || !isfinite(value)) {
        return json_null();
    }
    return json_integer((json_int_t)llround(value));
}

/* "lost" by reason: "lost.loss", "lost.drop", ... */
static void json_set_part(json_t *metrics, enum metric metric, const char *part, uint64_t count,
                          bool *good)
{
    char key[64];

    snprintf(key, sizeof key, "%s.%s", metric_name(metric), part);
    json_parts_set(metrics, key, json_parts_count(count), good);
}

/* By code; what is none of the known ones is ".other". */
static void json_set_codes(json_t *metrics, enum metric metric, const uint64_t counts[TALLY_CODES],
                           bool *good)
{
    char part[16];

    for (uint32_t i = 0; i < TALLY_CODES; i++) {
        unsigned code = tally_code(i);
        snprintf(part, sizeof part, "%u", code);
        json_set_part(metrics, metric, code == 0 ? "other" : part, counts[i], good);
    }
}

/* A metric that has parts, and its parts behind it. */
static void json_set_parts(json_t *metrics, enum metric metric, const struct totals *totals,
                           bool *good)
{
    if (metric == METRIC_REPLIES) {
        json_set_codes(metrics, metric, totals->replies, good);
    } else if (metric == METRIC_ERRORS) {
        json_set_codes(metrics, metric, totals->errors, good);
    } else if (metric == METRIC_REJECTED) {
        for (uint32_t i = 1; i < REJECT_REASON_COUNT; i++) {
            json_set_part(metrics, metric, reject_reason_name((enum reject_reason)i),
                          totals->rejected[i], good);
        }
    } else if (metric == METRIC_LOST) {
        for (uint32_t i = 1; i < LOSS_REASON_COUNT; i++) {
            json_set_part(metrics, metric, loss_reason_name((enum loss_reason)i),
                          totals->links.lost[i], good);
        }
    }
}

json_t *json_metrics(const struct report_run *run, const struct totals *totals)
{
    json_t *metrics = json_object();
    bool good = metrics != NULL;
    char key[64];

    for (unsigned i = 0; good && i < METRIC_COUNT; i++) {
        enum metric metric = (enum metric)i;
        snprintf(key, sizeof key, "%s%s", metric_name(metric), metric_is_time(metric) ? "_ns" : "");
        json_parts_set(metrics, key, json_metric(run, metric), &good);
        json_set_parts(metrics, metric, totals, &good);
    }
    if (!good) {
        json_decref(metrics);
        return NULL;
    }
    return metrics;
}

/* ---- theory ---------------------------------------------------------------------------------- */

/* Named reals, in their order. */
struct json_real_field {
    const char *key;
    double value;
};

static json_t *json_reals(const struct json_real_field *fields, size_t count)
{
    json_t *object = json_object();
    bool good = object != NULL;

    for (size_t i = 0; good && i < count; i++) {
        json_parts_set(object, fields[i].key, json_parts_real(fields[i].value), &good);
    }
    if (!good) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* What holds for each request, where all are alike. */
static json_t *json_theory_each(const struct theory *each)
{
    const struct json_real_field fields[] = {{"answered", each->answered},
                                             {"tries", each->tries_mean},
                                             {"datagrams", each->datagrams},
                                             {"executions", each->executions},
                                             {"executed_twice", each->executed_twice}};
    json_t *value = json_reals(fields, sizeof fields / sizeof fields[0]);
    json_t *hops = json_array();
    bool good = value != NULL && hops != NULL;

    for (unsigned hop = 0; good && hop < 4; hop++) {
        good = json_array_append_new(hops, json_parts_real(each->hop_loss[hop])) == 0;
    }
    json_parts_set(value, "tries_max", json_integer((json_int_t)each->tries), &good);
    json_parts_set(value, "hop_loss", hops, &good);
    if (!good) {
        json_decref(value);
        return NULL;
    }
    return value;
}

json_t *json_theory(const struct verdict *verdict)
{
    const struct theory_total *total = &verdict->theory;
    const struct json_real_field fields[] = {
        {"requests", total->requests},          {"answered", total->answered_mean},
        {"tries", total->tries_mean},           {"datagrams", total->datagrams_mean},
        {"executions", total->executions_mean}, {"executed_twice", total->executed_twice_mean}};
    json_t *theory;
    bool good = true;

    if (!verdict->theory_holds) {
        return json_null();
    }
    theory = json_reals(fields, sizeof fields / sizeof fields[0]);
    json_parts_set(theory, "per_request",
                   total->uniform ? json_theory_each(&total->each) : json_null(), &good);
    if (!good) {
        json_decref(theory);
        return NULL;
    }
    return theory;
}
