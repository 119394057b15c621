#include "verdict/judge_counts.h"

#include <stdarg.h>
#include <stdio.h>

/* The facts of a node; all 0 where there are none. */
static struct node_facts judge_count_facts(const struct run_facts *facts, uint32_t node)
{
    return facts->nodes != NULL && node < facts->node_count ? facts->nodes[node]
                                                            : (struct node_facts){.port = 0};
}

static void judge_count_set(struct promise_result *result, enum promise_verdict verdict,
                            const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Sets the verdict, unless the promise is already broken. */
static void judge_count_set(struct promise_result *result, enum promise_verdict verdict,
                            const char *format, ...)
{
    va_list arguments;

    if (result->verdict == PROMISE_BROKEN) {
        return;
    }
    result->verdict = verdict;
    va_start(arguments, format);
    vsnprintf(result->detail, sizeof result->detail, format, arguments);
    va_end(arguments);
}

static unsigned long long judge_count_shown(uint64_t count)
{
    return count;
}

/* ---- requests -------------------------------------------------------------------------------- */

void judge_count_outcomes(const struct tally *tally, struct promise_result *result)
{
    const struct scenario *scenario = tally->scenario;

    *result = (struct promise_result){.verdict = PROMISE_KEPT};
    for (uint32_t i = scenario->server_count + 1; i < scenario->node_count; i++) {
        uint64_t ends = TALLY_NODE(tally, i, answered) + TALLY_NODE(tally, i, error) +
                        TALLY_NODE(tally, i, timed_out) + TALLY_NODE(tally, i, cancelled);
        uint32_t expected = scenario->groups[scenario->nodes[i].index].request_count;
        if (ends != expected) {
            judge_count_set(result, PROMISE_BROKEN, "%s: %llu ends of %u requests",
                            scenario->nodes[i].name, judge_count_shown(ends), expected);
        }
    }
}

/* ---- datagrams ------------------------------------------------------------------------------- */

/* What a link took and neither lost nor delivered. */
static uint64_t judge_count_rest(const struct tally *tally, uint32_t index)
{
    struct tally_link link = tally_link(tally, index);

    return tally_link_rest(&link);
}

void judge_count_link_rest(const struct tally *tally, const struct run_facts *facts, uint32_t link,
                           uint64_t *in_flight, uint64_t *kernel_drops)
{
    uint64_t rest = judge_count_rest(tally, link);
    uint32_t from = scenario_link_from(link);
    uint64_t dropped = judge_count_facts(facts, scenario_link_to(link)).kernel_drops;
    uint64_t candidates = rest;

    /* A client or server has one link out, so what its host still holds is on this one. */
    if (from != NODE_BROKER) {
        uint64_t held = judge_count_facts(facts, from).in_flight;
        candidates = rest > held ? rest - held : 0;
    }
    *kernel_drops = candidates < dropped ? candidates : dropped;
    *in_flight = rest - *kernel_drops;
}

/* One link: no more comes out than went in, and what is missing is on its way or was dropped. */
static void judge_count_link(const struct tally *tally, const struct run_facts *facts,
                             uint32_t index, struct promise_result *result)
{
    const struct scenario *scenario = tally->scenario;
    struct tally_link link = tally_link(tally, index);
    const char *from = scenario->nodes[scenario_link_from(index)].name;
    const char *to = scenario->nodes[scenario_link_to(index)].name;
    uint64_t taken = link.sent + link.duplicated;
    uint64_t gone = tally_link_lost(&link) + link.delivered;
    struct node_facts receiver = judge_count_facts(facts, scenario_link_to(index));
    uint64_t known = judge_count_facts(facts, scenario_link_from(index)).in_flight +
                     receiver.kernel_drops + receiver.unread;

    if (gone > taken) {
        judge_count_set(result, PROMISE_BROKEN,
                        "%s -> %s: %llu sent and duplicated, %llu delivered and lost", from, to,
                        judge_count_shown(taken), judge_count_shown(gone));
    } else if (facts->world == WORLD_REAL && taken - gone > known) {
        judge_count_set(result, PROMISE_BROKEN,
                        "%s -> %s: %llu datagrams are missing, at most %llu can be in flight or "
                        "dropped by the kernel",
                        from, to, judge_count_shown(taken - gone), judge_count_shown(known));
    } else if (facts->world == WORLD_VIRTUAL && facts->end == RUN_DONE &&
               taken - gone > known) { /* held, if the time limit came while links were drained */
        judge_count_set(result, PROMISE_BROKEN, "%s -> %s: %llu datagrams are missing", from, to,
                        judge_count_shown(taken - gone));
    }
}

/* What a node's links let go is what it handed to the kernel. `taken`: what they took and did not
 * lose. */
static void judge_count_handed(const struct scenario *scenario, const struct run_facts *facts,
                               uint32_t node, uint64_t taken, struct promise_result *result)
{
    struct node_facts fact = judge_count_facts(facts, node);

    if (taken != fact.handed + fact.in_flight) {
        judge_count_set(result, PROMISE_BROKEN,
                        "%s: its links took %llu datagrams, %llu were handed to the kernel and "
                        "%llu are in flight",
                        scenario->nodes[node].name, judge_count_shown(taken),
                        judge_count_shown(fact.handed), judge_count_shown(fact.in_flight));
    }
}

/* Datagrams that a link took and did not lose. */
static uint64_t judge_count_taken(const struct tally *tally, uint32_t index)
{
    struct tally_link link = tally_link(tally, index);

    return link.sent + link.duplicated - tally_link_lost(&link);
}

void judge_count_conservation(const struct tally *tally, const struct run_facts *facts,
                              struct promise_result *result)
{
    *result = (struct promise_result){.verdict = PROMISE_KEPT};
    if (facts->missing_records > 0) {
        judge_count_set(result, PROMISE_NOT_JUDGED,
                        "records of the trace were lost for want of memory");
        return;
    }
    for (uint32_t i = 0; i < tally->scenario->link_count; i++) {
        judge_count_link(tally, facts, i, result);
    }
    if (facts->world == WORLD_REAL) {
        uint64_t of_broker = 0;
        for (uint32_t i = 1; i < tally->scenario->node_count; i++) {
            of_broker += judge_count_taken(tally, scenario_link_from_broker(i));
            judge_count_handed(tally->scenario, facts, i,
                               judge_count_taken(tally, scenario_link_to_broker(i)), result);
        }
        judge_count_handed(tally->scenario, facts, NODE_BROKER, of_broker, result);
    }
}

/* ---- the kernel ------------------------------------------------------------------------------ */

/* A node's socket: `missing` datagrams were handed to it and not received, but for up to `held`
 * that the sender's links may still hold. Returns how many those must be. */
static uint64_t judge_count_socket(const struct scenario *scenario, const struct run_facts *facts,
                                   uint32_t node, uint64_t missing, uint64_t held,
                                   struct promise_result *result)
{
    struct node_facts fact = judge_count_facts(facts, node);
    uint64_t explained = fact.kernel_drops + fact.unread;
    bool outsiders = fact.foreign > 0 || scenario->nodes[node].port != 0;

    if (missing > explained + held || (missing < explained && !outsiders)) {
        judge_count_set(result, PROMISE_BROKEN,
                        "%s: %llu datagrams were handed to its socket and not received, the kernel "
                        "dropped %llu and %llu are unread",
                        scenario->nodes[node].name, judge_count_shown(missing),
                        judge_count_shown(fact.kernel_drops), judge_count_shown(fact.unread));
    }
    return missing > explained ? missing - explained : 0;
}

void judge_count_kernel_drops(const struct tally *tally, const struct run_facts *facts,
                              struct promise_result *result)
{
    const struct scenario *scenario = tally->scenario;
    uint64_t held_by_broker = judge_count_facts(facts, NODE_BROKER).in_flight;
    uint64_t to_broker = 0;
    uint64_t held = 0;

    *result = (struct promise_result){.verdict = PROMISE_KEPT};
    if (facts->world != WORLD_REAL) {
        judge_count_set(result, PROMISE_NOT_JUDGED, "no kernel carries datagrams in virtual time");
        return;
    }
    if (facts->missing_records > 0) {
        judge_count_set(result, PROMISE_NOT_JUDGED,
                        "records of the trace were lost for want of memory");
        return;
    }
    for (uint32_t i = 1; i < scenario->node_count; i++) {
        uint64_t out = judge_count_rest(tally, scenario_link_to_broker(i));
        uint64_t in_flight = judge_count_facts(facts, i).in_flight;
        uint64_t in = judge_count_rest(tally, scenario_link_from_broker(i));
        to_broker += out > in_flight ? out - in_flight : 0;
        held += judge_count_socket(scenario, facts, i, in, held_by_broker, result);
    }
    judge_count_socket(scenario, facts, NODE_BROKER, to_broker, 0, result);
    if (held > held_by_broker) {
        judge_count_set(result, PROMISE_BROKEN,
                        "broker: %llu datagrams that it sent are missing, its links hold %llu",
                        judge_count_shown(held), judge_count_shown(held_by_broker));
    }
}

/* ---- the process ----------------------------------------------------------------------------- */

void judge_count_leaks(const struct run_facts *facts, struct promise_result *result)
{
    *result = (struct promise_result){.verdict = PROMISE_KEPT};
    if (facts->world != WORLD_REAL) {
        judge_count_set(result, PROMISE_NOT_JUDGED, "virtual time opens nothing");
    } else if (facts->descriptors_before == 0 || facts->threads_before == 0) {
        judge_count_set(result, PROMISE_NOT_JUDGED, "descriptors and threads were not counted");
    } else if (facts->descriptors_after != facts->descriptors_before) {
        judge_count_set(result, PROMISE_BROKEN, "%u descriptors at the start, %u at the end",
                        facts->descriptors_before, facts->descriptors_after);
    } else if (facts->threads_after != facts->threads_before) {
        judge_count_set(result, PROMISE_BROKEN, "%u threads at the start, %u at the end",
                        facts->threads_before, facts->threads_after);
    }
}
