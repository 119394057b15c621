#include "scenario/write_parts.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/time.h"

/* ---- faults -----------------------------------------------------------------------------------
 */

static void writer_put_ranges(const struct writer *writer, const struct exact_fault *exact)
{
    for (uint32_t i = 0; i < exact->range_count; i++) {
        const struct exact_range *range = &exact->ranges[i];
        fprintf(writer->out, "%s%" PRIu32, i == 0 ? " " : ",", range->first);
        if (range->last > range->first) {
            fprintf(writer->out, "-%" PRIu32, range->last);
        }
    }
}

/* The new number of every client's request n: 0 if nobody's is kept. Where clients differ in it,
 * the language has no word for that, and the old number stays. */
static uint32_t writer_request_of_all(const struct writer *writer, uint32_t n)
{
    const struct write_plan *plan = writer->plan;
    bool any = false;
    uint32_t all = 0;

    for (uint32_t g = 0; g < plan->scenario->group_count; g++) {
        if (plan->groups[g].client_count == 0 || n > plan->scenario->groups[g].request_count) {
            continue;
        }
        uint32_t new_n = write_plan_n(plan, g, n);
        if (any && new_n != all) {
            return n;
        }
        any = true;
        all = new_n;
    }
    return all;
}

/* False, and nothing written: what it means is not kept. */
static bool writer_put_exact(const struct writer *writer, const struct exact_fault *exact)
{
    static const char *const KINDS[] = {"drop", "duplicate", "delay", "corrupt"};
    bool of_client = exact->which == EXACT_OF_REQUEST && exact->client != UINT32_MAX;
    uint32_t n = 0;

    if (of_client && write_plan_node(writer->plan, exact->client) > 0) {
        n = write_plan_n(writer->plan, writer->plan->scenario->nodes[exact->client].index,
                         exact->n);
    } else if (exact->which == EXACT_OF_REQUEST && !of_client) {
        n = writer_request_of_all(writer, exact->n);
    }
    if (exact->which == EXACT_OF_REQUEST && n == 0) {
        return false;
    }
    fprintf(writer->out, " %s", KINDS[exact->kind]);
    if (exact->kind == EXACT_DELAY) {
        writer_put_duration(writer, "", exact->delay_ns);
    }
    writer_put_ranges(writer, exact);
    switch (exact->which) {
    case EXACT_POSITIONS:
        break;
    case EXACT_EACH_REQUEST:
        fputs(" of each request", writer->out);
        break;
    case EXACT_OF_REQUEST:
        fputs(" of request ", writer->out);
        if (of_client) {
            writer_put_name(writer, exact->client);
            fputc('/', writer->out);
        }
        fprintf(writer->out, "%" PRIu32, n);
        if (exact->try > 0) {
            fprintf(writer->out, " try %u", exact->try);
        }
        break;
    }
    return true;
}

/* The faults of a directive, without what chance decides unless the plan keeps that. False: there
 * is nothing left of them. */
static bool writer_put_faults(const struct writer *writer, const struct fault_set *faults)
{
    bool any = scenario_write_faults(writer->out, faults, writer->plan->chance);

    for (uint32_t i = 0; i < faults->exact_count; i++) {
        any = writer_put_exact(writer, &faults->exact[i]) || any;
    }
    return any;
}

/* ---- choices ----------------------------------------------------------------------------------
 */

static void writer_put_choice(const struct writer *writer, const struct fault_choice *choice)
{
    static const char *const KINDS[] = {"drop", "duplicate", "delay", "corrupt"};
    const struct scenario *scenario = writer->plan->scenario;

    fputs("link ", writer->out);
    writer_put_name(writer, scenario_link_from(choice->link));
    fputs(" -> ", writer->out);
    writer_put_name(writer, scenario_link_to(choice->link));
    fprintf(writer->out, " %s", KINDS[choice->kind]);
    if (choice->kind == CHOICE_DELAY) {
        writer_put_duration(writer, "", choice->delay_ns);
    }
    if (choice->client == UINT32_MAX) {
        fprintf(writer->out, " %" PRIu32 "\n", choice->n);
        return;
    }
    fprintf(writer->out, " %" PRIu32 " of request ", choice->carriage + 1);
    writer_put_name(writer, choice->client);
    fprintf(writer->out, "/%" PRIu32 " try %u\n",
            write_plan_n(writer->plan, scenario->nodes[choice->client].index, choice->n),
            choice->try);
}

/* The choices on these links (NULL: on all), at the rule's times (NULL: from the start). */
static void writer_put_choices_of(const struct writer *writer, const uint64_t *links,
                                  const struct scenario_rule *rule)
{
    const struct write_plan *plan = writer->plan;

    for (uint32_t i = 0; i < plan->choice_count; i++) {
        const struct fault_choice *choice = &plan->choices[i];
        if ((links == NULL || scenario_in_bitmap(links, choice->link)) &&
            write_plan_keeps(plan, choice)) {
            writer_put_time(writer, rule);
            writer_put_choice(writer, choice);
        }
    }
}

void writer_put_choices(const struct writer *writer)
{
    writer_put_choices_of(writer, NULL, NULL);
}

/* ---- rules ------------------------------------------------------------------------------------
 */

/* Which links of kept nodes a line is for. */
enum writer_way { WAY_TO_BROKER, WAY_FROM_BROKER, WAY_BOTH };

static bool writer_is_link_of(const uint64_t *links, uint32_t node, enum writer_way way)
{
    bool to = scenario_in_bitmap(links, scenario_link_to_broker(node));
    bool from = scenario_in_bitmap(links, scenario_link_from_broker(node));

    return way == WAY_BOTH ? to && from : way == WAY_TO_BROKER ? to : from;
}

/* How many of the kept nodes from `first` to before `end` have such a link. *all: how many are
 * kept. */
static uint32_t writer_count(const struct writer *writer, const uint64_t *links,
                             enum writer_way way, uint32_t first, uint32_t end, uint32_t *all)
{
    uint32_t count = 0;

    *all = 0;
    for (uint32_t node = first; node < end; node++) {
        if (write_plan_node(writer->plan, node) > 0) {
            ++*all;
            count += writer_is_link_of(links, node, way);
        }
    }
    return count;
}

/* The word for exactly the kept nodes that have such a link; NULL if there is none, "" if no node
 * has one. */
static const char *writer_word(const struct writer *writer, const uint64_t *links,
                               enum writer_way way)
{
    const struct scenario *scenario = writer->plan->scenario;
    uint32_t first_client = 1 + scenario->server_count;
    uint32_t all_servers;
    uint32_t all_clients;
    uint32_t servers = writer_count(writer, links, way, 1, first_client, &all_servers);
    uint32_t clients =
        writer_count(writer, links, way, first_client, scenario->node_count, &all_clients);

    if (servers == all_servers && clients == all_clients) {
        return "*";
    }
    if (servers == all_servers && clients == 0) {
        return "servers";
    }
    if (servers == 0 && clients == all_clients && clients > 0) {
        return "clients";
    }
    return servers + clients == 0 ? "" : NULL;
}

/* One line: the link between the nodes whose names are put between the two halves, and faults. */
static void writer_begin_link(const struct writer *writer, const struct scenario_rule *rule,
                              enum writer_way way)
{
    writer_put_time(writer, rule);
    fputs(way == WAY_FROM_BROKER ? "link broker -> " : "link ", writer->out);
}

static void writer_end_link(const struct writer *writer, enum writer_way way, const char *faults)
{
    static const char *const ENDS[] = {" -> broker", "", " <-> broker"};

    fprintf(writer->out, "%s%s\n", ENDS[way], faults);
}

/* The lines for all links of one way. */
static void writer_put_way(const struct writer *writer, const struct scenario_rule *rule,
                           enum writer_way way, const char *faults)
{
    const char *word = writer_word(writer, rule->links, way);
    uint32_t names = 0;

    if (word != NULL && word[0] != '\0') {
        writer_begin_link(writer, rule, way);
        fputs(word, writer->out);
        writer_end_link(writer, way, faults);
    }
    if (word != NULL) {
        return;
    }
    for (uint32_t node = 1; node < writer->plan->scenario->node_count; node++) {
        if (!writer_is_link_of(rule->links, node, way) ||
            write_plan_node(writer->plan, node) == 0) {
            continue;
        }
        if (names % WRITE_NAMES_MAX == 0) {
            if (names > 0) {
                writer_end_link(writer, way, faults);
            }
            writer_begin_link(writer, rule, way);
        } else {
            fputc(',', writer->out);
        }
        writer_put_name(writer, node);
        names++;
    }
    writer_end_link(writer, way, faults);
}

/* Whether the kept nodes that have a link to the broker in the rule are those that have one from
 * it. */
static bool writer_is_both_ways(const struct writer *writer, const uint64_t *links)
{
    for (uint32_t node = 1; node < writer->plan->scenario->node_count; node++) {
        if (write_plan_node(writer->plan, node) > 0 &&
            writer_is_link_of(links, node, WAY_TO_BROKER) !=
                writer_is_link_of(links, node, WAY_FROM_BROKER)) {
            return false;
        }
    }
    return true;
}

/* The lines of a `network`, `link` or `at ... link/network` rule whose faults are written
 * already. */
static void writer_put_links(const struct writer *writer, const struct scenario_rule *rule,
                             const char *faults)
{
    if (!writer_is_both_ways(writer, rule->links)) {
        writer_put_way(writer, rule, WAY_TO_BROKER, faults);
        writer_put_way(writer, rule, WAY_FROM_BROKER, faults);
        return;
    }
    const char *word = writer_word(writer, rule->links, WAY_BOTH);
    if (word != NULL && word[0] == '*') {
        writer_put_time(writer, rule);
        fprintf(writer->out, "network%s\n", faults);
    } else {
        writer_put_way(writer, rule, WAY_BOTH, faults);
    }
}

static bool writer_put_rule(const struct writer *writer, const struct scenario_rule *rule)
{
    struct writer to_text = *writer;
    char *faults = NULL;
    size_t size;

    if (writer_never_happens(writer, rule) || writer_put_event(writer, rule)) {
        return true;
    }
    to_text.out = open_memstream(&faults, &size);
    if (to_text.out == NULL) {
        return false;
    }
    bool any = writer_put_faults(&to_text, &rule->faults);
    bool good = fclose(to_text.out) == 0;
    if (good && any) {
        writer_put_links(writer, rule, faults);
    }
    if (rule->timed && rule->faults.clear) {
        writer_put_choices_of(writer, rule->links, rule); /* it hides those that lie beneath */
    }
    free(faults);
    return good;
}

bool writer_put_rules(const struct writer *writer)
{
    const struct write_plan *plan = writer->plan;
    bool good = true;

    for (uint32_t i = 0; i < plan->scenario->rule_count; i++) {
        if (plan->rules[i]) {
            good = writer_put_rule(writer, &plan->scenario->rules[i]) && good;
        }
    }
    return good;
}
