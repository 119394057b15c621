#include "report/why_parts.h"

#include <stdio.h>
#include <string.h>

#define AGAIN_REASONS_MAX 4 /* kinds of reasons that a sentence lists: more are "and so on" */

/* The leg that was executed as number `execution`; NULL: not known. */
static const struct why_leg *again_executed(const struct why_story *story, uint32_t execution)
{
    for (uint32_t i = 0; i < story->leg_count; i++) {
        if (story->legs[i].executed != NULL && story->legs[i].execution == execution) {
            return &story->legs[i];
        }
    }
    return NULL;
}

/* The datagram from which a leg came to be: its try's, a copy, or what the broker sent again. */
static const struct why_leg *again_origin(const struct why_story *story, const struct why_leg *leg)
{
    while (leg->cause != WHY_NONE) {
        leg = &story->legs[leg->cause];
    }
    return leg;
}

/* Why there was one more execution. */
enum again_kind {
    AGAIN_UNKNOWN,
    AGAIN_COPIED,   /* a link made a copy */
    AGAIN_ASKED,    /* the broker asked again by itself */
    AGAIN_CRASHED,  /* the server, before it had answered */
    AGAIN_LOST,     /* the reply */
    AGAIN_DAMAGED,  /* the reply, on its way */
    AGAIN_UNTAKEN,  /* the reply: the broker did not take it */
    AGAIN_UNTIMELY, /* the reply was not there when the timer fired */
    AGAIN_SLOW,     /* nor in time, but it was an error that made the client try again */
    AGAIN_KIND_COUNT
};

/* Reasons that are told as one. */
struct again_reason {
    enum again_kind kind;
    uint32_t link; /* UINT32_MAX: it does not matter */
    uint32_t count;
    char tries[80]; /* "1, 2 and 3" without the "and": what does not fit is left out */
    unsigned last;  /* the last of them, not in `tries` yet */
};

/* What kept the answer to an execution from its client. */
static struct again_reason again_reply_reason(const struct why_story *story,
                                              const struct why_leg *executed)
{
    struct again_reason reason = {.link = UINT32_MAX, .last = executed->try};
    const struct trace_record *retry = why_client_note(story, TRACE_RETRY, executed->try + 1u);
    bool timer = why_client_note(story, TRACE_TIMEOUT, executed->try) != NULL;
    const struct why_leg *leg = executed;

    while (leg->next != WHY_NONE) {
        leg = &story->legs[leg->next];
    }
    if (leg == executed) {
        reason.kind = executed->gone != NULL ? AGAIN_CRASHED : timer ? AGAIN_UNTIMELY : AGAIN_SLOW;
    } else if (leg->sent->reason != LOSS_NONE) {
        reason.kind = AGAIN_LOST;
        reason.link = scenario_link(leg->sent->from, leg->sent->to);
    } else if (leg->rejected != NULL && trace_is_damaged(leg->sent)) {
        reason.kind = AGAIN_DAMAGED;
        reason.link = scenario_link(leg->sent->from, leg->sent->to);
    } else if (leg->rejected != NULL && leg->sent->to == NODE_BROKER &&
               (retry == NULL || leg->rejected < retry)) {
        reason.kind = AGAIN_UNTAKEN;
    } else {
        reason.kind = timer ? AGAIN_UNTIMELY : AGAIN_SLOW;
    }
    return reason;
}

/* Of a try that was executed before, the datagram that made it come again: the copy, or what the
 * broker sent by itself. NULL: it was not executed before. */
static const struct why_leg *again_repeat(const struct why_story *story, const struct why_leg *leg)
{
    const struct why_leg *origin = again_origin(story, leg);

    for (uint32_t i = 1; i < leg->execution; i++) {
        const struct why_leg *before = again_executed(story, i);
        if (before != NULL && before->try == leg->try) {
            bool first = origin->sent->event == TRACE_SEND && origin->sent->node == story->client;
            return first ? again_origin(story, before) : origin;
        }
    }
    return NULL;
}

/* Why there was an execution number `execution` (from 2). */
static struct again_reason again_reason_of(const struct why_story *story, uint32_t execution)
{
    const struct why_leg *leg = again_executed(story, execution);
    const struct why_leg *before = again_executed(story, execution - 1);

    if (leg == NULL || before == NULL) {
        return (struct again_reason){.kind = AGAIN_UNKNOWN, .link = UINT32_MAX};
    }
    const struct why_leg *repeat = again_repeat(story, leg);
    if (repeat == NULL) {
        return again_reply_reason(story, before);
    }
    if (repeat->sent->event == TRACE_DUPLICATED) {
        return (struct again_reason){.kind = AGAIN_COPIED,
                                     .link = scenario_link(repeat->sent->from, repeat->sent->to),
                                     .last = leg->try};
    }
    return (struct again_reason){.kind = AGAIN_ASKED, .link = UINT32_MAX, .last = leg->try};
}

/* Adds a reason to those of its kind and link. False: there is no room for a new one. */
static bool again_add_reason(struct again_reason *reasons, uint32_t *count,
                             const struct again_reason *reason)
{
    uint32_t i = 0;

    while (i < *count && (reasons[i].kind != reason->kind || reasons[i].link != reason->link)) {
        i++;
    }
    if (i == AGAIN_REASONS_MAX) {
        return false;
    }
    if (i == *count) {
        reasons[(*count)++] = *reason;
    } else if (reasons[i].last != reason->last) {
        size_t used = strlen(reasons[i].tries);
        snprintf(reasons[i].tries + used, sizeof reasons[i].tries - used, "%s%u",
                 used > 0 ? ", " : "", reasons[i].last);
        reasons[i].last = reason->last;
    }
    reasons[i].count++;
    return true;
}

/* "the replies to tries 1, 2 and 3 were lost (broker -> c1)" */
static void again_say_reason(struct sentence *sentence, const struct why_story *story,
                             const struct again_reason *reason)
{
    static const char *const ends[AGAIN_KIND_COUNT][2] = {
        [AGAIN_LOST] = {"was lost", "were lost"},
        [AGAIN_DAMAGED] = {"was damaged", "were damaged"},
        [AGAIN_UNTAKEN] = {"was not taken by the broker", "were not taken by the broker"},
        [AGAIN_UNTIMELY] = {"was not there when the timer fired",
                            "were not there when the timer fired"},
        [AGAIN_SLOW] = {"was not there in time", "were not there in time"}};
    bool several = reason->tries[0] != '\0';
    char link[WORDS_LINK_MAX + 3] = "";
    char times[WORDS_MAX];

    if (reason->link != UINT32_MAX) {
        char name[WORDS_LINK_MAX];
        words_link(name, story->scenario, reason->link);
        snprintf(link, sizeof link, " (%s)", name);
    }
    tell_times(times, reason->count);
    switch (reason->kind) {
    case AGAIN_UNKNOWN:
        sentence_add(sentence, "it came again");
        return;
    case AGAIN_COPIED:
        sentence_add(sentence, "the network made a copy%s%s%s", reason->count > 1 ? " " : "",
                     reason->count > 1 ? times : "", link);
        return;
    case AGAIN_ASKED:
        sentence_add(sentence, "the broker asked again by itself%s%s", reason->count > 1 ? " " : "",
                     reason->count > 1 ? times : "");
        return;
    case AGAIN_CRASHED:
        sentence_add(sentence, "%s crashed before it had answered", why_name(story, story->server));
        return;
    case AGAIN_LOST:
    case AGAIN_DAMAGED:
    case AGAIN_UNTAKEN:
    case AGAIN_UNTIMELY:
    case AGAIN_SLOW:
    case AGAIN_KIND_COUNT:
        break;
    }
    sentence_add(sentence,
                 several ? "the replies to tries %s and %u %s%s" : "the reply to try %s%u %s%s",
                 reason->tries, reason->last, ends[reason->kind][several], link);
}

static void again_say_reasons(struct sentence *sentence, const struct why_story *story)
{
    struct again_reason reasons[AGAIN_REASONS_MAX];
    uint32_t count = 0;
    bool more = false;

    for (uint32_t i = 2; i <= story->executions; i++) {
        struct again_reason reason = again_reason_of(story, i);
        more |= !again_add_reason(reasons, &count, &reason);
    }
    for (uint32_t i = 0; i < count; i++) {
        sentence_add(sentence, i == 0 ? ", because " : ", ");
        again_say_reason(sentence, story, &reasons[i]);
    }
    sentence_add(sentence, more ? ", and so on" : "");
    sentence_add(sentence, ", and nothing in this system remembers what was done");
}

void why_tell_executions(struct why_story *story)
{
    bool answered = story->ended->event == TRACE_ANSWERED;
    struct sentence sentence;
    char times[WORDS_MAX];

    sentence_begin(&sentence);
    if (story->executions == 0 && story->server == WHY_NONE) {
        sentence_add(&sentence, "Nobody executed it.");
    } else if (story->executions == 0) {
        sentence_add(&sentence, "%s never executed it.", why_name(story, story->server));
    } else {
        tell_times(times, story->executions);
        sentence_add(&sentence, "%s executed it %s", why_name(story, story->server), times);
        if (story->executions > 1) {
            again_say_reasons(&sentence, story);
        }
        if (!answered) {
            sentence_add(&sentence, "; %s was never told", why_name(story, story->client));
        }
        sentence_add(&sentence, ".");
    }
    why_say(story, 0, sentence.text);
}
