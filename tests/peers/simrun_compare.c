/* Compares two runs by what they wrote with --json NAME.json --events NAME.events:
 *
 *   simrun_compare NAME NAME KIND...
 *
 *   requests     outcome and tries of each request that both decided
 *   lost         whether (and why) a datagram was lost, of each that both sent
 *   delayed      by how much the network delayed it, of each that neither lost
 *   duplicated   whether it was copied
 *
 * A datagram is the same if its link, client, n, try, carriage and copy are. Prints for each kind
 * `KIND: N compared, M differ`, and the first few that differ. Status 0, whatever was found. */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 512
#define KEY_MAX        256
#define SHOWN_MAX      5

struct run {
    json_t *report;    /* of --json */
    json_t *requests;  /* by client/n: the report's own */
    json_t *datagrams; /* by key: { lost, delayed, duplicated }, each present if it happened */
};

static void die(const char *name, const char *what)
{
    printf("simrun_compare: %s: %s\n", name, what);
    exit(2);
}

static const char *string_of(const json_t *object, const char *key)
{
    const char *string = json_string_value(json_object_get(object, key));
    return string != NULL ? string : "";
}

static long long number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* ---- reading --------------------------------------------------------------------------------- */

static void read_requests(struct run *run, const char *name)
{
    char path[NAME_MAX_BYTES];
    char key[KEY_MAX];
    const json_t *list;
    json_t *request;
    size_t i;

    snprintf(path, sizeof path, "%s.json", name);
    run->report = json_load_file(path, JSON_ALLOW_NUL, NULL);
    list = json_object_get(run->report, "requests");
    if (!json_is_array(list)) {
        die(path, "not a report with its requests");
    }
    run->requests = json_object();
    json_array_foreach(list, i, request)
    {
        snprintf(key, sizeof key, "%s/%lld", string_of(request, "client"), number_of(request, "n"));
        json_object_set(run->requests, key, request);
    }
}

static void datagram_key(char key[KEY_MAX], const json_t *event, long long copy)
{
    snprintf(key, KEY_MAX, "%s -> %s %s/%lld try %lld carriage %lld copy %lld",
             string_of(event, "from"), string_of(event, "to"), string_of(event, "client"),
             number_of(event, "n"), number_of(event, "try"), number_of(event, "carriage"), copy);
}

/* The datagram's entry, made if it is new. */
static json_t *datagram_of(const struct run *run, const json_t *event, long long copy)
{
    char key[KEY_MAX];

    datagram_key(key, event, copy);
    if (json_object_get(run->datagrams, key) == NULL) {
        json_object_set_new(run->datagrams, key, json_object());
    }
    return json_object_get(run->datagrams, key);
}

static void take_event(const struct run *run, const json_t *event)
{
    const char *word = string_of(event, "event");
    long long copy = number_of(event, "copy");

    if (number_of(event, "n") == 0 || json_object_get(event, "carriage") == NULL) {
        return; /* not a datagram that is sent, or nobody's */
    }
    json_t *datagram = datagram_of(run, event, copy);
    if (strcmp(word, "lost") == 0) {
        json_object_set(datagram, "lost", json_object_get(event, "reason"));
    } else if (strcmp(word, "delayed") == 0) {
        long long span_ns = number_of(event, "due_ns") - number_of(event, "t_ns");
        json_object_set_new(datagram, "delayed", json_integer(span_ns));
    } else if (strcmp(word, "duplicated") == 0) {
        json_object_set_new(datagram_of(run, event, 0), "duplicated", json_true());
    }
}

static void read_events(struct run *run, const char *name)
{
    char path[NAME_MAX_BYTES];
    char *line = NULL;
    size_t capacity = 0;
    FILE *file;

    snprintf(path, sizeof path, "%s.events", name);
    file = fopen(path, "r");
    if (file == NULL) {
        die(path, "cannot be read");
    }
    run->datagrams = json_object();
    while (getline(&line, &capacity, file) > 0) {
        json_t *event = json_loads(line, JSON_ALLOW_NUL, NULL);
        if (event == NULL) {
            die(path, "not JSON Lines");
        }
        take_event(run, event);
        json_decref(event);
    }
    free(line);
    fclose(file);
}

static void free_run(struct run *run)
{
    json_decref(run->datagrams);
    json_decref(run->requests);
    json_decref(run->report);
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* Whether two requests, or two datagrams, can be compared in this kind; and whether they agree. */
static bool comparable(const char *kind, const json_t *a, const json_t *b)
{
    if (strcmp(kind, "requests") == 0) {
        return !json_is_true(json_object_get(a, "undecided")) &&
               !json_is_true(json_object_get(b, "undecided"));
    }
    return strcmp(kind, "delayed") != 0 ||
           (json_object_get(a, "lost") == NULL && json_object_get(b, "lost") == NULL);
}

static bool same_member(const json_t *a, const json_t *b, const char *key)
{
    const json_t *left = json_object_get(a, key);
    const json_t *right = json_object_get(b, key);

    return left == NULL || right == NULL ? left == right : json_equal(left, right);
}

static bool agree(const char *kind, const json_t *a, const json_t *b)
{
    if (strcmp(kind, "requests") == 0) {
        return same_member(a, b, "outcome") && same_member(a, b, "tries") &&
               same_member(a, b, "code") && same_member(a, b, "id");
    }
    return same_member(a, b, kind);
}

static void compare(const struct run *a, const struct run *b, const char *kind)
{
    bool requests = strcmp(kind, "requests") == 0;
    json_t *left = requests ? a->requests : a->datagrams;
    const json_t *right = requests ? b->requests : b->datagrams;
    unsigned compared = 0;
    unsigned differ = 0;
    const char *key;
    json_t *one;

    json_object_foreach(left, key, one)
    {
        const json_t *other = json_object_get(right, key);
        if (other == NULL || !comparable(kind, one, other)) {
            continue;
        }
        compared++;
        if (!agree(kind, one, other) && differ++ < SHOWN_MAX) {
            char *texts[2] = {json_dumps(one, JSON_COMPACT), json_dumps(other, JSON_COMPACT)};
            printf("    %s: %s\n        against %s\n", key, texts[0], texts[1]);
            free(texts[0]);
            free(texts[1]);
        }
    }
    printf("%s: %u compared, %u differ\n", kind, compared, differ);
}

int main(int argc, char **argv)
{
    struct run runs[2];

    if (argc < 4) {
        fputs("usage: simrun_compare NAME NAME requests|lost|delayed|duplicated...\n", stderr);
        return 2;
    }
    for (int i = 0; i < 2; i++) {
        read_requests(&runs[i], argv[i + 1]);
        read_events(&runs[i], argv[i + 1]);
    }
    for (int i = 3; i < argc; i++) {
        compare(&runs[0], &runs[1], argv[i]);
    }
    free_run(&runs[0]);
    free_run(&runs[1]);
    return 0;
}
