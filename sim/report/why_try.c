#include "report/why_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "protocol/code.h"

/* ---- legs ------------------------------------------------------------------------------------ */

static bool try_is_reply(const struct why_story *story, const struct why_leg *leg)
{
    return leg->sent->to == story->client ||
           (leg->sent->to == NODE_BROKER && leg->sent->from != story->client);
}

/* Whether a leg begins a paragraph: nothing that was told before leads to it. */
static bool try_is_root(const struct why_story *story, uint32_t number)
{
    uint32_t cause = story->legs[number].cause;

    return cause == WHY_NONE || story->legs[cause].next != number;
}

/* ---- one datagram ---------------------------------------------------------------------------- */

/* The pause that a datagram waited out at the node it came to; NULL: there was none. */
static const struct trace_record *try_pause(const struct why_story *story,
                                            const struct why_leg *leg)
{
    uint32_t node = leg->sent->to;
    const struct trace_record *resume =
        why_latest_event(story, node, TRACE_RESUME, leg->arrived->t_ns);

    if (resume == NULL || resume->t_ns <= leg->sent->due_ns) {
        return NULL;
    }
    return why_latest_event(story, node, TRACE_PAUSE, resume->t_ns);
}

static void try_damage(struct sentence *sentence, const struct why_story *story,
                       const struct why_leg *leg)
{
    char cause[WHY_CAUSE_MAX];
    unsigned bit = leg->sent->flip - 1u;

    why_damage_cause(cause, story, leg);
    if (leg->sent->cut > 0) {
        sentence_add(sentence, ", but without its last %u octet%s", leg->sent->cut,
                     leg->sent->cut == 1 ? "" : "s");
    }
    if (leg->sent->flip > 0) {
        sentence_add(sentence, leg->sent->cut > 0 ? " and" : ", but");
        sentence_add(sentence, " with bit %u of octet %u flipped", bit % 8, bit / 8 + 1);
    }
    sentence_add(sentence, "%s", cause);
}

/* "reached the broker after 1.9 ms"; `again`: the sentence says "reached" already. `brief`: when
 * is said by the leg behind it. */
static void try_arrival(struct sentence *sentence, const struct why_story *story,
                        const struct why_leg *leg, bool again, bool brief)
{
    const struct trace_record *pause = try_pause(story, leg);
    char text[WORDS_MAX];
    char cause[WHY_CAUSE_MAX];

    sentence_add(sentence, again ? "%s" : "reached %s", why_name(story, leg->sent->to));
    if (pause != NULL) {
        tell_instant(text, leg->arrived->t_ns);
        why_event_cause(cause, story, pause);
        sentence_add(sentence, " only at %s, since it stood still%s", text, cause);
    } else if (!brief) {
        uint64_t span_ns = time_since(leg->sent->t_ns, leg->arrived->t_ns);
        why_after(text, span_ns);
        sentence_add(sentence, " %s%s", text, again && span_ns > 0 ? " more" : "");
    }
    if (trace_is_damaged(leg->sent)) {
        try_damage(sentence, story, leg);
    }
}

/* "was lost on its way to toupper at 13.9 ms (loss 10%, line 4)" */
static void try_loss(struct sentence *sentence, const struct why_story *story,
                     const struct why_leg *leg, bool first)
{
    char text[WORDS_MAX];
    char cause[WHY_CAUSE_MAX];

    sentence_add(sentence, "was lost on its way to %s", why_name(story, leg->sent->to));
    if (!first) {
        tell_instant(text, leg->sent->t_ns);
        sentence_add(sentence, " at %s", text);
    }
    why_loss_cause(cause, story, leg);
    sentence_add(sentence, "%s", cause);
}

/* A datagram that was neither lost by its link nor seen to arrive. */
static void try_missing(struct sentence *sentence, const struct why_story *story,
                        const struct why_leg *leg)
{
    const struct run_facts *facts = story->look->run->facts;
    uint32_t to = leg->sent->to;

    if (facts != NULL && facts->nodes != NULL && to < facts->node_count &&
        facts->nodes[to].kernel_drops > 0) {
        sentence_add(sentence,
                     "was not seen at %s, whose socket was full: the kernel dropped "
                     "datagrams there",
                     why_name(story, to));
    } else {
        sentence_add(sentence, "was still on its way to %s when the run ended",
                     why_name(story, to));
    }
}

/* ---- stages: there, and back ----------------------------------------------------------------- */

/* ", at 80.1 ms: the answer" */
static void try_outcome(struct sentence *sentence, const struct why_story *story,
                        const struct why_leg *leg)
{
    const char *name = why_name(story, story->client);
    char text[WORDS_MAX];

    if (leg->arrived == NULL || (leg->outcome == NULL && leg->rejected == NULL)) {
        return;
    }
    tell_instant(text, leg->arrived->t_ns);
    sentence_add(sentence, ", at %s", text);
    if (leg->outcome != NULL && leg->outcome->n != story->n) {
        sentence_add(sentence, ": %s took it for the reply to %s/%u", name, name, leg->outcome->n);
    } else if (leg->outcome != NULL && leg->outcome->event == TRACE_ANSWERED) {
        sentence_add(sentence, ": the answer");
    } else if (leg->outcome != NULL) {
        sentence_add(sentence, ": error %u", leg->outcome->code);
    }
}

/* Whether the datagram that came of a leg goes on in its direction; then they share a sentence. */
static bool try_goes_on(const struct why_story *story, const struct why_leg *leg)
{
    return leg->arrived != NULL && leg->next != WHY_NONE &&
           try_is_reply(story, leg) == try_is_reply(story, &story->legs[leg->next]);
}

static bool try_is_instant(const struct why_leg *leg)
{
    return leg->arrived != NULL && leg->arrived->t_ns == leg->sent->t_ns;
}

/* The datagrams of one direction, from `first` on, as one sentence; returns the last of them. */
static uint32_t try_stage(struct sentence *sentence, const struct why_story *story, uint32_t first)
{
    uint32_t at = first;

    for (;;) {
        const struct why_leg *leg = &story->legs[at];
        bool goes_on = try_goes_on(story, leg);
        if (leg->arrived != NULL) {
            bool brief = goes_on && try_is_instant(leg) && try_is_instant(&story->legs[leg->next]);
            try_arrival(sentence, story, leg, at != first, brief);
        } else if (leg->sent->reason != LOSS_NONE) {
            try_loss(sentence, story, leg, at == first);
        } else {
            try_missing(sentence, story, leg);
        }
        if (!goes_on) {
            break;
        }
        if (leg->code != story->legs[leg->next].code) {
            sentence_add(sentence, ", which made %u of it,", story->legs[leg->next].code);
        }
        sentence_add(sentence, trace_is_damaged(leg->sent) ? ", and " : " and ");
        at = leg->next;
    }
    if (story->legs[at].sent->to == story->client) {
        try_outcome(sentence, story, &story->legs[at]);
    }
    sentence_add(sentence, ".");
    if (story->legs[at].arrived != NULL) {
        why_add_arrived(sentence, story, &story->legs[at]);
    }
    return at;
}

/* How a paragraph begins. */
static void try_root(struct sentence *sentence, const struct why_story *story,
                     const struct why_leg *leg)
{
    char text[WORDS_MAX];
    char cause[WHY_CAUSE_MAX];

    tell_instant(text, leg->sent->t_ns);
    if (leg->sent->event == TRACE_DUPLICATED) {
        why_copy_cause(cause, story, leg);
        sentence_add(sentence, "A copy of the %s that the link %s -> %s made at %s%s",
                     try_is_reply(story, leg) ? "reply" : "request",
                     story->scenario->nodes[leg->sent->from].name,
                     story->scenario->nodes[leg->sent->to].name, text, cause);
    } else if (leg->sent->node == story->client) {
        sentence_add(sentence, "Try %u left %s at %s%s", leg->try, why_name(story, story->client),
                     text, try_goes_on(story, leg) ? "," : " and");
    } else if (leg->code != CODE_NONE && leg->sent->node == NODE_BROKER) {
        sentence_add(sentence, "At %s the broker gave up, and answered %u (%s). That", text,
                     leg->code, why_code_meaning(leg->code));
    } else if (leg->sent->node == NODE_BROKER) {
        sentence_add(sentence,
                     "The broker's own timer fired at %s: what it sent once more for try %u", text,
                     leg->try);
    } else {
        sentence_add(sentence, "A reply that left %s at %s", why_name(story, leg->sent->node),
                     text);
    }
}

/* How the way back begins: who answers, and what. */
static void try_turn(struct sentence *sentence, const struct why_story *story,
                     const struct why_leg *came, const struct why_leg *reply)
{
    char text[WORDS_MAX];
    const char *name = why_name_first(story, reply->sent->node);
    uint64_t work_ns =
        came->executed == NULL ? 0 : time_since(came->executed->t_ns, reply->sent->t_ns);

    if (reply->code != CODE_OK && reply->code != CODE_NONE) {
        sentence_add(sentence, " %s answered %u (%s). That", name, reply->code,
                     reply->code == CODE_BUSY && reply->sent->node != NODE_BROKER
                         ? "its queue was full"
                         : why_code_meaning(reply->code));
    } else if (work_ns > 0) {
        words_span(text, work_ns);
        sentence_add(sentence, " After %s of work its reply", text);
    } else {
        sentence_add(sentence, " The reply");
    }
}

/* All that one datagram led to, as a paragraph. */
static void try_paragraph(struct why_story *story, uint32_t root)
{
    struct sentence sentence;
    uint32_t at = root;

    sentence_begin(&sentence);
    try_root(&sentence, story, &story->legs[root]);
    for (;;) {
        sentence_add(&sentence, " ");
        at = try_stage(&sentence, story, at);
        uint32_t next = story->legs[at].next;
        if (next == WHY_NONE || story->legs[at].arrived == NULL) {
            break;
        }
        try_turn(&sentence, story, &story->legs[at], &story->legs[next]);
        at = next;
    }
    why_say(story, 2, sentence.text);
}

/* ---- timers ---------------------------------------------------------------------------------- */

/* The latest instant that the paragraphs of a try speak of. */
static uint64_t try_until_ns(const struct why_story *story, unsigned try)
{
    uint64_t until_ns = 0;

    for (uint32_t i = 0; i < story->leg_count; i++) {
        const struct why_leg *leg = &story->legs[i];
        uint64_t t_ns = leg->arrived != NULL ? leg->arrived->t_ns : leg->sent->t_ns;
        until_ns = leg->try == try && t_ns > until_ns ? t_ns : until_ns;
    }
    return until_ns;
}

/* What the client did when a try's time was over. */
static void try_timer(struct why_story *story, unsigned try)
{
    const struct trace_record *fired = why_client_note(story, TRACE_TIMEOUT, try);
    const struct trace_record *again = why_client_note(story, TRACE_RETRY, try + 1);
    const char *name = why_name(story, story->client);
    struct sentence sentence;
    char text[WORDS_MAX];

    if (fired == NULL && again == NULL) {
        return;
    }
    sentence_begin(&sentence);
    tell_instant(text, fired != NULL ? fired->t_ns : again->t_ns);
    if (fired == NULL) {
        sentence_add(&sentence, "After that error %s waited until %s, and tried again.", name,
                     text);
    } else if (try_until_ns(story, try) > fired->t_ns) {
        sentence_add(&sentence, "Meanwhile the timer had fired at %s, and %s had ", text, name);
        sentence_add(&sentence, again != NULL ? "tried again." : "no further try.");
    } else {
        sentence_add(&sentence, "The timer fired at %s: %s ", text, name);
        sentence_add(&sentence, again != NULL ? "tried again." : "had no further try.");
    }
    why_say(story, 2, sentence.text);
}

void why_tell_try(struct why_story *story, unsigned try)
{
    for (uint32_t i = 0; i < story->leg_count; i++) {
        if (story->legs[i].try == try && try_is_root(story, i)) {
            try_paragraph(story, i);
        }
    }
    try_timer(story, try);
}
