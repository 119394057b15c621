#include "report/diff_parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/* ---- errors ---------------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 0))) static bool diff_fail_list(struct diff *diff,
                                                                 enum report_diff_result result,
                                                                 const char *place,
                                                                 const char *format,
                                                                 va_list arguments)
{
    size_t used;

    if (diff->error[0] != '\0') {
        return false;
    }
    diff->result = result;
    snprintf(diff->error, REPORT_DIFF_ERROR_MAX, "%s", place);
    used = strlen(diff->error);
    vsnprintf(diff->error + used, REPORT_DIFF_ERROR_MAX - used, format, arguments);
    return false;
}

bool diff_fail(struct diff *diff, enum report_diff_result result, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)diff_fail_list(diff, result, "", format, arguments);
    va_end(arguments);
    return false;
}

bool diff_fail_line(struct diff *diff, const struct diff_file *file, uint64_t line,
                    const char *format, ...)
{
    char place[300];
    va_list arguments;

    snprintf(place, sizeof place, "%.250s:%llu: ", file->path, (unsigned long long)line);
    va_start(arguments, format);
    (void)diff_fail_list(diff, REPORT_DIFF_BAD, place, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- members --------------------------------------------------------------------------------- */

bool diff_get_count(struct diff *diff, const struct diff_file *file, uint64_t line,
                    const json_t *object, const char *key, bool must, uint64_t max, uint64_t *count)
{
    const json_t *value = json_object_get(object, key);

    if ((value == NULL || json_is_null(value)) && !must) {
        return true;
    }
    if (value == NULL) {
        return diff_fail_line(diff, file, line, "there is no '%s'", key);
    }
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) > max) {
        return diff_fail_line(diff, file, line, "'%s' is no whole number from 0 to %llu", key,
                              (unsigned long long)max);
    }
    *count = (uint64_t)json_integer_value(value);
    return true;
}

bool diff_get_name(struct diff *diff, const struct diff_file *file, uint64_t line,
                   const json_t *object, const char *key, bool must, uint32_t *name)
{
    const json_t *value = json_object_get(object, key);

    *name = DIFF_NONE;
    if (value == NULL && !must) {
        return true;
    }
    if (value == NULL) {
        return diff_fail_line(diff, file, line, "there is no '%s'", key);
    }
    size_t size = json_string_length(value);
    if (!json_is_string(value) || size == 0 || size >= DIFF_NAME_MAX ||
        strlen(json_string_value(value)) != size) {
        return diff_fail_line(diff, file, line, "'%s' is no name or word", key);
    }
    *name = diff_names_add(&diff->names, json_string_value(value));
    return *name != DIFF_NONE || diff_fail(diff, REPORT_DIFF_FAILED, "no memory is left");
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* What the object of a line is. */
static enum diff_kind read_kind(const json_t *object)
{
    if (json_object_get(object, "t_ns") != NULL && json_object_get(object, "event") != NULL) {
        return DIFF_EVENTS;
    }
    return json_object_get(object, "metrics") != NULL ? DIFF_RUNS : DIFF_EMPTY;
}

static bool read_object(struct diff *diff, struct diff_file *file, uint64_t line, json_t *object)
{
    enum diff_kind kind = read_kind(object);

    if (kind == DIFF_EMPTY) {
        return diff_fail_line(diff, file, line,
                              "this is neither a run's report (--json) nor an event (--events)");
    }
    if (kind == DIFF_RUNS && json_is_object(json_object_get(object, "seeds"))) {
        return diff_fail_line(diff, file, line,
                              "this is a report on many seeds; --diff compares two runs: run one "
                              "seed of it with --json");
    }
    if (file->kind != DIFF_EMPTY && file->kind != kind) {
        return diff_fail_line(diff, file, line, "reports (--json) and events (--events) are mixed");
    }
    file->kind = kind;
    return kind == DIFF_RUNS ? diff_take_run(diff, file, line, object)
                             : diff_take_event(diff, file, line, object);
}

/* Says what jansson found wrong. */
static bool read_fail_json(struct diff *diff, const struct diff_file *file, uint64_t line,
                           bool ended, const json_error_t *error)
{
    char text[4 * JSON_ERROR_TEXT_LENGTH];

    if (!ended) {
        return diff_fail_line(diff, file, line,
                              "the file ends in the middle of this line: was its run cut short?");
    }
    (void)bytes_escape(text, 120, (const uint8_t *)error->text, strlen(error->text));
    return diff_fail_line(diff, file, line, "this is no JSON: %s (column %d)", text,
                          error->column < 0 ? 0 : error->column);
}

/* A whole file that is one object over many lines, as other programs lay it out; the first line has
 * been read. */
static bool read_whole(struct diff *diff, struct diff_file *file, FILE *in, char *line, size_t size)
{
    char *bytes = NULL;
    size_t total = 0;
    FILE *copy = open_memstream(&bytes, &total);
    json_error_t error;
    json_t *object = NULL;
    char block[65536];

    if (copy == NULL) {
        return diff_fail(diff, REPORT_DIFF_FAILED, "no memory is left");
    }
    do {
        (void)fwrite(line, 1, size, copy);
        size = fread(block, 1, sizeof block, in);
        line = block;
    } while (size > 0 && ftell(copy) < (long)DIFF_LINE_MAX);
    if (fclose(copy) != 0) {
        free(bytes);
        return diff_fail(diff, REPORT_DIFF_FAILED, "no memory is left");
    }
    object = json_loadb(bytes, total, JSON_ALLOW_NUL, &error);
    free(bytes);
    if (object == NULL) {
        return read_fail_json(diff, file, (uint64_t)(error.line > 0 ? error.line : 1), true,
                              &error);
    }
    bool good = read_object(diff, file, 1, object);
    json_decref(object);
    return good;
}

/* One line, without its end. `ended`: it had one. */
static bool read_line(struct diff *diff, struct diff_file *file, FILE *in, uint64_t number,
                      char *line, size_t size, bool ended)
{
    json_error_t error;
    json_t *object = json_loadb(line, size, JSON_ALLOW_NUL, &error);
    bool good;

    if (object == NULL && number == 1 && ended && size > 0 && (line[0] == '{' || line[0] == '[') &&
        size < 3) {
        line[size] = '\n';
        return read_whole(diff, file, in, line, size + 1);
    }
    if (object == NULL) {
        return read_fail_json(diff, file, number, ended, &error);
    }
    good = json_is_object(object)
               ? read_object(diff, file, number, object)
               : diff_fail_line(diff, file, number,
                                "this is neither a run's report (--json) nor an event (--events)");
    json_decref(object);
    return good;
}

/* Whether there is nothing but blanks. */
static bool read_is_blank(const char *line, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r') {
            return false;
        }
    }
    return true;
}

/* A line that is being read. */
struct read_buffer {
    char *bytes; /* owned */
    size_t size;
    size_t capacity;
    bool ended; /* by a line feed, which is not in it */
};

/* Reads the next line: 1, 0 at the end of the file, -1 without memory, -2 if it is too long. */
static int read_next(FILE *in, struct read_buffer *line)
{
    int byte = 0;

    line->size = 0;
    line->ended = false;
    while (!line->ended && (byte = getc_unlocked(in)) != EOF) {
        if (line->size + 2 > line->capacity) { /* one more is for read_whole */
            size_t capacity = line->capacity == 0 ? 65536 : 2 * line->capacity;
            char *grown = capacity > DIFF_LINE_MAX ? NULL : realloc(line->bytes, capacity);
            if (grown == NULL) {
                return capacity > DIFF_LINE_MAX ? -2 : -1;
            }
            line->bytes = grown;
            line->capacity = capacity;
        }
        line->ended = byte == '\n';
        line->bytes[line->size] = (char)byte;
        line->size += !line->ended;
    }
    return line->size > 0 || line->ended;
}

static bool read_lines(struct diff *diff, struct diff_file *file, FILE *in)
{
    struct read_buffer line = {.bytes = NULL};
    uint64_t number = 0;
    bool good = true;
    int got = 1;

    while (good && (got = read_next(in, &line)) == 1) {
        number++;
        if (!read_is_blank(line.bytes, line.size)) {
            good = read_line(diff, file, in, number, line.bytes, line.size, line.ended);
        }
    }
    free(line.bytes);
    if (got == -2) {
        return diff_fail_line(diff, file, number + 1, "the line is too long for a report");
    }
    if (got == -1) {
        return diff_fail(diff, REPORT_DIFF_FAILED, "no memory is left");
    }
    if (good && ferror(in)) {
        return diff_fail(diff, REPORT_DIFF_FAILED, "cannot read %.250s: %s", file->path,
                         strerror(errno));
    }
    if (good && file->kind == DIFF_EMPTY) {
        return diff_fail(diff, REPORT_DIFF_BAD,
                         "%.250s is empty: there is no report (--json) and no event (--events)",
                         file->path);
    }
    return good;
}

bool diff_read(struct diff *diff, struct diff_file *file)
{
    FILE *in = strcmp(file->path, "-") == 0 ? stdin : fopen(file->path, "rb");

    if (in == NULL) {
        return diff_fail(diff, REPORT_DIFF_FAILED, "cannot open %.250s: %s", file->path,
                         strerror(errno));
    }
    bool good = read_lines(diff, file, in);
    if (in != stdin) {
        fclose(in);
    }
    return good;
}

void diff_free_file(struct diff_file *file)
{
    for (uint32_t i = 0; i < file->run_count; i++) {
        json_decref(file->runs[i].head);
        free(file->runs[i].requests);
    }
    free(file->runs);
    free(file->trace.datagrams);
    free(file->trace.requests);
    map_free(&file->trace.by_request);
    map_free(&file->trace.places);
}
