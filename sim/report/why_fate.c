/* Where the tries of a request that timed out were stopped, in one sentence. */
#include "report/why_parts.h"

/* What stopped a try. */
enum fate {
    FATE_NOTHING, /* none of the others: a queue, a drop that nobody asked for, the run's end */
    FATE_LOST_THERE,
    FATE_DAMAGED_THERE,
    FATE_CRASHED, /* it, or its reply, met a node that had crashed, or forgotten it */
    FATE_LOST_BACK,
    FATE_DAMAGED_BACK,
    FATE_LATE,  /* its reply came too late */
    FATE_ERROR, /* its reply was an error */
    FATE_COUNT
};

/* How near to the client a datagram came that nothing came of: four links, each of which it may
 * have passed. */
static unsigned fate_progress(const struct why_story *story, const struct why_leg *leg)
{
    unsigned link = leg->sent->from == story->client ? 0
                    : leg->sent->from == NODE_BROKER ? (leg->sent->to == story->client ? 3 : 1)
                                                     : 2;

    return 2 * link + (leg->arrived != NULL) + (leg->outcome != NULL);
}

/* The last datagram of a try that came as near to the client as any; NULL: there is none. */
static const struct why_leg *fate_nearest(const struct why_story *story, unsigned try)
{
    const struct why_leg *nearest = NULL;

    for (uint32_t i = 0; i < story->leg_count; i++) {
        const struct why_leg *leg = &story->legs[i];
        if (leg->try == try && leg->next == WHY_NONE &&
            (nearest == NULL || fate_progress(story, leg) > fate_progress(story, nearest))) {
            nearest = leg;
        }
    }
    return nearest;
}

/* Whether the node it came to had crashed, or forgot it. */
static bool fate_is_crash(const struct why_story *story, const struct why_leg *leg)
{
    if (leg->rejected == NULL) {
        return leg->gone != NULL;
    }
    return leg->rejected->reason == REJECT_DEAF ||
           (leg->rejected->reason == REJECT_LATE && leg->sent->to == NODE_BROKER &&
            why_broker_forgot(story, leg) != NULL);
}

static enum fate fate_of(const struct why_story *story, unsigned try)
{
    const struct why_leg *leg = fate_nearest(story, try);

    if (leg == NULL) {
        return FATE_NOTHING;
    }
    bool back = leg->sent->to == story->client || leg->sent->from == story->server;
    if (leg->sent->reason != LOSS_NONE) {
        return back ? FATE_LOST_BACK : FATE_LOST_THERE;
    }
    if (fate_is_crash(story, leg)) {
        return FATE_CRASHED;
    }
    if (leg->rejected != NULL && trace_is_damaged(leg->sent)) {
        return back ? FATE_DAMAGED_BACK : FATE_DAMAGED_THERE;
    }
    if (leg->outcome != NULL) {
        return FATE_ERROR;
    }
    return back && leg->arrived != NULL ? FATE_LATE : FATE_NOTHING;
}

/* "1 was lost on the way there, the replies to 2 were lost on the way back" */
static void fate_add_counts(struct sentence *sentence, const uint32_t counts[FATE_COUNT])
{
    static const struct {
        enum fate fate;
        const char *one;
        const char *several; /* with their number */
    } words[] = {
        {FATE_LOST_THERE, "1 was lost on the way there", "%u were lost on the way there"},
        {FATE_DAMAGED_THERE, "1 was damaged on the way there", "%u were damaged on the way there"},
        {FATE_CRASHED, "1 was undone by a crash or restart",
         "%u were undone by a crash or restart"},
        {FATE_LOST_BACK, "the reply to 1 was lost on the way back",
         "the replies to %u were lost on the way back"},
        {FATE_DAMAGED_BACK, "the reply to 1 was damaged on the way back",
         "the replies to %u were damaged on the way back"},
        {FATE_LATE, "the reply to 1 came too late", "the replies to %u came too late"},
        {FATE_ERROR, "1 was answered with an error", "%u were answered with an error"},
        {FATE_NOTHING, "1 came to nothing", "%u came to nothing"},
    };
    size_t start = sentence->used;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        uint32_t count = counts[words[i].fate];
        if (count > 0) {
            sentence_add_item(sentence, start, count == 1 ? words[i].one : words[i].several, count);
        }
    }
}

/* The same of a request that had one try. */
static const char *fate_of_only(enum fate fate)
{
    switch (fate) {
    case FATE_LOST_THERE:
        return "Its only try was lost on the way there.";
    case FATE_DAMAGED_THERE:
        return "Its only try was damaged on the way there.";
    case FATE_CRASHED:
        return "Its only try was undone by a crash or restart.";
    case FATE_LOST_BACK:
        return "The reply to its only try was lost on the way back.";
    case FATE_DAMAGED_BACK:
        return "The reply to its only try was damaged on the way back.";
    case FATE_LATE:
        return "The reply to its only try came too late.";
    case FATE_ERROR:
        return "Its only try was answered with an error.";
    case FATE_NOTHING:
    case FATE_COUNT:
        break;
    }
    return "Its only try came to nothing.";
}

void why_add_fates(struct sentence *sentence, const struct why_story *story)
{
    uint32_t counts[FATE_COUNT] = {0};

    if (story->tries == 1) {
        sentence_add(sentence, "%s", fate_of_only(fate_of(story, 1)));
        return;
    }
    for (unsigned try = 1; try <= story->tries; try++) {
        counts[fate_of(story, try)]++;
    }
    sentence_add(sentence, "Of its %u tries none brought a reply in time: ", story->tries);
    fate_add_counts(sentence, counts);
    sentence_add(sentence, ".");
}
