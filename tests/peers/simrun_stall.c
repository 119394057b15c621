/* How long the machine kept a run waiting, at most, in whole milliseconds: simrun_stall EVENTS
 *
 * EVENTS is what --events wrote. A timer that fired late and a datagram that was delivered long
 * after its link had let it go (by the latest send that it may have been) both tell of a processor
 * that was not there. A test that knows this can ask again, instead of failing where another
 * program was compiled. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX   256
#define NS_PER_MS 1000000

static const char *string_of(const json_t *event, const char *key)
{
    const char *string = json_string_value(json_object_get(event, key));
    return string != NULL ? string : "";
}

static long long number_of(const json_t *event, const char *key)
{
    return json_integer_value(json_object_get(event, key));
}

/* Every datagram of a link that belongs to the same try: which of them was delivered is not told.
 */
static void way_of(char key[KEY_MAX], const json_t *event)
{
    snprintf(key, KEY_MAX, "%s %s %s %lld %lld", string_of(event, "from"), string_of(event, "to"),
             string_of(event, "client"), number_of(event, "n"), number_of(event, "try"));
}

/* Adds when a datagram left its link; a later one moves what an earlier one said. */
static void note_departure(json_t *departures, const json_t *event, long long due_ns)
{
    char key[KEY_MAX];

    way_of(key, event);
    if (json_object_get(departures, key) == NULL) {
        json_object_set_new(departures, key, json_array());
    }
    json_array_append_new(json_object_get(departures, key), json_integer(due_ns));
}

/* From the latest departure before it to the delivery; 0 if none is known. */
static long long delivery_span_ns(const json_t *departures, const json_t *event)
{
    char key[KEY_MAX];
    const json_t *due;
    long long latest_ns = -1;
    size_t i;

    way_of(key, event);
    json_array_foreach(json_object_get(departures, key), i, due)
    {
        long long due_ns = json_integer_value(due);
        latest_ns = due_ns <= number_of(event, "t_ns") && due_ns > latest_ns ? due_ns : latest_ns;
    }
    return latest_ns < 0 ? 0 : number_of(event, "t_ns") - latest_ns;
}

/* How late this event tells that something was. */
static long long lateness_ns(json_t *departures, const json_t *event)
{
    const char *word = string_of(event, "event");

    if (strcmp(word, "send") == 0 || strcmp(word, "duplicated") == 0) {
        note_departure(departures, event, number_of(event, "t_ns"));
    } else if (strcmp(word, "delayed") == 0) {
        note_departure(departures, event, number_of(event, "due_ns"));
    } else if (strcmp(word, "deliver") == 0) {
        return delivery_span_ns(departures, event);
    } else if (strcmp(word, "timeout") == 0) {
        return number_of(event, "t_ns") - number_of(event, "due_ns");
    }
    return 0;
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    json_t *departures = json_object();
    long long longest_ns = 0;
    char *line = NULL;
    size_t capacity = 0;

    if (file == NULL) {
        fputs("usage: simrun_stall EVENTS\n", stderr);
        return 2;
    }
    while (getline(&line, &capacity, file) > 0) {
        json_t *event = json_loads(line, JSON_ALLOW_NUL, NULL);
        long long late_ns = lateness_ns(departures, event);
        longest_ns = late_ns > longest_ns ? late_ns : longest_ns;
        json_decref(event);
    }
    printf("%lld\n", longest_ns / NS_PER_MS);
    free(line);
    fclose(file);
    json_decref(departures);
    return 0;
}
