#include "report/json_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "report/words.h"

/* ---- links and nodes ------------------------------------------------------------------------- */

static json_t *json_link(const struct report_run *run, uint32_t i)
{
    const struct scenario *scenario = run->scenario;
    struct tally_link link = tally_link(&run->verdict->tally, i);
    json_t *value = json_object();
    json_t *reasons = json_object();
    bool good = value != NULL && reasons != NULL;
    uint64_t in_flight;
    uint64_t kernel_drops;

    verdict_link_rest(run->verdict, run->facts, i, &in_flight, &kernel_drops);

    for (uint32_t reason = 1; good && reason < LOSS_REASON_COUNT; reason++) {
        if (link.lost[reason] > 0) {
            json_parts_set(reasons, loss_reason_name((enum loss_reason)reason),
                           json_parts_count(link.lost[reason]), &good);
        }
    }
    json_parts_set(value, "from", json_parts_string(scenario->nodes[scenario_link_from(i)].name),
                   &good);
    json_parts_set(value, "to", json_parts_string(scenario->nodes[scenario_link_to(i)].name),
                   &good);
    json_parts_set(value, "sent", json_parts_count(link.sent), &good);
    json_parts_set(value, "delivered", json_parts_count(link.delivered), &good);
    json_parts_set(value, "lost", json_parts_count(tally_link_lost(&link)), &good);
    json_parts_set(value, "lost_by", reasons, &good);
    json_parts_set(value, "duplicated", json_parts_count(link.duplicated), &good);
    json_parts_set(value, "corrupted", json_parts_count(link.corrupted), &good);
    json_parts_set(value, "reordered", json_parts_count(link.reordered), &good);
    json_parts_set(value, "in_flight", json_parts_count(in_flight), &good);
    json_parts_set(value, "kernel_drops", json_parts_count(kernel_drops), &good);
    json_parts_set(value, "bytes", json_parts_count(link.bytes), &good);
    if (!good) {
        json_decref(value);
        return NULL;
    }
    return value;
}

static bool json_has_node(const struct json_choice *choice, uint32_t node)
{
    return choice == NULL || choice->has_node(choice->context, node);
}

json_t *json_links(const struct report_run *run, const struct json_choice *choice)
{
    json_t *links = json_array();

    for (uint32_t i = 0; links != NULL && i < run->scenario->link_count; i++) {
        if (json_has_node(choice, scenario_link_from(i)) &&
            json_has_node(choice, scenario_link_to(i)) &&
            json_array_append_new(links, json_link(run, i)) != 0) {
            json_decref(links);
            links = NULL;
        }
    }
    return links;
}

static const char *json_kind_name(enum node_kind kind)
{
    switch (kind) {
    case NODE_KIND_BROKER:
        return "broker";
    case NODE_KIND_SERVER:
        return "server";
    case NODE_KIND_CLIENT:
        return "client";
    }
    return "";
}

/* The counts that nodes of its kind have. */
static void json_set_counts(json_t *value, enum node_kind kind, const struct tally_node *node,
                            bool *good)
{
    switch (kind) {
    case NODE_KIND_BROKER:
        json_parts_set(value, "tries", json_parts_count(node->tries), good);
        json_parts_set(value, "retries", json_parts_count(node->retries), good);
        break;
    case NODE_KIND_SERVER:
        json_parts_set(value, "executions", json_parts_count(node->executions), good);
        break;
    case NODE_KIND_CLIENT:
        json_parts_set(value, "requests", json_parts_count(node->begun), good);
        json_parts_set(value, "answered", json_parts_count(node->answered), good);
        json_parts_set(value, "error", json_parts_count(node->error), good);
        json_parts_set(value, "timed-out", json_parts_count(node->timed_out), good);
        json_parts_set(value, "cancelled", json_parts_count(node->cancelled), good);
        json_parts_set(value, "tries", json_parts_count(node->tries), good);
        json_parts_set(value, "retries", json_parts_count(node->retries), good);
        json_parts_set(value, "executions", json_parts_count(node->executions), good);
        json_parts_set(value, "wrong", json_parts_count(node->wrong), good);
        break;
    }
}

static json_t *json_node(const struct report_run *run, uint32_t i)
{
    const struct scenario_node *node = &run->scenario->nodes[i];
    struct tally_node tally = tally_node(&run->verdict->tally, i);
    const struct node_facts *facts = &run->facts->nodes[i];
    bool real = run->facts->world == WORLD_REAL;
    json_t *value = json_object();
    json_t *rejected = json_object();
    bool good = value != NULL && rejected != NULL;

    for (uint32_t reason = 1; good && reason < REJECT_REASON_COUNT; reason++) {
        if (tally.rejected[reason] > 0) {
            json_parts_set(rejected, reject_reason_name((enum reject_reason)reason),
                           json_parts_count(tally.rejected[reason]), &good);
        }
    }
    json_parts_set(value, "name", json_parts_string(node->name), &good);
    json_parts_set(value, "kind", json_string(json_kind_name(node->kind)), &good);
    json_parts_set(value, "port", real ? json_integer(facts->port) : json_null(), &good);
    json_parts_set(value, "cpu", real && facts->cpu >= 0 ? json_integer(facts->cpu) : json_null(),
                   &good);
    json_set_counts(value, node->kind, &tally, &good);
    json_parts_set(value, "rejected", rejected, &good);
    json_parts_set(value, "kernel_drops", json_parts_count(facts->kernel_drops), &good);
    json_parts_set(value, "in_flight", json_parts_count(facts->in_flight), &good);
    json_parts_set(value, "unread", json_parts_count(facts->unread), &good);
    json_parts_set(value, "foreign", json_parts_count(facts->foreign), &good);
    if (!good) {
        json_decref(value);
        return NULL;
    }
    return value;
}

json_t *json_nodes(const struct report_run *run, const struct json_choice *choice)
{
    json_t *nodes = json_array();

    for (uint32_t i = 0; nodes != NULL && i < run->scenario->node_count; i++) {
        if (json_has_node(choice, i) && json_array_append_new(nodes, json_node(run, i)) != 0) {
            json_decref(nodes);
            nodes = NULL;
        }
    }
    return nodes;
}

/* ---- what was judged ------------------------------------------------------------------------- */

static const char *json_verdict_name(enum promise_verdict verdict)
{
    switch (verdict) {
    case PROMISE_KEPT:
        return "kept";
    case PROMISE_BROKEN:
        return "broken";
    case PROMISE_NOT_JUDGED:
        return "not-judged";
    }
    return "";
}

json_t *json_promises(const struct verdict *verdict)
{
    json_t *promises = json_array();
    bool good = promises != NULL;

    for (unsigned i = 0; good && i < PROMISE_COUNT; i++) {
        const struct promise_result *result = &verdict->promises[i];
        json_t *value = json_pack("{s:s,s:s,s:o}", "name", promise_name((enum promise)i), "verdict",
                                  json_verdict_name(result->verdict), "detail",
                                  json_parts_string(result->detail));
        good = json_array_append_new(promises, value) == 0;
    }
    if (!good) {
        json_decref(promises);
        return NULL;
    }
    return promises;
}

/* The measured value: an integer, a real, a word or text as shown, or null where there is none. */
static json_t *json_expectation_value(const struct expectation *expectation,
                                      const struct expectation_result *result)
{
    if (expectation->kind != EXPECT_METRIC) {
        return json_parts_string(result->shown);
    }
    if (!result->exists || !isfinite(result->value)) {
        return json_null();
    }
    if (expectation->unit != UNIT_PERCENT && result->value == floor(result->value) &&
        fabs(result->value) < 9e15) {
        return json_integer((json_int_t)result->value);
    }
    return json_real(result->value);
}

json_t *json_expectations(const struct verdict *verdict)
{
    const struct scenario *scenario = verdict->scenario;
    json_t *expectations = json_array();
    bool good = expectations != NULL;

    for (uint32_t i = 0; good && i < scenario->expectation_count; i++) {
        const struct expectation *expectation = &scenario->expectations[i];
        const struct expectation_result *result = &verdict->expectations[i];
        json_t *value = json_pack(
            "{s:i,s:o,s:o,s:b,s:o,s:o,s:o}", "line", (int)expectation->line, "label",
            json_parts_string(expectation->label), "text", json_parts_string(expectation->text),
            "held", (int)result->held, "value", json_expectation_value(expectation, result),
            "shown", json_parts_string(result->shown), "why", json_parts_string(result->why));
        good = json_array_append_new(expectations, value) == 0;
    }
    if (!good) {
        json_decref(expectations);
        return NULL;
    }
    return expectations;
}

json_t *json_request(const struct scenario *scenario, const struct request_result *request)
{
    const char *op = request->op == OP_UNKNOWN
                         ? words_request_op(scenario, request->client, request->n)
                         : op_name((enum op)request->op);
    char id[17];

    snprintf(id, sizeof id, "%016" PRIx64, request->id);
    return json_pack(
        "{s:o,s:I,s:o,s:o,s:s,s:o,s:i,s:I,s:o,s:o,s:b,s:b}", "client",
        json_parts_string(scenario->nodes[request->client].name), "n", (json_int_t)request->n, "op",
        json_parts_string(op != NULL ? op : op_name(OP_UNKNOWN)), "id",
        request->id == 0 ? json_null() : json_string(id), "outcome",
        outcome_name((enum outcome)request->outcome), "code",
        request->code == 0 ? json_null() : json_integer(request->code), "tries",
        (int)request->tries, "executions", (json_int_t)request->executions, "begin_ns",
        json_parts_count(request->begin_ns), "latency_ns", json_parts_count(request->latency_ns),
        "wrong", (int)request->wrong, "undecided", (int)request->undecided);
}
