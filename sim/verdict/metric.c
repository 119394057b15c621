#include "verdict/metric.h"

#include "verdict/judge_counts.h"

/* ---- what is selected ------------------------------------------------------------------------ */

bool metric_selects_node(const struct expectation *expectation, uint32_t node)
{
    return expectation->of != OF_NODES || scenario_in_bitmap(expectation->bitmap, node);
}

bool metric_selects_link(const struct expectation *expectation, uint32_t link)
{
    bool at_receiver =
        expectation->metric == METRIC_DELIVERED || expectation->metric == METRIC_KERNEL_DROPS;

    switch (expectation->of) {
    case OF_ALL:
    case OF_REQUEST:
        return true;
    case OF_LINKS:
        return scenario_in_bitmap(expectation->bitmap, link);
    case OF_NODES:
        return scenario_in_bitmap(expectation->bitmap,
                                  at_receiver ? scenario_link_to(link) : scenario_link_from(link));
    }
    return false;
}

static bool metric_is_client(const struct scenario *scenario, uint32_t node)
{
    return node > scenario->server_count;
}

/* Whether any node from `first` to `last` is selected by name. */
static bool metric_selects_any(const struct expectation *expectation, uint32_t first, uint32_t last)
{
    if (expectation->of != OF_NODES) {
        return false;
    }
    for (uint32_t node = first; node <= last; node++) {
        if (scenario_in_bitmap(expectation->bitmap, node)) {
            return true;
        }
    }
    return false;
}

/* Whether a node counts for the metric. Without `of`: requests, tries and retries are the clients',
 * executions the servers' (those of a client are kept beside). */
static bool metric_takes_node(const struct metric_view *view, uint32_t node)
{
    const struct scenario *scenario = view->tally->scenario;
    bool executions = view->expectation->metric == METRIC_EXECUTIONS ||
                      view->expectation->metric == METRIC_DUPLICATE_EXECUTIONS;

    if (view->expectation->of == OF_NODES) {
        if (executions && metric_is_client(scenario, node) &&
            metric_selects_any(view->expectation, 1, scenario->server_count)) {
            return false;
        }
        return scenario_in_bitmap(view->expectation->bitmap, node);
    }
    if (view->expectation->metric == METRIC_REJECTED) {
        return true;
    }
    return executions ? !metric_is_client(scenario, node) : metric_is_client(scenario, node);
}

/* ---- counts ---------------------------------------------------------------------------------- */

static uint64_t metric_sum_replies(const struct tally *tally, uint32_t node, unsigned code)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < TALLY_CODES; i++) {
        sum += code == 0 || i == tally_code_index(code) ? TALLY_NODE(tally, node, replies[i]) : 0;
    }
    return sum;
}

static uint64_t metric_sum_errors(const struct tally *tally, uint32_t node, unsigned code)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < TALLY_CODES; i++) {
        sum += code == 0 || i == tally_code_index(code) ? TALLY_NODE(tally, node, errors[i]) : 0;
    }
    return sum;
}

static uint64_t metric_sum_rejected(const struct tally *tally, uint32_t node,
                                    enum reject_reason reason)
{
    uint64_t sum = 0;

    if (reason != REJECT_NONE) {
        return TALLY_NODE(tally, node, rejected[reason]);
    }
    for (uint32_t i = 0; i < REJECT_REASON_COUNT; i++) {
        sum += TALLY_NODE(tally, node, rejected[i]);
    }
    return sum;
}

/* The part that a node adds to a metric of requests. */
static uint64_t metric_of_node(const struct tally *tally, uint32_t node,
                               const struct expectation *expectation)
{
    switch (expectation->metric) {
    case METRIC_ANSWERED:
        return TALLY_NODE(tally, node, answered);
    case METRIC_FAILED:
        return TALLY_NODE(tally, node, error) + TALLY_NODE(tally, node, timed_out) +
               TALLY_NODE(tally, node, cancelled);
    case METRIC_ERROR:
        return TALLY_NODE(tally, node, error);
    case METRIC_TIMED_OUT:
        return TALLY_NODE(tally, node, timed_out);
    case METRIC_CANCELLED:
        return TALLY_NODE(tally, node, cancelled);
    case METRIC_WRONG:
        return TALLY_NODE(tally, node, wrong);
    case METRIC_TRIES:
        return TALLY_NODE(tally, node, tries);
    case METRIC_RETRIES:
        return TALLY_NODE(tally, node, retries);
    case METRIC_EXECUTIONS:
        return TALLY_NODE(tally, node, executions);
    case METRIC_DUPLICATE_EXECUTIONS:
        return TALLY_NODE(tally, node, duplicate_executions);
    case METRIC_REPLIES:
        return metric_sum_replies(tally, node, expectation->code);
    case METRIC_ERRORS:
        return metric_sum_errors(tally, node, expectation->code);
    case METRIC_REJECTED:
        return metric_sum_rejected(tally, node, expectation->reject);
    case METRIC_REQUESTS:
    case METRIC_SENT:
    case METRIC_DELIVERED:
    case METRIC_LOST:
    case METRIC_DUPLICATED:
    case METRIC_CORRUPTED:
    case METRIC_REORDERED:
    case METRIC_KERNEL_DROPS:
    case METRIC_LATENCY_MIN:
    case METRIC_LATENCY_MEAN:
    case METRIC_LATENCY_P50:
    case METRIC_LATENCY_P90:
    case METRIC_LATENCY_P99:
    case METRIC_LATENCY_MAX:
    case METRIC_DURATION:
    case METRIC_TIMING_MARGIN:
    case METRIC_COUNT:
        break;
    }
    return 0;
}

/* The part that a link adds to a metric of datagrams. */
static uint64_t metric_of_link(const struct metric_view *view, uint32_t index, enum metric metric)
{
    struct tally_link link = tally_link(view->tally, index);
    enum loss_reason reason = view->expectation->loss;
    uint64_t in_flight;
    uint64_t kernel_drops;

    if (metric == METRIC_SENT) {
        return link.sent;
    }
    if (metric == METRIC_DELIVERED) {
        return link.delivered;
    }
    if (metric == METRIC_LOST) {
        return reason != LOSS_NONE ? link.lost[reason] : tally_link_lost(&link);
    }
    if (metric == METRIC_DUPLICATED) {
        return link.duplicated;
    }
    if (metric == METRIC_CORRUPTED) {
        return link.corrupted;
    }
    if (metric == METRIC_REORDERED) {
        return link.reordered;
    }
    judge_count_link_rest(view->tally, view->facts, index, &in_flight, &kernel_drops);
    return kernel_drops;
}

static uint64_t metric_sum_links(const struct metric_view *view, enum metric metric)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < view->tally->scenario->link_count; i++) {
        if (metric_selects_link(view->expectation, i)) {
            sum += metric_of_link(view, i, metric);
        }
    }
    return sum;
}

/* Of whole sockets, whatever link the dropped datagrams had come by (or none of the run). */
static uint64_t metric_sum_kernel_drops(const struct metric_view *view)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; view->facts->nodes != NULL && i < view->facts->node_count; i++) {
        sum += metric_selects_node(view->expectation, i) ? view->facts->nodes[i].kernel_drops : 0;
    }
    return sum;
}

/* Sums what is begun, or what the scripts hold, over the selected clients. */
static uint64_t metric_sum_requests(const struct scenario *scenario,
                                    const struct expectation *expectation,
                                    const struct tally *begun)
{
    uint32_t first = scenario->server_count + 1;
    bool chosen = metric_selects_any(expectation, first, scenario->node_count - 1);
    uint64_t sum = 0;

    for (uint32_t node = first; node < scenario->node_count; node++) {
        if (!chosen || scenario_in_bitmap(expectation->bitmap, node)) {
            sum += begun != NULL ? TALLY_NODE(begun, node, begun)
                                 : scenario->groups[scenario->nodes[node].index].request_count;
        }
    }
    return sum;
}

uint64_t metric_scripted_requests(const struct scenario *scenario,
                                  const struct expectation *expectation)
{
    return metric_sum_requests(scenario, expectation, NULL);
}

uint64_t metric_requests(const struct metric_view *view)
{
    const struct expectation *expectation = view->expectation;

    if (expectation->of == OF_REQUEST) {
        return 1;
    }
    return metric_sum_requests(view->tally->scenario, expectation,
                               expectation->during ? view->tally : NULL);
}

bool metric_count(const struct metric_view *view, uint64_t *count)
{
    const struct expectation *expectation = view->expectation;
    uint64_t sum = 0;

    if (expectation->metric == METRIC_REQUESTS) {
        *count = metric_requests(view);
        return true;
    }
    if (expectation->metric == METRIC_KERNEL_DROPS) {
        if (expectation->during || expectation->of == OF_REQUEST) {
            return false;
        }
        if (expectation->of != OF_LINKS) {
            *count = metric_sum_kernel_drops(view);
            return true;
        }
    }
    if (metric_is_datagrams(expectation->metric)) {
        *count = metric_sum_links(view, expectation->metric);
        return true;
    }
    for (uint32_t i = 0; i < view->tally->scenario->node_count; i++) {
        if (metric_takes_node(view, i)) {
            sum += metric_of_node(view->tally, i, expectation);
        }
    }
    *count = sum;
    return true;
}

uint64_t metric_whole(const struct metric_view *view)
{
    return metric_is_datagrams(view->expectation->metric) ? metric_sum_links(view, METRIC_SENT)
                                                          : metric_requests(view);
}

/* ---- times ----------------------------------------------------------------------------------- */

bool metric_time(const struct metric_view *view, uint64_t *time_ns)
{
    const struct latency *latency = view->tally->latency;
    enum metric metric = view->expectation->metric;
    uint64_t value_ns = UINT64_MAX;

    if (metric == METRIC_DURATION) {
        value_ns = view->facts->duration_ns;
    } else if (metric == METRIC_TIMING_MARGIN) {
        value_ns = view->margin_ns;
    } else if (metric == METRIC_LATENCY_MIN) {
        value_ns = latency_min_ns(latency);
    } else if (metric == METRIC_LATENCY_MEAN) {
        value_ns = latency_mean_ns(latency);
    } else if (metric == METRIC_LATENCY_P50) {
        value_ns = latency_quantile_ns(latency, 0.5);
    } else if (metric == METRIC_LATENCY_P90) {
        value_ns = latency_quantile_ns(latency, 0.9);
    } else if (metric == METRIC_LATENCY_P99) {
        value_ns = latency_quantile_ns(latency, 0.99);
    } else if (metric == METRIC_LATENCY_MAX) {
        value_ns = latency_max_ns(latency);
    }
    if (value_ns == UINT64_MAX) {
        return false;
    }
    *time_ns = value_ns;
    return true;
}
