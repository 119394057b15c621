#include "verdict/theory_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/metric.h"
#include "verdict/theory_path.h"

static bool theory_parts_refuse(char why[160], const char *reason)
{
    snprintf(why, 160, "%s", reason);
    return false;
}

void theory_parts_free(struct theory_parts *parts)
{
    free(parts->parts);
    *parts = (struct theory_parts){0};
}

/* ---- what a try adds ------------------------------------------------------------------------- */

/* The way of one client's requests of one operation, as an expectation looks at it. */
struct theory_way {
    const struct expectation *expectation;
    uint32_t client;
    uint32_t server;
    uint32_t links[4];
    bool of_servers; /* the expectation selects servers by name */
};

/* Datagrams: what each selected hop adds. */
static struct theory_weights theory_weigh_datagrams(const struct theory_way *way)
{
    enum metric metric = way->expectation->metric;
    struct theory_weights weights = {.answered = 0};

    for (uint32_t hop = 0; hop < 4; hop++) {
        if (metric_selects_link(way->expectation, way->links[hop])) {
            weights.lost[hop] = metric == METRIC_SENT || metric == METRIC_LOST;
            weights.passed[hop] = metric == METRIC_SENT || metric == METRIC_DELIVERED;
        }
    }
    return weights;
}

/* Requests, tries, executions. All 0: this way is not selected. */
static struct theory_weights theory_weigh_request(const struct theory_way *way)
{
    const struct expectation *expectation = way->expectation;
    bool of_client = metric_selects_node(expectation, way->client);
    bool of_broker = expectation->of == OF_NODES && metric_selects_node(expectation, NODE_BROKER);
    bool of_server = way->of_servers ? metric_selects_node(expectation, way->server) : of_client;
    struct theory_weights weights = {.answered = 0};

    if (expectation->metric == METRIC_TRIES || expectation->metric == METRIC_RETRIES) {
        weights.lost[0] = weights.passed[0] = of_client;
        weights.lost[1] = weights.passed[1] = of_broker;
    } else if (expectation->metric == METRIC_EXECUTIONS ||
               expectation->metric == METRIC_DUPLICATE_EXECUTIONS) {
        weights.passed[1] = of_server;
    } else {
        weights.answered = of_client;
    }
    return weights;
}

/* P(a request ends with the 504 of a broker that gave up on the last try). */
static double theory_chance_of_504(const struct theory_tries *tries)
{
    const double *loss = tries->hop_loss;
    double unanswered = 1 - (1 - loss[1]) * (1 - loss[2]);
    double of_try = (1 - loss[0]) * pow(unanswered, tries->broker_asks) * (1 - loss[3]);

    return tries->broker_asks == 0
               ? 0
               : pow(1 - theory_chance_of_try(tries), tries->tries - 1) * of_try;
}

/* Turns the spread of what tries add into that of what the metric counts. */
static void theory_finish_spread(enum metric metric, const struct theory_tries *tries,
                                 struct sum_spread *spread)
{
    if (metric == METRIC_FAILED || metric == METRIC_TIMED_OUT) {
        double ended = metric == METRIC_TIMED_OUT ? theory_chance_of_504(tries) : 0;
        double failed = spread->p[0] > ended ? spread->p[0] - ended : 0;
        spread->p[0] = 1 - failed;
        spread->p[1] = failed;
        spread->max = failed > 0;
    } else if (metric == METRIC_DUPLICATE_EXECUTIONS) {
        spread->p[0] += spread->p[1];
        for (uint32_t value = 1; value < spread->max; value++) {
            spread->p[value] = spread->p[value + 1];
        }
        spread->p[spread->max] = 0;
        spread->max -= spread->max > 0;
    }
}

/* ---- parts ----------------------------------------------------------------------------------- */

/* Why theory has nothing to say of the metric; NULL: it has. */
static const char *theory_metric_refusal(const struct expectation *expectation)
{
    if (expectation->kind != EXPECT_METRIC) {
        return "it is about a promise or a single request";
    }
    if (expectation->during) {
        return "it is about all requests, not about those of a window";
    }
    if (expectation->of == OF_REQUEST) {
        return "it is about many requests, not about one";
    }
    switch (expectation->metric) {
    case METRIC_ANSWERED:
    case METRIC_FAILED:
    case METRIC_TIMED_OUT:
    case METRIC_TRIES:
    case METRIC_EXECUTIONS:
    case METRIC_DUPLICATE_EXECUTIONS:
    case METRIC_SENT:
    case METRIC_DELIVERED:
        return NULL;
    case METRIC_RETRIES:
        return expectation->of == OF_NODES && metric_selects_node(expectation, NODE_BROKER)
                   ? "it has no formula for the broker's own retries"
                   : NULL;
    case METRIC_LOST:
        return expectation->loss != LOSS_NONE && expectation->loss != LOSS_LOSS
                   ? "it knows no losses but those of `loss`"
                   : NULL;
    case METRIC_REQUESTS:
    case METRIC_ERROR:
    case METRIC_CANCELLED:
    case METRIC_WRONG:
    case METRIC_REPLIES:
    case METRIC_ERRORS:
    case METRIC_REJECTED:
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
    return "it has no formula for this metric";
}

/* Whether the expectation selects a server by name. */
static bool theory_selects_servers(const struct scenario *scenario,
                                   const struct expectation *expectation)
{
    for (uint32_t i = 0; expectation->of == OF_NODES && i < scenario->server_count; i++) {
        if (scenario_in_bitmap(expectation->bitmap, scenario->servers[i].node)) {
            return true;
        }
    }
    return false;
}

/* What makes parts alike. */
struct theory_part_key {
    struct theory_tries tries;
    struct theory_weights weights;
};

static bool theory_is_alike(const struct theory_part_key *a, const struct theory_part_key *b)
{
    return a->tries.tries == b->tries.tries && a->tries.broker_asks == b->tries.broker_asks &&
           memcmp(a->tries.hop_loss, b->tries.hop_loss, sizeof a->tries.hop_loss) == 0 &&
           memcmp(&a->weights, &b->weights, sizeof a->weights) == 0;
}

/* Adds `count` requests of a kind, to the part of the same kind if there is one. False: no memory.
 */
static bool theory_parts_add(struct theory_parts *parts, struct theory_part_key **keys,
                             const struct theory_part_key *key, enum metric metric, uint64_t count)
{
    for (uint32_t i = 0; i < parts->count; i++) {
        if (theory_is_alike(&(*keys)[i], key)) {
            parts->parts[i].count += count;
            return true;
        }
    }
    size_t larger = (size_t)parts->count + 1;
    struct sum_part *grown = realloc(parts->parts, larger * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    parts->parts = grown;
    struct theory_part_key *grown_keys = realloc(*keys, larger * sizeof *grown_keys);
    if (grown_keys == NULL) {
        return false;
    }
    *keys = grown_keys;
    grown_keys[parts->count] = *key;
    grown[parts->count].count = count;
    theory_spread_of_tries(&key->tries, &key->weights, &grown[parts->count].spread);
    theory_finish_spread(metric, &key->tries, &grown[parts->count].spread);
    parts->count++;
    return true;
}

/* Adds the requests of one operation of a group. */
static bool theory_parts_add_group(const struct scenario *scenario, uint32_t index, enum op op,
                                   const struct expectation *expectation,
                                   struct theory_parts *parts, struct theory_part_key **keys,
                                   char why[160])
{
    const struct scenario_clients *group = &scenario->groups[index];
    const struct scenario_server *server = theory_server_of(scenario, op);
    struct theory_part_key key;
    uint64_t each = theory_requests_of(group, op);

    if (each == 0) {
        return true;
    }
    if (!theory_check_group(scenario, index, op, &key.tries, why)) {
        return false;
    }
    struct theory_way way = {.expectation = expectation,
                             .server = server->node,
                             .of_servers = theory_selects_servers(scenario, expectation)};
    for (uint32_t i = 0; i < group->count; i++) {
        static const struct theory_weights none = {.answered = 0};
        way.client = group->first_node + i;
        theory_path_links(way.client, server, way.links);
        key.weights = metric_is_datagrams(expectation->metric) ? theory_weigh_datagrams(&way)
                                                               : theory_weigh_request(&way);
        if (memcmp(&key.weights, &none, sizeof none) == 0) {
            continue;
        }
        if (expectation->metric == METRIC_RETRIES) {
            parts->shift += each;
        }
        if (!theory_parts_add(parts, keys, &key, expectation->metric, each)) {
            return theory_parts_refuse(why, "there is no memory for it");
        }
    }
    return true;
}

bool theory_parts_of(const struct scenario *scenario, const struct expectation *expectation,
                     struct theory_parts *parts, char why[160])
{
    struct theory_parts made = {.parts = NULL};
    struct theory_part_key *keys = NULL;
    const char *refusal = theory_metric_refusal(expectation);
    bool good = refusal == NULL && theory_check_scenario(scenario, why);

    if (refusal != NULL) {
        return theory_parts_refuse(why, refusal);
    }
    for (uint32_t group = 0; good && group < scenario->group_count; group++) {
        for (int op = 0; good && op <= OP_UNKNOWN; op++) {
            good = theory_parts_add_group(scenario, group, (enum op)op, expectation, &made, &keys,
                                          why);
        }
    }
    free(keys);
    if (good && made.count == 0) {
        good = theory_parts_refuse(why, "nothing of what it is about is selected");
    }
    if (!good) {
        theory_parts_free(&made);
        return false;
    }
    *parts = made;
    return true;
}

/* Adds datagrams that are each lost with the same probability. False: no memory. */
static bool theory_parts_add_lost(struct theory_parts *parts, double loss, uint64_t count)
{
    uint32_t at = 0;

    while (at < parts->count && fabs(parts->parts[at].spread.p[1] - loss) > 1e-15) {
        at++;
    }
    if (at == parts->count) {
        struct sum_part *grown = realloc(parts->parts, (at + (size_t)1) * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        parts->parts = grown;
        parts->parts[at] = (struct sum_part){.spread = {.max = loss > 0, .p = {1 - loss, loss}}};
        parts->count++;
    }
    parts->parts[at].count += count;
    return true;
}

bool theory_parts_of_lost(const struct scenario *scenario, const struct expectation *expectation,
                          const struct tally *tally, struct theory_parts *parts, char why[160])
{
    struct theory_parts made = {.parts = NULL};

    if (!theory_parts_of(scenario, expectation, &made, why)) {
        return false;
    }
    theory_parts_free(&made);
    for (uint32_t i = 0; i < scenario->link_count; i++) {
        if (metric_selects_link(expectation, i) && TALLY_LINK(tally, i, sent) > 0 &&
            !theory_parts_add_lost(&made, theory_link_of(scenario, i).loss,
                                   TALLY_LINK(tally, i, sent))) {
            theory_parts_free(&made);
            return theory_parts_refuse(why, "there is no memory for it");
        }
    }
    if (made.count == 0) {
        return theory_parts_refuse(why, "nothing was sent");
    }
    *parts = made;
    return true;
}
