#include "report/why_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "protocol/code.h"

/* ---- how it ended ---------------------------------------------------------------------------- */

static const struct retry_policy *end_policy(const struct why_story *story)
{
    const struct scenario_node *node = &story->scenario->nodes[story->client];
    return &story->scenario->groups[node->index].policy;
}

/* "at the second of 12 tries" */
static void end_add_tries(struct sentence *sentence, const struct why_story *story, unsigned try)
{
    unsigned most = end_policy(story)->tries;
    char text[WORDS_MAX];

    why_ordinal(text, try);
    if (most == 1) {
        sentence_add(sentence, ", at its only try");
    } else if (try == story->tries) {
        sentence_add(sentence, ", at the %s of %u tries", text, most);
    } else {
        sentence_add(sentence, ": that was the reply to its %s try, when it had sent %u of %u",
                     text, story->tries, most);
    }
}

/* Whether a reply to this request is what its client took for one. */
static bool end_is_own_reply(const struct why_story *story)
{
    for (uint32_t i = 0; i < story->leg_count; i++) {
        if (story->legs[i].outcome == story->ended) {
            return true;
        }
    }
    return !story->scenario->groups[story->scenario->nodes[story->client].index].plain;
}

static void end_answered(struct why_story *story)
{
    const struct trace_record *ended = story->ended;
    struct sentence sentence;
    char quoted[WHY_TEXT_MAX];
    char at[WORDS_MAX];
    char after[WORDS_MAX];

    sentence_begin(&sentence);
    why_quote(quoted, story, ended);
    tell_instant(at, ended->t_ns);
    why_after(after, ended->value_ns);
    sentence_add(&sentence, "%s was answered %s at %s, %s", why_name(story, story->client), quoted,
                 at, after);
    end_add_tries(&sentence, story, ended->try);
    sentence_add(&sentence, ".");
    if (story->result != NULL && story->result->wrong) {
        sentence_add(&sentence, " That is not the right answer.");
    }
    if (!end_is_own_reply(story)) {
        sentence_add(&sentence, " It was the reply to another request: in the plain form nothing "
                                "tells them apart.");
    }
    why_say(story, 0, sentence.text);
}

static void end_timed_out(struct why_story *story, struct sentence *sentence)
{
    const struct trace_record *ended = story->ended;
    const char *name = why_name(story, story->client);
    char at[WORDS_MAX];
    char after[WORDS_MAX];
    char span[WORDS_MAX];

    tell_instant(at, ended->t_ns);
    why_after(after, ended->value_ns);
    sentence_add(sentence, "%s gave up at %s, %s", name, at, after);
    if (story->tries < end_policy(story)->tries && story->began != NULL) {
        why_span(span, time_since(story->began->t_ns, story->began->value_ns));
        sentence_add(sentence, ", since its deadline of %s was over", span);
    }
    sentence_add(sentence, ". ");
    why_add_fates(sentence, story);
}

static void end_error(struct why_story *story, struct sentence *sentence)
{
    unsigned code = story->ended->code;
    char at[WORDS_MAX];

    tell_instant(at, story->ended->t_ns);
    sentence_add(sentence, "%s ended it at %s with error %u: %s.", why_name(story, story->client),
                 at, code, why_code_meaning(code));
    if (code_is_definite(code)) {
        sentence_add(sentence, " That code says for certain that it was not executed.");
    } else {
        sentence_add(sentence, " That code leaves open whether it was executed.");
    }
}

static void end_cancelled(struct why_story *story, struct sentence *sentence)
{
    const struct run_facts *facts = story->look->run->facts;
    char span[WORDS_MAX];

    if (story->began == NULL) {
        sentence_add(sentence, "%s never began it: ", why_name(story, story->client));
    } else {
        sentence_add(sentence,
                     "It was cancelled while %s still waited: ", why_name(story, story->client));
    }
    if (facts != NULL && facts->end == RUN_SIGNAL) {
        sentence_add(sentence, "the run was ended by %s.", words_signal(facts->signal));
        return;
    }
    why_span(span, story->scenario->time_limit_ns);
    sentence_add(sentence, "the run had reached its time limit of %s.", span);
}

static void end_failed(struct why_story *story)
{
    struct sentence sentence;

    sentence_begin(&sentence);
    switch ((enum outcome)story->ended->reason) {
    case OUTCOME_TIMED_OUT:
        end_timed_out(story, &sentence);
        break;
    case OUTCOME_ERROR:
        end_error(story, &sentence);
        break;
    case OUTCOME_CANCELLED:
        end_cancelled(story, &sentence);
        break;
    case OUTCOME_OPEN:
    case OUTCOME_ANSWERED:
        break;
    }
    why_say(story, 0, sentence.text);
}

/* ---- how sure that is ------------------------------------------------------------------------ */

static void end_undecided(struct why_story *story)
{
    char span[WORDS_MAX];
    struct sentence sentence;

    if (story->result == NULL || !story->result->undecided) {
        return;
    }
    sentence_begin(&sentence);
    if (story->result->margin_ns < 10 * NS_PER_MS) {
        words_span(span, story->result->margin_ns);
        sentence_add(&sentence,
                     "It is undecided: a timer and a reply passed %s apart, and under 10 ms "
                     "another machine, or another run, could see it end otherwise.",
                     span);
    } else {
        sentence_add(&sentence, "It is undecided: the kernel dropped a datagram on its way, which "
                                "no scenario asked for.");
    }
    why_say(story, 0, sentence.text);
}

void why_tell_end(struct why_story *story)
{
    if (story->ended == NULL) {
        why_say(story, 0, "The log does not say how it ended.");
        return;
    }
    if (story->ended->event == TRACE_ANSWERED) {
        end_answered(story);
    } else {
        end_failed(story);
    }
    if (story->began != NULL) {
        why_tell_executions(story);
    }
    end_undecided(story);
}
