/* Whether all that was written of one run tells the same:
 *
 *   simrun_agree EVENTS JSON JUNIT PAGE CAPTURE
 *
 * Each file is read by itself, and counted anew: the lines of --events; in --json the metrics, the
 * links, the nodes, the list of requests, the verdicts; the cases of --junit; the two blocks of
 * data in --html; the frames of --pcap and their comments. Prints a line for each count that does
 * not agree, and last "N counts agree" or "N of M counts differ". Status 1: they differ; 2: a file
 * is not what it should be. */
#include "agree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first of them by their names in "metrics". */
static const char *const COUNTS[] = {
    "sent",         "delivered",  "lost",       "lost.loss", "lost.drop", "lost.down",
    "lost.queue",   "lost.mtu",   "duplicated", "corrupted", "requests",  "began",
    "answered",     "failed",     "error",      "timed-out", "cancelled", "tries",
    "retries",      "executions", "rejected",   "frames",    "cases",     "cases that failed",
    "cases skipped"};
#define COUNT_COUNT (sizeof COUNTS / sizeof COUNTS[0])
_Static_assert(COUNT_COUNT <= AGREE_COUNTS_MAX, "there is room for all counts");

static const char *const SOURCES[SOURCE_COUNT] = {
    "events", "metrics", "links", "nodes", "requests", "verdicts", "junit", "page", "capture"};

/* Where a count stands; COUNT_COUNT: there is none of that name. */
static size_t find(const char *name)
{
    size_t i = 0;

    while (i < COUNT_COUNT && strcmp(COUNTS[i], name) != 0) {
        i++;
    }
    return i;
}

bool agree_is_count(const char *name)
{
    return find(name) < COUNT_COUNT;
}

uint64_t *agree_at(struct agree *agree, enum agree_source source, const char *name)
{
    size_t i = find(name);

    if (i == COUNT_COUNT) {
        fprintf(stderr, "simrun_agree: nothing is called %s\n", name);
        exit(2);
    }
    return &agree->counts[source][i];
}

void agree_add(struct agree *agree, enum agree_source source, const char *name, uint64_t more)
{
    uint64_t *count = agree_at(agree, source, name);

    *count = (*count == AGREE_UNKNOWN ? 0 : *count) + more;
}

void agree_add_lost(struct agree *agree, enum agree_source source, const char *reason,
                    uint64_t more)
{
    char name[64];

    snprintf(name, sizeof name, "lost.%s", reason);
    agree_add(agree, source, name, more);
    agree_add(agree, source, "lost", more);
}

void agree_begin(struct agree *agree, enum agree_source source, const char *const *names)
{
    for (; *names != NULL; names++) {
        *agree_at(agree, source, *names) = 0;
    }
}

char *agree_read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;

    *size = 0;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
        long end = ftell(file);
        rewind(file);
        bytes = malloc((size_t)end + 1);
        *size = bytes != NULL ? fread(bytes, 1, (size_t)end, file) : 0;
    }
    if (file == NULL || bytes == NULL) {
        fprintf(stderr, "simrun_agree: cannot read %s\n", path);
        exit(2);
    }
    fclose(file);
    bytes[*size] = '\0';
    return bytes;
}

json_t *agree_read_json(const char *bytes, size_t size, const char *what)
{
    json_error_t error;
    json_t *value = json_loadb(
        bytes, size, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

    if (value == NULL) {
        fprintf(stderr, "simrun_agree: %s: %s\n", what, error.text);
        exit(2);
    }
    return value;
}

const char *agree_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

uint64_t agree_number(const json_t *object, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(object, name));
}

/* ---- the judgement --------------------------------------------------------------------------- */

/* Whether all that know this count agree; says so if not. At least two must. */
static bool judge(const struct agree *agree, size_t count)
{
    uint64_t least = AGREE_UNKNOWN;
    uint64_t most = 0;
    unsigned known = 0;

    for (unsigned source = 0; source < SOURCE_COUNT; source++) {
        uint64_t found = agree->counts[source][count];
        if (found != AGREE_UNKNOWN) {
            least = found < least ? found : least;
            most = found > most ? found : most;
            known++;
        }
    }
    if (known >= 2 && least == most) {
        return true;
    }
    printf("%s:", COUNTS[count]);
    for (unsigned source = 0; source < SOURCE_COUNT; source++) {
        if (agree->counts[source][count] != AGREE_UNKNOWN) {
            printf(" %s %" PRIu64, SOURCES[source], agree->counts[source][count]);
        }
    }
    putchar('\n');
    return false;
}

int main(int argc, char **argv)
{
    struct agree agree;
    unsigned differ = 0;

    if (argc != 6) {
        fputs("usage: simrun_agree EVENTS JSON JUNIT PAGE CAPTURE\n", stderr);
        return 2;
    }
    memset(&agree, 0xff, sizeof agree);
    agree_count_events(&agree, argv[1]);
    json_t *run = agree_count_json(&agree, argv[2]);
    agree_count_junit(&agree, argv[3]);
    bool same = agree_count_page(&agree, argv[4], run);
    agree_count_capture(&agree, argv[5]);
    json_decref(run);
    for (size_t i = 0; i < COUNT_COUNT; i++) {
        differ += !judge(&agree, i);
    }
    if (!same) {
        puts("the page has another object than --json");
    }
    if (differ > 0 || !same) {
        printf("%u of %zu counts differ\n", differ, COUNT_COUNT);
        return 1;
    }
    printf("%zu counts agree\n", COUNT_COUNT);
    return 0;
}
