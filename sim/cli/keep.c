#include "cli/keep.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/session.h"
#include "cli/story.h"
#include "report/failure.h"
#include "report/out.h"
#include "report/page.h"
#include "report/pcap.h"

#define KEEP_NAME_MAX 100 /* bytes of a folder's name that are the scenario's */

/* ---- folders --------------------------------------------------------------------------------- */

/* Makes a folder; one that is there is as good. Returns 0 or -errno. */
static int keep_make(const char *path)
{
    struct stat found;

    if (mkdir(path, 0777) == 0) {
        return 0;
    }
    int error = errno;
    if (error == EEXIST && stat(path, &found) == 0) {
        return S_ISDIR(found.st_mode) ? 0 : -ENOTDIR;
    }
    return -error;
}

/* The same, and before that the folders that it lies in. */
static int keep_make_all(const char *path)
{
    char *part = strdup(path);
    int status = part != NULL ? 0 : -ENOMEM;

    for (char *at = part; status == 0 && (at = strchr(at + 1, '/')) != NULL;) {
        *at = '\0';
        status = keep_make(part);
        *at = '/';
    }
    free(part);
    return status == 0 ? keep_make(path) : status;
}

/* Appends what of a text is plain in the name of a file, and `_` for all else; as much as there is
 * room for. */
static void keep_append(char name[KEEP_NAME_MAX + 1], const char *text, size_t size)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    size_t used = strlen(name);

    for (size_t i = 0; i < size && used < KEEP_NAME_MAX; i++) {
        bool first = used == 0 && (text[i] == '.' || text[i] == '-');
        name[used++] = '_';
        if (!first && memchr(plain, text[i], sizeof plain - 1) != NULL) {
            name[used - 1] = text[i];
        }
    }
    name[used] = '\0';
}

/* What a run is called: "loss10", "loss10-30_" (of a row of --vary). */
static void keep_name(char name[KEEP_NAME_MAX + 1], const struct report_run *run)
{
    const char *path = strcmp(run->scenario->path, "-") == 0 ? "stdin" : run->scenario->path;
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    size_t size = strlen(base);

    if (size > 4 && strcmp(base + size - 4, ".txt") == 0) {
        size -= 4;
    }
    name[0] = '\0';
    keep_append(name, base, size);
    if (run->row != NULL) {
        keep_append(name, "-", 1);
        keep_append(name, run->row, strlen(run->row));
    }
}

static bool keep_has_name(const struct keep *keep, const char *name)
{
    for (uint32_t i = 0; i < keep->name_count; i++) {
        if (strcmp(keep->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* A name that no other run of this process has: "loss10-seed-10", "loss10-seed-10-2". NULL: no
 * memory; else the keep owns it. */
static const char *keep_add_name(struct keep *keep, const struct report_run *run)
{
    char base[KEEP_NAME_MAX + 1];
    char name[KEEP_NAME_MAX + 64];
    char **names = realloc(keep->names, (keep->name_count + 1) * sizeof *names);

    if (names == NULL) {
        return NULL;
    }
    keep->names = names;
    keep_name(base, run);
    int size = snprintf(name, sizeof name, "%s-seed-%" PRIu64, base, run->scenario->seed);
    for (uint32_t i = 2; keep_has_name(keep, name); i++) {
        snprintf(name + size, sizeof name - (size_t)size, "-%" PRIu32, i);
    }
    names[keep->name_count] = strdup(name);
    return names[keep->name_count] != NULL ? names[keep->name_count++] : NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool keep_write_json(FILE *out, const struct report_look *look)
{
    return report_json(out, look->run);
}

static bool keep_write_events(FILE *out, const struct report_look *look)
{
    struct report_events events = {.out = out, .scenario = look->run->scenario};
    struct trace_sink sink = {.take = report_events_take, .context = &events};

    trace_log_replay(look->log, &sink);
    errno = events.failed ? events.error : errno;
    return !events.failed;
}

/* Writes one of a run's files, whole. Returns 0 or the status after saying why. */
static int keep_write(const char *folder, const char *name,
                      bool (*write)(FILE *out, const struct report_look *look),
                      const struct report_look *look)
{
    struct output output;
    char *path = NULL;
    int status;

    if (asprintf(&path, "%s/%s", folder, name) < 0) {
        return session_write_failed("what is kept", folder, ENOMEM);
    }
    status = output_open(&output, path);
    if (status == 0) {
        errno = 0;
        bool good = write(output.file, look);
        int error = errno != 0 ? errno : EIO;
        status = output_close(&output, good);
        status = good ? status : -error;
    }
    int result = status == 0 ? SESSION_HELD : session_write_failed("what is kept", path, -status);
    free(path);
    return result;
}

static int keep_write_all(const char *folder, const struct report_look *look)
{
    static const struct {
        const char *name;
        bool (*write)(FILE *out, const struct report_look *look);
    } files[] = {{"story.txt", story_write},
                 {"page.html", report_page},
                 {"capture.pcapng", report_pcap},
                 {"events.jsonl", keep_write_events},
                 {"run.json", keep_write_json}};
    int status = SESSION_HELD;

    for (size_t i = 0; i < sizeof files / sizeof files[0] && status == SESSION_HELD; i++) {
        status = keep_write(folder, files[i].name, files[i].write, look);
    }
    return status;
}

/* ---- the summary ----------------------------------------------------------------------------- */

/* Text from outside is made safe. */
static void keep_list(struct keep *keep, const char *name, const struct report_run *run)
{
    static const struct report_style style = {.unicode = true};
    struct sentence sentence;
    struct out out;

    if (!failure_first(&sentence, run)) {
        sentence_begin(&sentence);
        sentence_add(&sentence, "all held");
    }
    out_init(&out, keep->summary.file, &style);
    out_format(&out, "%s/", name);
    out_line(&out);
    out_format(&out, "    status %d: ", run->status);
    out_text(&out, sentence.text);
    out_line(&out);
    out_text(&out, "    repeat: ");
    out_text(&out, run->command);
    out_line(&out);
    (void)out_finish(&out); /* keep_close finds what failed */
}

/* ---- what the rest of the program calls ------------------------------------------------------ */

static int keep_failed(const char *folder, int error)
{
    return session_write_failed("what is kept", folder, error);
}

int keep_open(struct keep *keep, const char *folder, bool all)
{
    *keep = (struct keep){.all = all};
    if (folder == NULL) {
        return SESSION_HELD;
    }
    int status = folder[0] != '\0' ? keep_make_all(folder) : -ENOENT;
    if (status == 0 && asprintf(&keep->path, "%s/summary.txt", folder) < 0) {
        keep->path = NULL;
        status = -ENOMEM;
    }
    status = status == 0 ? output_open(&keep->summary, keep->path) : status;
    if (status != 0) {
        free(keep->path);
        return keep_failed(folder, -status);
    }
    keep->folder = folder;
    return SESSION_HELD;
}

int keep_close(struct keep *keep, bool good)
{
    if (keep->folder == NULL) {
        return SESSION_HELD;
    }
    fprintf(keep->summary.file, "%sKept: %" PRIu32 " of %" PRIu64 " runs, %s.\n",
            keep->name_count > 0 ? "\n" : "", keep->name_count, keep->seen,
            keep->all ? "all" : "those that failed");
    int status = output_close(&keep->summary, good);
    const char *folder = keep->folder;

    for (uint32_t i = 0; i < keep->name_count; i++) {
        free(keep->names[i]);
    }
    free(keep->names);
    free(keep->path);
    *keep = (struct keep){0};
    return good && status != 0 ? keep_failed(folder, -status) : SESSION_HELD;
}

int keep_run(struct keep *keep, const struct report_look *look)
{
    const struct report_run *run = look->run;
    char *folder = NULL;

    keep->seen++;
    if (run->status == 0 && !keep->all) {
        return SESSION_HELD;
    }
    const char *name = keep_add_name(keep, run);
    if (name == NULL || asprintf(&folder, "%s/%s", keep->folder, name) < 0) {
        return keep_failed(keep->folder, ENOMEM);
    }
    int status = keep_make(folder);
    status = status == 0 ? keep_write_all(folder, look) : keep_failed(folder, -status);
    if (status == SESSION_HELD) {
        keep_list(keep, name, run);
    }
    free(folder);
    return status;
}
