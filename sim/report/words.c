#include "report/words.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

/* `value` with three digits: "8.12", "43.1", "431". */
static int words_three_digits(char text[WORDS_MAX], double value)
{
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return snprintf(text, WORDS_MAX, "%.*f", decimals, value);
}

void words_count(char text[WORDS_MAX], uint64_t count)
{
    static const char units[] = "MGTPE";
    double value = (double)count / 1e6;
    size_t unit = 0;

    if (count < 100000000) {
        snprintf(text, WORDS_MAX, "%" PRIu64, count);
        return;
    }
    while (value >= 999.95 && units[unit + 1] != '\0') {
        value /= 1000;
        unit++;
    }
    snprintf(text, WORDS_MAX, "%.1f%c", value, units[unit]);
}

void words_span(char text[WORDS_MAX], uint64_t span_ns)
{
    static const struct {
        double ns;
        const char *word;
    } units[] = {{60e9, "min"}, {1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
    size_t unit = 0;

    if (span_ns == 0) {
        snprintf(text, WORDS_MAX, "0 ms");
        return;
    }
    /* From ten minutes on in minutes; else the unit in which it is at least one. */
    if (span_ns < 600 * NS_PER_S) {
        unit = 1;
        while (unit < 4 && (double)span_ns < units[unit].ns * 0.9995) {
            unit++;
        }
    }
    int length = words_three_digits(text, (double)span_ns / units[unit].ns);
    if (unit == 4) {
        length = snprintf(text, WORDS_MAX, "%" PRIu64, span_ns);
    }
    snprintf(text + length, WORDS_MAX - (size_t)length, " %s", units[unit].word);
}

void words_percent(char text[WORDS_MAX], uint64_t part, uint64_t whole)
{
    double percent = whole == 0 ? 0 : 100.0 * (double)part / (double)whole;

    if (whole == 0) {
        snprintf(text, WORDS_MAX, "-");
    } else if (part == 0 || part == whole) {
        snprintf(text, WORDS_MAX, part == 0 ? "0%%" : "100%%");
    } else if (percent < 0.01) {
        snprintf(text, WORDS_MAX, "<0.01%%");
    } else if (part < whole && percent > 99.99) {
        snprintf(text, WORDS_MAX, ">99.99%%");
    } else {
        snprintf(text, WORDS_MAX, "%.*f%%", percent < 1 || percent > 99 ? 2 : 1, percent);
    }
}

void words_ratio(char text[WORDS_MAX], double ratio)
{
    snprintf(text, WORDS_MAX, ratio < 1e6 ? "%.*f" : "%.*e", ratio < 10 ? 3 : 1, ratio);
}

void words_probability(char text[WORDS_MAX], double probability)
{
    snprintf(text, WORDS_MAX, probability < 0.01 ? "%.1e" : "%.2g", probability);
}

void words_link(char text[WORDS_LINK_MAX], const struct scenario *scenario, uint32_t link)
{
    snprintf(text, WORDS_LINK_MAX, "%s -> %s", scenario->nodes[scenario_link_from(link)].name,
             scenario->nodes[scenario_link_to(link)].name);
}

void words_group(char text[WORDS_LINK_MAX], const struct scenario_clients *group)
{
    if (group->single) {
        snprintf(text, WORDS_LINK_MAX, "%s", group->prefix);
    } else if (group->count == 1) {
        snprintf(text, WORDS_LINK_MAX, "%s%u", group->prefix, group->first_number);
    } else {
        snprintf(text, WORDS_LINK_MAX, "%s%u .. %s%u", group->prefix, group->first_number,
                 group->prefix, group->first_number + group->count - 1);
    }
}

const char *words_request_op(const struct scenario *scenario, uint32_t client, uint32_t n)
{
    const struct scenario_clients *group = &scenario->groups[scenario->nodes[client].index];
    uint32_t first = 1;

    for (uint32_t i = 0; i < group->step_count; i++) {
        const struct client_step *step = &group->steps[i];
        if (step->kind == CLIENT_SEND && n >= first && n - first < step->count) {
            return step->op;
        }
        first += step->kind == CLIENT_SEND ? step->count : 0;
    }
    return NULL;
}

const char *words_signal(int signal)
{
    return signal == SIGINT ? "SIGINT" : signal == SIGTERM ? "SIGTERM" : "signal";
}
