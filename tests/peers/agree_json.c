#include "agree.h"

#include <stdlib.h>
#include <string.h>

/* ---- events ---------------------------------------------------------------------------------- */

static void count_event(struct agree *agree, const json_t *event)
{
    static const struct {
        const char *word;
        const char *count;
    } plain[] = {{"send", "sent"},           {"duplicated", "duplicated"}, {"deliver", "delivered"},
                 {"corrupted", "corrupted"}, {"begin", "began"},           {"answered", "answered"},
                 {"failed", "failed"},       {"execute", "executions"}};
    const char *word = agree_text(event, "event");
    bool own =
        strcmp(agree_text(event, "node"), agree_text(event, "client")) == 0; /* at the client */

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (strcmp(word, plain[i].word) == 0) {
            agree_add(agree, EVENTS, plain[i].count, 1);
        }
    }
    if (strcmp(word, "answered") == 0 || strcmp(word, "failed") == 0) {
        agree_add(agree, EVENTS, "requests", 1); /* also those that it was too late to begin */
    }
    if (strcmp(word, "send") == 0 || strcmp(word, "duplicated") == 0) {
        agree_add(agree, EVENTS, "frames", 1);
    }
    if (strcmp(word, "send") == 0 && own) {
        agree_add(agree, EVENTS, "tries", 1);
    } else if (strcmp(word, "retry") == 0 && own) {
        agree_add(agree, EVENTS, "retries", 1);
    } else if (strcmp(word, "lost") == 0) {
        agree_add_lost(agree, EVENTS, agree_text(event, "reason"), 1);
    } else if (strcmp(word, "failed") == 0) {
        agree_add(agree, EVENTS, agree_text(event, "reason"), 1);
    } else if (strcmp(word, "rejected") == 0 && json_object_get(event, "code") == NULL) {
        agree_add(agree, EVENTS, "rejected",
                  1); /* an error reply is taken, whatever the word says */
    }
}

void agree_count_events(struct agree *agree, const char *path)
{
    static const char *const known[] = {
        "sent",       "delivered", "lost",       "lost.loss", "lost.drop", "lost.down",
        "lost.queue", "lost.mtu",  "corrupted",  "requests",  "began",     "answered",
        "failed",     "error",     "timed-out",  "cancelled", "tries",     "retries",
        "executions", "rejected",  "duplicated", "frames",    NULL};
    size_t size;
    char *bytes = agree_read_file(path, &size);

    agree_begin(agree, EVENTS, known);
    for (char *line = bytes; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        json_t *event = agree_read_json(line, length, path);
        count_event(agree, event);
        json_decref(event);
        line += length + (line[length] == '\n');
    }
    free(bytes);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void count_links(struct agree *agree, const json_t *links)
{
    static const char *const sums[] = {"sent", "delivered", "duplicated", "corrupted", NULL};
    static const char *const known[] = {"lost",       "lost.loss", "lost.drop", "lost.down",
                                        "lost.queue", "lost.mtu",  NULL};
    const char *reason;
    json_t *value;
    json_t *link;
    size_t i;

    agree_begin(agree, LINKS, sums);
    agree_begin(agree, LINKS, known);
    json_array_foreach(links, i, link)
    {
        for (const char *const *name = sums; *name != NULL; name++) {
            agree_add(agree, LINKS, *name, agree_number(link, *name));
        }
        json_object_foreach(json_object_get(link, "lost_by"), reason, value)
        {
            agree_add_lost(agree, LINKS, reason, (uint64_t)json_integer_value(value));
        }
    }
}

static void count_nodes(struct agree *agree, const json_t *nodes)
{
    const char *reason;
    json_t *value;
    json_t *node;
    size_t i;

    *agree_at(agree, NODES, "rejected") = 0;
    json_array_foreach(nodes, i, node)
    {
        if (strcmp(agree_text(node, "kind"), "server") == 0) {
            agree_add(agree, NODES, "executions", agree_number(node, "executions"));
        }
        json_object_foreach(json_object_get(node, "rejected"), reason, value)
        {
            agree_add(agree, NODES, "rejected", (uint64_t)json_integer_value(value));
        }
    }
}

static void count_requests(struct agree *agree, const json_t *requests)
{
    static const char *const known[] = {"requests",  "answered",  "failed", "error",
                                        "timed-out", "cancelled", "tries",  NULL};
    json_t *request;
    size_t i;

    agree_begin(agree, REQUESTS, known);
    json_array_foreach(requests, i, request)
    {
        const char *outcome = agree_text(request, "outcome");
        agree_add(agree, REQUESTS, "requests", 1);
        agree_add(agree, REQUESTS, outcome, 1);
        agree_add(agree, REQUESTS, "failed", strcmp(outcome, "answered") != 0);
        agree_add(agree, REQUESTS, "tries", agree_number(request, "tries"));
    }
}

/* How many cases JUnit's XML must have: one for that the run ended by itself. */
static void count_verdicts(struct agree *agree, const json_t *run)
{
    json_t *expectations = json_object_get(run, "expectations");
    json_t *promises = json_object_get(run, "promises");
    bool cut = strcmp(agree_text(run, "end"), "done") != 0;
    json_t *item;
    size_t i;

    agree_add(agree, VERDICTS, "cases",
              1 + json_array_size(expectations) + json_array_size(promises));
    agree_add(agree, VERDICTS, "cases that failed", cut);
    agree_add(agree, VERDICTS, "cases skipped", 0);
    json_array_foreach(expectations, i, item)
    {
        agree_add(agree, VERDICTS, "cases that failed",
                  !json_is_true(json_object_get(item, "held")));
    }
    json_array_foreach(promises, i, item)
    {
        const char *verdict = agree_text(item, "verdict");
        agree_add(agree, VERDICTS, "cases that failed", strcmp(verdict, "broken") == 0);
        agree_add(agree, VERDICTS, "cases skipped", strcmp(verdict, "not-judged") == 0);
    }
}

json_t *agree_count_json(struct agree *agree, const char *path)
{
    size_t size;
    char *bytes = agree_read_file(path, &size);
    json_t *run = agree_read_json(bytes, size, path);
    json_t *metrics = json_object_get(run, "metrics");
    const char *name;
    json_t *metric;

    json_object_foreach(metrics, name, metric)
    {
        if (json_is_integer(metric) && agree_is_count(name)) {
            agree_add(agree, METRICS, name, (uint64_t)json_integer_value(metric));
        }
    }
    count_links(agree, json_object_get(run, "links"));
    count_nodes(agree, json_object_get(run, "nodes"));
    count_requests(agree, json_object_get(run, "requests"));
    count_verdicts(agree, run);
    free(bytes);
    return run;
}
