/* What a node made of what came to it. */
#include "report/why_parts.h"

#include "protocol/code.h"

/* ---- what it did not take -------------------------------------------------------------------- */

/* The first record of the request's way to the server that a reply is the answer to: when the
 * broker passed it on. NULL: not known. */
static const struct trace_record *node_passed_on(const struct why_story *story,
                                                 const struct why_leg *reply)
{
    for (uint32_t i = 0; i < story->leg_count; i++) {
        const struct why_leg *leg = &story->legs[i];
        if (leg->flight->sent == reply->flight->original && leg->cause != WHY_NONE) {
            return story->legs[leg->cause].sent;
        }
    }
    return NULL;
}

/* When the broker last ceased to wait for replies under this id, before it got this one. NULL: it
 * never had. */
static const struct trace_record *node_closed(const struct why_story *story,
                                              const struct why_leg *reply)
{
    const struct trace_record *found = NULL;

    for (uint32_t i = 0; i < story->closed.count; i++) {
        const struct trace_record *closed = story->closed.items[i];
        if (closed->id == reply->sent->id && closed < reply->rejected) {
            found = closed;
        }
    }
    return found;
}

const struct trace_record *why_broker_forgot(const struct why_story *story,
                                             const struct why_leg *reply)
{
    const struct trace_record *passed_on = node_passed_on(story, reply);
    const struct trace_record *closed = node_closed(story, reply);
    const struct trace_record *crash =
        why_latest_event(story, NODE_BROKER, TRACE_CRASH, reply->rejected->t_ns);
    const struct trace_record *restart =
        why_latest_event(story, NODE_BROKER, TRACE_RESTART, reply->rejected->t_ns);

    if (passed_on == NULL || (closed != NULL && closed > passed_on)) {
        return NULL;
    }
    if (crash != NULL && crash > passed_on && crash < reply->rejected) {
        return crash;
    }
    return restart != NULL && restart > passed_on && restart < reply->rejected ? restart : NULL;
}

/* Why a reply came to the broker too late. */
static void node_late(struct sentence *sentence, const struct why_story *story,
                      const struct why_leg *reply)
{
    const struct trace_record *closed = node_closed(story, reply);
    const struct trace_record *forgot = why_broker_forgot(story, reply);
    char text[WORDS_MAX];
    char cause[WHY_CAUSE_MAX];

    if (forgot != NULL) {
        tell_instant(text, forgot->t_ns);
        why_event_cause(cause, story, forgot);
        sentence_add(sentence, "it had forgotten who asked when it %s at %s%s.",
                     forgot->event == TRACE_CRASH ? "crashed" : "was started anew", text, cause);
    } else if (closed != NULL) {
        tell_instant(text, closed->t_ns);
        sentence_add(sentence,
                     closed->code == CODE_OK ? "it had passed an answer on at %s."
                                             : "it had waited for a reply only until %s.",
                     text);
    } else {
        sentence_add(sentence, "it no longer waited for a reply.");
    }
}

static void node_rejected(struct sentence *sentence, const struct why_story *story,
                          const struct why_leg *leg)
{
    uint32_t node = leg->sent->to;
    enum reject_reason reason = (enum reject_reason)leg->rejected->reason;
    const struct trace_record *crash =
        why_latest_event(story, node, TRACE_CRASH, leg->rejected->t_ns);
    char text[WORDS_MAX];
    char cause[WHY_CAUSE_MAX];

    if (reason == REJECT_DEAF && crash != NULL) {
        tell_instant(text, crash->t_ns);
        why_event_cause(cause, story, crash);
        sentence_add(sentence, " %s had crashed at %s%s, and was deaf.",
                     why_name_first(story, node), text, cause);
        return;
    }
    sentence_add(sentence, " %s did not take it (%s): ", why_name_first(story, node),
                 reject_reason_name(reason));
    if (reason == REJECT_LATE && node == NODE_BROKER) {
        node_late(sentence, story, leg);
    } else if (reason == REJECT_LATE && story->ended != NULL) {
        tell_instant(text, story->ended->t_ns);
        sentence_add(sentence, "the request was over since %s.", text);
    } else {
        sentence_add(sentence, "%s.", why_reject_meaning(reason));
    }
}

/* ---- what it did with the rest --------------------------------------------------------------- */

/* A request has come to its server. */
static void node_server(struct sentence *sentence, const struct why_story *story,
                        const struct why_leg *leg)
{
    const char *name = why_name(story, leg->sent->to);
    char text[WORDS_MAX];
    char cause[WHY_CAUSE_MAX] = "";

    if (leg->gone != NULL) {
        why_event_cause(cause, story, leg->gone);
    }
    if (leg->executed != NULL && leg->executed->value_ns > 0) {
        words_span(text, leg->executed->value_ns);
        sentence_add(sentence, " It waited %s in %s's queue, which", text, name);
        tell_instant(text, leg->executed->t_ns);
        sentence_add(sentence, " executed it at %s", text);
    } else if (leg->executed != NULL) {
        tell_instant(text, leg->executed->t_ns);
        sentence_add(sentence, " %s executed it at %s", name, text);
    }
    if (leg->executed != NULL && leg->execution > 1) {
        why_ordinal(text, leg->execution);
        sentence_add(sentence, ", for the %s time", text);
    }
    sentence_add(sentence, leg->executed != NULL ? "." : "");
    if (leg->gone != NULL) {
        tell_instant(text, leg->gone->t_ns);
        sentence_add(sentence, " %s %s at %s%s%s.", name,
                     leg->gone->event == TRACE_CRASH ? "crashed" : "was started anew", text, cause,
                     leg->executed != NULL ? " before it had answered" : " before it got to it");
    } else if (leg->next == WHY_NONE) {
        sentence_add(sentence,
                     leg->executed != NULL ? " %s was still at work on it when the run ended."
                                           : " It was still in %s's queue when the run ended.",
                     name);
    }
}

void why_add_arrived(struct sentence *sentence, const struct why_story *story,
                     const struct why_leg *leg)
{
    if (leg->rejected != NULL) {
        node_rejected(sentence, story, leg);
    } else if (leg->sent->to != NODE_BROKER && leg->sent->to != story->client) {
        node_server(sentence, story, leg);
    } else if (leg->sent->to == story->client && leg->outcome == NULL) {
        sentence_add(sentence, " %s made nothing of it.", why_name(story, leg->sent->to));
    } else if (leg->sent->to == NODE_BROKER && leg->next == WHY_NONE) {
        sentence_add(sentence, " Nothing more came of it.");
    }
}
