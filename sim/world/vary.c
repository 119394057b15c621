#include "world/vary.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* A list of values: what stands between `{` and `}`. */
struct vary_list {
    const char *begin;
    const char *end; /* at the closing brace */
    uint64_t count;  /* values: one more than there are commas */
};

/* The first list at or after `at`; false: there is none. */
static bool vary_find(const char *at, struct vary_list *list)
{
    const char *open = strchr(at, '{');

    if (open == NULL) {
        return false;
    }
    list->begin = open + 1;
    list->end = list->begin + strcspn(list->begin, "}");
    list->count = 1;
    for (const char *byte = list->begin; byte < list->end; byte++) {
        list->count += *byte == ',';
    }
    return true;
}

/* A value of a list, without the blanks around it. */
static const char *vary_value(const struct vary_list *list, uint64_t index, size_t *size)
{
    const char *begin = list->begin;
    const char *end;

    for (; index > 0; index--) {
        begin += strcspn(begin, ",") + 1;
    }
    end = begin + strcspn(begin, ",}");
    while (begin < end && *begin == ' ') {
        begin++;
    }
    while (end > begin && end[-1] == ' ') {
        end--;
    }
    *size = (size_t)(end - begin);
    return begin;
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool vary_refuse(char error[VARY_ERROR_MAX], const char *text, const char *reason)
{
    snprintf(error, VARY_ERROR_MAX, "--vary '%.200s': %s", text, reason);
    return false;
}

/* Checks the lists of one text and counts them in. */
static bool vary_take(struct vary *vary, const char *text, char error[VARY_ERROR_MAX])
{
    const char *at = text;
    struct vary_list list;

    if (strlen(text) > SCENARIO_LINE_MAX) {
        return vary_refuse(error, text, "longer than a line may be (4096 bytes)");
    }
    while (vary_find(at, &list)) {
        if (*list.end == '\0') {
            return vary_refuse(error, text, "the brace is not closed; write {0%,5%,10%}");
        }
        if (memchr(list.begin, '{', (size_t)(list.end - list.begin)) != NULL) {
            return vary_refuse(error, text, "a list in a list; write {0%,5%,10%}");
        }
        if (list.begin == list.end) {
            return vary_refuse(error, text, "the list is empty; write {0%,5%,10%}");
        }
        vary->count *= list.count;
        if (vary->count > VARY_COMBINATIONS_MAX) {
            snprintf(error, VARY_ERROR_MAX,
                     "--vary: more than %d combinations: give fewer values, or several commands",
                     VARY_COMBINATIONS_MAX);
            return false;
        }
        at = list.end + 1;
    }
    if (at == text) {
        return vary_refuse(error, text, "which values? write them in braces, like {0%,5%,10%}");
    }
    return true;
}

bool vary_init(struct vary *vary, const char *const *texts, uint32_t text_count,
               char error[VARY_ERROR_MAX])
{
    *vary = (struct vary){.texts = texts, .text_count = text_count, .count = 1};
    if (text_count > VARY_TEXTS_MAX) {
        snprintf(error, VARY_ERROR_MAX, "--vary: %d times at most", VARY_TEXTS_MAX);
        return false;
    }
    for (uint32_t i = 0; i < text_count; i++) {
        if (!vary_take(vary, texts[i], error)) {
            return false;
        }
    }
    return true;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* The combinations that begin anew with each value of the lists before the text's: what its own
 * lists, and those after it, make. */
static uint64_t vary_rest(const struct vary *vary, uint32_t text)
{
    struct vary_list list;
    uint64_t rest = 1;

    for (uint32_t i = text; i < vary->text_count; i++) {
        for (const char *at = vary->texts[i]; vary_find(at, &list); at = list.end + 1) {
            rest *= list.count;
        }
    }
    return rest;
}

/* The value of a list in a combination. `*rest` are the combinations from this list on; it becomes
 * those after it. */
static const char *vary_choose(const struct vary_list *list, uint64_t combination, uint64_t *rest,
                               size_t *size)
{
    uint64_t place = combination % *rest;

    *rest /= list->count;
    return vary_value(list, place / *rest, size);
}

void vary_write(const struct vary *vary, uint64_t combination, uint32_t text,
                char set[SCENARIO_LINE_MAX + 1])
{
    uint64_t rest = vary_rest(vary, text);
    const char *at = vary->texts[text];
    struct vary_list list;
    size_t length = 0;
    size_t size;

    assert(combination < vary->count && text < vary->text_count);
    while (vary_find(at, &list)) {
        size_t plain = (size_t)(list.begin - 1 - at);
        const char *value = vary_choose(&list, combination, &rest, &size);
        memcpy(set + length, at, plain);
        memcpy(set + length + plain, value, size);
        length += plain + size;
        at = list.end + 1;
    }
    memcpy(set + length, at, strlen(at) + 1); /* no longer than the text, which fits */
}

void vary_label(const struct vary *vary, uint64_t combination, char *label, size_t capacity)
{
    size_t length = 0;

    label[0] = '\0';
    for (uint32_t text = 0; text < vary->text_count; text++) {
        uint64_t rest = vary_rest(vary, text);
        struct vary_list list;
        size_t size;
        for (const char *at = vary->texts[text]; vary_find(at, &list); at = list.end + 1) {
            const char *value = vary_choose(&list, combination, &rest, &size);
            int wrote = snprintf(label + length, capacity - length, "%s%.*s",
                                 length > 0 ? ", " : "", (int)size, value);
            length += wrote > 0 ? (size_t)wrote : 0;
            if (length >= capacity) {
                return;
            }
        }
    }
}
