#include "cli/shipped.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenario/scenario.h"

/* Where the scenarios are, from the program's own folder: in the project, and installed. */
static const char *const SHIPPED_PLACES[] = {"../../scenarios", "../scenarios", "scenarios",
                                             "../share/simrun/scenarios"};

/* Finds the folder; false if there is none. */
static bool shipped_folder(char folder[PATH_MAX])
{
    char program[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    struct stat info;

    if (size > 0) {
        program[size] = '\0';
        const char *own = dirname(program);
        for (size_t i = 0; i < sizeof SHIPPED_PLACES / sizeof SHIPPED_PLACES[0]; i++) {
            char path[2 * PATH_MAX];
            snprintf(path, sizeof path, "%s/%s/loss10.txt", own, SHIPPED_PLACES[i]);
            if (stat(path, &info) == 0) {
                path[strlen(path) - strlen("/loss10.txt")] = '\0';
                return realpath(path, folder) != NULL;
            }
        }
    }
    return stat(SIMRUN_SCENARIOS "/loss10.txt", &info) == 0 &&
           realpath(SIMRUN_SCENARIOS, folder) != NULL;
}

static int shipped_is_scenario(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return size > 4 && strcmp(entry->d_name + size - 4, ".txt") == 0;
}

/* The path as a person would type it: from here, if it lies below here. */
static void shipped_path(char *path, size_t capacity, const char *folder, const char *name)
{
    char here[PATH_MAX];
    size_t size;

    if (getcwd(here, sizeof here) != NULL) {
        size = strlen(here);
        if (strncmp(folder, here, size) == 0 && folder[size] == '/') {
            snprintf(path, capacity, "%s/%s", folder + size + 1, name);
            return;
        }
    }
    snprintf(path, capacity, "%s/%s", folder, name);
}

static void shipped_print(FILE *out, int width, const char *folder, const char *name)
{
    struct scenario_overrides none = {0};
    struct scenario_messages messages = {0};
    struct scenario scenario;
    char path[2 * PATH_MAX];
    char full[2 * PATH_MAX];
    size_t size;
    char *bytes;

    shipped_path(path, sizeof path, folder, name);
    snprintf(full, sizeof full, "%s/%s", folder, name);
    bytes = shipped_read(full, &size);
    if (bytes != NULL && scenario_parse(&scenario, path, bytes, size, &none, &messages)) {
        fprintf(out, "%-*s  %s\n", width, path, scenario.title != NULL ? scenario.title : "");
        scenario_free(&scenario);
    } else {
        fprintf(out, "%-*s  (cannot be read)\n", width, path);
    }
    scenario_messages_free(&messages);
    free(bytes);
}

bool shipped_list(FILE *out)
{
    char folder[PATH_MAX];
    struct dirent **entries;
    int width = 0;
    int count;

    if (!shipped_folder(folder)) {
        return false;
    }
    count = scandir(folder, &entries, shipped_is_scenario, alphasort);
    for (int i = 0; i < count; i++) {
        char path[2 * PATH_MAX];
        shipped_path(path, sizeof path, folder, entries[i]->d_name);
        width = (int)strlen(path) > width ? (int)strlen(path) : width;
    }
    for (int i = 0; i < count; i++) {
        shipped_print(out, width, folder, entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0) {
        free(entries);
    }
    return count > 0;
}

/* How alike two names are: letters in common at the start, most for the same stem. */
static size_t shipped_likeness(const char *wanted, const char *name)
{
    size_t stem = strlen(name) - 4;
    size_t alike = 0;

    while (alike < stem && wanted[alike] == name[alike]) {
        alike++;
    }
    bool same = alike == stem && (wanted[alike] == '\0' || wanted[alike] == '.');
    return same ? 1000 : alike;
}

bool shipped_suggest(const char *path, char *found, size_t capacity)
{
    const char *slash = strrchr(path, '/');
    const char *wanted = slash != NULL ? slash + 1 : path;
    char folder[PATH_MAX];
    struct dirent **entries;
    size_t best = 2; /* less in common is chance */
    bool any = false;
    int count;

    if (!shipped_folder(folder)) {
        return false;
    }
    count = scandir(folder, &entries, shipped_is_scenario, alphasort);
    for (int i = 0; i < count; i++) {
        size_t likeness = shipped_likeness(wanted, entries[i]->d_name);
        if (likeness > best) {
            best = likeness;
            any = true;
            shipped_path(found, capacity, folder, entries[i]->d_name);
        }
        free(entries[i]);
    }
    if (count >= 0) {
        free(entries);
    }
    return any;
}

char *shipped_read(const char *path, size_t *size)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    char *bytes;
    int error;

    if (file == NULL) {
        return NULL;
    }
    bytes = malloc(SCENARIO_FILE_MAX + 1);
    if (bytes != NULL) {
        errno = 0;
        *size = fread(bytes, 1, SCENARIO_FILE_MAX + 1, file);
        if (ferror(file)) {
            error = errno;
            free(bytes);
            bytes = NULL;
            errno = error;
        }
    }
    error = errno;
    if (file != stdin) {
        fclose(file);
    }
    errno = error;
    return bytes;
}
