/* Prints what stands at a path of a JSON file, a value a line:
 *
 *   simrun_json FILE PATH...
 *
 * The file may hold several values, one after the other (JSON Lines): each path is followed in each
 * of them. A path's parts are joined by `/`: a member's name, an element's number, `*` (all
 * elements or members), NAME=TEXT (those with such a member; again for more), `#` (how many
 * elements). Status 1: the file is not JSON to its last byte, or a path leads nowhere. */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_MAX 64

/* Of a path: the part that begins at it, and what follows (NULL = it was the last). */
struct step {
    char part[PART_MAX];
    const char *rest;
};

static struct step take_step(const char *path)
{
    struct step step = {.rest = strchr(path, '/')};
    size_t size = step.rest != NULL ? (size_t)(step.rest - path) : strlen(path);

    snprintf(step.part, sizeof step.part, "%.*s", (int)size, path);
    step.rest = step.rest != NULL ? step.rest + 1 : NULL;
    return step;
}

/* A string as it is, all else as JSON. */
static void print_value(const json_t *value)
{
    if (json_is_string(value)) {
        puts(json_string_value(value));
        return;
    }
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    puts(text != NULL ? text : "?");
    free(text);
}

/* Whether the member that `part` (NAME=TEXT) names is that text, or is so written. */
static bool has_member(const json_t *element, const char *part)
{
    char name[PART_MAX];
    const char *wanted = strchr(part, '=') + 1;

    snprintf(name, sizeof name, "%.*s", (int)(wanted - 1 - part), part);
    const json_t *member = json_object_get(element, name);
    if (json_is_string(member)) {
        return strcmp(json_string_value(member), wanted) == 0;
    }
    return json_is_integer(member) && json_integer_value(member) == strtoll(wanted, NULL, 10);
}

/* Follows what is left of the path (NULL: nothing). Returns how many values it has printed. */
static unsigned follow(const json_t *value, const char *path) /* as deep as the path has parts */
{
    unsigned found = 0;

    if (path == NULL) {
        print_value(value);
        return 1;
    }
    struct step step = take_step(path);
    if (json_is_object(value) && strchr(step.part, '=') != NULL) {
        return has_member(value, step.part) ? follow(value, step.rest) : 0;
    }
    if (json_is_object(value) && strcmp(step.part, "*") == 0) {
        const char *name;
        json_t *member;
        json_object_foreach((json_t *)(uintptr_t)value, name, member)
        {
            found += follow(member, step.rest);
        }
        return found;
    }
    if (json_is_object(value)) {
        const json_t *member = json_object_get(value, step.part);
        return member != NULL ? follow(member, step.rest) : 0;
    }
    if (strcmp(step.part, "#") == 0 && json_is_array(value)) {
        printf("%zu\n", json_array_size(value));
        return 1;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *element = json_array_get(value, i);
        bool wanted = strchr(step.part, '=') != NULL
                          ? has_member(element, step.part)
                          : strcmp(step.part, "*") == 0 || strtoull(step.part, NULL, 10) == i;
        found += wanted ? follow(element, step.rest) : 0;
    }
    return found;
}

int main(int argc, char **argv)
{
    FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
    json_error_t error;
    int status = 0;

    if (file == NULL) {
        fputs("usage: simrun_json FILE PATH...\n", stderr);
        return 2;
    }
    for (;;) {
        int next = fgetc(file);
        while (next == '\n') {
            next = fgetc(file);
        }
        if (next == EOF) {
            break;
        }
        ungetc(next, file);
        json_t *value = json_loadf(
            file, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
        if (value == NULL) {
            printf("%s: %s\n", argv[1], error.text);
            status = 1;
            break;
        }
        for (int i = 2; i < argc; i++) {
            if (follow(value, argv[i]) == 0) {
                printf("%s: nothing at %s\n", argv[1], argv[i]);
                status = 1;
            }
        }
        json_decref(value);
    }
    fclose(file);
    return status;
}
