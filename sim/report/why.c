#include "report/why.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "report/why_parts.h"

#define WHY_GROUPS_SHOWN 4 /* of clients, in an error */
#define WHY_LIST_MAX     300

/* ---- "C/N" ----------------------------------------------------------------------------------- */

/* How many letters two names differ by, both ends compared in step; a rough but quick measure. */
static size_t why_distance(const char *text, size_t size, const char *name)
{
    size_t other = strlen(name);
    size_t shorter = size < other ? size : other;
    size_t begin = 0;
    size_t end = 0;

    while (begin < shorter &&
           bytes_lower((uint8_t)text[begin]) == bytes_lower((uint8_t)name[begin])) {
        begin++;
    }
    while (end < shorter - begin && text[size - 1 - end] == name[other - 1 - end]) {
        end++;
    }
    return (size > other ? size : other) - begin - end;
}

/* The client whose name is most like the text, and how far it is from it. */
static const char *why_nearest(const struct scenario *scenario, const char *text, size_t size,
                               size_t *least)
{
    const char *nearest = NULL;

    *least = SIZE_MAX;

    for (uint32_t i = 0; i < scenario->node_count; i++) {
        const struct scenario_node *node = &scenario->nodes[i];
        size_t distance = why_distance(text, size, node->name);
        if (node->kind == NODE_KIND_CLIENT && distance < *least) {
            nearest = node->name;
            *least = distance;
        }
    }
    return nearest;
}

/* Reads a whole number from 1 to UINT32_MAX. */
static bool why_read_number(const char *text, uint32_t *number)
{
    uint64_t value = 0;

    for (; *text >= '0' && *text <= '9' && value <= UINT32_MAX; text++) {
        value = value * 10 + (uint64_t)(*text - '0');
    }
    *number = (uint32_t)value;
    return *text == '\0' && value > 0 && value <= UINT32_MAX;
}

/* A name as a message may show it. */
static void why_show(char shown[64], const char *text, size_t size)
{
    (void)bytes_escape(shown, 64, (const uint8_t *)text, size);
}

/* "c1 .. c8, anna": the clients of the first groups. */
static void why_list_clients(char list[WHY_LIST_MAX], const struct scenario *scenario)
{
    size_t used = 0;

    for (uint32_t i = 0; i < scenario->group_count && i <= WHY_GROUPS_SHOWN; i++) {
        char names[WORDS_LINK_MAX] = "..."; /* in place of all that follow */
        if (i < WHY_GROUPS_SHOWN) {
            words_group(names, &scenario->groups[i]);
        }
        used +=
            (size_t)snprintf(list + used, WHY_LIST_MAX - used, "%s%s", i > 0 ? ", " : "", names);
    }
}

static bool why_no_client(const struct scenario *scenario, const char *text, size_t size,
                          uint32_t node, char error[REPORT_WHY_ERROR_MAX])
{
    size_t distance = 0;
    const char *nearest = why_nearest(scenario, text, size, &distance);
    char list[WHY_LIST_MAX];
    char shown[64];

    why_show(shown, text, size);
    if (nearest == NULL) {
        snprintf(error, REPORT_WHY_ERROR_MAX, "the scenario has no clients, and so no requests");
    } else if (node != NODE_NONE) {
        snprintf(error, REPORT_WHY_ERROR_MAX, "%s makes no requests, only clients do; try '%s/1'",
                 shown, nearest);
    } else {
        bool near = distance <= 2 && distance < size;
        why_list_clients(list, scenario);
        snprintf(error, REPORT_WHY_ERROR_MAX, "no client is called '%s'%s%s%s: the clients are %s",
                 shown, near ? " (did you mean '" : "", near ? nearest : "", near ? "'?)" : "",
                 list);
    }
    return false;
}

bool report_why_parse(const struct scenario *scenario, const char *text, uint32_t *client,
                      uint32_t *n, char error[REPORT_WHY_ERROR_MAX])
{
    const char *slash = strrchr(text, '/');
    size_t size = slash == NULL ? strlen(text) : (size_t)(slash - text);
    uint32_t node = scenario_find_node(scenario, text, size);
    uint32_t number;
    char shown[64];

    if (node == NODE_NONE || scenario->nodes[node].kind != NODE_KIND_CLIENT) {
        return why_no_client(scenario, text, size, node, error);
    }
    uint32_t count = scenario->groups[scenario->nodes[node].index].request_count;
    const char *name = scenario->nodes[node].name;
    if (count == 0) {
        snprintf(error, REPORT_WHY_ERROR_MAX, "%s makes no requests", name);
        return false;
    }
    if (slash == NULL) {
        snprintf(error, REPORT_WHY_ERROR_MAX,
                 count == 1 ? "write the request's number, too: '%s/1'"
                            : "write the request's number, too: '%s/1' to '%s/%u'",
                 name, name, count);
        return false;
    }
    if (!why_read_number(slash + 1, &number) || number > count) {
        why_show(shown, slash + 1, strlen(slash + 1));
        snprintf(error, REPORT_WHY_ERROR_MAX,
                 count == 1 ? "there is no request '%s/%s': %s has only number %u"
                            : "there is no request '%s/%s': %s has numbers 1 to %u",
                 name, shown, name, count);
        return false;
    }
    *client = node;
    *n = number;
    return true;
}

/* ---- the story ------------------------------------------------------------------------------- */

/* "c1/3: answered at the second try, after 131 ms" */
static void why_title(struct why_story *story)
{
    const struct trace_record *ended = story->ended;
    struct sentence sentence;
    char text[WORDS_MAX];

    sentence_begin(&sentence);
    sentence_add(&sentence, "%s/%u: ", story->scenario->nodes[story->client].name, story->n);
    if (ended == NULL) {
        sentence_add(&sentence, "open");
    } else {
        enum outcome outcome =
            ended->event == TRACE_ANSWERED ? OUTCOME_ANSWERED : (enum outcome)ended->reason;
        sentence_add(&sentence, "%s", outcome_name(outcome));
        if (outcome == OUTCOME_ERROR) {
            sentence_add(&sentence, " %u", ended->code);
        }
        if (story->began != NULL) {
            words_span(text, ended->value_ns);
            sentence_add(&sentence, " after %u %s and %s", story->tries,
                         story->tries == 1 ? "try" : "tries", text);
        }
    }
    out_paint(&story->out, OUT_BOLD);
    out_wrap(&story->out, 0, sentence.text);
    out_paint(&story->out, OUT_PLAIN);
    out_line(&story->out);
    out_line(&story->out);
}

/* Who asked whom for what, and with how much patience. */
static void why_opening(struct why_story *story)
{
    const struct scenario_clients *group =
        &story->scenario->groups[story->scenario->nodes[story->client].index];
    const struct trace_record *began = story->began;
    const char *name = why_name(story, story->client);
    const char *op = words_request_op(story->scenario, story->client, story->n);
    struct sentence sentence;
    char text[WORDS_MAX];
    char quoted[WHY_TEXT_MAX];

    sentence_begin(&sentence);
    why_quote(quoted, story, began);
    tell_instant(text, began->t_ns);
    sentence_add(&sentence, "%s asked %s for %s at %s", name, op == NULL ? "somebody" : op, quoted,
                 text);
    if (group->policy.tries == 1) {
        sentence_add(&sentence, ", with a single try");
    } else {
        sentence_add(&sentence, ", with up to %u tries", group->policy.tries);
    }
    if (story->leg_count > 0 && story->legs[0].sent->value_ns != TIME_NEVER) {
        why_span(text, time_since(story->legs[0].sent->t_ns, story->legs[0].sent->value_ns));
        sentence_add(&sentence, group->policy.tries == 1 ? " of %s" : ", %s for the first", text);
    }
    if (group->deadline_given) {
        why_span(text, group->deadline_ns);
        sentence_add(&sentence, ", and %s in all", text);
    }
    sentence_add(&sentence, ".");
    if (began->t_ns > began->due_ns) {
        tell_instant(text, began->due_ns);
        sentence_add(&sentence,
                     " It should have begun at %s, but had to wait: %u request%s may be "
                     "open at once.",
                     text, group->window, group->window == 1 ? "" : "s");
    }
    if (group->plain) {
        sentence_add(&sentence,
                     " %s speaks the plain form: its datagrams carry no id, so that "
                     "each is a new request to the broker.",
                     name);
    }
    why_say(story, 0, sentence.text);
}

static void why_tell(struct why_story *story)
{
    why_title(story);
    if (story->began != NULL) {
        why_opening(story);
        out_line(&story->out);
    }
    for (unsigned try = 1; try <= story->tries; try++) {
        why_tell_try(story, try);
        out_line(&story->out);
    }
    why_tell_end(story);
}

bool report_why(FILE *out, const struct report_look *look, const struct report_style *style,
                uint32_t client, uint32_t n)
{
    struct why_story story = {.look = look,
                              .scenario = look->run->scenario,
                              .log = look->log,
                              .client = client,
                              .n = n,
                              .server = WHY_NONE};
    bool told = why_gather(&story);

    if (told) {
        out_init(&story.out, out, style);
        why_tell(&story);
        told = out_finish(&story.out);
    }
    why_forget(&story);
    return told;
}
