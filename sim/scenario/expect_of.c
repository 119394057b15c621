#include "scenario/expect_parts.h"

#include <string.h>

/* Of whom a metric can be. */
enum expect_fit { FIT_NOTHING, FIT_CLIENTS, FIT_SENDERS, FIT_EXECUTORS, FIT_NODES, FIT_LINKS };

static enum expect_fit expect_fit_of(enum metric metric)
{
    switch (metric) {
    case METRIC_REQUESTS:
    case METRIC_ANSWERED:
    case METRIC_FAILED:
    case METRIC_ERROR:
    case METRIC_TIMED_OUT:
    case METRIC_CANCELLED:
    case METRIC_WRONG:
    case METRIC_REPLIES:
    case METRIC_ERRORS:
    case METRIC_LATENCY_MIN:
    case METRIC_LATENCY_MEAN:
    case METRIC_LATENCY_P50:
    case METRIC_LATENCY_P90:
    case METRIC_LATENCY_P99:
    case METRIC_LATENCY_MAX:
        return FIT_CLIENTS;
    case METRIC_TRIES:
    case METRIC_RETRIES:
        return FIT_SENDERS;
    case METRIC_EXECUTIONS:
    case METRIC_DUPLICATE_EXECUTIONS:
        return FIT_EXECUTORS;
    case METRIC_REJECTED:
    case METRIC_KERNEL_DROPS:
        return FIT_NODES;
    case METRIC_SENT:
    case METRIC_DELIVERED:
    case METRIC_LOST:
    case METRIC_DUPLICATED:
    case METRIC_CORRUPTED:
    case METRIC_REORDERED:
        return FIT_LINKS;
    case METRIC_DURATION:
    case METRIC_TIMING_MARGIN:
    case METRIC_COUNT:
        break;
    }
    return FIT_NOTHING;
}

static const char *expect_fit_words(enum expect_fit fit)
{
    switch (fit) {
    case FIT_NOTHING:
        return "the whole run";
    case FIT_CLIENTS:
        return "clients or a request like c1/3";
    case FIT_SENDERS:
        return "clients, the broker or a request like c1/3";
    case FIT_EXECUTORS:
        return "servers, clients or a request like c1/3";
    case FIT_NODES:
        return "nodes";
    case FIT_LINKS:
        return "links, like clients -> broker";
    }
    return "";
}

static bool expect_node_fits(const struct scenario *scenario, uint32_t node, enum expect_fit fit)
{
    switch (scenario->nodes[node].kind) {
    case NODE_KIND_BROKER:
        return fit == FIT_SENDERS || fit == FIT_NODES;
    case NODE_KIND_SERVER:
        return fit == FIT_EXECUTORS || fit == FIT_NODES;
    case NODE_KIND_CLIENT:
        return fit == FIT_CLIENTS || fit == FIT_SENDERS || fit == FIT_EXECUTORS || fit == FIT_NODES;
    }
    return false;
}

/* What stands behind `of`. */
bool expect_of(struct parse *parse, struct expectation *expectation)
{
    enum expect_fit fit = expect_fit_of(expectation->metric);
    const struct parse_word *word;

    if (!parse_accept(parse, "of")) {
        return true;
    }
    word = parse_peek(parse);
    if (word != NULL && parse_has_arrow(parse)) {
        expectation->of = OF_LINKS;
        if (fit != FIT_LINKS) {
            return parse_error(parse, word, "%s is of %s", metric_name(expectation->metric),
                               expect_fit_words(fit));
        }
        return parse_links(parse, &expectation->bitmap);
    }
    if (word == NULL || fit == FIT_LINKS || fit == FIT_NOTHING) {
        return parse_error(parse, word, "%s is of %s", metric_name(expectation->metric),
                           expect_fit_words(fit));
    }
    if (memchr(word->bytes, '/', word->size) != NULL) {
        if (fit == FIT_NODES) {
            return parse_error(parse, word, "%s is of nodes, not of one request",
                               metric_name(expectation->metric));
        }
        expectation->of = OF_REQUEST;
        return parse_request(parse, &expectation->client, &expectation->n);
    }
    expectation->of = OF_NODES;
    if (!parse_selector(parse, "of whom", &expectation->bitmap)) {
        return false;
    }
    /* What is of nodes is of clients, too: only the others may not fit. */
    for (uint32_t node = 0; node <= parse->scenario->server_count; node++) {
        if (scenario_in_bitmap(expectation->bitmap, node) &&
            !expect_node_fits(parse->scenario, node, fit)) {
            return parse_error(parse, word, "%s is of %s, and %s is none",
                               metric_name(expectation->metric), expect_fit_words(fit),
                               parse->scenario->nodes[node].name);
        }
    }
    return true;
}
