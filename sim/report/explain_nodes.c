#include "report/explain_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "report/sentence.h"
#include "report/words.h"

#define NODES_STEPS_MAX 12 /* lines of a script that are shown */

static const char *explain_jitter_name(enum retry_jitter jitter)
{
    switch (jitter) {
    case JITTER_NONE:
        return "none";
    case JITTER_COAP:
        return "coap";
    case JITTER_FULL:
        return "full";
    case JITTER_EQUAL:
        return "equal";
    case JITTER_DECORRELATED:
        return "decorrelated";
    }
    return "";
}

/* The policy in the language's own words. */
static void explain_policy(struct sentence *sentence, const struct retry_policy *policy)
{
    char span[WORDS_MAX];

    scenario_format_duration(span, sizeof span, policy->timeout_ns);
    sentence_add(sentence, "timeout %s, tries %u, backoff ", span, policy->tries);
    switch (policy->backoff) {
    case BACKOFF_CONSTANT:
        sentence_add(sentence, "constant");
        break;
    case BACKOFF_LINEAR:
        sentence_add(sentence, "linear");
        break;
    case BACKOFF_EXPONENTIAL:
        sentence_add(sentence, "exponential %g", policy->factor_milli / 1000.0);
        break;
    }
    if (policy->cap_ns == TIME_NEVER) {
        sentence_add(sentence, ", no cap");
    } else {
        scenario_format_duration(span, sizeof span, policy->cap_ns);
        sentence_add(sentence, ", cap %s", span);
    }
    sentence_add(sentence, ", jitter %s", explain_jitter_name(policy->jitter));
}

static void explain_print(struct explain *explain, unsigned indent, const struct sentence *sentence)
{
    out_pad_to(&explain->out, indent);
    out_wrap(&explain->out, indent + 2, sentence->text);
    out_line(&explain->out);
}

static void explain_port(struct sentence *sentence, const struct scenario_node *node)
{
    if (node->port != 0) {
        sentence_add(sentence, ", on port %u, open to strangers on this machine", node->port);
    }
}

static void explain_broker(struct explain *explain)
{
    const struct scenario_broker *broker = &explain->scenario->broker;
    struct sentence sentence;

    sentence_begin(&sentence);
    sentence_add(&sentence, "broker: passes requests on, at most %u of them waiting for an answer",
                 broker->pending);
    explain_port(&sentence, &explain->scenario->nodes[NODE_BROKER]);
    explain_print(explain, 2, &sentence);
    sentence_begin(&sentence);
    if (broker->policy.timeout_ns == 0) {
        sentence_add(&sentence, "no timer of its own: it forwards every copy at once and never "
                                "asks a server twice by itself");
        explain_print(explain, EXPLAIN_INDENT, &sentence);
    } else {
        sentence_add(&sentence, "%s by itself: ",
                     broker->policy.tries > 1 ? "asks a server again, then answers 504,"
                                              : "answers 504 where a server is silent,");
        explain_policy(&sentence, &broker->policy);
        explain_print(explain, EXPLAIN_INDENT, &sentence);
        explain_schedule(explain, &broker->policy, TIME_NEVER);
    }
}

static void explain_server(struct explain *explain, const struct scenario_server *server)
{
    const struct scenario_node *node = &explain->scenario->nodes[server->node];
    struct sentence sentence;
    char span[2][WORDS_MAX];

    sentence_begin(&sentence);
    scenario_format_duration(span[0], WORDS_MAX, server->service_ns);
    scenario_format_duration(span[1], WORDS_MAX, server->jitter_ns);
    sentence_add(&sentence, "%s: service %s", node->name, span[0]);
    if (server->exponential) {
        sentence_add(&sentence, " on average (exponential)");
    } else if (server->jitter_ns > 0) {
        sentence_add(&sentence, " give or take %s", span[1]);
    } else if (server->service_ns == 0) {
        sentence_add(&sentence, " (answers at once)");
    }
    sentence_add(&sentence, ", %u worker%s, %u may wait", server->workers,
                 server->workers == 1 ? "" : "s", server->queue);
    explain_port(&sentence, node);
    explain_print(explain, 2, &sentence);
}

/* ---- scripts --------------------------------------------------------------------------------- */

/* The text as a script would have it. */
static void explain_text(struct sentence *sentence, const struct client_text *text)
{
    char piece[160];

    if (text->random) {
        sentence_add(sentence, "random bytes (%ub..%ub)", text->random_size_min,
                     text->random_size_max);
        return;
    }
    sentence_add(sentence, "\"");
    for (uint32_t i = 0; i < text->part_count && sentence->used < 300; i++) {
        switch (text->parts[i].kind) {
        case CLIENT_TEXT_LITERAL:
            bytes_escape(piece, sizeof piece, text->parts[i].bytes, text->parts[i].size);
            sentence_add(sentence, "%s", piece);
            break;
        case CLIENT_TEXT_CLIENT:
            sentence_add(sentence, "{client}");
            break;
        case CLIENT_TEXT_N:
            sentence_add(sentence, "{n}");
            break;
        }
    }
    sentence_add(sentence, "\"");
}

static void explain_step(struct sentence *sentence, const struct client_step *step)
{
    char span[WORDS_MAX];

    switch (step->kind) {
    case CLIENT_SEND:
        sentence_add(sentence, "%u x %s ", step->count, step->op);
        explain_text(sentence, &step->text);
        if (step->every_ns > 0) {
            scenario_format_duration(span, sizeof span, step->every_ns);
            sentence_add(
                sentence,
                step->poisson ? ", one every %s on average (exponential)" : ", one every %s", span);
        }
        break;
    case CLIENT_WAIT:
        scenario_format_duration(span, sizeof span, step->wait_ns);
        sentence_add(sentence,
                     step->wait_ns == 0 ? "waits until all earlier requests are settled"
                                        : "when all earlier requests are settled, waits %s",
                     span);
        break;
    case CLIENT_RAW:
        sentence_add(sentence, "sends these bytes as they are: ");
        explain_text(sentence, &step->text);
        break;
    }
}

static void explain_group(struct explain *explain, const struct scenario_clients *group)
{
    struct sentence sentence;
    char text[WORDS_LINK_MAX];
    char span[WORDS_MAX];

    words_group(text, group);
    sentence_begin(&sentence);
    sentence_add(&sentence, "%s: ", text);
    if (!group->single) {
        sentence_add(&sentence, "%u client%s, ", group->count, group->count == 1 ? "" : "s");
    }
    sentence_add(&sentence,
                 group->single || group->count == 1 ? "%u request%s" : "%u request%s each",
                 group->request_count, group->request_count == 1 ? "" : "s");
    if (group->plain) {
        sentence_add(&sentence, ", in the plain form (no ids: a retry is a new request to all)");
    }
    explain_print(explain, 2, &sentence);
    for (uint32_t i = 0; i < group->step_count && i < NODES_STEPS_MAX; i++) {
        sentence_begin(&sentence);
        explain_step(&sentence, &group->steps[i]);
        explain_print(explain, EXPLAIN_INDENT, &sentence);
    }
    if (group->step_count > NODES_STEPS_MAX) {
        out_format(&explain->out, "      ... and %u more steps",
                   group->step_count - NODES_STEPS_MAX);
        out_line(&explain->out);
    }
    sentence_begin(&sentence);
    explain_policy(&sentence, &group->policy);
    if (group->window == CLIENT_WINDOW_UNLIMITED) {
        sentence_add(&sentence, ", window unlimited");
    } else {
        sentence_add(&sentence, ", window %u%s", group->window,
                     group->window == 1 ? " (one request after the other)" : "");
    }
    scenario_format_duration(span, sizeof span, group->start_ns);
    sentence_add(&sentence, ", start %s, deadline ", span);
    scenario_format_duration(span, sizeof span, group->deadline_ns);
    sentence_add(&sentence, "%s%s", span,
                 group->deadline_given ? "" : " (the end of its own schedule)");
    explain_print(explain, EXPLAIN_INDENT, &sentence);
    explain_schedule(explain, &group->policy, group->deadline_ns);
}

void explain_nodes(struct explain *explain)
{
    const struct scenario *scenario = explain->scenario;

    out_heading(&explain->out, "Who runs");
    out_line(&explain->out);
    explain_broker(explain);
    for (uint32_t i = 0; i < scenario->server_count; i++) {
        explain_server(explain, &scenario->servers[i]);
    }
    for (uint32_t i = 0; i < scenario->group_count; i++) {
        explain_group(explain, &scenario->groups[i]);
    }
}
