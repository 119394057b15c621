#include "agree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- JUnit's XML ----------------------------------------------------------------------------- */

static uint64_t count_word(const char *text, const char *word)
{
    uint64_t count = 0;

    for (text = strstr(text, word); text != NULL; text = strstr(text + 1, word)) {
        count++;
    }
    return count;
}

void agree_count_junit(struct agree *agree, const char *path)
{
    size_t size;
    char *bytes = agree_read_file(path, &size);

    agree_add(agree, JUNIT, "cases", count_word(bytes, "<testcase "));
    agree_add(agree, JUNIT, "cases that failed",
              count_word(bytes, "<failure ") + count_word(bytes, "<error "));
    agree_add(agree, JUNIT, "cases skipped", count_word(bytes, "<skipped "));
    free(bytes);
}

/* ---- the page -------------------------------------------------------------------------------- */

/* A block of data in the page. */
static json_t *page_block(const char *page, const char *path, const char *id)
{
    char head[80];

    snprintf(head, sizeof head, "<script type=\"application/json\" id=\"%s\">", id);
    const char *start = strstr(page, head);
    const char *end = start != NULL ? strstr(start, "</script>") : NULL;
    if (end == NULL || strstr(end, head) != NULL) {
        fprintf(stderr, "simrun_agree: %s: no block %s, or two\n", path, id);
        exit(2);
    }
    start += strlen(head);
    return agree_read_json(start, (size_t)(end - start), path);
}

static const char *word_at(const json_t *words, const char *list, const json_t *item, size_t i)
{
    const json_t *index = json_array_get(item, i);
    const char *word = json_string_value(
        json_array_get(json_object_get(words, list), (size_t)json_integer_value(index)));

    return word != NULL ? word : "";
}

static void count_page_datagrams(struct agree *agree, const json_t *log)
{
    static const char *const known[] = {"sent",       "delivered", "lost",       "lost.loss",
                                        "lost.drop",  "lost.down", "lost.queue", "lost.mtu",
                                        "duplicated", NULL};
    enum { COPY = 6, FATE = 11, REASON = 12 };
    const json_t *words = json_object_get(log, "words");
    json_t *item;
    size_t i;

    agree_begin(agree, PAGE, known);
    json_array_foreach(json_object_get(log, "datagrams"), i, item)
    {
        const char *fate = word_at(words, "fates", item, FATE);
        agree_add(agree, PAGE,
                  json_integer_value(json_array_get(item, COPY)) == 0 ? "sent" : "duplicated", 1);
        if (strcmp(fate, "lost") == 0) {
            agree_add_lost(agree, PAGE, json_string_value(json_array_get(item, REASON)), 1);
        }
        agree_add(agree, PAGE, "delivered",
                  strcmp(fate, "delivered") == 0 || strcmp(fate, "rejected") == 0);
    }
    agree_add(agree, PAGE, "frames", json_array_size(json_object_get(log, "datagrams")));
}

/* Of a run that was cut short the page does not show how requests ended that never began. */
static void count_page_events(struct agree *agree, const json_t *log, bool complete)
{
    static const char *const known[] = {"began", "answered", "retries", "executions", NULL};
    enum { EVENT = 1, NODE = 2, CLIENT = 3 };
    const json_t *words = json_object_get(log, "words");
    json_t *item;
    size_t i;

    agree_begin(agree, PAGE, known);
    json_array_foreach(json_object_get(log, "events"), i, item)
    {
        const char *word = word_at(words, "events", item, EVENT);
        agree_add(agree, PAGE, "began", strcmp(word, "begin") == 0);
        agree_add(agree, PAGE, "answered", strcmp(word, "answered") == 0);
        if (complete) {
            agree_add(agree, PAGE, "failed", strcmp(word, "failed") == 0);
        }
        agree_add(agree, PAGE, "executions", strcmp(word, "execute") == 0);
        agree_add(agree, PAGE, "retries",
                  strcmp(word, "retry") == 0 &&
                      json_equal(json_array_get(item, NODE), json_array_get(item, CLIENT)));
    }
}

/* Whether all of a list stands in another, in the same order. */
static bool is_part_of(const json_t *part, const json_t *whole)
{
    size_t found = 0;
    json_t *item;
    size_t i;

    json_array_foreach(whole, i, item)
    {
        found += found < json_array_size(part) && json_equal(json_array_get(part, found), item);
    }
    return found == json_array_size(part);
}

/* Whether the page's object is that of --json; of a page that shows some of the requests: but for
 * its lists, which are parts of the others. */
static bool page_is_same(json_t *copy, const json_t *run, const json_t *sampled)
{
    static const char *const lists[] = {"links", "nodes", "requests", NULL};
    json_t *whole = json_deep_copy(run);
    bool same = true;

    if (json_is_object(sampled)) {
        same =
            json_array_size(json_object_get(copy, "requests")) == agree_number(sampled, "requests");
        for (const char *const *list = lists; *list != NULL; list++) {
            same = same && is_part_of(json_object_get(copy, *list), json_object_get(whole, *list));
            json_object_del(copy, *list);
            json_object_del(whole, *list);
        }
    }
    same = same && json_equal(copy, whole) == 1;
    json_decref(whole);
    return same;
}

bool agree_count_page(struct agree *agree, const char *path, const json_t *run)
{
    size_t size;
    char *bytes = agree_read_file(path, &size);
    json_t *copy = page_block(bytes, path, "run");
    json_t *log = page_block(bytes, path, "log");
    json_t *sampled = json_object_get(log, "sampled");
    bool same = page_is_same(copy, run, sampled);

    if (json_is_object(sampled)) {
        agree_add(agree, PAGE, "frames", agree_number(sampled, "datagrams_of"));
        agree_add(agree, PAGE, "began", agree_number(sampled, "requests_of"));
        agree_add(agree, PAGE, "failed", agree_number(sampled, "failed_of"));
    } else {
        count_page_datagrams(agree, log);
        count_page_events(agree, log, strcmp(agree_text(run, "end"), "done") == 0);
    }
    json_decref(copy);
    json_decref(log);
    free(bytes);
    return same;
}

/* ---- the capture ----------------------------------------------------------------------------- */

static uint32_t word_of(const char *bytes)
{
    uint32_t word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

/* What a frame's comment says: its options follow `captured` octets, padded. */
static void count_comment(struct agree *agree, const char *block, uint32_t size)
{
    enum { CAPTURED = 20, DATA = 28, CODE_COMMENT = 1 };
    uint32_t option = DATA + (word_of(block + CAPTURED) + 3) / 4 * 4;
    char comment[512] = "";

    if (option + 8 <= size && (word_of(block + option) & 0xffff) == CODE_COMMENT) {
        uint32_t length = word_of(block + option) >> 16;
        snprintf(comment, sizeof comment, "%.*s", (int)length, block + option + 4);
    }
    const char *lost = strstr(comment, ", lost on ");
    const char *reason = lost != NULL ? strstr(lost, ": ") : NULL;
    if (reason != NULL) {
        char word[16];
        snprintf(word, sizeof word, "%.*s", (int)strcspn(reason + 2, ","), reason + 2);
        agree_add_lost(agree, CAPTURE, word, 1);
    }
    bool copied = strstr(comment, " made by the link") != NULL;
    agree_add(agree, CAPTURE, copied ? "duplicated" : "sent", 1);
}

void agree_count_capture(struct agree *agree, const char *path)
{
    static const char *const known[] = {"sent",      "duplicated", "lost",       "lost.loss",
                                        "lost.drop", "lost.down",  "lost.queue", "lost.mtu",
                                        "frames",    NULL};
    enum { ENHANCED_PACKET = 6 };
    size_t size;
    char *bytes = agree_read_file(path, &size);
    size_t position = 0;

    agree_begin(agree, CAPTURE, known);
    while (position + 12 <= size) {
        uint32_t length = word_of(bytes + position + 4);
        if (length < 12 || length % 4 != 0 || length > size - position ||
            word_of(bytes + position + length - 4) != length) {
            break;
        }
        if (word_of(bytes + position) == ENHANCED_PACKET) {
            agree_add(agree, CAPTURE, "frames", 1);
            count_comment(agree, bytes + position, length);
        }
        position += length;
    }
    free(bytes);
    if (position != size) {
        fprintf(stderr, "simrun_agree: %s: no block at %zu\n", path, position);
        exit(2);
    }
}
