#include "verdict/theory_path.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "base/time.h"

/* The longest exponential draw, in means (base/prng.h). */
#define THEORY_EXPONENTIAL_MAX 23

static bool theory_refuse(char why[160], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says why, and returns false. */
static bool theory_refuse(char why[160], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, 160, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- links ----------------------------------------------------------------------------------- */

struct theory_link theory_link_of(const struct scenario *scenario, uint32_t link)
{
    struct fault_set set = {.set = 0};
    bool exact = false;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        if (!rule->timed && rule->kind == RULE_FAULTS && scenario_in_bitmap(rule->links, link)) {
            fault_set_lay(&set, &rule->faults);
            exact = (exact && !rule->faults.clear) || rule->faults.exact_count > 0;
        }
    }
    return (struct theory_link){
        .loss = ldexp((double)set.loss_q63, -63),
        .delay_max_ns = fault_set_delay_max_ns(&set),
        .memory = fault_set_memory(&set),
        .damages = (set.corrupt_q63 | set.truncate_q63) != 0,
        .refuses = set.mtu > 0,
        .duplicates = set.duplicate_q63 > 0,
        .exact = exact,
        .down = set.down,
    };
}

const struct scenario_server *theory_server_of(const struct scenario *scenario, enum op op)
{
    for (uint32_t i = 0; i < scenario->server_count; i++) {
        if (scenario->servers[i].op == op) {
            return &scenario->servers[i];
        }
    }
    return NULL;
}

void theory_path_links(uint32_t client, const struct scenario_server *server, uint32_t links[4])
{
    links[0] = scenario_link_to_broker(client);
    links[1] = scenario_link_from_broker(server->node);
    links[2] = scenario_link_to_broker(server->node);
    links[3] = scenario_link_from_broker(client);
}

uint64_t theory_requests_of(const struct scenario_clients *group, enum op op)
{
    uint64_t count = 0;

    for (uint32_t s = 0; s < group->step_count; s++) {
        const struct client_step *step = &group->steps[s];
        if (step->kind == CLIENT_SEND &&
            op_from_name((const uint8_t *)step->op, strnlen(step->op, WIRE_OP_MAX)) == op) {
            count += step->count;
        }
    }
    return count;
}

/* ---- conditions ------------------------------------------------------------------------------ */

bool theory_check_scenario(const struct scenario *scenario, char why[160])
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        if (scenario->rules[i].timed && scenario->rules[i].kind != RULE_NOTE) {
            char place[SCENARIO_PLACE_MAX];
            return theory_refuse(why, "faults change during the run (%s)",
                                 scenario_format_place(place, scenario->rules[i].line));
        }
    }
    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct scenario_clients *group = &scenario->groups[g];
        for (uint32_t s = 0; s < group->step_count; s++) {
            if (group->steps[s].kind == CLIENT_RAW) {
                return theory_refuse(why, "%s sends raw datagrams", group->prefix);
            }
        }
    }
    return true;
}

uint64_t theory_open_max(const struct scenario *scenario)
{
    uint64_t open = 0;

    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct scenario_clients *group = &scenario->groups[g];
        uint64_t each = group->window < group->request_count ? group->window : group->request_count;
        open += each * group->count;
    }
    return open;
}

/* How many requests of one client that follow each other can stand in the broker's table at once. A
 * request that is given up leaves its entry behind, if the last copy's reply was lost before the
 * broker: until the deadline, as that copy told it (rounded up to a ms, and later by the delay of
 * the first hop). The next request begins at once. */
static uint64_t theory_entries_of_slot(const struct scenario *scenario,
                                       const struct scenario_clients *group)
{
    uint64_t span_ns = retry_span_min_ns(&group->policy);
    uint64_t delay_max_ns = 0;
    bool loses = false;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        if (rule->kind == RULE_FAULTS) {
            uint64_t delay_ns = fault_set_delay_max_ns(&rule->faults);
            delay_max_ns = delay_ns > delay_max_ns ? delay_ns : delay_max_ns;
            loses = loses || fault_set_loses(&rule->faults);
        }
    }
    if (!loses || scenario->broker.policy.timeout_ns > 0) {
        return 1; /* all are answered, or the broker itself gives up, before the client does */
    }
    uint64_t life_ns = time_add(time_add(group->deadline_ns, NS_PER_MS), delay_max_ns);
    return life_ns / span_ns + (life_ns % span_ns > 0);
}

/* The most requests that can stand in the broker's table at once. */
static uint64_t theory_table_max(const struct scenario *scenario)
{
    uint64_t most = 0;

    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct scenario_clients *group = &scenario->groups[g];
        uint64_t slots =
            group->window < group->request_count ? group->window : group->request_count;
        uint64_t entries = theory_entries_of_slot(scenario, group);
        bool all = entries > group->request_count / (slots > 0 ? slots : 1);
        most += (all ? group->request_count : slots * entries) * group->count;
    }
    return most;
}

uint64_t theory_service_max_ns(const struct scenario_server *server)
{
    return server->exponential ? server->service_ns * THEORY_EXPONENTIAL_MAX
                               : time_add(server->service_ns, server->jitter_ns);
}

bool theory_server_max_ns(const struct scenario *scenario, const struct scenario_server *server,
                          uint64_t *span_ns)
{
    uint64_t service_ns = theory_service_max_ns(server);
    uint64_t open = theory_open_max(scenario);

    *span_ns = service_ns;
    if (service_ns == 0 || open <= server->workers) {
        return true;
    }
    uint64_t rounds = (open - 1) / server->workers;
    *span_ns = rounds >= TIME_NEVER / service_ns ? TIME_NEVER : service_ns * (rounds + 1);
    return open - server->workers <= server->queue;
}

/* The longest delays of a path. */
struct theory_delays {
    uint64_t all_ns;   /* of its four hops */
    uint64_t inner_ns; /* of the two between broker and server */
};

/* Whether the path of one client is fit; its losses and its delays. */
static bool theory_check_path(const struct scenario *scenario, const uint32_t links[4],
                              double hop_loss[4], struct theory_delays *delays, char why[160])
{
    for (unsigned hop = 0; hop < 4; hop++) {
        struct theory_link link = theory_link_of(scenario, links[hop]);
        const char *from = scenario->nodes[scenario_link_from(links[hop])].name;
        const char *to = scenario->nodes[scenario_link_to(links[hop])].name;
        if (link.down) {
            return theory_refuse(why, "%s -> %s is down", from, to);
        }
        if (link.duplicates) {
            return theory_refuse(why, "%s -> %s duplicates datagrams", from, to);
        }
        if (link.exact) {
            return theory_refuse(why, "%s -> %s has exact faults", from, to);
        }
        if (link.memory != NULL) {
            return theory_refuse(why, "%s -> %s has a memory (%s)", from, to, link.memory);
        }
        if (link.damages) {
            return theory_refuse(why, "%s -> %s damages datagrams", from, to);
        }
        if (link.refuses) {
            return theory_refuse(why, "%s -> %s has an mtu", from, to);
        }
        hop_loss[hop] = link.loss;
        delays->all_ns = time_add(delays->all_ns, link.delay_max_ns);
        if (hop == 1 || hop == 2) {
            delays->inner_ns = time_add(delays->inner_ns, link.delay_max_ns);
        }
    }
    return true;
}

/* Where the broker has a timer of its own: whether each of its sends is answered or lost before the
 * next, and whether it is through with a try before the client's next; if so, *span_ns is the
 * longest that it takes. Without a timer *span_ns is 0. */
static bool theory_check_broker(const struct scenario *scenario,
                                const struct scenario_clients *group, enum op op, uint64_t reply_ns,
                                uint64_t *span_ns, char why[160])
{
    const struct retry_policy *policy = &scenario->broker.policy;
    unsigned most = group->policy.tries * (2 + 2 * policy->tries);

    *span_ns = 0;
    if (policy->timeout_ns == 0) {
        return true;
    }
    if (!op_is_idempotent(op)) {
        return theory_refuse(why, "the broker's 504 ends what may not be executed twice");
    }
    if (reply_ns >= policy->timeout_ns) {
        return theory_refuse(why, "delays and service can take longer than the broker's timeout");
    }
    if (most > SUM_VALUE_MAX) {
        return theory_refuse(why, "the tries of %s and of the broker are too many", group->prefix);
    }
    *span_ns = retry_span_max_ns(policy);
    return true;
}

/* Whether the retry schedule runs undisturbed: nothing is later than the timeout, nothing is cut
 * off by the deadline. */
static bool theory_check_schedule(const struct scenario *scenario,
                                  const struct scenario_clients *group, enum op op,
                                  const struct theory_delays *delays, char why[160])
{
    const struct scenario_server *server = theory_server_of(scenario, op);
    uint64_t server_ns = 0;
    uint64_t broker_ns = 0;

    if (!theory_server_max_ns(scenario, server, &server_ns)) {
        return theory_refuse(why, "the queue of %s can fill", scenario->nodes[server->node].name);
    }
    if (time_add(delays->all_ns, server_ns) >= group->policy.timeout_ns) {
        return theory_refuse(why, "delays and service can take longer than the timeout of %s",
                             group->prefix);
    }
    if (!theory_check_broker(scenario, group, op, time_add(delays->inner_ns, server_ns), &broker_ns,
                             why)) {
        return false;
    }
    if (time_add(time_add(delays->all_ns, server_ns), broker_ns) >= group->policy.timeout_ns) {
        return theory_refuse(why, "the broker can ask for longer than the timeout of %s",
                             group->prefix);
    }
    if (group->deadline_ns < retry_span_max_ns(&group->policy)) {
        return theory_refuse(why, "the deadline of %s can end before its last wait", group->prefix);
    }
    return true;
}

bool theory_check_group(const struct scenario *scenario, uint32_t index, enum op op,
                        struct theory_tries *tries, char why[160])
{
    const struct scenario_clients *group = &scenario->groups[index];
    const struct scenario_server *server = theory_server_of(scenario, op);
    const struct retry_policy *policy = &scenario->broker.policy;
    struct theory_delays longest = {.all_ns = 0};

    if (op == OP_UNKNOWN || server == NULL) {
        return theory_refuse(why, "%s asks for an operation that no server has", group->prefix);
    }
    if (group->plain) {
        return theory_refuse(why, "%s speaks the plain form, where no reply is matched by id",
                             group->prefix);
    }
    if (theory_table_max(scenario) > scenario->broker.pending) {
        return theory_refuse(why, "the broker's table can fill");
    }
    *tries = (struct theory_tries){.tries = group->policy.tries,
                                   .broker_asks = policy->timeout_ns > 0 ? policy->tries : 0};
    for (uint32_t i = 0; i < group->count; i++) {
        uint32_t links[4];
        double loss[4];
        struct theory_delays delays = {.all_ns = 0};
        theory_path_links(group->first_node + i, server, links);
        if (!theory_check_path(scenario, links, loss, &delays, why)) {
            return false;
        }
        if (i > 0 && memcmp(loss, tries->hop_loss, sizeof loss) != 0) {
            return theory_refuse(why, "the links of %s differ from client to client",
                                 group->prefix);
        }
        memcpy(tries->hop_loss, loss, sizeof loss);
        longest = delays.all_ns > longest.all_ns ? delays : longest;
    }
    return theory_check_schedule(scenario, group, op, &longest, why);
}
