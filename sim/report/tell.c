#include "report/tell.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"

#define TELL_WORD_MAX                                                                              \
    1024 /* bytes of a word and a blank, with the NUL: more than a payload's form */

void tell_instant(char text[WORDS_MAX], uint64_t t_ns)
{
    uint64_t tenths = t_ns / (NS_PER_MS / 10) + (t_ns % (NS_PER_MS / 10) >= NS_PER_MS / 20);

    snprintf(text, WORDS_MAX, "%llu.%llu ms", (unsigned long long)(tenths / 10),
             (unsigned long long)(tenths % 10));
}

void tell_times(char text[WORDS_MAX], uint32_t count)
{
    if (count == 1 || count == 2) {
        snprintf(text, WORDS_MAX, count == 1 ? "once" : "twice");
    } else {
        snprintf(text, WORDS_MAX, "%u times", count);
    }
}

/* Whether two words belong on one line: a number and its unit, "line" and its number. */
static bool tell_sticks(const char *word, const char *next)
{
    static const char *const units[] = {"ms", "us", "ns", "s", "min"};
    bool number = *word >= '0' && *word <= '9';

    for (size_t i = 0; number && i < sizeof units / sizeof units[0]; i++) {
        size_t size = strlen(units[i]);
        if (strncmp(next, units[i], size) == 0 && (next[size] < 'a' || next[size] > 'z')) {
            return true;
        }
    }
    return strncmp(word, "line ", 5) == 0;
}

void tell_paragraph(struct out *out, unsigned indent, const char *text)
{
    char together[2 * WORDS_MAX];

    out_pad_to(out, indent);
    while (*text != '\0') {
        const char *word = text + strspn(text, " ");
        size_t size = strcspn(word, " ");
        const char *next = word + size + strspn(word + size, " ");
        size_t both = (size_t)(next - word) + strcspn(next, " ");
        if (*next == '\0' || both >= sizeof together || !tell_sticks(word, next)) {
            both = size;
        }
        unsigned gap = out->column > indent ? 1 : 0;
        if (both > size) { /* the words are ours: ASCII */
            snprintf(together, sizeof together, "%.*s", (int)both, word);
            if (out->column + gap + both > OUT_WIDTH) {
                out_line(out);
            }
            out_pad_to(out, out->column == 0 ? indent : out->column + gap);
            out_text(out, together);
        } else {
            char one[TELL_WORD_MAX];
            snprintf(one, sizeof one, "%s%.*s", gap > 0 ? " " : "", (int)size, word);
            out_wrap(out, indent, one);
        }
        text = word + both;
    }
    out_line(out);
}
