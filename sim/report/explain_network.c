#include "report/explain_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "report/select.h"
#include "report/sentence.h"
#include "report/words.h"

#define NETWORK_KINDS_MAX 24 /* of links with the same faults that are told apart */

/* Links with the same faults from the start. */
struct network_kind {
    uint64_t key;     /* of the base rules that apply to them, in their order */
    uint32_t example; /* one of them */
    uint64_t *links;  /* bitmap, owned */
};

/* ---- faults in words ------------------------------------------------------------------------- */

static void explain_ranges(struct sentence *sentence, const struct exact_fault *fault)
{
    for (uint32_t i = 0; i < fault->range_count; i++) {
        const struct exact_range *range = &fault->ranges[i];
        sentence_add(sentence, i == 0 ? " " : ",");
        if (range->first == range->last) {
            sentence_add(sentence, "%u", range->first);
        } else {
            sentence_add(sentence, "%u-%u", range->first, range->last);
        }
    }
}

static void explain_exact(struct sentence *sentence, const struct scenario *scenario,
                          const struct exact_fault *fault)
{
    char span[WORDS_MAX];

    switch (fault->kind) {
    case EXACT_DROP:
        sentence_add(sentence, "drop");
        break;
    case EXACT_DUPLICATE:
        sentence_add(sentence, "duplicate");
        break;
    case EXACT_CORRUPT:
        sentence_add(sentence, "corrupt");
        break;
    case EXACT_DELAY:
        scenario_format_duration(span, sizeof span, fault->delay_ns);
        sentence_add(sentence, "delay %s", span);
        break;
    }
    explain_ranges(sentence, fault);
    switch (fault->which) {
    case EXACT_POSITIONS:
        sentence_add(sentence, " of the link's datagrams");
        break;
    case EXACT_EACH_REQUEST:
        sentence_add(sentence, " of each request");
        break;
    case EXACT_OF_REQUEST:
        sentence_add(sentence, " of request ");
        if (fault->client != UINT32_MAX) {
            sentence_add(sentence, "%s/", scenario->nodes[fault->client].name);
        }
        sentence_add(sentence, "%u", fault->n);
        if (fault->client == UINT32_MAX) {
            sentence_add(sentence, " of every client");
        }
        if (fault->try != 0) {
            sentence_add(sentence, " try %u", fault->try);
        }
        break;
    }
}

static bool explain_applies(const struct scenario_rule *rule, uint32_t link)
{
    return !rule->timed && scenario_in_bitmap(rule->links, link);
}

/* The faults of a link from the start: the later rule wins, fault by fault. Exact faults add up,
 * from the rule *first_exact on. */
static struct fault_set explain_combine(const struct scenario *scenario, uint32_t link,
                                        uint32_t *first_exact)
{
    struct fault_set now = {0};

    *first_exact = 0;
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct fault_set *faults = &scenario->rules[i].faults;
        if (explain_applies(&scenario->rules[i], link)) {
            fault_set_lay(&now, faults);
            *first_exact = faults->clear ? i : *first_exact;
        }
    }
    return now;
}

static void explain_link_faults(struct sentence *sentence, const struct scenario *scenario,
                                uint32_t link)
{
    size_t start = sentence->used;
    uint32_t first_exact;
    struct fault_set now = explain_combine(scenario, link, &first_exact);

    explain_fault_set(sentence, start, &now);
    for (uint32_t i = first_exact; i < scenario->rule_count; i++) {
        const struct fault_set *faults = &scenario->rules[i].faults;
        for (uint32_t e = 0; explain_applies(&scenario->rules[i], link) && e < faults->exact_count;
             e++) {
            sentence_add_item(sentence, start, "%s", "");
            explain_exact(sentence, scenario, &faults->exact[e]);
        }
    }
    if (sentence->used == start) {
        sentence_add(sentence, "no fault: all passes, at once");
    }
}

/* ---- which links ----------------------------------------------------------------------------- */

static uint64_t explain_link_key(const struct scenario *scenario, uint32_t link)
{
    uint64_t key = 0;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        if (explain_applies(rule, link)) {
            key = prng_draw(key, i);
        }
    }
    return key;
}

/* Sorts the links by kind; what is beyond NETWORK_KINDS_MAX is left out. Returns how many kinds, or
 * 0 if memory ran out (or there is no link); *left_out counts links. */
static uint32_t explain_kinds(const struct scenario *scenario,
                              struct network_kind kinds[NETWORK_KINDS_MAX], uint32_t *left_out)
{
    uint32_t count = 0;

    *left_out = 0;
    for (uint32_t link = 0; link < scenario->link_count; link++) {
        uint64_t key = explain_link_key(scenario, link);
        uint32_t k = 0;
        while (k < count && kinds[k].key != key) {
            k++;
        }
        if (k == count && count < NETWORK_KINDS_MAX) {
            uint64_t *links = calloc(scenario->link_count / 64 + 1, sizeof *links);
            if (links == NULL) {
                return count;
            }
            kinds[count++] = (struct network_kind){.key = key, .example = link, .links = links};
        }
        if (k < count) {
            kinds[k].links[link / 64] |= UINT64_C(1) << (link % 64);
        } else {
            (*left_out)++;
        }
    }
    return count;
}

/* Whether the link has exact faults from the start, by the rule `first` or a later one. */
static bool explain_has_exact(const struct scenario *scenario, uint32_t link, uint32_t first)
{
    for (uint32_t i = first; i < scenario->rule_count; i++) {
        if (explain_applies(&scenario->rules[i], link) &&
            scenario->rules[i].faults.exact_count > 0) {
            return true;
        }
    }
    return false;
}

/* What `tc netem` would be told, for each kind of links that has faults. */
static void explain_netem(struct explain *explain, const struct network_kind *kinds, uint32_t count)
{
    char links[SELECT_MAX];
    bool any = false;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t first_exact;
        struct fault_set now = explain_combine(explain->scenario, kinds[i].example, &first_exact);
        bool chosen = explain_has_exact(explain->scenario, kinds[i].example, first_exact);
        if (now.set == 0 && !chosen) {
            continue;
        }
        if (!any) {
            out_heading(&explain->out, "The same with tc netem, on device X");
            out_line(&explain->out);
            any = true;
        }
        select_links(links, explain->scenario, kinds[i].links);
        explain_tc(explain, links, &now, chosen);
    }
}

static void explain_base(struct explain *explain)
{
    struct network_kind kinds[NETWORK_KINDS_MAX];
    uint32_t left_out;
    uint32_t count = explain_kinds(explain->scenario, kinds, &left_out);
    struct sentence sentence;
    char links[SELECT_MAX];

    for (uint32_t i = 0; i < count; i++) {
        sentence_begin(&sentence);
        select_links(links, explain->scenario, kinds[i].links);
        sentence_add(&sentence, "%s: ", links);
        explain_link_faults(&sentence, explain->scenario, kinds[i].example);
        out_pad_to(&explain->out, 2);
        out_wrap(&explain->out, EXPLAIN_INDENT, sentence.text);
        out_line(&explain->out);
    }
    if (left_out > 0) {
        out_format(&explain->out, "  ... and %u links with other faults", left_out);
        out_line(&explain->out);
    }
    explain_netem(explain, kinds, count);
    for (uint32_t i = 0; i < count; i++) {
        free(kinds[i].links);
    }
}

/* ---- what changes when ----------------------------------------------------------------------- */

/* What a `when` rule waits for. */
static void explain_progress(struct sentence *sentence, const struct scenario *scenario,
                             const struct scenario_rule *rule)
{
    static const char *const PROGRESS[] = {"", "sends", "gets", "executes"};
    static const char *const FIRST[] = {"", " a datagram", " a datagram", " a request"};

    sentence_add(sentence, "the first time that %s %s", scenario->nodes[rule->when_node].name,
                 PROGRESS[rule->progress]);
    if (rule->when_client != NODE_NONE) {
        sentence_add(sentence, "%s %s/%u",
                     rule->progress == PROGRESS_EXECUTE ? "" : " a datagram of",
                     scenario->nodes[rule->when_client].name, rule->when_n);
    } else {
        sentence_add(sentence, "%s", FIRST[rule->progress]);
    }
}

/* What an event means, behind its own words. */
static const char *explain_event(const struct scenario_rule *rule)
{
    switch (rule->kind) {
    case RULE_PARTITION:
        return rule->one_way ? ", what goes that way is lost" : ", nothing passes between them";
    case RULE_HEAL:
        return ", every partition begun before ends";
    case RULE_CRASH:
        return rule->for_ns == TIME_NEVER
                   ? ", its state is lost and it is deaf"
                   : ", its state is lost and it is deaf, then it begins anew";
    case RULE_RESTART:
        return ", it begins anew, without state";
    case RULE_PAUSE:
        return ", nothing is read and no timer fires, then it catches up";
    case RULE_RESUME:
        return ", it catches up: first what has come, then its timers";
    case RULE_FAULTS:
    case RULE_NOTE:
        break;
    }
    return "";
}

static void explain_rule(struct explain *explain, const struct scenario_rule *rule)
{
    struct sentence sentence;
    char span[WORDS_MAX];
    char place[SCENARIO_PLACE_MAX];

    sentence_begin(&sentence);
    if (rule->progress != PROGRESS_NONE) {
        explain_progress(&sentence, explain->scenario, rule);
    } else {
        scenario_format_duration(span, sizeof span, rule->at_ns);
        sentence_add(&sentence, "at %s", span);
    }
    if (rule->every_ns > 0) {
        scenario_format_duration(span, sizeof span, rule->every_ns);
        sentence_add(&sentence, " and every %s from then on", span);
        if (rule->times != UINT64_MAX) {
            sentence_add(&sentence, " (%" PRIu64 " times)", rule->times);
        }
    }
    if (rule->for_ns != TIME_NEVER && rule->kind != RULE_NOTE) {
        scenario_format_duration(span, sizeof span, rule->for_ns);
        sentence_add(&sentence, ", for %s", span);
    }
    sentence_add(&sentence, ": %s%s (%s)", rule->text, explain_event(rule),
                 scenario_format_place(place, rule->line));
    out_pad_to(&explain->out, 2);
    out_wrap(&explain->out, EXPLAIN_INDENT, sentence.text);
    out_line(&explain->out);
}

void explain_network(struct explain *explain)
{
    const struct scenario *scenario = explain->scenario;

    out_heading(&explain->out, "The network, from the start");
    out_line(&explain->out);
    explain_base(explain);
    for (uint32_t i = 0, shown = 0; i < scenario->rule_count; i++) {
        if (scenario->rules[i].timed) {
            if (shown++ == 0) {
                out_heading(&explain->out, "What changes when");
                out_line(&explain->out);
            }
            explain_rule(explain, &scenario->rules[i]);
        }
    }
}
