#include "scenario/faults_parts.h"

#include <string.h>

/* Figures of ordinary networks, one way, in round numbers. */
static const struct {
    const char *name;
    const char *faults;
} PRESETS[] = {
    /* A room with an access point: short, uneven, losses in small bursts. */
    {"wifi", "delay 3ms 2ms distribution pareto loss burst 1% 3 rate 50mbit limit 500"},
    /* A mobile network of the third generation: slow, in order, with a deep buffer. */
    {"3g", "delay 75ms 20ms 50% distribution normal ordered loss 0.5% rate 2mbit limit 300"},
    /* By way of a geostationary satellite: 36,000 km up and down again. */
    {"satellite", "delay 270ms 5ms distribution normal ordered loss burst 0.5% 4 rate 10mbit "
                  "limit 1000"},
    /* Between machines of one hall. */
    {"datacentre", "delay 50us 20us distribution exponential loss 0.001% rate 10gbit"},
    /* All that can go wrong, often. */
    {"flaky", "delay 20ms 15ms 25% distribution paretonormal loss burst 10% 3 duplicate 2% "
              "corrupt 1% reorder 5%"},
};
#define PRESET_COUNT (sizeof PRESETS / sizeof PRESETS[0])

static const char *const PRESET_NAMES[] = {"wifi", "3g", "satellite", "datacentre", "flaky", NULL};

/* The words of a text, all of them where `place` stands. */
static struct parse_line *preset_line(struct parse *parse, const char *text,
                                      const struct parse_word *place)
{
    struct parse_line *line = arena_alloc(parse->arena, 1, sizeof *line);
    struct parse_word *words = arena_alloc(parse->arena, strlen(text), sizeof *words);

    *line = *parse->line;
    line->words = words;
    line->word_count = 0;
    while (*text != '\0') {
        struct parse_word *word = &words[line->word_count++];
        *word =
            (struct parse_word){.bytes = text, .size = strcspn(text, " "), .column = place->column};
        text += word->size + (text[word->size] == ' ');
    }
    return line;
}

bool faults_preset(struct parse *parse, struct fault_set *faults)
{
    const struct parse_word *word = parse_peek(parse);
    const struct parse_line *line = parse->line;
    uint32_t chosen;
    uint32_t seen = 0; /* what stands behind the preset may say all of it again */

    if (!parse_choose(parse, "preset", PRESET_NAMES, &chosen)) {
        return false;
    }
    uint32_t at = parse->at;
    parse->line = preset_line(parse, PRESETS[chosen].faults, word);
    parse->at = 0;
    bool good = faults_read(parse, faults, &seen);
    parse->line = line;
    parse->at = at;
    return good;
}
